"""Kinds of plain value: what an argument may be, read from the catalogue's short notation.

A kind is one alternative or several, joined by ``|``:

=====================  ===================================================================
``none bool text``     None; True or False; a string
``dict any``           a dict; anything
``object``             nothing plain: an object of Keras, and neither its name nor its config
``int float number``   a whole number; a float; either of them
``int>=1``             with bounds (``>=``, ``>``, ``<=``, ``<``): ``number>=0<=1``
``[int>=1]``           a list or tuple of these, of any length
``2*[int>=1]``         a list or tuple of two of these
=====================  ===================================================================

So ``int>=0|2*[int>=0]|2*[2*[int>=0]]`` is what `Cropping2D` takes. A truth value is no number, and
the empty text says that nothing is known.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

from mtg.catalog import Parameter, catalog
from mtg.records import record

__all__ = ["parse", "refuse", "right_kind", "words"]


@record
class PlainKind:
    """`none`, `bool`, `text`, `dict`, `any` or `object`."""

    name: str


@record
class Number:
    """A number, `int`, `float` or either (`number`), between bounds: (comparison, bound) each."""

    name: str
    bounds: tuple[tuple[str, float], ...] = ()


@record
class ListKind:
    """A list or tuple, of `length` items where that is fixed."""

    items: tuple[Alternative, ...]
    length: int | None = None


Alternative = PlainKind | Number | ListKind

_PLAIN: dict[str, type | tuple[()]] = {
    "none": type(None),
    "bool": bool,
    "text": str,
    "dict": dict,
    "object": (),
}
_NUMBERS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float,),
    "number": (int, float),
}
_SIMPLE = re.compile(r"(none|bool|text|dict|any|object)|(int|float|number)((?:[<>]=?-?[\d.]+)*)")
_COMPARE: dict[str, Callable[[Any, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
_BOUND = re.compile(r"([<>]=?)(-?[\d.]+)")
_LISTED = re.compile(r"(?:(\d+)\*)?\[")


@cache
def parse(text: str) -> tuple[Alternative, ...]:
    """Return the alternatives that a kind's notation names."""
    found, end = _alternatives(text, 0)
    if end != len(text):
        raise ValueError(f"not a kind of value: {text!r}")
    return found


def _alternatives(text: str, at: int) -> tuple[tuple[Alternative, ...], int]:
    found: list[Alternative] = []
    while text:
        if match := _LISTED.match(text, at):
            items, at = _alternatives(text, match.end())
            if text[at : at + 1] != "]":
                raise ValueError(f"not a kind of value: {text!r}")
            found.append(ListKind(items, int(match[1]) if match[1] else None))
            at += 1
        elif match := _SIMPLE.match(text, at):
            bounds = tuple((sign, float(bound)) for sign, bound in _BOUND.findall(match[3] or ""))
            found.append(PlainKind(match[1]) if match[1] else Number(match[2], bounds))
            at = match.end()
        else:
            raise ValueError(f"not a kind of value: {text!r}")
        if text[at : at + 1] != "|":
            break
        at += 1
    return tuple(found), at


# ---- checking ------------------------------------------------------------------------------------


def refuse(parameter: Parameter, value: object) -> str | None:
    """Return what is expected of the argument, in words, or None if the value can be meant.

    What the catalogue does not know, and objects of classes that are no plain values (a layer, a
    length with a name, something of Python), can always be meant. Which strings there are is not
    looked at here.
    """
    plain = value is None or isinstance(value, (int, float, str))
    taken = _takes_plain if plain else _takes
    return None if taken(parameter.takes, value) else words(parameter)


def _takes(takes: str, value: object) -> bool:
    kind = parse(takes)
    return not kind or any(_fits(each, value) for each in kind)


# A program gives the same few numbers to many layers.
_takes_plain = lru_cache(maxsize=4096, typed=True)(_takes)


def right_kind(parameter: Parameter, value: object) -> bool:
    """Return whether a value that `refuse` refuses is of the right kind, and only out of range."""
    return any(_fits(each, value, bounded=False) for each in parse(parameter.takes))


def _fits(kind: Alternative, value: object, *, bounded: bool = True) -> bool:
    if not isinstance(value, (type(None), bool, int, float, str, list, tuple, range, dict)):
        return True
    if isinstance(kind, PlainKind):
        # 0 and 1 are what `False` and `True` are in Python.
        switch = kind.name == "bool" and isinstance(value, int) and value in (0, 1)
        return kind.name == "any" or switch or isinstance(value, _PLAIN[kind.name])
    if isinstance(kind, Number):
        if isinstance(value, bool) or not isinstance(value, _NUMBERS[kind.name]):
            return False
        return not (bounded and kind.bounds) or all(
            _COMPARE[sign](value, bound) for sign, bound in kind.bounds
        )
    if not isinstance(value, (list, tuple, range)):
        return False
    if kind.length is not None and len(value) != kind.length:
        return False
    return all(any(_fits(each, item, bounded=bounded) for each in kind.items) for item in value)


# ---- words ---------------------------------------------------------------------------------------

_ONE = {"int": "a whole number", "float": "a float", "number": "a number"}
_MANY = {
    "int": "whole numbers",
    "float": "floats",
    "number": "numbers",
    "none": "None",
    "bool": "bools",
    "text": "strings",
    "dict": "dicts",
    "any": "values",
}


def words(parameter: Parameter) -> str:
    """Return what an argument may be: `a positive whole number`, `"same" or "valid"`, `a layer`."""
    kind = parse(parameter.takes)
    if PlainKind("any") in kind:
        kind = ()
    said = [_article(each.replace("_", " ")) for each in parameter.kinds]
    if parameter.choices:
        said += [f'"{choice}"' for choice in parameter.choices]
    elif parameter.kinds and any(map(catalog().identifiers, parameter.kinds)):
        said += ["its name"] * (PlainKind("object") not in kind)
    elif PlainKind("text") in kind and not parameter.kinds:
        said.append("a string")
    if PlainKind("object") in kind and not parameter.kinds:
        said.append("a function of Python")
    if PlainKind("bool") in kind:
        said += ["True", "False"]
    if not parameter.kinds:
        said += _numbers([each for each in kind if not isinstance(each, PlainKind)])
        said += ["a dict"] * (PlainKind("dict") in kind)
    elif Number("number") in kind:
        said.append("a number")
    elif Number("float") in kind:
        said.append("a float")
    elif ListKind((PlainKind("any"),)) in kind:
        said.append("a list of them")
    if PlainKind("none") in kind:
        said.append("None")
    return _either(said)


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aio' else 'a'} {noun}"


def _either(parts: Sequence[str]) -> str:
    """Join parts: `a`, `a or b`, `a, b or c`; with a comma before `or` where a part has one."""
    if len(parts) < 2:
        return "".join(parts)
    comma = "," * any(re.search(", | or | and ", part) is not None for part in parts)
    return f"{', '.join(parts[:-1])}{comma} or {parts[-1]}"


def _numbers(kind: Sequence[Number | ListKind]) -> Iterator[str]:
    """Numbers and lists of them; what holds for each number is said once, at the end."""
    leaves = {leaf for each in kind for leaf in _leaves(each)}
    leaf = next(iter(leaves), None)
    if len(kind) > 1 and len(leaves) == 1 and isinstance(leaf, Number):
        first, *others = kind
        said = [_without_bounds(first), *(_without_bounds(each, "them") for each in others)]
        bounds = _bounds(leaf)
        yield _either(said) + (f", each {bounds}" if bounds else "")
    else:
        for each in kind:
            yield _number(each) if isinstance(each, Number) else _list(each)


def _leaves(kind: Alternative) -> Iterator[Alternative]:
    if isinstance(kind, ListKind):
        for item in kind.items:
            yield from _leaves(item)
    else:
        yield kind


def _list(kind: ListKind) -> str:
    bounds = [_bounds(leaf) for leaf in _leaves(kind) if isinstance(leaf, Number)]
    return _without_bounds(kind) + (f", each {bounds[0]}" if bounds and bounds[0] else "")


def _without_bounds(kind: Number | ListKind, them: str = "") -> str:
    """Describe a number or list without its bounds; `them` stands for numbers named before."""
    if isinstance(kind, Number):
        return _ONE[kind.name]
    items = kind.items
    pairs = ""
    if isinstance(items[0], ListKind):
        items, pairs = items[0].items, "pairs of "
    many = them or " and ".join(
        _MANY[item.name] for item in items if not isinstance(item, ListKind)
    )
    if kind.length is None:
        return f"a list of {pairs}{many}"
    if kind.length == 1 and not pairs:
        return "a list of one" if them else f"a list of one of {many}"
    return f"{kind.length} {pairs or ('of ' if them else '')}{many}"


def _number(kind: Number) -> str:
    if kind == Number("int", ((">=", 1.0),)):
        return "a positive whole number"
    what, bounds = _ONE[kind.name], _bounds(kind)
    comma = "" if bounds.startswith(("from", "above", "below", "at")) else ","
    return f"{what}{comma} {bounds}" if bounds else what


def _bounds(kind: Number) -> str:
    """`1 or more`, `from 0 to 1`, `above 0`; empty where there are none."""
    bounds = {sign: f"{bound:g}" for sign, bound in kind.bounds}
    if {">=", "<="} <= bounds.keys():
        return f"from {bounds['>=']} to {bounds['<=']}"
    said = {
        ">=": "{} or more",
        ">": "above {}",
        "<=": "at most {}",
        "<": "below {}",
    }
    return " and ".join(said[sign].format(bound) for sign, bound in bounds.items())
