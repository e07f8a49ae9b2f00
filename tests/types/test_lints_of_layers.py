"""Warnings of layers that do not go together, held against what Keras builds."""

from __future__ import annotations

import keras
import mtg
import numpy as np
import pytest

FIRST, LAST = 'data_format="channels_first"', 'data_format="channels_last"'
IMAGE = "input i: float32[12, 16, 20]"
STEPS = "input i: float32[12, 16]"
VIDEO = "input i: float32[12, 16, 20, 22]"


def model(inputs: str, flow: str) -> str:
    return f"model M {{\n{inputs}\noutput y = {flow}\n}}\n"


def said(text: str) -> list[str]:
    return [each.code for each in mtg.check(text)]


@pytest.mark.parametrize(
    "first", [f"Conv2D(8, 3, {FIRST})", f"Conv2D(8, 3, {LAST})", "Conv2D(8, 3)"]
)
@pytest.mark.parametrize(
    "between",
    ["", "ReLU() -> ", "Dropout(0.1) -> ", 'Activation("relu") -> ', "AveragePooling2D(1, {}) -> "],
)
@pytest.mark.parametrize(
    "last",
    [
        *(
            "GlobalAveragePooling2D()",
            f"GlobalMaxPooling2D({FIRST})",
            f"GlobalMaxPooling2D({LAST})",
        ),
        *("BatchNormalization()", "BatchNormalization(axis=1)", "BatchNormalization(axis=-1)"),
        *("BatchNormalization(axis=3)", "GroupNormalization(2, axis=1)", "GroupNormalization(2)"),
        *("DepthwiseConv2D(1)", f"DepthwiseConv2D(1, {FIRST})"),
    ],
)
def test_axes_of_channels(first: str, between: str, last: str) -> None:
    """Eight filters make eight channels: a layer that finds another number takes another axis."""
    text = model(
        IMAGE, f"i -> {first} -> {between.format(FIRST if FIRST in first else LAST)}{last}"
    )
    layer = mtg.compile(text).layers[-1]
    weights = [len(each) for each in layer.get_weights()]
    found = weights[0] if weights else layer.output.shape[-1]
    if "Depthwise" in last:
        found = layer.get_weights()[0].shape[2]
    assert said(text) == ([] if found == 8 else ["MTG214"])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (model(STEPS, "i -> Conv1D(8, 3) -> BatchNormalization()"), []),
        (model(STEPS, "i -> Conv1D(8, 3) -> BatchNormalization(axis=1)"), ["MTG214"]),
        (model(STEPS, f"i -> Conv1D(8, 3, {FIRST}) -> BatchNormalization(axis=1)"), []),
        (model(STEPS, f"i -> Conv1D(8, 3, {FIRST}) -> MaxPooling1D()"), ["MTG214"]),
        (model(VIDEO, f"i -> Conv3D(8, 3, {FIRST}) -> MaxPooling3D()"), ["MTG214"]),
        (model(VIDEO, "i -> ConvLSTM2D(8, 3) -> GlobalAveragePooling2D()"), []),
        (model(VIDEO, f"i -> ConvLSTM2D(8, 3, {FIRST}) -> GlobalAveragePooling2D()"), ["MTG214"]),
        (model(VIDEO, f"i -> ConvLSTM2D(8, 3, {FIRST}) -> BatchNormalization(axis=1)"), []),
        (model(VIDEO, "i -> ConvLSTM2D(8, 3, return_sequences=True) -> Conv3D(1, 3)"), []),
        # What moves axes, or takes them apart.
        (model(IMAGE, f"i -> Conv2D(8, 3, {FIRST}) -> Permute((2, 3, 1)) -> MaxPooling2D()"), []),
        (model(IMAGE, f"i -> Conv2D(8, 3, {FIRST}) -> Flatten() -> Dense(2)"), []),
        (
            model(
                IMAGE, f"ops.transpose(i -> Conv2D(8, 3, {FIRST}), (0, 2, 3, 1)) -> MaxPooling2D()"
            ),
            [],
        ),
        (model(IMAGE, f"i -> Conv2D(8, 3) -> Reshape((8, 14, 10)) -> MaxPooling2D({FIRST})"), []),
        (model(IMAGE, "i -> Conv2D(8, 3) -> LayerNormalization(axis=[1, 2, 3])"), []),
        (model(IMAGE, f"i -> ZeroPadding2D() -> Conv2D(8, 3, {FIRST})"), ["MTG214"]),
        (
            model(IMAGE, f"add(i -> Conv2D(20, 1), i -> Conv2D(12, 1, {FIRST})) -> MaxPooling2D()"),
            [],
        ),
        (model(IMAGE, f"add(i, i -> Conv2D(12, 1, {FIRST})) -> MaxPooling2D()"), []),
        (
            model(
                IMAGE,
                f"add(i -> Conv2D(12, 1, {FIRST}), i -> Conv2D(12, 1, {FIRST})) -> MaxPooling2D()",
            ),
            ["MTG214"],
        ),
    ],
)
def test_what_moves_the_channels(text: str, codes: list[str]) -> None:
    assert said(text) == codes


WORDS = "input w: int32[12]\ninput v: float32[12, 4]\n"
EMBED = "w -> Embedding(9, 4, mask_zero=True)"

MASKED = [
    *(f"{EMBED} -> {last}" for last in ("LSTM(3)", "GRU(3)", "GlobalAveragePooling1D()")),
    *(
        f"{EMBED} -> {layer} -> LSTM(3)"
        for layer in (
            *("Conv1D(4, 3)", 'Conv1D(4, 3, padding="same")', "MaxPooling1D()", "ZeroPadding1D(1)"),
            *("AveragePooling1D(2)", "SeparableConv1D(4, 3)", "UpSampling1D(2)", "Cropping1D(1)"),
            *("Dropout(0.1)", "SpatialDropout1D(0.1)", "Dense(4)", "BatchNormalization()"),
            *("LayerNormalization()", "RMSNormalization()", 'Activation("relu")', "ReLU()"),
            *("PReLU()", "LeakyReLU()", "ELU()", "GaussianNoise(0.1)", "Identity()"),
            *("Rescaling(2.0)", "UnitNormalization()", "TimeDistributed(Dense(3))"),
            *("ActivityRegularization(l1=0.1)", "GroupNormalization(2)", "AlphaDropout(0.1)"),
            *("GRU(4, return_sequences=True)", "Bidirectional(GRU(4, return_sequences=True))"),
            *(
                "Flatten() -> Reshape((12, 4))",
                "Reshape((12, 4))",
                "Reshape((12, 2, 2)) -> Reshape((12, 4))",
            ),
            'EinsumDense("abc,cd->abd", output_shape=(12, 5))',
        )
    ),
    f"{EMBED} -> Conv1D(4, 3) -> Bidirectional(LSTM(3))",
    f"{EMBED} -> Conv1D(4, 3) -> GlobalAveragePooling1D()",
    "v -> Masking() -> Conv1D(4, 3) -> LSTM(3)",
    "v -> Masking() -> Dense(4) -> LSTM(3)",
    "v -> Conv1D(4, 3) -> LSTM(3)",
    f"ops.multiply({EMBED}, 2.0) -> LSTM(3)",
    f"ops.relu({EMBED}) -> LSTM(3)",
    f"e = {EMBED}\noutput y = add(e, e -> Dense(4)) -> LSTM(3)",
    f"e = {EMBED}\noutput y = add(e -> Conv1D(4, 1), e -> Conv1D(4, 1)) -> LSTM(3)",
    f"e = {EMBED}\noutput y = concat(e, e -> Dense(4)) -> LSTM(3)",
    *(
        f"e = {EMBED}\noutput y = {merge} -> LSTM(3)"
        for merge in (
            "add(e, w -> Embedding(9, 4))",
            "multiply(w -> Embedding(9, 4) -> Dense(4), e)",
            "maximum(e, ops.relu(w -> Embedding(9, 4)))",
            "add(add(e, w -> Embedding(9, 4)), e)",
            "add(e, w -> Embedding(9, 4) -> Conv1D(4, 1)) -> Dense(3)",
            "add(e, w -> Embedding(9, 4, mask_zero=True))",
            "concat(e, w -> Embedding(9, 4))",
        )
    ),
    f"e = {EMBED}\noutput y = (e, e) -> MultiHeadAttention(2, 2) -> GlobalAveragePooling1D()",
    f"e = {EMBED} -> Conv1D(4, 1)\noutput y = (e, e) -> MultiHeadAttention(2, 2) -> Flatten()",
    f"e = {EMBED} -> Conv1D(4, 1)\noutput y = [e, e] -> Attention() -> Flatten()",
    f"e = {EMBED}\noutput y = (e -> Conv1D(4, 1), e) -> MultiHeadAttention(2, 2) -> Flatten()",
]


def masked_in_keras(text: str) -> list[bool]:
    """Whether what the layers that use masks take has one."""
    built = mtg.compile(text)
    found = []
    for layer in built.layers:
        if isinstance(
            layer,
            (
                keras.layers.RNN,
                keras.layers.Bidirectional,
                keras.layers.GlobalAveragePooling1D,
                keras.layers.MultiHeadAttention,
                keras.layers.Attention,
            ),
        ):
            given = layer.input
            if isinstance(given, (list, tuple)):  # of attention the values, else what comes first
                given = given["ttention" in type(layer).__name__]
            found.append(getattr(given, "_keras_mask", None) is not None)
    return found


@pytest.mark.filterwarnings("ignore:Layer .* does not support masking")
@pytest.mark.parametrize("flow", MASKED)
def test_masks_that_are_lost(flow: str) -> None:
    """A warning where a mask is made and Keras hands none to a layer that would use it."""
    body = flow if "output y" in flow else f"output y = {flow}"
    inputs = "".join(
        line + "\n" for line in WORDS.splitlines() if f"{line.split()[1][0]} ->" in body
    )
    text = f"model M {{\n{inputs}{body}\n}}\n"
    made = "mask_zero" in body or "Masking" in body
    masked = masked_in_keras(text)
    assert said(text) == (["MTG215"] if made and not all(masked) else [])


@pytest.mark.parametrize(
    "flow",
    [
        f"{EMBED} -> Flatten() -> Dense(3)",
        f"{EMBED} -> Conv1D(4, 3) -> GlobalMaxPooling1D()",
        f"{EMBED} -> Flatten() -> Dense(3) -> RepeatVector(12) -> LSTM(3)",
        f"{EMBED} -> LSTM(3) -> RepeatVector(12) -> LSTM(3)",
        f"{EMBED} -> GlobalAveragePooling1D() -> RepeatVector(12) -> LSTM(3)",
        "w -> Embedding(9, 4) -> Conv1D(4, 3) -> LSTM(3)",
        f"{EMBED} -> Reshape((3, 16)) -> LSTM(3)",
        f"({EMBED} -> Conv1D(4, 1), mask=ops.not_equal(w, 0)) -> LSTM(3)",
    ],
)
def test_masks_that_nothing_would_use(flow: str) -> None:
    assert said(model("input w: int32[12]", flow)) == []


LOOKUPS = [
    ("string", "StringLookup()", 'StringLookup(vocabulary=["a"])'),
    ("string", "TextVectorization(9)", 'TextVectorization(9, vocabulary=["a"])'),
    ("int64", "IntegerLookup()", "IntegerLookup(vocabulary=[1])"),
    ("float32", "Discretization(num_bins=3)", "Discretization(bin_boundaries=[0.5])"),
]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="words need TensorFlow")
@pytest.mark.parametrize(("dtype", "without", "given"), LOOKUPS)
def test_lookups_without_anything_to_look_up(dtype: str, without: str, given: str) -> None:
    """It is a note: the model can be built, and fails when it runs, unless it is adapted."""
    empty, full = (model(f"input w: {dtype}[1]", f"w -> {each}") for each in (without, given))
    (note,) = mtg.check(empty)
    assert (note.code, note.severity) == ("MTG216", "note")
    assert mtg.check(full) == []
    data = keras.ops.convert_to_tensor([["a"]] if dtype == "string" else np.ones((1, 1), dtype))
    with pytest.raises(Exception, match=r"(?i)initiali[sz]ed|adapt|vocabulary|bin"):
        mtg.compile(empty)(data)
    mtg.compile(full)(data)


def test_a_normalization_that_was_given_nothing_does_nothing() -> None:
    text = model("input x: float32[3]", "x -> Normalization()")
    assert said(text) == ["MTG216"]
    x = np.array([[1.0, 5.0, 9.0]], "float32")
    assert np.allclose(np.asarray(mtg.compile(text)(x)), x)
    assert said(text.replace("Normalization()", "Normalization(mean=1.0, variance=4.0)")) == []


@pytest.mark.usefixtures("eager_once")
@pytest.mark.parametrize(
    ("training", "layer", "codes"),
    [
        (False, "BatchNormalization()", ["MTG525"]),
        (False, "BatchNormalization(trainable=False)", []),
        (None, "BatchNormalization()", []),
    ],
)
def test_a_call_does_not_say_whether_it_trains(
    training: bool | None, layer: str, codes: list[str]
) -> None:
    """`fit` collects statistics whatever the call says, unless the layer is frozen."""
    flow = f"(i, training={training}) -> {layer} -> Dense(1)"
    text = f'model M {{\ninput i: float32[4]\noutput y(loss="mse") = {flow}\n}}\n'
    assert said(text) == codes
    built = mtg.compile(text)
    built.fit(np.full((2, 4), 3.0), np.ones((2, 1)), verbose=0)
    normalization = next(each for each in built.layers if "Batch" in type(each).__name__)
    moved = bool(np.any(normalization.get_weights()[-2]))
    assert moved is ("trainable=False" not in layer)


def test_dropout_that_shall_stay_on() -> None:
    """`predict` drops nothing; a model that is called from Python may."""
    text = model("input i: float32[400]", "(i, training=True) -> Dropout(0.5) -> Identity()")
    assert said(text) == ["MTG525"]
    built, ones = mtg.compile(text), np.ones((1, 400), "float32")
    assert np.all(built.predict(ones, verbose=0) == 1)
    dropped = keras.ops.convert_to_numpy(built(ones, training=True))
    assert np.any(dropped == 0)


def test_a_model_inside_that_is_told_whether_it_trains() -> None:
    """It is told by the model around it; frozen, it keeps its statistics."""
    inner = model("input i: float32[4]", "i -> BatchNormalization() -> Dense(2)").replace(
        "model M", "model Inner"
    )
    outer = 'model Outer { input i: float32[4] output y(loss="mse") = (i, training=False) -> '
    for call, codes in (("Inner()", ["MTG525"]), ("Inner(trainable=False)", [])):
        text = f"{inner}{outer}{call} -> Dense(1) }}"
        assert said(text) == codes
        built = mtg.compile(text, model="Outer")
        built.fit(np.full((2, 4), 3.0), np.ones((2, 1)), verbose=0)
        nested = next(each for each in built.layers if isinstance(each, keras.Model))
        moved = bool(np.any(nested.layers[1].get_weights()[-2]))
        assert moved is bool(codes)
