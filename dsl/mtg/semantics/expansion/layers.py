"""New layer instances: of Keras, of `keras.applications`, of Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mtg.catalog import Entry, catalog
from mtg.catalog.names import snake_case
from mtg.graph.layers import Application, KerasLayer, Layer, PythonLayer
from mtg.limits import APPLICATION
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate
from mtg.semantics.expansion.parameters import (
    NO_SETTINGS,
    SETTINGS,
    Settings,
    argument_spans,
    match_call,
    take_arguments,
    take_settings,
)
from mtg.semantics.expansion.replay import make_or_replay
from mtg.semantics.expansion.unpacking import unpack
from mtg.semantics.values import ERROR, Error, Frame, SharedLayer, is_error
from mtg.syntax import ast
from mtg.text.suggest import suggest_spelling


def make_instance(
    create: Callable[[], Layer | Error], context: Context, frame: Frame
) -> Layer | Error:
    """Return a new instance for the current statement, or the one of a shared chain."""
    layer = make_or_replay(create, context.replays, len(context.replays))
    if isinstance(layer, Layer):
        frame.naming.parts.append(layer)
    return layer


def configure_layer(
    layer: Layer,
    context: Context,
    frame: Frame,
    settings: Settings = NO_SETTINGS,
) -> Layer:
    """Return a new layer with the settings of its place, or with its own."""
    trainable = settings.trainable
    layer.trainable = frame.trainable if trainable is None else trainable
    if settings.name is not None:
        layer.name = settings.name[0]
        context.explicit_names[layer] = settings.name
    return layer


def make_layer(node: ast.CallExpr, entry: Entry, context: Context, frame: Frame) -> Layer | Error:
    """Return a new instance of a class of `keras.layers`."""
    what = f"`{entry.name}`"
    of_call = [parameter.name for parameter in entry.call[1:]]
    matched = match_call(what, entry, node, context, frame, also=SETTINGS, of_call=of_call)
    if matched is None:
        return ERROR
    settings = take_settings(matched, context, frame)
    arguments = take_arguments(what, entry, matched, context, frame)
    if arguments is None or settings is None:
        return ERROR
    name = snake_case(entry.name)
    spans = argument_spans(matched)
    return configure_layer(
        KerasLayer(name, entry.name, arguments, node.span, spans=spans), context, frame, settings
    )


def make_application(
    node: ast.CallExpr, name: str, context: Context, frame: Frame
) -> Layer | Error:
    """Return a new instance of one of `keras.applications`."""
    entry = catalog().find("application", name)
    if entry is None:
        assert isinstance(node.callee, ast.AttributeExpr)
        context.reporter(frame)(
            "MTG108",
            f"`keras.applications` has no `{name}`",
            node.callee.name.span,
            **suggest_spelling(name, catalog().names("application"), node.callee.name.span),
        )
        return ERROR
    what = f"`{name}`"
    matched = match_call(what, entry, node, context, frame, also=SETTINGS)
    if matched is None:
        return ERROR
    settings = take_settings(matched, context, frame)
    arguments = take_arguments(what, entry, matched, context, frame)
    if arguments is None or settings is None:
        return ERROR
    context.budget.spend(node.span, APPLICATION)
    name = snake_case(entry.name)
    spans = argument_spans(matched)
    return configure_layer(
        Application(name, entry.name, arguments, node.span, spans=spans), context, frame, settings
    )


def make_python_layer(
    node: ast.CallExpr, module: str, cls: str, context: Context, frame: Frame
) -> Layer | Error:
    """Return a new instance of a layer class written in Python."""
    own = {a.name.name: a for a in node.arguments if a.name and a.name.name in SETTINGS}
    settings = take_settings(own, context, frame)
    arguments = take_python_arguments(node, context, frame, besides=SETTINGS)
    if settings is None or arguments is None:
        return ERROR
    name = snake_case(cls)
    return configure_layer(
        PythonLayer(name, module, cls, *arguments, node.span), context, frame, settings
    )


def take_python_arguments(
    node: ast.CallExpr, context: Context, frame: Frame, besides: Sequence[str] = ()
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Return the arguments of something from Python, whose parameters are not known."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for argument in unpack(node.arguments, context, frame) or ():
        if argument.name is not None and argument.name.name in besides:
            continue
        value = evaluate(argument.value, context, frame)
        if isinstance(value, SharedLayer):
            value = value.layer
        if is_error(value):
            return None
        if argument.name is None:
            args.append(value)
        else:
            kwargs[argument.name.name] = value
    return tuple(args), kwargs
