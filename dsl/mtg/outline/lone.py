"""Branches that stand alone where like calls have families of such: of the experts of a task, one.

Heads are alike where each has a family, of however many branches. So a lone branch is made a family
before heads are compared, and put back where it has not become one of a varying number.
"""

from __future__ import annotations

from typing import Any

from mtg.outline.blocks import copied
from mtg.outline.comprehensions import FamilyMaker, fold_families
from mtg.outline.draft import Body, Node, NodeResult, Slot, Spread


def set_lone_apart(body: Body) -> None:
    """Make families of lone branches, in place."""
    fold_families(body, lone=True)


def put_lone_back(body: Body) -> None:
    """Let calls take the branch of each family that has one; in place."""
    uses = body.uses()
    instead: dict[Node, list[Node]] = {}
    for node in body.nodes:
        if not isinstance(node.maker, FamilyMaker) or node.values["n",] != 1:
            continue
        item = node.maker.item_with(node.values)
        heads = dict(zip(map(NodeResult, item.heads), node.inputs, strict=True))
        instead[node] = copied(item.nodes, heads)
        ((taker, number),) = uses[NodeResult(node)]
        taker.inputs[number] = NodeResult(instead[node][-1])
        taker.args = tuple(_one_of(each, number) for each in taker.args)
        taker.kwargs = {name: _one_of(each, number) for name, each in taker.kwargs.items()}
        taker.key = None
        taker.__post_init__()
    if instead:
        body.nodes = [each for node in body.nodes for each in instead.get(node, [node])]
        body.sort()


def _one_of(argument: Any, number: int) -> Any:
    """Return an argument of a call, in which the list of this number is a tensor."""
    if isinstance(argument, list):
        return [_one_of(item, number) for item in argument]
    is_list = isinstance(argument, Spread) and argument.number == number
    return Slot(number) if is_list else argument
