"""What mtg says of programs that are wrong, word by word.

`tests/cases/errors/CODE.md` holds programs and, beside each, what a user reads (`error_cases.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import error_cases
import goldens
import mtg
import pytest
from error_cases import ErrorCase
from goldens import expect
from mtg.compiler import Compiler
from mtg.report.text import render, render_all
from mtg.text.codes import ALIASES, CODES

CASES = error_cases.cases()

HEADLINE = r"(?m)^(?:error|warning|note)\[(MTG\d{3})\]"

#: What people meet who write Keras, TensorFlow or PyTorch.
FOREIGN = {"MTG102", "MTG108", "MTG207", "MTG210", "MTG404", "MTG405", "MTG407", "MTG507"}

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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_mtg_says(case: ErrorCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.mtg").write_text(case.source, encoding="utf-8")
    found = mtg.check("main.mtg")
    error_cases.expect(case, render_all(found))
    if case.file in CODES:
        assert case.file in {each.code for each in found}


def test_a_file_has_no_two_cases_of_one_name() -> None:
    names = Counter(case.id for case in CASES)
    assert [name for name, count in names.items() if count > 1] == []


def test_a_case_holds_one_fault() -> None:
    """But where each fault needs the other: what an unused input leads to is unused too."""
    several = [
        case.id for case in CASES if case.file in CODES and len(re.findall(HEADLINE, case.text)) > 1
    ]
    assert several == ["MTG202-no-output-depends-on-the-input-nowhere"]


def test_what_help_says_mends_it() -> None:
    """Each fix alone: what it is about is gone. For those who know Keras, nothing else is wrong."""
    tried = 0
    for case in CASES:
        found = Compiler("main.mtg", data=case.source.encode()).check()
        before = [(each.code, each.message) for each in found]
        for each in found:
            if each.fix is None:
                continue
            mended = case.source
            for edit in sorted(each.fix.edits, key=lambda edit: -edit.span.start):
                mended = mended[: edit.span.start] + edit.text + mended[edit.span.end :]
            checked = Compiler("main.mtg", data=mended.encode()).check()
            after = [(more.code, more.message) for more in checked]
            assert (each.code, each.message) not in after, (case.id, each.help)
            new = [pair[0] for pair in after if pair not in before]
            if case.file in FOREIGN:  # of shapes nothing was known before
                wrong = [code for code in new if CODES[code].severity == "error"]
                assert [code for code in wrong if code[3] != "3"] == [], (case.id, each.help)
            tried += 1
    assert tried > 100


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
    seen = set(ELSEWHERE)
    for path in [*goldens.CASES.rglob("*.txt"), *error_cases.FOLDER.glob("*.md")]:
        seen |= set(re.findall(HEADLINE, path.read_text(encoding="utf-8")))
    assert set(CODES) <= seen, sorted(set(CODES) - seen)


@pytest.mark.parametrize("code", CODES)
def test_codes_are_well_formed(code: str) -> None:
    found = CODES[code]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", found.slug)
    assert found.severity in ("error", "warning", "note")
    assert found.meaning.endswith(".")
    assert found.slug not in ALIASES
    assert sum(other.slug == found.slug for other in CODES.values()) == 1
