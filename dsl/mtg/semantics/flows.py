"""Flows: from sources through stages to tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtg.catalog import catalog
from mtg.catalog.names import MERGES
from mtg.graph.describe import describe
from mtg.graph.layers import Layer
from mtg.semantics import constant_evaluation as compute
from mtg.semantics import hints
from mtg.semantics.calls import Replay
from mtg.semantics.modules import Declared
from mtg.semantics.naming import BlockUse, NamedStatement, repeat_uses
from mtg.semantics.references import attribute_path
from mtg.semantics.sources import Sources
from mtg.semantics.tensor_operators import Operand, leaves, shown, shown_text, written
from mtg.semantics.values import (
    ERROR,
    MISSING,
    Error,
    Frame,
    Results,
    SharedLayer,
    Tensor,
    Value,
    is_error,
    is_tensor,
    kind_of,
)
from mtg.syntax import ast
from mtg.text.diagnostics import Fix
from mtg.text.source import Span


class Flows(Sources):
    """Leads tensors through stages: new layers, instances to reuse, loops and choices."""

    def use_block(self, node: ast.CallExpr, found: Declared, thing: Value, frame: Frame) -> Value:
        """Expand a block on a tensor."""
        raise NotImplementedError

    def flow(self, node: ast.FlowExpr, frame: Frame) -> Value:
        """Return the tensor at the end of a flow."""
        thing = self.source(node.source, frame)
        for index, stage in enumerate(node.stages):
            if isinstance(stage, ast.OperationExpr):
                before = Span(node.span.source, node.source.span.start, stage.span.start)
                thing = self.run(node.stages[:index], thing, frame)
                after = Span(node.span.source, stage.span.end, node.stages[-1].span.end)
                self._computed_stage(stage, before, after, frame)
                return ERROR
        return self.run(node.stages, thing, frame)

    def _computed_stage(
        self, stage: ast.OperationExpr, before: Span, after: Span, frame: Frame
    ) -> None:
        """Report `x -> Dense(8) + x`: the arrow binds less than any operator."""
        operands: dict[int, Operand] = {}
        lead = shown_text(before)
        first = True
        for leaf in leaves(stage):
            layer = self.is_stage(leaf, frame)
            if first and not layer:
                operands.clear()
                break
            text = shown(leaf)
            if layer:
                operands[id(leaf)] = Operand(True, f"{lead} {text}" if lead and text else "")
            else:
                thing = self.evaluate(leaf, frame)
                if is_error(thing):
                    return
                operands[id(leaf)] = Operand(is_tensor(thing), text)
            first = False
        text = written(stage, operands)
        help = "name the tensor first: `y = …`, then merge it: `add(y, x)`"
        self.reporter(frame)(
            "MTG210",
            "expected a layer after `->`",
            stage.span,
            help=f"write `{f'{text} {shown_text(after)}'.strip()}`" if text else help,
        )

    def is_stage(self, node: ast.Expression, frame: Frame) -> bool:
        """Return whether an operand may stand after `->`."""
        if isinstance(node, ast.NameExpr):
            return isinstance(frame.find(node.name), SharedLayer)
        if not isinstance(node, ast.CallExpr):
            return False
        if not isinstance(node.callee, ast.NameExpr):
            return attribute_path(node.callee)[:1] == ["applications"]
        found = frame.find(node.callee.name)
        if isinstance(found, Declared):
            return isinstance(found.node, (ast.BlockDecl, ast.ModelDecl, ast.PythonImportDecl))
        return found is MISSING and catalog().find("layer", node.callee.name) is not None

    def run(self, stages: Sequence[ast.Stage], thing: Value, frame: Frame) -> Value:
        """Lead a tensor through stages."""
        for stage in stages:
            thing = self.stage(stage, thing, frame)
        return thing

    # Stages

    def stage(self, stage: ast.Stage, thing: Value, frame: Frame) -> Value:
        """Lead a tensor through one stage."""
        if isinstance(stage, ast.RepeatStage):
            return self._repeat(stage, thing, frame)
        if isinstance(stage, ast.ForStage):
            return self._for(stage, thing, frame)
        if isinstance(stage, ast.IfStage):
            test = self.value(stage.test, frame)
            if test is ERROR:
                return ERROR
            return self.run(stage.then if test else stage.otherwise, thing, frame)
        if isinstance(stage, ast.ConditionalExpr):
            test = self.value(stage.test, frame)
            if test is ERROR:
                return ERROR
            return self.stage(stage.then if test else stage.otherwise, thing, frame)
        if isinstance(stage, ast.FlowExpr):
            return self.run(stage.stages, self.stage(stage.source, thing, frame), frame)
        if isinstance(stage, ast.NameExpr):
            return self._reuse(stage, thing, frame)
        if isinstance(stage, ast.CallExpr):
            return self._make(stage, thing, frame)
        if isinstance(stage, ast.AttributeExpr):
            self.report_attribute(stage, frame, stage=True)
            return ERROR
        if (
            isinstance(stage, ast.ComparisonExpr)
            and self.is_stage(stage.operands[0], frame)
            and self.half_arrow(stage, frame, stage=True)
        ):
            return ERROR
        help = ""
        if isinstance(stage, ast.OperationExpr):
            help = "name the tensors, and merge them: `add(a, b)`"
        if isinstance(stage, ast.SubscriptExpr):
            if isinstance(stage.value, ast.NameExpr) and frame.find(stage.value.name) is MISSING:
                return ERROR  # reported when the names were resolved
            help = "name the tensor first, then slice it: `y = …`, then `y[…]`"
        self.reporter(frame)("MTG210", "expected a layer after `->`", stage.span, help=help)
        return ERROR

    def _repeat(self, stage: ast.RepeatStage, thing: Value, frame: Frame) -> Value:
        count = self.value(stage.count, frame)
        if count is ERROR:
            return ERROR
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            self.reporter(frame)(
                "MTG404",
                f"`repeat` takes a whole number, zero or more, not {describe(count)}",
                stage.count.span,
            )
            return ERROR
        return self._repeated(stage, [{}] * min(count, self.budget.limit + 1), count, thing, frame)

    def _for(self, stage: ast.ForStage, thing: Value, frame: Frame) -> Value:
        values = self.value(stage.values, frame)
        if values is ERROR:
            return ERROR
        if not isinstance(values, (list, tuple, range, str, dict)):
            self.reporter(frame)(
                "MTG404",
                f"`for` iterates over a list or a range, not {describe(values)}",
                stage.values.span,
            )
            return ERROR
        scopes = (
            [{stage.name.name: value} for value in values[: self.budget.limit + 1]]
            if not isinstance(values, dict)
            else [{stage.name.name: key} for key in values]
        )
        return self._repeated(stage, scopes, len(values), thing, frame)

    def _repeated(
        self,
        stage: ast.RepeatStage | ast.ForStage,
        scopes: Sequence[dict[str, Any]],
        count: int,
        thing: Value,
        frame: Frame,
    ) -> Value:
        if count > self.budget.limit - self.budget.spent:
            self.budget.spend(stage.span, count)
        before = self.budget.spent
        self.loop_depth += 1
        for index, names in enumerate(scopes):
            self.budget.spend(stage.span)
            thing = self.run(stage.stages, thing, frame.within(names) if names else frame)
            if index == 0 and (self.budget.spent - before) * count > 4 * self.budget.limit:
                # The first iteration tells how the rest will end: say so before the time is spent.
                self.budget.spend(stage.span, self.budget.limit)
        self.loop_depth -= 1
        return thing

    def _reuse(self, stage: ast.NameExpr, thing: Value, frame: Frame) -> Value:
        found = frame.find(stage.name)
        if isinstance(found, SharedLayer):
            return self._apply_reusable(found, thing, stage.span, frame)
        if is_tensor(found):
            self.reporter(frame)(
                "MTG104",
                f"expected a layer after `->`, but `{stage.name}` is a tensor",
                stage.span,
                label="a tensor",
                help="merge tensors with `concat(a, b)` or `add(a, b)`; "
                "declare an instance to reuse with `shared`",
            )
            return ERROR
        found = self.name(stage, frame)
        if found is not ERROR:
            self.reporter(frame)(
                "MTG104",
                f"expected a layer after `->`, but `{stage.name}` is {kind_of(found)}",
                stage.span,
                label=f"this is {kind_of(found)}",
                help=f"write `{stage.name}(…)` to make one"
                if not isinstance(found, (int, float, str, list, tuple, dict))
                else "",
            )
        return ERROR

    def _apply_reusable(self, found: SharedLayer, thing: Value, span: Span, frame: Frame) -> Value:
        found.uses += 1
        if found.layer is not None:
            return self.apply(found.layer, thing, span, frame)
        recorder = Replay(found.layers, found.level)
        self.recorders.append(recorder)
        try:
            inner = found.frame.within({}, found.naming)
            inner.uses = frame.uses
            parts = found.naming.parts
            before = len(parts)
            result = self.run(found.stages, thing, inner)
            if found.layers is None:
                found.layers = recorder.layers
                self.end_statement(found.naming, result)
            else:
                # The layers of a chain stand in its statement once, however often it is used.
                repeat_uses(parts[:before], parts[before:])
                del parts[before:]
            return result
        finally:
            self.recorders.pop()

    def _make(self, stage: ast.CallExpr, thing: Value, frame: Frame) -> Value:
        callee = stage.callee
        if isinstance(callee, ast.NameExpr):
            found = frame.find(callee.name)
            if isinstance(found, Declared):
                return self._make_declared(stage, found, thing, frame)
            if found is not MISSING:
                self.call(stage, frame)  # reports that it takes no parentheses
                return ERROR
            if callee.name in MERGES or callee.name in compute.FUNCTIONS:
                self.reporter(frame)(
                    "MTG210",
                    f"expected a layer after `->`, but `{callee.name}` is a function",
                    stage.span,
                    help=f"write `{callee.name}(a, b)` where a flow begins"
                    if callee.name in MERGES
                    else "",
                )
                return ERROR
            entry = catalog().find("layer", callee.name)
            if entry is None:
                return ERROR  # reported when the names were resolved
            layer = self.make(lambda: self.layer(stage, entry, frame), frame)
        else:
            path = attribute_path(callee)
            if path[:1] == ["ops"]:
                name = ".".join(path)
                op = hints.op_of(path)
                settings = shown_text(stage.brackets)[1:-1].strip()
                named = settings and all(each.name for each in stage.arguments)
                given = f"(x, {settings})" if named else "(x)"
                self.reporter(frame)(
                    "MTG210",
                    f"expected a layer after `->`, but `{name}` is a function",
                    stage.span,
                    help=f"write `{known}`"
                    if (known := hints.activation(path[-1]))
                    else f"write `ops.{op[0] if op else '.'.join(path[1:])}{given}` "
                    "where a flow begins",
                )
                return ERROR
            if path[:1] != ["applications"] or len(path) != 2:
                if path:
                    self.report_unreachable(stage, path, frame, stage=True)
                elif isinstance(callee, ast.CallExpr) and (name := hints.layer_name(callee.callee)):
                    made = shown_text(callee.brackets) or "(…)"
                    self.reporter(frame)(
                        "MTG210",
                        "tensors are passed to layers with `->`",
                        stage.span,
                        help=f"write `{name}{made}`: its tensor comes before `->`",
                        fix=Fix.replace(stage.span, f"{name}{made}", safe=False)
                        if made != "(…)"
                        else None,
                    )
                else:
                    self.call(stage, frame)
                return ERROR
            layer = self.make(lambda: self.application(stage, path[1], frame), frame)
        return ERROR if isinstance(layer, Error) else self.apply(layer, thing, stage.span, frame)

    def _make_declared(
        self, stage: ast.CallExpr, found: Declared, thing: Value, frame: Frame
    ) -> Value:
        if isinstance(found.node, ast.BlockDecl):
            return self.use_block(stage, found, thing, frame)
        if isinstance(found.node, ast.ModelDecl):
            layer = self.make(lambda: self.nested_model(stage, found, frame), frame)
        elif isinstance(found.node, ast.PythonImportDecl):
            layer = self.make(lambda: self.python_layer(stage, found, frame), frame)
        else:
            self.reporter(frame)(
                "MTG104", f"`{found.name}` is a value and cannot be called", stage.span
            )
            return ERROR
        return ERROR if isinstance(layer, Error) else self.apply(layer, thing, stage.span, frame)

    def end_statement(self, naming: NamedStatement, thing: Value) -> None:
        """Note which part of a statement ends its flow, if that part is new."""
        if not naming.parts or not isinstance(thing, (Results, Tensor)):
            return
        last = naming.parts[-1]
        call = thing.call if isinstance(thing, Results) else self.graph.calls[thing.ref.call]
        if last is call.layer or (isinstance(last, BlockUse) and self._ends_in(last) is call.layer):
            naming.last = last

    def _ends_in(self, use: BlockUse) -> Layer | None:
        """Return the new layer that ends a block's `return`, if it is one."""
        last = use.statements[-1].last if use.statements else None
        return self._ends_in(last) if isinstance(last, BlockUse) else last
