"""Python code of Keras where a program of mtg is expected.

What is reported of it, and how mtg writes such a model.
"""

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
    """Report a text that is Python code of Keras, as a whole and once; return whether it is."""
    tree = _parse(source.text)
    if tree is None or not any(map(_is_keras, python.walk(tree))):
        return False
    statements = [each for each in tree.body if not isinstance(each, _IMPORTS)] or tree.body
    first = next((each for each in statements if _makes_something(each)), statements[0])
    model = _translate(tree, source.text)
    diagnostics.report(
        "MTG001",
        "this is Python code, and mtg is a language of its own",
        _first_line(source, first),
        help=f"write `{model}`" if model else f"a model is written `{_EXAMPLE}`",
    )
    return True


_IMPORTS = (python.Import, python.ImportFrom)


def _parse(text: str) -> python.Module | None:
    """Return the tree of a text that is Python, or None."""
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
    """Return whether a piece of Python is what only programs with Keras have."""
    if isinstance(node, python.Import):
        return any(each.name.partition(".")[0] in _LIBRARIES for each in node.names)
    if isinstance(node, python.ImportFrom):
        return (node.module or "").partition(".")[0] in _LIBRARIES
    if isinstance(node, python.Call):
        if isinstance(node.func, python.Call):
            return _last_name(node.func.func)[:1].isupper()
        return _last_name(node.func) in ("Input", "Sequential")
    return False


def _last_name(node: python.expr) -> str:
    """Return the last name of `keras.layers.Dense`."""
    if isinstance(node, python.Attribute):
        return node.attr
    return node.id if isinstance(node, python.Name) else ""


def _first_line(source: Source, node: python.stmt) -> Span:
    """Return the first line of a statement, or what of it stands there."""
    starts = [0, *(match.end() for match in _LINES.finditer(source.text))]
    start = starts[node.lineno - 1]
    line = _LINES.split(source.text[start:], maxsplit=1)[0]
    end = len(line.rstrip())
    if node.end_lineno == node.lineno and node.end_col_offset is not None:
        end = len(line.encode()[: node.end_col_offset].decode())
    return Span(source, start + len(line) - len(line.lstrip()), start + end)


# ---- the model in mtg ----------------------------------------------------------------------------


class _Untranslatable(Exception):
    """The script is written in a way that is not translated."""


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
    """What is known of a script after some of its statements.

    Attributes:
        text: The script.
        names: The tensors, by the names of the variables.
        layers: The layers that were made before they are called, by the names of the variables.
        lines: The declarations of the model so far.
        results: The tensors that layers give, in their order.
        inputs: The tensors that the script declares.
        outputs: The tensors that the script says the model gives.
        taken: All names of the model.
    """

    text: str
    names: dict[str, _Tensor] = field(default_factory=dict)
    layers: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    results: list[_Tensor] = field(default_factory=list)
    inputs: list[_Tensor] = field(default_factory=list)
    outputs: list[_Tensor] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def source_of(self, node: python.AST) -> str:
        """Return the text of an expression, without the modules before classes."""
        text = python.get_source_segment(self.text, node) or ""
        if "#" in text or "lambda" in text:
            raise _Untranslatable
        return _MODULES.sub("", " ".join(text.split()))

    def read_layer(self, node: python.expr) -> str:
        """Return a constructor call as a stage."""
        if not isinstance(node, python.Call) or not _last_name(node.func)[:1].isupper():
            raise _Untranslatable
        return self.source_of(node)

    def read_tensors(self, node: python.expr) -> list[_Tensor]:
        """Return the tensors of a list, or the one of an expression."""
        items = node.elts if isinstance(node, (python.List, python.Tuple)) else [node]
        return [self.read_tensor(item) for item in items]

    def read_tensor(self, node: python.expr, name: str = "") -> _Tensor:
        """Return the tensor that an expression stands for."""
        if isinstance(node, python.Name):
            if node.id not in self.names:
                raise _Untranslatable
            return self.names[node.id]
        if not isinstance(node, python.Call):
            raise _Untranslatable
        if _last_name(node.func) == "Input":
            return self.add_input(node, name)
        callee = node.func
        if isinstance(callee, python.Call) and len(node.args) == 1 and not node.keywords:
            is_list = isinstance(node.args[0], python.List)
            sources = self.read_tensors(node.args[0])
            merge = _CLASSES.get(_last_name(callee.func))
            if is_list and merge:
                return self.add_merge(merge, sources, callee, name)
            if is_list or len(sources) != 1:
                raise _Untranslatable
            layer = _escape_braces(self.read_layer(callee))
            return self.add_tensor(sources, f"{{}} -> {layer}", name)
        if isinstance(callee, python.Name) and callee.id in self.layers and len(node.args) == 1:
            return self.add_tensor(self.read_tensors(node.args[0]), f"{{}} -> {callee.id}", name)
        merge = _MERGES.get(_last_name(callee))
        if merge and node.args and isinstance(node.args[0], python.List):
            return self.add_merge(merge, self.read_tensors(node.args[0]), node, name)
        raise _Untranslatable

    def add_merge(
        self, merge: str, sources: list[_Tensor], node: python.Call, name: str
    ) -> _Tensor:
        """Return the tensor that a merge makes of others."""
        settings = [self.source_of(each) for each in node.keywords]
        inner = ", ".join([*["{}"] * len(sources), *map(_escape_braces, settings)])
        return self.add_tensor(sources, f"{merge}({inner})", name)

    def add_tensor(self, sources: list[_Tensor], flow: str, name: str) -> _Tensor:
        """Return a new tensor that is made of others."""
        for source in sources:
            source.uses += 1
        result = _Tensor(name or "x", tuple(sources), flow)
        self.results.append(result)
        return result

    def add_input(self, node: python.Call, name: str) -> _Tensor:
        """Return the tensor of an `Input`."""
        keywords = {each.arg: each.value for each in node.keywords}
        shape = keywords.get("shape", node.args[0] if node.args else None)
        if not isinstance(shape, python.Tuple) or set(keywords) - {"shape", "dtype", "name"}:
            raise _Untranslatable
        lengths = []
        for each in shape.elts:
            if not isinstance(each, python.Constant) or not isinstance(each.value, int | None):
                raise _Untranslatable
            lengths.append("?" if each.value is None else str(each.value))
        dtype = keywords.get("dtype")
        if dtype is not None and not (
            isinstance(dtype, python.Constant) and isinstance(dtype.value, str)
        ):
            raise _Untranslatable
        word = str(dtype.value) if isinstance(dtype, python.Constant) else "float32"
        tensor = _Tensor(self.new_name(name or "x"))
        self.inputs.append(tensor)
        self.lines.append(f"input {tensor.name}: {word}[{', '.join(lengths)}]")
        return tensor

    def new_name(self, name: str) -> str:
        """Return a name that nothing else of the model has, from now on."""
        name = f"{name}_" if name in RESERVED else name
        free, number = name, 2
        while free in self.taken:
            free, number = f"{name}_{number}", number + 1
        self.taken.add(free)
        return free

    def read_statement(self, node: python.stmt) -> None:
        """Take in one statement of the script."""
        if not isinstance(node, python.Assign) or len(node.targets) != 1:
            if isinstance(node, (*_IMPORTS, python.Expr)):
                return  # `model.compile(…)`, `model.summary()`
            raise _Untranslatable
        target, value = node.targets[0], node.value
        if not isinstance(target, python.Name):
            raise _Untranslatable
        last = _last_name(value.func) if isinstance(value, python.Call) else ""
        if isinstance(value, python.Call) and last == "Model":
            keywords = {each.arg: each.value for each in value.keywords}
            places = dict(zip(("inputs", "outputs"), value.args, strict=False))
            outputs = keywords.get("outputs") or places.get("outputs")
            if outputs is None:
                raise _Untranslatable
            self.outputs = self.read_tensors(outputs)
        elif isinstance(value, python.Call) and last == "Sequential":
            self.read_sequential(value, target.id)
        elif isinstance(value, python.Constant):
            self.taken.add(target.id)
            self.lines.append(f"let {target.id} = {self.source_of(value)}")
        elif isinstance(value, python.Call) and last[:1].isupper() and last != "Input":
            self.taken.add(target.id)
            self.layers[target.id] = self.read_layer(value)
        else:
            self.names[target.id] = self.read_tensor(value, target.id)

    def read_sequential(self, node: python.Call, name: str) -> None:
        """Take in a `Sequential` as a model of one chain."""
        items = node.args[0] if len(node.args) == 1 else None
        if not isinstance(items, python.List):
            raise _Untranslatable
        tensor, first = None, True
        for item in items.elts:
            if first and isinstance(item, python.Call) and _last_name(item.func) == "Input":
                tensor = self.add_input(item, "x")
            else:
                if tensor is None:
                    tensor = _Tensor(self.new_name("x"))
                    self.inputs.append(tensor)
                    self.lines.append("input x: float32[…]")
                layer = _escape_braces(self.read_layer(item))
                tensor = self.add_tensor([tensor], f"{{}} -> {layer}", "y")
            first = False
        self.outputs = [tensor] if tensor is not None and tensor.source else []

    def write_model(self) -> str:
        """Return the model in mtg."""
        if not self.outputs:
            self.outputs = [each for each in self.results if not each.uses]
        if not self.outputs or not all(each.source for each in self.outputs):
            raise _Untranslatable
        for each in self.results:
            each.is_output = each in self.outputs
        lines = list(self.lines)
        lines += [f"shared {name} = {layer}" for name, layer in self.layers.items()]
        named: set[int] = set()
        for each in self.results:
            if each.is_output or each.uses > 1:
                word = "output " if each.is_output else ""
                each.name = self.new_name(each.name)
                flow = each.flow.format(*(_write_tensor(part, named) for part in each.source))
                lines.append(f"{word}{each.name} = {flow}")
                named.add(id(each))
        return f"model NAME {{ {' '.join(lines)} }}"


def _write_tensor(tensor: _Tensor, named: set[int]) -> str:
    """Return a tensor in a flow: by its name, or as what makes it."""
    if not tensor.source or id(tensor) in named:
        return tensor.name
    return tensor.flow.format(*(_write_tensor(part, named) for part in tensor.source))


def _escape_braces(text: str) -> str:
    """Return a text as a part of what `str.format` reads."""
    return text.replace("{", "{{").replace("}", "}}")


def _translate(tree: python.Module, text: str) -> str:
    """Return a plain script as a model of mtg; empty where it is not plain, or long."""
    script = _Script(text)
    try:
        for statement in tree.body:
            script.read_statement(statement)
        model = script.write_model()
    except (_Untranslatable, RecursionError):
        return ""
    return model if len(model) <= _LONG else ""
