"""From a model to its graph: parameters, models in models, what stands at the top of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mtg.catalog.names import snake_case
from mtg.graph.graph import Graph, SharedName
from mtg.graph.layers import Layer, NestedModel
from mtg.lengths.dims import Symbol
from mtg.limits import MAX_USES
from mtg.semantics.blocks import namings_of
from mtg.semantics.budget import Budget, Steps, TooLarge
from mtg.semantics.declarations import Declarations
from mtg.semantics.modules import Declared, Module
from mtg.semantics.naming import NamedStatement, assign_names
from mtg.semantics.order import declared_by
from mtg.semantics.scope import Scopes
from mtg.semantics.values import ERROR, Error, Frame, Value, is_error
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import Span


def expand(
    module: Module,
    model: ast.ModelDecl,
    parameters: Mapping[str, Any],
    modules: Sequence[Module],
    scopes: Scopes,
    diagnostics: Diagnostics,
    max_calls: int | None = None,
    steps: Steps | None = None,
) -> Graph | None:
    """Return the graph of one model, or None where the program grows past a limit.

    Args:
        parameters: Values for the model's parameters, by name.
        modules: Every file of the program.
        max_calls: The layer calls and loop iterations that it may grow to.
        steps: Counts what its values take, where several models are counted together.
    """
    budget = Budget(diagnostics, max_calls, steps)
    tops = _Tops({id(module.program): module for module in modules})
    expander = Expander(Graph(model.name.name), scopes, diagnostics, budget, tops, ())
    try:
        return expander.model(module, model, parameters, model.name.span)
    except TooLarge:
        return None


class _Tops:
    """The values of `let` and `dim` at the top of files; each file is evaluated once."""

    def __init__(self, modules: dict[int, Module]) -> None:
        self.modules = modules
        self.values: dict[int, dict[str, Value]] = {}


class Expander(Declarations):
    """Expands one model."""

    def __init__(
        self,
        graph: Graph,
        scopes: Scopes,
        diagnostics: Diagnostics,
        budget: Budget,
        tops: _Tops,
        models: tuple[str, ...],
    ) -> None:
        super().__init__(graph, scopes, diagnostics, budget)
        self.tops = tops
        self.models = models
        self.statements: list[NamedStatement] = []

    # Models

    def model(
        self, module: Module, model: ast.ModelDecl, given: Mapping[str, Any], place: Span
    ) -> Graph:
        """Expand a model with values for its parameters."""
        graph = self.graph
        graph.span, graph.doc = model.name.span, model.doc
        frame = Frame({}, None, module.names, (), None, NamedStatement(""))
        self.declare_parameters(model, given, frame, place)
        namings = namings_of(model.body)
        self.statements = list(namings.values())
        for name in self.scopes[model].doubled:
            frame.names[name] = ERROR
        if len(self.scopes[model].order) < len(model.body):
            graph.complete = False  # what stands in a cycle has no place in the order
        for statement in self.scopes[model].order:
            self.statement(statement, frame, namings[id(statement)])
        self._restore_order(model)
        assign_names(self.statements, self.layer_names, self.diagnostics)
        graph.shared = [
            SharedName(reusable.name.name, reusable.name.span, reusable.uses + reusable.wrapped)
            for reusable in self.reusables
        ]
        return graph

    def _restore_order(self, model: ast.ModelDecl) -> None:
        """Put inputs, outputs and names into declared order."""
        position = {
            name.name: index
            for index, statement in enumerate(model.body)
            for name in declared_by(statement)
        }
        self.graph.inputs.sort(key=lambda call: position[call.layer.name])
        self.graph.outputs.sort(key=lambda output: position[output.name])
        self.graph.bindings.sort(key=lambda binding: position[binding.name])

    def declare_parameters(
        self,
        declared: ast.BlockDecl | ast.ModelDecl,
        given: Mapping[str, Any],
        frame: Frame,
        place: Span,
    ) -> None:
        """Give the parameters of a block or model their values; `place` is where they are given."""
        for parameter in declared.parameters:
            name = parameter.name.name
            if name in given:
                frame.names[name] = given[name]
            elif parameter.default is not None:
                frame.names[name] = self.value(parameter.default, frame)
            else:
                frame.names[name] = ERROR
                self.diagnostics.report(
                    "MTG402",
                    f"`{declared.name.name}` needs a value for `{name}`",
                    place,
                    labels=(Label(parameter.span, "the parameter has no default"),)
                    if place != parameter.span
                    else (),
                    help=f"set it with `--set {name}=…`, or in Python `{name}=…`",
                )

    def nested_model(self, node: ast.CallExpr, declared: Declared, frame: Frame) -> Layer | Error:
        """Return a new instance of another model."""
        model = declared.node
        assert isinstance(model, ast.ModelDecl)
        if self.scopes.is_broken(model):
            return ERROR  # reported when the names were resolved
        matched = self.match_parameters(node, model, frame)
        if matched is None:
            return ERROR
        values, given = matched
        settings = self.settings(given, frame)
        if settings is None or is_error(values):
            return ERROR
        if len(self.models) >= MAX_USES:
            self.reporter(frame)(
                "MTG605", f"models are nested more than {MAX_USES} deep", node.span
            )
            raise TooLarge
        # A nested model takes the time of some ten calls, and its inputs and outputs that of one.
        ends = sum(isinstance(each, (ast.InputDecl, ast.OutputDecl)) for each in model.body)
        self.budget.spend(node.span, 10 + max(0, ends - 10))
        inner = Expander(
            Graph(model.name.name),
            self.scopes,
            self.diagnostics,
            self.budget,
            self.tops,
            (*self.models, model.name.name),
        )
        graph = inner.model(declared.module, model, values, node.brackets)
        wanted = [
            sum(isinstance(s, kind) for s in model.body) for kind in (ast.InputDecl, ast.OutputDecl)
        ]
        if wanted != [len(graph.inputs), len(graph.outputs)]:
            return ERROR  # an input or output of it is wrong, which is reported
        layer = NestedModel(snake_case(model.name.name), graph, values, node.span)
        return self.new_layer(layer, frame, settings)

    def top_level(self, found: Declared) -> Value:
        """Return the value of a `let` or `dim` at the top of a file."""
        module = found.module
        key = id(module.program)
        if key not in self.tops.values:
            names: dict[str, Value] = {}
            self.tops.values[key] = names
            frame = Frame(names, None, module.names, (), None, NamedStatement(""))
            for item in module.program.items:
                if isinstance(item, ast.DimDecl):
                    names[item.name.name] = Symbol(item.name.name)
            for statement in self.scopes[module.program].order:
                assert isinstance(statement, ast.LetDecl)
                names[statement.name.name] = self.value(statement.value, frame)
        return self.tops.values[key].get(found.name, ERROR)
