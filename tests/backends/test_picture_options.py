"""What can be asked of a picture, through the command line and the API; large models on a page."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import mtg
import pytest
from mtg.backends.picture.pages import MOST_BOXES
from mtg.backends.picture.themes import THEMES
from mtg.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
NEWS = EXAMPLES / "news_headline.mtg"
RETINA = EXAMPLES / "retina_heads.mtg"


def _dot(program: str | Path, **options: object) -> str:
    return mtg.render(program, format="dot", **options).decode()  # type: ignore[arg-type]


def _boxes(source: str) -> int:
    return len(re.findall(r"^\s*n\d+ \[", source, re.M))


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (["--legend"], {"legend": True}),
        (["--direction", "LR"], {"direction": "LR"}),
        (["--detail", "paper"], {"detail": "paper"}),
        (["--theme", "dark"], {"theme": "dark"}),
        (["--width", "84"], {"width_mm": 84.0}),
        (["--open", "classify", "--levels", "all"], {"open": ["classify"], "levels": "all"}),
    ],
)
def test_the_command_and_the_api_say_the_same(
    arguments: list[str], options: dict[str, object], capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    program = tmp_path / "net.mtg"
    program.write_text(
        "block x -> classify(n) { return x -> Dense(n) -> Dense(1) }\n"
        "model M { input x: float32[4]\n output y = x -> classify(3)\n output z = x -> Dense(2) }",
        encoding="utf-8",
    )
    assert main(["render", str(program), *arguments, "--format", "dot", "-o", "-"]) == 0
    said = capsys.readouterr().out
    assert said == _dot(program, **options)
    if "levels" not in options:
        assert said != _dot(program)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("direction", "XX", "unknown direction 'XX'; choose TB, LR, BT, RL"),
        ("detail", "much", "unknown detail 'much'; choose paper, normal, full"),
        ("theme", "pink", "unknown theme 'pink'; choose light, dark, print"),
        ("width_mm", -1, "the width must be 10 to 10,000 millimetres, not -1"),
        ("width_mm", float("nan"), "the width must be 10 to 10,000 millimetres, not nan"),
        ("open", "nobody", "has no block that is called `nobody`; its blocks: none"),
        ("open", ["nobody"], "has no block that is called `nobody`"),
    ],
)
def test_what_there_is_not_is_refused(option: str, value: object, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        _dot(NEWS, **{option: value})


@pytest.mark.parametrize("wrong", ["0", "-3", "x", "nan", "inf", ""])
def test_a_width_is_a_number_of_millimetres(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["render", "a.mtg", f"--width={wrong}"])
    assert stopped.value.code == 2
    assert "expected 10 to 10,000 millimetres" in capsys.readouterr().err


def test_the_command_names_the_blocks_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    program = str(EXAMPLES / "tiny_resnet.mtg")
    assert main(["render", program, "--open", "resid", "-o", "-"]) == 2
    assert "no block that is called `resid`; its blocks: residual" in capsys.readouterr().err


# ---- what each of them does ----------------------------------------------------------------------


def test_a_picture_is_at_most_as_wide_as_a_column() -> None:
    tree = ElementTree.fromstring(mtg.render(RETINA, width_mm=84))
    points = float(tree.get("width", "").removesuffix("pt"))
    assert points == pytest.approx(84 / 25.4 * 72, abs=1)
    small = "model M { input x: float32[4]\n output y = x }"
    assert mtg.render(small, width_mm=500, format="svg").count(b"<g ") > 0
    narrow, free = (ElementTree.fromstring(mtg.render(small, width_mm=w)) for w in (500, None))
    assert narrow.get("width") == free.get("width")  # nothing is blown up


@pytest.mark.parametrize(
    ("direction", "axis", "sign"), [("TB", 1, 1), ("BT", 1, -1), ("LR", 0, 1), ("RL", 0, -1)]
)
@pytest.mark.parametrize("example", ["retina_heads", "same_author"])
def test_tensors_go_the_way_that_is_asked_for(
    direction: str, axis: int, sign: int, example: str
) -> None:
    """Into ports as well: no line enters a box from behind."""
    tree = ElementTree.fromstring(mtg.render(EXAMPLES / f"{example}.mtg", direction=direction))
    lines = [
        [float(each) for each in re.findall(r"-?[\d.]+", path.get("d", ""))]
        for group in tree.iter("{http://www.w3.org/2000/svg}g")
        if group.get("class") == "edge"
        for path in group.iter("{http://www.w3.org/2000/svg}path")
    ]
    assert lines
    for numbers in lines:
        assert sign * (numbers[-2 + axis] - numbers[axis]) > 0


def test_the_width_of_a_model_is_not_that_of_its_picture() -> None:
    assert "<B>Dense</B>  7, relu" in _dot(NEWS, width=7)


def test_a_paper_shows_class_and_size_alone() -> None:
    source = _dot(NEWS, detail="paper")
    assert "<B>Dense</B>  64<" in source
    assert "<B>Embedding</B>  10000 → 512" in source
    for word in ("params", "parameters", "relu", "encoded", "binary_crossentropy", "[100, 512]"):
        assert word not in re.sub(r'tooltip="[^"]*"', "", source)
    assert "main_output" in source


def test_full_detail_leaves_no_argument_out() -> None:
    many = ", ".join(f'{name}_initializer="ones"' for name in ("kernel", "bias")) + (
        ', kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l2", '
        'kernel_constraint="non_neg", bias_constraint="non_neg"'
    )
    program = f"model M {{ input x: float32[4]\n output y = x -> Dense(2, {many}) }}"
    assert "…" in _dot(program)
    assert "…" not in _dot(program, detail="full")
    assert "bias_constraint=non_neg" in _dot(program, detail="full")


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_has_its_own_colours_alone(theme: str) -> None:
    source = _dot(RETINA, theme=theme, legend=True)
    used = set(re.findall(r"#[0-9A-F]{6}", source))
    others = {hue for name, each in THEMES.items() if name != theme for hue in each.hues}
    assert not used & (others - set(THEMES[theme].hues))
    assert bool(used & set(THEMES[theme].hues)) == (theme != "print")
    assert ("bgcolor" in source) == (theme == "dark")


def test_a_legend_has_what_occurs_and_no_more() -> None:
    def words(program: str | Path, **options: object) -> set[str]:
        (label,) = re.findall(r"^\s*legend \[.*$", _dot(program, legend=True, **options), re.M)
        texts = re.findall(r'<TD ALIGN="LEFT"><FONT[^>]*>(.*?)</FONT>', label)
        return {text.split(" ")[0] + " " + text.split(" ")[1] for text in texts}

    plain = words("model M { input x: float32[4]\n output y = x -> Dense(2) }")
    assert plain == {"an input", "a layer", "a task"}
    assert words(RETINA) == plain | {*("a merge", "the letter", "one set", "the call", "the place")}
    assert "one of" in words(EXAMPLES / "mmoe.mtg")
    assert "serves these" in words(EXAMPLES / "unet_deep_supervision.mtg")
    assert "the use" in words(EXAMPLES / "tiny_resnet.mtg", levels=0)
    assert "legend" not in _dot(RETINA)


NESTED = """
block x -> inner(n) { return x -> Dense(n) -> Dense(n) }
block x -> outer(n) { return x -> inner(n) -> Dense(3) -> inner(n) }
block x -> other(n) { return x -> Dense(n) -> Dense(n) }
model M { input x: float32[4] output y = x -> outer(4) -> other(5) }
"""


def test_one_block_is_opened_with_what_it_stands_in() -> None:
    assert _boxes(_dot(NESTED)) == 1 + 5 + 2
    assert _boxes(_dot(NESTED, levels=0)) == 1 + 2
    assert _boxes(_dot(NESTED, open=["outer"])) == 1 + 3 + 1
    assert _boxes(_dot(NESTED, open=["inner"])) == 1 + 5 + 1
    assert _boxes(_dot(NESTED, levels=0, open="other")) == 1 + 1 + 2
    assert _boxes(_dot(NESTED, open=["y_outer_inner", "other"])) == 1 + 4 + 2


# ---- large models --------------------------------------------------------------------------------

ENCODER = """
block (x, mask) -> encoder(width) {
  a = (x, x, attention_mask=mask) -> MultiHeadAttention(2, 4)
  h = add(x, a) -> LayerNormalization()
  return add(h, h -> Dense(4 * width) -> Dense(width)) -> LayerNormalization()
}
"""


def _encoders(count: int) -> str:
    uses = "".join(f"  h{n + 1} = (h{n}, mask) -> encoder(8)\n" for n in range(count))
    return (
        f"{ENCODER}model Bert {{\n  input h0: float32[16, 8]\n  input mask: bool[16, 16]\n{uses}"
        f"  output y = h{count} -> Dense(1)\n}}"
    )


def test_equal_blocks_with_a_common_mask_are_one_box_which_takes_it_once() -> None:
    source = _dot(_encoders(5), levels=0)
    assert "<B>encoder</B> × 5" in source
    assert _boxes(source) == 2 + 1 + 1
    assert len(re.findall("-> n2", source)) == 2


def test_a_large_model_is_drawn_on_a_page_and_the_command_says_how_to_open_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "bert.mtg"
    program.write_text(_encoders(16), encoding="utf-8")
    command = ["render", str(program), "--format", "dot", "-o", "-"]
    assert main(command) == 0
    said = capsys.readouterr()
    assert said.err == (
        "note: 115 boxes are more than a page holds: `Bert` is drawn with 4, and 0 levels of "
        "blocks open; `--levels all` draws all\n"
    )
    assert said.out == _dot(program)
    assert main([*command, "--levels", "all"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out == _dot(program, levels="all")
    assert _boxes(said.out) == 115


def test_the_picture_beside_a_compiled_model_is_folded_likewise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program, picture = tmp_path / "bert.mtg", tmp_path / "bert.dot"
    program.write_text(_encoders(16), encoding="utf-8")
    assert main(["compile", str(program), "-o", str(picture)]) == 0
    assert picture.read_text(encoding="utf-8") == _dot(program)
    assert "`Bert` is drawn with 4" in capsys.readouterr().err


def test_a_model_that_fits_is_drawn_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", str(EXAMPLES / "tiny_resnet.mtg"), "--format", "dot", "-o", "-"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out == _dot(EXAMPLES / "tiny_resnet.mtg", levels="all")


def test_a_chain_of_a_thousand_equal_layers_is_one_box() -> None:
    source = _dot(
        "model M { input x: float32[8]\n output y = x -> repeat 1000 { Dense(8) } -> Dense(1) }"
    )
    assert "<B>Dense</B> × 1000" in source
    assert _boxes(source) == 3
    assert "72,000 params" in source


def test_widths_that_grow_along_a_run_are_a_range() -> None:
    program = (
        "block x -> grow(n) { return concat(x, x -> Dense(n)) }\n"
        "model M { input x: float32[8]\n output y = x -> repeat 4 { grow(8) } -> Dense(1) }"
    )
    source = _dot(program, levels=0)
    assert "<B>grow</B> × 4" in source
    assert "[16 … 40]" in source


def test_rates_may_differ_along_a_run_and_sizes_may_not() -> None:
    program = (
        "block x -> unit(n, rate) {{ return x -> Dense(n) -> Dropout(rate) }}\n"
        "model M {{ input x: float32[8]\n"
        " output y = x -> unit(8, 0.1) -> unit(8, 0.2) -> unit({}, 0.3) }}"
    )
    assert "<B>unit</B> × 3" in _dot(program.format(8), levels=0)
    assert "<B>unit</B> × 2" in _dot(program.format(9), levels=0)


def test_blocks_are_found_in_a_large_file_of_keras(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    resnet = root / "examples" / "keras" / "resnet50.json"
    source = _dot(resnet)
    assert _boxes(source) < MOST_BOXES
    assert "<B>residual</B> × 5" in source
    assert main(["render", str(resnet), "--format", "dot", "-o", "-"]) == 0
    said = capsys.readouterr()
    assert "note: 177 boxes are more than a page holds" in said.err
    assert said.out == source
    assert _boxes(_dot(resnet, levels="all")) == 177
