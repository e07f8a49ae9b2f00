"""Every kind of node that a program may hold has a meaning."""

from __future__ import annotations

from typing import get_args

from mtg.semantics.expand import SUBJECTS
from mtg.semantics.expansion.declarations import declare_names
from mtg.semantics.expansion.evaluation import evaluate_node
from mtg.semantics.expansion.stages import run_stage
from mtg.syntax import ast


def test_every_expression_is_evaluated() -> None:
    kinds = set(ast.Expression.__subclasses__())
    assert kinds
    assert kinds == set(evaluate_node.registry) - {object}


def test_every_stage_is_run() -> None:
    kinds = {kind for kind in get_args(ast.Stage) if kind is not ast.Expression}
    assert kinds
    assert kinds <= set(run_stage.registry)


def test_every_declaration_declares() -> None:
    """But `return`, `for` and `when`, which a body itself goes through."""
    kinds = set(get_args(ast.Statement))
    assert kinds - {ast.ReturnDecl, ast.ForDecl, ast.WhenDecl} == set(declare_names.registry) - {
        object
    }


def test_every_subject_knows_a_node() -> None:
    known = {
        function.__module__
        for open_function in (evaluate_node, run_stage, declare_names)
        for kind, function in open_function.registry.items()
        if kind is not object
    }
    assert known == {subject.__name__ for subject in SUBJECTS}
