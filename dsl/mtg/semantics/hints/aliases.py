"""Words of other libraries, and of papers, for what strings of Keras name otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: By the kind of object that the string stands for; `dtype_policy` has the dtypes.
_WORDS: dict[str, dict[str, str]] = {
    "initializer": {
        "xavier": "glorot_uniform",
        "xavier_uniform": "glorot_uniform",
        "xavier_normal": "glorot_normal",
        "glorot": "glorot_uniform",
        "kaiming": "he_normal",
        "kaiming_normal": "he_normal",
        "kaiming_uniform": "he_uniform",
        "he": "he_normal",
        "lecun": "lecun_normal",
        "gaussian": "random_normal",
        "trunc_normal": "truncated_normal",
    },
    "dtype_policy": {
        "fp16": "float16",
        "f16": "float16",
        "half": "float16",
        "fp32": "float32",
        "f32": "float32",
        "float": "float32",
        "single": "float32",
        "fp64": "float64",
        "f64": "float64",
        "double": "float64",
        "bf16": "bfloat16",
        "int": "int32",
        "i32": "int32",
        "long": "int64",
        "i64": "int64",
        "boolean": "bool",
        "str": "string",
    },
    "metric": {
        "f1": "F1Score",
        "f1_score": "F1Score",
        "fscore": "F1Score",
        "fbeta": "FBetaScore",
        "auroc": "AUC",
        "roc_auc": "AUC",
        "rmse": "RootMeanSquaredError",
        "r2": "R2Score",
    },
    "loss": {
        "bce": "binary_crossentropy",
        "bceloss": "binary_crossentropy",
        "mseloss": "mse",
        "l1loss": "mae",
        "huberloss": "huber",
        "smoothl1loss": "huber",
        "cosine_proximity": "cosine_similarity",
        "kullback_leibler_divergence": "kl_divergence",
        "kld": "kl_divergence",
        "cross_entropy": "categorical_crossentropy",
        "crossentropy": "categorical_crossentropy",
        "ce": "categorical_crossentropy",
        "l1": "mae",
        "l2": "mse",
        "kl": "kl_divergence",
        "smooth_l1": "huber",
    },
    "activation": {
        "lrelu": "leaky_relu",
        "logistic": "sigmoid",
        "identity": "linear",
        "none": "linear",
    },
}


#: What Keras 3 has nothing for: it is no misspelling of anything.
_GONE: dict[str, frozenset[str]] = {
    "metric": frozenset({"matthews_correlation", "fmeasure", "matthews", "mcc", "kappa", "map"}),
    "loss": frozenset({"nll", "nll_loss", "nllloss", "ctc_loss", "kldivloss", "triplet"}),
    "optimizer": frozenset({"lbfgs", "rprop", "asgd", "radam", "sparseadam", "ranger"}),
}


def other_word(word: str, kinds: Sequence[str], known: Iterable[str]) -> str | None:
    """Return Keras's name for an object that has this name elsewhere; None if unknown.

    `known` are the strings that may stand there.
    """
    spelt = word.casefold().replace("-", "_").replace(" ", "_").rstrip("_")
    names = {*known}
    for kind in kinds:
        bare = spelt.removesuffix(kind).removesuffix("loss").rstrip("_") or spelt
        found = _WORDS.get(kind, {}).get(spelt) or _WORDS.get(kind, {}).get(bare, bare)
        if found in names and found != word:
            return found
    return None


def is_foreign_word(word: str, kinds: Sequence[str]) -> bool:
    """Return whether a string is a word of others that Keras has nothing for."""
    return any(word.casefold() in _GONE.get(kind, ()) for kind in kinds)
