"""The order of declarations: each after those it needs. A cycle has none, and is an error."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from mtg.catalog.names import MERGES
from mtg.graph.order import order_of
from mtg.semantics.builtins import kinds_of
from mtg.semantics.mentions import Condition, Mention, declared_by, laid_out, mentioned_in
from mtg.semantics.modules import Module
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import Span

Maker = ast.BlockDecl | ast.ModelDecl


class Unit(NamedTuple):
    """One declaration of a body, with what it depends on.

    Attributes:
        number: Its place in the text of the body, that of every `when` laid out.
        statement: The declaration.
        conditions: The branches it stands in, outermost first.
        needs: The numbers of those it needs.
    """

    number: int
    statement: ast.Statement
    conditions: tuple[Condition, ...]
    needs: tuple[int, ...]


def in_order(
    body: Sequence[ast.Statement],
    found: Mapping[int, Sequence[Mention]],
    predefined: Collection[str],
    broken: set[str],
    diagnostics: Diagnostics,
) -> list[Unit]:
    """Order the declarations so that each follows those it needs; names in a cycle are `broken`.

    Args:
        body: The declarations, in the order of the text.
        found: What each of them mentions, and the tests of each `when`, by `id`.
        predefined: The names that stand for what the body declares, such as `inputs`.
        broken: Takes the names that are part of a cycle.
        diagnostics: Takes the cycles.
    """
    statements = list(laid_out(body))
    positions: dict[str, list[int]] = {}
    branches: dict[str, Branches] = {}
    for index, (statement, conditions) in enumerate(statements):
        for name in declared_by(statement):
            others = positions.setdefault(name.name, [])
            where = branches.setdefault(name.name, Branches())
            if name.name not in broken and where.add(conditions):
                others.append(index)  # else it is declared twice, and the first is meant
        if "inputs" in predefined and declares(statement, ast.InputDecl):
            positions.setdefault("inputs", []).append(index)
    needs: list[list[int]] = []
    ordered = True
    for index, (statement, conditions) in enumerate(statements):
        mentioned = _free(found[id(statement)])
        for condition in conditions:
            mentioned |= _free(found[id(condition.when)])
        needed = {
            other
            for name in mentioned & positions.keys()
            for other in positions[name]
            if not exclude(conditions, statements[other][1])
            and not (other == index and name == "inputs")
        }
        ordered = ordered and all(other < index for other in needed)
        needs.append(sorted(needed))
    units = [
        Unit(index, statement, conditions, tuple(needs[index]))
        for index, (statement, conditions) in enumerate(statements)
    ]
    if ordered:
        return units
    order = order_of(needs)
    if order is not None:
        return [units[index] for index in order]

    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(units)))
    graph.add_edges_from((other, unit.number) for unit in units for other in unit.needs)
    for component in list(nx.strongly_connected_components(graph)):
        if len(component) > 1 or graph.has_edge(*(tuple(component) * 2)):
            cycle = [edge[0] for edge in nx.find_cycle(graph.subgraph(component))]
            _report_cycle([units[index].statement for index in cycle], diagnostics)
            graph.remove_nodes_from(component)
            broken.update(
                name.name for index in component for name in declared_by(units[index].statement)
            )
    return [units[i] for i in nx.lexicographical_topological_sort(graph)]


def _free(found: Sequence[Mention]) -> set[str]:
    return {mention.name.name for mention in found if mention.name.name not in mention.loops}


def exclude(one: tuple[Condition, ...], other: tuple[Condition, ...]) -> bool:
    """Return whether two declarations stand in different branches of one `when`."""
    for mine, theirs in zip(one, other, strict=False):
        if mine.when is not theirs.when:
            return False  # nor is any `when` inside of these the same
        if mine.taken != theirs.taken:
            return True
    return False


class Branches:
    """The branches that declare one name, as a tree: each is compared with all others at once."""

    def __init__(self) -> None:
        self._when: ast.WhenDecl | None = None
        self._taken: dict[bool, Branches] = {}
        self._declares = False

    def add(self, conditions: Sequence[Condition]) -> bool:
        """Add a branch that declares the name, unless another declares it for the same values.

        Return whether it was added.
        """
        branch = self
        for condition in conditions:
            other = branch._when is not None and branch._when is not condition.when
            if branch._declares or other:
                return False
            branch._when = condition.when
            branch = branch._taken.setdefault(condition.taken, Branches())
        if branch._declares or branch._when is not None:
            return False
        branch._declares = True
        return True


def declares(statement: ast.Statement, kind: type[ast.Statement]) -> bool:
    """Return whether a statement is a declaration of a kind, or a loop that makes some."""
    if isinstance(statement, ast.ForDecl):
        return any(declares(each, kind) for each, _ in laid_out(statement.body))
    return isinstance(statement, kind)


def _report_cycle(cycle: Sequence[ast.Statement], diagnostics: Diagnostics) -> None:
    # The edges run from what is needed to what needs it; people read the other way round.
    backwards = list(reversed(cycle))
    start = min(range(len(backwards)), key=lambda i: backwards[i].span.start)
    backwards = backwards[start:] + backwards[:start]
    names = [_name_of(statement) for statement in backwards]
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


def _name_of(statement: ast.Statement) -> ast.Identifier:
    """Return what a declaration is called in a message."""
    named = next((name for name in declared_by(statement) if name.name != "_"), None)
    word = "for" if isinstance(statement, ast.ForDecl) else statement.span.text.split()[0]
    return named or ast.Identifier(statement.span, word)
