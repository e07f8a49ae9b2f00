"""The README cannot rot: its sources, outputs, table and pictures are compared with the real ones.

`MTG_UPDATE_GOLDENS=1` writes the blocks anew; read the difference before you commit it.
"""

import ast
import contextlib
import io
import os
import re
import shlex
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from xml.etree import ElementTree

import mtg
from mtg.cli import main

UPDATE = os.environ.get("MTG_UPDATE_GOLDENS") == "1"


def _output(command: str, root: Path) -> str:
    """What a person sees who types the command in the root of the repository."""
    arguments = shlex.split(command)
    assert arguments[0] == "mtg"
    written = io.BytesIO()
    seen = io.TextIOWrapper(written, encoding="utf-8", write_through=True)
    before = Path.cwd()
    os.chdir(root)
    try:
        with (
            contextlib.redirect_stdout(seen),
            contextlib.redirect_stderr(seen),
            contextlib.suppress(SystemExit),
        ):
            main(arguments[1:])
    finally:
        os.chdir(before)
    return written.getvalue().decode().rstrip("\n") + "\n"


def _compare(root: Path, pattern: str, written: Callable[[re.Match[str]], str]) -> None:
    """Compare the blocks a pattern finds in the README with what they should be."""
    path = root / "README.md"
    text = path.read_text(encoding="utf-8")
    assert re.search(pattern, text, re.S), f"no block in README.md matches {pattern}"
    expected = re.sub(pattern, written, text, flags=re.S)
    if UPDATE:
        path.write_text(expected, encoding="utf-8")
    assert text == expected or UPDATE


def test_sources_are_those_of_the_files(root: Path) -> None:
    def source(match: re.Match[str]) -> str:
        return (
            f"<!-- source: {match[1]} -->\n```\n{(root / match[1]).read_text(encoding='utf-8')}```"
        )

    _compare(root, r"<!-- source: (\S+) -->\n```\n(?:.*?)```", source)


def test_outputs_are_what_the_commands_print(root: Path, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.argv", ["mtg"])

    def output(match: re.Match[str]) -> str:
        command = match[1]
        return f"<!-- output -->\n```console\n$ {command}\n{_output(command, root)}```"

    _compare(root, r"<!-- output -->\n```console\n\$ ([^\n]+)\n.*?```", output)


def test_python_is_what_mtg_writes(root: Path) -> None:
    def source(match: re.Match[str]) -> str:
        return f"<!-- python: {match[1]} -->\n```python\n{mtg.to_python(root / match[1])}```"

    _compare(root, r"<!-- python: (\S+) -->\n```python\n(?:.*?)```", source)


def test_examples_are_all_listed(root: Path) -> None:
    rows = ["| example | what it is | parameters |", "| --- | --- | ---: |"]
    for path in sorted((root / "examples").glob("*.mtg")):
        graph = mtg.load(path)
        parameters = re.search(r"Total params: ([\d,]+|\S+)", mtg.summary(path))
        assert graph.doc, f"{path.name}: the model has no docstring"
        assert parameters
        first = graph.doc.splitlines()[0]
        rows.append(f"| [{path.stem}](examples/{path.name}) | {first} | {parameters[1]} |")
    table = "\n".join(rows)
    _compare(
        root,
        r"<!-- examples -->\n(?:\|[^\n]*\n)*",
        lambda match: f"<!-- examples -->\n{table}\n",
    )


def test_pictures_say_what_the_models_say_today(root: Path) -> None:
    """Their texts are compared: where a box stands depends on the fonts of a machine."""
    pictures = sorted((root / "docs" / "pictures").glob("*.svg"))
    assert pictures
    for picture in pictures:
        if picture.stem == "tweets_diff":
            continue
        name = picture.stem.removesuffix("_folded").removesuffix("_tasks")
        program = root / "examples" / f"{name}.mtg"
        if picture.stem.endswith("_tasks"):
            fresh = mtg.tasks(program).picture()
        else:
            fresh = mtg.render(program, levels=None if name == picture.stem else 0)
        assert _texts(picture.read_bytes()) == _texts(fresh), (
            f"{picture.name} is old: run `python docs/draw.py`"
        )


def test_the_picture_of_a_difference_is_that_of_today(root: Path, tmp_path: Path) -> None:
    with chdir(root / "examples"):
        mtg.diff("tweets_joint.mtg", "tweets_separate.mtg", tmp_path / "diff.svg")
    picture = root / "docs" / "pictures" / "tweets_diff.svg"
    assert _texts(picture.read_bytes()) == _texts((tmp_path / "diff.svg").read_bytes())


def _texts(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    return sorted(
        "".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")
    )


def test_readme_names_the_api(root: Path) -> None:
    """Every public function stands in the table, and nothing that is not there."""
    text = (root / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `mtg\.(\w+)\(", text, re.M))
    functions = {name for name in mtg.__all__ if name.islower() and not name.startswith("_")}
    assert named == functions


def test_python_in_the_readme_parses(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert blocks
    for block in blocks:
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert node.value.id != "mtg" or hasattr(mtg, node.attr)
