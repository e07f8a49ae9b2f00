"""Values of an outline as expressions of Python, and the imports that they need."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any, TypeAlias, assert_never

from mtg.backends.python.layout import (
    Atom,
    Bracketed,
    Called,
    Expression,
    Item,
    Keyword,
    Operated,
    literal,
)
from mtg.catalog import Entry, catalog
from mtg.catalog.arguments import CLEAR, SIZES
from mtg.catalog.modules import MODULES
from mtg.catalog.operators import PRODUCT
from mtg.graph.layers import Application, InputLayer, KerasLayer, NestedModel, Op, PythonLayer
from mtg.graph.values import DataArray, KerasObject, PythonObject
from mtg.lengths.dims import UNKNOWN, Length
from mtg.outline.ir import New, Param, Reference, Value
from mtg.outline.names import PYTHON_WORDS, RESERVED, Names, python_name


class PythonValues:
    """Writes values; notes what has to be imported."""

    def __init__(self, names: Names) -> None:
        self.names = names
        #: Names from `keras` that are used bare, and names from Python by module.
        self.keras: set[str] = set()
        self.python: dict[str, dict[str, str]] = {}
        self.uses_keras = False
        #: The variables of data files, by their paths.
        self.data: dict[str, str] = {}
        #: Whether layers that are models get their names: not where one line makes several.
        self.names_models = False
        #: What a nested model's constructor is called.
        self.nested: Callable[[New], Atom] = lambda make: Atom(make.cls)

    def value(self, value: Value, renamed: Mapping[str, str]) -> Expression:
        """Return an expression for a value; `renamed` are parameters with another name here."""
        if isinstance(value, Param):
            name = renamed.get(value.name, value.name)
            text = Param(name, value.times, value.over, value.item).text
            is_product = value.times != 1 or value.over != 1
            return Operated(text, PRODUCT) if is_product else Atom(text)
        if isinstance(value, New):
            return self.made(value, renamed)
        if isinstance(value, Reference):
            return Atom(value.name)
        if isinstance(value, KerasObject):
            self.uses_keras = True
            path = f"keras.{MODULES[value.kind]}.{value.name}"
            entry = catalog().find(value.kind, value.name)
            return Called(Atom(path), self.arguments(entry, value.arguments, renamed))
        if isinstance(value, DataArray):
            return Atom(f"{self.data_file(value.path)}[{literal(value.name)}]")
        if isinstance(value, PythonObject):
            called = Atom(self.imported(value.module, value.name))
            if value.arguments is None:
                return called
            positional = [self.value(item, renamed) for item in value.arguments[0]]
            rest = self.arguments(None, value.arguments[1], renamed)
            return Called(called, (*positional, *rest))
        if isinstance(value, (list, tuple)):
            brackets = "[]" if isinstance(value, list) else "()"
            return Bracketed(brackets, tuple(self.value(item, renamed) for item in value))
        if isinstance(value, range):
            return self.value([*value], renamed)
        if isinstance(value, dict):
            return Bracketed(
                "{}",
                tuple(
                    Keyword(f"{literal(key)}: ", self.value(item, renamed))
                    for key, item in value.items()
                ),
            )
        return Atom(literal(plain(value)))

    def arguments(
        self,
        entry: Entry | None,
        given: Mapping[str, Value],
        renamed: Mapping[str, str],
    ) -> tuple[Item, ...]:
        """Return arguments of a constructor, those by position that people give so."""
        found: list[Item] = []
        by_position = _by_position(entry, given)
        for name in by_position:
            found.append(self._argument(given[name], renamed))
        for name, value in given.items():
            if name in by_position:
                continue
            expression = self._argument(value, renamed)
            if name.isidentifier() and python_name(name) == name not in PYTHON_WORDS:
                found.append(Keyword(f"{name}=", expression))
            else:
                found.append(
                    Keyword("**", Bracketed("{}", (Keyword(f"{literal(name)}: ", expression),)))
                )
        return tuple(found)

    def _argument(self, value: Value, renamed: Mapping[str, str]) -> Expression:
        """Return an argument; layers take an array of one axis as a list."""
        found = self.value(value, renamed)
        if isinstance(value, DataArray) and len(value.shape) == 1:
            return Called(Atom(f"{found.flat}.tolist"), ())
        return found

    def data_file(self, path: str) -> str:
        """Return the variable of the arrays in a file.

        In capitals it is none of a function, whose variables would hide it.
        """
        if path not in self.data:
            stem = re.sub(r"\W+", "_", PurePath(path).stem).upper()
            self.data[path] = self.names.take(stem if stem.isidentifier() else "DATA")
        return self.data[path]

    def name_of(
        self, make: New, renamed: Mapping[str, str], name: Expression | None
    ) -> Expression | None:
        """Return what a layer must be called, if anything; `name` is what its place asks for."""
        if make.name is not None:
            return self.value(make.name, renamed)
        if name is None and isinstance(make.layer, (NestedModel, Application)):
            return Atom(literal(make.layer.name)) if self.names_models else None
        return name

    def made(self, make: New, renamed: Mapping[str, str], name: Expression | None = None) -> Called:
        """Return the constructor call of a layer; `name` is what its place asks for.

        An application takes none: what some look up by it, as `EfficientNetV2B0` does its blocks,
        is under the name that Keras gives them.
        """
        name = self.name_of(make, renamed, name)
        last: list[Item] = [] if name is None else [Keyword("name=", name)]
        match make.layer:
            case KerasLayer(entry=entry):
                if make.trainable is not None:
                    last.append(Keyword("trainable=", Atom(repr(make.trainable))))
                self.keras.add("layers")
                path = Atom(f"layers.{make.cls}")
                return Called(path, (*self.arguments(entry, make.arguments, renamed), *last))
            case Application(entry=entry):
                self.uses_keras = True
                path = Atom(f"keras.applications.{make.cls}")
                return Called(path, self.arguments(entry, make.arguments, renamed))
            case NestedModel():
                return Called(self.nested(make), tuple(last))
            case PythonLayer(module=module):
                first = tuple(self.value(value, renamed) for value in make.positional)
                rest = self.arguments(None, make.arguments, renamed)
                return Called(Atom(self.imported(module, make.cls)), (*first, *rest, *last))
            case InputLayer() | Op():
                raise AssertionError(f"{make.layer} is not a stage")
            case _:
                assert_never(make.layer)

    def imported(self, module: str, name: str) -> str:
        """Return what an imported name is called in the file: itself, unless that is taken."""
        first, _, rest = name.partition(".")
        known = self.python.setdefault(module, {})
        if first not in known:
            # What the file calls itself, such as `layers`, stays what it is.
            self.names.taken.add("importlib")
            free = first not in self.names.taken and first not in RESERVED
            known[first] = first if free or module == "builtins" else self.names.take(first)
            self.names.taken.add(known[first])
        return f"{known[first]}.{rest}" if rest else known[first]

    def imports(self) -> list[str]:
        """Return the import lines, in the order `ruff` sorts them in."""
        lines = ["import keras"] if self.uses_keras else []
        if self.data:
            lines.append("import numpy as np")
        odd: list[str] = []
        froms = {"keras": {name: name for name in self.keras}, **self.python}
        for module in sorted(froms, key=lambda module: (_natural(module.lower()), module)):
            names = froms[module]
            if not names or module == "builtins":
                continue
            if not _is_sayable(module, names):
                found = f"importlib.import_module({literal(module)})"
                odd += [
                    f"{called} = getattr({found}, {literal(name)})"
                    for name, called in sorted(names.items())
                ]
                continue
            listed = ", ".join(
                name if name == called else f"{name} as {called}"
                for name, called in sorted(names.items(), key=lambda each: _import_key(each[0]))
            )
            lines.append(f"from {module} import {listed}")
        if odd:
            lines = ["import importlib", "", *lines, "", *odd]
        loads = [f"{name} = np.load({literal(path)})" for path, name in self.data.items()]
        return [*lines, "", *loads] if loads else lines


def _is_sayable(module: str, names: Iterable[str]) -> bool:
    """Return whether an import statement can name them: a module may have any string."""
    parts = [*module.split("."), *names]
    return all(
        part.isascii() and part.isidentifier() and part not in PYTHON_WORDS for part in parts
    )


#: What puts names in their natural order, in which `layer2` comes before `layer10`.
_Natural: TypeAlias = tuple[str | int, ...]


def _natural(name: str) -> _Natural:
    """Return a key of the natural order: text and numbers in turn."""
    return tuple(int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", name))


def _import_key(name: str) -> tuple[int, _Natural]:
    """Constants first, then classes, then the rest, as isort has it."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, _natural(name)


def _by_position(entry: Entry | None, given: Mapping[str, Value]) -> list[str]:
    """Return the arguments given by position: those required, or a well-known first one."""
    if entry is None:
        return []
    found: list[str] = []
    for parameter in entry.parameters[: entry.positional]:
        if parameter.name not in given:
            break
        if not parameter.required and (found or parameter.name not in SIZES | CLEAR):
            break
        found.append(parameter.name)
    return found


def plain(value: object) -> Any:
    """Return a length for Keras, where an unknown one is None."""
    return None if value is UNKNOWN or isinstance(value, Length) else value
