"""The boxes of a picture: how one layer, or one output, looks as a node of Graphviz."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING

from mtg.backends.labels import (
    argument_texts,
    call_texts,
    input_text,
    is_frozen,
    is_merge,
    layer_title,
    owners_of,
    shape_text,
    value_text,
)
from mtg.backends.spreads import multiplied, name_span, shortened, spread, spread_lists, title_times
from mtg.graph.graph import Call, Output
from mtg.graph.layers import Application, InputLayer, Layer, NestedModel, Op
from mtg.graph.values import TensorRef, Value
from mtg.text.source import NOWHERE, Span

if TYPE_CHECKING:
    from mtg.backends.picture.collapse import Fold
    from mtg.types.types import Types

# Colours by Okabe and Ito, which the colour-blind can tell apart. The calls of a shared layer
# differ in the style of their lines as well, and carry numbers.
TASK_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
CALL_COLORS = ("#E69F00", "#56B4E9", "#CC79A7", "#009E73", "#D55E00", "#0072B2")

FOLD_FILL = "#F5F5F2"
INK, GREY, LINE = "#222222", "#666666", "#555555"
FONT = "Helvetica,Arial,sans-serif"
SMALL = 9
#: Characters on one line of arguments, and such lines at most.
LINE_WIDTH, MOST_LINES = 34, 3
#: Calls of a shared layer up to which each has its number on the box.
MOST_PORTS = 24

Attributes = dict[str, str]


def layer_box(
    layers: list[Layer],
    members: list[list[Call]],
    types: Types | None,
    name: str,
    task: str | None,
    times: int = 1,
) -> Attributes:
    """Return the attributes of the node that stands for a layer and all its calls.

    Args:
        layers: The layer; of a family, those of all rounds.
        members: Its calls, each with those of the other rounds.
        name: The layer's name as it is to be shown; empty for a merge or an operation whose
            result the program gives no name.
        task: The colour of the only task that the layer serves; an empty string where it serves
            several, None where it serves none.
        times: How many rounds the box stands for by itself.
    """
    layer = layers[0]
    whole = name_span(layer.name, layers[-1].name)
    found: Attributes = {"class": layer.kind, "tooltip": tooltip(whole, layer.span)}
    if task:
        found |= {"color": task, "fillcolor": tint(task, 0.92)}
    settings = _settings(members)
    if is_frozen(layer):
        settings.append("frozen")
    facts = " | ".join(_shapes(members, types))
    title = escape(layer_title(layer))
    multiple = title_times(times) if len(layers) > 1 else ""
    if isinstance(layer, InputLayer):
        name += multiple
        lines = _input_lines(name, members[0], types, settings)
        found |= {"fillcolor": "#333333", "color": "#333333", "fontcolor": "white"}
    elif is_merge(layer) or isinstance(layer, Op):
        lines = [escape(" ".join([layer_title(layer), *settings]) + multiple)]
        lines.append(small(" · ".join(filter(None, [name, facts]))))
        if is_merge(layer):
            found |= {"class": "merge", "shape": "ellipse", "margin": "0.01"}
        else:
            found |= {"style": "filled,rounded", "margin": "0.08,0.04"}
    else:
        lines = _layer_lines(f"<B>{title}{multiple}</B>", name, settings, facts, layers, types)
        if isinstance(layer, (NestedModel, Application)):
            found["peripheries"] = "2"
    if task is None:
        found |= {"style": f"{found.get('style', 'filled')},dashed", "class": "unused"}
    uses = sum(map(len, members)) // len(layers)
    if uses == 1:
        return found | {"label": f"<{table(lines)}>"}
    found |= {"shape": "box", "penwidth": "2.2", "margin": "0.06,0", "color": task or INK}
    return found | {"label": f"<{_shared_table(lines, uses, len(members))}>"}


def fold_box(
    fold: Fold,
    inside: list[list[Layer]],
    results: list[list[TensorRef]],
    types: Types | None,
    name: str,
    task: str | None,
    times: int = 1,
    rounds: int = 1,
) -> Attributes:
    """Return the attributes of the node of folded uses of a block, with their outputs.

    Args:
        fold: The uses.
        inside: The layers inside that count, each with those of the other rounds of a family.
        results: The tensors that leave the box, each likewise.
        types: What is known of shapes and weights.
        name: What the uses are called.
        task: As that of `layer_box`.
        times: As that of `layer_box`.
        rounds: How many rounds of families it stands in.
    """
    frame = fold.frame
    lines = [f"<B>{escape(frame.block)}</B>{title_times(fold.times)}{title_times(times)}"]
    if name not in ("", frame.block) and fold.times == 1:
        lines.append(small(name))
    if types is not None:
        shapes = [spread(_result(ref, types) for ref in refs) for refs in results]
        if fold.calls > 1:
            shapes = list(dict.fromkeys(shapes))
        facts = [", ".join(shapes), _parameters_inside(inside, types, rounds)]
        lines.append(small(" · ".join(facts)))
    count = len([layer for layers in inside for layer in layers])
    if rounds > 1 and all(len(layers) % rounds == 0 for layers in inside):
        lines.append(small(f"{rounds} × {_layers(count // rounds)}"))
    else:
        lines.append(small(_layers(count)))
    found = {
        "class": "block",
        "style": "filled,rounded",
        "fillcolor": FOLD_FILL,
        "color": LINE,
        "tooltip": tooltip(name or frame.block, frame.span),
    }
    if task:
        found |= {"color": task, "fillcolor": tint(task, 0.92)}
    elif task is None:
        found |= {"style": "filled,rounded,dashed", "class": "unused"}
    if fold.calls == 1:
        return found | {"label": f"<{table(lines)}>"}
    found |= {"style": "filled", "penwidth": "2.2", "margin": "0.06,0", "color": task or INK}
    return found | {"label": f"<{_shared_table(lines, fold.calls, fold.calls)}>"}


def _layers(count: int) -> str:
    return f"{count} layer{'s' * (count != 1)}"


def _result(ref: TensorRef, types: Types) -> str:
    tensors = types.outputs.get(ref.call)
    return "?" if tensors is None else shape_text(tensors[ref.result])


def _parameters_inside(inside: list[list[Layer]], types: Types, rounds: int) -> str:
    """Return the number of parameters of layers, `8 × 1,056` where each round has as many."""
    owners = owners_of(layer for layers in inside for layer in layers)
    counts = {layer: types.parameters(layer) for layer in owners}
    total = sum(count or 0 for count in counts.values())
    if None in counts.values():
        return f"≥ {total:,} params"
    if rounds == 1:
        return f"{total:,} params"
    equal = all(
        len(layers) % rounds == 0 and len({counts.get(layer) for layer in layers}) == 1
        for layers in inside
    )
    number = multiplied([total // rounds] * rounds) if equal else f"Σ {total:,}"
    return f"{number} params"


def output_box(outputs: list[Output], color: str, *, dashed: bool) -> Attributes:
    """Return the attributes of the node of an output, or of many that are alike: their losses."""
    names = shortened([output.name for output in outputs])
    lines = [f"<B>{escape(names)}</B>{title_times(len(outputs))}"]
    losses = spread(
        "" if each.loss is None else value_text(_alone(each.loss), 60) for each in outputs
    )
    weights = spread("" if each.weight is None else f"× {each.weight:g}" for each in outputs)
    if losses or weights:
        lines.append(escape(f"{losses} {weights}".strip()))
    metrics = [[value_text(metric) for metric in each.metrics or ()] for each in outputs]
    lines += map(small, _wrapped(spread_lists(metrics)))
    return {
        "label": f"<{table(lines)}>",
        "class": "output",
        "tooltip": tooltip(names, outputs[0].span),
        "style": "filled,rounded,dashed" if dashed else "filled,rounded",
        "color": color,
        "fillcolor": tint(color, 0.78),
        "penwidth": "2.5",
    }


def _alone(loss: Value) -> Value:
    return loss[0] if isinstance(loss, list) and len(loss) == 1 else loss


def _input_lines(
    name: str, calls: list[Call], types: Types | None, settings: list[str]
) -> list[str]:
    known = [types.outputs.get(call.id) if types else None for call in calls]
    text = spread(
        str(tensors[0]) if tensors else input_text(call.layer)
        for call, tensors in zip(calls, known, strict=True)
    )
    return [f"<B>{escape(name)}</B>", *map(escape, _wrapped([text, *settings]))]


def _layer_lines(
    head: str,
    name: str,
    settings: list[str],
    facts: str,
    layers: list[Layer],
    types: Types | None,
) -> list[str]:
    """Return the lines of an ordinary layer; `head` is the first, as HTML."""
    written = [escape(line) for line in _wrapped(settings)]
    if len(written) == 1 and len(layer_title(layers[0])) + len(", ".join(settings)) <= LINE_WIDTH:
        lines = [f"{head}  {written[0]}"]
    else:
        lines = [head, *written]
    lines.append(small(name))
    if types is not None:
        counts = [types.parameters(layer) for layer in layers]
        if any(count != 0 for count in counts):
            known = [count for count in counts if count is not None]
            number = multiplied(known) if len(known) == len(counts) else "?"
            facts += f" · {number} params"
    return [*lines, small(facts)]


def _settings(members: list[list[Call]]) -> list[str]:
    """Return what is written of a layer and its calls; of those of many rounds, what differs."""
    calls: dict[Layer, list[Call]] = {}
    for each in members:
        for call in each:
            calls.setdefault(call.layer, []).append(call)
    return spread_lists([argument_texts(layer) + call_texts(its) for layer, its in calls.items()])


def _shapes(members: list[list[Call]], types: Types | None) -> list[str]:
    """Return the shapes of the results; of several calls each that differs."""
    if types is None:
        return []
    texts = []
    for calls in members:
        known = [types.outputs.get(call.id) for call in calls]
        texts.append(
            spread("?" if found is None else ", ".join(map(shape_text, found)) for found in known)
        )
    return list(dict.fromkeys(texts))[:MOST_LINES]


def _shared_table(lines: list[str], times: int, drawn: int) -> str:
    """Return a box with a row of numbers above and one below, a number for each call drawn."""
    badge = (
        '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="2"><TR>'
        f'<TD BGCOLOR="{INK}"><FONT POINT-SIZE="{SMALL}" COLOR="white">'
        f"<B>shared × {times}</B></FONT></TD></TR></TABLE>"
    )
    rows = [badge, *lines]
    if 1 < drawn <= MOST_PORTS:
        rows = [_ports("in", drawn), *rows, _ports("out", drawn)]
    return table(rows)


def _ports(side: str, times: int) -> str:
    cells = [
        f'<TD PORT="{side}{turn}" BGCOLOR="{CALL_COLORS[turn % len(CALL_COLORS)]}"'
        f' WIDTH="18" HEIGHT="13" FIXEDSIZE="TRUE">'
        f'<FONT POINT-SIZE="{SMALL}" COLOR="black"><B>{turn + 1}</B></FONT></TD>'
        for turn in range(times)
    ]
    row = '<TD WIDTH="12"></TD>'.join(cells)
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
    return f"{table}<TR>{row}</TR></TABLE>"


def _wrapped(texts: list[str]) -> list[str]:
    """Texts joined by commas into lines; what is too much is left out."""
    lines: list[str] = []
    for text in texts:
        if lines and len(lines[-1]) + len(text) + 2 <= LINE_WIDTH:
            lines[-1] += f", {text}"
        else:
            if lines:
                lines[-1] += ","
            lines.append(text)
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], "…"]
    return lines


def table(lines: Iterable[str]) -> str:
    """HTML for lines one below the other, those that are empty left out."""
    rows = "".join(f"<TR><TD>{line}</TD></TR>" for line in lines if line)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>'


def small(text: str) -> str:
    """HTML for a line in small grey letters, or an empty string."""
    if not text:
        return ""
    return f'<FONT POINT-SIZE="{SMALL}" COLOR="{GREY}">{escape(text)}</FONT>'


#: What XML forbids, and the marks that turn the direction of a text.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def escape(text: str) -> str:
    r"""Any text as text of an HTML-like label.

    XML allows no control characters: they become their pictures. Graphviz replaces `\N` and its
    like even here, unless the backslash is doubled; and it takes no element without a text.
    """
    return html.escape(_printable(text) or " ").replace("\\", "\\\\")


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(lambda m: chr(0x2400 + ord(m[0])) if m[0] < " " else "\ufffd", text)


def tooltip(name: str, span: Span) -> str:
    """Return the tooltip of a node or a frame: a name, and its place in the source."""
    from graphviz import nohtml

    place = ""
    if span.source is not NOWHERE.source and span.source.text:
        line, _ = span.source.line_column(span.start)
        place = f"{PurePath(span.source.name).name}:{line}"
    words = " · ".join(filter(None, [name, place])) or " "
    # Graphviz reads escapes in a tooltip twice; nothing survives that but a text without any.
    text: str = nohtml(_printable(words).replace("\\", "⧵"))
    return text


def tint(color: str, share: float) -> str:
    """Return the colour with so much of it replaced by white."""
    parts = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02X}" for part in parts)
