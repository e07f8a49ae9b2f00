"""The calls of layers of time: recurrent ones, those around a layer, and attention."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from case import Case, In, grid, sub
from pools import ANY, DTYPES, FORMATS, IMAGES, B, dtypes

SEQUENCES = [In((6, 4)), In((None, 4)), In((6, None)), In((4,)), In((6, 5, 4)), In((6, 4), "int32")]


def recurrent() -> Iterator[Case]:
    for cls in ("LSTM", "GRU", "SimpleRNN"):
        yield from grid(cls, SEQUENCES, units=[3], return_sequences=B, return_state=B, use_bias=B)
        yield from grid(cls, SEQUENCES[:2], units=[0, -1, 1], go_backwards=B)
        yield from grid(cls, SEQUENCES[:2], units=[3], stateful=[True])
        yield from dtypes(cls, In((6, 4)), units=3, return_state=True)
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
        states = [In((3,))] * (1 + (cls == "LSTM"))
        for told in ({"dtype": "float64"}, {"dtype": "float64", "autocast": False}):
            yield Case(f"{cls}Cell", {"units": 3, **told}, (In((4,)), states))
    for noise in ("dropout", "recurrent_dropout"):
        for step, state in ((In((4,), "int32"), In((3,))), (In((4,)), In((3,), "int32"))):
            yield Case("SimpleRNNCell", {"units": 3, noise: 0.3}, (step, [state]))
    yield from grid("GRU", SEQUENCES[:2], units=[3], reset_after=B, use_bias=B)
    stacks = [
        [sub("LSTMCell", units=3), sub("GRUCell", units=2)],
        [sub("SimpleRNNCell", units=3)],
        [sub("GRUCell", units=3, dtype="float16"), sub("LSTMCell", units=2, use_bias=False)],
        sub("StackedRNNCells", cells=[sub("LSTMCell", units=3), sub("LSTMCell", units=3)]),
        sub("Dense", units=3),
    ]
    yield from grid("RNN", SEQUENCES[:4], cell=stacks, return_sequences=B, return_state=B)
    yield from dtypes("RNN", In((6, 4)), cell=sub("LSTMCell", units=3))
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
        yield from dtypes(cls, frames[0], filters=2, kernel_size=2)


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
    yield from dtypes("Bidirectional", In((6, 4)), layer=inner[0])
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
    yield from dtypes("TimeDistributed", In((6, 4)), layer=distributed[0])
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
    yield from dtypes("SpectralNormalization", In((4,)), layer=sub("Dense", units=3))


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
        yield from dtypes(cls, [q, k], use_scale=True)
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


FAMILIES = (recurrent, wrappers, attention)
