"""Write the font of the pictures, `dsl/mtg/backends/picture/mtg_sans/`, from a file of Inter.

Run ``python -m tools.font "Inter[opsz,wght].ttf"``: Inter 4.1 as Google Fonts has it, which the
package fontpkg-inter 4.1.post1 carries as well. It needs fonttools and brotli, which mtg's users do
not. The same file gives the same bytes.

Inter is under the SIL Open Font License and reserves no name. The cut has a name of its own, so
that no other version of Inter on a machine can stand in for it.

Kerning is left out: Pango, by which Graphviz measures, rounds each distance to a pixel, which
leaves next to nothing of it, while browsers would apply all of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from mtg.backends.picture.font import BASIC, FAMILY

FOLDER = Path(__file__).parent.parent / "dsl" / "mtg" / "backends" / "picture" / "mtg_sans"

WEIGHTS = {"Regular": 400, "Bold": 700}

#: The characters that are kept where Inter has them: Latin, Greek, Cyrillic, punctuation, raised
#: and lowered digits, arrows, mathematics, letters and digits in circles, shapes, marks.
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x370, 0x3E1),
    (0x400, 0x45F),
    (0x2010, 0x2027),
    (0x2030, 0x203A),
    (0x2070, 0x2094),
    (0x20AC, 0x20AC),
    (0x2190, 0x22FF),
    (0x2460, 0x24FF),
    (0x25A0, 0x25FF),
    (0x2713, 0x2717),
)


def cut(source: Path, style: str, characters: set[int]) -> TTFont:
    """One weight of Inter, at its size for text, with some characters."""
    font = instancer.instantiateVariableFont(
        TTFont(source, recalcTimestamp=False), {"wght": WEIGHTS[style], "opsz": 14}
    )
    options = subset.Options(
        layout_features=[], hinting=False, name_IDs=[0, 14], notdef_outline=True
    )
    options.drop_tables += ["GDEF", "GPOS", "GSUB", "STAT"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    for number, name in (1, FAMILY), (2, style), (4, f"{FAMILY} {style}"), (6, f"mtgSans-{style}"):
        font["name"].setName(name, number, 3, 1, 0x409)
    bold = style == "Bold"
    font["OS/2"].usWeightClass = WEIGHTS[style]
    font["OS/2"].fsSelection = font["OS/2"].fsSelection & ~0x61 | (0x20 if bold else 0x40)
    font["head"].macStyle = int(bold)
    return font


def main(source: Path) -> None:
    """Write the files; the licence beside them, `OFL.txt`, is Inter's own."""
    there = TTFont(source).getBestCmap().keys()
    characters = {code for low, high in RANGES for code in range(low, high + 1)} & there
    assert {ord(each) for each in BASIC} <= characters
    for style in WEIGHTS:
        font = cut(source, style, characters)
        font.save(FOLDER / f"{style}.ttf")
        for name, codes in (style, characters), (f"{style}-basic", {ord(each) for each in BASIC}):
            font = cut(source, style, codes)
            font.flavor = "woff2"
            font.save(FOLDER / f"{name}.woff2")
    text = "".join(map(chr, sorted(characters)))
    (FOLDER / "characters.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
