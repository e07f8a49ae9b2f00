"""From a model to its graph: the way into `expansion`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mtg.graph.graph import Graph
from mtg.semantics.budget import Budget, Steps, TooLarge
from mtg.semantics.expansion import (
    attributes,
    bindings,
    call_expressions,
    call_stages,
    comprehensions,
    control_flow,
    displays,
    flows,
    inputs,
    names,
    operators,
    outputs,
    reuse,
    shared,
    subscripts,
    tasks,
    unpacking,
)
from mtg.semantics.expansion.context import Context, Measure
from mtg.semantics.expansion.models import expand_model
from mtg.semantics.expansion.ops import add_constant
from mtg.semantics.modules import Module
from mtg.semantics.scope import Scopes
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics

#: What the nodes of the language mean: each of these registers the kinds that it knows.
SUBJECTS = (
    *(
        displays,
        comprehensions,
        unpacking,
        operators,
        subscripts,
        names,
        attributes,
        call_expressions,
        flows,
    ),
    *(call_stages, control_flow, reuse),
    *(bindings, shared, inputs, outputs, tasks),
)


def expand(
    module: Module,
    model: ast.ModelDecl,
    parameters: Mapping[str, Any],
    scopes: Scopes,
    diagnostics: Diagnostics,
    max_calls: int | None = None,
    steps: Steps | None = None,
    measure: Measure | None = None,
) -> Graph | None:
    """Return the graph of one model, or None where the program grows past a limit.

    Args:
        module: The file that declares it.
        parameters: Values for the model's parameters, by name.
        scopes: The names of every file of the program, resolved.
        max_calls: The layer calls and loop iterations that it may grow to.
        measure: Tells the shapes of the results of a call, for `x.shape`.
        steps: Counts what its values take, where several models are counted together.
    """
    budget = Budget(diagnostics, max_calls, steps)
    context = Context(
        Graph(model.name.name), scopes, diagnostics, budget, add_constant, measure=measure
    )
    try:
        return expand_model(module, model, parameters, model.name.span, context)
    except TooLarge:
        return None
