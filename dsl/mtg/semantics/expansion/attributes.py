"""Attributes such as `keras.layers.Dense`: nearly all are out of reach, and have a name in mtg."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.catalog import catalog
from mtg.graph.values import DataArray
from mtg.semantics import hints
from mtg.semantics.builtins import kinds_of, made_without_arguments, meant_merge
from mtg.semantics.constant_evaluation import METHODS
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate, evaluate_node
from mtg.semantics.expansion.stages import run_stage
from mtg.semantics.expansion.tensors import shape_of
from mtg.semantics.modules import Declared
from mtg.semantics.source_text import shown_text
from mtg.semantics.values import (
    ERROR,
    MISSING,
    Frame,
    Results,
    Tensor,
    Value,
    is_error,
    is_tensor,
)
from mtg.syntax import ast
from mtg.syntax.visit import attribute_path
from mtg.text.diagnostics import Fix
from mtg.text.edits import flow_at
from mtg.text.suggest import did_you_mean


@evaluate_node.register(ast.AttributeExpr)
def evaluate_attribute(
    node: ast.AttributeExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return the shape of a tensor, `x.shape`; report any other attribute."""
    if node.name.name == "shape" and (
        not (path := attribute_path(node)) or frame.find(path[0]) is not MISSING
    ):
        value = evaluate(node.value, context, frame)
        if is_error(value):
            return ERROR
        if isinstance(value, (DataArray, Tensor, Results)):
            return shape_of(value, node.value.span, node.span, context, frame)
    _report_attribute(node, context, frame)
    return ERROR


@run_stage.register(ast.AttributeExpr)
def run_attribute(stage: ast.AttributeExpr, value: Value, context: Context, frame: Frame) -> Value:
    """Report an attribute after `->`."""
    _report_attribute(stage, context, frame, stage=True)
    return ERROR


def _report_attribute(
    node: ast.AttributeExpr, context: Context, frame: Frame, *, stage: bool = False
) -> None:
    """Report an attribute that is not called."""
    path = attribute_path(node)
    if path[:1] in (["ops"], ["applications"]) and frame.find(path[0]) is MISSING:
        context.reporter(frame)(
            "MTG108",
            f"`{'.'.join(path)}` needs parentheses",
            node.span,
            help=f"write `{'.'.join(path)}(…)`",
        )
        return
    name, help = path[-1] if path else "", ""
    words = {word for kind in catalog().kinds() for word in catalog().identifiers(kind)}
    known = (
        hints.other_word(name, list(catalog().kinds()), words) if hints.is_module(path) else None
    )
    other = hints.foreign(path, None, stage=True) if stage and path else None
    if other is not None:
        cls = other.partition("(")[0]
        whole = made_without_arguments(cls) or other != f"{cls}()"
        help = f"write `{other if whole else f'{cls}(…)'}`" if other else ""
    elif stage and (layer := hints.activation(name)):
        help = f"write `{layer}`"
    elif known is not None and not stage:  # `nn.init.xavier_uniform_`
        help = f'names of Keras are strings: write `"{known}"`'
    elif hints.is_module(path) and name in words and not stage:  # `tf.nn.relu`
        help = f'names of Keras are strings: write `"{name}"`'
    elif hints.is_module(path) and kinds_of(name):
        help = f"write `{name}()`" if made_without_arguments(name) else f"write `{name}(…)`"
    context.reporter(frame)(
        "MTG108",
        f"mtg has no attributes such as `.{node.name.name}`",
        node.name.span,
        help=help,
        notes=("only `ops.` and `applications.` give access to Keras",),
    )


def report_unreachable(
    node: ast.CallExpr, path: list[str], context: Context, frame: Frame, *, stage: bool = False
) -> None:
    """Report a call of something that mtg does not reach, and what it has instead."""
    name = path[-1] if path else ""
    help, fix = "", None
    op = hints.op_of(path)
    merge = meant_merge(name) if "layers" in path else None
    given = shown_text(node.brackets) or "(…)"
    other = hints.foreign(path, node, stage=stage) if path else None
    of_value = _is_of_value(node, frame)
    instead = hints.for_method(_method_of(node)) if of_value else ""
    if instead:
        help = instead
    elif hints.is_random(path or [""]):
        help = hints.OF_RANDOM
    elif (block := hints.block_for(path)) and not is_tensor(frame.find(path[0])):
        help = block
    elif other is not None:
        # Of nothing in Keras 3 nothing is said.
        text = other if stage or not other else flow_at(node.span, other)
        help = f"write `{text}`" if text else ""
        fix = Fix.replace(node.span, text, safe=False) if text else None
    elif name == "Sequential":
        row = hints.chain(node)
        help = f"layers in a row are a chain: `x -> {row}`"
    elif len(path) == 2 and is_tensor(frame.find(path[0])):
        layer = hints.keras_arguments(name, node.arguments) if catalog().find("layer", name) else ""
        text = f"{path[0]} -> {name}{layer}" if layer else ""
        text = text or hints.foreign_method(name, path[0], node.arguments, hints.sayable) or ""
        text = text and flow_at(node.span, text)
        help = f"write `{text}`" if text else ""
        fix = Fix.replace(node.span, text, safe=False) if text else None
    elif stage and (layer := hints.activation(name, node.arguments)):
        help = f"write `{layer}`"
        fix = Fix.replace(node.span, layer, safe=False)
    elif (made := _write_function_elsewhere(path, node, stage)) is not None:
        help = made and f"write `{made}`{' where a flow begins' if stage else ''}"
        fix = Fix.replace(node.span, made, safe=False) if made and not stage else None
    elif merge is not None and not stage:
        help = f"write `{merge[0]}({_items(node) or 'a, b'})`"
    elif kinds_of(name):
        arguments = hints.keras_arguments(name, node.arguments) or "(…)"
        help = f"write `{name}{arguments}`"
        if arguments == given:
            fix = Fix.replace(node.callee.span, name, safe=False)
        elif "…" not in arguments:
            fix = Fix.replace(node.span, f"{name}{arguments}", safe=False)
    elif path[-2:-1] == ["applications"] and catalog().find("application", name):
        help = f"write `applications.{name}{given}`"
    elif op is not None and "ops" in path and not stage:
        help = f"write `ops.{op[0]}{given}`"
        fix = Fix.replace(node.callee.span, f"ops.{op[0]}", safe=False)
    if not help and of_value and path and isinstance(frame.find(path[0]), (dict, Declared)):
        help = did_you_mean(name, (*METHODS, "get"))
    context.reporter(frame)(
        "MTG108",
        f"`{node.callee.span.text}` is not available in mtg",
        node.callee.span,
        help=help,
        fix=fix,
        notes=() if of_value else ("only `ops.` and `applications.` give access to Keras",),
    )


def _method_of(node: ast.CallExpr) -> str:
    return node.callee.name.name if isinstance(node.callee, ast.AttributeExpr) else ""


def _is_of_value(node: ast.CallExpr, frame: Frame) -> bool:
    """Return whether what is called is a method of a list, dict or string."""
    if not isinstance(node.callee, ast.AttributeExpr):
        return False
    owner = node.callee.value
    if isinstance(owner, (ast.LiteralExpr, ast.ListExpr, ast.DictExpr, ast.FormattedExpr)):
        return True
    held = frame.find(owner.name) if isinstance(owner, ast.NameExpr) else MISSING
    if isinstance(held, Declared):
        return isinstance(held.node, ast.LetDecl)
    return isinstance(held, (str, list, tuple, dict))


def _write_function_elsewhere(path: list[str], node: ast.CallExpr, stage: bool) -> str | None:
    """Return a call of a function of another library in mtg, if it is one.

    Empty where that cannot be expressed.
    """
    if not hints.is_module(path):
        return None
    if stage and path[-1] in ("cat", "concat", "concatenate"):
        return "concat(a, b)"
    return hints.foreign_function(path, node.arguments, hints.sayable, tensor="x" if stage else "")


def _items(node: ast.CallExpr) -> str:
    """Return the tensors and the settings of Keras's function form of a merge."""
    first = node.arguments[0].value if node.arguments else None
    if first is None or node.arguments[0].name is not None:
        return ""
    items = first.items if isinstance(first, ast.ListExpr) else (first,)
    parts = [*map(shown_text, (item.span for item in items))]
    parts += [shown_text(argument.span) for argument in node.arguments[1:]]
    return ", ".join(parts) if all(parts) and all(a.name for a in node.arguments[1:]) else ""
