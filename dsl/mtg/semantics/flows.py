"""Flows: from sources through stages to tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtg.catalog import Entry, catalog
from mtg.graph.graph import Layer
from mtg.graph.values import TensorRef
from mtg.limits import MAX_CALLS
from mtg.semantics import evaluate as compute
from mtg.semantics.arguments import match_entry
from mtg.semantics.modules import Declared
from mtg.semantics.naming import BlockUse
from mtg.semantics.things import (
    POISON,
    Frame,
    Grouped,
    Poison,
    Results,
    Reusable,
    Several,
    Tensor,
    Thing,
    is_poisoned,
    is_tensor,
    sort_of,
)
from mtg.semantics.values import SETTINGS, Values, attribute_path
from mtg.semantics.vocabulary import MERGES
from mtg.syntax import ast
from mtg.text.source import Span
from mtg.text.suggest import did_you_mean

#: Arguments that Keras's function form of a merge gives where the class demands them.
#: Source: `keras.layers.dot(inputs, axes=-1)`.
_MERGE_DEFAULTS: dict[str, dict[str, Any]] = {"dot": {"axes": -1}}


class Flows(Values):
    """Evaluates flows: every layer call of the graph is made here."""

    #: Layers that are being made again by another use of a shared chain, innermost last.
    recorders: list[Recorder]

    def use_block(self, node: ast.Call, found: Declared, thing: Thing, frame: Frame) -> Thing:
        """Expand a block on a tensor."""
        raise NotImplementedError

    # Sources

    def flow(self, node: ast.Flow, frame: Frame) -> Thing:
        """The tensor at the end of a flow."""
        thing = self.source(node.source, frame)
        return self.run(node.stages, thing, frame)

    def run(self, stages: Sequence[ast.Stage], thing: Thing, frame: Frame) -> Thing:
        """Lead a tensor through stages."""
        for stage in stages:
            thing = self.stage(stage, thing, frame)
        return thing

    def source(self, node: ast.Expression, frame: Frame) -> Thing:
        """What a flow begins with: a tensor or a group, or `POISON`."""
        if isinstance(node, ast.Call) and self._makes_layer(node, frame):
            return POISON
        thing = self.evaluate(node, frame)
        if isinstance(thing, (list, tuple)) and thing and not is_poisoned(thing):
            # `[a, b] -> Concatenate()`: a list of tensors, as Keras takes it.
            return Grouped((list(thing),), {})
        if is_poisoned(thing):
            return POISON
        if not is_tensor(thing):
            help = ""
            if isinstance(thing, Reusable):
                help = f"put a tensor before it: `x -> {thing.name.name}`"
            self.reporter(frame)(
                "MTG207",
                f"a tensor is needed here, not {sort_of(thing)}",
                node.span,
                label=f"this is {sort_of(thing)}",
                help=help,
            )
            return POISON
        return thing

    def _makes_layer(self, node: ast.Call, frame: Frame) -> bool:
        """Whether a source is a layer made from nothing, which is reported."""
        callee = node.callee
        if isinstance(callee, ast.Attribute):
            name = ".".join(attribute_path(callee))
            if not name.startswith("applications."):
                return False
        elif isinstance(callee, ast.Name) and frame.find(callee.name) is None:
            name = callee.name
            if name in MERGES or catalog().find("layer", name) is None:
                return False
        else:
            return False
        merge = next((merge for merge, cls in MERGES.items() if cls == name), None)
        help = f"put a tensor before it: `x -> {name}(…)`"
        if merge is not None and any(
            is_tensor(self.evaluate(argument.value, frame)) for argument in node.arguments[:1]
        ):
            help = f"write `{merge}(…)`, or `(a, b) -> {name}(…)`"
        self.reporter(frame)(
            "MTG207",
            f"the layer `{name}` is applied to nothing",
            node.span,
            label="no tensor comes in",
            help=help,
        )
        return True

    def tensor(self, thing: Thing, span: Span, frame: Frame) -> TensorRef | None:
        """The one tensor that a thing is, or None; what it is instead is reported."""
        if isinstance(thing, Tensor):
            return thing.ref
        if isinstance(thing, Results):
            return TensorRef(thing.call.id)
        if is_poisoned(thing):
            return None
        if isinstance(thing, Several):
            names = ", ".join(f"r{i + 1}" for i in range(len(thing.tensors)))
            self.reporter(frame)(
                "MTG208",
                f"`{thing.made_by}` has {len(thing.tensors)} results, and one is needed here",
                span,
                help=f"give each a name: `{names} = …`; `_` for one that is not wanted",
            )
        elif isinstance(thing, Grouped):
            self.reporter(frame)(
                "MTG207",
                "a group of tensors stands where one is needed",
                span,
                help="put a layer after it, such as `(a, b) -> Attention()`, or merge them: "
                "`concat(a, b)`",
            )
        else:
            help = ""
            if isinstance(thing, Reusable):
                help = f"put a tensor before it: `x -> {thing.name.name}`"
            self.reporter(frame)(
                "MTG207",
                f"a tensor is needed here, not {sort_of(thing)}",
                span,
                label=f"this is {sort_of(thing)}",
                help=help,
            )
        return None

    # Merges, ops and slices

    def tensor_call(self, node: ast.Call, frame: Frame) -> Thing:
        """A merge or an `ops` call."""
        if isinstance(node.callee, ast.Name):
            return self._merge(node, node.callee.name, frame)
        return self._op(node, attribute_path(node.callee)[1:], frame)

    def _merge(self, node: ast.Call, merge: str, frame: Frame) -> Thing:
        entry = catalog().find("layer", MERGES[merge])
        assert entry is not None
        tensors: list[TensorRef] = []
        correct = True
        given = 0
        for argument in node.arguments:
            if argument.name is not None:
                continue
            thing = self.evaluate(argument.value, frame)
            items = thing if isinstance(thing, list) else [thing]
            given += len(items)
            for item in items:
                ref = self.tensor(item, argument.span, frame)
                correct = correct and ref is not None
                if ref is not None:
                    tensors.append(ref)
        what = f"`{merge}`"
        matched = match_entry(
            what,
            [p for p in entry.parameters if p.name not in _MERGE_DEFAULTS.get(merge, {})],
            [argument for argument in node.arguments if argument.name is not None],
            node.brackets,
            self.reporter(frame),
            positional=0,
            also=(*SETTINGS, *_MERGE_DEFAULTS.get(merge, {})),
        )
        if matched is None:
            return POISON
        settings = self.settings(matched, frame)
        arguments = self.arguments(what, entry, matched, frame)
        if arguments is None or settings is None or not correct:
            return POISON
        if given < 2:
            self.reporter(frame)(
                "MTG307",
                f"{what} joins two tensors or more, and {given or 'none'} is given",
                node.brackets,
                help=f"write `{merge}(a, b)`",
            )
            return POISON
        arguments = {**_MERGE_DEFAULTS.get(merge, {}), **arguments}
        layer = self.make(
            lambda: self.new_layer("layer", entry.name, arguments, node.span, frame, settings),
            frame,
        )
        return self.add_call(layer, (tensors,), {}, node.span, frame)

    def _op(self, node: ast.Call, path: list[str], frame: Frame) -> Thing:
        name = ".".join(path)
        entry = catalog().find("op", name)
        if entry is None:
            assert isinstance(node.callee, ast.Attribute)
            self.reporter(frame)(
                "MTG108",
                f"`keras.ops` has no `{name}`",
                node.callee.name.span,
                help=did_you_mean(name, catalog().names("op")),
            )
            return POISON
        what = f"`ops.{name}`"
        matched = match_entry(
            what,
            entry.parameters,
            node.arguments,
            node.brackets,
            self.reporter(frame),
            positional=entry.positional or None,
            variadic=entry.variadic,
        )
        if matched is None:
            return POISON
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for argument in node.arguments:
            value = self._op_argument(argument, frame)
            if is_poisoned(value):
                return POISON
            if argument.name is None:
                args.append(value)
            else:
                kwargs[argument.name.name] = value
        layer = self.make(lambda: self.new_layer("op", name, {}, node.span, frame), frame)
        return self.add_call(layer, tuple(args), kwargs, node.span, frame)

    def _op_argument(self, argument: ast.Argument, frame: Frame) -> Any:
        value = self.evaluate(argument.value, frame)
        if isinstance(value, (Layer, Reusable)):
            self.reporter(frame)(
                "MTG404",
                f"`ops` takes tensors and values, not {sort_of(value)}",
                argument.value.span,
            )
            return POISON
        return self._refs(value, argument.value.span, frame)

    def _refs(self, value: Any, span: Span, frame: Frame) -> Any:
        """A value with tensors replaced by what the graph calls them."""
        if is_tensor(value):
            ref = self.tensor(value, span, frame)
            return POISON if ref is None else ref
        if isinstance(value, list):
            return [self._refs(item, span, frame) for item in value]
        if isinstance(value, tuple):
            return tuple(self._refs(item, span, frame) for item in value)
        if isinstance(value, dict):
            return {key: self._refs(item, span, frame) for key, item in value.items()}
        if isinstance(value, range):
            return list(value)
        return value

    def tensor_slice(self, value: Thing, node: ast.Subscript, frame: Frame) -> Thing:
        """A slice of a tensor, `tokens[:, 0]`: an op of Keras."""
        ref = self.tensor(value, node.value.span, frame)
        key: list[Any] = []
        for item in node.items:
            part = self.value(item, frame)
            if part is POISON:
                return POISON
            bounds = [part.start, part.stop, part.step] if isinstance(part, slice) else [part]
            for bound in bounds:
                if isinstance(bound, bool) or not (
                    bound is None or bound is ... or isinstance(bound, int)
                ):
                    self.reporter(frame)(
                        "MTG404",
                        f"an index of a tensor is a whole number, not {compute.describe(bound)}",
                        item.span,
                    )
                    return POISON
            key.append(part)
        if ref is None:
            return POISON
        layer = self.make(lambda: self.new_layer("op", "getitem", {}, node.span, frame), frame)
        return self.add_call(layer, (ref, tuple(key)), {}, node.span, frame)

    # Stages

    def stage(self, stage: ast.Stage, thing: Thing, frame: Frame) -> Thing:
        """Lead a tensor through one stage."""
        if isinstance(stage, ast.Repeat):
            return self._repeat(stage, thing, frame)
        if isinstance(stage, ast.For):
            return self._for(stage, thing, frame)
        if isinstance(stage, ast.If):
            test = self.value(stage.test, frame)
            if test is POISON:
                return POISON
            return self.run(stage.then if test else stage.otherwise, thing, frame)
        if isinstance(stage, ast.Conditional):
            test = self.value(stage.test, frame)
            if test is POISON:
                return POISON
            return self.stage(stage.then if test else stage.otherwise, thing, frame)
        if isinstance(stage, ast.Flow):
            return self.run(stage.stages, self.stage(stage.source, thing, frame), frame)
        if isinstance(stage, ast.Name):
            return self._reuse(stage, thing, frame)
        if isinstance(stage, ast.Call):
            return self._make(stage, thing, frame)
        help = ""
        if isinstance(stage, ast.Subscript):
            help = "name the tensor first, then slice it: `y = …`, then `y[…]`"
        self.reporter(frame)("MTG210", "after `->` stands a layer", stage.span, help=help)
        return POISON

    def _repeat(self, stage: ast.Repeat, thing: Thing, frame: Frame) -> Thing:
        count = self.value(stage.count, frame)
        if count is POISON:
            return POISON
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            self.reporter(frame)(
                "MTG404",
                f"`repeat` takes a whole number, zero or more, not {compute.describe(count)}",
                stage.count.span,
            )
            return POISON
        return self._rounds(stage, [{}] * min(count, MAX_CALLS + 1), count, thing, frame)

    def _for(self, stage: ast.For, thing: Thing, frame: Frame) -> Thing:
        values = self.value(stage.values, frame)
        if values is POISON:
            return POISON
        if not isinstance(values, (list, tuple, range, str, dict)):
            self.reporter(frame)(
                "MTG404",
                f"`for` goes through a list or a range, not {compute.describe(values)}",
                stage.values.span,
            )
            return POISON
        scopes = (
            [{stage.name.name: value} for value in values[: MAX_CALLS + 1]]
            if not isinstance(values, dict)
            else [{stage.name.name: key} for key in values]
        )
        return self._rounds(stage, scopes, len(values), thing, frame)

    def _rounds(
        self,
        stage: ast.Repeat | ast.For,
        scopes: Sequence[dict[str, Any]],
        count: int,
        thing: Thing,
        frame: Frame,
    ) -> Thing:
        if count > MAX_CALLS - self.budget.spent:
            self.budget.spend(stage.span, count)
        before = self.budget.spent
        for index, names in enumerate(scopes):
            self.budget.spend(stage.span)
            thing = self.run(stage.stages, thing, frame.within(names) if names else frame)
            if index == 0 and (self.budget.spent - before) * count > 4 * MAX_CALLS:
                # The first round tells how the rest will end: say so before the time is spent.
                self.budget.spend(stage.span, MAX_CALLS)
        return thing

    def _reuse(self, stage: ast.Name, thing: Thing, frame: Frame) -> Thing:
        found = frame.find(stage.name)
        if isinstance(found, Reusable):
            return self._apply_reusable(found, thing, stage.span, frame)
        if is_tensor(found):
            self.reporter(frame)(
                "MTG104",
                f"`{stage.name}` is a tensor, and after `->` stands a layer",
                stage.span,
                label="a tensor",
                help="merge tensors with `concat(a, b)` or `add(a, b)`; "
                "declare an instance to reuse with `shared`",
            )
            return POISON
        found = self.name(stage, frame)
        if found is not POISON:
            self.reporter(frame)(
                "MTG104",
                f"`{stage.name}` is {sort_of(found)}, and after `->` stands a layer",
                stage.span,
                label=f"this is {sort_of(found)}",
                help=f"write `{stage.name}(…)` to make one"
                if not isinstance(found, (int, float, str, list, tuple, dict))
                else "",
            )
        return POISON

    def _apply_reusable(self, found: Reusable, thing: Thing, span: Span, frame: Frame) -> Thing:
        found.uses += 1
        if found.layer is not None:
            return self.apply(found.layer, thing, span, frame)
        recorder = Recorder(found.layers)
        self.recorders.append(recorder)
        try:
            inner = found.frame.within({}, found.naming)
            inner.uses = frame.uses
            before = len(found.naming.parts)
            result = self.run(found.stages, thing, inner)
            if found.layers is None:
                found.layers = recorder.layers
                self.end_statement(found.naming, result)
            else:
                del found.naming.parts[before:]
            return result
        finally:
            self.recorders.pop()

    def _make(self, stage: ast.Call, thing: Thing, frame: Frame) -> Thing:
        callee = stage.callee
        if isinstance(callee, ast.Name):
            found = frame.find(callee.name)
            if isinstance(found, Declared):
                return self._make_declared(stage, found, thing, frame)
            if found is not None:
                self.call(stage, frame)  # reports that it takes no parentheses
                return POISON
            if callee.name in MERGES or callee.name in compute.FUNCTIONS:
                self.reporter(frame)(
                    "MTG210",
                    f"`{callee.name}` is a function, and after `->` stands a layer",
                    stage.span,
                    help=f"write `{callee.name}(a, b)` where a flow begins"
                    if callee.name in MERGES
                    else "",
                )
                return POISON
            entry = catalog().find("layer", callee.name)
            if entry is None:
                return POISON  # reported when the names were resolved
            layer = self.make(lambda: self.layer(stage, entry, frame), frame)
        else:
            path = attribute_path(callee)
            if path[:1] == ["ops"]:
                name = ".".join(path)
                self.reporter(frame)(
                    "MTG210",
                    f"`{name}` is a function, and after `->` stands a layer",
                    stage.span,
                    help=f"write `{name}(x)` where a flow begins",
                )
                return POISON
            if path[:1] != ["applications"] or len(path) != 2:
                self.call(stage, frame)
                return POISON
            layer = self.make(lambda: self.application(stage, path[1], frame), frame)
        return POISON if isinstance(layer, Poison) else self.apply(layer, thing, stage.span, frame)

    def _make_declared(self, stage: ast.Call, found: Declared, thing: Thing, frame: Frame) -> Thing:
        if isinstance(found.node, ast.Block):
            return self.use_block(stage, found, thing, frame)
        if isinstance(found.node, ast.Model):
            layer = self.make(lambda: self.nested_model(stage, found, frame), frame)
        elif isinstance(found.node, ast.PythonImport):
            layer = self.make(lambda: self.python_layer(stage, found, frame), frame)
        else:
            self.reporter(frame)(
                "MTG104", f"`{found.name}` is a value and cannot be called", stage.span
            )
            return POISON
        return POISON if isinstance(layer, Poison) else self.apply(layer, thing, stage.span, frame)

    # Making and calling

    def make(self, create: Any, frame: Frame) -> Any:
        """A new instance for the statement at hand, or the one a shared chain made before."""
        layer = self._created(create, len(self.recorders) - 1)
        if isinstance(layer, Layer):
            frame.naming.parts.append(layer)
        return layer

    def _created(self, create: Any, level: int) -> Any:
        if level < 0:
            return create()
        recorder = self.recorders[level]
        if recorder.known is not None:
            return recorder.next()
        layer = self._created(create, level - 1)
        if isinstance(layer, Layer):
            recorder.layers.append(layer)
        return layer

    def apply(self, layer: Layer, thing: Thing, span: Span, frame: Frame) -> Thing:
        """Call a layer on what flows into it."""
        if is_poisoned(thing):
            return POISON
        entry = catalog().find("layer", layer.cls) if layer.kind == "layer" else None
        if not isinstance(thing, Grouped):
            ref = self.tensor(thing, span, frame)
            return POISON if ref is None else self.add_call(layer, (ref,), {}, span, frame)
        if layer.graph is not None:
            return self._apply_model(layer, layer.graph, thing, span, frame)
        args = self._refs(thing.args, span, frame)
        kwargs = self._refs(thing.kwargs, span, frame)
        if is_poisoned(args) or is_poisoned(kwargs):
            return POISON
        if entry is not None and not self._takes(entry, args, kwargs, span, frame):
            return POISON
        if entry is not None and len(args) > 1 and entry.call and entry.call[0].name == "inputs":
            # Keras's `call(self, inputs)` takes several tensors as one list.
            args = (list(args),)
        return self.add_call(layer, args, kwargs, span, frame)

    def _takes(
        self, entry: Entry, args: tuple[Any, ...], kwargs: dict[str, Any], span: Span, frame: Frame
    ) -> bool:
        names = [parameter.name for parameter in entry.call]
        if entry.variadic or any(name in ("args", "kwargs") for name in names):
            return True
        for name in kwargs:
            if name not in names:
                self.reporter(frame)(
                    "MTG401",
                    f"a call of `{entry.name}` takes no `{name}`",
                    span,
                    help=did_you_mean(name, names),
                    notes=(f"it takes {', '.join(names)}",),
                )
                return False
            if name in names[: len(args)] and names[0] != "inputs":
                self.reporter(frame)("MTG403", f"`{entry.name}` is given `{name}` twice", span)
                return False
        missing = [p.name for p in entry.call if p.required and p.name not in kwargs][len(args) :]
        if missing and not (args and names[:1] == ["inputs"]):
            self.reporter(frame)(
                "MTG402",
                f"a call of `{entry.name}` needs `{missing[0]}`",
                span,
                notes=(f"it takes {', '.join(names)}",),
            )
            return False
        return True

    def _apply_model(
        self, layer: Layer, graph: Any, thing: Grouped, span: Span, frame: Frame
    ) -> Thing:
        """A nested model takes its inputs by position in declared order, or by name."""
        names = [call.layer.name for call in graph.inputs]
        given = dict(zip(names, thing.args, strict=False))
        if len(thing.args) == 1 and isinstance(thing.args[0], list):
            given = dict(zip(names, thing.args[0], strict=False))
        for name, value in thing.kwargs.items():
            if name not in names or name in given:
                known = f"its inputs are {', '.join(names)}"
                self.reporter(frame)(
                    "MTG403" if name in given else "MTG401",
                    f"`{layer.cls}` is given `{name}` twice"
                    if name in given
                    else f"`{layer.cls}` has no input `{name}`",
                    span,
                    help=did_you_mean(name, names),
                    notes=(known,),
                )
                return POISON
            given[name] = value
        count = len(given) + max(0, len(thing.args) - len(names))
        if count != len(names):
            self.reporter(frame)(
                "MTG307",
                f"`{layer.cls}` takes {len(names)} tensor{'s' * (len(names) != 1)}, "
                f"and {count} {'is' if count == 1 else 'are'} given",
                span,
                notes=(f"its inputs are {', '.join(names)}",),
            )
            return POISON
        refs = [self.tensor(given[name], span, frame) for name in names]
        if any(ref is None for ref in refs):
            return POISON
        args = (refs,) if len(refs) > 1 else (refs[0],)
        return self.add_call(layer, args, {}, span, frame)

    def add_call(
        self, layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any], span: Span, frame: Frame
    ) -> Results:
        """Add a call to the graph."""
        self.budget.spend(span)
        return Results(self.graph.add_call(layer, args, kwargs, span, frame.uses))

    def end_statement(self, naming: Any, thing: Thing) -> None:
        """Note which part of a statement ends its flow, if that part is new."""
        if not naming.parts or not isinstance(thing, (Results, Tensor)):
            return
        last = naming.parts[-1]
        call = thing.call if isinstance(thing, Results) else self.graph.calls[thing.ref.call]
        if last is call.layer or (isinstance(last, BlockUse) and self._ends_in(last) is call.layer):
            naming.last = last

    def _ends_in(self, use: BlockUse) -> Layer | None:
        """The new layer that ends a block's `return`, if it is one."""
        last = use.statements[-1].last if use.statements else None
        return self._ends_in(last) if isinstance(last, BlockUse) else last


class Recorder:
    """The layers that one use of a shared chain makes, or makes again."""

    def __init__(self, known: list[Layer] | None) -> None:
        self.known = known
        self.layers: list[Layer] = []
        self._position = 0

    def next(self) -> Layer | Poison:
        """The next layer that the first use made."""
        assert self.known is not None
        if self._position >= len(self.known):
            return POISON  # the first use ended early, in an error that is reported
        self._position += 1
        return self.known[self._position - 1]
