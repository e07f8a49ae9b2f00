"""`keras.layers`: from categories, numbers and words to indices and their encodings.

What these learn by `adapt` is no weight: vocabularies are tables.
"""

from __future__ import annotations

from collections.abc import Sequence

from mtg.graph.values import DataArray, Words
from mtg.lengths.dims import UNKNOWN, Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import (
    bad_value,
    cast_input,
    length_of,
    numeric,
    policy,
    positive,
    several,
    single,
    value,
)
from mtg.types.rules.registry import rule
from mtg.types.tensor import Operand, Shape, TensorType


def _mode(call: LayerCall, modes: Sequence[str]) -> str:
    found = value(call, "output_mode")
    if "tf_idf" in modes and isinstance(found, str):
        found = {"binary": "multi_hot", "tf-idf": "tf_idf"}.get(found, found)
    if found not in modes:
        raise bad_value(call, "output_mode", " or ".join(f'"{mode}"' for mode in modes))
    if found == "int" and call["sparse"]:
        raise bad_value(call, "sparse", 'False where the output is "int"')
    return str(found)


def _one_hot(shape: Shape, depth: Dim) -> Shape:
    """One row for each index; a last axis of 1 makes place for it."""
    return (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), depth)


def _one(dtype: str | None, shape: Shape) -> Result:
    return Result((TensorType(dtype, shape),))


def _shape(tensor: TensorType) -> Shape:
    if tensor.shape is None:
        raise UnknownType(computed=False)
    return tensor.shape


def _salt(call: LayerCall) -> None:
    salt = value(call, "salt")
    pair = isinstance(salt, (list, tuple)) and len(salt) == 2
    if salt is not None and not pair and not isinstance(salt, int):
        raise bad_value(call, "salt", "a whole number, or two of them")


def _indices(call: LayerCall, *also: str) -> TensorType:
    """Return the one tensor of a call, which must be of whole numbers, or of `also`."""
    tensor = single(call)
    if tensor.dtype is not None and "int" not in tensor.dtype and tensor.dtype not in also:
        words = " or ".join(("whole numbers", *(f"{dtype}s" for dtype in also)))
        raise TypeMismatch(f"`{call.cls}` takes {words}, not {tensor.dtype}", code="MTG303")
    return tensor


@rule("CategoryEncoding")
def category_encoding(call: LayerCall) -> Result:
    """(batch, …) of indices -> (batch, num_tokens), or a row for each with "one_hot"."""
    mode = value(call, "output_mode")
    mode = "multi_hot" if mode == "binary" else mode
    if mode not in ("count", "one_hot", "multi_hot"):
        raise bad_value(call, "output_mode", '"multi_hot", "one_hot" or "count"')
    depth = positive(call, "num_tokens")
    tensor = numeric(call, single(call))
    shape = _shape(tensor)
    weights = call.args[1] if len(call.args) > 1 else call.kwargs.get("count_weights")
    if weights is not None and mode != "count":
        raise TypeMismatch(
            '`count_weights` of `CategoryEncoding` goes with `output_mode="count"`',
            code="MTG307",
        )
    coded = _one_hot(shape, depth) if mode == "one_hot" else (*shape[:-1], depth)
    return _one(policy(call).compute, coded)


@rule("Discretization")
def discretization(call: LayerCall) -> Result:
    """Return the bin of each number, as an int32 index or encoded."""
    mode = _mode(call, ("int", "one_hot", "multi_hot", "count"))
    bins, boundaries = value(call, "num_bins"), value(call, "bin_boundaries")
    if (bins is None) == (boundaries is None):
        raise bad_value(call, "num_bins", "given, or else `bin_boundaries`, and not both")
    if bins is not None and (not isinstance(bins, int) or bins < 0):
        raise bad_value(call, "num_bins", "a whole number, 0 or more")
    edges = length_of(boundaries)
    if boundaries is not None and edges is None:
        raise bad_value(call, "bin_boundaries", "a list of numbers")
    tensor = numeric(call, single(call))
    if mode == "int":
        return Result((TensorType("int32", tensor.shape),))
    shape = _shape(tensor)
    depth = bins or 0 if edges is None else edges + 1
    if mode == "one_hot":
        return _one(policy(call).compute, _one_hot(shape, depth))
    # Keras sums over the first axis after the batch.
    return _one(policy(call).compute, (*(shape[:1] if len(shape) > 1 else ()), *shape[2:], depth))


@rule("Hashing")
def hashing(call: LayerCall) -> Result:
    """Return a bin for each word or number, as an index (int64 by default) or encoded."""
    mode = _mode(call, ("int", "one_hot", "multi_hot", "count"))
    depth = positive(call, "num_bins")
    _salt(call)
    dtype = policy(call).variable
    if mode == "int":
        dtype = "int64" if call.arguments.get("dtype") is None else dtype
        if dtype not in ("int32", "int64", None):
            raise bad_value(call, "dtype", '"int32" or "int64" where the output is "int"')
    tensor = _indices(call, "string")
    if mode == "int":
        return Result((TensorType(dtype, tensor.shape),))
    return _one(dtype, (*_shape(tensor)[:-1], depth))


@rule("HashedCrossing")
def hashed_crossing(call: LayerCall) -> Result:
    """Two tensors (batch) or (batch, 1) -> a bin for each pair, as an index or encoded."""
    mode = value(call, "output_mode")
    if mode not in ("int", "one_hot"):
        raise bad_value(call, "output_mode", '"int" or "one_hot"')
    depth = positive(call, "num_bins")
    dtype = policy(call).compute
    if mode == "int" and call.arguments.get("dtype") is None:
        dtype = "int64"
    tensors = several(call, 2, 2)
    for tensor in tensors:
        if tensor.dtype is not None and "int" not in tensor.dtype and tensor.dtype != "string":
            raise TypeMismatch(
                f"`{call.cls}` crosses whole numbers or strings, not {tensor.dtype}",
                code="MTG303",
            )
    a, b = (_shape(tensor) for tensor in tensors)
    for shape in (a, b):
        if len(shape) > 2 or shape[1:] not in ((), (1,)) or len(a) != len(b):
            raise TypeMismatch(
                f"`{call.cls}` takes two tensors [] or two [1], and one here has "
                f"{len(shape) - 1} axes",
                code="MTG302",
            )
    return _one(dtype, a if mode == "int" else _one_hot(a, depth))


# ---- vocabularies --------------------------------------------------------------------------------

_LOOKUP_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")


def _depth(call: LayerCall, mode: str, mask: Operand) -> Dim:
    """Return the number of codes: `max_tokens` if padded to it, else of the vocabulary."""
    most, vocabulary = value(call, "max_tokens"), value(call, "vocabulary")
    spare = call.arguments.get("num_oov_indices", 1)
    if most is not None and (not isinstance(most, int) or most <= 1):
        raise bad_value(call, "max_tokens", "a whole number above 1")
    if not isinstance(spare, int) or spare < 0:
        raise bad_value(call, "num_oov_indices", "a whole number, 0 or more")
    if call["pad_to_max_tokens"] and most is None:
        raise bad_value(call, "max_tokens", "given, since the codes are padded to it")
    weights = value(call, "idf_weights")
    for name in ("vocabulary", "idf_weights"):
        words = name == "vocabulary" and isinstance(vocabulary, (str, DataArray))
        if not words and call[name] is not None and length_of(call[name]) is None:
            raise bad_value(call, name, "a list, or None")
    if weights is not None and mode != "tf_idf":
        raise bad_value(call, "idf_weights", 'None unless the output is "tf_idf"')
    if vocabulary is not None and mode == "tf_idf" and weights is None:
        raise bad_value(call, "idf_weights", "given, since the vocabulary is")
    size: Dim = UNKNOWN
    if isinstance(vocabulary, (list, tuple)):
        size = _vocabulary_size(call, mode, vocabulary, mask, spare)
        if most is not None and is_known(size) and size > most:
            raise _found_late(call, "max_tokens", f"{size} or more, for this vocabulary")
        if length_of(weights) not in (None, len(vocabulary)):
            raise bad_value(call, "idf_weights", f"{len(vocabulary)} numbers, one for each word")
    if call["pad_to_max_tokens"] and most is not None:
        return most
    told = value(call, "vocabulary_size")
    if mode != "int" and told is not None:
        if not isinstance(told, int) or told < 1:
            raise bad_value(call, "vocabulary_size", "a whole number, 1 or more")
        if is_known(size) and size != told:
            raise bad_value(call, "vocabulary_size", f"{size}, as the vocabulary has, or not given")
        return told
    if isinstance(vocabulary, DataArray):
        if len(vocabulary.shape) != 1 or vocabulary.dtype.startswith(("float", "bool")):
            raise bad_value(call, "vocabulary", "an array of words along one axis")
        if mode != "int":
            raise UnknownType(computed=False)  # as of a file that is not to be read
    if isinstance(vocabulary, str) and mode != "int":
        raise UnknownType(computed=False)  # the file is not here, or not to be read: Keras may know
    return size


def _found_late(call: LayerCall, argument: str, expected: str) -> TypeMismatch:
    """Return the mismatch of a bad vocabulary, which in a file fails only when a model loads."""
    misfit = bad_value(call, argument, expected)
    if isinstance(value(call, "vocabulary"), Words):
        note = "Keras reads the file and runs the layer, and cannot load the model that it saves"
        misfit.notes = (*misfit.notes, note)
    return misfit


def _vocabulary_size(
    call: LayerCall, mode: str, vocabulary: Sequence[Operand], mask: Operand, spare: int
) -> int:
    """Return how many codes a vocabulary needs; it may begin with mask and unknown words."""
    if not vocabulary:
        raise bad_value(call, "vocabulary", "words, or None")
    unknown = call.arguments.get("oov_token", "[UNK]")
    special = [mask] * (mask is not None and mode == "int") + [unknown] * spare
    begins = bool(special) and list(vocabulary[: len(special)]) == special
    words = vocabulary[len(special) :] if begins else vocabulary
    kinds = (int, float) if call.cls == "IntegerLookup" else str
    if not all(isinstance(word, kinds) for word in vocabulary):
        what = "whole numbers" if call.cls == "IntegerLookup" else "words"
        raise bad_value(call, "vocabulary", f"a list of {what}")
    if len(set(words)) != len(words):
        raise bad_value(call, "vocabulary", "words that differ")
    if mask is not None and mask in words:
        what = f"without the mask {mask!r}, or begin with {special}"
        raise _found_late(call, "vocabulary", what)
    if call.arguments.get("invert") and unknown is not None and unknown in words:
        raise bad_value(call, "vocabulary", f"without {unknown!r}, or begin with {special}")
    return len(special) + len(words)


def _coded(mode: str, shape: Shape, depth: Dim) -> Result:
    """Return an unknown dtype: Keras says float32, but it is int64 unless weighted."""
    dtype = "float32" if mode == "tf_idf" else None
    return _one(dtype, _one_hot(shape, depth) if mode == "one_hot" else (*shape[:-1], depth))


@rule("IntegerLookup", "StringLookup")
def lookup(call: LayerCall) -> Result:
    """Return the index of each entry in a vocabulary (int64), or with `invert` the reverse."""
    mode = _mode(call, _LOOKUP_MODES)
    inverse = bool(call["invert"])
    if inverse and mode != "int":
        raise bad_value(call, "output_mode", '"int" where `invert` is true')
    method = value(call, "oov_method")
    if method not in ("floormod", "farmhash"):
        raise bad_value(call, "oov_method", '"floormod" or "farmhash"')
    numbers = call.cls == "IntegerLookup"
    if numbers and value(call, "vocabulary_dtype") != "int64":
        raise bad_value(call, "vocabulary_dtype", '"int64"')
    _salt(call)
    if numbers and call["salt"] is not None and method != "farmhash":
        raise bad_value(call, "salt", 'None unless `oov_method` is "farmhash"')
    for name in ("mask_token", "oov_token"):
        kinds = (int, float, bool, type(None)) if numbers else (str, type(None))
        found = value(call, name)
        if not isinstance(found, kinds) or (isinstance(found, float) and found % 1):
            raise bad_value(call, name, "a whole number, or None" if numbers else "a word, or None")
    if inverse and value(call, "oov_token") is None:
        raise bad_value(call, "oov_token", "given where `invert` is")
    depth = _depth(call, mode, value(call, "mask_token"))
    tensor = _indices(call) if numbers or inverse else _words(call)
    if mode == "int":
        # Keras says int64 of words too.
        return Result((TensorType(None if inverse and not numbers else "int64", tensor.shape),))
    return _coded(mode, _shape(tensor), depth)


def _words(call: LayerCall) -> TensorType:
    tensor = single(call)
    if cast_input(call, tensor) not in ("string", None):
        raise TypeMismatch(f"`{call.cls}` takes strings, not {tensor.dtype}", code="MTG303")
    return tensor


@rule("TextVectorization")
def text_vectorization(call: LayerCall) -> Result:
    """Texts (batch) or (batch, 1) -> (batch, output_sequence_length) of int64, or encoded."""
    mode = _mode(call, _LOOKUP_MODES)
    length, ngrams = value(call, "output_sequence_length"), value(call, "ngrams")
    if not isinstance(length, int | None) or (mode != "int" and length is not None):
        raise bad_value(
            call, "output_sequence_length", 'None, or a length where the output is "int"'
        )
    if not isinstance(ngrams, int | None) and not (
        isinstance(ngrams, tuple) and all(isinstance(number, int) for number in ngrams)
    ):
        raise bad_value(call, "ngrams", "a whole number, or a tuple of them")
    if call["ragged"] and mode != "int":
        raise bad_value(call, "ragged", 'False unless the output is "int"')
    depth = _depth(call, mode, "")
    shape = _shape(_words(call))
    splits = value(call, "split") is not None
    if splits and len(shape) > 1 and shape[-1] != 1 and is_known(shape[-1]):
        raise TypeMismatch(
            f"`{call.cls}` splits texts, one in each row, and a row here has {shape[-1]}",
            "expected: [] or [1]",
        )
    if mode == "int":
        if length is not None and length < 0:
            raise bad_value(call, "output_sequence_length", "0 or more")
        return _one("int64", (shape[0], UNKNOWN if length is None else length))
    found = _coded(mode, (*shape, UNKNOWN) if splits or len(shape) < 2 else shape, depth)
    # Of texts [1] Keras says (batch, 1, depth) and gives (batch, depth).
    vague = splits and len(shape) > 1
    return Result((found.outputs[0]._replace(shape=None),)) if vague else found
