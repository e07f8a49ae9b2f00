"""Calls with masks: of what shape and dtype, for which layer and on what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from case import Case, In, Shape, sub

X, Q, K = In((5, 3)), In((5, 3)), In((7, 3))

#: A layer, what it is called on, the name of its mask, and a mask that fits.
SINGLE: list[tuple[str, dict[str, Any], In, Shape]] = [
    ("LSTM", {"units": 4}, X, (5,)),
    ("LSTM", {"units": 4, "return_sequences": True, "go_backwards": True}, X, (5,)),
    ("GRU", {"units": 4}, X, (5,)),
    ("SimpleRNN", {"units": 4, "unroll": True}, X, (5,)),
    ("RNN", {"cell": sub("GRUCell", units=4)}, X, (5,)),
    ("RNN", {"cell": [sub("LSTMCell", units=4), sub("LSTMCell", units=3)]}, X, (5,)),
    ("Bidirectional", {"layer": sub("LSTM", units=4)}, X, (5,)),
    ("ConvLSTM1D", {"filters": 4, "kernel_size": 3}, In((5, 6, 3)), (5,)),
    ("GlobalAveragePooling1D", {}, X, (5,)),
    ("GlobalAveragePooling1D", {"data_format": "channels_first"}, X, (3,)),
    ("Softmax", {}, X, (5, 3)),
    ("Softmax", {"axis": 1}, In((4, 5, 3)), (4, 5, 3)),
    ("BatchNormalization", {}, X, (5,)),
    ("BatchNormalization", {"axis": 1}, In((4, 5, 3)), (4, 5)),
    ("TimeDistributed", {"layer": sub("Dense", units=4)}, X, (5,)),
    ("TimeDistributed", {"layer": sub("Softmax")}, X, (5, 3)),
    ("TimeDistributed", {"layer": sub("BatchNormalization")}, In((5, 4, 3)), (5, 4)),
    ("TimeDistributed", {"layer": sub("LSTM", units=4)}, In((5, 4, 3)), (5, 4)),
]
HEADS: list[tuple[str, dict[str, Any]]] = [
    ("MultiHeadAttention", {"num_heads": 3, "key_dim": 4}),
    ("MultiHeadAttention", {"num_heads": 3, "key_dim": 4, "dropout": 0.1}),
    ("GroupQueryAttention", {"num_query_heads": 3, "num_key_value_heads": 1, "head_dim": 4}),
]
#: The masks of the layers above, each with a shape that fits.
OF_HEADS: dict[str, Shape] = {
    "attention_mask": (5, 7),
    "query_mask": (5,),
    "value_mask": (7,),
    "key_mask": (7,),
}
PAIRS = [("Attention", {}), ("AdditiveAttention", {}), ("Attention", {"score_mode": "concat"})]


def single(which: int, shape: Shape, dtype: str = "bool") -> Case:
    """A layer of one tensor, with a mask of this shape."""
    cls, arguments, tensor, _ = SINGLE[which]
    return Case(cls, arguments, (tensor,), {"mask": In(shape, dtype)})


def heads(which: int, name: str, shape: Shape, dtype: str = "bool") -> Case:
    cls, arguments = HEADS[which]
    return Case(cls, arguments, (Q, K), {name: In(shape, dtype)})


def pair(which: int, masks: Any, **called: Any) -> Case:
    cls, arguments = PAIRS[which]
    return Case(cls, arguments, ([Q, K],), {"mask": masks, **called})


def near(shape: Shape) -> Iterable[Shape]:
    """Shapes that are not quite this one."""
    yield shape
    yield ()
    yield (*shape, 1)
    yield (1, *shape)
    yield shape[1:]
    yield shape[::-1]
    for axis, length in enumerate(shape):
        for other in (1, (length or 0) + 1, (length or 0) - 1):
            yield (*shape[:axis], other, *shape[axis + 1 :])


def cases() -> Iterable[Case]:
    for which, (*_, shape) in enumerate(SINGLE):
        for other in dict.fromkeys(near(shape)):
            yield single(which, other)
        for dtype in ("int32", "float32", "string"):
            yield single(which, shape, dtype)
    for which in range(len(HEADS)):
        for name, shape in OF_HEADS.items():
            for other in dict.fromkeys([*near(shape), (3, *shape)]):
                yield heads(which, name, other)
        yield heads(which, "attention_mask", (5, 7), "float32")
    for which in range(len(PAIRS)):
        for shape in dict.fromkeys([*near((5,)), *near((5, 3))]):
            yield pair(which, [In(shape, "bool"), None])
        for shape in dict.fromkeys([*near((7,)), *near((5, 7))]):
            yield pair(which, [None, In(shape, "bool")])
            yield pair(which, [None, In(shape, "bool")], use_causal_mask=True)
        m, n = In((5,), "bool"), In((7,), "bool")
        for masks in ([m, n], [m, n, In((9,), "bool")], [m], [m, n, n, n], m, [None, None]):
            yield pair(which, masks)
    for cls, count in (("LSTM", 2), ("GRU", 1), ("SimpleRNN", 1)):
        for dtype in ("int32", "bool", "string"):
            states = [In((4,), dtype)] * count
            yield Case(cls, {"units": 4}, (X,), {"initial_state": states})
    codes = In((5,), "int32")
    for shape in near((5,)):
        weights = {"count_weights": In(shape)}
        yield Case("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}, (codes,), weights)
    query, key = In((5, 3, 4)), In((7, 3, 4))
    for name in ("mask", "bias"):
        dtype = "bool" if name == "mask" else "float32"
        for shape in dict.fromkeys([*near((3, 5, 7)), (6, 5, 7), (5, 7)]):
            called = {name: In(shape, dtype)}
            yield Case("dot_product_attention", {}, (query, key, key), called, op=True)
