"""From grammar rules to nodes: one method a rule of `mtg.lark`.

The parser calls these as it reduces, so no parse tree is ever built.
"""

from __future__ import annotations

import warnings
from ast import literal_eval
from dataclasses import replace
from inspect import cleandoc
from typing import Any, NamedTuple

from mtg.limits import MAX_DIGITS, MAX_NAME
from mtg.process import own_warning_filters
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span

Children = list[Any]


class Problem(NamedTuple):
    """What is wrong with a token that the grammar takes."""

    message: str
    span: Span
    help: str = ""

    def report(self, diagnostics: Diagnostics) -> None:
        diagnostics.report("MTG001", self.message, self.span, help=self.help)


class Lower:
    """Builds nodes for one source at a time; `problems` collects what the grammar cannot see."""

    def __init__(self) -> None:
        self.source: Any = None
        self.problems: list[Problem] = []

    # Places

    def _span(self, token: Any) -> Span:
        return Span(self.source, token.start_pos, token.end_pos)

    def _from(self, first: Any, last: Any) -> Span:
        """The span from a token or node to a token or node."""
        start = first.span.start if isinstance(first, ast.Node) else first.start_pos
        end = last.span.end if isinstance(last, ast.Node) else last.end_pos
        return Span(self.source, start, end)

    def _identifier(self, token: Any) -> ast.Identifier:
        return ast.Identifier(self._span(token), self._name(token))

    def _name(self, token: Any) -> str:
        if len(token) > MAX_NAME:
            message = f"this name has {len(token):,} characters; mtg reads at most {MAX_NAME}"
            self.problems.append(Problem(message, self._span(token)))
        return str(token)

    # Files and their declarations

    def start(self, children: Children) -> ast.Program:
        doc = children.pop(0) if children and isinstance(children[0], str) else ""
        whole = Span(self.source, 0, len(self.source.text))
        return ast.Program(whole, doc, tuple(children))

    def docstring(self, children: Children) -> str:
        value = self._text(children[0])
        return cleandoc(value)

    def import_mtg(self, children: Children) -> ast.Import:
        first, path, _, *names = children
        literal = ast.Literal(self._span(path), self._text(path))
        identifiers = tuple(map(self._identifier, names))
        return ast.Import(self._from(first, names[-1]), literal, identifiers)

    def import_python(self, children: Children) -> ast.PythonImport:
        first, _, module, _, *names = children
        literal = ast.Literal(self._span(module), self._text(module))
        identifiers = tuple(map(self._identifier, names))
        return ast.PythonImport(self._from(first, names[-1]), literal, identifiers)

    def let(self, children: Children) -> ast.Let:
        first, name, value = children
        return ast.Let(self._from(first, value), self._identifier(name), value)

    def dim(self, children: Children) -> ast.Dim:
        first, name = children
        return ast.Dim(self._from(first, name), self._identifier(name))

    def model(self, children: Children) -> ast.Model:
        first, name, *rest, last = children
        parameters, doc, body = self._parts(rest)
        return ast.Model(self._from(first, last), self._identifier(name), parameters, doc, body)

    def block(self, children: Children) -> ast.Block:
        first, heads, name, *rest, last = children
        parameters, doc, body = self._parts(rest)
        return ast.Block(
            self._from(first, last), self._identifier(name), heads, parameters, doc, body
        )

    def _parts(self, rest: Children) -> tuple[tuple[ast.Parameter, ...], str, tuple[Any, ...]]:
        parameters = rest.pop(0) if rest and isinstance(rest[0], tuple) else ()
        doc = rest.pop(0) if rest and isinstance(rest[0], str) else ""
        return parameters, doc, tuple(rest)

    def heads(self, children: Children) -> tuple[ast.Identifier, ...]:
        return tuple(map(self._identifier, children))

    def params(self, children: Children) -> tuple[ast.Parameter, ...]:
        return tuple(children)

    def param(self, children: Children) -> ast.Parameter:
        name, *default = children
        value = default[0] if default else None
        return ast.Parameter(self._from(name, value or name), self._identifier(name), value)

    def input(self, children: Children) -> ast.Input:
        dims = children.pop(-2) if isinstance(children[-2], tuple) else ()
        first, name, *settings, dtype, last = children
        return ast.Input(
            self._from(first, last),
            self._identifier(name),
            settings[0].arguments if settings else (),
            self._identifier(dtype),
            dims,
        )

    def dims(self, children: Children) -> tuple[ast.Expression, ...]:
        return tuple(children)

    def unknown(self, children: Children) -> ast.UnknownLength:
        return ast.UnknownLength(self._span(children[0]))

    def bind(self, children: Children) -> ast.Bind:
        *names, flow = children
        identifiers = tuple(map(self._identifier, names))
        return ast.Bind(self._from(names[0], flow), identifiers, flow)

    def shared(self, children: Children) -> ast.Shared:
        first, name, stages = children
        return ast.Shared(self._from(first, stages[-1]), self._identifier(name), stages)

    def output(self, children: Children) -> ast.Output:
        first, name, *settings, flow = children
        arguments = settings[0].arguments if settings else ()
        return ast.Output(self._from(first, flow), self._identifier(name), arguments, flow)

    def train(self, children: Children) -> ast.Train:
        first, group = children
        return ast.Train(self._from(first, group), group.arguments)

    def return_results(self, children: Children) -> ast.Return:
        first, *results = children
        return ast.Return(self._from(first, results[-1]), tuple(results))

    # Flows

    def chain(self, children: Children) -> ast.Flow:
        source, *stages = children
        return ast.Flow(self._from(source, stages[-1]), source, tuple(stages))

    def stages(self, children: Children) -> tuple[ast.Stage, ...]:
        return tuple(children)

    branch = stages

    def repeat_stage(self, children: Children) -> ast.Repeat:
        first, count, stages, last = children
        return ast.Repeat(self._from(first, last), count, stages)

    def for_stage(self, children: Children) -> ast.For:
        first, name, _, values, stages, last = children
        return ast.For(self._from(first, last), self._identifier(name), values, stages)

    def if_stage(self, children: Children) -> ast.If:
        first, test, then, last, *rest = children
        otherwise: tuple[ast.Stage, ...] = ()
        if rest:
            otherwise = (rest[1],) if isinstance(rest[1], ast.If) else rest[1]
            last = rest[-1]
        return ast.If(self._from(first, last), test, then, otherwise)

    # Expressions

    def conditional(self, children: Children) -> ast.Conditional:
        then, _, test, _, otherwise = children
        return ast.Conditional(self._from(then, otherwise), test, then, otherwise)

    def _binary(self, children: Children) -> ast.Operation:
        left, operator, right = children
        return ast.Operation(self._from(left, right), str(operator), (left, right))

    or_operation = and_operation = add = multiply = power = _binary

    def _unary(self, children: Children) -> ast.Operation:
        operator, operand = children
        return ast.Operation(self._from(operator, operand), str(operator), (operand,))

    not_operation = negate = _unary

    def comparison(self, children: Children) -> ast.Comparison:
        span = self._from(children[0], children[-1])
        return ast.Comparison(span, tuple(children[1::2]), tuple(children[::2]))

    def compare_operator(self, children: Children) -> str:
        return " ".join(children)

    def attribute(self, children: Children) -> ast.Attribute:
        value, token = children
        name = token[1:].lstrip()
        span = Span(self.source, token.end_pos - len(name), token.end_pos)
        return ast.Attribute(self._from(value, token), value, ast.Identifier(span, name))

    def call(self, children: Children) -> ast.Call:
        callee, group = children
        return ast.Call(self._from(callee, group), callee, group.arguments, group.span)

    def subscript(self, children: Children) -> ast.Subscript:
        value, *items, last = children
        kept = tuple(item for item in items if isinstance(item, ast.Expression))
        return ast.Subscript(self._from(value, last), value, kept)

    def slice(self, children: Children) -> ast.Slice:
        bounds = [child for child in children if not hasattr(child, "type")]
        present = [child for child in children if child is not None]
        start, stop, *step = bounds
        span = self._from(present[0], present[-1])
        return ast.Slice(span, start, stop, step[0] if step else None)

    def bound(self, children: Children) -> ast.Expression | None:
        return children[0] if children else None

    def ellipsis(self, children: Children) -> ast.Literal:
        return ast.Literal(self._span(children[0]), ...)

    def arguments(self, children: Children) -> ast.Group:
        first, *rest, last = children
        return ast.Group(self._from(first, last), self._argument_list(rest))

    def _argument_list(self, children: Children) -> tuple[ast.Argument, ...]:
        return tuple(
            child if isinstance(child, ast.Argument) else ast.Argument(child.span, None, child)
            for child in children
            if isinstance(child, (ast.Argument, ast.Expression))
        )

    def keyword(self, children: Children) -> ast.Argument:
        name, value = children
        return ast.Argument(self._from(name, value), self._identifier(name), value)

    # Atoms

    def name(self, children: Children) -> ast.Name:
        token = children[0]
        name = str(token) if len(token) <= MAX_NAME else self._name(token)
        return ast.Name(Span(self.source, token.start_pos, token.end_pos), name)

    def number(self, children: Children) -> ast.Literal:
        token = children[0]
        span = self._span(token)
        if len(token) > MAX_DIGITS:
            self.problems.append(
                Problem(f"this number has {len(token):,} digits; mtg reads {MAX_DIGITS}", span)
            )
            return ast.Literal(span, 0)
        try:
            return ast.Literal(span, literal_eval(str(token)))
        except SyntaxError:
            digits = str(token).lstrip("0_") or "0"
            self.problems.append(
                Problem("a number does not begin with zeros", span, f"write `{digits}`")
            )
            return ast.Literal(span, 0)

    def string(self, children: Children) -> ast.Literal:
        return ast.Literal(self._span(children[0]), self._text(children[0]))

    def _text(self, token: Any) -> str:
        text = str(token)
        quotes = 3 if text[:3] in ('"""', "'''") else 1
        if "\\" not in text:
            return text[quotes:-quotes]
        try:
            with own_warning_filters():
                warnings.simplefilter("error")
                return str(literal_eval(text))
        except (SyntaxError, ValueError, Warning):
            self.problems.append(
                Problem(
                    "this string has an escape that is not Python's",
                    self._span(token),
                    "write `\\\\` for a backslash",
                )
            )
            return text[quotes:-quotes]

    def constant(self, children: Children) -> ast.Literal:
        value = {"True": True, "False": False, "None": None}[str(children[0])]
        return ast.Literal(self._span(children[0]), value)

    def list_display(self, children: Children) -> ast.ListDisplay:
        first, *items, last = children
        return ast.ListDisplay(self._from(first, last), tuple(items))

    def dict_display(self, children: Children) -> ast.DictDisplay:
        first, *pairs, last = children
        return ast.DictDisplay(self._from(first, last), tuple(pairs))

    def pair(self, children: Children) -> tuple[ast.Expression, ast.Expression]:
        return children[0], children[2]

    def group(self, children: Children) -> ast.Expression:
        first, *rest, last = children
        arguments = self._argument_list(rest)
        span = self._from(first, last)
        if len(arguments) == 1 and len(rest) == 1 and arguments[0].name is None:
            # The same node, at a place that its parentheses belong to.
            return replace(arguments[0].value, span=span)
        return ast.Group(span, arguments)
