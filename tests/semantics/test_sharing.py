"""Parentheses make, a bare name reuses."""

from __future__ import annotations

import mtg
import pytest
from mtg.graph.layers import Application
from programs import calls, codes, model, names

TWO = "input x: float32[8]\ninput z: float32[8]"


def test_parentheses_make_and_a_bare_name_reuses() -> None:
    text = model(
        "shared enc = Dense(4)\na = x -> enc\nb = z -> enc\n"
        "output y = concat(a, b, x -> Dense(4), z -> Dense(4))",
        TWO,
    )
    assert calls(text) == [
        "enc = Dense(x)",
        "enc = Dense(z)",
        "y_dense = Dense(x)",
        "y_dense_2 = Dense(z)",
        "y = Concatenate([enc, enc, y_dense, y_dense_2])",
    ]
    assert len(mtg.load(text).layers) == 6


def test_a_chain_is_shared_as_a_whole() -> None:
    text = model(
        "shared enc = Dense(4) -> ReLU() -> Dense(3)\noutput y = concat(x -> enc, z -> enc)", TWO
    )
    assert calls(text) == [
        "enc_dense = Dense(x)",
        "enc_re_lu = ReLU(enc_dense)",
        "enc = Dense(enc_re_lu)",
        "enc_dense = Dense(z)",
        "enc_re_lu = ReLU(enc_dense)",
        "enc = Dense(enc_re_lu)",
        "y = Concatenate([enc, enc])",
    ]
    assert len(mtg.load(text).layers) == 6


def test_a_chain_of_shared_instances() -> None:
    """Each keeps its own layers, whichever of them is used first, and how often."""
    text = model(
        "shared a = Dense(8) -> ReLU()\nshared b = a -> Dense(8)\nshared c = b -> a -> Dense(3)\n"
        "output y = concat(x -> c, z -> c, x -> b, z -> b)",
        TWO,
    )
    once = ["a_dense", "a", "b", "a_dense", "a", "c"]
    found = [line.split(" = ")[0] for line in calls(text)]
    assert found == once * 2 + ["a_dense", "a", "b"] * 2 + ["y"]
    assert len(set(mtg.load(text).layers)) == 7


@pytest.mark.parametrize("stages", ["if big { Dense(4) -> Dense(8) }", "repeat 2 { Dense(8) }"])
def test_stages_are_shared(stages: str) -> None:
    text = model(f"let big = True\nshared s = {stages}\noutput y = x -> s -> s")
    assert names(text) == ["x", "s_dense", "s", "y"]
    assert calls(text)[2].startswith("s_dense = Dense(s)")


def test_a_block_is_shared_as_an_instance() -> None:
    text = "block x -> f(k) {\nshared d = Dense(8)\nh = x -> d -> d -> ReLU()\n"
    text += "return h[:, 0:4] -> Dense(k)\n}\n"
    text += model("shared enc = f(4)\noutput y = concat(x -> enc, z -> enc, x -> f(4))", TWO)
    graph = mtg.load(text)
    shared = [call.layer for call in graph.calls if call.layer.name.startswith("enc")]
    assert len(shared) == 10
    assert len(set(shared)) == 4
    assert {use.name for call in graph.calls for use in call.uses} == {"enc", "y_f"}


def test_each_use_of_a_block_has_its_own_shared_instances() -> None:
    text = "block x -> f() { shared d = Dense(8) return concat(x -> d, x -> d) }\n"
    text += model("output y = concat(x -> f(), x -> f(), x -> repeat 2 { f() })")
    kernels = [item.name for item in mtg.load(text).layers if item.cls == "Dense"]
    assert kernels == ["y_f_d", "y_f_2_d", "y_f_3_d", "y_f_4_d"]


def test_chains_in_a_block_of_a_shared_block() -> None:
    text = "block x -> f() { shared d = Dense(8) -> ReLU() return x -> d -> d }\n"
    text += model("shared enc = f() -> Dense(8)\noutput y = concat(x -> enc, z -> enc)", TWO)
    found = [line.split(" = ")[0] for line in calls(text)]
    assert found == ["enc_f_d_dense", "enc_f_d", "enc_f_d_dense", "enc_f_d", "enc"] * 2 + ["y"]
    assert len(mtg.load(text).layers) == 6


def test_a_model_is_shared_as_an_instance() -> None:
    text = model("output y = x -> Dense(8)", name="Inner")
    text += model(
        "shared inner = Inner()\noutput y = concat(x -> inner, z -> inner, z -> Inner())", TWO
    )
    assert calls(text) == [
        "inner = Inner(x)",
        "inner = Inner(z)",
        "y_inner = Inner(z)",
        "y = Concatenate([inner, inner, y_inner])",
    ]


def test_an_application_is_shared_as_an_instance() -> None:
    text = model(
        "shared base = applications.Xception(weights=None, include_top=False, trainable=False)\n"
        "output y = concat(x -> base, z -> base) -> Flatten()",
        "input x: float32[75, 75, 3]\ninput z: float32[75, 75, 3]",
    )
    graph = mtg.load(text)
    (base,) = [item for item in graph.layers if isinstance(item, Application)]
    assert base.trainable is False
    assert len(graph.calls_of(base)) == 2


def test_a_shared_layer_in_a_wrapper() -> None:
    text = model("output y = x -> Dense(2)", "input x: float32[4]", "Digit")
    text += model(
        "shared digit = Digit()\nshared dense = Dense(3)\n"
        "frames = x -> TimeDistributed(digit) -> TimeDistributed(dense) -> LSTM(2)\n"
        "output y = concat(frames, z -> digit -> dense)",
        "input x: float32[7, 4]\ninput z: float32[4]",
    )
    assert codes(text) == []
    graph = mtg.load(text)
    by_name = {item.name: item for item in graph.layers}
    first, second = [item for item in graph.layers if item.cls == "TimeDistributed"]
    assert first.arguments["layer"] is by_name["digit"]
    assert second.arguments["layer"] is by_name["dense"]


def test_bidirectional_copies_its_layer_and_so_cannot_share_it() -> None:
    inputs = "input x: float32[7, 4]"
    whole = "shared both = Bidirectional(LSTM(3))\noutput y = concat(x -> both, x -> both)"
    assert codes(model(whole, inputs)) == []
    part = "shared r = LSTM(3)\noutput y = concat(x -> r, x -> Bidirectional(r))"
    assert codes(model(part, inputs)) == ["MTG306"]


def test_a_tensor_is_no_layer() -> None:
    assert codes(model("a = x -> Dense(8)\noutput y = x -> a")) == ["MTG104"]


@pytest.mark.parametrize(
    "family",
    [
        '{"a": Dense(4) -> ReLU(), "b/c": Dense(4)}',
        '{k: (Dense(4) -> ReLU()) if k == "a" else Dense(4) for k in ["a", "b/c"]}',
    ],
)
def test_a_family_of_chains_and_layers(family: str) -> None:
    """Names carry the key, whichever is used first, and whether the family is written out."""
    text = model(
        f"shared t = {family}\n"
        'output y = concat(x -> t["b/c"], z -> t["a"], x -> t["a"], z -> t["b/c"])',
        TWO,
    )
    assert codes(text) == []
    assert [line.split(" = ")[0] for line in calls(text)] == [
        *("t_b_c", "t_a_dense", "t_a", "t_a_dense", "t_a", "t_b_c", "y")
    ]


def test_a_family_of_blocks() -> None:
    text = "block x -> tower(n) { return x -> Dense(n) -> Dense(n) }\n" + model(
        "shared t = [[tower(n) for n in [4, 8]], [tower(4)]]\n"
        "output y = concat(x -> t[0][1], z -> t[0][1], x -> t[1][0])",
        TWO,
    )
    assert codes(text) == []
    assert [line.split(" = ")[0] for line in calls(text)] == [
        *("t_0_8_dense", "t_0_8", "t_0_8_dense", "t_0_8", "t_1_0_dense", "t_1_0", "y")
    ]
