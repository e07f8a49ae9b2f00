"""The order of declarations: each after those it needs. A cycle has none, and is an error."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from mtg.catalog.names import MERGES
from mtg.graph.order import order_of
from mtg.semantics.builtins import kinds_of
from mtg.semantics.mentions import mentioned_in
from mtg.semantics.modules import Module
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import Span

S = TypeVar("S", bound=ast.Statement)

Maker = ast.BlockDecl | ast.ModelDecl


def in_order(statements: Sequence[S], broken: set[str], diagnostics: Diagnostics) -> list[S]:
    """Order the statements so that each follows those it needs; names in a cycle are `broken`."""
    position: dict[str, int] = {}
    for index, statement in enumerate(statements):
        for name in declared_by(statement):
            position.setdefault(name.name, index)
    needs: list[list[int]] = []
    ordered = True
    for index, statement in enumerate(statements):
        found = {
            position[mention.name.name]
            for mention in mentioned_in(statement)
            if mention.name.name in position and mention.name.name not in mention.loops
        }
        ordered = ordered and all(other < index for other in found)
        needs.append(sorted(found))
    if ordered:
        return list(statements)
    order = order_of(needs)
    if order is not None:
        return [statements[index] for index in order]

    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(statements)))
    graph.add_edges_from((other, index) for index, found in enumerate(needs) for other in found)
    for component in list(nx.strongly_connected_components(graph)):
        if len(component) > 1 or graph.has_edge(*(tuple(component) * 2)):
            cycle = [edge[0] for edge in nx.find_cycle(graph.subgraph(component))]
            _report_cycle([statements[index] for index in cycle], diagnostics)
            graph.remove_nodes_from(component)
            broken.update(
                name.name for index in component for name in declared_by(statements[index])
            )
    return [statements[i] for i in nx.lexicographical_topological_sort(graph)]


def _report_cycle(cycle: Sequence[ast.Statement], diagnostics: Diagnostics) -> None:
    # The edges run from what is needed to what needs it; people read the other way round.
    backwards = list(reversed(cycle))
    start = min(range(len(backwards)), key=lambda i: backwards[i].span.start)
    backwards = backwards[start:] + backwards[:start]
    names = [
        next(name for name in declared_by(statement) if name.name != "_") for statement in backwards
    ]
    first, *rest = (name.name for name in names)
    round_ = " -> ".join([first, *reversed(rest), first])
    if not rest:
        hides = kinds_of(first) or first in MERGES
        diagnostics.report(
            "MTG201",
            f"`{first}` is defined in terms of itself",
            names[0].span,
            help=f"rename it: its name shadows the Keras layer `{first}`"
            if hides
            else "give the result a name of its own",
        )
        return
    diagnostics.report(
        "MTG201",
        f"`{names[0].name}` depends on itself",
        names[0].span,
        label=f"needs `{names[1].name}`",
        labels=tuple(
            Label(name.span, f"needs `{names[(i + 1) % len(names)].name}`")
            for i, name in enumerate(names)
            if i
        ),
        notes=(f"the cycle: {round_}",),
    )


def find_recursion(
    module: Module, local: Callable[[Maker], Collection[str]], diagnostics: Diagnostics
) -> set[int]:
    """Report the blocks and models that use themselves, and return them by `id`.

    Args:
        local: The names that a block or model declares itself.
    """
    items: list[Maker] = [*module.blocks, *module.models]
    made = {id(item): item for item in items}
    edges: dict[tuple[int, int], Span] = {}
    for item in made.values():
        for statement in item.body:
            for mention in mentioned_in(statement):
                name = mention.name.name
                declared = module.names.get(name)
                if declared is not None and id(declared.node) in made and name not in local(item):
                    edge, place = (id(item), id(declared.node)), mention.name.span
                    edges[edge] = min(edges.get(edge, place), place, key=lambda span: span.start)
    found: set[int] = set()
    numbers = {item: number for number, item in enumerate(made)}
    needs: list[list[int]] = [[] for _ in made]
    for user, used in edges:
        needs[numbers[user]].append(numbers[used])
    if order_of(needs) is not None:
        return found

    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph(list(edges))
    for component in nx.strongly_connected_components(graph):
        if len(component) > 1 or graph.has_edge(*(tuple(component) * 2)):
            cycle = [made[edge[0]] for edge in nx.find_cycle(graph.subgraph(component))]
            start = min(range(len(cycle)), key=lambda i: cycle[i].span.start)
            _report_recursion(cycle[start:] + cycle[:start], edges, diagnostics)
            found |= set(component)
    return found


def _report_recursion(
    cycle: Sequence[Maker], places: Mapping[tuple[int, int], Span], diagnostics: Diagnostics
) -> None:
    first = cycle[0]
    word = "block" if isinstance(first, ast.BlockDecl) else "model"
    names = [item.name.name for item in cycle]
    uses = [
        (places[id(user), id(used)], f"`{used.name.name}` is used here")
        for user, used in zip(cycle, [*cycle[1:], first], strict=True)
    ]
    place, label = uses[0]
    diagnostics.report(
        "MTG607",
        f"the {word} `{names[0]}` uses itself",
        place,
        label=label,
        labels=(
            Label(first.name.span, f"the {word}"),
            *(Label(span, text) for span, text in uses[1:]),
        ),
        notes=(f"the cycle: {' -> '.join([*names, names[0]])}",),
        help="use `repeat` or `for` to repeat layers" if word == "block" else "",
    )


def declared_by(statement: ast.Statement) -> tuple[ast.Identifier, ...]:
    """Return the names a statement declares."""
    if isinstance(statement, ast.TensorDecl):
        return statement.names
    if isinstance(statement, (ast.TrainDecl, ast.ReturnDecl)):
        return ()
    return (statement.name,)
