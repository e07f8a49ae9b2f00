"""The table of a model's layers, as Keras's `model.summary()` prints it, and one of its tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from mtg.backends.counts import amount, memory, places, short, weight_totals
from mtg.backends.families import Families
from mtg.backends.labels import model_layers, number_text, value_text
from mtg.backends.spreads import name_span, shortened, spread, spread_lists, title_times
from mtg.graph.graph import Call, Output
from mtg.graph.layers import InputLayer, Layer, Op
from mtg.graph.values import TensorRef
from mtg.lengths.dims import BATCH, UNKNOWN, Length
from mtg.text.visible import visible, width

if TYPE_CHECKING:
    from mtg.graph.graph import Graph
    from mtg.lengths.dims import Dim
    from mtg.types.cost.cost import Cost, Costs
    from mtg.types.tensor import TensorType
    from mtg.types.types import Types

#: Columns a table takes, unless a word in it is longer than that allows.
WIDTH = 100
#: A blank at which no cell is broken: a shape stays on one line.
_TIE = "\u00a0"


def summary(graph: Graph, types: Types, *, cost: bool = False, unfold: bool = False) -> str:
    """Return the summary of a graph as text that ends with a newline.

    Args:
        graph: The graph.
        types: What is known of it.
        cost: Whether the table says in full what each layer computes and holds for one sample,
            instead of what it is connected to.
        unfold: Whether every round of a family has rows of its own.
    """
    from mtg.types.cost.cost import costs

    found = costs(types)
    families = Families(graph, unfold=unfold)
    calls: dict[Layer, list[Call]] = {}
    turns: list[int] = []
    for call in graph.calls:
        same = calls.setdefault(call.layer, [])
        turns.append(len(same))
        same.append(call)

    def connection(ref: TensorRef) -> str:
        members = families.members(graph.calls[ref.call])
        name = name_span(members[0].layer.name, members[-1].layer.name)
        turn = spread(str(turns[call.id]) for call in members)
        return f"{name}[{turn}][{ref.result}]"

    shown: dict[Layer, list[Call]] = {}
    for call in families.shown:
        shown.setdefault(call.layer, []).append(call)
    reached = graph.reaching_outputs() if graph.outputs else range(len(graph.calls))
    rows = []
    for layer in model_layers(graph):
        made = [
            call
            for call in shown.get(layer, ())
            if call.id in reached or isinstance(layer, InputLayer)
        ]
        if not made:
            continue  # the row of another round is its row as well
        layers = families.layers(made)
        spent = [
            together(found.calls[call.id] for call in calls[each] if call.id in found.calls)
            for each in layers
        ]
        shapes = [
            spread(_results(types.outputs.get(each.id)) for each in families.members(call))
            for call in made
        ]
        name = f"{name_span(layer.name, layers[-1].name)} ({class_name(layer)})"
        row = [
            f"{name}{title_times(len(layers)).replace(' ', _TIE)}",
            ", ".join(dict.fromkeys(shapes)).replace(" … ", f"{_TIE}…{_TIE}"),
            _each([types.parameters(each) for each in layers], "{:,}".format),
            _each([each.macs for each in spent], lambda dim: amount(dim, exact=cost)),
        ]
        if cost:
            row.append(_each([each.bytes for each in spent], _memory))
        else:
            producers = [ref for call in made for ref in families.taken(call.tensors())]
            row.append(", ".join(map(connection, producers)) or "-")
        rows.append([*row[:2], *(cell.replace(" ", _TIE) for cell in row[2:4]), row[4]])
    lines = [f'Model: "{visible(graph.name)}"']
    head = ["Layer (type)", "Output Shape", f"Param{_TIE}#", "MACs", "Connected to"]
    if cost:
        head[-1] = "Activations"
    lines += ruled_table(head, rows, right=(2, 3, 4) if cost else (2, 3))
    lines += _totals(graph, types, found)
    lines += _lengths(types)
    if graph.outputs:
        lines += ["", *_tasks(families.outputs(), types)]
    return "\n".join(lines) + "\n"


def _each(amounts: Sequence[Dim | None], text: Callable[[Dim], str]) -> str:
    """Return an amount for each round, `8 × 1,056`, or `Σ 8,448` of those that differ."""
    known = [each for each in amounts if each is not None]
    if len(known) < len(amounts):
        return "?"
    first = known[0]
    if len(known) == 1 or all(each == 0 for each in known):
        return text(first)
    if all(each == first for each in known):
        return f"{len(known)} × {text(first)}"
    return f"Σ {text(sum(known[1:], first))}"


def _memory(size: Dim) -> str:
    return memory(size) if isinstance(size, int) else amount(size)


def together(calls: Iterable[Cost]) -> Cost:
    """Return what several calls of one layer cost; None where one of them is not known."""
    from mtg.types.cost.cost import Cost

    macs: Dim | None = 0
    size: Dim | None = 0
    for call in calls:
        macs = None if macs is None or call.macs is None else macs + call.macs
        size = None if size is None or call.bytes is None else size + call.bytes
    return Cost(macs, size)


def class_name(layer: Layer) -> str:
    """Return the class as Keras's own table has it, and `ops.mean` for a function."""
    return f"ops.{layer.cls}" if isinstance(layer, Op) else layer.cls


def _results(tensors: tuple[TensorType, ...] | None) -> str:
    if tensors is None:
        return "?"
    texts = [shape_text(tensor) for tensor in tensors]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def shape_text(tensor: TensorType) -> str:
    """Format a shape as Keras does: `(None, 100, 512)`; a named length keeps its name."""
    if tensor.shape is None:
        return "?"
    named = ["None" if dim is BATCH or dim is UNKNOWN else str(dim) for dim in tensor.shape]
    return f"({f',{_TIE}'.join(named)})"


def _tasks(groups: list[list[Output]], types: Types) -> list[str]:
    rows = []
    for outputs in groups:
        losses = ["-" if each.loss is None else value_text(each.loss, 60) for each in outputs]
        weights = ["-" if each.weight is None else number_text(each.weight) for each in outputs]
        metrics = [[value_text(metric, 60) for metric in each.metrics or ()] for each in outputs]
        rows.append(
            [
                f"{shortened([each.name for each in outputs])}{title_times(len(outputs))}",
                spread(shape_text(types.of(each.tensor)) for each in outputs),
                spread(losses),
                spread(weights),
                ", ".join(spread_lists(metrics)) or "-",
            ]
        )
    return ruled_table(["Output", "Shape", "Loss", "Weight", "Metrics"], rows, right=(3,))


# ---- below the table -----------------------------------------------------------------------------


def _totals(graph: Graph, types: Types, found: Costs) -> list[str]:
    """Return the lines below the table; `≥` where something that would count is not known."""
    totals = weight_totals(graph, types)
    mark = "" if totals.complete else "≥ "
    rows = [
        (
            "Total",
            totals.trainable + totals.frozen,
            totals.trainable_bits + totals.frozen_bits,
        ),
        ("Trainable", totals.trainable, totals.trainable_bits),
        ("Non-trainable", totals.frozen, totals.frozen_bits),
    ]
    lines = [
        f" {word} params: {mark}{count:,} ({mark}{memory(bits / 8)})" for word, count, bits in rows
    ]
    macs, activations = found.total
    about = f" ({short(macs)})" if isinstance(macs, int) and macs >= 1000 else ""
    size = memory(activations) if isinstance(activations, int) else _formula(activations)
    unit = " bytes" if isinstance(activations, Length) else ""
    at_least = ["" if complete else "≥ " for complete in found.complete]
    lines.append(f" MACs per sample: {at_least[0]}{_formula(macs)}{about}")
    lines.append(f" Activations per sample: {at_least[1]}{size}{unit}")
    return lines


def _formula(dim: Dim | None) -> str:
    """Return a number, or an expression, in full where it fits the line."""
    whole = isinstance(dim, Length) and len(str(dim)) <= WIDTH - 35
    return str(dim) if whole else amount(dim, exact=True)


def _lengths(types: Types) -> list[str]:
    """Return what lengths must be, a line each, and for which layer."""
    if not types.constraints:
        return []
    rows = [f" {each.subject}: {each.needs} ({places(each)})" for each in types.constraints]
    return ["", "Lengths", *map(visible, rows)]


# ---- drawing -------------------------------------------------------------------------------------


def ruled_table(
    head: list[str], rows: list[list[str]], *, right: tuple[int, ...] = ()
) -> list[str]:
    """Format a table like Keras's, with cells wrapped where a column is too narrow."""
    head = [visible(text) for text in head]
    rows = [[visible(text) for text in row] for row in rows]
    widths = _column_widths([head, *rows])

    def rule(left: str, line: str, middle: str, end: str) -> str:
        return left + middle.join(line * (wide + 2) for wide in widths) + end

    def drawn(row: list[str], bar: str) -> Iterator[str]:
        cells = [_wrapped(text, wide) for text, wide in zip(row, widths, strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            padded = []
            for column, (part, wide) in enumerate(zip(parts, widths, strict=True)):
                blanks = " " * (wide - width(part))
                padded.append(blanks + part if column in right else part + blanks)
            yield f"{bar} {f' {bar} '.join(padded)} {bar}".replace(_TIE, " ")

    lines = [rule("┏", "━", "┳", "┓"), *drawn(head, "┃"), rule("┡", "━", "╇", "┩")]
    for number, row in enumerate(rows):
        if number:
            lines.append(rule("├", "─", "┼", "┤"))
        lines += drawn(row, "│")
    return [*lines, rule("└", "─", "┴", "┘")]


def _column_widths(rows: list[list[str]]) -> list[int]:
    """Return the widths of the columns: as wide as their cells, or narrower where they must.

    The widest column gives way first, and none breaks a word.
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(map(width, column)) for column in columns]
    least = [max(width(word) for text in column for word in text.split(" ")) for column in columns]
    room = WIDTH - 3 * len(widths) - 1
    while sum(widths) > room:
        slack = [at for at in range(len(widths)) if widths[at] > least[at]]
        if not slack:
            break
        widest = max(slack, key=lambda at: widths[at])
        others = [widths[at] for at in slack if at != widest]
        down = max([least[widest], *(wide - 1 for wide in others)])  # at once past the next widest
        widths[widest] = max(min(down, widths[widest] - 1), widths[widest] - (sum(widths) - room))
    return widths


def _wrapped(text: str, wide: int) -> list[str]:
    """Return the text in lines of at most so many columns, broken at blanks."""
    lines: list[str] = []
    used = 0
    for word in text.split(" "):
        size = width(word)
        if lines and used + 1 + size <= wide:
            lines[-1] += f" {word}"
            used += 1 + size
        else:
            lines.append(word)
            used = size
    return lines or [""]
