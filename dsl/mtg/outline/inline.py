"""Blocks that save nothing, put back where they are used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mtg.graph.values import KerasObject, map_leaves
from mtg.outline.blocks import BlockDraft, UseMaker, copied
from mtg.outline.comprehensions import inner_nodes
from mtg.outline.draft import Body, Draft, Node, NodeResult, Path
from mtg.outline.ir import Param, Value


def put_back(draft: Draft) -> None:
    """Replace each use of a block by the block's nodes, where the block saves no lines.

    When a block was made it did; but what used it may since be a block itself, that stands once.
    """
    tried: set[BlockDraft] = set()
    while True:
        places: dict[BlockDraft, list[tuple[Body, Node]]] = {block: [] for block in draft.blocks}
        looped: set[BlockDraft] = set()
        for body in draft.bodies():
            for node in body.nodes:
                if isinstance(node.maker, UseMaker):
                    places[node.maker.block].append((body, node))
                looped |= _in_loops(node)
        for block, uses in places.items():
            saves = len(uses) > 1 and len(uses) * (len(block.body.nodes) - 1) > (
                len(block.body.nodes) + _OWN_LINES
            )
            if saves or block in looped or block in tried or block.stays:
                continue
            tried.add(block)
            if len(block.body.ends) == 1 and _put_all_back(block, uses):
                draft.blocks.remove(block)
                break
        else:
            return


#: The lines that a block has besides its nodes: its head, its end, and a blank one.
_OWN_LINES = 2


def _in_loops(node: Node) -> set[BlockDraft]:
    """Return the blocks used in a loop or a family: there a name is worth having."""
    found: set[BlockDraft] = set()
    for inner in inner_nodes(node):
        if isinstance(inner.maker, UseMaker):
            found.add(inner.maker.block)
        found |= _in_loops(inner)
    return found


def _put_all_back(block: BlockDraft, uses: list[tuple[Body, Node]]) -> bool:
    try:
        values = [_values(block, use) for _, use in uses]
    except _Unsayable:
        return False
    for (body, use), own in zip(uses, values, strict=True):
        _put_back(body, use, block, own)
    return True


def _values(block: BlockDraft, use: Node) -> list[dict[Path, Value]]:
    """Return the values in the block's nodes, said by what one use gives its parameters."""
    given = {parameter.name: use.values["p", parameter.name] for parameter in block.parameters}
    return [
        {path: _said(value, given) for path, value in node.values.items()}
        for node in block.body.nodes
    ]


def _put_back(body: Body, use: Node, block: BlockDraft, values: list[dict[Path, Value]]) -> None:
    heads = {NodeResult(head): ref for head, ref in zip(block.body.heads, use.inputs, strict=True)}
    made = copied(block.body.nodes, heads)
    for node, own in zip(made, values, strict=True):
        node.values = own
    last = block.body.nodes.index(_node(block.body.ends[0]))
    end = NodeResult(made[last], block.body.ends[0].result)
    made[last].tensors = use.tensors
    index = body.nodes.index(use)
    body.nodes[index : index + 1] = made
    for node in body.nodes:
        node.inputs = [end if ref == NodeResult(use) else ref for ref in node.inputs]
    body.ends = [end if ref == NodeResult(use) else ref for ref in body.ends]


def _node(ref: NodeResult) -> Node:
    assert isinstance(ref.node, Node)
    return ref.node


class _Unsayable(Exception):
    """A formula of a formula that no `Param` says."""


def _said(value: Value, given: dict[str, Value]) -> Any:
    """Return a value of a block's body, said by what its parameters are given."""
    return map_leaves(lambda leaf: _leaf_said(leaf, given), value)


def _leaf_said(value: Value, given: dict[str, Value]) -> Value:
    if isinstance(value, Param):
        instead = given[value.name]
        if not isinstance(instead, Param):
            return value.value(given)
        if (instead.over != 1 and value.times != 1) or value.item is not None:
            raise _Unsayable
        return Param(
            instead.name, instead.times * value.times, instead.over * value.over, instead.item
        )
    if isinstance(value, KerasObject):
        return replace(value, arguments=_said(dict(value.arguments), given))
    return value
