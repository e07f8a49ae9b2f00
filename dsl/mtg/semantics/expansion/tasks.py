"""Tasks and training: the settings of outputs, and the `train` statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import cast

from mtg.catalog import Parameter, catalog
from mtg.graph.describe import describe
from mtg.graph.graph import Train
from mtg.graph.layers import Layer
from mtg.graph.values import KerasObject, PythonObject
from mtg.graph.values import Value as Constant
from mtg.semantics import hints
from mtg.semantics.arguments import HABITS, check_value, match
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.declarations import declare_names
from mtg.semantics.expansion.evaluation import evaluate
from mtg.semantics.expansion.unpacking import unpack
from mtg.semantics.losses import second_loss
from mtg.semantics.values import (
    Frame,
    SharedLayer,
    Value,
    is_error,
    is_tensor,
    kind_of,
    spans_of,
)
from mtg.syntax import ast
from mtg.text.diagnostics import Fix, Label, Report
from mtg.text.source import Span
from mtg.text.suggest import NO_SUGGESTION, Suggestion, suggest_spelling

#: What stands on outputs, and so not in `train`.
_OF_OUTPUTS = {
    "loss": "loss",
    "losses": "loss",
    "loss_weights": "weight",
    "metrics": "metrics",
}

#: What `fit` and `compile` take that no program can hold.
_DATA = ("x", "y", "validation_data", "sample_weight")


@dataclass(eq=False, slots=True)
class OutputSettings:
    """What the parentheses after an output's name say."""

    loss: Constant = None
    weight: float | None = None
    metrics: tuple[Constant, ...] | None = None
    spans: Mapping[str, Span] = field(default_factory=dict)
    complete: bool = True


def read_output_settings(
    output: str, statement: ast.OutputDecl, context: Context, frame: Frame
) -> OutputSettings | None:
    """Return the loss, weight and metrics of an output; report and omit what is wrong."""
    given = unpack(statement.arguments, context, frame)
    if given is None:
        return None
    settings = OutputSettings(spans=dict(spans_of(given)))
    what = f"the output `{output}`"
    names = ["loss", "weight", "metrics"]
    report = context.reporter(frame)
    arguments = [a for a in given if not _of_training(what, a, report)]
    matched = match(what, names, (), arguments, statement.name.span, report, positional=0)
    settings.complete = matched is not None and len(arguments) == len(given)
    for name, argument in (matched or {}).items():
        span = argument.value.span
        kinds = {"loss": ("loss",), "metrics": ("metric",)}.get(name, ())
        value = evaluate(argument.value, context, frame, kinds)
        correct = not is_error(value)
        if not correct or value is None:
            pass
        elif name == "loss":
            correct = _is_object("loss", value, span, report, output)
            settings.loss = cast("Constant", value) if correct else None
        elif name == "metrics":
            items = tuple(value) if isinstance(value, (list, tuple)) else (value,)
            found = [
                _is_object("metric", item, _item_span(argument.value, index), report)
                for index, item in enumerate(items)
            ]
            correct = all(found)
            settings.metrics = cast("tuple[Constant, ...]", items) if correct else None
        else:
            correct = _is_weight(value, span, report)
            settings.weight = value if correct and isinstance(value, (int, float)) else None
        settings.complete = settings.complete and correct
    return settings


def _is_weight(value: object, span: Span, report: Report) -> bool:
    """Return whether a value may be the weight of a loss; report where it may not."""
    if (
        not isinstance(value, bool)
        and isinstance(value, (int, float))
        and value >= 0
        and isfinite(value)
    ):
        return True
    report("MTG504", f"a loss weight must be a number, zero or more, not {kind_of(value)}", span)
    return False


def _of_training(what: str, argument: ast.Argument, report: Report) -> bool:
    """Return whether a setting of an output belongs into `train`, which is reported."""
    name = "" if argument.name is None else argument.name.name
    entries = (catalog().find("model_compile", "compile"), catalog().find("model_fit", "fit"))
    if argument.name is None or name in _OF_OUTPUTS or name in _DATA:
        return False
    if not any(entry and entry.parameter(name) for entry in entries):
        return False
    report(
        "MTG401",
        f"{what} has no setting `{name}`: it is a setting of the whole model",
        argument.name.span,
        help=f"write `train({name}=…)`",
    )
    return True


def _item_span(node: ast.Expression, index: int) -> Span:
    """Return where an item of a list stands; the whole where it is not written out."""
    if isinstance(node, ast.ListExpr) and index < len(node.items):
        return node.items[index].span
    return node.span


def _is_object(kind: str, value: object, span: Span, report: Report, output: str = "") -> bool:
    """Return whether a value names or is a loss or a metric; report where it is not."""
    if isinstance(value, str):
        parameter = Parameter("metrics" if kind == "metric" else kind, False, None, (kind,))
        return check_value("an output", parameter, value, span, report)
    if isinstance(value, KerasObject) and value.kind == kind:
        return True
    if isinstance(value, PythonObject):
        return True
    example = '"mse"' if kind == "loss" else '"accuracy"'
    losses = value if kind == "loss" and isinstance(value, (list, tuple)) else ()
    report(
        "MTG404",
        f"a {kind} must be a name such as `{example}` or an object of Keras, not {kind_of(value)}",
        span,
        help=second_loss(output or "NAME", losses) if len(losses) > 1 else "",
    )
    return False


@declare_names.register(ast.TrainDecl)
def declare_train(statement: ast.TrainDecl, context: Context, frame: Frame) -> Mapping[str, Value]:
    """Add to the graph how its model is trained; a `train` declares no name."""
    arguments = unpack(statement.arguments, context, frame) or ()
    for_compile, for_fit = _read_train(arguments, context, frame)
    if context.graph.train is None:
        spans = dict(spans_of(arguments))
        complete = len(for_compile) + len(for_fit) == len(arguments)
        context.graph.train = Train(for_compile, for_fit, statement.span, spans, complete)
    return {}


def _read_train(
    arguments: tuple[ast.Argument, ...], context: Context, frame: Frame
) -> tuple[dict[str, Constant], dict[str, Constant]]:
    """Return the arguments of `Model.compile` and of `Model.fit` that a `train` statement gives."""
    report = context.diagnostics.report
    compile_entry = catalog().find("model_compile", "compile")
    fit_entry = catalog().find("model_fit", "fit")
    assert compile_entry is not None
    assert fit_entry is not None
    for_compile = {p.name: p for p in compile_entry.parameters if p.name not in _OF_OUTPUTS}
    for_fit = {p.name: p for p in fit_entry.parameters if p.name not in _DATA}
    found: tuple[dict[str, Constant], dict[str, Constant]] = ({}, {})
    seen: dict[str, Span] = {}
    for argument in arguments:
        if argument.name is None:
            report(
                "MTG507",
                "`train` takes its settings by name",
                argument.span,
                help="write `optimizer=…`",
            )
            continue
        name = argument.name.name
        if name in _OF_OUTPUTS:
            report(
                "MTG506",
                f"`{name}` is a setting of an output, not of `train`",
                argument.name.span,
                help=f"write `output NAME({_OF_OUTPUTS[name]}=…) = …`",
            )
            continue
        parameter = for_compile.get(name) or for_fit.get(name)
        if parameter is None:
            note = "pass data to `fit` in Python" if name in _DATA else ""
            suggestion = _of_optimizer(name, argument, arguments)
            if not suggestion["help"]:
                known = [*for_compile.values(), *for_fit.values()]
                foreign = hints.foreign_argument(argument, known, arguments)
                names = [parameter.name for parameter in known]
                suggestion = foreign or suggest_spelling(name, names, argument.name.span)
            report(
                "MTG507",
                f"neither `compile` nor `fit` takes `{name}` here",
                argument.name.span,
                label="not a setting of training",
                notes=(note,) if note else (),
                **suggestion,
            )
            continue
        if name in seen:
            report(
                "MTG403",
                f"`{name}` of `train` is given twice",
                argument.span,
                labels=(Label(seen[name], "the first time"),),
            )
            continue
        seen[name] = argument.span
        span = argument.value.span
        value = evaluate(argument.value, context, frame, parameter.kinds)
        if is_error(value):
            continue
        if is_tensor(value) or isinstance(value, (Layer, SharedLayer)):
            report("MTG404", f"`{name}` takes a value, not {kind_of(value)}", span)
            continue
        if name == "optimizer" and not isinstance(value, (str, KerasObject, PythonObject)):
            report(
                "MTG503",
                f"an optimizer must be a name or an object of Keras, not {describe(value)}",
                span,
                help='write `optimizer="adam"` or `optimizer=Adam(learning_rate=1e-3)`',
            )
            continue
        if name == "callbacks" and not _are_callbacks(argument.value, value, report):
            continue
        if name == "weighted_metrics" and not _are_metrics(value, span, report):
            continue
        if check_value("`train`", parameter, value, span, report):
            found[0 if name in for_compile else 1][name] = cast("Constant", value)
    return found


def _of_optimizer(
    name: str, argument: ast.Argument, arguments: Sequence[ast.Argument]
) -> Suggestion:
    """Help for a setting of the optimizer that stands in `train` itself: `lr=1e-3`."""
    given = next((a.value for a in arguments if a.name and a.name.name == "optimizer"), None)
    cls, already = "Adam", ""
    if isinstance(given, ast.LiteralExpr) and isinstance(given.value, str):
        names = catalog().names("optimizer")
        cls = next((each for each in names if each.lower() == given.value.lower()), cls)
    elif isinstance(given, ast.CallExpr) and isinstance(given.callee, ast.NameExpr):
        cls, already = given.callee.name, given.brackets.text[1:-1].strip()
    if catalog().find("optimizer", cls) is None:
        cls, already = "Adam", ""
    entry = catalog().find("optimizer", cls)
    known = [] if entry is None else [parameter.name for parameter in entry.parameters]
    name = HABITS.get(name, name)
    if name not in known or name == "name":
        return NO_SUGGESTION
    settings = f"{already}, " if already else ""
    text = f"optimizer={cls}({settings}{name}={argument.value.span.text})"
    return {"help": f"write `{text}`", "fix": None}


def _are_metrics(value: object, span: Span, report: Report, depth: int = 0) -> bool:
    """Return whether a list, or a dict by outputs, holds metrics only, perhaps in lists."""
    if isinstance(value, (list, tuple, dict)):
        items = list(value.values()) if isinstance(value, dict) else value
        # Of all that are wrong it is said.
        wrong = [item for item in items if not _are_metrics(item, span, report, depth + 1)]
        return not wrong
    if value is None or depth:
        return value is None or _is_object("metric", value, span, report)
    report("MTG404", f"`weighted_metrics` of `train` takes a list, not {describe(value)}", span)
    return False


def _are_callbacks(node: ast.Expression, value: object, report: Report) -> bool:
    """Return whether a list holds callbacks only; Keras notices when it first calls one."""
    items = value if isinstance(value, (list, tuple)) else ()
    correct = True
    for index, item in enumerate(items):
        if isinstance(item, PythonObject) or (
            isinstance(item, KerasObject) and item.kind == "callback"
        ):
            continue
        span = _item_span(node, index)
        entry = catalog().find("callback", item) if isinstance(item, str) else None
        bare = entry is not None and not any(p.required for p in entry.parameters)
        report(
            "MTG404",
            f"a callback must be an object of Keras, not {kind_of(item)}",
            span,
            help="" if entry is None else f"write it without quotes: `{item}(…)`",
            fix=Fix.replace(span, f"{item}()") if bare and span is not node.span else None,
        )
        correct = False
    return correct
