"""From a graph to a Keras config: the JSON of `Model.to_json`, written without Keras.

`keras.models.model_from_json` makes the model of it. Arguments stand in it as the program has them;
what it leaves out Keras fills in, as it does for a constructor call. Masks that Keras hands on by
itself are left to it too. An application is written as the model it makes, without its weights.
"""

from __future__ import annotations

from typing import Any

from mtg.config.op_names import free_name
from mtg.config.training import compile_arguments
from mtg.config.write_values import NoConfig, ValueWriter, constant
from mtg.graph.defaults import DEFAULT_OPTIMIZER
from mtg.graph.graph import Call, Graph, OutputForm
from mtg.graph.layers import Application, InputLayer, Layer, NestedModel, Op
from mtg.graph.values import TensorRef
from mtg.text.diagnostics import Diagnostics
from mtg.text.numbers import dumps, holds_nan
from mtg.text.source import Span
from mtg.types.infer import infer
from mtg.types.rules.call import TypeMismatch
from mtg.types.types import Types

#: The module of each kind of model's class, as Keras writes it.
_FUNCTIONAL = {"module": "keras.src.models.functional", "class_name": "Functional"}


def to_json(
    graph: Graph, types: Types, diagnostics: Diagnostics, form: OutputForm = "list"
) -> str | None:
    """Return the JSON text of a graph's Keras config, compile settings included.

    Returns None where something of it has no config; that is reported.
    """
    config = to_config(graph, types, diagnostics, form)
    if holds_nan(config):
        diagnostics.report(
            "MTG611", "JSON has no word for `nan`, which is the value of something", graph.span
        )
        return None
    return None if config is None else dumps(config)


def to_config(
    graph: Graph, types: Types, diagnostics: Diagnostics, form: OutputForm = "list"
) -> dict[str, Any] | None:
    """Return the config itself, as `json.loads` of `to_json` has it."""
    try:
        writer = _Writer({})
        config = writer.model(graph, types, graph.name, form)
        return {**config, "compile_config": writer.compile(graph)}
    except NoConfig as error:
        diagnostics.report(error.code, error.message, error.span, help=error.help)
        return None


class _Writer(ValueWriter):
    """Writes one model; those in it have writers of their own."""

    def model(
        self, graph: Graph, types: Types, name: str, form: OutputForm = "list"
    ) -> dict[str, Any]:
        """Return the entry of a functional model."""
        self.types = types
        self.number_shared(graph)
        self.taken = {c.layer.name for c in graph.calls if not isinstance(c.layer, Op)}
        self.entries: list[dict[str, Any]] = []
        self.made: dict[Layer, dict[str, Any]] = {}
        #: What each call is in the config: its layer's name and which of its nodes.
        self.nodes: dict[int, tuple[Layer, str, int]] = {}
        self.fixed: dict[TensorRef, Any] = {}
        needed = graph.reaching_outputs() | {call.id for call in graph.inputs}
        reached = graph.reached_from_inputs()
        for call in graph.order():
            if call.id not in needed:
                continue
            if call.id in reached:
                self.call(call)
            else:
                self.fixed[TensorRef(call.id)] = constant(call)
        inputs = [self.leaf(TensorRef(call.id)) for call in graph.inputs]
        outputs: Any = [self.leaf(output.tensor, graph.span) for output in graph.outputs]
        if form == "dict":
            names = [output.name for output in graph.outputs]
            outputs = dict(zip(names, outputs, strict=True))
        elif len(outputs) == 1:
            (outputs,) = outputs
        if graph.sequential:
            return self.sequential(name)
        return {
            **_FUNCTIONAL,
            "config": {
                "name": name,
                "trainable": True,
                "layers": self.entries,
                "input_layers": inputs[0] if len(inputs) == 1 else inputs,
                "output_layers": outputs,
            },
            "registered_name": "Functional",
            "build_config": {"input_shape": None},
        }

    def sequential(self, name: str) -> dict[str, Any]:
        """Return the entry of a model of one chain, which only lists its layers."""
        plain = ("module", "class_name", "config", "registered_name")
        rows = [{key: e[key] for key in plain if key in e} for e in self.entries]
        return {
            "module": "keras",
            "class_name": "Sequential",
            "config": {"name": name, "trainable": True, "layers": rows},
            "registered_name": None,
            "build_config": {"input_shape": None},
        }

    def leaf(self, ref: TensorRef, span: Span | None = None) -> list[Any]:
        """Return an input or an output of the model."""
        if ref.call not in self.nodes:
            assert span is not None
            raise NoConfig("an output is a tensor of fixed numbers", span)
        layer, name, node = self.nodes[ref.call]
        # A functional model in the model begins to count at 1 here, and only here.
        functional = isinstance(layer, (NestedModel, Application))
        return [name, node + functional, ref.result]

    def call(self, call: Call) -> None:
        layer = call.layer
        if isinstance(layer, Op):
            entry, args, kwargs = self.operation(call, free_name(layer.name, self.taken))
            self.entries.append(entry)
            self.nodes[call.id] = (layer, entry["name"], 0)
        else:
            known = self.made.get(layer)
            if known is None:
                known = self.made[layer] = {
                    **self.instance(layer),
                    "name": layer.name,
                    "inbound_nodes": [],
                }
                self.entries.append(known)
            entry, args, kwargs = known, call.args, call.kwargs
            self.nodes[call.id] = (layer, layer.name, len(entry["inbound_nodes"]))
        if isinstance(layer, InputLayer):
            return
        entry["inbound_nodes"].append(
            {
                "args": [self.value(item) for item in args],
                "kwargs": {name: self.value(item) for name, item in kwargs.items()},
            }
        )

    def tensor(self, ref: TensorRef) -> Any:
        """Return the record of a tensor, or of the numbers of one that comes from no input."""
        if ref in self.fixed:
            return self.fixed[ref]
        _, name, node = self.nodes[ref.call]
        type_ = self.types.of(ref)
        shape = [n if isinstance(n, int) else None for n in type_.shape or (None,)]
        return {
            "class_name": "__keras_tensor__",
            "config": {
                "shape": shape,
                "dtype": type_.dtype or "float32",
                "keras_history": [name, node, ref.result],
            },
        }

    def nested(self, layer: NestedModel | Application) -> dict[str, Any]:
        """Return the entry of a model in the model; an application is the model that it makes."""
        types = self.types.nested.get(layer)
        graph = layer.graph if isinstance(layer, NestedModel) else _made_by(layer)
        if types is None or types.graph is not graph:
            types = infer(graph, Diagnostics())
        entry = _Writer(self.numbers).model(graph, types, layer.name)
        if layer.trainable is False:
            entry["config"]["trainable"] = False
            _freeze(entry["config"])
        return {**entry, "compile_config": {}}

    # ---- training --------------------------------------------------------------------------------

    def compile(self, graph: Graph) -> dict[str, Any]:
        """Return the arguments that `compile_from_config` hands to `compile`."""
        settings = {} if graph.train is None else dict(graph.train.compile)
        settings.setdefault("optimizer", DEFAULT_OPTIMIZER)
        found = compile_arguments(settings, graph.outputs)
        return {name: self.value(value) for name, value in found.items()}


def _made_by(layer: Application) -> Graph:
    """Return the model that an application makes."""
    from mtg.types.infer import application_graph

    try:
        graph = application_graph(layer)
    except TypeMismatch as error:
        raise NoConfig(str(error), layer.span) from None
    if graph is None:
        raise NoConfig(
            f"which layers `{layer.cls}` makes of these arguments is known to Keras alone",
            layer.span,
            "compile to a .keras file, which Keras writes",
        )
    return graph


def _freeze(config: dict[str, Any]) -> None:
    """Mark all layers of a frozen nested model as frozen."""
    for entry in config["layers"]:
        if entry["class_name"] == "InputLayer" or "ops" in str(entry.get("module")):
            continue
        entry["config"]["trainable"] = False
        if isinstance(entry["config"].get("layers"), list):
            _freeze(entry["config"])
