"""From grammar rules to nodes: one method a rule of `mtg.lark`.

The parser calls these as it reduces, so no parse tree is ever built.
"""

from __future__ import annotations

import warnings
from ast import literal_eval
from collections.abc import Callable, Iterator
from dataclasses import replace
from inspect import cleandoc
from typing import Any

from mtg.limits import MAX_DIGITS, MAX_NAME
from mtg.process import own_warning_filters
from mtg.syntax import ast
from mtg.syntax.parse_errors import InvalidToken
from mtg.text.source import Span

Children = list[Any]


def _field_end(text: str, start: int, end: int) -> int | None:
    """Return where the braces close that an expression of an f-string stands between."""
    depth = 0
    quote = ""
    for at in range(start, end):
        sign = text[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign == "}" and not depth:
            return at
        elif sign in ")]}":
            depth -= 1
    return None


class Lower:
    """Builds nodes for one source at a time.

    Attributes:
        source: The source that is parsed, to which all spans point.
        base: Where the text that is parsed begins in the source.
        invalid: What is wrong with tokens that the grammar takes.
    """

    def __init__(self) -> None:
        self.source: Any = None
        self.base = 0
        #: Parses an expression of an f-string, which starts at an offset of the source.
        self.expression_at: Callable[[str, int], ast.Expression | None] = lambda text, start: None
        self.invalid: list[InvalidToken] = []

    # Places

    def _span(self, token: Any) -> Span:
        return Span(self.source, self.base + token.start_pos, self.base + token.end_pos)

    def _from(self, first: Any, last: Any) -> Span:
        """Return the span from a token or node to a token or node."""
        start = (
            first.span.start if isinstance(first, ast.SyntaxNode) else self.base + first.start_pos
        )
        end = last.span.end if isinstance(last, ast.SyntaxNode) else self.base + last.end_pos
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

    def import_data(self, children: Children) -> ast.DataImportDecl:
        first, _, path, _, *names = children
        literal = ast.LiteralExpr(self._span(path), self._text(path))
        identifiers = tuple(map(self._identifier, names))
        return ast.DataImportDecl(self._from(first, names[-1]), literal, identifiers)

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
            self._declared_name(name),
            settings[0].arguments if settings else (),
            self._identifier(dtype),
            dims,
        )

    def dims(self, children: Children) -> tuple[ast.Expression, ...]:
        return tuple(children)

    def unpacked(self, children: Children) -> ast.UnpackedExpr:
        star, value = children
        return ast.UnpackedExpr(self._from(star, value), len(star), value)

    unpacked_dict = unpacked

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
        return ast.OutputDecl(self._from(first, flow), self._declared_name(name), arguments, flow)

    def _declared_name(self, token: Any) -> ast.Identifier | ast.LiteralExpr | ast.FormattedExpr:
        """Return the name of an input or output: a name, or a string that holds it."""
        if token.type == "STRING":
            return self.string([token])
        return self.formatted([token]) if token.type == "FSTRING" else self._identifier(token)

    def train(self, children: Children) -> ast.TrainDecl:
        first, group = children
        return ast.TrainDecl(self._from(first, group), group.arguments)

    def return_results(self, children: Children) -> ast.ReturnDecl:
        first, *results = children
        return ast.ReturnDecl(self._from(first, results[-1]), tuple(results))

    def for_statement(self, children: Children) -> ast.ForDecl:
        first, target, _, values, *body, last = children
        return ast.ForDecl(self._from(first, last), target, values, tuple(body))

    def when_statement(self, children: Children) -> ast.WhenDecl:
        first, test, then, last, *rest = children
        otherwise: tuple[ast.Statement, ...] = ()
        if rest:
            otherwise = (rest[1],) if isinstance(rest[1], ast.WhenDecl) else rest[1]
            last = rest[-1]
        return ast.WhenDecl(self._from(first, last), test, then, otherwise)

    def then(self, children: Children) -> tuple[ast.Statement, ...]:
        return tuple(children)

    otherwise = then

    def target(self, children: Children) -> ast.Target:
        items = tuple(
            child if isinstance(child, ast.TargetGroup) else self._identifier(child)
            for child in children
            if isinstance(child, ast.TargetGroup) or child.type == "NAME"
        )
        if len(items) == 1 and len(children) == 1:
            return items[0]
        return ast.TargetGroup(self._from(items[0], items[-1]), items)

    def target_group(self, children: Children) -> ast.TargetGroup:
        first, target, last = children
        items = target.items if isinstance(target, ast.TargetGroup) else (target,)
        return ast.TargetGroup(self._from(first, last), items)

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
        first, target, _, values, stages, last = children
        return ast.ForStage(self._from(first, last), target, values, stages)

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
        end = self.base + token.end_pos
        span = Span(self.source, end - len(name), end)
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
        return ast.NameExpr(self._span(token), name)

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
        if token.type == "FSTRING":
            self.invalid.append(
                InvalidToken("a docstring is no f-string", self._span(token), "remove the `f`")
            )
        return self._unescaped(str(token).removeprefix("f"), self._span(token))

    def _unescaped(self, text: str, span: Span) -> str:
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
                    span,
                    "write `\\\\` for a backslash",
                )
            )
            return text[quotes:-quotes]

    def formatted(self, children: Children) -> ast.FormattedExpr:
        """Return the parts of an f-string: text, and the expressions between its braces."""
        token = children[0]
        text, place = str(token), self._span(token)
        parts: list[ast.Expression] = []
        at = 2  # past the `f` and the quote
        for literal, expression, start in self._fields(token):
            if literal:
                span = Span(self.source, place.start + at, place.start + start)
                quoted = text[1] + literal + text[1]
                parts.append(ast.LiteralExpr(span, self._unescaped(quoted, span)))
            if expression is not None:
                node = self.expression_at(expression, place.start + start)
                if node is not None:
                    parts.append(node)
                at = start + len(expression) + 1
        return ast.FormattedExpr(place, tuple(parts))

    def _fields(self, token: Any) -> Iterator[tuple[str, str | None, int]]:
        """Yield each text between braces of an f-string with the literal text before it.

        With it goes where it starts in the token; None stands for the end, which has no braces.
        """
        text = str(token)
        literal, at, end = "", 2, len(text) - 1
        while at < end:
            sign = text[at]
            if sign in "{}" and text[at + 1 : at + 2] == sign and at + 1 < end:
                literal += sign
                at += 2
            elif sign == "{":
                close = _field_end(text, at + 1, end)
                if close is None:
                    self._invalid_field(
                        "this `{` is not closed: within an f-string write the other quotes",
                        token,
                        at,
                    )
                    return
                yield literal, text[at + 1 : close], at + 1
                literal, at = "", close + 1
            elif sign == "}":
                self._invalid_field("this `}` closes nothing: write `}}` for one", token, at)
                return
            else:
                literal += text[at : at + 2] if sign == "\\" else sign
                at += 2 if sign == "\\" else 1
        yield literal, None, end

    def _invalid_field(self, message: str, token: Any, at: int) -> None:
        start = self._span(token).start + at
        place = Span(self.source, start, start + 1)
        self.invalid.append(InvalidToken(message, place))

    def constant(self, children: Children) -> ast.LiteralExpr:
        value = {"True": True, "False": False, "None": None}[str(children[0])]
        return ast.LiteralExpr(self._span(children[0]), value)

    def clause(self, children: Children) -> ast.Clause:
        first, target, _, values, *rest = children
        test = rest[1] if rest else None
        return ast.Clause(self._from(first, test or values), target, values, test)

    def list_display(self, children: Children) -> ast.ListExpr | ast.ComprehensionExpr:
        first, *items, last = children
        span = self._from(first, last)
        if items and isinstance(items[-1], ast.Clause):
            return ast.ComprehensionExpr(span, None, items[0], tuple(items[1:]))
        return ast.ListExpr(span, tuple(items))

    def dict_display(self, children: Children) -> ast.DictExpr | ast.ComprehensionExpr:
        first, *items, last = children
        span = self._from(first, last)
        if items and isinstance(items[-1], ast.Clause):
            key, item = items[0]
            return ast.ComprehensionExpr(span, key, item, tuple(items[1:]))
        pairs = ((None, item) if isinstance(item, ast.UnpackedExpr) else item for item in items)
        return ast.DictExpr(span, tuple(pairs))

    def pair(self, children: Children) -> tuple[ast.Expression, ast.Expression]:
        return children[0], children[2]

    def group(self, children: Children) -> ast.Expression:
        first, *rest, last = children
        arguments = self._argument_list(rest)
        span = self._from(first, last)
        alone = len(arguments) == 1 and len(rest) == 1 and arguments[0].name is None
        if alone and not isinstance(arguments[0].value, ast.UnpackedExpr):
            # The same node, at a place that its parentheses belong to.
            return replace(arguments[0].value, span=span)
        return ast.GroupExpr(span, arguments)
