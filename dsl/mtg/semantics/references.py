"""What names, attributes and calls stand for: values, blocks and models, objects of Keras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtg.catalog import catalog
from mtg.catalog.names import MERGES
from mtg.graph.layers import Layer
from mtg.graph.values import KerasObject, PythonObject
from mtg.semantics import constant_evaluation as compute
from mtg.semantics import hints
from mtg.semantics.builtins import kinds_of, made_without_arguments, meant_merge
from mtg.semantics.expressions import Expressions
from mtg.semantics.modules import Declared
from mtg.semantics.tensor_operators import OfTensors, shown_text, written
from mtg.semantics.values import (
    ERROR,
    MISSING,
    Error,
    Frame,
    SharedLayer,
    Value,
    is_tensor,
    kind_of,
)
from mtg.syntax import ast
from mtg.text.diagnostics import Fix, Label
from mtg.text.edits import flow_at

#: What functions of values are called that take tensors, of one or of several.
_OF_TENSORS = {
    ("max", False): "ops.max",
    ("min", False): "ops.min",
    ("round", False): "ops.round",
    ("max", True): "maximum",
    ("min", True): "minimum",
}


class References(Expressions):
    """Finds what a name, an attribute or a call in an expression refers to."""

    # What the classes above this one know

    def tensor_call(self, node: ast.CallExpr, frame: Frame) -> Value:
        """Return a merge or an `ops` call."""
        raise NotImplementedError

    def keras_object(
        self, node: ast.CallExpr, name: str, frame: Frame, kinds: Sequence[str]
    ) -> KerasObject | Layer | Error:
        """Return an object of Keras written as its constructor call."""
        raise NotImplementedError

    def application(self, node: ast.CallExpr, name: str, frame: Frame) -> Layer | Error:
        """Return a new instance of one of `keras.applications`."""
        raise NotImplementedError

    def python_layer(self, node: ast.CallExpr, found: Declared, frame: Frame) -> Layer | Error:
        """Return a new instance of a layer class written in Python."""
        raise NotImplementedError

    def python_arguments(
        self, node: ast.CallExpr, frame: Frame
    ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        """Return the arguments of something from Python."""
        raise NotImplementedError

    def nested_model(self, node: ast.CallExpr, declared: Declared, frame: Frame) -> Layer | Error:
        """Return a new instance of another model."""
        raise NotImplementedError

    def top_level(self, found: Declared) -> Value:
        """Return the value of a `let` or `dim` at the top of a file."""
        raise NotImplementedError

    # Names

    def name(self, node: ast.NameExpr, frame: Frame, kinds: Sequence[str] = ()) -> Value:
        """Return what a bare name stands for."""
        found = frame.find(node.name)
        if found is MISSING:
            return ERROR  # reported when the names were resolved
        if isinstance(found, SharedLayer):
            if "layer" not in kinds:
                return found
            if found.layer is None:
                self.reporter(frame)(
                    "MTG404",
                    f"`{node.name}` is a chain of layers; expected one layer",
                    node.span,
                    labels=(Label(found.name.span, "declared here"),),
                )
                return ERROR
            found.uses += 1
            found.wrapped = True
            return found.layer
        if isinstance(found, Declared):
            return self._declared(node, found, frame)
        return found

    def _declared(self, node: ast.NameExpr, found: Declared, frame: Frame) -> Value:
        if isinstance(found.node, ast.PythonImportDecl):
            return PythonObject(found.node.module.value, found.name, None, node.span)
        if isinstance(found.node, (ast.LetDecl, ast.DimDecl)):
            return self.top_level(found)
        word = "block" if isinstance(found.node, ast.BlockDecl) else "model"
        self.reporter(frame)(
            "MTG104",
            f"`{node.name}` is a {word}; a name alone reuses an instance",
            node.span,
            label=f"a {word}",
            labels=(Label(found.span, "declared here"),),
            help=f"write `{node.name}()` for a new instance, "
            f"or `shared NAME = {node.name}()` for one to reuse",
        )
        return ERROR

    def report_attribute(
        self, node: ast.AttributeExpr, frame: Frame, *, stage: bool = False
    ) -> None:
        """Report an attribute that is not called."""
        path = attribute_path(node)
        if path[:1] in (["ops"], ["applications"]) and frame.find(path[0]) is MISSING:
            self.reporter(frame)(
                "MTG108",
                f"`{'.'.join(path)}` needs parentheses",
                node.span,
                help=f"write `{'.'.join(path)}(…)`",
            )
            return
        name, help = path[-1] if path else "", ""
        words = {word for kind in catalog().kinds() for word in catalog().identifiers(kind)}
        known = (
            hints.other_word(name, list(catalog().kinds()), words)
            if hints.is_module(path)
            else None
        )
        other = hints.foreign(path, None, stage=True) if stage and path else None
        if other is not None:
            cls = other.partition("(")[0]
            whole = made_without_arguments(cls) or other != f"{cls}()"
            help = f"write `{other if whole else f'{cls}(…)'}`" if other else ""
        elif stage and (layer := hints.activation(name)):
            help = f"write `{layer}`"
        elif known is not None and not stage:  # `nn.init.xavier_uniform_`
            help = f'names of Keras are strings: write `"{known}"`'
        elif hints.is_module(path) and name in words and not stage:  # `tf.nn.relu`
            help = f'names of Keras are strings: write `"{name}"`'
        elif hints.is_module(path) and kinds_of(name):
            help = f"write `{name}()`" if made_without_arguments(name) else f"write `{name}(…)`"
        self.reporter(frame)(
            "MTG108",
            f"mtg has no attributes such as `.{node.name.name}`",
            node.name.span,
            help=help,
            notes=("only `ops.` and `applications.` give access to Keras",),
        )

    # Calls

    def call(self, node: ast.CallExpr, frame: Frame, kinds: Sequence[str] = ()) -> Value:
        """Return what a call stands for, where it stands as a source or as an argument."""
        callee = node.callee
        if isinstance(callee, ast.AttributeExpr):
            path = attribute_path(callee)
            if path[:1] == ["ops"]:
                return self.tensor_call(node, frame)
            if path[:1] == ["applications"] and len(path) == 2:
                return self.application(node, path[1], frame)
            self.report_unreachable(node, path, frame)
            return ERROR
        if not isinstance(callee, ast.NameExpr):
            self._called(node, frame)
            return ERROR
        name = callee.name
        found = frame.find(name)
        if isinstance(found, Declared):
            return self._call_declared(node, found, frame, kinds)
        if found is not MISSING:
            if found is not ERROR:
                self.reporter(frame)(
                    "MTG104",
                    f"`{name}` is "
                    f"{'a shared instance' if isinstance(found, SharedLayer) else kind_of(found)}, "
                    "which takes no parentheses",
                    callee.span,
                    help=f"write `-> {name}` to reuse it" if isinstance(found, SharedLayer) else "",
                )
            return ERROR
        if name in MERGES:
            return self.tensor_call(node, frame)
        if name in compute.FUNCTIONS:
            return self._function(name, node, frame)
        if kinds or kinds_of(name):
            return self.keras_object(node, name, frame, kinds)
        return ERROR  # reported when the names were resolved

    def _called(self, node: ast.CallExpr, frame: Frame) -> None:
        """Report a call of what no name stands for: `Dense(1)(x)`, as Keras writes it."""
        callee = node.callee
        name = hints.layer_name(callee.callee) if isinstance(callee, ast.CallExpr) else ""
        flow = hints.as_flow(node)
        flow = flow_at(node.span, flow) if flow else ""
        merge = next((merge for merge, cls in MERGES.items() if cls == name), None)
        help = f"write `{flow}`" if flow else f"write `x -> {name}(…)`" if name else ""
        if merge is not None and not flow:
            help = f"write `{merge}(a, b)`, or `(a, b) -> {name}()`"
        self.reporter(frame)(
            "MTG210",
            "tensors are passed to layers with `->`" if help else "this cannot be called",
            node.span,
            help=help,
            fix=Fix.replace(node.span, flow, safe=False) if flow else None,
        )

    def _function(self, name: str, node: ast.CallExpr, frame: Frame) -> Value:
        if any(argument.name is not None for argument in node.arguments):
            raise compute.CannotCompute(f"`{name}` takes its arguments by position")
        nodes = [argument.value for argument in node.arguments]
        values = self.operands(nodes, frame)
        if isinstance(values, OfTensors):
            self._function_of_tensors(name, node, values, frame)
        return ERROR if isinstance(values, Error) else compute.call_function(name, values)

    def _function_of_tensors(
        self, name: str, node: ast.CallExpr, values: OfTensors, frame: Frame
    ) -> None:
        parts = [written(each.value, values.operands) for each in node.arguments]
        op = _OF_TENSORS.get((name, len(parts) > 1))
        self.reporter(frame)(
            "MTG207",
            f"`{name}` computes with values, not with tensors",
            node.span,
            help=f"write `{op}({', '.join(parts)})`" if op and all(parts) else "",
        )

    def report_unreachable(
        self, node: ast.CallExpr, path: list[str], frame: Frame, *, stage: bool = False
    ) -> None:
        """Report a call of something that mtg does not reach, and what it has instead."""
        name = path[-1] if path else ""
        help, fix = "", None
        op = hints.op_of(path)
        merge = meant_merge(name) if "layers" in path else None
        given = shown_text(node.brackets) or "(…)"
        other = hints.foreign(path, node, stage=stage) if path else None
        if hints.is_random(path or [""]):
            help = hints.OF_RANDOM
        elif other is not None:
            # Of nothing in Keras 3 nothing is said.
            text = other if stage or not other else flow_at(node.span, other)
            help = f"write `{text}`" if text else ""
            fix = Fix.replace(node.span, text, safe=False) if text else None
        elif name == "Sequential":
            row = hints.chain(node)
            help = f"layers in a row are a chain: `x -> {row}`"
        elif len(path) == 2 and is_tensor(frame.find(path[0])):
            layer = (
                hints.keras_arguments(name, node.arguments) if catalog().find("layer", name) else ""
            )
            text = f"{path[0]} -> {name}{layer}" if layer else ""
            text = text or hints.foreign_method(name, path[0], node.arguments, hints.sayable) or ""
            text = text and flow_at(node.span, text)
            help = f"write `{text}`" if text else ""
            fix = Fix.replace(node.span, text, safe=False) if text else None
        elif stage and (layer := hints.activation(name, node.arguments)):
            help = f"write `{layer}`"
            fix = Fix.replace(node.span, layer, safe=False)
        elif (made := self._function_elsewhere(path, node, stage)) is not None:
            help = made and f"write `{made}`{' where a flow begins' if stage else ''}"
            fix = Fix.replace(node.span, made, safe=False) if made and not stage else None
        elif merge is not None and not stage:
            help = f"write `{merge[0]}({_items(node) or 'a, b'})`"
        elif kinds_of(name):
            arguments = hints.keras_arguments(name, node.arguments) or "(…)"
            help = f"write `{name}{arguments}`"
            if arguments == given:
                fix = Fix.replace(node.callee.span, name, safe=False)
            elif "…" not in arguments:
                fix = Fix.replace(node.span, f"{name}{arguments}", safe=False)
        elif path[-2:-1] == ["applications"] and catalog().find("application", name):
            help = f"write `applications.{name}{given}`"
        elif op is not None and "ops" in path and not stage:
            help = f"write `ops.{op[0]}{given}`"
            fix = Fix.replace(node.callee.span, f"ops.{op[0]}", safe=False)
        self.reporter(frame)(
            "MTG108",
            f"`{node.callee.span.text}` is not available in mtg",
            node.callee.span,
            help=help,
            fix=fix,
            notes=("only `ops.` and `applications.` give access to Keras",),
        )

    def _function_elsewhere(self, path: list[str], node: ast.CallExpr, stage: bool) -> str | None:
        """Return a call of a function of another library in mtg, if it is one.

        Empty where that cannot be expressed.
        """
        if not hints.is_module(path):
            return None
        if stage and path[-1] in ("cat", "concat", "concatenate"):
            return "concat(a, b)"
        return hints.foreign_function(
            path, node.arguments, hints.sayable, tensor="x" if stage else ""
        )

    def _call_declared(
        self, node: ast.CallExpr, found: Declared, frame: Frame, kinds: Sequence[str]
    ) -> Value:
        name = found.name
        if isinstance(found.node, ast.PythonImportDecl):
            if "layer" in kinds:
                return self.python_layer(node, found, frame)
            arguments = self.python_arguments(node, frame)
            if arguments is None:
                return ERROR
            return PythonObject(found.node.module.value, name, arguments, node.span)
        if isinstance(found.node, ast.ModelDecl) and "layer" in kinds:
            return self.nested_model(node, found, frame)
        if isinstance(found.node, (ast.BlockDecl, ast.ModelDecl)):
            word = "block" if isinstance(found.node, ast.BlockDecl) else "model"
            self.reporter(frame)(
                "MTG207",
                f"the {word} `{name}` is applied to nothing",
                node.span,
                label="it has no input",
                help=f"put a tensor before it: `x -> {name}(…)`",
            )
            return ERROR
        self.reporter(frame)("MTG104", f"`{name}` is a value and cannot be called", node.span)
        return ERROR


def _items(node: ast.CallExpr) -> str:
    """Return the tensors and the settings of Keras's function form of a merge."""
    first = node.arguments[0].value if node.arguments else None
    if not isinstance(first, ast.ListExpr):
        return ""
    parts = [*map(shown_text, (item.span for item in first.items))]
    parts += [shown_text(argument.span) for argument in node.arguments[1:]]
    return ", ".join(parts) if all(parts) and all(a.name for a in node.arguments[1:]) else ""


def attribute_path(node: ast.Expression) -> list[str]:
    """`ops.image.resize` as its parts, or an empty list where it does not begin with a name."""
    parts: list[str] = []
    while isinstance(node, ast.AttributeExpr):
        parts.append(node.name.name)
        node = node.value
    if not isinstance(node, ast.NameExpr):
        return []
    return [node.name, *reversed(parts)]
