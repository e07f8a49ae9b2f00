"""Layers that are called as Keras's functional API calls them: `Dense(1)(x)` is `x -> Dense(1)`."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.catalog import catalog
from mtg.catalog.names import MERGES
from mtg.semantics.builtins import op_elsewhere
from mtg.semantics.hints.foreign_arguments import in_keras, renamed_call
from mtg.semantics.hints.foreign_functions import foreign_function
from mtg.semantics.hints.foreign_layers import foreign
from mtg.semantics.source_text import shown_text
from mtg.syntax import ast
from mtg.syntax.visit import attribute_path
from mtg.text.source import Span

#: Modules that layers, and functions, are reached through in Python.
_MODULES = {
    "tf",
    "tensorflow",
    "keras",
    "layers",
    "nn",
    "K",
    "backend",
    "np",
    "numpy",
    "jnp",
    "torch",
    "F",
    "math",
    "linalg",
    "ops",
    "activations",
    "tfl",
}


def as_flow(node: ast.Expression) -> str:
    """Return a call of a constructed layer as a flow; empty where it is none, or is long."""
    if not isinstance(node, ast.CallExpr) or not isinstance(node.callee, ast.CallExpr):
        return ""
    made = node.callee
    name = layer_name(made.callee)
    other = foreign(attribute_path(made.callee) or [""], made, stage=True) if not name else None
    if not (name or other) or not node.arguments:
        return ""
    if other:
        layer = other
    elif name == "Sequential":
        layer = " -> ".join(_row(made))
    else:
        layer = f"{name}{shown_text(made.brackets)}" if shown_text(made.brackets) else ""
    if not layer:
        return ""
    parts = [_argument(argument) for argument in node.arguments]
    if not all(parts):
        return ""
    merge = next((merge for merge, cls in MERGES.items() if cls == name), None)
    first = node.arguments[0]
    if merge is not None and len(parts) == 1 and isinstance(first.value, ast.ListExpr):
        settings = shown_text(made.brackets)[1:-1]
        return f"{merge}({', '.join([*_items(first.value), *([settings] if settings else [])])})"
    if len(parts) == 1 and first.name is None:
        return f"{parts[0]} -> {layer}"
    return f"({', '.join(parts)}) -> {layer}"


def sayable(node: ast.Expression) -> str:
    """Return an argument in one line, with foreign code in it as mtg writes it.

    Empty where it is long, or cannot be expressed in mtg.
    """
    flow = as_flow(node)
    if flow:
        return flow
    if isinstance(node, ast.ListExpr) and node.items:
        items = [sayable(item) for item in node.items]
        return f"[{', '.join(items)}]" if all(items) else ""
    if isinstance(node, ast.CallExpr) and isinstance(node.callee, ast.AttributeExpr):
        path = attribute_path(node.callee) or [""]
        if is_module(path) and path[0] != "ops":
            found = foreign_function(path, node.arguments, sayable)
            return found if found is not None else in_keras(node)
        return shown_text(node.span) if path[0] in ("ops", "applications") else ""
    return in_keras(node)


def _argument(argument: ast.Argument) -> str:
    value = sayable(argument.value)
    return f"{argument.name.name}={value}" if argument.name is not None and value else value


def _items(node: ast.ListExpr) -> list[str]:
    return [sayable(item) for item in node.items]


def _row(node: ast.CallExpr) -> list[str]:
    """Return the layers of a `Sequential`, as stages of a chain; none where one is not plain."""
    argument = node.arguments[0].value if len(node.arguments) == 1 else None
    if not isinstance(argument, ast.ListExpr):
        return []
    stages = []
    for item in argument.items:
        name = layer_name(item.callee) if isinstance(item, ast.CallExpr) else ""
        if not isinstance(item, ast.CallExpr) or not name:
            return []
        if name != "Input":
            stages.append(f"{name}{shown_text(item.brackets)}")
    return stages


def chain(node: ast.CallExpr | None) -> str:
    """Return the layers of a call of `Sequential` as a chain: `Dense(3) -> Dense(4)`."""
    row = [] if node is None else _row(node)
    text = " -> ".join(row)
    return text if 0 < len(text) <= 120 else "Dense(…) -> Dense(…)"


def layer_name(callee: ast.Expression) -> str:
    """Return the class that a callee such as `keras.layers.Dense` names; empty if no layer."""
    *modules, name = attribute_path(callee) or [""]
    if modules and modules[0] not in _MODULES:
        return ""
    known = name in ("Sequential", "Input") or catalog().find("layer", name) is not None
    return name if known else ""


def is_module(path: list[str]) -> bool:
    """Return whether a path begins with a module of Python: `tf.nn.relu`."""
    return len(path) > 1 and path[0] in _MODULES


def op_of(path: list[str]) -> tuple[str, bool] | None:
    """Return the function of `keras.ops` for one of another library: `tf.reduce_mean` is `mean`.

    With it comes whether it takes the same arguments.
    """
    if path[:1] and path[0] not in _MODULES:
        return None
    for at in (1, 2):
        if path[at - 1 : at] == ["ops"] and catalog().find("op", ".".join(path[at:])):
            return ".".join(path[at:]), True
    name = path[-1] if path else ""
    if catalog().find("op", name) is not None:
        return name, path[0] not in ("torch",)
    return op_elsewhere(name)


def activation(name: str, arguments: Sequence[ast.Argument] = ()) -> str:
    """Return a new layer of an activation: `Activation("tanh")` or `ReLU()`.

    Empty where the name is of none, or of none that takes the arguments.
    """
    plain = name.casefold().replace("_", "")
    known = catalog().identifiers("activation")
    found = next((each for each in known if each.replace("_", "") == plain), None)
    if found is None:
        return ""
    for layer in catalog().names("layer"):
        entry = catalog().find("layer", layer)
        if layer.casefold() == plain and entry and not any(p.required for p in entry.parameters):
            return renamed_call(layer, arguments)
    own = catalog().find("activation", found)
    if arguments or (own is not None and len(own.required) > 1):
        return ""  # `threshold` takes numbers beside the tensor
    return f'Activation("{found}")'


def with_empty_brackets(span: Span) -> Span:
    """Return the place of a name with the `()` after it, where these hold nothing."""
    text, end = span.source.text, span.end
    while end < len(text) and text[end] in " \t":
        end += 1
    if text.startswith("()", end):
        return Span(span.source, span.start, end + 2)
    return span
