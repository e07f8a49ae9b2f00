"""Flows: a source, led through stages."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.catalog import catalog
from mtg.catalog.names import MERGES
from mtg.graph.values import DataArray
from mtg.semantics import hints
from mtg.semantics.constant_evaluation import holds_others
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.control_flow import is_flow_as_side, report_flow_as_side
from mtg.semantics.expansion.evaluation import evaluate, evaluate_node
from mtg.semantics.expansion.names import report_bare_name
from mtg.semantics.expansion.stages import is_stage, run_stages
from mtg.semantics.expansion.tensors import report_no_tensor
from mtg.semantics.modules import Declared
from mtg.semantics.source_text import leaves, shown_text
from mtg.semantics.values import (
    ERROR,
    MISSING,
    Frame,
    LayerClass,
    TensorGroup,
    Value,
    holds_tensor,
    is_error,
    is_tensor,
)
from mtg.syntax import ast
from mtg.syntax.visit import attribute_path
from mtg.text.diagnostics import Fix
from mtg.text.edits import flow_at
from mtg.text.source import Span


@evaluate_node.register(ast.FlowExpr)
def evaluate_flow(
    node: ast.FlowExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return the tensor at the end of a flow."""
    value = evaluate_source(node.source, context, frame)
    for index, stage in enumerate(node.stages):
        if isinstance(stage, ast.OperationExpr):
            value = run_stages(node.stages[:index], value, context, frame)
            _report_computed_stage(node, index, context, frame)
            return ERROR
        if isinstance(stage, ast.ConditionalExpr) and is_flow_as_side(stage, frame):
            value = run_stages(node.stages[:index], value, context, frame)
            report_flow_as_side(stage, context, frame, _with_parentheses(node, index))
            return ERROR
    end = run_stages(node.stages, value, context, frame)
    if (
        end is value
        and isinstance(value, TensorGroup)
        and not isinstance(node.source, ast.GroupExpr)
    ):
        # A loop without rounds, or a branch that is not taken: the list or dict passes through.
        (held,) = value.args
        return held
    return end


def _report_computed_stage(node: ast.FlowExpr, index: int, context: Context, frame: Frame) -> None:
    """Report `x -> Dense(8) + x`: the arrow binds less than any operator."""
    stage = node.stages[index]
    assert isinstance(stage, ast.OperationExpr)
    source = node.span.source
    lead = shown_text(Span(source, node.source.span.start, stage.span.start))
    text, at = "", stage.span.start
    sayable = bool(lead)
    for number, leaf in enumerate(leaves(stage)):
        layer = is_stage(leaf, frame)
        sayable = sayable and (layer or number > 0)
        if not layer and is_error(evaluate(leaf, context, frame)):
            return
        between, shown = source.text[at : leaf.span.start], shown_text(leaf.span)
        sayable = sayable and bool(shown) and "#" not in between
        text += between + (f"({lead} {shown})" if layer else shown)
        at = leaf.span.end
    after = source.text[at : node.stages[-1].span.end]
    text = " ".join((text + after).split()) if sayable and "#" not in after else ""
    context.reporter(frame)(
        "MTG210",
        "expected a layer after `->`",
        stage.span,
        help=f"write `{text}`: `->` is looser than any operator"
        if text
        else "put the flow in parentheses: `(x -> Dense(8)) + y`",
        fix=Fix.replace(node.span, text, safe=False) if text else None,
    )


def _with_parentheses(node: ast.FlowExpr, index: int) -> str:
    """Return `x -> A() if c else y -> B()` as it was meant; empty where that is long."""
    stage, source, end = node.stages[index], node.span.source, node.stages[-1].span.end
    assert isinstance(stage, ast.ConditionalExpr)
    if stage.span.start != stage.then.span.start:
        return ""  # it stands in parentheses, and was meant as a stage
    first = shown_text(Span(source, node.source.span.start, stage.then.span.end))
    test = shown_text(stage.test.span)
    other = shown_text(Span(source, stage.otherwise.span.start, end))
    if not (first and test and other):
        return ""
    return f"({first}) if {test} else " + (f"({other})" if node.stages[index + 1 :] else other)


def evaluate_source(node: ast.Expression, context: Context, frame: Frame) -> Value:
    """Return what a flow begins with: a tensor or a group, or `ERROR`."""
    if isinstance(node, ast.CallExpr) and _report_layer_of_nothing(node, context, frame):
        return ERROR
    value = evaluate(node, context, frame)
    plain = isinstance(value, (list, tuple)) and value and not holds_others(value)
    if isinstance(value, (list, tuple)) and not plain and not is_error(value):
        # `[a, b] -> Concatenate()`: a list of tensors, as Keras takes it.
        return TensorGroup((list(value),), {})
    if isinstance(value, dict) and holds_tensor(value) and not is_error(value):
        # `{"images": x, "labels": y} -> RandomFlip()`: a dict of tensors likewise.
        return TensorGroup((value,), {})
    if is_error(value):
        return ERROR
    if not is_tensor(value) and not isinstance(value, DataArray):
        report_no_source(node, value, context, frame)
        return ERROR
    return value


def evaluate_held(node: ast.Expression, context: Context, frame: Frame) -> Value:
    """Return what a name is given or a block returns, which is whatever a name may hold."""
    if isinstance(node, ast.CallExpr) and _report_layer_of_nothing(node, context, frame):
        return ERROR
    value = evaluate(node, context, frame)
    return ERROR if is_error(value) else value


def report_no_source(node: ast.Expression, value: Value, context: Context, frame: Frame) -> None:
    """Report what no flow can begin with."""
    if isinstance(value, (Declared, LayerClass)) and node.span.text == value.name:
        report_bare_name(node, value, context, frame)
    else:
        report_no_tensor(value, node.span, context, frame)


def _report_layer_of_nothing(node: ast.CallExpr, context: Context, frame: Frame) -> bool:
    """Return whether a source is a layer made from nothing, which is reported."""
    callee = node.callee
    if isinstance(callee, ast.AttributeExpr):
        name = ".".join(attribute_path(callee))
        if not name.startswith("applications."):
            return False
    elif isinstance(callee, ast.NameExpr) and frame.find(callee.name) is MISSING:
        name = callee.name
        if name in MERGES or catalog().find("layer", name) is None:
            return False
    else:
        return False
    text = _write_with_tensors(node, name, frame)
    help = f"write `{text}`" if text else f"put a tensor before it: `x -> {name}(…)`"
    context.reporter(frame)(
        "MTG207",
        f"the layer `{name}` is applied to nothing",
        node.span,
        label="it has no input",
        help=help,
        fix=Fix.replace(node.span, flow_at(node.span, text), safe=False) if text else None,
    )
    return True


def _write_with_tensors(node: ast.CallExpr, name: str, frame: Frame) -> str:
    """Return a layer whose tensors are among its arguments, as a flow or a merge.

    Empty where it is given none.
    """
    merge = next((merge for merge, cls in MERGES.items() if cls == name), None)
    tensors: list[str] = []
    rest: list[ast.Argument] = []
    for argument in node.arguments:
        value = argument.value
        items: list[ast.Expression] = [value]
        if isinstance(value, ast.ListExpr):
            items = list(value.items)
        elif isinstance(value, ast.GroupExpr):
            items = [each.value for each in value.arguments]
        names = [each.name for each in items if isinstance(each, ast.NameExpr)]
        if names and len(names) == len(items) and all(is_tensor(frame.find(n)) for n in names):
            if argument.name is not None and argument.name.name not in ("x", "inputs"):
                return ""
            tensors += names
        else:
            rest.append(argument)
    written = hints.keras_arguments(name, rest)
    if not tensors or not written:
        return ""
    if merge is not None:
        return f"{merge}({', '.join([*tensors, *filter(None, [written[1:-1]])])})"
    return f"{tensors[0]} -> {name}{written}" if len(tensors) == 1 else ""
