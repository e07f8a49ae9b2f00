"""From a graph to Keras source that a person would have written.

Models and blocks are functions, loops are loops, what is shared is a variable. The source needs
Keras only, and builds the model that `mtg.backends.keras` builds, but for the names of layers:
inputs, outputs and nested models have theirs, and Keras names the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mtg.backends.python import chains
from mtg.backends.python.functions import Function
from mtg.backends.python.layout import (
    Atom,
    Bracketed,
    Called,
    Expression,
    Item,
    Keyword,
    docstring,
    literal,
    statement,
)
from mtg.backends.python.names import FREE_NAMES, FUNCTION, names_may_meet
from mtg.backends.python.values import PythonValues
from mtg.backends.python.variables import last_stage
from mtg.config.training import compile_arguments
from mtg.graph.graph import Graph, Output, OutputForm
from mtg.graph.layers import Op
from mtg.graph.walk import graphs_in
from mtg.outline.ir import (
    BindFamily,
    Block,
    BlockCall,
    Flow,
    ModelOutline,
    Outline,
    OutputLoop,
    OutputResult,
    Repeat,
    Statement,
)
from mtg.outline.model_names import mentions_in, model_name
from mtg.outline.names import RESERVED, Names, class_words, identifier, is_nameless
from mtg.outline.outline import outline


def python_source(graph: Graph, form: OutputForm = "list") -> str:
    """Return Keras source that builds and compiles the model of a whole graph as `model`."""
    return _Module(outline(graph, python=True), form).text()


class _Module:
    """One file."""

    def __init__(self, found: Outline, form: OutputForm) -> None:
        self.outline = found
        self.form = form
        self.blocks = frozenset(block.name for block in found.blocks)
        names = self.blocks | {"model", "FIT"}
        scopes: list[Block | ModelOutline] = [*found.blocks, *found.models]
        for scope in scopes:
            names |= _names_in(scope)
        self.names = Names(names)
        self.functions = {model.name: self.function(model) for model in found.models}
        #: The function that renames what Keras named, and the models that need it.
        self.crowded = {m.name for m in found.models if names_may_meet(m, found)}
        self.free_names = self.names.take(FREE_NAMES) if self.crowded else FREE_NAMES
        #: Whether a shared chain needs the function that makes one callable of it.
        self.has_chains = any(len(s.stages) > 1 for m in found.models for s in m.shared)
        self.chain = self.names.take(chains.CHAIN) if self.has_chains else chains.CHAIN
        self.around = frozenset(
            {*self.blocks, *self.functions.values(), self.free_names, self.chain}
            | mentions_in(found.main.graph).called
        )
        graphs = graphs_in(found.main.graph)
        self.has_constants = any(
            isinstance(call.layer, Op) and not call.tensors() for g in graphs for call in g.calls
        )
        self.values = PythonValues(self.names)
        self.values.nested = lambda make: Atom(self.functions[make.model or ""])
        #: The blocks whose last layer is given a name somewhere.
        self.named: set[str] = set()
        for model in found.models:
            for each in model.body:
                if isinstance(each, OutputResult):
                    self.note_named(each.flow)
                elif isinstance(each, OutputLoop):
                    for result in each.results:
                        self.note_named(result.flow)

    def function(self, model: ModelOutline) -> str:
        """Return what the function is called that makes a model: `encoder`, or `build_encoder`.

        The second is for what a variable has the name of, as `model` has that of the result.
        """
        own = model.graph.name
        # The name that the file gives it is changed where Keras would spell it otherwise.
        is_own = (
            not is_nameless(own) and model_name(own, main=model is self.outline.main) == model.name
        )
        name = identifier(class_words(own if is_own else model.name))
        taken = name in self.names.taken or name in RESERVED
        return self.names.take(f"build_{name}" if taken else name)

    def note_named(self, flow: Flow) -> None:
        stage = last_stage(flow)
        while isinstance(stage, Repeat):
            stage = stage.stages[-1]
        if isinstance(stage, BlockCall) and stage.block not in self.named:
            block = self.outline.block(stage.block)
            first = block.returns[0]
            one = len(block.returns) == 1 and isinstance(first, Flow)
            if one and last_stage(first) is not None:
                self.named.add(stage.block)
                self.note_named(first)

    def text(self) -> str:
        parts: list[list[str]] = []
        if self.crowded:
            parts.append([f"def {self.free_names}(inputs, outputs):", *FUNCTION])
        if self.has_chains:
            parts.append([f"def {self.chain}(first, *rest):", *chains.FUNCTION])
        for block in self.outline.blocks:
            parts.append(list(Function(self, _names_in(block)).block(block)))
        for model in self.outline.models:
            body = Function(self, _names_in(model))
            parts.append(list(body.model(model, main=model is self.outline.main)))
        main = self.outline.main
        parts.append(list(self.script(main)))
        lines: list[str] = []
        if main.graph.doc:
            lines += [*docstring(main.graph.doc, 0), ""]
        lines += self.values.imports()
        for part in parts:
            lines += ["", "", *part]
        return "\n".join(lines) + "\n"

    def script(self, model: ModelOutline) -> Iterator[str]:
        """Yield the lines that build the model and compile it."""
        yield f"model = {self.functions[model.name]}()"
        settings = self.compiled(model)
        if settings is not None:
            yield from statement("", Called(Atom("model.compile"), tuple(settings)))
        if model.train is not None and model.train.fit:
            items = tuple(
                Keyword(f"{literal(name)}: ", self.values.value(value, {}))
                for name, value in model.train.fit.items()
            )
            yield ""
            yield "# model.fit(x, y, **FIT)"
            yield from statement("FIT = ", Bracketed("{}", items))

    def compiled(self, model: ModelOutline) -> list[Item] | None:
        """Return the arguments of `compile`; None where the program says nothing of it."""
        outputs = model.graph.outputs
        trained = any(o.loss is not None or o.metrics for o in outputs)
        if model.train is None and not trained:
            return None
        settings = {} if model.train is None else model.train.compile
        values = compile_arguments(settings, outputs)
        if len(outputs) == 1 and self.form == "list":
            for name in ("loss", "loss_weights", "metrics"):
                if name in values:
                    (value,) = values[name].values()
                    values[name] = [value] if name == "loss_weights" else value
        return [Keyword(f"{name}=", self.setting(value, outputs)) for name, value in values.items()]

    def setting(self, value: Any, outputs: Sequence[Output]) -> Expression:
        """Return an argument of `compile`; what is the same for many outputs is said once."""
        shown = self.values.value(value, {})
        names = [output.name for output in outputs]
        if isinstance(shown, Bracketed) and isinstance(value, dict) and list(value) == names:
            items = {item.value.flat for item in shown.items if isinstance(item, Keyword)}
            if len(items) == 1 and len(value) >= _MANY:
                (each,) = items
                if isinstance(value[names[0]], (str, int, float)):
                    return Atom(f"dict.fromkeys(model.output_names, {each})")
                return Atom(f"{{name: {each} for name in model.output_names}}")  # no list twice
        return shown


#: As many outputs that are trained alike are not told one by one.
_MANY = 5


def _declared(each: Statement) -> list[str]:
    if isinstance(each, (OutputResult, BindFamily)):
        return [each.name]
    if isinstance(each, OutputLoop):
        inner = [name for inside in each.body for name in _declared(inside)]
        return [*each.rounds.variables, *inner]
    return [name for name in each.names if name is not None]


def _names_in(scope: Block | ModelOutline) -> set[str]:
    names = {name for each in scope.body for name in _declared(each)}
    if isinstance(scope, Block):
        return names | set(scope.heads) | {parameter.name for parameter in scope.parameters}
    return (
        names
        | {entrance.name for entrance in scope.inputs}
        | {loop.table for loop in scope.columns}
        | ({"inputs"} if scope.columns else set())
        | {shared.name for shared in scope.shared}
        | {parameter.name for parameter in scope.parameters}
    )
