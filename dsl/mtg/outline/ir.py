"""The outline of a graph: how a person would write it, before it is said in a language.

A graph is calls and edges. An outline is what a person makes of it: pipelines, names where a tensor
is taken more than once, blocks for what repeats, loops for runs. It says only what both `.mtg` and
Python can say, so that one outline serves both printers, and it says no more than the graph does:
the tests expand it again (`tests/expander.py`) and hold it to that.

An `Outline` is a file: blocks, and models, the last of which is the one meant. Both have bodies of
statements; a statement names tensors, and a `Flow` makes them.

    Flow("x", (Make(Conv2D), Make(ReLU)))                  x -> Conv2D(…) -> ReLU()
    Flow(Apply(Make(Add), ([Flow("a"), Flow("b")],)), …)   add(a, b) -> …
    Flow(Apply(Use("cell"), (Flow("h"), Flow("p"))))       (h, p) -> cell(…)
    Flow(Apply(Make(ops.mean), (Flow("x"),), {"axis": 1})) ops.mean(x, axis=1)
    Flow(Apply(Make(Add), ([FamilyList(…, Flow("x", …))],))) add([x -> Dense(4) for _ in range(3)])

What stands in `Flow.stages` takes the one tensor (or, after a block of several results, the several
tensors) that flows in, as its only argument. Whatever is called in another way is a source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mtg.graph import values
from mtg.graph.graph import Graph, Output, Train
from mtg.graph.layers import Layer
from mtg.graph.values import leaves
from mtg.graph.walk import parts

#: A value in an outline: what `mtg.graph.values.Value` is, and besides a `Param` wherever a value
#: may stand, and a `New` or `Reference` for a layer inside a wrapper.
Value: TypeAlias = (
    "values.Value | Param | New | Reference | list[Value] | tuple[Value, ...] | dict[Any, Value]"
)

#: An argument of a call: a `Flow` wherever a tensor goes, in lists, tuples and dicts too; in a list
#: a `FamilyList` or `Members` for several of them; any other leaf is a `Value`.
Argument = Any


@dataclass(frozen=True, slots=True)
class Param:
    """The value of a block's parameter, or of a loop's variable, where a value is needed.

    `text` says it in both languages: `filters`, `filters * 4`, `filters // 4`, `sizes[1]`.
    """

    name: str
    times: int = 1
    over: int = 1
    item: int | None = None

    @property
    def text(self) -> str:
        text = self.name if self.item is None else f"{self.name}[{self.item}]"
        if self.times != 1:
            text = f"{text} * {self.times}"
        if self.over != 1:
            text = f"{text} // {self.over}"
        return text

    def value(self, names: Mapping[str, Value]) -> Value:
        """Return the value it has where the names have these values."""
        value: Any = names[self.name]
        if self.item is not None:
            value = value[self.item]
        found: Value = value if self.times == self.over == 1 else value * self.times // self.over
        return found


def params_in(value: Value) -> Iterator[Param]:
    """Return the parameters that a value mentions."""
    return (part for part in parts(value) if isinstance(part, Param))


@dataclass(frozen=True, slots=True, eq=False)
class New:
    """A new layer, or a call of a function of `keras.ops`.

    Attributes:
        layer: A layer of the graph that is made here, of any kind but `InputLayer`; what it is is
            said here, and its arguments below. An op is never a stage, always the target of an
            `Apply`. A slice is the op `getitem`, whose second argument is the index, a tuple or a
            single part.
        arguments: The constructor's arguments, tidy (see `mtg.outline.tidy`); none that says the
            default.
        name: The name the layer must carry, where it must: `name=` in both languages. None where
            the language may name it. The names of outputs stand in `OutputResult`, not here.
        positional: The positional arguments of a layer from Python.
        model: Of a nested model, the `ModelOutline.name` of it; the layer's own name is `name`.
    """

    layer: Layer
    arguments: Mapping[str, Value]
    name: Value = None
    positional: tuple[Value, ...] = ()
    model: str | None = None

    @property
    def cls(self) -> str:
        return self.layer.cls

    @property
    def trainable(self) -> bool | None:
        """What must be said of `trainable=`, or None."""
        return self.layer.trainable


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A shared instance, or a shared chain, by its name in `ModelOutline.shared`."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class BlockCall:
    """A use of a block: its name, and values for those parameters that do not have the default.

    `name` is the name of the use, where the language must keep it (the prefix of its layers).
    `arguments` stand in the order of the block's parameters. Parameters without default are always
    given, and stand first.
    """

    block: str
    arguments: Mapping[str, Value]
    name: Value = None


@dataclass(frozen=True, slots=True, eq=False)
class Repeat:
    """Rounds of stages, each of which goes on with what the one before made.

    `repeat count { stages }`, or, where `variable` is given, `for variable in values { stages }`.
    A value is a plain value, or a tuple of them that `Param.item` takes apart. `count` may be a
    `Param`; of a `for` it is the number of values.

    The first iteration takes what the loop is called on. Each of the others takes what the one
    before gives, in order, and where `held` has the numbers of some of the arguments, those once
    more at their places: `for _ in range(3): x = cross(features, x)` holds the argument 0. Only
    Python can say that, of one stage.
    """

    stages: tuple[Stage, ...]
    count: int | Param
    variable: str | None = None
    values: tuple[Value, ...] = ()
    held: tuple[int, ...] = ()


Stage = New | Reference | BlockCall | Repeat


@dataclass(frozen=True, slots=True, eq=False)
class Apply:
    """A stage that is called on arguments of its own: where a flow begins.

    `args` and `kwargs` are the arguments of the call as Keras takes them, with a `Flow` for every
    tensor. Of a block, or a loop over a block, they are the block's tensors in order.
    """

    stage: Stage
    args: tuple[Argument, ...]
    kwargs: Mapping[str, Argument] = field(default_factory=dict)

    def flows(self) -> Iterator[Flow]:
        """Return the flows in the arguments, in order; of a family the one that says its items."""
        return flows_in((self.args, self.kwargs))


def flows_in(argument: Argument) -> Iterator[Flow]:
    """Return the flows in an argument, in order; of a family the one that says its items."""
    for leaf in leaves(argument):
        if isinstance(leaf, Flow):
            yield leaf
        elif isinstance(leaf, FamilyList):
            yield leaf.item


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A tensor, or several: the name of one, or what a call makes, and the stages it goes through.

    The names are those of the body: inputs or heads, and what `Bind` and `OutputResult` declare. In
    the item of a family `inputs[column]` is the input whose name the variable `column` has, and
    elsewhere `inputs["age"]` one that a loop declares;
    `skips[2]` is an item of a list that a loop gives.
    """

    source: str | Apply
    stages: tuple[Stage, ...] = ()

    @property
    def is_name(self) -> bool:
        return isinstance(self.source, str) and not self.stages


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """What a family or a loop of declarations goes through: `for a, b in [(1, 2), (3, 4)]`.

    Attributes:
        count: How many there are: `range(count)` where there are no variables.
        variables: The names that have a value in each round.
        values: For each round the values of the variables; of a variable of tensors the name of a
            tensor, as a `Flow`.
        said: What stands after `for` in both languages, where a table that has a name holds the
            values.
        members: The name of a family whose tensors the first variable walks over, which then has no
            values here.
    """

    count: int | Param
    variables: tuple[str, ...] = ()
    values: tuple[tuple[Value | Flow, ...], ...] = ()
    members: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FamilyList:
    """A list of tensors, one a round: `[item for variables in values]`.

    The item mentions the variables as a `Param` where a value stands, and by name where a tensor
    does. Among the items of a list it stands for all of its tensors.
    """

    rounds: Rounds
    item: Flow


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """The tensors of a family that has a name, in their order, among the items of a list."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Bind:
    """`a = flow`, or `a, b = flow` for the several results of a layer or block.

    A name is None where nothing takes that result (`_`).
    """

    names: tuple[str | None, ...]
    flow: Flow


@dataclass(frozen=True, slots=True, eq=False)
class BindFamily:
    """`names = [flow for …]`: a list of tensors that several calls take."""

    name: str
    family: FamilyList


@dataclass(frozen=True, slots=True, eq=False)
class OutputResult:
    """An output of a model. Its name may be used as a tensor's, as after `Bind`.

    `output` has the loss, weight and metrics; its `tensor` is that of the graph.
    """

    name: str
    flow: Flow
    output: Output


@dataclass(frozen=True, slots=True, eq=False)
class LoopedOutput:
    """An output that each round of a loop declares: `output f"{task}_rate" = flow`.

    Attributes:
        name: What stands before the variable in its name, the variable, and what stands behind it.
        flow: What ends in it.
        output: The loss, weight and metrics, with a `Param` for what a variable has.
    """

    name: tuple[str, str, str]
    flow: Flow
    output: Output


@dataclass(frozen=True, slots=True, eq=False)
class OutputLoop:
    """A loop that declares outputs: `for task, … in [(…), …] { body; output f"{task}" = flow }`.

    Names in `body` are those of a round only; they are unique in the model.

    Attributes:
        rounds: What it goes through.
        body: What each round binds before its outputs.
        results: The outputs of a round.
        outputs: The outputs that it declares, in order.
    """

    rounds: Rounds
    body: tuple[Statement, ...]
    results: tuple[LoopedOutput, ...]
    outputs: tuple[Output, ...]


Statement = Bind | BindFamily | OutputResult | OutputLoop


@dataclass(frozen=True, slots=True, eq=False)
class BlockParameter:
    """A parameter of a block; those without a default stand first."""

    name: str
    default: Value = None
    has_default: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A sub-graph with a name: `block (heads) -> name(parameters) { body; return returns }`.

    Names in `heads`, `parameters` and `body` are unique in the block. A block sees only these, and
    other blocks; it holds no shared instances. A head may be a list of tensors, which the body has
    as `Members`; what is returned may be one, `[*skips, x]`.
    """

    name: str
    heads: tuple[str, ...]
    parameters: tuple[BlockParameter, ...]
    body: tuple[Statement, ...]
    returns: tuple[Argument, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SharedInstance:
    """One instance, or a chain of instances, that several places call.

    `stages` are each a `New` (or, in a chain, an `Reference` of a `SharedInstance` before it).
    """

    name: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """An input of a model: its name, and the layer with `shape`, `dtype` and further arguments."""

    name: str
    layer: Layer


@dataclass(frozen=True, slots=True, eq=False)
class InputLoop:
    """A loop that declares inputs: `for column in columns { input f"{column}": … }`.

    Attributes:
        table: The name of the table: a list of the names, or a dict by name where rows have values.
        variable: The variable that has the name.
        names: The names of the inputs, which are alike but for these.
        rows: For each of them the values that families need.
    """

    table: str
    variable: str
    names: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class ModelOutline:
    """A model. Names of inputs, shared instances and tensors are one namespace.

    Attributes:
        name: What the file calls it: an identifier, unique among the models and blocks.
        graph: The graph it outlines, for its name, docstring and span.
        parameters: Those of the program that values in it are formulas of; the defaults are the
            values that the graph was made with.
        columns: The loops that declare some of the inputs.
    """

    name: str
    graph: Graph
    inputs: tuple[Input, ...]
    shared: tuple[SharedInstance, ...]
    body: tuple[Statement, ...]
    train: Train | None = None
    parameters: tuple[BlockParameter, ...] = ()
    columns: tuple[InputLoop, ...] = ()

    @property
    def entrances(self) -> list[tuple[Input, InputLoop | None]]:
        """The inputs that are declared by themselves, and the first of each loop with the loop."""
        looped = {name: loop for loop in self.columns for name in loop.names}
        found: list[tuple[Input, InputLoop | None]] = []
        for each in self.inputs:
            loop = looped.get(each.layer.name)
            if loop is None or loop.names[0] == each.layer.name:
                found.append((each, loop))
        return found

    @property
    def results(self) -> tuple[OutputResult, ...]:
        """The outputs in declared order; in `body` they stand where they are made.

        Those of a loop have their own names here, and the flow of each round.
        """
        made = {id(s.output): s for s in self.body if isinstance(s, OutputResult)}
        for loop in self.body:
            if isinstance(loop, OutputLoop):
                for number, output in enumerate(loop.outputs):
                    flow = loop.results[number % len(loop.results)].flow
                    made[id(output)] = OutputResult(output.name, flow, output)
        return tuple(made[id(output)] for output in self.graph.outputs)


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A file: blocks and models, each after those it uses. The last model is the one meant."""

    blocks: tuple[Block, ...]
    models: tuple[ModelOutline, ...]

    @property
    def main(self) -> ModelOutline:
        return self.models[-1]

    def block(self, name: str) -> Block:
        return next(block for block in self.blocks if block.name == name)

    def model(self, name: str) -> ModelOutline:
        return next(model for model in self.models if model.name == name)
