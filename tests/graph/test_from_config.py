"""Graphs from configs: what a config of Keras says, a graph says."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

import keras
import pytest
from keras import Input, layers, ops
from mtg.catalog import catalog
from mtg.config.read import ConfigError, Reading, read_config
from mtg.config.read_values import function_of
from mtg.graph.layers import Layer, PythonLayer
from mtg.graph.values import KerasObject, PythonObject, TensorRef
from mtg.lengths.dims import UNKNOWN
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import NOWHERE
from mtg.types.infer import infer
from mtg.types.types import Types


def read(model: Any) -> Reading:
    """The graph of a model by way of JSON text, as it stands in a file."""
    return read_config(json.loads(model.to_json()))


def of(reading: Reading, name: str) -> Layer:
    return next(call.layer for call in reading.graph.calls if call.layer.name == name)


def shape(types: Types, ref: TensorRef) -> tuple[int | None, ...]:
    return tuple(n if isinstance(n, int) else None for n in types.of(ref).shape or ())


# ---- models: each is read, inferred, and compared with Keras -------------------------------------


def shared() -> Any:
    a, b = Input((4,), name="a"), Input((4,), name="b")
    dense = layers.Dense(4, name="dense")
    return keras.Model([b, a], layers.Concatenate()([dense(dense(a)), dense(b)]))


def at_two_depths() -> Any:
    x = Input((4,))
    one, two = layers.Dense(4), layers.Dense(4)
    return keras.Model(x, two(one(two(one(x)))))


def nested_twice() -> Any:
    p = Input((4,), name="p")
    inner = keras.Model(
        p, [layers.Dense(2, name="u")(p), layers.Dense(3, name="v")(p)], name="inner"
    )
    x, y = Input((4,), name="x"), Input((4,), name="y")
    first, second = inner(x), inner(y)
    return keras.Model([x, y], [second[1], first[0], layers.Dense(1)(first[1])])


def nested_output() -> Any:
    p = Input((4,), name="p")
    inner = keras.Model(p, layers.Dense(2)(p), name="inner")
    x = Input((4,))
    return keras.Model(x, inner(x))


def nested_dict() -> Any:
    u, v = Input((4,), name="u"), Input((4,), name="v")
    inner = keras.Model({"u": u, "v": v}, {"sum": layers.Add()([u, v]), "one": layers.Dense(2)(u)})
    x = Input((4,))
    results = inner({"u": x, "v": layers.Dense(4)(x)})
    return keras.Model(x, results)


def sequential_inside() -> Any:
    steps = keras.Sequential(
        [layers.Dense(4, activation="relu"), layers.Dropout(0.5)], name="steps"
    )
    x = Input((4,))
    return keras.Model(x, steps(steps(x)))


def sequential() -> Any:
    return keras.Sequential([Input((8, 4)), layers.LSTM(3), layers.Dense(2)])


def several_results() -> Any:
    x = Input((7, 4))
    _, h, c = layers.LSTM(3, return_state=True)(x)
    return keras.Model(x, layers.GRU(3)(x, initial_state=layers.Add()([h, c])))


def keywords() -> Any:
    q, v = Input((7, 4), name="q"), Input((None, 4), name="v")
    attended = layers.MultiHeadAttention(2, 3)(query=q, value=v, key=v)
    return keras.Model([q, v], attended)


def functions() -> Any:
    x, y = Input((7, 4)), Input((4,))
    a = x[:, 0] + 1.5 * ops.mean(x, axis=1, keepdims=False) - y
    b = ops.where(x > 0, x, -x)[..., 1:3]
    c = ops.einsum("btc,bc->bt", x, y)
    d = ops.concatenate([a, ops.expand_dims(c, -1)[:, :, 0]], axis=-1)
    return keras.Model([x, y], [d, ops.average(x, axis=1), ops.pad(b, ((0, 0), (1, 1), (0, 0)))])


def masks() -> Any:
    x = Input((7,), dtype="int32")
    return keras.Model(x, layers.LSTM(3)(layers.Embedding(9, 4, mask_zero=True)(x)))


def wrappers() -> Any:
    x = Input((7, 4))
    both = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    each = layers.TimeDistributed(layers.Dense(2, name="each"))(both)
    return keras.Model(x, layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)])(each))


def settings() -> Any:
    x = Input((4,), batch_size=8)
    dense = layers.Dense(
        3, kernel_regularizer=keras.regularizers.L2(0.5), dtype="float16", name="d"
    )
    dense.trainable = False
    policy = keras.dtype_policies.DTypePolicy("mixed_float16")
    return keras.Model(x, layers.Dense(2, bias_initializer="ones", dtype=policy)(dense(x)))


MODELS: list[Callable[[], Any]] = [
    *(shared, at_two_depths, nested_twice, nested_output, nested_dict, sequential_inside),
    *(sequential, several_results, keywords, functions, masks, wrappers, settings),
]


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_model(make: Callable[[], Any]) -> None:
    """Every tensor recorded, every output and every weight, in order."""
    model = make()
    reading = read(model)
    diagnostics = Diagnostics()
    types = infer(reading.graph, diagnostics)
    assert not [each.message for each in diagnostics]
    for ref, (dtype, recorded) in reading.recorded.items():
        assert (types.of(ref).dtype, shape(types, ref)) == (dtype, recorded)
    names = [call.layer.name for call in reading.graph.inputs]
    assert names == [tensor._keras_history.operation.name for tensor in model.inputs]
    outputs = [(types.of(o.tensor).dtype, shape(types, o.tensor)) for o in reading.graph.outputs]
    assert outputs == [(tensor.dtype, tuple(tensor.shape)) for tensor in model.outputs]
    trainable = {id(weight) for weight in model.trainable_weights}
    assert [(w.name, w.shape, w.dtype, w.trainable) for w in types.model_weights() or ()] == [
        (w.name, tuple(w.shape), w.dtype, id(w) in trainable) for w in model.weights
    ]


def test_shared_layers_are_one() -> None:
    graph = read(shared()).graph
    dense = next(call.layer for call in graph.calls if call.layer.name == "dense")
    assert len(graph.calls_of(dense)) == 3


def test_arguments_as_written() -> None:
    reading = read(settings())
    dense = of(reading, "d")
    l2 = KerasObject("regularizer", "L2", {"l2": 0.5}, NOWHERE)
    assert dense.arguments == {"units": 3, "kernel_regularizer": l2, "dtype": "float16"}
    assert dense.trainable is False
    assert reading.graph.inputs[0].layer.arguments["batch_size"] == 8


def test_constants_slices_and_results() -> None:
    reading = read(functions())
    slices = [call for call in reading.graph.calls if call.layer.cls == "getitem"]
    assert (slice(None), 0) in [call.args[1] for call in slices]
    einsum = next(call for call in reading.graph.calls if call.layer.cls == "einsum")
    assert einsum.args[0] == "btc,bc->bt"
    mean = next(call for call in reading.graph.calls if call.layer.cls == "mean")
    assert (mean.args, mean.kwargs) == ((TensorRef(0),), {"axis": 1})
    lstm = next(call for call in read(several_results()).graph.calls if call.layer.cls == "LSTM")
    assert lstm.results == 3


def test_input_without_a_length() -> None:
    x = Input((None, 4), sparse=True, dtype="float16")
    (given,) = read(keras.Model(x, layers.Identity()(x))).graph.inputs
    assert given.layer.arguments == {"shape": (UNKNOWN, 4), "dtype": "float16", "sparse": True}


def test_python() -> None:
    class Mine(layers.Layer):
        def __init__(self, width: int, **rest: Any) -> None:
            super().__init__(**rest)
            self.width = width

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "width": self.width}

        def call(self, x: Any) -> Any:
            return x

    x = Input((4,))
    mine = read(keras.Model(x, Mine(5, name="mine")(x)))
    layer = of(mine, "mine")
    assert isinstance(layer, PythonLayer)
    assert (layer.cls, layer.arguments) == ("Mine", {"width": 5})
    scaled = keras.Model(x, layers.Lambda(scale, output_shape=(4,), name="scaled")(x))
    found = of(read(scaled), "scaled").arguments["function"]
    assert isinstance(found, PythonObject)
    assert found.name == "scale"


def scale(x: Any) -> Any:
    return x


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"config": 3},
        {"layers": 5, "input_layers": [], "output_layers": []},
        {"layers": [{}], "input_layers": [["a", 0, 0]], "output_layers": []},
        {"layers": [], "input_layers": [["a", 0, 0]], "output_layers": []},
        {"layers": [3]},
    ],
)
def test_what_is_no_config(config: Any) -> None:
    with pytest.raises(ConfigError):
        read_config(config)


def test_a_circle() -> None:
    config = json.loads(at_two_depths().to_json())
    dense = [entry for entry in config["config"]["layers"] if entry["class_name"] == "Dense"]
    node = dense[0]["inbound_nodes"][0]["args"][0]["config"]
    node["keras_history"] = [dense[1]["name"], 0, 0]
    with pytest.raises(ConfigError, match="depends on itself"):
        read_config(config)


def test_a_chain_of_many() -> None:
    """Reading does not recurse, though a config may name a layer before what it depends on."""
    count = 3000
    tensor = {"class_name": "__keras_tensor__"}

    def entry(number: int) -> dict[str, Any]:
        record = {"shape": [None, 4], "dtype": "float32", "keras_history": [f"d{number - 1}", 0, 0]}
        return {
            "module": "keras.layers",
            "class_name": "Dense",
            "config": {"name": f"d{number}", "units": 4},
            "name": f"d{number}",
            "inbound_nodes": [{"args": [{**tensor, "config": record}], "kwargs": {}}],
        }

    first = {"class_name": "InputLayer", "config": {"name": "d0", "batch_shape": [None, 4]}}
    found = read_config(
        {
            "name": "chain",
            "layers": [*(entry(n) for n in range(count, 0, -1)), {**first, "name": "d0"}],
            "input_layers": ["d0", 0, 0],
            "output_layers": [[f"d{count}", 0, 0]],
        }
    )
    assert len(found.graph.calls) == count + 1
    assert found.graph.outputs[0].tensor == TensorRef(count)


def test_every_operation_has_its_function() -> None:
    """The class names of operations lead to functions of `keras.ops`."""
    from keras.src.ops.operation import Operation

    missing = set()
    for family in ("core", "einops", "image", "linalg", "math", "nn", "numpy"):
        module = import_module(f"keras.src.ops.{family}")
        for name, cls in inspect.getmembers(module, inspect.isclass):
            if issubclass(cls, Operation) and cls.__module__ == module.__name__:
                function = function_of(module.__name__, name)
                if function != "getitem" and catalog().find("op", function) is None:
                    missing.add(name)
    # An abstract class, of which `segment_max` and `segment_sum` are made.
    assert missing <= {"SegmentReduction"}
