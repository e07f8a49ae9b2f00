"""What a flow begins with: merges, `ops` calls and slices."""

from __future__ import annotations

from typing import Any

from mtg.catalog import catalog
from mtg.catalog.names import MERGES, snake_case
from mtg.graph.describe import describe
from mtg.graph.layers import KerasLayer, Layer, Op
from mtg.graph.values import TensorRef
from mtg.semantics import hints
from mtg.semantics.arguments import match_entry
from mtg.semantics.builtins import op_elsewhere
from mtg.semantics.calls import Calls
from mtg.semantics.instances import SETTINGS, argument_spans
from mtg.semantics.references import attribute_path
from mtg.semantics.values import (
    ERROR,
    MISSING,
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
from mtg.text.diagnostics import Fix
from mtg.text.edits import flow_at
from mtg.text.suggest import Suggestion, replaced, suggest_spelling

#: Arguments that Keras's function form of a merge gives where the class demands them.
#: Source: `keras.layers.dot(inputs, axes=-1)`.
_MERGE_DEFAULTS: dict[str, dict[str, Any]] = {"dot": {"axes": -1}}


class Sources(Calls):
    """Evaluates the expressions that make tensors."""

    def source(self, node: ast.Expression, frame: Frame) -> Value:
        """Return what a flow begins with: a tensor or a group, or `ERROR`."""
        if isinstance(node, ast.CallExpr) and self._makes_layer(node, frame):
            return ERROR
        thing = self.evaluate(node, frame)
        if isinstance(thing, (list, tuple)) and thing and not is_error(thing):
            # `[a, b] -> Concatenate()`: a list of tensors, as Keras takes it.
            return TensorGroup((list(thing),), {})
        if isinstance(thing, dict) and holds_tensor(thing) and not is_error(thing):
            # `{"images": x, "labels": y} -> RandomFlip()`: a dict of tensors likewise.
            return TensorGroup((thing,), {})
        if is_error(thing):
            return ERROR
        if not is_tensor(thing):
            self.report_no_tensor(thing, node.span, frame)
            return ERROR
        return thing

    def _makes_layer(self, node: ast.CallExpr, frame: Frame) -> bool:
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
        text = self._with_tensors(node, name, frame)
        help = f"write `{text}`" if text else f"put a tensor before it: `x -> {name}(…)`"
        self.reporter(frame)(
            "MTG207",
            f"the layer `{name}` is applied to nothing",
            node.span,
            label="it has no input",
            help=help,
            fix=Fix.replace(node.span, flow_at(node.span, text), safe=False) if text else None,
        )
        return True

    def _with_tensors(self, node: ast.CallExpr, name: str, frame: Frame) -> str:
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

    def tensor_call(self, node: ast.CallExpr, frame: Frame) -> Value:
        """Return a merge or an `ops` call."""
        if isinstance(node.callee, ast.NameExpr):
            return self._merge(node, node.callee.name, frame)
        return self._op(node, attribute_path(node.callee)[1:], frame)

    def _merge(self, node: ast.CallExpr, merge: str, frame: Frame) -> Value:
        entry = catalog().find("layer", MERGES[merge])
        assert entry is not None
        tensors: list[TensorRef] = []
        correct = True
        given = 0
        for argument in node.arguments:
            if argument.name is not None:
                continue
            thing = self.evaluate(argument.value, frame)
            items = thing if isinstance(thing, list) else [thing]
            given += len(items)
            for item in items:
                ref = self.tensor(item, argument.span, frame)
                correct = correct and ref is not None
                if ref is not None:
                    tensors.append(ref)
        what = f"`{merge}`"
        matched = match_entry(
            what,
            [p for p in entry.parameters if p.name not in _MERGE_DEFAULTS.get(merge, {})],
            [argument for argument in node.arguments if argument.name is not None],
            node.brackets,
            self.reporter(frame),
            positional=0,
            also=(*SETTINGS, *_MERGE_DEFAULTS.get(merge, {})),
        )
        if matched is None:
            return ERROR
        settings = self.settings(matched, frame)
        arguments = self.arguments(what, entry, matched, frame)
        if arguments is None or settings is None or not correct:
            return ERROR
        if given < 2:
            self.reporter(frame)(
                "MTG307",
                f"{what} joins two tensors or more, and {given or 'none'} is given",
                node.brackets,
                help=f"write `{merge}(a, b)`",
            )
            return ERROR
        arguments = {**_MERGE_DEFAULTS.get(merge, {}), **arguments}
        layer = self.make(
            lambda: self.new_layer(
                KerasLayer(
                    snake_case(entry.name),
                    entry.name,
                    arguments,
                    node.span,
                    spans=argument_spans(matched),
                    shown=merge,
                ),
                frame,
                settings,
            ),
            frame,
        )
        return self.add_call(layer, (tensors,), {}, node.span, frame)

    def _op(self, node: ast.CallExpr, path: list[str], frame: Frame) -> Value:
        name = ".".join(path)
        entry = catalog().find("op", name)
        if entry is None:
            assert isinstance(node.callee, ast.AttributeExpr)
            span = node.callee.name.span
            elsewhere = op_elsewhere(name)
            if hints.is_random(["ops", *path]):
                suggestion = Suggestion(help=hints.OF_RANDOM, fix=None)
            elif elsewhere is not None:
                suggestion = replaced(elsewhere[0], span, safe=elsewhere[1])
                suggestion["help"] = f"did you mean `ops.{elsewhere[0]}`?"
            else:
                suggestion = suggest_spelling(name, catalog().names("op"), span)
            if len(path) > 1:
                suggestion["fix"] = None  # the place is that of the last part alone
            self.reporter(frame)("MTG108", f"`keras.ops` has no `{name}`", span, **suggestion)
            return ERROR
        what = f"`ops.{name}`"
        matched = match_entry(
            what,
            entry.parameters,
            node.arguments,
            node.brackets,
            self.reporter(frame),
            positional=entry.positional or None,
            variadic=entry.variadic,
        )
        if matched is None:
            return ERROR
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for argument in node.arguments:
            value = self._op_argument(argument, frame)
            if is_error(value):
                return ERROR
            if argument.name is None:
                args.append(value)
            else:
                kwargs[argument.name.name] = value
        layer = self.make(
            lambda: self.new_layer(
                Op(snake_case(name), name, {}, node.span, shown=f"ops.{name}"), frame
            ),
            frame,
        )
        return self.add_call(layer, tuple(args), kwargs, node.span, frame)

    def _op_argument(self, argument: ast.Argument, frame: Frame) -> Any:
        value = self.evaluate(argument.value, frame)
        if isinstance(value, (Layer, SharedLayer)):
            self.reporter(frame)(
                "MTG404",
                f"`ops` takes tensors and values, not {kind_of(value)}",
                argument.value.span,
            )
            return ERROR
        return self._refs(value, argument.value.span, frame)

    def tensor_slice(self, value: Value, node: ast.SubscriptExpr, frame: Frame) -> Value:
        """Return a slice of a tensor, `tokens[:, 0]`: an op of Keras."""
        ref = self.tensor(value, node.value.span, frame)
        key: list[Any] = []
        for item in node.items:
            part = self.value(item, frame)
            if part is ERROR:
                return ERROR
            bounds = [part.start, part.stop, part.step] if isinstance(part, slice) else [part]
            for bound in bounds:
                if isinstance(bound, bool) or not (
                    bound is None or bound is ... or isinstance(bound, int)
                ):
                    self.reporter(frame)(
                        "MTG404",
                        f"an index of a tensor must be a whole number, not {describe(bound)}",
                        item.span,
                    )
                    return ERROR
            key.append(part)
        if ref is None:
            return ERROR
        layer = self.make(
            lambda: self.new_layer(Op("getitem", "getitem", {}, node.span, shown="slice"), frame),
            frame,
        )
        return self.add_call(layer, (ref, tuple(key)), {}, node.span, frame)
