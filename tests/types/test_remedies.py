"""What mtg proposes for shapes that do not fit works, and costs little.

The programs stand in `tests/cases/remedies.mtg`; what is said of each in `tests/cases/errors/`.
"""

from __future__ import annotations

import re

import mtg
import pytest
from goldens import CASES
from mtg.compiler import Compiler
from mtg.text.diagnostics import Diagnostic
from mtg.text.edits import apply
from steps import steps

PROGRAM = (CASES / "remedies.mtg").read_text(encoding="utf-8")
MODELS = re.findall(r"^model (\w+)", PROGRAM, re.M)

#: The models that no change of arguments mends, and a layer that does.
INSERTED = {
    "Channels": ("image ->", "image -> Reshape((28, 28, 1)) ->"),
    "Features": ("concat(seen,", "concat(seen -> GlobalAveragePooling2D(),"),
    "Gate": ("axis=-1)", "axis=-1, keepdims=True)"),
    "Unknown": ("Flatten()", "GlobalAveragePooling2D()"),
    "Wide": ("add(x,", "add(x -> Dense(16),"),
    "Around": ("photo ->", "photo -> Resizing(32, 32) ->"),
}


def errors(text: str, model: str) -> list[str]:
    return [each.message for each in mtg.check(text, model=model) if each.is_error]


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ("Classifier", "Unet")])
def test_what_is_proposed_mends_the_program(name: str) -> None:
    compiler = Compiler(PROGRAM, model=name)
    (error,) = compiler.check()
    assert "then the shapes fit" in error.help
    assert compiler.source is not None
    if name not in INSERTED and name != "Shortcut":
        assert error.fix is not None
        assert not error.fix.safe  # a model of another shape is another model
        mended, _ = apply(compiler.source, [error], unsafe=True)
    elif name == "Shortcut":
        mended = PROGRAM.replace(
            "add(body, x) -> R", "add(body, x -> Conv2D(16, 1, strides=2)) -> R"
        )
    else:
        assert error.fix is None
        start = PROGRAM.index(f"model {name} ")
        mended = PROGRAM[:start] + PROGRAM[start:].replace(*INSERTED[name], 1)
    assert mended != PROGRAM
    assert errors(mended, name) == []


def unet(height: int, width: int, depth: int) -> str:
    """A network that halves an image so many times, and doubles it again beside each half."""
    lines = [f"  x0 = image -> {SAME}"]
    lines += [f"  x{n} = x{n - 1} -> MaxPooling2D() -> {SAME}" for n in range(1, depth + 1)]
    lines += [f"  y{depth} = x{depth} -> {SAME}"]
    lines += [
        f"  y{n} = concat(y{n + 1} -> UpSampling2D(), x{n}) -> {SAME}" for n in range(depth)[::-1]
    ]
    body = "\n".join(lines)
    return (
        f"model M {{\n  input image: float32[{height}, {width}, 3]\n{body}\n"
        "  output mask = y0 -> Conv2D(1, 1)\n}\n"
    )


SAME = 'Conv2D(4, 3, padding="same")'


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("size", [(48, 40), (50, 40), (33, 64), (47, 47), (99, 101), (20, 500)])
def test_the_nearest_sizes_that_go_through_are_proposed(size: tuple[int, int], depth: int) -> None:
    found = errors(unet(*size, depth), "M")
    step = 2**depth
    wrong = {
        axis: [n for n in (length - length % step, length - length % step + step) if n >= step]
        for axis, length in enumerate(size)
        if length % step
    }
    assert bool(found) == bool(wrong)
    if not wrong:
        return
    help = mtg.check(unet(*size, depth))[0].help
    for axis, near in wrong.items():
        assert re.search(rf"{axis + 1} .*be {' or '.join(map(str, near))} \(", help), help
        for length in near:
            others = {other: lengths[-1] for other, lengths in wrong.items()} | {axis: length}
            given = [others.get(each, size[each]) for each in range(2)]
            assert errors(unet(*given, depth), "M") == []
    for axis in {0, 1} - set(wrong):
        assert not re.search(rf"(axis|axes .*and) {axis + 1} ", help), help


def test_nothing_is_proposed_that_does_not_work() -> None:
    """Two inputs of unlike sizes: what to do about them is not for mtg to say."""
    (error,) = mtg.check(
        """model M {
          input a: float32[4, 4, 3]
          input b: float32[5, 4, 3]
          output y = concat(a, b)
        }"""
    )
    assert error.help == ""
    assert error.fix is None


def test_a_change_that_breaks_something_else_is_not_proposed() -> None:
    text = """
    model M {
      input x: float32[8, 8, 3]
      a = x -> Conv2D(3, 3)
      b = x -> Conv2D(3, 1)
      c = a -> Reshape((108,)) -> Dense(2)
      output y = add(a, b) -> Flatten() -> Dense(1)
      output z = c
    }
    """
    (error,) = mtg.check(text)
    assert "padding" not in error.help  # `a` must keep its 108 numbers


def test_several_uses_of_a_block_are_mended_in_one_place() -> None:
    (error,) = mtg.check(PROGRAM, model="Stages")
    assert error.fix is not None
    assert len(error.fix.edits) == 1
    assert error.fix.edits[0].span.source.text[error.fix.edits[0].span.start - 1 :].startswith("3)")


@pytest.mark.slow
def test_the_search_is_bounded() -> None:
    layers = "".join(
        f"  a{i} = a{i - 1} -> Conv2D(8, 3, strides=1) -> BatchNormalization() -> ReLU()\n"
        for i in range(1, 400)
    )
    text = (
        "model M {\n  input a0: float32[1024, 1024, 8]\n"
        f"{layers}  output y = add(a399, a0, a0 -> MaxPooling2D(5), a0 -> Conv2D(9, 2))\n}}\n"
    )
    found: list[Diagnostic] = []
    assert steps(lambda: found.extend(mtg.check(text))) < 12_000_000
    assert [each.code for each in found] == ["MTG301"]


def test_the_way_shows_where_an_axis_changed() -> None:
    text = """
    model M {
      input image: float32[224, 224, 3]
      body = image -> Conv2D(8, 7, strides=2, padding="same", name="stem")
        -> BatchNormalization() -> ReLU() -> BatchNormalization(name="n") -> ReLU(name="r")
      output y = add(body, image -> Conv2D(8, 3, name="skip"))
    }
    """
    (error,) = mtg.check(text)
    ways = [note for note in error.notes if note.startswith("body: ")]
    assert ways == [
        "body: image float32[224, 224, 3] -> stem [112, 112, 8] -> … -> "
        "body_re_lu [112, 112, 8] -> n [112, 112, 8] -> r [112, 112, 8]"
    ]
    assert "`stem`, axes 1 and 2: ceil(224 / 2) = 112" in error.notes
    assert "`skip`, axes 1 and 2: floor((224 - 3) / 1) + 1 = 222" in error.notes


@pytest.mark.parametrize(
    ("first", "second", "marked"),
    [
        ("[4, 5, 6]", "[4, 7, 6]", ["a  [4, 5, 6]", "b  [4, 7, 6]", "       ^"]),
        ("[4, 5, 6]", "[7, 6]", ["a  [4, 5, 6]", "b     [7, 6]", "       ^"]),
        ("[10, 6]", "[4, 6]", ["a  [10, 6]", "b  [ 4, 6]", "    ^^"]),
    ],
)
def test_shapes_are_compared_axis_by_axis(first: str, second: str, marked: list[str]) -> None:
    text = (
        f"model M {{\ninput a: float32{first}\ninput b: float32{second}\noutput y = add(a, b)\n}}"
    )
    (error,) = mtg.check(text)
    (table,) = [note for note in error.notes if note.startswith("these lengths differ:")]
    assert table.splitlines()[1:] == marked
