"""Models that compute with tensors of fixed numbers, as people make them with NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import Input, Model, layers, ops

CONSTANTS: dict[str, Callable[[], Any]] = {}


def model(make: Callable[[], Any]) -> Callable[[], Any]:
    CONSTANTS[make.__name__] = make
    return make


@model
def patterns() -> Any:
    """Matrices and rows that a function of `keras.ops` says."""
    x = Input((30,), name="x")
    y = ops.matmul(x, np.eye(30, dtype="float32"))
    y = ops.matmul(y, np.tril(np.ones((30, 30), "float32")))
    y = ops.matmul(y, np.eye(30, 12, dtype="float32"))
    y = ops.matmul(y, np.tri(12, 30, k=-3, dtype="float32"))
    y = ops.add(y, np.arange(30, dtype="float32"))
    y = ops.add(y, np.arange(60, 0, -2, dtype="float32"))
    y = ops.multiply(y, np.full((30,), 0.1, "float32"))
    y = ops.add(y, np.zeros((1, 30), "float32"))
    y = ops.where(np.tri(30, 30, dtype="bool")[-1], y, np.full((1, 30), -1e9, "float32"))
    return Model(x, layers.Dense(2, name="found")(y), name="Patterns")


@model
def shortest_numbers() -> Any:
    """Numbers that follow no pattern, of each width, a matrix of many rows, and of few."""
    x = Input((8,), name="x")
    random = np.random.default_rng(0)
    y = ops.multiply(x, np.array([0.1, 1e-5, 2.5e-4, 1e9, -0.0, 3.0, 1e-3, 123456.0], "float32"))
    y = ops.add(y, np.array([3, 1, 4, 1, 5, 9, 2, 6], "float32"))
    y = ops.matmul(y, random.normal(size=(8, 3)).round(2).astype("float32"))
    y = ops.matmul(y, random.integers(0, 2, (3, 40)).astype("float32"))
    y = ops.matmul(y, random.normal(size=(40, 2)).astype("float16").astype("float32"))
    ids = ops.take(np.array([7, 40_000, 3, 12], "int32"), ops.cast(y, "int32") % 4)
    return Model(x, layers.Dense(2, name="found")(ops.cast(ids, "float32")), name="ShortestNumbers")


@model
def long_arguments() -> Any:
    """Values of a layer that are many, and words of a vocabulary."""
    x, ids = Input((24,), name="x"), Input((1,), dtype="int32", name="ids")
    mean = [round(0.37 * n - 3, 2) for n in range(24)]
    y = layers.Normalization(mean=mean, variance=[1.0] * 24)(x)
    known = layers.IntegerLookup(vocabulary=[n * n + 100 for n in range(40)])(ids)
    parts = [y, layers.Flatten()(layers.Embedding(50, 4)(known))]
    found = layers.Dense(2, name="found")(layers.Concatenate()(parts))
    return Model([x, ids], found, name="LongArguments")
