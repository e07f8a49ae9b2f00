"""A layer and a function that are none of Keras's."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable(package="tests")
class Scale(layers.Layer):
    """Multiplies by a learned number."""

    def __init__(self, factor: float = 1.0, **rest: Any) -> None:
        super().__init__(**rest)
        self.factor = factor

    def build(self, _: Any) -> None:
        start = keras.initializers.Constant(self.factor)
        self.by = self.add_weight(shape=(), initializer=start, name="by")

    def call(self, inputs: Any) -> Any:
        return inputs * self.by

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable(package="tests")
class Half(layers.Layer):
    """Halves, in a layer without arguments."""

    def call(self, inputs: Any) -> Any:
        return inputs / 2


def half(x: Any) -> Any:
    return Half(name="halved")(x)
