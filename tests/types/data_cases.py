"""The calls of layers that prepare data: images, sound, categories and words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case, In, grid, sub
from mtg.catalog import catalog
from mtg.types.rules import image
from pools import FORMATS, B

DTYPES = ["float16", "bfloat16", "mixed_float16"]
PICTURES = [In((9, 8, 3)), In((None, None, 3)), In((3, 9, 8)), In((8, 3)), In((9, 8, 3), "uint8")]
RANGES: list[Any] = [(0, 255), [0, 1], (0, 1, 2), 255]
FACTORS: list[Any] = [0, 0.3, 1, 1.5, -0.5, -1, (0.1, 0.4), [0.5, 2], (-3, -2), (0.1,), "x", None]
WORDS = ["nearest", "bilinear", "reflect", "wrap", "constant", "mirror", "x", None]
#: What the constructors cannot do without.
NEEDED: dict[str, dict[str, list[Any]]] = {
    **{cls: {"height": [4], "width": [5]} for cls in ("CenterCrop", "RandomCrop", "Resizing")},
    "RandomPosterization": {"factor": [4]},
    "MaxNumBoundingBoxes": {"max_number": [3]},
}


def augmentation() -> Iterator[Case]:
    for cls in sorted({*image._FACTORS, *image._NO_FACTOR, "RandomGrayscale"}):
        entry = catalog().find("layer", cls)
        assert entry is not None
        takes = {parameter.name for parameter in entry.parameters}
        needed = dict(NEEDED.get(cls, {}))
        for parameter in entry.parameters:
            if parameter.required:
                needed.setdefault(parameter.name, [0.5])
        # Keras can build a model with this one only where it casts.
        dtype = "float16" if cls == "Equalization" else "float32"
        pictures = [In(x.shape, dtype) for x in PICTURES[:4]]
        if cls != "Equalization":
            pictures.append(PICTURES[4])
        yield from grid(cls, pictures, **needed, data_format=FORMATS)
        yield from grid(cls, [In((9, 8, 3), "float64")], **needed, dtype=DTYPES)
        yield from grid(cls, pictures[:1], **needed, trainable=[False])
        for factor in image._FACTORS.get(cls, ()):
            values = [1, 4, 8, 9, (2, 5), (9, 10), 0, None] if factor.high == 8 else FACTORS
            yield from grid(cls, pictures[:1], **{**needed, factor.argument: values})
        settings = {
            "factor": [0.5, None] if cls != "RandomPosterization" else [2],
            "value_range": RANGES,
            "interpolation": [] if cls == "Resizing" else WORDS,
            "fill_mode": [] if cls == "Resizing" else WORDS,
            "seed": [1, "x", 1.5],
            "kernel_size": [3, 4, (3, 5), (3, 2), (3,), "x"],
            "scale": [0.5, 2.0, "x", None],
        }
        for name, values in settings.items():
            if name in takes:
                yield from grid(cls, pictures[:1], **{**needed, name: values})
    for factor in ("brightness_factor", "saturation_factor", "hue_factor"):
        given = {factor: [0.5], "value_range": RANGES}
        yield from grid("RandomColorJitter", PICTURES[:1], **given)
    labelled = {"images": In((9, 8, 3)), "labels": In((4,))}
    boxes = {**labelled, "bounding_boxes": {"boxes": In((9, 4)), "labels": In((9,))}}
    for group in (labelled, boxes):
        yield Case("RandomFlip", {}, (group,))
        yield Case("MaxNumBoundingBoxes", {"max_number": 3}, (group,))
        yield Case("RandomColorDegeneration", {"factor": 0.5}, (group,))


def sound() -> Iterator[Case]:
    signals = [In((100,)), In((None,)), In(()), In((100,), "int32"), In((100,), "float16")]
    few = {"fft_length": [64]}
    yield from grid("MelSpectrogram", signals, sequence_stride=[16, 1], num_mel_bins=[8], **few)
    yield from grid("MelSpectrogram", signals[:1], sequence_length=[None, 0, 32, 65], **few)
    yield from grid("MelSpectrogram", signals[:1], sequence_stride=[0], **few)
    yield from grid("MelSpectrogram", signals[:1], dtype=DTYPES)
    signals = [
        In((300, 2)),
        In((2, 300)),
        In((None, 2)),
        In((100, None)),
        In((8,)),
        In((300, 2, 1)),
    ]
    modes = ["log", "magnitude", "psd", "real", "imag", "angle", "stft", "x"]
    short: dict[str, list[Any]] = {"window": [None], "frame_length": [64]}
    stft = "STFTSpectrogram"
    yield from grid(stft, signals[:2], mode=modes, expand_dims=B, data_format=FORMATS, **short)
    yield from grid(stft, signals, padding=["valid", "same", "SAME"], expand_dims=B, **short)
    yield from grid(stft, signals[:3], frame_step=[None, 1, 64, 65, 0], **short)
    yield from grid(stft, signals[:1], fft_length=[None, 64, 128, 60, 100], **short)
    yield from grid(stft, signals[:1], scaling=["density", "spectrum", None, "x"], **short)
    yield from grid(stft, signals[:1], window=["hann", "hamming", "no_such", None])
    yield from grid(
        stft,
        signals[:1],
        window=[0, (1, 2), [1.0] * 3, [1.0] * 4],
        frame_length=[4],
        dtype=["float32"],
    )
    yield from grid(stft, signals[:1], dtype=["float16", "mixed_float16"], **short)
    yield from grid(stft, signals[:1], trainable=[False], **short)
    yield from grid(stft, signals[:1], frame_length=[1], window=[None], frame_step=[None, 1])


CODES = [In((5,), "int32"), In((1,), "int64"), In((None,), "int32"), In((), "int32")]
CODES += [In((5, 3), "int32"), In((5, 1), "int32"), In((None, None), "int64")]


def categories() -> Iterator[Case]:
    modes = ["int", "one_hot", "multi_hot", "count", "binary", "x"]
    encoding = "CategoryEncoding"
    yield from grid(encoding, [*CODES, In((5,))], num_tokens=[4], output_mode=modes)
    yield from grid(encoding, CODES[:1], num_tokens=[None, 0, -1, 1, 2.5])
    yield from grid(encoding, CODES[:1], num_tokens=[4], dtype=["float16", "int32"])
    weighted = {"count_weights": In((5,))}
    yield Case(encoding, {"num_tokens": 4, "output_mode": "count"}, CODES[:1], weighted)
    numbers = [In((5,)), In((1,)), In(()), In((None,)), In((5, 3)), In((5,), "int32")]
    cuts: list[Any] = [None, [0.0, 1.0], []]
    for mode in modes:
        bins = {"num_bins": [None, 4, 0, -1], "bin_boundaries": cuts, "output_mode": [mode]}
        yield from grid("Discretization", numbers[:2], **bins)
    cut = {"bin_boundaries": [[0.0, 1.0]]}
    yield from grid("Discretization", numbers, output_mode=modes, **cut)
    yield from grid("Discretization", numbers[:1], output_mode=modes[:2], dtype=DTYPES, **cut)
    yield from grid("Discretization", numbers[:1], output_mode=modes[:2], sparse=B, **cut)


HASHED = [In((5,), "string"), In((1,), "string"), In((), "string"), In((None,), "int64")]
HASHED += [In((5, 3), "int32")]
FEW = ["a", "b", "c"]


def words() -> Iterator[Case]:
    modes = ["int", "one_hot", "multi_hot", "count", "x"]
    types = [None, "int32", "int64", "float32", "mixed_float16"]
    yield from grid("Hashing", HASHED, num_bins=[7], output_mode=modes)
    yield from grid("Hashing", HASHED[:1], num_bins=[7], output_mode=modes[:2], dtype=types)
    yield from grid("Hashing", HASHED[:1], num_bins=[0, -1, None, 1, 2.5], output_mode=modes[1:2])
    yield from grid("Hashing", HASHED[:1], num_bins=[7], salt=[None, 1, (1, 2), [1], "x"])
    pairs: list[tuple[Any, ...]] = [
        ([In((1,), "string"), In((1,), "int32")],),
        ([In((), "string"), In((), "int64")],),
        ([In((), "string")] * 3,),
        (In((1,), "string"),),
        ([In((1,), "string"), In((3,), "string")],),
    ]
    yield from grid("HashedCrossing", pairs, num_bins=[7], output_mode=modes, dtype=types)
    yield from lookups()
    texts = [In((), "string"), In((1,), "string")]
    lengths = {"output_sequence_length": [None, 5, 2.5, "x", -1, 0]}
    text = "TextVectorization"
    yield from grid(text, texts, output_mode=["int", "x"], split=["whitespace", None], **lengths)
    yield from grid(text, texts, output_mode=["multi_hot"], output_sequence_length=[5])
    yield from grid(text, texts[:1], ngrams=[None, 2, (1, 2), [1, 2], "x"])
    yield from grid(text, [In((7,), "string")], split=[None], output_sequence_length=[4])
    yield from grid(text, texts[:1], max_tokens=[None, 1, 4, 9], vocabulary=[None, FEW, ["a", "a"]])
    for weights in (None, [1.0, 2.0, 3.0], [1.0]):
        given = {"output_mode": ["tf_idf", "tf-idf"], "vocabulary": [None, FEW]}
        padded = {"max_tokens": [None, 9], "pad_to_max_tokens": B}
        yield from grid(text, texts[:1], idf_weights=[weights], **given, **padded)


def lookups() -> Iterator[Case]:
    for cls, dtype, known, unknown in (
        ("StringLookup", "string", FEW, "[UNK]"),
        ("IntegerLookup", "int64", [7, 8, 9], -1),
    ):
        inputs = [In((5,), dtype), In((), dtype), In((None, 1), dtype)]
        vocabularies: list[Any] = [None, known, [], [known[0], known[0]], [unknown, *known]]
        for mask in (None, known[1]):
            full = {"vocabulary": vocabularies, "mask_token": [mask]}
            yield from grid(cls, inputs[:1], **full, num_oov_indices=[0, 1, 2, -1])
        yield from grid(cls, inputs, vocabulary=[known], output_mode=["int", "x", 3])
        yield from grid(cls, inputs[:1], max_tokens=[None, 1, 3, 4, 9], vocabulary=[None, known])
        yield from grid(cls, inputs[:1], pad_to_max_tokens=B, max_tokens=[None, 5])
        yield from grid(cls, inputs[:1], oov_method=["floormod", "farmhash", "x"], salt=[None, 3])
        yield from grid(cls, inputs[:1], salt=[(1, 2), [1], "x"], oov_method=["farmhash"])
        yield from grid(cls, inputs[:1], sparse=[False], idf_weights=[None, [1.0]])
        yield from grid(cls, inputs[:1], dtype=["float16"], vocabulary=[known])
        weights = {"idf_weights": [None, [1.0, 2.0, 3.0], [1.0]], "output_mode": ["tf_idf"]}
        tokens = {"vocabulary": [None, known], "max_tokens": [None, 9], "pad_to_max_tokens": B}
        for x in inputs:
            yield from grid(cls, [x], **weights, **tokens)
        modes = {"output_mode": ["int", "multi_hot"]}
        if cls == "IntegerLookup":
            yield from grid(cls, inputs, vocabulary=vocabularies, invert=[True], **modes)
            yield from grid(cls, inputs[:1], vocabulary_dtype=["int64", "int32"])
        else:
            yield from grid(cls, [In((5,), "int64")], invert=[True], output_mode=["multi_hot"])
        nothing = {"invert": [True, False], "oov_token": [None]}
        yield from grid(cls, inputs[:1], vocabulary=[known], **nothing)


def pipelines() -> Iterator[Case]:
    steps: list[Any] = [
        [sub("Rescaling", scale=0.5)],
        [sub("RandomFlip"), sub("RandomRotation", factor=0.1), sub("Rescaling", scale=2.0)],
        [sub("Resizing", height=6, width=5), sub("CenterCrop", height=4, width=4)],
        [sub("Conv2D", filters=4, kernel_size=2), sub("Flatten"), sub("Dense", units=3)],
        [sub("CenterCrop", height=4, width=4, dtype="float16")],
        [],
    ]
    yield from grid("Pipeline", [In((9, 8, 3))], layers=steps)
    yield from grid("Pipeline", [In((9, 8, 3), "uint8")], layers=steps[:3])
    yield from grid("Pipeline", [In((8,))], layers=[[sub("Dense", units=3)], steps[1], steps[3]])
    yield from grid("Pipeline", [In((9, 8, 3))], layers=[None])


FAMILIES = (augmentation, sound, categories, words, pipelines)
