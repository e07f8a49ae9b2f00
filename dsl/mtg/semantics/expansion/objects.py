"""Objects of Keras as values: losses, optimizers, regularizers, and layers within layers."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.catalog import Entry, catalog
from mtg.catalog.names import MERGES
from mtg.graph.layers import Layer
from mtg.graph.values import KerasObject
from mtg.semantics import constant_evaluation as compute
from mtg.semantics.arguments import kind_words
from mtg.semantics.builtins import OBJECT_KINDS, kinds_of
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.layers import make_layer
from mtg.semantics.expansion.parameters import match_call, take_arguments
from mtg.semantics.values import ERROR, Error, Frame
from mtg.syntax import ast
from mtg.text.suggest import NO_SUGGESTION, suggest_spelling


def make_object(
    node: ast.CallExpr, name: str, context: Context, frame: Frame, kinds: Sequence[str]
) -> KerasObject | Layer | Error:
    """Return an object of Keras written as its constructor call."""
    entry = next((found for kind in kinds or OBJECT_KINDS if (found := _entry(kind, name))), None)
    if entry is None:
        _report_wrong_object(node, name, context, frame, kinds)
        return ERROR
    if entry.kind == "layer":
        return make_layer(node, entry, context, frame)
    what = f"`{entry.name}`"
    matched = match_call(what, entry, node, context, frame)
    if matched is None:
        return ERROR
    arguments = take_arguments(what, entry, matched, context, frame)
    if arguments is None:
        return ERROR
    return KerasObject(entry.kind, entry.name, arguments, node.span)


def _report_wrong_object(
    node: ast.CallExpr, name: str, context: Context, frame: Frame, kinds: Sequence[str]
) -> None:
    """Report a call of what is no object of a kind that its place takes."""
    others = kinds_of(name)
    if not others and not name_known(name):
        return  # reported when the names were resolved
    known = [n for kind in kinds if kind in catalog().kinds() for n in catalog().names(kind)]
    found = kind_words(others[:1]) if others else "a function"
    context.reporter(frame)(
        "MTG404",
        f"expected {kind_words(kinds)}, but `{name}` is {found}",
        node.span,
        label=found,
        # Only a slip of the keys: `L2` is no misspelling of any optimizer.
        **(suggest_spelling(name, known, node.callee.span) if not others else NO_SUGGESTION),
    )


def name_known(name: str) -> bool:
    """Return whether a name means something that is no object of Keras."""
    return name in MERGES or name in compute.FUNCTIONS


def _entry(kind: str, name: str) -> Entry | None:
    """Return what the catalogue says of an object; None where its kind has no catalogue."""
    return catalog().find(kind, name) if kind in catalog().kinds() else None
