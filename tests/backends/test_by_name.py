"""Names are the keys: of targets, sample weights and predictions, in memory, loaded, in Python.

The oracle is Keras: the loss that `fit` reports of one batch is that of the predictions before it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import keras
import mtg
import numpy as np
import pytest
from mtg.cli import main

pytestmark = pytest.mark.usefixtures("eager")

Form = Literal["list", "dict"]
Make = Callable[[str, Form, Path], Any]

#: Declared in another order than that of the names, and of one shape.
TWO = """
model M {
  input text: float32[4]
  input more: float32[3]
  h = concat(text, more) -> Dense(5, activation="tanh")
  output zeta(loss="mse", weight=2.0, metrics=["mae"]) = h -> Dense(1)
  output alpha(loss="mse") = h -> Dense(1)
  train(optimizer="sgd")
}
"""
ONE = """
model M {
  input text: float32[4]
  output zeta(loss="mse", metrics=["mae"]) = text -> Dense(1)
  train(optimizer="sgd")
}
"""
IDLE = TWO.replace('alpha(loss="mse")', "alpha").replace(", weight=2.0", "")

ROWS = 6
RANDOM = np.random.default_rng(3)
X = {
    "text": RANDOM.normal(size=(ROWS, 4)).astype("float32"),
    "more": RANDOM.normal(size=(ROWS, 3)).astype("float32"),
}
Y = {
    "zeta": RANDOM.normal(size=(ROWS, 1)).astype("float32"),
    "alpha": RANDOM.normal(size=(ROWS, 1)).astype("float32") + 3,
}
WEIGHTS = {
    "zeta": np.array([0, 1, 0, 2, 1, 0], "float32"),
    "alpha": np.array([1, 0, 0, 0, 3, 1], "float32"),
}


def in_memory(program: str, form: Form, folder: Path) -> Any:
    return mtg.compile(program, outputs=form)


def loaded(program: str, form: Form, folder: Path) -> Any:
    path = folder / "m.keras"
    mtg.compile(program, outputs=form).save(path)
    return keras.models.load_model(path)


def in_python(program: str, form: Form, folder: Path) -> Any:
    names: dict[str, Any] = {}
    exec(mtg.to_python(program, outputs=form), names)
    return names["model"]


PLACES: list[Make] = [in_memory, loaded, in_python]
#: Where Keras itself takes everything, and what mtg adds to a model that it builds.
BY_NAME = [(in_memory, "list"), *((place, "dict") for place in PLACES)]


def predictions(model: Any, x: Any) -> dict[str, Any]:
    found = model(x)
    if not isinstance(found, dict):
        flat = found if isinstance(found, (list, tuple)) else [found]
        found = dict(zip(model.output_names, flat, strict=True))
    return {name: keras.ops.convert_to_numpy(each) for name, each in found.items()}


def assert_fits(
    model: Any,
    y: Any,
    weights: Any = None,
    *,
    tasks: tuple[str, ...] = ("zeta", "alpha"),
    sample_weight: dict[str, Any] | None = None,
    x: Any = None,
) -> None:
    """Whether one step of `fit` meets every target and weight where it belongs."""
    x = X if x is None else x
    made = predictions(model, x)
    wanted = {}
    for name in tasks:
        errors = ((made[name] - Y[name]) ** 2).mean(axis=-1)
        wanted[name] = (errors * (1 if sample_weight is None else sample_weight[name])).mean()
    factor = 2.0 if len(tasks) > 1 else 1.0
    total = sum(value * (factor if name == "zeta" else 1) for name, value in wanted.items())
    said = model.fit(
        x, y, sample_weight=weights, batch_size=ROWS, epochs=1, shuffle=False, verbose=0
    ).history
    np.testing.assert_allclose(said["loss"], [total], rtol=1e-4)
    if len(tasks) > 1:
        for name in tasks:
            np.testing.assert_allclose(said[f"{name}_loss"], [wanted[name]], rtol=1e-4)


@pytest.mark.parametrize("form", ["list", "dict"])
@pytest.mark.parametrize("place", PLACES)
def test_targets_by_name(place: Make, form: Form, tmp_path: Path) -> None:
    assert_fits(place(TWO, form, tmp_path), Y)


@pytest.mark.parametrize(
    ("place", "form"), [(in_memory, "dict"), *((place, "list") for place in PLACES)]
)
def test_targets_in_declared_order(place: Make, form: Form, tmp_path: Path) -> None:
    x = [X["text"], X["more"]]
    assert_fits(place(TWO, form, tmp_path), [Y["zeta"], Y["alpha"]], x=x)


@pytest.mark.parametrize("place", [loaded, in_python])
def test_keras_sorts_the_names_of_a_dict(place: Make, tmp_path: Path) -> None:
    """What the documentation warns of: lists are in the order of the names there."""
    x = [X["text"], X["more"]]
    assert_fits(place(TWO, "dict", tmp_path), [Y["alpha"], Y["zeta"]], x=x)


@pytest.mark.parametrize(("place", "form"), BY_NAME)
def test_sample_weights_by_name(place: Make, form: Form, tmp_path: Path) -> None:
    assert_fits(place(TWO, form, tmp_path), Y, WEIGHTS, sample_weight=WEIGHTS)


@pytest.mark.parametrize("form", ["list", "dict"])
def test_sample_weights_in_declared_order(form: Form, tmp_path: Path) -> None:
    y, weights = ([each["zeta"], each["alpha"]] for each in (Y, WEIGHTS))
    assert_fits(in_memory(TWO, form, tmp_path), y, weights, sample_weight=WEIGHTS)


@pytest.mark.parametrize(("place", "form"), BY_NAME)
def test_one_weight_for_all_outputs(place: Make, form: Form, tmp_path: Path) -> None:
    one = WEIGHTS["zeta"]
    assert_fits(place(TWO, form, tmp_path), Y, one, sample_weight=dict.fromkeys(Y, one))


@pytest.mark.parametrize(("place", "form"), BY_NAME)
def test_one_output_by_name(place: Make, form: Form, tmp_path: Path) -> None:
    y, weights = {"zeta": Y["zeta"]}, {"zeta": WEIGHTS["zeta"]}
    x = X["text"]
    assert_fits(place(ONE, form, tmp_path), y, tasks=("zeta",), x=x)
    model = place(ONE, form, tmp_path)
    assert_fits(model, y, weights, tasks=("zeta",), sample_weight=WEIGHTS, x=x)


@pytest.mark.parametrize("form", ["list", "dict"])
@pytest.mark.parametrize("place", PLACES)
def test_one_output_without_its_name(place: Make, form: Form, tmp_path: Path) -> None:
    assert_fits(place(ONE, form, tmp_path), Y["zeta"], tasks=("zeta",), x=X["text"])


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
@pytest.mark.parametrize("form", ["list", "dict"])
def test_an_output_without_a_loss_needs_no_targets(form: Form, tmp_path: Path) -> None:
    y, weights = {"zeta": Y["zeta"]}, {"zeta": WEIGHTS["zeta"]}
    assert_fits(in_memory(IDLE, form, tmp_path), y, tasks=("zeta",))
    model = in_memory(IDLE, form, tmp_path)
    assert_fits(model, y, weights, tasks=("zeta",), sample_weight=WEIGHTS)


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
@pytest.mark.parametrize("place", [loaded, in_python])
def test_keras_wants_none_for_an_output_without_a_loss(place: Make, tmp_path: Path) -> None:
    assert_fits(place(IDLE, "dict", tmp_path), {"zeta": Y["zeta"], "alpha": None}, tasks=("zeta",))


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
@pytest.mark.parametrize("place", [loaded, in_python])
def test_what_keras_refuses(place: Make, tmp_path: Path) -> None:
    """What the documentation says of models that Keras alone made; should it work, say so."""
    wrong = (KeyError, TypeError, ValueError, AttributeError)
    y, weights = ([each["zeta"], each["alpha"]] for each in (Y, WEIGHTS))
    with pytest.raises(KeyError):
        place(TWO, "list", tmp_path).fit(X, Y, sample_weight=WEIGHTS, verbose=0)
    with pytest.raises(KeyError):
        place(TWO, "list", tmp_path).fit(X, Y, sample_weight=WEIGHTS["zeta"], verbose=0)
    with pytest.raises(wrong):
        place(ONE, "list", tmp_path).fit(X["text"], {"zeta": Y["zeta"]}, verbose=0)
    with pytest.raises(wrong):
        place(IDLE, "list", tmp_path).fit(X, {"zeta": Y["zeta"]}, verbose=0)
    with pytest.raises(wrong):
        place(TWO, "dict", tmp_path).fit(X, y, sample_weight=weights, verbose=0)
    with pytest.raises(wrong):
        place(IDLE, "dict", tmp_path).fit(X, {"zeta": Y["zeta"]}, verbose=0)


@pytest.mark.parametrize("place", [loaded, in_python])
def test_what_keras_takes_in_lists(place: Make, tmp_path: Path) -> None:
    y, weights = ([each["zeta"], each["alpha"]] for each in (Y, WEIGHTS))
    assert_fits(place(TWO, "list", tmp_path), y, weights, sample_weight=WEIGHTS)


@pytest.mark.parametrize("program", [ONE, TWO])
def test_a_dict_in_every_form(program: str, tmp_path: Path) -> None:
    """The model that is built, that of its JSON and of its Python: the same keys and weights."""
    x = X if program == TWO else X["text"]
    ours = mtg.compile(program, outputs="dict")
    read = keras.models.model_from_json(mtg.to_json(program, outputs="dict"))
    for other in (read, in_python(program, "dict", tmp_path)):
        other.set_weights(ours.get_weights())
        mine, theirs = ours.predict(x, verbose=0), other.predict(x, verbose=0)
        assert mine.keys() == theirs.keys() == {o.name for o in mtg.load(program).outputs}
        for name in mine:
            np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-4, atol=1e-5)


# ---- weights -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("saved", "taken"), [("dict", "list"), ("list", "dict"), ("dict", "dict")])
def test_weights_go_by_names_from_one_form_to_the_other(
    saved: Form, taken: Form, tmp_path: Path
) -> None:
    """Of one shape, they would load in each other's place without a word."""
    path = tmp_path / "m.keras"
    first = mtg.compile(TWO, outputs=saved)
    first.save(path)
    second = mtg.compile(TWO, outputs=taken, weights=path)
    one, other = predictions(first, X), predictions(second, X)
    for name in Y:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-5)


def test_a_program_is_the_model_of_a_dict_that_was_made_of_it(tmp_path: Path) -> None:
    path, program = tmp_path / "m.keras", tmp_path / "m.mtg"
    program.write_text(TWO, encoding="utf-8")
    mtg.compile(TWO, outputs="dict").save(path)
    for found in (mtg.diff(path, program), mtg.diff(program, path)):
        assert found.equal
        assert found.weights.verdict == "yes"
        assert any("--outputs dict" in note for note in found.notes)
    assert mtg.diff(mtg.compile(TWO), program).equal
    text = mtg.decompile(path)
    assert mtg.diff(text, path).equal


def test_a_dict_beside_a_list(tmp_path: Path) -> None:
    """Keras's own `load_weights` puts weights in the wrong places, and mtg says so."""
    first, second = (mtg.compile(TWO, outputs=form) for form in ("dict", "list"))
    second.save(tmp_path / "list.keras")
    found = mtg.diff(first, tmp_path / "list.keras")
    assert any("a dict of its outputs" in note for note in found.notes)
    assert found.weights.verdict == "partly"
    assert {each.layer for each in found.weights.layers if each.stray} == {("alpha",), ("zeta",)}
    first.save_weights(tmp_path / "dict.weights.h5")
    second.load_weights(tmp_path / "dict.weights.h5")
    one, other = predictions(first, X), predictions(second, X)
    np.testing.assert_allclose(one["alpha"], other["zeta"], rtol=1e-5)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "m.mtg"
    program.write_text(TWO, encoding="utf-8")
    for suffix in ("keras", "json", "py"):
        target = tmp_path / f"m.{suffix}"
        assert main(["compile", str(program), "-o", str(target), "--outputs", "dict"]) == 0
    assert set(predictions(keras.models.load_model(tmp_path / "m.keras"), X)) == set(Y)
    read = keras.models.model_from_json((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert isinstance(read(X), dict)
    assert (tmp_path / "m.py").read_text(encoding="utf-8") == mtg.to_python(TWO, outputs="dict")
    capsys.readouterr()
    assert main(["decompile", str(tmp_path / "m.keras")]) == 0
    assert "--outputs dict" in capsys.readouterr().err
    assert main(["diff", str(tmp_path / "m.keras"), str(program)]) == 0


def test_another_word_for_outputs_is_refused() -> None:
    with pytest.raises(TypeError, match="'list'` or `'dict'"):
        mtg.compile(ONE, outputs="tuple")
