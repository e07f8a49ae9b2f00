"""What edges say of the arguments that they fill."""

from __future__ import annotations

import re

import mtg
import pytest
from mtg.backends.picture.roles import in_words

INNER = """
model Inner {
  input left: float32[8]
  input right: float32[8]
  output y = subtract(left, right)
}
"""
SHAPES = {"a": "[10, 8]", "b": "[10, 8]", "u": "[8]", "v": "[8]"}


def edges(flow: str) -> dict[str, str]:
    """What stands on the lines from the inputs, and beside their arrows."""
    names = [name for name in SHAPES if re.search(rf"\b{name}\b", flow)]
    inputs = "".join(f" input {name}: float32{SHAPES[name]}\n" for name in names)
    program = f"{INNER}model M {{\n{inputs} output y = {flow}\n}}"
    source = mtg.render(program, format="dot", model="M").decode()
    found = {}
    for tail, rest in re.findall(r"^\s*n(\d+) -> (?:n\d+)\S* ?(.*)$", source, re.M):
        if int(tail) < len(names):
            label = re.search(r"\b(?:head)?label=<(.*?)>", rest)
            found[names[int(tail)]] = label[1].strip() if label else ""
    return found


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        ("(a, b) -> MultiHeadAttention(2, 4)", {"a": "query", "b": "value"}),
        ("(a, b, b) -> MultiHeadAttention(2, 4)", {"a": "query", "b": "value, key"}),
        ("(a, a) -> MultiHeadAttention(2, 4)", {"a": "query, value"}),
        ("(value=a, query=b) -> MultiHeadAttention(2, 4)", {"a": "value", "b": "query"}),
        ("[a, b] -> Attention()", {"a": "query", "b": "value"}),
        ("[a, b, a] -> AdditiveAttention()", {"a": "query, key", "b": "value"}),
        ("(a, initial_state=[u, v]) -> LSTM(8)",
         {"a": "", "u": "initial_state h", "v": "initial_state c"}),
        ("(a, initial_state=u) -> GRU(8)", {"a": "", "u": "initial_state"}),
        ("(a, initial_state=[u, v, v, u]) -> Bidirectional(LSTM(8))",
         {"a": "", "u": "initial_state h forward, initial_state c backward",
          "v": "initial_state c forward, initial_state h backward"}),
        ("(a, initial_state=[u, v]) -> Bidirectional(GRU(8))",
         {"a": "", "u": "initial_state forward", "v": "initial_state backward"}),
        ("(u, v) -> Inner()", {"u": "left", "v": "right"}),
        ("(right=u, left=v) -> Inner()", {"u": "right", "v": "left"}),
        ("subtract(u, v)", {"u": "+", "v": "−"}),
        ("u - v", {"u": "+", "v": "−"}),
        ("concat(u, v)", {"u": "1", "v": "2"}),
        ("concat(v, u, v)", {"u": "2", "v": "1, 3"}),
        ("concat(u, u)", {"u": "1, 2"}),
        ("u / v", {"u": "1", "v": "2"}),
        ("v ** u", {"u": "2", "v": "1"}),
        ("dot(a, b, axes=1)", {"a": "1", "b": "2"}),
        ("ops.where(a > 0, a, b)", {"a": "1", "b": "2"}),
        # Where the order does not matter, and where there is nothing to tell apart.
        ("add(u, v)", {"u": "", "v": ""}),
        ("u * v", {"u": "", "v": ""}),
        ("u + u", {"u": "× 2"}),
        ("maximum(u, u, u)", {"u": "× 3"}),
        ("u -> Dense(2)", {"u": ""}),
        ("u / 2", {"u": ""}),
    ],
)  # fmt: skip
def test_edges_say_what_they_fill(flow: str, said: dict[str, str]) -> None:
    assert edges(flow) == said


def test_a_family_that_is_all_of_a_concat_needs_no_number() -> None:
    source = mtg.render(
        "model M { input x: float32[4]\n"
        " output y = concat([x -> Dense(2) for _ in range(5)])\n"
        " output z = concat(x, *[x -> Dense(3) for _ in range(5)]) }",
        format="dot",
    ).decode()
    labels = [text.strip() for text in re.findall(r"-> .*?label=<(.*?)>", source)]
    assert labels == ["× 5", "1", "× 5 → 2–6"]


@pytest.mark.parametrize(
    ("roles", "words"),
    [([1, 2, 3, 5], "1–3, 5"), ([2, 1], "1, 2"), (["query", "key", "query"], "query, key"),
     ([None], ""), ([], ""), ([1, "mask"], "1, mask")],
)  # fmt: skip
def test_parts_of_one_tensor(roles: list[str | int | None], words: str) -> None:
    assert in_words(roles) == words
