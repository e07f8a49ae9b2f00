"""Models in files: read without Keras, within bounds, and nothing they say is believed."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import mtg
import pytest
from decompile.models import MODELS
from mtg.cli import main
from mtg.files import CannotRead
from mtg.model_files import parse_config, read_model_file


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "two_tasks.keras"
    MODELS["two_tasks"]().save(path)
    return path


def test_keras_and_json_say_the_same(saved: Path, tmp_path: Path) -> None:
    text = mtg.decompile(saved)
    with zipfile.ZipFile(saved) as archive:
        (tmp_path / "m.json").write_bytes(archive.read("config.json"))
    assert mtg.decompile(tmp_path / "m.json") == text
    assert mtg.decompile(MODELS["two_tasks"]()) == text


def test_the_command(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["decompile", str(saved)]) == 0
    text = capsys.readouterr().out
    assert text == mtg.decompile(saved)
    assert main(["decompile", str(saved), "-o", str(tmp_path / "m.mtg")]) == 0
    assert (tmp_path / "m.mtg").read_text(encoding="utf-8") == text
    assert main(["check", str(tmp_path / "m.mtg")]) == 0
    assert main(["decompile", str(saved), "--keep-names", "--flat"]) == 0
    assert 'name="' in capsys.readouterr().out
    data = json.dumps(read_model_file(saved)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["decompile", "-"]) == 0
    assert capsys.readouterr().out == text


def test_no_keras_is_imported(saved: Path) -> None:
    program = (
        "import sys; from mtg.cli import main; code = main(['decompile', sys.argv[1]]); "
        "sys.exit(code or any(m.partition('.')[0] in ('keras', 'tensorflow') for m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(saved)], capture_output=True)
    assert done.returncode == 0, done.stderr


def archive(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as made:
        for name, content in members:
            made.writestr(zipfile.ZipInfo(name), content, method)
    return data.getvalue()


WHOLE = archive(("config.json", b"{}"))


def with_count(data: bytes, count: int) -> bytes:
    place = data.rfind(b"PK\x05\x06")
    return data[: place + 10] + struct.pack("<H", count) + data[place + 12 :]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "neither a .keras file nor JSON"),
        (b"{", "neither a .keras file nor JSON"),
        (b"[1]", "not the config of a model"),
        (b"\xff\xfe{}", "not UTF-8, from byte 0"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b'{"config": ' + b"9" * 10_000 + b"}", "a number of thousands of digits"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (WHOLE[:40], "the archive is damaged"),
        (WHOLE[:-30], "the archive is damaged"),
        (with_count(WHOLE, 20_000), "more files than a model"),
        (with_count(WHOLE, 0xFFFF), "the archive is damaged"),
        (archive(("other.json", b"{}")), "has no single `config.json`"),
        (archive(("config.json", b"{}"), method=zipfile.ZIP_LZMA), "packed in a way"),
        (WHOLE.replace(b"config.json", b"../../x.jso"), "has no single `config.json`"),
    ],
)
def test_what_is_no_model(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    path.write_bytes(data)
    with pytest.raises(CannotRead, match=words):
        read_model_file(path)
    assert main(["decompile", str(path)]) == 2


def test_an_archive_that_unpacks_to_more_than_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtg.model_files.MAX_CONFIG", 10_000)
    path = tmp_path / "m.keras"
    path.write_bytes(archive(("config.json", b" " * 1_000_000)))
    with pytest.raises(CannotRead, match="more than 10,000 bytes"):
        read_model_file(path)
    with pytest.raises(CannotRead, match="more than 10,000 bytes"):
        parse_config(b" " * 10_001)


def test_a_small_archive_may_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    path.write_bytes(archive(("config.json", b"[" + b"[]," * 8_000_000 + b"[]]")))
    with pytest.raises(CannotRead, match="more than 20,000,000 bytes"):
        read_model_file(path)


@pytest.mark.parametrize("keys", [{}, {f"a{i}": i for i in range(20_000)}])
def test_a_config_with_more_faults_than_anybody_reads(
    keys: dict[str, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = [
        {
            "class_name": "Dens",
            "module": "keras.layers",
            "name": f"d{i}",
            "config": keys,
            "inbound_nodes": [],
        }
        for i in range(300 if not keys else 1)
    ]
    if keys:
        layers[0]["class_name"] = "Dense"
    config = {"layers": layers, "input_layers": [], "output_layers": [], "name": "m"}
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"class_name": "Functional", "config": config}), encoding="utf-8")
    assert main(["decompile", str(path)]) == 1
    assert "too many diagnostics; mtg stops after 200" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["missing.keras", "."])
def test_what_is_not_there(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decompile", str(tmp_path / name)]) == 2
    assert "cannot read" in capsys.readouterr().err
    with pytest.raises(OSError, match="cannot read"):
        mtg.decompile(tmp_path / name)


OLD = {
    "class_name": "Functional",
    "config": {
        "name": "m",
        "layers": [
            {"class_name": "InputLayer", "config": {"name": "x"}, "name": "x", "inbound_nodes": []},
            {
                "class_name": "Dense",
                "config": {"name": "d"},
                "name": "d",
                "inbound_nodes": [[["x", 0, 0, {}]]],
            },
        ],
        "input_layers": [["x", 0, 0]],
        "output_layers": [["d", 0, 0]],
    },
}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, "this is not the config of a functional or sequential model"),
        (
            {"class_name": "Mine", "config": {}},
            "this is not the config of a functional or sequential model",
        ),
        (OLD, "one of Keras 2"),
        (
            {"config": {"layers": [{}], "input_layers": [], "output_layers": []}},
            "the config is incomplete",
        ),
        ({"config": {"layers": [3]}}, "the config is malformed"),
        ({"config": {"layers": [{}], "input_layers": []}}, "`name` is missing"),
    ],
)
def test_what_is_no_config(
    config: Any, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    assert main(["decompile", str(path)]) == 1
    assert words in capsys.readouterr().err
