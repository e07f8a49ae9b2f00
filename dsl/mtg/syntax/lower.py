"""From grammar rules to nodes: one method a rule of `mtg.lark`.

The parser calls these as it reduces, so no parse tree is ever built.
"""

from __future__ import annotations

import warnings
from ast import literal_eval
from dataclasses import replace
from inspect import cleandoc
from typing import Any

from mtg.limits import MAX_DIGITS, MAX_NAME
from mtg.process import own_warning_filters
from mtg.syntax import ast
from mtg.syntax.parse_errors import InvalidToken
from mtg.text.source import Span

Children = list[Any]


class Lower:
    """Builds nodes for one source at a time.

    Attributes:
        source: The source that is parsed, to which all spans point.
        invalid: What is wrong with tokens that the grammar takes.
    """

    def __init__(self) -> None:
        self.source: Any = None
        self.invalid: list[InvalidToken] = []

    # Places

    def _span(self, token: Any) -> Span:
        return Span(self.source, token.start_pos, token.end_pos)

    def _from(self, first: Any, last: Any) -> Span:
        """Return the span from a token or node to a token or node."""
        start = first.span.start if isinstance(first, ast.SyntaxNode) else first.start_pos
        end = last.span.end if isinstance(last, ast.SyntaxNode) else last.end_pos
        return Span(self.source, start, end)

    def _identifier(self, token: Any) -> ast.Identifier:
        return ast.Identifier(self._span(token), self._name(token))

    def _name(self, token: Any) -> str:
        if len(token) > MAX_NAME:
            message = f"this name has {len(token):,} characters; the limit is {MAX_NAME}"
            self.invalid.append(InvalidToken(message, self._span(token)))
        return str(token)

    # Files and their declarations

    def start(self, children: Children) -> ast.Program:
        doc = children.pop(0) if children and isinstance(children[0], str) else ""
        whole = Span(self.source, 0, len(self.source.text))
        return ast.Program(whole, doc, tuple(children))

    def docstring(self, children: Children) -> str:
        value = self._text(children[0])
        return cleandoc(value)

    def import_mtg(self, children: Children) -> ast.ImportDecl:
        first, path, _, *names = children
        literal = ast.LiteralExpr(self._span(path), self._text(path))
        identifiers = tuple(map(self._identifier, names))
        return ast.ImportDecl(self._from(first, names[-1]), literal, identifiers)

    def import_python(self, children: Children) -> ast.PythonImportDecl:
        first, _, module, _, *names = children
        literal = ast.LiteralExpr(self._span(module), self._text(module))
        identifiers = tuple(map(self._identifier, names))
        return ast.PythonImportDecl(self._from(first, names[-1]), literal, identifiers)

    def let(self, children: Children) -> ast.LetDecl:
        first, name, value = children
        return ast.LetDecl(self._from(first, value), self._identifier(name), value)

    def dim(self, children: Children) -> ast.DimDecl:
        first, name = children
        return ast.DimDecl(self._from(first, name), self._identifier(name))

    def model(self, children: Children) -> ast.ModelDecl:
        first, name, *rest, last = children
        parameters, doc, body = self._parts(rest)
        return ast.ModelDecl(self._from(first, last), self._identifier(name), parameters, doc, body)

    def block(self, children: Children) -> ast.BlockDecl:
        first, heads, name, *rest, last = children
        parameters, doc, body = self._parts(rest)
        return ast.BlockDecl(
            self._from(first, last), self._identifier(name), heads, parameters, doc, body
        )

    def _parts(self, rest: Children) -> tuple[tuple[ast.ParameterDecl, ...], str, tuple[Any, ...]]:
        parameters = rest.pop(0) if rest and isinstance(rest[0], tuple) else ()
        doc = rest.pop(0) if rest and isinstance(rest[0], str) else ""
        return parameters, doc, tuple(rest)

    def heads(self, children: Children) -> tuple[ast.Identifier, ...]:
        return tuple(map(self._identifier, children))

    def params(self, children: Children) -> tuple[ast.ParameterDecl, ...]:
        return tuple(children)

    def param(self, children: Children) -> ast.ParameterDecl:
        name, *default = children
        value = default[0] if default else None
        return ast.ParameterDecl(self._from(name, value or name), self._identifier(name), value)

    def input(self, children: Children) -> ast.InputDecl:
        dims = children.pop(-2) if isinstance(children[-2], tuple) else ()
        first, name, *settings, dtype, last = children
        return ast.InputDecl(
            self._from(first, last),
            self._identifier(name),
            settings[0].arguments if settings else (),
            self._identifier(dtype),
            dims,
        )

    def dims(self, children: Children) -> tuple[ast.Expression, ...]:
        return tuple(children)

    def unknown(self, children: Children) -> ast.UnknownLengthExpr:
        return ast.UnknownLengthExpr(self._span(children[0]))

    def bind(self, children: Children) -> ast.TensorDecl:
        *names, flow = children
        identifiers = tuple(map(self._identifier, names))
        return ast.TensorDecl(self._from(names[0], flow), identifiers, flow)

    def shared(self, children: Children) -> ast.SharedDecl:
        first, name, stages = children
        return ast.SharedDecl(self._from(first, stages[-1]), self._identifier(name), stages)

    def output(self, children: Children) -> ast.OutputDecl:
        first, name, *settings, flow = children
        arguments = settings[0].arguments if settings else ()
        return ast.OutputDecl(self._from(first, flow), self._identifier(name), arguments, flow)

    def train(self, children: Children) -> ast.TrainDecl:
        first, group = children
        return ast.TrainDecl(self._from(first, group), group.arguments)

    def return_results(self, children: Children) -> ast.ReturnDecl:
        first, *results = children
        return ast.ReturnDecl(self._from(first, results[-1]), tuple(results))

    # Flows

    def chain(self, children: Children) -> ast.FlowExpr:
        source, *stages = children
        return ast.FlowExpr(self._from(source, stages[-1]), source, tuple(stages))

    def stages(self, children: Children) -> tuple[ast.Stage, ...]:
        return tuple(children)

    branch = stages

    def repeat_stage(self, children: Children) -> ast.RepeatStage:
        first, count, stages, last = children
        return ast.RepeatStage(self._from(first, last), count, stages)

    def for_stage(self, children: Children) -> ast.ForStage:
        first, name, _, values, stages, last = children
        return ast.ForStage(self._from(first, last), self._identifier(name), values, stages)

    def if_stage(self, children: Children) -> ast.IfStage:
        first, test, then, last, *rest = children
        otherwise: tuple[ast.Stage, ...] = ()
        if rest:
            otherwise = (rest[1],) if isinstance(rest[1], ast.IfStage) else rest[1]
            last = rest[-1]
        return ast.IfStage(self._from(first, last), test, then, otherwise)

    # Expressions

    def conditional(self, children: Children) -> ast.ConditionalExpr:
        then, _, test, _, otherwise = children
        return ast.ConditionalExpr(self._from(then, otherwise), test, then, otherwise)

    def _binary(self, children: Children) -> ast.OperationExpr:
        left, operator, right = children
        return ast.OperationExpr(self._from(left, right), str(operator), (left, right))

    or_operation = and_operation = add = multiply = power = _binary

    def _unary(self, children: Children) -> ast.OperationExpr:
        operator, operand = children
        return ast.OperationExpr(self._from(operator, operand), str(operator), (operand,))

    not_operation = negate = _unary

    def comparison(self, children: Children) -> ast.ComparisonExpr:
        span = self._from(children[0], children[-1])
        return ast.ComparisonExpr(span, tuple(children[1::2]), tuple(children[::2]))

    def compare_operator(self, children: Children) -> str:
        return " ".join(children)

    def attribute(self, children: Children) -> ast.AttributeExpr:
        value, token = children
        name = token[1:].lstrip()
        span = Span(self.source, token.end_pos - len(name), token.end_pos)
        return ast.AttributeExpr(self._from(value, token), value, ast.Identifier(span, name))

    def call(self, children: Children) -> ast.CallExpr:
        callee, group = children
        return ast.CallExpr(self._from(callee, group), callee, group.arguments, group.span)

    def subscript(self, children: Children) -> ast.SubscriptExpr:
        value, *items, last = children
        kept = tuple(item for item in items if isinstance(item, ast.Expression))
        return ast.SubscriptExpr(self._from(value, last), value, kept)

    def slice(self, children: Children) -> ast.SliceExpr:
        bounds = [child for child in children if not hasattr(child, "type")]
        present = [child for child in children if child is not None]
        start, stop, *step = bounds
        span = self._from(present[0], present[-1])
        return ast.SliceExpr(span, start, stop, step[0] if step else None)

    def bound(self, children: Children) -> ast.Expression | None:
        return children[0] if children else None

    def ellipsis(self, children: Children) -> ast.LiteralExpr:
        return ast.LiteralExpr(self._span(children[0]), ...)

    def arguments(self, children: Children) -> ast.GroupExpr:
        first, *rest, last = children
        return ast.GroupExpr(self._from(first, last), self._argument_list(rest))

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

    def name(self, children: Children) -> ast.NameExpr:
        token = children[0]
        name = str(token) if len(token) <= MAX_NAME else self._name(token)
        return ast.NameExpr(Span(self.source, token.start_pos, token.end_pos), name)

    def number(self, children: Children) -> ast.LiteralExpr:
        token = children[0]
        span = self._span(token)
        if len(token) > MAX_DIGITS:
            self.invalid.append(
                InvalidToken(
                    f"this number has {len(token):,} digits; the limit is {MAX_DIGITS:,}", span
                )
            )
            return ast.LiteralExpr(span, 0)
        try:
            return ast.LiteralExpr(span, literal_eval(str(token)))
        except SyntaxError:
            digits = str(token).lstrip("0_") or "0"
            self.invalid.append(
                InvalidToken("a number cannot have leading zeros", span, f"write `{digits}`")
            )
            return ast.LiteralExpr(span, 0)

    def string(self, children: Children) -> ast.LiteralExpr:
        return ast.LiteralExpr(self._span(children[0]), self._text(children[0]))

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
            self.invalid.append(
                InvalidToken(
                    "invalid escape sequence in this string",
                    self._span(token),
                    "write `\\\\` for a backslash",
                )
            )
            return text[quotes:-quotes]

    def constant(self, children: Children) -> ast.LiteralExpr:
        value = {"True": True, "False": False, "None": None}[str(children[0])]
        return ast.LiteralExpr(self._span(children[0]), value)

    def list_display(self, children: Children) -> ast.ListExpr:
        first, *items, last = children
        return ast.ListExpr(self._from(first, last), tuple(items))

    def dict_display(self, children: Children) -> ast.DictExpr:
        first, *pairs, last = children
        return ast.DictExpr(self._from(first, last), tuple(pairs))

    def pair(self, children: Children) -> tuple[ast.Expression, ast.Expression]:
        return children[0], children[2]

    def group(self, children: Children) -> ast.Expression:
        first, *rest, last = children
        arguments = self._argument_list(rest)
        span = self._from(first, last)
        if len(arguments) == 1 and len(rest) == 1 and arguments[0].name is None:
            # The same node, at a place that its parentheses belong to.
            return replace(arguments[0].value, span=span)
        return ast.GroupExpr(span, arguments)
