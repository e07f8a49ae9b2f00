"""Names of layers: as the page says, unique, the same for the same source, and local."""

from __future__ import annotations

import mtg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import codes, model, names

BLOCK = "block x -> f(k=8) { h = x -> Dense(k) -> ReLU() return h -> Dense(k) }\n"


def test_the_last_layer_has_the_name_and_the_others_carry_it() -> None:
    text = model(
        "a = x -> Embedding(9, 4) -> Dense(2) -> Dense(3) -> LSTM(2)\noutput y = a -> Dense(1)",
        "input x: int32[5]",
    )
    assert names(text) == ["x", "a_embedding", "a_dense", "a_dense_2", "a", "y"]


def test_the_layers_of_a_block_carry_the_name_of_its_use() -> None:
    text = BLOCK + model("a = x -> f() -> f() -> Dense(8)\noutput y = a -> f()")
    assert names(text)[1:] == [
        *("a_f_h_dense", "a_f_h", "a_f"),
        *("a_f_2_h_dense", "a_f_2_h", "a_f_2"),
        *("a", "y_h_dense", "y_h", "y"),
    ]


def test_blocks_in_blocks() -> None:
    text = (
        BLOCK + "block x -> g() { return x -> f() -> f() }\n" + model("output y = x -> g() -> g()")
    )
    assert names(text)[1:] == [
        *("y_g_f_h_dense", "y_g_f_h", "y_g_f", "y_g_h_dense", "y_g_h", "y_g"),
        *("y_f_h_dense", "y_f_h", "y_f", "y_h_dense", "y_h", "y"),
    ]


def test_names_of_ones_own() -> None:
    text = BLOCK + model('output y = x -> Dense(2, name="p") -> f(name="q") -> Dense(1)')
    assert names(text)[1:] == ["p", "q_h_dense", "q_h", "q", "y"]
    text = 'block x -> g() { return x -> Dense(2, name="own") -> Dense(2) }\n'
    text += model("output y = x -> g() -> g()")
    assert names(text)[1:] == ["y_g_own", "y_g", "y_own", "y"]


@pytest.mark.parametrize(
    "flow",
    [
        'x -> Dense(2, name="d") -> Dense(2, name="d")',
        'x -> repeat 2 { Dense(2, name="d") }',
        'x -> Dense(2, name="y") -> Dense(2)',
        'x -> Dense(2, name="x")',
    ],
)
def test_two_layers_of_one_name(flow: str) -> None:
    assert codes(model(f"output y = {flow}")) == ["MTG107"]


def test_a_name_made_up_gives_way_to_a_declared_one() -> None:
    """The one place where a statement can rename a layer of another; both orders agree."""
    body = "a = x -> Dense(2) -> Dense(3)\na_dense = a -> Dense(4)\noutput y = a_dense -> Dense(1)"
    assert sorted(names(model(body))) == sorted(["x", "a_dense_2", "a", "a_dense", "y"])


# Outputs


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("output y = x -> Dense(1)", ["x", "y"]),
        ("shared s = Dense(8)\noutput y = x -> s -> s", ["x", "s", "y: Identity"]),
        ("a = x -> Dense(1)\noutput y = a", ["x", "a", "y: Identity"]),
        ("output y = x", ["x", "y: Identity"]),
        ("output y = ops.abs(x)", ["x", "y_abs", "y: Identity"]),
        ("output y = x[:, 0:2]", ["x", "y_getitem", "y: Identity"]),
        ('output y = x -> Dense(1, name="z")', ["x", "z", "y: Identity"]),
        ('output y = x -> Dense(1, name="y")', ["x", "y"]),
        ('output y = x -> f(name="z")', ["x", "z_h_dense", "z_h", "z", "y: Identity"]),
        ("output y = x -> Inner()", ["x", "y"]),
        ("output y = add(x, x)", ["x", "y"]),
        ("a, b = x -> Two()\noutput y = b", ["x", "a", "y: Identity"]),
        ("a, b = x -> Two()\noutput y = a", ["x", "a", "y: Identity"]),
        ("output h = x -> Dense(1)\noutput y = h", ["x", "h", "y: Identity"]),
    ],
)
def test_an_identity_carries_the_name_where_the_last_layer_cannot(
    body: str, found: list[str]
) -> None:
    text = BLOCK + model("output u = x -> Dense(8)", name="Inner")
    text += model("output u = x -> Dense(8)\noutput v = x -> Dense(3)", name="Two")
    layers = mtg.load(text + model(body), model="M").layers
    shown = [f"{item.name}: Identity" if item.cls == "Identity" else item.name for item in layers]
    assert shown == found


# Locality


STAGES = ["Dense(8)", "ReLU()", "Dropout(0.1)", "f()", "repeat 2 { Dense(8) }", "enc", "g()"]
flows = st.lists(st.sampled_from(STAGES), min_size=1, max_size=4).map(" -> ".join)
programs = st.lists(flows, min_size=1, max_size=5)


def text_of(statements: dict[str, str], order: list[str] | None = None) -> str:
    lines = [f"{name} = x -> {statements[name]}" for name in order or statements]
    ends = "output y = concat(x, x -> enc, x -> enc, " + ", ".join(sorted(statements)) + ")"
    blocks = BLOCK + "block x -> g() { shared s = Dense(8) return x -> s -> f() -> s }\n"
    return blocks + model("\n".join([*lines, "shared enc = Dense(8) -> f()", ends]))


def named_by(text: str) -> dict[str, list[str]]:
    """The names of the new layers under the statement that makes them."""
    graph = mtg.load(text)
    found: dict[str, list[str]] = {}
    for item in graph.layers:
        line = graph.span.source.text[: item.span.start].rpartition("\n")[2]
        calls = [call for call in graph.calls if call.layer is item]
        use = calls[0].uses[0].span if calls[0].uses else item.span
        start = graph.span.source.text.rindex("\n", 0, use.start) + 1
        line = graph.span.source.text[start : use.start]
        found.setdefault(line.split(" =")[0], []).append(item.name)
    return found


@settings(max_examples=60, deadline=None)
@given(programs, st.randoms())
def test_permuting_declarations_renames_nothing(program: list[str], random: object) -> None:
    statements = {f"s{index}": flow for index, flow in enumerate(program)}
    order = list(statements)
    random.shuffle(order)  # type: ignore[attr-defined]
    before, after = named_by(text_of(statements)), named_by(text_of(statements, order))
    assert {key: sorted(value) for key, value in before.items()} == {
        key: sorted(value) for key, value in after.items()
    }


@settings(max_examples=60, deadline=None)
@given(programs, flows)
def test_a_new_statement_renames_no_layer(program: list[str], flow: str) -> None:
    statements = {f"s{index}": flow for index, flow in enumerate(program)}
    before = named_by(text_of(statements))
    after = named_by(text_of({"new": flow, **statements}))
    assert {key: after[key] for key in before} == before


@settings(max_examples=60, deadline=None)
@given(programs, st.integers(0, 4), flows)
def test_a_change_to_one_statement_renames_no_layer_of_another(
    program: list[str], which: int, flow: str
) -> None:
    statements = {f"s{index}": flow for index, flow in enumerate(program)}
    changed = f"s{which % len(program)}"
    before = named_by(text_of(statements))
    after = named_by(text_of({**statements, changed: flow}))
    before.pop(changed, None)
    after.pop(changed, None)
    assert after == before


@settings(max_examples=30, deadline=None)
@given(programs)
def test_names_are_unique_and_the_same_every_time(program: list[str]) -> None:
    text = text_of({f"s{index}": flow for index, flow in enumerate(program)})
    found = names(text)
    assert len(set(found)) == len(found)
    assert names(text) == found
