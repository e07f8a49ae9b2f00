"""From a graph to a `keras.Model`, built and compiled. Keras is imported when this runs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, assert_never

from mtg.backends.keras.factory import factory_settings
from mtg.backends.keras.named_targets import take_targets_by_name
from mtg.backends.keras.python_layers import layer_of_python
from mtg.backends.keras.refusals import KerasRefused, first_line, refusals
from mtg.backends.keras.variables import built_with
from mtg.backends.keras.version_check import compare_defaults
from mtg.catalog.importing import imported_keras
from mtg.catalog.installed import made_by, other_keras
from mtg.catalog.modules import MODULES
from mtg.config.files_given import FileRefused, Scratch, with_files
from mtg.config.op_names import free_name
from mtg.config.training import compile_arguments
from mtg.graph.graph import Call, Graph, OutputForm
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import DataArray, KerasObject, PythonObject, TensorRef, items, map_leaves
from mtg.lengths.dims import UNKNOWN, Length
from mtg.limits import MAX_FRAMES
from mtg.process import deep_recursion
from mtg.refusal import Refusal
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span
from mtg.trust import admit, is_own_class, trusted
from mtg.types.carriers import dtype_to_keep

if TYPE_CHECKING:
    import keras


def build(
    graph: Graph, diagnostics: Diagnostics, form: OutputForm = "list", *, trust: bool = False
) -> keras.Model | None:
    """Build the Keras model of a graph, compiled with the losses of its outputs.

    It gives a list of its outputs, or a dict by their names, as `form` says. `model.input_names`
    are the declared names in the declared order, and so are `model.output_names` of a list; of a
    dict Keras sorts the names. Targets and sample weights may be given by name and in declared
    order: see `mtg.backends.keras.named_targets`.

    The weights have the values that Keras would give them, but are not filled one by one: see
    `mtg.backends.keras.variables`.

    It is built under the settings with which Keras comes: see `mtg.backends.keras.factory`.

    Args:
        trust: Whether the caller trusts the program, even if its texts say nothing of that.

    Returns None where Keras refuses something, or the program needs trust; that is reported.
    """
    if not admit(graph, diagnostics, trust=trust):
        return None
    said = Diagnostics()

    def attempt() -> tuple[Builder, keras.Model] | None:
        nonlocal said
        said = Diagnostics()
        builder = Builder(said, trust=trust, scratch=scratch)
        try:
            return builder, builder.model(graph, graph.name, form)
        except KerasRefused:
            return None

    scratch = Scratch()
    try:
        # `Functional` maps its graph by recursion: a chain of 989 layers meets Python's limit.
        with scratch, factory_settings(), deep_recursion(MAX_FRAMES + 4 * len(graph.calls)):
            built = built_with(graph, attempt, lambda made: made[0].compile(made[1], graph, form))
            return None if built is None else built[1]
    except KerasRefused:
        return None
    finally:
        for diagnostic in said:
            diagnostics.add(diagnostic)


def fit_arguments(
    graph: Graph, diagnostics: Diagnostics, *, trust: bool = False
) -> dict[str, Any] | None:
    """Return the arguments of `Model.fit` that a `train` statement sets."""
    if not admit(graph, diagnostics, trust=trust, fit=True):
        return None
    builder = Builder(diagnostics, trust=trust)
    try:
        fit = {} if graph.train is None else graph.train.fit
        with factory_settings():
            return {name: builder.value(value) for name, value in fit.items()}
    except KerasRefused:
        return None


class Builder:
    """Makes what a graph names: layers, objects, whole models. What Keras refuses is reported."""

    def __init__(
        self, diagnostics: Diagnostics, *, trust: bool = False, scratch: Scratch | None = None
    ) -> None:
        self.keras = keras = imported_keras()
        self.diagnostics = diagnostics
        self.trust = trust
        self.scratch = scratch or Scratch()
        self.layers: dict[Layer, Any] = {}
        #: The names that operations of the model at hand have.
        self.taken: set[str] = set()
        #: What is said of every refusal, and what where the catalogue describes another Keras.
        self.other = other_keras(keras.__version__)
        self.note = "mtg could not check this before building"

    # Models

    def model(self, graph: Graph, name: str, form: OutputForm = "list") -> keras.Model:
        """Return a functional model."""
        tensors: dict[TensorRef, Any] = {}
        outside, self.taken = (
            self.taken,
            {c.layer.name for c in graph.calls if not isinstance(c.layer, Op)},
        )
        needed = graph.reaching_outputs() | {call.id for call in graph.inputs}
        for call in _written(graph):
            if call.id in needed:
                self._call(call, tensors)
        inputs = [tensors[TensorRef(call.id)] for call in graph.inputs]
        outputs: Any = [tensors[output.tensor] for output in graph.outputs]
        if form == "dict":
            names = [output.name for output in graph.outputs]
            outputs = dict(zip(names, outputs, strict=True))
        elif len(outputs) == 1:
            (outputs,) = outputs
        with self.asking("the model", graph.span):
            model = self.keras.Model(inputs[0] if len(inputs) == 1 else inputs, outputs, name=name)
        model.input_names = [call.layer.name for call in graph.inputs]
        self.taken = outside
        return model

    def compile(self, model: keras.Model, graph: Graph, form: OutputForm = "list") -> None:
        """Wire losses, weights and metrics by the outputs' names."""
        span = graph.span if graph.train is None else graph.train.span
        settings = {} if graph.train is None else graph.train.compile
        arguments = {
            name: self.value(value)
            for name, value in compile_arguments(settings, graph.outputs).items()
        }
        with self.asking("`compile`", span):
            model.compile(**arguments)
        take_targets_by_name(model, graph.outputs, form)

    # Calls

    def results(self, calls: Iterable[Call]) -> dict[TensorRef, Any]:
        """Return the results of calls that depend on no input, in their order: with numbers."""
        tensors: dict[TensorRef, Any] = {}
        for call in calls:
            self._call(call, tensors)
        return tensors

    def _call(self, call: Call, tensors: dict[TensorRef, Any]) -> None:
        args = self._given(call.args, tensors)
        kwargs = self._given(call.kwargs, tensors)
        layer = call.layer
        if isinstance(layer, InputLayer):
            results = self._input(layer)
        elif isinstance(layer, Op):
            results = self._op(call, args, kwargs)
        else:
            carries = isinstance(layer, KerasLayer) and layer.carries
            made = self.carrier(layer, args[0]) if carries else self.layer(layer)
            with self.asking(f"`{layer.cls}`", call.span):
                results = made(*args, **kwargs)
        flat = self.flat(results)
        if len(flat) != call.results:
            # A file of Keras does not say how many results a class from Python has.
            only_more = isinstance(layer, PythonLayer) and len(flat) > call.results
            self.diagnostics.report(
                "MTG631" if only_more else "MTG208",
                f"`{layer.cls}` has {len(flat)} result{'s' * (len(flat) != 1)}, "
                f"but {call.results} {'is' if call.results == 1 else 'are'} used",
                call.span,
                help="give each result a name: `a, b = …`",
            )
            if not only_more:
                raise KerasRefused
        for index, tensor in enumerate(flat):
            tensors[TensorRef(call.id, index)] = tensor

    def flat(self, results: object) -> list[Any]:
        """Return the results of a call in a row, nested ones flattened."""
        if isinstance(results, (list, tuple, dict)):
            return list(self.keras.tree.flatten(results))
        return [results]

    def _given(self, value: object, tensors: Mapping[TensorRef, Any]) -> Any:
        return map_leaves(
            lambda leaf: tensors[leaf] if isinstance(leaf, TensorRef) else self.plain(leaf), value
        )

    def _input(self, layer: Layer) -> Any:
        arguments = dict(layer.arguments)
        shape = [self.plain(length) for length in items(arguments.pop("shape"))]
        with self.asking("`Input`", layer.span):
            return self.keras.Input(shape=tuple(shape), name=layer.name, **arguments)

    def _op(self, call: Call, args: Any, kwargs: Any) -> Any:
        name = call.layer.cls
        with self.asking(f"`ops.{name}`", call.span):
            if name == "getitem":
                results = args[0][args[1] if len(args[1]) > 1 else args[1][0]]
            else:
                results = made_by(self.keras, f"ops.{name}", args, kwargs)
        # A function of `keras.ops` takes no name and may make several operations; Keras would
        # number them through the whole process, and could meet a name the program gave.
        seen = set(map(id, self._operations((args, kwargs))))
        ends = [op for op in self._operations(results) if id(op) not in seen]
        stack = list(ends)
        inner = 0
        while stack:
            operation = stack.pop()
            if id(operation) in seen:
                continue
            seen.add(id(operation))
            if any(operation is end for end in ends):
                operation.name = free_name(call.layer.name, self.taken)
            else:
                inner += 1
                operation.name = free_name(f"{call.layer.name}_op_{inner}", self.taken)
            for node in operation._inbound_nodes:
                stack += [parent.operation for parent in node.parent_nodes]
        return results

    def _operations(self, value: object) -> list[Any]:
        """Return the operations that made the tensors in a value."""
        found = self.keras.tree.flatten(value)
        return [t._keras_history.operation for t in found if hasattr(t, "_keras_history")]

    # Instances

    def layer(self, layer: Layer) -> Any:
        """Return the Keras layer of an instance: one object, however many calls."""
        if layer not in self.layers:
            self.layers[layer] = self._make(layer)
        return self.layers[layer]

    def carrier(self, layer: Layer, tensor: Any) -> Any:
        """Return an `Identity` that passes a tensor on, of a dtype that only Keras may know."""
        if layer not in self.layers:
            dtype = dtype_to_keep(self.keras.backend.standardize_dtype(tensor.dtype))
            given = {name: value for name, value in layer.arguments.items() if name != "dtype"}
            given |= {} if dtype is None else {"dtype": dtype}
            with self.asking(f"`{layer.cls}`", layer.span, layer.spans):
                made = made_by(self.keras, "layers.Identity", (), {"name": layer.name, **given})
            self.layers[layer] = made
        return self.layers[layer]

    def _make(self, layer: Layer) -> Any:
        match layer:
            case NestedModel():
                made = self.model(layer.graph, layer.name)
            case Application():
                arguments = self._arguments(layer)
                with self.asking(f"`{layer.cls}`", layer.span, layer.spans):
                    made = made_by(self.keras, f"applications.{layer.cls}", (), arguments)
                made.name = layer.name
            case PythonLayer():
                cls = self._imported(PythonObject(layer.module, layer.cls, None, layer.span))
                args = [self.value(value) for value in layer.positional]
                arguments = self._arguments(layer)
                with self.asking(f"`{layer.cls}`", layer.span):
                    made = layer_of_python(self.keras, cls, layer.name, args, arguments)
            case KerasLayer():
                arguments = {"name": layer.name, **self._arguments(layer)}
                with self.asking(f"`{layer.cls}`", layer.span, layer.spans):
                    made = made_by(self.keras, f"layers.{layer.cls}", (), arguments)
                if self.other:
                    self._compare("layer", f"layers.{layer.cls}", arguments, layer.span)
            case InputLayer() | Op():
                raise AssertionError(f"no instance of Keras is made for {layer}")
            case _:
                assert_never(layer)
        if layer.trainable is not None:
            made.trainable = layer.trainable
        return made

    def _compare(self, kind: str, path: str, given: dict[str, Any], span: Span) -> None:
        compare_defaults(self.keras, kind, path, given, span, self.diagnostics)

    def _arguments(self, layer: Layer) -> dict[str, Any]:
        given = self._with_files(layer.kind, layer.cls, layer.arguments, layer.spans, layer.span)
        return {name: self.value(value) for name, value in given.items()}

    def _with_files(
        self,
        kind: str,
        cls: str,
        arguments: Mapping[str, Any],
        spans: Mapping[str, Span],
        span: Span,
    ) -> Mapping[str, Any]:
        """Return arguments with what stands for the files that they name."""
        try:
            return with_files(kind, cls, arguments, spans, span, self.trust, self.scratch)
        except FileRefused as error:
            why = error.refusal
            self.diagnostics.report(why.code, why.message, error.span, help=why.help)
            raise KerasRefused from None

    def value(self, value: object) -> Any:
        """Return what an argument's value is in Keras."""
        if isinstance(value, Layer):
            return self.layer(value)
        if isinstance(value, KerasObject):
            given = self._with_files(value.kind, value.name, value.arguments, {}, value.span)
            arguments = {name: self.value(item) for name, item in given.items()}
            path = f"{MODULES[value.kind]}.{value.name}"
            if self.other:
                self._compare(value.kind, path, arguments, value.span)
            with self.asking(f"`{value.name}`", value.span):
                return made_by(self.keras, path, (), arguments)
        if isinstance(value, PythonObject):
            return self._imported(value)
        if isinstance(value, DataArray):
            found = self.plain(value)
            return found.tolist() if len(value.shape) == 1 else found
        if isinstance(value, tuple):
            return tuple(self.value(item) for item in value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        return self.plain(value)

    def plain(self, value: object) -> Any:
        """Return a value of a call: Keras says None for a length that is not known."""
        if value is UNKNOWN or isinstance(value, Length):
            return None
        if isinstance(value, PythonObject):
            return self._imported(value)
        if isinstance(value, range):
            return list(value)
        if isinstance(value, DataArray):
            try:
                return value.load()
            except Refusal as why:
                self.diagnostics.report(why.code, why.message, value.span, help=why.help)
                raise KerasRefused from None
        return value

    def _imported(self, value: PythonObject) -> Any:
        from importlib import import_module

        own = is_own_class(value.module, value.name)
        # As for a script, the file's own folder comes first.
        folder = None if own else value.span.source.folder
        before = list(sys.path)
        try:
            if not own and not trusted(value.span, self.trust):
                raise PermissionError("the program is not trusted")
            if folder is not None:
                sys.path.insert(0, folder)
            found = attribute(import_module(value.module), value.name)
            if own and not (isinstance(found, type) and found.__module__.startswith("keras.")):
                raise ImportError("the installed Keras has no such class")
        except (Exception, SystemExit) as error:  # the program's own code may raise anything
            self.diagnostics.report(
                "MTG610",
                f"`{value.name}` of `{value.module}` cannot be imported: {first_line(error)}",
                value.span,
            )
            raise KerasRefused from None
        finally:
            sys.path[:] = before
        if value.arguments is None:
            return found
        args = [self.value(item) for item in value.arguments[0]]
        kwargs = {name: self.value(item) for name, item in value.arguments[1].items()}
        with self.asking(f"`{value.name}`", value.span):
            return found(*args, **kwargs)

    def asking(
        self, what: str, span: Span, spans: Mapping[str, Span] | None = None
    ) -> AbstractContextManager[None]:
        """Turn what Keras raises into a diagnostic with a place; `spans` are those of arguments."""
        return refusals(what, span, self.diagnostics, note=self.note, other=self.other, spans=spans)


def attribute(module: object, path: str) -> Any:
    """Return what a dotted path names in a module."""
    for name in path.split("."):
        module = getattr(module, name)
    return module


def _written(graph: Graph) -> list[Call]:
    """Return the calls in the order of the program, where that works.

    The seeds of initializers follow this order, and so do the calls of a shared layer.
    """
    forwards = all(ref.call < call.id for call in graph.calls for ref in call.tensors())
    return graph.calls if forwards else graph.order()
