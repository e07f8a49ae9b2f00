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
from mtg.graph.graph import Call, Output
from mtg.graph.layers import Application, InputLayer, Layer, NestedModel, Op
from mtg.graph.values import Value
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
    layer: Layer, calls: list[Call], types: Types | None, name: str, task: str | None
) -> Attributes:
    """Return the attributes of the node that stands for a layer and all its calls.

    Args:
        name: The layer's name as it is to be shown; empty for a merge or an operation whose
            result the program gives no name.
        task: The colour of the only task that the layer serves; an empty string where it serves
            several, None where it serves none.
    """
    found: Attributes = {"class": layer.kind, "tooltip": _tooltip(layer.name, layer.span)}
    if task:
        found |= {"color": task, "fillcolor": tint(task, 0.92)}
    settings = argument_texts(layer) + call_texts(calls)
    if is_frozen(layer):
        settings.append("frozen")
    facts = " | ".join(_shapes(calls, types))
    if isinstance(layer, InputLayer):
        lines = _input_lines(layer, calls[0], types, settings)
        found |= {"fillcolor": "#333333", "color": "#333333", "fontcolor": "white"}
    elif is_merge(layer) or isinstance(layer, Op):
        lines = [escape(" ".join([layer_title(layer), *settings]))]
        lines.append(small(" · ".join(filter(None, [name, facts]))))
        if is_merge(layer):
            found |= {"class": "merge", "shape": "ellipse", "margin": "0.01"}
        else:
            found |= {"style": "filled,rounded", "margin": "0.08,0.04"}
    else:
        lines = _layer_lines(layer, name, settings, facts, types)
        if isinstance(layer, (NestedModel, Application)):
            found["peripheries"] = "2"
    if task is None:
        found |= {"style": f"{found.get('style', 'filled')},dashed", "class": "unused"}
    if len(calls) == 1:
        return found | {"label": f"<{table(lines)}>"}
    found |= {"shape": "box", "penwidth": "2.2", "margin": "0.06,0", "color": task or INK}
    return found | {"label": f"<{_shared_table(lines, len(calls))}>"}


def fold_box(fold: Fold, layers: list[Layer], types: Types | None, task: str | None) -> Attributes:
    """Return the attributes of the node of folded uses of a block, with their outputs.

    Args:
        layers: Those inside that count.
        task: As that of `layer_box`.
    """
    frame = fold.frame
    times = f" × {fold.times}" if fold.times > 1 else ""
    lines = [f"<B>{escape(frame.block)}</B>{times}"]
    if frame.name not in ("", frame.block) and fold.times == 1:
        lines.append(small(frame.name))
    if types is not None:
        results = sorted(fold.results)  # of equal blocks in one order, whoever takes them first
        known = [types.outputs.get(ref.call) for ref in results]
        shapes = [
            "?" if tensors is None else shape_text(tensors[ref.result])
            for ref, tensors in zip(results, known, strict=True)
        ]
        counts = [types.parameters(layer) for layer in owners_of(layers)]
        count = f"{'≥ ' if None in counts else ''}{sum(n or 0 for n in counts):,} params"
        if fold.calls > 1:
            shapes = list(dict.fromkeys(shapes))
        lines.append(small(" · ".join([", ".join(shapes), count])))
    lines.append(small(f"{len(layers)} layer{'s' * (len(layers) != 1)}"))
    found = {
        "class": "block",
        "style": "filled,rounded",
        "fillcolor": FOLD_FILL,
        "color": LINE,
        "tooltip": _tooltip(frame.name or frame.block, frame.span),
    }
    if task:
        found |= {"color": task, "fillcolor": tint(task, 0.92)}
    elif task is None:
        found |= {"style": "filled,rounded,dashed", "class": "unused"}
    if fold.calls == 1:
        return found | {"label": f"<{table(lines)}>"}
    found |= {"style": "filled", "penwidth": "2.2", "margin": "0.06,0", "color": task or INK}
    return found | {"label": f"<{_shared_table(lines, fold.calls)}>"}


def output_box(output: Output, color: str, *, dashed: bool) -> Attributes:
    """Return the attributes of the node that stands for an output: the task with its loss."""
    lines = [f"<B>{escape(output.name)}</B>"]
    weight = "" if output.weight is None else f"× {output.weight:g}"
    if output.loss is not None or weight:
        loss = "" if output.loss is None else value_text(_alone(output.loss), 60)
        lines.append(escape(f"{loss} {weight}".strip()))
    lines += map(small, _wrapped([value_text(metric) for metric in output.metrics or ()]))
    return {
        "label": f"<{table(lines)}>",
        "class": "output",
        "tooltip": _tooltip(output.name, output.span),
        "style": "filled,rounded,dashed" if dashed else "filled,rounded",
        "color": color,
        "fillcolor": tint(color, 0.78),
        "penwidth": "2.5",
    }


def _alone(loss: Value) -> Value:
    return loss[0] if isinstance(loss, list) and len(loss) == 1 else loss


def _input_lines(layer: Layer, call: Call, types: Types | None, settings: list[str]) -> list[str]:
    known = types.outputs.get(call.id) if types else None
    text = str(known[0]) if known else input_text(layer)
    return [f"<B>{escape(layer.name)}</B>", *map(escape, _wrapped([text, *settings]))]


def _layer_lines(
    layer: Layer, name: str, settings: list[str], facts: str, types: Types | None
) -> list[str]:
    title = layer_title(layer)
    written = [escape(line) for line in _wrapped(settings)]
    head = f"<B>{escape(title)}</B>"
    if len(written) == 1 and len(title) + len(", ".join(settings)) <= LINE_WIDTH:
        lines = [f"{head}  {written[0]}"]
    else:
        lines = [head, *written]
    lines.append(small(name))
    if types is not None:
        count = types.parameters(layer)
        if count != 0:
            facts += " · ? params" if count is None else f" · {count:,} params"
    return [*lines, small(facts)]


def _shapes(calls: list[Call], types: Types | None) -> list[str]:
    """Return the shapes of the results; of several calls each that differs."""
    if types is None:
        return []
    known = [types.outputs.get(call.id) for call in calls]
    texts = ["?" if tensors is None else ", ".join(map(shape_text, tensors)) for tensors in known]
    return list(dict.fromkeys(texts))[:MOST_LINES]


def _shared_table(lines: list[str], times: int) -> str:
    """Return a box with a row of numbers above and one below, a number for each call."""
    badge = (
        '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="2"><TR>'
        f'<TD BGCOLOR="{INK}"><FONT POINT-SIZE="{SMALL}" COLOR="white">'
        f"<B>shared × {times}</B></FONT></TD></TR></TABLE>"
    )
    rows = [badge, *lines]
    if times <= MOST_PORTS:
        rows = [_ports("in", times), *rows, _ports("out", times)]
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


def _tooltip(name: str, span: Span) -> str:
    """Return the tooltip of a node: the name, and its place in the source."""
    from graphviz import nohtml

    place = ""
    if span.source is not NOWHERE.source and span.source.text:
        line, _ = span.source.line_column(span.start)
        place = f" · {PurePath(span.source.name).name}:{line}"
    # Graphviz reads escapes in a tooltip twice; nothing survives that but a text without any.
    text: str = nohtml(_printable(name + place).replace("\\", "⧵"))
    return text


def tint(color: str, share: float) -> str:
    """Return the colour with so much of it replaced by white."""
    parts = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02X}" for part in parts)
