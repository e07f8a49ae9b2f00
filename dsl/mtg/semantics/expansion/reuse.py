"""Bare names after `->`: a shared instance, or a shared chain, once more."""

from __future__ import annotations

from mtg.graph.layers import Layer
from mtg.graph.values import KerasObject
from mtg.semantics.expansion.calls import apply_layer
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate
from mtg.semantics.expansion.names import report_bare_name
from mtg.semantics.expansion.replay import Replay
from mtg.semantics.expansion.stages import run_stage, run_stages
from mtg.semantics.expansion.tensors import note_end
from mtg.semantics.modules import Declared
from mtg.semantics.naming import repeat_uses
from mtg.semantics.values import (
    ERROR,
    MISSING,
    Frame,
    LayerClass,
    SharedLayer,
    Value,
    is_tensor,
    kind_of,
)
from mtg.syntax import ast
from mtg.text.source import Span


@run_stage.register(ast.NameExpr)
def run_name(stage: ast.NameExpr, value: Value, context: Context, frame: Frame) -> Value:
    """Lead a tensor through what a name stands for; report what is no shared instance."""
    found = frame.find(stage.name)
    if isinstance(found, SharedLayer):
        return _apply_shared(found, value, stage.span, context, frame)
    if isinstance(found, Declared) and found.array is not None:
        context.reporter(frame)(
            "MTG104",
            f"expected a layer after `->`, but `{stage.name}` is an array",
            stage.span,
            label="an array",
            help=f"compute with it: `x + {stage.name}`",
        )
        return ERROR
    if is_tensor(found):
        context.reporter(frame)(
            "MTG104",
            f"expected a layer after `->`, but `{stage.name}` is a tensor",
            stage.span,
            label="a tensor",
            help="merge tensors with `concat(a, b)` or `add(a, b)`; "
            "declare an instance to reuse with `shared`",
        )
        return ERROR
    if found is MISSING:
        return ERROR  # reported when the names were resolved
    found = evaluate(stage, context, frame)
    if isinstance(found, (Declared, LayerClass)):
        report_bare_name(stage, found, context, frame)
    elif found is not ERROR:
        context.reporter(frame)(
            "MTG104",
            f"expected a layer after `->`, but `{stage.name}` is {kind_of(found)}",
            stage.span,
            label=f"this is {kind_of(found)}",
            help=f"write `{stage.name}(…)` to make one"
            if not isinstance(found, (int, float, str, list, tuple, dict))
            else "",
        )
    return ERROR


@run_stage.register(ast.SubscriptExpr)
def run_item(stage: ast.SubscriptExpr, value: Value, context: Context, frame: Frame) -> Value:
    """Lead a tensor through a shared instance of a family: `-> tables["user"]`."""
    name = stage.value
    while isinstance(name, ast.SubscriptExpr):
        name = name.value
    held = frame.find(name.name) if isinstance(name, ast.NameExpr) else None
    if held is MISSING or held is ERROR:
        return ERROR  # reported when the names were resolved
    if not isinstance(held, (list, tuple, dict)):
        return run_stage.dispatch(object)(stage, value, context, frame)
    found = evaluate(stage, context, frame)
    if isinstance(found, SharedLayer):
        return _apply_shared(found, value, stage.span, context, frame)
    if isinstance(found, (Declared, LayerClass)):
        report_bare_name(stage, found, context, frame)
    elif found is not ERROR:
        context.reporter(frame)(
            "MTG104",
            f"expected a layer after `->`, but `{stage.span.text}` is {kind_of(found)}",
            stage.span,
            label=f"this is {kind_of(found)}",
            help=_how_to_reuse(name.name, found) if isinstance(name, ast.NameExpr) else "",
        )
    return ERROR


def _how_to_reuse(name: str, found: Value) -> str:
    """Return how to declare a list or dict whose items stand after `->`."""
    if isinstance(found, (Layer, KerasObject)):
        return f"declare instances for reuse with `shared {name} = …`"
    return ""


def _apply_shared(
    shared: SharedLayer, value: Value, span: Span, context: Context, frame: Frame
) -> Value:
    """Lead a tensor through a shared instance, or through the layers of a shared chain."""
    shared.uses += 1
    if shared.layer is not None:
        return apply_layer(shared.layer, value, span, context, frame)
    replay = Replay(shared.layers, shared.level)
    context.replays.append(replay)
    try:
        inner = shared.frame.within({})
        inner.uses = frame.uses
        inner.rounds = frame.rounds
        parts = inner.naming.parts
        before = len(parts)
        result = run_stages(shared.stages, value, context, inner)
        if shared.layers is None:
            shared.layers = replay.layers
            note_end(result, context, inner)
        else:
            # The layers of a chain stand in its statement once, however often it is used.
            repeat_uses(parts[:before], parts[before:])
            del parts[before:]
        return result
    finally:
        context.replays.pop()
