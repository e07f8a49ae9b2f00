"""What a block that was found is called, and what it takes: by what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mtg.graph.layers import KerasLayer, Op
from mtg.outline.blocks import BlockDraft, UseMaker
from mtg.outline.draft import Body, Node, NodeResult, Slot, Spread
from mtg.outline.layer_maker import LayerMaker
from mtg.outline.lists import ListMaker
from mtg.outline.loops import LoopMaker
from mtg.outline.names import Names, plural, short_word

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
    if "stack" in classes and any(ref.is_list for ref in outside):
        return "mixture"
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


def role_of(taker: Node) -> str:
    """Return what a person calls a tensor, or one of a list, for what takes it; else nothing."""
    maker = taker.maker
    if not isinstance(maker, LayerMaker):
        return ""
    if isinstance(maker.layer, Op):
        return "expert" if maker.layer.cls == "stack" and taker.has_lists else ""
    if not isinstance(maker.layer, KerasLayer):
        return ""
    if maker.layer.cls == "Concatenate":
        return "branch"
    if maker.layer.cls == "Add" and len(taker.inputs) == 2:
        return "body"
    return ""


def takers_inside(body: Body, ref: NodeResult) -> Iterator[Node]:
    """Yield the calls that take a tensor or a list, in blocks and in loops of outputs too."""
    stack = [(body, ref)]
    while stack:
        around, wanted = stack.pop()
        for node in around.nodes:
            for number in (n for n, each in enumerate(node.inputs) if each == wanted):
                inside = node.maker.declares
                if inside is not None:
                    head = min(number, len(inside.heads) - 1)
                elif isinstance(node.maker, UseMaker):
                    inside = node.maker.block.body
                    head = next(n for n, each in enumerate(node.args) if _takes(each, number))
                else:
                    yield node
                    continue
                stack.append((inside, NodeResult(inside.heads[head])))


def name_lists(block: BlockDraft, avoid: Iterable[str]) -> None:
    """Call the lists that a block takes by what it does with them; in place.

    Args:
        avoid: The names of the blocks there are, which one of a list would hide.
    """
    for head in block.body.heads:
        roles = {role_of(taker) for taker in takers_inside(block.body, NodeResult(head))}
        if head.is_list and len(roles) == 1 and all(roles):
            others = {each.name for each in block.body.heads if each is not head}
            names = Names({block.name, *avoid, *others, *(p.name for p in block.parameters)})
            head.name = names.take(plural(roles.pop()))


def _takes(argument: object, number: int) -> bool:
    """Return whether an argument of a use of a block has the tensor or list of this number."""
    if isinstance(argument, list):
        return any(_takes(each, number) for each in argument)
    return isinstance(argument, (Slot, Spread)) and argument.number == number
