"""Declarations: the one way in, whatever kind of statement; and the bodies that hold them.

What a kind of statement declares is registered with `declare_names` by the file that knows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import singledispatch
from typing import Any

from mtg.catalog import catalog
from mtg.graph.describe import describe
from mtg.graph.values import TensorRef
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.ends import End, name_of
from mtg.semantics.expansion.evaluation import evaluate, evaluate_test, evaluate_value
from mtg.semantics.expansion.flows import evaluate_held
from mtg.semantics.expansion.iteration import items_of, walk
from mtg.semantics.expansion.tensors import hold, note_end
from mtg.semantics.mentions import Mention, bound_by, computed_name, declared_by, laid_out, mentions
from mtg.semantics.modules import Declared
from mtg.semantics.naming import NamedStatement
from mtg.semantics.order import Unit, declares
from mtg.semantics.scope import Scope
from mtg.semantics.values import (
    ERROR,
    MISSING,
    Frame,
    LayerClass,
    Results,
    Tensor,
    TensorTuple,
    Value,
    holds_tensor,
    is_error,
)
from mtg.syntax import ast
from mtg.text.diagnostics import Label
from mtg.text.source import Span
from mtg.text.suggest import did_you_mean


@singledispatch
def declare_names(statement: ast.SyntaxNode, context: Context, frame: Frame) -> Mapping[str, Value]:
    """Return what the names stand for that a statement declares.

    A file registers this function for each kind of statement it knows. It is called by `declare`,
    which gives it a frame within that of the statement, for the layers that the statement makes.
    """
    raise TypeError(f"{type(statement).__name__} is no declaration")


def declare(
    statement: ast.Statement, context: Context, frame: Frame, naming: NamedStatement
) -> None:
    """Expand one declaration, and give its names what they stand for."""
    names = [name.name for name in declared_by(statement) if name.name != "_"]
    doubled = any(frame.names.get(name) is ERROR for name in names)
    declared: Mapping[str, Value] = {}
    # An input, output or train in a block is reported when names are resolved.
    if not frame.uses or not isinstance(statement, (ast.InputDecl, ast.OutputDecl, ast.TrainDecl)):
        inner = frame.within({}, naming)
        # Not by a call of `declare_names`, which takes C's stack wherever blocks nest.
        meaning = declare_names.registry.get(type(statement), declare_names)
        declared = meaning(statement, context, inner)
    if not doubled:  # else it is reported, and the names stay unknown
        frame.names.update(declared)
    if any(frame.names.get(name, ERROR) is ERROR for name in names):
        context.graph.complete = False


class ScopeExpansion:
    """The declarations of a block, of a model or of a round of a loop, while they are expanded.

    Args:
        scope: Their names and their order.
        namings: Where the layers of each statement go, by the `id` of the statement.
        context: What is known and counted.
        frame: Its names so far are heads and parameters, or those of the loop.
        place: Where it stands in the text: the numbers of the loops around it, and their rounds.
    """

    def __init__(
        self,
        scope: Scope,
        namings: Mapping[int, NamedStatement],
        context: Context,
        frame: Frame,
        place: tuple[int, ...] = (),
    ) -> None:
        self.scope = scope
        self.namings = namings
        self.context = context
        self.frame = frame
        self.place = place
        self.returned: Value = ERROR
        self._tests: dict[int, bool | None] = {}
        self._loops: dict[int, list[ScopeExpansion]] = {}
        #: The numbers of what is being expanded, and of what is done.
        self._running: set[int] = set()
        self._done: set[int] = set()
        #: The values that are being computed to know which inputs and outputs there are: the
        #: numbers of loops and names, and the `id` of each `when`.
        self._asked: set[int] = set()
        frame.declares = scope.names
        for name in scope.doubled:
            frame.names[name] = ERROR

    def run(self) -> Value:
        """Expand every declaration, and return what `return` returns."""
        for unit in self.scope.order:
            self._run(unit)
        return self.returned

    def _run(self, unit: Unit) -> None:
        if unit.number in self._done or unit.number in self._running:
            return
        taken = True if not unit.conditions else self._is_taken(unit)
        statement = unit.statement
        self._running.add(unit.number)
        if not taken:
            if taken is None:  # nothing follows from what is not known
                self.context.graph.complete = False
                for name in declared_by(statement):
                    self.frame.names[name.name] = ERROR
        elif isinstance(statement, ast.ReturnDecl):
            naming = self.namings[id(statement)]
            self.returned = _evaluate_return(statement, self.context, self.frame.within({}, naming))
            if self.returned is ERROR:
                self.context.graph.complete = False
        elif isinstance(statement, ast.ForDecl):
            self.context.loops += 1
            for body in self._rounds(unit):
                body.run()
            self.context.loops -= 1
        elif self.place and any(name.name in self.scope.doubled for name in declared_by(statement)):
            # Of a name that stands for two things in a loop nothing follows, in no round.
            self.context.graph.complete = False
            if self.context.ends is not None:
                self.context.ends.wrong = True
        else:
            naming = self.namings[id(statement)]
            naming.place = (*self.place, unit.number)
            naming.body = self
            declare(statement, self.context, self.frame, naming)
            if isinstance(statement, ast.TensorDecl) and not self.frame.uses:
                self._check_used(statement)
        self._done.add(unit.number)

    def _check_used(self, statement: ast.TensorDecl) -> None:
        """Report a value that a model names and never uses; of tensors the graph knows better."""
        for name in statement.names:
            value = self.frame.names.get(name.name, ERROR)
            if self.scope.counts.get(name.name) or holds_tensor(value) or is_error(value):
                continue
            self.context.reporter(self.frame)(
                "MTG105", f"unused value `{name.name}`", name.span, help="use it, or remove it"
            )

    def _is_taken(self, unit: Unit) -> bool | None:
        """Return whether the branch is taken that a declaration stands in; None is not known."""
        for when, taken in unit.conditions:
            if id(when) not in self._tests:
                self._asked.add(id(when))
                self._tests[id(when)] = evaluate_test(when.test, self.context, self.frame)
                self._asked.discard(id(when))
            test = self._tests[id(when)]
            if test is None or test != taken:
                return None if test is None else False
        return True

    def _rounds(self, unit: Unit) -> list[ScopeExpansion]:
        """Return the rounds of a loop, which are made when they are asked for first."""
        if unit.number not in self._loops:
            self._loops[unit.number] = []
            loop = unit.statement
            assert isinstance(loop, ast.ForDecl)
            self._loops[unit.number] = list(self._lay_out_loop(loop, unit.number))
        return self._loops[unit.number]

    def _lay_out_loop(self, loop: ast.ForDecl, number: int) -> Iterator[ScopeExpansion]:
        """Yield the rounds of a loop."""
        context, frame = self.context, self.frame
        naming = self.namings[id(loop)]
        # The layers that its values make are named by what is bound to them, the last name.
        *_, bound_last = ("", *(name.name for name in bound_by(loop.target) if name.name != "_"))
        parts = NamedStatement("_".join((bound_last, *frame.keys)), fixed=False)
        naming.parts.append(parts)
        self._asked.add(number)
        values = evaluate(loop.values, context, frame.within({}, parts))
        self._asked.discard(number)
        items = items_of(values, loop.values.span, context, frame, "`for`")
        if items is None:
            context.graph.complete = False
            return
        scope = context.scopes[loop]
        bound = 0
        for key, names, round_ in walk(loop.target, loop.values, items, loop.head, context, frame):
            context.budget.spend(loop.head)
            inner = frame.within(names)
            inner.keys = (*frame.keys, key)
            inner.rounds = (*frame.rounds, round_)
            namings = namings_of(loop.body, inner.keys)
            naming.parts += namings.values()
            yield ScopeExpansion(scope, namings, context, inner, (*self.place, number, bound))
            bound += 1
        if bound < len(items):
            context.graph.complete = False

    # On demand: an input or output that another is made of

    def lay_out(self, word: str) -> bool:
        """Find the names of the inputs or outputs that stand here and in loops.

        Returns:
            False where some cannot be found, since they are what is being asked for.
        """
        kind = ast.InputDecl if word == "inputs" else ast.OutputDecl
        complete = True
        for unit in self.scope.order:
            statement = unit.statement
            if unit.number in self._done or not declares(statement, kind):
                continue
            asked = {unit.number, *(id(when) for when, _ in unit.conditions)}
            if asked & self._asked:
                complete = False
                continue
            if unit.conditions and not self._is_taken(unit):
                continue
            if isinstance(statement, ast.ForDecl):
                self._demand_names(mentions(statement.values))
                for body in self._rounds(unit):
                    complete = body.lay_out(word) and complete
            elif isinstance(statement, (ast.InputDecl, ast.OutputDecl)):
                self._demand_names(mentions(*computed_name(statement)))
                self._asked.add(unit.number)
                self._register(word, statement, unit)
                self._asked.discard(unit.number)
        return complete

    def _register(self, word: str, statement: ast.InputDecl | ast.OutputDecl, unit: Unit) -> None:
        name = name_of(statement, self.context, self.frame)
        ends = self.context.ends
        if isinstance(name, str) and ends is not None and name not in ends.found[word]:
            end = End((*self.place, unit.number), self, unit.number, statement.name.span)
            ends.add(word, name, end, self.context, self.frame)

    def _demand_names(self, found: Iterable[Mention]) -> None:
        names = {mention.name.name for mention in found}
        for unit in self.scope.order:
            if any(name.name in names for name in declared_by(unit.statement)):
                self.demand(unit.number)

    def demand(self, number: int) -> bool:
        """Expand a declaration now, and those it needs first.

        Returns:
            False where one of them is being expanded already.
        """
        units = {unit.number: unit for unit in self.scope.order}
        needed, stack = {number}, [number]
        while stack:
            for other in units[stack.pop()].needs:
                if other in units and other not in needed and other not in self._done:
                    needed.add(other)
                    stack.append(other)
        if needed & self._running - self._done:
            return False
        # What is made here belongs to no chain that is being used where it is asked for.
        replays, self.context.replays = self.context.replays, []
        for unit in self.scope.order:
            if unit.number in needed:
                self._run(unit)
        self.context.replays = replays
        return True


def declare_body(
    declared: ast.BlockDecl | ast.ModelDecl,
    namings: Mapping[int, NamedStatement],
    context: Context,
    frame: Frame,
) -> Value:
    """Expand the statements of a block or model, and return what its `return` returns.

    Args:
        namings: Where the layers of each statement go, by the `id` of the statement.
        frame: Its names so far are heads and parameters.
    """
    body = ScopeExpansion(context.scopes[declared], namings, context, frame)
    if context.ends is not None and context.ends.root is None:
        context.ends.root = body
    return body.run()


def _evaluate_return(statement: ast.ReturnDecl, context: Context, frame: Frame) -> Value:
    """Return the results of a block, one or several."""
    if len(statement.results) == 1:
        value = evaluate_held(statement.results[0], context, frame)
        note_end(value, context, frame)
        return value
    found: list[Value] = []
    for node in statement.results:
        value = evaluate_held(node, context, frame)
        if isinstance(value, Results):
            value = Tensor(TensorRef(value.call.id))
        value = hold(value, node.span, context, frame)
        if is_error(value):
            return ERROR
        found.append(value)
    return TensorTuple(tuple(found), frame.uses[-1])


def namings_of(
    body: Sequence[ast.Statement], keys: tuple[str, ...] = ()
) -> dict[int, NamedStatement]:
    """Return a place for the names of the layers of every statement, in the order of the text.

    In a round of a loop the names carry its keys, but for those of inputs and outputs.
    """
    namings: dict[int, NamedStatement] = {}
    for statement, _ in laid_out(body):
        names = [name.name for name in declared_by(statement) if name.name != "_"]
        name = names[0] if names else ""
        end = isinstance(statement, (ast.InputDecl, ast.OutputDecl))
        if name and keys and not end:
            name = "_".join((name, *keys))
        namings[id(statement)] = NamedStatement(name, fixed=end or not keys)
    return namings


def declare_parameters(
    declared: ast.BlockDecl | ast.ModelDecl,
    given: Mapping[str, Any],
    context: Context,
    frame: Frame,
    place: Span,
) -> None:
    """Give the parameters of a block or model their values; `place` is where they are given."""
    for parameter in declared.parameters:
        name = parameter.name.name
        if name in given:
            frame.names[name] = _given(given[name], parameter, context, frame)
        elif parameter.default is not None:
            frame.names[name] = evaluate_value(parameter.default, context, frame)
        else:
            frame.names[name] = ERROR
            context.diagnostics.report(
                "MTG402",
                f"`{declared.name.name}` needs a value for `{name}`",
                place,
                labels=(Label(parameter.span, "the parameter has no default"),)
                if place != parameter.span
                else (),
                help=f"set it with `--set {name}=…`, or in Python `{name}=…`",
            )


def _given(value: Any, parameter: ast.ParameterDecl, context: Context, frame: Frame) -> Value:
    """Return the value that a parameter is given; of a class or block, its name may be given."""
    usual = parameter.default.value if isinstance(parameter.default, ast.LiteralExpr) else None
    if isinstance(usual, bool) and isinstance(value, str):
        context.diagnostics.report(  # any string would count as true
            "MTG404",
            f"`{parameter.name.name}` is `True` or `False`, not {describe(value)}",
            parameter.span,
            help=f"on the command line it is `--set {parameter.name.name}={not usual}`",
        )
        return ERROR
    if not isinstance(value, str) or not isinstance(parameter.default, ast.NameExpr):
        found: Value = value
        return found
    default = frame.find(parameter.default.name)
    if default is not MISSING and not isinstance(default, Declared):
        return value
    named = frame.find(value)
    if isinstance(named, Declared) and isinstance(named.node, (ast.BlockDecl, ast.ModelDecl)):
        return named
    if catalog().find("layer", value) is not None:
        return LayerClass(value)
    made = (ast.BlockDecl, ast.ModelDecl)
    if not isinstance(default, Declared) or isinstance(default.node, made):
        blocks = [
            name for name, each in frame.declared.items() if isinstance(each.node, ast.BlockDecl)
        ]
        context.diagnostics.report(
            "MTG405",
            f"`{parameter.name.name}` is a layer class or a block, and `{value}` is neither",
            parameter.span,
            help=did_you_mean(value, [*catalog().names("layer"), *blocks])
            or "a block must be declared in the file, or imported",
        )
        return ERROR
    return value
