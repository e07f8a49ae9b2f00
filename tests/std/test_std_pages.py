"""The page of the library names every block that ships, and what its programs and those of the page
of losses say is so."""

from __future__ import annotations

import re
from pathlib import Path

import mtg
import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "dsl" / "mtg" / "std").glob("*.mtg"))
BLOCK = re.compile(r'^block (.+?) \{\n  (""")?', re.M)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def programs(name: str) -> list[str]:
    return re.findall(r"^```mtg\n(.*?)^```$", page(name), re.M | re.S)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_block_is_on_the_page_and_explains_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    section = page("library.md").partition(f"## `std/{path.stem}`")[2].partition("\n## ")[0]
    found = BLOCK.findall(text)
    assert found
    assert len(found) == len(re.findall("^block ", text, re.M))
    rows = re.findall(r"^\| `(.+?)` \|", section, re.M)
    assert rows == [heading for heading, _ in found]
    assert all(docstring for _, docstring in found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_file_has_nothing_to_report(path: Path) -> None:
    assert mtg.check(path) == []


@pytest.mark.parametrize(("name", "count"), [("library.md", 6), ("losses.md", 2)])
def test_programs_of_the_pages(name: str, count: int, tmp_path: Path) -> None:
    found = programs(name)
    assert len(found) == count
    for number, text in enumerate(found):
        path = tmp_path / f"{number}.mtg"
        path.write_text(text, encoding="utf-8")
        assert [str(each) for each in mtg.check(path)] == []
