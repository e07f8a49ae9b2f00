"""Loops over blocks of several tensors: each iteration takes what the one before gave.

A run of uses of one block is a loop where every head of the block is given a result of the use
before, or a tensor that the use before was itself given: `x0` of a cross network stays, and of two
tensors that are carried the older may step back. The block then returns, for each of its heads,
what the next iteration is given for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from mtg.outline.blocks import BlockDraft, UseMaker
from mtg.outline.draft import Body, Draft, Node, NodeResult, Slot, Values
from mtg.outline.gathered import (
    gather,
    may_gather,
    take_gathered,
    taken_after,
    uses_of_blocks,
)
from mtg.outline.ir import params_in
from mtg.outline.loops import LoopMaker, loop_of

#: How many ends of a run are tried before it stays as it is.
_MAX_TRIES = 12
#: How many uses one look for runs may go through.
_MAX_STEPS = 20_000


class _Source(NamedTuple):
    """What a head is given: a result of the use before, or what the use before has at a head."""

    is_result: bool
    number: int


_Sources = tuple[_Source, ...]


def fold_carried(draft: Draft, *, held: bool = False) -> None:
    """Make loops of the runs of uses that hand several tensors from one to the next; in place.

    With `held` what stays the same is no result of the block: the language has loops whose
    iterations take more than the one before gives.
    """
    looped: set[BlockDraft] = set()
    for body in draft.bodies():
        # Positions in a run's results change where its block does, so the runs are looked up anew.
        tried: set[Node] = set()
        while _fold_next(draft, body, tried, looped, held=held):
            pass
    for body in draft.bodies():
        body.sort()


@dataclass(frozen=True, slots=True)
class _Run:
    """Uses of a block, each of which is given by the one before what `sources` says."""

    block: BlockDraft
    nodes: list[Node]
    all_sources: _Sources
    may_hold: bool

    @property
    def held(self) -> tuple[int, ...]:
        """The heads that are given one tensor in all iterations, where the loop may hold it."""
        return tuple(
            head
            for head, source in enumerate(self.all_sources)
            if self.may_hold and source == _Source(False, head)
        )

    @property
    def sources(self) -> _Sources:
        """What the other heads are given."""
        held = self.held
        return tuple(s for head, s in enumerate(self.all_sources) if head not in held)

    def wanted(self) -> list[NodeResult]:
        """Return what the block must give so that its results are the heads of the next one."""
        body = self.block.body
        return [
            body.ends[source.number] if source.is_result else NodeResult(body.heads[source.number])
            for source in self.sources
        ]

    def places(self) -> dict[int, int]:
        """Return where the block's results stand among those it must give."""
        found: dict[int, int] = {}
        for place, source in enumerate(self.sources):
            if source.is_result:
                found.setdefault(source.number, place)
        return found

    def given(self) -> dict[NodeResult, int]:
        """Return the tensors that the loop gives, with the number of the result of each."""
        last = self.nodes[-1]
        found: dict[NodeResult, int] = {}
        for place, source in enumerate(self.sources):
            ref = (
                NodeResult(last, source.number) if source.is_result else last.inputs[source.number]
            )
            if ref.node in self.nodes:
                found.setdefault(ref, place)
        return found


def _block(node: Node) -> BlockDraft | None:
    return node.maker.block if isinstance(node.maker, UseMaker) else None


def _fold_next(
    draft: Draft, body: Body, tried: set[Node], looped: set[BlockDraft], *, held: bool
) -> bool:
    """Make a loop of the first run that is one; returns whether there is any."""
    uses, ends = body.uses(), frozenset(body.ends)
    counts = uses_of_blocks(draft)
    for nodes, sources in _runs(body, tried):
        block = _block(nodes[0])
        assert block is not None
        for end in range(len(nodes), max(1, len(nodes) - _MAX_TRIES), -1):
            run = _Run(block, nodes[:end], sources, held)
            gathered = taken_after(uses, ends, run.nodes, run.given())
            if gathered and counts[block] != end:
                continue
            if not gathered and len(run.nodes[0].inputs) == 1:
                continue  # a run of stages
            if _fold(draft, body, run, gathered, block not in looped):
                looped.add(block)
                return True
    return False


def _runs(body: Body, tried: set[Node]) -> Iterator[tuple[list[Node], _Sources]]:
    """Yield the runs of two uses or more that begin with a node not tried yet."""
    takers: dict[Node, list[Node]] = {}
    for node in body.nodes:
        if _block(node) is not None:
            for maker in dict.fromkeys(ref.node for ref in node.inputs):
                if isinstance(maker, Node) and _block(maker) is _block(node):
                    takers.setdefault(maker, []).append(node)
    inside = {node for nodes in takers.values() for node in nodes}
    starts = [node for node in body.nodes if node in takers and node not in tried]
    # A run begins where no other goes on, but for what is left of one that was cut.
    steps = 0
    for start in sorted(starts, key=lambda node: node in inside):
        if steps > _MAX_STEPS:
            return
        chain = [start]
        while chain[-1] in takers:
            on = next((n for n in takers[chain[-1]] if _sources(chain[-1], n)), None)
            if on is None:
                break
            chain.append(on)
        tried.add(start)
        steps += len(chain)
        if len(chain) > 1:
            yield _agreeing(chain)


def _agreeing(chain: list[Node]) -> tuple[list[Node], _Sources]:
    """Return as much of a chain of uses as agrees on what the heads are given."""
    pairs = list(pairwise(chain))
    best: tuple[int, _Sources] = (0, ())
    for sources in dict.fromkeys(filter(None, (_sources(*pair) for pair in pairs[:3]))):
        length = 0
        while length < len(pairs) and _agrees(*pairs[length], sources):
            length += 1
        if length > best[0]:
            best = length, sources
    return chain[: best[0] + 1], best[1]


def _sources(before: Node, after: Node) -> _Sources | None:
    """Return what each head is given by the use before; None where something else is given."""
    found: list[_Source] = []
    for head, ref in enumerate(after.inputs):
        if ref.node is before:
            found.append(_Source(True, ref.result))
        elif before.inputs[head] == ref:
            found.append(_Source(False, head))
        elif ref in before.inputs:
            found.append(_Source(False, before.inputs.index(ref)))
        else:
            return None
    return tuple(found)


def _agrees(before: Node, after: Node, sources: _Sources) -> bool:
    return all(
        ref == (NodeResult(before, number) if is_result else before.inputs[number])
        for ref, (is_result, number) in zip(after.inputs, sources, strict=True)
    )


def _fold(draft: Draft, body: Body, run: _Run, gathered: Sequence[int], may_change: bool) -> bool:
    """Make a loop of a run, if it is one; returns whether it is."""
    given = run.given()
    if len(run.nodes) < 2 or (gathered and not may_gather(body, run.nodes, gathered)):
        return False
    changes = run.wanted() != run.block.body.ends
    if changes and not gathered and not (may_change and _may_change(draft, run)):
        return False
    taken = {p.name for node in body.nodes for v in node.values.values() for p in params_in(v)}
    made = loop_of([[node] for node in run.nodes], taken)
    if made is None:
        return False
    loop = _loop(run, *made, gathered)
    lists = {
        NodeResult(loop, len(run.sources) + place): [NodeResult(node, r) for node in run.nodes]
        for place, r in enumerate(gathered)
    }
    _replace(body, given, loop, set(run.nodes), lists)
    if gathered:
        gather(run.block, gathered, run.wanted())
    elif changes:
        _change(draft, run)
    return True


def _may_change(draft: Draft, run: _Run) -> bool:
    """Return whether no use of the block needs a result that the block would no longer have."""
    kept = run.places()
    taken = [
        ref
        for body in draft.bodies()
        for ref in (*(ref for node in body.nodes for ref in node.inputs), *body.ends)
    ]
    return all(
        ref.result in kept
        for ref in taken
        if isinstance(ref.node, Node) and _block(ref.node) is run.block
    )


def _loop(run: _Run, maker: LoopMaker, values: Values, gathered: Sequence[int]) -> Node:
    last, inputs = run.nodes[-1], list(run.nodes[0].inputs)
    results = len(run.sources)
    return Node(
        LoopMaker(maker.nodes, maker.variable, maker.values, run.held),
        inputs,
        (*map(Slot, range(len(inputs))), *([] for _ in gathered)),
        {},
        values,
        results + len(gathered),
        calls=tuple(call for node in run.nodes for call in node.calls),
        tensors=(
            *(last.tensors[s.number] if s.is_result else None for s in run.sources),
            *(None for _ in gathered),
        ),
        lists=tuple(range(results, results + len(gathered))),
    )


def _replace(
    body: Body,
    given: dict[NodeResult, int],
    loop: Node,
    inside: set[Node],
    lists: dict[NodeResult, list[NodeResult]],
) -> None:
    refs = {ref: NodeResult(loop, number) for ref, number in given.items()}
    position = max(number for number, node in enumerate(body.nodes) if node in inside)
    body.nodes[position] = loop
    body.nodes = [node for node in body.nodes if node not in inside]
    take_gathered(body, lists, given)
    for node in body.nodes:
        node.inputs = [refs.get(ref, ref) for ref in node.inputs]
    body.ends = [refs.get(ref, ref) for ref in body.ends]
    body.sort()


def _change(draft: Draft, run: _Run) -> None:
    """Make the block give what the next iteration is given, at the uses that are left too."""
    places = run.places()
    run.block.body.ends = run.wanted()
    for body in draft.bodies():
        refs: dict[NodeResult, NodeResult] = {}
        for node in body.nodes:
            if _block(node) is not run.block:
                continue
            refs |= {NodeResult(node, old): NodeResult(node, new) for old, new in places.items()}
            node.results = len(run.sources)
            node.tensors = tuple(
                node.tensors[source.number] if source.is_result else None for source in run.sources
            )
        for node in body.nodes:
            node.inputs = [refs.get(ref, ref) for ref in node.inputs]
        body.ends = [refs.get(ref, ref) for ref in body.ends]
