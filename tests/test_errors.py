"""What mtg says of programs that are wrong, word by word.

Each `tests/cases/errors/NAME.mtg` says at the end of a line which diagnostics belong there:
`# MTG404`. `NAME.txt` beside it is what a user reads.
"""

from __future__ import annotations

import re
from pathlib import Path

import mtg
import pytest
from goldens import CASES, expect
from mtg.report.text import render, render_all
from mtg.text.codes import CODES

PROGRAMS = sorted(path.stem for path in (CASES / "errors").glob("*.mtg"))

#: Codes that need other files, other bytes or Keras; the tests that provoke them.
ELSEWHERE = {
    "MTG003": "tests/syntax",
    "MTG309": "tests/backends/test_keras.py",
    "MTG310": "tests/catalog/test_installed.py",
    "MTG601": "test_imports_that_fail",
    "MTG602": "test_imports_that_fail",
    "MTG603": "test_imports_that_fail",
    "MTG604": "tests/test_trust.py",
    "MTG608": "test_which_model",
    "MTG609": "test_imports_that_fail",
    "MTG610": "tests/backends/test_keras.py",
    "MTG611": "tests/backends/test_config.py",
    **dict.fromkeys(["MTG640", "MTG641", "MTG642", "MTG643"], "tests/test_trust.py"),
    "MTG630": "tests/decompile/test_of_ones_own.py",
    "MTG631": "tests/decompile/test_of_ones_own.py",
    "MTG632": "tests/decompile/test_names_of_outputs.py",
}


def expected(text: str) -> list[tuple[int, str]]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        comment = re.search(r"# ((?:MTG\d{3}[ ,]*)+)(on the next line)?$", line)
        if comment:
            place = number + bool(comment[2])
            found += [(place, code) for code in re.findall(r"MTG\d{3}", comment[1])]
    return sorted(found)


@pytest.mark.parametrize("name", PROGRAMS)
def test_one_diagnostic_for_each_fault_in_its_line(name: str) -> None:
    path = CASES / "errors" / f"{name}.mtg"
    found = mtg.check(path)
    lines = [(each.span.source.line_column(each.span.start)[0], each.code) for each in found]
    assert sorted(lines) == expected(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / "errors")
    expect(render_all(mtg.check(f"{name}.mtg")), f"errors/{name}.txt")


def test_what_help_says_to_those_who_know_keras_mends_it(tmp_path: Path) -> None:
    """Each fix alone: what it is about is gone, and nothing else is wrong in its place."""
    text = (CASES / "errors" / "from_keras.mtg").read_text(encoding="utf-8")
    path = tmp_path / "mended.mtg"
    path.write_text(text, encoding="utf-8")
    found = mtg.check(path)
    before = [(each.code, each.message) for each in found]
    tried = 0
    for each in found:
        if each.fix is None:
            continue
        mended = text
        for edit in sorted(each.fix.edits, key=lambda edit: -edit.span.start):
            mended = mended[: edit.span.start] + edit.text + mended[edit.span.end :]
        path.write_text(mended, encoding="utf-8")
        after = [(more.code, more.message) for more in mtg.check(path)]
        left = [more for more in after if more not in before]
        assert (len(after) < len(before), left) == (True, []), each.help
        tried += 1
    assert tried > 30


@pytest.mark.parametrize(
    "name", ["unused_input", "misspelt_tensor", "misspelt_merge", "branches_that_differ"]
)
def test_the_faults_of_published_models(
    name: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    (error,) = mtg.check(f"examples/refused/{name}.mtg")
    expect(f"{render(error)}\n", f"errors/refused/{name}.txt")


def test_which_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    models = "".join(
        f"model {name} {{\n  input x: float32[3]\n  output y = x -> Dense(1)\n}}\n"
        for name in ("Teacher", "Student")
    )
    Path("models.mtg").write_text(models, encoding="utf-8")
    told = []
    for settings in ({}, {"model": "Studnet"}):
        with pytest.raises(mtg.MtgError) as refused:
            mtg.load("models.mtg", **settings)
        told.append(render_all(refused.value.diagnostics))
    expect("\n".join(told), "errors/files/which_model.txt")


def test_imports_that_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    files = {
        "main.mtg": 'from "missing.mtg" import a\nfrom "../outside.mtg" import b\n'
        'from "parts.mtg" import twoer, tower\nfrom "round.mtg" import c\n'
        "model M {\n  input x: float32[3]\n"
        "  output y = x -> a() -> b() -> tower() -> twoer() -> c()\n}\n",
        "parts.mtg": "block x -> tower() { return x -> Dense(1) }\n",
        "round.mtg": 'from "again.mtg" import d\nblock x -> c() { return x -> d() }\n',
        "again.mtg": 'from "round.mtg" import c\nblock x -> d() { return x -> c() }\n',
        "../outside.mtg": "block x -> b() { return x -> Dense(1) }\n",
    }
    for name, text in files.items():
        Path(name).write_text(text, encoding="utf-8")
    found = mtg.check("main.mtg")
    assert sorted(each.code for each in found) == ["MTG601", "MTG601", "MTG602", "MTG603"]
    expect(render_all(found + mtg.check("nowhere.mtg")), "errors/files/imports.txt")


def test_every_code_is_provoked() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in CASES.rglob("*.txt"))
    seen = set(re.findall(r"(?:error|warning|note)\[(MTG\d{3})\]", texts)) | set(ELSEWHERE)
    assert set(CODES) <= seen, sorted(set(CODES) - seen)


@pytest.mark.parametrize("code", CODES)
def test_codes_are_well_formed(code: str) -> None:
    found = CODES[code]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", found.slug)
    assert found.severity in ("error", "warning", "note")
    assert found.meaning.endswith(".")
    assert sum(other.slug == found.slug for other in CODES.values()) == 1
