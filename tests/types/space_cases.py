"""The calls of layers of space: convolutions, pooling and what changes a shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case, In, grid
from pools import ANY, FORMATS, IMAGES, B, dtypes


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
            yield from grid(cls, few, **base, kernel_size=tuples[:3], padding=["valid", "same"])
            paddings = ["valid", "same", "SAME", "causal", "x"]
            yield from grid(cls, images[:1], **base, kernel_size=tuples, padding=paddings)
            yield from grid(
                cls,
                images[:3],
                **base,
                kernel_size=[2],
                strides=[1, 2, ones, 0],
                dilation_rate=[1, 3],
            )
            yield from grid(
                cls, images[:3], **base, kernel_size=[2], data_format=FORMATS, use_bias=B
            )
            yield from dtypes(cls, images[0], kernel_size=2, **({"filters": 6} if base else {}))
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
            images[:2],
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
            cls = f"{kind}Pooling{rank}D"
            sizes = {"pool_size": tuples, "strides": [None, 1, (2,) * rank]}
            yield from grid(cls, images[:2], padding=["valid", "same"], **sizes)
            yield from grid(cls, images, padding=["valid", "same", "SAME"], pool_size=[2, 3])
            yield from grid(f"{kind}Pooling{rank}D", images, pool_size=[2], data_format=FORMATS)
            yield from dtypes(f"{kind}Pooling{rank}D", images[0], pool_size=2)
            yield from grid(f"Global{kind}Pooling{rank}D", images, data_format=FORMATS, keepdims=B)
            yield from dtypes(f"Global{kind}Pooling{rank}D", images[0])
            yield from grid(
                f"Adaptive{kind}Pooling{rank}D",
                images[:4],
                output_size=[2, (3,) * rank, (2,) * (rank + 1), None],
                data_format=[None, "channels_first", "x"],
            )


def reshaping() -> Iterator[Case]:
    targets = [(4,), (-1,), (2, 2), (-1, 2), (2, -1), (3, -1), (-1, -1), (-2, 2), (20,), (1, 4, 1)]
    targets += [(None, 5), (None,)]
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
            yield from dtypes(cls, x, **arguments)
    for rank, images in IMAGES.items():
        pairs: list[Any] = [0, 1, 4, ((1, 2),) * rank, ((1, 0),) * rank, (1, 1), ((1, 2, 3),), "x"]
        pairs += [((1, 2), *(1,) * (rank - 1)), (*(0,) * (rank - 1), (2, 1)), ((1, 2), (1,))]
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


FAMILIES = (convolutions, pooling, reshaping)
