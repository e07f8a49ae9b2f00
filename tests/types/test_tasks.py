"""Losses and metrics that an output cannot have: mtg refuses what Keras fails at in `fit`."""

from __future__ import annotations

import keras
import mtg
import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("eager")

LOSSES = [
    '"ctc"',
    '"mse"',
    "CategoricalCrossentropy(axis=2)",
    "CategoricalCrossentropy(axis=-1)",
    "BinaryCrossentropy(axis=2)",
    "CosineSimilarity(axis=3)",
    "CosineSimilarity(axis=-2)",
    "Dice(axis=[1, 2])",
    "Dice(axis=[0, 1])",
    "Tversky(axis=4)",
    "CategoricalFocalCrossentropy(alpha=[0.1, 0.2])",
    "CategoricalFocalCrossentropy(alpha=[0.1])",
    "CategoricalFocalCrossentropy(alpha=[0.1, 0.2, 0.3, 0.4])",
]
METRICS = [
    "Precision(class_id=4)",
    "Precision(class_id=3)",
    "Recall(top_k=5)",
    "Recall(top_k=4)",
    "AUC(multi_label=True, num_labels=7)",
    "AUC(multi_label=True, num_labels=4)",
    "TopKCategoricalAccuracy(k=9)",
    "SensitivityAtSpecificity(0.5, class_id=7)",
    "CosineSimilarity(axis=3)",
    "CategoricalCrossentropy(axis=3)",
    "PearsonCorrelation(axis=3)",
    "OneHotIoU(num_classes=3, target_class_ids=[1], axis=3)",
    "OneHotIoU(num_classes=3, target_class_ids=[1])",
]


def fits(loss: str, metric: str | None) -> bool:
    """Whether Keras trains a model of four units with them."""
    x = keras.Input((8,))
    model = keras.Model(x, keras.layers.Dense(4, activation="softmax")(x))
    targets = np.eye(4, dtype="float32")
    try:
        model.compile(
            loss=eval(loss, vars(keras.losses)),
            metrics=[eval(metric, vars(keras.metrics))] if metric else None,
        )
        model.fit(np.ones((4, 8), "float32"), targets, verbose=0)
    except Exception:
        return False
    return True


@pytest.mark.parametrize(
    ("loss", "metric"),
    [*((loss, None) for loss in LOSSES), *(('"mse"', metric) for metric in METRICS)],
)
def test_what_cannot_be_computed_is_refused(loss: str, metric: str | None) -> None:
    metrics = f", metrics=[{metric}]" if metric else ""
    found = mtg.check(
        "model M { input x: float32[8] "
        f'output y(loss={loss}{metrics}) = x -> Dense(4, activation="softmax") }}'
    )
    refused = [each.code for each in found if each.is_error]
    assert refused == ([] if fits(loss, metric) else ["MTG509"])


def test_a_loss_of_sequences_takes_sequences() -> None:
    text = 'model M { input x: float32[9, 8] output y(loss="ctc") = x -> Dense(4) }'
    assert not [each for each in mtg.check(text) if each.is_error]
