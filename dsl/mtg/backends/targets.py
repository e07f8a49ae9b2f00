"""How a model of Keras takes what it is trained on: by the names of its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mtg.graph.graph import Output

if TYPE_CHECKING:
    import keras


def take_targets_by_name(model: keras.Model, outputs: Sequence[Output]) -> None:
    """Let targets be given by name wherever that is clear, which Keras itself does not.

    Keras takes `{name: targets}` for models of several outputs only, and then wants targets even
    for an output without a loss.
    """
    names = [output.name for output in outputs]
    if all(output.loss is None for output in outputs):
        return
    untrained = {output.name for output in outputs if output.loss is None and not output.metrics}
    if len(names) > 1 and not untrained:
        return
    compute_loss, compute_metrics = model.compute_loss, model.compute_metrics

    def targets(data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if len(names) == 1:
            return data[names[0]] if set(data) == set(names) else data
        return dict.fromkeys(untrained) | data

    def weights(data: Any) -> Any:
        return targets(data) if len(names) == 1 else data

    def named_loss(
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        return compute_loss(x, targets(y), y_pred, weights(sample_weight), training)

    def named_metrics(x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return compute_metrics(x, targets(y), y_pred, weights(sample_weight))

    model.compute_loss = named_loss
    model.compute_metrics = named_metrics
