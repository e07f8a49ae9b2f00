"""Names for models in models, which stay when the text is compiled and decompiled again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import assert_never

from mtg.catalog.names import snake_case
from mtg.graph.graph import Graph
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import KerasObject, PythonObject
from mtg.graph.walk import graphs_in, parts
from mtg.outline.names import Names, is_nameless, python_name, usable


def instance_name(graph: Graph, layer: NestedModel, last: Layer | None = None) -> str:
    """Return what a model in a model is called there; its declaration gets its name from that.

    An instance with several results, or one that is shared, cannot have the name of an output.
    `last` is the end of the shared chain in which it stands, whose name comes before its own: it
    is left out, or it would come before it once more whenever the text is compiled.
    """
    name = layer.graph.name
    if last is not None and name == layer.name:
        own = name.removeprefix(f"{last.name}_")
        name = own if own[:1].isalpha() else name
    if (
        name == layer.name
        and not is_nameless(name)
        and any(output.name == name for output in graph.outputs)
    ):
        calls = sum(call.layer is layer for call in graph.calls)
        if calls > 1 or len(layer.graph.outputs) > 1:
            return Names({python_name(output.name) for output in graph.outputs}).take(name)
    return name


@dataclass(frozen=True, slots=True)
class Mentions:
    """What a graph and the models in it make a text name.

    Attributes:
        called: What stands before a bracket: classes of layers and objects, functions of Python,
            and `ops` and `applications`. A name of a tensor would hide it.
        keys: The names of inputs and outputs.
    """

    called: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()


def mentions_in(graph: Graph) -> Mentions:
    """Return what a graph and the models in it make a text name."""
    called: set[str] = set()
    keys: set[str] = set()
    models = list(graphs_in(graph))
    for model in models:
        keys |= {call.layer.name for call in model.inputs}
        keys |= {output.name for output in model.outputs}
    fits = [model.train.fit for model in models if model.train is not None]
    for part in parts((graph, fits), models=True):
        if isinstance(part, Layer):
            match part:
                case KerasLayer() | PythonLayer():
                    called.add(part.cls)
                case Application():
                    called.add("applications")
                case Op():
                    called |= set() if part.cls == "getitem" else {"ops"}  # a slice has no word
                case InputLayer() | NestedModel():
                    pass
                case _:
                    assert_never(part)
        elif isinstance(part, KerasObject):
            called.add(part.name)
        elif isinstance(part, PythonObject):
            called.add(part.name.partition(".")[0])
    return Mentions(frozenset(called), frozenset(keys))


def must_be_named(layer: Layer) -> bool:
    """Return whether a model in the model has a name that none of its tensors can have.

    A model is declared by the name that it has there, which so stays when it is decompiled again.
    """
    return isinstance(layer, NestedModel) and not usable(layer.name) and not is_nameless(layer.name)


def model_name(name: str, *, main: bool = False) -> str:
    """Return the name of a model in programs: `ResNet50` stays, `my_model` is `MyModel`.

    What Keras makes of it as a layer, `my_model`, gives the same name again. The `main` model is no
    layer, so that `PLE` stays too, which would be `Ple` then.
    """
    if main and re.fullmatch(r"[A-Z][A-Za-z0-9]{0,59}", name) and not is_nameless(name):
        return name
    found = _in_words(name)
    while (again := _in_words(snake_case(found))) != found:
        found = again
    return found


def _in_words(name: str) -> str:
    if is_nameless(name):
        return "Model"
    found = ""
    for word in re.split(r"[\W_]+", name)[:60]:
        # Between digits the mark stays: `net_1.0_224` is `Net1_0_224`, whose name is its own.
        mark = "_" if found[-1:].isdigit() and word[:1].isdigit() else ""
        found += mark + word[:1].upper() + word[1:]
    if found[:1].isdigit():
        found = f"X{found}"
    if found == found.lower():
        found = f"Model{found}"  # a script without capitals, where its tensor has the same name
    return found[:60] or "Model"
