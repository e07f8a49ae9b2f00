"""Python source as `ruff format` and `black` leave it, for the few forms that mtg writes.

An expression is an `Atom`, a `Called`, a `Bracketed`, a `Comprehension` or an `Operated`. It stands
on one line where it fits; else its last call is opened, or the one before where the line to the
last bracket is too long as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mtg.text.visible import in_docstring

#: The length of lines that both tools take by default.
WIDTH = 88


@dataclass(frozen=True, slots=True)
class Atom:
    """What is never broken: a name, a literal, a subscript."""

    text: str

    @property
    def flat(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Keyword:
    """An argument by keyword, an item of a dict: `head` and the value."""

    head: str
    value: Expression

    @property
    def flat(self) -> str:
        return self.head + self.value.flat


@dataclass(frozen=True, slots=True)
class Called:
    """A call."""

    callee: Atom | Called
    arguments: tuple[Item, ...]

    @property
    def flat(self) -> str:
        return f"{self.callee.flat}({', '.join(item.flat for item in self.arguments)})"


@dataclass(frozen=True, slots=True)
class Bracketed:
    """A list, tuple or dict."""

    brackets: str
    items: tuple[Item, ...]

    @property
    def flat(self) -> str:
        inside = ", ".join(item.flat for item in self.items)
        comma = "," if self.brackets == "()" and len(self.items) == 1 else ""
        return f"{self.brackets[0]}{inside}{comma}{self.brackets[1]}"


@dataclass(frozen=True, slots=True)
class Operated:
    """What operators say, which stands in brackets where its operator binds less tightly.

    `binding` is as in `mtg.catalog.operators`.
    """

    text: str
    binding: int

    @property
    def flat(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Comprehension:
    """A list or dict of what `item` is in each round; `clause` is what stands behind it."""

    item: Item
    clause: str
    brackets: str = "[]"

    @property
    def flat(self) -> str:
        return f"{self.brackets[0]}{self.item.flat} {self.clause}{self.brackets[1]}"


Expression = Atom | Called | Bracketed | Operated | Comprehension
Item = Expression | Keyword


def statement(
    prefix: str, value: Item, suffix: str = "", indent: int = 0, *, alone: bool = True
) -> Iterator[str]:
    """Return the lines of a statement: the text before an expression, it, and the text after.

    `alone` says that it is a statement, not part of one: then an atom that is too long is put in
    parentheses.
    """
    space = " " * indent
    if isinstance(value, Keyword):
        prefix, value = prefix + value.head, value.value
    flat = f"{space}{prefix}{value.flat}{suffix}"
    if len(flat) <= WIDTH:
        yield flat
    elif isinstance(value, Called):
        yield from _called(space + prefix, value, suffix, indent)
    elif isinstance(value, Bracketed) and value.items:
        yield f"{space}{prefix}{value.brackets[0]}"
        yield from _each(value.items, indent + 4)
        yield f"{space}{value.brackets[1]}{suffix}"
    elif isinstance(value, Comprehension):
        yield f"{space}{prefix}{value.brackets[0]}"
        inside = f"{space}    {value.item.flat} {value.clause}"
        if len(inside) <= WIDTH:
            yield inside
        else:
            yield from statement("", value.item, "", indent + 4, alone=False)
            yield f"{space}    {value.clause}"
        yield f"{space}{value.brackets[1]}{suffix}"
    elif alone and prefix.endswith("= ") and len(value.flat) + indent + 4 <= WIDTH:
        yield f"{space}{prefix}("
        yield f"{space}    {value.flat}"
        yield f"{space}){suffix}"
    else:
        yield flat


def _called(prefix: str, call: Called, suffix: str, indent: int) -> Iterator[str]:
    space = " " * indent
    callee = call.callee
    head = prefix + callee.flat + "("
    if isinstance(callee, Atom) or (call.arguments and len(head) <= WIDTH):
        yield head if call.arguments else f"{head}){suffix}"
        if call.arguments:
            yield from _body(call.arguments, indent + 4)
            yield f"{space}){suffix}"
        return
    *lines, last = _called(prefix, callee, "", indent)
    yield from lines
    inside = ", ".join(item.flat for item in call.arguments)
    if len(f"{last}({inside}){suffix}") <= WIDTH or not call.arguments:
        yield f"{last}({inside}){suffix}"
    else:
        yield f"{last}("
        yield from _body(call.arguments, indent + 4)
        yield f"{space}){suffix}"


def _body(items: Sequence[Item], indent: int) -> Iterator[str]:
    """Yield the arguments of an opened call: on one line, or one a line."""
    flat = " " * indent + ", ".join(item.flat for item in items)
    if len(flat) <= WIDTH:
        yield flat
    else:
        yield from _each(items, indent)


def _each(items: Sequence[Item], indent: int) -> Iterator[str]:
    for item in items:
        yield from statement("", item, ",", indent, alone=False)


def literal(value: object) -> str:
    """Return a number, string, bool, None, `...` or slice as `ruff format` writes it."""
    if isinstance(value, str):
        return quoted(value)
    if value is ...:
        return "..."
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    if isinstance(value, float) and value != value:
        return 'float("nan")'
    return repr(value)


def quoted(text: str) -> str:
    """Return a string in double quotes, unless it has more of them than of single ones."""
    found = repr(text)
    if not found.startswith("'"):
        return found
    inside = found[1:-1].replace("\\'", "'")
    if '"' in inside:
        return found if inside.count('"') > inside.count("'") else '"' + _escaped(inside) + '"'
    return f'"{inside}"'


def _escaped(inside: str) -> str:
    return inside.replace('"', '\\"')


def docstring(text: str, indent: int = 4) -> Iterator[str]:
    """Yield the lines of a docstring."""
    lines = [line.rstrip() for line in text.expandtabs().strip().splitlines()]
    if not lines:
        return
    rest = [len(line) - len(line.lstrip()) for line in lines[1:] if line]
    shared = min(rest, default=0)
    lines = [lines[0], *(line[shared:] for line in lines[1:])]
    space = " " * indent
    body = [in_docstring(line) for line in lines]
    end = " " if body[-1].endswith('"') and not body[-1].endswith('\\"') else ""
    if len(body) == 1:
        yield f'{space}"""{body[0]}{end}"""'
        return
    yield f'{space}"""{body[0]}'
    for line in body[1:]:
        yield f"{space}{line}" if line else ""
    yield f'{space}"""'
