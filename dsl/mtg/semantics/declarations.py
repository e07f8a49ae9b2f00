"""Declarations: names of tensors, inputs, shared instances, outputs, what a block returns."""

from __future__ import annotations

from typing import Any, cast

from mtg.catalog import catalog
from mtg.graph.describe import describe
from mtg.graph.graph import Binding, Graph, Output, Train
from mtg.graph.layers import InputLayer, KerasLayer, Layer, NestedModel, Op
from mtg.graph.values import TensorRef
from mtg.lengths.dims import UNKNOWN, Length, Symbol
from mtg.semantics import hints
from mtg.semantics.arguments import match_entry
from mtg.semantics.blocks import Blocks
from mtg.semantics.budget import Budget
from mtg.semantics.modules import Declared
from mtg.semantics.naming import BlockUse, NamedStatement
from mtg.semantics.order import declared_by
from mtg.semantics.scope import Scopes
from mtg.semantics.tasks import read_output_settings, read_train
from mtg.semantics.values import (
    ERROR,
    MISSING,
    Error,
    Frame,
    Results,
    SharedLayer,
    Tensor,
    TensorTuple,
    Value,
    is_error,
    spans_of,
)
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.suggest import replaced, suggest_spelling

DTYPES = (
    *("float32", "float16", "float64", "bfloat16", "bool", "string"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (32, 64, 8, 16)),
    *("complex64", "complex128", "float8_e4m3fn", "float8_e5m2"),
)
#: What other languages and libraries call some of them.


class Declarations(Blocks):
    """Expands the statements of models and blocks."""

    def __init__(
        self, graph: Graph, scopes: Scopes, diagnostics: Diagnostics, budget: Budget
    ) -> None:
        super().__init__(graph, scopes, diagnostics, budget)
        self.recorders = []
        #: What `shared` declares, in the order it is met.
        self.reusables: list[SharedLayer] = []

    def statement(self, statement: ast.Statement, frame: Frame, naming: NamedStatement) -> Value:
        """Expand one declaration; gives what a `return` returns."""
        returned = self._declare(statement, frame, naming)
        names = {name.name for name in declared_by(statement)} - {"_"}
        if returned is ERROR or any(frame.names.get(name, ERROR) is ERROR for name in names):
            self.graph.complete = False
        return returned

    def _declare(self, statement: ast.Statement, frame: Frame, naming: NamedStatement) -> Value:
        inner = frame.within({}, naming)
        names = frame.names
        if any(names.get(name.name) is ERROR for name in declared_by(statement)):
            names = {}  # a name declared twice, which is reported: it stays unknown
        if isinstance(statement, ast.LetDecl):
            names[statement.name.name] = self.value(statement.value, inner)
        elif isinstance(statement, ast.DimDecl):
            names[statement.name.name] = Symbol(statement.name.name)
        elif isinstance(statement, ast.TensorDecl):
            self._bind(statement, names, inner)
        elif isinstance(statement, ast.SharedDecl):
            names[statement.name.name] = self._shared(statement, frame, inner)
        elif isinstance(statement, ast.ReturnDecl):
            return self._return(statement, inner)
        elif frame.uses:
            pass  # an input, output or train in a block is reported when names are resolved
        elif isinstance(statement, ast.InputDecl):
            names[statement.name.name] = self._input(statement, inner)
        elif isinstance(statement, ast.OutputDecl):
            names[statement.name.name] = self._output(statement, inner)
        elif isinstance(statement, ast.TrainDecl):
            settings = read_train(self, statement, inner)
            if settings is not None and self.graph.train is None:
                spans = dict(spans_of(statement.arguments))
                complete = len(settings[0]) + len(settings[1]) == len(statement.arguments)
                self.graph.train = Train(*settings, statement.span, spans, complete)
        return None

    def _bind(self, statement: ast.TensorDecl, names: dict[str, Value], inner: Frame) -> None:
        thing = self.source(statement.flow, inner)
        self.end_statement(inner.naming, thing)
        if len(statement.names) == 1:
            ref = self.tensor(thing, statement.flow.span, inner)
            tensors: list[TensorRef | None] = [ref]
        else:
            tensors = self._several(thing, statement, inner)
        for name, found in zip(statement.names, tensors, strict=True):
            if name.name == "_":
                continue
            names[name.name] = ERROR if found is None else Tensor(found)
            if found is not None and not inner.uses:
                beside = tuple(ref for ref in tensors if ref is not None and ref != found)
                self.graph.bindings.append(Binding(name.name, found, name.span, beside))

    def _several(
        self, thing: Value, statement: ast.TensorDecl, frame: Frame
    ) -> list[TensorRef | None]:
        count = len(statement.names)
        if isinstance(thing, Results):
            thing.call.results = count
            return [TensorRef(thing.call.id, index) for index in range(count)]
        if isinstance(thing, TensorTuple) and len(thing.tensors) == count:
            return [tensor.ref for tensor in thing.tensors]
        if is_error(thing):
            return [None] * count
        found = len(thing.tensors) if isinstance(thing, TensorTuple) else 1
        self.reporter(frame)(
            "MTG208",
            f"{count} names are given, but there {'is' if found == 1 else 'are'} {found} "
            f"result{'s' * (found != 1)}",
            statement.names[0].span.to(statement.names[-1].span),
            label=f"{count} names",
            labels=(Label(statement.flow.span, f"{found} result{'s' * (found != 1)}"),),
        )
        return [None] * count

    def _input(self, statement: ast.InputDecl, frame: Frame) -> Value:
        dtype = statement.dtype.name
        if dtype not in DTYPES:
            span = statement.dtype.span
            other = hints.other_word(dtype, ("dtype_policy",), DTYPES)
            suggestion = replaced(other, span) if other else suggest_spelling(dtype, DTYPES, span)
            self.diagnostics.report(
                "MTG405",
                f"unknown dtype `{dtype}`",
                statement.dtype.span,
                help=suggestion["help"]
                or "the common ones are `float32`, `int32`, `string` and `bool`",
                fix=suggestion["fix"],
            )
            return ERROR
        shape = [self._length(node, frame) for node in statement.dims]
        entry = catalog().find("input", "Input")
        assert entry is not None
        stated = ("shape", "dtype", "name", "batch_shape", "tensor")
        parameters = [p for p in entry.parameters if p.name not in stated]
        what = f"the input `{statement.name.name}`"
        for argument in statement.arguments:
            if argument.name is not None and argument.name.name in stated:
                self.diagnostics.report(
                    "MTG401",
                    f"{what} takes no `{argument.name.name}`",
                    argument.name.span,
                    help="an input is declared `input NAME: DTYPE[LENGTHS]`: that is all it needs",
                )
                return ERROR
        matched = match_entry(
            what,
            parameters,
            statement.arguments,
            statement.name.span,
            self.diagnostics.report,
            positional=0,
        )
        arguments = None if matched is None else self.arguments(what, entry, matched, frame)
        if arguments is None or is_error(shape):
            return ERROR
        layer = InputLayer(
            statement.name.name,
            {"shape": tuple(shape), "dtype": dtype, **arguments},
            statement.name.span,
        )
        frame.naming.parts.append(layer)
        frame.naming.last = layer
        call = self.graph.add_call(layer, (), {}, statement.span)
        return Tensor(TensorRef(call.id))

    def _length(self, node: ast.Expression, frame: Frame) -> Any:
        value = self.value(node, frame)
        if value is ERROR or value is UNKNOWN or isinstance(value, Length):
            return value
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            help = "write `?` for a length that is not known" if value in (None, -1) else ""
            self.diagnostics.report(
                "MTG404",
                f"a length must be a whole number, a `dim` or `?`, not {describe(value)}",
                node.span,
                help=help,
            )
            return ERROR
        if value == 0:
            self.diagnostics.report(
                "MTG404",
                "a length must be 1 or more: an axis of length 0 has no values",
                node.span,
                help="write `?` for a length that is not known",
            )
            return ERROR
        return value

    def _shared(self, statement: ast.SharedDecl, frame: Frame, inner: Frame) -> SharedLayer | Error:
        reusable = SharedLayer(
            statement.name, statement.stages, frame, inner.naming, level=len(self.recorders)
        )
        self.reusables.append(reusable)
        stages = statement.stages
        if len(stages) == 1:
            layer = self._one_layer(stages[0], inner)
            if isinstance(layer, Layer):
                layer.shared = True
                inner.naming.last = layer
                reusable.layer = layer
            elif layer is ERROR:
                return ERROR  # and is no fault of the places that use it
        return reusable

    def _one_layer(self, stage: ast.Stage, frame: Frame) -> Layer | Error | None:
        """Return the layer that a single stage makes; None where it is no single layer."""
        if isinstance(stage, ast.ConditionalExpr):
            test = self.value(stage.test, frame)
            if is_error(test):
                return ERROR
            return self._one_layer(stage.then if test else stage.otherwise, frame)
        if not isinstance(stage, ast.CallExpr):
            return None
        callee = stage.callee
        if isinstance(callee, ast.NameExpr):
            found = frame.find(callee.name)
            if isinstance(found, Declared) and isinstance(found.node, ast.BlockDecl):
                return None
            if found is MISSING and catalog().find("layer", callee.name) is None:
                return None
        made: object = self.make(
            lambda: cast("Layer | Error", self.call(stage, frame, ("layer",))), frame
        )
        return made if isinstance(made, (Layer, Error)) else None

    def _output(self, statement: ast.OutputDecl, frame: Frame) -> Value:
        name = statement.name.name
        settings = read_output_settings(self, statement, frame)
        thing = self.source(statement.flow, frame)
        self.end_statement(frame.naming, thing)
        ref = self.tensor(thing, statement.flow.span, frame)
        if ref is None:
            return ERROR
        found = ref
        if not self._carries(ref, name, frame.naming):
            # It stands at the output alone: what else takes the tensor takes it as it is.
            identity = KerasLayer("identity", "Identity", {}, statement.name.span, carries=True)
            identity.trainable = frame.trainable
            frame.naming.parts.append(identity)
            frame.naming.last = identity
            call = self.graph.add_call(identity, (ref,), {}, statement.name.span)
            ref = TensorRef(call.id)
        self.graph.outputs.append(
            Output(
                name,
                ref,
                statement.name.span,
                settings.loss,
                settings.weight,
                settings.metrics,
                settings.spans,
                settings.complete,
            )
        )
        self.graph.bindings.append(Binding(name, ref, statement.name.span))
        return Tensor(found)

    def _carries(self, ref: TensorRef, name: str, naming: NamedStatement) -> bool:
        """Return whether the layer that ends an output's flow can have the output's name."""
        last = naming.last
        while isinstance(last, BlockUse):
            if last.explicit is not None:
                return False
            last = last.statements[-1].last
        if last is None or isinstance(last, Op) or ref.result:
            return False
        explicit = self.layer_names.explicit.get(last)
        if explicit is not None and explicit[0] != name:
            return False
        # A nested model with several outputs has one name for all of them.
        return not isinstance(last, NestedModel) or len(last.graph.outputs) == 1

    def _return(self, statement: ast.ReturnDecl, frame: Frame) -> Value:
        if len(statement.results) == 1:
            thing = self.source(statement.results[0], frame)
            self.end_statement(frame.naming, thing)
            return thing
        tensors: list[Tensor] = []
        for node in statement.results:
            thing = self.source(node, frame)
            ref = self.tensor(thing, node.span, frame)
            if ref is None:
                return ERROR
            tensors.append(Tensor(ref))
        return TensorTuple(tuple(tensors), frame.uses[-1])
