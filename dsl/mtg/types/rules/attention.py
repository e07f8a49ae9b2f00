"""`keras.layers`: attention."""

from __future__ import annotations

from typing import Any

from mtg.lengths.dims import Dim
from mtg.lengths.equality import same
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import (
    bad_value,
    fraction,
    is_tensor,
    known_axis,
    numeric,
    policy,
    positive,
    ranked,
    require_equal,
    results,
    seed,
    several,
    shape_of,
    text,
    unequal_for_keras,
    value,
    weight,
    whole_tuple,
)
from mtg.types.rules.registry import rule
from mtg.types.rules.weight_objects import check_dtype
from mtg.types.tensor import Shape, TensorType, Weight


@rule("Attention", "AdditiveAttention")
def attention(call: LayerCall) -> Result:
    """[query (…, T, d), value (…, S, v), key (…, S, d)] -> (…, T, v); scores (…, T, S) if asked.

    The key is the value where none is given. Keras does not compare the lengths before it runs.
    """
    mode = "add" if call.cls == "AdditiveAttention" else value(call, "score_mode")
    if value(call, "score_mode") not in ("dot", "concat"):
        raise bad_value(call, "score_mode", '"dot" or "concat"')
    dropout = value(call, "dropout")
    if not isinstance(dropout, (int, float)):
        raise bad_value(call, "dropout", "a number")
    if dropout > 0:
        seed(call)
    scores = bool(_call_argument(call, "return_attention_scores", 3))
    tensors = several(call, 2, 3)
    if any(tensor.shape is None for tensor in tensors):
        raise UnknownType(1 + scores)
    query, val, *rest = (shape_of(numeric(call, tensor)) for tensor in tensors)
    key = rest[0] if rest else val
    for name, shape in (("query", query), ("value", val), ("key", key)):
        if len(shape) < 3:
            raise TypeMismatch(
                f"`{call.shown}` takes a {name} with 2 axes or more, and this one has "
                f"{len(shape) - 1}",
                code="MTG302",
            )
    _same_length(call, "query and key", "their last axes", query[-1], key[-1])
    _same_length(call, "value and key", "the steps", val[-2], key[-2])
    weights = []
    if call["use_scale"]:
        size = (known_axis(call, query, -1),) if mode == "add" else ()
        weights.append(weight(call, "scale", size))
        if size:
            # A scale of one number begins at 1, one of many at random.
            check_dtype(call, "glorot_uniform", "its scale's initializer", weights[0].dtype)
    if mode == "concat":
        weights.append(weight(call, "concat_score_weight", ()))
    shapes = [(*query[:-1], val[-1]), (*query[:-1], key[-2])]
    return results(call, shapes[: 1 + scores], *weights)


def _same_length(call: LayerCall, who: str, what: str, a: Dim, b: Dim) -> None:
    if require_equal(call, a, b):
        raise TypeMismatch(
            f"`{call.shown}` takes {who} that agree in {what}, and these are {a} and {b}"
        )


def _call_argument(call: LayerCall, name: str, position: int) -> Any:
    return call.args[position] if len(call.args) > position else call.kwargs.get(name)


def _query_value_key(call: LayerCall, results: int) -> tuple[Shape, Shape, Shape]:
    """Return the three tensors of a call `(query, value, key=None)`."""
    given: list[TensorType] = []
    for position, name in enumerate(("query", "value", "key")):
        tensor = _call_argument(call, name, position)
        if tensor is None and name == "key":
            tensor = given[1]
        if tensor is None:
            raise TypeMismatch(
                f"`{call.shown}` is called on a query and a value, and the {name} is missing",
                help=f"`(x, x) -> {call.cls}(…)` attends to itself",
                code="MTG307",
            )
        if isinstance(tensor, (list, tuple, dict)) and not is_tensor(tensor):
            raise TypeMismatch(
                f"`{call.shown}` takes one tensor as {name}, and is given {len(tensor)}",
                code="MTG307",
            )
        if not is_tensor(tensor):
            raise UnknownType(results)
        given.append(numeric(call, tensor))
    query, val, key = (shape_of(tensor, results) for tensor in given)
    return query, val, key


def _check_steps(call: LayerCall, val: Shape, key: Shape) -> None:
    alike = len(val) == len(key)
    if not alike or any(
        unequal_for_keras(call, a, b) for a, b in zip(val[1:-1], key[1:-1], strict=True)
    ):
        raise TypeMismatch(
            f"`{call.shown}` takes a value and a key that agree in all axes but the last",
            f"value: {text(val)}",
            f"key: {text(key)}",
        )


def _check_flash(call: LayerCall) -> None:
    if fraction(call, "dropout"):
        seed(call)
    window = value(call, "sliding_window")
    if window is not None and (not isinstance(window, int) or window <= 0):
        raise bad_value(call, "sliding_window", "None or a whole number above 0")
    if call["flash_attention"] and call["dropout"]:
        raise TypeMismatch(
            f"`{call.shown}` cannot have both flash attention and dropout",
            code="MTG405",
            argument="flash_attention",
        )


def _projection(call: LayerCall, kernel: tuple[int, ...], bias: tuple[int, ...]) -> list[Weight]:
    weights = [weight(call, "kernel", kernel)]
    return [*weights, weight(call, "bias", bias)] if call["use_bias"] else weights


@rule("MultiHeadAttention")
def multi_head_attention(call: LayerCall) -> Result:
    """query (batch, T, q), value (batch, S, v), key (batch, S, k) -> (batch, T, q).

    Projections of query, key, gate (if used) and value to (heads, dim), and of the output back;
    with `output_shape` the output has that instead of the last axis. The scores, if asked for, are
    (batch, heads, T, S).
    """
    heads, size = positive(call, "num_heads"), positive(call, "key_dim")
    wide = size if value(call, "value_dim") is None else positive(call, "value_dim")
    _check_flash(call)
    scores = bool(_call_argument(call, "return_attention_scores", 7))
    query, val, key = _query_value_key(call, 1 + scores)
    _check_steps(call, val, key)
    if min(len(query), len(val)) < 3:
        raise TypeMismatch(f"`{call.shown}` takes tensors with 2 axes or more", code="MTG302")
    if len(query) != len(val):
        raise UnknownType(1 + scores)
    ins = [known_axis(call, shape, -1) for shape in (query, key, val)]
    target = value(call, "output_shape")
    out: tuple[int, ...] = (ins[0],)
    if target:
        many = len(target) if isinstance(target, (list, tuple)) else 1
        out = whole_tuple(call, "output_shape", many)
    weights = _projection(call, (ins[0], heads, size), (heads, size))
    weights += _projection(call, (ins[1], heads, size), (heads, size))
    if call["use_gate"]:
        weights += _projection(call, (ins[0], heads, wide), (heads, wide))
    weights += _projection(call, (ins[2], heads, wide), (heads, wide))
    weights += _projection(call, (heads, wide, *out), out)
    found = results(call, [(*query[:-1], *out)], *weights)
    if scores:
        # Keras says (batch, heads, T, T), which is wrong where T and S differ.
        table = (query[0], heads, query[1], val[1])
        sure = len(query) == 3 and same(query[1], val[1])
        extra = TensorType(policy(call).compute, table if sure else None)
        found = found._replace(outputs=(*found.outputs, extra))
    return found


@rule("GroupQueryAttention")
def group_query_attention(call: LayerCall) -> Result:
    """query (batch, T, m), value (batch, S, m), key (batch, S, m) -> (batch, T, m)."""
    heads, pairs = positive(call, "num_query_heads"), positive(call, "num_key_value_heads")
    size = positive(call, "head_dim")
    if heads % pairs:
        raise bad_value(call, "num_query_heads", f"a multiple of num_key_value_heads, {pairs}")
    _check_flash(call)
    scores = bool(_call_argument(call, "return_attention_scores", 7))
    query, val, key = _query_value_key(call, 1 + scores)
    for shape in (query, val, key):
        ranked(call, TensorType(None, shape), ("steps", "features"))
    _check_steps(call, val, key)
    ins = [known_axis(call, shape, -1) for shape in (query, key, val)]
    _same_length(call, "a query and a value", "their last axes", ins[0], ins[2])
    weights = _projection(call, (ins[0], heads, size), (heads, size))
    weights += _projection(call, (ins[1], pairs, size), (pairs, size))
    if call["use_gate"]:
        weights += _projection(call, (ins[0], heads, size), (heads, size))
    weights += _projection(call, (ins[2], pairs, size), (pairs, size))
    weights += _projection(call, (heads, size, ins[0]), (ins[0],))
    table = (query[0], heads, query[1], key[1])
    return results(call, [query, table][: 1 + scores], *weights)
