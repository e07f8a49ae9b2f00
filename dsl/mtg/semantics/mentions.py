"""The names that a piece of a program mentions, and the role each stands in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mtg.syntax import ast
from mtg.syntax.visit import children

#: Roles of a bare name: after `->`, or anywhere else. Roles of the callee of a call: after `->`,
#: where a tensor comes from, or among the arguments of a layer or an object.
STAGE, VALUE, CALL_STAGE, CALL_SOURCE, CALL_ARGUMENT = range(5)


class Mention(NamedTuple):
    """A name, where it stands, its role, and the loop variables it may mean.

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


def mentions(*roots: ast.SyntaxNode, stage: bool = False) -> Iterator[Mention]:
    """Every `ast.NameExpr` below some nodes, in no particular order; no recursion.

    `stage` says that the roots stand after `->`.
    """
    stack: list[tuple[ast.SyntaxNode, int, frozenset[str]]] = [
        (root, CALL_STAGE if stage else CALL_SOURCE, _NO_LOOPS) for root in roots
    ]
    places: dict[int, tuple[str, str | int]] = {}
    while stack:
        node, role, loops = stack.pop()
        place = places.get(id(node))
        if isinstance(node, ast.NameExpr):
            yield Mention(node, STAGE if role == CALL_STAGE else VALUE, loops, None, place)
        elif isinstance(node, (ast.LiteralExpr, ast.AttributeExpr)):
            pass
        elif isinstance(node, ast.FlowExpr):
            source = CALL_SOURCE if role != CALL_STAGE else role
            stack.append((node.source, source, loops))
            stack.extend((item, CALL_STAGE, loops) for item in node.stages)
        elif isinstance(node, ast.CallExpr):
            callee = node.callee
            inner = CALL_ARGUMENT
            if isinstance(callee, ast.NameExpr):
                yield Mention(callee, role, loops, node, place)
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
            within = loops | {node.name.name}
            stack.extend((item, CALL_STAGE, within) for item in node.stages)
        elif isinstance(node, ast.IfStage):
            stack.append((node.test, CALL_SOURCE, loops))
            stack.extend((item, CALL_STAGE, loops) for item in (*node.then, *node.otherwise))
        else:  # lists, dicts, operators, slices: no part of them stands after `->`
            stack.extend((child, _not_stage(role), loops) for child in children(node))
            if isinstance(node, ast.ListExpr) and place is not None:
                places.update((id(item), place) for item in node.items)


def _not_stage(role: int) -> int:
    return CALL_SOURCE if role == CALL_STAGE else role


def mentioned_in(statement: ast.Statement) -> Iterator[Mention]:
    """Yield the names that one declaration mentions."""
    if isinstance(statement, ast.LetDecl):
        yield from mentions(statement.value)
    elif isinstance(statement, ast.InputDecl):
        yield from mentions(*statement.dims)
        yield from _in_arguments(statement.arguments, "input")
    elif isinstance(statement, ast.TensorDecl):
        yield from mentions(statement.flow)
    elif isinstance(statement, ast.SharedDecl):
        yield from mentions(*statement.stages, stage=True)
    elif isinstance(statement, ast.OutputDecl):
        yield from mentions(statement.flow)
        yield from _in_arguments(statement.arguments, "output")
    elif isinstance(statement, ast.TrainDecl):
        yield from _in_arguments(statement.arguments, "train")
    elif isinstance(statement, ast.ReturnDecl):
        yield from mentions(*statement.results)


def _in_arguments(arguments: tuple[ast.Argument, ...], word: str) -> Iterator[Mention]:
    for argument in arguments:
        name = argument.name.name if argument.name is not None else ""
        items = argument.value.items if isinstance(argument.value, ast.ListExpr) else ()
        whole = {id(item) for item in (argument.value, *items)}
        for mention in mentions(argument.value):
            role = CALL_ARGUMENT if mention.role == CALL_SOURCE else mention.role
            at = id(mention.name if mention.call is None else mention.call)
            place = (word, name) if at in whole else mention.place
            yield mention._replace(role=role, place=place)
