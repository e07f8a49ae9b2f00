"""The Python back end: source that a person would keep, and that builds the model mtg builds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import mtg
import pytest
from emitted import application, assert_same, graph_of, run
from expander import expand, same
from goldens import expect
from mtg.backends.python.source import python_source
from mtg.compare.canonical import canonical
from mtg.outline.outline import outline
from python_programs import EXAMPLES, PROGRAMS

ROOT = Path(__file__).parents[2]


# ---- the model -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    assert_same(path)


@pytest.mark.parametrize(
    "name",
    ["ResNet50", "InceptionV3", "MobileNetV3Small", "ConvNeXtTiny", "EfficientNetB0", "Xception"],
)
def test_applications(name: str) -> None:
    graph = application(name)
    model = run(python_source(graph))
    assert canonical(graph_of(model), names=True) == canonical(graph, names=True)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.filterwarnings("ignore:.*does not support masking.*")
def test_programs(name: str) -> None:
    assert_same(PROGRAMS[name])


#: The texts of networks that have families, which become lists and loops.
FAMILIES = sorted((ROOT / "tests/cases/decompile").glob("family_*.mtg"))


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_families(path: Path) -> None:
    assert_same(path)
    graph = mtg.load(path)
    expect(mtg.to_python(path), f"python/{path.stem}.py.txt")
    assert same(graph, expand(outline(graph, python=True)))


def test_a_loop_goes_over_the_name_of_its_result() -> None:
    program = """
model M {
  input x: float32[4]
  deep = x -> repeat 3 { Dense(4) -> ReLU() }
  output y = add(deep, x)
}
"""
    source = mtg.to_python(program)
    assert "    deep = x\n    for _ in range(3):\n        deep = layers.Dense(4)(deep)\n" in source
    assert "= deep\n" not in source


def test_arguments_stand_as_the_block_declares_them() -> None:
    """The tensors in the order of its head, then the parameters, those that are found anew too."""
    program = """
block (a, skip) -> gated(filters, dilation, act="relu") {
  h = a -> Conv1D(4, 3, dilation_rate=dilation, padding="same", activation=act)
    -> Conv1D(filters + 1, 1)
  return add(h, skip) if filters > 4 else multiply(h, skip)
}
block (a, b) -> swap(n, m=2) { h = b -> Dense(n) return concat(h, a) -> Dense(m) }
model M {
  input a: float32[8, 4]
  input b: float32[8, 1]
  output y = concat((a, b) -> gated(8, 2), (a, b) -> gated(9, 4))
  output z = concat((a, b) -> gated(3, 3), (a, b) -> gated(4, 5))
  output w = concat((a, b) -> swap(8), (b, a) -> swap(5, m=3))
  output u = (y, (b, a) -> swap(4)) -> swap(7)
}
"""
    source = mtg.to_python(program)
    assert 'def gated(x, y, filters, dilation, act="relu"):' in source
    assert 'def gated_2(x, y, filters, dilation, act="relu"):' in source
    assert "def swap(x, y, n, m=2" in source
    assert "swap(a, b, 8)" in source
    assert "swap(b, a, 5, m=3)" in source
    assert_same(program)


def test_functions_have_the_names_of_models() -> None:
    """Where a variable has that name, the function builds it."""
    graph = mtg.load(
        "model Sub { input a: float32[3] output b = a -> Dense(2) }\n"
        "model Head { input a: float32[2] output c = a -> Dense(2) }\n"
        "model Model {\n  input x: float32[3]\n  sub = x -> Sub()\n  other = x -> Dense(2)\n"
        "  output y = concat(sub, other) -> Dense(2) -> Head()\n  output z = add(sub, other)\n}\n",
        model="Model",
    )
    source = python_source(graph)
    for line in ("def build_sub(name=None):", "def head(name=None):", "def build_model():"):
        assert line in source
    assert "model = build_model()" in source
    assert run(source).name == "Model"


def test_python_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers written in Python are imported as the program imports them."""
    (tmp_path / "made_by_hand.py").write_text(
        "import keras\n\n\n"
        "class Scale(keras.layers.Layer):\n"
        "    def __init__(self, by, **rest):\n"
        "        super().__init__(**rest)\n"
        "        self.by = by\n\n"
        "    def call(self, x):\n"
        "        return x * self.by\n\n\n"
        "def halved(y_true, y_pred):\n"
        "    return keras.losses.mean_squared_error(y_true, y_pred) / 2\n",
        encoding="utf-8",
    )
    (tmp_path / "m.mtg").write_text(
        'from python "made_by_hand" import Scale, halved\n'
        "model M {\n  input x: float32[8]\n"
        "  output y(loss=halved) = x -> Scale(2.0) -> Dense(1)\n}\n",
        encoding="utf-8",
    )
    source = mtg.to_python(tmp_path / "m.mtg", trust=True)
    assert "from made_by_hand import Scale, halved" in source
    monkeypatch.syspath_prepend(str(tmp_path))
    model = run(source)
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Scale", "Dense"]
    sys.modules.pop("made_by_hand")


def test_command(tmp_path: Path) -> None:
    """`mtg compile -o model.py` imports no Keras; the file runs alone, and names nothing of mtg."""
    made = tmp_path / "model.py"
    code = (
        "import sys\nfrom mtg.cli import main\n"
        f"assert main(['compile', {str(EXAMPLES[0])!r}, '-o', {str(made)!r}]) == 0\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    text = made.read_text(encoding="utf-8")
    assert "mtg" not in text
    assert mtg.to_python(EXAMPLES[0]) == text


def test_operators() -> None:
    """Where Python's operator makes the op of the program; a number before `<` is turned round."""
    source = mtg.to_python(PROGRAMS["operators"])
    assert "true_divide = (dense * w - 2) / (1 + x**2)\n" in source
    assert "power = (-x) ** -(w**2)\n" in source
    assert "n = power - multiply + (x * w)[:, 0]\n" in source
    assert "ops.equal(x < w, w < x)" in source
    assert 'ops.multiply(ops.ones((4,), dtype="float32"), x)' in source
    assert "ops.where(ops.less(2, x), 2 - x, power_out)" in source


def test_a_shared_chain_is_one_callable() -> None:
    source = mtg.to_python(PROGRAMS["shared chains"])
    assert "def chain(first, *rest):" in source
    assert "layers.Subtract()([read(a), read(b)])" in source
    assert source.count("for ") == 1


def test_a_chain_that_is_called_chain() -> None:
    """What the program calls so keeps the name; a source without shared chains has no function."""
    program = PROGRAMS["shared chains"].replace("read", "chain")
    assert "def chain_2(first, *rest):" in mtg.to_python(program)
    assert_same(program)
    assert "def chain" not in mtg.to_python(PROGRAMS["frozen"])


# ---- how it reads --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["news_headline", "tiny_resnet", "model_as_layer"])
def test_goldens(name: str) -> None:
    expect(mtg.to_python(ROOT / "examples" / f"{name}.mtg"), f"python/{name}.py.txt")


@pytest.mark.parametrize("name", ["ResNet152", "InceptionV3"])
def test_golden_applications(name: str) -> None:
    expect(python_source(application(name)), f"python/{name}.py.txt")


@pytest.mark.parametrize("name", ["class", "__debug__", "\ufb01", "size"])
def test_arguments_that_python_cannot_spell(name: str) -> None:
    """What a program calls with a name of its own gets that name, whatever Python takes it for."""
    source = mtg.to_python(
        'from python "made_by_hand" import Scale\n'
        f"model M {{ input x: float32[4] output y = x -> Scale({name}=3) }}"
    )
    given: list[dict[str, object]] = []

    def scale(**arguments: object) -> Any:
        given.append(arguments)
        return keras.layers.Dense(1, name="y")

    made = source.replace("from made_by_hand import Scale", "")
    assert made != source
    exec(compile(made.partition("\nmodel.compile(")[0], "made.py", "exec"), {"Scale": scale})
    assert given[0][name] == 3
