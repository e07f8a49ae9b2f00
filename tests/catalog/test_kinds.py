"""Kinds of value: the notation, the check, its words, and Keras as the judge of all of it."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from goldens import expect
from hypothesis import given
from hypothesis import strategies as st
from mtg.catalog import Entry, Parameter, catalog
from mtg.catalog.kinds import ListKind, parse, refuse, right_kind, words
from mtg.lengths.dims import Symbol

from tools.catalog import sampling, try_value
from tools.catalog.overrides import DECIDED, decided

POOL: list[Any] = [
    *(None, True, False),
    *(-2, -1, 0, 1, 2, 3, 64),
    *(-1.5, -0.5, 0.0, 0.5, 1.0, 2.5, 64.0),
    *("mtg-nonsense", {"a": 1}),
    *([], [1], [2, 2], [0.25, 0.5], [1, 1, 1], [0, 0], [-1, -1], ["a"]),
    *([[1, 1], [1, 1]], [[1, 1], [1, 1], [1, 1]]),
]
SWITCHES = {"bool", "bool|none"}
OBJECTS = {"activation", "constraint", "initializer", "regularizer"}


def parameter(takes: str, **facts: Any) -> Parameter:
    return Parameter("p", False, None, facts.pop("kinds", ()), takes=takes, **facts)


def entries() -> Iterator[Entry]:
    for kind in catalog().kinds():
        for name in catalog().names(kind):
            entry = catalog().find(kind, name)
            assert entry is not None
            if entry.name == name:
                yield entry


# ---- the notation and the check ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("takes", "good", "of_the_kind", "of_another"),
    [
        ("int>=1", [1, 7], [0, -3], [1.0, True, None, "1", [1]]),
        ("number>=0<=1", [0, 1, 0.5], [-0.1, 1.1, 2, float("nan")], [False, "a", [0.5], None]),
        ("number>0<1", [0.5], [0, 1, 0.0], [None]),
        ("float", [0.5, 1.0], [], [1, True]),
        ("bool", [True, False, 0, 1], [], [2, 0.0, None, "yes", [True]]),
        ("text|none", ["a", "", None], [], [1, ["a"]]),
        ("dict", [{}, {"a": 1}], [], [None, []]),
        ("any", [1, None, [2], {}], [], []),
        ("2*[int>=0]", [(0, 1), [2, 2], range(2)], [(0, -1)], [(1,), 1, (1, 2, 3), (1, 0.5), []]),
        ("[int|none]", [(), [1, None]], [], [1, ["a"]]),
        ("int>=0|2*[int>=0]|2*[2*[int>=0]]", [0, (1, 2), ((1, 2), (0, 0))], [-1], [(1,), ((1,),)]),
        ("", [1, None, "a", [object()]], [], []),
    ],
)
def test_what_fits(
    takes: str, good: list[Any], of_the_kind: list[Any], of_another: list[Any]
) -> None:
    tried = parameter(takes)
    assert [value for value in good if refuse(tried, value) is not None] == []
    for value in [*of_the_kind, *of_another]:
        assert refuse(tried, value) == words(tried)
    assert all(right_kind(tried, value) for value in of_the_kind)
    assert not any(right_kind(tried, value) for value in of_another)


@pytest.mark.parametrize("takes", ["int>=1", "bool", "2*[int]", "text", "none", "dict"])
def test_what_is_no_plain_value_can_always_be_meant(takes: str) -> None:
    for value in (object(), Symbol("T"), Symbol("T") // 2, print, 1j):
        assert refuse(parameter(takes), value) is None
    assert refuse(parameter("2*[int>=1]"), [Symbol("T"), 3]) is None
    assert refuse(parameter("2*[int>=1]"), [Symbol("T"), 0]) is not None


@pytest.mark.parametrize(
    ("takes", "said"),
    [
        ("int>=1", "a positive whole number"),
        ("int>=0", "a whole number, 0 or more"),
        ("number>=0<=1", "a number from 0 to 1"),
        ("number>0<1", "a number above 0 and below 1"),
        ("int>=1|2*[int>=1]", "a whole number or 2 of them, each 1 or more"),
        ("int>=0|2*[int>=0]|2*[2*[int>=0]]",
         "a whole number, 2 of them or 2 pairs of them, each 0 or more"),
        ("int>=1|1*[int>=1]|none", "a whole number or a list of one, each 1 or more, or None"),
        ("int|[int]|none", "a whole number or a list of them, or None"),
        ("[int|none]|none", "a list of whole numbers and None, or None"),
        ("bool|none", "True, False or None"),
        ("text|none", "a string or None"),
        ("", ""),
    ],
)  # fmt: skip
def test_words(takes: str, said: str) -> None:
    assert words(parameter(takes)) == said


def test_words_of_choices_and_objects() -> None:
    assert words(parameter("text|none", choices=("same", "valid"))) == '"same", "valid" or None'
    kinds = ("regularizer",)
    assert words(parameter("dict|text|none", kinds=kinds)) == "a regularizer, its name or None"
    assert words(parameter("dict|text", kinds=("layer",))) == "a layer"
    assert words(parameter("number|dict", kinds=("schedule",))) == "a schedule or a number"


@pytest.mark.parametrize(
    "takes", ["int>", "whole", "2*int", "[int", "int|", "int]", " int", "int|x"]
)
def test_what_is_no_kind(takes: str) -> None:
    with pytest.raises(ValueError, match="not a kind of value"):
        parse(takes)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=6,
)
notations = sorted({p.takes for entry in entries() for p in entry.parameters})


@given(st.sampled_from(notations), plain)
def test_any_value_is_taken_or_refused_with_words(takes: str, value: Any) -> None:
    said = refuse(parameter(takes), value)
    assert said is None or said == words(parameter(takes)) != ""
    if said is None:
        assert not takes or right_kind(parameter(takes), value)


# ---- the catalogue -------------------------------------------------------------------------------


def test_every_kind_can_be_read_and_said() -> None:
    for entry in entries():
        for each in entry.parameters:
            said = words(each)
            assert bool(said) or not parse(each.takes) or "any" in each.takes, (entry.name, each)


def test_defaults_are_of_their_kind() -> None:
    for entry in entries():
        for each in entry.parameters:
            # Keras gives it a default that it then refuses.
            if not each.required and (entry.name, each.name) != ("CategoryEncoding", "num_tokens"):
                assert refuse(each, each.default) is None, (entry.name, each)


def test_every_decision_is_used() -> None:
    used: Counter[tuple[str, str, str, str]] = Counter()
    for entry in entries():
        for each in entry.parameters:
            found = decided(entry.kind, entry.name, each.name)
            if found is not None:
                used[first(entry.kind, entry.name, each.name)] += 1
    assert [row for row in DECIDED if not used[row]] == []


def first(kind: str, name: str, of: str) -> tuple[str, str, str, str]:
    return next(row for row in DECIDED if all(map(re.fullmatch, row[:3], (kind, name, of))))


def test_how_calls_take_tensors() -> None:
    expected = {
        "Dense": ("one", 1), "LSTM": ("one", None), "Add": ("list", 1), "Attention": ("list", None),
        "MultiHeadAttention": ("several", None), "LSTMCell": ("several", None), "Dot": ("list", 1),
        "HashedCrossing": ("list", 1), "Lambda": ("one", None), "JaxLayer": ("", None),
        "TimeDistributed": ("one", None), "BatchNormalization": ("one", 1),
    }  # fmt: skip
    for name, facts in expected.items():
        entry = catalog().find("layer", name)
        assert entry is not None
        assert (entry.tensors, entry.results) == facts, name


# ---- Keras as the judge --------------------------------------------------------------------------


def keras_takes(entry: Entry, name: str, value: Any) -> bool:
    thing = getattr(importlib.import_module("keras.layers"), entry.name)
    with contextlib.redirect_stderr(io.StringIO()):
        return try_value.takes("layer", entry.name, thing, **{name: value})


def shown(values: list[Any]) -> str:
    return " ".join(str(value).replace(" ", "").replace("'", "") for value in values)


@pytest.mark.keras
def test_layers_take_what_keras_takes() -> None:
    """Every layer, every parameter, every value of the pool, as far as constructor and call show.

    The golden lists what differs: what mtg refuses on purpose, and what it cannot know to be wrong.
    """
    refused: dict[tuple[str, str, str], list[str]] = {}
    unknown: dict[tuple[str, str, str], list[str]] = {}
    tried = 0
    for entry in entries():
        if entry.kind != "layer" or entry.name in sampling.NOT_PROBED:
            continue
        for each in entry.parameters:
            # Not every back end takes the same seeds; the base class's arguments are Dense's.
            if each.name == "seed" or (entry.name != "Dense" and each.name in BASE):
                continue
            if each.takes in SWITCHES or OBJECTS & {*each.kinds}:
                continue
            strings = bool(each.kinds or each.choices)
            pool = [value for value in POOL if not (strings and isinstance(value, (str, dict)))]
            tried += len(pool)
            ours = [refuse(each, value) is None for value in pool]
            theirs = [keras_takes(entry, each.name, value) for value in pool]
            for table, differ in ((refused, (False, True)), (unknown, (True, False))):
                values = [
                    value
                    for value, *both in zip(pool, ours, theirs, strict=True)
                    if tuple(both) == differ
                ]
                if table is refused and "bool" not in each.takes:
                    # A truth value is no number: that is said once, at the top.
                    values = [value for value in values if not isinstance(value, bool)]
                if values:
                    table.setdefault((each.name, each.takes, shown(values)), []).append(entry.name)
    assert tried > 7000
    text = "# What mtg refuses and Keras lets through, though it can only be a mistake:\n"
    text += "# True and False for a number, anything else for a switch, and these.\n"
    text += told(refused)
    text += (
        "\n# What mtg takes and Keras refuses: it depends on other arguments or on the tensor.\n"
    )
    text += told(unknown)
    expect(text, "layers/differences.txt")


BASE = {"name", "trainable", "dtype", "activity_regularizer", "autocast"}


def told(table: dict[tuple[str, str, str], list[str]]) -> str:
    return "".join(
        f"{name} ({takes or 'anything'}): {values}\n    {' '.join(classes)}\n"
        for (name, takes, values), classes in sorted(table.items())
    )


def test_switches_and_objects_take_what_they_must() -> None:
    """What the comparison leaves out for time's sake: Keras lets anything be a switch."""
    for entry in entries():
        for each in entry.parameters:
            if each.takes in SWITCHES:
                assert refuse(each, True) is None
                assert refuse(each, 3) is not None
            if OBJECTS & {*each.kinds}:
                assert refuse(each, 0.01) is not None
                assert refuse(each, {"class_name": "L2", "config": {}}) is None


def test_lists_are_as_long_as_the_class_has_axes() -> None:
    for rank in (1, 2, 3):
        entry = catalog().find("layer", f"Conv{rank}D")
        assert entry is not None
        for name in ("kernel_size", "strides", "dilation_rate"):
            of = entry.parameter(name)
            assert of is not None
            lists = [each for each in parse(of.takes) if isinstance(each, ListKind)]
            assert [each.length for each in lists] == [rank]
