"""Emitted source is laid out as ruff leaves it, and spelt as people spell it."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import mtg
import pytest
from emitted import application
from hypothesis import given, settings
from hypothesis import strategies as st
from mtg.backends.python.layout import (
    WIDTH,
    Atom,
    Bracketed,
    Called,
    Keyword,
    docstring,
    quoted,
    statement,
)
from mtg.backends.python.source import python_source
from mtg.catalog import catalog
from mtg.catalog.applications import application_names
from mtg.catalog.names import snake_case
from mtg.outline.names import class_words
from python_programs import EXAMPLES, PROGRAMS

LONG = os.environ.get("MTG_LONG_TESTS") == "1"


def ruff(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ruff", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def assert_tidy(folder: Path) -> None:
    """As `ruff format` leaves it, and nothing for `ruff check` to say."""
    formatted = ruff("format", "--isolated", "--no-cache", "--diff", str(folder))
    assert formatted.returncode == 0, formatted.stdout + formatted.stderr
    rules = "E4,E7,E9,W,F,I,B,UP,C4,PIE"
    checked = ruff("check", "--isolated", "--no-cache", "--select", rules, str(folder))
    assert checked.returncode == 0, checked.stdout


def test_tidy(tmp_path: Path) -> None:
    sources = {path.stem: mtg.to_python(path) for path in EXAMPLES}
    names = application_names() if LONG else ["EfficientNetB3", "NASNetMobile", "ConvNeXtTiny"]
    sources |= {name: python_source(application(name)) for name in names}
    sources |= {name.replace(" ", "_"): mtg.to_python(text) for name, text in PROGRAMS.items()}
    for name, source in sources.items():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    assert_tidy(tmp_path)


def test_imports_are_in_natural_order(tmp_path: Path) -> None:
    source = mtg.to_python(
        'from python "parts10" import Last\n'
        'from python "parts2" import Part10, Part2, halved, Part1\n'
        "model M {\n  input x: float32[8]\n"
        "  output y(loss=halved) = x -> Part2() -> Part10() -> Part1() -> Last() -> Dense(1)\n}\n"
    )
    assert "from parts2 import Part1, Part2, Part10, halved\nfrom parts10 import Last\n" in source
    (tmp_path / "made.py").write_text(source, encoding="utf-8")
    assert_tidy(tmp_path)


@pytest.mark.parametrize("name", ["InceptionV3", "NASNetMobile"])
def test_numbers_count_from_one(name: str) -> None:
    """In every function the names `body`, `body_2`, … come in that order, and none is left out."""
    for function in python_source(application(name)).split("\n\n\n")[1:-1]:
        targets = re.findall(r"^    (?:    )?([\w, ]+) = ", function, re.MULTILINE)
        names = dict.fromkeys(name for each in targets for name in each.split(", "))
        counts: dict[str, int] = {}
        for each in names:
            stem = re.sub(r"_\d+$", "", each)
            counts[stem] = counts.get(stem, 0) + 1
            declared = stem == "dense"  # the output's own name
            assert declared or each == (stem if counts[stem] == 1 else f"{stem}_{counts[stem]}")


words = st.text("abcdefgh", min_size=1, max_size=24).map(lambda text: f"v{text}")
atoms = words.map(Atom)
items = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(Called, atoms, st.lists(inner, max_size=5).map(tuple)),
        st.builds(
            lambda callee, first, second: Called(Called(callee, first), second),
            atoms,
            st.lists(inner, max_size=4).map(tuple),
            st.lists(inner, min_size=1, max_size=3).map(tuple),
        ),
        st.builds(Bracketed, st.sampled_from(["[]", "()"]), st.lists(inner, max_size=4).map(tuple)),
        st.builds(
            lambda values: Bracketed(
                "{}", tuple(Keyword(f'"k{number}": ', v) for number, v in enumerate(values))
            ),
            st.lists(inner, max_size=4),
        ),
    ),
    max_leaves=14,
)


@settings(max_examples=int(os.environ.get("MTG_EXAMPLES", "200")) // 20)
@given(st.data())
def test_statements_are_as_ruff_leaves_them(data: st.DataObject) -> None:
    """Twenty statements at once, since each start of ruff takes a while."""
    lines: list[str] = []
    for _ in range(20):
        value = data.draw(items)
        if isinstance(value, Atom):
            continue
        prefix = data.draw(st.sampled_from(["x = ", "return ", "", "some_longer_name = "]))
        if prefix == "" and not isinstance(value, Called):
            continue
        lines += statement(prefix, value, "", 4)
    source = "def f():\n" + "\n".join(lines or ["    pass"]) + "\n"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "-"],
        input=source,
        capture_output=True,
        text=True,
    )
    assert done.stdout == source


@pytest.mark.parametrize(
    "text", ["plain", 'say "this"', "it's", 'it\'s "both"', "tab\t", "back\\slash", "ünï", ""]
)
def test_quoted(text: str) -> None:
    found = quoted(text)
    assert eval(found) == text
    assert found.startswith('"') == (text.count('"') <= text.count("'") or '"' not in text)


@pytest.mark.parametrize(
    "text",
    [
        "One line.",
        'Ends in "quotes"',
        "Two\n\n  lines\n    deeper",
        "back\\slash",
        'of """three"""',
    ],
)
def test_docstrings(text: str, tmp_path: Path) -> None:
    source = "def f():\n" + "\n".join(docstring(text)) + "\n    return 1\n"
    names: dict[str, Any] = {}
    exec(source, names)
    assert text.split()[0] in names["f"].__doc__
    (tmp_path / "f.py").write_text(source, encoding="utf-8")
    assert ruff("format", "--isolated", "--no-cache", "--diff", str(tmp_path)).returncode == 0


def test_no_line_is_too_long() -> None:
    sources = map(python_source, map(application, ["EfficientNetB3", "InceptionResNetV2"]))
    lines = itertools.chain.from_iterable(source.splitlines() for source in sources)
    assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize(
    ("model", "function"),
    [
        *[("DCNv2", "dcn_v2"), ("UNetDS", "unet_ds"), ("VAEPure", "vae_pure"), ("MMoE", "mmoe")],
        *[("MoEModel", "moe_model"), ("ESMM", "esmm"), ("DeepFM", "deep_fm"), ("M", "m")],
        *[("TinyUNet3D", "tiny_unet3d"), ("ResNet50V2", "res_net50_v2"), ("YOLOv3", "yolo_v3")],
        *[("ResNeXt50", "res_next50"), ("NASNetLarge", "nas_net_large"), ("MyGAN", "my_gan")],
        *[("Inceptionv3", "inception_v3"), ("Conv2DBlock", "conv2d_block"), ("V2", "v2")],
        *[("Net1_0_224", "net1_0_224"), ("two_towers", "two_towers"), ("ÄrgerNetz", "ärger_netz")],
    ],
)
def test_functions_are_spelt_as_people_spell_them(model: str, function: str) -> None:
    source = mtg.to_python(f"model {model} {{ input a: float32[4] output y = a -> Dense(2) }}")
    assert f"\ndef {function}():\n" in source


def test_classes_of_keras_are_spelt_as_keras_spells_them() -> None:
    """So that words for variables are found by what Keras calls layers."""
    for name in catalog().names("layer"):
        assert class_words(name) == snake_case(name)
