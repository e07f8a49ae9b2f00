"""Two graphs compared: each program is the one before it with one thing changed."""

from __future__ import annotations

from typing import Any

import keras
import mtg
import pytest
from mtg.compare.changes import Change, compare

BASE = """\
model M(u=8) {
  input x: float32[8]
  input z: float32[4]
  h = x -> Dense(u, activation="relu") -> Dense(4)
  g = z -> Dense(4)
  output a(loss="mse") = add(h, g) -> Dense(1)
  output b(loss="mse", weight=0.5) = h -> Dense(2)
  train(optimizer=Adam(1e-2), epochs=3)
}
"""


def changes(new: str, old: str = BASE, **more: Any) -> tuple[Change, ...]:
    return compare(mtg.load(old), mtg.load(new), **more).changes


def only(new: str, old: str = BASE) -> Change:
    (change,) = changes(new, old)
    return change


def test_equal() -> None:
    assert changes(BASE) == ()
    assert changes(BASE.replace("u=8", "w=8").replace("Dense(u", "Dense(w")) == ()


def test_added_in_a_connection() -> None:
    """What stands after it is not told as rewired."""
    found = only(BASE.replace("-> Dense(4)\n  g", "-> Dropout(0.3) -> Dense(4)\n  g"))
    assert (found.kind, found.what, found.name, found.cls) == (
        "added",
        "layer",
        "h_dropout",
        "Dropout",
    )
    assert found.values == {"rate": (None, 0.3)}
    assert found.takes == {"0": ("h_dense", "h_dense")}
    assert found.gives == ("h",)


def test_names_that_stand_elsewhere() -> None:
    """One model under other names, two of which are those of other layers in the first."""
    old = """model M {
      input x: float32[8]
      first = x -> Dense(8, activation="relu")
      second = first -> Dense(8, activation="relu")
      output y = second + first -> Dense(1)
    }"""
    new = old.replace("first", "third").replace("second", "first")
    assert changes(new, old, names=False) == ()
    # What is added is told alone, and no name misleads.
    dropped = new.replace("= third -> ", "= third -> Dropout(0.3) -> ")
    (found,) = changes(dropped, old, names=False)
    assert (found.kind, found.cls) == ("added", "Dropout")


def test_removed_from_a_connection() -> None:
    with_dropout = BASE.replace("-> Dense(4)\n  g", "-> Dropout(0.3) -> Dense(4)\n  g")
    found = only(BASE, with_dropout)
    assert (found.kind, found.name, found.values) == ("removed", "h_dropout", {"rate": (0.3, None)})


def test_renamed() -> None:
    new = BASE.replace("g =", "k =").replace("(h, g)", "(h, k)")
    found = only(new)
    assert (found.kind, found.what, found.old, found.name) == ("renamed", "layer", "g", "k")
    assert changes(new, names=False) == ()


def test_renamed_and_changed() -> None:
    new = BASE.replace("g = z -> Dense(4)", "k = z -> Dense(4, use_bias=False)")
    found = changes(new.replace("(h, g)", "(h, k)"))
    assert [(c.kind, c.old, c.name) for c in found] == [
        ("renamed", "g", "k"),
        ("changed", "g", "k"),
    ]


def test_changed() -> None:
    found = only(BASE.replace("u=8", "u=9"))
    assert (found.kind, found.name, found.values) == ("changed", "h_dense", {"units": (8, 9)})


def test_changed_class() -> None:
    found = only(BASE.replace("g = z -> Dense(4)", 'g = z -> Activation("tanh")'))
    assert found.values == {
        "class": ("Dense", "Activation"),
        "units": (4, None),
        "activation": (None, "tanh"),
    }


def test_rewired() -> None:
    found = only(BASE.replace("h -> Dense(2)", "g -> Dense(2)"))
    assert (found.kind, found.name, found.takes) == ("rewired", "b", {"0": ("h", "g")})


def test_tasks() -> None:
    new = BASE.replace("weight=0.5", 'weight=0.7, metrics=["mae"]').replace('a(loss="mse"', "a(")
    found = {change.name: change.values for change in changes(new.replace("a()", 'a(loss="mae")'))}
    assert found == {
        "a": {"loss": ("mse", "mae")},
        "b": {"weight": (0.5, 0.7), "metrics": ([], ["mae"])},
    }


def test_training() -> None:
    found = only(BASE.replace("Adam(1e-2), epochs=3", '"sgd", epochs=3, batch_size=8'))
    assert found.what == "train"
    assert set(found.values) == {"optimizer", "batch_size"}
    assert found.values["batch_size"] == (None, 8)


def test_inputs_and_outputs() -> None:
    swapped = BASE.replace("  input x: float32[8]\n", "").replace(
        "float32[4]\n", "float32[4]\n  input x: float32[8]\n"
    )
    assert (only(swapped).kind, only(swapped).what) == ("reordered", "input")
    found = only(BASE.replace("input z: float32[4]", "input z: float32[5]"))
    assert (found.what, found.values) == ("input", {"shape": ([4], [5])})
    found = only(BASE.replace("output b", "output c"))
    assert (found.kind, found.what, found.old, found.name) == ("renamed", "output", "b", "c")


def test_an_inserted_layer_among_like_ones() -> None:
    """Names with numbers shift; what leads to a layer and follows from it says which is which."""
    old = "model M { input x: float32[8]\n output y = x -> Dense(64) -> Dense(32) -> Dense(10) }"
    new = old.replace("-> Dense(32)", "-> Dense(64) -> Dense(32)")
    found = changes(new, old)
    assert [(c.kind, c.cls) for c in found if c.kind != "renamed"] == [("added", "Dense")]


def test_in_a_nested_model() -> None:
    text = (
        "model Inner { input t: float32[8]\n  output o = t -> Dense(3, name='one') -> Dense(2) }\n"
        "model M { input x: float32[8]\n  output y = x -> Inner(name='inner') -> Dense(1) }\n"
    )
    found = only(text.replace("Dense(3", "Dense(5"), text)
    assert (found.path, found.name, found.values) == (("inner",), "one", {"units": (3, 5)})


def test_in_an_application() -> None:
    """Nobody wrote the names of its layers, and all are numbered anew where one is left out."""
    text = (
        "model M { input x: float32[64, 64, 3]\n output y = x\n"
        " -> applications.ResNet50(weights=None, input_shape=(64, 64, 3), classes=10) }"
    )
    found = only(text.replace("classes=10", "classes=12"), text)
    assert (found.kind, found.cls, found.values) == ("changed", "Dense", {"units": (10, 12)})
    less = changes(text.replace("classes=10", "include_top=False"), text)
    assert {change.kind for change in less} == {"removed"}
    other = text.replace("ResNet50", "ResNet50V2")
    assert changes(other, text)
    assert "renamed" not in {change.kind for change in changes(other, text)}


def test_sharing() -> None:
    shared = (
        "model M { input x: float32[4]\n input z: float32[4]\n shared e = Dense(4)\n"
        " a = x -> e\n b = z -> e\n output y = concat(a, b) -> Dense(1) }"
    )
    apart = shared.replace(" shared e = Dense(4)\n", "").replace("-> e", "-> Dense(4)")
    found = changes(apart, shared)
    assert any(change.values.get("calls") == (2, 1) for change in found)
    assert any(change.kind == "added" for change in found)
    assert changes(shared, apart)


def test_ops() -> None:
    text = "model M { input x: float32[4, 3]\n output y = ops.mean(x, axis=1) -> Dense(1) }"
    found = only(text.replace("axis=1", "axis=1, keepdims=True"), text)
    assert (found.what, found.values) == ("op", {"keepdims": (None, True)})
    found = only(text.replace("ops.mean", "ops.max"), text)
    assert found.values["class"] == ("ops.mean", "ops.max")


@pytest.mark.parametrize("layers", [400])
def test_a_long_chain(layers: int) -> None:
    text = f"model M {{ input x: float32[4]\n output y = x -> repeat {layers} {{ Dense(4) }} }}"
    assert changes(text, text) == ()
    shorter = text.replace(str(layers), str(layers - 100))
    assert sum(change.kind == "removed" for change in changes(shorter, text)) == 100


def test_outputs_of_one_name() -> None:
    """Keras calls the results of one function alike; a text needs other names."""
    x = keras.Input((4,), name="x")
    model = keras.Model(x, keras.ops.split(x, 2, axis=-1))
    first, second = model.output_names
    assert first == second
    assert mtg.diff(model, model).equal
    found = mtg.diff(model, mtg.decompile(model)).changes
    assert [change.kind for change in found if change.what == "output"] == ["renamed"]
    keras.utils.clear_session()
