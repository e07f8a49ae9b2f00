"""More calls of functions of `keras.ops`: indexing, matrices, images, parts of layers."""

from __future__ import annotations

from collections.abc import Iterator

from case import Case, In
from op_cases import op

X = [In((5, 4)), In((None, 4)), In((5, 4), "int32"), In(())]
AXES = [None, 0, 1, -1, 2, 3]


def arrangement() -> Iterator[Case]:
    for x in X:
        for axis in AXES:
            for name in ("cumsum", "cumprod", "nancumsum", "nancumprod"):
                if axis is None or name.startswith("cum"):
                    yield op(name, x, axis=axis)
            for name in ("sort", "argsort"):
                yield op(name, x, axis=axis)
            yield op("roll", x, 2, axis=axis)
            yield op("repeat", x, 3, axis=axis)
            yield op("repeat", x, [1, 2, 3, 4, 5], axis=axis)
            yield op("unstack", x, axis=0 if axis is None else axis)
            yield op("unstack", x, num=4, axis=-1)
            yield op("average", x, axis=axis)
            yield op("quantile", x, 0.5, axis=axis)
            yield op("percentile", x, [10, 50], axis=axis, keepdims=True)
            yield op("nanquantile", x, [0.5], axis=axis)
            yield op("nanpercentile", x, [0.1, 0.5], axis=axis)
            yield op("count_nonzero", x, axis=axis)
            if axis is not None:
                yield op("diff", x, axis=axis)
                yield op("trapezoid", x, axis=axis)
                yield op("argpartition", x, 1, axis=axis)
            yield op("append", x, x, axis=axis)
        yield op("cumsum", x, dtype="float32")
        yield op("diff", x, n=2)
        for k in (1, 4, 5):
            yield op("top_k", x, k)
        for times in (2, [2, 3], (1, 2, 3, 4), [1]):
            yield op("tile", x, times)
        for width in (1, (1, 2), [[0, 0], [1, 1], [2, 0]], [(1, 1)], ((1, 1), (1, 1))):
            yield op("pad", x, width)
        yield op("pad", x, 1, mode="constant", constant_values=0)
        for source, to in ((0, 1), (1, -1), ([0, 1], [1, 0]), ([1], [2]), (3, 0), ([0, 0], [1, 2])):
            yield op("moveaxis", x, source, to)
        for axes in ((0, 1), (1, 2), (1, 1), (0, 3)):
            yield op("rot90", x, axes=axes)
        yield op("fmod", x, x)
    for x in (In((1,)), In((5, 1)), In((5, 4))):
        for shape in ((3, 5, 4), (2, 3, 5, 4), (5,), [6, 5, 1]):
            yield op("broadcast_to", x, shape)
    for x in (In((4,)), In((1, 4)), In((4, 3)), In((4, 3, 2)), In((None, 4))):
        for name in ("hsplit", "vsplit", "dsplit"):
            for sections in (1, 2, [1, 3]):
                if name != "vsplit" or sections == 1:
                    yield op(name, x, sections)
        for name in ("hstack", "vstack", "dstack"):
            yield op(name, [x, x])
            yield op(name, [x, In((4,))])
        for number in (1, 2, 3):
            yield op("array_split", x, number, axis=1)
    for y in (In((4,)), In((5, 4)), In((None, 4))):
        yield op("moments", y, axes=[1])
        yield op("moments", y, axes=(0, -1), keepdims=True)
        for number in (None, 7):
            for name in ("segment_sum", "segment_max", "segment_min", "segment_prod"):
                yield op(name, y, In((), "int32"), num_segments=number)


def indexing() -> Iterator[Case]:
    x = In((5, 4))
    for places in (
        In((5, 4), "int32"),
        In((1, 4), "int32"),
        In((4,), "int32"),
        In((3, 4), "int32"),
    ):
        for axis in (0, 1, 2, -1, 3):
            yield op("take_along_axis", x, places, axis=axis)
    yield op("take_along_axis", x, In((), "int32"))
    for codes in (In((), "int32"), In((5,), "int32"), In((None,), "int32")):
        for axis in (-1, 0, 1, 2, -2):
            yield op("one_hot", codes, 7, axis=axis)
        for dtype in ("int32", "bool", None):
            yield op("one_hot", codes, 7, dtype=dtype)
    yield op("one_hot", In((5,), "int32"), -1)
    for starts in ([0, 1, 1], [0, 1]):
        for shape in ([1, 2, 2], [-1, 2, -1], [1, 2]):
            yield op("slice", x, starts, shape)
    yield op("slice_update", x, [0, 0, 0], In((1, 1)))
    yield op("scatter_update", x, In((3,), "int32"), In(()))
    yield op("scatter", In((1,), "int32"), In(()), (7,))
    yield op("scatter", In((1,), "int32"), In(()), [7])
    yield op("searchsorted", In(()), In((5,)))
    yield op("searchsorted", In((5,)), In((5,)))
    yield op("in_top_k", In((), "int32"), In((7,)), 2)


EQUATIONS = [
    ("bij,bjk->bik", [In((5, 4)), In((4, 3))]),
    ("bij,bjk->bik", [In((5, 4)), In((3, 3))]),
    ("bij,bjk", [In((5, 4)), In((4, 3))]),
    ("...ij,...jk->...ik", [In((6, 5, 4)), In((6, 4, 3))]),
    ("...ij,...jk->...ik", [In((6, 5, 4)), In((1, 4, 3))]),
    ("bij->bji", [In((5, 4))]),
    ("bij->b", [In((5, None))]),
    ("bii->bi", [In((4, 4))]),
    ("bii->bi", [In((None, 4))]),
    ("bii->bi", [In((4, None))]),
    ("...ii->...i", [In((None, 4))]),
    ("...ii->...i", [In((4, None))]),
    ("bi,bj->bij", [In((None,)), In((4,))]),
    ("bi,bi->b", [In((4,)), In((1,))]),
    ("bi,bi->bi", [In((4,)), In((1,))]),
    ("bi,bi->bi", [In((None,)), In((1,))]),
    ("bi,bi->bi", [In((1,)), In((None,))]),
    ("bi,bi->bi", [In((4,)), In((5,))]),
    ("b...,b...->b...", [In((5, 4)), In((5, 4))]),
    ("bi,bi", [In((4,)), In((4,))]),
    ("bi->bk", [In((4,))]),
    ("bi,bj->b", [In((4,))]),
    ("bij->bi", [In((4,))]),
    ("bij,bjk->bik", [In((5, 4), "int32"), In((4, 3))]),
    ("bij,bjk->bik", [In((5, 4), "int8"), In((4, 3), "int8")]),
]


def matrices() -> Iterator[Case]:
    for equation, tensors in EQUATIONS:
        yield op("einsum", equation, *tensors)
    pairs = [
        (In((5, 4)), In((4, 3))),
        (In((5, 4)), In((5, 4))),
        (In((4,)), In((4,))),
        (In((None, 4)), In((4, None))),
        (In((5, 4)), In((4,))),
        (In((5, 4), "int32"), In((4, 3))),
    ]
    for pair in pairs:
        for axes in (
            0,
            1,
            2,
            3,
            4,
            ([1], [1]),
            ([2], [1]),
            ((0, 2), (0, 1)),
            ([1], [1, 2]),
            ([5], [1]),
        ):
            yield op("tensordot", *pair, axes=axes)
        for name in ("dot", "inner", "outer", "kron", "vdot", "cdist"):
            if name != "kron" or len(pair[0].shape) == len(pair[1].shape):
                yield op(name, *pair)
    for x in (
        In((4, 4)),
        In((4, 5)),
        In((5, 4)),
        In((None, None)),
        In((None, 4)),
        In((4,)),
        In(()),
    ):
        for name in ("cholesky", "cholesky_inverse", "inv", "det", "tril", "triu", "trace"):
            yield op(name, x)
        for mode in ("reduced", "complete"):
            yield op("qr", x, mode=mode)
        if None not in x.shape and len(x.shape) == 2:
            for full in (True, False):
                yield op("svd", x, full_matrices=full)
            yield op("svd", x, compute_uv=False)
        for offset in (0, 1, -1):
            yield op("diagonal", x, offset=offset, axis1=1, axis2=2)
            yield op("trace", x, offset=offset, axis1=1, axis2=2)
        yield op("diagonal", x)
    vectors = [In((3,)), In((2,)), In((5, 3)), In((4,)), In((1, 3))]
    for a in vectors:
        for b in vectors:
            yield op("cross", a, b)


def signals() -> Iterator[Case]:
    yield from pictures()
    for rank, space in ((1, (9,)), (2, (9, 8)), (3, (7, 9, 8))):
        yield from convolutions(rank, space)
        images = [In((*space, 4)), In((None, *space[1:], 4)), In((*space, 4, 1))]
        for x in images if rank < 3 else images[:2]:
            for size in (2, (2,) * rank, (2,) * (rank + 1)):
                for strides in (None, 1):
                    for padding in ("valid", "same", "x"):
                        for name in ("max_pool", "average_pool"):
                            yield op(name, x, size, strides, padding)
            yield op("max_pool", x, 2, data_format="channels_first")
            for name in ("adaptive_max_pool", "adaptive_average_pool"):
                yield op(name, x, (3,) * rank, data_format="channels_first")
    target, output = In((7,)), In((7,))
    for a, b in ((target, output), (In((7,)), In((6,))), (In((None, 7)), In((None, 7)))):
        yield op("binary_crossentropy", a, b)
        yield op("categorical_crossentropy", a, b)
    for a in (In((), "int32"), In((1,), "int32"), In((5,), "int32")):
        for b in (In((7,)), In((5, 7))):
            yield op("sparse_categorical_crossentropy", a, b)
    for length, stride in ((3, 1), (4, 2), (30, 1)):
        yield op("extract_sequences", In((20,)), length, stride)
        yield op("extract_sequences", In((None,)), length, stride)
    for x in (In((20,)), In((None,)), In((2, 20))):
        yield op("rfft", x, fft_length=16)
        for center in (True, False):
            yield op("stft", x, 8, 4, 16, center=center)
    q, k = In((6, 2, 4)), In((5, 2, 4))
    for key, value in ((q, q), (k, k), (In((5, 4)), q)):
        yield op("dot_product_attention", q, key, value)


def convolutions(rank: int, space: tuple[int, ...]) -> Iterator[Case]:
    images = [In((*space, 4)), In((None, *space[1:], 4)), In((*space, None)), In((4,))]
    for wide in (4, 2, 3):
        # The first axis of a kernel is no batch: it is a number.
        kernel = In((*[2] * (rank - 1), wide, 6), batch=2)
        for x in images:
            for strides, padding in (
                (1, "valid"),
                (2, "same"),
                (2, "valid"),
                (1, "x"),
                (0, "same"),
            ):
                yield op("conv", x, kernel, strides, padding)
                if rank < 3:
                    yield op("depthwise_conv", x, kernel, strides, padding)
                    yield op("separable_conv", x, kernel, In((24, 5), batch=1), strides, padding)
        yield op("conv", In((4, *space)), kernel, data_format="channels_first", dilation_rate=2)
        turned = In((*[2] * (rank - 1), 6, wide), batch=2)
        for x in images[:2]:
            for strides in (1, 2):
                for padding in ("valid", "same"):
                    for extra in (None, 0):
                        yield op("conv_transpose", x, turned, strides, padding, extra)
    yield op("conv", images[0], In((), batch=3))


def pictures() -> Iterator[Case]:
    images = [In((9, 8, 3)), In((None, None, 3)), In((9, 8, 4)), In((8, 3)), In((3,))]
    images.append(In((9, 8, 3), "uint8"))
    for x in images:
        for form in (None, "channels_first"):
            if x.shape != (8, 3) or form is None:
                yield op("image.resize", x, (4, 5), data_format=form)
        for name in ("image.rgb_to_grayscale", "image.rgb_to_hsv", "image.hsv_to_rgb"):
            yield op(name, x)
        yield op("image.gaussian_blur", x)
        yield op("image.sobel_edges", x)
        sides = {"left_padding": 1, "right_padding": 2, "top_padding": 1}
        yield op("image.pad_images", x, **sides, bottom_padding=1)
        for target in (5, 20):
            yield op("image.pad_images", x, **sides, target_height=target)
            crop = {"left_cropping": 1, "right_cropping": 2, "top_cropping": 1}
            yield op("image.crop_images", x, **crop, target_height=target)
        yield op("image.crop_images", x, left_cropping=1)
        for size in (2, (3, 2)):
            for padding in ("valid", "same", "x"):
                yield op("image.extract_patches", x, size, padding=padding)
        for block in (2, 3):
            yield op("space_to_depth", x, block)
            yield op("depth_to_space", In((9, 8, 8)), block)
            yield op("depth_to_space", In((8, None, 8)), block, data_format="channels_first")


def numbers() -> Iterator[Case]:
    yield op("full", (2, 3), 1.5)
    yield op("full", (2,), 1, dtype="int32")
    yield op("empty", (2, 3))
    for given in (2, 2.0, True, [1, 2, 3], [[1, 2.5]], [True, False], []):
        yield op("array", given)
    yield op("array", [1, 2], dtype="float16")
    for x in X[:3]:
        yield op("full_like", x, 2)
        yield op("full_like", x, 2, dtype="float16")
        yield op("empty_like", x, dtype="int32")
        yield op("array", x, dtype="float16")
        yield op("convert_to_tensor", x, dtype="float16")
        yield op("saturate_cast", x, "uint8")
        for y in (x, In((4,)), 1):
            for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
                if y == x:
                    yield op(name, x, y)
            for name in ("bitwise_left_shift", "bitwise_right_shift", "left_shift", "right_shift"):
                if y != In((4,)):
                    yield op(name, x, y)
    for n, m in ((3, None), (3, 4), (2, 0)):
        yield op("eye", n, m)
        yield op("tri", n, m)
    yield op("eye", 3, dtype="int32")
    yield op("identity", 3)
    for name in ("linspace", "logspace", "geomspace"):
        yield op(name, 1, 10)
        yield op(name, 1.0, 2.0, 7)
        for axis in (0, -1, 2, 3):
            yield op(name, In((4,)), In((4,)), num=7, axis=axis)
            yield op(name, In((4,), "float16"), In((1,)), num=7, axis=axis)


def stretched() -> Iterator[Case]:
    for x in (In((9, 4)), In((9, 5))):
        for length in (4, 5):
            vector = In((length,))
            yield op("batch_normalization", x, vector, vector, -1)
    yield op("batch_normalization", In((9, 4)), In(()), In(()), 0)
    yield op("batch_normalization", In((9, 4)), In(()), In(()), 1)


def frequencies() -> Iterator[Case]:
    x, half = In((5, 4)), In((5, 4), "float16")
    others = (In((4,)), In((None, 4)), In((5, None)), In(()), In((5, 4), "int32"), half)
    for a, b in ((x, x), (x, In((4,))), (x, In((3, 4))), *((each, each) for each in others)):
        for name in ("fft", "fft2", "ifft2"):
            yield op(name, (a, b))
        yield op("irfft", (a, b))
        yield op("irfft", (a, b), fft_length=8)
    for name in ("fft", "irfft"):
        yield op(name, x)
        yield op(name, (x, x, x))
    for name in ("bartlett", "blackman", "hamming", "hanning"):
        yield op(name, 5)
        yield op(name, 0)
        yield op(name, In(()))
    yield op("kaiser", 5, 2.0)


def solving() -> Iterator[Case]:
    for x in (In((4, 4)), In((3, 4, 4)), In((4, 5)), In((None, None)), In((4,)), In(())):
        for name in ("eigh", "pinv", "matrix_rank", "logdet"):
            if name == "eigh" or len(x.shape) > 1:
                yield op(name, x)
    for a in (In((4, 4)), In((4, 5)), In((3, 4, 4)), In((None, None))):
        for b in (In((4,)), In((4, 7)), In((5,)), In((5, 7)), In((3, 4, 7)), In((4, 4), "int32")):
            for name in ("solve", "solve_triangular"):
                if len(b.shape) in (len(a.shape), len(a.shape) - 1):
                    yield op(name, a, b)


def choices() -> Iterator[Case]:
    for x in (In((5,)), In((5, 3)), In((None,)), In(())):
        for axis in (-1, 0, 1, 2, 3):
            yield op("multi_hot", x, 7, axis=axis)
        yield op("multi_hot", x)
    yield op("multi_hot", In((5,), "int32"), 7, dtype="int32")
    for x in X:
        yield op("isin", x, [1, 2])
        yield op("isin", x, In((7,)))
    x, holds = In((5, 4)), In((5, 4), "bool")
    yield op("select", [holds], [x])
    yield op("select", [holds, holds], [x, x], 0.5)
    yield op("select", [holds], [x], x)
    target, lengths = In((5,), "int32"), In((), "int32")
    yield op("ctc_loss", target, In((20, 7)), lengths, lengths)
    yield op("ctc_loss", target, In((20, 7), "float16"), lengths, lengths)
    yield op("ctc_loss", target, In((20, 7)), In((), "int32", 3), lengths)
    for x in (In((9, 8, 3)), In((None, 8, 3)), In((9, 8, 3), "uint8")):
        yield op("image.affine_transform", x, In((8,)))
        yield op("image.affine_transform", x, In((8,)), interpolation="x")
        yield op("image.elastic_transform", x)
    for x in (In((8, 9, 7, 3)), In((8, None, 7, 3)), In((8, 9, 7, None)), In((7, 3))):
        for size in (2, (2, 1, 3), (2, 2)):
            yield op("image.extract_patches_3d", x, size)
            yield op("image.extract_patches_3d", x, size, strides=1, padding="same")
        yield op("image.extract_patches_3d", x, 2, padding="x")
        yield op("image.extract_patches_3d", x, 2, data_format="channels_first")


def cases() -> Iterator[Case]:
    families = (arrangement, indexing, matrices, signals, numbers, stretched)
    for family in (*families, frequencies, solving, choices):
        yield from family()
