"""An outline as `.mtg` text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mtg.backends.mtg_text.flows import FlowPrinter
from mtg.backends.mtg_text.layout import (
    WIDTH,
    Doc,
    Group,
    Indent,
    Line,
    comma_list,
    filled_list,
    fits,
    render,
)
from mtg.backends.mtg_text.values import string
from mtg.graph.graph import Output, Train
from mtg.graph.layers import Op
from mtg.graph.values import items
from mtg.lengths.dims import UNKNOWN
from mtg.outline.ir import (
    Apply,
    Bind,
    BindFamily,
    Block,
    Flow,
    Input,
    InputLoop,
    ModelOutline,
    New,
    Outline,
    OutputLoop,
    OutputResult,
    Param,
    SharedInstance,
    Statement,
)
from mtg.text.visible import in_docstring


def print_outline(outline: Outline) -> str:
    """Return the text of a file.

    Raises:
        Unsayable: A value of it has no words in the language.
    """
    return _Printer().file(outline)


class _Printer(FlowPrinter):
    def __init__(self) -> None:
        super().__init__()
        #: Where the statements begin that are written.
        self.column = 2

    def file(self, outline: Outline) -> str:
        self.blocks = {block.name: block for block in outline.blocks}
        parts = [self.block(block) for block in outline.blocks]
        parts += [self.model(model) for model in outline.models]
        imports = [
            f"from python {string(module)} import {', '.join(names)}"
            for module, names in self.imports.items()
        ]
        if imports:
            parts.insert(0, "\n".join(imports))
        return "\n\n".join(parts) + "\n"

    # ---- declarations ----------------------------------------------------------------------------

    def block(self, block: Block) -> str:
        heads = block.heads[0] if len(block.heads) == 1 else f"({', '.join(block.heads)})"
        parameters: list[Doc] = [
            (p.name, "=", self.value(p.default, p.name)) if p.has_default else p.name
            for p in block.parameters
        ]
        shown = comma_list("(", parameters, ")") if parameters else "()"
        head = render((f"block {heads} -> {block.name}", shown, " {"))
        lines = [self.statement(statement) for statement in block.body]
        returned: list[Doc] = [self.argument(each) for each in block.returns]
        row: list[Doc] = [returned[0]]
        for flow in returned[1:]:
            row += [",", Line(), flow]
        shown = row[0] if len(row) == 1 else Group(Indent(tuple(row)))
        lines.append(render(("return ", shown), 2))
        return "\n".join([head, *(f"  {line}" for line in lines), "}"])

    def model(self, model: ModelOutline) -> str:
        self.hidden = frozenset(
            [*(entrance.name for entrance in model.inputs), *(r.name for r in model.results)]
        )
        body: list[list[str]] = []
        if model.graph.doc:
            body.append([f'"""{in_docstring(model.graph.doc)}"""'])
        body.append([self.table(loop) for loop in model.columns])
        body.append([self.entrance(*each) for each in model.entrances])
        body.append([self.shared(shared) for shared in model.shared])
        body.append([self.statement(statement) for statement in _in_order(model)])
        if model.train is not None:
            called = {result.output.name: result.name for result in model.results}
            body.append([self.train(model.train, called)])
        sections = ["\n".join(_spaced(lines)) for lines in body if lines]
        inner = "\n\n".join(sections)
        return "\n".join([f"model {model.name} {{", _indented(inner), "}"])

    def table(self, loop: InputLoop) -> str:
        """Return the table of the inputs of a loop: a list of names, or a dict by name."""
        if not loop.rows[0]:
            return render((f"let {loop.table} = ", self._values(loop.names)), 2)
        items: list[Doc] = [
            (string(name), ": ", self.value(row[0] if len(row) == 1 else row))
            for name, row in zip(loop.names, loop.rows, strict=True)
        ]
        return render((f"let {loop.table} = ", filled_list("{", items, "}")), 2)

    def entrance(self, entrance: Input, loop: InputLoop | None) -> str:
        arguments = dict(entrance.layer.arguments)
        shape, dtype = arguments.pop("shape"), arguments.pop("dtype", "float32")
        settings: list[Doc] = [
            (key, "=", self.value(value)) for key, value in arguments.items() if value is not None
        ]
        dims = ", ".join("?" if n is None or n is UNKNOWN else str(n) for n in items(shape))
        shown = comma_list("(", settings, ")") if settings else ""
        if loop is None:
            return render((f"input {entrance.name}", shown, f": {dtype}[{dims}]"), 2)
        head = f'for {loop.variable} in {loop.table} {{ input f"{{{loop.variable}}}"'
        return render((head, shown, f": {dtype}[{dims}] }}"), 2)

    def shared(self, shared: SharedInstance) -> str:
        return render((f"shared {shared.name} = ", Group(self.chain(shared.stages))), 2)

    def statement(self, statement: Statement) -> str:
        if isinstance(statement, Bind):
            names = ", ".join("_" if name is None else name for name in statement.names)
            flow = _unnamed(statement.flow, names)
            return render((f"{names} = ", self.flow(flow)), self.column)
        if isinstance(statement, BindFamily):
            return render((f"{statement.name} = ", self.family(statement.family)), self.column)
        if isinstance(statement, OutputLoop):
            return self.output_loop(statement)
        assert isinstance(statement, OutputResult)
        return self.result(statement.name, statement.flow, statement.output)

    def output_loop(self, loop: OutputLoop) -> str:
        """Return a loop of declarations, one a line, indented once more."""
        head = render(("for ", self.rounds(loop.rounds), " {"), self.column)
        self.column += 2
        lines = [self.statement(each) for each in loop.body]
        for each in loop.results:
            before, variable, behind = each.name
            name = f'f"{before}{{{variable}}}{behind}"'
            lines.append(self.result(name, each.flow, each.output))
        space = " " * self.column
        self.column -= 2
        body = [space + line if line else "" for line in _spaced(lines)]
        return "\n".join([head, *body, space[2:] + "}"])

    def result(self, name: str, flow: Flow, output: Output) -> str:
        settings: list[Doc] = []
        if output.loss is not None:
            settings.append(("loss=", self.value(output.loss)))
        if output.weight is not None:
            settings.append(("weight=", self.value(output.weight)))
        if isinstance(output.metrics, Param):
            settings.append(("metrics=", self.value(output.metrics)))
        elif output.metrics:
            metrics: list[Doc] = [self.value(metric) for metric in output.metrics]
            settings.append(("metrics=", comma_list("[", metrics, "]")))
        head: Doc = (
            f"output {name}",
            comma_list("(", settings, ")") if settings else "",
            " =",
        )
        shown = self.flow(_unnamed(flow, name))
        whole = fits((head, " ", shown), WIDTH - self.column)
        # A flow that fits on a line of its own stands there; so does one that begins with a call.
        apart = fits(shown, WIDTH - self.column - 2) or not isinstance(flow.source, str)
        if whole or not settings or not apart:
            return render((head, " ", shown), self.column)
        return render((head, Indent((Line(), shown))), self.column)

    def train(self, train: Train, called: Mapping[str, str]) -> str:
        """`train`; `called` is what each output is called here."""
        found = {**train.compile, **train.fit}
        weighted = found.get("weighted_metrics")
        if isinstance(weighted, dict):
            found["weighted_metrics"] = {called.get(k, k): v for k, v in weighted.items()}
        settings: list[Doc] = [(key, "=", self.value(value)) for key, value in found.items()]
        return render(comma_list("train(", settings, ")"), 2)


def _in_order(model: ModelOutline) -> Iterable[Statement]:
    """Yield the statements, with the outputs in their order among each other."""
    place = {id(result.output): number for number, result in enumerate(model.results)}

    def first(statement: OutputResult | OutputLoop) -> int:
        output = statement.outputs[0] if isinstance(statement, OutputLoop) else statement.output
        return place[id(output)]

    declaring = [each for each in model.body if isinstance(each, (OutputResult, OutputLoop))]
    results = iter(sorted(declaring, key=first))
    for statement in model.body:
        is_one = isinstance(statement, (OutputResult, OutputLoop))
        yield next(results) if is_one else statement


def _unnamed(flow: Flow, name: str) -> Flow:
    """Return a flow without the name of its last layer, where the statement gives it that name."""
    last = flow.stages[-1] if flow.stages else getattr(flow.source, "stage", None)
    if not isinstance(last, New) or last.name != name or isinstance(last.layer, Op):
        return flow
    last = replace(last, name=None)
    if flow.stages:
        return replace(flow, stages=(*flow.stages[:-1], last))
    assert isinstance(flow.source, Apply)
    return replace(flow, source=replace(flow.source, stage=last))


def _spaced(lines: list[str]) -> list[str]:
    """Statements, with an empty line about those of several lines."""
    found: list[str] = []
    for index, line in enumerate(lines):
        if index and ("\n" in line or "\n" in lines[index - 1]):
            found.append("")
        found.append(line)
    return found


def _indented(text: str) -> str:
    # Statements are set at their column; only their first lines are moved there.
    return "\n".join(
        f"  {line}" if line and not line.startswith("  ") else line for line in text.split("\n")
    )
