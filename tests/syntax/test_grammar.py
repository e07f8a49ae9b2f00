"""The grammar: no conflicts, and every construct gives the tree it should."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from goldens import CASES, expect
from mtg.syntax import ast
from mtg.syntax.parser import grammar, parse
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Source


def parsed(text: str) -> ast.Program:
    diagnostics = Diagnostics()
    program = parse(Source("a.mtg", text), diagnostics)
    assert program is not None, "\n".join(map(str, diagnostics))
    assert not diagnostics.has_errors
    return program


def children(node: ast.SyntaxNode) -> list[tuple[str, Any]]:
    return [(f.name, getattr(node, f.name)) for f in fields(node) if f.name != "span"]


def dump(value: Any, indent: int = 0) -> str:
    """A tree as text: each node with the text of its span where that is short."""
    pad = "  " * indent
    if isinstance(value, ast.SyntaxNode):
        text = value.span.text
        shown = f"  {text!r}" if len(text) <= 40 and "\n" not in text else ""
        lines = [f"{type(value).__name__}{shown}"]
        for name, child in children(value):
            if isinstance(child, (ast.SyntaxNode, tuple)) and child != ():
                lines.append(f"{pad}  {name}: {dump(child, indent + 1)}")
            elif child not in ((), "", None) or isinstance(value, ast.LiteralExpr):
                lines.append(f"{pad}  {name} = {child!r}")
        return "\n".join(lines)
    if isinstance(value, tuple) and any(
        isinstance(item, (ast.SyntaxNode, tuple)) for item in value
    ):
        return "".join(f"\n{pad}  - {dump(item, indent + 2)}" for item in value)
    return repr(getattr(value, "text", value))


def nodes(value: Any) -> list[ast.SyntaxNode]:
    found: list[ast.SyntaxNode] = []
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, ast.SyntaxNode):
            found.append(each)
            stack.extend(child for _, child in children(each))
        elif isinstance(each, tuple) and not hasattr(each, "source"):
            stack.extend(each)
    return found


def check_spans(node: ast.SyntaxNode) -> None:
    """Every node lies inside its parent, and names stand where their spans say."""
    for each in nodes(node):
        start, end = each.span.start, each.span.end
        for child in [c for _, value in children(each) for c in _direct(value)]:
            assert start <= child.span.start < child.span.end <= end, (each, child)
        if isinstance(each, (ast.NameExpr, ast.Identifier)):
            assert each.span.text == each.name


def _direct(value: Any) -> list[ast.SyntaxNode]:
    if isinstance(value, ast.SyntaxNode):
        return [value]
    if isinstance(value, tuple) and not hasattr(value, "source"):
        return [node for item in value for node in _direct(item)]
    return []


def test_the_grammar_has_no_conflicts() -> None:
    from lark import Lark

    pytest.importorskip("interegular")
    Lark(grammar(), parser="lalr", lexer="contextual", maybe_placeholders=False, strict=True)


def test_tokens_are_those_of_the_lexer_of_lark(root: Path) -> None:
    """Also where a word is a name, and where a text ends in the middle of something."""
    from lark import Lark, UnexpectedInput
    from mtg.syntax.lexer import SharingContextualLexer

    def make(**options: Any) -> Lark:
        options = {"parser": "lalr", "lexer": "contextual", "maybe_placeholders": False} | options
        return Lark(grammar(), **options)

    ours, theirs = make(_plugins={"ContextualLexer": SharingContextualLexer}), make()

    def read(parser: Lark, text: str) -> tuple[list[tuple[str, str, int | None]], int | None]:
        """Tokens, and where what does not fit stands."""
        tokens = []
        try:
            for token in parser.parse_interactive(text).iter_parse():
                tokens.append((token.type, str(token), token.start_pos))
        except UnexpectedInput as error:
            return tokens, error.pos_in_stream
        return tokens, None

    words = "model dim(shared, let=1) { input input: int32[dim] x = model -> Dense(dim, train=1) }"
    texts = [path.read_text(encoding="utf-8") for path in sorted((root / "examples").glob("*.mtg"))]
    for text in (words, *texts):
        assert read(ours, text) == (read(theirs, text)[0], None)
    for text in (text[: len(text) * 2 // 3] + " -> = dim" for text in texts):
        (tokens, here), (others, there) = read(ours, text), read(theirs, text)
        assert (here is None) == (there is None)  # none where the cut is in a comment
        # Where `->` does not fit, Lark takes it for a minus: what stands before is the same.
        until = min(here or len(text), there or len(text))
        assert [each for each in tokens if (each[2] or 0) < until] == [
            each for each in others if (each[2] or 0) < until
        ]


def test_no_string_of_the_grammar_is_what_an_expression_matches() -> None:
    """Lark would make such a string a token of its own; `mtg.syntax.lexer` does not look."""
    from lark import Lark
    from lark.lexer import PatternRE, PatternStr

    terminals = Lark(grammar(), parser="lalr", lexer="contextual").terminals
    strings = [each.pattern.value for each in terminals if isinstance(each.pattern, PatternStr)]
    assert len(strings) > 20
    for each in terminals:
        if isinstance(each.pattern, PatternRE):
            found = [text for text in strings if re.fullmatch(each.pattern.to_regexp(), text)]
            assert found == [], each.name


def test_every_construct() -> None:
    program = parsed((CASES / "syntax" / "everything.mtg").read_text(encoding="utf-8"))
    check_spans(program)
    expect(dump(program) + "\n", "syntax/everything.ast")


def test_every_kind_of_node_is_in_that_golden() -> None:
    text = (CASES / "syntax" / "everything.ast").read_text(encoding="utf-8")
    nodes = [c for c in vars(ast).values() if isinstance(c, type) and issubclass(c, ast.SyntaxNode)]
    for kind in {c.__name__ for c in nodes} - {"SyntaxNode", "Expression"}:
        assert f"{kind}  " in text or f"{kind}\n" in text, kind


def test_the_examples(root: Path) -> None:
    found = sorted(root.glob("examples/**/*.mtg"))
    assert len(found) > 15
    for path in found:
        check_spans(parsed(path.read_text(encoding="utf-8")))


def test_newlines_mean_nothing(root: Path) -> None:
    text = (CASES / "syntax" / "everything.mtg").read_text(encoding="utf-8")
    plain = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    tree = shape(parsed(plain))
    assert shape(parsed(plain.replace("\n", "\r\n").replace("three\r", "three"))) == tree
    one_line = plain.replace("three\nlines", "three_nl_lines").replace("\n", " ")
    joined = shape(parsed(one_line.replace("three_nl_lines", "three\nlines")))
    assert [s for s in joined if s[0] != "doc"] == [s for s in tree if s[0] != "doc"]
    assert shape(parsed(plain.replace("  ", "\t").replace("\tKept", "    Kept"))) == tree


def shape(program: ast.Program) -> list[tuple[str, Any]]:
    """The tree without its places and texts of documentation."""
    found: list[tuple[str, Any]] = []
    for node in nodes(program):
        plain = [
            value
            for name, value in children(node)
            if name != "doc" and isinstance(value, (str, int, float, bool))
        ]
        found.append((type(node).__name__, plain))
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10_000", 10_000),
        ("0xFF", 255),
        ("0b1_0", 2),
        ("0o17", 15),
        ("1e-3", 0.001),
        ("1.", 1.0),
        (".5", 0.5),
        ("1_0.2_5e1_0", 10.25e10),
        ("00", 0),
        ("True", True),
        ("None", None),
        ('"a\\n\\x41\\u00e9"', "a\nAé"),
        ("'it\\'s'", "it's"),
        ('"""a "b" c"""', 'a "b" c'),
        ("'''x\ny'''", "x\ny"),
        ('""', ""),
        ('"# no comment"', "# no comment"),
        ('"日本"', "日本"),
    ],
)
def test_literals(text: str, value: object) -> None:
    let = parsed(f"let x = {text} # the end").items[0]
    assert isinstance(let, ast.LetDecl)
    assert isinstance(let.value, ast.LiteralExpr)
    assert let.value.value == value
    assert type(let.value.value) is type(value)
    assert let.value.span.text == text


@pytest.mark.parametrize("name", ["größe", "x1", "_x", "模型", "models", "inputs", "iffy", "in_"])
def test_names(name: str) -> None:
    let = parsed(f"let {name} = 1").items[0]
    assert isinstance(let, ast.LetDecl)
    assert let.name.name == name


def test_precedence() -> None:
    def value(text: str) -> str:
        let = parsed(f"let x = {text}").items[0]
        assert isinstance(let, ast.LetDecl)
        return brackets(let.value)

    def brackets(node: ast.Expression) -> str:
        if isinstance(node, ast.OperationExpr):
            parts = [brackets(part) for part in node.operands]
            inner = f" {node.operator} ".join(parts) if parts[1:] else node.operator + parts[0]
            return f"({inner})"
        return node.span.text

    assert value("1 + 2 * 3 - 4") == "((1 + (2 * 3)) - 4)"
    assert value("-2 ** -2 ** 3") == "(-(2 ** (-(2 ** 3))))"
    assert value("not a and b or c") == "(((not" + "a) and b) or c)"
    assert value("1 / 2 / 3 % 4 // 5") == "((((1 / 2) / 3) % 4) // 5)"
