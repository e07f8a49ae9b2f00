"""Merges, groups, slices and `ops`."""

from __future__ import annotations

import mtg
import pytest
from mtg.catalog.names import MERGES
from programs import calls, codes, layer, model

TWO = "input q: float32[5, 8]\ninput v: float32[5, 8]"


@pytest.mark.parametrize("merge", MERGES)
def test_every_merge_is_the_layer_of_keras(merge: str) -> None:
    text = model(f"output y = {merge}(q, v)", TWO)
    assert calls(text) == [f"y = {MERGES[merge]}([q, v])"]


def test_settings_of_a_merge_stand_by_keyword() -> None:
    assert layer(model("output y = concat(q, v, axis=1)", TWO), "y").arguments == {"axis": 1}
    assert layer(model("output y = dot(q, v, axes=1, normalize=True)", TWO), "y").arguments == {
        "axes": 1,
        "normalize": True,
    }


def test_arguments_of_a_merge_may_be_flows_or_a_list() -> None:
    text = model("output y = add([q -> Dense(2), v -> Dense(2)])", TWO)
    assert calls(text)[-1] == "y = Add([y_dense, y_dense_2])"
    text = model(
        "output y = concat(q -> Dense(2), add(q, v) -> ReLU(), ops.abs(v), q[:, :, 1:])", TWO
    )
    assert calls(text)[-1] == "y = Concatenate([y_dense, y_re_lu, y_abs, y_getitem])"


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        ("(q, v) -> Attention()", "y = Attention([q, v])"),
        ("[q, v] -> Attention()", "y = Attention([q, v])"),
        ("(q, v) -> Concatenate(axis=1)", "y = Concatenate([q, v])"),
        (
            "(query=q, value=v, key=v) -> MultiHeadAttention(2, 4)",
            "y = MultiHeadAttention(query=q, value=v, key=v)",
        ),
        ("(q, v) -> MultiHeadAttention(2, 4)", "y = MultiHeadAttention(q, v)"),
        ("(q, value=v) -> MultiHeadAttention(2, 4)", "y = MultiHeadAttention(q, value=v)"),
        (
            "(q, training=False) -> BatchNormalization()",
            "y = BatchNormalization(q, training=False)",
        ),
        ("(q -> Dense(2), v -> Dense(2)) -> Add()", "y = Add([y_dense, y_dense_2])"),
        ("(q) -> Dense(2)", "y = Dense(q)"),
    ],
)
def test_groups_are_the_arguments_of_the_call(flow: str, expected: str) -> None:
    assert calls(model(f"output y = {flow}\noutput z = concat(q, v)", TWO))[-2] == expected


def test_a_group_may_hold_lists() -> None:
    text = model(
        "h = q -> Flatten() -> Dense(3)\noutput y = (v, initial_state=[h, h]) -> LSTM(3)", TWO
    )
    assert calls(text)[-1] == "y = LSTM(v, initial_state=[h, h])"
    assert codes(text) == []


@pytest.mark.parametrize(
    ("index", "key", "shape"),
    [
        (":, 0", "(:, 0)", "float32[8]"),
        (":, -1", "(:, -1)", "float32[8]"),
        ("..., -1", "(..., -1)", "float32[5]"),
        (":, ::2, 1:3", "(:, ::2, 1:3)", "float32[3, 2]"),
        (":, None", "(:, None)", "float32[1, 5, 8]"),
        (":, ::-1", "(:, ::-1)", "float32[5, 8]"),
        (":, n:", "(:, 2:)", "float32[3, 8]"),
        (":, 1:-1, ...", "(:, 1:-1, ...)", "float32[3, 8]"),
    ],
)
def test_slices(index: str, key: str, shape: str) -> None:
    text = model(f"let n = 2\ns = q[{index}]\noutput y = s", "input q: float32[5, 8]")
    assert calls(text) == [f"s = getitem(q, {key})", "y = Identity(s)"]
    from mtg.text.diagnostics import Diagnostics
    from mtg.types.infer import infer

    graph = mtg.load(text)
    assert str(infer(graph, Diagnostics()).of(graph.outputs[0].tensor)) == shape


@pytest.mark.parametrize("index", [':, "a"', ":, 1.5", ":, True", "::, q"])
def test_what_is_no_index(index: str) -> None:
    assert codes(model(f"output y = q[{index}]", "input q: float32[5, 8]")) == ["MTG404"]


def test_ops_take_tensors_values_and_flows() -> None:
    text = model(
        "let n = 5\npos = ops.arange(n)\n"
        'output y = ops.add(q -> Dense(4), ops.cast(ops.expand_dims(pos, -1), "float32"))\n'
        "output z = ops.mean(ops.concatenate([q, v -> Dense(3)], axis=-1), axis=1)\n"
        "output w = ops.image.resize(ops.expand_dims(q, -1), (3, 3))",
        TWO,
    )
    assert codes(text) == []
    assert calls(text) == [
        "pos = arange(5)",
        "y_dense = Dense(q)",
        "y_expand_dims = expand_dims(pos, -1)",
        "y_cast = cast(y_expand_dims, 'float32')",
        "y_add = add(y_dense, y_cast)",
        "y = Identity(y_add)",
        "z_dense = Dense(v)",
        "z_concatenate = concatenate([q, z_dense], axis=-1)",
        "z_mean = mean(z_concatenate, axis=1)",
        "z = Identity(z_mean)",
        "w_expand_dims = expand_dims(q, -1)",
        "w_resize = image.resize(w_expand_dims, (3, 3))",
        "w = Identity(w_resize)",
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("output z = ops.ones((3, 4)) -> Dense(3)", "MTG206"),
        ("c = ops.ones((3, 4))\noutput z = add(c, c) -> Dense(3)", "MTG206"),
        ("output z = ops.ones((3, 4))", "MTG203"),
        ("c = ops.ones((3, 4))\noutput z = ops.add(c, c)", "MTG203"),
    ],
)
def test_what_comes_from_no_input(body: str, code: str) -> None:
    assert codes(model("output y = x -> Dense(1)\n" + body)) == [code]


@pytest.mark.parametrize(
    "flow", ["not x", "x and x", "1 < x < 2", "x in [1, 2]", "x or 1", "True and x"]
)
def test_words_between_tensors_are_refused(flow: str) -> None:
    assert codes(model(f"output y = {flow}")) == ["MTG207"]


@pytest.mark.parametrize(
    "flow", ["x -> concat(x, x)", "x -> ops.mean(x)", "x -> add", "x -> len(x)"]
)
def test_functions_are_no_stages(flow: str) -> None:
    assert codes(model(f"output y = {flow}")) == ["MTG210"]


@pytest.mark.parametrize("flow", ["Dense(3)", "Dense(3) -> Dense(1)", "shared_one", "3", '"x"'])
def test_a_flow_begins_with_a_tensor(flow: str) -> None:
    text = model(
        f"shared shared_one = Dense(8)\noutput z = x -> shared_one -> shared_one\noutput y = {flow}"
    )
    assert codes(text) == ["MTG207"]
