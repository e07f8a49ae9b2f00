"""Inputs and outputs keep their names, which are keys of people's data."""

from __future__ import annotations

from pathlib import Path

import keras
import mtg
import pytest
from mtg.cli import main

#: Words that mean something in Python, in the text where they are called, or in either as names
#: of models.
NAMES = (
    *("class", "lambda", "def", "is", "while", "async", "__debug__", "list", "zip", "enumerate"),
    *("range", "len", "min", "max", "round", "tuple", "dict", "keras", "layers", "math", "ops"),
    *("applications", "M", "N", "n", "Model", "x2", "dense", "\u00e9t\u00e9", "x" * 70),
    *("match", "case", "type", "print", "super", "id", "input", "output", "model", "block"),
    *("hash", "sum", "name", "trainable", "main", "inputs", "outputs", "filter", "open", "str"),
    *("dot", "add", "concat", "subtract", "multiply", "average", "maximum", "minimum"),
)


@pytest.mark.parametrize("merge", ["", "add", "dot", "exp"])
def test_names_survive(merge: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [name for name in NAMES if name != merge]
    if merge == "exp":
        names = [name for name in names if name not in ("ops", "N", "Model")]  # which are called
    body = "".join(f"  output {name} = x -> Dense(2)\n" for name in names)
    more = ", axes=1" if merge == "dot" else ""
    rest = f"  output rest = {merge}(a, b{more})\n" if merge else ""
    if merge == "exp":
        rest = "  output rest = ops.exp(a) -> N() -> for n in [3, 4, 5] { Dense(n) }\n"
    program = (
        "model N { input x: float32[3] output y = x -> Dense(3) }\n"
        "model M {\n  input x: float32[4]\n"
        "  output a = x -> Dense(3)\n  output b = x -> Dense(3)\n"
        f"{body}{rest}}}\n"
    )
    Path("m.mtg").write_text(program, encoding="utf-8")
    assert not [each for each in mtg.check(program, model="M") if each.is_error]
    assert main(["compile", "m.mtg", "--model", "M", "-o", "m.json"]) == 0
    assert main(["decompile", "m.json", "-o", "back.mtg"]) == 0
    before, after = mtg.load(program, model="M"), mtg.load(Path("back.mtg"))
    assert [each.name for each in after.outputs] == [each.name for each in before.outputs]
    assert main(["diff", "m.json", "back.mtg"]) == 0
    assert main(["compile", "back.mtg", "-o", "back.py"]) == 0
    compile(Path("back.py").read_text(encoding="utf-8"), "back.py", "exec")


@pytest.mark.parametrize("words", [("concat", "range"), ("class", "ops")])
def test_names_of_inputs_are_those_of_keras(words: tuple[str, str]) -> None:
    """A name hides what the text could call: then the text says it otherwise, or has another."""
    keras.utils.clear_session()
    x, y = (keras.Input((4,), name=word) for word in words)
    last = keras.layers.Concatenate()([x, y])
    for units in (4, 5, 6, 7):
        last = keras.layers.Dense(units)(last)
    model = keras.Model([x, y], last)
    back = mtg.compile(mtg.decompile(model))
    assert back.input_names == list(words)
    assert ("range(" in mtg.decompile(model)) == ("range" not in words)


@pytest.mark.parametrize(
    ("name", "said"),
    [("click rate", "click_rate"), ("for", "for_2"), ("3d", "x3d"), ("Dense", "Dense_2")],
)
def test_a_name_that_no_program_has(name: str, said: str) -> None:
    """It gets another, and the reader is told."""
    x = keras.Input((4,), name="x")
    model = keras.Model(x, keras.layers.Dense(2, name=name)(x))
    with pytest.warns(UserWarning, match=f"the output `{name}` is `{said}` in the text"):  # MTG632
        text = mtg.decompile(model)
    assert f"output {said} =" in text
