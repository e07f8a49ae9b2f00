"""Functions of TensorFlow, PyTorch, NumPy and earlier Keras as mtg writes them.

Their arguments are translated too: `torch.mean(x, dim=1)` is `ops.mean(x, axis=1)`.

Where mtg cannot say the same, the text is empty, and nothing is suggested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mtg.catalog import catalog
from mtg.syntax import ast

#: Writes an argument in mtg; empty where that cannot be done.
Say = Callable[[ast.Expression], str]
#: Arguments: their names, empty for those by position, and their texts.
_Given = list[tuple[str, str]]

#: Functions of PyTorch: the function of `keras.ops`, its arguments in PyTorch's order, and those
#: that must be written since their defaults differ. A function that is not here is that of
#: `keras.ops` if it takes one tensor alone.
_TORCH = {
    **{name: f"{name} x axis keepdims" for name in ("mean", "sum", "prod", "logsumexp")},
    **{name: f"{name} x axis keepdims" for name in ("argmax", "argmin")},
    **dict.fromkeys(("matmul", "mm", "bmm"), "matmul x1 x2"),
    **dict.fromkeys(("clamp", "clip"), "clip x x_min x_max"),
    **{name: f"{name} x axis" for name in ("softmax", "log_softmax", "squeeze", "cumsum", "flip")},
    **{name: f"{name} x1 x2" for name in ("add", "subtract", "multiply", "divide", "maximum")},
    "minimum": "minimum x1 x2",
    "sub": "subtract x1 x2",
    "mul": "multiply x1 x2",
    "div": "divide x1 x2",
    "pow": "power x1 x2",
    "amax": "max x axis keepdims",
    "amin": "min x axis keepdims",
    "where": "where condition x1 x2",
    "unsqueeze": "expand_dims x axis",
    "reshape": "reshape x newshape",
    "view": "reshape x newshape",
    "permute": "transpose x axes",
    "transpose": "swapaxes x axis1 axis2",
    "swapaxes": "swapaxes x axis1 axis2",
    "stack": "stack x axis",
    "topk": "top_k x k",
    "to": "cast x dtype",
    "type": "cast x dtype",
    "astype": "cast x dtype",
    "one_hot": "one_hot x num_classes",
    "leaky_relu": "leaky_relu x negative_slope negative_slope=0.01",
    "elu": "elu x alpha",
    "gelu": "gelu x approximate=False",
    "normalize": "normalize x order axis axis=1",
}
#: The same for TensorFlow, NumPy and earlier Keras. A function that is not here is that of
#: `keras.ops` if it takes no more than two arguments by position.
_OTHERS = {
    **{
        f"reduce_{name}": f"{name} x axis keepdims"
        for name in ("mean", "sum", "max", "min", "prod", "any", "all", "std", "logsumexp")
    },
    "reduce_variance": "var x axis keepdims",
    "pow": "power x1 x2",
    "floordiv": "floor_divide x1 x2",
    "matmul": "matmul x1 x2",
    "batch_matmul": "matmul x1 x2",
    "clip_by_value": "clip x x_min x_max",
    "clip": "clip x x_min x_max",
    "gather": "take x indices axis=0",
    "where": "where condition x1 x2",
    "l2_normalize": "normalize x axis",
    "permute_dimensions": "transpose x axes",
    "expand_dims": "expand_dims x axis axis=-1",
    "constant": "array x dtype",
    "fill": "full shape fill_value",
    "range": "arange start stop step",
    "one_hot": "one_hot x num_classes",
    "gelu": "gelu x approximate approximate=False",
    "leaky_relu": "leaky_relu x negative_slope",
    "astype": "cast x dtype",
    "fabs": "abs x",
}
#: Those that mean something else than the function of `keras.ops` of their name.
_UNLIKE = frozenset(
    {"max_pool", "average_pool", "conv", "moments", "batch_normalization", "split", "pad"}
)
_UNLIKE_TORCH = _UNLIKE | {"std", "var", "median", "sort", "size", "shape", "norm", "unique", "dot"}
#: Of TensorFlow and NumPy with different defaults, which nothing says.
_BY_AXIS = frozenset({"argmax", "argmin"})
#: Other names of arguments; the first that the function takes is meant.
_NAMES = {
    "dim": ("axis", "axes"),
    "dims": ("axes", "axis"),
    "keepdim": ("keepdims",),
    "keep_dims": ("keepdims",),
    "reduction_indices": ("axis",),
    "perm": ("axes",),
    "pattern": ("axes",),
    "shape": ("newshape",),
    "depth": ("num_classes",),
    "alpha": ("negative_slope",),
    "p": ("order",),
    **dict.fromkeys(("min", "min_value", "clip_value_min"), ("x_min",)),
    **dict.fromkeys(("max", "max_value", "clip_value_max"), ("x_max",)),
    **dict.fromkeys(("other", "exponent", "b", "y"), ("x2",)),
    "multiples": ("repeats",),
    **dict.fromkeys(
        ("input", "inputs", "input_tensor", "tensor", "tensors", "values", "value"),
        ("x", "xs", "x1"),
    ),
    **dict.fromkeys(("features", "logits", "params", "indices", "t", "a"), ("x", "x1")),
}
#: What joins tensors.
_JOINS = frozenset({"cat", "concat", "concatenate"})
_OF_TORCH = frozenset({"torch", "F", "functional"})
#: Modules of what is no function of tensors.
_OF_OBJECTS = frozenset(
    {"layers", "initializers", "init", "regularizers", "constraints", "losses", "metrics"}
    | {"optimizers", "optim", "train", "callbacks", "applications", "ops", "contrib"}
)


def foreign_function(
    path: Sequence[str], arguments: Sequence[ast.Argument], say: Say, *, tensor: str = ""
) -> str | None:
    """Return a call of a function of another library as mtg writes it; None where it is of none.

    Args:
        path: The name, with the modules before it.
        arguments: What it is called with.
        say: Writes an argument.
        tensor: What it is called on besides, before its arguments.
    """
    *modules, name = path
    if not name.islower() or _OF_OBJECTS & {*modules}:
        return None
    if name in _JOINS:
        return _join(arguments, say, {"K", "backend"} & {*modules} or not modules)
    given = [("", tensor)] if tensor else []
    given += [(each.name.name if each.name else "", say(each.value)) for each in arguments]
    new = not modules and name in _TORCH and catalog().find("op", name) is None
    return _call(name, given, torch=new or bool(_OF_TORCH & {*modules}))


def foreign_method(
    name: str, tensor: str, arguments: Sequence[ast.Argument], say: Say
) -> str | None:
    """Return a method of a tensor, as PyTorch and NumPy have them: `x.mean(dim=1)`."""
    given = [(each.name.name if each.name else "", say(each.value)) for each in arguments]
    if name == "flatten":
        batch_stays = given in ([("", "1")], [("start_dim", "1")])
        return f"{tensor} -> Flatten()" if batch_stays else ""
    texts = [text for _, text in given]
    if name in ("view", "reshape", "permute") or (name == "transpose" and len(given) > 2):
        name = "permute" if name == "transpose" else name
        if len(given) > 1 and all(texts) and not any(word for word, _ in given):
            given = [("", f"({', '.join(texts)})")]
        elif not texts or texts[0][:1] not in ("(", "["):
            return ""
    return _call(name, [("", tensor), *given], torch=True)


def _join(arguments: Sequence[ast.Argument], say: Say, last: object) -> str:
    """Return `torch.cat([a, b], dim=1)` as `concat(a, b, axis=1)`.

    `last` says that the last axis is joined by default; otherwise it is that of the batch, of which
    a model knows nothing.
    """
    named = {each.name.name: each.value for each in arguments if each.name is not None}
    rest = [each.value for each in arguments if each.name is None]
    rest += [named.pop(word) for word in ("values", "tensors", "inputs") if word in named]
    axes = [*rest[1:], *(named.pop(word) for word in ("axis", "dim") if word in named)]
    named.pop("name", None)
    if not rest or len(axes) > 1 or named:
        return ""
    axis = say(axes[0]) if axes else "-1" if last else "0"
    first = rest[0]
    if isinstance(first, ast.ListExpr):
        items = [say(item) for item in first.items]
    elif isinstance(first, ast.GroupExpr):
        items = [say(item.value) for item in first.arguments]
    else:
        items = [say(first)]
    if not all(items) or axis == "0" or not axis.removeprefix("-").isdigit():
        return ""
    return f"concat({', '.join([*items, *([f'axis={axis}'] if axis != '-1' else [])])})"


def _call(name: str, given: _Given, *, torch: bool) -> str | None:
    """Return a call of a function of `keras.ops`, of a name and arguments of another library."""
    row = (_TORCH if torch else _OTHERS).get(name, "").split()
    entry = catalog().find("op", row[0] if row else name)
    if entry is None:
        return None
    if not row and name in (_UNLIKE_TORCH if torch else _UNLIKE):
        return ""
    known = [parameter.name for parameter in entry.parameters]
    order = [word for word in row[1:] if "=" not in word] or known[: 1 if torch else 2]
    defaults = dict(word.split("=") for word in row[1:] if "=" in word)
    texts = [text for word, text in given if not word]
    found = dict(zip(order, texts, strict=False))
    if len(texts) > len(order) or not all(text for _, text in given):
        return ""
    for word, text in given:
        meant = next((each for each in (word, *_NAMES.get(word, ())) if each in known), None)
        if word and (meant is None or meant in found or (torch and meant not in order)):
            return ""
        if word and meant:
            found[meant] = text
    found = {**defaults, **found}
    if entry.name == "cast" and found.get("dtype", "")[:1] not in ("'", '"'):
        return ""  # a class of Python, or of another library
    needed = {each.name for each in entry.parameters if each.required}
    if not needed <= found.keys() or (name in _BY_AXIS and not torch and "axis" not in found):
        return ""
    plain = 0  # how many may stand without their names
    while plain < len(texts) and known[plain] == order[plain]:
        plain += 1
    parts = [
        found[word] if at < plain else f"{word}={found[word]}"
        for at, word in enumerate(known)
        if word in found
    ]
    return f"ops.{entry.name}({', '.join(parts)})"
