"""The outline says the graph: what it expands to is the graph it was made of."""

from __future__ import annotations

import os
from pathlib import Path

import mtg
import pytest
from expander import expand, same
from mtg.catalog.applications import application_names
from mtg.outline.outline import outline
from outline.reading import application

LONG = os.environ.get("MTG_LONG_TESTS") == "1"
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.mtg"))

#: One of each family; `MTG_LONG_TESTS=1` takes them all.
FAMILIES = [
    *("ConvNeXtTiny", "DenseNet121", "EfficientNetB3", "EfficientNetV2S", "InceptionResNetV2"),
    *("InceptionV3", "MobileNet", "MobileNetV2", "MobileNetV3Large", "NASNetMobile", "ResNet50"),
    *("ResNet50V2", "VGG16", "Xception"),
]


@pytest.mark.parametrize("name", application_names() if LONG else FAMILIES)
def test_applications(name: str) -> None:
    graph = application(name)
    assert same(graph, expand(outline(graph, structure=False)))
    assert same(graph, expand(outline(graph)))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    graph = mtg.load(path)
    for found in (outline(graph, structure=False), outline(graph), outline(graph, python=True)):
        assert same(graph, expand(found))


#: Blocks that say the same up to values: two of one sequence, one that is the whole of a model,
#: one that is the half of another.
ALIKE = {
    "towers": ("Dense(64) -> Dense(16)", "Dense(32) -> Dense(16)", ""),
    "experts of one size": ("Dense(64) -> Dense(16)", "Dense(64) -> Dense(16)", ""),
    "long towers": (
        "Dense(64) -> ReLU() -> Dropout(0.1) -> Dense(32) -> ReLU() -> Dense(16)",
        "Dense(96) -> ReLU() -> Dropout(0.2) -> Dense(48) -> ReLU() -> Dense(16)",
        "",
    ),
    "beside a chain": (
        "Dense(64) -> Dense(16)",
        "Dense(32) -> Dense(16)",
        " -> Dense(8) -> Dense(1)",
    ),
    "one in the other": (
        "Dense(9) -> ReLU() -> Dense(16)",
        "Dense(9) -> ReLU() -> Dense(16) -> Dense(9) -> ReLU() -> Dense(16)",
        "",
    ),
    "with a fork": ("add(x -> Dense(4), x -> Dense(4))", "add(x -> Dense(4), x -> Dense(4))", ""),
}


@pytest.mark.parametrize("name", ALIKE)
def test_blocks_alike(name: str) -> None:
    """Two blocks of one sequence of layers: as in MMoE, and in every model of two towers."""
    first, second, rest = ALIKE[name]
    flows = [flow if "x ->" in flow else f"x -> {flow}" for flow in (first, second)]
    program = f"""
block x -> user() {{ return {flows[0]} }}
block x -> item() {{ return {flows[1]} }}
model M {{
  input u: float32[8]
  input i: float32[9]
  output y = dot(u -> user(), i -> item()){rest}
}}
"""
    graph = mtg.load(program)
    found = outline(graph)
    assert same(graph, expand(found))
    assert {"user", "item"} <= {block.name for block in found.blocks}


PAIR = """
model M {
  input a: float32[4]
  input b: float32[4]
  shared s = Dense(4)
  x = a -> s
  output y = add(x, b -> s) -> Dense(3)
}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Dense(3)", "Dense(2)"),
        ("Dense(3)", 'Dense(3, activation="relu")'),
        ("Dense(3)", "Dense(3, trainable=False)"),
        ("add(", "concat("),
        ("add(x, b -> s)", "add(b -> s, x)"),
        ("b -> s)", "b -> Dense(4))"),
        ("input a", "input c"),
        ("output y", "output z"),
        ("Dense(3)", "repeat 2 { Dense(3) }"),
    ],
)
def test_what_is_another_model_is_not_the_same(old: str, new: str) -> None:
    changed = PAIR.replace(old, new)
    if old == "input a":
        changed = changed.replace("x = a", "x = c")
    assert not same(mtg.load(PAIR), mtg.load(changed))


def test_a_default_that_is_written_is_the_same() -> None:
    assert same(mtg.load(PAIR), mtg.load(PAIR.replace("Dense(4)", "Dense(4, use_bias=True)")))
