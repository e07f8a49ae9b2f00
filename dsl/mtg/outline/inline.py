"""Blocks that are used once, put back where they are used."""

from __future__ import annotations

from typing import Any

from mtg.graph.values import KerasObject
from mtg.outline.blocks import BlockDraft, UseMaker
from mtg.outline.draft import Body, Draft, Node, Ref
from mtg.outline.ir import Param, Value
from mtg.outline.loops import LoopMaker


def inline_single_uses(draft: Draft) -> None:
    """Replace each use of a block that nothing else uses by the block's nodes."""
    while True:
        uses: dict[BlockDraft, int] = {}
        for body in draft.bodies():
            _count(body.nodes, uses, 1)
        for body in draft.bodies():
            for node in body.nodes:
                maker: Any = node.maker
                once = isinstance(maker, UseMaker) and uses[maker.block] == 1
                if once and _put_back(body, node, maker.block):
                    draft.blocks.remove(maker.block)
                    break
            else:
                continue
            break
        else:
            return


def _count(nodes: list[Node], uses: dict[BlockDraft, int], times: int) -> None:
    for node in nodes:
        if isinstance(node.maker, UseMaker):
            uses[node.maker.block] = uses.get(node.maker.block, 0) + times
        elif isinstance(node.maker, LoopMaker):
            # A block in a loop is worth its name, even where the loop is its one place.
            _count(node.maker.nodes, uses, 2)


def _put_back(body: Body, use: Node, block: BlockDraft) -> bool:
    if block.stays or len(block.body.ends) > 1:
        return False
    given = {parameter.name: use.values["p", parameter.name] for parameter in block.parameters}
    try:
        values = [
            {path: _said(value, given) for path, value in node.values.items()}
            for node in block.body.nodes
        ]
    except _Unsayable:
        return False
    refs: dict[Ref, Ref] = {
        Ref(head): ref for head, ref in zip(block.body.heads, use.inputs, strict=True)
    }
    inner = block.body.nodes
    for node, own in zip(inner, values, strict=True):
        node.inputs = [refs.get(ref, ref) for ref in node.inputs]
        node.values = own
    (end,) = block.body.ends
    index = body.nodes.index(use)
    inner[-1].tensors = use.tensors
    body.nodes[index : index + 1] = inner
    for node in body.nodes:
        node.inputs = [end if ref == Ref(use) else ref for ref in node.inputs]
    body.ends = [end if ref == Ref(use) else ref for ref in body.ends]
    return True


class _Unsayable(Exception):
    """A formula of a formula that no `Param` says."""


def _said(value: Value, given: dict[str, Value]) -> Any:
    """A value of a block's body, said by what its parameters are given."""
    if isinstance(value, Param):
        instead = given[value.name]
        if not isinstance(instead, Param):
            return value.value(given)
        if instead.over != 1 and value.times != 1:
            raise _Unsayable
        if value.item is not None:
            raise _Unsayable
        return Param(
            instead.name, instead.times * value.times, instead.over * value.over, instead.item
        )
    if isinstance(value, (list, tuple)):
        return type(value)(_said(item, given) for item in value)
    if isinstance(value, dict):
        return {key: _said(item, given) for key, item in value.items()}
    if isinstance(value, KerasObject):
        inner = {name: _said(item, given) for name, item in value.arguments.items()}
        return KerasObject(value.kind, value.name, inner, value.span)
    return value
