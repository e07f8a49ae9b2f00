"""The twin of `examples/vae.mtg`, with the layer that Keras users write for it."""

import keras
from keras import KerasTensor, layers, ops

LATENT = 16


def kl_divergence(mean: KerasTensor, log_variance: KerasTensor) -> KerasTensor:
    terms = ops.square(mean) + ops.exp(log_variance) - log_variance - 1
    return 0.5 * ops.sum(terms, axis=-1, keepdims=True)


class Sampling(layers.Layer):
    """Draw a latent, and add its divergence from the normal distribution to the loss."""

    def __init__(self, beta: float, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.beta = beta
        self.seed_generator = keras.random.SeedGenerator(1)

    def call(
        self, mean: KerasTensor, log_variance: KerasTensor, training: bool = False
    ) -> KerasTensor:
        self.add_loss(self.beta * ops.mean(kl_divergence(mean, log_variance)))
        if not training:
            return mean
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_variance) * noise


def decoder() -> keras.Model:
    code = keras.Input((LATENT,), name="code")
    x = layers.Dense(7 * 7 * 64, activation="relu")(code)
    x = layers.Reshape((7, 7, 64))(x)
    for filters in (64, 32):
        x = layers.Conv2DTranspose(filters, 3, strides=2, padding="same", activation="relu")(x)
    drawn = layers.Conv2D(1, 3, padding="same", activation="sigmoid", name="drawn")(x)
    return keras.Model(code, drawn, name="copy")


def build() -> keras.Model:
    image = keras.Input((28, 28, 1), name="image")
    x = image
    for filters in (32, 64):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(128, activation="relu")(x)
    mean = layers.Dense(LATENT)(x)
    log_variance = layers.Dense(LATENT)(x)
    z = Sampling(1 / (28 * 28))(mean, log_variance)
    divergence = layers.Identity(name="divergence")(kl_divergence(mean, log_variance))
    model = keras.Model(image, [decoder()(z), divergence], name="vae")
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-3),
        loss={"copy": "binary_crossentropy", "divergence": None},
    )
    return model
