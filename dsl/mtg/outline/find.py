"""Finding structure: blocks for what repeats, loops for runs.

The method, in iterations. In every body (the models, and the blocks found so far):

1. Runs of equal stages become loops (`loops.py`).
2. Stretches of the canonical order that repeat up to values, take at most three tensors and give
   one, are looked up (`regions.py`), and scored by the lines that a block of them would save.
3. The best becomes a block (`blocks.py`), or what stands twice in it and is worth a block itself,
   so that blocks nest as people nest them. All its places become uses of it. What differs among
   them becomes a parameter; arguments that are always equal share one, and widths that are always
   a multiple or a fraction of another are said by it.

It ends when nothing saves lines. Blocks nest, since the bodies of blocks are searched as models
are. At the end a block that saves nothing goes back to where it is used, and runs
that differ in one value become `for`.

A replacement copies nodes and wires, and decides nothing by names of layers: so the outline is
exact by construction, and the tests expand it and compare. A search costs about the summed length
of what repeats, with a bound; an iteration replaces at least two places, so there are at most half
as many iterations as layers, and in the networks of `keras.applications` fewer than thirty.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from mtg.outline.blocks import (
    BlockDraft,
    UseMaker,
    make_block,
    outside_of,
    parameter_count,
    use,
)
from mtg.outline.carried import fold_carried
from mtg.outline.comprehensions import fold_families, inner_nodes
from mtg.outline.draft import Body, Draft, Node, NodeResult
from mtg.outline.heads import fold_heads
from mtg.outline.inline import put_back
from mtg.outline.ir import Block
from mtg.outline.lists import put_lists_back, set_growing_apart, set_rows_apart
from mtg.outline.lone import put_lone_back, set_lone_apart
from mtg.outline.loops import LoopMaker, begins, fold_runs, varies_in_one
from mtg.outline.names import Names
from mtg.outline.naming import block_name, name_lists
from mtg.outline.partial_uses import BlockPlace, partial_places
from mtg.outline.regions import Index, Region, RegionStart, is_power, repeated
from mtg.outline.wide_regions import WideRegion, by_depth, by_height, wide_regions
from mtg.outline.write import write

#: How many lines a block must save, and how many of the best regions are looked at closely.
_WORTH, _CLOSELY = 1.5, 24
#: The same for a block of several results, which takes more to read.
_WIDE_WORTH = 2
#: More parameters than so many are hard to read.
_MANY = 4
_ROUNDS = 200


def find_structure(
    draft: Draft, names: Names, around: frozenset[str] = frozenset(), *, held: bool = False
) -> tuple[Block, ...]:
    """Return the blocks of a draft, each after those it uses; the draft's bodies use them.

    Args:
        names: The names of all that is in the file, so that no block has one of them.
        around: What else the file names, so that no tensor of a block hides it.
        held: Whether the language has loops whose iterations take more than the one before gives.
    """
    for body in draft.bodies():
        fold_families(body)
    for body in draft.models:
        set_lone_apart(body)
        fold_heads(body)
    for body in [*draft.models, *draft.loops()]:
        put_lone_back(body)
    for body in draft.bodies():
        set_growing_apart(body)
        fold_runs(body)
    set_rows_apart(draft.bodies())
    for _ in range(_ROUNDS):
        block = _find(draft, names) or _find_wide(draft, names)
        if block is None:
            break
        draft.blocks.append(block)
        for body in draft.bodies():
            body.sort()
            while fold_runs(body) or fold_families(body):
                pass
    fold_carried(draft, held=held)
    put_back(draft)
    for body in draft.bodies():
        while fold_runs(body, final=True, held=held):
            pass
    for body in draft.bodies():
        put_lists_back(body)
    blocks = _in_order(draft.blocks)
    names.taken -= {block.name for block in blocks}
    for block in blocks:
        block.name = names.take(block.wanted)
    called = frozenset(block.name for block in blocks)
    return tuple(
        _finished(block, called, Names(around | called, names.reserved)) for block in blocks
    )


def _find(draft: Draft, names: Names) -> BlockDraft | None:
    """Return the block that saves most, put in its places; None where none saves enough."""
    bodies = draft.bodies()
    numbers: dict[Hashable, int] = {}
    indexes = [Index(body, numbers) for body in bodies]
    models = len(draft.models) + len(draft.loops())
    regions = []
    for region in repeated(indexes):
        # A block of all that another is would say nothing.
        region.places = [
            place
            for place in region.places
            if place.body < models or region.length < len(indexes[place.body].keys)
        ]
        if len(region.places) < 2:
            continue
        score = _score(region, indexes)
        if score >= _WORTH:
            regions.append((score, region))
    regions.sort(key=lambda each: (-each[0], each[1].length))
    close = _Closely(bodies, indexes)
    best: tuple[float, Region] | None = None
    looked = 0
    for score, region in regions:
        if looked >= _CLOSELY or (best is not None and score <= best[0]):
            break
        found = close.score(score, region)
        looked += found is not None
        if found is not None and found >= _WORTH and (best is None or found > best[0]):
            best = found, region
    if best is None:
        return None
    region = best[1]
    while (inner := _inside(region, regions, close)) is not None:
        region = inner
    places = _nodes(region.places, region.length, bodies)
    found_at = [
        BlockPlace(start.body, nodes, outside_of(nodes))
        for start, nodes in zip(region.places, places, strict=True)
    ]
    return _replace(draft, found_at, [(region.length - 1, 0)], names)


class _Closely:
    """What regions save, looked at closely: with the parameters that a block of them has."""

    def __init__(self, bodies: list[Body], indexes: list[Index]) -> None:
        self.bodies = bodies
        self.indexes = indexes

    def score(self, score: float, region: Region) -> float | None:
        """Return the score less what parameters cost; None for what a loop says better."""
        place = region.places[0]
        if is_power(self.indexes[place.body], place.start, region.length):
            return None
        nodes = _nodes(region.places, region.length, self.bodies)
        if varies_in_one(nodes[0]):
            return None
        parameters = parameter_count(nodes)
        return score - len(region.places) * (0.1 * parameters + max(0, parameters - _MANY))


def _inside(region: Region, regions: list[tuple[float, Region]], close: _Closely) -> Region | None:
    """Return the region worth most that stands twice or more in this one: a block of the block."""
    place = region.places[0]
    end = place.start + region.length
    looked = 0
    for score, inner in regions:
        if inner.length * 2 > region.length or looked >= _CLOSELY:
            continue
        within = [
            p
            for p in inner.places
            if p.body == place.body and place.start <= p.start and p.start + inner.length <= end
        ]
        if len(within) < 2:
            continue
        looked += 1
        found = close.score(score, inner)
        if found is not None and found >= _WORTH:
            return inner
    return None


def _score(region: Region, indexes: list[Index]) -> float:
    """About how many lines a block saves, less where it would begin in the middle of something."""
    places = len(region.places)
    each = 1 + 0.4 * (region.tensors - 1)
    saved = places * (region.length - each) - (region.length + 2)
    first = region.places[0]
    index = indexes[first.body]
    node = index.body.nodes[first.start]
    taken = index.inputs[first.start]
    window = index.inputs[first.start : first.start + region.length]
    forks = taken and sum(ref == taken[0] for inputs in window for ref in inputs) > 1
    if not forks and not begins(node):
        saved *= 0.9
    last = index.body.nodes[first.start + region.length - 1].maker
    stage = isinstance(node.maker, LoopMaker) or "pooling" in last.word
    return saved + 0.2 * stage


def _find_wide(draft: Draft, names: Names) -> BlockDraft | None:
    """Return the block of several results, or wired in two ways, that saves most, put in place.

    The canonical order is searched, that by depth and that by height. In each, all that is taken
    stands before what takes it, so that a stretch can be one node.
    """
    best: tuple[float, WideRegion] | None = None
    bodies = draft.bodies()
    for body in bodies:
        if any(node.maker.is_apart for node in body.nodes):
            body.sort(apart=False)  # a block of several results may have rows inside
    canonical = [body.nodes for body in bodies]
    orders = canonical, [by_depth(body) for body in bodies], [by_height(body) for body in bodies]
    order = canonical
    for nodes in orders:
        for body, own in zip(bodies, nodes, strict=True):
            body.nodes = own
        found = _best_wide(bodies)
        if found is not None and (best is None or found[0] > best[0]):
            best, order = found, nodes
    for body, own in zip(bodies, order, strict=True):
        body.nodes = own
    if best is None:
        return None
    region = best[1]
    nodes_of = _nodes(region.places, region.length, bodies)
    places = [
        BlockPlace(start.body, own, outside)
        for start, own, outside in zip(region.places, nodes_of, region.outside, strict=True)
    ]
    return _replace(draft, places, region.ends, names)


def _best_wide(bodies: list[Body]) -> tuple[float, WideRegion] | None:
    """Return the region of these bodies that saves most, and about how many lines it saves."""
    numbers: dict[Hashable, int] = {}
    indexes = [Index(body, numbers) for body in bodies]
    scored = [
        (score, region)
        for region in wide_regions(indexes)
        if (score := _wide_score(region, indexes)) >= _WIDE_WORTH
    ]
    scored.sort(key=lambda each: (-each[0], each[1].length))
    best: tuple[float, WideRegion] | None = None
    for score, region in scored[:_CLOSELY]:
        if best is not None and score <= best[0]:
            break
        nodes = _nodes(region.places, region.length, bodies)
        parameters = parameter_count(nodes)
        if parameters > 1 and region.links:
            score = _wide_score(replace(region, links=0), indexes)  # no loop says two values
        score -= len(nodes) * (0.1 * parameters + max(0, parameters - _MANY))
        if score >= _WIDE_WORTH and (best is None or score > best[0]):
            best = score, region
    return best


def _wide_score(region: WideRegion, indexes: list[Index]) -> float:
    """About how many lines a block saves: places that hand on what they give are one loop."""
    places = len(region.places)
    each = 1 + 0.4 * (len(region.outside[0]) - 1) + 0.4 * (len(region.ends) - 1)
    saved = places * region.length - (places - region.links) * each - (region.length + 2)
    first = region.places[0]
    return saved if begins(indexes[first.body].body.nodes[first.start]) else saved * 0.9


def _nodes(places: Sequence[RegionStart], length: int, bodies: list[Body]) -> list[list[Node]]:
    return [bodies[p.body].nodes[p.start : p.start + length] for p in places]


def _replace(
    draft: Draft, places: list[BlockPlace], ends: list[tuple[int, int]], names: Names
) -> BlockDraft:
    """Return a block of regions, all of which become uses of it; `ends` are what it returns."""
    bodies = draft.bodies()
    places = [*places, *partial_places(bodies, places, ends)]
    wanted = block_name(places[0].nodes, places[0].outside)
    blocks = [block.name for block in draft.blocks]
    nodes_of = [place.nodes for place in places]
    outside = [place.outside for place in places]
    block, given = make_block(wanted, names.take(wanted), nodes_of, outside, ends, avoid=blocks)
    name_lists(block, blocks)
    names.taken |= {parameter.name for parameter in block.parameters}
    refs: dict[NodeResult, NodeResult] = {}
    gone: set[Node] = set()
    uses: list[list[Node]] = [[] for _ in bodies]
    for place, values in zip(places, given, strict=True):
        own = [NodeResult(place.nodes[number], result) for number, result in ends]
        made = use(block, place.nodes, place.outside, values, own)
        refs |= {ref: NodeResult(made, number) for number, ref in enumerate(own)}
        gone.update(place.nodes)
        uses[place.body].append(made)
    for body, made_in in zip(bodies, uses, strict=True):
        if not made_in:
            continue
        body.nodes = [*(node for node in body.nodes if node not in gone), *made_in]
        for node in body.nodes:
            node.inputs = [refs.get(ref, ref) for ref in node.inputs]
        body.ends = [refs.get(ref, ref) for ref in body.ends]
    return block


def _in_order(blocks: list[BlockDraft]) -> list[BlockDraft]:
    """Return the blocks, each after those it uses."""
    done: dict[BlockDraft, None] = {}

    def visit(block: BlockDraft) -> None:
        if block not in done:
            for inner in _used(block.body.nodes):
                visit(inner)
            done[block] = None

    for block in blocks:
        visit(block)
    return list(done)


def _used(nodes: list[Node]) -> list[BlockDraft]:
    found: list[BlockDraft] = []
    for node in nodes:
        if isinstance(node.maker, UseMaker):
            found.append(node.maker.block)
        elif (body := node.maker.declares) is not None:
            found += _used(body.nodes)
        else:
            found += _used(inner_nodes(node))
    return found


def _finished(block: BlockDraft, blocks: frozenset[str], names: Names) -> Block:
    names.taken |= {head.name for head in block.body.heads} | {p.name for p in block.parameters}
    written = write(block.body, names, blocks=blocks)
    return Block(
        block.name,
        tuple(head.name for head in block.body.heads),
        tuple(block.parameters),
        tuple(written.statements),
        tuple(written.ends),
    )
