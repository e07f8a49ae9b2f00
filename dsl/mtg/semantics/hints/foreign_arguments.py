"""Arguments of Keras 1 and 2, of TensorFlow 1 and of PyTorch: what Keras 3 has for each.

A word that stands here is never taken for a misspelling of another one: where Keras has nothing for
it, nothing is suggested.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtg.catalog import Parameter, catalog
from mtg.semantics.source_text import shown_text
from mtg.syntax import ast
from mtg.text.diagnostics import Fix
from mtg.text.edits import with_comma
from mtg.text.source import Span
from mtg.text.suggest import NO_SUGGESTION, Suggestion

#: Other names for the same, with the same values; the first that the class takes is meant.
RENAMED: dict[str, tuple[str, ...]] = {
    # Keras 1
    "nb_filter": ("filters",),
    "filter_length": ("kernel_size",),
    "border_mode": ("padding",),
    "subsample": ("strides",),
    "subsample_length": ("strides",),
    "atrous_rate": ("dilation_rate",),
    "pool_length": ("pool_size",),
    "length": ("size",),
    "output_dim": ("units",),
    "init": ("kernel_initializer", "embeddings_initializer", "alpha_initializer"),
    "inner_init": ("recurrent_initializer",),
    "inner_activation": ("recurrent_activation",),
    "gamma_init": ("gamma_initializer",),
    "beta_init": ("beta_initializer",),
    "depthwise_init": ("depthwise_initializer",),
    "pointwise_init": ("pointwise_initializer",),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "W_constraint": ("kernel_constraint", "embeddings_constraint"),
    "U_regularizer": ("recurrent_regularizer",),
    "U_constraint": ("recurrent_constraint",),
    "b_regularizer": ("bias_regularizer",),
    "b_constraint": ("bias_constraint",),
    "dropout_W": ("dropout",),
    "dropout_U": ("recurrent_dropout",),
    "p": ("rate",),
    "sigma": ("stddev",),
    "concat_axis": ("axis",),
    "nb_epoch": ("epochs",),
    # Keras 2 and TensorFlow
    "alpha": ("negative_slope", "rho"),
    "lr": ("learning_rate",),
    "max_tokens": ("num_tokens",),
    "keep_dims": ("keepdims",),
    "kernel_size": ("pool_size",),
    "l": ("l2", "l1"),
    "m": ("max_value",),
    "std": ("stddev",),
    "experimental_steps_per_execution": ("steps_per_execution",),
    "num_epochs": ("epochs",),
    "n_epochs": ("epochs",),
    "max_epochs": ("epochs",),
    "head_size": ("key_dim",),
    "head_dim": ("key_dim",),
    # PyTorch
    "out_channels": ("filters",),
    "out_features": ("units",),
    "hidden_size": ("units",),
    "num_embeddings": ("input_dim",),
    "vocab_size": ("input_dim",),
    "vocabulary_size": ("input_dim",),
    "embedding_dim": ("output_dim",),
    "embed_dim": ("output_dim",),
    "embedding_size": ("output_dim",),
    "dilation": ("dilation_rate",),
    "stride": ("strides",),
    "eps": ("epsilon",),
    "bias": ("use_bias",),
    "nonlinearity": ("activation",),
    "num_groups": ("groups",),
    "drop_rate": ("rate",),
    "drop_prob": ("rate",),
    "dropout_rate": ("rate",),
    "scale_factor": ("size",),
    "keepdim": ("keepdims",),
    "dim": ("axis",),
}

#: What goes without saying in Keras 3, and why. Values that say otherwise are listed, or anything.
LEFT_OUT: dict[str, str] = {
    "input_shape": "shapes are declared with the `input`",
    "input_length": "shapes are declared with the `input`",
    "batch_input_shape": "shapes are declared with the `input`",
    "input_dim": "shapes are declared with the `input`",
    "in_channels": "it follows from the tensor",
    "in_features": "it follows from the tensor",
    "input_size": "it follows from the tensor",
    "num_features": "it follows from the tensor",
    "num_channels": "it follows from the tensor",
    "normalized_shape": "it follows from the tensor",
    "batch_shape": "shapes are declared with the `input`",
    "input_dtype": "dtypes are declared with the `input`",
    "start_dim": "the batch stays the first axis",
    "fused": "Keras chooses by itself",
    "consume_less": "Keras chooses by itself",
    "implementation": "Keras chooses by itself",
    "batch_first": "the batch is always the first axis",
    "inplace": "a layer never changes its tensor",
    "schedule_decay": "Keras has no such setting any more",
    "workers": "`fit` has no such setting any more",
    "max_queue_size": "`fit` has no such setting any more",
    "max_q_size": "`fit` has no such setting any more",
    "nb_worker": "`fit` has no such setting any more",
    "pickle_safe": "`fit` has no such setting any more",
    "use_multiprocessing": "`fit` has no such setting any more",
    "output_shape": "it follows from the tensor",
    "class_mode": "it follows from the output's shape and its loss",
    "sample_weight_mode": "it follows from the shape of the sample weights",
}
#: Those that may be left out only if they say this; with another value nothing is known.
_ONLY = {"batch_first": (True,)}

#: What is to be done in another way.
ADVICE: dict[str, str] = {
    "weights": "weights come from a file: `mtg compile --weights FILE`",
    "show_accuracy": 'it is a metric of an output: `metrics=["accuracy"]`',
    "num_layers": "layers in a row are written `repeat N { … }`",
    "bidirectional": "wrap the layer: `Bidirectional(…)`",
    "affine": "write `center=…` and `scale=…`",
    "elementwise_affine": "write `center=…` and `scale=…`",
    "track_running_stats": "",
    "padding_mode": "",
    "time_major": "",
    "renorm": "",
    "virtual_batch_size": "",
    "input_tensor": "",
    "period": "",
    "write_grads": "",
    "causal": "give it to the call: `(x, use_causal_mask=True) -> …`",
    "weight_decay": "write `kernel_regularizer=L2(…)`",
    "decay": "",
    "mode": "",
    "batch_norm": "put a `BatchNormalization()` after the layer",
    "normalizer_fn": "put a `BatchNormalization()` after the layer",
    "nb_val_samples": "",
    "samples_per_epoch": "",
    "kernel_dim1": "write `kernel_size=(…)`",
    "kernel_dim2": "write `kernel_size=(…)`",
    "kernel_dim3": "write `kernel_size=(…)`",
}
_DIM_ORDERING = {"tf": "channels_last", "th": "channels_first"}


def foreign_argument(
    argument: ast.Argument,
    parameters: Sequence[Parameter],
    others: Sequence[ast.Argument],
    cls: str = "",
    brackets: Span | None = None,
) -> Suggestion | None:
    """Return what Keras 3 has for an argument of another library or of an earlier Keras.

    None where the word is of none; an empty help says that there is nothing.

    Args:
        argument: The argument as it is given.
        parameters: What the class takes.
        others: All arguments of the call.
        cls: What is called, if it is a class.
        brackets: The parentheses of the call.
    """
    if argument.name is None:
        return None
    name, known = argument.name.name, {parameter.name for parameter in parameters}
    said = argument.value.value if isinstance(argument.value, ast.LiteralExpr) else None
    if name in _KERAS_1 and _has_kernel_apart(cls, others):
        # Each of the numbers would be another argument in Keras 3: a name alone is no fix.
        text = renamed_call(cls, others, old=True)
        fix = Fix.replace(brackets, text[len(cls) :], safe=False) if text and brackets else None
        return Suggestion(help=f"write `{text}`" if text else "", fix=fix)
    if name == "dim_ordering" and "data_format" in known:
        return _instead(argument, "data_format", f'"{_DIM_ORDERING.get(str(said), "…")}"')
    if name == "keep_prob" and "rate" in known:
        kept = said if isinstance(said, (int, float)) and 0 <= said <= 1 else None
        return _instead(argument, "rate", "…" if kept is None else f"{round(1 - kept, 6)}")
    if name == "forget_bias_init" and "unit_forget_bias" in known:
        one = said in ("one", "ones")
        return _instead(argument, "unit_forget_bias", "True" if one else "…")
    if name == "padding_idx" and "mask_zero" in known:
        zero = type(said) is int and said == 0
        return _instead(argument, "mask_zero", "True") if zero else NO_SUGGESTION
    if name == "mode" and "moving_mean_initializer" in known and said == 0:
        return _without(argument, "Keras has this mode only")
    if name in ("nb_row", "nb_col") and "kernel_size" in known:
        return _kernel(others)
    if name == "betas" and "beta_1" in known:
        return _betas(argument)
    if name == "decay" and "learning_rate" in known:
        return _decay(argument, parameters, others, cls, brackets)
    renamed = RENAMED.get(name)
    if renamed is not None:
        found = next((each for each in renamed if each in known), None)
        if found is not None:
            fix = Fix.replace(argument.name.span, found)
            return {"help": f"did you mean `{found}`?", "fix": fix}
        if name in LEFT_OUT:
            return _without(argument, LEFT_OUT[name])
        return NO_SUGGESTION if name in _SURELY_FOREIGN else None
    if name in LEFT_OUT:
        only = _ONLY.get(name)
        return NO_SUGGESTION if only and said not in only else _without(argument, LEFT_OUT[name])
    if name == "weight_decay" and "kernel_regularizer" not in known:
        return None
    if name in ADVICE:
        return {"help": ADVICE[name], "fix": None}
    return None


#: Renamed words that cannot be slips of the hand for anything else.
_SURELY_FOREIGN = {"init", "sigma", "lr", "eps", *(name for name in RENAMED if "_" in name)}


#: Words of Keras 1 alone.
_KERAS_1 = {
    "border_mode",
    "subsample",
    "atrous_rate",
    "dim_ordering",
    "init",
    "bias",
    "W_regularizer",
}
_KERAS_1 |= {"b_regularizer", "W_constraint", "b_constraint", "weights", "output_shape"}
_CONVOLUTION = re.compile(r"(?:Separable|Depthwise)?Conv(?:olution)?([23])D(?:Transpose)?")


def _has_kernel_apart(cls: str, arguments: Sequence[ast.Argument]) -> bool:
    """Return whether this is `Convolution2D(8, 3, 3)` of Keras 1, whose kernel is two numbers."""
    found = _CONVOLUTION.fullmatch(cls)
    by_position = [each for each in arguments if each.name is None]
    return found is not None and len(by_position) == 1 + int(found[1])


def renamed_call(cls: str, arguments: Sequence[ast.Argument], *, old: bool = False) -> str:
    """Return a call in one line with the arguments of Keras 3; empty if not expressible.

    Args:
        cls: The class of Keras 3.
        arguments: The arguments, in the words of any library.
        old: Whether numbers by position are those of Keras 1.
    """
    entries = [entry for kind in catalog().kinds() if (entry := catalog().find(kind, cls))]
    known = {parameter.name for entry in entries for parameter in entry.parameters}
    parts = [in_keras(each.value) for each in arguments if each.name is None]
    if old and _has_kernel_apart(cls, arguments):
        parts = [parts[0], f"({', '.join(parts[1:])})"]
    positional = len(parts)
    kernel = {}
    for each in arguments:
        if each.name is None:
            continue
        name, value = each.name.name, in_keras(each.value)
        found = next((word for word in (name, *RENAMED.get(name, ())) if word in known), None)
        if name in ("nb_row", "nb_col"):
            kernel[name] = value
        elif name == "dim_ordering" and value[1:-1] in _DIM_ORDERING:
            parts.append(f'data_format="{_DIM_ORDERING[value[1:-1]]}"')
        elif found is not None:
            parts.append(f"{found}={value}" if value else "")
        elif name not in LEFT_OUT:
            return ""
    named = {part.partition("=")[0] for part in parts[positional:]}
    for entry in entries:
        needed = [p.name for i, p in enumerate(entry.parameters) if p.required and i >= positional]
        if not kernel and not named.issuperset(needed):
            return ""
    if kernel:
        parts.append(f"kernel_size=({kernel.get('nb_row', '')}, {kernel.get('nb_col', '')})")
    return f"{cls}({', '.join(parts)})" if all(parts) and len(kernel) != 1 else ""


def in_keras(node: ast.Expression) -> str:
    """Return a value in one line, with the objects and words of Keras as mtg writes them.

    `keras.regularizers.l2(0.1)` is `l2(0.1)`.
    """
    callee = node.callee if isinstance(node, ast.CallExpr) else node
    if not isinstance(callee, ast.AttributeExpr):
        return shown_text(node.span)
    name, kinds = callee.name.name, catalog().kinds()
    if isinstance(node, ast.CallExpr):
        known = any(catalog().find(kind, name) for kind in kinds if kind != "op")
        return renamed_call(name, node.arguments) if known else shown_text(node.span)
    is_word = any(name in catalog().identifiers(kind) for kind in kinds)
    return f'"{name}"' if is_word else shown_text(node.span)


def _without(argument: ast.Argument, why: str) -> Suggestion:
    fix = Fix.replace(with_comma(argument.span), "", "leave it out")
    return Suggestion(help=f"leave it out: {why}", fix=fix)


def _instead(argument: ast.Argument, name: str, value: str) -> Suggestion:
    text = f"{name}={value}"
    fix = None if "…" in value else Fix.replace(argument.span, text, safe=False)
    return Suggestion(help=f"write `{text}`", fix=fix)


def _betas(argument: ast.Argument) -> Suggestion:
    items = argument.value.arguments if isinstance(argument.value, ast.GroupExpr) else ()
    if len(items) != 2:
        return Suggestion(help="write `beta_1=…` and `beta_2=…`", fix=None)
    first, second = (item.value.span.text for item in items)
    text = f"beta_1={first}, beta_2={second}"
    fix = Fix.replace(argument.span, text, safe=False)
    return Suggestion(help=f"write `{text}`", fix=fix)


def _decay(
    argument: ast.Argument,
    parameters: Sequence[Parameter],
    others: Sequence[ast.Argument],
    cls: str,
    brackets: Span | None,
) -> Suggestion:
    """Return the schedule for the `decay` of an optimizer before Keras 2.11.

    The rate falls with each step, `rate / (1 + decay * step)`. It is not `weight_decay`.
    """
    given = [each for each in others if each.name is None][:1]
    given += [each for each in others if each.name and each.name.name in ("learning_rate", "lr")]
    rest = [each for each in others if each is not argument and each not in given]
    rate = next((str(each.default) for each in parameters if each.name == "learning_rate"), "")
    if given:
        rate = given[0].value.span.text if isinstance(given[0].value, ast.LiteralExpr) else ""
    if not rate or not isinstance(argument.value, ast.LiteralExpr):
        return Suggestion(
            help="give `learning_rate` a schedule, such as `InverseTimeDecay`", fix=None
        )
    text = f"InverseTimeDecay({rate}, decay_steps=1, decay_rate={argument.value.span.text})"
    more = renamed_call(cls, rest)[len(cls) + 1 : -1]
    if not cls or brackets is None or (rest and not more):
        return Suggestion(
            help="give `learning_rate` a schedule, such as `InverseTimeDecay`", fix=None
        )
    whole = f"({text}{', ' if more else ''}{more})"
    return Suggestion(help=f"write `{cls}{whole}`", fix=Fix.replace(brackets, whole, safe=False))


def _kernel(others: Sequence[ast.Argument]) -> Suggestion:
    """`kernel_size=(3, 3)` for `nb_row=3, nb_col=3`."""
    given = {each.name.name: each for each in others if each.name is not None}
    if not {"nb_row", "nb_col"} <= given.keys():
        return Suggestion(help="write `kernel_size=(…)`", fix=None)
    row, column = given["nb_row"].value.span.text, given["nb_col"].value.span.text
    return Suggestion(help=f"write `kernel_size=({row}, {column})`", fix=None)
