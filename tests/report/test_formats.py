"""Diagnostics for machines: JSON and SARIF against their schemas, annotations, one line each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from error_cases import FOLDER, read
from mtg.cli import main
from mtg.compiler import Compiler
from mtg.report.concise import concise
from mtg.report.github import github
from mtg.report.json import json as as_json
from mtg.report.levels import Levels, code_of
from mtg.report.sarif import sarif
from mtg.report.text import render
from mtg.text.codes import ALIASES, CODES
from mtg.text.diagnostics import Diagnostic, Edit, Fix, Label
from mtg.text.source import NOWHERE, Source, Span

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "diagnostics.schema.json").read_text(encoding="utf-8"))
SARIF = json.loads((Path(__file__).parent / "sarif.schema.json").read_text(encoding="utf-8"))

TEXT = Source("models/größe, 50%: a.mtg", "model M {\n  input x: float32[8]\n  output 模 = y\n}\n")
HERE = Span(TEXT, TEXT.text.index("y\n"), TEXT.text.index("y\n") + 1)
ODD = Diagnostic(
    "MTG101",
    "`y` is not\ndeclared: 100%, or\r is it",
    HERE,
    label="here",
    labels=(Label(Span(TEXT, 0, 5), "the model"), Label(Span(NOWHERE.source, 0, 0), "nowhere")),
    notes=("a note, with: signs",),
    help="write `x`",
    fix=Fix("write `x`", (Edit(HERE, "x"), Edit(Span(TEXT, 0, 0), "# 100%\n"))),
)
LONG = Diagnostic("MTG105", "all of it", Span(TEXT, 0, len(TEXT.text)))
NONE = Diagnostic("MTG609", "cannot read", Span(Source("none.mtg", ""), 0, 0))
UNPLACED = Diagnostic("MTG309", "Keras refused", NOWHERE)
ALL = [ODD, LONG, NONE, UNPLACED]

Capture = pytest.CaptureFixture[str]


def parsed(found: list[Diagnostic]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(as_json(found))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    return document


def logged(found: list[Diagnostic]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(sarif(found, version="1.2.3"))
    jsonschema.Draft4Validator(SARIF, format_checker=jsonschema.FormatChecker()).validate(document)
    (run,) = document["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return dict(run)


def test_the_schemas_are_schemas() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft4Validator.check_schema(SARIF)
    for schema, document in ((SCHEMA, {}), (SARIF, {"version": "2.0.0", "runs": []})):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document, schema)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_every_golden_in_every_format(path: Path) -> None:
    """All that is said of the programs of a file, as if it were said of one."""
    found = [
        each
        for case in read(path)
        for each in Compiler("main.mtg", data=case.source.encode()).check()
    ]
    document = parsed(found)
    assert document["errors"] == sum(each.is_error for each in found)
    assert document["errors"] + document["warnings"] + document["notes"] == len(found)
    for each, one in zip(document["diagnostics"], found, strict=True):
        assert (each["code"], each["message"]) == (one.code, one.message)
        assert each["rendered"] == render(one)
        text = one.span.source.text
        assert (
            text[each["span"]["start"]["offset"] : each["span"]["end"]["offset"]] == one.span.text
        )
    run = logged(found)
    assert [result["ruleId"] for result in run["results"]] == [each.code for each in found]
    assert len(concise(found).splitlines()) == len(github(found).splitlines()) == len(found)


def test_json_of_odd_places() -> None:
    first, whole, none, unplaced = parsed(ALL)["diagnostics"]
    assert first["span"] == {
        "file": TEXT.name,
        "start": {"offset": HERE.start, "line": 3, "column": 14},
        "end": {"offset": HERE.end, "line": 3, "column": 15},
    }
    assert [edit["text"] for edit in first["fix"]["edits"]] == ["x", "# 100%\n"]
    assert first["labels"][1] == {"span": None, "text": "nowhere"}
    assert whole["span"]["end"] == {"offset": len(TEXT.text), "line": 5, "column": 1}
    assert none["span"]["file"] == "none.mtg"
    assert unplaced["span"] is None
    assert parsed([]) == {
        "version": 1,
        "errors": 0,
        "warnings": 0,
        "notes": 0,
        "diagnostics": [],
    }


def test_sarif_of_odd_places() -> None:
    run = logged(ALL)
    first, whole, _, unplaced = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert unquote(place["artifactLocation"]["uri"]) == TEXT.name
    assert place["region"] == {"startLine": 3, "startColumn": 14, "endLine": 3, "endColumn": 15}
    assert [each["message"]["text"] for each in first["relatedLocations"]] == ["the model"]
    assert len(first["fixes"][0]["artifactChanges"][0]["replacements"]) == 2
    assert whole["level"] == "warning"
    assert "locations" not in unplaced
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]
    assert logged([])["results"] == []
    absolute = Diagnostic("MTG101", "m", Span(Source("/a b/c.mtg", "x"), 0, 1))
    (result,) = logged([absolute])["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "file:///a%20b/c.mtg"


def test_annotations_escape_what_github_would_read() -> None:
    first, whole, none, unplaced = github(ALL).splitlines()
    assert first == (
        "::error file=models/größe%2C 50%25%3A a.mtg,line=3,col=14,endLine=3,endColumn=15,"
        "title=MTG101 unknown-name::`y` is not%0Adeclared: 100%25, or%0D is it"
        "%0Aa note, with: signs%0Ahelp: write `x`"
    )
    assert whole.startswith("::warning file=models/größe%2C 50%25%3A a.mtg,line=1,endLine=5,title=")
    assert none.startswith("::error file=none.mtg,line=1,col=1,")
    assert unplaced == "::error title=MTG309 keras-refused::Keras refused"


def test_one_line_each() -> None:
    assert concise(ALL) == (
        "models/größe, 50%: a.mtg:3:14: error[MTG101]: `y` is not declared: 100%, or is it\n"
        "models/größe, 50%: a.mtg:1:1: warning[MTG105]: all of it\n"
        "none.mtg:1:1: error[MTG609]: cannot read\n"
        "error[MTG309]: Keras refused\n"
    )
    assert concise(ALL[1:2], color=True).count("\x1b[") == 2


# The command line

WARNED = "model M {\n  input x: float32[8]\n  let a = 1\n  output y = x -> Dense(1)\n}\n"


@pytest.fixture
def warned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"):
        monkeypatch.delenv(name, raising=False)
    Path("a.mtg").write_text(WARNED, encoding="utf-8")
    Path("good.mtg").write_text(WARNED.replace("  let a = 1\n", ""), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("format", ["json", "sarif", "github", "concise"])
def test_formats_are_data_on_standard_output(format: str, warned: Path, capsys: Capture) -> None:
    assert main(["check", "--format", format, "a.mtg", "good.mtg"]) == 0
    said = capsys.readouterr()
    assert "MTG105" in said.out
    assert said.err == ""
    assert main(["check", "--format", format, "none.mtg"]) == 2
    said = capsys.readouterr()
    assert "MTG609" in said.out
    assert said.err == ""
    assert main(["check", "--format", format, "good.mtg"]) == 0
    said = capsys.readouterr()
    assert "MTG" not in said.out + said.err


def test_other_commands_show_lines(warned: Path, capsys: Capture) -> None:
    assert main(["summary", "--message-format", "concise", "a.mtg"]) == 0
    said = capsys.readouterr()
    assert said.err == "a.mtg:3:7: warning[MTG105]: unused let `a`\n"
    assert "Dense" in said.out
    with pytest.raises(SystemExit):
        main(["summary", "--message-format", "sarif", "a.mtg"])


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ([], 0, "warning[MTG105]"),
        (["-W", "error"], 1, "error[MTG105]"),
        (["--deny", "MTG105"], 1, "error[MTG105]"),
        (["--deny", "unused"], 1, "error[MTG105]"),
        (["--deny", "mtg204"], 0, "warning[MTG105]"),
        (["--allow", "unused"], 0, ""),
        (["-W", "error", "--allow", "unused"], 0, ""),
        (["-W", "error", "--warn", "MTG105"], 0, "warning[MTG105]"),
        (["--deny", "MTG105", "--allow", "MTG105"], 0, ""),
    ],
)
def test_levels(options: list[str], code: int, said: str, warned: Path, capsys: Capture) -> None:
    assert main(["check", "--format", "concise", "a.mtg", *options]) == code
    assert capsys.readouterr().out.removeprefix("a.mtg:3:7: ").split(": ")[0].strip() == said
    assert main(["summary", "a.mtg", *options]) == code


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--deny", "MTG1O5"], "did you mean `MTG105`?"),
        (["--allow", "MTG101"], "MTG101 is an error, and stays one"),
        (["--warn", "qqqq"], "see `mtg explain`"),
        (["-W", "eror"], "error"),
        (["--format", "jsn"], "json"),
        (["--max-layers", "many"], "is not a number of layers"),
        (["--max-layers", "0"], "is not a number of layers"),
    ],
)
def test_options_that_are_wrong(
    options: list[str], words: str, warned: Path, capsys: Capture
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["check", "a.mtg", *options])
    assert stopped.value.code == 2
    assert words in capsys.readouterr().err


def test_levels_of_codes() -> None:
    assert code_of("mtg105") == code_of("unused") == "MTG105"
    assert code_of("nothing") is None
    assert {code_of(about.slug) for about in CODES.values()} == set(CODES)
    assert code_of("wrong-sort-of-name") == code_of("Wrong-Kind-of-Name") == "MTG104"
    assert {alias: code_of(alias) for alias in ALIASES} == ALIASES
    assert Levels("error", {"MTG101": "allow"}).apply([ODD]) == [ODD]


@pytest.mark.parametrize(
    ("variables", "option", "terminal", "colored"),
    [
        ({}, "auto", True, True),
        ({}, "auto", False, False),
        ({}, "always", False, True),
        ({}, "never", True, False),
        ({"NO_COLOR": "1"}, "auto", True, False),
        ({"NO_COLOR": ""}, "auto", True, True),
        ({"NO_COLOR": "1"}, "always", False, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "auto", True, False),
        ({"FORCE_COLOR": "1"}, "auto", False, True),
        ({"FORCE_COLOR": "0"}, "auto", False, False),
        ({"CLICOLOR_FORCE": "1"}, "auto", False, True),
        ({"CLICOLOR": "0"}, "auto", True, False),
        ({"TERM": "dumb"}, "auto", True, False),
        ({"TERM": "dumb"}, "always", True, True),
    ],
)
def test_colors(
    variables: dict[str, str],
    option: str,
    terminal: bool,
    colored: bool,
    warned: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    main(["check", "a.mtg", "--color", option])
    said = capsys.readouterr().err
    assert ("\x1b[" in said) is colored
    assert "MTG105" in said


def test_max_layers(warned: Path, capsys: Capture) -> None:
    text = WARNED.replace("  let a = 1\n", "").replace("x ->", "x -> repeat 50 { ReLU() } ->")
    Path("b.mtg").write_text(text, encoding="utf-8")
    assert main(["check", "b.mtg", "--max-layers", "10"]) == 1
    assert "has more than 10 layer calls" in capsys.readouterr().err
    assert main(["check", "b.mtg", "--max-layers", "1_000"]) == 0
    text = text.replace("repeat 50", "repeat 15_100")
    Path("b.mtg").write_text(text, encoding="utf-8")
    assert main(["check", "b.mtg"]) == 1
    assert main(["check", "b.mtg", "--max-layers", "31_000"]) == 0
