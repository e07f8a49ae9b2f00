"""What a block that was found is called: by what is in it."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.outline.blocks import UseMaker
from mtg.outline.draft import Node, NodeResult
from mtg.outline.layer_maker import LayerMaker
from mtg.outline.lists import ListMaker
from mtg.outline.loops import LoopMaker
from mtg.outline.names import short_word

#: At most so many parts are strung together.
_PARTS = 4


def block_name(nodes: Sequence[Node], outside: Sequence[NodeResult]) -> str:
    """Return a name for a region: `conv_bn_relu`, `residual`, `squeeze_excite`, `inception`."""
    classes = {_cls(node) for node in nodes}
    merge = next((n for n in nodes[-1:-4:-1] if len(n.inputs) > 1 or n.has_lists), None)
    ends = (nodes[0].maker, nodes[-1].maker)
    if isinstance(nodes[-1].maker, ListMaker):
        return "dense_block"
    if any(isinstance(maker, LoopMaker) for maker in ends) and len(outside) == 1:
        return "stage"
    if "MultiHeadAttention" in classes or "GroupQueryAttention" in classes:
        return "transformer"
    if {"softmax", "matmul"} <= classes:
        return "attention"
    if merge is not None and isinstance(merge.maker, LayerMaker):
        cls = merge.maker.layer.cls
        skips = any(ref in outside for ref in merge.inputs)
        if cls in ("Add", "add"):
            if len(outside) > 1 and any(_is_cross(ref.node, outside) for ref in merge.inputs):
                return "cross"
            return "residual" if skips or len(outside) > 1 else "projected"
        if cls in ("Multiply", "multiply"):
            pools = any(c.startswith("Global") for c in classes)
            return "squeeze_excite" if pools else "gate"
        if cls == "Concatenate":
            if len(outside) > 1:
                return "cell"
            if skips and len(merge.inputs) == 2:
                return "dense_block"
            return "inception" if len(merge.inputs) > 2 else "branches"
    if len(outside) > 1:
        return "cell"
    parts = [part for node in nodes if (part := _part(node))]
    if len(parts) > _PARTS or "_".join(parts).count("_") >= 2 * _PARTS:
        inner = [
            p for node, p in zip(nodes, parts, strict=False) if isinstance(node.maker, LayerMaker)
        ]
        return f"{(inner or parts)[0].partition('_')[0]}_block"
    return "_".join(parts) or "part"


def _is_cross(node: object, outside: Sequence[NodeResult]) -> bool:
    """Return whether this multiplies something with what comes in, as a cross layer does."""
    return (
        isinstance(node, Node)
        and _cls(node) in ("Multiply", "multiply")
        and any(ref in outside for ref in node.inputs)
    )


def _cls(node: Node) -> str:
    return node.maker.layer.cls if isinstance(node.maker, LayerMaker) else ""


def _part(node: Node) -> str:
    maker = node.maker
    if isinstance(maker, LayerMaker):
        if maker.layer.cls == "Activation":
            activation = node.values.get(("a", "activation"))
            return activation if isinstance(activation, str) else "act"
        return short_word(maker.word)
    if isinstance(maker, LoopMaker):
        return _part(maker.nodes[-1])
    return maker.block.wanted if isinstance(maker, UseMaker) else ""
