"""Compile-time values: Python's operators and a few of its functions, within limits.

Everything here is a pure function of values. What has no value raises `CannotCompute`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from mtg.graph.describe import describe, short
from mtg.graph.values import DataArray
from mtg.graph.values import Value as Constant
from mtg.lengths.dims import Length
from mtg.limits import MAX_VALUE

#: Bits of a whole number. Lengths, counts and seeds need far fewer, and Python itself refuses to
#: print numbers of more than some 4,300 digits.
MAX_BITS = 128

#: Bits of a number that is the key of a dict: larger ones may be chosen so that Python takes them
#: all for candidates of each other, and a dict of thousands takes minutes.
MAX_KEY_BITS = 60

#: Names in a length such as `T * U + 1`. Products of sums would grow past all bounds.
MAX_ATOMS = 64

#: What the operators of Python are given, and give.
Value = Any
_T = TypeVar("_T")


class CannotCompute(Exception):
    """An expression has no value; the message says why, and `help` what to write instead."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


def sized(value: _T) -> _T:
    """Return the value itself, if it is not too large to be meant.

    Raises:
        CannotCompute: A list, tuple, dict or string has too many items, those within included.
    """
    count, stack = 0, list[Value]([value])
    while stack:
        item = stack.pop()
        if isinstance(item, (str, range)):
            count += len(item)
        elif isinstance(item, (list, tuple, dict)):
            count += len(item)
            stack.extend(item.values() if isinstance(item, dict) else item)
        if count > MAX_VALUE:
            raise CannotCompute(f"the result has more than {MAX_VALUE:,} items")
    return value


def weight(value: Value) -> int:
    """Return the size of a list, tuple, dict or string, with what is in it."""
    count, stack = 0, list[Value]([value])
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            count += len(item) // 10
        elif isinstance(item, range):
            count += len(item)
        elif isinstance(item, (list, tuple, dict)):
            count += len(item)
            stack.extend(item.values() if isinstance(item, dict) else item)
    return count


def as_key(key: Value) -> Value:
    """Return the value itself, if it can be the key of a dict.

    Raises:
        CannotCompute: It is a list or a dict, or holds a number that is too large.
    """
    stack = [key]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack.extend(item)
        elif isinstance(item, int) and item.bit_length() > MAX_KEY_BITS:
            raise CannotCompute(f"a key of a dict has at most {MAX_KEY_BITS} bits")
    try:
        hash(key)
    except TypeError:
        raise CannotCompute(f"{describe(key)} cannot be the key of a dict") from None
    return key


def _small(value: Value) -> Value:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise CannotCompute(f"the result has more than {MAX_BITS} bits")
    if isinstance(value, Length) and value.size > MAX_ATOMS:
        raise CannotCompute(f"the result has more than {MAX_ATOMS} names in it")
    return sized(value)


def _multiply(left: Value, right: Value) -> Value:
    for sequence, count in ((left, right), (right, left)):
        if isinstance(sequence, (str, list, tuple)) and isinstance(count, int):
            if len(sequence) * max(count, 0) > MAX_VALUE:
                raise CannotCompute(f"the result has more than {MAX_VALUE:,} items")
            return sequence * count
    _check_bits(left, right, lambda a, b: a + b)
    return left * right


def _power(left: Value, right: Value) -> Value:
    if isinstance(right, int) and right >= 0:
        _check_bits(left, right, lambda a, _: a * right)
    result = left**right
    if isinstance(result, complex):
        raise CannotCompute("the result is not a real number")
    return result


def _check_bits(left: Value, right: Value, bits: Callable[[int, int], int]) -> None:
    if (
        isinstance(left, int)
        and isinstance(right, int)
        and bits(left.bit_length(), right.bit_length()) > 2 * MAX_BITS
    ):
        raise CannotCompute(f"the result has more than {MAX_BITS} bits")


def _remainder(left: Value, right: Value) -> Value:
    if isinstance(left, str):
        raise CannotCompute("`%` does not format strings")
    return left % right


_UNARY: dict[str, Callable[[Value], Value]] = {
    "-": operator.neg,
    "+": operator.pos,
    "not": operator.not_,
}
_BINARY: dict[str, Callable[[Value, Value], Value]] = {
    "@": operator.matmul,  # of tensors alone: no value takes it
    "+": operator.add,
    "-": operator.sub,
    "*": _multiply,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": _remainder,
    "**": _power,
}
_COMPARE: dict[str, Callable[[Value, Value], Value]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}


def _attempt(
    compute: Callable[..., Value], arguments: Sequence[object], refusal: Callable[[], str]
) -> Constant:
    """Call a function; what it refuses is described by `refusal`, composed only then."""
    try:
        found: Constant = _small(compute(*arguments))
    except ZeroDivisionError:
        raise CannotCompute("division by zero") from None
    except OverflowError:
        raise CannotCompute("the result is too large") from None
    except (TypeError, ValueError):
        raise CannotCompute(refusal()) from None
    return found


def operate(symbol: str, operands: Sequence[object]) -> Constant:
    """Return the value of a unary or binary operator.

    Raises:
        CannotCompute: The operator does not take these operands.
    """
    function: Callable[..., Value] = (_UNARY if len(operands) == 1 else _BINARY)[symbol]

    def refusal() -> str:
        return f"`{symbol}` does not take {' and '.join(map(describe, operands))}"

    return _attempt(function, operands, refusal)


def compare(symbol: str, left: object, right: object) -> bool:
    """Return whether a comparison holds.

    Raises:
        CannotCompute: The values cannot be compared.
    """

    def refusal() -> str:
        return f"`{symbol}` does not compare {describe(left)} with {describe(right)}"

    return bool(_attempt(_COMPARE[symbol], (left, right), refusal))


def _round(number: Value, digits: Value = None) -> Value:
    # Python would make 10**digits, however large that is.
    if isinstance(digits, int) and abs(digits) > MAX_BITS:
        raise CannotCompute("`round` takes fewer digits")
    return round(number, digits)


def _len(value: Value) -> int:
    if isinstance(value, DataArray) and value.shape:
        return value.shape[0]
    return len(value)


def _items(value: Value) -> Value:
    """Return what a function walks over, if that is not too long."""
    if isinstance(value, (list, tuple, range, str, dict)) and len(value) > MAX_VALUE:
        raise CannotCompute(f"it has more than {MAX_VALUE:,} items")
    return list(value) if isinstance(value, (range, dict)) else value


def _sum(values: Value, start: Value = 0) -> Value:
    items = _items(values)
    if isinstance(start, (list, tuple)) and all(isinstance(item, type(start)) for item in items):
        # Python would copy what is there for every item.
        if len(start) + sum(map(len, items)) > MAX_VALUE:
            raise CannotCompute(f"the result has more than {MAX_VALUE:,} items")
        return type(start)(chain(start, *items))
    return sum(items, start)


def _zip(*values: Value) -> list[Value]:
    shortest = min(map(len, values), default=0)
    if shortest > MAX_VALUE:
        raise CannotCompute(f"the result has more than {MAX_VALUE:,} items")
    return list(zip(*values, strict=False))


def _int(value: Value = 0, base: Value = None) -> Value:
    if isinstance(value, str) and len(value) > MAX_BITS:
        raise CannotCompute(f"a number of more than {MAX_BITS} characters")
    return int(value) if base is None else int(value, base)


def _float(value: Value = 0.0) -> Value:
    if isinstance(value, str) and len(value) > MAX_BITS:
        raise CannotCompute(f"a number of more than {MAX_BITS} characters")
    return float(value)


def as_text(value: Value = "") -> str:
    """Return a value as `str` gives it, and an f-string.

    Raises:
        CannotCompute: It is no plain value, and has no text.
    """
    if isinstance(value, (list, tuple, dict)):
        sized(value)
    if not isinstance(value, (str, int, float, list, tuple, dict, range, type(None), Length)):
        raise CannotCompute(f"{describe(value)} has no text")
    return str(value)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "range": range,
    "len": _len,
    "min": lambda *values: min(*map(_items, values)),
    "max": lambda *values: max(*map(_items, values)),
    "round": _round,
    "abs": abs,
    "sum": _sum,
    "zip": _zip,
    "enumerate": lambda values, start=0: list(enumerate(_items(values), start)),
    "reversed": lambda values: list(reversed(_items(values))),
    "sorted": lambda values: sorted(_items(values)),
    "int": _int,
    "float": _float,
    "str": as_text,
}

#: What a dict gives a list of.
METHODS: dict[str, Callable[[Value], Value]] = {
    "items": lambda value: list(value.items()),
    "keys": list,
    "values": lambda value: list(value.values()),
}


def call_function(name: str, arguments: Sequence[object]) -> Constant:
    """Return the value of one of the functions a program may call on values.

    Raises:
        CannotCompute: The function does not take these arguments.
    """

    def refusal() -> str:
        return f"`{name}` does not take {', '.join(map(describe, arguments)) or 'nothing'}"

    return _attempt(FUNCTIONS[name], arguments, refusal)


def holds_others(value: Value) -> bool:
    """Return whether something stands in a value that is no plain value, such as a tensor."""
    if isinstance(value, (list, tuple, dict)):
        return any(map(holds_others, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, (str, int, float, range, type(None), Length))


def has_key(items: Mapping[Any, Value], key: object) -> bool:
    """Return whether a dict has an item of this key.

    Raises:
        CannotCompute: It is nothing that could be a key, such as a list.
    """
    try:
        return key in items
    except TypeError:
        raise CannotCompute(f"{describe(key)} is no key of a dict") from None


def index(value: Value, key: object) -> Constant:
    """Return an item or a slice of a value.

    Raises:
        CannotCompute: There is no such item.
    """
    try:
        found: Constant = value[key]
    except (IndexError, KeyError):
        items = f"item{'s' * (len(value) != 1)}"
        shown = (
            f"a {type(value).__name__} of {len(value)} {items}"
            if holds_others(value)
            else describe(value)
        )
        known = ", ".join(map(short, list(value)[:8])) if isinstance(value, dict) else ""
        raise CannotCompute(
            f"there is no item {short(key)} in {shown}",
            help=f"its keys are {known}" if known else "",
        ) from None
    except (TypeError, ValueError):
        if isinstance(key, slice) and isinstance(value, (str, list, tuple, range)):
            bounds = (key.start, key.stop, key.step)
            wrong = next((each for each in bounds if not isinstance(each, (int, type(None)))), 0)
            raise CannotCompute(
                f"the bounds of a slice are whole numbers, not {describe(wrong)}"
                if wrong != 0
                else "the step of a slice cannot be 0"
            ) from None
        shown = "slice" if isinstance(key, slice) else f"item {short(key)}"
        raise CannotCompute(f"{describe(value)} has no {shown}") from None
    return found
