"""The calls on which the rules of layers are compared with Keras."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import data_cases
import sequence_cases
import space_cases
from case import Case, In, grid
from pools import ANY, FORMATS, IMAGES, B, dtypes


def core() -> Iterator[Case]:
    yield from grid("Dense", ANY, units=[3, 1, 0, -2, 2.5, True], use_bias=B)
    yield from dtypes("Dense", In((4,)), units=3)
    yield from dtypes("Dense", In((4,), "int32"), units=3)
    yield from grid("Embedding", ANY, input_dim=[7, 0, -1, True], output_dim=[3, 0])
    yield from grid("Embedding", [In((5,), "int32")], input_dim=[7], output_dim=[3], mask_zero=B)
    yield from dtypes("Embedding", In((5,), "int32"), input_dim=7, output_dim=2)
    yield from grid("ReversibleEmbedding", ANY[:8], input_dim=[7, 0], output_dim=[4], tie_weights=B)
    reverse = {"input_dim": 7, "output_dim": 4, "tie_weights": False}
    yield Case("ReversibleEmbedding", reverse, (In((5, 4)),), {"reverse": True})
    for cls in ("Identity", "Masking"):
        yield from grid(cls, ANY)
        yield from dtypes(cls, In((5, 4)))
    yield from grid("Identity", ANY, dtype=["float16"])
    yield from grid("Rescaling", ANY, scale=[0.5], offset=[0.0, 1])
    yield from dtypes("Rescaling", In((5, 4)), scale=2)
    yield from einsum()
    yield from lora()


def lora() -> Iterator[Case]:
    ranks = {"lora_rank": [None, 0, 2, -1, 2.5]}
    yield from grid("Dense", [In((4,)), In((5, 4))], units=[3], use_bias=B, **ranks)
    yield from grid("Embedding", [In((5,), "int32")], input_dim=[7], output_dim=[3], **ranks)
    reversible = {"input_dim": [7], "output_dim": [4], "tie_weights": B}
    yield from grid("ReversibleEmbedding", [In((5,), "int32")], **reversible, **ranks)
    for rank, images in IMAGES.items():
        yield from grid(f"Conv{rank}D", images[:2], filters=[6], kernel_size=[2], **ranks)
    equation = {"equation": ["abc,cd->abd"], "output_shape": [(5, 3)], "bias_axes": ["d", None]}
    yield from grid("EinsumDense", [In((5, 4))], **equation, **ranks)
    yield Case("Dense", {"units": 3, "lora_rank": 2, "trainable": False}, (In((4,)),))
    yield from dtypes("Dense", In((4,)), units=3, lora_rank=2)
    bound = {"units": [3], "kernel_constraint": ["non_neg"], "lora_rank": [2, None]}
    yield from grid("Dense", [In((4,))], **bound)


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
            for axes in (None, equation[-1:], "q"):
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
        yield from dtypes(cls, In((5, 4)), **arguments)


def normalization() -> Iterator[Case]:
    yield from grid("BatchNormalization", ANY, axis=[-1, 1, 3, -4], center=B, scale=B)
    yield from grid("BatchNormalization", ANY[1:4], renorm=B)
    clips = [{}, {"rmax": 3, "rmin": 0.3, "dmax": 5}, {"rmax": 0.1, "rmin": 0.3}, {"dmax": -1}]
    clips += [{"x": 1}, {"rmax": None, "rmin": 2}, {"rmin": "a", "rmax": 1}, 1, None]
    yield from grid("BatchNormalization", [In((4,))], renorm=B, renorm_clipping=clips)
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
        yield from dtypes(cls, In((5, 4)))
    yield from dtypes("GroupNormalization", In((5, 4)), groups=2)
    yield from dtypes("UnitNormalization", In((5, 4)))


def regularization() -> Iterator[Case]:
    for cls in ("Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise"):
        name = "stddev" if cls == "GaussianNoise" else "rate"
        # What divides by what is left is refused at 1: see FAILING in `differences.py`.
        whole = [] if cls in ("AlphaDropout", "GaussianDropout") else [1]
        yield from grid(cls, ANY, **{name: [0, 0.5, *whole, 1.5, -0.1]})
        yield from dtypes(cls, In((5, 4)), **{name: 0.1})
    shapes = [None, (None, 1, 4), [1, 1], (0, 1), (None, 1.5), "x"]
    yield from grid("Dropout", ANY[3:5], rate=[0.5], noise_shape=shapes)
    for rank, images in IMAGES.items():
        yield from grid(f"SpatialDropout{rank}D", images, rate=[0.5, 2])
        yield Case(f"SpatialDropout{rank}D", {"rate": 0.1, "dtype": "float16"}, (images[0],))
    for rank in (2, 3):
        yield from grid(f"SpatialDropout{rank}D", IMAGES[rank][:2], rate=[0.5], data_format=FORMATS)
    yield from grid("ActivityRegularization", ANY, l1=[0.0, 0.1], l2=[0.0, -0.1])


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
        yield from dtypes(cls, [In((4,)), In((4,))])
    for group in GROUPS:
        for axis in (-1, 1, 2, 0, -2, 3, -4):
            if len(group) == 1 and axis > 1:
                continue  # Keras does not look at the axis of one tensor alone
            yield Case("Concatenate", {"axis": axis}, (group,))
    yield Case("Concatenate", {}, (In((4,)),))
    yield from dtypes("Concatenate", [In((4,)), In((3,))])
    dots: list[list[In]] = [*GROUPS[:14], [In((5, 4)), In((3, 4))], [In((6, 5, 4)), In((5, 6, 3))]]
    for group in dots:
        for axes in (1, -1, 2, (1, 2), (2, 1), (-1, 1), (1, -1), (1,), "x", 4, (1, 2, 3)):
            yield Case("Dot", {"axes": axes}, (group,))
    yield from dtypes("Dot", [In((4,)), In((4,))], axes=1)


#: What Keras says of a dict is true of no tensor: here mtg says nothing.
UNHEEDING = ("Resizing",)

FAMILIES = (
    *(core, activations, normalization, regularization, merging),
    *(*space_cases.FAMILIES, *sequence_cases.FAMILIES, *data_cases.FAMILIES),
)


def cases() -> dict[str, list[Case]]:
    """Every case, under the class it is about."""
    found: dict[str, list[Case]] = {}
    for family in FAMILIES:
        for case in family():
            found.setdefault(case.cls, []).append(case)
    for cls, of_class in found.items():
        if cls not in UNHEEDING:
            of_class += [
                on_dict(case) for case in of_class if case.args and isinstance(case.args[0], In)
            ][:1]
    found["Identity"] += [Case("Identity", {}, (GROUPS[5],)), Case("Identity", {}, ([In((4,))],))]
    return found


def on_dict(case: Case) -> Case:
    """The same layer on a dict of two such tensors."""
    return replace(case, args=({"images": case.args[0], "a": case.args[0]}, *case.args[1:]))
