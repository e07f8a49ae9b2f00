"""Kinds of value, and strings, that trials cannot show or that mtg draws closer than Keras.

Keras looks at some arguments only when a layer runs, at some only together with others, and takes
some values that can only be a mistake (half a bin). `tools.catalog.generate` uses what stands here
in place of a trial. The notation is that of `mtg.catalog.kinds`.
"""

from __future__ import annotations

import re

AXES = "int|[int]"
POSITIVE = "int>=1"
USUAL = "(?!LossScaleOptimizer).*"

DECIDED: tuple[tuple[str, str, str, str], ...] = (
    # Of every kind.
    ("schedule", ".*", "name", "text"),
    (".*", ".*", "name", "text|none"),
    (".*", ".*", "seed", "int|none"),  # negative ones fail on some back ends of Keras only
    # Axes: which there are depends on the tensor.
    ("layer", "BatchNormalization|Concatenate|GroupNormalization", "axis", "int"),
    ("layer", "Normalization", "axis", "int|[int]|none"),
    ("layer", "(Layer|RMS|Unit)Normalization|Softmax", "axis", AXES),
    ("layer", "Dot", "axes", "int|2*[int]|2*[2*[int]]"),
    ("layer", "PReLU", "shared_axes", "int|[int]|none"),
    ("layer", "MultiHeadAttention", "attention_axes", "int|[int]|none"),
    ("layer", "EinsumDense", "bias_axes", "text|none"),
    ("layer", "EinsumDense", "equation", "text"),
    ("loss|metric", "Sparse.*|.*IoU", "axis", "int"),
    ("loss|metric", ".*", "axis", "int|[int]|none"),
    ("constraint", ".*", "axis", "int|[int]|none"),
    ("initializer", ".*", "(input|output)_axes", "int|[int]|none"),
    # Layers in lists.
    ("layer", ".*", "cells|layers", "[any]|text"),
    ("layer", "RNN", "cell", "dict|[any]|text"),
    # Shapes.
    ("layer", "EinsumDense", "output_shape", "int|[int|none]"),
    ("layer", "MultiHeadAttention", "output_shape", "int|[int]|none"),
    ("layer", "Lambda", "output_shape", "[int|none]|none"),
    ("layer", "Reshape", "target_shape", "[int>=-1|none]"),
    ("layer", "Permute", "dims", "[int>=1]"),
    # A number for an axis may stand beside the pair of another.
    ("layer", "Cropping2D", "cropping", "int>=0|2*[int>=0|2*[int>=0]]"),
    ("layer", "Cropping3D", "cropping", "int>=0|3*[int>=0|2*[int>=0]]"),
    ("layer", "ZeroPadding2D", "padding", "int|2*[int>=0|2*[int>=0]]"),
    ("layer", "ZeroPadding3D", "padding", "int|3*[int>=0|2*[int>=0]]"),
    ("layer", ".*Dropout", "noise_shape", "[int|none]|none"),
    ("layer", "Conv1DTranspose", "output_padding", "int>=0|1*[int>=0]|none"),
    ("layer", "Conv2DTranspose", "output_padding", "int>=0|2*[int>=0]|none"),
    ("layer", "Conv3DTranspose", "output_padding", "int>=0|3*[int>=0]|none"),
    # What only goes together with other arguments.
    ("layer", "Normalization", "mean|variance", "number|[any]|none"),
    ("layer", "Discretization", "bin_boundaries", "[number]|none"),
    ("layer", ".*Lookup|TextVectorization", "vocabulary", "text|[any]|none"),
    ("layer", ".*Lookup|TextVectorization", "idf_weights", "[number]|none"),
    ("layer", ".*Lookup|TextVectorization", "vocabulary_size", "int>=1|none"),
    ("layer", ".*", "weights", "[any]|none"),
    ("layer", ".*", "salt", "int|2*[int]|none"),
    ("layer", "IntegerLookup", "mask_token", "int|none"),
    ("layer", "IntegerLookup", "oov_token", "int|none"),
    ("layer", "StringLookup", "(mask|oov)_token", "text|none"),
    ("layer", ".*", "encoding|bounding_box_format", "text|none"),
    # Functions, of which no name is known: a string is none.
    ("layer", "Lambda", "function", "object"),
    ("metric", "MeanMetricWrapper", "fn", "object"),
    ("callback", "LearningRateScheduler", "schedule", "object"),
    # What may be a function or an array as well.
    ("layer", "Lambda", "mask", ""),
    ("layer", "Lambda", "arguments", "dict|none"),
    ("layer", ".*", "quantization_config|gptq.*", ""),
    ("layer", "STFTSpectrogram", "window", "text|[number]|none"),
    ("layer", "TextVectorization", "ngrams", "int|[int]|none"),
    ("layer", "RandomPosterization", "factor", "number>=1<=8|2*[number>=1<=8]"),
    # What Keras looks at late or never.
    ("layer", "SimpleRNN", "activity_regularizer", "dict|text|none"),
    ("layer", ".*", "value_range", "2*[number]"),
    ("layer", ".*", "flash_attention", "bool|none"),
    ("layer", ".*", "lora_alpha|logit_soft_cap|max_freq", "number|none"),
    ("layer", "BatchNormalization", "renorm_clipping", "dict|none"),
    ("layer", "RandomErasing", "fill_value", "number|none"),
    ("layer", "ContrastLimited.*", "tile_grid_size", "2*[int>=1]"),
    # Numbers of things, which Keras takes in halves.
    ("layer", "Hashing|HashedCrossing", "num_bins", POSITIVE),
    ("layer", "Discretization", "num_bins", "int>=0|none"),
    ("layer", "AugMix|Equalization|RandAugment", "bins|chain_depth|num_chains|num_ops", POSITIVE),
    ("layer", "RandomGaussianBlur", "kernel_size", "int>=1|2*[int>=1]"),
    ("layer", "GroupQueryAttention", "head_dim|num_key_value_heads|num_query_heads", POSITIVE),
    ("layer", "MaxNumBoundingBoxes", "max_number", "int>=0"),
    ("layer", "SpectralNormalization", "power_iterations", POSITIVE),
    ("layer", ".*Lookup|TextVectorization", "max_tokens", "int>=2|none"),
    ("layer", ".*Lookup", "num_oov_indices", "int>=0"),
    ("layer", "STFTSpectrogram", "frame_step", "int>=1|none"),
    ("layer", "STFTSpectrogram", "fft_length", "int>=1|none"),
    ("layer", "MelSpectrogram", "fft_length", POSITIVE),
    ("layer", "MelSpectrogram", "sequence_length", "int|none"),
    # Numbers that may differ along an axis.
    ("layer", "Rescaling", "offset|scale", "number|[number]"),
    ("layer", "Masking", "mask_value", "number|[number]"),
    ("loss", "CategoricalFocalCrossentropy", "alpha", "number|[number]"),
    ("initializer", "Constant", "value", "number|[any]"),
    ("initializer", "STFT", "window", "text|[number]|none"),
    ("initializer", ".*", "gain|maxval|mean|minval|stddev", "number"),
    ("constraint", ".*", "(max|min)_value|rate", "number"),
    ("regularizer", "OrthogonalRegularizer", "factor", "float>=0"),
    # Losses, metrics and optimizers: Keras looks at these when they are first used.
    ("loss", ".*", "alpha|beta|delta|gamma|margin", "number"),
    ("metric", "Binary.*", "threshold", "number"),
    ("loss|metric", ".*", "class_id|ignore_class|num_labels", "int|none"),
    ("metric", ".*", "top_k", "int>=1|none"),
    ("metric", ".*", "k", POSITIVE),
    ("metric", ".*", "num_regressors", "int>=0"),
    ("metric", ".*", "target_class_ids", "[int]"),
    ("optimizer", ".*", "learning_rate", "float"),
    ("optimizer", "AdamW", "weight_decay", "number"),
    (
        "optimizer",
        USUAL,
        "(global_)?clip(norm|value)|loss_scale_factor|weight_decay",
        "number|none",
    ),
    ("optimizer", USUAL, "ema_momentum", "number>=0<=1"),
    ("optimizer", USUAL, "ema_overwrite_frequency", "int>=1|none"),
    ("optimizer", USUAL, "gradient_accumulation_steps", "int>=2|none"),
    ("optimizer", "(?!Lion).*", "beta_1", "number"),
    ("optimizer", ".*", "beta|beta_2(_decay)?|clip_threshold|epsilon(_[12])?|rho", "number"),
    ("optimizer", "Adagrad|Muon|RMSprop", "initial_accumulator_value|momentum", "number"),
    ("optimizer", ".*", "dynamic_growth_steps|initial_scale|muon_[abc]|warmup_steps", "number"),
    ("optimizer", "Muon", "ns_steps", "int>=0"),
    ("optimizer", "Muon", "exclude_layers", "[text]|none"),
    ("optimizer", ".*", "inner_optimizer|optimizer_map", "object"),
    ("optimizer_map", ".*", "default_optimizer", "object"),
    ("optimizer_map", ".*", "optimizer_map", "dict|none"),
    ("schedule", ".*", "initial_learning_rate|decay_rate", "number"),
    ("schedule", ".*", "alpha|end_learning_rate|m_mul|power|t_mul", "number"),
    ("schedule", ".*", "warmup_target", "number|none"),
    ("schedule", ".*", "boundaries|values", "[number]"),
    ("callback", ".*", "verbose", "int|bool"),
    ("callback", ".*", "cooldown|patience|start_from_epoch", "number>=0"),
    ("callback", "ReduceLROnPlateau", "factor", "number<1"),
    ("callback", ".*", "min_delta|min_lr", "number"),
    ("callback", ".*", "filename|filepath|monitor|separator", "text"),
    ("callback", ".*", "(backup|log)_dir|directory|field|path|root", "text"),
    ("callback", "RemoteMonitor", "headers", "dict|none"),
    ("callback", "BackupAndRestore", "save_freq", "int>=1|bool|text"),
    ("callback", ".*", "(save|update)_freq", "int>=1|text"),
    ("callback", ".*", "mode", "text"),
    ("callback", "OrbaxCheckpoint", "max_to_keep", "int>=1|none"),
    ("callback", "TensorBoard", "(embeddings|histogram)_freq", "int>=0"),
    ("callback", "TensorBoard", "profile_batch", "int>=0|2*[int>=0]|text"),
    ("callback", ".*", "baseline|initial_value_threshold", "number|none"),
    # Policies of dtypes.
    ("dtype_policy", ".*", "mode", "text"),
    ("dtype_policy", ".*", "source_name", "text|none"),
    ("dtype_policy", "QuantizedFloat8DTypePolicy", "amax_history_length", "int"),
    ("dtype_policy", "DTypePolicyMap", "default_policy", "text|none"),
    ("dtype_policy", "DTypePolicyMap", "policy_map", "dict|none"),
    # Applications: a trial would build the network.
    ("application", ".*", "input_tensor", "none"),
    ("application", ".*", "classes", POSITIVE),
    ("application", ".*", "input_shape", "[int>=1|none]|none"),
    ("application", ".*", "weights", "text|none"),
    ("application", ".*", "pooling", "text|none"),
    ("application", ".*", "alpha|depth_multiplier", "number>0"),
    ("application", ".*", "dropout(_rate)?", "number>=0<=1"),
    # The input, and training.
    ("input", ".*", "batch_size", "int>=1|none"),
    ("input", ".*", "sparse|ragged", "bool|none"),
    ("model_compile", ".*", "jit_compile", "bool|text|none"),
    ("model_compile", ".*", "auto_scale_loss|run_eagerly", "bool|none"),
    ("model_compile", ".*", "steps_per_execution", POSITIVE),
    ("model_fit", ".*", "batch_size|validation_batch_size", "int>=1|none"),
    ("model_fit", ".*", "steps_per_epoch|validation_steps", "int>=1|none"),
    ("model_fit", ".*", "epochs", POSITIVE),
    ("model_fit", ".*", "initial_epoch", "int>=0"),
    ("model_fit", ".*", "validation_split", "number>=0<1"),
    ("model_fit", ".*", "validation_freq", "int>=1|[int>=1]"),
    ("model_fit", ".*", "verbose", "int|bool|text"),
    ("model_fit", ".*", "class_weight", "dict|none"),
    ("model_fit", ".*", "callbacks", "[any]|none"),
)
"""Kind of entry, names of entries, names of parameters, the kind of value; the first that fits."""


POLICIES = (
    *("bfloat16", "float16", "float32", "float64", "mixed_bfloat16", "mixed_float16"),
    *("float8_e4m3fn", "float8_e5m2", "bool", "string", "complex64", "complex128"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
)
RESIZING = ("area", "bicubic", "bilinear", "lanczos3", "lanczos5", "nearest")
FILLING = ("constant", "mirror", "nearest", "reflect", "wrap")
QUANTILES = ("higher", "linear", "lower", "midpoint", "nearest")

UNCHECKED_CHOICES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("application", ".*", "pooling", ("avg", "max")),
    ("callback", ".*", "save_freq", ("epoch",)),
    ("callback", "TensorBoard", "update_freq", ("batch", "epoch")),
    ("callback", ".*", "mode", ("auto", "max", "min")),
    ("dtype_policy", "(Float)?DTypePolicy", "name", POLICIES),
    ("layer", "(Average|Max)Pooling.D", "padding", ("same", "valid")),
    ("layer", "MelSpectrogram", "window", ("hamming", "hann")),
    ("layer", "RandomFlip", "mode", ("horizontal", "horizontal_and_vertical", "vertical")),
    ("layer", "Resizing", "fill_mode", ("constant",)),
    ("layer", "Resizing|UpSampling2D", "interpolation", RESIZING),
    ("model_compile", "compile", "jit_compile", ("auto",)),
    ("model_fit", "fit", "verbose", ("auto",)),
    ("op", ".*", "data_format", ("channels_first", "channels_last")),
    ("op", ".*(conv|conv_transpose|pool|patches|patches_3d)", "padding", ("same", "valid")),
    ("op", "correlate", "mode", ("full", "same", "valid")),
    ("op", "ctc_decode", "strategy", ("beam_search", "greedy")),
    ("op", "i?stft", "window", ("hamming", "hann")),
    ("op", r"image\.(affine_transform|map_coordinates|elastic_transform)", "fill_mode", FILLING),
    ("op", r"image\.(affine|elastic|perspective).*", "interpolation", ("bilinear", "nearest")),
    ("op", r"image\.resize", "fill_mode", ("constant",)),
    ("op", r"image\.resize", "interpolation", RESIZING),
    ("op", "meshgrid", "indexing", ("ij", "xy")),
    ("op", "(nan)?(percentile|quantile)", "method", QUANTILES),
    ("op", "qr", "mode", ("complete", "reduced")),
    ("op", "searchsorted", "side", ("left", "right")),
)
"""Strings that Keras does not look at before the call: kind, names, parameter, what it may be."""


KINDS: dict[str, tuple[str, ...]] = {
    "activation": ("activation", "layer"),
    "backward_layer": ("layer",),
    "callbacks": ("callback",),
    "cell": ("layer",),
    "cells": ("layer",),
    "default_optimizer": ("optimizer",),
    "default_policy": ("dtype_policy",),
    "dtype": ("dtype_policy",),
    "inner_optimizer": ("optimizer",),
    "layer": ("layer",),
    "layers": ("layer",),
    "learning_rate": ("schedule",),
    "loss": ("loss",),
    "metrics": ("metric",),
    "optimizer": ("optimizer",),
    "optimizer_map": ("optimizer_map",),
    "policy_map": ("dtype_policy",),
    "reverse_dtype": ("dtype_policy",),
    "weighted_metrics": ("metric",),
}
"""The kinds of object an argument of this name may be."""

KIND_SUFFIXES: dict[str, tuple[str, ...]] = {
    "_activation": ("activation", "layer"),
    "_constraint": ("constraint",),
    "_initializer": ("initializer",),
    "_regularizer": ("regularizer",),
}

PLAIN_DTYPE = frozenset({"op", "input"})
"""The kinds of entries whose ``dtype`` is a dtype, not a policy."""


def decided(kind: str, name: str, parameter: str) -> str | None:
    """The kind of value that stands above, or None."""
    for kinds, names, parameters, takes in DECIDED:
        if (
            re.fullmatch(parameters, parameter)
            and re.fullmatch(kinds, kind)
            and re.fullmatch(names, name)
        ):
            return takes
    return None


def object_kinds(kind: str, parameter: str) -> tuple[str, ...]:
    """The kinds of object that a parameter may be, in the words of `Catalog.kinds`."""
    if parameter == "dtype" and kind in PLAIN_DTYPE:
        return ()
    if kind == "optimizer_map":
        return ("optimizer",)
    for suffix, kinds in KIND_SUFFIXES.items():
        if parameter.endswith(suffix):
            return kinds
    return KINDS.get(parameter, ())
