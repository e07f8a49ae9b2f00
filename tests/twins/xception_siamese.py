"""The twin of `examples/xception_siamese.mtg`: not compiled, because it has no loss."""

import keras
from keras import layers


def build() -> keras.Model:
    left = keras.Input((250, 250, 3), name="left")
    right = keras.Input((250, 250, 3), name="right")
    base = keras.applications.Xception(weights=None, include_top=False)
    features = layers.concatenate([base(left), base(right)], name="features")
    return keras.Model([left, right], features)
