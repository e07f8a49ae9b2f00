"""Calls of the rarer functions of `keras.ops`: grids, counting, patches, complex numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case, In
from op_cases import op

#: A vector is a batch of numbers; those of 4 and so on have a length that is known.
VECTOR, FOUR, ROW = In(()), In((), batch=4), In((5,))
DTYPES = ["bool", "uint8", "int32", "float16", "bfloat16"]


def fixed(*shape: int, dtype: str = "float32") -> In:
    """A tensor whose batch has a known length."""
    return In(shape[1:], dtype, batch=shape[0])


def several(name: str, inputs: list[Any], settings: list[dict[str, Any]]) -> Iterator[Case]:
    for args in inputs:
        for kwargs in settings:
            yield op(name, *(args if isinstance(args, tuple) else (args,)), **kwargs)


PATTERNS: list[tuple[str, dict[str, Any]]] = [
    ("b h w -> b w h", {}),
    ("b h w->w b h", {}),
    ("b h w -> b (h w)", {}),
    ("b h w -> (b h) w", {}),
    ("b h w -> b h w", {"z": 3}),
    ("b h w -> b h w ( )", {}),
    ("b (h) w -> b h w", {}),
    ("b (h k) w -> b h k w", {"k": 2}),
    ("b (h k) w -> b h k w", {"k": 4}),
    ("b (h k) w -> b h k w", {"h": 3, "k": 2}),
    ("b (h k) w -> b h k w", {"h": 2, "k": 2}),
    ("b (h k) w -> b h k w", {"k": 2.0}),
    ("b (h k) w -> b h k w", {"k": 0}),
    ("b (h k) w -> b h k w", {"k": True}),
    ("b (h k) w -> b h k w", {}),
    ("b (h k l) w -> b k (h l w)", {"k": 2, "l": 1}),
    ("b (h k) (k w) -> b h k w", {"k": 2}),
    ("b h (w c) -> b h w c", {"c": 2}),
    ("b h (w c) -> b h w c", {"c": 2, "w": 2}),
    ("(b k) h w -> b k h w", {"k": 2}),
    ("b h w -> b h", {}),
    ("b h w -> b h x", {}),
    ("b h w -> b h w w", {}),
    ("b h w -> b h w 1", {}),
    ("b h h -> b h", {}),
    ("b h -> h b", {}),
    ("b h w c -> b c h w", {}),
    ("b ... -> ... b", {}),
    ("b h w -> b w h -> b", {}),
    ("b h w", {}),
    ("", {}),
]


def views() -> Iterator[Case]:
    tensors = [fixed(2, 6, 4), fixed(2, 6, 4, dtype="int32"), In((6, 4)), In((None, 4))]
    for x in (*tensors, In((6, None), batch=2), fixed(2, 6, 1), FOUR):
        for pattern, sizes in PATTERNS:
            yield op("rearrange", x, pattern, **sizes)
    yield op("rearrange", fixed(2, 6, 4), 3)
    yield op("rearrange", fixed(2, 6, 4), pattern="b h w -> h w b")
    for x in (VECTOR, FOUR, ROW, In((5, 4)), In((None,)), *(In((6,), d) for d in DTYPES)):
        yield op("view", x)
        for dtype in ("int32", "float16", "uint8", "float64", "bool", "complex64", "x", "", 3):
            yield op("view", x, dtype)
        yield op("view_as_real", x)
        yield op("view_as_complex", x)
    for x in (In((2,)), fixed(2), In((5, 2)), In((2,), "int32"), In((2,), "float16")):
        yield op("view_as_complex", x)
    yield op("view_as_real", In((2,), "complex64"))
    half = In((5,), "float16")
    for pair in ((ROW, ROW), (ROW, In((1,))), (ROW, In((4,))), (ROW, VECTOR), (ROW, 2.0)):
        yield op("polar", *pair)
    for pair in ((2.0, ROW), ([1.0, 2.0], ROW), (half, half), (In((None,)), ROW)):
        yield op("polar", *pair)


def grids() -> Iterator[Case]:
    vectors = [VECTOR, FOUR, *(fixed(4, dtype=dtype) for dtype in DTYPES)]
    matrices = [ROW, fixed(4, 5), fixed(5, 4), In((5, 4)), In((None,)), fixed(2, 5, 4)]
    for k in (0, 1, -2, 9, 2.5):
        for x in (*vectors, *matrices):
            yield op("diag", x, k=k)
            yield op("diagflat", x, k=k)
    powers = [{"N": n} for n in (None, 3, 0, -1, 2.5, True)]
    powers += [{"increasing": up} for up in (True, 1, None)]
    yield from several("vander", [*vectors, ROW], powers)
    yield op("vander", FOUR, 3, True)
    three, two = fixed(3), fixed(2)
    for indexing in ("xy", "ij", "x", None):
        for xs in ((FOUR, three), (VECTOR, VECTOR), (ROW, fixed(4, 5)), (VECTOR, FOUR, three, two)):
            yield op("meshgrid", *xs, indexing=indexing)
        for y in (2.0, [1.0, 2.0], In((5, 4))):
            yield op("meshgrid", FOUR, y, indexing=indexing)
        yield op("meshgrid", FOUR, indexing=indexing)
    for dtypes in (("int32", "int32"), ("float16", "int32"), ("int32", "float32")):
        yield op("meshgrid", *(fixed(4, dtype=dtype) for dtype in dtypes))
    for x in (fixed(4, 4), In((None,)), *(fixed(4, 4, dtype=dtype) for dtype in DTYPES)):
        yield op("corrcoef", x)


def counting() -> Iterator[Case]:
    whole = [In((), "int32"), fixed(4, dtype="int32"), In((5,), "int32"), In((None,), "int32")]
    whole += [In((5,), "uint8"), In((5,), "bool"), ROW, In((5, 4), "int32")]
    for x in whole:
        for kwargs in ({}, {"minlength": 7}, {"sparse": True}):
            if not kwargs.get("sparse") or (x.dtype == "int32" and len(x.shape) < 2):
                yield op("bincount", x, **kwargs)
    for weights in ([1, 1, 1, 1], [1.0, 2.0, 3.0, 4.0], [1, 2.5, 3, 4], [1.0, 2.0], 2, FOUR):
        for dtype in ("int32", "uint8"):
            yield op("bincount", fixed(4, dtype=dtype), weights=weights)
    bins = [VECTOR, fixed(3), ROW, [1.0, 2.0], 3, fixed(3, dtype="int32")]
    for x in (VECTOR, ROW, In((5, 4)), *(In((5,), dtype) for dtype in DTYPES)):
        for each in bins:
            yield op("digitize", x, each)
    yield op("digitize", [1.0, 2.0], fixed(3))
    ends: list[Any] = [(0, 5), (0.5, 2), (1, 1), (5, 0), [0, 5], (0,), (0, 1, 2), (), 0, ("a", "b")]
    settings = [{"bins": n} for n in (10, 3, 0, -1, 2.5, True)]
    settings += [{"range": each} for each in ends]
    inputs = [VECTOR, FOUR, ROW, *(fixed(4, dtype=dtype) for dtype in DTYPES)]
    yield from several("histogram", inputs, settings)
    asked: list[dict[str, Any]] = [{}, *({f"return_{n}": True} for n in ("index", "inverse"))]
    asked += [{"return_index": True, "return_inverse": True, "return_counts": True}]
    asked += [{"axis": axis, "return_inverse": True} for axis in (0, 1, -1, 5, 1.5)]
    asked += [{"size": n, "return_counts": True} for n in (3, 0, -1, 2.5)]
    asked += [{"size": 3, "axis": 0, "return_counts": True, "fill_value": 7}, {"sorted": False}]
    inputs = [VECTOR, ROW, In((6, 4)), In((None,)), *(fixed(4, 5, dtype=d) for d in DTYPES)]
    yield from several("unique", inputs, asked)
    for x in (VECTOR, In((), "int32"), In((5,), "int32"), fixed(4, dtype="int32"), ROW):
        for shape in ((3, 4), (3,), [3, 4, 5], (None, 4), 5):
            yield op("unravel_index", x, shape)


def solving() -> Iterator[Case]:
    square = [In((4, 4)), In((3, 4, 4)), fixed(4, 4), In((4, 5)), In((5, 4)), fixed(4, 5)]
    square += [In((None, None)), In((None, 4)), In((4,)), VECTOR]
    for x in (*square, *(In((4, 4), dtype) for dtype in DTYPES)):
        yield op("eig", x)
        yield op("lu_factor", x)
        if len(x.shape) < 2:
            yield op("slogdet", x)
    for x in (fixed(4, 4), fixed(4, 5), In((4,), batch=4), In((None,), batch=4)):
        yield op("slogdet", x)
    left = [fixed(4, 5), fixed(5, 4), ROW, In((None,), batch=4), In((5, 4)), FOUR]
    left.append(fixed(4, 5, dtype="int32"))
    right = [FOUR, VECTOR, fixed(4, 7), In((7,)), fixed(5), In((None,), batch=4), fixed(4, 3, 2)]
    for a in left:
        for b in (*right, fixed(4, 7, dtype="float16"), [1.0, 2.0, 3.0, 4.0]):
            yield op("lstsq", a, b)
    yield op("lstsq", fixed(4, 5), FOUR, rcond=0.1)


def sound() -> Iterator[Case]:
    three = fixed(3)
    for mode in ("valid", "same", "full", "x", None):
        for pair in ((FOUR, FOUR), (FOUR, three), (VECTOR, VECTOR), (FOUR, VECTOR), (ROW, ROW)):
            yield op("correlate", *pair, mode=mode)
    yield op("correlate", three, FOUR, mode="same")
    yield op("correlate", FOUR, [1.0, 2.0])
    for a in DTYPES:
        for b in (*DTYPES, "float32"):
            yield op("correlate", fixed(4, dtype=a), fixed(4, dtype=b))
    frames = [In((5, 9)), In((None, 9)), In((2, 5, 9)), In((5, None)), In((9,)), fixed(5, 9)]
    settings: list[dict[str, Any]] = [{"length": n} for n in (None, 0, 10, 24, -1, 2.5)]
    settings += [{"center": False}, {"center": False, "length": 32}, {"window": None}]
    inputs: list[Any] = [((x, x), 8, 4, 16) for x in (*frames, In((5, 9), "float16"), VECTOR)]
    x = frames[0]
    inputs += [((x, In((5, 8))), 8, 4, 16), (x, 8, 4, 16), ((x, x, x), 8, 4, 16)]
    yield from several("istft", inputs, settings)
    for lengths in ((8, 0, 16), (8, -1, 16), (8, 2.5, 16), (8, 4, 15), (8, 9, 16), (16, 4, 16)):
        yield op("istft", (x, x), *lengths)
    yield op("istft", (x, x), 20, 4, 16, window=None)
    for lengths in ((20, 4, 16), (8, 4, 16.0), (8.0, 4, 16), (0, 4, 16)):
        yield op("istft", (x, x), *lengths)
    steps, rows = In((20, 7)), In((), "int32")
    sequences: list[Any] = [(each, rows) for each in (steps, In((None, 7)), In((7,)), VECTOR)]
    sequences += [(fixed(3, 20, 7), fixed(3, dtype="int32")), (steps, In((1,), "int32"))]
    sequences += [(In((20, 7), dtype), rows) for dtype in ("float16", "int32")]
    sequences += [(fixed(3, 20, 7), fixed(2, dtype="int32")), (In((20, 7, 2)), rows)]
    beams: list[dict[str, Any]] = [{}, {"strategy": "x"}, {"top_paths": 3}, {"mask_index": 3}]
    beams += [{"strategy": "beam_search", "top_paths": n} for n in (1, 3, 2.5, None)]
    yield from several("ctc_decode", sequences, beams)


def patches() -> Iterator[Case]:
    moves: list[dict[str, Any]] = [{}, {"stride": 2}, {"padding": 1}, {"dilation": 2}]
    moves += [{"padding": (0, 1), "stride": [1, 2]}, {"stride": 0}, {"padding": -1}, {"stride": -1}]
    images = [In((3, 9, 8)), In((3, None, 8)), In((None, 9, 8)), In((9, 8)), In((3, 2, 2))]
    for x in (*images, In((3, 9, 8), "int32"), fixed(2, 3, 9, 8)):
        for size in (2, (3, 2), [2, 2], (2, 2, 2), 0, -1, 2.5):
            yield op("unfold", x, size)
        for kwargs in moves:
            if kwargs.get("padding") != -1:
                yield op("unfold", x, 2, **kwargs)
    rows = [In((12, 9)), In((13, 9)), In((None, 9)), In((12, None)), In((12,)), In((4, 9, 1))]
    rows += [In((12, 4)), In((12, 16)), In((12, 25)), In((12, 9), "float16")]
    for x in rows:
        for output in (4, (4, 4), (4, 5), [4, 4], (4, 4, 4), 0, 2.5):
            yield op("fold", x, output, 2)
        for size in ((3, 2), 0, -2, 3):
            yield op("fold", x, 4, size)
        for kwargs in moves:
            yield op("fold", x, 4, 2, **kwargs)


def images() -> Iterator[Case]:
    picture, points = In((9, 8, 3)), In((4, 2))
    pictures = [picture, fixed(9, 8, 3), In((9, 8, 3), "uint8"), In((None, 8, 3)), ROW]
    places = [fixed(2, 5), fixed(3, 7), fixed(4, 5, 6), ROW, fixed(2), fixed(2, 5, 3)]
    for x in (fixed(4, 5), *pictures, FOUR):
        for each in places:
            yield op("image.map_coordinates", x, each, 1)
    for order in (0, 1, 1.0, True, 2, -1, "a", None):
        yield op("image.map_coordinates", fixed(4, 5), fixed(2, 5), order)
    for mode in ("nearest", "wrap", "mirror", "reflect", "x", None):
        yield op("image.map_coordinates", fixed(4, 5), fixed(2, 5), 1, fill_mode=mode)
    yield op("image.map_coordinates", fixed(4, 5), [[0.0, 1.0], [0.0, 1.0]], 1)
    corners = fixed(4, 2)
    pairs = [(points, points), (corners, corners), (points, In((4, 2), batch=3)), (ROW, points)]
    pairs += [(In((4, 3)), points), (In((3, 4, 2)),) * 2, (In((None, 2)), points)]
    for x in (*pictures, In((2, 9, 8, 3))):
        for pair in pairs:
            yield op("image.perspective_transform", x, *pair)
    for kwargs in (
        *({"interpolation": word} for word in ("nearest", "x", None)),
        *({"data_format": word} for word in ("channels_first", "x")),
    ):
        yield op("image.perspective_transform", picture, points, points, **kwargs)
    yield op("image.perspective_transform", picture, points, [[0, 0], [0, 8], [9, 0], [9, 8]])
    two = fixed(2)
    shapes: list[Any] = [(None, 5, 4, 3), [2, 5, 4, 3], (2, 5, 4, 3.0), 5, (2, -5, 4, 3)]
    for x in (picture, In((None, None, 3)), In((9, 8, 3), "float16")):
        for shape in shapes:
            yield op("image.scale_and_translate", x, shape, two, two, (1, 2), "linear")
    for method in ("bicubic", "lanczos3", "x", None):
        shape = (None, 5, 4, 3)
        yield op("image.scale_and_translate", picture, shape, two, two, [1, -2], method)
    flat = fixed(9, 8, 3)
    yield op("image.scale_and_translate", flat, (5, 4, 3), [1.0, 2.0], two, (0, 1), "cubic")
    large = In((19, 18, 3))
    compared = [(large, large), (fixed(19, 18, 3),) * 2, (large, fixed(3, 19, 18, 3)), (ROW, large)]
    compared += [(large, ROW), (In((19, 18, 3), "uint8"),) * 2, (In((None, 18, 3)), large)]
    compared += [(In((19, 18, 3), "float16"), large), (large, 2.0), (fixed(3, 19, 18, 3),) * 2]
    formats: list[dict[str, Any]] = [{}, {"data_format": "channels_first"}, {"data_format": "x"}]
    yield from several("image.ssim", compared, [*formats, {"filter_size": 3}, {"max_val": 255}])
    rows = [(ROW, ROW), (In((5, 4)),) * 2, (ROW, VECTOR), (ROW, In((4,))), (VECTOR, VECTOR)]
    rows += [(In((None, 4)), In((5, 4))), (ROW, 1.0), *((In((5,), d),) * 2 for d in DTYPES)]
    for most in (1.0, 255, None, "a"):
        for pair in rows:
            yield op("psnr", *pair, most)


def cases() -> Iterator[Case]:
    for family in (views, grids, counting, solving, sound, patches, images):
        yield from family()
