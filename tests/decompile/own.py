"""Classes and functions that are none of Keras's, in the forms in which people write them."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


class Bare(layers.Layer):
    """Takes neither `name` nor anything else that Keras could add."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units
        self.inner = layers.Dense(units)

    def build(self, shape: Any) -> None:
        self.inner.build(shape)

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)

    def get_config(self) -> dict[str, Any]:
        return {"units": self.units}


class Silent(layers.Layer):
    """Has no config at all, and takes nothing."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, inputs: Any) -> Any:
        return inputs * 2


class Counted(layers.Layer):
    """Its config says other things than its constructor takes."""

    def __init__(self, items: list[int], **rest: Any) -> None:
        super().__init__(**rest)
        self.count = len(items)

    def call(self, inputs: Any) -> Any:
        return inputs * self.count

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(items=[0] * config.pop("count"), **config)


class Project(layers.Layer):
    """Has arguments that are words of mtg, and one that begins like them."""

    def __init__(self, dim: int, output: float = 1.0, repeat: int = 1, **rest: Any) -> None:
        super().__init__(**rest)
        self.dim, self.output_scale, self.repeat = dim, output, repeat

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], self.dim), name="kernel")

    def call(self, inputs: Any) -> Any:
        return inputs @ self.kernel * self.output_scale * self.repeat

    def get_config(self) -> dict[str, Any]:
        more = {"dim": self.dim, "output": self.output_scale, "repeat": self.repeat}
        return {**super().get_config(), **more}


class Three(layers.Layer):
    """Has three results."""

    def call(self, inputs: Any) -> Any:
        return inputs * 2, inputs + 1, inputs - 1


class Named(layers.Layer):
    """Has results by name."""

    def call(self, inputs: Any) -> Any:
        return {"b": inputs * 2, "a": inputs + 1}


class Cell(layers.Layer):
    """A cell of a recurrent layer."""

    def __init__(self, units: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.units = self.state_size = units

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], self.units), name="kernel")

    def call(self, inputs: Any, states: Any) -> Any:
        state = inputs @ self.kernel + states[0]
        return state, [state]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


class Stack(layers.Layer):
    """Holds layers of its own in a list, as models do."""

    def __init__(self, layers: list[Any], **rest: Any) -> None:
        super().__init__(**rest)
        self.layers = layers

    def build(self, shape: Any) -> None:
        for layer in self.layers:
            layer.build(shape)

    def call(self, inputs: Any) -> Any:
        return sum(layer(inputs) for layer in self.layers)

    def compute_output_shape(self, shape: Any) -> Any:
        return self.layers[0].compute_output_shape(shape)

    def get_config(self) -> dict[str, Any]:
        inner = [keras.saving.serialize_keras_object(layer) for layer in self.layers]
        return {**super().get_config(), "layers": inner}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        inner = [keras.saving.deserialize_keras_object(each) for each in config.pop("layers")]
        return cls(layers=inner, **config)


@keras.saving.register_keras_serializable("own", name="half")
def halved(x: Any) -> Any:
    return x / 2


class Gated(layers.Layer):
    """Hands on the function that it is given, and keeps it nowhere."""

    def __init__(self, gate: Any, **rest: Any) -> None:
        super().__init__(**rest)
        self.inner = layers.Activation(gate)

    def call(self, inputs: Any) -> Any:
        return inputs * self.inner(inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gate": self.inner.get_config()["activation"]}


def squashed(x: Any) -> Any:
    return ops.tanh(x) * 2


def times(x: Any, by: float = 2.0) -> Any:
    return x * by


def distance(y: Any, p: Any) -> Any:
    return ops.mean(ops.abs(y - p), axis=-1)


class Distance(keras.losses.Loss):
    def __init__(self, power: float = 1.0, name: str = "distance", **rest: Any) -> None:
        super().__init__(name=name, **rest)
        self.power = power

    def call(self, y: Any, p: Any) -> Any:
        return ops.mean(ops.abs(y - p) ** self.power, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power": self.power}


class Largest(keras.metrics.Metric):
    def __init__(self, name: str = "largest", **rest: Any) -> None:
        super().__init__(name=name, **rest)
        self.seen = self.add_weight(name="seen", initializer="zeros")

    def update_state(self, y: Any, p: Any, sample_weight: Any = None) -> None:
        self.seen.assign_add(ops.max(p))

    def result(self) -> Any:
        return ops.convert_to_tensor(self.seen)


class Slow(keras.optimizers.SGD):
    def __init__(self, learning_rate: float = 0.1, slower: float = 2.0, **rest: Any) -> None:
        super().__init__(learning_rate=learning_rate, **rest)
        self.slower = slower

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "slower": self.slower}


class Backbone(keras.Model):
    """A functional model whose config says how it was made, and none of its layers."""

    def __init__(self, width: int, **rest: Any) -> None:
        x = keras.Input((4,), name="tokens")
        y = layers.Dense(width, activation=squashed)(x)
        super().__init__(inputs=x, outputs=y, **rest)
        self.width = width

    def get_config(self) -> dict[str, Any]:
        return {"width": self.width, "name": self.name}


class Closed(layers.Layer):
    """Gives no config, as a layer does that only its model makes."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.inner = layers.Dense(units)

    def build(self, shape: Any) -> None:
        self.inner.build(shape)

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError("ask the model")


class ClosedBackbone(keras.Model):
    """Functional, of layers that give no config, and made again of its own."""

    def __init__(self, width: int, several: bool = False, **rest: Any) -> None:
        x = keras.Input((4,), name="x")
        y = keras.Input((4,), name="y")
        end = Closed(width)(layers.add([x, y]))
        outputs = {"b": end, "a": ops.tanh(end)} if several else end
        super().__init__(inputs={"x": x, "y": y}, outputs=outputs, **rest)
        self.width, self.several = width, several

    def get_config(self) -> dict[str, Any]:
        return {"width": self.width, "several": self.several, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        return cls(**config)


class Row(keras.Sequential):
    """A sequential model of a class of its own."""


class Trainer(keras.Model):
    """A functional model that is trained in a way of its own."""

    def train_step(self, *args: Any, **kwargs: Any) -> Any:
        return super().train_step(*args, **kwargs)
