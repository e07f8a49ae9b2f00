"""How a model of Keras takes what it is trained on: by the names of its outputs, or in their order.

`mtg.compile` returns a model that takes targets and sample weights both ways, whether it gives a
list or a dict. A model that is loaded, or built by emitted Python, is Keras's own: one that gives
a dict takes all by name, one that gives a list takes targets by name, if it has several and each
has a loss, and sample weights in a list only. Source: `CompileLoss.call` in
`keras/src/trainers/compile_utils.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mtg.graph.graph import Output, OutputForm

if TYPE_CHECKING:
    import keras


def take_targets_by_name(
    model: keras.Model, outputs: Sequence[Output], form: OutputForm = "list"
) -> None:
    """Let targets and sample weights be given by name, or in declared order, wherever it is clear.

    Of an output without loss and metrics there need be none.
    """
    names = [output.name for output in outputs]
    if all(output.loss is None for output in outputs):
        return
    idle = {output.name for output in outputs if output.loss is None and not output.metrics}
    compute_loss, compute_metrics = model.compute_loss, model.compute_metrics

    def put(data: object) -> Any:
        """Return data in the form of the model's outputs; what is not clear is left to Keras."""
        if isinstance(data, dict):
            if not set(names) - idle <= set(data) <= set(names):
                return data
            if form == "dict":
                return {name: data.get(name) for name in names}
            return data[names[0]] if len(names) == 1 else [data.get(name) for name in names]
        if form == "dict" and isinstance(data, (list, tuple)) and len(data) == len(names):
            # Keras itself would take them in the order of the sorted names.
            return dict(zip(names, data, strict=True))
        return data

    def named_loss(
        x: object = None,
        y: object = None,
        y_pred: object = None,
        sample_weight: object = None,
        training: bool = True,
    ) -> object:
        return compute_loss(x, put(y), y_pred, put(sample_weight), training)

    def named_metrics(x: object, y: object, y_pred: object, sample_weight: object = None) -> object:
        return compute_metrics(x, put(y), y_pred, put(sample_weight))

    model.compute_loss = named_loss
    model.compute_metrics = named_metrics
