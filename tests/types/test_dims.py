"""The algebra of lengths: canonical form against Python's arithmetic on random numbers."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtg.lengths.dims import BATCH, UNKNOWN, Dim, Length, Symbol, is_known
from mtg.lengths.equality import may_be_below, same
from mtg.types.tensor import TensorType

S, T, U = Symbol("S"), Symbol("T"), Symbol("U")
NAMES = {S: "S", T: "T", U: "U"}

#: An expression: as a length, and as a function of numbers for S, T and U.
Expression = tuple[Dim, Callable[[dict[str, int]], int]]


def _leaf(length: Length) -> Expression:
    return length, lambda numbers: numbers[NAMES[length]]


def _plus(a: Expression, b: Expression) -> Expression:
    return a[0] + b[0], lambda numbers: a[1](numbers) + b[1](numbers)


def _minus(a: Expression, b: Expression) -> Expression:
    return a[0] - b[0], lambda numbers: a[1](numbers) - b[1](numbers)


def _times(a: Expression, b: Expression) -> Expression:
    return a[0] * b[0], lambda numbers: a[1](numbers) * b[1](numbers)


def _over(a: Expression, divisor: int) -> Expression:
    return a[0] // divisor, lambda numbers: a[1](numbers) // divisor


leaves = st.one_of(
    st.sampled_from([S, T, U]).map(_leaf),
    st.integers(-6, 6).map(lambda n: (n, lambda numbers: n)),
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(_plus, inner, inner),
        st.builds(_minus, inner, inner),
        st.builds(_times, inner, inner),
        st.builds(_over, inner, st.sampled_from([1, 2, 3, 4, 6, -2])),
    ),
    max_leaves=7,
)
numbers = st.fixed_dictionaries({name: st.integers(1, 40) for name in "STU"})


def evaluate(dim: Dim, values: dict[str, int]) -> Dim:
    if isinstance(dim, int):
        return dim
    return dim.substitute({length: values[name] for length, name in NAMES.items()})


@given(expressions, numbers)
def test_canonical_form_is_the_arithmetic(expression: Expression, values: dict[str, int]) -> None:
    length, function = expression
    assert evaluate(length, values) == function(values)


@given(expressions, numbers)
def test_text_is_the_arithmetic(expression: Expression, values: dict[str, int]) -> None:
    length, function = expression
    assert eval(str(length), {}, dict(values)) == function(values)


@given(expressions, numbers)
def test_substituting_names_for_names(expression: Expression, values: dict[str, int]) -> None:
    length, _ = expression
    if isinstance(length, int):
        return
    swapped = length.substitute({S: T, T: S})
    other = {**values, "S": values["T"], "T": values["S"]}
    assert evaluate(swapped, values) == evaluate(length, other)


@given(expressions, expressions, st.lists(numbers, min_size=3, max_size=3))
def test_same_is_never_wrong(a: Expression, b: Expression, many: list[dict[str, int]]) -> None:
    verdict = same(a[0], b[0])
    bare = a[0] in NAMES and b[0] in NAMES
    for values in many:
        equal = a[1](values) == b[1](values)
        if verdict is True:
            assert equal
        elif verdict is False and not bare:
            assert not equal


@given(expressions, st.integers(-3, 8), numbers)
def test_may_be_below_is_never_wrong(a: Expression, least: int, values: dict[str, int]) -> None:
    verdict = may_be_below(a[0], least)
    if verdict is not None:
        assert verdict is (a[1](values) < least)


@given(expressions, expressions)
def test_equal_lengths_are_equal_in_python(a: Expression, b: Expression) -> None:
    """What arithmetic makes equal is one value, with one hash."""
    left, right = _plus(a, b)[0], _plus(b, a)[0]
    assert left == right
    assert hash(left) == hash(right)
    assert _minus(_plus(a, b), b)[0] == a[0]
    assert same(left, right) is True


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (T, "T"),
        (T - 4, "T-4"),
        (4 - T, "4-T"),
        ((T - 5) // 2 + 1, "(T-3)//2"),
        ((T - 1) // 2 + 1, "(T+1)//2"),
        (2 * (T // 2), "2*(T//2)"),
        (T // 2 + 1, "T//2+1"),
        (T // 2 // 3, "T//6"),
        (T * 8, "8*T"),
        (T * 8 // 4, "2*T"),
        (T * S, "S*T"),
        (T * S // S, "T"),
        ((T + S) // 2, "(S+T)//2"),
        (T - T // 2, "T-(T//2)"),
        (-T, "-T"),
        (BATCH, "batch"),
        (BATCH * 2, "2*batch"),
        (UNKNOWN, "?"),
    ],
)
def test_text(length: Dim, text: str) -> None:
    assert str(length) == text


def test_arithmetic_may_end_in_a_number() -> None:
    assert T - T + 3 == 3
    assert isinstance(T - T, int)
    assert T // T == 1
    assert (T * 6) // (T * 2) == 3


def test_unknown_absorbs_everything() -> None:
    for found in (UNKNOWN + 1, 1 - UNKNOWN, UNKNOWN * 0, T + UNKNOWN, UNKNOWN // 2, T // UNKNOWN):
        assert found is UNKNOWN
    assert UNKNOWN.substitute({T: 1}) is UNKNOWN
    assert (T * S + 1) // S is UNKNOWN


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        (3, 3, True),
        (3, 4, False),
        (T, T, True),
        (T, S, False),
        (T, 5, None),
        (T, T - 4, False),
        (T, 2 * T, False),
        (2 * T, 3, False),
        (T // 2, (T + 1) // 2, None),
        (T, T // 2, False),
        (T // 2 + (T + 1) // 2, T, True),
        (2 * (T // 2), 2 * ((T - 1) // 2) + 1, False),
        (2 * (T // 2), T, None),
        (T, BATCH, None),
        (UNKNOWN, UNKNOWN, None),
        (UNKNOWN, 3, None),
        (T, UNKNOWN, None),
    ],
)
def test_same(a: Dim, b: Dim, verdict: bool | None) -> None:
    assert same(a, b) is verdict
    assert same(b, a) is verdict


def test_names_are_the_names() -> None:
    assert Symbol("T") == T
    assert Symbol("batch") != BATCH
    assert Symbol("?") != UNKNOWN
    assert {name.name for name in ((T + 1) // 2 * S).names()} == {"S", "T"}  # type: ignore[union-attr]
    assert is_known(3)
    assert not is_known(T)


def test_copies_are_the_same() -> None:
    for length in (T, (T - 1) // 2, BATCH, UNKNOWN):
        assert copy.deepcopy(length) == length
        assert pickle.loads(pickle.dumps(length)) == length
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN
    assert copy.copy(UNKNOWN) is UNKNOWN


def test_division_by_zero_is_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        T // 0


def test_types_read_as_an_input_is_written() -> None:
    assert str(TensorType("float32", (BATCH, 5, T))) == "float32[5, T]"
    assert str(TensorType(None, (UNKNOWN, UNKNOWN))) == "?[?]"
    assert str(TensorType("int32", (2, 3))) == "int32(2, 3)"
    assert str(TensorType("int32", None)) == "int32[...]"
    assert TensorType("int32", None).rank is None


@pytest.mark.parametrize(
    "step",
    [
        lambda length: (length - 1) // 2 * 3,
        lambda length: length * 3 // 2,
        lambda length: (2 * length + 1) // 3,
        lambda length: length * (T + 1),
        lambda length: length // 3 + length,
    ],
)
def test_what_grows_without_end_becomes_unknown(step: Callable[[Dim], Dim]) -> None:
    """Some of these double with each step: so many layers must not take so much time."""
    length: Dim = T
    for _ in range(1000):
        length = step(length)
        assert len(str(length)) < 2000
    assert length is UNKNOWN
