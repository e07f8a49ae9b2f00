"""The walk over the graph: what is found, what is reported, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from mtg.graph.graph import Binding, Call, Graph, Output
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import TensorRef
from mtg.lengths.dims import BATCH, UNKNOWN, Dim, Symbol
from mtg.text.diagnostics import Diagnostic, Diagnostics
from mtg.text.source import NOWHERE, Source, Span
from mtg.types.infer import infer
from mtg.types.tensor import UNKNOWN_TENSOR, TensorType
from mtg.types.types import Types
from steps import growth

TEXT = Source("t.mtg", "x" * 1000)
T, S = Symbol("T"), Symbol("S")


class Build:
    """A graph, made call by call; every call stands at a place of its own in the source."""

    def __init__(self, name: str = "model") -> None:
        self.graph = Graph(name)

    def input(self, name: str, *shape: Dim, dtype: str = "float32", **more: Any) -> TensorRef:
        arguments = {"shape": shape, "dtype": dtype, **more}
        return self.call(InputLayer(name, arguments, self.span()))

    def layer(self, cls: str, *args: Any, **arguments: Any) -> TensorRef:
        name = f"{cls.lower()}_{len(self.graph.calls)}"
        return self.call(KerasLayer(name, cls, arguments, self.span()), *args)

    def op(self, name: str, *args: Any, **kwargs: Any) -> TensorRef:
        layer = Op(f"{name}_{len(self.graph.calls)}", name, {}, self.span())
        return self.call(layer, *args, **kwargs)

    def model(self, graph: Graph, *args: Any, **kwargs: Any) -> TensorRef:
        layer = NestedModel(f"use_of_{graph.name}", graph, {}, self.span())
        return self.call(layer, *args, **kwargs)

    def call(self, layer: Layer, *args: Any, **kwargs: Any) -> TensorRef:
        return TensorRef(self.graph.add_call(layer, args, kwargs, self.span()).id)

    def span(self) -> Span:
        place = 2 * len(self.graph.calls)
        return Span(TEXT, place, place + 1)

    def output(self, ref: TensorRef, name: str = "out") -> Build:
        self.graph.outputs.append(Output(name, ref, NOWHERE))
        return self

    def infer(self) -> tuple[Types, list[Diagnostic]]:
        diagnostics = Diagnostics()
        return infer(self.graph, diagnostics), list(diagnostics)


def made(cls: str, name: str = "shared", **arguments: Any) -> Layer:
    return KerasLayer(name, cls, arguments, NOWHERE, shared=True)


def only(found: list[Diagnostic]) -> Diagnostic:
    assert len(found) == 1, [str(each.message) for each in found]
    return found[0]


# ---- types ---------------------------------------------------------------------------------------


def test_types_and_weights_of_a_chain() -> None:
    build = Build()
    image = build.input("image", T, 28, 3)
    conv = build.layer("Conv2D", image, filters=8, kernel_size=3, strides=2)
    dense = build.layer("Dense", conv, units=4)
    types, found = build.output(dense).infer()
    assert not found
    assert types.of(image) == TensorType("float32", (BATCH, T, 28, 3))
    assert str(types.of(dense)) == "float32[(T-1)//2, 13, 4]"
    layer = build.graph.calls[conv.call].layer
    assert [weight.name for weight in types.weights[layer] or ()] == ["kernel", "bias"]
    assert types.parameters(layer) == 3 * 3 * 3 * 8 + 8
    assert types.parameters(build.graph.calls[0].layer) == 0


def test_several_results() -> None:
    build = Build()
    x = build.input("x", 7, 4)
    sequence = build.layer("LSTM", x, units=3, return_sequences=True, return_state=True)
    types, _ = build.infer()
    assert types.of(sequence).shape == (BATCH, 7, 3)
    assert types.of(TensorRef(sequence.call, 2)).shape == (BATCH, 3)
    assert types.of(TensorRef(sequence.call, 3)) == UNKNOWN_TENSOR


def test_a_batch_size_is_a_number() -> None:
    build = Build()
    x = build.input("x", 7, 4, batch_size=16)
    y = build.layer("LSTM", x, units=3, stateful=True)
    types, found = build.infer()
    assert not found
    assert types.of(y).shape == (16, 3)


@pytest.mark.parametrize(
    "layer",
    [
        Application("thing", "Thing", {}, NOWHERE),
        PythonLayer("thing", "mine", "Thing", (), {}, NOWHERE),
    ],
)
def test_what_is_not_known_is_unknown(layer: Layer) -> None:
    build = Build()
    x = build.input("x", 4)
    y = build.call(layer, x)
    z = build.layer("Dense", y, units=3)
    types, found = build.output(z).infer()
    assert not found
    assert types.outputs[y.call] is None
    assert types.of(y) == UNKNOWN_TENSOR
    assert types.weights[layer] is None
    assert types.parameters(layer) is None
    assert types.of(z) == TensorType("float32", None)
    assert types.model_weights() is None


def test_a_class_without_a_rule_is_unknown() -> None:
    build = Build()
    y = build.layer("Lambda", build.input("x", 8, 8, 3))
    types, found = build.infer()
    assert not found
    assert types.outputs[y.call] is None


def test_an_alias_has_the_rule_of_its_class() -> None:
    build = Build()
    y = build.layer("Convolution2D", build.input("x", 8, 8, 3), filters=2, kernel_size=3)
    assert build.infer()[0].of(y).shape == (BATCH, 6, 6, 2)


def test_ops_and_slices() -> None:
    build = Build()
    x = build.input("x", T, 4)
    first = build.op("getitem", x, (slice(None), 0))
    mean = build.op("mean", x, axis=1)
    total = build.op("add", first, mean)
    types, found = build.infer()
    assert not found
    assert types.of(total).shape == (BATCH, 4)


def test_a_missing_argument_was_reported_before() -> None:
    build = Build()
    y = build.layer("Dense", build.input("x", 4))
    types, found = build.infer()
    assert not found
    assert types.of(y) == TensorType("float32", None)


def test_a_cycle_has_no_types() -> None:
    build = Build()
    build.call(made("Dense", units=3), TensorRef(1))
    build.call(made("Dense", units=3), TensorRef(0))
    types, found = build.infer()
    assert not found
    assert types.outputs == {0: None, 1: None}
    assert types.of(TensorRef(0)) == UNKNOWN_TENSOR


# ---- reports -------------------------------------------------------------------------------------


def test_one_error_and_silence_after_it() -> None:
    build = Build()
    a, b = build.input("a", 4), build.input("b", 5)
    both = build.layer("Add", [a, b])
    after = build.layer("Dense", both, units=3)
    build.layer("Conv2D", after, filters=3, kernel_size=3)
    types, found = build.infer()
    error = only(found)
    assert error.code == "MTG301"
    assert error.span == build.graph.calls[both.call].span
    assert error.notes[-2:] == ("a: float32[4]", "b: float32[5]")
    assert types.of(both) == UNKNOWN_TENSOR


def test_several_errors_in_one_run() -> None:
    build = Build()
    x = build.input("x", 4)
    for _ in range(3):
        build.layer("Conv2D", x, filters=3, kernel_size=3)
    _, found = build.infer()
    assert [each.code for each in found] == ["MTG302"] * 3


def test_the_path_a_tensor_came_by() -> None:
    build = Build()
    image = build.input("image", 64, 64, 3)
    way = [build.layer("Conv2D", image, filters=8, kernel_size=3)]
    for _ in range(4):
        way.append(build.layer("Conv2D", way[-1], filters=8, kernel_size=3))
    build.graph.bindings.append(Binding("features", way[-1], NOWHERE))
    build.layer("LSTM", way[-1], units=3)
    build.layer("LSTM", way[0], units=3)
    build.layer("LSTM", way[2], units=3)
    _, found = build.infer()
    notes = [each.notes[-1] for each in sorted(found, key=lambda each: each.span.start)]
    assert notes == [
        "features: image float32[64, 64, 3] -> … -> conv2d_3 [58, 58, 8] -> "
        "conv2d_4 [56, 56, 8] -> conv2d_5 [54, 54, 8]",
        "conv2d_1: image float32[64, 64, 3] -> conv2d_1 [62, 62, 8]",
        "conv2d_3: image float32[64, 64, 3] -> conv2d_1 [62, 62, 8] -> "
        "conv2d_2 [60, 60, 8] -> conv2d_3 [58, 58, 8]",
    ]


def test_a_bad_argument_is_reported_where_the_layer_is_made() -> None:
    build = Build()
    x = build.input("x", 4)
    layer = KerasLayer("d", "Dense", {"units": 0}, Span(TEXT, 500, 505))
    build.call(layer, x)
    build.call(layer, x)
    _, found = build.infer()
    error = only(found)
    assert (error.code, error.span) == ("MTG405", layer.span)


def test_a_bad_argument_of_a_wrapped_layer() -> None:
    build = Build()
    inner = KerasLayer("inner", "Dense", {"units": -1}, Span(TEXT, 700, 705))
    build.layer("TimeDistributed", build.input("x", 5, 4), layer=inner)
    _, found = build.infer()
    assert only(found).span == inner.span


def test_float_indices_are_a_warning() -> None:
    build = Build()
    y = build.layer("Embedding", build.input("x", 5), input_dim=9, output_dim=3)
    types, found = build.infer()
    assert (only(found).code, only(found).severity) == ("MTG308", "warning")
    assert types.of(y).shape == (BATCH, 5, 3)


@pytest.mark.parametrize(
    ("cls", "arguments", "args", "code"),
    [
        ("Dense", {"units": 3}, ["float32[?]"], "MTG305"),
        ("Dense", {"units": 3}, ["float32[T]"], "MTG305"),
        ("Dense", {"units": 3}, ["a", "b"], "MTG307"),
        ("Add", {}, ["a"], "MTG307"),
        ("Conv2D", {"filters": 3, "kernel_size": 9}, ["image"], "MTG304"),
        ("Cropping2D", {"cropping": 4}, ["image"], "MTG304"),
        ("Dense", {"units": 3}, ["strings"], "MTG303"),
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 2}, ["a"], "MTG307"),
        ("Concatenate", {}, [["a", "image"]], "MTG302"),
    ],
)
def test_codes(cls: str, arguments: dict[str, Any], args: list[Any], code: str) -> None:
    build = Build()
    known = {
        "a": build.input("a", 4),
        "b": build.input("b", 4),
        "image": build.input("image", 8, 8, 3),
        "strings": build.input("strings", 4, dtype="string"),
        "float32[?]": build.input("u", UNKNOWN),
        "float32[T]": build.input("t", T),
    }
    refs = [[known[a] for a in arg] if isinstance(arg, list) else known[arg] for arg in args]
    build.layer(cls, *refs, **arguments)
    assert only(build.infer()[1]).code == code


def test_two_names_are_two_lengths() -> None:
    build = Build()
    a, b = build.input("a", T, 4), build.input("b", S, 4)
    build.layer("Add", [a, a])
    build.layer("Add", [a, b])
    assert only(build.infer()[1]).code == "MTG301"


def test_an_unknown_length_is_no_error() -> None:
    build = Build()
    a, b, c = build.input("a", T, 4), build.input("b", UNKNOWN, 4), build.input("c", 5, 4)
    for pair in ([a, b], [a, c], [b, c], [b, b]):
        build.layer("Add", pair)
        build.layer("Concatenate", pair)
    _, found = build.infer()
    assert not found


# ---- shared layers -------------------------------------------------------------------------------


def test_a_shared_layer_has_one_set_of_weights() -> None:
    build = Build()
    a, b = build.input("a", 4), build.input("b", 7, 4)
    layer = made("Dense", units=3)
    first, second = build.call(layer, a), build.call(layer, b)
    types, found = build.output(first).output(second).infer()
    assert not found
    assert types.of(second).shape == (BATCH, 7, 3)
    assert len(types.model_weights() or ()) == 2


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (made("Dense", units=3), "kernel would be [4, 3] for one and [5, 3] for the other"),
        (made("BatchNormalization", axis=1), "gamma would be [4] for one and [5] for the other"),
    ],
)
def test_weights_that_cannot_serve_two_calls(layer: Layer, words: str) -> None:
    build = Build()
    first = build.call(layer, build.input("a", 4))
    second = build.call(layer, build.input("b", 5))
    error = only(build.infer()[1])
    assert error.code == "MTG306"
    assert words in error.message
    assert error.span == build.graph.calls[second.call].span
    assert [label.span for label in error.labels] == [build.graph.calls[first.call].span]


def test_a_rank_that_is_fixed_by_the_first_call() -> None:
    build = Build()
    layer = made("BatchNormalization")
    build.call(layer, build.input("a", 4))
    build.call(layer, build.input("b", 5, 4))
    assert "one tensor has 1 axes, the other 2" in only(build.infer()[1]).message


def test_a_layer_in_a_wrapper_and_by_itself_is_one_layer() -> None:
    build = Build()
    layer = made("Dense", units=3)
    a = build.call(layer, build.input("a", 4))
    b = build.layer("TimeDistributed", build.input("b", 7, 4), layer=layer)
    types, found = build.output(a).output(b).infer()
    assert not found
    assert len(types.model_weights() or ()) == 2
    build.layer("TimeDistributed", build.input("c", 7, 5), layer=layer)
    assert only(build.infer()[1]).code == "MTG306"


def test_bidirectional_copies_its_layer() -> None:
    build = Build()
    layer = made("LSTM", units=3)
    a = build.call(layer, build.input("a", 7, 4))
    b = build.layer("Bidirectional", build.input("b", 7, 4), layer=layer)
    types, _ = build.output(a).output(b).infer()
    assert len(types.model_weights() or ()) == 9


@pytest.mark.parametrize("how", ["argument", "setting"])
def test_frozen_layers(how: str) -> None:
    build = Build()
    layer = made("Dense", units=3, **({"trainable": False} if how == "argument" else {}))
    layer.trainable = False if how == "setting" else None
    build.call(layer, build.input("a", 4))
    types, _ = build.infer()
    assert [weight.trainable for weight in types.weights[layer] or ()] == [False, False]


# ---- nested models -------------------------------------------------------------------------------


def encoder(*shape: Dim) -> Graph:
    """A model of one input and two outputs: the sequence and its mean."""
    build = Build("Encoder")
    x = build.input("x", *shape)
    conv = build.layer("Conv1D", x, filters=8, kernel_size=3)
    pooled = build.layer("GlobalAveragePooling1D", conv)
    return build.output(conv, "sequence").output(pooled, "mean").graph


def test_a_nested_model_has_its_outputs_and_weights() -> None:
    build = Build()
    both = build.model(encoder(10, 4), build.input("a", 10, 4))
    types, found = build.output(both).infer()
    assert not found
    assert types.of(both).shape == (BATCH, 8, 8)
    assert types.of(TensorRef(both.call, 1)).shape == (BATCH, 8)
    assert len(types.model_weights() or ()) == 2
    (nested,) = types.nested.values()
    assert str(nested.of(TensorRef(1))) == "float32[8, 8]"


def test_lengths_flow_through_a_nested_model() -> None:
    build = Build()
    graph = encoder(T, 4)
    known = build.model(graph, build.input("a", 10, 4))
    named = build.model(graph, build.input("b", S, 4))
    by_name = build.model(graph, x=build.input("c", 12, 4))
    listed = build.model(graph, [build.input("d", 13, 4)])
    types, found = build.infer()
    assert not found
    assert types.of(known).shape == (BATCH, 8, 8)
    assert types.of(named).shape == (BATCH, S - 2, 8)
    assert types.of(by_name).shape == (BATCH, 10, 8)
    assert types.of(listed).shape == (BATCH, 11, 8)
    types, _ = build.output(known).output(named).infer()
    assert len(types.model_weights() or ()) == 4, "two instances have weights of their own"


@pytest.mark.parametrize(
    ("declared", "given", "code"),
    [
        ((10, 4), (10, 5), "MTG301"),
        ((10, 4), (10,), "MTG302"),
        ((T, 4), (2, 4), "MTG304"),
        ((10, 4), (10, 4, 1), "MTG302"),
    ],
)
def test_what_does_not_fit_a_nested_model(
    declared: tuple[Dim, ...], given: tuple[Dim, ...], code: str
) -> None:
    build = Build()
    use = build.model(encoder(*declared), build.input("a", *given))
    error = only(build.infer()[1])
    assert error.code == code
    assert error.span == build.graph.calls[use.call].span
    assert "`Encoder`" in error.message


def test_one_name_is_one_length_in_a_nested_model() -> None:
    inner = Build("Pair")
    a, b = inner.input("a", T, 4), inner.input("b", T, 4)
    graph = inner.output(inner.layer("Add", [a, b])).graph
    build = Build()
    x, y = build.input("x", 7, 4), build.input("y", 8, 4)
    good = build.model(graph, x, x)
    build.model(graph, x, y)
    types, found = build.infer()
    assert only(found).code == "MTG301"
    assert types.of(good).shape == (BATCH, 7, 4)


def test_too_few_tensors_for_a_nested_model() -> None:
    build = Build()
    build.input("a", 10, 4)
    build.model(encoder(10, 4))
    assert only(build.infer()[1]).code == "MTG307"


def test_an_unknown_length_where_a_model_has_a_number() -> None:
    """Keras built the model for the number, and takes the tensor all the same."""
    build = Build()
    use = build.model(encoder(10, 4), build.input("a", UNKNOWN, 4))
    types, found = build.infer()
    assert not found
    assert types.of(use).shape == (BATCH, UNKNOWN, 8)


def test_an_unknown_length_for_which_weights_were_made() -> None:
    """What the layers would refuse if they were not built for a number is not known."""
    inner = Build("Flat")
    x = inner.input("x", 10, 4)
    graph = inner.output(inner.layer("Dense", inner.layer("Flatten", x), units=3)).graph
    build = Build()
    use = build.model(graph, build.input("a", UNKNOWN, 4))
    types, found = build.infer()
    assert not found
    assert types.of(use) == TensorType("float32", None)


def test_errors_inside_a_nested_model_are_reported_once() -> None:
    inner = Build("Broken")
    x = inner.input("x", 4)
    graph = inner.output(inner.layer("Conv2D", x, filters=3, kernel_size=3)).graph
    build = Build()
    a = build.input("a", 4)
    build.layer("Dense", build.model(graph, a), units=3)
    build.layer("Dense", build.model(graph, a), units=3)
    assert only(build.infer()[1]).span == graph.calls[1].span


def test_deep_nesting_takes_no_time() -> None:
    def nested(levels: int) -> Callable[[], object]:
        graph = encoder(T, 4)
        for depth in range(levels):
            outer = Build(f"Level{depth}")
            x = outer.input("x", T, 4)
            graph = outer.output(outer.model(graph, x)).graph
        build = Build()
        build.model(graph, build.input("x", 10, 4))

        def work() -> None:
            types, found = build.infer()
            assert not found
            assert types.of(TensorRef(1)).shape == (BATCH, 8, 8)

        return work

    assert growth(nested, 6, 60) < 1.5


# ---- size ----------------------------------------------------------------------------------------


def test_a_chain_of_many_calls() -> None:
    build = Build()
    ref = build.input("x", 16)
    for _ in range(20_000):
        ref = build.layer("Dense", ref, units=16)
    types, found = build.output(ref).infer()
    assert not found
    assert len(types.model_weights() or ()) == 40_000


def test_calls_are_calls() -> None:
    """The helper makes what the compiler makes."""
    build = Build()
    build.layer("Dense", build.input("x", 4), units=3)
    assert all(isinstance(call, Call) for call in build.graph.calls)
    assert [call.layer.name for call in build.graph.inputs] == ["x"]
