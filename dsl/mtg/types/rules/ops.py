"""Functions of `keras.ops`."""
