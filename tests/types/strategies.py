"""Calls at random: a call of the tables with other arguments and other tensors.

What an argument may be comes from the catalogue (its default, its choices, the kinds of object it
takes), from the tables, and from pools of values that are often wrong.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import keras
from case import Case, In, Sub, mapped
from hypothesis import strategies as st
from layer_cases import cases
from mtg.catalog import Parameter, catalog
from pools import DTYPES

LENGTHS = [None, 1, 2, 3, 4, 5, 6, 8]
TENSOR_DTYPES = ["float32"] * 4 + ["int32", "float16", "bool", "uint8", "int64"]
OBJECTS: dict[str, list[Any]] = {
    "activation": ["relu", "softmax", None],
    "constraint": ["non_neg", None],
    "dtype_policy": DTYPES,
    "initializer": ["zeros", "glorot_uniform", "orthogonal", "identity"],
    "regularizer": ["l2", None],
}
WHOLE = [-1, 0, 1, 2, 3, 5, True, 2.5, None, (1, 2), [2, 2]]
NUMBERS = [-0.5, 0, 0.0, 0.3, 1, 1.0, 2.5, None, (0.1, 0.2)]
TUPLES = [1, 2, (1,), (1, 2), [3, 2], (1, 1, 1), (0, 1), ((1, 2), (0, 1)), None]
#: Not drawn: what no rule is about, and what only some back ends of Keras take.
LEFT = {"name", "activity_regularizer"}
if keras.backend.backend() != "tensorflow":
    LEFT |= {"sparse", "ragged"}
ANYTHING = [None, None, 0, 1, -1, 2, (1, 2)]


@cache
def _tables() -> dict[str, list[Case]]:
    return cases()


def classes() -> list[str]:
    return sorted(_tables())


@cache
def _values(cls: str, name: str) -> list[Any]:
    """The values an argument may be given, right and wrong."""
    entry = catalog().find("layer", cls)
    parameter = entry and entry.parameter(name)
    seen = {
        repr(c.arguments[name]): c.arguments[name] for c in _tables()[cls] if name in c.arguments
    }
    return [*seen.values(), *(_derived(parameter) if parameter else ())]


def _derived(parameter: Parameter) -> list[Any]:
    default = parameter.default
    if parameter.kinds:
        return [value for kind in parameter.kinds for value in OBJECTS.get(kind, ())]
    if parameter.choices:
        return [*parameter.choices, None]
    for kind, pool in ((bool, [True, False]), (int, WHOLE), (float, NUMBERS), (list, TUPLES)):
        if isinstance(default, kind):
            return pool
    return [] if parameter.required else ANYTHING


@st.composite
def tensors(draw: st.DrawFn, tensor: In) -> In:
    """A tensor like another, or with other lengths, another rank or another dtype."""
    shape, dtype = list(tensor.shape), tensor.dtype
    change = draw(st.sampled_from(["none", "none", "length", "length", "drop", "add", "dtype"]))
    if change in ("length", "drop") and shape:
        axis = draw(st.integers(0, len(shape) - 1))
        shape[axis : axis + 1] = [draw(st.sampled_from(LENGTHS))] if change == "length" else []
    elif change == "add" and len(shape) < 5:
        shape.insert(draw(st.integers(0, len(shape))), draw(st.sampled_from(LENGTHS)))
    elif change == "dtype":
        dtype = draw(st.sampled_from(TENSOR_DTYPES))
    return In(tuple(shape), dtype, tensor.batch)


@st.composite
def calls(draw: st.DrawFn, cls: str) -> Case:
    """A call of a layer of this class."""
    like = draw(st.sampled_from(_tables()[cls]))
    entry = catalog().find("layer", cls)
    assert entry is not None
    names = [p.name for p in entry.parameters if p.name not in LEFT]
    arguments = dict(like.arguments)
    for name in draw(st.lists(st.sampled_from(names), max_size=2)) if names else ():
        values = _values(cls, name)
        if values:
            arguments[name] = draw(st.sampled_from(values))

    def other(leaf: In | Sub) -> In | Sub:
        return draw(tensors(leaf)) if isinstance(leaf, In) else leaf

    return Case(cls, arguments, mapped(like.args, other), mapped(dict(like.kwargs), other))
