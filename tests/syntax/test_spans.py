"""Every node stands where its span says: the text there, by itself, is that node."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from error_cases import cases
from goldens import CASES
from hypothesis import given, settings
from hypothesis import strategies as st
from mtg.syntax import ast
from mtg.syntax.parser import parse
from mtg.text.codes import CODES
from mtg.text.diagnostics import Diagnostics
from mtg.text.explanations import explanation
from mtg.text.source import Source

ROOT = Path(__file__).parents[2]


def parsed(text: str) -> ast.Program | None:
    return parse(Source("a.mtg", text), Diagnostics())


def nodes(value: Any) -> list[ast.SyntaxNode]:
    """A node and all below it."""
    found: list[ast.SyntaxNode] = []
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, ast.FormattedExpr):
            found.append(each)  # the text between its expressions stands in no quotes
            stack += [part for part in each.parts if not isinstance(part, ast.LiteralExpr)]
        elif isinstance(each, ast.SyntaxNode):
            found.append(each)
            stack += [getattr(each, f.name) for f in fields(each) if f.name != "span"]
        elif isinstance(each, tuple) and not hasattr(each, "source"):
            stack += each
    return found


def said(value: Any) -> Any:
    """A tree without its places."""
    if isinstance(value, ast.SyntaxNode):
        inner = (getattr(value, f.name) for f in fields(value) if f.name not in ("span", "doc"))
        return (type(value).__name__, *map(said, inner))
    if hasattr(value, "source"):
        return None  # the place of brackets
    if isinstance(value, tuple):
        return tuple(map(said, value))
    return type(value).__name__, repr(value)


#: A program around the text of a node of a sort, which stands for `@`, and where it is in the tree.
Place = tuple[tuple[type, ...], str, Callable[[Any], Any]]
PLACES: list[Place] = [
    ((ast.Program,), "@", lambda program: program),
    (
        (
            *(ast.ImportDecl, ast.PythonImportDecl, ast.DataImportDecl),
            *(ast.BlockDecl, ast.ModelDecl),
        ),
        "@",
        lambda p: p.items[0],
    ),
    ((ast.ParameterDecl,), "model M(@) {}", lambda p: p.items[0].parameters[0]),
    ((ast.ReturnDecl,), "block a -> f() { @ }", lambda p: p.items[0].body[0]),
    (
        (ast.LetDecl, ast.DimDecl, ast.InputDecl, ast.TensorDecl),
        "model M { @ }",
        lambda p: p.items[0].body[0],
    ),
    (
        (ast.SharedDecl, ast.OutputDecl, ast.TrainDecl, ast.ForDecl, ast.WhenDecl),
        "model M { @ }",
        lambda p: p.items[0].body[0],
    ),
    ((ast.UnknownLengthExpr,), "model M { input y: a[@] }", lambda p: p.items[0].body[0].dims[0]),
    ((ast.Identifier,), "let y = a.@", lambda p: p.items[0].value.name),
    ((ast.TargetGroup,), "let y = [a for @ in b]", lambda p: p.items[0].value.clauses[0].target),
    ((ast.Clause,), "let y = [a @]", lambda p: p.items[0].value.clauses[0]),
    ((ast.UnpackedExpr,), "let y = f(@)", lambda p: p.items[0].value.arguments[0].value),
    ((ast.SliceExpr,), "let y = a[@]", lambda p: p.items[0].value.items[0]),
    ((ast.Argument,), "let y = f(@)", lambda p: p.items[0].value.arguments[0]),
    (
        (ast.RepeatStage, ast.ForStage, ast.IfStage),
        "let y = f(a -> @)",
        lambda p: flow_of(p).stages[0],
    ),
    ((ast.Expression,), "let y = f(@)", lambda p: p.items[0].value.arguments[0].value),
]


def flow_of(program: Any) -> Any:
    return program.items[0].value.arguments[0].value


def alone(node: ast.SyntaxNode) -> ast.SyntaxNode | None:
    """What the text of a node is where nothing but it stands in a place for its sort."""
    around, taken = next(place[1:] for place in PLACES if isinstance(node, place[0]))
    if isinstance(node, ast.LiteralExpr) and node.value is ...:
        around, taken = "let y = a[@]", lambda p: p.items[0].value.items[0]
    program = parsed(around.replace("@", node.span.text))
    return None if program is None else taken(program)


def check(text: str) -> int:
    """Look at every node of a text; gives how many there are, none where it does not parse."""
    program = parsed(text)
    found = [] if program is None else nodes(program)
    for node in found:
        assert said(alone(node)) == said(node), (type(node).__name__, node.span.text)
    return len(found)


EXAMPLES = [*ROOT.glob("examples/**/*.mtg"), *ROOT.glob("benchmarks/programs/*.mtg")]
EXAMPLES += [*CASES.glob("**/*.mtg"), *ROOT.glob("dsl/mtg/std/*.mtg")]


def test_of_every_program_here() -> None:
    count = sum(check(path.read_bytes().decode("utf-8", "replace")) for path in EXAMPLES)
    count += sum(check(case.source) for case in cases())
    explained = [explanation(code) for code in CODES if code != "MTG003"]
    count += sum(check(each.right) for each in explained if each.kind == "mtg")
    assert count > 10_000


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("(1 - 3) * 2", {"(1 - 3) * 2": "OperationExpr", "(1 - 3)": "OperationExpr"}),
        ("2 * (1 - 3)", {"2 * (1 - 3)": "OperationExpr"}),
        ("((a))", {"((a))": "NameExpr"}),
        ("(a, b)", {"(a, b)": "GroupExpr", "a": "NameExpr"}),
        ("(a,)", {"(a,)": "GroupExpr"}),
        ("((a,))", {"((a,))": "GroupExpr"}),
        ("()", {"()": "GroupExpr"}),
        ("(n=a)", {"(n=a)": "GroupExpr"}),
        ("(f)(a)", {"(f)(a)": "CallExpr", "(f)": "NameExpr"}),
        ("(a)[(1)]", {"(a)[(1)]": "SubscriptExpr", "(1)": "LiteralExpr"}),
        ("(a).b", {"(a).b": "AttributeExpr"}),
        ("f((a -> g()))", {"(a -> g())": "FlowExpr"}),
        ("[(a), {(b): (c)}]", {"(a)": "NameExpr", "(b)": "NameExpr", "(c)": "NameExpr"}),
        ("a[(1):(2)]", {"(1):(2)": "SliceExpr"}),
    ],
)
def test_parentheses_belong_to_what_stands_in_them(text: str, kinds: dict[str, str]) -> None:
    program = parsed(f"let x = {text}")
    found = {each.span.text: type(each).__name__ for each in nodes(program)}
    assert found.items() >= kinds.items()


# ---- programs at random --------------------------------------------------------------------------

BLANKS = st.sampled_from(["", " ", "  ", "\n", " # )(\n", "\t"])
ATOMS = st.sampled_from(
    ["a", "b1", "_", "1", "2.5", "0x1F", "True", "None", '"s"', "')'", '"""#("""', "[]", "{}", "()"]
)


def joined(*parts: Any) -> st.SearchStrategy[str]:
    """Parts in a row, with blanks and comments between them."""
    spaced = [
        each
        for part in parts
        for each in (BLANKS, st.just(part) if isinstance(part, str) else part)
    ]
    return st.tuples(*spaced).map("".join)


def expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operator = st.sampled_from(["+", "-", "*", "//", "**", "%", "<", "==", " in ", " and ", " or "])
    flow = st.one_of(inner, joined(inner, "->", inner), joined(inner, "->", stages(inner)))
    return st.one_of(
        joined("(", flow, ")"),
        joined("(", flow, ",", flow, ")"),
        joined("(", flow, ",)"),
        joined("(k=", flow, ")"),
        joined("[", flow, ",", flow, "]"),
        joined("{", flow, ":", flow, "}"),
        joined(inner, operator, inner),
        joined("-", inner),
        joined(" not ", inner),
        joined(inner, " if ", inner, " else ", inner),
        joined(inner, "(", flow, ", n =", flow, ")"),
        joined("f(", flow, ")"),
        joined(inner, ".repeat"),
        joined(inner, "[", inner, "]"),
        joined(inner, "[", inner, ":", inner, ", ..., :: ", inner, "]"),
    )


def stages(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        joined("repeat ", inner, "{", inner, "}"),
        joined("for i in ", inner, "{", inner, "->", inner, "}"),
        joined("if ", inner, "{", inner, "} else { }"),
        joined("if ", inner, "{", inner, "} else if ", inner, "{", inner, "}"),
    )


EXPRESSIONS = st.recursive(ATOMS, expressions, max_leaves=12)


@st.composite
def programs(draw: st.DrawFn) -> str:
    made = [draw(EXPRESSIONS) for _ in range(3)]
    return (
        f"let k = {made[0]}\nmodel M(p={made[0]}) {{\ninput x(n={made[1]}): float32[{made[1]}, ?]\n"
        f"y = {made[1]} -> {made[2]}\nshared s = {made[2]}\noutput z(w={made[0]}) = {made[1]}\n"
        f"train(o={made[2]})\n}}\nblock (a, b) -> f(p) {{ q = {made[0]} return {made[1]}, a }}\n"
    )


@settings(max_examples=int(os.environ.get("MTG_EXAMPLES", "60")))
@given(programs())
def test_of_programs_at_random(text: str) -> None:
    check(text)


@settings(max_examples=int(os.environ.get("MTG_EXAMPLES", "150")))
@given(EXPRESSIONS)
def test_of_expressions_at_random(text: str) -> None:
    check(f"let x = {text}")
