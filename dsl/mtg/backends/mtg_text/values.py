"""Values as text: literals, objects of Keras, layers in wrappers."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from mtg.backends.mtg_text.layout import Doc, comma_list, filled_list
from mtg.catalog import Entry, catalog
from mtg.catalog.arguments import CLEAR, SIZES, TUPLES
from mtg.graph.values import KerasObject, PythonObject
from mtg.lengths.dims import UNKNOWN, Length
from mtg.outline.ir import New, Param, Reference

#: Arguments that are clear without their names where they stand alone: `ReLU(6)`, `Constant(1)`.
_CLEAR_ALONE = CLEAR | {"max_value", "value"}

#: A matrix of at most so many rows has a line for each.
_ROWS = 16

#: As many equal items are written once.
_MANY = 8
#: As many zeros at the end of a number are written as an exponent.
_ZEROS = 5


class Unsayable(Exception):
    """A value for which the language has no words; the message says which."""


def string(text: str) -> str:
    """Return a string as a literal in double quotes."""
    found = []
    for letter in text:
        if letter in '"\\':
            found.append("\\" + letter)
        elif letter.isprintable():
            found.append(letter)
        elif letter in "\n\t\r":
            found.append({"\n": "\\n", "\t": "\\t", "\r": "\\r"}[letter])
        else:
            code = ord(letter)
            found.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return '"' + "".join(found) + '"'


def number(value: float) -> str:
    """Return a number as a literal: `-1e9`, `2.5e-5`, large whole ones with underscores."""
    if isinstance(value, float):
        if math.isnan(value):
            raise Unsayable("`nan` has no literal")
        if math.isinf(value):
            return "1e999" if value > 0 else "-1e999"
        return _shorter(repr(value))
    return f"{value:_}" if abs(value) >= 10_000 else str(value)


def _shorter(text: str) -> str:
    """Return the literal of a float with an exponent where people count its zeros."""
    digits, e, exponent = text.partition("e")
    if e:
        return f"{digits}e{int(exponent)}"
    sign = "-" * text.startswith("-")
    whole, _, part = text.removeprefix("-").partition(".")
    if whole == "0" and part.startswith("000"):
        number = part.lstrip("0")
        if number:
            exact = f"{number[0]}.{number[1:]}".rstrip(".")
            return f"{sign}{exact}e-{len(part) - len(number) + 1}"
    if part == "0" and len(whole) - len(whole.rstrip("0")) >= _ZEROS:
        number = whole.rstrip("0")
        exact = f"{number[0]}.{number[1:]}".rstrip(".")
        return f"{sign}{exact}e{len(whole) - 1}"
    return text


def row(before: str, items: list[Doc], after: str, value: Sequence[Any]) -> Doc:
    """Return the items of a value between brackets.

    Numbers and words fill their lines; so do rows of them, where they are too many to see. Many
    that are equal are one, so many times.
    """
    plain = all(isinstance(item, str) for item in items)
    if plain and len(items) >= _MANY and len(set(items)) == 1:
        comma = "," * (before == "(")
        return f"{before}{items[0]}{comma}{after} * {len(items)}"
    many = len(items) > _ROWS and all(isinstance(item, (list, tuple)) for item in value)
    return filled_list(before, items, after) if plain or many else comma_list(before, items, after)


class ValuePrinter(ABC):
    """Prints values; printers of flows and files stand above it."""

    def __init__(self) -> None:
        #: The names to import from each module, in the order they are met.
        self.imports: dict[str, dict[str, None]] = {}

    @abstractmethod
    def make(self, make: New) -> Doc:
        """Return a new layer, as a stage or in a wrapper."""

    def imported(self, module: str, name: str) -> str:
        """Return the name of something from Python, which is imported."""
        for other, names in self.imports.items():
            if name in names and other != module:
                raise Unsayable(f"two modules have a `{name}`: `{other}` and `{module}`")
        if not name.isidentifier():
            raise Unsayable(f"`{name}` of `{module}` is not a name that can be imported")
        self.imports.setdefault(module, {})[name] = None
        return name

    def value(self, value: object, name: str = "") -> Doc:
        """Return a value; `name` is the argument it is for."""
        if isinstance(value, Param):
            return value.text
        if isinstance(value, New):
            return self.make(value)
        if isinstance(value, Reference):
            return value.name
        if isinstance(value, str):
            return string(value)
        if value is None or isinstance(value, bool):
            return repr(value)
        if isinstance(value, (int, float)):
            return number(value)
        if isinstance(value, KerasObject):
            entry = catalog().find(value.kind, value.name)
            return self.call(value.name, entry, value.arguments)
        if isinstance(value, PythonObject):
            return self._python(value)
        if isinstance(value, (list, tuple)):
            return self._row(value, name)
        if isinstance(value, range):
            return self._row(list(value), name)
        if isinstance(value, dict):
            items: list[Doc] = [
                (self.value(key), ": ", self.value(item)) for key, item in value.items()
            ]
            return comma_list("{", items, "}")
        if value is UNKNOWN:
            return "None"
        if isinstance(value, Length):
            return str(value)
        raise Unsayable(f"a value of the kind `{type(value).__name__}` has no literal")

    def _row(self, value: Sequence[Any], name: str) -> Doc:
        items = [self.value(item, name) for item in value]
        round_ones = len(items) > 1 and (name in TUPLES or (isinstance(value, tuple) and not name))
        return row("(", items, ")", value) if round_ones else row("[", items, "]", value)

    def _python(self, value: PythonObject) -> Doc:
        name = self.imported(value.module, value.name)
        if value.arguments is None:
            return name
        args, kwargs = value.arguments
        items: list[Doc] = [self.value(item) for item in args]
        items += [(key, "=", self.value(item)) for key, item in kwargs.items()]
        return comma_list(f"{name}(", items, ")")

    def call(
        self,
        name: str,
        entry: Entry | None,
        arguments: Mapping[str, Any],
        also: Sequence[tuple[str, Any]] = (),
    ) -> Doc:
        """Return a constructor call: what is needed by position, the rest by name.

        `also` are further arguments, `name` and `trainable`.
        """
        items: list[Doc] = []
        left = dict(arguments)
        if entry is not None:
            for place, parameter in enumerate(entry.parameters[: entry.positional]):
                if parameter.name not in left:
                    break
                clear = not place and parameter.name in _CLEAR_ALONE and len(left) == 1
                if not parameter.required and not (clear or parameter.name in SIZES):
                    break
                items.append(self.value(left.pop(parameter.name), parameter.name))
            order = {parameter.name: i for i, parameter in enumerate(entry.parameters)}
            left = dict(sorted(left.items(), key=lambda item: order.get(item[0], len(order))))
        for key, value in (*left.items(), *also):
            if not key.isidentifier():
                raise Unsayable(f"`{key}` is not a valid argument name")
            items.append((key, "=", self.value(value, key)))
        return comma_list(f"{name}(", items, ")")
