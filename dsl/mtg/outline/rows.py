"""Rows: the lists of tensors in the arguments of calls, and families in their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mtg.outline.draft import Node, NodeResult, Slot, Spread

#: A list in the arguments of a call, and the tensors in it: where it is one by one of them.
Row = list[NodeResult | None]


def rows_of(node: Node) -> Iterator[Row]:
    """Yield the lists of tensors in the arguments of a call; None for what is no tensor."""
    stack = [each for each in node.args if isinstance(each, list)]
    while stack:
        row = stack.pop()
        stack += [item for item in row if isinstance(item, list)]
        found = [node.inputs[i.number] if isinstance(i, Slot) else None for i in row]
        if any(ref is not None for ref in found):
            yield found


def take_families(node: Node, families: Mapping[NodeResult, NodeResult | None]) -> None:
    """Let a call take families where it took the tensors of their branches; in place."""
    inputs: list[NodeResult] = []

    def taken(value: Any) -> Any:
        if isinstance(value, Slot):
            inputs.append(node.inputs[value.number])
            return Slot(len(inputs) - 1)
        if isinstance(value, Spread):
            inputs.append(node.inputs[value.number])
            return Spread(len(inputs) - 1)
        if isinstance(value, list):
            row: list[Any] = []
            for item in value:
                ref = node.inputs[item.number] if isinstance(item, Slot) else None
                if ref is None or ref not in families:
                    row.append(taken(item))
                elif (family := families[ref]) is not None:
                    inputs.append(family)
                    row.append(Spread(len(inputs) - 1))
            return row
        if type(value) is tuple:
            return tuple(map(taken, value))
        if isinstance(value, dict):
            return {key: taken(item) for key, item in value.items()}
        return value

    node.args = tuple(map(taken, node.args))
    node.kwargs = {key: taken(item) for key, item in node.kwargs.items()}
    node.inputs = inputs
    node.key = None
    node.__post_init__()
