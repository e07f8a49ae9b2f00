"""What Keras offers: every class and function a program may name, and the arguments each takes.

The facts stand in ``keras.json``, which ``python -m tools.catalog.generate`` writes from the
installed Keras. This module only reads that file, so that a program can be checked where Keras
cannot be imported.

The kinds of entries are ``layer``, ``loss``, ``metric``, ``optimizer``, ``schedule``,
``initializer``, ``regularizer``, ``constraint``, ``callback``, ``dtype_policy`` (classes),
``activation``, ``application``, ``op`` (functions; those of a submodule are also named with it,
``image.resize``), and four kinds of one entry each: ``input`` (``Input``), ``model_compile``
(``compile``), ``model_fit`` (``fit``) and ``optimizer_map`` (``OptimizerMap``).
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Catalog", "Entry", "Parameter", "catalog"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a constructor, a function or a layer's ``call``.

    ``default`` is a JSON value: a tuple of Keras stands as a list. It is ``None`` too where the
    parameter is required. ``kinds`` are the kinds of Keras object the argument may be, in the words
    of `Catalog.kinds`; it is empty for plain values. ``choices`` are the strings it may be, where
    Keras fixes them; empty means that they are not known, not that there are none. A parameter with
    choices may well take values that are no strings. With ``any_case`` Keras ignores the case, and
    the choices are in lower case. ``takes`` are the plain values it may be, in the notation of
    `mtg.catalog.kinds`; empty means that this is not known.
    """

    name: str
    required: bool
    default: Any
    kinds: tuple[str, ...]
    choices: tuple[str, ...] = ()
    any_case: bool = False
    takes: str = ""

    @property
    def one_for_all(self) -> bool:
        """Whether a whole number stands for a list of them: `3` for `[3, 3]`, one for each axis."""
        first, _, rest = self.takes.partition("|")
        return first.startswith("int") and "*[" in rest


@dataclass(frozen=True, slots=True)
class Entry:
    """A class or function of Keras, under its canonical name.

    ``parameters`` are those of the constructor or function, in order; for a layer they end with
    the arguments that every layer takes (``name``, ``trainable``, ``dtype``, …), as far as this one
    takes them. The first ``positional`` of them may be given by position. ``call`` has the
    parameters of a layer's ``call`` without ``self``. ``variadic`` says that further arguments,
    positional or by keyword, are taken which the signature does not name.

    ``defaults`` are those of the parameters that have one, by name. ``family`` is the part of Keras
    that a layer or a function of ``keras.ops`` belongs to.
    ``tensors`` says how a layer's call takes what it is called on: ``one`` tensor, a ``list`` of
    them, or ``several`` by position or name; empty where that is not known. ``results`` is how many
    results it has; None where that depends on arguments, or is not known.
    """

    kind: str
    name: str
    parameters: tuple[Parameter, ...]
    call: tuple[Parameter, ...] = ()
    variadic: bool = False
    positional: int = 0
    family: str = ""
    tensors: str = ""
    results: int | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def required(self) -> list[str]:
        """The names of the arguments that must be given."""
        return [parameter.name for parameter in self.parameters if parameter.required]

    @property
    def gathers(self) -> bool:
        """Whether a call takes several tensors by position as one list: its first `inputs`.

        Not where it needs more than that by position, as the cells of recurrent layers do, whose
        call is `call(inputs, states)`.
        """
        first, *rest = self.call or (None,)
        named = first is not None and first.name == "inputs"
        return named and not any(parameter.required for parameter in rest if parameter)

    def parameter(self, name: str) -> Parameter | None:
        """Return the constructor's parameter of this name."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        return None


class Catalog:
    """The content of ``keras.json``; entries are made when they are first asked for."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.keras_version: str = data["keras_version"]
        self._entries: dict[str, dict[str, Any]] = data["entries"]
        self._aliases: dict[str, dict[str, str]] = data["aliases"]
        self._identifiers: dict[str, list[str]] = data["identifiers"]
        self._base: dict[str, Any] = data["layer_arguments"]
        self._found: dict[tuple[str, str], Entry] = {}

    def kinds(self) -> list[str]:
        """Return the kinds that `find`, `names` and `identifiers` take."""
        return list(self._entries)

    def find(self, kind: str, name: str) -> Entry | None:
        """Return the entry of this kind and name; an alias gives that of the canonical name."""
        entries = self._entries[kind]
        name = self._aliases.get(kind, {}).get(name, name)
        found = self._found.get((kind, name))
        if found is None and name in entries:
            found = self._found[kind, name] = self._make(kind, name, entries[name])
        return found

    def names(self, kind: str) -> list[str]:
        """Every name that `find` accepts for this kind, canonical or alias, in alphabetic order."""
        return sorted([*self._entries[kind], *self._aliases.get(kind, ())])

    def aliases(self, kind: str, name: str) -> list[str]:
        """Return the other names of an entry, in alphabetic order."""
        return sorted(alias for alias, of in self._aliases.get(kind, {}).items() if of == name)

    def identifiers(self, kind: str) -> frozenset[str]:
        """Return the strings that name objects of this kind, such as ``"relu"`` or ``"mse"``.

        Empty for the kinds that have no such strings.
        """
        if kind not in self._entries:
            raise KeyError(kind)
        return frozenset(self._identifiers.get(kind, ()))

    def _make(self, kind: str, name: str, data: dict[str, Any]) -> Entry:
        own = _parameters(data.get("parameters", {}))
        base = _parameters({key: self._base[key] for key in data.get("base", ())})
        return Entry(
            kind=kind,
            name=name,
            parameters=own + base,
            call=_parameters(data.get("call", {})),
            variadic=data.get("variadic", False),
            positional=data.get("positional", len(own)),
            family=data.get("family", ""),
            tensors=data.get("tensors", ""),
            results=data.get("results"),
            defaults={each.name: each.default for each in own + base if not each.required},
        )


def _parameters(data: dict[str, Any]) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            name=name,
            required="default" not in facts,
            default=facts.get("default"),
            kinds=tuple(facts.get("kinds", ())),
            choices=tuple(facts.get("choices", ())),
            any_case=facts.get("any_case", False),
            takes=facts.get("takes", ""),
        )
        for name, facts in data.items()
    )


@functools.cache
def catalog() -> Catalog:
    """Return the catalogue of the Keras this version of mtg was made for, read on first use."""
    text = importlib.resources.files(__name__).joinpath("keras.json").read_text(encoding="utf-8")
    return Catalog(json.loads(text))
