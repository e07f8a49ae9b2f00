"""Bare names after `->`: a shared instance, or a shared chain, once more."""

from __future__ import annotations

from mtg.semantics.expansion.calls import apply_layer
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate
from mtg.semantics.expansion.replay import Replay
from mtg.semantics.expansion.stages import run_stage, run_stages
from mtg.semantics.expansion.tensors import note_end
from mtg.semantics.naming import repeat_uses
from mtg.semantics.values import ERROR, Frame, SharedLayer, Value, is_tensor, kind_of
from mtg.syntax import ast
from mtg.text.source import Span


@run_stage.register(ast.NameExpr)
def run_name(stage: ast.NameExpr, value: Value, context: Context, frame: Frame) -> Value:
    """Lead a tensor through what a name stands for; report what is no shared instance."""
    found = frame.find(stage.name)
    if isinstance(found, SharedLayer):
        return _apply_shared(found, value, stage.span, context, frame)
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
    found = evaluate(stage, context, frame)
    if found is not ERROR:
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
