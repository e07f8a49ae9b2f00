"""Values as text: literals, objects of Keras, layers in wrappers."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from mtg.backends.mtg_text.layout import Doc, comma_list
from mtg.catalog import Entry, catalog
from mtg.catalog.arguments import CLEAR, SIZES, TUPLES
from mtg.graph.values import KerasObject, PythonObject
from mtg.lengths.dims import UNKNOWN, Length
from mtg.outline.ir import New, Param, Reference

#: Arguments that are clear without their names where they stand alone: `ReLU(6)`, `Constant(1)`.
_CLEAR_ALONE = CLEAR | {"max_value", "value"}


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
    """Return a number as a literal, large whole ones with underscores."""
    if isinstance(value, float):
        if math.isnan(value):
            raise Unsayable("`nan` has no literal")
        if math.isinf(value):
            return "1e999" if value > 0 else "-1e999"
        text = repr(value)
        mantissa, e, exponent = text.partition("e")
        return f"{mantissa}e{int(exponent)}" if e else text
    return f"{value:_}" if abs(value) >= 10_000 else str(value)


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
        if len(items) > 1 and (name in TUPLES or (isinstance(value, tuple) and not name)):
            return comma_list("(", items, ")")
        return comma_list("[", items, "]")

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
