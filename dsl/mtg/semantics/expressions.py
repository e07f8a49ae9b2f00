"""Expressions: literals, lists and groups, arithmetic and indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from mtg.graph.graph import Graph
from mtg.graph.layers import Layer
from mtg.graph.values import Value as Constant
from mtg.lengths.dims import UNKNOWN
from mtg.limits import MAX_NESTING
from mtg.semantics import constant_evaluation as compute
from mtg.semantics import hints
from mtg.semantics.budget import Budget, TooLarge
from mtg.semantics.naming import ExplicitNames
from mtg.semantics.scope import Scopes
from mtg.semantics.tensor_operators import OfTensors, Operand, is_arithmetic, shown, written
from mtg.semantics.values import (
    ERROR,
    Error,
    Frame,
    SharedLayer,
    TensorGroup,
    Value,
    holds_tensor,
    is_error,
    is_tensor,
    kind_of,
)
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Fix, Label, Report
from mtg.text.edits import flow_at
from mtg.text.source import Span


class Expressions:
    """Evaluates expressions for one model.

    The classes above it add one subject each: what names and calls stand for (`References`), layer
    instances, their calls, sources, flows, blocks, and declarations, up to the `Expander`.
    """

    def __init__(self, graph: Graph, scopes: Scopes, diagnostics: Diagnostics, budget: Budget):
        self.graph = graph
        self.scopes = scopes
        self.diagnostics = diagnostics
        self.budget = budget
        self.layer_names = ExplicitNames()
        self._depth = 0
        #: Whether what is evaluated next is an operand of arithmetic, which will say what is wrong.
        self._inner = False

    # What the classes above this one know

    def name(self, node: ast.NameExpr, frame: Frame, kinds: Sequence[str] = ()) -> Value:
        """Return what a bare name stands for."""
        raise NotImplementedError

    def call(self, node: ast.CallExpr, frame: Frame, kinds: Sequence[str] = ()) -> Value:
        """Return what a call stands for, where it stands as a source or as an argument."""
        raise NotImplementedError

    def report_attribute(
        self, node: ast.AttributeExpr, frame: Frame, *, stage: bool = False
    ) -> None:
        """Report an attribute that is not called."""
        raise NotImplementedError

    def tensor_slice(self, value: Value, node: ast.SubscriptExpr, frame: Frame) -> Value:
        """Return a slice of a tensor."""
        raise NotImplementedError

    def flow(self, node: ast.FlowExpr, frame: Frame) -> Value:
        """Return a flow."""
        raise NotImplementedError

    def is_stage(self, node: ast.Expression, frame: Frame) -> bool:
        """Return whether an expression may stand after `->`."""
        raise NotImplementedError

    # Reporting

    def reporter(self, frame: Frame) -> Report:
        """`Diagnostics.report` that adds the block uses that led to a place."""
        if not frame.uses:
            return self.diagnostics.report

        return Report(
            self.diagnostics.add,
            lambda: tuple(
                Label(use.span, f"in this use of `{use.block}`") for use in reversed(frame.uses)
            ),
        )

    # Expressions

    def evaluate(self, node: ast.Expression, frame: Frame, kinds: Sequence[str] = ()) -> Value:
        """Evaluate an expression; `kinds` are the objects of Keras that its place takes."""
        self._depth += 1
        try:
            if self._depth > 3 * MAX_NESTING:
                self.reporter(frame)(
                    "MTG606", f"this is nested more than {3 * MAX_NESTING} deep", node.span
                )
                raise TooLarge
            thing = self._evaluate(node, frame, kinds)
            long = isinstance(thing, (str, list, tuple, dict, range))
            self.budget.step(node.span, 1 + compute.weight(thing) if long else 1)
            return thing
        except compute.CannotCompute as error:
            self.reporter(frame)("MTG406", str(error), node.span, label="has no value")
            return ERROR
        finally:
            self._depth -= 1

    def _evaluate(self, node: ast.Expression, frame: Frame, kinds: Sequence[str]) -> Value:
        if isinstance(node, ast.LiteralExpr):
            written: Constant = node.value
            return written
        if isinstance(node, ast.NameExpr):
            return self.name(node, frame, kinds)
        if isinstance(node, ast.CallExpr):
            return self.call(node, frame, kinds)
        if isinstance(node, ast.FlowExpr):
            return self.flow(node, frame)
        if isinstance(node, ast.ListExpr):
            items = [self.evaluate(item, frame, kinds) for item in node.items]
            # What is written out, such as a vocabulary, is as long as the text, which has limits.
            written = all(isinstance(item, ast.LiteralExpr) for item in node.items)
            return items if written else compute.sized(items)
        if isinstance(node, ast.GroupExpr):
            return self._group(node, frame, kinds)
        if isinstance(node, ast.DictExpr):
            return self._dict(node, frame, kinds)
        if isinstance(node, ast.ConditionalExpr):
            test = self.value(node.test, frame)
            if test is ERROR:
                return ERROR
            return self.evaluate(node.then if test else node.otherwise, frame, kinds)
        if isinstance(node, ast.OperationExpr):
            return self._operation(node, frame)
        if isinstance(node, ast.ComparisonExpr):
            return self._comparison(node, frame)
        if isinstance(node, ast.SubscriptExpr):
            return self._subscript(node, frame)
        if isinstance(node, ast.UnknownLengthExpr):
            return UNKNOWN
        if isinstance(node, ast.SliceExpr):
            parts = [node.start, node.stop, node.step]
            values = [None if part is None else self.value(part, frame) for part in parts]
            return ERROR if is_error(values) else slice(*values)
        assert isinstance(node, ast.AttributeExpr)
        self.report_attribute(node, frame)
        return ERROR

    def value(self, node: ast.Expression, frame: Frame) -> Constant | Error:
        """Return the compile-time value of an expression, or `ERROR`."""
        thing = self.operand(node, frame)
        of_tensors = is_tensor(thing) or isinstance(thing, OfTensors)
        if of_tensors or isinstance(thing, (Layer, SharedLayer)):
            kind = "a tensor" if isinstance(thing, OfTensors) else kind_of(thing)
            self.reporter(frame)(
                "MTG404",
                f"expected a compile-time value, found {kind}",
                node.span,
                label=f"this is {kind}",
                help="a tensor has no value before the model runs" if of_tensors else "",
            )
            return ERROR
        return ERROR if is_error(thing) else cast("Constant", thing)

    def _group(self, node: ast.GroupExpr, frame: Frame, kinds: Sequence[str]) -> Value:
        values = [(a.name, self.evaluate(a.value, frame, kinds)) for a in node.arguments]
        if any(value is ERROR for _, value in values):
            return ERROR
        if all(name is None and not holds_tensor(value) for name, value in values):
            return compute.sized(tuple(value for _, value in values))
        kwargs: dict[str, Value] = {}
        args: list[Value] = []
        spans: dict[str, Span] = {}
        for argument, (name, value) in zip(node.arguments, values, strict=True):
            if name is None:
                if kwargs:
                    self.reporter(frame)(
                        "MTG401",
                        "positional tensor after a named tensor",
                        argument.span,
                        help="put positional tensors first",
                    )
                    return ERROR
                args.append(value)
            elif name.name in kwargs:
                self.reporter(frame)("MTG403", f"the group has `{name.name}` twice", argument.span)
                return ERROR
            else:
                kwargs[name.name] = value
                spans[name.name] = name.span
        return TensorGroup(tuple(args), kwargs, spans)

    def _dict(self, node: ast.DictExpr, frame: Frame, kinds: Sequence[str]) -> Value:
        found: dict[Any, Value] = {}
        for key_node, value_node in node.items:
            key = self.value(key_node, frame)
            value = self.evaluate(value_node, frame, kinds)
            if key is ERROR:
                return ERROR
            found[compute.as_key(key)] = value
        return compute.sized(found)

    def operand(self, node: ast.Expression, frame: Frame, kinds: Sequence[str] = ()) -> Value:
        """Evaluate an expression without reporting arithmetic with tensors.

        `OfTensors` tells it to the place where the expression is used.
        """
        self._inner = is_arithmetic(node)
        try:
            return self.evaluate(node, frame, kinds)
        finally:
            self._inner = False

    def operands(self, nodes: Sequence[ast.Expression], frame: Frame) -> list[Any] | Error:
        """Return the values of what an operator or a function computes with.

        Tensors have none: `OfTensors` says what each of the nodes is, and nothing is reported yet.
        """
        values: list[Any] = []
        found: dict[int, Operand] = {}
        of_tensors = False
        for node in nodes:
            thing = self.operand(node, frame)
            if isinstance(thing, (Layer, SharedLayer)):
                raise compute.CannotCompute(f"{kind_of(thing)} has no value to compute with")
            if isinstance(thing, OfTensors):
                found.update(thing.operands)
            elif is_error(thing):
                return ERROR
            else:
                found[id(node)] = Operand(is_tensor(thing), shown(node))
            of_tensors = of_tensors or is_tensor(thing) or isinstance(thing, OfTensors)
            values.append(thing)
        return OfTensors(found) if of_tensors else values

    def _of_tensors(
        self, node: ast.OperationExpr | ast.ComparisonExpr, found: Error, inner: bool, frame: Frame
    ) -> Error:
        """Return what arithmetic without a value stands for.

        With tensors, the whole of it is reported once, however deep they are in it.
        """
        if not isinstance(found, OfTensors):
            return ERROR
        if inner:
            return found
        text = written(node, found.operands)
        help = f"write `{text}`" if text else "name the tensors, and write `ops.add(a, b)`"
        # A factor may be a layer, which keeps it in the model's config.
        if (
            isinstance(node, ast.OperationExpr)
            and node.operator == "*"
            and (parts := [found.operands.get(id(each)) for each in node.operands])
            and isinstance(node.operands[1], ast.LiteralExpr)
            and parts[0] is not None
            and parts[0].text
        ):
            help += f" or `{parts[0].text} -> Rescaling({shown(node.operands[1])})`"
        self.reporter(frame)(
            "MTG207",
            "operators are not defined for tensors",
            node.span,
            help=help,
            fix=Fix.replace(node.span, text, safe=False) if text else None,
        )
        return ERROR

    def half_arrow(
        self, node: ast.OperationExpr | ast.ComparisonExpr, frame: Frame, *, stage: bool = False
    ) -> bool:
        """Report `x > Dense(1)`, where an arrow is meant, and return whether it is."""
        found = hints.half_arrow(node, lambda operand: self.is_stage(operand, frame), stage=stage)
        if found is None:
            return False
        self.reporter(frame)(
            "MTG210" if stage else "MTG406",
            f"expected `->`, found `{found.sign}`",
            found.span,
            label="a layer follows",
            help="write `->`",
            fix=found.fix,
        )
        return True

    def _operation(self, node: ast.OperationExpr, frame: Frame) -> Value:
        inner, self._inner = self._inner, False
        if self.half_arrow(node, frame):
            return ERROR
        if node.operator in ("and", "or"):
            # As in Python, the second operand counts only where the first does not decide.
            left = self.value(node.operands[0], frame)
            if left is ERROR or bool(left) == (node.operator == "or"):
                return left
            return self.value(node.operands[1], frame)
        operands = self.operands(node.operands, frame)
        if isinstance(operands, Error):
            return self._of_tensors(node, operands, inner, frame)
        return compute.operate(node.operator, operands)

    def _comparison(self, node: ast.ComparisonExpr, frame: Frame) -> Value:
        inner, self._inner = self._inner, False
        if self._points_backwards(node, frame) or self.half_arrow(node, frame):
            return ERROR
        operands = self.operands(node.operands, frame)
        if isinstance(operands, Error):
            return self._of_tensors(node, operands, inner, frame)
        return all(
            compute.compare(symbol, left, right)
            for symbol, left, right in zip(node.operators, operands[:-1], operands[1:], strict=True)
        )

    def _points_backwards(self, node: ast.ComparisonExpr, frame: Frame) -> bool:
        """Report `Dense(1) <- x`, which reads as `Dense(1) < -x`, and return whether it is."""
        if node.operators != ("<",):
            return False
        left, right = node.operands
        source = node.span.source
        between = source.text[left.span.end : right.span.start + 1].replace(" ", "")
        is_negative = isinstance(right, ast.OperationExpr) and right.operator == "-"
        if between != "<-" or not is_negative or not isinstance(left, ast.CallExpr):
            return False
        assert isinstance(right, ast.OperationExpr)
        if len(right.operands) != 1:
            return False
        flow = flow_at(node.span, f"{right.operands[0].span.text} -> {left.span.text}")
        self.reporter(frame)(
            "MTG406",
            "a flow is read from left to right",
            node.span,
            label="expected `->`, found `<-`",
            help=f"write `{flow}`",
            fix=Fix.replace(node.span, flow),
        )
        return True

    def _subscript(self, node: ast.SubscriptExpr, frame: Frame) -> Value:
        value = self.evaluate(node.value, frame)
        if value is ERROR:
            return ERROR
        if is_tensor(value):
            return self.tensor_slice(value, node, frame)
        if len(node.items) != 1:
            raise compute.CannotCompute("a value takes one index")
        key = self.value(node.items[0], frame)
        return ERROR if key is ERROR else compute.index(value, key)
