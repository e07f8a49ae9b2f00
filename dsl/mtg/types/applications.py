"""What an application of Keras is: a model in a model, whose graph is made from stored facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from mtg.catalog.applications import ApplicationFacts, application
from mtg.catalog.names import snake_case
from mtg.graph.graph import Graph, Output
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import KerasObject, PythonObject, TensorRef, Value, items
from mtg.lengths.dims import UNKNOWN, Dim, Length, is_known
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import NOWHERE
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import is_tensor, numeric, several, single, unchanged, weight, whole
from mtg.types.rules.registry import Rule
from mtg.types.tensor import TensorType
from mtg.types.types import Types

#: A declared input: height, width and channels.
Shape = tuple[Dim, ...]


#: Finds the types of a graph: `mtg.types.infer`, which itself asks for the graphs of applications.
Infer = Callable[[Graph, Diagnostics], Types]


def build_application(layer: Application, infer: Infer) -> Graph | None:
    """Return the graph of an application; None where its layers are not known.

    Args:
        layer: The application with its arguments.
        infer: Finds the types of a graph, for the layers that Keras builds for one shape.

    Raises:
        TypeMismatch: Keras does not take the arguments.
    """
    facts = application(layer.cls)
    if facts is None:
        return None
    arguments: dict[str, Value] = {each.name: each.default for each in layer.entry.parameters}
    arguments |= layer.arguments
    if arguments["input_tensor"] is not None or any(
        isinstance(value, (PythonObject, KerasObject, Layer))
        for name, value in arguments.items()
        if name != "classifier_activation"
    ):
        return None
    top, weights = bool(arguments["include_top"]), arguments["weights"]
    if weights is not None and not isinstance(weights, str):
        raise _bad(layer, "weights", '"imagenet", None or the path of a file', weights)
    shape = _declared(layer, facts, arguments["input_shape"], top, weights == "imagenet")
    if top:
        _check_top(layer, arguments)
    width = shape[1] if is_known(shape[1]) else None
    if facts.static and weights == "imagenet" and width is None:
        return None  # Keras makes other layers then, which the weights would have to fit
    chosen = _choose(facts, {**arguments, "channels": shape[2], "width": width})
    if chosen is None:
        if weights == "imagenet":
            raise _no_weights(layer, facts, arguments)
        return None
    settings = tuple((name, arguments[name]) for name in sorted(arguments.keys() & _HANDED_ON))
    try:
        return _graph(layer.cls, chosen, shape, settings, infer)
    except TypeError:  # an argument that cannot be a key
        return _graph.__wrapped__(layer.cls, chosen, shape, settings, infer)


#: Arguments that are arguments of one of the layers.
_HANDED_ON = {"classes", "classifier_activation", "dropout", "dropout_rate"}


# ---- arguments -----------------------------------------------------------------------------------


def _bad(
    layer: Layer, argument: str, expected: str, found: Value, *, help: str = ""
) -> TypeMismatch:
    return TypeMismatch(
        f"`{argument}` of `{layer.cls}` must be {expected}, not {found!r}",
        help=help,
        code="MTG405",
        argument=argument,
    )


def _check_top(layer: Layer, arguments: Mapping[str, Value]) -> None:
    """Return what the classifier may be, above all one that comes trained."""
    classes, activation = arguments["classes"], arguments["classifier_activation"]
    other = "give `weights=None`, or `include_top=False` and a classifier of your own"
    if arguments["weights"] == "imagenet" and classes != 1000:
        raise _bad(
            layer, "classes", "1000 for a classifier trained on ImageNet", classes, help=other
        )
    if not isinstance(classes, int) or classes < 1:
        raise _bad(layer, "classes", "a whole number above 0", classes)
    if arguments["weights"] is not None and activation not in ("softmax", "linear", None):
        if isinstance(activation, (PythonObject, KerasObject)):
            return
        expected = '"softmax" or None where the classifier comes trained'
        raise _bad(layer, "classifier_activation", expected, activation, help=other)


def _declared(
    layer: Layer, facts: ApplicationFacts, given: Value, top: bool, trained: bool
) -> Shape:
    """Return the shape the application is built for (`imagenet_utils.obtain_input_shape`)."""
    if not given and given not in (0, False, ""):
        if top and facts.size is not None:
            return (facts.size, facts.size, 3)
        return tuple(UNKNOWN if n is None else n for n in facts.bare)
    lengths = [n for n in items(given) if n is None or isinstance(n, (int, Length))]
    if not len(lengths) == len(items(given)) == 3:
        expected = "three lengths: height, width and channels"
        raise _bad(layer, "input_shape", expected, given)
    shape: Shape = tuple(UNKNOWN if n is None else n for n in lengths)
    height, width, channels = shape
    if trained and channels != 3:
        raise _bad(layer, "input_shape", "of 3 channels for weights from ImageNet", given)
    if trained and top and facts.trained is not None:
        size = height if height == width and height in facts.trained else facts.size
        if given != (size, size, 3):
            expected = f"{(size, size, 3)} for a classifier trained on ImageNet"
            help = "give `include_top=False` and a classifier of your own, or `weights=None`"
            raise _bad(layer, "input_shape", expected, given, help=help)
    known = [n for n in (height, width) if is_known(n)]
    # MobileNetV3, which takes any size with a top as well, looks only where it knows both.
    if any(n < facts.least for n in known) and (facts.size is not None or len(known) == 2):
        least = f"at least {facts.least} by {facts.least}"
        raise _bad(layer, "input_shape", least, given)
    unknown = [n for n in shape if not is_known(n)]
    if unknown and ((top and facts.size is not None) or (trained and facts.static)):
        why = "for `include_top=True`" if top else "for weights from ImageNet"
        raise _bad(layer, "input_shape", f"known {why}", given)
    return shape


def _no_weights(
    layer: Layer, facts: ApplicationFacts, arguments: Mapping[str, Value]
) -> TypeMismatch:
    """No body is stored under these arguments, and so there are no weights for it."""
    names = sorted({name for when, _ in facts.bodies for name in when} & layer.arguments.keys())
    name = next((n for n in names if all(w.get(n) != arguments[n] for w, _ in facts.bodies)), "")
    name = name or next(iter(names), "alpha")
    stored = {when.get(name) for when, _ in facts.bodies}
    values = sorted(each for each in stored if isinstance(each, (int, float)))
    expected = f"{' or '.join(map(str, values))} for weights from ImageNet"
    return _bad(layer, name, expected, arguments.get(name), help="give `weights=None`")


def check_built(layer: Layer, declared: tuple[TensorType, ...], found: Diagnostics) -> None:
    """Report what does not fit inside an application as an error of its input shape."""
    error = next((each for each in found if each.is_error), None)
    if error is not None:
        raise TypeMismatch(
            f"`{layer.cls}` cannot be built for {declared[0]}: {error.message}",
            *error.notes,
            code=error.code,
            argument="input_shape",
        )


# ---- the graph -----------------------------------------------------------------------------------


class _Chosen(NamedTuple):
    """Which of the heads, bodies and tails of an application is meant."""

    head: int
    body: int
    tail: int


def _choose(facts: ApplicationFacts, known: Mapping[str, Value]) -> _Chosen | None:
    found = []
    for parts in (facts.heads, facts.bodies, facts.tails):
        for number, (when, _) in enumerate(parts):
            if all(_holds(name, value, known[name]) for name, value in when.items()):
                found.append(number)
                break
        else:
            return None
    return _Chosen(*found)


def _holds(name: str, wanted: Value, found: Value) -> bool:
    if isinstance(wanted, bool):
        return bool(found) == wanted
    if name == "dropout_rate":  # no dropout where it is not above 0
        return isinstance(found, (int, float)) and found <= 0
    return bool(found == wanted)


@lru_cache(maxsize=64)
def _graph(
    name: str, chosen: _Chosen, shape: Shape, settings: tuple[tuple[str, Value], ...], infer: Infer
) -> Graph:
    """Return the graph of an application; the same object for the same application."""
    facts = application(name)
    assert facts is not None
    graph = _begun(name, shape)
    values = {f"${key}": value for key, value in settings}
    made = [_arguments(name, arguments, values, shape) for _, arguments, *_ in facts.layers]
    parts = (facts.heads[chosen.head], facts.bodies[chosen.body], facts.tails[chosen.tail])
    for _, calls in parts:
        for call in calls:
            number, *back = [call, 1] if isinstance(call, int) else call
            cls, _, *positional = facts.layers[number]
            place = len(graph.calls)
            refs = [TensorRef(place - steps) for steps in back]
            title = f"{snake_case(cls.rpartition('.')[2])}_{place}"
            if positional:
                left = iter(refs)
                args: tuple[Value, ...] = tuple(
                    [next(left) if arg is None else arg for arg in positional[0]]
                )
                layer: Layer = Op(title, cls, {}, NOWHERE)
            else:
                args = (refs[0],) if len(refs) == 1 else ([*refs],)
                if cls == "Sequential":
                    built_for = _shape(infer(graph, Diagnostics()).of(refs[0]))
                    chain = _chain(made[number]["layers"], built_for)
                    layer = NestedModel(title, chain, {}, NOWHERE)
                else:
                    layer = _layer(title, cls, made[number])
            graph.add_call(layer, args, {}, NOWHERE)
    return _ended(graph)


def _begun(name: str, shape: Shape) -> Graph:
    graph = Graph(name)
    declared: dict[str, Value] = {"shape": shape, "dtype": "float32"}
    graph.add_call(InputLayer("image", declared, NOWHERE), (), {}, NOWHERE)
    return graph


def _ended(graph: Graph) -> Graph:
    last = TensorRef(len(graph.calls) - 1)
    graph.outputs.append(Output(graph.calls[last.call].layer.name, last, NOWHERE))
    return graph


def _layer(title: str, cls: str, arguments: dict[str, Any]) -> Layer:
    module, _, name = cls.rpartition(".")
    if module:
        return PythonLayer(title, module, name, (), arguments, NOWHERE)
    return KerasLayer(title, name, arguments, NOWHERE)


def _shape(tensor: TensorType) -> Shape:
    """Return the shape that Keras builds a `Sequential` for that is called on a tensor."""
    return (UNKNOWN, UNKNOWN, UNKNOWN) if tensor.shape is None else tensor.shape[1:]


def _chain(layers: list[list[Any]], shape: Shape) -> Graph:
    """Return a `Sequential` in an application."""
    graph = _begun("Sequential", shape)
    graph.sequential = True
    for place, (cls, arguments) in enumerate(layers, 1):
        title = f"{snake_case(cls.rpartition('.')[2])}_{place}"
        graph.add_call(_layer(title, cls, arguments), (TensorRef(place - 1),), {}, NOWHERE)
    return _ended(graph)


def _arguments(name: str, value: object, values: Mapping[str, Any], shape: Shape) -> Any:
    """Return stored arguments with the application's own in their places."""
    if isinstance(value, str):
        return values.get(value, value)
    if isinstance(value, list):
        return [_arguments(name, item, values, shape) for item in value]
    if isinstance(value, dict):
        if "of" in value:
            return _zeros(name, value["same"], value["of"], shape)
        if "keras" in value:
            kind, cls = value["keras"]
            given = _arguments(name, value["arguments"], values, shape)
            return KerasObject(kind, cls, given, NOWHERE)
        return {key: _arguments(name, item, values, shape) for key, item in value.items()}
    return value


def _zeros(name: str, same: int, of: list[int], shape: Shape) -> list[list[int]]:
    """Return the zeros before and after height and width (`imagenet_utils.correct_pad`)."""
    height, width, _ = shape
    if not is_known(height):
        return [[same - 1, same]] * 2
    if not is_known(width):
        raise TypeMismatch(
            f"`{name}` cannot be built for a known height and an unknown width",
            help="give both in `input_shape`, or neither",
            code="MTG405",
            argument="input_shape",
        )
    more, by = of
    return [[same - 1 + (length + more) // by % 2, same] for length in (height, width)]


# ---- layers that are none of `keras.layers` ------------------------------------------------------


def _layer_scale(call: LayerCall) -> Result:
    """gamma, for each channel; Keras gives the weight no name, and so numbers it."""
    tensor = numeric(call, single(call, "x"))
    gamma = weight(call, "variable", (whole(call, "projection_dim"),))
    return unchanged(call, tensor, gamma)


def _custom_scale(call: LayerCall) -> Result:
    """Return the first tensor and a fraction of the second."""
    tensors = several(call, 2, 2)
    return unchanged(call, next(tensor for tensor in tensors if is_tensor(tensor)))


_PRIVATE: dict[tuple[str, str], Rule] = {
    ("keras.src.applications.convnext", "LayerScale"): _layer_scale,
    ("keras.src.applications.inception_resnet_v2", "CustomScaleLayer"): _custom_scale,
}


def apply_private(
    layer: PythonLayer, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Result | None:
    """Apply the rule of a layer that Keras keeps for its applications; None for any other."""
    rule = _PRIVATE.get((layer.module, layer.cls))
    try:
        call = LayerCall(layer.cls, layer.name, layer.arguments, args, kwargs)
        return None if rule is None else rule(call)
    except UnknownType:
        return None
