"""Inputs and outputs keep their names, which are keys of people's data."""

from __future__ import annotations

from pathlib import Path

import mtg
import pytest
from mtg.cli import main

#: Words that mean something in Python, or in mtg where they are called.
NAMES = (
    *("match", "case", "type", "print", "super", "id", "input", "output", "model", "block"),
    *("hash", "sum", "name", "trainable", "main", "inputs", "outputs", "filter", "open", "str"),
    *("dot", "add", "concat", "subtract", "multiply", "average", "maximum", "minimum"),
)


@pytest.mark.parametrize("merge", ["", "add", "dot"])
def test_names_survive(merge: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [name for name in NAMES if name != merge]
    body = "".join(f"  output {name} = x -> Dense(2)\n" for name in names)
    rest = f"  output rest = {merge}(a, b{', axes=1' * (merge == 'dot')})\n" if merge else ""
    program = (
        "model M {\n  input x: float32[4]\n"
        "  output a = x -> Dense(3)\n  output b = x -> Dense(3)\n"
        f"{body}{rest}}}\n"
    )
    Path("m.mtg").write_text(program, encoding="utf-8")
    assert not [each for each in mtg.check(program) if each.is_error]
    assert main(["compile", "m.mtg", "-o", "m.json"]) == 0
    assert main(["decompile", "m.json", "-o", "back.mtg"]) == 0
    before, after = mtg.load(program), mtg.load(Path("back.mtg"))
    assert [each.name for each in after.outputs] == [each.name for each in before.outputs]
    assert main(["diff", "m.mtg", "back.mtg"]) == 0
    assert main(["compile", "back.mtg", "-o", "back.py"]) == 0
    compile(Path("back.py").read_text(encoding="utf-8"), "back.py", "exec")
