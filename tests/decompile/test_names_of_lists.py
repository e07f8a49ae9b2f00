"""Lists of tensors are called for the names of the layers in them, and are so again."""

from __future__ import annotations

from pathlib import Path

import mtg
import pytest

#: What makes a list, whatever takes it, and what the text calls it.
LISTS = {
    "expert = [x -> Dense(4) for _ in range(3)]": "experts",
    "gates = [x -> Dense(4) for _ in range(3)]": "gates",
    "bias = [x -> Dense(4) for _ in range(3)]": "bias",
    "dense = [x -> Dense(4) for _ in range(3)]": "denses",
    "own2_expert = [x -> Dense(4) for _ in range(3)]": "own_experts",
    "a_name_much_too_long_for_what_it_says = [x -> Dense(4) for _ in range(3)]": "denses",
    # Keys of strings may begin alike.
    """e = [x -> Dense(4, activation=a) for a in ["hard_silu", "hard_tanh", "hard_sigmoid"]]""": (
        "denses"
    ),
    'e = [inputs[c] -> Dense(4) for c in [f"column_{n}" for n in range(4)]]': "denses",
    "e = [x -> tower(n) for n in range(3, 7)]": "es",
}

PROGRAM = """
block x -> tower(n) {
  y = x -> Dense(n)
  return add(y, x -> Dense(n) -> Dense(n)) -> LayerNormalization() -> Dense(9) -> Dense(4)
}

model M {
  input x: float32[8]
  for n in range(4) { input f"column_{n}": float32[2] }
  made = concat(inputs.values())
  LIST
  output y = concat(NAME) -> Dense(3)
  output z = add(NAME) -> Dense(3)
  output other = made -> Dense(1)
}
"""


def text_of(program: str, folder: Path) -> str:
    """What `mtg.decompile` writes of the model of a program, from its config."""
    path = folder / "model.json"
    path.write_text(mtg.to_json(program), encoding="utf-8")
    return mtg.decompile(path)


@pytest.mark.parametrize("made", LISTS)
def test_a_list_is_called_for_its_layers(made: str, tmp_path: Path) -> None:
    name = made.partition(" ")[0]
    text = text_of(PROGRAM.replace("LIST", made).replace("NAME", name), tmp_path)
    assert f"  {LISTS[made]} = [" in text
    assert text_of(text, tmp_path) == text


def test_words_that_all_lists_begin_with_are_left_out(tmp_path: Path) -> None:
    program = """
from "std/tasks" import ple

model M {
  input x: float32[8]
  mixed = x -> ple(["click", "like", "share"], units=[4])
  for task in ["click", "like", "share"] { output f"{task}" = mixed[task] -> Dense(1) }
}
"""
    text = text_of(program, tmp_path)
    for name in ("own_clicks", "own_likes", "own_shares", "joints", "joints_2"):
        assert f"  {name} = [" in text
    assert text_of(text, tmp_path) == text
