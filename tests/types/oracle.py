"""Keras as the oracle: the same call, made in Keras and inferred by mtg, and whether they agree."""

from __future__ import annotations

import inspect
import operator
import re
import warnings
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from case import Case, In, Sub, layers_of, mapped, with_length
from keras.src.backend.common import global_state
from mtg.graph.graph import Graph, Output
from mtg.graph.layers import InputLayer, KerasLayer, Op, PythonLayer
from mtg.graph.values import TensorRef
from mtg.lengths.dims import BATCH, UNKNOWN, Length, Symbol, is_known
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import NOWHERE
from mtg.types.infer import Types, infer


@dataclass(frozen=True)
class Answer:
    """What a call gives: types of the results, weights, or the reason it was refused."""

    outputs: tuple[tuple[str | None, tuple[Any, ...] | None], ...] = ()
    weights: tuple[tuple[Any, ...], ...] | None = ()
    refused: str | None = None


# ---- Keras ---------------------------------------------------------------------------------------


def _keras_leaf(value: In | Sub) -> Any:
    if isinstance(value, In):
        return keras.Input(batch_shape=(value.batch, *value.shape), dtype=value.dtype)
    return getattr(keras.layers, value.cls)(**mapped(dict(value.arguments), _keras_leaf))


def ask_keras(case: Case) -> Answer:
    """Make the call with Keras, on symbolic tensors.

    The weights get values only where it is said of which dtype or how: in the dtype float32, and
    from the initializers that Keras chooses, they always can, and values take most of the time.
    """
    arguments = {name for layer in layers_of(case) for name in layer.arguments}
    if any(name == "dtype" or name.endswith("_initializer") for name in arguments):
        # Keras would give values to those that were to have none, and stumble over them.
        global_state.set_global_attribute("uninitialized_variables", [])
        return _ask_keras(case, _keras_leaf)
    with keras.StatelessScope(initialize_variables=False):
        return _ask_keras(case, _keras_leaf)


#: What stands for a batch, and for every other length that is not known, when a call is run.
BATCH_SIZE, LENGTH = 2, 6


def runs(case: Case) -> bool:
    """Whether Keras can run the call, on tensors of ones."""
    return _ask_keras(case, _run_leaf).refused is None


def _run_leaf(value: In | Sub) -> Any:
    if isinstance(value, Sub):
        return _keras_leaf(value)
    shape = (value.batch or BATCH_SIZE, *(LENGTH if n is None else n for n in value.shape))
    if value.dtype == "string":
        return keras.ops.convert_to_tensor(np.full(shape, "a"))
    return keras.ops.ones(shape, value.dtype)


def _ask_keras(case: Case, leaf: Any) -> Answer:
    with warnings.catch_warnings():
        # A warning is no refusal.
        warnings.simplefilter("ignore")
        return _answer(case, leaf)


def _answer(case: Case, leaf: Any) -> Answer:
    layer = None
    try:
        args, kwargs = mapped(case.args, leaf), mapped(dict(case.kwargs), leaf)
        if case.cls == "getitem":
            outputs = args[0][args[1]]
        elif case.op:
            outputs = operator.attrgetter(case.cls)(keras.ops)(*args, **kwargs)
        else:
            layer = _keras_leaf(Sub(case.cls, case.arguments))
            outputs = layer(*args, **kwargs)
    except Exception as error:
        return Answer(refused=f"{type(error).__name__}: {error}"[:3000])
    found = tuple(
        (keras.backend.standardize_dtype(tensor.dtype), tuple(tensor.shape))
        for tensor in keras.tree.flatten(outputs)
        if hasattr(tensor, "dtype")
    )
    weights = []
    trainable = [] if layer is None else [id(weight) for weight in layer.trainable_weights]
    for weight in [] if layer is None else layer.weights:
        dtype = keras.backend.standardize_dtype(weight.dtype)
        weights.append((weight.name, tuple(weight.shape), dtype, id(weight) in trainable))
    return Answer(found, tuple(weights))


# ---- mtg -----------------------------------------------------------------------------------------


class _Build:
    """The graph of one call."""

    def __init__(self, named: bool, blank: bool) -> None:
        self.graph = Graph("case")
        self.named = named
        self.blank = blank
        self.lengths: dict[Length, int] = {}

    def leaf(self, value: In | Sub) -> Any:
        if isinstance(value, Sub):
            arguments = mapped(dict(value.arguments), self.leaf)
            trainable = arguments.pop("trainable", None)  # which is no argument in a graph
            name = f"sub_{value.cls}"
            return KerasLayer(name, value.cls, arguments, NOWHERE, trainable=trainable)
        shape = tuple(self.length() if length is None else length for length in value.shape)
        name = f"input_{len(self.graph.inputs)}"
        if self.blank:
            layer = PythonLayer(name, "mine", "Thing", (), {}, NOWHERE)
            return TensorRef(self.graph.add_call(layer, (), {}, NOWHERE).id)
        arguments = {"shape": shape, "dtype": value.dtype, "batch_size": value.batch}
        layer = InputLayer(name, arguments, NOWHERE)
        return TensorRef(self.graph.add_call(layer, (), {}, NOWHERE).id)

    def length(self) -> Length:
        """A length that is not known: without a name, or, to try the algebra, with one."""
        if not self.named:
            return UNKNOWN
        symbol = Symbol(f"T{len(self.lengths)}")
        self.lengths[symbol] = 0
        return symbol


NO_RULE = "NO RULE"


def ask_mtg(case: Case, *, named: bool = False, blank: bool = False) -> tuple[Answer, Types]:
    """Infer the call.

    With `named`, every unknown length is a name of its own; with `blank`, nothing is known of the
    tensors.
    """
    build = _Build(named, blank)
    args, kwargs = mapped(case.args, build.leaf), mapped(dict(case.kwargs), build.leaf)
    arguments = mapped(dict(case.arguments), build.leaf)
    layer = (Op if case.op else KerasLayer)("it", case.cls, arguments, NOWHERE)
    call = build.graph.add_call(layer, args, kwargs, NOWHERE)
    build.graph.outputs.append(Output("it", TensorRef(call.id), NOWHERE))
    diagnostics = Diagnostics()
    types = infer(build.graph, diagnostics)
    errors = [f"{found.code}: {found.message}" for found in diagnostics if found.is_error]
    if errors:
        return Answer(refused="; ".join(errors)), types
    outputs = types.outputs[call.id]
    if outputs is None:
        return Answer(refused=NO_RULE), types
    weights = types.weights[layer]
    found = tuple((output.dtype, output.shape) for output in outputs)
    return Answer(found, None if weights is None else tuple(map(tuple, weights))), types


# ---- comparison ----------------------------------------------------------------------------------


def _as_keras(shape: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    """What Keras would say of a shape: None for every length that is not a number."""
    return None if shape is None else tuple(n if is_known(n) else None for n in shape)


#: The dtype that Keras calls "int" depends on its back end; the rules say TensorFlow's.
_INTEGER = keras.backend.standardize_dtype("int")


def disagreement(case: Case, *, unknown: bool = False) -> str | None:
    """How mtg and Keras differ about a call, or None.

    What Keras builds and cannot run, mtg may refuse.

    With `unknown`, mtg may know less: a shape or weights of None stand for anything.
    """
    keras_says, (mtg_says, _) = ask_keras(case), ask_mtg(case)
    if unknown and says_nothing(mtg_says):
        return None
    if (keras_says.refused is None) != (mtg_says.refused is None):
        if mtg_says.refused not in (None, NO_RULE) and not runs(case):
            return None
        return f"{case}\n  Keras: {keras_says}\n  mtg:   {mtg_says}"
    if keras_says.refused is not None:
        return None
    ours = tuple((dtype, _as_keras(shape)) for dtype, shape in mtg_says.outputs)
    theirs = keras_says.outputs
    if unknown and len(ours) == len(theirs):
        theirs = tuple(
            (a if a is None else b, c if c is None else d)
            for (a, c), (b, d) in zip(ours, theirs, strict=True)
        )
    weights = mtg_says.weights
    if weights is not None:
        weights = tuple(
            (name, shape, _INTEGER if name == "count" else dtype, trainable)
            for name, shape, dtype, trainable in weights
        )
    elif unknown:
        weights = keras_says.weights
    if ours == theirs and weights == keras_says.weights:
        return None
    return f"{case}\n  Keras: {keras_says}\n  mtg:   {mtg_says}"


#: What is particular to one refusal: names, lists, numbers, and the value that was given.
_PARTICULAR = re.compile(
    r", not the .*|`[^`]*`|\[.*?\]|\(.*?\)|\b(u?int|b?float)\d+\b|\bbool\b|(?<!\w)-?\d+(\.\d+)?"
)


def reason(answer: Answer) -> str | None:
    """Why mtg refuses a call, without what is particular to it."""
    return answer.refused and _PARTICULAR.sub("_", answer.refused)


def says_nothing(answer: Answer) -> bool:
    """Whether mtg knows neither a shape nor the weights."""
    if answer.refused is not None:
        return answer.refused == NO_RULE
    return answer.weights is None and all(shape is None for _, shape in answer.outputs)


def wrong_length(case: Case, numbers: tuple[int, ...] = (6, 9)) -> str | None:
    """Whether symbolic lengths stand for what Keras says of numbers in their place, or how not.

    Every unknown length gets a name; the results, with numbers for the names, must be those that
    Keras gives for inputs of these lengths, wherever Keras takes such inputs at all.
    """
    symbolic, _ = ask_mtg(case, named=True)
    if symbolic.refused is not None:
        return None
    for number in numbers:
        ask = ask_keras(
            Case(
                case.cls,
                case.arguments,
                mapped(case.args, lambda value, n=number: with_length(value, n)),
                mapped(dict(case.kwargs), lambda value, n=number: with_length(value, n)),
                case.op,
            )
        )
        if ask.refused is not None:
            continue
        for (_, ours), (_, theirs) in zip(symbolic.outputs, ask.outputs, strict=True):
            for a, b in zip(ours or (), theirs, strict=ours is not None):
                if isinstance(a, Length):
                    if a is UNKNOWN or BATCH.names() & a.names():
                        continue
                    a = a.substitute({Symbol(name.name): number for name in a.names()})
                if a != b and b is not None:
                    return (
                        f"{case} with {number}\n  Keras: {ask.outputs}\n  mtg: {symbolic.outputs}"
                    )
    return None


def keras_layers() -> list[str]:
    """The layer classes of the installed Keras, without aliases."""
    return sorted(
        name
        for name, cls in inspect.getmembers(keras.layers, inspect.isclass)
        if issubclass(cls, keras.layers.Layer)
    )
