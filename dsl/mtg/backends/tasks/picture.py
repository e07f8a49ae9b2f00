"""The picture of what tasks share, as DOT source for Graphviz.

How to read it: each box is what a set of tasks has in common, its letters above it, and tensors
flow from what many share to what one task has alone. A solid outline is one computation that all
of them read; a dashed one is weights alone, which each applies to tensors of its own. The table is
how many parameters each two tasks both use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mtg.backends.counts import amount
from mtg.backends.families import MOST_TASKS
from mtg.backends.labels import weights_owner
from mtg.backends.picture.badges import MOST_BADGES, badge, beside
from mtg.backends.picture.service import letters, listed
from mtg.backends.picture.style import blank
from mtg.backends.picture.themes import LIGHT, Theme
from mtg.backends.picture.words import escape, small, table, tooltip
from mtg.backends.tasks.sharing import SharedPart, Sharing, TaskParts, shown_layers
from mtg.graph.layers import Layer

if TYPE_CHECKING:
    from mtg.graph.graph import Graph

#: How dark the cell of most parameters is.
_DARKEST = 0.3
#: Tasks up to which the table is drawn, names up to which a box lists them, and letters of one.
_MATRIX, _NAMED, _LONGEST = 12, 4, 28
_HOW = {
    "computation": "computed once",
    "weights": "the weights alone",
    "both": "weights, and some computations",
}


def tasks_dot(graph: Graph, found: Sharing, theme: Theme = LIGHT) -> str:
    """Return the DOT source of the picture of what the tasks of `graph` share."""
    drawing = blank(theme)
    drawing.attr(ranksep="0.45", label=_title(found, theme))
    numbers = {task.output.name: number for number, task in enumerate(found.tasks)}
    needs = [graph.before([output.tensor.call]) for output in graph.outputs]
    boxes = _boxes(graph, found)
    for name, inputs in _inputs(graph, boxes, needs).items():
        boxes |= dict.fromkeys(inputs, name)
        words = _listed([layer.name for layer in inputs])
        drawing.node(
            name,
            label=f"<{escape(words)}>",
            fillcolor=theme.source,
            color=theme.source,
            fontcolor=theme.source_ink,
            tooltip=tooltip(words, inputs[0].span),
        )
    for number, part in enumerate(found.parts):
        drawing.node(
            f"part{number}",
            label=f"<{_part(part, [numbers[name] for name in part.tasks], len(numbers), theme)}>",
            style="filled" if part.how == "computation" else "filled,dashed",
            tooltip=tooltip(_listed([layer.name for layer in part.layers]), part.layers[0].span),
        )
    lines = _lines(graph, boxes, needs)
    groups = _alike(found, lines)
    first_of = {f"task{number}": f"task{group[0]}" for group in groups for number in group}
    for group in groups:
        tasks = [found.tasks[number] for number in group]
        drawing.node(
            f"task{group[0]}",
            label=f"<{_tasks(tasks, group, theme)}>",
            color=theme.hue(group[0]) if len(group) == 1 else theme.line,
            fillcolor=theme.end(group[0]) if len(group) == 1 else theme.fill,
            tooltip=tooltip(_listed([task.output.name for task in tasks]), tasks[0].output.span),
        )
    drawn: dict[tuple[str, str], set[int]] = {}
    for (tail, head), serves in lines.items():
        line = first_of.get(tail, tail), first_of.get(head, head)
        drawn.setdefault(line, set()).update(serves)
    for (tail, head), serves in drawn.items():
        hue = theme.hue(min(serves)) if len(serves) == 1 else theme.line
        drawing.edge(tail, head, color=hue)
    if 1 < len(found.tasks) <= _MATRIX:
        drawing.node("matrix", shape="plain", style="", label=f"<{_matrix(found, theme)}>")
    return str(drawing.source)


def _boxes(graph: Graph, found: Sharing) -> dict[Layer, str]:
    """Return the box of each layer that some task depends on; inputs have none yet."""
    boxes: dict[Layer, str] = {}
    for number, task in enumerate(found.tasks):
        boxes |= {weights_owner(layer): f"task{number}" for layer in task.own}
    for number, part in enumerate(found.parts):
        boxes |= {weights_owner(layer): f"part{number}" for layer in part.layers}
    return {
        call.layer: boxes[owner]
        for call in graph.calls
        if (owner := weights_owner(call.layer)) in boxes
    }


def _inputs(
    graph: Graph, boxes: dict[Layer, str], needs: Sequence[set[int]]
) -> dict[str, list[Layer]]:
    """Return the inputs of each box; those that go to the same boxes for the same tasks are one."""
    heads: dict[int, set[str]] = {}
    for call in graph.calls:
        for ref in call.tensors() if call.layer in boxes else ():
            heads.setdefault(ref.call, set()).add(boxes[call.layer])
    for number, output in enumerate(graph.outputs):
        heads.setdefault(output.tensor.call, set()).add(f"task{number}")
    groups: dict[tuple[frozenset[str], tuple[bool, ...]], list[Layer]] = {}
    for call in graph.inputs:
        if call.id in heads:
            serves = tuple(call.id in calls for calls in needs)
            groups.setdefault((frozenset(heads[call.id]), serves), []).append(call.layer)
    return {f"inputs{number}": inputs for number, inputs in enumerate(groups.values())}


def _alike(found: Sharing, lines: dict[tuple[str, str], set[int]]) -> list[list[int]]:
    """Return the numbers of tasks, box by box: of many, those that differ in names are one."""
    if len(found.tasks) <= MOST_TASKS:
        return [[number] for number in range(len(found.tasks))]
    before: dict[str, set[str]] = {}
    for tail, head in lines:
        before.setdefault(head, set()).add(tail)
    groups: dict[object, list[int]] = {}
    for number, task in enumerate(found.tasks):
        kinds = tuple(layer.cls for layer in task.own)
        tails = frozenset(before.get(f"task{number}", ()))
        key = tails, kinds, task.own_parameters, task.macs, task.inputs
        groups.setdefault(key, []).append(number)
    return list(groups.values())


def _lines(
    graph: Graph, boxes: dict[Layer, str], needs: Sequence[set[int]]
) -> dict[tuple[str, str], set[int]]:
    """Return the lines between boxes, each with the tasks that its tensors are taken for."""
    lines: dict[tuple[str, str], set[int]] = {}
    for call in graph.order():
        serves = {number for number, calls in enumerate(needs) if call.id in calls}
        for ref in call.tensors() if serves else ():
            line = boxes[graph.calls[ref.call].layer], boxes[call.layer]
            lines.setdefault(line, set()).update(serves)
    for number, output in enumerate(graph.outputs):
        line = boxes[graph.calls[output.tensor.call].layer], f"task{number}"
        lines.setdefault(line, set()).add(number)
    return {line: tasks for line, tasks in lines.items() if line[0] != line[1]}


# ---- words ---------------------------------------------------------------------------------------


def _title(found: Sharing, theme: Theme) -> str:
    lines = [f'<FONT POINT-SIZE="14"><B>{escape(found.model)}</B></FONT>']
    lines.append(small("what its tasks share", theme.grey))
    return f"<{table([*lines, ' '])}>"


def _part(part: SharedPart, tasks: list[int], of: int, theme: Theme) -> str:
    """HTML for the box of what some tasks share; their letters, unless they are all tasks."""
    title, names = _layers(part.layers)
    words = table(
        [
            f"<B>{escape(title)}</B>",
            small(names, theme.ink),
            small(_parameters(part.parameters), theme.ink),
            small(_HOW[part.how], theme.grey),
        ]
    )
    return words if len(tasks) == of else beside(_badges(tasks, theme), words)


def _tasks(tasks: list[TaskParts], numbers: list[int], theme: Theme) -> str:
    """HTML for the box of a task, or of several alike, with the layers that each has alone."""
    first = tasks[0]
    names = [task.output.name for task in tasks]
    several = len(tasks) > 1
    title, inside = _layers(first.own) if first.own else ("no layer of its own", "")
    each = "each " if several else ""
    if several and first.own:  # their names differ
        title = f"{len(first.own)} layer{'s' * (len(first.own) != 1)}"
    macs = amount(first.macs)
    lines = [
        f"<B>{escape(f'{len(tasks)} tasks' if several else names[0])}</B>",
        small(_listed(names) if several else "", theme.ink),
        small(each + title if several or title != names[0] else "", theme.ink),
        small("" if several else inside, theme.ink),
        small(each + _parameters(first.own_parameters) if first.own else "", theme.ink),
        small(f"{each}{macs} MACs in all" if macs else "", theme.grey),
    ]
    return beside(_badges(numbers, theme), table(lines))


def _badges(tasks: list[int], theme: Theme) -> list[str]:
    """HTML for the letters of tasks; many are one badge."""
    if len(tasks) > MOST_BADGES:
        return [badge(f" {listed(tasks)} ", theme.line)]
    return [badge(letters(task), theme.hue(task)) for task in tasks]


def _matrix(found: Sharing, theme: Theme) -> str:
    """HTML for the numbers of parameters that each two tasks both use, the more the darker."""
    most = max((count or 0 for row in found.matrix for count in row), default=0)
    heads = [badge(letters(number), theme.hue(number)) for number in range(len(found.tasks))]
    rows = [f"<TR><TD>{small('parameters in common', theme.grey)}</TD>{''.join(heads)}</TR>"]
    for task, head, counts in zip(found.tasks, heads, found.matrix, strict=True):
        cells = [f'<TD ALIGN="RIGHT">{small(task.output.name, theme.ink)}</TD>']
        for count in counts:
            share = (count or 0) / most if most else 0
            fill = theme.tint(theme.ink, 1 - _DARKEST * share)
            text = "?" if count is None else f"{count:,}"
            cells.append(
                f'<TD BGCOLOR="{fill}" BORDER="1" COLOR="{theme.frame_line}" ALIGN="RIGHT">'
                f"{small(f' {text} ', theme.ink)}</TD>"
            )
        rows.append(f"<TR>{''.join(cells)}{head}</TR>")
    look = f'BORDER="1" COLOR="{theme.frame_line}" CELLBORDER="0" CELLSPACING="1" CELLPADDING="3"'
    return f"<TABLE {look}>{''.join(rows)}</TABLE>"


def _layers(layers: Sequence[Layer]) -> tuple[str, str]:
    """Return the names of layers; of many how many they are, and the first and the last name."""
    names = list(dict.fromkeys(layer.name for layer in shown_layers(layers)))
    if len(names) < _NAMED:
        return ", ".join(names), ""
    return f"{len(names)} layers", f"{_cut(names[0])} … {_cut(names[-1])}"


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _listed(names: Sequence[str]) -> str:
    """Return names, as far as there is room."""
    if len(names) <= _NAMED:
        return ", ".join(map(_cut, names))
    return f"{', '.join(map(_cut, names[: _NAMED - 1]))} and {len(names) - _NAMED + 1} more"


def _parameters(count: int | None) -> str:
    return "parameters not known" if count is None else f"{count:,} parameters"
