"""What `keras.applications` builds: the layers of each, as data.

The facts stand in ``applications.json``, one application a line, which
``python -m tools.catalog.applications`` writes from the installed Keras. Of a model with a
thousand layers many are equal, so each is written once and calls name it by its number.

An application is the first of its ``heads``, of its ``bodies`` and of its ``tails`` whose
conditions hold, one after the other. A condition gives the value of an argument, or of a fact about
the declared input: ``channels``, or ``width`` (null where it is not known). Where no body's
conditions hold, the layers are not known.

A call is the number of a layer that takes the result of the call before, or a list of that number
and of how many calls back each tensor it takes was made. A layer is ``[class, arguments]``; a
function of ``keras.ops`` is ``[name, {}, positional arguments]`` with null for a tensor, and a
chain of layers that is a model in the model ``["Sequential", {"layers": [layer, …]}]``. In
arguments ``"$classes"`` stands for the application's own argument, and for the zeros around an
image ``{"same": 1, "of": [a, b]}`` for those that a convolution of stride 2 needs where the length
is ``(n + a) // b``, with n that of the declared input (``correct_pad`` in
`keras.src.applications.imagenet_utils`). ``{"keras": [kind, name], "arguments": {…}}`` is an object
of Keras, such as an initializer.
"""

from __future__ import annotations

import importlib.resources
import json
from functools import cache
from typing import Any

from mtg.records import record

#: A layer by its number, and how many calls back those stand that give it its tensors.
Call = int | list[int]
#: Values of arguments.
Conditions = dict[str, bool | int | float | str | None]
#: What a JSON file holds of a layer: its class and its arguments, and perhaps those of its call.
ApplicationLayer = tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], list[int | None]]


@record
class ApplicationFacts:
    """The facts about one of `keras.applications`.

    Attributes:
        layers: Class and arguments of each distinct layer; of a function also those of its call,
            None where a tensor stands.
        heads: Conditions, and the calls under them, that prepare the image.
        bodies: The same for what finds features.
        tails: The same for what pools or classifies them.
        bare: The shape of the declared input where none is given, without a top.
        size: Height and width of that input with a top; None where they need not be known.
        trained: The heights for which there is a trained top, of square images; None for any.
        least: The least height and width.
        static: Whether a trained one needs an input shape that is known.
    """

    layers: list[ApplicationLayer]
    heads: list[tuple[Conditions, list[Call]]]
    bodies: list[tuple[Conditions, list[Call]]]
    tails: list[tuple[Conditions, list[Call]]]
    bare: list[int | None]
    size: int | None
    trained: list[int] | None
    least: int
    static: bool


@cache
def _lines() -> dict[str, str]:
    file = importlib.resources.files(__package__).joinpath("applications.json")
    lines = file.read_text(encoding="utf-8").splitlines()[1:-1]
    return {line.partition(":")[0].strip('"'): line for line in lines}


def application_names() -> list[str]:
    """Return the applications whose layers are known, in alphabetic order."""
    return sorted(_lines())


@cache
def application(name: str) -> ApplicationFacts | None:
    """Return the facts about an application; None for one of a newer Keras."""
    line = _lines().get(name)
    if line is None:
        return None
    (facts,) = json.loads(f"{{{line.rstrip(',')}}}").values()
    return ApplicationFacts(**facts)
