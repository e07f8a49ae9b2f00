"""Python code of Keras where a program of mtg is expected: what is said of it, and how mtg writes
such a model."""

from __future__ import annotations

import ast as python
import re
import warnings
from dataclasses import dataclass, field

from mtg.process import own_warning_filters
from mtg.text.diagnostics import Diagnostics
from mtg.text.keywords import RESERVED
from mtg.text.source import Source, Span

#: Longer texts are not looked at, and longer models not written out: characters.
_LONGEST, _LONG = 20_000, 400

_LIBRARIES = {"keras", "tensorflow", "tf_keras", "torch"}
_MERGES = {"concatenate": "concat", **{name: name for name in ("add", "subtract", "multiply")}}
_MERGES |= {name: name for name in ("average", "maximum", "minimum", "dot")}
_CLASSES = {"Concatenate": "concat", **{name.title(): name for name in _MERGES.values()}}
_EXAMPLE = (
    'model NAME { input x: float32[784] output y = x -> Dense(64, activation="relu") -> Dense(10) }'
)
#: `layers.`, `keras.regularizers.`: modules before a class.
_MODULES = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Z]\w*\()")
_LINES = re.compile(r"\r\n|\r|\n")


def report_python(source: Source, diagnostics: Diagnostics) -> bool:
    """Report a text that is Python code of Keras, as a whole and once; gives whether it is."""
    tree = _parsed(source.text)
    if tree is None or not any(map(_is_keras, python.walk(tree))):
        return False
    statements = [each for each in tree.body if not isinstance(each, _IMPORTS)] or tree.body
    first = next((each for each in statements if _makes_something(each)), statements[0])
    model = _in_mtg(tree, source.text)
    diagnostics.report(
        "MTG001",
        "this is Python code, and mtg is a language of its own",
        _place(source, first),
        help=f"write `{model}`" if model else f"a model is written `{_EXAMPLE}`",
    )
    return True


_IMPORTS = (python.Import, python.ImportFrom)


def _parsed(text: str) -> python.Module | None:
    if len(text) > _LONGEST:
        return None
    try:
        with own_warning_filters():
            warnings.simplefilter("ignore")
            return python.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _makes_something(node: python.stmt) -> bool:
    return any(map(_is_keras, python.walk(node)))


def _is_keras(node: python.AST) -> bool:
    """Whether a piece of Python is what only programs with Keras have."""
    if isinstance(node, python.Import):
        return any(each.name.partition(".")[0] in _LIBRARIES for each in node.names)
    if isinstance(node, python.ImportFrom):
        return (node.module or "").partition(".")[0] in _LIBRARIES
    if isinstance(node, python.Call):
        if isinstance(node.func, python.Call):
            return _last(node.func.func)[:1].isupper()
        return _last(node.func) in ("Input", "Sequential")
    return False


def _last(node: python.expr) -> str:
    """The last name of `keras.layers.Dense`."""
    if isinstance(node, python.Attribute):
        return node.attr
    return node.id if isinstance(node, python.Name) else ""


def _place(source: Source, node: python.stmt) -> Span:
    """The first line of a statement, or what of it stands there."""
    starts = [0, *(match.end() for match in _LINES.finditer(source.text))]
    start = starts[node.lineno - 1]
    line = _LINES.split(source.text[start:], maxsplit=1)[0]
    end = len(line.rstrip())
    if node.end_lineno == node.lineno and node.end_col_offset is not None:
        end = len(line.encode()[: node.end_col_offset].decode())
    return Span(source, start + len(line) - len(line.lstrip()), start + end)


# ---- the model in mtg ----------------------------------------------------------------------------


class _NotPlain(Exception):
    """A model is written in a way that is not translated."""


@dataclass(eq=False, slots=True)
class _Tensor:
    """A tensor of the script: its name, how it is made, and how often it is used."""

    name: str
    source: tuple[_Tensor, ...] = ()
    flow: str = ""
    uses: int = 0
    is_output: bool = False


@dataclass(slots=True)
class _Script:
    text: str
    names: dict[str, _Tensor] = field(default_factory=dict)
    layers: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    made: list[_Tensor] = field(default_factory=list)
    inputs: list[_Tensor] = field(default_factory=list)
    outputs: list[_Tensor] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def segment(self, node: python.AST) -> str:
        found = python.get_source_segment(self.text, node) or ""
        if "#" in found or "lambda" in found:
            raise _NotPlain
        return _MODULES.sub("", " ".join(found.split()))

    def layer(self, node: python.expr) -> str:
        """A constructor call as a stage."""
        if not isinstance(node, python.Call) or not _last(node.func)[:1].isupper():
            raise _NotPlain
        return self.segment(node)

    def tensors(self, node: python.expr) -> list[_Tensor]:
        items = node.elts if isinstance(node, (python.List, python.Tuple)) else [node]
        return [self.tensor(item) for item in items]

    def tensor(self, node: python.expr, name: str = "") -> _Tensor:
        """The tensor that an expression stands for."""
        if isinstance(node, python.Name):
            found = self.names.get(node.id)
            if found is None:
                raise _NotPlain
            return found
        if not isinstance(node, python.Call):
            raise _NotPlain
        if _last(node.func) == "Input":
            return self.input(node, name)
        made = node.func
        if isinstance(made, python.Call) and len(node.args) == 1 and not node.keywords:
            several = isinstance(node.args[0], python.List)
            given = self.tensors(node.args[0])
            merge = _CLASSES.get(_last(made.func))
            if several and merge:
                return self.merge(merge, given, made, name)
            if several or len(given) != 1:
                raise _NotPlain
            return self.made_of(given, f"{{}} -> {_braced(self.layer(made))}", name)
        if isinstance(made, python.Name) and made.id in self.layers and len(node.args) == 1:
            return self.made_of(self.tensors(node.args[0]), f"{{}} -> {made.id}", name)
        merge = _MERGES.get(_last(made))
        if merge and node.args and isinstance(node.args[0], python.List):
            return self.merge(merge, self.tensors(node.args[0]), node, name)
        raise _NotPlain

    def merge(self, merge: str, given: list[_Tensor], node: python.Call, name: str) -> _Tensor:
        settings = [self.segment(each) for each in node.keywords]
        inner = ", ".join([*["{}"] * len(given), *map(_braced, settings)])
        return self.made_of(given, f"{merge}({inner})", name)

    def made_of(self, given: list[_Tensor], flow: str, name: str) -> _Tensor:
        for each in given:
            each.uses += 1
        made = _Tensor(name or "x", tuple(given), flow)
        self.made.append(made)
        return made

    def input(self, node: python.Call, name: str) -> _Tensor:
        given = {each.arg: each.value for each in node.keywords}
        shape = given.get("shape", node.args[0] if node.args else None)
        if not isinstance(shape, python.Tuple) or set(given) - {"shape", "dtype", "name"}:
            raise _NotPlain
        lengths = []
        for each in shape.elts:
            if not isinstance(each, python.Constant) or not isinstance(each.value, int | None):
                raise _NotPlain
            lengths.append("?" if each.value is None else str(each.value))
        dtype = given.get("dtype")
        if dtype is not None and not (
            isinstance(dtype, python.Constant) and isinstance(dtype.value, str)
        ):
            raise _NotPlain
        word = str(dtype.value) if isinstance(dtype, python.Constant) else "float32"
        made = _Tensor(self.unused(name or "x"))
        self.inputs.append(made)
        self.lines.append(f"input {made.name}: {word}[{', '.join(lengths)}]")
        return made

    def unused(self, name: str) -> str:
        """A name that nothing else of the model has, from now on."""
        name = f"{name}_" if name in RESERVED else name
        found, number = name, 2
        while found in self.taken:
            found, number = f"{name}_{number}", number + 1
        self.taken.add(found)
        return found

    def statement(self, node: python.stmt) -> None:
        """Take in one statement of the script."""
        if not isinstance(node, python.Assign) or len(node.targets) != 1:
            if isinstance(node, (*_IMPORTS, python.Expr)):
                return  # `model.compile(…)`, `model.summary()`
            raise _NotPlain
        target, value = node.targets[0], node.value
        if not isinstance(target, python.Name):
            raise _NotPlain
        last = _last(value.func) if isinstance(value, python.Call) else ""
        if isinstance(value, python.Call) and last == "Model":
            given = {each.arg: each.value for each in value.keywords}
            places = dict(zip(("inputs", "outputs"), value.args, strict=False))
            outputs = given.get("outputs") or places.get("outputs")
            if outputs is None:
                raise _NotPlain
            self.outputs = self.tensors(outputs)
        elif isinstance(value, python.Call) and last == "Sequential":
            self.row(value, target.id)
        elif isinstance(value, python.Constant):
            self.taken.add(target.id)
            self.lines.append(f"let {target.id} = {self.segment(value)}")
        elif isinstance(value, python.Call) and last[:1].isupper() and last != "Input":
            self.taken.add(target.id)
            self.layers[target.id] = self.layer(value)
        else:
            self.names[target.id] = self.tensor(value, target.id)

    def row(self, node: python.Call, name: str) -> None:
        """A `Sequential` as a model of one chain."""
        items = node.args[0] if len(node.args) == 1 else None
        if not isinstance(items, python.List):
            raise _NotPlain
        tensor, first = None, True
        for item in items.elts:
            if first and isinstance(item, python.Call) and _last(item.func) == "Input":
                tensor = self.input(item, "x")
            else:
                if tensor is None:
                    tensor = _Tensor(self.unused("x"))
                    self.inputs.append(tensor)
                    self.lines.append("input x: float32[…]")
                tensor = self.made_of([tensor], f"{{}} -> {_braced(self.layer(item))}", "y")
            first = False
        self.outputs = [tensor] if tensor is not None and tensor.source else []

    def written(self) -> str:
        """The model in mtg."""
        if not self.outputs:
            self.outputs = [each for each in self.made if not each.uses]
        if not self.outputs or not all(each.source for each in self.outputs):
            raise _NotPlain
        for each in self.made:
            each.is_output = each in self.outputs
        lines = list(self.lines)
        lines += [f"shared {name} = {layer}" for name, layer in self.layers.items()]
        named: set[int] = set()
        for each in self.made:
            if each.is_output or each.uses > 1:
                word = "output " if each.is_output else ""
                each.name = self.unused(each.name)
                flow = each.flow.format(*(_shown(part, named) for part in each.source))
                lines.append(f"{word}{each.name} = {flow}")
                named.add(id(each))
        return f"model NAME {{ {' '.join(lines)} }}"


def _shown(tensor: _Tensor, named: set[int]) -> str:
    """A tensor in a flow: by its name, or as what makes it."""
    if not tensor.source or id(tensor) in named:
        return tensor.name
    return tensor.flow.format(*(_shown(part, named) for part in tensor.source))


def _braced(text: str) -> str:
    """A text as a part of what `str.format` reads."""
    return text.replace("{", "{{").replace("}", "}}")


def _in_mtg(tree: python.Module, text: str) -> str:
    """A plain script as a model of mtg; empty where it is not plain, or long."""
    script = _Script(text)
    try:
        for statement in tree.body:
            script.statement(statement)
        model = script.written()
    except (_NotPlain, RecursionError):
        return ""
    return model if len(model) <= _LONG else ""
