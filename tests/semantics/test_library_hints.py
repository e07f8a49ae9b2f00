"""What the library has is shown where somebody writes it by another name, or without its import."""

from __future__ import annotations

import re
from pathlib import Path

import mtg
import pytest
from mtg.semantics.hints.library import BLOCKS

STD = Path(__file__).parents[2] / "dsl" / "mtg" / "std"
SHAPES = {"vision": "32, 32, 64", "sequence": "?, 64"}


#: What else stands around a use of a block of `std/tasks`, by the names it has, and what is done
#: with a result that is no tensor.
AROUND = {
    "tasks": 'let tasks = ["click", "like"]',
    "experts": "experts = [x, x -> ReLU()]",
    "features": 'input a: float32[4] features = {"click": a, "like": a}',
    "common": "input common: float32[4]",
    "ctr": "input ctr: float32[1]",
    "cvr": "input cvr: float32[1]",
    "levels": "input fine: float32[64, 64, 3] levels = [fine, fine -> MaxPooling2D()]",
    "level": "input level: float32[32, 32, 3]",
    "x": "input x: float32[4]",
}
RESULTS = {
    **dict.fromkeys(("mask_heads", "class_heads"), "several = {} output y = several[0]"),
    **dict.fromkeys(("mlp", "mixture", "mask_head"), "output y = {}"),
    "entire_space": 'several = {} output y = several["buy"]',
    "extraction": 'several, _ = {} output y = several["click"]',
}


def model(file: str, use: str) -> str:
    """Return a model around a flow, with the inputs that it begins at."""
    names = re.findall(r"\w+", use.partition(" -> ")[0])
    inputs = [
        f"input {name}: {'int32[?]' if name == 'tokens' else f'float32[{SHAPES.get(file, 4)}]'}"
        for name in names
    ]
    result = "output y = {}"
    if file == "tasks":
        inputs = [text for name, text in AROUND.items() if re.search(rf"\b{name}\b(?!\()", use)]
        block = re.findall(r"(\w+)\(", use)[-1]
        result = RESULTS.get(block, 'several = {} output y = several["click"]')
    return f"model M {{ {' '.join(inputs)} {result.replace('{}', use)} }}"


def test_every_block_is_known() -> None:
    shipped = {
        name: path.stem
        for path in STD.glob("*.mtg")
        for name in re.findall(r"^block .* -> (\w+)\(", path.read_text(encoding="utf-8"), re.M)
    }
    assert {name: file for name, (file, _) in BLOCKS.items()} == shipped


@pytest.mark.parametrize("name", BLOCKS)
def test_how_a_block_is_used_is_so(name: str) -> None:
    """A use that a help line shows checks, once the block is imported as the line says."""
    file, use = BLOCKS[name]
    text = model(file, use)
    (error,) = mtg.check(text)
    assert error.code == "MTG102"
    wanted = f'from "std/{file}" import {name}'
    assert f"`{use}`" in error.help
    assert f"`{wanted}`" in error.help
    assert mtg.check(f"{wanted}\n{text}") == []


@pytest.mark.parametrize(
    ("flow", "block"),
    [
        *((f"self.add_weight({a})", "learned_vector") for a in ("(4,)", "shape=(4,)")),
        ("self.add_weight(4) -> Dense(3)", "learned_vector"),
        ("x -> Weight()", "learned_vector"),
        ("Weight((8,))", "learned_vector"),
        ("tf.Variable(1.0)", "learned_vector"),
        ("nn.Parameter(4)", "learned_vector"),
        ("x -> add_loss()", "penalty"),
        ("add_loss(x)", "penalty"),
        ("self.add_loss(ops.mean(x))", "penalty"),
        ("x -> AddLoss(0.1)", "penalty"),
        ("x -> Sampling()", "sample"),
        ("reparameterize(x, x)", "sample"),
        ("x -> PositionEmbedding(4)", "positions"),
        ("x -> keras_hub.layers.SinePositionEncoding()", "sinusoids"),
        ("x -> PositionalEncoding(4)", "sinusoids"),
        ("x -> ClassToken()", "class_token"),
        ("create_look_ahead_mask(8)", "causal_mask"),
        *((f"{path}normal((4,))", "normal") for path in ("", "random.", "keras.random.")),
        ("ops.random.normal((4,))", "normal"),
        ("tf.random.uniform((4,))", "normal"),
        ("x -> MMoE(8)", "mmoe"),
        ("x -> MixtureOfExperts(8)", "mixture"),
        ("x -> CrossStitchUnit()", "cross_stitch"),
        ("x -> positions", "positions"),
        ("ops.ones((1, 4)) -> Dense(8)", "learned_vector"),
    ],
)
def test_other_names(flow: str, block: str) -> None:
    found = mtg.check(f"model M {{ input x: float32[8] output y = add(x, {flow}) }}")
    errors = [each for each in found if each.severity == "error"]
    assert len(errors) == 1, errors
    assert f"{block}(" in errors[0].help, errors[0].help
    assert f"std/{BLOCKS[block][0]}" in errors[0].help


def test_names_of_the_file_come_first() -> None:
    """A misspelt block of one's own is no block of the library; nor are attributes of tensors."""
    text = "block x -> samples() { return x -> Dense(3) }\n"
    (error,) = mtg.check(f"{text}model M {{ input x: float32[8] output y = x -> sample() }}")
    assert error.help == "did you mean `samples`?"
    (error,) = mtg.check("model M { input x: float32[8] output y = add(x, x.sample()) }")
    assert "std/" not in error.help
