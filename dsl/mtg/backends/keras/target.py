"""The target `.keras`: the model, built by Keras and saved by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mtg.backends.keras.build import build
from mtg.backends.keras.lost_sharing import saved_as_two
from mtg.backends.keras.own_places import Mismatch
from mtg.backends.keras.quiet import before_saving, import_keras
from mtg.backends.keras.weights import load_weights, remarks_on
from mtg.backends.targets import Artifact, CannotEmit, Request
from mtg.errors import MtgError
from mtg.files import CannotRead
from mtg.graph.graph import Graph
from mtg.graph.unsaved import python_names, unread, unsaved
from mtg.text.diagnostics import Diagnostics
from mtg.trust import admit
from mtg.types.types import Types

_UNSAVED = "the model was built, but nothing is written"


def emit(graph: Graph, types: Types, request: Request, diagnostics: Diagnostics) -> Artifact | None:
    """Build the model of a graph; None where Keras, or the weights, refuse it.

    Raises:
        CannotEmit: Keras is not installed, or the weights cannot be read.
    """
    if not admit(graph, diagnostics, trust=request.trust):  # before the seconds that Keras takes
        return None
    try:
        import_keras()
    except ImportError as error:
        raise CannotEmit(str(error)) from None
    model = build(graph, diagnostics, request.outputs)
    skipped: Mismatch | None = None
    if model is not None and request.weights is not None:
        try:
            skipped = load_weights(
                model,
                request.weights,
                graph,
                diagnostics,
                by_name=request.by_name,
            )
            model = None if skipped is None else model
        except CannotRead as error:
            raise CannotEmit(f"cannot read {request.weights}: {error}") from None
    if model is None:
        return None
    apart: list[str] = []

    def save(temporary: Path) -> None:
        before_saving()
        try:
            model.save(temporary)
            apart.extend(saved_as_two(temporary, model))
        except OSError:
            raise
        except Exception as error:  # Keras and h5py raise whatever they meet
            refused = Diagnostics()
            message = f"Keras cannot save the model: {error}"
            refused.report("MTG309", message, graph.span, notes=(_UNSAVED,))
            raise MtgError(refused.sorted()) from None

    return Artifact(save, lambda: list(_remarks(graph, request, apart, skipped or Mismatch())))


def _remarks(graph: Graph, request: Request, apart: list[str], skipped: Mismatch) -> Iterator[str]:
    """Yield what somebody who loads the file must know."""
    for remark in remarks_on(skipped, str(request.weights)):
        yield f"note: {remark}"
    for cls, name, reason in unread(graph):
        if name == "vocabulary" and str(request.weights).endswith(".keras"):
            continue  # it came with the weights
        yield f"warning: Keras itself cannot load {request.path}: `{name}` of `{cls}` {reason}"
    for name in apart:
        yield (
            f"warning: Keras itself cannot load {request.path}: `{name}` is in a wrapper and "
            "elsewhere, and Keras saves it as two layers with the weights of one; mtg reads it as "
            "one (`mtg compile --weights`, `mtg decompile`)"
        )
    if names := python_names(graph):
        given = ", ".join(f'"{name}": {name}' for name in names)
        yield (
            f"note: Keras loads {request.path} with `custom_objects={{{given}}}`, or where what is "
            "Python in it is registered and imported"
        )
    for cls, name in unsaved(graph):
        yield (
            f"note: Keras does not save `{name}` of `{cls}`: a model that is loaded has the default"
        )
