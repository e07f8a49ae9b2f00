"""The order of layers and weights against Keras, on random graphs.

On its applications `test_applications.py` compares it.
"""

from __future__ import annotations

from typing import Any

import keras
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mtg.graph.graph import Graph, Output
from mtg.graph.layers import InputLayer, KerasLayer, Layer
from mtg.graph.values import TensorRef
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import NOWHERE
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
        layer = InputLayer(name, {"shape": (4,), "dtype": "float32"}, NOWHERE)
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
                layers[name] = (KerasLayer(name, cls, arguments, NOWHERE), made)
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
