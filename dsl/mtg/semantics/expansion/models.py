"""Models: from the declaration to a graph, and models as layers of other models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mtg.catalog.names import snake_case
from mtg.graph.graph import Graph, SharedName
from mtg.graph.layers import Layer, NestedModel
from mtg.limits import MAX_USES
from mtg.semantics.budget import TooLarge
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.declarations import declare_body, declare_parameters, namings_of
from mtg.semantics.expansion.ends import ModelEnds, in_text_order
from mtg.semantics.expansion.layers import configure_layer
from mtg.semantics.expansion.parameters import match_parameters, take_settings
from mtg.semantics.mentions import laid_out
from mtg.semantics.modules import Declared, Module
from mtg.semantics.naming import NamedStatement, assign_names
from mtg.semantics.scope import PREDEFINED
from mtg.semantics.values import ERROR, MISSING, Ends, Error, Frame, is_error
from mtg.syntax import ast
from mtg.text.source import Span


def expand_model(
    module: Module, model: ast.ModelDecl, given: Mapping[str, Any], place: Span, context: Context
) -> Graph:
    """Expand a model with values for its parameters."""
    graph = context.graph
    graph.span, graph.doc = model.name.span, model.doc
    frame = Frame({}, None, module.names, (), None, NamedStatement(""))
    declare_parameters(model, given, context, frame, place)
    namings = namings_of(model.body)
    scope = context.scopes[model]
    context.ends = ModelEnds(scope.names, partial=module.partial)
    for word in PREDEFINED:
        if word not in scope.names and frame.find(word) is MISSING:
            frame.names[word] = Ends(word, context.ends)
    if len(scope.order) < sum(1 for _ in laid_out(model.body)):
        graph.complete = False  # what stands in a cycle has no place in the order
    declare_body(model, namings, context, frame)
    in_text_order(graph, context.ends)
    assign_names(namings.values(), context.explicit_names, context.diagnostics)
    graph.shared = [
        SharedName(reusable.name.name, reusable.name.span, reusable.uses + reusable.wrapped)
        for reusable in context.shared
        if not reusable.family  # of a family, each may be for one use
    ]
    return graph


def make_nested_model(
    node: ast.CallExpr, declared: Declared, context: Context, frame: Frame
) -> Layer | Error:
    """Return a new instance of another model."""
    model = declared.node
    assert isinstance(model, ast.ModelDecl)
    if context.scopes.is_broken(model):
        return ERROR  # reported when the names were resolved
    matched = match_parameters(node, model, context, frame)
    if matched is None:
        return ERROR
    values, given = matched
    settings = take_settings(given, context, frame)
    if settings is None or is_error(values):
        return ERROR
    if len(context.models) >= MAX_USES:
        context.reporter(frame)("MTG605", f"models are nested more than {MAX_USES} deep", node.span)
        raise TooLarge
    # A nested model takes the time of some ten calls, and its inputs and outputs that of one.
    ends = sum(isinstance(each, (ast.InputDecl, ast.OutputDecl)) for each in model.body)
    context.budget.spend(node.span, 10 + max(0, ends - 10))
    inner = context.within(model.name.name)
    graph = expand_model(declared.module, model, values, node.brackets, inner)
    if inner.ends is None or inner.ends.wrong:
        return ERROR  # an input or output of it is wrong, which is reported
    layer = NestedModel(snake_case(model.name.name), graph, values, node.span)
    return configure_layer(layer, context, frame, settings)
