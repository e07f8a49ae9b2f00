"""Which values of a graph a program writes with a parameter, and with which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mtg.graph.graph import Graph
from mtg.graph.layers import Application, KerasLayer, Layer
from mtg.graph.walk import all_layers, graphs_in, layers_within
from mtg.graph.written import DeclaredParameter, Formula, WrittenUse, WrittenValues
from mtg.semantics.mentions import bound_by
from mtg.semantics.modules import Module
from mtg.syntax import ast
from mtg.syntax.visit import children
from mtg.text.source import Span

#: A parameter: the place of the name of its block or model, and its name.
_Parameter = tuple[Span, str]


def written_in(modules: Iterable[Module], graph: Graph) -> WrittenValues:
    """Return what these files say of the values in a graph that was made of them."""
    # Only arguments: `name=` and `trainable=` have places as well.
    made = {
        layer.spans[name]
        for layer in all_layers(graph)
        for name in layer.arguments
        if name in layer.spans
    }
    for each in graphs_in(graph):
        made -= set(_shaping(each))
    reader = _Reader(made)
    for module in modules:
        for block in module.blocks:
            reader.read(module, block)
        for model in module.models:
            reader.read(module, model)
    return reader.written()


def _shaping(graph: Graph) -> Iterator[Span]:
    """Yield the places of values on which a shape may depend that the program reads.

    What is said with that shape is a number in the graph, which another value would make another.
    """
    for number in graph.before(graph.measured):
        layer = graph.calls[number].layer
        for each in (layer, *layers_within(layer)):
            for name, span in each.spans.items():
                if _may_shape(each, name):
                    yield span


def _may_shape(layer: Layer, name: str) -> bool:
    """Return whether an argument may decide how long an axis is."""
    entry = layer.entry if isinstance(layer, (KerasLayer, Application)) else None
    parameter = None if entry is None else entry.parameter(name)
    if parameter is None:
        return True
    return not parameter.kinds and not isinstance(layer.arguments.get(name), float)


class _Reader:
    """Reads declarations; `made` are the places of values that layers have, and nothing else."""

    def __init__(self, made: set[Span]) -> None:
        self.made = made
        self.formulas: dict[Span, Formula] = {}
        self.uses: dict[Span, WrittenUse] = {}
        self.declared: dict[Span, tuple[DeclaredParameter, ...]] = {}
        #: Parameters that are mentioned where no layer has the value, and those that are handed to
        #: a parameter of a block: they are as good as that.
        self.elsewhere: set[_Parameter] = set()
        self.handed_on: set[tuple[_Parameter, _Parameter]] = set()

    def read(self, module: Module, declared: ast.BlockDecl | ast.ModelDecl) -> None:
        owner = declared.name.span
        self.declared[owner] = tuple(map(_declared, declared.parameters))
        # A parameter whose name a loop binds as well is told from it nowhere, and is none here.
        names = {parameter.name.name for parameter in declared.parameters} - _bound_in(declared)
        stack: list[ast.SyntaxNode] = [p.default for p in declared.parameters if p.default]
        stack += declared.body
        while stack:
            node = stack.pop()
            if isinstance(node, ast.NameExpr):
                if node.name in names:
                    self.elsewhere.add((owner, node.name))
            elif isinstance(node, ast.OutputDecl):
                stack += [node.name, node.flow]  # how it is trained stands beside the model
            elif isinstance(node, ast.CallExpr):
                stack += [node.callee, *self.call(node, _block(node, module, names), owner, names)]
            elif not isinstance(node, ast.TrainDecl):
                stack += children(node)

    def call(
        self, node: ast.CallExpr, block: ast.BlockDecl | None, owner: Span, names: set[str]
    ) -> Iterator[ast.Expression]:
        """Note what a call is given; yield the arguments that are no formulas of a parameter."""
        given = None if block is None else _given(node, block)
        if block is not None and given is not None:
            spans = {name: value.span for name, value in given.items()}
            self.uses[node.span] = WrittenUse(block.name.span, spans)
        taken = {value.span: name for name, value in (given or {}).items()}
        for argument in node.arguments:
            place = argument.value.span
            found = _formula(argument.value, owner, names)
            if found is not None and block is not None and place in taken:
                self.formulas[place] = found
                self.handed_on.add(((owner, found.name), (block.name.span, taken[place])))
            elif found is not None and place in self.made:
                self.formulas[place] = found
            else:
                yield argument.value

    def written(self) -> WrittenValues:
        """Return what was read, but for parameters that decide more than values."""
        lost = set(self.elsewhere)
        while more := {one for one, other in self.handed_on if other in lost} - lost:
            lost |= more
        formulas = {
            span: formula
            for span, formula in self.formulas.items()
            if (formula.owner, formula.name) not in lost
        }
        return WrittenValues(formulas, self.uses, self.declared)


def _declared(parameter: ast.ParameterDecl) -> DeclaredParameter:
    default = parameter.default
    if isinstance(default, ast.LiteralExpr):
        return DeclaredParameter(parameter.name.name, True, default.value)
    return DeclaredParameter(parameter.name.name)


def _bound_in(declared: ast.BlockDecl | ast.ModelDecl) -> set[str]:
    """Return the names that loops bind in a declaration."""
    found: set[str] = set()
    stack: list[ast.SyntaxNode] = list(declared.body)
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.ForStage, ast.ForDecl, ast.Clause)):
            found |= {name.name for name in bound_by(node.target)}
        stack += children(node)
    return found


def _block(node: ast.CallExpr, module: Module, names: set[str]) -> ast.BlockDecl | None:
    """Return the block that a call uses, if it uses one; `names` are parameters, which may too."""
    if not isinstance(node.callee, ast.NameExpr) or node.callee.name in names:
        return None
    if node.callee.name not in module.names:
        return None
    found = module.names[node.callee.name].node
    return found if isinstance(found, ast.BlockDecl) else None


def _given(node: ast.CallExpr, block: ast.BlockDecl) -> Mapping[str, ast.Expression] | None:
    """Return what a use gives to the block's parameters; None where that is not plain."""
    names = [parameter.name.name for parameter in block.parameters]
    given: dict[str, ast.Expression] = {}
    for number, argument in enumerate(node.arguments):
        if isinstance(argument.value, ast.UnpackedExpr):
            return None
        if argument.name is None and number >= len(names):
            return None
        given[names[number] if argument.name is None else argument.name.name] = argument.value
    return {name: value for name, value in given.items() if name in names}


def _formula(node: ast.Expression, owner: Span, names: set[str]) -> Formula | None:
    """Return a value as a formula of one of these parameters, if it is one."""
    if isinstance(node, ast.NameExpr):
        return Formula(owner, node.name) if node.name in names else None
    if not isinstance(node, ast.OperationExpr) or len(node.operands) != 2:
        return None
    first, second = node.operands
    if node.operator == "*" and isinstance(first, ast.LiteralExpr):
        first, second = second, first
    if not isinstance(first, ast.NameExpr) or not isinstance(second, ast.LiteralExpr):
        return None
    number = second.value
    if first.name not in names or type(number) is not int or number < 1:
        return None
    if node.operator == "*":
        return Formula(owner, first.name, number)
    return Formula(owner, first.name, 1, number) if node.operator == "//" else None
