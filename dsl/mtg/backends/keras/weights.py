"""Loading the weights of a file into a model that was just built, and saying what does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from mtg.backends.keras.output_forms import in_form_of
from mtg.backends.keras.own_places import Mismatch, to_own_places
from mtg.backends.keras.state import NotLoaded, load_state, lookup_fault
from mtg.backends.keras.weight_keys import sequential_in, translate
from mtg.files import CannotRead
from mtg.graph.graph import Graph
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span
from mtg.weight_files import check_sizes, unpacked

if TYPE_CHECKING:
    import keras

#: Layers that a remark names.
_NAMED = 12

_RULE = "Keras gives weights to layers by their class and position, not by their names"

#: Keras on a weight of another shape: the model's, the file's, and the path of the weight.
_SHAPES = re.compile(
    r"variable\.shape=(\([^)]*\)), Received: value\.shape=(\([^)]*\)).*?Variable path=([^,\s]+)",
    re.DOTALL,
)
#: Keras on a layer with another number of weights: the layer's name, its number, the file's.
_NUMBERS = re.compile(r"Layer '([^']*)' expected (\d+) variables, but received (\d+) variables")
#: The list at the end of what Keras says of objects that could not be loaded.
_OTHERS = re.compile(r"could not be loaded:\s*\[(.*)\]\s*\Z", re.DOTALL)


def load_weights(
    model: keras.Model,
    path: Path,
    graph: Graph,
    diagnostics: Diagnostics,
    *,
    by_name: bool = False,
) -> Mismatch | None:
    """Load the weights of a file into a model; None where one does not fit, which is reported.

    Keras takes weights by the class and the position of layers, not by their names:
    `mtg.compare.loading` has the rule. What the file has of a `Sequential` inside another model
    goes to the model at its position. An archive also has the vocabularies of lookup layers. State
    of an optimizer is not taken.

    With `by_name` a layer takes the weights of the one that has its name in the file, whatever else
    the models have. One that has no namesake, or one with weights of other shapes, keeps those it
    has, and what no layer takes is left; the result names both. Names stand in the config of an
    archive alone, so that any other file is refused.

    Raises:
        CannotRead: The file is missing or damaged, or is none of weights.
    """
    with unpacked(path) as files:
        check_sizes(
            files.weights, max((prod(each.shape) * 8 for each in model.variables), default=0)
        )
        given = files.weights
        taker = in_form_of(model, files.config)
        translate(taker, files)
        found = to_own_places(taker, graph, files, by_name=by_name)
        if found is None and by_name:
            raise CannotRead("only the config of a .keras file has the names of its layers")
        left = sequential_in(files.weights) if files.weights == given else ""
        try:
            fault = lookup_fault(taker, files) or load_state(taker, files, by_name=by_name)
        except NotLoaded as error:
            told = str(error)
            if "could not be loaded" not in told:
                raise CannotRead(
                    f"it holds no weights of Keras 3: {(told.splitlines() or ['?'])[0]}"
                ) from None
            _report(told, path, graph, diagnostics, left, by_name=by_name)
            return None
    if fault:
        layer, message = fault
        diagnostics.report(
            "MTG309",
            f"the weights of `{path.name}` do not fit: {message}",
            _place(layer, graph),
            notes=(_RULE,),
            help=_remedy(path, by_name=by_name),
        )
        return None
    return found or Mismatch()


def remarks_on(mismatch: Mismatch, path: str) -> Iterator[str]:
    """Yield what was skipped when the weights of a file were loaded."""
    for names, what in (
        (mismatch.kept, "not in {}, and stay as they are initialized"),
        (mismatch.left, "in {}, and taken by no layer"),
    ):
        if names:
            some = ", ".join(f"`{name}`" for name in names[:_NAMED])
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            yield f"the weights of {some}{more} are {what.format(path)}"


def _remedy(path: Path, *, by_name: bool) -> str:
    if by_name or path.suffix != ".keras":
        return ""
    return (
        "`--by-name` (in Python `by_name=True`) loads what has the same name and shapes, and "
        "leaves the rest"
    )


def _report(
    told: str, path: Path, graph: Graph, diagnostics: Diagnostics, left: str, *, by_name: bool
) -> None:
    names = re.findall(r"name=([^,>]+)", match[1]) if (match := _OTHERS.search(told)) else []
    if shapes := _SHAPES.search(told):
        layer, _, weight = shapes[3].partition("/")
        found = f"`{weight or layer}` of `{layer}` is {shapes[1]}, and in the file {shapes[2]}"
    elif numbers := _NUMBERS.search(told):
        layer, wanted, given = numbers[1], int(numbers[2]), int(numbers[3])
        has = f"{given or 'none'} at its place"
        found = f"`{layer}` has {wanted} weight{'s' * (wanted != 1)}, and the file {has}"
    else:
        layer = names[0] if names else ""
        reason = next((each for each in told.split("\n\n")[1:] if each.strip()), told)
        found = f"`{layer}`: {reason.strip().splitlines()[0]}"
    known = {call.layer.name for call in graph.calls}
    others = [f"`{name}`" for name in dict.fromkeys(names) if name in known - {layer}]
    notes: tuple[str, ...] = (_RULE,)
    if others:
        shown = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
        notes = (f"neither do those of {shown}", *notes)
    if left:
        notes = (f"it has those of a nested `Sequential`, as `{left}`; mtg builds another", *notes)
    diagnostics.report(
        "MTG309",
        f"the weights of `{path.name}` do not fit: {found}",
        _place(layer, graph),
        notes=notes,
        help="give the `.keras` file: its config says which model is which"
        if left and path.suffix != ".keras"
        else _remedy(path, by_name=by_name),
    )


def _place(name: str, graph: Graph) -> Span:
    for call in graph.calls:
        if call.layer.name == name:
            return call.span
    return graph.span
