"""What of a graph its caller must trust: Python code, files and addresses, configs of Keras.

A program is text from anywhere. To check it, to draw it and to write it in another form runs and
reads nothing that it names, and so needs no trust. To build its model does; there this is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, assert_never

from mtg.catalog import catalog
from mtg.catalog.reach import KNOWN_WEIGHTS, OWN_LAYERS, OWN_QUANTIZERS, RUNS, Reach, reach
from mtg.graph.graph import Graph
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import DataArray, KerasObject, PythonObject, Value, Words
from mtg.graph.walk import all_layers
from mtg.limits import MAX_WORDS
from mtg.named_files import Named, find, is_address, place_of, to_write, words
from mtg.refusal import Refusal
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span

_MEND = "if you trust the program, use `--trust` on the command line, or `trust=True` in Python"

Objections = Iterator[tuple[Refusal, Span]]


def trusted(span: Span, trust: bool) -> bool:
    """Return whether the caller trusts the text that a span is of."""
    return trust or (span.source.project is not None and span.source.project.trusted)


def is_own_class(module: str, name: str) -> bool:
    """Return whether something from Python is a class of Keras's own that needs no trust."""
    return (module, name) in OWN_LAYERS | OWN_QUANTIZERS


def admit(graph: Graph, diagnostics: Diagnostics, *, trust: bool, fit: bool = False) -> bool:
    """Report what of a graph needs the caller's trust and does not have it; whether all may run.

    Args:
        graph: The graph that is to be built.
        diagnostics: Where it is reported.
        trust: Whether the caller trusts the program, whatever its texts say of that.
        fit: Whether it is `fit` that is asked for, and else the model.
    """
    before = len(diagnostics)
    said: set[tuple[str, str]] = set()
    found = of_fit(graph, trust) if fit else of_model(graph, trust)
    for refusal, span in found:
        if (refusal.code, refusal.message) not in said:
            said.add((refusal.code, refusal.message))
            diagnostics.report(refusal.code, refusal.message, span, help=refusal.help)
    return len(diagnostics) == before


def of_fit(graph: Graph, trust: bool) -> Objections:
    """Report why the arguments of `fit` may not be made."""
    if graph.train is not None:
        yield from objections(dict(graph.train.fit), graph.train.span, trust)


def of_model(graph: Graph, trust: bool) -> Objections:
    """Report why a model may not be built and compiled."""
    done: set[int] = set()
    for call in graph.calls:
        if id(call.layer) not in done:
            done.add(id(call.layer))
            yield from objections(call.layer, call.layer.span, trust)
        yield from objections((call.args, call.kwargs), call.span, trust)
    for output in graph.outputs:
        yield from objections((output.loss, output.metrics), output.span, trust)
    if graph.train is not None:
        yield from objections(dict(graph.train.compile), graph.train.span, trust)


def objections(value: object, span: Span, trust: bool) -> Objections:
    """Report why a value may not be made; `span` is its place, if known."""
    if isinstance(value, Layer):
        yield from _of_layer(value, trust)
    elif isinstance(value, KerasObject):
        yield from _of_arguments(value.kind, value.name, value.arguments, {}, value.span, trust)
    elif isinstance(value, PythonObject):
        yield from _of_python(value.module, value.name, value.span, trust)
        yield from objections(value.arguments, value.span, trust)
    elif isinstance(value, Words):
        return
    elif isinstance(value, Mapping):
        if _is_config(value) and not trusted(span, trust):
            yield (
                Refusal(
                    "MTG642",
                    f"a dict with `class_name` is a config, of which Keras would make the "
                    f"`{str(value['class_name'])[:60]}`",
                    "write the object itself, such as `Zeros()`; or " + _MEND,
                ),
                span,
            )
        for item in value.values():
            yield from objections(item, span, trust)
    elif isinstance(value, (list, tuple)):
        for item in value:
            if not isinstance(item, (str, int, float, type(None))):
                yield from objections(item, span, trust)


def _of_layer(layer: Layer, trust: bool) -> Objections:
    match layer:
        case PythonLayer():
            yield from _of_python(layer.module, layer.cls, layer.span, trust)
            yield from objections((layer.positional, layer.arguments), layer.span, trust)
        case NestedModel():
            yield from of_model(layer.graph, trust)
        case InputLayer() | KerasLayer() | Op() | Application():
            yield from _of_arguments(
                layer.kind, layer.cls, layer.arguments, layer.spans, layer.span, trust
            )
        case _:
            assert_never(layer)


def _of_python(module: str, name: str, span: Span, trust: bool) -> Objections:
    if not is_own_class(module, name) and not trusted(span, trust):
        yield (
            Refusal("MTG604", f"`{name}` is Python code of `{module}`, which would run", _MEND),
            span,
        )


def _of_arguments(
    kind: str,
    cls: str,
    arguments: Mapping[str, Any],
    spans: Mapping[str, Span],
    span: Span,
    trust: bool,
) -> Objections:
    why = RUNS.get((kind, cls))
    if why is not None and not trusted(span, trust):
        yield Refusal("MTG642", f"`{cls}` {why}", _MEND), span
        return
    for name, value in with_defaults(kind, cls, arguments).items():
        place = spans.get(name, span)
        for named in named_files(kind, cls, name, value, place, trust):
            try:
                if named.reach.how not in ("words", "weights"):
                    to_write(named)
                elif not (trusted(place, trust) and is_address(named.path)):
                    find(named)
            except Refusal as refusal:
                yield refusal, place
        yield from objections(value, place, trust)


def with_defaults(kind: str, cls: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Arguments, and the default of what names something to write to: `logs` of `TensorBoard`."""
    entry = catalog().find(kind, cls) if kind == "callback" else None
    if entry is None:
        return arguments
    left = {
        each.name: each.default
        for each in entry.parameters
        if isinstance(each.default, str) and reach(kind, cls, each.name) is not None
    }
    return {**left, **arguments}


def named_files(
    kind: str, cls: str, argument: str, value: Value, span: Span, trust: bool = False
) -> Iterator[Named]:
    """Yield the files that the value of an argument names."""
    found = reach(kind, cls, argument)
    if found is None or (found.how == "weights" and value in KNOWN_WEIGHTS):
        return
    for path in _paths(value, found):
        yield Named(found, cls, path, span, trust)


def _paths(value: Value, found: Reach) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif found.how == "others" and isinstance(value, Mapping):
        yield from (item for item in value.values() if isinstance(item, str))


def _is_config(value: Mapping[Any, Any]) -> bool:
    """Return whether Keras may take a dict for the config of an object, and make that.

    Source: `keras.saving.deserialize_keras_object`, which every `get` of Keras calls.
    """
    return "class_name" in value and not {"config", "module", "registered_name"}.isdisjoint(value)


def files_of(graph: Graph, trust: bool) -> list[Path]:
    """Return the files that layers read where the model is built: vocabularies and weights."""
    found: list[Path] = []
    for layer in all_layers(graph):
        for name, value in layer.arguments.items():
            path = value.path if isinstance(value, Words) else value
            place = layer.spans.get(name, layer.span)
            for named in named_files(layer.kind, layer.cls, name, path, place, trust):
                if named.reach.how in ("words", "weights"):
                    with suppress(Refusal):
                        found.append(place_of(named)[0])
    return found


# ---- vocabularies --------------------------------------------------------------------------------


class Vocabularies:
    """Puts the words of files into graphs, where a program names a file that it may read.

    A file that is missing, or not to be read, stays a path: the size of the vocabulary is not known
    then, and whoever needs the words says why there are none.
    """

    def __init__(self) -> None:
        self._read: dict[tuple[str, str, tuple[Any, ...]], Words | None] = {}
        self._left = MAX_WORDS

    def fill(self, graph: Graph) -> None:
        """Put the words into every layer of a graph that names a file of them."""
        for layer in all_layers(graph):
            for name, value in layer.arguments.items():
                place = layer.spans.get(name, layer.span)
                if isinstance(value, DataArray) and reach(layer.kind, layer.cls, name) is not None:
                    layer.arguments[name] = self._array(value) or value
                for named in named_files(layer.kind, layer.cls, name, value, place):
                    if named.reach.how == "words":
                        special = special_words(layer.cls, layer.arguments)
                        layer.arguments[name] = self._words(named, special) or value

    def _array(self, array: DataArray) -> Words | None:
        try:
            found = array.items()
        except Refusal:
            return None
        if len(found) > self._left:
            return None
        self._left -= len(found)
        return Words(found, array.path, array)

    def _words(self, named: Named, special: tuple[Any, ...]) -> Words | None:
        try:
            path, _ = place_of(named)
            key = (str(path), named.cls, special)
            if key not in self._read:
                self._read[key] = None
                self._read[key] = words(named, special)
        except Refusal:
            return None
        found = self._read[key]
        if found is None or len(found) > self._left:
            return None
        self._left -= len(found)
        return Words(found, named.path)


def special_words(cls: str, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what stands for the mask and for unknown words before the words of a lookup layer."""
    mask = "" if cls == "TextVectorization" else arguments.get("mask_token")
    unknown = arguments.get("oov_token", -1 if cls == "IntegerLookup" else "[UNK]")
    spare = arguments.get("num_oov_indices", 1)
    masks = (mask,) if mask is not None and arguments.get("output_mode", "int") == "int" else ()
    return (*masks, *(unknown,) * (spare if isinstance(spare, int) and spare < 1000 else 0))
