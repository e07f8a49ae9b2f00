"""The canonical form of a model: two graphs are the same model exactly when theirs are equal.

It is plain data. What it leaves out says nothing about what the model computes or how it is
trained (`docs/decompile.md` has the list with the reasons):

- names of layers: layers are numbered as a walk from the outputs meets them, arguments first;
- the order of declarations, and the order in which a shared layer is called;
- arguments that equal their default, and the form of a value (`3` or `[3, 3]`, an object or its
  name);
- `mask` and `training` where they are what Keras hands on anyway, and the ops that make such masks;
- the class of a model in the model (a `Sequential` is its chain), and whether it takes
  and gives a list or a dict; an application is the model that it makes;
- an `Identity` that ends at an output and is used by nothing else;
- what no output depends on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import EllipsisType
from typing import TYPE_CHECKING, Any, assert_never

from mtg.catalog import catalog
from mtg.catalog.operations import one_name
from mtg.compare.forms import PlainValue, freeze_form, is_frozen_form
from mtg.graph.built import chooses, unchosen
from mtg.graph.constants import fixed_numbers, numbers_of
from mtg.graph.defaults import MADE_UP, is_plain_optimizer, significant
from mtg.graph.frozen import in_frozen_wrappers, never_trained
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
from mtg.graph.masks import implied_masks
from mtg.graph.seeds import written_only
from mtg.graph.values import (
    DataArray,
    KerasObject,
    PythonObject,
    TensorRef,
    Value,
    leaves,
    tensors_in,
)
from mtg.graph.walk import layers_within
from mtg.lengths.dims import Length
from mtg.refusal import Refusal
from mtg.text.diagnostics import Diagnostics

if TYPE_CHECKING:
    from mtg.compare.forms import InstanceForm, LineForm, ModelForm, TensorForm
    from mtg.types.types import Types


def canonical(
    graph: Graph,
    *,
    names: bool = False,
    training: bool = True,
    drawn: frozenset[int] = frozenset(),
) -> ModelForm:
    """Return the canonical form of a graph, as plain data.

    Args:
        graph: A whole graph; it may be one of a program or one of a config.
        names: Whether the names of inputs and outputs count.
        training: Whether losses, weights, metrics and `train` count; what `fit` takes never does.
        drawn: The seeds that nobody wrote; see `mtg.graph.seeds`.
    """
    return _Form(graph, names, drawn).form(training)


@dataclass(frozen=True, slots=True)
class CanonicalForm:
    """A canonical form, and what its numbers stand for.

    Attributes:
        data: The form, as `canonical` gives it.
        layers: The layer of each of `data["layers"]`.
        calls: The call of each of `data["calls"]`.
    """

    data: ModelForm
    layers: list[Layer]
    calls: list[Call]


def canonical_form(
    graph: Graph, drawn: frozenset[int] = frozenset(), *, frozen: bool = False
) -> CanonicalForm:
    """Return the canonical form of a graph with what its numbers stand for.

    `frozen` says that it is of a model which is not trained where it stands.
    """
    form = _Form(graph, False, drawn)
    data = form.form(True)
    if frozen:
        freeze_form(data)
    return CanonicalForm(data, list(form.layers), [graph.calls[number] for number in form.calls])


def plain_value(value: Value) -> PlainValue:
    """Return a value that holds no layer, in its canonical form."""
    return _Form(Graph(""), False).value(value)


class _Form:
    def __init__(self, graph: Graph, names: bool, drawn: frozenset[int] = frozenset()) -> None:
        self.graph = graph
        self.drawn = drawn
        self.names = names
        self.layers: dict[Layer, int] = {}
        self.instances: list[InstanceForm] = []
        self.calls: dict[int, int] = {}
        self.lines: list[LineForm] = []
        self.implied = implied_masks(graph)
        self.frozen = in_frozen_wrappers(graph)
        ends = {output.tensor for output in graph.outputs}
        taken: dict[int, int] = {}
        for call in graph.calls:
            for ref in self.tensors(call):
                taken[ref.call] = taken.get(ref.call, 0) + 1
        #: The tensors of calls that pass on what they take, to an output and nothing else.
        self.passed = {
            TensorRef(call.id): given
            for call in graph.calls
            for given in tensors_in(call.args)
            if not taken.get(call.id) and TensorRef(call.id) in ends and _passes_on(call)
        }

    @cached_property
    def types(self) -> Types:
        from mtg.types.infer import infer  # only what few layers choose is known by it

        return infer(self.graph, Diagnostics())

    def form(self, training: bool) -> ModelForm:
        graph = self.graph
        for call in graph.inputs:
            self.walk(call.id)
        outputs = [self.end(output.tensor) for output in graph.outputs]
        for ref in outputs:
            self.walk(ref.call)
        found: ModelForm = {
            "inputs": [self.calls[call.id] for call in graph.inputs],
            "outputs": [self.ref(ref) for ref in outputs],
            "layers": self.instances,
            "calls": self.lines,
        }
        if self.names:
            found["names"] = [
                [call.layer.name for call in graph.inputs],
                [output.name for output in graph.outputs],
            ]
        if training:
            self.add_training(found)
        return found

    def end(self, ref: TensorRef) -> TensorRef:
        while ref in self.passed:
            ref = self.passed[ref]
        return ref

    def tensors(self, call: Call) -> list[TensorRef]:
        if call.id not in self.implied:
            return call.tensors()
        rest = {name: value for name, value in call.kwargs.items() if name != "mask"}
        return Call(call.id, call.layer, call.args, rest, call.span).tensors()

    def walk(self, start: int) -> None:
        """Assign a number to a call after those it depends on, without recursion."""
        stack = [start]
        while stack:
            number = stack[-1]
            if number in self.calls:
                stack.pop()
                continue
            call = self.graph.calls[number]
            missing = [ref.call for ref in self.tensors(call) if ref.call not in self.calls]
            if missing:
                stack += reversed(missing)
                continue
            stack.pop()
            self.calls[number] = len(self.lines)
            self.lines.append(self.line(call))

    def line(self, call: Call) -> LineForm:
        kwargs = dict(call.kwargs)
        if call.id in self.implied:
            del kwargs["mask"]
        if not isinstance(call.layer, Op):
            kwargs = {
                name: value for name, value in kwargs.items() if not _says_nothing(name, value)
            }
        args = call.args
        if isinstance(call.layer, (NestedModel, Application)):
            # A list or a dict of tensors is what the model makes of it: its inputs in their order.
            args = tuple(leaves(args))
        numbers = _fixed_numbers(call)
        if numbers is not None:
            return {"numbers": numbers[0], "dtype": numbers[1]}
        if isinstance(call.layer, Op):
            entry = call.layer.entry
            if entry is not None:
                known = entry.parameters[: entry.positional if entry.variadic else None]
                names = [parameter.name for parameter in known]
                given = {**dict(zip(names, args, strict=False)), **kwargs}
                args, kwargs = args[len(names) :], significant(entry, given)
        entry = call.layer.entry if isinstance(call.layer, KerasLayer) else None
        if entry is not None and len(args) > 1 and not entry.variadic:
            # What follows the first tensor may be given by its name.
            names = [parameter.name for parameter in entry.call]
            kwargs = {**dict(zip(names[1:], args[1:], strict=False)), **kwargs}
            args = args[:1]
        found: LineForm = {"args": [self.value(item) for item in args]}
        if isinstance(call.layer, Op):
            # A function has no weights that two calls could share.
            found["op"] = one_name(call.layer.cls)
        else:
            found["layer"] = self.number(call.layer)
        if kwargs:
            found["kwargs"] = {name: self.value(kwargs[name]) for name in sorted(kwargs)}
        return found

    def ref(self, ref: TensorRef) -> TensorForm:
        return {"tensor": [self.calls[ref.call], ref.result]}

    def number(self, layer: Layer) -> int:
        if layer not in self.layers:
            instance = self.instance(layer)
            self.layers[layer] = len(self.instances)
            self.instances.append(instance)
        return self.layers[layer]

    def instance(self, layer: Layer) -> InstanceForm:
        """Return what an instance is, without its name."""
        found: InstanceForm = {"class": layer.cls}
        arguments: Mapping[str, Value] = layer.arguments
        match layer:
            case InputLayer():
                found["class"] = "Input"
                if arguments.get("batch_size") is None:
                    arguments = {k: v for k, v in arguments.items() if k != "batch_size"}
                arguments = {k: v for k, v in arguments.items() if v is not False}
            case Application():
                from mtg.types.infer import application_graph

                graph = application_graph(layer)
                if graph is not None:
                    return self.nested(graph, layer)
                found["class"] = f"applications.{layer.cls}"
            case NestedModel():
                return self.nested(layer.graph, layer)
            case PythonLayer():
                found["class"] = f"{layer.module}.{layer.cls}"
                if layer.positional:
                    found["positional"] = [self.value(value) for value in layer.positional]
            case KerasLayer():
                arguments = significant(layer.entry, arguments)
                if self.drawn:
                    arguments = written_only(layer, arguments, self.drawn)
                if chooses(layer):
                    arguments = unchosen(layer, arguments, self.types)
            case Op():
                pass
            case _:
                assert_never(layer)
        if arguments:
            found["arguments"] = {k: self.value(arguments[k]) for k in sorted(arguments)}
        if layer.trainable is False or layer in self.frozen:
            # In a wrapper it counts for what is in it.
            owner = not isinstance(layer, KerasLayer) or not (
                never_trained(layer.cls) or any(True for _ in layers_within(layer))
            )
            if owner:
                found["trainable"] = False
        return found

    def nested(self, graph: Graph, layer: Layer) -> InstanceForm:
        """Return a nested model; it is untrained where all of its layers are."""
        model = canonical(graph, training=False, drawn=self.drawn)
        if layer.trainable is False or layer in self.frozen:
            freeze_form(model)
        found: InstanceForm = {"class": "model", "model": model}
        if is_frozen_form(model):
            found["trainable"] = False
        return found

    def value(self, value: Value) -> PlainValue:
        if isinstance(value, TensorRef):
            return {"tensor": [*self.ref(value)["tensor"]]}
        if isinstance(value, Layer):
            return {"instance": self.number(value)}
        if isinstance(value, KerasObject):
            entry = catalog().find(value.kind, value.name)
            given = value.arguments if entry is None else significant(entry, value.arguments)
            return {"object": value.name, "arguments": {k: self.value(given[k]) for k in given}}
        if isinstance(value, PythonObject):
            args, kwargs = value.arguments or ((), {})
            return {
                "python": f"{value.module}.{value.name}",
                "args": [self.value(item) for item in args],
                "arguments": {k: self.value(item) for k, item in sorted(kwargs.items())},
            }
        if isinstance(value, slice):
            return {"slice": [value.start, value.stop, value.step]}
        if isinstance(value, EllipsisType):
            return {"slice": "..."}
        if isinstance(value, (list, tuple, range)):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {str(key): self.value(item) for key, item in value.items()}
        if isinstance(value, Length):
            return None
        if isinstance(value, DataArray):
            return _numbers(value) or {"array": [value.dtype, [*value.shape], value.checksum]}
        if isinstance(value, float) and value != value:
            return "nan"
        return value

    def add_training(self, form: ModelForm) -> None:
        outputs = self.graph.outputs
        weighted = any(o.weight is not None for o in outputs)
        form["tasks"] = [
            {
                "loss": self.value(output.loss),
                # Beside weights that are given, one that is not is 1.
                "weight": (1.0 if output.weight is None else output.weight) if weighted else None,
                "metrics": [self.value(metric) for metric in output.metrics or ()],
            }
            for output in outputs
        ]
        settings = {} if self.graph.train is None else dict(self.graph.train.compile)
        settings.pop(MADE_UP, None)
        if is_plain_optimizer(settings.get("optimizer")):
            settings.pop("optimizer", None)
        positions = {output.name: index for index, output in enumerate(outputs)}
        metrics = settings.get("weighted_metrics")
        if isinstance(metrics, dict):
            settings["weighted_metrics"] = {
                str(positions.get(name, name)): item for name, item in metrics.items()
            }
        entry = catalog().find("model_compile", "compile")
        assert entry is not None
        settings = significant(entry, settings)
        form["compile"] = {name: self.value(settings[name]) for name in sorted(settings)}


def _fixed_numbers(call: Call) -> tuple[Any, str] | None:
    """Return the numbers of a call without tensors, or None where they are not at hand."""
    try:
        return fixed_numbers(call)
    except Refusal:
        return None


def _numbers(array: DataArray) -> Any:
    """Return the items of an array, as a program could write them, or None where it could not."""
    try:
        return numbers_of(array)
    except Refusal:
        return None


def _says_nothing(name: str, value: Value) -> bool:
    """Return whether an argument of a layer's call is what Keras takes where it is not given."""
    return name in ("mask", "training") and all(leaf is None for leaf in leaves(value))


def _passes_on(call: Call) -> bool:
    layer = call.layer
    if not isinstance(layer, KerasLayer):
        return False
    unsaid = layer.carries or layer.arguments.get("dtype") in (None, "float32")
    return (
        layer.cls == "Identity"
        and layer.carries is not False
        and not set(layer.arguments) - ({"name", "dtype"} if unsaid else {"name"})
        and len(call.args) == 1
        and isinstance(call.args[0], TensorRef)
        and not call.kwargs
    )
