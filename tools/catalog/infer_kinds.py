"""From what Keras takes and refuses to a kind of value, in the notation of `mtg.catalog.kinds`.

Used by `tools.catalog.generate` alone. A kind says no more than the trials show: where they fit no
simple rule there is no bound, and where Keras takes anything the kind is that of the default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tools.catalog.sampling import NONSENSE

Takes = Callable[[Any], bool]

WHOLE = (-3, -2, -1, 0, 1, 2, 3, 4, 7)
FRACTIONS = (-1.5, -0.5, 0.25, 0.5, 1.5, 2.5, 300.5)
WHOLE_FLOATS = (-1.0, 0.0, 1.0)
LENGTHS = (1, 2, 3, 4)
MAPPING = {"a": 1}


def deduce(takes: Takes, default: Any, *, words: bool, objects: bool) -> str:
    """The kind of value of one parameter, or an empty text where the trials do not show it.

    Args:
        takes: Whether Keras takes a value for the parameter.
        default: The default; None too where there is none.
        words: Whether the parameter has choices, so that strings are looked at elsewhere.
        objects: Whether it may be an object of Keras, of which there are names and configs.
    """
    if isinstance(default, bool):
        return "bool"
    takes = _remembered(takes)
    nothing = ["none"] if takes(None) else []
    if objects:
        return "" if takes(3) or takes([3]) else "|".join(["dict", "text", *nothing])
    if all(map(takes, (7 if words else NONSENSE, MAPPING, ["a"]))):
        # Keras looks at nothing before the layer runs.
        if words:
            return "|".join(["text", *nothing])
        return "|".join(["number", *nothing]) if isinstance(default, int | float) else ""
    if any(takes(["a"] * length) and takes([1] * length) for length in LENGTHS):
        return ""
    numbers = _numbers(takes)
    text = ["text"] if words or takes(NONSENSE) else []
    mapping = ["dict"] if takes(MAPPING) else []
    return "|".join([*numbers, *_lists(takes, numbers), *text, *mapping, *nothing])


def _remembered(takes: Takes) -> Takes:
    known: dict[str, bool] = {}

    def remembered(value: Any) -> bool:
        key = repr(value)
        if key not in known:
            known[key] = takes(value)
        return known[key]

    return remembered


def _numbers(takes: Takes) -> list[str]:
    """The kind of a single number."""
    whole = [value for value in WHOLE if takes(value)]
    fractions = [value for value in FRACTIONS if takes(value)]
    if fractions:
        return [("number" if whole else "float") + _range(takes)]
    if whole in ([1], [0, 1]) and takes(True):
        return ["bool"]
    # What takes 0 alone asks whether there is a value at all.
    return ["int" + _least(whole)] if whole and whole != [0] else []


def _least(taken: list[int]) -> str:
    """The lower bound of whole numbers, if it is one that means something."""
    return f">={taken[0]}" if taken and taken[0] in (0, 1, 2) else ""


def _range(takes: Takes) -> str:
    """The bounds of numbers, of which -1, 0 and 1 are known."""
    whole = WHOLE if any(map(takes, WHOLE)) else WHOLE_FLOATS
    tried = sorted([*whole, *FRACTIONS])
    taken = [takes(value) for value in tried]
    first, last = taken.index(True), len(taken) - 1 - taken[::-1].index(True)
    if not all(taken[first : last + 1]):
        return ""
    bounds = ""
    if tried[first] in (-1, 0, 1):
        bounds += f">={tried[first]:g}"
    elif first and tried[first - 1] in (-1, 0, 1):
        bounds += f">{tried[first - 1]:g}"
    if tried[last] in (0, 1):
        bounds += f"<={tried[last]:g}"
    elif last < len(tried) - 1 and tried[last + 1] in (0, 1):
        bounds += f"<{tried[last + 1]:g}"
    return bounds


def _lists(takes: Takes, numbers: list[str]) -> list[str]:
    """The kinds of list: of numbers, of strings, of pairs."""
    found = []
    fractions = not numbers or numbers[0].startswith(("number", "float"))
    for item in ("a", *((0.25, 1.5) if fractions else ()), 1, 2):
        lengths = [length for length in LENGTHS if takes([item] * length)]
        if lengths:
            found.append(_repeated(lengths, _item(takes, item, lengths[0])))
            break
    pairs = [length for length in LENGTHS if takes([[1, 1]] * length)]
    if len(pairs) == 1 and numbers:
        least = [value for value in WHOLE if takes([[value, value]] * pairs[0])]
        found.append(_repeated(pairs, f"2*[int{_least(least)}]"))
    return found


def _repeated(lengths: list[int], item: str) -> str:
    return f"{lengths[0]}*[{item}]" if len(lengths) == 1 else f"[{item}]"


def _item(takes: Takes, example: Any, length: int) -> str:
    """The kind of what stands in a list of this length."""

    def inside(value: Any) -> bool:
        return takes([value] * length)

    if example == "a":
        return "text"
    if isinstance(example, float):
        return "number" + _range(inside)
    return "int" + _least([value for value in WHOLE if inside(value)])


def untried(default: Any, kinds: Iterable[str]) -> str:
    """The kind of value of a parameter that cannot be tried."""
    if {"initializer", "regularizer", "constraint", "activation"} & {*kinds}:
        return "dict|text|none"
    return "bool" if isinstance(default, bool) else ""
