"""The names that belong to the language, and where Keras's names may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from mtg.catalog import catalog
from mtg.catalog.names import MERGES
from mtg.semantics.constant_evaluation import FUNCTIONS
from mtg.text.source import Span
from mtg.text.suggest import nearest, one_slip_away

#: Kinds of the catalogue whose entries a program may write as a constructor call.
OBJECT_KINDS = (
    "layer",
    "initializer",
    "regularizer",
    "constraint",
    "optimizer",
    "optimizer_map",
    "schedule",
    "loss",
    "metric",
    "callback",
    "dtype_policy",
)


def kinds_of(name: str) -> list[str]:
    """Return the kinds of Keras object that have this name."""
    return [kind for kind in OBJECT_KINDS if catalog().find(kind, name) is not None]


def source_names() -> Iterator[str]:
    """Yield the functions that a flow may begin with, and those of values."""
    yield from MERGES
    yield from FUNCTIONS


def meant_merge(name: str) -> tuple[str, bool] | None:
    """Return the merge that a name of Keras or a misspelling means, and whether it is certain.

    Names of Keras are such as `concatenate` or `Add`.
    """
    classes = {cls.lower(): merge for merge, cls in MERGES.items()}
    known = [*MERGES, *classes]
    lower = name.lower()
    if lower in known:
        return classes.get(lower, lower), True
    found = nearest(lower, known)
    if found is None:
        return None
    return classes.get(found, found), found == one_slip_away(lower, known)


def made_without_arguments(name: str) -> bool:
    """Return whether every object of Keras of this name can be made by `name()`."""
    found = [catalog().find(kind, name) for kind in kinds_of(name)]
    return bool(found) and not any(p.required for entry in found if entry for p in entry.parameters)


def kinds_at(callee: str, argument: str | int) -> tuple[str, ...]:
    """Return the kinds of Keras object that an argument takes, where that is known.

    Args:
        callee: What it is an argument of: a class of Keras, or `output` or `train`.
        argument: Its name, or its number among those by position.
    """
    if callee == "output":
        return {"loss": ("loss",), "metrics": ("metric",)}.get(str(argument), ())
    kinds = ("model_compile", "model_fit") if callee == "train" else OBJECT_KINDS
    for kind in kinds:
        name = {"model_compile": "compile", "model_fit": "fit"}.get(kind, callee)
        entry = catalog().find(kind, name) if kind in catalog().kinds() else None
        if entry is None:
            continue
        for index, parameter in enumerate(entry.parameters):
            if argument in (parameter.name, index):
                return tuple(parameter.kinds)
    return ()


_BEFORE_A_VALUE = re.compile(r"([^\W\d]\w*)[ \t\r\n]*=[ \t\r\n]*\[?[ \t\r\n]*$")


def takes_a_word(span: Span) -> bool:
    """Return whether a name stands where a word of Keras belongs, as in `activation=relu`."""
    before = _BEFORE_A_VALUE.search(span.source.text, max(0, span.start - 100), span.start)
    return before is not None and before[1] in _arguments_of_words()


@cache
def _arguments_of_words() -> frozenset[str]:
    kinds = [kind for kind in catalog().kinds() if catalog().identifiers(kind)]
    return frozenset(
        parameter.name
        for kind in (*OBJECT_KINDS, "model_compile")
        for name in catalog().names(kind)
        if (entry := catalog().find(kind, name)) is not None
        for parameter in entry.parameters
        if parameter.choices or set(parameter.kinds) & set(kinds)
    )


#: What functions of `keras.ops` are called in TensorFlow, and whether their arguments are the same.
_TENSORFLOW = {
    "reduce_mean": "mean",
    "reduce_sum": "sum",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_any": "any",
    "reduce_all": "all",
    "reduce_std": "std",
    "reduce_variance": "var",
    "reduce_logsumexp": "logsumexp",
    "concat": "concatenate",
    "pow": "power",
    "floordiv": "floor_divide",
    "mod": "mod",
}
#: The same for PyTorch, NumPy, and functions whose arguments are others.
_ELSEWHERE = {
    "cat": "concatenate",
    "unsqueeze": "expand_dims",
    "permute": "transpose",
    "view": "reshape",
    "mm": "matmul",
    "bmm": "matmul",
    "div": "divide",
    "sub": "subtract",
    "mul": "multiply",
    "neg": "negative",
    "clamp": "clip",
    "clip_by_value": "clip",
    "gather": "take",
    "index_select": "take",
    "l2_normalize": "normalize",
    "range": "arange",
    "fill": "full",
    "to": "cast",
    "batch_matmul": "matmul",
    "linalg_norm": "norm",
    "topk": "top_k",
    "astype": "cast",
    "fabs": "abs",
    "sqr": "square",
    "rsub": "subtract",
}


def op_elsewhere(name: str) -> tuple[str, bool] | None:
    """Return the name in `keras.ops` of a foreign function, and whether no more differs.

    Of a path, such as `math.reduce_mean`, the last part counts.
    """
    last = name.rpartition(".")[2]
    found = _TENSORFLOW.get(last) or _ELSEWHERE.get(last)
    if found is None or found == name or catalog().find("op", found) is None:
        return None
    return found, last in _TENSORFLOW and "." not in name
