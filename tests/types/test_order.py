"""The order of layers and weights against Keras, on random graphs and on its applications."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mtg.graph.graph import Graph, Layer, Output
from mtg.graph.values import TensorRef
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import NOWHERE
from mtg.types.dims import UNKNOWN
from mtg.types.infer import infer
from mtg.types.order import keras_order

#: A random graph: the number of inputs; for each call the layer it calls and two calls it takes,
#: counted back from it; and how many of the last calls are outputs.
graphs = st.tuples(
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 6), st.integers(0, 6)), max_size=14),
    st.integers(1, 3),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs)
def test_order_of_random_graphs(shape: tuple[int, list[tuple[int, int, int]], int]) -> None:
    inputs, calls, outputs = shape
    graph = Graph("g")
    tensors: list[Any] = []
    layers: dict[str, tuple[Layer, Any]] = {}
    for number in range(inputs):
        name = f"in{number}"
        layer = Layer(name, "input", "Input", {"shape": (4,), "dtype": "float32"}, NOWHERE)
        graph.add_call(layer, (), {}, NOWHERE)
        tensors.append(keras.Input((4,), name=name))
    with keras.StatelessScope(initialize_variables=False):
        for number, (which, back, other) in enumerate(calls):
            first = max(0, len(tensors) - back)
            # Few of the layers are shared: those of the same low number.
            name = f"shared{which}" if which < 2 else f"layer{number}"
            merge = bool(other) and which >= 2
            if name not in layers:
                cls = "Add" if merge else "Dense"
                arguments = {} if merge else {"units": 4}
                made = getattr(keras.layers, cls)(name=name, **arguments)
                layers[name] = (Layer(name, "layer", cls, arguments, NOWHERE), made)
            layer, made = layers[name]
            second = max(0, len(tensors) - other) if merge else first
            taken = [first, second] if merge else first
            refs = [TensorRef(i) for i in taken] if isinstance(taken, list) else TensorRef(taken)
            graph.add_call(layer, (refs,), {}, NOWHERE)
            many = isinstance(taken, list)
            tensors.append(made([tensors[i] for i in taken] if many else tensors[taken]))
        ends = list(range(max(0, len(tensors) - outputs), len(tensors)))
        for end in ends:
            graph.outputs.append(Output(f"out{end}", TensorRef(end), NOWHERE))
        model = keras.Model(tensors[:inputs], [tensors[end] for end in ends])
    assert [layer.name for layer in keras_order(graph)] == [op.name for op in model.operations]
    types = infer(graph, Diagnostics())
    weights = types.model_weights()
    assert weights is not None
    assert [(w.name, w.shape) for w in weights] == [(w.name, tuple(w.shape)) for w in model.weights]


def graph_of(model: Any) -> tuple[Graph, list[tuple[TensorRef, Any]]]:
    """A functional Keras model as a graph, and each tensor of it beside Keras's."""
    graph, refs, pairs = Graph(model.name), {}, []
    layers = {op: _layer(op) for op in model.operations}
    depths = sorted(model._nodes_by_depth, reverse=True)
    nodes = [node for depth in depths for node in model._nodes_by_depth[depth]]
    for node in nodes:
        args, kwargs = (
            keras.tree.map_structure(
                lambda value: refs[id(value)] if isinstance(value, keras.KerasTensor) else value,
                part,
            )
            for part in (node.arguments.args, node.arguments.kwargs)
        )
        layer = layers[node.operation]
        if layer.kind == "op":
            kwargs = {**layer.arguments, **kwargs}
        call = graph.add_call(layer, tuple(args), dict(kwargs), NOWHERE)
        for index, tensor in enumerate(node.outputs):
            refs[id(tensor)] = TensorRef(call.id, index)
            pairs.append((TensorRef(call.id, index), tensor))
    for tensor in model.outputs:
        graph.outputs.append(Output("out", refs[id(tensor)], NOWHERE))
    return graph, pairs


def _layer(op: Any) -> Layer:
    cls = type(op).__name__
    if cls == "InputLayer":
        shape = tuple(UNKNOWN if n is None else n for n in op.batch_shape[1:])
        return Layer(op.name, "input", "Input", {"shape": shape, "dtype": op.dtype}, NOWHERE)
    if not isinstance(op, keras.Layer):
        return Layer(op.name, "op", cls.lower(), {}, NOWHERE)
    arguments = dict(op.get_config())
    if not isinstance(arguments.get("dtype"), str):
        arguments.pop("dtype", None)
    return Layer(op.name, "layer", cls, arguments, NOWHERE)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("Xception", 299),
        ("VGG16", 224),
        ("ResNet50V2", None),
        ("InceptionV3", 299),
        ("MobileNetV2", 224),
        ("MobileNetV3Small", 224),
        ("DenseNet121", None),
        ("NASNetMobile", 224),
        ("EfficientNetV2B0", 224),
    ],
)
def test_applications(name: str, size: int | None) -> None:
    """Every tensor of a large model has Keras's type, and every weight its shape and place."""
    top = {"include_top": size is not None, "input_shape": (size, size, 3)}
    with keras.StatelessScope(initialize_variables=False):
        model = getattr(keras.applications, name)(weights=None, **top)
    graph, pairs = graph_of(model)
    diagnostics = Diagnostics()
    types = infer(graph, diagnostics)
    assert not [f"{each.message} {each.notes}" for each in diagnostics]
    for ref, tensor in pairs:
        found = types.of(ref)
        assert found.dtype == tensor.dtype, tensor
        shape = tuple(n if isinstance(n, int) else None for n in found.shape or ())
        assert shape == tuple(tensor.shape), tensor
    weights = types.model_weights()
    assert weights is not None
    assert [(w.name, w.shape, w.trainable) for w in weights] == [
        (w.name, tuple(w.shape), w.trainable) for w in model.weights
    ]
    keras.backend.clear_session()
