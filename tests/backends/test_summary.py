"""The table of layers and of tasks, next to Keras's."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sample_graphs as samples
from goldens import expect
from mtg.backends.counts import short
from mtg.backends.summary.table import summary
from mtg.compiler import Compiler
from mtg.graph.layers import InputLayer
from mtg.text.visible import width
from mtg.types.tensor import Weight


@pytest.mark.parametrize(
    "sample", [samples.news, samples.same_author, samples.residual, samples.everything]
)
def test_golden(sample: Callable[[], samples.Sample]) -> None:
    s = sample()
    text = summary(s.graph, s.types)
    expect(text, f"summary/{sample.__name__}.txt")
    assert max(map(width, text.splitlines())) <= 110


def test_hostile_names_keep_the_table_straight() -> None:
    s = samples.hostile()
    text = summary(s.graph, s.types)
    assert "\x1b" not in text
    table = [line for line in text.splitlines() if line.startswith(tuple("┏┃┡│├└"))]
    ends = [number for number, line in enumerate(table) if line[0] == "└"]
    layers, tasks = table[: ends[0] + 1], table[ends[0] + 1 :]
    assert len({width(line) for line in layers}) == 1
    assert len({width(line) for line in tasks}) == 1


def test_a_word_that_is_too_long_widens_the_table() -> None:
    s = samples.Sample("Long")
    s.output("y", s.new("Dense", "n" * 120, s.input("x", 4), (4,)))
    assert f"│ {'n' * 120} " in summary(s.graph, s.types)


def test_memory_follows_the_dtype() -> None:
    s = samples.Sample("Types")
    layer = s.layer("Dense", "thing")
    s.types.weights[layer] = (
        Weight("a", (10, 10), "float16", True),
        Weight("b", (), "int64", False),
        Weight("c", (8,), "bool", False),
    )
    s.output("y", s.call(layer, s.input("x", 4), shape=(4,)))
    text = summary(s.graph, s.types)
    assert " Total params: 109 (209.00 B)\n" in text
    assert " Trainable params: 100 (200.00 B)\n" in text
    assert " Non-trainable params: 9 (9.00 B)\n" in text


def test_a_wide_merge_is_listed_in_lines() -> None:
    s = samples.Sample("Wide")
    parts = [s.new("Dense", f"part_{i}", s.input(f"x_{i}", 4), (4,)) for i in range(300)]
    s.output("y", s.new("Add", "y", parts, (4,)))
    assert max(map(width, summary(s.graph, s.types).splitlines())) <= 100


def test_a_graph_without_outputs() -> None:
    s = samples.Sample("Open")
    s.new("Dense", "d", s.input("x", 4), (4,), 20)
    assert "d (Dense)" in summary(s.graph, s.types)


UNET = """block x -> double(filters) { return x -> repeat 2 { Conv2D(filters, 3, padding="same") } }
model UNet {
  dim h dim w
  input image: float32[h, w, 3]
  a = image -> double(8)
  b = a -> MaxPooling2D() -> double(16)
  c = b -> MaxPooling2D() -> double(32) -> Conv2D(32, 5, padding="same")
  d = concat(c -> UpSampling2D(), b) -> double(16)
  output mask(loss="mse") = concat(d -> UpSampling2D(), a) -> Conv2D(1, 1)
}"""


def _summary(text: str, *, cost: bool = False) -> str:
    compiler = Compiler(text)
    graph, types = compiler.graph, compiler.types
    assert not compiler.diagnostics.has_errors, [d.message for d in compiler.diagnostics]
    assert graph is not None
    assert types is not None
    return summary(graph, types, cost=cost)


def test_lengths_and_costs() -> None:
    expect(_summary(UNET), "summary/unet.txt")
    expect(_summary(UNET, cost=True), "summary/unet_cost.txt")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00 K"),
        (1234, "1.23 K"),
        (99_949, "99.9 K"),
        (123_456, "123 K"),
        (999_499, "999 K"),
        (999_500, "1.00 M"),
        (3_857_973_248, "3.86 G"),
        (10**21, "1,000 E"),
    ],
)
def test_three_digits(number: int, text: str) -> None:
    assert short(number) == text


@pytest.mark.keras
@pytest.mark.parametrize("sample", [samples.news, samples.same_author])
def test_the_table_is_that_of_keras(
    sample: Callable[[], samples.Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows in the same order, and the same totals."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("mtg.backends.summary.table.WIDTH", 200)
    s = sample()
    model = _keras_model(keras, s)
    printed: list[str] = []
    model.summary(print_fn=printed.append, line_length=180)
    ours = summary(s.graph, s.types).split("\n\n")[0]
    rows = [
        [*row[:3], *row[4:]]  # Keras has no MACs
        for row in _cells(ours)
        if not row[0].startswith(("MACs per", "Activations per"))
    ]
    assert rows == _cells("".join(printed))


def _cells(text: str) -> list[list[str]]:
    rows = [line for line in text.splitlines() if not line.startswith(tuple("┏┡├└"))]
    return [[" ".join(c.split()) for c in re.split("[│┃]", line.strip("│┃"))] for line in rows]


def _keras_model(keras, s: samples.Sample):  # type: ignore[no-untyped-def]
    from mtg.graph.layers import Layer
    from mtg.graph.values import TensorRef

    made: dict[Layer, object] = {}
    tensors: dict[int, object] = {}

    def given(value: object) -> object:
        if isinstance(value, TensorRef):
            return tensors[value.call]
        return [given(item) for item in value] if isinstance(value, list) else value

    for call in s.graph.calls:
        layer = call.layer
        if isinstance(layer, InputLayer):
            tensors[call.id] = keras.Input(name=layer.name, **layer.arguments)
            continue
        if layer not in made:
            made[layer] = getattr(keras.layers, layer.cls)(name=layer.name, **layer.arguments)
        tensors[call.id] = made[layer](*map(given, call.args))  # type: ignore[operator]
    inputs = [tensors[call.id] for call in s.graph.inputs]
    outputs = [tensors[output.tensor.call] for output in s.graph.outputs]
    return keras.Model(inputs, outputs, name=s.graph.name)
