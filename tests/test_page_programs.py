"""The programs on the pages of the language are checked, and what is said of the wrong ones is so.

A program with a fence of `text` behind it is wrong, and the fence holds what `mtg check` prints;
all others have nothing to report. `<!-- file: NAME -->` before a fence puts it into their folder.
`MTG_UPDATE_GOLDENS=1` writes the texts anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import mtg
import pytest
from mtg.report.text import render
from mtg.text.diagnostics import Diagnostic

ROOT = Path(__file__).parents[1]
#: The pages, and how many programs each has at least.
PAGES = {"README.md": 1, "docs/from_keras.md": 19, "docs/language.md": 18}
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", re.M | re.S)
PROGRAM = re.compile(
    r"(?<! -->\n)^```mtg\n(?P<program>.*?)^```$(?:\n\n```text\n(?P<printed>.*?)^```$)?", re.M | re.S
)
UPDATE = os.environ.get("MTG_UPDATE_GOLDENS") == "1"


def printed(found: list[Diagnostic]) -> str:
    return "\n".join(render(each) for each in found)


@pytest.mark.parametrize("page", PAGES)
def test_programs_of_the_page(page: str, tmp_path: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for name, content in FILE.findall(text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    program = tmp_path / "main.mtg"

    def checked(match: re.Match[str]) -> str:
        program.write_text(match["program"], encoding="utf-8")
        found = printed(mtg.check(program)).replace(f"{tmp_path}{os.sep}", "")
        if match["printed"] is None:
            assert found == "", match["program"]
            return match[0]
        assert found, match["program"]
        return f"```mtg\n{match['program']}```\n\n```text\n{found.rstrip()}\n```"

    expected = PROGRAM.sub(checked, text)
    assert len(PROGRAM.findall(text)) >= PAGES[page]
    if UPDATE:
        (ROOT / page).write_text(expected, encoding="utf-8")
    assert text == expected or UPDATE
