"""The calls on which the type rules are compared with Keras."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from oracle import Case, In, Sub, grid, sub

B = [True, False]
FORMATS = [None, "channels_last", "channels_first", "channels_middle"]

#: A vector, an image and so on, whatever the layer wants: most layers refuse some of them.
ANY = [
    In(()),
    In((4,)),
    In((None,)),
    In((5, 4)),
    In((None, 4)),
    In((5, None)),
    In((6, 5, 4)),
    In((None, None, 4)),
    In((3, 6, 5, 4)),
    In((4,), "int32"),
    In((5, 4), "float16"),
    In((5, 4), "bool"),
    In((2, 2), "float64"),
]
IMAGES = {
    1: [In((8, 4)), In((None, 4)), In((8, None)), In((2, 4)), In((4,)), In((8, 8, 4))],
    2: [In((9, 8, 4)), In((None, 8, 4)), In((None, None, 4)), In((2, 2, 4)), In((8, 4))],
    3: [
        In((7, 9, 8, 4)),
        In((None, 8, 8, 4)),
        In((4, 4, 4, None)),
        In((2, 2, 2, 4)),
        In((8, 8, 4)),
    ],
}
DTYPES = [None, "float32", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"]


def _dtypes(cls: str, x: Any, **arguments: Any) -> Iterator[Case]:
    """One call under each dtype policy, and frozen."""
    for dtype in DTYPES:
        yield Case(cls, {**arguments, "dtype": dtype}, (x,))
    yield Case(cls, {**arguments, "trainable": False}, (x,))


def core() -> Iterator[Case]:
    yield from grid("Dense", ANY, units=[3, 1, 0, -2, 2.5, True], use_bias=B)
    yield from _dtypes("Dense", In((4,)), units=3)
    yield from _dtypes("Dense", In((4,), "int32"), units=3)
    yield from grid("Embedding", ANY, input_dim=[7, 0, -1, True], output_dim=[3, 0])
    yield from grid("Embedding", [In((5,), "int32")], input_dim=[7], output_dim=[3], mask_zero=B)
    yield from _dtypes("Embedding", In((5,), "int32"), input_dim=7, output_dim=2)
    yield from grid("ReversibleEmbedding", ANY[:8], input_dim=[7, 0], output_dim=[4], tie_weights=B)
    reverse = {"input_dim": 7, "output_dim": 4, "tie_weights": False}
    yield Case("ReversibleEmbedding", reverse, (In((5, 4)),), {"reverse": True})
    for cls in ("Identity", "Masking"):
        yield from grid(cls, ANY)
        yield from _dtypes(cls, In((5, 4)))
    yield from grid("Identity", ANY, dtype=["float16"])
    yield from grid("Rescaling", ANY, scale=[0.5], offset=[0.0, 1])
    yield from _dtypes("Rescaling", In((5, 4)), scale=2)
    yield from einsum()


def einsum() -> Iterator[Case]:
    inputs = [In((5, 4)), In((None, 4)), In((5, None)), In((4,)), In((5, 5, 4))]
    for equation, shapes in {
        "abc,cd->abd": [(5, 3), (None, 3), (6, 3), 3, (3,)],
        "...x,xy->...y": [3, (3,)],
        "ab...,bc->ac...": [(3,), 3],
        "ab,bc->ac": [3, (3,)],
        "abc,cde->abde": [(5, 2, 3), (None, 2, 3)],
        "abc,abd->acd": [(4, 3)],
        "nonsense": [3],
        "abc,cd->abe": [(5, 3)],
        "abc,cf->abd": [(5, 3)],
    }.items():
        for shape in shapes:
            for axes in (None, equation[-1:], "q", "d"):
                arguments = {"equation": equation, "output_shape": shape, "bias_axes": axes}
                for each in inputs:
                    yield Case("EinsumDense", arguments, (each,))


def activations() -> Iterator[Case]:
    yield from grid("Activation", ANY, activation=["relu", "softmax", None])
    yield from grid("ELU", ANY, alpha=[1.0, 0.5])
    yield from grid("LeakyReLU", ANY[:6], negative_slope=[0.3, 0, -0.1, None])
    yield from grid(
        "ReLU", ANY[:6], max_value=[None, 6, -1], negative_slope=[0.0, -1], threshold=[0, -1, None]
    )
    yield from grid("Softmax", ANY[1:], axis=[-1])
    yield from grid("Softmax", ANY[3:7], axis=[1, (1, 2), [-1]])
    shared = [None, 1, [1], [1, 2], (2,), [1, 2, 3], [5], [-1]]
    yield from grid("PReLU", ANY, shared_axes=shared)
    for cls in ("Activation", "ELU", "LeakyReLU", "ReLU", "Softmax", "PReLU"):
        arguments = {"activation": "relu"} if cls == "Activation" else {}
        yield from _dtypes(cls, In((5, 4)), **arguments)


def convolutions() -> Iterator[Case]:
    for rank, images in IMAGES.items():
        few = images if rank < 3 else images[:3]
        ones = (1,) * rank
        tuples: list[Any] = [2, 3, (3, 2, 1)[:rank], 0, (2,) * (rank + 1)]
        classes = [f"Conv{rank}D", f"Conv{rank}DTranspose"]
        if rank < 3:
            classes += [f"DepthwiseConv{rank}D", f"SeparableConv{rank}D"]
        for cls in classes:
            base: dict[str, list[Any]] = {} if cls.startswith("Depth") else {"filters": [6]}
            yield from grid(
                cls,
                few,
                **base,
                kernel_size=tuples,
                padding=["valid", "same", "SAME", "causal", "x"],
            )
            yield from grid(
                cls,
                images[:4],
                **base,
                kernel_size=[2],
                strides=[1, 2, ones, 0],
                dilation_rate=[1, 3],
            )
            yield from grid(
                cls, images[:4], **base, kernel_size=[2], data_format=FORMATS, use_bias=B
            )
            yield from _dtypes(cls, images[0], kernel_size=2, **({"filters": 6} if base else {}))
            if cls.startswith(("Depth", "Separable")):
                extra = {"filters": [6]} if base else {}
                yield from grid(
                    cls, images[:3], **extra, kernel_size=[2], depth_multiplier=[1, 3, 0]
                )
            else:
                yield from grid(cls, images[:1], filters=[0, -3, 1, 2.5], kernel_size=[2])
        yield from grid(
            f"Conv{rank}D",
            images[:2],
            filters=[6, 4, 8],
            kernel_size=[1],
            groups=[1, 2, 3, 4, 0, -1],
        )
        yield from grid(
            f"Conv{rank}DTranspose",
            images[:4],
            filters=[3],
            kernel_size=[1, 2, 4],
            strides=[1, 3],
            padding=["valid", "same"],
            output_padding=[None, 0, 2, ones],
        )


def pooling() -> Iterator[Case]:
    for rank, images in IMAGES.items():
        tuples: list[Any] = [2, (3, 2, 1)[:rank], 0, (2, 2, 2, 2), "2"]
        for kind in ("Average", "Max"):
            yield from grid(
                f"{kind}Pooling{rank}D",
                images,
                pool_size=tuples,
                strides=[None, 1, (2,) * rank],
                padding=["valid", "same", "SAME"],
            )
            yield from grid(f"{kind}Pooling{rank}D", images, pool_size=[2], data_format=FORMATS)
            yield from _dtypes(f"{kind}Pooling{rank}D", images[0], pool_size=2)
            yield from grid(f"Global{kind}Pooling{rank}D", images, data_format=FORMATS, keepdims=B)
            yield from _dtypes(f"Global{kind}Pooling{rank}D", images[0])
            yield from grid(
                f"Adaptive{kind}Pooling{rank}D",
                images[:4],
                output_size=[2, (3,) * rank, (2,) * (rank + 1), None],
                data_format=[None, "channels_first", "x"],
            )


SEQUENCES = [In((6, 4)), In((None, 4)), In((6, None)), In((4,)), In((6, 5, 4)), In((6, 4), "int32")]


def recurrent() -> Iterator[Case]:
    for cls in ("LSTM", "GRU", "SimpleRNN"):
        yield from grid(cls, SEQUENCES, units=[3], return_sequences=B, return_state=B, use_bias=B)
        yield from grid(cls, SEQUENCES[:2], units=[0, -1, 1], go_backwards=B)
        yield from grid(cls, SEQUENCES[:2], units=[3], stateful=[True])
        yield from _dtypes(cls, In((6, 4)), units=3, return_state=True)
        yield from grid(
            "RNN",
            SEQUENCES[:4],
            cell=[sub(f"{cls}Cell", units=3)],
            return_sequences=B,
            return_state=B,
        )
        for states in (In((3,)), [In((3,))], [In((3,)), In((3,))]):
            if (cls == "LSTM") == (isinstance(states, list) and len(states) == 2):
                yield Case(cls, {"units": 3}, (In((6, 4)),), {"initial_state": states})
        for units in (3, 0):
            states = [In((3,))] * (1 + (cls == "LSTM"))
            yield Case(f"{cls}Cell", {"units": units}, (In((4,)), states))
    yield from grid("GRU", SEQUENCES[:2], units=[3], reset_after=B, use_bias=B)
    stacks = [
        [sub("LSTMCell", units=3), sub("GRUCell", units=2)],
        [sub("SimpleRNNCell", units=3)],
        [sub("GRUCell", units=3, dtype="float16"), sub("LSTMCell", units=2, use_bias=False)],
        sub("StackedRNNCells", cells=[sub("LSTMCell", units=3), sub("LSTMCell", units=3)]),
        sub("Dense", units=3),
    ]
    yield from grid("RNN", SEQUENCES[:4], cell=stacks, return_sequences=B, return_state=B)
    yield from _dtypes("RNN", In((6, 4)), cell=sub("LSTMCell", units=3))
    cell = sub("LSTMCell", units=3), [In((3,)), In((3,))]
    yield Case("StackedRNNCells", {"cells": [cell[0]]}, (In((4,)), [cell[1]]))
    yield Case("StackedRNNCells", {"cells": [sub("Dense", units=3)]}, (In((4,)), [cell[1]]))
    two = [cell[0], sub("GRUCell", units=2)]
    yield Case("StackedRNNCells", {"cells": two}, (In((4,)), [cell[1], In((2,))]))
    for rank, images in IMAGES.items():
        frames = [In((3, *image.shape)) for image in images] + [In((None, *images[0].shape))]
        cls = f"ConvLSTM{rank}D"
        yield from grid(cls, frames, filters=[2], kernel_size=[2, 3], padding=["valid", "same"])
        yield from grid(
            cls, frames[:1], filters=[2], kernel_size=[2], return_sequences=B, return_state=B
        )
        yield from grid(
            cls, frames[:1], filters=[2], kernel_size=[2], data_format=FORMATS, use_bias=B
        )
        yield from grid(
            cls, frames[:1], filters=[2], kernel_size=[2], strides=[1, 2], dilation_rate=[1, 2]
        )
        yield from _dtypes(cls, frames[0], filters=2, kernel_size=2)


def wrappers() -> Iterator[Case]:
    inner = [
        sub("LSTM", units=3),
        sub("GRU", units=3, return_sequences=True),
        sub("SimpleRNN", units=2, return_state=True, return_sequences=True),
        sub("LSTM", units=2, return_state=True, dtype="float16"),
        sub("RNN", cell=sub("GRUCell", units=3), return_state=True),
        sub("Dense", units=3),
        sub("LSTM", units=2, trainable=False),
    ]
    modes = ["concat", "sum", "mul", "ave", None, "x"]
    yield from grid("Bidirectional", SEQUENCES[:4], layer=inner, merge_mode=modes)
    backward = [
        sub("LSTM", units=3, go_backwards=True),
        sub("LSTM", units=3),
        sub("LSTM", units=3, go_backwards=True, return_sequences=True),
        sub("GRU", units=3, go_backwards=True),
    ]
    yield from grid("Bidirectional", SEQUENCES[:2], layer=inner[:1], backward_layer=backward)
    yield from _dtypes("Bidirectional", In((6, 4)), layer=inner[0])
    yield Case(
        "Bidirectional", {"layer": inner[0]}, (In((6, 4)),), {"initial_state": [In((3,))] * 4}
    )
    convolution = sub("ConvLSTM1D", filters=2, kernel_size=2, return_state=True)
    yield Case("Bidirectional", {"layer": convolution}, (In((3, 8, 4)),))
    distributed = [
        sub("Dense", units=3),
        sub("Conv1D", filters=2, kernel_size=2),
        sub("LSTM", units=3),
        sub("Flatten"),
        sub("BatchNormalization"),
        sub("Dense", units=3, dtype="float16"),
        sub("TimeDistributed", layer=sub("Dense", units=2)),
    ]
    inputs = [*ANY[:8], In((None, 8, 4)), In((None, None, 4))]
    yield from grid("TimeDistributed", inputs, layer=distributed)
    yield from _dtypes("TimeDistributed", In((6, 4)), layer=distributed[0])
    spectral = [
        (sub("Dense", units=3), In((5, 4))),
        (sub("Dense", units=3, use_bias=False), In((5, 4))),
        (sub("Conv2D", filters=3, kernel_size=2), In((8, 8, 4))),
        (sub("Embedding", input_dim=9, output_dim=3), In((5,), "int32")),
        (sub("DepthwiseConv1D", kernel_size=2), In((8, 4))),
        (sub("Conv1DTranspose", filters=2, kernel_size=2), In((8, 4))),
        (sub("SeparableConv1D", filters=2, kernel_size=2), In((8, 4))),
        (sub("LSTM", units=3), In((8, 4))),
        (sub("ReLU"), In((8, 4))),
        (sub("Dense", units=3), In((5, None))),
    ]
    for layer, tensor in spectral:
        for power in (1, 0):
            arguments = {"layer": layer, "power_iterations": power}
            yield Case("SpectralNormalization", arguments, (tensor,))
    yield from _dtypes("SpectralNormalization", In((4,)), layer=sub("Dense", units=3))


def normalization() -> Iterator[Case]:
    yield from grid("BatchNormalization", ANY, axis=[-1, 1, 3, -4], center=B, scale=B)
    yield from grid("BatchNormalization", ANY[1:4], renorm=B)
    yield from grid("LayerNormalization", ANY, axis=[-1, 1, [1, 2], (-1, 1), [-2, -1], 7], center=B)
    yield from grid("LayerNormalization", ANY[1:6], scale=B, center=B)
    yield from grid("RMSNormalization", ANY, axis=[-1, 1, [1, 2], [2, -2], 4])
    yield from grid("UnitNormalization", ANY, axis=[-1, 1, [1, 2], 4, "x"])
    yield from grid("GroupNormalization", ANY, groups=[1, 2, 3, -1, 0, 8], axis=[-1, 1, 5])
    yield from grid("GroupNormalization", ANY[1:4], groups=[2], center=B, scale=B)
    yield from grid("Normalization", ANY, axis=[-1, None, 1, (1, 2), 5])
    yield from grid(
        "Normalization",
        [In((5, 4)), In((None, 4)), In((5, None))],
        mean=[None, 0.0, [1.0] * 4, [1.0] * 3],
        variance=[None, 1.0, [1.0] * 4],
    )
    for cls in ("BatchNormalization", "LayerNormalization", "RMSNormalization", "Normalization"):
        yield from _dtypes(cls, In((5, 4)))
    yield from _dtypes("GroupNormalization", In((5, 4)), groups=2)
    yield from _dtypes("UnitNormalization", In((5, 4)))


def regularization() -> Iterator[Case]:
    for cls in ("Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise"):
        name = "stddev" if cls == "GaussianNoise" else "rate"
        yield from grid(cls, ANY, **{name: [0, 0.5, 1, 1.5, -0.1]})
        yield from _dtypes(cls, In((5, 4)), **{name: 0.1})
    shapes = [None, (None, 1, 4), [1, 1], (0, 1), (None, 1.5), "x"]
    yield from grid("Dropout", ANY[3:5], rate=[0.5], noise_shape=shapes)
    for rank, images in IMAGES.items():
        yield from grid(f"SpatialDropout{rank}D", images, rate=[0.5, 2])
        yield Case(f"SpatialDropout{rank}D", {"rate": 0.1, "dtype": "float16"}, (images[0],))
    for rank in (2, 3):
        yield from grid(f"SpatialDropout{rank}D", IMAGES[rank][:2], rate=[0.5], data_format=FORMATS)
    yield from grid("ActivityRegularization", ANY, l1=[0.0, 0.1], l2=[0.0, -0.1])


def reshaping() -> Iterator[Case]:
    targets = [(4,), (-1,), (2, 2), (-1, 2), (2, -1), (3, -1), (-1, -1), (-2, 2), (20,), (1, 4, 1)]
    yield from grid("Reshape", ANY, target_shape=[*targets, (), (0, -1), [5, 4], (4, 5)])
    yield from grid("Permute", ANY, dims=[(1,), (2, 1), (1, 2), (3, 1, 2), (0, 1), (1, 3), (1, 1)])
    yield from grid("Flatten", ANY, data_format=FORMATS)
    yield from grid("RepeatVector", ANY, n=[3, 1, 0, -1, 2.0, True])
    for cls, arguments in {
        "Reshape": {"target_shape": (-1,)},
        "Permute": {"dims": (2, 1)},
        "Flatten": {},
    }.items():
        for x in (In((5, 4)), In((5, 4), "int64"), In((5, 4), "bool")):
            yield from _dtypes(cls, x, **arguments)
    for rank, images in IMAGES.items():
        pairs: list[Any] = [0, 1, 4, ((1, 2),) * rank, ((1, 0),) * rank, (1, 1), ((1, 2, 3),), "x"]
        if rank == 1:
            pairs = [0, 1, 4, (1, 2), (0, 1), (1,), (-1, 1), "x"]
        formats = [None, "channels_first"]
        if rank == 1:
            yield from grid("Cropping1D", images, cropping=pairs)
        else:
            yield from grid(f"Cropping{rank}D", images, cropping=[*pairs, -1], data_format=formats)
        yield from grid(f"ZeroPadding{rank}D", images, padding=pairs, data_format=formats)
        sizes: list[Any] = [1, 3, 0, True] if rank == 1 else [2, (1, 2, 3)[:rank], 0, (2,)]
        yield from grid(
            f"UpSampling{rank}D",
            images,
            size=sizes,
            **({} if rank == 1 else {"data_format": formats}),
        )
        for name in ("Cropping", "ZeroPadding", "UpSampling"):
            yield Case(f"{name}{rank}D", {"dtype": "float16"}, (images[0],))


ELEMENTWISE = ["Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"]
GROUPS: list[list[In]] = [
    [In((4,)), In((4,))],
    [In((4,)), In((5,))],
    [In((4,)), In((1,))],
    [In((4,)), In((None,))],
    [In((None,)), In((1,))],
    [In((None, 4)), In((None, 4))],
    [In((5, 4)), In((4,))],
    [In((4,)), In((5, 4))],
    [In((5, 4)), In((5,))],
    [In((5, 4)), In((5, 1))],
    [In((5, 1)), In((1, 4))],
    [In((5, 4)), In((6, 4))],
    [In((5, 4)), In((5, 3))],
    [In((5, None)), In((5, 3))],
    [In((None, 4)), In((6, 4))],
    [In(()), In((4,))],
    [In(()), In(())],
    [In((4,))],
    [In((4,)), In((4,)), In((4,))],
    [In((5, 4)), In((None, 4)), In((5, 4))],
    [In((5, 4)), In((None, 4)), In((6, 4))],
    [In((6, 5, 4)), In((5, 4)), In((4,))],
    [In((4,), "int32"), In((4,))],
    [In((4,), "int32"), In((4,), "int32")],
    [In((4,), "float16"), In((4,), "float64")],
]


def merging() -> Iterator[Case]:
    for cls in ELEMENTWISE:
        for group in GROUPS:
            yield Case(cls, {}, (group,))
        yield Case(cls, {}, (In((4,)),))
        yield from _dtypes(cls, [In((4,)), In((4,))])
    for group in GROUPS:
        for axis in (-1, 1, 2, 0, -2, 3, -4):
            if len(group) == 1 and axis > 1:
                continue  # Keras does not look at the axis of one tensor alone
            yield Case("Concatenate", {"axis": axis}, (group,))
    yield Case("Concatenate", {}, (In((4,)),))
    yield from _dtypes("Concatenate", [In((4,)), In((3,))])
    dots: list[list[In]] = [*GROUPS[:14], [In((5, 4)), In((3, 4))], [In((6, 5, 4)), In((5, 6, 3))]]
    for group in dots:
        for axes in (1, -1, 2, (1, 2), (2, 1), (-1, 1), (1, -1), (1,), "x", 4, (1, 2, 3)):
            yield Case("Dot", {"axes": axes}, (group,))
    yield from _dtypes("Dot", [In((4,)), In((4,))], axes=1)


def attention() -> Iterator[Case]:
    q, v, k = In((5, 4)), In((6, 7)), In((6, 4))
    flexible = [In((None, 4)), In((None, 7)), In((None, 4))]
    for cls in ("Attention", "AdditiveAttention"):
        groups = [[q, k], [q, v, k], [flexible[0], k], flexible, [q, k, k, k], [q]]
        for group, scale in itertools.product(groups, B):
            for scores in B:
                called = {"return_attention_scores": scores}
                yield Case(cls, {"use_scale": scale}, (group,), called)
        yield Case(cls, {}, (q,))
        yield from _dtypes(cls, [q, k], use_scale=True)
        yield Case(cls, {}, ([In((3, 5, 4)), In((3, 6, 4))],))
    yield from grid("Attention", [([q, k],)], score_mode=["dot", "concat", "x"], use_scale=B)
    yield Case("AdditiveAttention", {}, ([In((5, None)), In((6, None))],))
    many: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        ((q, q), {}),
        ((q, v), {}),
        ((q, v, k), {}),
        ((), {"query": q, "value": v, "key": k}),
        ((q,), {"value": v}),
        ((In((None, 4)), In((None, 4))), {}),
        ((In((None, 4)), In((None, 7)), In((None, 4))), {}),
        ((q, In((None, 7)), k), {}),
        ((q, In((5, 7)), k), {}),
        ((In((None,)), In((4,))), {}),
        ((In((5, None)), q), {}),
        ((In((3, 5, 4)), In((3, 5, 4))), {}),
        ((q,), {}),
    ]
    for args, kwargs in many:
        for arguments in (
            {},
            {"value_dim": 3},
            {"use_bias": False},
            {"output_shape": 6},
            {"output_shape": (2, 3)},
            {"use_gate": True},
        ):
            full = {"num_heads": 2, "key_dim": 3, **arguments}
            yield Case("MultiHeadAttention", full, args, kwargs)
    yield Case(
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3},
        (q, q),
        {"return_attention_scores": True},
    )
    yield from grid("MultiHeadAttention", [(q, q)], num_heads=[0, 2.0, 3], key_dim=[3, 0, -1])
    yield from grid(
        "MultiHeadAttention",
        [(q, q)],
        num_heads=[2],
        key_dim=[3],
        value_dim=[None, -1],
        sliding_window=[None, 2, 0, 1.5],
    )
    for dtype in DTYPES:
        yield Case("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "dtype": dtype}, (q, q))
    same = In((6, 4))
    pairs = [(q, q), (q, same), (q, same, same), (In((None, 4)), same), (q, v), (q, same, v), (q,)]
    yield from grid(
        "GroupQueryAttention",
        pairs,
        head_dim=[3],
        num_query_heads=[4],
        num_key_value_heads=[2, 3],
        use_bias=B,
        use_gate=B,
    )
    grouped = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}
    yield Case("GroupQueryAttention", grouped, (q, same), {"return_attention_scores": True})


def cases() -> dict[str, list[Case]]:
    """Every case, under the class it is about."""
    found: dict[str, list[Case]] = {}
    families = [
        *(core, activations, convolutions, pooling, recurrent, wrappers),
        *(normalization, regularization, reshaping, merging, attention),
    ]
    for family in families:
        for case in family():
            found.setdefault(case.cls, []).append(case)
    return found


#: Cases in which Keras builds a layer that cannot run, or runs to no purpose; mtg refuses them.
STRICTER: list[tuple[str, Case]] = [
    ("an axis that is not there", Case("Softmax", {"axis": 3}, (In((5, 4)),))),
    ("an order of axes that is no size", Case("ZeroPadding2D", {"padding": -1}, (In((8, 8, 4)),))),
    ("a size of 0", Case("AdaptiveMaxPooling1D", {"output_size": 0}, (In((8, 4)),))),
    ("too few axes", Case("AdaptiveMaxPooling2D", {"output_size": 2}, (In((8, 4)),))),
    ("the wrong state", Case("LSTM", {"units": 3}, (In((6, 4)),), {"initial_state": [In((3,))]})),
    (
        "a state of the wrong size",
        Case("GRU", {"units": 3}, (In((6, 4)),), {"initial_state": In((5,))}),
    ),
    ("a query and a key that differ", Case("Attention", {}, ([In((5, 4)), In((6, 3))],))),
    ("steps that differ", Case("Attention", {}, ([In((5, 4)), In((6, 3)), In((7, 4))],))),
    ("a product over the batch", Case("Dot", {"axes": 0}, ([In((4,)), In((4,))],))),
    ("an axis of one tensor", Case("Concatenate", {"axis": 2}, ([In((4,))],))),
    (
        "a step of too many axes",
        Case("TimeDistributed", {"layer": sub("LSTM", units=3)}, (In((3, 6, 5, 4)),)),
    ),
    ("strings", Case("Dense", {"units": 3}, (In((4,), "string"),))),
]

#: Cases in which Keras is vague, or says what is not so; mtg says less.
VAGUE: list[tuple[str, Case]] = [
    (
        "the scores have the query's length twice",
        Case(
            "MultiHeadAttention",
            {"num_heads": 2, "key_dim": 3},
            (In((5, 4)), In((6, 4))),
            {"return_attention_scores": True},
        ),
    ),
    (
        "the backward layer is another",
        Case(
            "Bidirectional",
            {
                "layer": sub("LSTM", units=3),
                "backward_layer": sub("LSTM", units=5, go_backwards=True),
            },
            (In((6, 4)),),
        ),
    ),
    (
        "a cell may take any tensor",
        Case(
            "Bidirectional",
            {"layer": sub("RNN", cell=sub("GRUCell", units=3))},
            (In((6, 5, 4)),),
        ),
    ),
    (
        "elided axes come in the wrong order",
        Case("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 3}, (In((6, 5, 4)),)),
    ),
    ("weights of LoRA", Case("Dense", {"units": 3, "lora_rank": 2}, (In((4,)),))),
]

__all__ = ["STRICTER", "VAGUE", "Sub", "cases"]
