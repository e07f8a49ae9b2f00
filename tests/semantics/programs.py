"""Programs as text, and graphs as text, so that a test reads as one beside the other."""

from __future__ import annotations

from typing import Any

import mtg
from mtg.graph.graph import Graph
from mtg.graph.layers import InputLayer, Layer
from mtg.graph.values import TensorRef


def model(body: str, inputs: str = "input x: float32[8]", name: str = "M") -> str:
    """A model around some declarations."""
    return f"model {name} {{\n{inputs}\n{body}\n}}\n"


def calls(program: str | Graph, **settings: Any) -> list[str]:
    """`name = Class(tensors)` for each call but the inputs, in the order of the expansion."""
    graph = program if isinstance(program, Graph) else mtg.load(program, **settings)

    def shown(value: Any) -> str:
        if isinstance(value, TensorRef):
            name = graph.calls[value.call].layer.name
            return f"{name}[{value.result}]" if value.result else name
        if isinstance(value, list):
            return f"[{', '.join(map(shown, value))}]"
        if isinstance(value, tuple):
            return f"({', '.join(map(shown, value))})"
        if isinstance(value, slice):
            bounds = [value.start, value.stop] + [value.step] * (value.step is not None)
            return ":".join("" if bound is None else str(bound) for bound in bounds)
        return "..." if value is ... else repr(value)

    found = []
    for call in graph.calls:
        if not isinstance(call.layer, InputLayer):
            arguments = [shown(value) for value in call.args]
            arguments += [f"{name}={shown(value)}" for name, value in call.kwargs.items()]
            found.append(f"{call.layer.name} = {call.layer.cls}({', '.join(arguments)})")
    return found


def names(program: str, **settings: Any) -> list[str]:
    """The names of the layers, inputs included."""
    return [layer.name for layer in mtg.load(program, **settings).layers]


def layer(program: str, name: str, **settings: Any) -> Layer:
    """The layer of this name."""
    return next(found for found in mtg.load(program, **settings).layers if found.name == name)


def codes(program: str, **settings: Any) -> list[str]:
    """The codes of everything there is to say of a program."""
    return [found.code for found in mtg.check(program, **settings)]
