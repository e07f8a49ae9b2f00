"""The font that ships: what is in it, and that nothing else decides how a picture looks."""

from __future__ import annotations

import re
import tempfile
import zlib
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import mtg
import pytest
from fontTools.ttLib import TTFont
from mtg.backends.picture.font import BASIC, FAMILY
from mtg.backends.picture.layout import FORMATS, layout

FOLDER = Path(mtg.__file__).parent / "backends" / "picture" / "mtg_sans"
SVG = "{http://www.w3.org/2000/svg}"
STYLES = ("Regular", "Bold")

EXAMPLES = sorted((FOLDER.parents[4] / "examples").glob("*.mtg"))

POINT = re.compile(r"(-?[\d.]+)[ ,](-?[\d.]+)")

#: Signs that no font of Latin letters has; the machine of a test may have a font that does.
STRANGE = "日本"


Drawn = Callable[[str, str, dict[str, str]], bytes]


def font(name: str) -> TTFont:
    return TTFont(FOLDER / name)


def letters(file: TTFont) -> set[str]:
    return set(map(chr, file.getBestCmap()))


def advances(file: TTFont, text: str) -> list[float]:
    """How wide each letter is, in parts of the size."""
    names, metrics = file.getBestCmap(), file["hmtx"]
    return [metrics[names[ord(each)]][0] / file["head"].unitsPerEm for each in text]


# ---- the files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
def test_the_files_of_a_style_are_one_font(style: str) -> None:
    whole = font(f"{style}.ttf")
    listed = (FOLDER / "characters.txt").read_text(encoding="utf-8")
    assert letters(whole) == letters(font(f"{style}.woff2")) == set(listed)
    assert letters(font(f"{style}-basic.woff2")) == set(BASIC) < set(listed)
    for name in (f"{style}.woff2", f"{style}-basic.woff2"):
        text = "".join(letters(font(name)))
        assert advances(font(name), text) == advances(whole, text)
    assert whole["name"].getDebugName(1) == FAMILY
    assert whole["name"].getDebugName(2) == style
    assert (FOLDER / f"{style}.ttf").stat().st_size < 60_000


def test_it_may_be_given_away() -> None:
    licence = (FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    owner = licence.splitlines()[0].partition("The")[2]  # they differ in the year
    assert owner == " Inter Project Authors (https://github.com/rsms/inter)"  # reserves no name
    for path in [*FOLDER.glob("*.ttf"), *FOLDER.glob("*.woff2")]:
        assert TTFont(path)["name"].getDebugName(0).endswith(owner)
        assert "GPOS" not in TTFont(path)  # widths are sums


def test_what_pictures_write_is_in_it() -> None:
    """The pictures of the documentation need the short font alone."""
    for path in (FOLDER.parents[4] / "docs" / "pictures").glob("*.svg"):
        texts = ElementTree.parse(path).iter(f"{SVG}text")
        assert set("".join(text.text or "" for text in texts)) <= set(BASIC), path.name


# ---- what Graphviz measures ----------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [9, 11, 14, 60])
def test_texts_are_as_wide_as_the_font_says(style: str, size: int) -> None:
    """Pango may round each letter to a pixel of 1/96 inch, which is 3/4 of a point."""
    texts = ["AveragePooling2D", "[100, 512] · 5,120,000 params", "Σ → ≥ ×", "Жукéλ", "iiii", "WWW"]
    shown = texts if style == "Regular" else [f"<B>{text}</B>" for text in texts]
    rows = "".join(f"<TR><TD>{text}</TD></TR>" for text in shown)
    source = f'digraph {{ a [fontname="{FAMILY}" fontsize={size} label=<<TABLE>{rows}</TABLE>>] }}'
    found = {
        element.text: float(element.get("textLength", 0))
        for element in ElementTree.fromstring(layout(source, "svg")).iter(f"{SVG}text")
    }
    for text in texts:
        expected = size * sum(advances(font(f"{style}.ttf"), text))
        assert found[text] == pytest.approx(expected, abs=0.375 * (len(text) + 1)), text


def test_each_text_has_its_own_width() -> None:
    r"""Also where Graphviz's own format escapes it, breaks its line, or has its like in it."""
    long = " ".join(["T 1 2 -1 3 4 -x"] * 20)
    texts = [long, 'a "quoted" one', r"a \ and \\", "x", "x" * 300]
    rows = "".join(f"<TR><TD>{text}</TD></TR>" for text in texts).replace("\\", "\\\\")
    source = f'digraph {{ a [fontname="{FAMILY}" label=<<TABLE>{rows}</TABLE>>] }}'
    elements = list(ElementTree.fromstring(layout(source, "svg")).iter(f"{SVG}text"))
    assert [element.text for element in elements] == texts
    for element in elements:
        expected = 14 * sum(advances(font("Regular.ttf"), element.text or ""))
        assert float(element.get("textLength", 0)) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("path", EXAMPLES[::5], ids=lambda path: path.stem)
def test_texts_stay_in_their_boxes(path: Path) -> None:
    """Each text is fitted to its width, so that it does whatever font shows it."""
    tree = ElementTree.fromstring(mtg.render(path))
    texts = 0
    for group in tree.iter(f"{SVG}g"):
        if not {"node", "cluster"} & set(group.get("class", "").split()):
            continue
        places = [place for shape in group.iter() for place in POINT.findall(outline(shape))]
        left, right = min(float(x) for x, _ in places), max(float(x) for x, _ in places)
        for text in group.iter(f"{SVG}text"):
            assert text.get("lengthAdjust") == "spacingAndGlyphs"
            assert text.get("text-anchor") == "start"
            start = float(text.get("x", ""))
            assert left <= start, text.text
            assert start + float(text.get("textLength", "")) <= right, text.text
            texts += 1
    assert texts


def outline(shape: ElementTree.Element) -> str:
    """The points of a shape; of an ellipse, its ends."""
    if shape.tag == f"{SVG}ellipse":
        x, radius = (float(shape.get(name, "")) for name in ("cx", "rx"))
        return f"{x - radius},0 {x + radius},0"
    return shape.get("points") or shape.get("d") or ""


# ---- the same on every machine -------------------------------------------------------------------


def machine(folder: Path, family: str, mend: Callable[[TTFont], None]) -> str:
    """A machine whose only font is another: the name of its configuration."""
    file = font("Regular.ttf")
    mend(file)
    for number, name in (1, family), (4, family), (6, family.replace(" ", "")):
        file["name"].setName(name, number, 3, 1, 0x409)
    folder.mkdir()
    file.save(folder / "font.ttf")
    config = folder / "machine.conf"
    config.write_text(
        f"<fontconfig><dir>{folder}</dir><cachedir>{folder}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    return str(config)


def widen(file: TTFont) -> None:
    for name, (advance, bearing) in file["hmtx"].metrics.items():
        file["hmtx"].metrics[name] = (2 * advance, bearing)


def give_strange_signs(file: TTFont) -> None:
    for table in file["cmap"].tables:
        table.cmap |= {ord(each): table.cmap[ord("M")] for each in STRANGE}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """A picture whose Graphviz, a process of its own, gets other variables of the environment."""

    def draw(text: str, format: str, environment: dict[str, str]) -> bytes:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return mtg.render(text, format=format)

    return draw


PLAIN = "model M { input x: float32[2]\n output y = x -> Dense(3) }"


@pytest.mark.parametrize("format", FORMATS)
def test_the_fonts_of_a_machine_change_nothing(format: str, drawn: Drawn, tmp_path: Path) -> None:
    """Neither that it has none, nor that it has another that goes by our name."""
    here = mtg.render(PLAIN, format=format)
    assert drawn(PLAIN, format, {"FONTCONFIG_FILE": str(tmp_path / "none")}) == here
    other = machine(tmp_path / "other", FAMILY, widen)
    strange = {
        "FONTCONFIG_FILE": other,
        "FONTCONFIG_PATH": str(tmp_path / "other"),
        "FC_DEBUG": "1",
        "LC_ALL": "C",
        "LANG": "ja_JP.UTF-8",
        "PANGO_LANGUAGE": "ja",
        "SOURCE_DATE_EPOCH": "1234567890",
    }
    assert drawn(PLAIN, format, strange) == here


def test_the_fonts_of_a_machine_draw_what_ours_lacks(drawn: Drawn, tmp_path: Path) -> None:
    text = (
        f'model M {{ input "{STRANGE}": float32[2]\n output y = inputs["{STRANGE}"] -> Dense(3) }}'
    )
    fonts = machine(tmp_path / "machine", "Other", give_strange_signs)
    none = drawn(text, "svg", {"FONTCONFIG_FILE": str(tmp_path / "none")})
    some = drawn(text, "svg", {"FONTCONFIG_FILE": fonts})

    def widths(picture: bytes) -> dict[str | None, float]:
        elements = ElementTree.fromstring(picture).iter(f"{SVG}text")
        return {element.text: float(element.get("textLength", 0)) for element in elements}

    without, found = widths(none), widths(some)
    size = 11
    assert found.pop(STRANGE) == pytest.approx(
        2 * size * advances(font("Bold.ttf"), "M")[0], abs=2 * size * 0.1
    )
    assert without.pop(STRANGE) >= 2 * size * 0.9  # such a sign is as wide as it is high
    assert without == found


def test_a_picture_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert mtg.render(PLAIN)
    assert list(tmp_path.iterdir()) == []


# ---- the files of pictures -----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "files"), [("x", "-basic.woff2"), ("Жук", ".woff2")])
def test_an_svg_carries_the_letters_it_shows(name: str, files: str) -> None:
    text = f'model M {{ input "{name}": float32[2]\n output y = inputs["{name}"] -> Dense(3) }}'
    picture = mtg.render(text)
    tree = ElementTree.fromstring(picture)
    shown = {
        style: {
            each for text in tree.iter(f"{SVG}text") if weight(text) == style for each in text.text
        }
        for style in ("normal", "bold")
    }
    found = re.findall(
        rb'@font-face\{font-family:"([^"]+)";font-weight:(\w+);src:url\(data:font/woff2;base64,([^)]+)\)',
        picture,
    )
    assert [(family.decode(), style.decode()) for family, style, _ in found] == [
        (FAMILY, "normal"),
        (FAMILY, "bold"),
    ]
    for (_, style, data), file in zip(found, STYLES, strict=True):
        assert shown[style.decode()] <= letters(TTFont(BytesIO(b64decode(data))))
        assert b64decode(data) == (FOLDER / f"{file}{files}").read_bytes()


def weight(text: ElementTree.Element) -> str:
    assert (text.get("font-family") or "").split(",")[0] == FAMILY
    return text.get("font-weight", "normal")


def test_a_pdf_carries_the_font_and_no_other() -> None:
    pdf = mtg.render(PLAIN, format="pdf")
    names = set(re.findall(rb"/BaseFont /[A-Z]{6}\+([\w-]+)", pdf))
    assert names == {b"mtgSans-Regular", b"mtgSans-Bold"}
    assert len(re.findall(rb"/FontFile2", pdf)) == len(re.findall(rb"/FontDescriptor\n", pdf))


def test_the_formats_share_one_layout() -> None:
    """A PDF has the boxes and arrows of the SVG at their places, and a PNG twice its pixels."""
    program = FOLDER.parents[4] / "examples" / "news_headline.mtg"
    tree = ElementTree.fromstring(mtg.render(program))
    width, height = (float((tree.get(each) or "")[:-2]) for each in ("width", "height"))
    png = mtg.render(program, format="png")
    pixels = [int.from_bytes(png[at : at + 4], "big") for at in (16, 20)]
    assert pixels == pytest.approx([2 * width, 2 * height], abs=2)
    pdf = mtg.render(program, format="pdf")
    page = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", pdf)
    assert page is not None
    assert [float(side) for side in page.groups()] == pytest.approx([width, height], abs=1)

    moved = re.search(r"translate\(([\d.]+) ([\d.]+)\)", tree[-1].get("transform", ""))
    assert moved is not None
    x, y = map(float, moved.groups())
    polygons = [
        [(float(a) + x, float(b) + y) for a, b in POINT.findall(polygon.get("points", ""))]
        for polygon in tree.iter(f"{SVG}polygon")
    ]
    content = re.search(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    assert content is not None
    drawn = corners(zlib.decompress(content[1]).decode().replace("\n", " "))
    for polygon in polygons[1:]:  # the first is the paper
        ends = [*map(min, zip(*polygon, strict=True)), *map(max, zip(*polygon, strict=True))]
        assert any(ends == pytest.approx(each, abs=0.02) for each in drawn), ends


def corners(content: str) -> list[list[float]]:
    """The least and the greatest x and y of what a page draws: rectangles and closed lines."""
    found = []
    for x, y, width, height in re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re", content):
        left, top = float(x), float(y)
        found.append([left, top, left + float(width), top + float(height)])
    for path in re.findall(r"((?:[\d.]+ [\d.]+ [ml] )+)h", content):
        xs, ys = zip(*((float(a), float(b)) for a, b in POINT.findall(path)), strict=True)
        found.append([min(xs), min(ys), max(xs), max(ys)])
    return found
