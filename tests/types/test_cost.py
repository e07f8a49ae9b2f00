"""What layers cost: against hand-made figures, against JAX's own primitives, against papers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import keras
import pytest
from mtg.compiler import Compiler
from mtg.config.read import read_config
from mtg.text.diagnostics import Diagnostics
from mtg.types.cost.cost import Cost, Costs, costs
from mtg.types.infer import infer
from steps import growth


def cost(text: str) -> Costs:
    compiler = Compiler(f"model M {{ {text} }}")
    types = compiler.types
    assert not compiler.diagnostics.has_errors, [d.message for d in compiler.diagnostics]
    assert types is not None
    return costs(types)


INPUTS = {
    "v": "float32[6]",
    "s": "float32[10, 6]",
    "t": "float32[T, 6]",
    "z": "float32[10, 5]",
    "i": "float32[8, 9, 4]",
    "j": "float32[h, 9, 4]",
    "k": "float32[5, 8, 9, 4]",
    "n": "int32[10]",
    "u": "float32[?, 6]",
}


def macs(text: str) -> str:
    """The MACs of declarations over inputs of one letter."""
    used = re.findall(r"\b[a-z]\b(?! =)", re.sub(r"'[^']*'", "", text))
    inputs = [f"input {name}: {INPUTS[name]}" for name in dict.fromkeys(used) if name in INPUTS]
    found = cost(f"dim T dim h {' '.join(inputs)} {text}")
    return str(found.total.macs) if found.complete[0] else "?"


# ---- by hand -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        ("v -> Dense(7)", 6 * 7),
        ("s -> Dense(7, activation='relu')", 10 * 6 * 7),
        ("s -> EinsumDense('abc,cde->abde', output_shape=[None, 2, 3])", "?"),
        ("s -> EinsumDense('abc,cde->abde', output_shape=[10, 2, 3])", 10 * 6 * 2 * 3),
        ("s -> EinsumDense('abc,bd->acd', output_shape=[6, 3])", 10 * 6 * 3),
        ("i -> Conv2D(5, 3)", 6 * 7 * 5 * 3 * 3 * 4),
        ("i -> Conv2D(6, (3, 1), strides=2, padding='same')", 4 * 5 * 6 * 3 * 4),
        ("i -> Conv2D(6, 3, groups=2, padding='same')", 8 * 9 * 6 * 9 * 2),
        ("i -> Conv2D(5, 3, dilation_rate=2)", 4 * 5 * 5 * 9 * 4),
        ("s -> Conv1D(5, 3, padding='causal')", 10 * 5 * 3 * 6),
        ("k -> Conv3D(2, 3)", 3 * 6 * 7 * 2 * 27 * 4),
        ("i -> DepthwiseConv2D(3, depth_multiplier=2)", 6 * 7 * 8 * 9),
        ("s -> DepthwiseConv1D(3)", 8 * 6 * 3),
        ("i -> SeparableConv2D(5, 3, depth_multiplier=2)", 6 * 7 * (8 * 9 + 8 * 5)),
        ("i -> Conv2DTranspose(5, 3, strides=2)", 8 * 9 * 4 * 9 * 5),
        ("s -> LSTM(3)", 10 * 4 * 3 * (6 + 3)),
        ("s -> GRU(3, return_sequences=True)", 10 * 3 * 3 * (6 + 3)),
        ("s -> SimpleRNN(3)", 10 * 3 * (6 + 3)),
        ("s -> RNN(LSTMCell(3))", 10 * 4 * 3 * (6 + 3)),
        ("s -> RNN([GRUCell(3), SimpleRNNCell(2)])", 10 * (3 * 3 * 9 + 2 * 5)),
        ("s -> Bidirectional(LSTM(3))", 2 * 10 * 4 * 3 * 9),
        (
            "s -> Bidirectional(LSTM(3), backward_layer=LSTM(3, go_backwards=True))",
            2 * 10 * 4 * 3 * 9,
        ),
        ("k -> ConvLSTM2D(2, 3)", 5 * 6 * 7 * 9 * 8 * (4 + 2)),
        ("k -> ConvLSTM2D(2, 3, return_sequences=True)", 5 * 6 * 7 * 9 * 8 * (4 + 2)),
        ("k -> TimeDistributed(Conv2D(2, 3))", 5 * 6 * 7 * 2 * 9 * 4),
        ("s -> SpectralNormalization(Dense(7))", 10 * 6 * 7),
        ("(s, s) -> Attention()", 2 * 10 * 10 * 6),
        ("(s, s) -> Attention(score_mode='concat')", 10 * 10 * 6),
        ("(s, s) -> AdditiveAttention()", 2 * 10 * 10 * 6),
        ("(s, s) -> AdditiveAttention(use_scale=False)", 10 * 10 * 6),
        ("(s, s) -> MultiHeadAttention(2, 3)", 4 * 10 * 6 * 6 + 2 * 10 * 10 * 6),
        (
            "(s, z) -> MultiHeadAttention(2, 3, value_dim=4)",
            10 * 6 * 6 + 10 * 5 * 6 + 10 * 5 * 8 + 10 * 8 * 6 + 100 * 2 * (3 + 4),
        ),
        # 4 heads of 3 for the query and the output, 2 of 3 for the key and the value.
        (
            "(s, s) -> GroupQueryAttention(3, 4, 2)",
            2 * 10 * 6 * 12 + 2 * 10 * 6 * 6 + 2 * 100 * 12,
        ),
        ("dot(s, s, axes=1)", 6 * 6 * 10),
        ("ops.matmul(s, ops.transpose(s, [0, 2, 1]))", 10 * 10 * 6),
        ("ops.matmul(s, ops.ones([6, 3]))", 10 * 6 * 3),
        ("ops.tensordot(s, ops.ones([6, 3]), axes=1)", 10 * 6 * 3),
        ("ops.einsum('bsf,btf->bst', s, s)", 10 * 10 * 6),
        ("ops.einsum('...f,fg->...g', s, ops.ones([6, 3]))", 10 * 6 * 3),
        ("ops.conv(i, ops.ones([3, 3, 4, 5]))", 6 * 7 * 5 * 9 * 4),
        ("ops.conv(i, kernel=ops.ones([3, 3, 4, 6]), padding='same')", 8 * 9 * 6 * 9 * 4),
        ("ops.depthwise_conv(i, ops.ones([3, 3, 4, 2]))", 6 * 7 * 8 * 9),
        (
            "ops.separable_conv(i, ops.ones([3, 3, 4, 2]), ops.ones([1, 1, 8, 5]))",
            6 * 7 * (8 * 9 + 8 * 5),
        ),
        ("ops.conv_transpose(i, ops.ones([3, 3, 5, 4]), strides=2)", 8 * 9 * 4 * 9 * 5),
        ("ops.dot_product_attention(i, i, i)", 8 * 9 * 8 * (4 + 4)),
        ("ops.nn.conv(i, ops.ones([3, 3, 4, 5]))", 6 * 7 * 5 * 9 * 4),
        ("ops.linalg.norm(s)", "?"),
        ("ops.softmax(s)", 0),
        ("n -> Embedding(50, 4)", 0),
        ("i -> BatchNormalization() -> ReLU() -> MaxPooling2D() -> Flatten()", 0),
        ("s -> LayerNormalization() -> Dropout(0.1)", 0),
        ("i -> UpSampling2D() -> RandomFlip()", 0),
        ("t -> Dense(7)", "42*T"),
        ("t -> LSTM(3)", "108*T"),
        ("(t, t) -> MultiHeadAttention(2, 3)", "12*T*T+144*T"),
        ("j -> Conv2D(5, 3, padding='same')", "1620*h"),
        ("j -> Conv2D(5, 3)", "1260*h-2520"),
        ("u -> Dense(7)", "?"),
    ],
)
def test_one_layer(flow: str, expected: int | str) -> None:
    assert macs(f"output y = {flow}") == str(expected)


def test_a_shared_layer_counts_per_call() -> None:
    assert macs("shared d = Dense(7) output y = v -> d output q = s -> d") == str(11 * 42)


def test_bytes_are_those_of_all_results() -> None:
    found = cost(
        """input x: float32[10, 6] input n: int8[3]
        seq, h, c = x -> LSTM(4, return_sequences=True, return_state=True)
        output y = concat(h, c) output z = seq output m = n -> Embedding(9, 2, dtype="float16")"""
    )
    assert found.total.bytes == 10 * 6 * 4 + 3 + (40 + 4 + 4 + 8 + 40) * 4 + 3 * 2 * 2
    assert found.complete == (True, True)


def test_a_batch_size_is_no_factor() -> None:
    with_batch = cost("input x(batch_size=16): float32[6] output y = x -> Dense(7)")
    assert with_batch.total == Cost(42, (6 + 7) * 4)


def test_strings_have_no_size() -> None:
    found = cost('input x: string[4] output y = x -> StringLookup(vocabulary=["a", "b"])')
    assert found.complete == (True, False)


def test_nested_models() -> None:
    source = """
    model Inner { dim T input x: float32[T, 4] output y = x -> Conv1D(3, 2) -> Dense(5) }
    model Outer { dim S input a: float32[S, 4] input b: float32[10, 4] input v: float32[7, 10, 4]
      shared inner = Inner()
      output one = a -> inner
      output two = b -> inner
      output all = v -> TimeDistributed(inner) }
    """
    types = Compiler(source, model="Outer").types
    assert types is not None
    found = costs(types)
    by_call = [
        found.calls[c.id] for c in types.graph.calls if c.layer.cls in ("Inner", "TimeDistributed")
    ]
    each = Cost(9 * (3 * 2 * 4 + 3 * 5), 9 * (3 + 5) * 4)
    assert [(str(c.macs), str(c.bytes)) for c in by_call] == [
        ("39*S-39", "32*S-32"),
        (str(each.macs), str(each.bytes)),
        (str(7 * each.macs), str(7 * each.bytes)),  # type: ignore[operator]
    ]


def test_what_is_not_known_is_unknown() -> None:
    assert macs("output y = ops.norm(s)") == "?"


def test_floors_go_where_lengths_are_constrained() -> None:
    found = cost(
        """dim h input x: float32[h, 4]
        output y = concat(x, x -> MaxPooling1D(4) -> Conv1D(4, 1) -> UpSampling1D(4))"""
    )
    assert (str(found.total.macs), str(found.total.bytes)) == ("4*h", "72*h")


# ---- JAX as oracle -------------------------------------------------------------------------------


def primitive_macs(jaxpr: Any) -> int:
    """The products of all matrix products and convolutions in a JAX program."""
    total = 0
    for equation in jaxpr.eqns:
        name, parameters = equation.primitive.name, equation.params
        if name == "dot_general":
            (contracted, _), _ = parameters["dimension_numbers"]
            shape = equation.invars[0].aval.shape
            total += math.prod(equation.outvars[0].aval.shape) * math.prod(
                shape[axis] for axis in contracted
            )
        elif name == "conv_general_dilated":
            spec = parameters["dimension_numbers"].rhs_spec
            kernel = equation.invars[1].aval.shape
            window = math.prod(kernel[axis] for axis in spec[1:])
            total += math.prod(equation.outvars[0].aval.shape) * window
        times = parameters["length"] if name == "scan" else 1
        for value in parameters.values():
            for inner in value if isinstance(value, (list, tuple)) else [value]:
                inner = getattr(inner, "jaxpr", inner)
                if hasattr(inner, "eqns"):
                    total += times * primitive_macs(inner)
    return total


LAYERS = keras.layers
CASES = [
    (LAYERS.Dense(7), (10, 6)),
    (LAYERS.EinsumDense("abc,cde->abde", output_shape=(10, 2, 3)), (10, 6)),
    (LAYERS.Conv1D(5, 3, padding="same"), (10, 6)),
    (LAYERS.Conv2D(6, 3, strides=2, groups=2), (9, 8, 4)),
    (LAYERS.Conv2D(6, 3, dilation_rate=2, padding="same"), (9, 8, 4)),
    (LAYERS.Conv3D(2, 2), (5, 6, 7, 3)),
    (LAYERS.DepthwiseConv2D(3, depth_multiplier=2), (9, 8, 4)),
    (LAYERS.SeparableConv2D(5, 3), (9, 8, 4)),
    (LAYERS.LSTM(3), (10, 6)),
    (LAYERS.GRU(3), (10, 6)),
    (LAYERS.SimpleRNN(3), (10, 6)),
    (LAYERS.Bidirectional(LAYERS.LSTM(3)), (10, 6)),
    (LAYERS.TimeDistributed(LAYERS.Dense(3)), (10, 6)),
    (LAYERS.ConvLSTM2D(2, 3), (5, 8, 9, 4)),
]


@pytest.mark.jax
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__class__.__name__)
def test_the_primitives_of_jax(case: tuple[Any, tuple[int, ...]]) -> None:
    import jax

    layer, shape = case
    x = keras.Input(shape)
    model = keras.Model(x, layer(x))
    found = costs(infer(read_config(model.get_config()).graph, Diagnostics()))
    program = jax.make_jaxpr(lambda value: model(value))(keras.ops.ones((1, *shape)))
    assert found.total.macs == primitive_macs(program.jaxpr)


@pytest.mark.jax
@pytest.mark.parametrize(
    ("layer", "key"),
    [
        (LAYERS.Attention(), 6),
        (LAYERS.MultiHeadAttention(2, 3), 6),
        (LAYERS.MultiHeadAttention(2, 3, output_shape=4), 6),
        (LAYERS.GroupQueryAttention(3, 4, 2), 6),
        (LAYERS.Dot(axes=(2, 2)), 6),
    ],
)
def test_the_primitives_of_jax_for_two_tensors(layer: Any, key: int) -> None:
    import jax

    a, b = keras.Input((7, 6)), keras.Input((10, key))
    listed = isinstance(layer, (LAYERS.Attention, LAYERS.Dot))
    model = keras.Model([a, b], layer([a, b]) if listed else layer(a, b))
    found = costs(infer(read_config(model.get_config()).graph, Diagnostics()))
    values = [keras.ops.ones((1, 7, 6)), keras.ops.ones((1, 10, key))]
    program = jax.make_jaxpr(lambda *values: model(list(values)))(*values)
    assert found.total.macs == primitive_macs(program.jaxpr)


# ---- papers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "published", "digits"),
    [
        ("ResNet50", 3.8e9, 0.02),  # He et al. 2015, table 1: 3.8 billion multiply-adds
        ("ResNet101", 7.6e9, 0.01),  # the same table
        ("VGG19", 19.6e9, 0.005),  # the same, section 3.3
        ("MobileNet", 569e6, 0.001),  # Howard et al. 2017, table 4
        ("MobileNetV2", 300e6, 0.005),  # Sandler et al. 2018, table 4
        ("EfficientNetB0", 0.39e9, 0.02),  # Tan & Le 2019, table 2
        ("ConvNeXtTiny", 4.5e9, 0.02),  # Liu et al. 2022, table 1
    ],
)
def test_published_figures(name: str, published: float, digits: float) -> None:
    with keras.StatelessScope(initialize_variables=False):
        model = getattr(keras.applications, name)(weights=None)
    found = costs(infer(read_config(model.get_config()).graph, Diagnostics()))
    assert found.complete == (True, True)
    assert found.total.macs == pytest.approx(published, rel=digits)
    used = cost(f"input x: float32[224, 224, 3] output y = x -> applications.{name}(weights=None)")
    assert used.total.macs == found.total.macs, "as a layer of a program"


def test_a_long_chain_is_linear() -> None:
    def chain(length: int) -> Callable[[], object]:
        layers = " -> ".join(["Dense(6)"] * length)

        def work() -> None:
            assert macs(f"output y = v -> {layers}") == str(length * 36)

        return work

    assert growth(chain, 200, 2000) < 1.5


@pytest.mark.parametrize(("stage", "times"), [("s", 1), ("TimeDistributed(s)", 3)])
def test_models_in_models_are_counted_once_each(stage: str, times: int) -> None:
    """Each calls the next one twice: what is counted doubles with each level, the work does not."""

    def nest(levels: int) -> Callable[[], object]:
        twice = "output y = add(x -> s, x -> s)"
        models = [
            f"model M{n} {{ input x: float32[4] shared s = M{n + 1}() {twice} }}"
            for n in range(levels)
        ]
        shape = "4" if times == 1 else f"{times}, 4"
        source = f"""
        model Top {{ input x: float32[{shape}] shared s = M0() output y = x -> {stage} }}
        {" ".join(models)}
        model M{levels} {{ input x: float32[4] output y = x -> Dense(4) }}
        """
        types = Compiler(source, model="Top").types
        assert types is not None

        def work() -> None:
            found = costs(types)
            assert found.total.macs == times * 16 * 2**levels
            assert found.complete == (True, True)

        return work

    assert growth(nest, 3, 12) < 1.5
