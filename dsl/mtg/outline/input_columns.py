"""Columns: inputs that are declared alike and taken in one row, as a loop over a table.

A tabular model has an input for each column of its data. Where families walk over them, a table of
their names, with what families need of each, is all that has to be written. What takes one of them
besides takes `inputs["age"]`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from mtg.outline.comprehensions import FamilyMaker
from mtg.outline.draft import Body, BodyInput, Node, NodeResult, Slot, Values
from mtg.outline.ir import Input, InputLoop, Value
from mtg.outline.names import Names, may_be_computed
from mtg.outline.rows import rows_of, take_families
from mtg.outline.tidy import value_key

#: How many inputs make a loop: it takes the lines of three.
_FEW = 4


@dataclass(eq=False, slots=True)
class ColumnDraft:
    """Inputs that a loop declares, on their way into the outline.

    Attributes:
        table: The name of the table.
        names: The names of the inputs.
        fields: What families need of each of them beside its name.
    """

    table: str
    names: tuple[str, ...]
    fields: list[tuple[Value, ...]] = field(default_factory=list)

    def note(self, values: Sequence[Value]) -> int:
        """Return which field has these values, one for each input."""
        known = [value_key(each) for each in self.fields]
        key = value_key(tuple(values))
        if key not in known:
            self.fields.append(tuple(values))
            return len(known)
        return known.index(key)

    def clause(self, name: str, variables: Mapping[int, str]) -> str:
        """Return what stands after `for`, where the fields of these numbers have variables."""
        if not variables:
            return f"{name} in {self.table}"
        found = [variables.get(number, "_") for number in range(len(self.fields))]
        shown = found[0] if len(found) == 1 else f"({', '.join(found)})"
        return f"{name}, {shown} in {self.table}.items()"

    def loop(self, variable: str) -> InputLoop:
        """Return the declaration of the inputs."""
        rows = tuple(zip(*self.fields, strict=True)) or ((),) * len(self.names)
        return InputLoop(self.table, variable, self.names, rows)


def fold_columns(
    body: Body, inputs: Sequence[Input], names: Names
) -> dict[NodeResult, ColumnDraft]:
    """Return the inputs that loops declare, by the first of each; families walk over all of them.

    What takes them one after another in a row takes a family of them; in place.
    """
    if "inputs" in names.taken:
        return {}
    rows: dict[NodeResult, list[tuple[Node, list[NodeResult | None]]]] = {}
    for node in body.nodes:
        for row in rows_of(node):
            for ref in row:
                if ref is not None and isinstance(ref.node, BodyInput):
                    rows.setdefault(ref, []).append((node, row))
    refs = [NodeResult(head) for head in body.heads]

    def sign(number: int) -> Hashable:
        """Return what alike inputs have in common; None of one that a loop may not declare."""
        entrance, ref = inputs[number], refs[number]
        taken = rows.get(ref, [])
        if not taken or ref in body.ends:
            return None
        if not may_be_computed(entrance.layer.name, entrance.name):
            return None
        return value_key(entrance.layer.arguments), tuple(id(row) for _, row in taken)

    signs = [sign(number) for number in range(len(inputs))]
    found: dict[NodeResult, ColumnDraft] = {}
    start = 0
    while start < len(refs):
        end = start + 1
        while end < len(refs) and signs[start] is not None and signs[end] == signs[start]:
            end += 1
        group = refs[start:end]
        if len(group) >= _FEW and all(_has(row, group, node) for node, row in rows[group[0]]):
            called = tuple(entrance.layer.name for entrance in inputs[start:end])
            found[group[0]] = _folded(body, group, called, names)
        start = end
    return found


def _has(row: Sequence[NodeResult | None], group: Sequence[NodeResult], node: Node) -> bool:
    """Return whether a row has all of a group in order; of a family, whether it is the row."""
    if node.is_list:
        return list(row) == list(group)
    first = row.index(group[0])
    return list(row[first : first + len(group)]) == list(group)


def _folded(
    body: Body, group: Sequence[NodeResult], called: tuple[str, ...], names: Names
) -> ColumnDraft:
    """Return the table of a group, with what the families over it need."""
    draft = ColumnDraft(names.take("columns"), called)
    for ref, name in zip(group, called, strict=True):
        assert isinstance(ref.node, BodyInput)
        ref.node.name = f'inputs["{name}"]'  # for what takes it by itself
    new: list[Node] = []
    for node in body.nodes:
        if group[0] not in node.inputs:
            continue
        if isinstance(node.maker, FamilyMaker):
            for values in zip(*node.maker.rounds, strict=True):
                draft.note(values)
        else:
            head = BodyInput("")
            family = FamilyMaker(Body([head], [], [NodeResult(head)]), walks=True)
            slots = list(map(Slot, range(len(group))))
            count: Values = {("n",): len(group)}
            made = Node(family, list(group), ((), slots), {}, count, tensors=(None,))
            instead: dict[NodeResult, NodeResult | None] = dict.fromkeys(group)
            instead[group[0]] = NodeResult(made)
            take_families(node, instead)
            new.append(made)
    body.nodes += new
    body.sort()
    return draft
