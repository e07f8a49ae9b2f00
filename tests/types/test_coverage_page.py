"""The page on coverage is current."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from mtg.catalog import catalog
from mtg.types.rules.apply import ops_with_rules
from mtg.types.rules.registry import UNKNOWABLE_OPS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.keras
def test_is_current() -> None:
    """`python docs/coverage.py` writes it again."""
    page = runpy.run_path(str(DOCS / "coverage.py"))["page"]()
    assert (DOCS / "coverage.md").read_text(encoding="utf-8") == page


def test_functions_without_a_rule_are_functions() -> None:
    assert set(UNKNOWABLE_OPS) <= set(catalog().names("op"))
    assert not set(UNKNOWABLE_OPS) & set(ops_with_rules())
