"""Calls where a flow begins, or among arguments: what is called decides what is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mtg.catalog.names import MERGES
from mtg.graph.layers import Layer
from mtg.graph.values import PythonObject
from mtg.semantics import constant_evaluation as compute
from mtg.semantics import hints
from mtg.semantics.builtins import kinds_of
from mtg.semantics.expansion.attributes import report_unreachable
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate, evaluate_node, evaluate_value
from mtg.semantics.expansion.layers import (
    make_application,
    make_python_layer,
    take_python_arguments,
)
from mtg.semantics.expansion.merges import evaluate_merge
from mtg.semantics.expansion.models import make_nested_model
from mtg.semantics.expansion.objects import make_object
from mtg.semantics.expansion.ops import evaluate_op
from mtg.semantics.expansion.tensors import results_of
from mtg.semantics.expansion.unpacking import unpack
from mtg.semantics.modules import Declared
from mtg.semantics.source_text import shown
from mtg.semantics.values import (
    ERROR,
    MISSING,
    Error,
    Frame,
    LayerClass,
    Results,
    SharedLayer,
    TensorTuple,
    Value,
    holds_tensor,
    is_error,
    is_tensor,
    kind_of,
)
from mtg.syntax import ast
from mtg.syntax.visit import attribute_path
from mtg.text.diagnostics import Fix
from mtg.text.edits import flow_at

#: What functions of values are called that take tensors, of one or of several.
_OF_TENSORS = {
    ("max", False): "ops.max",
    ("min", False): "ops.min",
    ("round", False): "ops.round",
    ("abs", False): "ops.abs",
    ("sum", False): "ops.sum",
    ("max", True): "maximum",
    ("min", True): "minimum",
    ("sum", True): "add",
}
#: Functions that compute with the items of lists.
_COMPUTING = ("max", "min", "sum", "sorted")


@evaluate_node.register(ast.CallExpr)
def evaluate_call(
    node: ast.CallExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return what a call stands for, where it stands as a source or as an argument."""
    callee = node.callee
    if isinstance(callee, ast.AttributeExpr):
        path = attribute_path(callee)
        method = callee.name.name in (*compute.METHODS, "get")
        if method and (not path or frame.find(path[0]) is not MISSING):
            return _call_method(node, callee, context, frame)
        if path[:1] == ["ops"]:
            return evaluate_op(node, path[1:], context, frame)
        if path[:1] == ["applications"] and len(path) == 2:
            return make_application(node, path[1], context, frame)
        report_unreachable(node, path, context, frame)
        return ERROR
    if not isinstance(callee, ast.NameExpr):
        made = evaluate(callee, context, frame) if isinstance(callee, ast.SubscriptExpr) else None
        if isinstance(made, (Declared, LayerClass)):
            return _call_class(node, made, context, frame, kinds)
        if not isinstance(made, Error):
            _report_call_of_call(node, context, frame)
        return ERROR
    name = callee.name
    found = frame.find(name)
    if isinstance(found, (Declared, LayerClass)):
        return _call_class(node, found, context, frame, kinds)
    if isinstance(found, PythonObject) and found.arguments is None and "layer" in kinds:
        return make_python_layer(node, found.module, found.name, context, frame)
    if found is not MISSING:
        if found is not ERROR:
            context.reporter(frame)(
                "MTG104",
                f"`{name}` is "
                f"{'a shared instance' if isinstance(found, SharedLayer) else kind_of(found)}, "
                "which takes no parentheses",
                callee.span,
                help=f"write `-> {name}` to reuse it" if isinstance(found, SharedLayer) else "",
            )
        return ERROR
    if name in MERGES:
        return evaluate_merge(node, name, context, frame)
    if name in compute.FUNCTIONS:
        return _call_function(name, node, context, frame)
    if kinds or kinds_of(name):
        return make_object(node, name, context, frame, kinds)
    return ERROR  # reported when the names were resolved


def _call_class(
    node: ast.CallExpr,
    made: Declared | LayerClass,
    context: Context,
    frame: Frame,
    kinds: Sequence[str],
) -> Value:
    """Return what a call of a class, or of a name at the top of a file, stands for."""
    if isinstance(made, LayerClass):
        return make_object(node, made.name, context, frame, kinds or ("layer",))
    return _call_declared(node, made, context, frame, kinds)


def _call_method(
    node: ast.CallExpr, callee: ast.AttributeExpr, context: Context, frame: Frame
) -> Value:
    """Return what `.items()`, `.keys()`, `.values()` or `.get(key)` give of a dict."""
    name = callee.name.name
    value = evaluate(callee.value, context, frame)
    if is_error(value):
        return ERROR
    if not isinstance(value, dict):
        context.reporter(frame)(
            "MTG404",
            f"`.{name}()` is of a dict, not of {kind_of(value)}",
            callee.value.span,
            label=f"this is {kind_of(value)}",
        )
        return ERROR
    if name == "get":
        return _get_item(node, value, context, frame)
    if node.arguments:
        raise compute.CannotCompute(f"`.{name}()` takes no arguments")
    found: Value = compute.METHODS[name](value)
    return found


def _get_item(
    node: ast.CallExpr, items: Mapping[Any, Value], context: Context, frame: Frame
) -> Value:
    """Return an item of a dict, or what is given for a missing one, which else is not made."""
    plain = [a.name is None and not isinstance(a.value, ast.UnpackedExpr) for a in node.arguments]
    if not all(plain) or not 1 <= len(node.arguments) <= 2:
        raise compute.CannotCompute(
            "`.get()` takes a key, and what stands for an item that is missing"
        )
    key = evaluate_value(node.arguments[0].value, context, frame)
    if is_error(key):
        return ERROR
    if compute.has_key(items, key):
        return items[key]
    return evaluate(node.arguments[1].value, context, frame) if node.arguments[1:] else None


def _call_declared(
    node: ast.CallExpr, declared: Declared, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return what a call of a name at the top of the file stands for."""
    name = declared.name
    if isinstance(declared.node, ast.PythonImportDecl):
        if "layer" in kinds:
            return make_python_layer(node, declared.node.module.value, name, context, frame)
        arguments = take_python_arguments(node, context, frame)
        if arguments is None:
            return ERROR
        return PythonObject(declared.node.module.value, name, arguments, node.span)
    if isinstance(declared.node, ast.ModelDecl) and "layer" in kinds:
        return make_nested_model(node, declared, context, frame)
    if isinstance(declared.node, (ast.BlockDecl, ast.ModelDecl)):
        word = "block" if isinstance(declared.node, ast.BlockDecl) else "model"
        context.reporter(frame)(
            "MTG207",
            f"the {word} `{name}` is applied to nothing",
            node.span,
            label="it has no input",
            help=f"put a tensor before it: `x -> {name}(…)`",
        )
        return ERROR
    context.reporter(frame)("MTG104", f"`{name}` is a value and cannot be called", node.span)
    return ERROR


def _call_function(name: str, node: ast.CallExpr, context: Context, frame: Frame) -> Value:
    """Return the value of a function such as `len`, of values."""
    if any(argument.name is not None for argument in node.arguments):
        backwards = name == "sorted" and len(node.arguments) == 2
        raise compute.CannotCompute(
            f"`{name}` takes its arguments by position",
            help=f"backwards it is `reversed(sorted({node.arguments[0].span.text}))`"
            if backwards and node.arguments[1].span.text == "reverse=True"
            else "",
        )
    arguments = unpack(node.arguments, context, frame)
    if arguments is None:
        return ERROR
    values: list[Value] = []
    for argument in arguments:
        value = evaluate(argument.value, context, frame)
        if isinstance(value, Results) and (several := results_of(value, context)) is not None:
            value = several
        if isinstance(value, TensorTuple):
            value = list(value.tensors)
        values.append(value)
    if any(map(is_error, values)):
        return ERROR
    for value in values:
        if isinstance(value, (Layer, SharedLayer)):
            raise compute.CannotCompute(f"{kind_of(value)} has no value to compute with")
    computing = name in _COMPUTING and not _joins_lists(name, values)
    if any(map(is_tensor, values)) or (computing and any(map(holds_tensor, values))):
        in_list = not all(map(is_tensor, values))
        _report_function_of_tensors(name, node, context, frame, in_list=in_list)
        return ERROR
    return compute.call_function(name, values)


def _joins_lists(name: str, values: list[Value]) -> bool:
    """Return whether `sum` is given lists to put one behind the other: `sum(groups, [])`."""
    if name != "sum" or len(values) != 2:
        return False
    lists, start = values
    return (
        isinstance(lists, list)
        and isinstance(start, list)
        and all(isinstance(item, list) for item in lists)
    )


def _report_function_of_tensors(
    name: str, node: ast.CallExpr, context: Context, frame: Frame, *, in_list: bool
) -> None:
    """Report a function of values that is given tensors, and what computes with tensors."""
    parts = [shown(each.value) for each in node.arguments]
    several = len(parts) > 1 or in_list
    op = _OF_TENSORS.get((name, several))
    help = f"write `{op}({', '.join(parts)})`" if op and all(parts) else ""
    if name in ("len", "range", "enumerate") and not several and parts[0].isidentifier():
        help = f"the length of an axis is a value: `{parts[0]}.shape[-1]` is that of the last"
    context.reporter(frame)(
        "MTG207",
        f"`{name}` computes with values, not with tensors",
        node.span,
        help=help,
    )


def _report_call_of_call(node: ast.CallExpr, context: Context, frame: Frame) -> None:
    """Report a call of what no name stands for: `Dense(1)(x)`, as Keras writes it."""
    callee = node.callee
    name = hints.layer_name(callee.callee) if isinstance(callee, ast.CallExpr) else ""
    flow = hints.as_flow(node)
    flow = flow_at(node.span, flow) if flow else ""
    merge = next((merge for merge, cls in MERGES.items() if cls == name), None)
    help = f"write `{flow}`" if flow else f"write `x -> {name}(…)`" if name else ""
    if merge is not None and not flow:
        help = f"write `{merge}(a, b)`, or `(a, b) -> {name}()`"
    context.reporter(frame)(
        "MTG210",
        "tensors are passed to layers with `->`" if help else "this cannot be called",
        node.span,
        help=help,
        fix=Fix.replace(node.span, flow, safe=False) if flow else None,
    )
