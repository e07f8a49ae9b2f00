"""The blocks that a program itself has: its calls know the uses that expanded them."""

from __future__ import annotations

from collections.abc import Hashable

from mtg.graph.graph import Use
from mtg.graph.written import WrittenValues
from mtg.outline.blocks import BlockDraft, KnownParameters, make_block, outside_of, use
from mtg.outline.draft import Body, BodyInput, Draft, Node, NodeResult, Path
from mtg.outline.ir import BlockParameter, Value
from mtg.outline.names import Names
from mtg.outline.origins import Origins, declared_by, values_of
from mtg.outline.partial_uses import BlockPlace, partial_places
from mtg.outline.wiring import Wiring

#: The body that a use stands in, its nodes, the tensors of theirs that others take, and the use.
_Place = tuple[Body, list[Node], list[NodeResult], Use]


def blocks_of_uses(draft: Draft, names: Names, written: WrittenValues | None = None) -> None:
    """Make blocks of what the program made with blocks, the inner ones first.

    Uses that differ in more than values, as an `if` in a block makes them, become blocks of their
    own. A use that holds a shared instance stays as it is. `written` is what the program says of
    parameters.
    """
    height: dict[Use, int] = {}
    for body in draft.models:
        for node in body.nodes:
            for call in node.calls:
                for above, made in enumerate(reversed(call.uses)):
                    height[made] = max(height.get(made, 0), above)
    for level in sorted(set(height.values())):
        groups: dict[tuple[str, Hashable], list[_Place]] = {}
        for body in draft.models:
            wiring = Wiring(body)
            for made, nodes in _by_use(body, height, level).items():
                if any(node.fixed for node in nodes) or not wiring.is_convex(set(nodes)):
                    continue
                ends = wiring.ends(nodes)
                if ends and outside_of(nodes):
                    key = (made.block, _sign(nodes, ends, made))
                    groups.setdefault(key, []).append((body, nodes, ends, made))
        for (name, _), places in _completed(groups, draft).items():
            _make(name, places, draft, names, written)
        for body in draft.models:
            body.sort()


def _completed(
    groups: dict[tuple[str, Hashable], list[_Place]], draft: Draft
) -> dict[tuple[str, Hashable], list[_Place]]:
    """Return the groups, with the uses that lack what their unused results need among the whole."""
    found = dict(groups)
    for key in sorted(groups, key=lambda each: -len(groups[each][0][1])):
        if not found[key]:
            continue
        others = {
            frozenset(place[1]): (other, place)
            for other, alike in found.items()
            for place in alike
            if other[0] == key[0] and other != key
        }
        first, ends = found[key][0][1], found[key][0][2]
        position = {node: number for number, node in enumerate(first)}
        returned = [(position[r.node], r.result) for r in ends if isinstance(r.node, Node)]
        whole = [
            BlockPlace(draft.models.index(body), nodes, outside_of(nodes))
            for body, nodes, _, _ in found[key]
        ]
        for each in partial_places(draft.models, whole, returned, others):
            own = frozenset(node for node in each.nodes if node.calls)
            other, place = others[own]
            found[other] = [one for one in found[other] if one is not place]
            given = [NodeResult(each.nodes[number], result) for number, result in returned]
            found[key] = [*found[key], (place[0], each.nodes, given, place[3])]
    return {key: places for key, places in found.items() if places}


def _by_use(body: Body, height: dict[Use, int], level: int) -> dict[Use, list[Node]]:
    """Return the nodes that each use of one height made, in the order their calls were made."""
    found: dict[Use, list[Node]] = {}
    for node in body.nodes:
        uses = {
            next((made for made in call.uses if height[made] == level), None) for call in node.calls
        }
        made = uses.pop() if len(uses) == 1 else None
        if made is not None:
            found.setdefault(made, []).append(node)
    for nodes in found.values():
        nodes.sort(key=lambda node: max(call.id for call in node.calls))
    return found


def _taken(nodes: list[Node], made: Use) -> list[NodeResult]:
    """Return what a use takes from outside, in the order of the block's heads."""
    order = {tensor: number for number, tensor in reversed([*enumerate(made.heads)])}

    def place(ref: NodeResult) -> int:
        if isinstance(ref.node, BodyInput):
            tensor = ref.node.tensor
        else:
            tensor = ref.node.tensors[ref.result] if ref.result < len(ref.node.tensors) else None
        return len(order) if tensor is None else order.get(tensor, len(order))

    return sorted(outside_of(nodes), key=place)


def _sign(nodes: list[Node], ends: list[NodeResult], made: Use) -> Hashable:
    """Return what alike uses have in common: the nodes, and how they are wired."""
    position = {node: number for number, node in enumerate(nodes)}
    outside = {ref: number for number, ref in enumerate(_taken(nodes, made))}
    wires = tuple(
        tuple(
            (position[ref.node], ref.result)
            if isinstance(ref.node, Node) and ref.node in position
            else (-1, outside[ref])
            for ref in node.inputs
        )
        for node in nodes
    )
    given = tuple((position[ref.node], ref.result) for ref in ends if isinstance(ref.node, Node))
    return tuple(node.key for node in nodes), wires, given


def _known(places: list[_Place], written: WrittenValues) -> KnownParameters | None:
    """Return the parameters that the program declares for a block, where its values are theirs."""
    owners = {found.owner for *_, made in places if (found := written.uses.get(made.span))}
    if len(owners) != 1 or any(made.span not in written.uses for *_, made in places):
        return None
    (owner,) = owners
    formulas: dict[tuple[int, Path], tuple[str, int, int]] = {}
    for number, alike in enumerate(zip(*(nodes for _, nodes, *_ in places), strict=True)):
        for path, found in alike[0].origins.items():
            if found.owner == owner and all(node.origins.get(path) == found for node in alike):
                formulas[number, path] = (found.name, found.times, found.over)
    values: list[dict[str, Value]] = []
    for _, nodes, *_ in places:
        made: dict[str, list[tuple[Value, int, int]]] = {}
        for (number, path), (name, times, over) in formulas.items():
            made.setdefault(name, []).append((nodes[number].values[path], times, over))
        values.append(values_of(made))
    kept = {name for name in values[0] if all(name in each for each in values)}
    return KnownParameters(
        [
            (
                BlockParameter(each.name, each.default, each.has_default),
                [own[each.name] for own in values],
            )
            for each in declared_by(written, owner, kept)
        ],
        {where: formula for where, formula in formulas.items() if formula[0] in kept},
    )


def _given(block: BlockDraft, known: KnownParameters, made: Use, written: WrittenValues) -> Origins:
    """Return what a use of a block is given, where that is a formula where it stands."""
    given = written.uses[made.span].given
    found: Origins = {}
    for declared, _ in known.parameters:
        span = given.get(declared.name)
        # A name that is taken is another in the block.
        named = any(p.name == declared.name for p in block.parameters)
        if span is not None and span in written.formulas and named:
            found["p", declared.name] = written.formulas[span]
    return found


def _make(
    name: str, places: list[_Place], draft: Draft, names: Names, written: WrittenValues | None
) -> None:
    first, ends = places[0][1], places[0][2]
    position = {node: number for number, node in enumerate(first)}
    returned = [(position[ref.node], ref.result) for ref in ends if isinstance(ref.node, Node)]
    outside = [_taken(nodes, made) for _, nodes, _, made in places]
    blocks = [block.name for block in draft.blocks]
    nodes_of = [nodes for _, nodes, _, _ in places]
    known = None if written is None else _known(places, written)
    own_use = None if written is None else written.uses.get(places[0][3].span)
    declared = written.declared.get(own_use.owner, ()) if written and own_use else ()
    block, given = make_block(
        name,
        names.take(name),
        nodes_of,
        outside,
        returned,
        blocks,
        known,
        [parameter.name for parameter in declared],
    )
    names.taken |= {parameter.name for parameter in block.parameters}
    block.stays = True
    draft.blocks.append(block)
    refs: dict[NodeResult, NodeResult] = {}
    gone: set[Node] = set()
    made_in: dict[int, list[Node]] = {}
    for (body, nodes, own, use_made), taken, values in zip(places, outside, given, strict=True):
        made = use(block, nodes, taken, values, own)
        if known is not None and written is not None:
            made.origins = _given(block, known, use_made, written)
        refs |= {ref: NodeResult(made, number) for number, ref in enumerate(own)}
        gone |= set(nodes)
        made_in.setdefault(id(body), []).append(made)
    for body in draft.models:
        if id(body) in made_in:
            body.nodes = [node for node in body.nodes if node not in gone] + made_in[id(body)]
        for node in body.nodes:
            node.inputs = [refs.get(ref, ref) for ref in node.inputs]
        body.ends = [refs.get(ref, ref) for ref in body.ends]
