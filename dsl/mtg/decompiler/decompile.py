"""From a Keras config to `.mtg` text that compiles to the same model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mtg.backends.mtg_text.printer import print_outline
from mtg.backends.mtg_text.values import Unsayable
from mtg.catalog.reach import RUNS
from mtg.compare.canonical import canonical
from mtg.config.read import ConfigError, Reading, read_config
from mtg.decompiler.again import AT_FAULT, PLEASE_REPORT, check
from mtg.decompiler.constants import write_compactly
from mtg.decompiler.unused import leave_out_unused
from mtg.errors import MtgError
from mtg.graph.built import chooses, left_to_keras
from mtg.graph.graph import Call, Graph, Output
from mtg.graph.layers import InputLayer, KerasLayer, Layer, NestedModel, Op
from mtg.graph.masks import implied_masks
from mtg.graph.values import TensorRef
from mtg.graph.walk import all_layers
from mtg.named_files import is_address, leaves
from mtg.outline.ir import ModelOutline
from mtg.outline.outline import outline
from mtg.text.diagnostics import Diagnostic, Diagnostics, TooMany
from mtg.text.source import Source, Span
from mtg.trust import named_files
from mtg.types.carriers import dtype_to_keep, settle
from mtg.types.infer import infer
from mtg.types.order import keras_order
from mtg.types.types import Types

#: What passes raise that meet what no program and no Keras says, such as a length that is a string.
_NOT_OF_KERAS = (
    *(KeyError, TypeError, AttributeError, IndexError, ValueError, AssertionError),
    *(OverflowError, RecursionError),
)

_BY_NAME = "what is given to it by name needs the name of the text"

_TRUST = "if you trust the file, use `--trust` on the command line, or `trust=True` in Python"


def decompile_config(
    config: Mapping[str, Any],
    origin: str = "<model>",
    *,
    keep_names: bool = False,
    structure: bool = True,
    trust: bool = False,
    left_out: Sequence[str] = (),
    warned: Diagnostics | None = None,
) -> str:
    """Return the text of the model that a config is of.

    Settings of training that cannot be said are left out, with a warning each, and so are inputs
    that no output depends on. Another warns of
    each input and output whose name the text cannot say.

    Args:
        config: As `json.loads` gives it from `Model.to_json()`, or from a `.keras` file.
        origin: What messages call the model: the path of its file.
        keep_names: Whether every layer keeps its name of Keras.
        structure: Whether blocks and loops are looked for.
        trust: Whether the file is trusted, whatever it names.
        left_out: What the config is known to lack already.
        warned: Takes the warnings.

    Raises:
        MtgError: It is no config, or holds what no program can say.
    """
    place = Span(Source(origin, ""), 0, 0)
    writer = _Writer(origin, place, keep_names, structure, trust)
    try:
        reading = writer.read(config)
        written = writer.write(reading)
        left_out = [*left_out, *(problem.message for problem in reading.left_out)]
    except MtgError as error:
        # It may be its training alone that cannot be said.
        if not config.get("compile_config") or not _may_be_training(error):
            raise
        reading = writer.read({**config, "compile_config": None})
        written = writer.write(reading)
        left_out = [*left_out, f"how it is compiled, since {_reason(error)}"]
    warned = Diagnostics() if warned is None else warned
    for what in dict.fromkeys([*left_out, *written.unused]):
        warned.report("MTG630", f"left out of the text of `{reading.graph.name}`: {what}", place)
    for what, before, after in written.renamed:
        message = f"the {what} `{before}` is `{after}` in the text"
        warned.report("MTG632", message, place, help=_BY_NAME)
    return written.text


@dataclass(frozen=True, slots=True)
class _Written:
    """The text of a model, and what it does not say as the model does.

    Attributes:
        text: The text.
        unused: The inputs that no output depends on, in words.
        renamed: The inputs and outputs that have another name: what it is, before, after.
    """

    text: str
    unused: list[str]
    renamed: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class _Writer:
    origin: str
    place: Span
    keep_names: bool
    structure: bool
    trust: bool

    def read(self, config: Mapping[str, Any]) -> Reading:
        """Return what a config says.

        Raises:
            MtgError: It is none, or something of it cannot be said.
        """
        diagnostics = Diagnostics()
        try:
            reading = read_config(config)
        except ConfigError as error:
            message = f"cannot read a model from `{self.origin}`: {error}"
            raise MtgError([Diagnostic("MTG609", message, self.place)]) from None
        try:
            _report(reading, diagnostics, self.place)
            if not self.trust:
                _refuse_unsafe(reading.graph, diagnostics, self.place)
        except TooMany:
            raise MtgError(diagnostics.sorted()) from None
        return reading

    def write(self, reading: Reading) -> _Written:
        """Return the text of a model.

        Raises:
            MtgError: Something of it cannot be said.
        """
        graph = reading.graph
        unused = list(leave_out_unused(reading))
        names = [output.name for output in graph.outputs]
        try:
            types = infer(settle(graph), Diagnostics())
            wanted = canonical(graph)
            prepare(types, keep_names=self.keep_names)
            write_compactly(graph)
            found = outline(graph, structure=self.structure, keep_names=self.keep_names)
            text = print_outline(found)
        except Unsayable as error:
            message = f"`{graph.name}` cannot be expressed in mtg: {error}"
            raise MtgError([Diagnostic("MTG611", message, self.place)]) from None
        except _NOT_OF_KERAS as error:
            # A config from anywhere may hold anything where Keras writes a length or a name.
            raise MtgError(
                [
                    Diagnostic(
                        "MTG609",
                        f"the config of `{graph.name}` was read, and mtg could not make a text "
                        "of it",
                        self.place,
                        notes=AT_FAULT,
                        help=PLEASE_REPORT,
                    )
                ]
            ) from error
        check(text, graph, wanted, self.place)
        return _Written(text, unused, list(_renamed(found.main, names)))


def _renamed(model: ModelOutline, outputs: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Return the inputs and outputs that have another name in the text, with that name."""
    for entrance in model.inputs:
        if entrance.name != entrance.layer.name:
            yield "input", entrance.layer.name, entrance.name
    for name, result in zip(outputs, model.results, strict=True):
        if result.name != name and outputs.count(name) == 1:  # else Keras cannot tell it either
            yield "output", name, result.name


def _may_be_training(error: MtgError) -> bool:
    return all(each.code == "MTG611" for each in error.diagnostics)


def _reason(error: MtgError) -> str:
    """Return why a model cannot be said, in one line."""
    first = error.diagnostics[0]
    return "; ".join([first.message, *first.notes[:2]])


def _refuse_unsafe(graph: Graph, diagnostics: Diagnostics, place: Span) -> None:
    """Refuse what Keras's own safe mode would not load, and no program may reach without trust.

    A vocabulary below the folder of the text may be named: where the text is compiled it is looked
    for there.

    Raises:
        MtgError: There is some.
    """
    for layer in all_layers(graph):
        why = RUNS.get((layer.kind, layer.cls))
        if why is not None:
            diagnostics.report("MTG642", f"`{layer.name}`: `{layer.cls}` {why}", place, help=_TRUST)
        for name, value in layer.arguments.items():
            for named in named_files(layer.kind, layer.cls, name, value, place):
                outside = leaves(named.path) or ".." in named.path.replace("\\", "/").split("/")
                if is_address(named.path) or outside:
                    diagnostics.report(
                        "MTG642" if is_address(named.path) else "MTG640",
                        f"`{layer.name}`: {named.what} names `{named.path}`, which Keras's "
                        "safe mode does not load",
                        place,
                        help=_TRUST,
                    )
    if diagnostics.has_errors:
        raise MtgError(diagnostics.sorted())


def _report(reading: Reading, diagnostics: Diagnostics, place: Span) -> None:
    """Report what cannot be said.

    Raises:
        MtgError: There is some.
    """
    for problem in reading.problems:
        diagnostics.report(
            "MTG611",
            f"`{problem.path}` cannot be expressed in mtg: {problem.message}",
            place,
            help=problem.help,
        )
    stack: list[tuple[str, Reading]] = [(reading.graph.name, reading)]
    while stack:
        path, each = stack.pop()
        reached = each.graph.reached_from_inputs()
        for output in each.graph.outputs:
            if output.tensor.call not in reached:
                diagnostics.report(
                    "MTG611",
                    f"`{path}/{output.name}` cannot be expressed in mtg: this output depends on no "
                    "input",
                    place,
                )
        stack += [(f"{path}/{layer.name}", inner) for layer, inner in each.nested.items()]
    if diagnostics.has_errors:
        raise MtgError(diagnostics.sorted())


def prepare(types: Types, *, keep_names: bool = False) -> None:
    """Make a graph that was read from a config what a program would have made; in place.

    Masks that Keras hands on by itself are left out, as is an `Identity` that stands for the name
    of an output, and every call knows how many results it has.
    """
    _prepare(types.graph, types, keep_names, set())


def _prepare(graph: Graph, types: Types, keep_names: bool, done: set[int]) -> None:
    if id(graph) in done:
        return
    done.add(id(graph))
    for number in implied_masks(graph):
        del graph.calls[number].kwargs["mask"]
    for layer in graph.layers:
        if chooses(layer):
            layer.arguments = left_to_keras(layer, types)
    taken: dict[int, int] = {}
    for call in graph.calls:
        results = types.outputs.get(call.id)
        if results is not None:
            call.results = max(call.results, len(results))
        for ref in call.tensors():
            taken[ref.call] = taken.get(ref.call, 0) + 1
    graph.outputs = _without_identities(types, taken, keep_names)
    if keep_names:
        _rename_outputs(graph)
    graph.forget_edges()
    for layer, inner in types.nested.items():
        if isinstance(layer, NestedModel):
            _prepare(layer.graph, inner, keep_names, done)


def _rename_outputs(graph: Graph) -> None:
    """Another name for each output that has the name of a layer which cannot carry it.

    An output's name is that of the layer it ends in. Where that layer is shared, or has several
    results, mtg adds an `Identity` of the output's name, and the layer keeps its own.
    """
    calls = Counter(call.layer for call in graph.calls)
    layers = {call.layer.name: call.layer for call in graph.calls if not isinstance(call.layer, Op)}
    renamed: dict[str, str] = {}
    found = []
    for output in graph.outputs:
        call, named = graph.calls[output.tensor.call], layers.get(output.name)
        carried = named is call.layer and calls[call.layer] == 1 and call.results == 1
        name = output.name
        if named is not None and not isinstance(named, InputLayer) and not carried:
            name = f"{name}_output"
            while name in layers or name in renamed.values():
                name += "_"
            renamed[output.name] = name
        found.append(replace(output, name=name))
    graph.outputs = found
    weighted = graph.train.compile.get("weighted_metrics") if graph.train else None
    if graph.train is not None and isinstance(weighted, dict):
        weighted = {renamed.get(name, name): metrics for name, metrics in weighted.items()}
        settings = {**graph.train.compile, "weighted_metrics": weighted}
        graph.train = replace(graph.train, compile=settings)


def _without_identities(types: Types, taken: Mapping[int, int], keep_names: bool) -> list[Output]:
    """Return the outputs without each `Identity` that mtg would add again or that does nothing.

    Where the layer before it could carry the output's name, mtg adds none. That layer is then one
    step nearer to the outputs, by which Keras sorts layers and so the weights: they must keep
    their order.
    """
    graph = types.graph
    calls = Counter(call.layer for call in graph.calls)

    def carried(ref: TensorRef) -> bool:
        call = graph.calls[ref.call]
        return (
            not isinstance(call.layer, (Op, InputLayer)) and calls[call.layer] == call.results == 1
        )

    before = graph.outputs
    found = [
        replace(output, tensor=_before_identity(types, output.tensor, taken, keep_names))
        for output in before
    ]
    nearer = [new if carried(new.tensor) else old for old, new in zip(before, found, strict=True)]
    if nearer == before or _weighted(graph, before, types) == _weighted(graph, nearer, types):
        return found
    return [old if carried(new.tensor) else new for old, new in zip(before, found, strict=True)]


def _weighted(graph: Graph, outputs: list[Output], types: Types) -> list[Layer]:
    """Return the layers that may have weights, in Keras's order for these outputs."""
    own, graph.outputs = graph.outputs, outputs
    try:
        return [layer for layer in keras_order(graph) if types.weights.get(layer) != ()]
    finally:
        graph.outputs = own


def _before_identity(
    types: Types, ref: TensorRef, taken: Mapping[int, int], keep_names: bool
) -> TensorRef:
    """Return the tensor that an `Identity` at an output passes on, if mtg would add it again."""
    calls = types.graph.calls
    while True:
        call = calls[ref.call]
        before = call.args[0] if call.args else None
        if taken.get(call.id) or not _passes_on(call) or not isinstance(before, TensorRef):
            return ref
        dtype = types.of(before).dtype
        if call.layer.arguments.get("dtype") != dtype_to_keep(dtype):
            return ref  # it is there to cast
        maker = calls[before.call]
        if keep_names and isinstance(maker.layer, KerasLayer) and taken.get(maker.id) == 1:
            return ref  # its name would be lost
        ref = before


def _passes_on(call: Call) -> bool:
    layer = call.layer
    return (
        isinstance(layer, KerasLayer)
        and layer.cls == "Identity"
        and not set(layer.arguments) - {"dtype"}
        and len(call.args) == 1
        and not call.kwargs
    )
