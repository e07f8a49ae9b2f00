"""Text in lines of limited width: what fits stands on one line, what does not is broken.

A document is a string, a `Line` that is a break or a space, documents in a row (a tuple), an
`Indent` or a `Group`. A group is set on one line if it fits, and else its own lines are broken.

Source: P. Wadler, "A prettier printer" (2003), in the form with a stack, which does not recurse.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Columns of a line.
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A break, or `flat` where its group stands on one line."""

    flat: str = " "


@dataclass(frozen=True, slots=True)
class Indent:
    """Breaks inside are followed by two more spaces."""

    inner: Doc


@dataclass(frozen=True, slots=True)
class Group:
    """What stands on one line if it can."""

    inner: Doc


@dataclass(frozen=True, slots=True)
class Broken:
    """Text that stands only where the group around it is broken, such as a last comma."""

    text: str


Doc = str | Line | Indent | Group | Broken | tuple["Doc", ...]

_SOFT = Line("")


def comma_list(before: str, items: list[Doc], after: str) -> Doc:
    """Items between brackets: on one line, or each on a line of its own."""
    if not items:
        return before + after
    row: list[Doc] = []
    for index, item in enumerate(items):
        row += [",", Line(), item] if index else [item]
    return Group((before, Indent((_SOFT, *row, Broken(","))), _SOFT, after))


def filled_list(before: str, items: list[Doc], after: str) -> Doc:
    """Items between brackets: on one line, or on as few as hold them."""
    if not items:
        return before + after
    row: list[Doc] = []
    for index, item in enumerate(items):
        row += [",", Group((Line(), item))] if index else [item]
    return Group((before, Indent((_SOFT, *row, Broken(","))), _SOFT, after))


def fits(doc: Doc, room: int) -> bool:
    """Return whether a document fits on one line of so many columns."""
    return _fits(room, (0, True, doc), [])


def render(doc: Doc, indent: int = 0, width: int = WIDTH) -> str:
    """Return the text of a document whose first line begins at column `indent`."""
    out: list[str] = []
    column = indent
    stack: list[tuple[int, bool, Doc]] = [(indent, False, doc)]
    while stack:
        depth, flat, item = stack.pop()
        if isinstance(item, str):
            out.append(item)
            column += len(item)
        elif isinstance(item, tuple):
            stack += [(depth, flat, each) for each in reversed(item)]
        elif isinstance(item, Indent):
            stack.append((depth + 2, flat, item.inner))
        elif isinstance(item, Group):
            whole = flat or _fits(width - column, (depth, True, item.inner), stack)
            stack.append((depth, whole, item.inner))
        elif isinstance(item, Broken):
            if not flat:
                out.append(item.text)
                column += len(item.text)
        elif flat:
            out.append(item.flat)
            column += len(item.flat)
        else:
            out.append("\n" + " " * depth)
            column = depth
    return "\n".join(line.rstrip() for line in "".join(out).split("\n"))


def _fits(room: int, first: tuple[int, bool, Doc], after: list[tuple[int, bool, Doc]]) -> bool:
    """Return whether a document fits on the line, with what follows it up to the next break."""
    stack = [first]
    place = len(after)
    while room >= 0:
        if not stack:
            if not place:
                return True
            place -= 1
            stack.append(after[place])
        depth, flat, item = stack.pop()
        if isinstance(item, str):
            room -= len(item)
        elif isinstance(item, tuple):
            stack += [(depth, flat, each) for each in reversed(item)]
        elif isinstance(item, (Indent, Group)):
            stack.append((depth, flat, item.inner))
        elif isinstance(item, Broken):
            room -= 0 if flat else len(item.text)
        elif flat:
            room -= len(item.flat)
        else:
            return True
    return False
