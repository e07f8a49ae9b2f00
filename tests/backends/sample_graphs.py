"""Graphs made by hand, with types, for the tests of what draws and lists them."""

from __future__ import annotations

from typing import Any

from mtg.graph.graph import Binding, Graph, Output, Use
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import KerasObject, TensorRef
from mtg.lengths.dims import BATCH, UNKNOWN, Symbol
from mtg.text.source import NOWHERE, Source, Span
from mtg.types.tensor import TensorType, Weight
from mtg.types.types import Types


class Sample:
    """A graph under construction, and its types."""

    def __init__(self, name: str) -> None:
        self.graph = Graph(name)
        self.types = Types(self.graph)

    def layer(self, cls: str, name: str, params: int | None = 0, **arguments: Any) -> KerasLayer:
        return self.known(KerasLayer(name, cls, arguments, NOWHERE), params)

    def op(self, name: str) -> Op:
        return self.known(Op(name, name, {}, NOWHERE), 0)

    def known(self, layer: Any, params: int | None) -> Any:
        """A layer with this many parameters."""
        weights = (Weight("kernel", (params,), "float32", True),) if params else ()
        self.types.weights[layer] = None if params is None else weights
        return layer

    def call(
        self, layer: Layer, *args: Any, shape: Any, uses: tuple[Use, ...] = (), **kwargs: Any
    ) -> TensorRef:
        """A call; `shape` is that of the result, a list of several, or None if unknown."""
        call = self.graph.add_call(layer, args, kwargs, layer.span, uses)
        shapes = shape if isinstance(shape, list) else [shape]
        self.types.outputs[call.id] = (
            None if shape is None else tuple(TensorType("float32", (BATCH, *s)) for s in shapes)
        )
        return TensorRef(call.id)

    def input(self, name: str, *shape: Any, dtype: str = "float32") -> TensorRef:
        layer = self.known(InputLayer(name, {"shape": shape, "dtype": dtype}, NOWHERE), 0)
        ref = self.call(layer, shape=shape)
        self.types.outputs[ref.call] = (TensorType(dtype, (BATCH, *shape)),)
        return ref

    def new(
        self, cls: str, name: str, of: Any, shape: Any, params: int | None = 0, **arguments: Any
    ) -> TensorRef:
        """A new layer, called once."""
        uses = arguments.pop("uses", ())
        return self.call(self.layer(cls, name, params, **arguments), of, shape=shape, uses=uses)

    def bind(self, name: str, ref: TensorRef) -> TensorRef:
        self.graph.bindings.append(Binding(name, ref, NOWHERE))
        return ref

    def output(self, name: str, ref: TensorRef, **task: Any) -> None:
        self.graph.outputs.append(Output(name, ref, NOWHERE, **task))
        self.bind(name, ref)


def news() -> Sample:
    """Two inputs, two tasks."""
    s = Sample("NewsHeadline")
    headline = s.input("main_input", 100, dtype="int32")
    aux = s.input("aux_input", 5)
    table = s.new(
        "Embedding", "encoded_embedding", headline, (100, 512), 5_120_000,
        input_dim=10_000, output_dim=512,
    )  # fmt: skip
    encoded = s.bind("encoded", s.new("LSTM", "encoded", table, (32,), 69_760, units=32))
    x = s.new("Concatenate", "main_output_concat", [encoded, aux], (37,))
    for number, count in enumerate((2_432, 4_160, 4_160), 1):
        name = "main_output_dense" + (f"_{number}" if number > 1 else "")
        x = s.new("Dense", name, x, (64,), count, units=64, activation="relu")
    main = s.new("Dense", "main_output", x, (1,), 65, units=1, activation="sigmoid")
    side = s.new("Dense", "aux_output", encoded, (1,), 33, units=1, activation="sigmoid")
    loss = "binary_crossentropy"
    s.output("main_output", main, loss=loss, weight=1.0, metrics=("accuracy",))
    s.output("aux_output", side, loss=loss, weight=0.2)
    return s


def same_author() -> Sample:
    """One LSTM, called twice."""
    s = Sample("SameAuthor")
    a, b = s.input("post_a", 140, 256), s.input("post_b", 140, 256)
    encoder = s.layer("LSTM", "encoder", 82_176, units=64)
    encoder.shared = True
    both = [s.call(encoder, a, shape=(64,)), s.call(encoder, b, shape=(64,))]
    merged = s.new("Concatenate", "same_concat", both, (128,))
    same = s.new("Dense", "same", merged, (1,), 129, units=1, activation="sigmoid")
    s.output("same", same, loss="binary_crossentropy", metrics=("accuracy",))
    return s


def residual() -> Sample:
    """Two uses of a block inside the use of another, and a layer that nothing uses."""
    s = Sample("Residual")
    x = s.input("image", 32, 32, 64)
    outer = Use("stage", "label_stage", NOWHERE)
    for number in (1, 2):
        prefix = f"label_residual_{number}"
        uses = (outer, Use("residual", prefix, NOWHERE))
        body = s.new(
            "Conv2D", f"{prefix}_body_conv2d", x, (32, 32, 64), 36_864, uses=uses,
            filters=64, kernel_size=3, strides=(1, 1), padding="same", use_bias=False,
        )  # fmt: skip
        body = s.new("BatchNormalization", f"{prefix}_body", body, (32, 32, 64), 256, uses=uses)
        x = s.new("Add", f"{prefix}_add", [body, x], (32, 32, 64), uses=uses)
        x = s.new("ReLU", prefix, x, (32, 32, 64), uses=uses)
    s.new("Flatten", "forgotten", x, (65_536,))
    pooled = s.new("GlobalAveragePooling2D", "pool", x, (64,))
    s.output("label", s.new("Dense", "label", pooled, (10,), 650, units=10))
    return s


def everything() -> Sample:
    """One of each thing that is drawn in a way of its own."""
    s = Sample("Everything")
    length = Symbol("T")
    question, video = s.input("question", length, 64), s.input("video", 20, 224, 224, 3)
    image = s.input("image", 224, 224, 3)
    reader = s.known(NestedModel("reader", Graph("Mlp"), {}, NOWHERE), 55_050)
    settings: dict[str, Any] = {"weights": "imagenet", "include_top": False}
    base = s.known(Application("base", "Xception", settings, NOWHERE), 20_861_480)
    base.shared, base.trainable = True, False
    frames = s.layer("TimeDistributed", "frames", 20_861_480, layer=base)
    seen = s.call(frames, video, shape=(20, 2048))
    still = s.call(base, image, shape=(2048,))
    inner = KerasLayer("lstm", "LSTM", {"units": 32, "dropout": 0.1}, NOWHERE)
    gist = s.new("Bidirectional", "gist", seen, (64,), 532_736, layer=inner, merge_mode="concat")
    state = s.new(
        "LSTM", "state", question, [(64,), (64,), (64,)], 33_024, units=64, return_state=True
    )
    h = s.bind("h", TensorRef(state.call, 1))
    c = s.bind("c", TensorRef(state.call, 2))
    decoder = s.layer("LSTM", "decoder", 540_928, units=64, return_sequences=True)
    decoded = s.call(decoder, seen, initial_state=[h, c], shape=(20, 64))
    attend = s.layer("MultiHeadAttention", "attend", None, num_heads=8, key_dim=64)
    looked = s.call(attend, query=decoded, value=decoded, shape=None)
    mean = s.call(s.op("mean"), looked, axis=1, shape=None)
    first = s.call(s.op("getitem"), decoded, (slice(None), 0), shape=(64,))
    gap = s.bind("gap", s.new("Subtract", "gap", [mean, first], (64,)))
    once = s.call(reader, gap, shape=(10,))
    twice = s.call(reader, once, shape=(10,))
    third = s.call(reader, still, shape=(11,))
    merged = s.new("Concatenate", "mood_concat", [gist, third], (UNKNOWN,), axis=1)
    mood = s.new(
        "Dense", "mood", merged, (5,), None, units=5, activation="softmax",
        kernel_regularizer=KerasObject("regularizer", "L2", {"l2": 1e-4}, NOWHERE),
    )  # fmt: skip
    logits = KerasObject("loss", "CategoricalCrossentropy", {"from_logits": True}, NOWHERE)
    top = KerasObject("metric", "TopKCategoricalAccuracy", {"k": 3}, NOWHERE)
    s.output("digit", twice, loss=logits, weight=0.5, metrics=("accuracy", "auc", top))
    s.output("mood", mood, loss="mse")
    s.output("gist", gist)
    return s


#: Names that would break a careless writer of DOT, HTML or XML.
HOSTILE = (
    "<b>&amp;</b>", 'quo"te', "back\\N\\slash\\", "new\nline", "tab\tnul\x00esc\x1b", "a:b:n",
    "漢字é🙂", "\ud800lone", "]]>", "-->", "<>", "{a|b}", " ", "", "\u202eright", "%s{}", "\ufffe",
)  # fmt: skip


def hostile() -> Sample:
    """Every name, string and class taken from `HOSTILE`."""
    s = Sample(HOSTILE[0])
    x = s.input("start", 4)
    for number, name in enumerate(HOSTILE):
        uses = (Use(name, name, NOWHERE),)
        arguments = {"activation": name, name: name}
        layer = PythonLayer(name, "mine", name, (), arguments, NOWHERE)
        x = s.call(s.known(layer, number), x, shape=(4,), uses=uses)
        s.bind(name, x)
        op = s.op(name)
        x = s.call(op, x, name, axis=name, shape=(4,))
        source = Source(name, "text")
        op.span = Span(source, 1, 2)
    for name in HOSTILE:
        s.output(name, x, loss=name, weight=1e-7, metrics=(name, name))
    return s


def chain(length: int) -> Sample:
    """As many layers one after the other."""
    s = Sample("Chain")
    x = s.input("x", 8)
    for number in range(length):
        x = s.new("Dense", f"dense_{number}", x, (8,), 72, units=8)
    s.output("y", x, loss="mse")
    return s
