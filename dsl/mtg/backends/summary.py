"""The table of a model's layers, as Keras's `model.summary()` prints it, and one of its tasks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

from mtg.backends.labels import is_frozen, model_layers, value_text, weight_owners
from mtg.graph.graph import Call, Layer
from mtg.graph.values import TensorRef
from mtg.report.columns import visible, width
from mtg.types.dims import BATCH, UNKNOWN

if TYPE_CHECKING:
    from mtg.graph.graph import Graph
    from mtg.types.infer import Types
    from mtg.types.tensor import TensorType, Weight

#: Columns a table takes, unless a word in it is longer than that allows.
WIDTH = 100
#: A blank at which no cell is broken: a shape stays on one line.
_TIE = "\u00a0"


def summary(graph: Graph, types: Types) -> str:
    """The summary of a graph as text that ends with a newline."""
    calls: dict[Layer, list[Call]] = {}
    turns: list[int] = []
    for call in graph.calls:
        same = calls.setdefault(call.layer, [])
        turns.append(len(same))
        same.append(call)

    def connection(ref: TensorRef) -> str:
        return f"{graph.calls[ref.call].layer.name}[{turns[ref.call]}][{ref.result}]"

    reached = graph.reaching_outputs() if graph.outputs else range(len(graph.calls))
    rows = []
    for layer in model_layers(graph):
        made = [call for call in calls[layer] if call.id in reached or layer.kind == "input"]
        count = types.parameters(layer)
        producers = [connection(ref) for call in made for ref in call.tensors()]
        rows.append(
            [
                f"{layer.name} ({_class(layer)})",
                ", ".join(dict.fromkeys(_results(types.outputs.get(call.id)) for call in made)),
                "?" if count is None else f"{count:,}",
                ", ".join(producers) or "-",
            ]
        )
    lines = [f'Model: "{visible(graph.name)}"']
    lines += _table(["Layer (type)", "Output Shape", "Param #", "Connected to"], rows, right=(2,))
    lines += _totals(graph, types)
    if graph.outputs:
        lines += ["", *_tasks(graph, types)]
    return "\n".join(lines) + "\n"


def _class(layer: Layer) -> str:
    if layer.kind == "input":
        return "InputLayer"
    return f"ops.{layer.cls}" if layer.kind == "op" else layer.cls


def _results(tensors: tuple[TensorType, ...] | None) -> str:
    if tensors is None:
        return "?"
    texts = [shape_text(tensor) for tensor in tensors]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def shape_text(tensor: TensorType) -> str:
    """A shape as Keras writes it: `(None, 100, 512)`. A length with a name keeps the name."""
    if tensor.shape is None:
        return "?"
    named = ["None" if dim is BATCH or dim is UNKNOWN else str(dim) for dim in tensor.shape]
    return f"({f',{_TIE}'.join(named)})"


def _tasks(graph: Graph, types: Types) -> list[str]:
    rows = [
        [
            output.name,
            shape_text(types.of(output.tensor)),
            "-" if output.loss is None else value_text(output.loss, 60),
            "-" if output.weight is None else f"{output.weight:g}",
            ", ".join(value_text(metric, 60) for metric in output.metrics or ()) or "-",
        ]
        for output in graph.outputs
    ]
    return _table(["Output", "Shape", "Loss", "Weight", "Metrics"], rows, right=(3,))


# ---- counts --------------------------------------------------------------------------------------


def _totals(graph: Graph, types: Types) -> list[str]:
    """The three lines below the table; `≥` where the weights of some layer are not known."""
    counts, sizes, complete = [0, 0], [0, 0], True
    for layer in weight_owners(graph):
        weights = types.weights.get(layer)
        complete = complete and weights is not None
        for weight in weights or ():
            trains = weight.trainable and not is_frozen(layer)
            counts[trains] += weight.size
            sizes[trains] += weight.size * _bits(weight)
    mark = "" if complete else "≥ "
    rows = [
        ("Total", sum(counts), sum(sizes)),
        ("Trainable", counts[True], sizes[True]),
        ("Non-trainable", counts[False], sizes[False]),
    ]
    return [
        f" {word} params: {mark}{count:,} ({mark}{_memory(bits / 8)})" for word, count, bits in rows
    ]


def _bits(weight: Weight) -> int:
    if weight.dtype == "bool":
        return 1  # so Keras counts it
    digits = "".join(char for char in weight.dtype.partition("_")[0] if char.isdigit())
    return int(digits) if digits else 0


def _memory(size: float) -> str:
    """Bytes as Keras writes them: `19.84 MB`."""
    units = ["B", "KB", "MB", "GB", "TB", "PB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    return f"{size:.2f} {units[0]}"


# ---- drawing -------------------------------------------------------------------------------------


def _table(head: list[str], rows: list[list[str]], *, right: tuple[int, ...] = ()) -> list[str]:
    """A table in the manner of Keras's, cells broken where a column is too narrow for them."""
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
    """As wide as the cells, or where that is too much, narrower: the widest column gives way
    first, and none breaks a word."""
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
    """The text in lines of at most so many columns, broken at blanks."""
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
