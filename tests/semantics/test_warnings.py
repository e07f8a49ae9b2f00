"""What is worth a word, and what is not."""

from __future__ import annotations

import mtg
import pytest
from programs import codes, model

OUTPUT = "output y = x -> Dense(1)\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("let k = 3\n" + model(OUTPUT), "MTG105"),
        ("dim T\n" + model(OUTPUT), "MTG105"),
        ('from "std/vision" import residual\n' + model(OUTPUT), "MTG105"),
        (model("let k = 3\n" + OUTPUT), "MTG105"),
        (model("a = x -> Dense(2)\n" + OUTPUT), "MTG204"),
        (model("a = x -> Dense(2)\nb = a -> Dense(2)\n" + OUTPUT), "MTG204"),
        (model("shared s = Dense(2)\n" + OUTPUT), "MTG205"),
        (model("shared s = Dense(2)\noutput y = x -> s"), "MTG205"),
        (
            "block x -> f() { a = x -> Dense(2) return x }\n" + model("output y = x -> f()"),
            "MTG204",
        ),
        ("block x -> GRU() { return x -> ReLU() }\n" + model(OUTPUT), "MTG106"),
        (model('output y = x -> Dense(1, activation="softmax")'), "MTG508"),
        (model("output y = x -> Embedding(9, 2)"), "MTG308"),
        (model('output y(loss="mse") = x -> Dense(1)\noutput z = x -> Dense(1)'), "MTG505"),
    ],
)
def test_a_warning(text: str, code: str) -> None:
    (found,) = mtg.check(text)
    assert (found.code, found.severity) == (code, "warning")


@pytest.mark.parametrize(
    "text",
    [
        "block x -> f() { return x -> Dense(2) }\n" + model(OUTPUT),
        "let k = 3\nblock x -> f() { return x -> Dense(k) }\n",
        model("a, b = x -> f()\noutput y = a")
        + "block x -> f() { return x -> ReLU(), x -> ReLU() }",
        model("shared s = Dense(8)\noutput y = x -> repeat 2 { s }"),
        "block x -> f(n) { shared s = Dense(8) return x -> repeat n { s } }\n"
        + model("output y = x -> f(2) -> f(1)"),
        model("input z: float32[2]\noutput y = concat(x, z)"),
        # A wrapper takes an instance, and only `shared` gives it a name.
        model("shared s = Dense(2)\noutput y = x -> Reshape((2, 4)) -> TimeDistributed(s)"),
        model("shared s = Dense(2)\noutput y = x -> SpectralNormalization(layer=s)"),
        model("shared s = LSTMCell(2)\noutput y = x -> Reshape((2, 4)) -> RNN(s)"),
    ],
)
def test_no_warning(text: str) -> None:
    assert [code for code in codes(text) if code != "MTG608"] == []


def test_a_program_with_errors_gives_no_advice_about_what_is_unused() -> None:
    text = model("a = x -> Dense(2)\nshared s = ReLU()\noutput y = x -> Desne(1) -> s")
    assert codes(text) == ["MTG102"]
