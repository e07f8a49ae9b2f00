"""CONTRIBUTING.md and docs/ mention no path, module, name or command file that is not there."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ["CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
FOLDERS = "dsl|tests|docs|benchmarks|examples|tools|grammar|.ci"
#: The code that the first change adds.
NEW = "MTG217"


@cache
def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fences(text: str, language: str) -> Iterator[str]:
    """The code of a language on a page, without the indentation of the list it stands in."""
    for found in re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.M | re.S):
        yield textwrap.dedent(found)


def quoted(text: str) -> list[str]:
    """What stands in backticks outside of fences."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```+$", "", text, flags=re.M | re.S))


def paths(text: str) -> set[str]:
    """Paths of the repository: in backticks, in commands, behind links."""
    words = [*quoted(text), *fences(text, "sh"), *fences(text, "console")]
    pattern = rf"(?<![\w/.*-])(?:{FOLDERS})/[\w./*-]+"
    return {path.rstrip(".") for words in words for path in re.findall(pattern, words)}


def is_there(path: str) -> bool:
    return bool(list(ROOT.glob(path.rstrip("/")))) if "*" in path else (ROOT / path).exists()


@pytest.mark.parametrize("name", PAGES)
def test_every_path_is_there(name: str) -> None:
    found = {path for path in paths(page(name)) if NEW not in path}
    assert [path for path in sorted(found) if not is_there(path)] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page(name))
    assert [link for link in links if not (ROOT / name).parent.joinpath(link).exists()] == []


def resolve(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        try:
            for part in parts[count:]:
                found = getattr(found, part)
        except AttributeError:
            return False
        return True
    return False


@pytest.mark.parametrize("name", PAGES)
def test_every_dotted_name_is_there(name: str) -> None:
    text = page(name)
    pattern = r"(?<![\w./-])(?:mtg|tools)(?:\.(?!lark)[a-zA-Z_]\w*)+"
    found = {dotted for words in quoted(text) for dotted in re.findall(pattern, words)}
    for code in fences(text, "python"):
        for node in ast.walk(ast.parse(code if not code.startswith('"MTG') else "")):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mtg"):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    assert [dotted for dotted in sorted(found) if not resolve(dotted)] == []


def test_every_name_of_contributing_is_in_the_code() -> None:
    """Names of files, functions, classes and markers, which somebody may rename."""
    names = {word for word in quoted(page("CONTRIBUTING.md")) if re.fullmatch(r"@?\w{4,}", word)}
    files = {
        word for word in quoted(page("CONTRIBUTING.md")) if re.fullmatch(r"\w+\.(py|lark)", word)
    }
    here = [*ROOT.glob("dsl/**/*.*"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("grammar/*")]
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in here
        if path.suffix in (".py", ".lark") and path != Path(__file__)
    )
    words = set(re.findall(r"\w+", code))
    assert sorted(name for name in names if name.strip("@") not in words and name != NEW) == []
    assert files <= {path.name for path in here}


def test_the_meaning_of_a_construct_is_in_the_code() -> None:
    """The function that the recipe shows stands so in the file of its subject."""
    found = [code for code in fences(page("CONTRIBUTING.md"), "python") if "evaluate_node" in code]
    assert len(found) == 1
    subjects = (ROOT / "dsl/mtg/semantics/expansion").glob("*.py")
    assert any(found[0] in path.read_text(encoding="utf-8") for path in subjects)


def test_the_first_change_is_true() -> None:
    """The code of the first change, run: it warns, and of no other rate."""
    entry, lint = list(fences(page("CONTRIBUTING.md"), "python"))[:2]
    run = "\n".join(
        [
            "import mtg",
            "from mtg.report.text import render",
            "from mtg.text.codes import CODES, Code",
            f"CODES.update({{{entry}}})",
            lint.replace("from __future__ import annotations", ""),
            "text = 'model M {{ input x: float32[8] output y = x -> {} -> Dense(1) }}'",
            "(found,) = mtg.check(text.format('Dropout(1)'))",
            "print(render(found))",
            "assert mtg.check(text.format('Dropout(0.5)')) == []",
        ]
    )
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith(f"warning[{NEW}]: `Dropout` drops every value in training\n")
