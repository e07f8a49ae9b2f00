"""The tasks of a model and what they share, as a table and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mtg.backends.counts import amount
from mtg.backends.summary.table import ruled_table
from mtg.backends.tasks.sharing import SharedPart, Sharing, shown_layers
from mtg.text.visible import visible

if TYPE_CHECKING:
    from mtg.graph.layers import Layer

#: Tasks up to which the matrix is printed; that of more is in the JSON.
_MATRIX = 8
#: Names up to which a list is written in full.
_NAMED = 4


def tasks_text(found: Sharing) -> str:
    """Return the table, the matrix of shared parameters, and what is shared in words."""
    rows = [
        [
            task.output.name,
            _listed(task.inputs),
            f"{len(task.own)} + {len(task.common)}",
            _number(task.own_parameters),
            _number(task.common_parameters),
            amount(task.macs),
        ]
        for task in found.tasks
    ]
    head = ["Task", "Inputs", "Layers own + shared", "Own params", "Shared params", "MACs"]
    lines = [f'Model: "{visible(found.model)}"', *ruled_table(head, rows, right=(2, 3, 4, 5))]
    if 1 < len(found.tasks) <= _MATRIX:
        names = [task.output.name for task in found.tasks]
        square = [[name, *map(_number, row)] for name, row in zip(names, found.matrix, strict=True)]
        right = tuple(range(1, len(names) + 1))
        lines += ["", *ruled_table(["Params in common", *names], square, right=right)]
    return "\n".join([*lines, "", *in_words(found)]) + "\n"


def in_words(found: Sharing) -> Iterator[str]:
    """Yield sentences that say which inputs the tasks see, and what they share."""
    if len(found.tasks) < 2:
        yield f"A model of {'one task' if found.tasks else 'no task'} shares nothing."
        return
    yield _inputs(found)
    for part in found.parts:
        yield _part(part, len(found.tasks))
    if not found.parts:
        yield "They share no layer: the model is several models side by side."


def _inputs(found: Sharing) -> str:
    count, inputs = len(found.tasks), len(found.inputs)
    tasks = "Both tasks" if count == 2 else f"All {count} tasks"
    seen = {task.inputs for task in found.tasks}
    if seen == {found.inputs}:
        if inputs == 1:
            return f"{tasks} see the one input, {_quoted(found.inputs)}."
        joined = f": {_layers(found.joins)} brings them together" if found.joins else ""
        joined = joined.replace("brings", "bring") if len(found.joins) > 1 else joined
        return f"{tasks} see {'both' if inputs == 2 else f'all {inputs}'} inputs{joined}."
    if len(seen) == 1:
        return f"{tasks} see {_quoted(found.tasks[0].inputs)}."
    some = [f"{_quoted([t.output.name])} sees {_quoted(t.inputs)}" for t in found.tasks[:_NAMED]]
    more = f", and so on for {count - _NAMED} more" if count > _NAMED else ""
    return f"{'; '.join(some)}{more}."


def _part(part: SharedPart, count: int) -> str:
    who = "They" if len(part.tasks) == count else _quoted(part.tasks)
    size = "" if part.parameters == 0 else f" ({_number(part.parameters)} parameters)"
    layers = f"{_layers(part.layers)}{size}"
    if part.how == "computation":
        return f"{who} share {layers}, computed once for all of them."
    if part.how == "weights":
        return (
            f"{who} share the weights of {layers} alone: each applies them to tensors of its own."
        )
    return f"{who} share {layers}: the weights, and some of what is computed with them."


def _layers(layers: Sequence[Layer]) -> str:
    return _quoted([layer.name for layer in shown_layers(layers)])


def _quoted(names: Sequence[str]) -> str:
    quoted = [f"`{visible(name)}`" for name in names]
    if len(quoted) > _NAMED:
        return f"{', '.join(quoted[: _NAMED - 1])} and {len(quoted) - _NAMED + 1} more"
    return " and ".join(filter(None, [", ".join(quoted[:-1]), *quoted[-1:]]))


def _listed(names: Sequence[str]) -> str:
    more = f", … {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}" or "-"


def _number(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"
