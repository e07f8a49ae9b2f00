"""Standard streams that are closed, full or of another encoding, and odd places for results."""

from __future__ import annotations

import ast
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from threading import Thread

import mtg
import pytest
from mtg.cli import main
from mtg.report import json as reports
from mtg.report.github import github
from mtg.report.sarif import sarif

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX")

PROGRAM = 'model M {\n  input x: float32[8]\n  output y = x -> Dense(1, name="d")\n}\n'
WRONG = PROGRAM.replace("Dense", "Dens")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.mtg").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "wrong.mtg").write_text(WRONG, encoding="utf-8")
    return tmp_path


def shell(command: str, **environment: str) -> tuple[int, str, str]:
    """The exit code of a command of the shell, and what it says."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f'mtg() {{ {sys.executable} -m mtg "$@"; }}; {command}'],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )
    said = done.stderr.decode(errors="replace")
    assert "Traceback" not in said
    assert "internal error" not in said
    assert "Exception ignored" not in said
    return done.returncode, done.stdout.decode(errors="replace"), said


def several(*commands: str, **environment: str) -> tuple[int, str, str]:
    """The same of commands of mtg in one process, and the greatest of their exit codes."""
    code = (
        "import shlex, sys; from mtg.cli import main; from mtg.cli.streams import open_streams; "
        "open_streams(); sys.exit(max([main(shlex.split(each)) for each in sys.argv[1:]]))"
    )
    return shell(shlex.join([sys.executable, "-c", code, *commands]), **environment)


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("mtg check a.mtg >&-", 0, "no problems"),
        ("mtg summary a.mtg >&-", 2, "mtg: standard output is closed"),
        ("mtg layers >&-", 2, "mtg: standard output is closed"),
        ("mtg explain MTG301 >&-", 2, "mtg: standard output is closed"),
        ("mtg render a.mtg -o - >&-", 2, "mtg: standard output is closed"),
        ("mtg check --format json wrong.mtg >&-", 2, "mtg: standard output is closed"),
        ("mtg check - <&-", 2, "mtg: standard input is closed"),
        ("mtg decompile - <&-", 2, "mtg: standard input is closed"),
        ("mtg check a.mtg 2>&-", 0, ""),
        ("mtg check wrong.mtg 2>&-", 1, ""),
        ("mtg check wrong.mtg <&- >&- 2>&-", 1, ""),
        ("mtg render a.mtg -o a.svg <&- >&- 2>&-", 0, ""),
        ("mtg summary a.mtg > /dev/full", 2, "mtg: No space left on device"),
        ("mtg summary --format json a.mtg > /dev/full", 2, "mtg: No space left on device"),
        ("mtg render a.mtg -o - > /dev/full", 2, "mtg: No space left on device"),
        *(
            (f"mtg {said} {sink}", 2, f"mtg: {reason}")
            for said in ("--version", "--help", "compile --help")
            for sink, reason in (
                (">&-", "standard output is closed"),
                ("> /dev/full", "No space left on device"),
            )
        ),
        ("PYTHONUNBUFFERED=1 mtg --help > /dev/full", 2, "mtg: No space left on device"),
        ("mtg --help | true", 0, ""),
        ("mtg >&-", 2, "mtg: the following arguments are required"),
        ("mtg check wrong.mtg 2> /dev/full", 1, ""),
        ("mtg check a.mtg 2> /dev/full", 0, ""),
        ("mtg nonsense 2> /dev/full", 2, ""),
        ("mtg layers | head -1", 0, ""),
        ("mtg check wrong.mtg 2>&1 | true", 1, ""),
    ],
)
def test_streams(command: str, code: int, said: str) -> None:
    found = shell(command)
    assert found[0] == code, found
    assert said in found[2]


def test_what_is_said_goes_into_no_file(folder: Path) -> None:
    """The number of a closed stream would be that of the next file that is opened."""
    assert shell("mtg render a.mtg -o a.svg 2>&- >&- <&-")[0] == 0
    assert (folder / "a.svg").read_bytes() == mtg.render("a.mtg")


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}]
)
def test_other_encodings(locale: dict[str, str], folder: Path) -> None:
    (folder / "é \u2192.mtg").write_text(
        'model M {\n  """é \u2192 \U0001f600"""\n  input x: float32[8]\n'
        '  output y = x -> Dense(1, name="é\u2192\U0001f600")\n}\n',
        encoding="utf-8",
    )
    code, out, _ = shell("mtg check --format json 'é \u2192.mtg' wrong.mtg", **locale)
    assert code == 1
    assert "wrong.mtg" in str(json.loads(out))
    code, out, _ = shell("mtg summary --format json 'é \u2192.mtg'", **locale)
    assert "\U0001f600" in json.dumps(json.loads(out), ensure_ascii=False)
    commands = ("summary", "compile -o a.py", "compile -o a.json", "render")
    assert several(*[f"{each} 'é \u2192.mtg'" for each in commands], **locale)[0] == 0


def strict(text: str) -> object:
    """What a reader that takes no half of a surrogate pair makes of JSON."""
    found = json.loads(text)
    json.dumps(found, ensure_ascii=False).encode("utf-8")
    return found


def test_halves_of_letters_in_json(folder: Path) -> None:
    name = os.fsdecode(b"half\xff.mtg")
    half = PROGRAM.replace('"d"', r'"a\ud800"')
    assert half != PROGRAM
    Path(name).write_text(half, encoding="utf-8")
    for command, said in (
        ("summary", r"a\ud800"),
        ("diff a.mtg", r"half\udcff.mtg"),
        ("check", r"half\udcff.mtg"),
    ):
        Path(name).write_text(
            half.replace("Dense", "Dens" if command == "check" else "Dense"), encoding="utf-8"
        )
        _, out, _ = shell(f"mtg {command} --format json {name}")
        strict(out)
        assert said.replace("\\", "\\\\") in out, command
    found = mtg.check(f"{half}\n  nonsense \ud800")
    assert found
    for text in (reports.json(found), sarif(found, version="1"), github(found)):
        text.encode("utf-8")


def test_a_name_that_is_no_text(folder: Path) -> None:
    name = b"\xff\xfe.mtg"
    Path(os.fsdecode(name)).write_text(WRONG, encoding="utf-8")
    command = f"mtg check --format {{}} {os.fsdecode(name)!s}"
    for format in ("json", "sarif"):
        code, out, _ = shell(command.format(format))
        assert code == 1, format
        strict(out)
    check = f"check --format {{}} {os.fsdecode(name)}"
    assert several(*map(check.format, ("text", "github", "concise")))[0] == 1
    Path(os.fsdecode(name)).write_text(PROGRAM, encoding="utf-8")
    commands = ("render", "summary", "compile -o a.py", "compile -o a.json")
    assert several(*[f"{each} {os.fsdecode(name)}" for each in commands])[0] == 0


ODD = {"half": "\\ud800", "zero": "\\0", "red": "\\x1b[31m", "turned": "\\u202e", "raw": "\u202e"}


#: What HDF5 refuses.
NO_NAMES = {"half", "zero"}


@pytest.mark.parametrize(
    "odd", [pytest.param(each, marks=[pytest.mark.keras] * (each in NO_NAMES)) for each in ODD]
)
def test_odd_letters_in_docstrings_and_values(
    odd: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "odd.mtg").write_text(
        f'model M {{\n  """a {ODD[odd]} b"""\n  input x: float32[8]\n'
        f'  output y = x -> Dense(1, name="a{ODD[odd]}b") -> Dense(2)\n}}\n',
        encoding="utf-8",
    )
    for name in ("odd.py", "odd.json", "odd.svg", "odd.dot", *["odd.keras"] * (odd in NO_NAMES)):
        code, said = main(["compile", "odd.mtg", "-o", name]), capsys.readouterr().err
        assert code == 0 or (code, name) == (1, "odd.keras"), said
        if code:
            assert "Keras cannot save the model" in said
        elif name != "odd.keras":
            text = (folder / name).read_text(encoding="utf-8")
            assert all(letter.isprintable() or letter == "\n" for letter in text.expandtabs()), name
    source = (folder / "odd.py").read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source)) or compile(source, "odd.py", "exec")


def test_input_that_is_no_text() -> None:
    code, _, said = shell(r"printf 'model \xff M {}' | mtg check -")
    assert code == 1
    assert "the file is not UTF-8 text: byte 6 is 0xFF" in said


# Where results go


def test_a_link_is_written_through(folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "real" / "old.svg").write_text("yesterday", encoding="utf-8")
    (folder / "link.svg").symlink_to("real/old.svg")
    (folder / "chain.svg").symlink_to("link.svg")
    assert main(["render", "a.mtg", "-o", "chain.svg"]) == 0
    assert (folder / "chain.svg").is_symlink()
    assert (folder / "link.svg").is_symlink()
    assert (folder / "real" / "old.svg").read_bytes() == mtg.render("a.mtg")
    assert sorted(path.name for path in (folder / "real").iterdir()) == ["old.svg"]


@pytest.mark.parametrize("wrong", [WRONG, WRONG + "# " * 9000], ids=["short", "long"])
def test_the_other_names_of_a_file_stay_its_own(folder: Path, wrong: str) -> None:
    """A file of several names is written in its place, and ends where the new text does."""
    (folder / "one.mtg").write_text(wrong, encoding="utf-8")
    (folder / "two.mtg").hardlink_to("one.mtg")
    main(["check", "--fix", "--unsafe-fixes", "one.mtg"])
    main(["render", "a.mtg", "-o", "old.svg"])
    (folder / "new.svg").write_text("yesterday" * 10_000, encoding="utf-8")
    (folder / "other.svg").hardlink_to("new.svg")
    assert main(["render", "a.mtg", "-o", "new.svg"]) == 0
    for one, two in (("one.mtg", "two.mtg"), ("new.svg", "other.svg")):
        assert (folder / one).samefile(folder / two)
    assert (folder / "other.svg").read_bytes() == (folder / "old.svg").read_bytes()
    assert (folder / "two.mtg").read_text(encoding="utf-8") == wrong.replace("Dens(", "Dense(")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="for root alone")
def test_the_owner_of_a_file_stays_the_same(folder: Path) -> None:
    (folder / "wrong.mtg").write_text(WRONG, encoding="utf-8")
    os.chown("wrong.mtg", 1234, 1234)
    assert main(["check", "--fix", "wrong.mtg"]) == 0
    assert (folder / "wrong.mtg").read_text(encoding="utf-8") == PROGRAM
    assert (folder / "wrong.mtg").stat().st_uid == 1234


@pytest.mark.parametrize("command", [["render"], ["compile"]])
def test_a_link_that_leads_nowhere(
    command: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "new.svg").symlink_to("made.svg")
    assert main([*command, "a.mtg", "-o", "new.svg"]) == 0
    assert (folder / "new.svg").is_symlink()
    assert (folder / "made.svg").read_bytes() == mtg.render("a.mtg")
    (folder / "far.svg").symlink_to("none/made.svg")
    (folder / "loop.svg").symlink_to("loop.svg")
    for name, words in (("far.svg", "there is no folder"), ("loop.svg", "symbolic links")):
        capsys.readouterr()
        assert main([*command, "a.mtg", "-o", name]) == 2
        assert words in capsys.readouterr().err
        assert (folder / name).is_symlink()


def test_fixes_go_through_a_link(folder: Path) -> None:
    (folder / "fixed.mtg").symlink_to("wrong.mtg")
    assert main(["check", "--fix", "fixed.mtg"]) == 0
    assert (folder / "fixed.mtg").is_symlink()
    assert (folder / "wrong.mtg").read_text(encoding="utf-8") == PROGRAM


@pytest.mark.parametrize("how", ["render", "compile", "decompile"])
def test_a_pipe_stays_one(how: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe.svg")
    source = "a.json" if how == "decompile" else "a.mtg"
    (folder / "a.json").write_text(mtg.to_json("a.mtg"), encoding="utf-8")
    assert main([how, source, "-o", "pipe.svg"]) == 2
    assert "it is a pipe that nobody reads" in capsys.readouterr().err
    end = os.open("pipe.svg", os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(end, True)
    read: list[bytes] = []
    reader = Thread(target=lambda: read.append(os.read(end, 1_000_000)))
    assert main([how, source, "-o", "pipe.svg"]) == 0
    reader.start()
    reader.join()
    os.close(end)
    assert read[0] == (
        mtg.decompile("a.json").encode() if how == "decompile" else mtg.render("a.mtg")
    )
    assert (folder / "pipe.svg").is_fifo()


def test_devices() -> None:
    before = os.stat(os.devnull)
    for command in ("render -o /dev/null --format svg", "compile -o /dev/null --format py"):
        assert shell(f"mtg {command} a.mtg")[0] == 0
    assert os.stat(os.devnull).st_rdev == before.st_rdev
    code, _, said = shell("mtg render a.mtg --format dot -o /dev/full")
    assert (code, "no space left on device" in said) == (2, True)


@pytest.mark.parametrize("place", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_as_a_file(place: str, folder: Path) -> None:
    code, out, _ = shell(f"mtg render a.mtg --format svg -o {place}")
    assert (code, out.encode()) == (0, mtg.render("a.mtg"))
    assert shell(f"(echo first; mtg compile a.mtg --format py -o {place}) > both")[0] == 0
    assert (folder / "both").read_text(encoding="utf-8") == "first\n" + mtg.to_python("a.mtg")


@pytest.mark.keras
def test_a_model_into_nothing_and_into_a_pipe(folder: Path) -> None:
    assert main(["compile", "a.mtg", "-o", "/dev/null"]) == 0
    assert shell("mtg compile a.mtg --format keras -o - > b.keras")[0] == 0
    assert mtg.decompile(folder / "b.keras") == mtg.decompile(mtg.compile("a.mtg"))


@pytest.mark.keras
def test_names_of_255_bytes(folder: Path) -> None:
    for suffix in (".svg", ".json", ".py", ".keras"):
        name = "n" * (255 - len(suffix)) + suffix
        assert main(["compile", "a.mtg", "-o", name]) == 0
        assert (folder / name).is_file()
    name = "é" * 125 + ".mtg"
    (folder / name).write_text(WRONG, encoding="utf-8")
    assert main(["check", "--fix", name]) == 0
    assert (folder / name).read_text(encoding="utf-8") == PROGRAM


def test_a_file_that_may_not_be_written(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "kept.svg").write_text("yesterday", encoding="utf-8")
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "kept.svg")
    assert main(["render", "a.mtg", "-o", "kept.svg"]) == 2
    assert "cannot write kept.svg: you may not write it" in capsys.readouterr().err
    assert (folder / "kept.svg").read_text(encoding="utf-8") == "yesterday"
    monkeypatch.setattr(os, "access", real)


def test_a_format_without_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "a.mtg", "--format", "py"]) == 2
    assert "give it with -o" in capsys.readouterr().err
    assert main(["compile", "a.mtg", "-o", "-"]) == 2
    assert "or give --format" in capsys.readouterr().err
