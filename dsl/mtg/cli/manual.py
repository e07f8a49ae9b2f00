"""The manual page of one entry of the catalogue."""

from __future__ import annotations

import json
import textwrap

from mtg.catalog import Entry, Parameter, catalog
from mtg.catalog.kinds import words
from mtg.catalog.modules import MODULES

WIDTH = 100
NO_BREAK = "\xa0"

#: How an object of each kind stands in a program.
_USES = {
    "activation": 'x -> Dense(8, activation="{name}")',
    "application": "x -> applications.{made}",
    "callback": "train(callbacks=[{made}])",
    "constraint": "x -> Dense(8, kernel_constraint={made})",
    "dtype_policy": "x -> Dense(8, dtype={made})",
    "initializer": "x -> Dense(8, kernel_initializer={made})",
    "input": "input x(sparse=True): float32[8]",
    "loss": "output y(loss={made}) = x -> Dense(8)",
    "metric": 'output y(loss="mse", metrics=[{made}]) = x -> Dense(1)',
    "model_compile": 'train(optimizer="adam", …)',
    "model_fit": "train(batch_size=32, epochs=10, …)",
    "op": "ops.{made}",
    "optimizer": "train(optimizer={made})",
    "optimizer_map": "train(optimizer=MultiOptimizer({made}))",
    "regularizer": "x -> Dense(8, kernel_regularizer={made})",
    "schedule": "train(optimizer=Adam({made}))",
}
#: What is for weights of another shape than those of a `Dense`, or takes more than its name says.
_USES_OF = {
    "STFT": "x -> Conv1D(8, 3, kernel_initializer={made})",
    "threshold": "output y = ops.threshold(x=x, threshold=0.5, default_value=0.0)",
}
#: Arguments of every layer, which come after its own.
_OF_EVERY_LAYER = ("name", "trainable", "dtype", "activity_regularizer", "autocast")


def page(entry: Entry, exact: bool | None) -> str:
    """Return the entry as a page of text, without a newline at its end.

    Args:
        exact: Whether mtg knows the types of its results; None where it has none.
    """
    title = f"{MODULES.get(entry.kind, '')}.{entry.name}".removeprefix(".")
    kind = entry.kind.replace("_", " ") + (f", {entry.family}" if entry.family else "")
    lines = [f"{title}  ({kind})", "", f"  {example(entry)}", ""]
    own, common = _split(entry)
    lines += _signature(entry.name, own, bool(common) or entry.variadic)
    if own:
        lines += ["", "Arguments", *_table(own)]
    if common:
        lines += ["", "Arguments of every layer", *_table(common)]
    lines += ["", *_facts(entry, exact)]
    return "\n".join(line.rstrip() for line in lines)


def example(entry: Entry) -> str:
    """Return how a program uses the entry."""
    made = f"{entry.name}({', '.join([*entry.required, *['…'] * entry.variadic])})"
    if entry.kind != "layer":
        use = _USES_OF.get(entry.name, _USES[entry.kind])
        return use.format(name=entry.name, made=made)
    from mtg.catalog.names import MERGES

    for function, name in MERGES.items():
        if name == entry.name:
            settings = "".join(f", {argument}=…" for argument in entry.required)
            return f"{function}(a, b{settings})"
    if entry.name.endswith("Cell"):
        return f"x -> RNN({made})"
    if entry.tensors == "list":
        return f"(a, b) -> {made}"
    if entry.tensors == "several":
        tensors = [each.name for each in entry.call if each.required]
        return f"({', '.join(f'{name}={name[0]}' for name in tensors)}) -> {made}"
    return f"x -> {made}"


def _split(entry: Entry) -> tuple[list[Parameter], list[Parameter]]:
    """Return the entry's own arguments, and those of every layer at the end."""
    own = list(entry.parameters)
    if entry.kind != "layer":
        return own, []
    end = len(own)
    while end and own[end - 1].name in _OF_EVERY_LAYER:
        end -= 1
    return own[:end], own[end:]


def _signature(name: str, own: list[Parameter], more: bool) -> list[str]:
    """Return the constructor as Keras writes it."""
    arguments = [
        each.name if each.required else f"{each.name}={value(each.default)}" for each in own
    ]
    # A line is broken between arguments, never inside one.
    whole = [argument.replace(" ", NO_BREAK) for argument in [*arguments, *["…"] * more]]
    text = f"{name}({', '.join(whole)})"
    lines = textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="      ")
    return [line.replace(NO_BREAK, " ") for line in lines]


def value(default: object) -> str:
    """Return a default as a program writes it: the lists of the catalogue are Keras's tuples."""
    if isinstance(default, str):
        return json.dumps(default, ensure_ascii=False)
    if isinstance(default, list):
        comma = "," if len(default) == 1 else ""
        return f"({', '.join(map(value, default))}{comma})"
    return repr(default)


def _table(parameters: list[Parameter]) -> list[str]:
    """Name, default and kind of value of each."""
    names = [each.name for each in parameters]
    defaults = ["required" if each.required else value(each.default) for each in parameters]
    first = max(map(len, names)) + 2
    second = min(max(map(len, defaults)), 24) + 2
    lines = []
    for each, name, default in zip(parameters, names, defaults, strict=True):
        said = words(each) + (", in upper or lower case" if each.any_case else "")
        start = f"  {name:<{first}}{default:<{second}}"
        indent = " " * (2 + first + second)
        # What is not known stays empty.
        lines += textwrap.wrap(said, WIDTH, initial_indent=start, subsequent_indent=indent) or [
            start
        ]
    return lines


_TENSORS = {
    "one": "one tensor",
    "list": "a list of tensors",
    "several": "several tensors",
}
_EXACT = {
    "layer": "mtg knows shapes, dtypes and weights without Keras",
    "op": "mtg knows shapes and dtypes without Keras",
}
_INEXACT = "mtg does not know them; `mtg check --with-keras` asks Keras"


def _facts(entry: Entry, exact: bool | None) -> list[str]:
    """Return what is called on what, other names, and what mtg knows of the types."""
    facts: list[tuple[str, str]] = []
    if entry.kind == "layer":
        further = [
            each.name if each.required else f"{each.name}={value(each.default)}"
            for each in entry.call[0 if entry.tensors == "several" else 1 :]
        ]
        called = _TENSORS.get(entry.tensors, "not known")
        facts.append(("called on", called + (f"; {', '.join(further)}" if further else "")))
        results = "depends on the arguments" if entry.results is None else str(entry.results)
        facts.append(("results", results))
    others = catalog().aliases(entry.kind, entry.name)
    if others:
        facts.append(("also", ", ".join(others)))
    if exact is not None:
        facts.append(("types", _EXACT[entry.kind] if exact else _INEXACT))
    facts.append(("describes", f"Keras {catalog().keras_version}"))
    lines = []
    for name, said in facts:
        start = f"{name:<11}"
        lines += textwrap.wrap(said, WIDTH, initial_indent=start, subsequent_indent=" " * 11)
    return lines
