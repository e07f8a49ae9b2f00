"""`keras.applications`: their graphs read and inferred, and what mtg knows of them by itself.

Graphs are built without values, which takes some 20 seconds for all. `MTG_LONG_TESTS=1` adds every
application under every kind of argument, some minutes.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import keras
import pytest
from mtg.catalog import catalog
from mtg.catalog.applications import application, application_names
from mtg.config.read import Reading, read_config
from mtg.graph.graph import Graph, Output
from mtg.graph.layers import Application, InputLayer, KerasLayer, Layer
from mtg.graph.values import TensorRef
from mtg.lengths.dims import BATCH, UNKNOWN, Dim, Symbol
from mtg.text.diagnostics import Diagnostic, Diagnostics
from mtg.text.source import NOWHERE, Source, Span
from mtg.types.infer import application_graph, infer
from mtg.types.rules.call import TypeMismatch
from mtg.types.tensor import TensorType, Weight
from mtg.types.types import Types

LONG = os.environ.get("MTG_LONG_TESTS") == "1"
ALL = sorted(set(catalog().names("application")))

#: The dtype that Keras calls "int" depends on its back end; the rules say TensorFlow's.
INTEGER = keras.backend.standardize_dtype("int")

Shape = tuple[int | None, ...]


# ---- Keras ---------------------------------------------------------------------------------------


@contextmanager
def graph_only() -> Iterator[None]:
    """Build models without values, and trained ones without what was trained."""
    from keras.src.utils import file_utils

    with (
        keras.StatelessScope(initialize_variables=False),
        mock.patch.object(file_utils, "get_file", return_value="none"),
        mock.patch.object(keras.Model, "load_weights"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
    keras.backend.clear_session()  # which lists the weights without values


def weights_of(model: Any) -> list[tuple[str, Shape, str, bool]]:
    trainable = {id(weight) for weight in model.trainable_weights}
    return [
        # Keras numbers the weights to which a layer gives no name.
        (
            re.sub(r"^(jax_)?variable_\d+$", "variable", w.name),
            tuple(w.shape),
            w.dtype,
            id(w) in trainable,
        )
        for w in model.weights
    ]


def as_keras(weights: tuple[Weight, ...] | None) -> list[tuple[str, Shape, str, bool]] | None:
    if weights is None:
        return None
    return [(n, s, INTEGER if n == "count" else d, t) for n, s, d, t in weights]


def as_shape(found: TensorType) -> Shape | None:
    return (
        None
        if found.shape is None
        else tuple(n if isinstance(n, int) else None for n in found.shape)
    )


# ---- mtg -----------------------------------------------------------------------------------------

TEXT = Source("t.mtg", "x" * 100)


def applied(
    name: str, *shapes: tuple[Dim, ...], dtype: str = "float32", **arguments: Any
) -> tuple[list[TensorType], Types, Layer, list[Diagnostic]]:
    """An application, applied to an image of each shape."""
    graph = Graph("model")
    spans = {key: Span(TEXT, place, place + 1) for place, key in enumerate(arguments, 10)}
    layer = Application("base", name, {"weights": None, **arguments}, Span(TEXT, 0, 1))
    layer.spans = spans
    for number, shape in enumerate(shapes):
        declared = {"shape": shape, "dtype": dtype}
        image = graph.add_call(InputLayer(f"x{number}", declared, NOWHERE), (), {}, NOWHERE)
        ref = TensorRef(graph.add_call(layer, (TensorRef(image.id),), {}, Span(TEXT, 2, 3)).id)
        graph.outputs.append(Output(f"y{number}", ref, NOWHERE))
    diagnostics = Diagnostics()
    types = infer(graph, diagnostics)
    return [types.of(out.tensor) for out in graph.outputs], types, layer, list(diagnostics)


def assert_agrees(name: str, shape: Shape, model: Any, **arguments: Any) -> None:
    """The application has Keras's weights, and of an image of this shape makes Keras's tensor."""
    (found,), types, layer, said = applied(
        name, tuple(UNKNOWN if n is None else n for n in shape), **arguments
    )
    assert not said, [each.message for each in said]
    same = shape == tuple(model.input.shape[1:])
    made = model.output if same else model(keras.Input(shape))
    assert (found.dtype, as_shape(found)) == (made.dtype, tuple(made.shape))
    assert as_keras(types.weights[layer]) == weights_of(model)
    assert types.parameters(layer) == model.count_params()
    assert as_keras(types.model_weights()) == weights_of(model)


# ---- graphs --------------------------------------------------------------------------------------


def assert_types(reading: Reading) -> Types:
    """Every tensor that the config records has the type recorded."""
    diagnostics = Diagnostics()
    types = infer(reading.graph, diagnostics)
    assert not list(diagnostics), [f"{each.message} {each.notes}" for each in diagnostics]
    wrong = [
        f"{reading.graph.calls[ref.call].layer.name}: {types.of(ref)}, recorded {recorded}"
        for ref, recorded in reading.recorded.items()
        if (types.of(ref).dtype, as_shape(types.of(ref))) != recorded
    ]
    assert not wrong, wrong[:5]
    for nested in reading.nested.values():
        assert_types(nested)
    return types


@pytest.mark.parametrize("name", ALL)
def test_graph_and_default(name: str) -> None:
    """Every tensor and weight of the graph is Keras's, and so is the application as a whole."""
    with graph_only():
        model = getattr(keras.applications, name)(weights=None)
        # As it comes out of a file: tuples are lists.
        reading = read_config(json.loads(json.dumps(model.get_config())))
        types = assert_types(reading)
        taken = {TensorRef(ref.call) for ref in reading.recorded}
        assert len(reading.recorded) >= len(reading.graph.calls) - 1
        assert all(TensorRef(c.id) in taken for c in reading.graph.calls[:-1])
        (output,) = reading.graph.outputs
        assert as_shape(types.of(output.tensor)) == tuple(model.output.shape)
        assert as_keras(types.model_weights()) == weights_of(model)
        size = application(name).size or 224  # type: ignore[union-attr]
        assert_agrees(name, (size, size, 3), model)


# ---- arguments -----------------------------------------------------------------------------------

#: Application, arguments, and shapes it is applied to.
CASES: list[tuple[str, dict[str, Any], list[Shape]]] = [
    ("Xception", {"include_top": False}, [(250, 250, 3), (None, None, 3), (71, 300, 3)]),
    ("Xception", {"include_top": False, "input_shape": (150, 90, 1)}, [(150, 90, 1)]),
    ("VGG16", {"classes": 7, "classifier_activation": None}, [(224, 224, 3)]),
    ("VGG19", {"include_top": False, "pooling": "avg"}, [(64, 80, 3), (None, 33, 3)]),
    ("ResNet50", {"include_top": False, "pooling": "max"}, [(77, 99, 3)]),
    ("ResNet101V2", {"input_shape": (40, 56, 3), "classes": 2}, [(40, 56, 3)]),
    ("DenseNet121", {"include_top": False, "weights": "imagenet"}, [(65, 64, 3)]),
    ("InceptionV3", {"include_top": False, "input_shape": [75, 76, 3]}, [(75, 76, 3)]),
    ("InceptionResNetV2", {"include_top": False}, [(99, 140, 3)]),
    (
        "MobileNet",
        {"alpha": 0.25, "weights": "imagenet", "input_shape": (160, 160, 3)},
        [(160, 160, 3)],
    ),
    ("MobileNet", {"alpha": 0.5, "dropout": 0.5, "classes": 5}, [(224, 224, 3)]),
    ("MobileNetV2", {"alpha": 1.4, "include_top": False}, [(100, 101, 3)]),
    (
        "MobileNetV2",
        {"alpha": 0.35, "include_top": False, "input_shape": (97, 130, 3)},
        [(97, 130, 3)],
    ),
    ("MobileNetV3Small", {"minimalistic": True}, [(100, 100, 3), (None, None, 3)]),
    ("MobileNetV3Small", {"dropout_rate": 0, "input_shape": (61, 62, 3)}, [(61, 62, 3)]),
    ("MobileNetV3Large", {"alpha": 0.75, "include_top": False, "pooling": "avg"}, [(64, 96, 3)]),
    (
        "MobileNetV3Large",
        {"include_preprocessing": False, "input_shape": (32, 33, 2)},
        [(32, 33, 2)],
    ),
    ("EfficientNetB0", {"include_top": False, "weights": "imagenet"}, [(123, 200, 3)]),
    ("EfficientNetB1", {"input_shape": (63, 65, 4), "classes": 3}, [(63, 65, 4)]),
    ("EfficientNetV2B0", {"include_top": False, "input_shape": (64, 64, 1)}, [(64, 64, 1)]),
    ("EfficientNetV2B1", {"include_preprocessing": False, "include_top": False}, [(50, 50, 3)]),
    ("ConvNeXtTiny", {"include_top": False, "pooling": "max"}, [(64, 65, 3)]),
    ("ConvNeXtTiny", {"include_preprocessing": False, "classes": 4}, [(224, 224, 3)]),
    ("NASNetMobile", {"include_top": False}, [(224, 224, 3)]),
    ("NASNetMobile", {"include_top": False, "input_shape": (97, 130, 3)}, [(97, 130, 3)]),
    ("NASNetMobile", {"include_top": False, "input_shape": (None, None, 3)}, [(None, None, 3)]),
]


def every_case() -> Iterator[tuple[str, dict[str, Any], list[Shape]]]:
    """Each application under each kind of argument that changes it."""
    for name in ALL:
        facts, entry = application(name), catalog().find("application", name)
        assert facts is not None
        assert entry is not None
        rest: Shape = (None, None, 3)
        # Built without a shape, NASNetLarge takes no image.
        shapes: list[Shape] = [] if name == "NASNetLarge" else [(facts.size or 224,) * 2 + (3,)]
        for pooling in (None, "avg", "max"):
            yield name, {"include_top": False, "pooling": pooling}, shapes
        yield name, {"include_top": False, "input_shape": rest}, [rest]
        yield (
            name,
            {"include_top": False, "weights": "imagenet", "input_shape": (224, 224, 3)},
            [rest],
        )
        yield name, {"classes": 3, "classifier_activation": "relu"}, []
        for height, width in ((75, 76), (96, 255), (101, 87), (128, 99), (331, 224), (82, 299)):
            shape = (height, width, 3)
            yield name, {"include_top": False, "input_shape": shape}, [shape]
        yield name, {"input_shape": (81, 98, 1)}, [(81, 98, 1)]
        for key, values in {
            "alpha": (0.25, 0.35, 0.5, 0.75, 1.3, 1.4),
            "minimalistic": (True,),
            "include_preprocessing": (False,),
            "dropout_rate": (0, 0.5),
            "dropout": (0, 0.5),
        }.items():
            for value in values if entry.parameter(key) else ():
                if any(when.get(key, value) == value for when, _ in facts.bodies):
                    yield name, {key: value}, []


@pytest.mark.parametrize(
    ("name", "arguments", "shapes"),
    [*CASES, *(every_case() if LONG else ())],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_arguments(name: str, arguments: dict[str, Any], shapes: list[Shape]) -> None:
    with graph_only():
        model = getattr(keras.applications, name)(**{"weights": None, **arguments})
        for shape in shapes or [tuple(model.input.shape[1:])]:
            assert_agrees(name, shape, model, **arguments)


# ---- what is refused -----------------------------------------------------------------------------


#: Application, arguments, words of the error, and the argument at fault.
REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("Xception", {"input_shape": (70, 300, 3)}, "at least 71 by 71", "input_shape"),
    (
        "Xception",
        {"include_top": False, "input_shape": (None, 70, 3)},
        "at least 71",
        "input_shape",
    ),
    ("VGG16", {"input_shape": (None, None, 3)}, "known for `include_top=True`", "input_shape"),
    ("VGG16", {"input_shape": (224, 224)}, "three lengths", "input_shape"),
    ("VGG16", {"input_shape": (224, 224, None)}, "known for", "input_shape"),
    ("VGG16", {"input_shape": 224}, "three lengths", "input_shape"),
    ("VGG16", {"weights": "imagenet", "classes": 10}, "1000", "classes"),
    ("VGG16", {"classes": 0}, "above 0", "classes"),
    ("VGG16", {"classes": "ten"}, "above 0", "classes"),
    ("VGG16", {"weights": 3.5}, "the path of a file", "weights"),
    (
        "VGG16",
        {"weights": "imagenet", "input_shape": (256, 256, 3)},
        "(224, 224, 3)",
        "input_shape",
    ),
    (
        "VGG16",
        {"weights": "imagenet", "input_shape": [224, 224, 3]},
        "(224, 224, 3)",
        "input_shape",
    ),
    (
        "ResNet50",
        {"weights": "imagenet", "include_top": False, "input_shape": (64, 64, 1)},
        "3 channels",
        "input_shape",
    ),
    (
        "ResNet50",
        {"weights": "imagenet", "classifier_activation": "relu"},
        '"softmax" or None',
        "classifier_activation",
    ),
    ("MobileNet", {"weights": "imagenet", "alpha": 0.3}, "0.25 or 0.5", "alpha"),
    ("MobileNet", {"weights": "imagenet", "depth_multiplier": 2}, "must be 1", "depth_multiplier"),
    (
        "MobileNetV3Small",
        {"weights": "imagenet", "minimalistic": True, "alpha": 0.75},
        "1.0",
        "alpha",
    ),
    ("MobileNetV3Small", {"input_shape": (31, 64, 3)}, "at least 32 by 32", "input_shape"),
    (
        "EfficientNetB0",
        {"include_top": False, "input_shape": (64, None, 3)},
        "a known height and an unknown width",
        "input_shape",
    ),
    (
        "NASNetMobile",
        {"weights": "imagenet", "include_top": False, "input_shape": (None, None, 3)},
        "known for weights from ImageNet",
        "input_shape",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "words", "argument"), REFUSED)
def test_refused_arguments(name: str, arguments: dict[str, Any], words: str, argument: str) -> None:
    with graph_only(), pytest.raises((ValueError, TypeError)):
        getattr(keras.applications, name)(**{"weights": None, **arguments})
    _, _, layer, said = applied(name, (224, 224, 3), **arguments)
    (error,) = said
    assert error.is_error
    assert words in error.message
    assert error.span == layer.spans.get(argument)


@pytest.mark.parametrize(
    ("name", "shape", "arguments"),
    [
        ("Xception", (224, 224, 4), {"include_top": False}),
        ("Xception", (224, 224), {"include_top": False}),
        ("Xception", (4, 40, 3), {"include_top": False}),
        ("InceptionV3", (74, 40, 3), {"include_top": False}),
        ("ResNet50", (225, 224, 3), {}),
        ("VGG16", (16, 64, 3), {"include_top": False}),
        # Keras builds it for any size, and it then takes none.
        ("NASNetMobile", (224, 224, 3), {"include_top": False, "input_shape": (None, None, 3)}),
    ],
)
def test_refused_images(name: str, shape: tuple[int, ...], arguments: dict[str, Any]) -> None:
    with graph_only():
        model = getattr(keras.applications, name)(weights=None, **arguments)
        with pytest.raises(ValueError):  # noqa: PT011 -- Keras says many things here
            model(keras.Input(shape))
    said = applied(name, shape, **arguments)[3]
    assert [each.is_error for each in said] == [True]
    assert said[0].span == Span(TEXT, 2, 3)


def test_one_channel_is_refused() -> None:
    """Keras takes an image of one channel for one without channels, and fails when it runs."""
    with graph_only():
        model = keras.applications.VGG16(weights=None, include_top=False)
        assert model(keras.Input((64, 64, 1))) is not None
    (error,) = applied("VGG16", (64, 64, 1), include_top=False)[3]
    assert "takes images of 3 channels, and finds 1" in error.message


#: One application of each module of Keras.
MODULES = list({getattr(keras.applications, name).__module__: name for name in ALL}.values())


@pytest.mark.parametrize("name", ALL if LONG else MODULES)
def test_arguments_as_keras_takes_them(name: str) -> None:
    """What Keras takes before it makes the first layer, mtg takes, and nothing else."""
    from tools.catalog.applications import accepts

    shapes: list[Any] = [
        *(None, (224, 224, 3), (32, 32, 3), (31, 32, 3), (75, 74, 3), (71, 71, 1), (300, 299, 3)),
        *((299, 299, 3), (331, 331, 3), (None, None, 3), (None, 64, 3), (96, 96, 3), [160, 160, 3]),
        *((128, 128, 1), (224, 224), (1, 2, 3, 4), (None, 20, 3)),
    ]
    for shape, weights, top in itertools.product(shapes, (None, "imagenet"), (True, False)):
        arguments = {"input_shape": shape, "weights": weights, "include_top": top}
        late = shape and ((weights and shape[-1] == 1) or len(shape) == 2)
        if name.startswith("MobileNetV3") and late:
            continue  # Keras finds out at the first convolution, or when it loads the weights
        try:
            theirs = accepts(name, **arguments)
        except (TypeError, IndexError):
            theirs = False
        try:
            application_graph(Application("base", name, arguments, NOWHERE))
            ours = True
        except TypeMismatch:
            ours = False
        assert ours == theirs, arguments


# ---- what is not known ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("MobileNet", {"alpha": 0.3}),
        ("MobileNet", {"depth_multiplier": 2}),
        ("MobileNetV3Large", {"minimalistic": True, "alpha": 0.75}),
        ("NASNetLarge", {"weights": "imagenet", "include_top": False}),
        ("SomethingNew", {}),
    ],
)
def test_unknown(name: str, arguments: dict[str, Any]) -> None:
    (found,), types, layer, said = applied(name, (224, 224, 3), **arguments)
    assert not said
    assert found.shape is None
    assert types.weights[layer] is None


def test_every_application_is_stored() -> None:
    assert application_names() == ALL


@pytest.mark.parametrize("name", ALL if LONG else ["VGG16", "ConvNeXtTiny"])
def test_what_is_stored_is_what_keras_builds(name: str) -> None:
    from tools.catalog.applications import describe

    described = json.loads(json.dumps(describe(name)))
    stored = application(name)
    assert stored is not None
    assert {key: getattr(stored, key) for key in described} == described
    keras.backend.clear_session()


# ---- in a model ----------------------------------------------------------------------------------


def test_shared_and_frozen() -> None:
    """One set of weights for two images, of two sizes."""
    graph = Graph("model")
    layer = Application("base", "VGG16", {"include_top": False}, NOWHERE)
    layer.trainable = False
    for side in (64, 96):
        declared = {"shape": (side, side, 3), "dtype": "float32"}
        image = graph.add_call(InputLayer(f"x{side}", declared, NOWHERE), (), {}, NOWHERE)
        call = graph.add_call(layer, (TensorRef(image.id),), {}, NOWHERE)
        graph.outputs.append(Output(f"y{side}", TensorRef(call.id), NOWHERE))
    types = infer(graph, Diagnostics())
    assert [types.of(out.tensor).shape for out in graph.outputs] == [
        (BATCH, 2, 2, 512),
        (BATCH, 3, 3, 512),
    ]
    weights = types.model_weights() or ()
    assert len(weights) == 26
    assert not any(weight.trainable for weight in weights)
    assert layer in types.nested


def test_two_instances_have_weights_of_their_own() -> None:
    graph = Graph("model")
    image = {"shape": (64, 64, 3), "dtype": "float32"}
    x = graph.add_call(InputLayer("x", image, NOWHERE), (), {}, NOWHERE)
    for number in range(2):
        layer = Application(f"b{number}", "VGG16", {"include_top": False}, NOWHERE)
        call = graph.add_call(layer, (TensorRef(x.id),), {}, NOWHERE)
        graph.outputs.append(Output(f"y{number}", TensorRef(call.id), NOWHERE))
    assert len(infer(graph, Diagnostics()).model_weights() or ()) == 52


def test_lengths_with_names() -> None:
    h, w = Symbol("h"), Symbol("w")
    (found,), *_ = applied("ResNet50", (h, w, 3), include_top=False)
    assert str(found) == "float32[(h+31)//32, (w+31)//32, 2048]"
    (found,), *_ = applied("VGG16", (h, 64, 3), include_top=False, pooling="avg")
    assert str(found) == "float32[512]"


def test_in_time_distributed() -> None:
    graph = Graph("model")
    video = {"shape": (8, 64, 64, 3), "dtype": "float32"}
    x = graph.add_call(InputLayer("x", video, NOWHERE), (), {}, NOWHERE)
    base = Application("base", "VGG16", {"include_top": False, "pooling": "max"}, NOWHERE)
    each = KerasLayer("each", "TimeDistributed", {"layer": base}, NOWHERE)
    call = graph.add_call(each, (TensorRef(x.id),), {}, NOWHERE)
    types = infer(graph, Diagnostics())
    assert types.of(TensorRef(call.id)).shape == (BATCH, 8, 512)
    assert types.parameters(each) == 14_714_688
