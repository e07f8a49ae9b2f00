"""A `}` on the line of the last declaration ends the model also where that line lacks a bracket."""

from __future__ import annotations

import pytest
from mtg.syntax.parser import parse
from mtg.text.diagnostics import Diagnostic, Diagnostics
from mtg.text.edits import apply
from mtg.text.source import Source

HEAD = "model M {\n  input x: float32[4]\n  "
LAST = (
    "input z: float32[4, (2)] }",
    "input z: float32[4]}",
    "y = x -> Dense(1) }",
    "y = x -> Dense((1))}",
    'output y(loss="mse", metrics=["mae", "mse"]) = x -> Dense(units=(1)) }',
    "output y = concat(x -> Dense(1), x -> Dense(units=2), [x, x]) }",
    "output y = x -> repeat 2 { Dense(3) } -> Dense(1) }",
    "output y = x -> repeat 2 { Dense((3)) }}",
    "output y = x\n    -> Reshape([2, 2])\n    -> Flatten() }",
    'train(optimizer=Adam([1e-3]), metrics={"y": ["mae"]})}',
)
TAILS = (
    "",
    "\n",
    "  # the end",
    "\n\nmodel N { input a: int32[1]\n output b = a }\n",
    "\n\nblock a -> b {\n  return a }",
)


def lacking(last: str) -> list[str]:
    """The line without one of its closing `)` or `]`, each in turn."""
    return [last[:at] + last[at + 1 :] for at, sign in enumerate(last) if sign in ")]"]


def faults(text: str) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    parse(Source("a.mtg", text), diagnostics)
    return diagnostics.sorted()


@pytest.mark.parametrize("tail", TAILS, ids=range(len(TAILS)))
@pytest.mark.parametrize("last", LAST, ids=range(len(LAST)))
def test_a_missing_bracket_is_one_fault(last: str, tail: str) -> None:
    assert faults(HEAD + last + tail) == []
    for broken in lacking(last):
        text = HEAD + broken + tail
        found = faults(text)
        assert [fault.code for fault in found] == ["MTG002"], (text, found)
        assert len(HEAD) <= found[0].span.start < len(HEAD + broken), text
        mended, _ = apply(Source("a.mtg", text), found, unsafe=True)
        assert mended.count("}") == text.count("}"), (text, mended)
        assert len(faults(mended)) <= 1, (text, mended)
