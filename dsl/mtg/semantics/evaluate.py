"""Compile-time values: Python's operators and a few of its functions, within limits.

Everything here is a pure function of values. What has no value raises `CannotCompute`.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Sequence
from typing import Any

from mtg.graph.values import KerasObject, PythonObject
from mtg.limits import MAX_VALUE
from mtg.types.dims import Length

#: Bits of a whole number. Lengths, counts and seeds need far fewer, and Python itself refuses to
#: print numbers of more than some 4,300 digits.
MAX_BITS = 128

#: Bits of a number that is the key of a dict: larger ones may be chosen so that Python takes them
#: all for candidates of each other, and a dict of thousands takes minutes.
MAX_KEY_BITS = 60

#: Names in a length such as `T * U + 1`. Products of sums would grow past all bounds.
MAX_ATOMS = 64

Value = Any


class CannotCompute(Exception):
    """An expression has no value; the message says why."""


def sized(value: Value) -> Value:
    """The value itself, if it is not too large to be meant.

    Raises:
        CannotCompute: A list, tuple, dict or string has too many items, those within included.
    """
    count, stack = 0, [value]
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
    """How much there is to look at in a list, tuple, dict or string, that within included."""
    count, stack = 0, [value]
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
    """The value itself, if it can be the key of a dict.

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


def _attempt(compute: Callable[[], Value], what: str) -> Value:
    try:
        return _small(compute())
    except ZeroDivisionError:
        raise CannotCompute("division by zero") from None
    except OverflowError:
        raise CannotCompute("the result is too large") from None
    except (TypeError, ValueError):
        raise CannotCompute(what) from None


def operate(symbol: str, operands: Sequence[Value]) -> Value:
    """The value of a unary or binary operator.

    Raises:
        CannotCompute: The operator does not take these operands.
    """
    if len(operands) == 1:
        what = f"`{symbol}` does not take {describe(operands[0])}"
        return _attempt(lambda: _UNARY[symbol](operands[0]), what)
    left, right = operands
    what = f"`{symbol}` does not take {describe(left)} and {describe(right)}"
    return _attempt(lambda: _BINARY[symbol](left, right), what)


def compare(symbol: str, left: Value, right: Value) -> bool:
    """Whether a comparison holds.

    Raises:
        CannotCompute: The values cannot be compared.
    """
    what = f"`{symbol}` does not compare {describe(left)} with {describe(right)}"
    return bool(_attempt(lambda: _COMPARE[symbol](left, right), what))


def _round(number: Value, digits: Value = None) -> Value:
    # Python would make 10**digits, however large that is.
    if isinstance(digits, int) and abs(digits) > MAX_BITS:
        raise CannotCompute("`round` takes fewer digits")
    return round(number, digits)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "range": range,
    "len": len,
    "min": min,
    "max": max,
    "round": _round,
}


def call_function(name: str, arguments: Sequence[Value]) -> Value:
    """The value of one of the functions a program may call on values.

    Raises:
        CannotCompute: The function does not take these arguments.
    """
    shown = ", ".join(map(describe, arguments)) or "nothing"
    return _attempt(lambda: FUNCTIONS[name](*arguments), f"`{name}` does not take {shown}")


def index(value: Value, key: Value) -> Value:
    """An item or a slice of a value.

    Raises:
        CannotCompute: There is no such item.
    """
    try:
        return value[key]
    except (IndexError, KeyError):
        raise CannotCompute(f"there is no item {_short(key)} in {describe(value)}") from None
    except (TypeError, ValueError):
        raise CannotCompute(f"{describe(value)} has no item {_short(key)}") from None


def describe(value: Value) -> str:
    """A value as a message names it: its sort, and itself where it is short."""
    sorts: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "the truth value"),
        (int, "the number"),
        (float, "the number"),
        (str, "the string"),
        (list, "the list"),
        (tuple, "the tuple"),
        (dict, "the dict"),
        (range, "the range"),
    )
    if value is None:
        return "`None`"
    if isinstance(value, (KerasObject, PythonObject)):
        return f"the object `{value.name}`"
    shown = str(value) if isinstance(value, Length) else _short(value)
    for kind, name in sorts:
        if isinstance(value, kind):
            return f"{name} `{shown}`"
    return f"`{shown}`"


def _short(value: Value) -> str:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        return f"a whole number of {value.bit_length()} bits"
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 40 else value[:39] + "…", ensure_ascii=False)
    if isinstance(value, (list, tuple, dict)):
        return _items(value)
    if isinstance(value, (KerasObject, PythonObject)):
        return f"{value.name}(…)"
    return repr(value)


def _items(value: Value) -> str:
    """A list, tuple or dict, as far as there is room."""
    shown: list[str] = []
    for item in value:
        if len(shown) == 6 or sum(map(len, shown)) > 40:
            shown.append("…")
            break
        text = "…" if isinstance(item, (list, tuple, dict)) and len(item) > 6 else _short(item)
        shown.append(f"{text}: …" if isinstance(value, dict) else text)
    start, end = "{}" if isinstance(value, dict) else "()" if isinstance(value, tuple) else "[]"
    return f"{start}{', '.join(shown)}{end}"
