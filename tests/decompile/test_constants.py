"""Tensors of fixed numbers are written as a person writes them, and stay the same numbers."""

from __future__ import annotations

from typing import Any

import keras
import mtg
import numpy as np
import pytest
from decompile.models_of_constants import CONSTANTS
from goldens import expect
from keras import Input, Model, ops


@pytest.mark.parametrize("name", CONSTANTS)
def test_text(name: str) -> None:
    keras.backend.clear_session()
    expect(mtg.decompile(CONSTANTS[name]()), f"decompile/constants_{name}.mtg")


def added(numbers: Any) -> Any:
    """A model that adds fixed numbers to what it is given."""
    x = Input(np.shape(numbers)[1:], batch_size=np.shape(numbers)[0], name="x")
    return Model(x, ops.add(ops.cast(x, numbers.dtype), numbers))


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        (np.zeros((3, 4), "float32"), "ops.zeros([3, 4])"),
        (np.ones((3, 4), "int32"), 'ops.ones([3, 4], dtype="int32")'),
        (np.full((3, 4), 0.1, "float32"), "ops.full([3, 4], 0.1)"),
        (np.full((3, 4), 0.1, "float16"), 'ops.full([3, 4], 0.1, dtype="float16")'),
        (np.full((3, 4), -0.0, "float32"), "ops.full([3, 4], -0.0)"),
        (np.full((3, 4), 7, "int32"), 'ops.full([3, 4], 7, dtype="int32")'),
        (np.eye(5, dtype="float32"), "ops.eye(5)"),
        (np.eye(5, 3, dtype="float32"), "ops.eye(5, 3)"),
        (np.eye(5, k=1, dtype="float32"), "ops.eye(5, k=1)"),
        (np.eye(5, k=-2, dtype="float32"), "ops.eye(5, k=-2)"),
        (np.tri(4, dtype="float32"), "ops.tri(4)"),
        (np.tri(4, 6, k=2, dtype="float32"), "ops.tri(4, 6, k=2)"),
        (np.tri(6, 4, k=-3, dtype="float32"), "ops.tri(6, 4, k=-3)"),
        (np.arange(6, dtype="int32"), "ops.arange(6)"),
        (np.arange(2, 8, dtype="float32"), 'ops.arange(2, 8, dtype="float32")'),
        (np.arange(20, 0, -5, dtype="int32"), "ops.arange(20, 0, -5)"),
        (np.array([1.0, 2.0], "float32"), 'ops.array([1, 2], dtype="float32")'),
        (np.array([0.0, 0.0], "float32"), 'ops.array([0, 0], dtype="float32")'),
        (np.array([0.0, -0.0, 0.0, 0.0], "float32"), "[0.0, -0.0, 0.0, 0.0]"),
        (np.array([[1, 0], [0, 2]], "float32"), "[[1, 0], [0, 2]]"),
        (np.array([0.1, 0.2, 1 / 3, 1.0], "float32"), "[0.1, 0.2, 0.33333334, 1.0]"),
        (np.array([1e9, 1e-5, 1e-4, 0.5], "float32"), "[1e9, 1e-5, 1e-4, 0.5]"),
    ],
)
def test_shortest_form(numbers: Any, written: str) -> None:
    text = mtg.decompile(added(numbers))
    assert written in text
    back = mtg.compile(text)
    zeros = np.zeros(numbers.shape, "float32")
    found = np.array(ops.convert_to_numpy(back(zeros)))
    wanted = np.array(ops.convert_to_numpy(added(numbers)(zeros)))
    assert found.dtype == wanted.dtype
    assert np.array_equal(found, wanted)


def test_a_matrix_of_a_million_zeros_is_a_line() -> None:
    x = Input((1000,), name="x")
    text = mtg.decompile(Model(x, ops.matmul(x, np.zeros((1000, 1000), "float32"))))
    assert "x @ ops.zeros([1_000, 1_000])" in text.replace("1000", "1_000")


def test_no_line_is_longer_than_it_may_be() -> None:
    for make in CONSTANTS.values():
        assert max(map(len, mtg.decompile(make()).splitlines())) <= 100
