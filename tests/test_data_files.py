"""Arrays of data files: `from data "tables.npz" import positions`, as far as no Keras is needed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import mtg
import numpy as np
import pytest
from goldens import expect
from hypothesis import given, settings
from hypothesis import strategies as st
from mtg.compiler import Compiler
from mtg.limits import MAX_ARRAY
from mtg.report.text import render_all

#: One array of each kind that a tensor may be of, and of each form that NumPy writes.
ARRAYS = {
    "positions": np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4),
    "prior": np.array([0.5, -1.25, 2.0, 0.0]),
    "half": np.array([1.5, 2.5, 3.5, 4.5], dtype="float16"),
    "large": np.array([3, 0, 1, 2], dtype=">i8"),
    "small": np.array([0, 255, 1, 2], dtype="uint8"),
    "flags": np.array([True, False, True, True]),
    "words": np.array(["red", "dark green", "", "\N{SNOWMAN}"]),
    "fortran": np.asfortranarray(np.arange(12, dtype="int32").reshape(3, 4)),
    "number": np.float32(2.5),
    "nothing": np.zeros((0, 4), "float32"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    np.savez(project / "tables.npz", **ARRAYS)
    return project


def program(
    flow: str, names: str = "prior", path: str = "tables.npz", ins: str = "float32[4]"
) -> Path:
    file = Path("main.mtg")
    file.write_text(
        f'from data "{path}" import {names}\n'
        f"model M {{\n  input x: {ins}\n  output y = {flow}\n}}\n",
        encoding="utf-8",
    )
    return file


@pytest.mark.parametrize("compress", [False, True])
def test_heads_and_items_are_those_of_numpy(folder: Path, compress: bool) -> None:
    (np.savez_compressed if compress else np.savez)("tables.npz", **ARRAYS)
    file = program("x -> Dense(4)", ", ".join(ARRAYS))
    module = Compiler(file).module
    assert module is not None
    for name, array in ARRAYS.items():
        found = module.names[name].array
        assert found is not None
        assert found.shape == array.shape
        assert found.dtype == ("string" if name == "words" else array.dtype.name)
        loaded = found.load()
        assert loaded.dtype == array.dtype.newbyteorder("=")
        assert np.array_equal(loaded, array)
        if name in ("words", "large", "small"):
            assert found.items() == array.tolist()


def test_a_check_reads_heads_alone_and_without_numpy(folder: Path) -> None:
    table = np.ones((100, 100), "float32")
    np.savez("tables.npz", table=table)
    # Other numbers under the checksum of these: who reads them finds the file damaged.
    content = Path("tables.npz").read_bytes()
    Path("tables.npz").write_bytes(content.replace(table.tobytes(), b"\xff" * table.nbytes))
    file = program("x * table[0, :4]", "table")
    code = (
        "import sys\nfrom mtg.cli import main\n"
        f"status = main(['check', {str(file)!r}])\n"
        "assert not {'numpy', 'keras'} & set(sys.modules)\nsys.exit(status)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(file).to_config()
    assert [each.code for each in refused.value.errors] == ["MTG641"]


CASES: dict[str, Callable[[], Path]] = {
    "an array that the file has not": lambda: program("x * priro", "priro"),
    "a file that is not there": lambda: program("x * prior", path="nowhere.npz"),
    "outside": lambda: program("x * prior", path="../tables.npz"),
    "hidden": lambda: program("x * prior", path=".hidden/tables.npz"),
    "an address": lambda: program("x * prior", path="https://example.com/tables.npz"),
    "another kind of file": lambda: program("x * a", "a", path="main.mtg"),
    "a single array": lambda: program("x * a", "a", path="single.npz"),
    "objects of Python": lambda: program("x * a", "a", path="odd.npz"),
    "dtypes that no tensor has": lambda: program("x * b * c * d", "b, c, d", path="odd.npz"),
    "strings where a tensor is needed": lambda: program("x * words", "words"),
    "a layer of an array": lambda: program("concat(x, prior -> Dense(4))"),
    "an array after an arrow": lambda: program("x -> prior"),
    "an initializer": lambda: program("x -> Dense(4, bias_initializer=prior)"),
    "a number": lambda: program("x -> Dense(prior)"),
    "a condition": lambda: program("x -> Dense(4 if prior else 2)"),
    "what is walked over": lambda: program("concat([x -> Dense(1) for p in prior])"),
    "a text": lambda: program('x -> Dense(4, name=f"{prior}")'),
    "an axis": lambda: program("ops.sum(x, axis=large)", "large"),
    "a table of words": lambda: program(
        "x -> StringLookup(vocabulary=positions)", "positions", ins="string[4]"
    ),
    "shapes that do not fit": lambda: program("x + positions[:, :3]", "positions"),
    "a path without quotes": lambda: program("x * prior", path='" tables.npz "'),
}


def test_what_mtg_says(folder: Path) -> None:
    Path(".hidden").mkdir()
    np.savez(".hidden/tables.npz", prior=np.ones(4))
    np.savez("../tables.npz", prior=np.ones(4))
    np.save("single.npy", np.ones(4))
    Path("single.npy").rename("single.npz")
    record = np.zeros(4, dtype=[("a", "f4"), ("b", "f4")])
    np.savez("odd.npz", a=np.array([{}, 1, 2, 3]), b=np.ones(4, complex), c=record, d=[b"x"])
    told = [f"== {what}\n\n{render_all(mtg.check(make()))}" for what, make in CASES.items()]
    expect("\n".join(told), "errors/files/data.txt")


def test_a_trusted_program_reads_elsewhere(folder: Path) -> None:
    np.savez("../tables.npz", prior=np.ones(4))
    file = program("x * prior", path="../tables.npz")
    assert [each.code for each in mtg.check(file)] == ["MTG640"]
    assert mtg.check(file, trust=True) == []


def test_a_link_that_leads_out_is_refused(folder: Path) -> None:
    np.savez("../tables.npz", prior=np.ones(4))
    os.symlink("../tables.npz", "link.npz")
    assert [each.code for each in mtg.check(program("x * prior", path="link.npz"))] == ["MTG640"]


def test_paths_are_relative_to_the_file_that_names_them(folder: Path) -> None:
    Path("parts").mkdir()
    np.savez("parts/own.npz", scale=np.full(4, 2.0, "float32"))
    Path("parts/scaled.mtg").write_text(
        'from data "own.npz" import scale\nblock x -> scaled() { return x * scale }\n',
        encoding="utf-8",
    )
    Path("main.mtg").write_text(
        'from "parts/scaled.mtg" import scaled\n'
        "model M { input x: float32[4] output y = x -> scaled() -> Dense(1) }\n",
        encoding="utf-8",
    )
    compiler = Compiler("main.mtg")
    assert compiler.check() == []
    assert [path.name for path in compiler.files] == ["main.mtg", "scaled.mtg", "own.npz"]


def test_a_difference_is_one_of_numbers_and_not_of_names(folder: Path) -> None:
    program("x * prior").rename("old.mtg")
    np.savez("other.npz", weights=ARRAYS["prior"], changed=ARRAYS["prior"] + 1)
    program("x * weights", "weights", "other.npz").rename("new.mtg")
    assert mtg.diff("old.mtg", "new.mtg").equal
    program("x * changed", "changed", "other.npz").rename("new.mtg")
    assert not mtg.diff("old.mtg", "new.mtg").equal


def test_lengths_of_an_array_are_values(folder: Path) -> None:
    file = program(
        "(x[:, :len(prior)] -> Dense(positions.shape[1]) -> Reshape((1, 4))) + positions",
        "prior, positions",
    )
    graph, types = Compiler(file).checked_graph()
    assert str(types.of(graph.outputs[0].tensor)) == "float32[3, 4]"


# ---- files from anywhere -------------------------------------------------------------------------


def refused(content: bytes) -> list[str]:
    Path("tables.npz").write_bytes(content)
    return [each.message for each in mtg.check(program("x -> Dense(4) * a", "a")) if each.is_error]


def archive(head: bytes, data: bytes = b"", method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        made.writestr("a.npy", head + data)
    return file.getvalue()


def npy(text: str, version: bytes = b"\1\0") -> bytes:
    size = len(text).to_bytes(2 if version == b"\1\0" else 4, "little")
    return b"\x93NUMPY" + version + size + text.encode()


def head(shape: str, descr: str = "'<f4'") -> bytes:
    return npy(f"{{'descr': {descr}, 'fortran_order': False, 'shape': ({shape}), }}\n")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (archive(head("4,"), b"\0" * 12), "another size"),
        (archive(head("4,"), b"\0" * 20), "another size"),
        (archive(head("9" * 4000)), "another size"),
        (archive(head("1," * 60), b"\0" * 4), "no array"),
        (archive(head("-1, -4"), b"\0" * 16), "several parts"),
        (archive(head("4,", "'|O'"), b"cos\nsystem\n."), "objects of Python"),
        (archive(head("4,", "[('a', '<f4')]"), b"\0" * 16), "several parts"),
        (archive(head("4,", "__import__('os')"), b"\0" * 16), "several parts"),
        (archive(npy("{" * 200)), "several parts"),
        (archive(npy("x" * 20_000)), "head of more than"),
        (archive(b"\x93NUMPY\1"), "no array"),
        (archive(b""), "no array"),
        (archive(head("4,"), b"\0" * 16)[:60], "damaged"),
        (b"PK\5\6" + b"\xff" * 18, "damaged"),
        (b"", "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_lies(folder: Path, content: bytes, why: str) -> None:
    (message,) = refused(content)
    assert why in message


def test_an_array_that_is_packed_small_and_is_large(folder: Path) -> None:
    count = MAX_ARRAY // 4 + 1
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made,
        made.open("a.npy", "w") as member,
    ):
        member.write(head(f"{count},"))
        for _ in range(count * 4 // 1_000_000):
            member.write(b"\0" * 1_000_000)
        member.write(b"\0" * (count * 4 % 1_000_000))
    (message,) = refused(file.getvalue())
    assert f"more than {MAX_ARRAY:,} bytes" in message


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_file_with_other_bytes_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("mutated")
    good = archive(head("4,"), np.ones(4, "float32").tobytes(), data.draw(st.sampled_from([0, 8])))
    content = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / "tables.npz").write_bytes(bytes(content[: data.draw(st.integers(0, len(good)))]))
    file = folder / "main.mtg"
    file.write_text(
        'from data "tables.npz" import a\nmodel M { input x: float32[4] output y = x * a }\n',
        encoding="utf-8",
    )
    found = mtg.check(file)
    assert {each.code for each in found} <= {"MTG601", "MTG641", "MTG207", "MTG301", "MTG302"}
