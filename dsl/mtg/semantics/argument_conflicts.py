"""Arguments that Keras refuses together, each of which could be meant.

Those of layers are looked at by the rules of types, which know the tensors too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mtg.catalog import Entry

Given = Mapping[str, Any]


class ArgumentConflict(NamedTuple):
    """An argument that does not go with the others, what is wrong, and what to do."""

    argument: str
    message: str
    help: str = ""


def at_odds(entry: Entry, given: Given) -> ArgumentConflict | None:
    """Return what Keras's constructor would refuse, or None.

    Args:
        entry: What is made.
        given: The arguments by name, each of a kind that the entry takes.
    """
    look = _LOOKS.get((entry.kind, entry.name)) or _LOOKS.get((entry.kind, ""))
    return None if look is None else look(given)


def _clipping(given: Given) -> ArgumentConflict | None:
    """Source: `keras.src.optimizers.base_optimizer.BaseOptimizer.__init__`."""
    names = [
        name
        for name in given
        if name in ("clipnorm", "clipvalue", "global_clipnorm") and given[name] is not None
    ]
    if len(names) < 2:
        return None
    message = f"`{names[0]}` and `{names[1]}` cannot both be given: an optimizer clips in one way"
    return ArgumentConflict(names[1], message, "leave one of them out")


def _pieces(given: Given) -> ArgumentConflict | None:
    """Source: `keras.src.optimizers.schedules.PiecewiseConstantDecay.__init__`."""
    boundaries, values = given.get("boundaries"), given.get("values")
    if not isinstance(boundaries, (list, tuple)) or not isinstance(values, (list, tuple)):
        return None
    if len(values) == len(boundaries) + 1:
        return None
    return ArgumentConflict(
        "values",
        f"{len(boundaries)} boundaries part {len(boundaries) + 1} values, "
        f"and {len(values)} {'is' if len(values) == 1 else 'are'} given",
    )


def _classes(given: Given) -> ArgumentConflict | None:
    """Source: `keras.src.metrics.iou_metrics.IoU.__init__`."""
    number, wanted = given.get("num_classes", 2), given.get("target_class_ids")
    if not isinstance(number, int) or not isinstance(wanted, (list, tuple)):
        return None
    for each in wanted:
        if isinstance(each, int) and each >= number:
            last = f"the last of {number} classes is {number - 1}"
            return ArgumentConflict("target_class_ids", f"there is no class {each}: {last}")
    return None


def _labels(given: Given) -> ArgumentConflict | None:
    """Source: `keras.src.metrics.confusion_metrics.AUC.__init__`."""
    if not given.get("num_labels") or given.get("multi_label"):
        return None
    message = "`num_labels` is for `multi_label=True` alone"
    return ArgumentConflict("num_labels", message, "write `multi_label=True` too, or leave it out")


def _checkpoint(given: Given) -> ArgumentConflict | None:
    """Source: `keras.src.callbacks.ModelCheckpoint.__init__`."""
    path, weights = given.get("filepath"), given.get("save_weights_only")
    endings = (".weights.h5",) if weights else (".keras", ".h5")
    if not isinstance(path, str) or path.endswith(endings):
        return None
    holds = "weights" if weights else "a model"
    return ArgumentConflict("filepath", f"a file of {holds} must end in `{endings[0]}`")


def _input(given: Given) -> ArgumentConflict | None:
    """Source: `keras.src.backend.common.keras_tensor.KerasTensor.__init__`."""
    if not given.get("sparse") or not given.get("ragged"):
        return None
    return ArgumentConflict(
        "ragged", "an input cannot be sparse and ragged at once", "leave one of them out"
    )


#: By kind and name; without a name of every entry of the kind.
_LOOKS: dict[tuple[str, str], Callable[[Given], ArgumentConflict | None]] = {
    ("callback", "ModelCheckpoint"): _checkpoint,
    ("input", "Input"): _input,
    ("metric", "AUC"): _labels,
    ("metric", "BinaryIoU"): _classes,
    ("metric", "IoU"): _classes,
    ("metric", "OneHotIoU"): _classes,
    ("optimizer", ""): _clipping,
    ("schedule", "PiecewiseConstantDecay"): _pieces,
}
