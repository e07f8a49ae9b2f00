"""Names for what an outline has to name."""

from __future__ import annotations

import builtins
import keyword
import re

from mtg.semantics.naming import snake_case

#: What a name in an outline must not be: words of the language, of Python, and functions that a
#: flow or a value may call by a bare name in either.
RESERVED = frozenset(
    {
        *("model", "block", "input", "output", "shared", "train", "let", "dim", "from", "import"),
        *("python", "return", "repeat", "for", "in", "if", "else", "and", "or", "not", "True"),
        *("False", "None", "concat", "add", "subtract", "multiply", "average", "maximum"),
        *("minimum", "dot", "range", "len", "min", "max", "round", "ops", "applications"),
        *("keras", "layers", "inputs", "outputs", "name", "trainable", "math", "main", "_"),
        *keyword.kwlist,
        *keyword.softkwlist,
        *dir(builtins),
    }
)


class Names:
    """The names of one scope."""

    def __init__(self, taken: frozenset[str] | set[str] = frozenset()) -> None:
        self.taken = set(taken)

    def take(self, wanted: str) -> str:
        """A free name: the one wanted, or that with a number."""
        wanted = identifier(wanted)
        name, number = wanted, 2
        while name in self.taken or name in RESERVED:
            name = f"{wanted}_{number}"
            number += 1
        self.taken.add(name)
        return name


def identifier(text: str) -> str:
    """The text as an identifier of both languages, of at most 60 letters."""
    name = re.sub(r"\W", "_", text.strip())[:60]
    if not name or not re.match(r"[^\W\d]", name):
        name = f"x{name}" if name.strip("_") else "x"
    return name


def is_made_up(name: str, cls: str) -> bool:
    """Whether a layer's name is the one Keras makes of its class: `dense`, `dense_12`."""
    return re.fullmatch(re.escape(snake_case(cls)) + r"(_\d+)?", name) is not None


def usable(name: str) -> bool:
    """Whether a layer's name can be the name of a tensor as it stands."""
    return name.isidentifier() and name not in RESERVED and len(name) <= 60 and name[0] != "_"
