"""The inputs and outputs of a model by name, whatever loop declares them: `inputs["age"]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from mtg.graph.describe import describe, short
from mtg.graph.graph import Binding, Graph
from mtg.limits import MAX_NAME
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate_value
from mtg.semantics.values import ERROR, Error, Frame, Value
from mtg.syntax import ast
from mtg.text.diagnostics import Label
from mtg.text.source import Span
from mtg.text.suggest import did_you_mean


class Declaring(Protocol):
    """What expands the declarations of a scope, and one of them when it is asked for."""

    def lay_out(self, word: str) -> bool:
        """Find the names of the inputs or outputs that stand in loops; False if not all."""

    def demand(self, number: int) -> bool:
        """Expand a declaration now; return False where that is being done already."""


@dataclass(eq=False, slots=True)
class End:
    """One input or output.

    Attributes:
        place: Where it stands among the declarations, that of the loops around it first.
        body: What expands it.
        number: Its number there.
        span: Where its name stands.
        value: The tensor, once it is expanded.
    """

    place: tuple[int, ...]
    body: Declaring
    number: int
    span: Span
    value: Value = None


@dataclass(eq=False, slots=True)
class ModelEnds:
    """The inputs and outputs of one model, as far as they are known.

    Attributes:
        names: What the model itself declares, and where.
        root: What expands the model.
        found: The inputs and outputs by their words and names.
        wrong: Whether an input or output could not be made, which is reported.
        partial: Whether some may stand where the text does not parse, which is reported.
        bindings: Where each name of the graph is bound, in the order of `Graph.bindings`.
    """

    names: dict[str, ast.Identifier]
    root: Declaring | None = None
    found: dict[str, dict[str, End]] = field(default_factory=lambda: {"inputs": {}, "outputs": {}})
    bindings: list[tuple[int, ...]] = field(default_factory=list)
    wrong: bool = False
    partial: bool = False

    def add(self, word: str, name: str, end: End, context: Context, frame: Frame) -> bool:
        """Note an input or output by its name; return False where another has it, and report it."""
        declared = self.names.get(name)
        if declared is not None and declared.span != end.span:
            context.reporter(frame)(
                "MTG103",
                f"`{name}` is declared twice",
                end.span,
                label=f"this {word[:-1]} is named `{name}`",
                labels=(Label(declared.span, "first declared here"),),
            )
            return False
        for kind, ends in self.found.items():
            other = ends.get(name)
            if other is not None and (other.place != end.place or kind != word):
                kinds = f"two {word}" if kind == word else "an input and an output"
                context.reporter(frame)(
                    "MTG103",
                    f"{kinds} are named `{name}`",
                    end.span,
                    label="the second",
                    labels=(Label(other.span, "the first"),) if other.span != end.span else (),
                    help="each is told apart by its name: make the names differ",
                )
                return False
        self.found[word].setdefault(name, end)
        return True

    def all_ends(self, word: str) -> dict[str, Value]:
        """Return every input or output by name, in the order of the text."""
        found = sorted(self.found[word].items(), key=lambda each: each[1].place)
        return {name: ERROR if end.value is None else end.value for name, end in found}

    def finish(self, word: str, node: ast.Expression, context: Context, frame: Frame) -> bool:
        """Expand every input or output; return False where that cannot be, which is reported."""
        assert self.root is not None
        if not self.root.lay_out(word):
            _report_names(word, node, context, frame)
            return False
        for name, end in list(self.found[word].items()):
            if end.value is None and not end.body.demand(end.number):
                _report_cycle(word, name, node, context, frame)
                return False
        return not self.partial

    def get(
        self, word: str, key: Value, node: ast.Expression, context: Context, frame: Frame
    ) -> Value:
        """Return one input or output, which is expanded where it is not yet."""
        assert self.root is not None
        end = self.found[word].get(key) if isinstance(key, str) else None
        if end is None:
            complete = self.root.lay_out(word)
            end = self.found[word].get(key) if isinstance(key, str) else None
            if end is None and not complete:
                _report_names(word, node, context, frame)
                return ERROR
        if end is None and self.partial:
            return ERROR
        if end is None:
            known = sorted(self.found[word], key=lambda name: self.found[word][name].place)
            shown = ", ".join(f"`{name}`" for name in known[:8]) + ", …" * (len(known) > 8)
            context.reporter(frame)(
                "MTG410",
                f"the model has no {word[:-1]} {short(key)}",
                node.span,
                notes=(f"its {word} are {shown}",) if known else (),
                help=did_you_mean(key, known) if isinstance(key, str) else "",
            )
            return ERROR
        if end.value is None and not end.body.demand(end.number):
            _report_cycle(word, str(key), node, context, frame)
            return ERROR
        return ERROR if end.value is None else end.value


def _report_cycle(
    word: str, name: str, node: ast.Expression, context: Context, frame: Frame
) -> None:
    context.reporter(frame)(
        "MTG201",
        f"the {word[:-1]} `{name}` depends on itself",
        node.span,
        label=f"needs `{name}`, which is being made here",
    )


def _report_names(word: str, node: ast.Expression, context: Context, frame: Frame) -> None:
    context.reporter(frame)(
        "MTG201",
        f"`{word}` is needed here to know which {word} there are",
        node.span,
        label=f"needs all {word}",
        help="write the names into a list, and walk over that",
    )


def name_of(
    statement: ast.InputDecl | ast.OutputDecl, context: Context, frame: Frame
) -> str | Error:
    """Return the name of an input or output; a computed one that cannot be meant is reported."""
    if isinstance(statement.name, ast.Identifier):
        return statement.name.name
    value = evaluate_value(statement.name, context, frame)
    if isinstance(value, Error):
        return ERROR
    fault = _fault(value)
    if fault:
        word = "an input" if isinstance(statement, ast.InputDecl) else "an output"
        context.reporter(frame)(
            "MTG411",
            f"the name of {word} {fault}",
            statement.name.span,
            label=f"this is {describe(value)}",
        )
        return ERROR
    assert isinstance(value, str)
    return value


def _fault(name: Any) -> str:
    """Return why a value cannot be the name of a layer in Keras; empty where it can.

    Source: `keras.src.saving.saving_lib` makes paths of names, and Keras refuses `/` in them.
    """
    if not isinstance(name, str):
        return "is a string"
    if not name.strip():
        return "is not empty"
    if "/" in name or "\\" in name:
        return "has no slash: Keras saves weights under it"
    if not name.isprintable():
        return "has printable characters only"
    if name.strip(".") == "":
        return "is not only dots"
    if len(name) > MAX_NAME:
        return f"has at most {MAX_NAME} characters"
    return ""


def declare_end(
    word: str, statement: ast.InputDecl | ast.OutputDecl, context: Context, frame: Frame
) -> str | None:
    """Return the name of an input or output that is being declared, which is noted.

    None where it has no name that can be meant, or the name of another, which is reported.
    """
    ends, naming = context.ends, frame.naming
    assert ends is not None
    ends.wrong = True  # until it is made
    name = name_of(statement, context, frame)
    if isinstance(name, Error):
        return None
    end = End(naming.place, naming.body, naming.place[-1], statement.name.span)
    if not ends.add(word, name, end, context, frame):
        return None
    naming.name = name
    return name


def in_text_order(graph: Graph, ends: ModelEnds) -> None:
    """Put the inputs, outputs and names of a graph into the order of the text."""
    inputs, outputs = ends.found["inputs"], ends.found["outputs"]
    graph.inputs.sort(key=lambda call: inputs[call.layer.name].place)
    graph.outputs.sort(key=lambda output: outputs[output.name].place)
    places: Sequence[tuple[tuple[int, ...], Binding]] = list(
        zip(ends.bindings, graph.bindings, strict=True)
    )
    graph.bindings[:] = [binding for _, binding in sorted(places, key=lambda each: each[0])]
