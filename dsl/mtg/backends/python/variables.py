"""What variables are called that hold what a person would not name."""

from __future__ import annotations

from collections.abc import Container

from mtg.graph.layers import Op
from mtg.outline.ir import Apply, BlockCall, Flow, New, Repeat, Stage
from mtg.outline.names import class_words, result_word, short_word


def roles_in(apply: Apply) -> dict[int, str]:
    """Return what the flows are called that a merge joins: by what becomes of them."""
    stage = apply.stage
    if not isinstance(stage, New) or isinstance(stage.layer, Op):
        return {}
    flows = list(apply.flows())
    if stage.cls == "Add" and len(flows) == 2:
        made = sorted((f for f in flows if not f.is_name), key=lambda flow: -len(flow.stages))
        words = ["body", "shortcut"][any(f.source == "body" for f in flows) :]
        return {id(flow): word for flow, word in zip(made, words, strict=False)}
    return {id(flow): "branch" for flow in flows} if stage.cls == "Concatenate" else {}


def word_of(flow: Flow, blocks: Container[str]) -> str:
    """Return what a variable is called that holds the end of a flow.

    `blocks` are the names of those there are.
    """
    stage = last_stage(flow)
    while isinstance(stage, Repeat):
        stage = stage.stages[-1]
    if isinstance(stage, New):
        return short_word(class_words(stage.cls.rpartition(".")[2]))
    if isinstance(stage, BlockCall):
        return result_word(stage.block, blocks)
    return "y"


def last_stage(flow: Flow) -> Stage | None:
    """Return the stage that ends a flow."""
    if flow.stages:
        return flow.stages[-1]
    return flow.source.stage if isinstance(flow.source, Apply) else None
