"""Merges that Keras carries out, and that are probably not meant."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.catalog.names import ELEMENTWISE
from mtg.graph.graph import Call, Graph
from mtg.graph.layers import KerasLayer, Op
from mtg.lengths.dims import BATCH, is_known
from mtg.text.diagnostics import Diagnostic
from mtg.types.lints import graph_lint
from mtg.types.lints.heads import use_labels
from mtg.types.tensor import Shape
from mtg.types.types import Types


@graph_lint
def broadcast_merge(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Warn of tensors of unlike rank, each broadcast to the other, as in `[8, 1]` and `[8]`.

    An axis of one that is broadcast alone is a habit of attention and gates, and so is a vector
    along the last axis. What nobody means is that the result is larger than all that goes in, or
    that the vector would fit along another axis just as well.
    """
    for call in graph.calls:
        if not isinstance(call.layer, KerasLayer) or call.layer.cls not in ELEMENTWISE:
            continue
        shapes = [types.of(ref).shape for ref in call.tensors()]
        found = types.outputs.get(call.id)
        if found is None or found[0].shape is None or any(not shape for shape in shapes):
            continue
        known = [shape[1:] for shape in shapes if shape]
        if len({len(shape) for shape in known}) < 2:
            continue
        result = found[0].shape[1:]
        names = " and ".join(f"[{', '.join(map(str, shape))}]" for shape in known)
        if all(is_known(n) for n in result) and result not in known:
            yield Diagnostic(
                "MTG211",
                f"`{call.layer.shown}` broadcasts all its tensors: {names} become "
                f"[{', '.join(map(str, result))}]",
                call.span,
                labels=use_labels(call),
                notes=("shapes are aligned at their last axes, and an axis of 1 is repeated",),
                help="give them one shape first: `Flatten()` removes axes of 1, "
                "`Reshape((…, 1))` adds one",
            )
        elif (axes := _either_way(known)) is not None:
            yield Diagnostic(
                "MTG211",
                f"`{call.layer.shown}` of {names}: the shorter is broadcast along axis {axes[1]}, "
                f"and would fit along axis {axes[0]} too",
                call.span,
                labels=use_labels(call),
                notes=("shapes are aligned at their last axes",),
                help=f"choose one: `Reshape((1, {known[0][-1]}))` or "
                f"`Reshape(({known[0][-1]}, 1))` before it",
            )


#: Functions of two tensors that align them at their last axes, and the merge that aligns batches.
_ALIGNED = {
    **{name: name for name in ("add", "subtract", "multiply", "maximum", "minimum")},
    **dict.fromkeys(("divide", "true_divide", "power", "floor_divide", "mod", "where"), ""),
    **dict.fromkeys(("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"), ""),
}


@graph_lint
def batch_beside_features(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Warn of `x * w` of [8, 8, 4] and [4], where the batch of `w` lies along an axis of `x`.

    Keras knows no batch in its functions: they align the last axes of both. Such a model is built,
    and fails where a batch is not as large as that axis.
    """
    for call in graph.calls:
        if not isinstance(call.layer, Op) or call.layer.cls not in _ALIGNED:
            continue
        shapes = [types.of(ref).shape for ref in call.tensors()]
        if len(shapes) != 2 or not shapes[0] or not shapes[1]:
            continue
        shorter, longer = sorted((shapes[0], shapes[1]), key=len)
        axis = len(longer) - len(shorter)
        if axis == 0 or shorter[0] != BATCH or longer[0] != BATCH:
            continue
        if not is_known(longer[axis]) or longer[axis] == 1:
            continue
        merge = _ALIGNED[call.layer.cls]
        lengths = ", ".join(("1",) * axis + tuple(map(str, shorter[1:])))
        yield Diagnostic(
            "MTG211",
            f"`{call.layer.shown}` aligns the batch of {_shown(shorter)} with axis {axis} of "
            f"{_shown(longer)}",
            call.span,
            labels=use_labels(call),
            notes=(
                "functions align tensors at their last axes, the batch axis like any other",
                "Keras builds this model, and it fails on batches of another size than "
                f"{longer[axis]} or 1",
            ),
            help=(f"use the merge `{merge}(…)`, which aligns the batches, or " if merge else "")
            + f"give {_shown(shorter)} its axes first: `Reshape(({lengths}))`",
        )


def _shown(shape: Shape) -> str:
    return f"[{', '.join(map(str, shape[1:]))}]"


def _either_way(shapes: list[Shape]) -> tuple[int, int] | None:
    """Return the axes that a vector fits, and along which it is repeated: `[8]` beside `[8, 8]`."""
    if len(shapes) != 2:
        return None
    shorter, longer = sorted(shapes, key=len)
    if len(shorter) == 1 and len(longer) == 2 and longer == (shorter[0],) * 2 and shorter[0] != 1:
        return 2, 1
    return None


@graph_lint
def batches_joined(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Warn of a concatenation along the batch axis: there are more results than samples."""
    for call in graph.calls:
        axis = call.layer.arguments.get("axis", -1)
        if not isinstance(call.layer, KerasLayer) or call.layer.cls != "Concatenate":
            continue
        if not isinstance(axis, int) or isinstance(axis, bool):
            continue
        if axis == 0 or axis == -_axes(call, types):
            yield Diagnostic(
                "MTG213",
                f"`{call.layer.shown}` along axis 0 joins batches: there are more results than "
                "samples",
                call.layer.spans.get("axis", call.span),
                labels=use_labels(call),
                notes=("axis 0 is the batch axis; the axes of a sample begin at 1",),
                help="leave out `axis` for the last one, or write `axis=1`",
            )


def _axes(call: Call, types: Types) -> int:
    ranks = {types.of(ref).rank for ref in call.tensors()}
    return next((rank for rank in ranks if rank), 0)
