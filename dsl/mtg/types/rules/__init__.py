"""Type rules: one file per family of layers, one function per rule.

A rule is a pure function of a layer's arguments and of what it is called on. It returns the types
of the results and the weights the layer makes, or raises `Misfit`. A class without a rule is
unknown, never wrong.

To add a rule, write a function decorated with `@rule("ClassName")` in the family's file; the files
of this package are all imported when the first rule is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from mtg.types.tensor import TensorType, Weight

if TYPE_CHECKING:
    from mtg.graph.graph import Layer


class Misfit(Exception):
    """The inputs, or the arguments, do not fit the layer.

    Args:
        message: One line that says what does not fit, such as "`Dense` needs a known last axis".
        notes: Facts: the shapes found, what was expected.
        help: What to change, where the rule knows.
        code: The diagnostic's code; `MTG301` (shapes) unless told.
        argument: The constructor argument that is at fault, if one is.
    """

    def __init__(
        self,
        message: str,
        *notes: str,
        help: str = "",
        code: str = "MTG301",
        argument: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.notes = notes
        self.help = help
        self.code = code
        self.argument = argument


class Result(NamedTuple):
    """What a rule finds: the types of the results in order, and the weights in Keras's order."""

    outputs: tuple[TensorType, ...]
    weights: tuple[Weight, ...] = ()


@dataclass(slots=True)
class LayerCall:
    """What a rule is given.

    Attributes:
        cls: The name of the Keras class.
        name: The name of the layer instance.
        arguments: Every constructor argument, defaults filled in, base arguments of `Layer`
            (`dtype`, `trainable`, …) included where they were written.
        args: Positional arguments of the call, a `TensorType` where a tensor goes, lists, tuples
            and dicts kept as they are.
        kwargs: Keyword arguments of the call, likewise.
        infer: For wrappers: the result of calling another layer on `(args, kwargs)`.
    """

    cls: str
    name: str
    arguments: Mapping[str, Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    infer: Callable[[Layer, tuple[Any, ...], Mapping[str, Any]], Result | None] = field(
        default=lambda layer, args, kwargs: None
    )

    def __getitem__(self, argument: str) -> Any:
        return self.arguments[argument]


Rule = Callable[[LayerCall], Result]

_RULES: dict[str, Rule] = {}

#: The files of this package, a family of layers each.
_FAMILIES: tuple[str, ...] = ()


def rule(*classes: str) -> Callable[[Rule], Rule]:
    """Register a function as the rule of one or several Keras classes."""

    def register(function: Rule) -> Rule:
        for cls in classes:
            if cls in _RULES:
                raise ValueError(f"{cls} has a rule already")
            _RULES[cls] = function
        return function

    return register


def rule_for(cls: str) -> Rule | None:
    """The rule of a Keras class, or None where there is none (yet)."""
    if not _RULES:
        for family in _FAMILIES:
            import_module(f"{__name__}.{family}")
    return _RULES.get(cls)
