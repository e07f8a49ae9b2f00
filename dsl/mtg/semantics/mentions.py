"""The names that a piece of a program mentions, and the role each stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mtg.syntax import ast
from mtg.syntax.visit import children

#: Roles of a bare name: after `->`, before a dot, or anywhere else. Roles of the callee of a call:
#: after `->`, where a tensor comes from, or among the arguments of a layer or an object.
STAGE, VALUE, CALL_STAGE, CALL_SOURCE, CALL_ARGUMENT, OWNER = range(6)


class Mention(NamedTuple):
    """A name, where it stands, its role, and the names of the loops around it.

    Attributes:
        call: The call whose callee it is, if it is one.
        place: The argument it stands in, where that is one of a constructor or of a declaration:
            what is called, or the word of the declaration, and the argument's name or number.
    """

    name: ast.NameExpr
    role: int
    loops: frozenset[str]
    call: ast.CallExpr | None = None
    place: tuple[str, str | int] | None = None


_NO_LOOPS: frozenset[str] = frozenset()


def bound_by(target: ast.Target) -> Iterator[ast.Identifier]:
    """Yield the names that a loop binds, from left to right."""
    if isinstance(target, ast.Identifier):
        yield target
    else:
        for item in target.items:
            yield from bound_by(item)


def _with(loops: frozenset[str], target: ast.Target) -> frozenset[str]:
    return loops | {name.name for name in bound_by(target) if name.name != "_"}


def mentions(
    *roots: ast.SyntaxNode, stage: bool = False, loops: frozenset[str] = _NO_LOOPS
) -> Iterator[Mention]:
    """Every `ast.NameExpr` below some nodes, in no particular order; no recursion.

    `stage` says that the roots stand after `->`, and `loops` are the names of loops around them.
    """
    stack: list[tuple[ast.SyntaxNode, int, frozenset[str]]] = [
        (root, CALL_STAGE if stage else CALL_SOURCE, loops) for root in roots
    ]
    places: dict[int, tuple[str, str | int]] = {}
    while stack:
        node, role, loops = stack.pop()
        place = places.get(id(node))
        if isinstance(node, ast.NameExpr):
            yield Mention(node, STAGE if role == CALL_STAGE else VALUE, loops, None, place)
        elif isinstance(node, ast.LiteralExpr):
            pass
        elif isinstance(node, ast.AttributeExpr):
            if isinstance(node.value, ast.NameExpr):
                yield Mention(node.value, OWNER, loops)
            else:
                stack.append((node.value, _not_stage(role), loops))
        elif isinstance(node, ast.FlowExpr):
            source = CALL_SOURCE if role != CALL_STAGE else role
            stack.append((node.source, source, loops))
            stack.extend((item, CALL_STAGE, loops) for item in node.stages)
        elif isinstance(node, ast.CallExpr):
            callee = node.callee
            inner = CALL_ARGUMENT
            if isinstance(callee, ast.NameExpr):
                yield Mention(callee, role, loops, node, place)
            elif isinstance(callee, (ast.AttributeExpr, ast.SubscriptExpr)):
                stack.append((callee, CALL_SOURCE, loops))
            if role == CALL_SOURCE:
                # A merge, an `ops` call or a function of values: its arguments may be flows.
                inner = CALL_SOURCE
            for index, argument in enumerate(node.arguments):
                stack.append((argument.value, inner, loops))
                if isinstance(callee, ast.NameExpr) and not isinstance(
                    argument.value, ast.LiteralExpr
                ):
                    at = index if argument.name is None else argument.name.name
                    places[id(argument.value)] = (callee.name, at)
        elif isinstance(node, ast.GroupExpr):
            stack.extend((argument.value, role, loops) for argument in node.arguments)
        elif isinstance(node, ast.ConditionalExpr):
            stack.append((node.test, CALL_SOURCE, loops))
            stack.append((node.then, role, loops))
            stack.append((node.otherwise, role, loops))
        elif isinstance(node, ast.SubscriptExpr):
            named = isinstance(node.value, ast.NameExpr)  # `x -> Dense[3]`
            stack.append((node.value, role if named else _not_stage(role), loops))
            stack.extend((item, CALL_SOURCE, loops) for item in node.items)
        elif isinstance(node, ast.RepeatStage):
            stack.append((node.count, CALL_SOURCE, loops))
            stack.extend((item, CALL_STAGE, loops) for item in node.stages)
        elif isinstance(node, ast.ForStage):
            stack.append((node.values, CALL_SOURCE, loops))
            within = _with(loops, node.target)
            stack.extend((item, CALL_STAGE, within) for item in node.stages)
        elif isinstance(node, ast.ComprehensionExpr):
            within = loops
            for clause in node.clauses:
                stack.append((clause.values, CALL_SOURCE, within))
                within = _with(within, clause.target)
                if clause.test is not None:
                    stack.append((clause.test, CALL_SOURCE, within))
            if node.key is not None:
                stack.append((node.key, CALL_SOURCE, within))
            stack.append((node.item, role, within))
            if place is not None:
                places[id(node.item)] = place
        elif isinstance(node, ast.IfStage):
            stack.append((node.test, CALL_SOURCE, loops))
            stack.extend((item, CALL_STAGE, loops) for item in (*node.then, *node.otherwise))
        else:  # lists, dicts, operators, slices: no part of them stands after `->`
            stack.extend((child, _not_stage(role), loops) for child in children(node))
            if isinstance(node, ast.ListExpr) and place is not None:
                places.update((id(item), place) for item in node.items)


def _not_stage(role: int) -> int:
    return CALL_SOURCE if role == CALL_STAGE else role


def mentioned_in(statement: ast.Statement, loops: frozenset[str] = _NO_LOOPS) -> Iterator[Mention]:
    """Yield the names that one declaration mentions, those of a body within it too."""
    if isinstance(statement, ast.LetDecl):
        yield from mentions(statement.value, loops=loops)
    elif isinstance(statement, ast.InputDecl):
        yield from mentions(*computed_name(statement), *statement.dims, loops=loops)
        dtype = statement.dtype  # which may be a name that holds one
        yield Mention(ast.NameExpr(dtype.span, dtype.name), OWNER, loops)
        yield from _in_arguments(statement.arguments, "input", loops)
    elif isinstance(statement, ast.TensorDecl):
        yield from mentions(statement.flow, loops=loops)
    elif isinstance(statement, ast.SharedDecl):
        yield from mentions(*statement.stages, stage=True, loops=loops)
    elif isinstance(statement, ast.OutputDecl):
        yield from mentions(*computed_name(statement), statement.flow, loops=loops)
        yield from _in_arguments(statement.arguments, "output", loops)
    elif isinstance(statement, ast.TrainDecl):
        yield from _in_arguments(statement.arguments, "train", loops)
    elif isinstance(statement, ast.ReturnDecl):
        yield from mentions(*statement.results, loops=loops)
    elif isinstance(statement, ast.ForDecl):
        yield from mentions(statement.values, loops=loops)
        within = _with(loops, statement.target)
        within |= {name.name for each in laid_out(statement.body) for name in declared_by(each[0])}
        for each in statement.body:
            yield from mentioned_in(each, within)
    elif isinstance(statement, ast.WhenDecl):
        yield from mentions(statement.test, loops=loops)
        for each in (*statement.then, *statement.otherwise):
            yield from mentioned_in(each, loops)


def computed_name(statement: ast.InputDecl | ast.OutputDecl) -> tuple[ast.Expression, ...]:
    """Return the expression that an input or output is named by, where it has no plain name."""
    return () if isinstance(statement.name, ast.Identifier) else (statement.name,)


def declared_by(statement: ast.Statement) -> tuple[ast.Identifier, ...]:
    """Return the names a statement declares where it stands."""
    if isinstance(statement, ast.TensorDecl):
        return statement.names
    if isinstance(statement, (ast.InputDecl, ast.OutputDecl)):
        return (statement.name,) if isinstance(statement.name, ast.Identifier) else ()
    if isinstance(statement, (ast.LetDecl, ast.DimDecl, ast.SharedDecl)):
        return (statement.name,)
    return ()


class Condition(NamedTuple):
    """That the branch of a `when` is taken: the first, or what follows `else`."""

    when: ast.WhenDecl
    taken: bool


def laid_out(
    body: Iterable[ast.Statement], conditions: tuple[Condition, ...] = ()
) -> Iterator[tuple[ast.Statement, tuple[Condition, ...]]]:
    """Yield the statements of a body and of every `when` in it, with what each depends on."""
    for statement in body:
        if isinstance(statement, ast.WhenDecl):
            yield from laid_out(statement.then, (*conditions, Condition(statement, True)))
            yield from laid_out(statement.otherwise, (*conditions, Condition(statement, False)))
        else:
            yield statement, conditions


def whens_in(body: Iterable[ast.Statement]) -> Iterator[ast.WhenDecl]:
    """Yield every `when` of a body, and those in its branches."""
    for statement in body:
        if isinstance(statement, ast.WhenDecl):
            yield statement
            yield from whens_in((*statement.then, *statement.otherwise))


def _in_arguments(
    arguments: tuple[ast.Argument, ...], word: str, loops: frozenset[str]
) -> Iterator[Mention]:
    for argument in arguments:
        name = argument.name.name if argument.name is not None else ""
        items = argument.value.items if isinstance(argument.value, ast.ListExpr) else ()
        whole = {id(item) for item in (argument.value, *items)}
        for mention in mentions(argument.value, loops=loops):
            role = CALL_ARGUMENT if mention.role == CALL_SOURCE else mention.role
            at = id(mention.name if mention.call is None else mention.call)
            place = (word, name) if at in whole else mention.place
            yield mention._replace(role=role, place=place)
