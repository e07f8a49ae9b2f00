"""Rounds: what a loop or a comprehension walks over, and what its names hold in each round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from mtg.graph.describe import short
from mtg.graph.graph import Loop, Round
from mtg.limits import MAX_NAME
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.tensors import results_of
from mtg.semantics.values import (
    Frame,
    Results,
    TensorGroup,
    TensorTuple,
    Value,
    holds_tensor,
    is_error,
    is_tensor,
    kind_of,
)
from mtg.syntax import ast
from mtg.text.source import Span

#: Characters of what a name holds that a message repeats.
_SHOWN = 40


def items_of(
    value: Value, span: Span, context: Context, frame: Frame, walker: str
) -> Sequence[Value] | None:
    """Return what is walked over, or None where it is nothing of that kind, which is reported.

    Args:
        value: A list, tuple or range; a dict stands for its keys, a layer or block of several
            results for these.
        span: Where it stands.
        walker: What walks, for the message: `` `for` ``.

    Raises:
        TooLarge: There are more items than a program may walk over.
    """
    if isinstance(value, Results):
        several = results_of(value, context)
        value = value if several is None else several
    if isinstance(value, TensorTuple):
        return value.tensors
    if isinstance(value, TensorGroup) and not value.kwargs:
        return value.args
    if isinstance(value, str):
        context.reporter(frame)(
            "MTG408",
            f"{walker} walks over the characters of a string",
            span,
            label=f"this is {kind_of(value)}",
            help="write a list: `[…]`; on the command line `--set NAME='[\"…\"]'`",
        )
    if isinstance(value, (list, tuple, range, str)):
        if len(value) > context.budget.most_steps:
            context.budget.step(span, len(value))
        return value
    if isinstance(value, dict):
        return list(value)
    if not is_error(value):
        help = ""
        if isinstance(value, int) and not isinstance(value, bool) and walker != "unpacking":
            help = f"write `range({span.text})`"
            if frame.uses and span.text.isidentifier():  # who uses the block sees what it is given
                help = f"give it a list, such as `{span.text}=[{value}]`, or walk over "
                help += f"`range({span.text})`"
        elif is_tensor(value) and walker != "unpacking" and span.text.isidentifier():
            help = f"the parts of a tensor along an axis are `ops.unstack({span.text}, n, axis=1)`"
        context.reporter(frame)(
            "MTG404",
            f"{walker} iterates over a list or a range, not {kind_of(value)}",
            span,
            help=help,
        )
    return None


def bind(
    target: ast.Target, item: Value, context: Context, frame: Frame
) -> dict[str, Value] | None:
    """Return what the names of a loop hold for one item; None where it does not fit them."""
    if isinstance(target, ast.Identifier):
        return {} if target.name == "_" else {target.name: item}
    if isinstance(item, (bool, int, float, str)) or item is None:
        context.reporter(frame)(
            "MTG409",
            f"{len(target.items)} names are bound, but an item is {kind_of(item)}",
            target.span,
            help="of a dict, `.items()` gives keys and values" if isinstance(item, str) else "",
        )
        return None
    parts = None if is_error(item) else items_of(item, target.span, context, frame, "unpacking")
    if parts is None:
        return None
    if len(parts) != len(target.items):
        context.reporter(frame)(
            "MTG409",
            f"{len(target.items)} name{'s' * (len(target.items) != 1)} "
            f"{'are' if len(target.items) != 1 else 'is'} bound, but an item has {len(parts)}",
            target.span,
            label=f"an item is {kind_of(item)}",
        )
        return None
    names: dict[str, Value] = {}
    for part, value in zip(target.items, parts, strict=True):
        bound = bind(part, value, context, frame)
        if bound is None:
            return None
        names |= bound
    return names


def _first_of(target: ast.Target, item: Value) -> Value:
    """Return what the first name of a loop holds."""
    while isinstance(target, ast.TargetGroup):
        target = target.items[0]
        if isinstance(item, (list, tuple)) and item:
            item = item[0]
        else:
            return None
    return item


class Keys:
    """What the rounds of one loop are called in the names of layers.

    A round is called by what the first name of its loop holds, where that is a string or a whole
    number from 0, else by its position. Equal keys count on.
    """

    def __init__(self, target: ast.Target) -> None:
        self._target = target
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def next(self, item: Value, position: int) -> str:
        """Return the key of the next round."""
        key = as_name(_first_of(self._target, item), position)
        unique = key
        while unique in self._taken:
            self._counts[key] = self._counts.get(key, 1) + 1
            unique = f"{key}_{self._counts[key]}"
        self._taken.add(unique)
        return unique


def as_name(key: Value, position: int) -> str:
    """Return what names of layers call what has this key and stands at this position."""
    if isinstance(key, str) and 0 < len(key) <= MAX_NAME:
        return "".join("_" if sign == "/" or not sign.isprintable() else sign for sign in key)
    if isinstance(key, int) and not isinstance(key, bool) and key >= 0:
        return str(key)
    return str(position)


def shown_names(names: Mapping[str, Value]) -> str:
    """Return what the names of a round hold, for a message: `task="like"`."""
    shown = [
        f"{name}={text}"
        for name, value in names.items()
        if not holds_tensor(value)
        and isinstance(value, (str, int, float, list, tuple, dict))
        and len(text := short(value)) <= _SHOWN
    ]
    return ", ".join(shown)


def _item_span(values: ast.Expression, number: int) -> Span | None:
    """Return where the item of a round is written, if the list stands in the loop itself."""
    if isinstance(values, ast.ListExpr) and not any(
        isinstance(item, ast.UnpackedExpr) for item in values.items
    ):
        return next(islice((item.span for item in values.items), number, None), None)
    return None


#: What a round costs besides what is evaluated in it, in steps: its names, and its place.
_STEPS = 5


def walk(
    target: ast.Target,
    values: ast.Expression,
    items: Sequence[Value],
    loop: Span,
    context: Context,
    frame: Frame,
) -> Iterator[tuple[str, dict[str, Value], Round]]:
    """Yield the key, the names and the place of each round; it ends where one does not fit."""
    keys = Keys(target)
    walked = Loop(loop, len(items), len(frame.uses))
    for number, item in enumerate(items):
        context.budget.step(loop, _STEPS)
        names = bind(target, item, context, frame)
        if names is None:
            return
        key = keys.next(item, number)
        yield (
            key,
            names,
            Round(walked, shown_names(names), number, key, _item_span(values, number)),
        )
