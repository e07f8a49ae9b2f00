"""What an expression may stand for while a program is expanded, besides a plain value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from mtg.graph import values
from mtg.graph.describe import describe
from mtg.graph.graph import Call, Round, Use
from mtg.graph.layers import Layer
from mtg.graph.values import DataArray, KerasObject, PythonObject, TensorRef
from mtg.records import record
from mtg.syntax import ast
from mtg.text.source import Span

if TYPE_CHECKING:
    from mtg.semantics.modules import Declared
    from mtg.semantics.naming import NamedStatement

#: What a value in a program may be, with what stands for tensors, names and errors.
Value: TypeAlias = (
    "values.Value | Error | Missing | Tensor | Results | TensorTuple | TensorGroup | SharedLayer"
    " | Declared | LayerClass | Ends | list[Value] | tuple[Value, ...] | dict[Any, Value]"
)


class Error:
    """Stands for what could not be made; the reason is reported, and nothing follows from it."""

    def __repr__(self) -> str:
        return "ERROR"


ERROR = Error()


class Missing:
    """What `Frame.find` gives for a name that nothing here declares."""


MISSING = Missing()


@record
class Tensor:
    """One tensor."""

    ref: TensorRef


@dataclass(eq=False, slots=True)
class Results:
    """The result of a call, or its several results: what takes them decides."""

    call: Call


@dataclass(eq=False, slots=True)
class TensorTuple:
    """The several results of a block, tensors and what else names may hold, and the use."""

    tensors: tuple[Value, ...]
    use: Use


@record
class LayerClass:
    """A class of `keras.layers` by its name alone, such as the norm that a block is given."""

    name: str


@dataclass(eq=False, slots=True)
class Ends:
    """`inputs` or `outputs`: the inputs or outputs of a model, by name."""

    word: str
    model: Any


@dataclass(eq=False, slots=True)
class TensorGroup:
    """A group: the arguments of a layer's call; `spans` has the places of the names in it."""

    args: tuple[Value, ...]
    kwargs: dict[str, Value]
    spans: dict[str, Span] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class SharedLayer:
    """What a `shared` statement declares: an instance, or a chain that makes its layers once.

    `layer` is the one instance, where it is one. For a chain, `layers` are those the first use
    made, in order; later uses take them again. `level` is how many uses of other chains were being
    expanded where it was declared. `wrapped` is whether a wrapper takes the instance, and `family`
    whether it is one of several that a list or dict declares.
    """

    name: ast.Identifier
    stages: tuple[ast.Stage, ...]
    frame: Frame
    layer: Layer | None = None
    layers: list[Layer | Error] | None = None
    uses: int = 0
    level: int = 0
    wrapped: bool = False
    family: bool = False


@dataclass(eq=False, slots=True)
class Frame:
    """Where an expression is expanded: the names it sees, and where it came from.

    Attributes:
        names: What the names of this scope stand for.
        outer: The scope around it, or None.
        declared: What the names at the top of the file stand for.
        uses: The chain of block uses that led here, outermost first.
        trainable: What the innermost block use said of `trainable=`, or None.
        naming: The statement whose layers are being made.
        keys: What the rounds of declaring loops that led here are called in names.
        declares: The names that the body of this scope declares, in any branch.
        rounds: Those rounds, and those of comprehensions, outermost first.
    """

    names: dict[str, Value]
    outer: Frame | None
    declared: dict[str, Declared]
    uses: tuple[Use, ...]
    trainable: bool | None
    naming: NamedStatement
    keys: tuple[str, ...] = ()
    rounds: tuple[Round, ...] = ()
    declares: Mapping[str, ast.Identifier] | None = None

    def find(self, name: str) -> Value:
        """Return what a name stands for: a value, a `Declared` of the file, or `MISSING`."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            frame = frame.outer
        return self.declared.get(name, MISSING)

    def within(self, names: dict[str, Value], naming: NamedStatement | None = None) -> Frame:
        """Return a scope inside this one."""
        return Frame(
            names,
            self,
            self.declared,
            self.uses,
            self.trainable,
            naming or self.naming,
            self.keys,
            self.rounds,
        )


def is_tensor(value: object) -> bool:
    """Return whether a value is a tensor, or several."""
    return isinstance(value, (Tensor, Results, TensorTuple, TensorGroup))


def holds_tensor(value: object) -> bool:
    """Return whether a tensor stands in a value, however deep."""
    if is_tensor(value):
        return True
    if isinstance(value, (list, tuple)):
        return any(map(holds_tensor, value))
    if isinstance(value, dict):
        return any(map(holds_tensor, value.values()))
    return False


def is_error(value: object) -> bool:
    """Return whether a value is an error, or holds one."""
    if value is ERROR:
        return True
    if isinstance(value, (list, tuple)):
        return any(map(is_error, value))
    if isinstance(value, dict):
        return any(map(is_error, value.values()))
    return False


def kind_of(value: object) -> str:
    """Return what kind of value it is, for a message."""
    if isinstance(value, (Tensor, Results)):
        return "a tensor"
    if isinstance(value, TensorTuple):
        return f"{len(value.tensors)} tensors"
    if isinstance(value, TensorGroup):
        return "a group of tensors"
    if isinstance(value, SharedLayer):
        return f"the shared instance `{value.name.name}`"
    if isinstance(value, Layer):
        return f"the layer `{value.cls}`"
    if isinstance(value, LayerClass):
        return f"the layer class `{value.name}`"
    if isinstance(value, (list, tuple, dict)) and holds_tensor(value):
        return f"a {type(value).__name__} of tensors"
    if (declared := getattr(value, "node", None)) is not None:
        word = "block" if isinstance(declared, ast.BlockDecl) else "model"
        return f"the {word} `{declared.name.name}`"
    if isinstance(value, KerasObject):
        return f"the {value.kind.replace('_', ' ')} `{value.name}`"
    if isinstance(value, DataArray):
        return f"the array `{value.name}`"
    if isinstance(value, PythonObject):
        return f"the Python object `{value.name}`"
    return describe(value)


def spans_of(arguments: tuple[ast.Argument, ...]) -> Iterator[tuple[str, Span]]:
    """Yield the places of arguments given by keyword."""
    for argument in arguments:
        if argument.name is not None:
            yield argument.name.name, argument.value.span
