"""Lists that loops gather: of each iteration one tensor, for what comes after the loop.

The skips of a WaveNet are added at its end, the levels of an encoder are taken by a decoder. A loop
that carries such a list begins with an empty one, and its block gives the list with one more:

    x, skips = (x, []) -> for rate in [1, 2, 4] { residual(rate) }     return y, [*skips, skip]

What takes the tensors of all iterations in their order, in a row, takes the list. What takes one of
them takes an item of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence

from mtg.outline.blocks import BlockDraft, UseMaker
from mtg.outline.comprehensions import inner_nodes
from mtg.outline.draft import Body, BodyInput, Draft, Node, NodeResult, Slot, Spread
from mtg.outline.lists import ItemMaker, ListMaker
from mtg.outline.names import Names
from mtg.outline.rows import rows_of, take_families

#: How many iterations gather a list that is taken as a whole, and one that is taken item by item.
FEW, FEW_ITEMS = 3, 5


def taken_after(
    uses: Mapping[NodeResult, Sequence[tuple[Node, int]]],
    ends: Container[NodeResult],
    run: Sequence[Node],
    given: Container[NodeResult],
) -> list[int]:
    """Return the numbers of the results that something else takes of iterations of a run.

    Args:
        uses: Who takes each tensor of the body.
        ends: What the body gives.
        given: What the loop gives in any case.
    """
    inside = set(run)
    refs = [NodeResult(node, result) for node in run for result in range(node.results)]
    return sorted(
        {
            ref.result
            for ref in refs
            if ref not in given
            and (ref in ends or any(taker not in inside for taker, _ in uses.get(ref, ())))
        }
    )


def uses_of_blocks(draft: Draft) -> Counter[BlockDraft]:
    """Return how often each block is used."""
    found: Counter[BlockDraft] = Counter()
    stack = [node for body in draft.bodies() for node in body.nodes]
    while stack:
        node = stack.pop()
        if isinstance(node.maker, UseMaker):
            found[node.maker.block] += 1
        stack += inner_nodes(node)
    return found


def may_gather(body: Body, run: Sequence[Node], results: Sequence[int]) -> bool:
    """Return whether a loop of a run, the only uses of its block, should gather these results."""
    maker = run[0].maker
    assert isinstance(maker, UseMaker)
    if len(run) < FEW or any(head.is_list for head in maker.block.body.heads):
        return False
    if not body.named_after_outputs().isdisjoint(run):
        return False
    whole = all(
        _takes_all(node, refs)
        for refs in ([NodeResult(each, result) for each in run] for result in results)
        for node in body.nodes
        if node not in run and not set(refs).isdisjoint(node.inputs)
    )
    return whole or len(run) >= FEW_ITEMS


def _takes_all(node: Node, refs: Sequence[NodeResult]) -> bool:
    """Return whether all that a node takes of these stands in rows, which have all of them."""
    count = sum(ref in refs for ref in node.inputs)
    whole = 0
    for row in rows_of(node):
        for start in range(len(row) - len(refs) + 1):
            whole += row[start : start + len(refs)] == list(refs)
    return count == whole * len(refs)


def gather(block: BlockDraft, results: Sequence[int], ends: Sequence[NodeResult]) -> None:
    """Let a block take a list for each of these results, and give it with the result behind it.

    Args:
        ends: What else it gives from now on.
    """
    names = Names({head.name for head in block.body.heads} | {p.name for p in block.parameters})
    carried: list[NodeResult] = []
    for result in results:
        made = block.body.ends[result]
        stem = "xs" if made in ends else "skips"
        head = BodyInput(names.take(stem), is_list=True)
        block.body.heads.append(head)
        inputs = [NodeResult(head), made]
        longer = Node(ListMaker(), inputs, ([Spread(0), Slot(1)],), {}, {}, tensors=(None,))
        block.body.nodes.append(longer)
        carried.append(NodeResult(longer))
    block.body.ends = [*ends, *carried]


def take_gathered(
    body: Body, lists: dict[NodeResult, list[NodeResult]], given: Container[NodeResult]
) -> None:
    """Let what takes the tensors of iterations take the lists that a loop gives instead.

    Args:
        lists: What the loop gives, with the tensors that it has.
        given: Those of them that the loop gives by themselves too.
    """
    items: dict[NodeResult, NodeResult] = {}
    made: list[Node] = []

    def item(ref: NodeResult) -> NodeResult:
        if ref not in items:
            whole, number = next((w, refs.index(ref)) for w, refs in lists.items() if ref in refs)
            last = number == len(lists[whole]) - 1
            maker = ItemMaker(-1 if last else number)
            made.append(Node(maker, [whole], ([Spread(0)],), {}, {}, tensors=(None,)))
            items[ref] = NodeResult(made[-1])
        return items[ref]

    gathered = {ref for refs in lists.values() for ref in refs}
    single = {ref for ref in gathered if ref not in given}
    for node in body.nodes:
        if gathered.isdisjoint(node.inputs):
            continue
        for whole, refs in lists.items():
            if not set(refs).isdisjoint(node.inputs) and _takes_all(node, refs):
                instead: dict[NodeResult, NodeResult | None] = dict.fromkeys(refs)
                take_families(node, instead | {refs[0]: whole})
        node.inputs = [item(ref) if ref in single else ref for ref in node.inputs]
    body.ends = [item(ref) if ref in single else ref for ref in body.ends]
    body.nodes += made
