"""The calls of functions of `keras.ops` on which their rules are compared with Keras."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case, In
from mtg.types.rules import op_elements

#: Functions of one tensor whose rule is the same for all of them.
PLAIN = [
    *sorted(set(op_elements._SAME) - {"threshold"}),
    *op_elements._FLOATING,
    *("exp", "exp2", "expm1", "fabs", "square", "reciprocal", "cbrt", "erfc"),
    *("isnan", "isfinite", "isinf", "logical_not", "isposinf", "isneginf", "isreal", "signbit"),
    *("deg2rad", "rad2deg", "i0", "sparsemax", "ravel", "size", "nonzero", "array"),
    *("fliplr", "flipud", "tril", "triu", "convert_to_tensor", "empty_like", "median", "trace"),
    *("cholesky", "cholesky_inverse", "inv", "det", "normalize", "rfft", "glu"),
    *("layer_normalization", "rms_normalization", "stop_gradient"),
]
NUMBERS = ["bool", "int8", "uint8", "int16", "uint16", "int32", "float16", "bfloat16", "float32"]
#: Types that JAX narrows; Keras says the others alike with every back end.
WIDE = ["int64", "float64"]
TENSORS = [In((4,)), In((None, 4)), In((5, 4), "int32"), In((5, 4), "bool"), In((5, 4), "float16")]
PAIRS: list[tuple[Any, Any]] = [
    (In((4,)), In((4,))),
    (In((4,)), In((5,))),
    (In((4,)), In((1,))),
    (In((None,)), In((4,))),
    (In((4,)), In((None,))),
    (In((None,)), In((1,))),
    (In((1,)), In((None,))),
    (In((5, 4)), In((5, 1))),
    (In((5, 4)), In((4,))),
    (In((5, 4)), In((1,))),
    (In((5, 4)), In((None, 4))),
    (In((None, 4)), In((None, 4))),
    (In((4,)), 2),
    (In((4,)), 2.5),
    (In((4,), "int32"), 2),
    (In((4,), "int32"), 2.5),
    (In((4,), "bool"), 1),
    (In((4,), "bool"), True),
    (2, In((4,), "float16")),
    (In((), "int8"), In((4,), "uint8")),
]
BINARY = ["add", "subtract", "multiply", "maximum", "minimum", "power", "floor_divide", "mod"]
BINARY += ["divide", "true_divide", "logaddexp", "equal", "not_equal", "greater", "greater_equal"]
BINARY += ["less", "less_equal", "logical_and", "logical_or", "logical_xor", "fmax", "fmin", "fmod"]
BINARY += ["divide_no_nan", "logaddexp2", "isclose", "dot", "inner", "outer"]
#: Functions of two tensors that do not take Python's numbers alike.
PROPER = ["arctan2", "gcd", "lcm", "hypot", "heaviside", "ldexp", "nextafter", "allclose", "vdot"]
RESHAPED = [(-1, 20), (-1, 10, 2), (-1,), (5, -1), (-1, -1), (-1, 4), (-2, 4)]
REDUCTIONS = ["mean", "sum", "prod", "max", "min", "amax", "amin", "any", "all", "std", "var"]
REDUCTIONS += ["nanmax", "nanmean", "nanmedian", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"]
REDUCTIONS += ["median", "logsumexp", "ptp", "norm"]
ARGUMENTS = ["argmax", "argmin", "nanargmax", "nanargmin"]


def op(name: str, *args: Any, **kwargs: Any) -> Case:
    return Case(name, {}, args, kwargs, op=True)


def cases() -> Iterator[Case]:
    for name in PLAIN:
        for x in TENSORS:
            yield op(name, x)
    yield op("threshold", In((4,)), 0.5, 0.0)
    both = {"a": In((4,)), "b": In((4,))}
    for name in ("exp", "stack", "concatenate", "mean", "matmul", "expand_dims"):
        yield op(name, both, *([] if name in ("exp", "stack", "concatenate") else [0]))
    yield op("matmul", In((4,)), both)
    yield op("multiply", both, 2)
    for name in BINARY:
        for pair in PAIRS:
            yield op(name, *pair)
    for a in NUMBERS:
        for b in NUMBERS:
            yield op("add", In((4,), a), In((4,), b))
            yield op("divide", In((4,), a), In((4,), b))
        for number in (True, 2, 2.5):
            yield op("multiply", In((4,), a), number)
        for name in ("clip", "cumsum", "cumprod", "sort", "argsort", *REDUCTIONS, *PLAIN):
            more = (0, 1) if name == "clip" else ()
            yield op(name, In((4,), a), *more)
        for name in (*PROPER, "logaddexp", "fmod", "power"):
            for b in NUMBERS:
                yield op(name, In((4,), a), In((4,), b))
    for name in PROPER:
        for pair in PAIRS:
            if all(isinstance(x, In) for x in pair):
                yield op(name, *pair)
    for name in (*REDUCTIONS, *ARGUMENTS):
        axes = [None, 0, 1, -1, 2, 3, *([] if name in ARGUMENTS else [(1, 2), (0, -1), [1]])]
        if name == "norm":
            axes = [None, (1,), (0, -1), (3,), (1, 2)]
        for x in (In((5, 4)), In((None, 4)), In((5, 4), "int32"), In((5, 4), "bool")):
            for axis in axes:
                for keep in (False, True):
                    yield op(name, x, axis=axis, keepdims=keep)
    yield op("prod", In((5, 4)), axis=1, dtype="int32")
    for name in ("softmax", "log_softmax"):
        for axis in (-1, 1, 3, -4, None):
            yield op(name, In((5, 4)), axis=axis)
    for x in (In((5, 4)), In((None, 4)), In((5, 4), "int32"), In(())):
        yield from shapes(x)
    for target in (*RESHAPED, [-1, 4]):
        for x in (In((5, 4)), In((None, 4)), In((5, None))):
            yield op("reshape", x, target)
    yield from joins()
    yield from products()
    yield from constants()


def shapes(x: In) -> Iterator[Case]:
    for axes in (None, (0, 2, 1), (2, 1, 0), (0, 1), (0, 1, 1), (0, -1, 1), (0,)):
        yield op("transpose", x, axes)
    for axis in (0, 1, -1, 2, 3, 4, (1, 2), (0, -1), [1]):
        yield op("expand_dims", x, axis)
    for pair in ((0, 1), (1, 2), (-1, 1), (1, 3)):
        yield op("swapaxes", x, *pair)
    for axis in (None, 0, 1, -1, 3):
        yield op("squeeze", x, axis)
        yield op("squeeze", In((1, 4, 1)), axis)
        yield op("flip", x, axis)
    for dtype in ("int32", "float16", "bool"):
        yield op("cast", x, dtype)
        yield op("zeros_like", x, dtype=dtype)
    yield op("ones_like", x)
    for key in slices():
        yield op("getitem", x, key)
    for axis in (None, 0, 1, -1, 3):
        for indices in (0, [0, 1], In((3,), "int32")):
            yield op("take", x, indices, axis=axis)
    for sections in (1, 2, 3, [1, 2], [2]):
        for axis in (1, -1, 3):
            yield op("split", x, sections, axis=axis)


def slices() -> list[Any]:
    everything = slice(None)
    return [
        (everything, 0),
        (everything, -1),
        (everything, 9),
        (everything, slice(1, None)),
        (everything, slice(None, -1)),
        (everything, slice(1, 3)),
        (everything, slice(None, None, 2)),
        (everything, slice(None, None, -1)),
        (..., 0),
        (..., None),
        (everything, None, ...),
        (None, everything),
        (0,),
        0,
        (everything, 0, 0),
        (everything, 0, 0, 0),
        (everything, ..., slice(1, 3)),
        (..., ...),
        [slice(None), 1],
    ]


def joins() -> Iterator[Case]:
    groups = [
        [In((5, 4)), In((5, 4))],
        [In((5, 4)), In((5, 3))],
        [In((5, 4)), In((None, 4))],
        [In((None, 4)), In((None, 4)), In((5, 4))],
        [In((5, 4)), In((4,))],
        [In((5, 4), "int32"), In((5, 4))],
        [In((5, 4))],
    ]
    for group in groups:
        for axis in (0, 1, -1, 3, -4):
            yield op("concatenate", group, axis=axis)
            yield op("stack", group, axis=axis)


def products() -> Iterator[Case]:
    pairs = [
        (In((5, 4)), In((4, 3))),
        (In((5, 4)), In((5, 3))),
        (In((None, 4)), In((4, None))),
        (In((5, None)), In((4, 3))),
        (In((6, 5, 4)), In((1, 4, 3))),
        (In((6, 5, 4)), In((7, 4, 3))),
        (In((5, 4)), In(())),
        (In((5, 4), "int8"), In((4, 3), "int8")),
        (In((5, 4), "int32"), In((4, 3))),
    ]
    for pair in pairs:
        yield op("matmul", *pair)
    for x in (In((4,)), In((5, 4))):
        yield op("where", In((4,), "bool"), x, 0)
        yield op("where", In((4,), "bool"), x, In((4,), "int32"))


def constants() -> Iterator[Case]:
    for bounds in ((5,), (1, 5), (1, 6, 2), (5.0,), (0, 1, 0.25), (5, 5), (5, 1, -1)):
        yield op("arange", *bounds)
    yield op("arange", 5, dtype="float32")
    for name in ("zeros", "ones"):
        for shape in ((2, 3), [4], ()):
            yield op(name, shape)
        yield op(name, (2,), dtype="int32")
