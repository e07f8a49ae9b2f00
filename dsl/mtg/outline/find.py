"""Finding structure: blocks for what repeats, loops for runs."""

from __future__ import annotations

from mtg.outline.draft import Draft
from mtg.outline.ir import Block
from mtg.outline.names import Names


def find_structure(draft: Draft, names: Names) -> tuple[Block, ...]:
    """The blocks of a draft, each after those it uses; its bodies use them."""
    return ()
