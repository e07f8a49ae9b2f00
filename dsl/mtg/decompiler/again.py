"""The text of a model, read again: what is handed out is the model, or nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING

from mtg.compare.canonical import canonical
from mtg.compiler import Compiler
from mtg.errors import MtgError
from mtg.graph.graph import Graph
from mtg.graph.layers import Layer, NestedModel
from mtg.graph.values import KerasObject, TensorRef
from mtg.limits import MAX_VALUE
from mtg.text.diagnostics import Diagnostic
from mtg.text.source import Span

if TYPE_CHECKING:
    from mtg.compare.forms import ModelForm

AT_FAULT = ("either it has a value that Keras does not write there, or this is a bug in mtg",)
PLEASE_REPORT = "if Keras wrote this config, please report it with the file"

#: How many differences are shown, and how much of a value.
_MOST, _SHOWN = 5, 60


def check(text: str, graph: Graph, wanted: ModelForm, place: Span) -> None:
    """Compare what a text says with the canonical form of the model it was written of.

    Raises:
        MtgError: mtg refuses the text, or it says another model.
    """
    name = graph.name
    compiler = Compiler(text, read=False)
    again, types = compiler.graph, compiler.types
    errors = [each for each in compiler.diagnostics.sorted() if each.is_error]
    # `[[0.0] * 200] * 600` is a short text, and as many values as the list written out.
    too_long = f"more than {MAX_VALUE:,} items"
    if any(each.code == "MTG605" or too_long in each.message for each in errors):
        path, values = _largest(graph)
        message = f"`{path}` holds {values:,} values: too many for a text"
        notes = tuple(each.message for each in errors[:_MOST])
        raise MtgError([Diagnostic("MTG611", message, place, notes=notes)])
    if errors or again is None or types is None:
        notes = tuple(f"{_about(each)}{each.code}: {each.message}" for each in errors[:_MOST])
        message = f"`{name}` has a value that Keras accepts and mtg does not"
        raise MtgError([Diagnostic("MTG611", message, place, notes=notes)])
    found = canonical(again)
    if found != wanted:
        notes = (*_different(wanted, found), *AT_FAULT)
        message = f"`{name}` was written as another model"
        raise MtgError([Diagnostic("MTG611", message, place, notes=notes, help=PLEASE_REPORT)])


def _largest(graph: Graph, path: str = "") -> tuple[str, int]:
    """Return the layer with the most values in its arguments, its path, and their number."""
    path = path or graph.name
    most = path, 0
    for call in graph.calls:
        own = f"{path}/{call.layer.name}"
        taken = next(
            (c.layer.name for c in graph.calls for r in c.tensors() if r.call == call.id), ""
        )
        if call.layer.cls == "array" and taken:
            own = f"{path}/{taken}"  # a constant has no name: what takes it does
        found = own, _count((call.layer.arguments, call.args, call.kwargs))
        if isinstance(call.layer, NestedModel):
            found = max(found, _largest(call.layer.graph, own), key=itemgetter(1))
        most = max(most, found, key=itemgetter(1))
    return most


def _count(value: object) -> int:
    """Return how many values there are in one, in lists and objects too."""
    if isinstance(value, (list, tuple)) and not isinstance(value, TensorRef):
        return sum(map(_count, value))
    if isinstance(value, dict):
        return sum(map(_count, value.values()))
    if isinstance(value, (KerasObject, Layer)):
        return _count(dict(value.arguments))
    return 1


def _about(error: Diagnostic) -> str:
    """Return the line of the text that an error is about, where it says what the layer is."""
    number, _ = error.span.source.line_column(error.span.start)
    line = error.span.source.line(number).strip()
    return f"in `{line[:_SHOWN]}`: " if line else ""


def _different(wanted: ModelForm, found: ModelForm) -> list[str]:
    """Return where two canonical forms differ."""
    shown = []
    for path, before, after in _differences(wanted, found, ()):
        what = _words(wanted, path)
        shown.append(f"{what}: {_short(before)} became {_short(after)}")
        if len(shown) == _MOST:
            break
    return shown


_ABSENT = object()


def _differences(
    a: object, b: object, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], object, object]]:
    if a == b:
        return
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys([*a, *b]):
            yield from _differences(a.get(key, _ABSENT), b.get(key, _ABSENT), (*path, key))
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for index, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from _differences(one, other, (*path, index))
    else:
        yield path, a, b


def _words(model: ModelForm, path: tuple[str | int, ...]) -> str:
    """Describe a place in a canonical form: the class it is in, and the keys to it."""
    form: object = model
    cls = ""
    keys: list[str] = []
    for key in path:
        if isinstance(form, dict):
            form = form.get(key)
        elif isinstance(form, list) and isinstance(key, int):
            form = form[key] if key < len(form) else None
        else:
            form = None
        if isinstance(form, dict) and isinstance(form.get("class"), str):
            cls, keys = form["class"], []
        elif isinstance(key, str):
            keys.append(key)
        elif keys:
            keys[-1] += f" {key + 1}"
    what = f"`{cls}`" if cls else "the model"
    return f"{what}, {' / '.join(keys)}" if keys else what


def _short(value: object) -> str:
    if value is _ABSENT:
        return "nothing"
    if isinstance(value, list) and len(str(value)) > _SHOWN:
        return f"{len(value)} items"
    text = str(value)
    return f"`{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}`"
