"""The boxes of a picture: how one layer, or one output, looks as a node of Graphviz."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtg.backends.labels import (
    argument_texts,
    call_texts,
    input_text,
    is_frozen,
    is_merge,
    layer_title,
    number_text,
    owners_of,
    shape_text,
    value_text,
    wrapped,
)
from mtg.backends.picture.badges import (
    MOST_PORTS,
    badge,
    badges,
    beside,
    between_ports,
    ports,
    shared_bar,
)
from mtg.backends.picture.options import DEFAULT, PictureOptions
from mtg.backends.picture.service import Service, letters
from mtg.backends.picture.themes import Theme
from mtg.backends.picture.words import escape, small, table, tooltip
from mtg.backends.spreads import multiplied, name_span, shortened, spread, spread_lists, title_times
from mtg.graph.graph import Call, Output
from mtg.graph.layers import Application, InputLayer, Layer, NestedModel, Op
from mtg.graph.values import TensorRef, Value

if TYPE_CHECKING:
    from mtg.backends.picture.collapse import Fold
    from mtg.types.types import Types

#: Characters on one line of arguments, and such lines at most.
LINE_WIDTH, MOST_LINES = 34, 3

#: A setting that is a size: `3×3`, `64`, `8 heads`, `10000 → 512`.
_SIZE = re.compile(r"^(?:[\d×]+(?: heads)?|\d+ → \d+|(?:key|kernel|pool|size|stride) [\d×]+)$")

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of one picture.

    Attributes:
        types: What is known of shapes and weights.
        theme: The colours.
        options: How much they say, and which way tensors go through them.
    """

    types: Types | None
    theme: Theme
    options: PictureOptions = DEFAULT

    @property
    def _terse(self) -> bool:
        return self.options.detail == "paper"

    def layer(
        self,
        layers: list[Layer],
        members: list[list[Call]],
        name: str,
        service: Service,
        times: int = 1,
        *,
        framed: bool = False,
    ) -> Attributes:
        """Return the attributes of the node that stands for a layer and all its calls.

        Args:
            layers: The layer; of a family, those of all rounds.
            members: Its calls, each with those of the other rounds.
            name: The layer's name as it is to be shown; empty for a merge or an operation whose
                result the program gives no name.
            service: The tasks that it serves.
            times: How many rounds the box stands for by itself.
            framed: Whether a frame around it says how often it is called.
        """
        layer, cells = layers[0], badges(service, self.theme)
        whole = name_span(layer.name, layers[-1].name)
        found: Attributes = {"class": layer.kind, "tooltip": tooltip(whole, layer.span)}
        found |= self._colors(service)
        settings = _settings(layers, members)
        if is_frozen(layer):
            settings.append("frozen")
        facts = " | ".join(_shapes(members, self.types))
        if self._terse:
            settings, facts = [text for text in settings if _SIZE.search(text)], ""
            name = name if isinstance(layer, InputLayer) else ""
        title = escape(layer_title(layer))
        multiple = title_times(times) if len(layers) > 1 else ""
        if isinstance(layer, InputLayer):
            lines = [
                f"<B>{escape(name + multiple)}</B>",
                *self._wrapped([_input_type(members[0], self.types), *settings]),
            ]
            source = self.theme.source
            found |= {"fillcolor": source, "color": source, "fontcolor": self.theme.source_ink}
        elif is_merge(layer) or isinstance(layer, Op):
            words = escape(" ".join([layer_title(layer), *settings]) + multiple)
            lines = [words, self._small(" · ".join(filter(None, [name, facts])))]
            if is_merge(layer):
                found |= {"class": "merge", "shape": "ellipse", "margin": "0.01"}
            else:
                found |= {"style": "filled,rounded", "margin": "0.08,0.04"}
        else:
            lines = self._layer_lines(f"<B>{title}{multiple}</B>", name, settings, facts, layers)
            if isinstance(layer, (NestedModel, Application)):
                found["peripheries"] = "2"
        if service.unused:
            found |= {"style": f"{found.get('style', 'filled')},dashed", "class": "unused"}
        uses = sum(map(len, members)) // len(layers)
        if uses == 1 or framed:
            return found | {"label": f"<{beside(cells, table(lines))}>"}
        lines.append(self._small(_wrappers(layer, members)))
        found |= {"shape": "box", "penwidth": "2.2", "margin": "0.06,0"}
        found.setdefault("color", self.theme.ink)
        return found | {"label": f"<{self._shared(cells, lines, uses, len(members))}>"}

    def fold(
        self,
        fold: Fold,
        inside: list[list[Layer]],
        results: list[list[TensorRef]],
        name: str,
        service: Service,
        times: int = 1,
        rounds: int = 1,
    ) -> Attributes:
        """Return the attributes of the node of folded uses of a block, with their outputs.

        Args:
            fold: The uses.
            inside: The layers inside that count, each with those of the other rounds of a family.
            results: The tensors that leave the box, each likewise.
            name: What the uses are called.
            service: The tasks that what leaves the box serves.
            times: As that of `layer`.
            rounds: How many rounds of families it stands in.
        """
        frame = fold.frame
        title = f"<B>{escape(frame.block)}</B>{title_times(fold.times)}{title_times(times)}"
        lines, cells = [title], badges(service, self.theme)
        if name not in ("", frame.block) and fold.times == 1 and not self._terse:
            lines.append(self._small(name))
        if self.types is not None and not self._terse:
            types = self.types
            shapes = [spread(_result(ref, types) for ref in refs) for refs in results]
            if fold.calls > 1:
                shapes = list(dict.fromkeys(shapes))
            facts = [", ".join(shapes), _parameters_inside(inside, types, rounds)]
            lines.append(self._small(" · ".join(facts)))
        count = len([layer for layers in inside for layer in layers])
        if self._terse:
            pass
        elif rounds > 1 and all(len(layers) % rounds == 0 for layers in inside):
            lines.append(self._small(f"{rounds} × {_layers(count // rounds)}"))
        else:
            lines.append(self._small(_layers(count)))
        found = {
            "class": "block",
            "style": "filled,rounded",
            "fillcolor": self.theme.frames[0],
            "color": self.theme.line,
            "tooltip": tooltip(name or frame.block, frame.span),
        } | self._colors(service)
        if service.unused:
            found |= {"style": "filled,rounded,dashed", "class": "unused"}
        if fold.calls == 1:
            return found | {"label": f"<{beside(cells, table(lines))}>"}
        found = {"color": self.theme.ink} | found
        found |= {"style": "filled", "penwidth": "2.2", "margin": "0.06,0"}
        return found | {"label": f"<{self._shared(cells, lines, fold.calls, fold.calls)}>"}

    def output(self, outputs: list[Output], number: int, of: int) -> Attributes:
        """Return the attributes of the node of an output, or of many that are alike.

        Args:
            outputs: The outputs; they say their losses, weights and metrics.
            number: Which task of the picture this is.
            of: How many there are.
        """
        names = shortened([output.name for output in outputs])
        color = self.theme.hue(number)
        title = f"<B>{escape(names)}</B>{title_times(len(outputs))}"
        lines, cells = [title], [badge(letters(number), color)] if of > 1 else []
        losses = spread(
            "" if each.loss is None else value_text(_alone(each.loss), 60) for each in outputs
        )
        weights = spread(
            "" if each.weight is None else f"× {number_text(each.weight)}" for each in outputs
        )
        if (losses or weights) and not self._terse:
            lines.append(escape(f"{losses} {weights}".strip()))
        metrics = [[value_text(metric) for metric in each.metrics or ()] for each in outputs]
        if not self._terse:
            lines += map(self._small, _lines(spread_lists(metrics), self._most))
        return {
            "label": f"<{beside(cells, table(lines))}>",
            "class": "output",
            "tooltip": tooltip(names, outputs[0].span),
            "style": "filled,rounded",
            "color": color,
            "fillcolor": self.theme.end(number),
            "penwidth": "2.5",
        }

    def _colors(self, service: Service) -> Attributes:
        """Return the colours of what serves one task alone; of all else none."""
        own = service.own
        if own is None:
            return {}
        return {"color": self.theme.hue(own), "fillcolor": self.theme.own(own)}

    def _small(self, text: str) -> str:
        return small(text, self.theme.grey)

    def _layer_lines(
        self, head: str, name: str, settings: list[str], facts: str, layers: list[Layer]
    ) -> list[str]:
        """Return the lines of an ordinary layer; `head` is the first, as HTML."""
        written = self._wrapped(settings)
        words = len(layer_title(layers[0])) + len(", ".join(settings))
        if len(written) == 1 and words <= LINE_WIDTH:
            lines = [f"{head}  {written[0]}"]
        else:
            lines = [head, *written]
        lines.append(self._small(name))
        if self.types is not None and not self._terse:
            counts = [self.types.parameters(layer) for layer in layers]
            if any(count != 0 for count in counts):
                known = [count for count in counts if count is not None]
                number = multiplied(known) if len(known) == len(counts) else "?"
                facts += f" · {number} params"
        return [*lines, self._small(facts)]

    def _shared(self, cells: list[str], lines: list[str], times: int, drawn: int) -> str:
        """Return a box with a row of numbers above and one below, a number for each call drawn."""
        words = table([shared_bar(times, self.theme), beside(cells, table(lines))])
        if 1 < drawn <= MOST_PORTS:
            way = self.options.direction
            entry, exit = (ports(side, drawn, self.theme, way) for side in ("in", "out"))
            return between_ports(entry, words, exit, way)
        return words

    @property
    def _most(self) -> int | None:
        return None if self.options.detail == "full" else MOST_LINES

    def _wrapped(self, texts: list[str]) -> list[str]:
        """Return HTML for texts, in lines."""
        return [escape(line) for line in _lines(texts, self._most)]


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


def _alone(loss: Value) -> Value:
    return loss[0] if isinstance(loss, list) and len(loss) == 1 else loss


def _input_type(calls: list[Call], types: Types | None) -> str:
    known = [types.outputs.get(call.id) if types else None for call in calls]
    return spread(
        str(tensors[0]) if tensors else input_text(call.layer)
        for call, tensors in zip(calls, known, strict=True)
    )


def _wrappers(layer: Layer, members: list[list[Call]]) -> str:
    """Return which calls are those of a layer around this one: `call 2 in TimeDistributed`."""
    found: dict[str, list[str]] = {}
    for number, calls in enumerate(members, 1):
        if calls[0].layer is not layer and wrapped(calls[0].layer) is not None:
            found.setdefault(calls[0].layer.cls, []).append(str(number))
    return ", ".join(
        f"call{'s' * (len(numbers) > 1)} {', '.join(numbers)} in {cls}"
        for cls, numbers in found.items()
    )


def _settings(layers: list[Layer], members: list[list[Call]]) -> list[str]:
    """Return what is written of a layer and its calls; of those of many rounds, what differs."""
    calls: dict[Layer, list[Call]] = {}
    for each in members:
        for call in each:
            calls.setdefault(layers[0] if len(layers) == 1 else call.layer, []).append(call)
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


def _lines(texts: list[str], most: int | None) -> list[str]:
    """Texts joined by commas into lines; those beyond so many are left out."""
    lines: list[str] = []
    for text in texts:
        if lines and len(lines[-1]) + len(text) + 2 <= LINE_WIDTH:
            lines[-1] += f", {text}"
        else:
            if lines:
                lines[-1] += ","
            lines.append(text)
    if most is not None and len(lines) > most:
        lines = [*lines[:most], "…"]
    return lines
