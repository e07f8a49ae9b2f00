"""Rules are never wrong about what they do not know, and never break on what makes no sense."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from layer_cases import cases
from mtg.catalog import catalog
from mtg.graph.values import KerasObject, PythonObject
from mtg.text.source import NOWHERE
from oracle import Case, In, Sub, ask_mtg
from test_op_rules import CASES as OP_CASES

CASES = cases()
STRANGE: list[Any] = [
    *(
        None,
        True,
        -1,
        0,
        7,
        1.5,
        -0.5,
        "x",
        "",
        [],
        (),
        {},
        [1, "a"],
        (None,),
        (0,),
        [[]],
        [None, 1],
    ),
    *((1, 2), (3, 1, 2), ((1, 2), (3, 4)), (-1, -1), {"a": 1}, float("nan"), 10**30),
    KerasObject("initializer", "Zeros", {}, NOWHERE),
    KerasObject("dtype_policy", "DTypePolicy", {"name": "mixed_float16"}, NOWHERE),
    PythonObject("module", "name", None, NOWHERE),
    Sub("Dense", {"units": 3}),
    Sub("LSTM", {}),
    [Sub("LSTMCell", {"units": "x"})],
]


def accepted(cls: str) -> list[Case]:
    return [case for case in CASES[cls] if ask_mtg(case)[0].refused is None]


@pytest.mark.parametrize("cls", sorted(CASES))
def test_strange_arguments_break_nothing(cls: str) -> None:
    case = accepted(cls)[0]
    entry = catalog().find("layer", cls)
    assert entry is not None
    for parameter, strange in itertools.product(entry.parameters, STRANGE):
        if parameter.name == "name":
            continue
        ask_mtg(Case(cls, {**case.arguments, parameter.name: strange}, case.args, case.kwargs))


@pytest.mark.parametrize("cls", sorted(CASES))
def test_strange_calls_break_nothing(cls: str) -> None:
    case = accepted(cls)[0]
    x, image, word = In((5, 4)), In((8, 8, 4)), In((4,), "string")
    calls: list[tuple[Any, ...]] = [
        *((), (x, x), ([x, x],), ([],), ([[x]],), (image,), (word,), (3,), (None,), ("x",), ({},)),
        *(((x, x),), ([x, 3],), ([x, None],), (x, [x, [x]]), (x, 5), ({"a": x},), (x, x, x, x)),
    ]
    for args in calls:
        ask_mtg(Case(cls, case.arguments, args))
        ask_mtg(Case(cls, case.arguments, (), {"inputs": args, "query": args[:1], "value": None}))


@pytest.mark.parametrize("cls", sorted(CASES))
def test_unknown_inputs_are_no_error(cls: str) -> None:
    """With nothing known of the inputs there is no error, and no wrong number of results."""
    for case in accepted(cls)[::9]:
        known, unknown = ask_mtg(case)[0], ask_mtg(case, blank=True)[0]
        if unknown.refused == "NO RULE":
            continue
        assert unknown.refused is None, case
        assert len(unknown.outputs) == len(known.outputs), case
        for (dtype, shape), (right_dtype, right_shape) in zip(
            unknown.outputs, known.outputs, strict=True
        ):
            assert dtype in (None, right_dtype), case
            assert shape in (None, right_shape), case
        assert unknown.weights in (None, known.weights), case


@pytest.mark.parametrize("name", sorted(OP_CASES))
def test_strange_operands_break_nothing(name: str) -> None:
    case = next(case for case in OP_CASES[name] if ask_mtg(case)[0].refused is None)
    for place, strange in itertools.product(range(len(case.args)), STRANGE):
        args = (*case.args[:place], strange, *case.args[place + 1 :])
        ask_mtg(Case(name, {}, args, case.kwargs, op=True))
    for key, strange in itertools.product(case.kwargs, STRANGE):
        ask_mtg(Case(name, {}, case.args, {**case.kwargs, key: strange}, op=True))
    ask_mtg(Case(name, {}, (), {}, op=True))
    ask_mtg(Case(name, {}, (*case.args, *[1] * 9), {}, op=True))
    ask_mtg(case, blank=True)
