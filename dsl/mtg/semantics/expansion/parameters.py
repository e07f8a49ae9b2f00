"""Values for parameters: of constructors, of blocks and models, and settings of instances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mtg.catalog import Entry, Parameter
from mtg.graph.describe import describe
from mtg.graph.layers import Layer
from mtg.semantics.argument_conflicts import at_odds
from mtg.semantics.arguments import check_value, match, match_entry
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate, evaluate_value
from mtg.semantics.expansion.unpacking import unpack
from mtg.semantics.mentions import mentioned_in
from mtg.semantics.modules import Declared
from mtg.semantics.values import (
    ERROR,
    MISSING,
    Frame,
    LayerClass,
    SharedLayer,
    holds_tensor,
    is_error,
    is_tensor,
    kind_of,
)
from mtg.syntax import ast
from mtg.text.source import Span

#: Settings that every instance takes, whether or not its constructor does.
SETTINGS = ("name", "trainable")


class Settings(NamedTuple):
    """What an instance is called, and where that stands, and whether its weights are trained.

    None stands for what is not said.
    """

    name: tuple[str, Span] | None = None
    trainable: bool | None = None


NO_SETTINGS = Settings()


def match_call(
    what: str,
    entry: Entry,
    node: ast.CallExpr,
    context: Context,
    frame: Frame,
    also: Sequence[str] = (),
    of_call: Sequence[str] = (),
) -> dict[str, ast.Argument] | None:
    """Return the arguments of a constructor call, each under the name of its parameter."""
    arguments = unpack(node.arguments, context, frame)
    if arguments is None:
        return None
    return match_entry(
        what,
        entry.parameters,
        arguments,
        node.brackets,
        context.reporter(frame),
        positional=entry.positional,
        variadic=entry.variadic,
        also=also,
        of_call=of_call,
    )


def argument_spans(matched: Mapping[str, ast.Argument]) -> dict[str, Span]:
    """Return where the value of each argument stands."""
    return {name: argument.value.span for name, argument in matched.items()}


def take_arguments(
    what: str, entry: Entry, matched: Mapping[str, ast.Argument], context: Context, frame: Frame
) -> dict[str, Any] | None:
    """Return the values of matched arguments, checked; None where one has none."""
    found: dict[str, Any] = {}
    correct = True
    for name, argument in matched.items():
        parameter = entry.parameter(name) or Parameter(name, False, None, ())
        value = evaluate(argument.value, context, frame, parameter.kinds)
        if is_error(value):
            correct = False
        elif isinstance(value, (LayerClass, Declared)):
            # A class of Keras by its own name is reported when names are resolved.
            node = argument.value
            if not isinstance(node, ast.NameExpr) or frame.find(node.name) is not MISSING:
                context.reporter(frame)(
                    "MTG404",
                    f"`{name}` of {what} takes no class, but an object of one",
                    node.span,
                    label=f"this is {kind_of(value)}",
                    help=f"write `{node.span.text}(…)`",
                )
            correct = False
        elif isinstance(value, SharedLayer):
            context.reporter(frame)(
                "MTG404",
                f"`{name}` of {what} takes no layer",
                argument.value.span,
                label=f"this is {kind_of(value)}",
            )
            correct = False
        elif _makes_copies(entry, value):
            context.reporter(frame)(
                "MTG306",
                f"{what} makes copies of its layer, "
                f"so `{argument.value.span.text}` would not be shared",
                argument.value.span,
                label="shared",
                help=f"write a new layer here, or share the whole: `shared NAME = {entry.name}(…)`",
            )
            correct = False
        elif check_value(what, parameter, value, argument.value.span, context.reporter(frame)):
            found[name] = value
        else:
            correct = False
    if correct and (odds := at_odds(entry, found)) is not None:
        span = matched[odds.argument].value.span
        context.reporter(frame)("MTG405", f"{what}: {odds.message}", span, help=odds.help)
        correct = False
    return found if correct else None


def _makes_copies(entry: Entry, value: object) -> bool:
    """Return whether a shared layer is given to a wrapper that copies it.

    Source: `keras.layers.Bidirectional.__init__` makes both of its layers from a config.
    """
    return entry.name == "Bidirectional" and isinstance(value, Layer) and value.shared


def take_settings(
    matched: dict[str, ast.Argument], context: Context, frame: Frame
) -> Settings | None:
    """Take `name=` and `trainable=` out of matched arguments; None where one is wrong."""
    name: tuple[str, Span] | None = None
    trainable: bool | None = None
    if "name" in matched:
        argument = matched.pop("name")
        value = evaluate_value(argument.value, context, frame)
        if value is ERROR:
            return None
        if value is not None:
            if not isinstance(value, str) or not value or "/" in value:
                context.reporter(frame)(
                    "MTG404",
                    "the name of a layer must be a string without `/`",
                    argument.value.span,
                    label=f"this is {describe(value)}",
                )
                return None
            name = (value, argument.value.span)
    if "trainable" in matched:
        argument = matched.pop("trainable")
        value = evaluate_value(argument.value, context, frame)
        if value is ERROR:
            return None
        if not isinstance(value, bool):
            context.reporter(frame)(
                "MTG404",
                "`trainable` must be `True` or `False`",
                argument.value.span,
                label=f"this is {describe(value)}",
            )
            return None
        trainable = value
    return Settings(name, trainable)


def match_parameters(
    node: ast.CallExpr,
    declared: ast.BlockDecl | ast.ModelDecl,
    context: Context,
    frame: Frame,
) -> tuple[dict[str, Any], dict[str, ast.Argument]] | None:
    """Return the values given to a block's or a model's parameters, and the settings given."""
    arguments = unpack(node.arguments, context, frame)
    if arguments is None:
        return None
    names = [parameter.name.name for parameter in declared.parameters]
    required = [p.name.name for p in declared.parameters if p.default is None]
    matched = match(
        f"`{declared.name.name}`",
        names,
        required,
        arguments,
        node.brackets,
        context.reporter(frame),
        also=[setting for setting in SETTINGS if setting not in names],
        sure=lambda: {m.name.name for each in declared.body for m in mentioned_in(each)},
    )
    if matched is None:
        return None
    settings = {
        name: matched.pop(name) for name in SETTINGS if name not in names and name in matched
    }
    values: dict[str, Any] = {}
    for name, argument in matched.items():
        value = evaluate(argument.value, context, frame)
        if isinstance(declared, ast.BlockDecl) and not isinstance(value, Layer):
            values[name] = ERROR if is_error(value) else value
            continue
        if is_tensor(value) or holds_tensor(value):
            context.reporter(frame)(
                "MTG404",
                f"`{name}` of `{declared.name.name}` must be a value, not {kind_of(value)}",
                argument.value.span,
                label=f"this is {kind_of(value)}",
                help="tensors come before `->`",
            )
            return None
        if isinstance(value, (SharedLayer, Layer)):
            context.reporter(frame)(
                "MTG404",
                f"`{name}` of `{declared.name.name}` takes a value",
                argument.value.span,
                label=f"this is {kind_of(value)}",
            )
            return None
        values[name] = ERROR if is_error(value) else value
    return values, settings
