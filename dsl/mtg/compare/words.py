"""Differences in words: a line each."""

from __future__ import annotations

from collections.abc import Mapping

from mtg.catalog import catalog
from mtg.compare.changes import Change
from mtg.compare.forms import PlainValue
from mtg.compare.items import first_difference, said
from mtg.graph.values import Value, items


def change_line(change: Change) -> str:
    """Return a difference as a line of `mtg diff`: `~ layer `x` (Dense): units 8 → 9`."""
    name = "/".join((*change.path, change.name))
    what = change.what if change.what in ("train",) else f"{change.what} `{name}`"
    if change.what == "graph":
        what = f"model `{name}`"
    if change.kind in ("added", "removed"):
        sign = "+" if change.kind == "added" else "-"
        return f"{sign} {what}{constructor(change)}{_between(change)}"
    if change.kind == "renamed":
        return f"~ {what} was `{change.old}`"
    if change.kind == "reordered" and "order" in change.values:
        before, after = (", ".join(map(str, items(side))) for side in change.values["order"])
        where = f" of `{'/'.join(change.path)}`" if change.path else ""
        return f"~ {change.what}s{where} in another order: {before} → {after}"
    cls = f" ({change.cls})" if change.cls and "class" not in change.values else ""
    if change.kind in ("rewired", "reordered"):
        taken = [_rewired(*pair) for pair in change.takes.values()]
        word = "is" if change.what == "output" else "takes"
        if change.kind == "reordered":
            word = "takes its inputs in another order:"
        return f"~ {what}{cls} {word} {', '.join(taken)}"
    if "class" in change.values:
        before, after = _constructed(change, 0), _constructed(change, 1)
        return f"~ {what}: {before} → {after}"
    parts = [f"{name} {before_and_after(change, name)}" for name in change.values]
    return f"~ {what}{cls}: {', '.join(parts)}"


def constructor(change: Change) -> str:
    """Return the constructor call of a layer, the settings of an output."""
    index = 1 if change.kind == "added" else 0
    values = {name: pair[index] for name, pair in change.values.items()}
    if change.what == "input":
        shape = ", ".join("?" if n is None else str(n) for n in items(values.get("shape")))
        return f": {values.get('dtype', 'float32')}[{shape}]"
    if not change.cls:
        return f": {_arguments(values)}" if values else ""
    return f": {change.cls}({_arguments(values)})"


def _constructed(change: Change, side: int) -> str:
    values = {name: pair[side] for name, pair in change.values.items()}
    cls = values.pop("class")
    given = {name: value for name, value in values.items() if value is not None}
    return f"{cls}({_arguments(given)})"


def _arguments(values: Mapping[str, PlainValue]) -> str:
    return ", ".join(
        said(value) if name.isdigit() else f"{name}={said(value)}" for name, value in values.items()
    )


def _between(change: Change) -> str:
    givers = _listed(tuple(dict.fromkeys(pair[0] for pair in change.takes.values())))
    takers = _listed(change.gives)
    if change.what == "output":
        return f", of {givers}" if givers else ""
    if givers and takers:
        return f", from {givers} to {takers}"
    return f", from {givers}" if givers else f", to {takers}" if takers else ""


def _listed(names: tuple[str, ...]) -> str:
    shown = [f"`{name}`" for name in names[:4]]
    return ", ".join(shown) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _rewired(before: str, after: str) -> str:
    if not before:
        return f"`{after}` too"
    return f"`{after}` for `{before}`" if after else f"no `{before}`"


def before_and_after(change: Change, name: str) -> str:
    """Return what a value was and is: `8 → 9`, with the default where it is not given."""
    before, after = change.values[name]
    if name == "sharing":
        return f"{before} → {after}"
    if change.what in ("input", "graph"):
        return f"{said(before)} → {said(after)}"
    if isinstance(before, list) and isinstance(after, list) and "…" in said(before) + said(after):
        # Of much that is alike, and cut, what differs is told.
        return first_difference(before, after)
    default = _default(change, name)
    return " → ".join(default if value is None else said(value) for value in (before, after))


def _default(change: Change, name: str) -> str:
    """Return what holds where an argument is not given."""
    if change.what == "output":
        return "none"
    kind = {"layer": "layer", "op": "op", "train": "model_compile"}.get(change.what)
    cls = {"op": change.cls.removeprefix("ops."), "train": "compile"}.get(change.what, change.cls)
    if name == "trainable":
        return "True"
    entry = catalog().find(kind, cls) if kind else None
    parameter = None if entry is None else entry.parameter(name)
    if parameter is None or parameter.required:
        return "none" if change.what == "train" else "default"
    default: Value = parameter.default
    return said(list(default) if isinstance(default, tuple) else default)
