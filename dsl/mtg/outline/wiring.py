"""Who takes what in a body, and whether some of its nodes may become one."""

from __future__ import annotations

from mtg.outline.draft import Body, Node, NodeResult

#: Nodes that are looked at to find out whether some of them can become one.
_MAX_STEPS = 1_000_000


class Wiring:
    """Who takes what in a body, as it stands."""

    def __init__(self, body: Body) -> None:
        self.nodes = body.nodes
        self.place = {node: number for number, node in enumerate(body.nodes)}
        self.takers: dict[NodeResult, list[Node]] = {}
        for node in body.nodes:
            for ref in node.inputs:
                self.takers.setdefault(ref, []).append(node)
        self.given = set(body.ends)
        self.steps = 0

    def ends(self, nodes: list[Node]) -> list[NodeResult]:
        """Return the tensors of these nodes that others take."""
        inside = set(nodes)
        refs = [NodeResult(node, result) for node in nodes for result in range(node.results)]
        return [
            ref
            for ref in refs
            if ref in self.given or any(each not in inside for each in self.takers.get(ref, ()))
        ]

    def is_convex(self, nodes: set[Node]) -> bool:
        """Return whether nothing outside depends on one of these nodes and is taken by another.

        Only what stands between them can be. Where that is much for many uses, it is not looked
        for any more, and the uses stay as they are.
        """
        places = [self.place[node] for node in nodes]
        low, high = min(places), max(places) + 1
        self.steps += high - low
        if self.steps > _MAX_STEPS:
            return False
        after: set[Node] = set()
        for node in self.nodes[low:high]:
            makers = {ref.node for ref in node.inputs if isinstance(ref.node, Node)}
            if node in nodes:
                if makers & after:
                    return False
            elif makers & after or makers & nodes:
                after.add(node)
        return True
