"""The names of layers.

The last layer of a flow bound to `x` is named `x`; the others `x_embedding`, `x_dense`,
`x_dense_2`. A block's layers carry the name of its use as a prefix, and `name=` stands in place of
a layer's own part. So a name depends on one statement only (and, in a block, on the use): a change
to another statement renames nothing, and saved weights keep loading. The one exception keeps names
unique: a name made up for one statement that another statement declares (`x_dense` beside `x`) gets
the next number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mtg.catalog.names import snake_case
from mtg.graph.graph import Use
from mtg.graph.layers import Layer, NestedModel
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import Span

#: What the program itself calls layers, and where it does.
ExplicitNames: TypeAlias = dict[Layer, tuple[str, Span]]


@dataclass(eq=False, slots=True)
class NamedStatement:
    """One statement: the layers and block uses in the order it makes them.

    `last` is the part that ends its flow, where that part is new: it gets the statement's name.
    An item of a comprehension is a statement within one: it has no name but a `key`, which follows
    the name of the statement around it. A round of a loop has its own statements within that of the
    loop; `fixed` says that the name is the program's own, as it stands there. `place` is where
    the statement stands in the text of its model, and `body` what expands it.
    """

    name: str
    parts: list[Part] = field(default_factory=list)
    last: Layer | BlockUse | None = None
    key: str = ""
    fixed: bool = True
    place: tuple[int, ...] = ()
    body: Any = None


#: What a statement makes, in order.
Part: TypeAlias = "Layer | BlockUse | NamedStatement"


@dataclass(eq=False, slots=True)
class BlockUse:
    """One use of a block: its statements; those that return something have an empty name.

    `again` are the uses that a shared chain made of the same text afterwards, of the same layers.
    """

    block: str
    explicit: str | None
    use: Use
    statements: list[NamedStatement] = field(default_factory=list)
    again: list[Use] = field(default_factory=list)

    def repeat(self, other: BlockUse) -> None:
        """Note that `other` is this use once more, in another use of a shared chain."""
        self.again += [other.use, *other.again]
        for mine, theirs in zip(self.statements, other.statements, strict=True):
            repeat_uses(mine.parts, theirs.parts)


def repeat_uses(first: list[Part], again: list[Part]) -> None:
    """Note that the block uses in `again` are those in `first`, made once more."""
    for mine, theirs in zip(first, again, strict=False):
        if isinstance(mine, BlockUse) and isinstance(theirs, BlockUse):
            mine.repeat(theirs)
        elif isinstance(mine, NamedStatement) and isinstance(theirs, NamedStatement):
            repeat_uses(mine.parts, theirs.parts)


def end_statement(statement: NamedStatement, layer: Layer) -> None:
    """Note which part of a statement ends its flow, in a call of `layer`, if that part is new."""
    last = statement.parts[-1] if statement.parts else None
    if last is layer or (isinstance(last, BlockUse) and _ends_in(last) is layer):
        statement.last = last


def _ends_in(use: BlockUse) -> Layer | None:
    """Return the new layer that ends a block's `return`, if it is one."""
    last = use.statements[-1].last if use.statements else None
    return _ends_in(last) if isinstance(last, BlockUse) else last


def assign_names(
    statements: Iterable[NamedStatement], explicit: ExplicitNames, diagnostics: Diagnostics
) -> None:
    """Give every layer its name, in place.

    Reports two layers that the program itself gives one name.
    """
    # In an order that does not depend on that of the declarations.
    wanted = [
        item
        for statement in sorted(statements, key=lambda statement: statement.name)
        for item in _wanted(statement, statement.name, "", explicit, declared=True)
    ]
    taken: dict[str, Layer] = {}
    for layer, name, fixed in wanted:
        if not fixed:
            continue
        first = taken.setdefault(name, layer)
        layer.name = name
        if first is not layer and (layer in explicit or first in explicit):
            span = explicit.get(layer, (name, layer.span))[1]
            other = explicit.get(first, (name, first.span))[1]
            diagnostics.report(
                "MTG107",
                f"two layers are named `{name}`",
                span,
                label="the second",
                labels=(Label(other, "the first"),),
                help="names of layers are unique in a model: choose another",
            )
    for layer, name, fixed in wanted:
        if fixed:
            continue
        unique, number = name, 2
        while unique in taken:
            unique = f"{name}_{number}"
            number += 1
        taken[unique] = layer
        layer.name = unique


def _wanted(
    statement: NamedStatement, base: str, prefix: str, explicit: ExplicitNames, *, declared: bool
) -> Iterator[tuple[Layer, str, bool]]:
    """Each layer of a statement, the name it wants, and whether the program fixed that name.

    `base` is what the statement is called, `prefix` what stands before every name in its block,
    and `declared` says that `base` is a name the model itself declares.
    """
    counts: dict[str, int] = {}
    for part in statement.parts:
        last = part is statement.last
        if isinstance(part, BlockUse):
            if part.explicit is not None:
                use = prefix + part.explicit
            else:
                use = base if last else _numbered(f"{base}_{snake_case(part.block)}", counts)
            for each in (part.use, *part.again):
                each.name = use
            for inner in part.statements:
                inner_base = f"{use}_{inner.name}" if inner.name else use
                fixed = declared and last and not inner.name and part.explicit is None
                yield from _wanted(inner, inner_base, f"{use}_", explicit, declared=fixed)
        elif isinstance(part, NamedStatement):
            if part.key:
                keyed = _numbered(f"{base}_{part.key}" if base else part.key, counts)
                yield from _wanted(part, keyed, prefix, explicit, declared=False)
            else:
                fixed = part.fixed and not prefix
                yield from _wanted(part, prefix + part.name, prefix, explicit, declared=fixed)
        elif part in explicit:
            yield part, prefix + explicit[part][0], True
        elif last:
            yield part, base, declared
        else:
            # The number is counted here and not left to the search for a free name, so that it
            # depends on this statement alone.
            wish = _own(part) if _is_nameless(part) else f"{base}_{_own(part)}"
            yield part, _numbered(wish, counts), False


def _numbered(name: str, counts: dict[str, int]) -> str:
    counts[name] = counts.get(name, 0) + 1
    return name if counts[name] == 1 else f"{name}_{counts[name]}"


def _own(layer: Layer) -> str:
    """Return the suffix of a layer in a statement: `dense`, `resize` of `image.resize`."""
    return "model" if _is_nameless(layer) else snake_case(layer.cls.rpartition(".")[2])


def _is_nameless(layer: Layer) -> bool:
    """Return whether a layer is a model of no name, as decompiled models of Keras's own names are.

    It is named as Keras would, so that decompiled again it has no name either.
    """
    return isinstance(layer, NestedModel) and re.fullmatch(r"Model\d*", layer.cls) is not None
