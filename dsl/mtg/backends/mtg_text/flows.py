"""Flows as text: pipelines, merges, groups, slices and `ops`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from mtg.backends.mtg_text.layout import Doc, Group, Indent, Line, comma_list, filled_list
from mtg.backends.mtg_text.values import Unsayable, ValuePrinter, row
from mtg.catalog.names import MERGES
from mtg.catalog.operators import CALL, NEGATIVE, PRODUCT
from mtg.graph.layers import Application, InputLayer, KerasLayer, NestedModel, Op, PythonLayer
from mtg.graph.values import leaves
from mtg.outline.ir import (
    Apply,
    Argument,
    Block,
    BlockCall,
    FamilyList,
    Flow,
    Members,
    New,
    Param,
    Reference,
    Repeat,
    Rounds,
    Stage,
)
from mtg.outline.names import counted
from mtg.outline.operators import OperatorCall, operator_call

_MERGE_OF = {cls: merge for merge, cls in MERGES.items()}

#: A table of at most so many rows has a line for each.
_ROWS = 8


class FlowPrinter(ValuePrinter):
    """Prints flows and their stages."""

    def __init__(self) -> None:
        super().__init__()
        #: The blocks of the file, by name.
        self.blocks: dict[str, Block] = {}
        #: What inputs and outputs hide here, merges and `range` among them, which have other words.
        self.hidden: frozenset[str] = frozenset()

    # Stages

    def stage(self, stage: Stage) -> Doc:
        """Return what stands after `->`."""
        if isinstance(stage, Reference):
            return stage.name
        if isinstance(stage, BlockCall):
            return self._use(stage)
        if isinstance(stage, Repeat):
            return self._loop(stage)
        return self.make(stage)

    def _use(self, use: BlockCall) -> Doc:
        """Return a use of a block: what it needs by position, the rest by name."""
        needed = [p.name for p in self.blocks[use.block].parameters if not p.has_default]
        items: list[Doc] = [self.value(use.arguments[name], name) for name in needed]
        items += [
            (key, "=", self.value(value, key))
            for key, value in use.arguments.items()
            if key not in needed
        ]
        if use.name is not None:
            items.append(("name=", self.value(use.name)))
        return comma_list(f"{use.block}(", items, ")")

    def _loop(self, loop: Repeat) -> Doc:
        if loop.variable is None:
            count = self.value(loop.count)
            head: Doc = ("repeat ", count, " ")
        else:
            head = ("for ", loop.variable, " in ", self._values(loop.values), " ")
        return Group((head, "{", Indent((Line(), self.chain(loop.stages))), Line(), "}"))

    def chain(self, stages: Sequence[Stage]) -> Doc:
        """Stages that no tensor flows into yet."""
        rest = tuple((Line(), "-> ", self.stage(stage)) for stage in stages[1:])
        return (self.stage(stages[0]), Indent(rest))

    def family(self, family: FamilyList) -> Doc:
        """Return a comprehension."""
        rounds = self.rounds(family.rounds)
        item = self.flow(family.item)
        return Group(("[", Indent((Line(""), item, Line(), "for ", rounds)), Line(""), "]"))

    def rounds(self, rounds: Rounds) -> Doc:
        """Return what stands after `for`: the variables, and what they walk over."""
        if rounds.said is not None:
            return rounds.said
        if not rounds.variables:
            return ("_ in range(", self.value(rounds.count), ")")
        names = ", ".join(rounds.variables)
        if rounds.members is None:
            return (names, " in ", self._table(rounds.values))
        if len(rounds.variables) == 1:
            return (names, " in ", rounds.members)
        # The table stands beside the tensors: one list, whose items fit the other variables.
        shown = f"({', '.join(rounds.variables[1:])})" if len(rounds.variables) > 2 else None
        names = f"{rounds.variables[0]}, {shown}" if shown else names
        return (names, " in ", f"zip({rounds.members}, ", self._table(rounds.values), ")")

    def _table(self, rows: Sequence[tuple[Any, ...]]) -> Doc:
        """Return a list of values, or of tuples of them."""
        if all(len(row) == 1 for row in rows):
            return self._values([row[0] for row in rows])
        items = [comma_list("(", [self.argument(v) for v in row], ")") for row in rows]
        return comma_list("[", items, "]") if len(rows) <= _ROWS else filled_list("[", items, "]")

    def _values(self, values: Sequence[Any]) -> Doc:
        short = counted(values) if all(isinstance(value, str) for value in values) else None
        if short is not None:
            return short
        numbers = [value for value in values if type(value) is int]
        if len(numbers) == len(values) and "range" not in self.hidden:
            start, count = numbers[0], len(values)
            if count > 2 and numbers == list(range(start, start + count)):
                return f"range({count})" if not start else f"range({start}, {start + count})"
        items: list[Doc] = [
            comma_list("(", [self.value(item) for item in value], ")")
            if isinstance(value, tuple) and len(value) > 1
            else self.argument(list(value) if isinstance(value, tuple) else value)
            for value in values
        ]
        return filled_list("[", items, "]")

    def make(self, make: New) -> Doc:
        also = [("name", make.name)] if make.name is not None else []
        if make.trainable is not None:
            also.append(("trainable", make.trainable))
        match make.layer:
            case KerasLayer(entry=entry):
                return self.call(make.cls, entry, make.arguments, also)
            case Application(entry=entry):
                return self.call(f"applications.{make.cls}", entry, make.arguments, also)
            case NestedModel():
                return self.call(make.model or make.cls, None, {}, also)
            case PythonLayer(module=module):
                name = self.imported(module, make.cls)
                items: list[Doc] = [self.value(value) for value in make.positional]
                items += [
                    (key, "=", self.value(value, key))
                    for key, value in (*make.arguments.items(), *also)
                ]
                return comma_list(f"{name}(", items, ")")
            case InputLayer() | Op():
                raise AssertionError(f"{make.layer} is not a stage")
            case _:
                assert_never(make.layer)

    # Flows

    def flow(self, flow: Flow) -> Doc:
        """Return a flow: on one line, or a stage a line."""
        source, stages = self._opened(flow)
        return source if not stages else Group((source, Indent(tuple(stages))))

    def _opened(self, flow: Flow) -> tuple[Doc, list[Doc]]:
        """Return a flow's source, and its stages with the breaks before them."""
        stages: list[Doc] = []
        source: Doc
        if isinstance(flow.source, str):
            source = flow.source
        elif self._is_source(flow.source):
            source = self._source(flow.source)
        else:
            source = self._group(flow.source)
            stages.append(self._step(flow.source.stage))
        before: Stage | None = None
        for stage in flow.stages:
            stages.append(self._step(stage, before))
            before = stage
        return source, stages

    def _step(self, stage: Stage, before: Stage | None = None) -> Doc:
        doc = (Line(), "-> ", self.stage(stage))
        # A stage that says only what it is may stand on the line of the one before.
        light = isinstance(stage, New) and (not stage.arguments or stage.cls == "Activation")
        return Group(doc) if light and isinstance(before, New) else doc

    def _is_source(self, apply: Apply) -> bool:
        """Return whether a call is written as a source, not as a group that flows into a stage."""
        stage = apply.stage
        if not isinstance(stage, New):
            return False
        return isinstance(stage.layer, Op) or self._merge(apply) is not None

    def _merge(self, apply: Apply) -> str | None:
        """Return the function form of a merge, where the call is one that it can say."""
        stage = apply.stage
        if not isinstance(stage, New) or not isinstance(stage.layer, KerasLayer) or apply.kwargs:
            return None
        merge = _MERGE_OF.get(stage.cls)
        if merge is None or merge in self.hidden or len(apply.args) != 1:
            return None
        if not isinstance(apply.args[0], (list, tuple)):
            return None
        items = apply.args[0]
        families = any(isinstance(item, (FamilyList, Members)) for item in items)
        if not families and len(items) < 2:
            return None
        return merge if all(isinstance(i, (Flow, FamilyList, Members)) for i in items) else None

    def _source(self, apply: Apply) -> Doc:
        make = apply.stage
        assert isinstance(make, New)
        merge = self._merge(apply)
        if merge is not None:
            also: list[tuple[str, Any]] = [("name", make.name)] if make.name is not None else []
            if make.trainable is not None:
                also.append(("trainable", make.trainable))
            items: list[Doc] = [self.argument(each) for each in apply.args[0]]
            items += [
                (key, "=", self.value(value, key))
                for key, value in (*make.arguments.items(), *also)
            ]
            return comma_list(f"{merge}(", items, ")")
        if make.cls == "getitem":
            return self._slice(apply)
        said = operator_call(apply)
        if said is not None:
            return self._operation(said)
        args, kwargs = _by_position(make, apply)
        items = [self.argument(item) for item in args]
        items += [(key, "=", self.argument(item)) for key, item in kwargs.items()]
        return comma_list(f"ops.{make.cls}(", items, ")")

    def _slice(self, apply: Apply) -> Doc:
        tensor, key = apply.args[0], apply.args[1]
        parts = key if isinstance(key, (list, tuple)) else (key,)
        shown = ", ".join(self._index(part) for part in parts)
        if not parts:
            shown = "..."
        return (self._operand(tensor, CALL), f"[{shown}]")

    def _operation(self, said: OperatorCall) -> Doc:
        """Return operands with an operator before the last."""
        *before, last = [self._operand(each, binding) for each, binding in said.operands]
        if not before:
            return (said.symbol, last)
        return Group((before[0], Indent((Line(), said.symbol, " ", last))))

    def _operand(self, value: Argument, binding: int) -> Doc:
        """Return an operand, in brackets where it binds less tightly than it must."""
        if not isinstance(value, Flow):
            doc = self.value(value)
            negative = NEGATIVE if isinstance(value, (int, float)) and value < 0 else CALL
            bound = PRODUCT if isinstance(value, Param) and value.text != value.name else negative
            return doc if bound >= binding else ("(", doc, ")")
        source, stages = self._opened(value)
        said = operator_call(value.source) if isinstance(value.source, Apply) else None
        if not stages and (said is None or said.binding >= binding):
            return source
        return Group(("(", Indent((Line(""), source, *stages)), Line(""), ")"))

    def _index(self, part: object) -> str:
        if part is ...:
            return "..."
        if isinstance(part, slice):
            ends = [part.start, part.stop] + ([part.step] if part.step is not None else [])
            return ":".join("" if end is None else self._index(end) for end in ends)
        if isinstance(part, Param):
            return part.text
        if part is None or (isinstance(part, int) and not isinstance(part, bool)):
            return str(part)
        raise Unsayable("an index of a tensor is a whole number or a slice; use `ops.take`")

    def _group(self, apply: Apply) -> Doc:
        """Return what a stage is called on, where that is not one tensor."""
        args, kwargs = list(apply.args), dict(apply.kwargs)
        stage = apply.stage
        args, kwargs = _by_name(stage, args, kwargs)
        is_model = isinstance(stage, New) and isinstance(stage.layer, (NestedModel, Application))
        if is_model and len(args) == 1 and isinstance(args[0], (list, tuple)):
            args = list(args[0])
        elif len(args) == 1 and not kwargs and isinstance(args[0], (list, tuple, dict)):
            return self.argument(args[0])
        if len(args) == 1 and not kwargs and isinstance(args[0], Flow) and not args[0].stages:
            return self.flow(args[0])
        items: list[Doc] = [self.argument(item) for item in args]
        items += [(key, "=", self.argument(item)) for key, item in kwargs.items()]
        return comma_list("(", items, ")")

    def argument(self, value: object) -> Doc:
        """Return an argument of a call: a flow, or rows of them, or a value."""
        if isinstance(value, Flow):
            return self.flow(value)
        if isinstance(value, FamilyList):
            return self.family(value)
        if isinstance(value, Members):
            return value.name
        if isinstance(value, (list, tuple)):
            if len(value) == 1 and isinstance(value[0], (FamilyList, Members)):
                return self.argument(value[0])
            items = [
                ("*", self.argument(item))
                if isinstance(item, (FamilyList, Members))
                else self.argument(item)
                for item in value
            ]
            if any(isinstance(leaf, (Flow, FamilyList, Members)) for leaf in leaves(value)):
                return comma_list("[", items, "]")
            return row("[", items, "]", value)
        if isinstance(value, dict):
            pairs: list[Doc] = [
                (self.value(key), ": ", self.argument(item)) for key, item in value.items()
            ]
            return comma_list("{", pairs, "}")
        return self.value(value)


def _by_position(make: New, apply: Apply) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a function with those that it must have by position, as is usual."""
    entry = make.layer.entry if isinstance(make.layer, Op) else None
    args, kwargs = list(apply.args), dict(apply.kwargs)
    for parameter in () if entry is None or entry.variadic else entry.parameters[len(args) :]:
        if not parameter.required or parameter.name not in kwargs:
            break
        args.append(kwargs.pop(parameter.name))
    return args, kwargs


def _by_name(
    stage: Stage, args: list[Any], kwargs: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a call so that mtg hands them to the layer as they are.

    Of a layer that gathers what it is given by position mtg makes one list of several tensors, so
    that what follows the first needs its name.
    """
    layer = stage.layer if isinstance(stage, New) else None
    entry = layer.entry if isinstance(layer, KerasLayer) else None
    if entry is None or not entry.gathers or len(args) < 2:
        return args, dict(kwargs)
    names = [parameter.name for parameter in entry.call]
    return args[:1], {**dict(zip(names[1:], args[1:], strict=False)), **kwargs}
