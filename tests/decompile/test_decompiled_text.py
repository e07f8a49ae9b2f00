"""What a person reads: the texts of some models, word by word."""

from __future__ import annotations

import keras
import mtg
import pytest
from decompile.models import MODELS
from decompile.models_of_families import FAMILIES
from decompile.models_of_structure import STRUCTURED
from goldens import CASES, expect

READ = [
    *("two_tasks", "seq2seq_with_states", "attention_with_keywords", "unet", "experts"),
    *("dict_in_and_out", "many_ops", "nested_three_deep", "residuals", "optimizer_and_losses"),
]


@pytest.mark.parametrize("name", READ)
def test_text(name: str) -> None:
    keras.backend.clear_session()  # which counts the names that Keras makes up
    expect(mtg.decompile(MODELS[name]()), f"decompile/{name}.mtg")


@pytest.mark.parametrize("name", STRUCTURED)
def test_text_of_parts_that_take_or_give_several_tensors(name: str) -> None:
    keras.backend.clear_session()
    expect(mtg.decompile(STRUCTURED[name]()), f"decompile/structure_{name}.mtg")


#: How many lines the texts may have, without blank ones: about what a person writes.
LINES = {
    "structure_wavenet": 19,
    "structure_ple": 21,
    "list_early_exits": 27,
    "list_two_outputs_a_task": 11,
    "list_boxes_of_a_pyramid": 29,
    "list_dense_list": 15,
    "list_columns_taken_twice": 20,
    "list_experts_of_each_task": 20,
    "list_two_levels_of_experts": 27,
}


@pytest.mark.parametrize("name", LINES)
def test_as_short_as_a_person_writes(name: str) -> None:
    """The goldens are what `mtg.decompile` writes: of lists, `test_round_trip.py` holds that."""
    text = (CASES / f"decompile/{name}.mtg").read_text(encoding="utf-8")
    assert sum(bool(line.strip()) for line in text.splitlines()) <= LINES[name]


@pytest.mark.parametrize("name", FAMILIES)
def test_text_of_families(name: str) -> None:
    keras.backend.clear_session()
    expect(mtg.decompile(FAMILIES[name]()), f"decompile/family_{name}.mtg")


@pytest.mark.parametrize("name", ["two_tasks", "residuals"])
def test_text_with_names(name: str) -> None:
    keras.backend.clear_session()
    expect(mtg.decompile(MODELS[name](), keep_names=True), f"decompile/{name}_named.mtg")


def test_text_without_structure() -> None:
    keras.backend.clear_session()
    expect(mtg.decompile(MODELS["residuals"](), structure=False), "decompile/residuals_flat.mtg")
