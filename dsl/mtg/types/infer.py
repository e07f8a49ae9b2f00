"""The walk over the graph that gives every tensor its type and every layer its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from graphlib import CycleError
from typing import Any, assert_never

from mtg.graph.graph import Call, Graph
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import TensorRef, Value, map_leaves
from mtg.lengths.dims import MAX_LENGTH, UNKNOWN, Dim, Length, is_known
from mtg.lengths.equality import may_be_below
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import NOWHERE, Span
from mtg.types.applications import apply_private, build_application, check_built
from mtg.types.carried_masks import CarriedMasks
from mtg.types.constraints import Demand, solve
from mtg.types.handed_masks import check_handed_masks
from mtg.types.nested import check_input, input_type, model_inputs
from mtg.types.oracle import Ask, is_open, together
from mtg.types.rules.apply import apply, apply_op
from mtg.types.rules.call import LayerCall, Result, TypeMismatch
from mtg.types.tensor import TensorType, Weight
from mtg.types.types import Outputs, Types

#: What calls a layer that is inside another.
Inner = Callable[[Layer, tuple[Any, ...], Mapping[str, Any]], Result | None]


def infer(graph: Graph, diagnostics: Diagnostics, ask: Ask | None = None) -> Types:
    """Find the types of all tensors and the weights of all layers, and report what does not fit.

    A call that does not fit is reported once; its results are unknown, and nothing is said of what
    follows from them. A graph with a cycle has no types.

    Where no rule knows what a call gives, `ask` is asked, if all that it is called on is known;
    what it refuses, by raising `TypeMismatch`, is reported, and what it says goes on as a rule's
    would.
    """
    types = _Walk(graph, diagnostics, {}, ask=ask).run()
    types.constraints, conflicts = solve(types.demands)
    for conflict in conflicts:
        diagnostics.report(
            "MTG301",
            conflict.message,
            conflict.call.span,
            labels=tuple(Label(call.span, "the other constraint") for call in conflict.others[:3]),
        )
    return types


def application_graph(layer: Application) -> Graph | None:
    """Return the graph of an application; see `build_application`."""
    return build_application(layer, infer)


class Growing:
    """The shapes of a graph that is still being made: each call is looked at once, when it is.

    What does not fit is not reported here: `infer` does, when the graph is whole; and Keras, which
    says once what it refuses, is asked by that alone.
    """

    def __init__(self) -> None:
        self._walks: dict[Graph, _Walk] = {}

    def __call__(self, graph: Graph, call: Call) -> list[tuple[Any, ...] | None] | None:
        """Return the shapes of the results of a call; None where they are not known.

        A length that is not known is None.
        """
        if graph not in self._walks:
            self._walks[graph] = _Walk(graph, Diagnostics(), {})
        walk = self._walks[graph]
        outputs = walk.types.outputs
        for each in graph.calls[len(outputs) : call.id + 1]:
            outputs[each.id] = walk.bounded(each, walk.call(each))
        found = outputs[call.id]
        if found is None or call.id in walk.misfits:
            return None
        return [
            None
            if each.shape is None
            else tuple(length if is_known(length) else None for length in each.shape)
            for each in found
        ]


class _Mismatch(TypeMismatch):
    """One layer, two calls that would need different weights."""

    def __init__(self, message: str, *notes: str, other: Span) -> None:
        super().__init__(message, *notes, code="MTG306")
        self.other = other


#: The types of graphs that were walked already, by the types of their inputs.
Memo = dict[tuple[Graph, tuple[TensorType, ...]], tuple[Types, Diagnostics]]


class _Walk:
    """One walk over one graph."""

    def __init__(
        self,
        graph: Graph,
        diagnostics: Diagnostics,
        memo: Memo,
        inputs: Sequence[TensorType] | None = None,
        ask: Ask | None = None,
    ) -> None:
        self.graph = graph
        self.diagnostics = diagnostics
        self.memo = memo
        self.ask = ask
        self.types = Types(graph, ask=ask)
        #: The weights of graphs in this one that several layers have.
        self.inside: dict[int, tuple[Weight, ...] | None] = {}
        #: The call that made a layer's weights, and the number of axes it fixed.
        self.first: dict[Layer, tuple[Span, int | None]] = {}
        #: Pairs of lengths that the call at hand needs to be equal.
        self.pairs: list[tuple[Dim, Dim]] = []
        self.masks = CarriedMasks()
        #: The call at hand.
        self.at: Call | None = None
        #: The calls that do not fit, and those that depend on one: nothing more is said of them.
        self.misfits: set[int] = set()
        #: The calls that depend on an input, once that is asked for.
        self.reached: set[int] = set()
        #: Lengths that were looked at, whether they are 1 or more.
        self.lengths: set[Dim] = set()
        #: Whether the inputs are of the dtypes that the graph says they are of.
        self.own = inputs is None or all(
            tensor.dtype == input_type(call.layer).dtype
            for call, tensor in zip(graph.inputs, inputs, strict=True)
        )
        self.given = (
            {} if inputs is None else dict(zip((c.id for c in graph.inputs), inputs, strict=True))
        )

    def run(self) -> Types:
        outputs = self.types.outputs
        try:
            order = self.graph.order()
        except CycleError:
            outputs.update(dict.fromkeys(range(len(self.graph.calls))))
            return self.types
        for call in order:
            outputs[call.id] = self.bounded(call, self.call(call))
        for call in order:
            self.types.weights.setdefault(call.layer, None)
        return self.types

    def bounded(self, call: Call, outputs: Outputs) -> Outputs:
        """Return the results of a call, unless an axis is too long, which is reported."""
        for output in outputs or ():
            if any(is_known(length) and length > MAX_LENGTH for length in output.shape or ()):
                layer = call.layer
                made = (
                    f"the input `{layer.name}`"
                    if isinstance(layer, InputLayer)
                    else f"`{layer.shown}`"
                )
                message = f"{made} has an axis longer than any can be: 2**63 or more"
                self.report(call, TypeMismatch(message, code="MTG605"))
                return None
        return outputs

    # ---- one call --------------------------------------------------------------------------------

    def call(self, call: Call) -> Outputs:
        layer, self.at = call.layer, call
        if isinstance(layer, InputLayer):
            self.types.weights[layer] = ()
            return (self.given.get(call.id) or input_type(layer),)
        args: tuple[Any, ...] = self.resolve(call.args)
        kwargs: dict[str, Any] = self.resolve(call.kwargs) if call.kwargs else {}
        if self.misfits and any(ref.call in self.misfits for ref in call.tensors()):
            self.misfits.add(call.id)
        try:
            if isinstance(layer, Op):
                self.types.weights[layer] = ()
                result = apply_op(layer.cls, args, kwargs, self.pairs)
                if self.ask is not None and is_open(layer, (args, kwargs), result):
                    result = self.asked(layer, args, kwargs, call.span, result)
            else:
                handed = self.masks.with_mask(call, kwargs)
                result = self.infer_layer(layer, args, handed, call.span)
        except TypeMismatch as misfit:
            self.report(call, self.masks.told(call, misfit))
            self.misfits.add(call.id)
            self.pairs.clear()
            return None
        for pair in self.pairs:
            self.types.demands.setdefault(Demand(*pair), call)
        self.pairs.clear()
        if result is None:
            return None
        for warning in result.warnings:
            self.report(call, warning)
        if isinstance(layer, KerasLayer) or layer.cls == "getitem":
            self.demand_places(call, result.outputs)
        self.masks.follow(call, [self.types.of(ref) for ref in call.tensors()], result.outputs)
        return result.outputs

    def demand_places(self, call: Call, outputs: tuple[TensorType, ...]) -> None:
        """Report a layer that leaves nothing of an axis: each length must be 1 or more."""
        for output in outputs:
            for length in output.shape or ():
                if isinstance(length, Length) and length not in self.lengths:
                    self.lengths.add(length)
                    if length is not UNKNOWN and may_be_below(length, 1) is None:
                        self.types.demands.setdefault(Demand(length, None), call)

    def resolve(self, value: Value) -> Any:
        """Return the arguments of a call with the types of the tensors in their place."""
        return map_leaves(
            lambda leaf: self.types.of(leaf) if isinstance(leaf, TensorRef) else leaf, value
        )

    def infer_layer(
        self, layer: Layer, args: tuple[Any, ...], kwargs: Mapping[str, Any], span: Span
    ) -> Result | None:
        """One call of a layer, which may stand inside a wrapper."""
        try:
            match layer:
                case KerasLayer():
                    result = self.apply_rule(layer, args, kwargs, span)
                case NestedModel():
                    result = self.infer_model(layer, layer.graph, args, kwargs)
                case Application():
                    result = self.infer_model(layer, application_graph(layer), args, kwargs)
                case PythonLayer():
                    result = apply_private(layer, args, kwargs)
                case InputLayer() | Op():
                    return None
                case _:
                    assert_never(layer)
            if self.ask is not None and is_open(layer, (), result):
                result = self.asked(layer, args, kwargs, span, result)
            if result is None:
                return None
            for warning in result.warnings:
                warning.layer = warning.layer or layer
            return self.keep_weights(layer, result, span)
        except TypeMismatch as misfit:
            misfit.layer = misfit.layer or layer
            raise

    def apply_rule(
        self, layer: KerasLayer, args: tuple[Any, ...], kwargs: Mapping[str, Any], span: Span
    ) -> Result | None:
        def inner(layer: Layer, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Result | None:
            return self.infer_layer(layer, args, kwargs, span)

        carries = layer.carries and self.own
        if carries and len(args) == 1 and isinstance(args[0], TensorType):
            return Result((args[0],))
        return apply(call_of(layer, args, kwargs, inner, self.pairs))

    def asked(
        self,
        layer: Layer,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        span: Span,
        known: Result | None,
    ) -> Result | None:
        """Ask for the types of a call, beside what its rule knows."""
        assert self.ask is not None
        assert self.at is not None
        reached = self.reached = self.reached or self.graph.reached_from_inputs()
        if any(ref.call not in reached for ref in self.at.tensors()):
            return known  # a constant: Keras may need its value, and here it has none
        return together(known, self.ask(layer, args, kwargs, span))

    def keep_weights(self, layer: Layer, result: Result, span: Span) -> Result:
        """Take down a layer's weights; a second call must have the same."""
        weights = result.weights
        if weights is None:
            return result
        if weights and (layer.trainable is False or layer.arguments.get("trainable") is False):
            weights = tuple([weight._replace(trainable=False) for weight in weights])
        kept = self.types.weights.get(layer)
        if kept is None:
            self.types.weights[layer] = weights
            self.first[layer] = (span, result.axes)
            return result._replace(weights=weights)
        if kept != weights or result.axes != self.first[layer][1]:
            raise self.mismatch(layer, kept, weights, result.axes)
        return result._replace(weights=kept)

    def mismatch(
        self, layer: Layer, kept: tuple[Weight, ...], weights: tuple[Weight, ...], axes: int | None
    ) -> _Mismatch:
        span, before = self.first[layer]
        for old, new in zip(kept, weights, strict=False):
            if old != new:
                return _Mismatch(
                    f"`{layer.name}` cannot serve both calls: its {old.name} would be "
                    f"{list(old.shape)} for one and {list(new.shape)} for the other",
                    other=span,
                )
        if before is not None and axes is not None and before != axes:
            return _Mismatch(
                f"`{layer.name}` cannot serve both calls: one tensor has {before - 1} axes, "
                f"the other {axes - 1}",
                other=span,
            )
        return _Mismatch(f"`{layer.name}` cannot serve both calls", other=span)

    # ---- nested models ---------------------------------------------------------------------------

    def infer_model(
        self, layer: Layer, graph: Graph | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Result | None:
        """Infer a nested model: its own types, or those for the lengths it is given here."""
        if graph is None:
            return None
        declared = tuple(input_type(call.layer) for call in graph.inputs)
        types, found = self.walk(graph, declared)
        if isinstance(layer, Application):
            check_built(layer, declared, found)
            self.types.nested.setdefault(layer, types)
        if layer not in self.types.nested:
            self.types.nested[layer] = types
            for each in found:
                self.diagnostics.report(
                    each.code,
                    each.message,
                    each.span,
                    label=each.label,
                    labels=each.labels,
                    notes=each.notes,
                    help=each.help,
                    fix=each.fix,
                )
        given = model_inputs(layer, graph, args, kwargs)
        bound: dict[Length, Dim] = {}
        exact: list[TensorType] = []
        vague = loose = False
        for call, want, have in zip(graph.inputs, declared, given, strict=True):
            if have.shape is None or want.shape is None:
                vague = True
                continue
            self.pairs += check_input(layer, call.layer.name, want, have, bound)
            # A length that is known inside and not outside: Keras built for the one inside.
            loose |= any(
                is_known(a) and not is_known(b)
                for a, b in zip(want.shape[1:], have.shape[1:], strict=True)
            )
            exact.append(TensorType(have.dtype or want.dtype, have.shape))
        if "mask" not in {call.layer.name for call in graph.inputs}:
            made_of = partial(call_of, inner=lambda layer, args, kwargs: None)
            check_handed_masks(layer, graph, given, kwargs.get("mask"), made_of)
        # The weights of this instance, not of another that has the same graph.
        weights = self.types.weights.get(layer)
        if id(types) not in self.inside:
            self.inside[id(types)] = types.model_weights()
        if weights is None and (made := self.inside[id(types)]) is not None:
            weights = tuple([weight._replace() for weight in made])
        if loose and not vague:
            vague = self.walk(graph, tuple(exact))[1].has_errors
        if vague:
            dtypes = [types.of(output.tensor).dtype for output in graph.outputs]
            return Result(tuple(TensorType(dtype, None) for dtype in dtypes), weights)
        if tuple(exact) != declared:
            again, errors = self.walk(graph, tuple(exact))
            for each in errors:
                if each.is_error and not found.has_errors:
                    raise TypeMismatch(
                        f"`{layer.cls}` does not take these lengths: {each.message}",
                        *each.notes,
                        code=each.code,
                    )
            types = again
        for demand, call in types.demands.items():
            # What an application is made of stands nowhere in the program.
            at = self.at if self.at is not None and call.span is NOWHERE else call
            self.types.demands.setdefault(demand, at)
        return Result(tuple(types.of(output.tensor) for output in graph.outputs), weights)

    def walk(self, graph: Graph, inputs: tuple[TensorType, ...]) -> tuple[Types, Diagnostics]:
        key = (graph, inputs)
        if key not in self.memo:
            diagnostics = Diagnostics()
            walk = _Walk(graph, diagnostics, self.memo, inputs, self.ask)
            self.memo[key] = (walk.run(), diagnostics)
        return self.memo[key]

    # ---- reports ---------------------------------------------------------------------------------

    def report(self, call: Call, misfit: TypeMismatch) -> None:
        labels: tuple[Label, ...] = ()
        if isinstance(misfit, _Mismatch) and misfit.other != call.span:
            labels = (Label(misfit.other, "the other call"),)
        from mtg.types.repair.advice import explained  # which most programs never need

        found = explained(call, misfit, self.types, labels)
        if call.rounds:
            self.diagnostics.add_once(found)
        else:
            self.diagnostics.add(found)
        if found.is_error:
            self.types.misfits.append((call, found))


def infer_with(
    graph: Graph, inputs: tuple[TensorType, ...], memo: Memo, ask: Ask | None = None
) -> Types:
    """Infer the types of a graph for inputs of these types, cached in `memo`."""
    return _Walk(graph, Diagnostics(), memo, ask=ask).walk(graph, inputs)[0]


def call_of(
    layer: KerasLayer,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    inner: Inner,
    demands: list[tuple[Dim, Dim]] | None = None,
) -> LayerCall:
    """Return a call as its rule wants it."""
    arguments = {**layer.entry.defaults, **layer.arguments}
    demands = [] if demands is None else demands
    return LayerCall(
        layer.cls, layer.name, arguments, args, kwargs, inner, layer.shown, layer.entry, demands
    )
