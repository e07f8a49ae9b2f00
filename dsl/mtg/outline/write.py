"""From bodies of nodes to statements: which tensors get a name, and what flows straight on."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import ascii_lowercase
from typing import Any

from mtg.graph.layers import KerasLayer, Layer
from mtg.graph.values import map_leaves
from mtg.outline.blocks import UseMaker
from mtg.outline.comprehensions import FamilyMaker
from mtg.outline.draft import Body, Node, NodeResult, Slot, Spread, Values
from mtg.outline.heads import OutputLoopMaker
from mtg.outline.input_columns import ColumnDraft
from mtg.outline.ir import (
    Apply,
    Argument,
    Bind,
    BindFamily,
    FamilyList,
    Flow,
    LoopedOutput,
    Members,
    OutputLoop,
    Param,
    Rounds,
    Stage,
    Statement,
    Value,
)
from mtg.outline.layer_maker import LayerMaker, fill
from mtg.outline.lists import ItemMaker, ListMaker
from mtg.outline.loops import LoopMaker
from mtg.outline.names import Names, plural, result_word, short_word
from mtg.outline.naming import role_of, takers_inside

#: How long a flow may be that stands as an argument of a call: in stages, for a call on one or two
#: tensors and for one on more, where each stands on a line of its own; and how deep they may nest.
_SHORT, _BRANCH, _DEEP = 3, 8, 3


@dataclass(slots=True)
class _Pending:
    """A flow that is being made: what takes it may go on with it."""

    source: str | Apply
    stages: list[Stage] = field(default_factory=list)
    depth: int = 0
    #: How many stages, those of its arguments counted.
    size: int = 0
    word: str = "x"

    def flow(self) -> Flow:
        return Flow(self.source, tuple(self.stages))


@dataclass(slots=True)
class Written:
    """A body as statements, and the flow or name that each end is."""

    statements: list[Statement]
    ends: list[Argument]


def write(
    body: Body,
    names: Names,
    given: Mapping[NodeResult, str] | None = None,
    wishes: Mapping[NodeResult, str] | None = None,
    blocks: Container[str] = (),
    columns: Mapping[NodeResult, ColumnDraft] | None = None,
) -> Written:
    """Return the statements of a body.

    Args:
        names: The names that are taken in its scope, the heads' among them.
        given: Tensors that have a name already. They are bound by it.
        wishes: What tensors are called if they need a name.
        blocks: The names of the blocks of the file.
        columns: The inputs that loops declare, by the first of each.
    """
    writer = _Writer(body, names, dict(given or {}), wishes or {}, blocks)
    writer.columns = columns or {}
    return writer.write()


class _Writer:
    def __init__(
        self,
        body: Body,
        names: Names,
        given: dict[NodeResult, str],
        wishes: Mapping[NodeResult, str],
        blocks: Container[str],
    ) -> None:
        self.wishes = wishes
        self.blocks = blocks
        self.body = body
        self.names = names
        self.given = given
        self.uses = body.uses()
        self.called: dict[NodeResult, str] = {NodeResult(head): head.name for head in body.heads}
        self.pending: dict[NodeResult, _Pending] = {}
        self.statements: list[Statement] = []
        self.ends = list(dict.fromkeys(body.ends))
        #: What stands for each list of tensors.
        self.lists: dict[NodeResult, FamilyList | Members] = {
            NodeResult(head): Members(head.name) for head in body.heads if head.is_list
        }
        #: The lists that a block gives with a tensor more, item by item.
        self.longer: dict[NodeResult, list[Argument]] = {}
        #: The inputs that loops declare, by the first of each.
        self.columns: Mapping[NodeResult, ColumnDraft] = {}
        #: Names that only loops of declarations have.
        self.in_loops: set[str] = set()
        #: Whether the body is the item of a family, which is one flow.
        self.in_item = False

    def write(self) -> Written:
        for node in self.body.nodes:
            self.node(node)
        ends = [self.end(ref) for ref in self.body.ends]
        return Written(self.statements, ends)

    def end(self, ref: NodeResult) -> Argument:
        if ref in self.longer:
            return self.longer[ref]
        pending = self.pending.pop(ref, None)
        if pending is not None:
            return pending.flow()
        return Flow(self.called[ref])

    def node(self, node: Node) -> None:
        if isinstance(node.maker, FamilyMaker):
            self.family(node, node.maker)
            return
        if isinstance(node.maker, OutputLoopMaker):
            self.output_loop(node, node.maker)
            return
        ref = NodeResult(node)
        if isinstance(node.maker, ItemMaker):
            whole = self.lists[node.inputs[0]]
            assert isinstance(whole, Members)
            self.called[ref] = f"{whole.name}[{node.maker.number}]"
            return
        if isinstance(node.maker, ListMaker):
            self.longer[ref] = _filled(node.args[0], self.taken(node), node)
            return
        made = self.made(node)
        takers = self.uses.get(ref, [])
        flows_on = len(takers) == 1 and takers[0][0].is_stage and ref not in self.ends
        if node.results > 1 or (node.lists and not flows_on):
            self.bind_several(node, made)
            return
        ends = self.ends.count(ref)
        if ref in self.given or len(takers) + ends != 1 or self.body.ends.count(ref) > 1:
            self.bind(ref, made)
        elif ends or self.flows_on(takers[0][0], made):
            self.pending[ref] = made
        else:
            self.bind(ref, made, role_of(takers[0][0]))

    def family(self, node: Node, maker: FamilyMaker) -> None:
        """Note what a family is, for what takes it; bind it where several calls do."""
        names = Names(self.names.taken, self.names.reserved)
        renames = {variable: names.take(variable) for variable in maker.variables}
        item = maker.item_with(_renamed(node.values, renames))
        heads = [self.called.get(ref, "") for ref in node.inputs[: len(item.heads)]]
        variables = tuple(renames.values())
        count = node.values["n",]
        assert isinstance(count, (int, Param))
        rounds = Rounds(count, variables, maker.rounds)
        first = node.inputs[len(item.heads) - 1] if maker.walks else None
        if first is not None and first in self.columns:
            table = self.columns[first]
            own = names.take("column")
            heads[-1] = f"inputs[{own}]"
            fields = {
                table.note(values): variable
                for values, variable in zip(zip(*maker.rounds, strict=True), variables, strict=True)
            }
            rows = maker.rounds or ((),) * len(table.names)
            rows = tuple((n, *row) for n, row in zip(table.names, rows, strict=True))
            clause = table.clause(own, fields)
            rounds = Rounds(count, (own, *variables), rows, said=clause)
        elif maker.walks:
            walked = node.inputs[len(item.heads) - 1 :]
            whole = self.lists.get(walked[0])
            one = whole.name.removesuffix("s") if isinstance(whole, Members) else "x"
            heads[-1] = names.take(one)
            rounds = self.walked(rounds, heads[-1], walked, node.args[1])
        writer = _Writer(item, names, {}, {}, self.blocks)
        writer.called = dict(zip(map(NodeResult, item.heads), heads, strict=True))
        writer.in_item = True
        family = FamilyList(rounds, writer.write().ends[0])
        ref = NodeResult(node)
        takers = [taker for taker, _ in self.uses[ref]]
        # What a loop of declarations takes is made once, before it.
        if len(takers) == 1 and not takers[0].is_list and takers[0].maker.declares is None:
            self.lists[ref] = family
            return
        roles = {role_of(taker) for taker in takers_inside(self.body, ref)}
        role = roles.pop() if len(roles) == 1 else ""
        name = self.names.take(self.wishes.get(ref) or plural(role or short_word(maker.word)))
        self.lists[ref] = Members(name)
        self.statements.append(BindFamily(name, family))

    def output_loop(self, node: Node, maker: OutputLoopMaker) -> None:
        """Add a loop that declares outputs."""
        # Loops may use the names of each other, and nothing else theirs.
        names = Names(self.names.taken - self.in_loops, self.names.reserved)
        before = set(names.taken)
        maker_names = maker.names
        numbers = all(isinstance(key, int) for row in maker_names.keys for key in row)
        own = [names.take("number" if numbers else "task") for _ in maker_names.keys[0]]
        renames = {variable: names.take(variable) for variable in maker.variables}
        nodes = maker.body.nodes
        for each in nodes:
            each.values = _renamed(each.values, renames)
        rows = maker.rounds or ((),) * len(maker_names.keys)
        rows = tuple((*key, *row) for key, row in zip(maker_names.keys, rows, strict=True))
        variables = (*own, *renames.values())
        rounds = Rounds(len(rows), variables, rows)
        heads = [self.name_of(ref) for ref in node.inputs[: len(maker.body.heads)]]
        if maker.walks:
            heads[-1] = names.take("own" if maker.body.heads[-1].is_list else "x")
            rounds = self.walked(rounds, heads[-1], node.inputs[len(heads) - 1 :], node.args[1])
        writer = _Writer(maker.body, names, self.given, {}, self.blocks)
        for head, name in zip(maker.body.heads, heads, strict=True):
            writer.called[NodeResult(head)] = name
            if head.is_list:
                writer.lists[NodeResult(head)] = Members(name)
        written = writer.write()
        self.in_loops |= names.taken - before
        self.names.taken |= names.taken
        results = []
        for output, end, part in zip(maker.results, written.ends, maker_names.parts, strict=True):
            settings = {("o", n): getattr(output, n) for n in ("loss", "weight", "metrics")}
            said: Any = {path[1]: v for path, v in _renamed(settings, renames).items()}
            called = (part[0], own[part[1]], part[2])
            results.append(LoopedOutput(called, end, replace(output, **said)))
        loop = OutputLoop(rounds, tuple(written.statements), tuple(results), maker.outputs)
        self.statements.append(loop)
        self.called |= {NodeResult(node, number): own[0] for number in range(node.results)}

    def walked(
        self, rounds: Rounds, name: str, refs: Sequence[NodeResult], row: Sequence[Slot | Spread]
    ) -> Rounds:
        """Return rounds whose first variable, of this name, walks over these tensors.

        Args:
            row: How they are taken: the tensors of one list, or each by itself, be it a list.
        """
        values, members = rounds.values, None
        if isinstance(row[0], Spread):
            members = self.name_of(refs[0])
        else:
            values = values or ((),) * len(refs)
            values = tuple(
                (Flow(self.name_of(ref)), *rest) for ref, rest in zip(refs, values, strict=True)
            )
        return Rounds(rounds.count, (name, *rounds.variables), values, members)

    def name_of(self, ref: NodeResult) -> str:
        """Return what a tensor or a list is called; nothing where no name says it."""
        whole = self.lists.get(ref)
        return whole.name if isinstance(whole, Members) else self.called.get(ref, "")

    def made(self, node: Node) -> _Pending:
        """Return the flow that ends in this node."""
        stage = node.maker.stage(node.values)
        if node.is_stage:
            before = self.take(node.inputs[0])
            before.stages.append(stage)
            before.size += 1
            before.word = node.maker.word
            return before
        taken = self.taken(node)
        made = [each for each in taken if isinstance(each, _Pending)]
        args = tuple(_filled(item, taken, node) for item in node.args)
        kwargs = {name: _filled(item, taken, node) for name, item in node.kwargs.items()}
        return _Pending(
            Apply(stage, args, kwargs),
            depth=1 + max((t.depth for t in made if t.size), default=0),
            size=1 + sum(t.size for t in made),
            word=node.maker.word,
        )

    def taken(self, node: Node) -> list[_Pending | FamilyList | Members]:
        """Return what a node takes: the flows of tensors, and lists of them."""
        return [self.lists.get(ref) or self.take(ref) for ref in node.inputs]

    def take(self, ref: NodeResult) -> _Pending:
        pending = self.pending.pop(ref, None)
        whole = self.lists.get(ref)
        if isinstance(whole, Members):
            return _Pending(whole.name)
        return _Pending(self.called[ref]) if pending is None else pending

    def flows_on(self, taker: Node, made: _Pending) -> bool:
        """Return whether a flow that one node takes goes on into it without a name."""
        if isinstance(taker.maker, FamilyMaker) or taker.maker.declares is not None:
            return False  # which takes it once a round
        if taker.is_stage or self.in_item:
            return True
        if made.depth >= _DEEP:
            return False
        return made.size <= (_BRANCH if len(taker.inputs) > 2 else _SHORT)

    def word(self, made: _Pending) -> str:
        """Return what a tensor is called that nothing else names: after what makes it."""
        word = short_word(made.word)
        if word in self.names.taken:
            word = result_word(word, self.blocks)
        return word

    def word_of_result(self, node: Node, result: int) -> str:
        """Return what one of several results is called: of every use of a block by one letter."""
        word = short_word(node.maker.word)
        if isinstance(node.maker, LayerMaker) or result >= len(ascii_lowercase):
            return result_word(word, self.blocks) if word in self.names.taken else word
        stem = result_word(word, self.blocks).removesuffix("_out")
        return f"{stem}_{ascii_lowercase[result]}"

    def bind(self, ref: NodeResult, made: _Pending, role: str = "") -> None:
        name = self.given.get(ref) or self.names.take(
            self.wishes.get(ref) or role or self.word(made)
        )
        self.called[ref] = name
        self.statements.append(Bind((name,), made.flow()))

    def bind_several(self, node: Node, made: _Pending) -> None:
        names: list[str | None] = []
        states = _states(node)
        for result in range(node.results):
            ref = NodeResult(node, result)
            if ref not in self.uses and ref not in self.ends:
                names.append(None)
                continue
            if ref.is_list:
                names.append(self.names.take(self.wishes.get(ref) or _list_word(node, result)))
                self.lists[ref] = Members(names[-1] or "")
                continue
            wish = self.wishes.get(ref) or states.get(result) or self.word_of_result(node, result)
            self.called[ref] = self.given.get(ref) or self.names.take(wish)
            names.append(self.called[ref])
        self.statements.append(Bind(tuple(names), made.flow()))


def _list_word(node: Node, result: int) -> str:
    """Return what a list is called that a block gives, or a loop of it: as in the block."""
    maker = node.maker
    while isinstance(maker, LoopMaker):
        maker = maker.nodes[-1].maker
    assert isinstance(maker, UseMaker)
    names = [head.name for head in maker.block.body.heads if head.is_list]
    return names[min(node.lists.index(result), len(names) - 1)] if names else "xs"


def _states(node: Node) -> dict[int, str]:
    """Return what a person calls the results of a recurrent layer that are its states."""
    maker = node.maker
    if not isinstance(maker, LayerMaker) or not isinstance(maker.layer, KerasLayer):
        return {}
    layer, both = maker.layer, maker.layer.cls == "Bidirectional"
    inner = layer.arguments.get("layer") if both else layer
    own = {"LSTM": ("h", "c"), "GRU": ("h",), "SimpleRNN": ("h",)}.get(
        inner.cls if isinstance(inner, Layer) else "", ()
    )
    if both:
        own = tuple(f"{way}_{state}" for way in ("forward", "backward") for state in own)
    return dict(enumerate(own, 1)) if node.results == 1 + len(own) else {}


def _filled(
    value: object, taken: Sequence[_Pending | FamilyList | Members], node: Node
) -> Argument:
    """Return an argument of a call with what it takes for its slots and values for its holes."""

    def filled(leaf: object) -> object:
        if not isinstance(leaf, (Slot, Spread)):
            return leaf
        each = taken[leaf.number]
        if isinstance(leaf, Slot) and isinstance(each, Members):
            return Flow(each.name)  # the list itself, not what is in it
        return each.flow() if isinstance(each, _Pending) else each

    return map_leaves(filled, fill(value, node.values))


def _renamed(values: Values, renames: Mapping[str, str]) -> Values:
    """Return values with other names of parameters."""

    def renamed(leaf: Value) -> Value:
        if isinstance(leaf, Param) and leaf.name in renames:
            return replace(leaf, name=renames[leaf.name])
        return leaf

    return {path: map_leaves(renamed, value) for path, value in values.items()}
