"""Functions and methods of Python that programs of mtg need otherwise, or not at all."""

from __future__ import annotations

#: What to write instead of a function, where one is called.
_FUNCTIONS = {
    "list": "`range`, `zip` and the like give lists already; `[*items]` is a copy",
    "tuple": "a list does: `[*items]`",
    "set": "a list does: `[*items]`",
    "dict": 'write a dict as `{"name": value}`, or `{key: value for key, value in pairs}`',
    "map": "write a comprehension: `[f(item) for item in items]`",
    "filter": "write a comprehension: `[item for item in items if condition]`",
    "any": "of values write `True in [… for item in items]`; of tensors it is `ops.any(x)`",
    "all": "of values write `False not in [… for item in items]`; of tensors it is `ops.all(x)`",
    "bool": "a condition may be any value: `a if n else b`",
    "print": "`mtg summary` and `mtg render` show a model",
    "isinstance": "the kinds of values are known where a program is written",
    "type": "the kinds of values are known where a program is written",
}

#: The same for methods of lists, dicts and strings.
_METHODS = {
    "append": "lists do not change: `[*items, item]` is one with another item",
    "extend": "lists do not change: `[*items, *others]` is one with more items",
    "update": "dicts do not change: `{**values, key: value}` is one with another item",
    "pop": "values do not change: `items[-1]` is the last of a list, `items[:-1]` are the others",
    "copy": "values do not change, so that none is copied",
    "format": 'write an f-string: `f"{name}_{i}"`',
    "join": 'write an f-string: `f"{a}_{b}"`',
    "index": "the numbers come with the items: `[… for i, item in enumerate(items)]`",
    "count": "count with a comprehension: `len([item for item in items if item == value])`",
}


def for_function(name: str) -> str:
    """Return what to write instead of a function of Python; nothing where that is not known."""
    return _FUNCTIONS.get(name, "")


def for_method(name: str) -> str:
    """Return what to write instead of a method of a value; nothing where that is not known."""
    return _METHODS.get(name, "")
