"""Functions and methods of PyTorch, TensorFlow, NumPy and earlier Keras: what mtg proposes checks,
and computes what the other library would have."""

from __future__ import annotations

import re
from collections.abc import Callable

import keras
import mtg
import numpy as np
import pytest
from mtg.cli.mending import Mending, Text
from mtg.compiler import Compiler
from mtg.text.diagnostics import Diagnostic

INPUTS = {"v": "float32[8]", "s": "float32[6, 8]", "im": "float32[12, 12, 4]", "n": "int32[6]"}
Arrays = dict[str, np.ndarray]


def program(flow: str) -> str:
    used = [name for name in INPUTS if re.search(rf"\b{name}\b", flow)]
    inputs = "".join(f"  input {name}: {INPUTS[name]}\n" for name in used)
    return f"model M {{\n{inputs}  output y = {flow}\n}}\n"


def checked(text: str) -> tuple[Compiler, list[Diagnostic]]:
    compiler = Compiler("m.mtg", data=text.encode())
    return compiler, compiler.check()


def mended(text: str) -> str:
    return Mending(checked, unsafe=True).mend(Text(*checked(text))).text


def arrays() -> Arrays:
    chance = np.random.default_rng(3)
    return {
        "v": chance.normal(size=(2, 8)).astype("float32"),
        "s": chance.normal(size=(2, 6, 8)).astype("float32"),
        "im": chance.normal(size=(2, 12, 12, 4)).astype("float32"),
        "n": chance.integers(0, 5, (2, 6)).astype("int32"),
    }


def softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    high = np.exp(x - x.max(axis, keepdims=True))
    return high / high.sum(axis, keepdims=True)


def exact_gelu(x: np.ndarray) -> np.ndarray:
    return np.asarray(keras.ops.gelu(x, approximate=False))


def unit(x: np.ndarray, axis: int) -> np.ndarray:
    return x / np.sqrt((x**2).sum(axis, keepdims=True))


def join(x: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.concatenate([x, x], axis)


#: What is written, what is proposed, and what it computes by the words of its own library.
SAME: list[tuple[str, str, Callable[[np.ndarray], np.ndarray]]] = [
    ("F.softmax(s, dim=1)", "ops.softmax(s, axis=1)", lambda x: softmax(x, 1)),
    ("F.softmax(s, 1)", "ops.softmax(s, 1)", lambda x: softmax(x, 1)),
    ("torch.nn.functional.softmax(s, dim=-1)", "ops.softmax(s, axis=-1)", softmax),
    ("nn.functional.relu(v)", "ops.relu(v)", lambda x: np.maximum(x, 0)),
    ("s -> F.softmax(dim=1)", "s -> Softmax(axis=1)", lambda x: softmax(x, 1)),
    ("s -> tf.nn.softmax(axis=1)", "s -> Softmax(axis=1)", lambda x: softmax(x, 1)),
    ("F.log_softmax(s, dim=1)", "ops.log_softmax(s, axis=1)", lambda x: np.log(softmax(x, 1))),
    ("F.gelu(v)", "ops.gelu(v, approximate=False)", exact_gelu),
    ("tf.nn.gelu(v)", "ops.gelu(v, approximate=False)", exact_gelu),
    (
        "F.leaky_relu(v)",
        "ops.leaky_relu(v, negative_slope=0.01)",
        lambda x: np.where(x > 0, x, 0.01 * x),
    ),
    (
        "tf.nn.leaky_relu(v, alpha=0.3)",
        "ops.leaky_relu(v, negative_slope=0.3)",
        lambda x: np.where(x > 0, x, 0.3 * x),
    ),
    ("F.normalize(s)", "ops.normalize(s, axis=1)", lambda x: unit(x, 1)),
    ("F.normalize(s, p=2, dim=2)", "ops.normalize(s, axis=2, order=2)", lambda x: unit(x, 2)),
    ("K.l2_normalize(s, axis=1)", "ops.normalize(s, axis=1)", lambda x: unit(x, 1)),
    ("torch.cat([s, s], dim=1)", "concat(s, s, axis=1)", lambda x: join(x, 1)),
    ("torch.cat((s, s), 1)", "concat(s, s, axis=1)", lambda x: join(x, 1)),
    ("torch.cat((s, s), dim=-1)", "concat(s, s)", join),
    ("tf.concat([s, s], 1)", "concat(s, s, axis=1)", lambda x: join(x, 1)),
    ("tf.concat(values=[s, s], axis=2)", "concat(s, s, axis=2)", lambda x: join(x, 2)),
    ("K.concatenate([s, s])", "concat(s, s)", join),
    (
        "tf.concat([s, tf.nn.relu(s)], 1)",
        "concat(s, ops.relu(s), axis=1)",
        lambda x: np.concatenate([x, np.maximum(x, 0)], 1),
    ),
    ("Concatenate([s, s], axis=1)", "concat(s, s, axis=1)", lambda x: join(x, 1)),
    ("Concatenate((s, s))", "concat(s, s)", join),
    ("Add([v, v])", "add(v, v)", lambda x: 2 * x),
    ("Multiply(v, v)", "multiply(v, v)", lambda x: x**2),
    ("Flatten(s)", "s -> Flatten()", lambda x: x.reshape(2, -1)),
    ("Activation(v, 'tanh')", "v -> Activation('tanh')", np.tanh),
    ("torch.stack([v, v], dim=1)", "ops.stack([v, v], axis=1)", lambda x: np.stack([x, x], 1)),
    ("torch.mean(s, dim=1)", "ops.mean(s, axis=1)", lambda x: x.mean(1)),
    (
        "torch.sum(s, 1, keepdim=True)",
        "ops.sum(s, 1, keepdims=True)",
        lambda x: x.sum(1, keepdims=True),
    ),
    ("torch.amax(s, dim=2)", "ops.max(s, axis=2)", lambda x: x.max(2)),
    (
        "torch.bmm(s, torch.transpose(s, 1, 2))",
        "ops.matmul(s, ops.swapaxes(s, 1, 2))",
        lambda x: x @ x.swapaxes(1, 2),
    ),
    ("torch.clamp(v, min=0, max=1)", "ops.clip(v, x_min=0, x_max=1)", lambda x: x.clip(0, 1)),
    ("tf.clip_by_value(v, 0, 1)", "ops.clip(v, 0, 1)", lambda x: x.clip(0, 1)),
    ("torch.unsqueeze(v, 1)", "ops.expand_dims(v, 1)", lambda x: x[:, None]),
    ("K.expand_dims(v)", "ops.expand_dims(v, axis=-1)", lambda x: x[..., None]),
    ("torch.permute(s, (0, 2, 1))", "ops.transpose(s, (0, 2, 1))", lambda x: x.transpose(0, 2, 1)),
    (
        "K.permute_dimensions(s, (0, 2, 1))",
        "ops.transpose(s, (0, 2, 1))",
        lambda x: x.transpose(0, 2, 1),
    ),
    (
        "tf.transpose(s, perm=[0, 2, 1])",
        "ops.transpose(s, axes=[0, 2, 1])",
        lambda x: x.transpose(0, 2, 1),
    ),
    ("s.permute(0, 2, 1)", "ops.transpose(s, (0, 2, 1))", lambda x: x.transpose(0, 2, 1)),
    ("s.transpose(1, 2)", "ops.swapaxes(s, 1, 2)", lambda x: x.swapaxes(1, 2)),
    ("s.mean(dim=1)", "ops.mean(s, axis=1)", lambda x: x.mean(1)),
    ("s.sum(1)", "ops.sum(s, 1)", lambda x: x.sum(1)),
    ("s.flatten(1)", "s -> Flatten()", lambda x: x.reshape(2, -1)),
    ("v.view(-1, 2, 4)", "ops.reshape(v, (-1, 2, 4))", lambda x: x.reshape(-1, 2, 4)),
    ("tf.reshape(v, [-1, 2, 4])", "ops.reshape(v, [-1, 2, 4])", lambda x: x.reshape(-1, 2, 4)),
    ("tf.reduce_mean(s, axis=1)", "ops.mean(s, axis=1)", lambda x: x.mean(1)),
    ("tf.reduce_max(s, 1)", "ops.max(s, 1)", lambda x: x.max(1)),
    ("tf.reduce_sum(input_tensor=s, axis=2)", "ops.sum(x=s, axis=2)", lambda x: x.sum(2)),
    ("tf.cast(n, tf.float32)", 'ops.cast(n, "float32")', lambda x: x.astype("float32")),
    ("tf.one_hot(n, depth=5)", "ops.one_hot(n, num_classes=5)", lambda x: np.eye(5)[x]),
    ("tf.math.square(v)", "ops.square(v)", np.square),
    ("np.exp(v)", "ops.exp(v)", np.exp),
    ("cat([s, s], dim=1)", "concat(s, s, axis=1)", lambda x: join(x, 1)),
    ("softmax(s, dim=1)", "ops.softmax(s, axis=1)", lambda x: softmax(x, 1)),
    ("unsqueeze(v, 1)", "ops.expand_dims(v, 1)", lambda x: x[:, None]),
    ("nn.ReLU()(F.softmax(v, dim=1))", "ops.softmax(v, axis=1) -> ReLU()", softmax),
]


@pytest.mark.parametrize(("wrong", "right", "computes"), SAME, ids=[each[0] for each in SAME])
def test_the_mend_computes_the_same(
    wrong: str, right: str, computes: Callable[[np.ndarray], np.ndarray]
) -> None:
    assert any(each.is_error for each in checked(program(wrong))[1])
    assert mended(program(wrong)) == program(right)
    keras.utils.clear_session()
    model = mtg.compile(program(right))
    values = arrays()[model.input_names[0]]
    expected = computes(values)
    assert tuple(model.output_shape[1:]) == expected.shape[1:]
    np.testing.assert_allclose(model(values), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "wrong",
    [
        "torch.cat([v, v])",  # along the batch
        "torch.cat([v, v], dim=0)",
        "torch.cat(v, v)",
        "np.concatenate([v, v])",
        "tf.concat([v, v], 0)",
        "torch.max(s, dim=1)",  # two results
        "torch.std(s)",  # another divisor
        "torch.std(s, dim=1)",
        "F.pad(im, (1, 1))",  # the last axis first
        "F.max_pool2d(im, 2)",
        "tf.nn.max_pool(im, 2)",
        "tf.argmax(v)",  # along the batch
        "tf.matmul(s, s, transpose_b=True)",
        "tf.split(v, [3, 5], axis=1)",  # sizes, not borders
        "v.size(0)",
        "v.to(float)",
        "s.flatten()",
        "F.relu(self.fc(v))",
        "v.item()",
    ],
)
def test_silence_where_it_is_not_the_same(wrong: str) -> None:
    _, found = checked(program(wrong))
    assert any(each.is_error for each in found)
    assert {(each.help, each.fix) for each in found if each.is_error} == {("", None)}


@pytest.mark.parametrize(
    ("wrong", "help"),
    [
        ("s -> tf.reduce_mean(axis=1)", "write `ops.mean(x, axis=1)` where a flow begins"),
        (
            "s -> torch.mean(dim=1, keepdim=True)",
            "write `ops.mean(x, axis=1, keepdims=True)` where a flow begins",
        ),
        ("s -> torch.cat(s)", "write `concat(a, b)` where a flow begins"),
    ],
)
def test_functions_in_the_place_of_a_layer(wrong: str, help: str) -> None:
    _, found = checked(program(wrong))
    assert [each.help for each in found if each.is_error] == [help]
