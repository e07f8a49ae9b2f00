"""What an untrusted program may reach: nothing it names is read, written or run without trust.

`MTG604`, `MTG640`, `MTG641`, `MTG642` and `MTG643` are what the commands say of it.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hostile_files
import keras
import mtg
import numpy as np
import pytest
from mtg import named_files
from mtg.cli import main

Capture = pytest.CaptureFixture[str]


def model(flow: str, ins: str = "string[1]", before: str = "", more: str = "") -> str:
    return f"{before}model M {{\n  input x: {ins}\n  output y = x -> {flow}\n{more}}}\n"


def codes(error: pytest.ExceptionInfo[mtg.MtgError]) -> list[str]:
    return [each.code for each in error.value.errors]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a program, which is not the current one; with a file beside it."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "outside.txt").write_text("secret\n", encoding="utf-8")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "words.txt").write_text("red\ngreen\nblue\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "elsewhere")
    return folder


def program(folder: Path, text: str, name: str = "p.mtg") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# Hostile programs


@cache
def hostile() -> dict[str, Any]:
    """What became of every hostile program under every command, in a process of its own."""
    with TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        outside, project = top / "outside", top / "project"
        for each in (
            *(outside / "logs", outside / "saved_model", project / ".secret", project / "sub"),
            *(project / "full", project / "links"),
        ):
            each.mkdir(parents=True)
        for name in ("words.txt", "w.weights.h5", "log.csv", "m.keras"):
            (outside / name).write_text("secret\n", encoding="utf-8")
            (project / ".secret" / name).write_text("secret\n", encoding="utf-8")
            (project / f"link.{name.rpartition('.')[2]}").symlink_to(outside / name)
        (outside / "saved_model" / "saved_model.pb").write_bytes(b"code")
        (project / "linked").symlink_to(outside)
        (project / "links" / "1.keras").symlink_to(outside / "m.keras")
        (project / "full" / "precious").write_text("mine", encoding="utf-8")
        (project / "setup.py").write_text("", encoding="utf-8")
        (project / "evil.py").write_text('open("hostile_ran", "w")\n', encoding="utf-8")
        command = [sys.executable, hostile_files.__file__, str(outside)]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        found["ran"] = (project / "hostile_ran").exists()
        found["kept"] = (project / "full" / "precious").exists()
        return found


def test_nothing_that_a_hostile_program_names_is_opened() -> None:
    found = hostile()
    assert found["control"] == [True, True], "the watch itself does not work"
    assert (found["seen"], found["events"]) == ([], [])
    assert (found["ran"], found["kept"], found["left"]) == (False, True, False)


#: What is refused before any of that: the value is of a wrong kind, or no such name is known.
WRONG_ANYWAY = {"config/optimizer", "config/seed", "python/attribute"}
REFUSALS = {"MTG604", "MTG640", "MTG642", "MTG643"}


@pytest.mark.parametrize("name", [name for name, _ in hostile_files.programs(Path("/o"))])
def test_models_of_hostile_programs_are_not_built(name: str) -> None:
    ended = hostile()["found"][name]
    for what in ("compile", "compile a graph"):
        assert ended[what] in REFUSALS or name in WRONG_ANYWAY, ended[what]
    assert ended["mtg compile"] == "done", ended["mtg compile"]  # with exit code 1
    for what, how in ended.items():
        assert how == "done" or how.startswith("MTG"), (what, how)
    if name not in WRONG_ANYWAY:
        for what in ("check", "summary", "render", "diff", "to_python"):
            assert ended[what] == "done", (what, ended[what])


@pytest.mark.parametrize("name", [name for name, _ in hostile_files.callbacks(Path("/o"))])
def test_hostile_callbacks_are_not_made(name: str) -> None:
    ended = hostile()["found"][name]
    assert ended["fit_arguments"] in REFUSALS
    assert ended["check"] == ended["to_python"] == "done"


# Python


@pytest.fixture
def marked(project: Path) -> Iterator[Path]:
    """A module that says when it is run."""
    (project / "mtg_marked.py").write_text(
        "import keras, pathlib\n"
        "pathlib.Path(__file__).with_name('ran').touch()\n"
        "class Twice(keras.layers.Layer):\n"
        "    def call(self, x):\n"
        "        return keras.ops.concatenate([x, x], -1)\n",
        encoding="utf-8",
    )
    yield project
    sys.modules.pop("mtg_marked", None)


def test_python_is_run_where_a_model_is_built_and_nowhere_else(
    marked: Path, capsys: Capture
) -> None:
    text = model("Twice() -> Dense(1)", "float32[3]", 'from python "mtg_marked" import Twice\n')
    path, ran = str(program(marked, text)), marked / "ran"
    for command in (
        ["check", path],
        ["check", "--with-keras", path],
        ["summary", path],
        ["diff", path, path],
        ["render", path, "-o", "p.svg"],
        *(["compile", path, "-o", f"p.{suffix}"] for suffix in ("json", "dot", "py")),
    ):
        assert main(command) == 0, command
        assert not ran.exists(), command
    assert "`Twice` is Python code of `mtg_marked`" in capsys.readouterr().err
    assert "from mtg_marked import Twice" in Path("p.py").read_text(encoding="utf-8")
    assert mtg.load(path).outputs[0].name == "y"
    assert main(["compile", path, "-o", "p.keras"]) == 1
    assert "error[MTG604]" in capsys.readouterr().err
    assert not ran.exists()
    assert main(["check", "--with-keras", "--trust", path]) == 0
    assert ran.exists()
    assert mtg.compile(path, trust=True).output_shape == (None, 1)


def test_a_graph_is_built_with_the_trust_of_its_program_or_of_the_call(marked: Path) -> None:
    text = model("Twice()", "float32[3]", 'from python "mtg_marked" import Twice\n')
    path = program(marked, text)
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(mtg.load(path))
    assert codes(refused) == ["MTG604"]
    assert mtg.compile(mtg.load(path), trust=True).output_shape == (None, 6)
    assert mtg.compile(mtg.load(path, trust=True)).output_shape == (None, 6)


def small_convnext(**arguments: Any) -> Any:
    """ConvNeXt as `keras.applications` makes it, with one block a stage and few channels."""
    depths, channels = [1, 1, 1, 1], [4, 8, 8, 8]
    return keras.src.applications.convnext.ConvNeXt(
        depths, channels, layer_scale_init_value=0.5, **arguments
    )


#: As they are; it takes more than a minute.
WHOLE = [
    (keras.applications.ConvNeXtTiny, "LayerScale", 32),
    (keras.applications.InceptionResNetV2, "CustomScaleLayer", 75),
]


@pytest.mark.parametrize(
    ("application", "layer", "size"),
    [
        (small_convnext, "LayerScale", 32),
        *(WHOLE if os.environ.get("MTG_LONG_TESTS") == "1" else ()),
    ],
)
def test_layers_of_applications_of_keras_need_no_trust(
    application: Any, layer: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a file of Keras to a text, to a file, to Keras again: it predicts the same."""
    monkeypatch.chdir(tmp_path)
    made = application(weights=None, input_shape=(size, size, 3), include_top=False, pooling="avg")
    made.save("a.keras")
    assert main(["decompile", "a.keras", "-o", "a.mtg"]) == 0
    assert f"import {layer}" in Path("a.mtg").read_text(encoding="utf-8")
    assert main(["compile", "a.mtg", "-o", "b.keras", "--weights", "a.keras"]) == 0
    assert not mtg.diff("a.keras", "b.keras", names=False)
    built = keras.models.load_model("b.keras", compile=False)
    x = np.random.default_rng(0).uniform(0, 255, (1, size, size, 3)).astype("float32")
    assert np.allclose(built.predict(x, verbose=0), made.predict(x, verbose=0), atol=1e-4)


@pytest.mark.parametrize(
    ("layer", "module", "made"),
    [
        ("CustomScaleLayer", "applications.inception_resnet_v2", "CustomScaleLayer(scale=0.2)"),
        ("StochasticDepth", "applications.convnext", "StochasticDepth(0.5)"),
        ("LayerScale", "applications.convnext", "LayerScale(0.1, 4)"),
        ("ThresholdedReLU", "legacy.layers", "ThresholdedReLU(theta=0.5)"),
    ],
)
def test_keras_own_layers(layer: str, module: str, made: str) -> None:
    head = f'from python "keras.src.{module}" import {layer}\n'
    two = layer == "CustomScaleLayer"
    flow = "[x, x] -> " if two else "x -> "
    text = f"{head}model M {{\n  input x: float32[4]\n  output y = {flow}{made} -> Dense(1)\n}}\n"
    assert mtg.compile(text).output_shape == (None, 1)
    if layer == "ThresholdedReLU":
        inner = model(f"TimeDistributed({made})", "float32[3, 4]", head)
        assert mtg.compile(inner).output_shape == (None, 3, 4)


@pytest.mark.parametrize(
    "module",
    [
        "json\nopen('hostile_ran', 'w')",
        "json import loads as a; open('hostile_ran', 'w') #",
        "json; open('hostile_ran', 'w')",
        *("..json", "", "a b", "class", "a.b-c", "\u202emodule", "json\\nimport x"),
    ],
)
def test_the_name_of_a_module_is_no_code_in_emitted_python(module: str) -> None:
    written = module.replace("\\", "\\\\").replace("\n", "\\n")
    text = model("Twice()", "float32[3]", f'from python "{written}" import Twice\n')
    tree = ast.parse(mtg.to_python(text))
    imported = {
        name.name
        for each in ast.walk(tree)
        if isinstance(each, (ast.Import, ast.ImportFrom))
        for name in each.names
    }
    assert imported <= {"keras", "layers", "importlib"}
    called = {
        each.args[0].value
        for each in ast.walk(tree)
        if isinstance(each, ast.Call)
        and ast.unparse(each.func) == "importlib.import_module"
        and isinstance(each.args[0], ast.Constant)
    }
    assert called == {module}
    assert "open" not in {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}


@pytest.mark.parametrize("name", ["keras", "layers", "FIT", "max", "importlib"])
def test_what_comes_from_python_takes_no_name_of_emitted_python(name: str) -> None:
    """A program that imports its own `layers` does not become the `layers` of Keras."""
    text = model(f"{name}() -> Dense(1)", "float32[3]", f'from python "mine" import {name}\n')
    assert f"from mine import {name} as {name}_2" in mtg.to_python(text)


# Vocabularies


@pytest.mark.parametrize(
    ("content", "flow", "ins"),
    [
        ("red\ngreen\nblue\n", 'StringLookup(vocabulary="words.txt")', "string[1]"),
        ("red\r\ngreen\r\nblue", 'StringLookup(vocabulary="words.txt")', "string[1]"),
        ("a b\n å\n", 'StringLookup(vocabulary="words.txt")', "string[1]"),
        ("red\ngreen\n", 'StringLookup(vocabulary="words.txt", invert=True)', "int64[1]"),
        ("[UNK]\nred\n", 'StringLookup(vocabulary="words.txt")', "string[1]"),
        ("red\n[UNK]\nblue\n", 'StringLookup(vocabulary="words.txt")', "string[1]"),
        ("[UNK]\nred\n", 'TextVectorization(vocabulary="words.txt")', "string[1]"),
        ("-1\n 7\n", 'IntegerLookup(vocabulary="words.txt")', "int64[1]"),
        (
            "red\ngreen\n",
            'StringLookup(vocabulary="words.txt", output_mode="one_hot")',
            "string[1]",
        ),
        ("7\n-3\n12\n", 'IntegerLookup(vocabulary="words.txt")', "int64[1]"),
        ("red\ngreen\n", 'TextVectorization(vocabulary="words.txt")', "string[1]"),
    ],
)
def test_the_words_are_those_that_keras_reads(
    content: str, flow: str, ins: str, project: Path
) -> None:
    (project / "words.txt").write_bytes(content.encode())
    path = program(project, model(flow, ins))
    built = mtg.compile(path)
    arguments = flow.partition('vocabulary="words.txt"')[2].rstrip(")").lstrip(", ")
    made = eval(  # the same call, of Keras itself
        f"keras.layers.{flow.partition('(')[0]}(vocabulary=path, {arguments})",
        {"keras": keras, "path": str(project / "words.txt")},
    )
    lines = content.replace("\r", "").split("\n")
    if ins == "int64[1]" and "invert" not in flow:
        given = np.array([[7], [-3], [12], [5]])
    elif ins == "int64[1]":
        given = np.array([[0], [1], [2]])
    else:
        given = np.array([[word] for word in (*lines, "red green", "no such word")])
    given = keras.ops.convert_to_tensor(given) if ins == "int64[1]" else _strings(given)
    ours, theirs = built(given), made(given)
    assert np.array_equal(np.array(ours), np.array(theirs))
    # A file that Keras loads in its safe mode, which a model with the path of the file is not.
    built.save("m.keras")
    again = keras.models.load_model("m.keras")
    assert np.array_equal(np.array(again(given)), np.array(ours))
    assert main(["diff", str(path), "m.keras"]) == 0


def _strings(given: Any) -> Any:
    import tensorflow as tf

    return tf.constant(given)


def test_the_size_of_a_vocabulary_in_a_file_is_known(project: Path) -> None:
    flow = 'StringLookup(vocabulary="words.txt", output_mode="multi_hot") -> Dense(2)'
    path = program(project, model(flow))
    assert mtg.check(path) == []
    assert "multi_hot" in mtg.summary(path) or "4" in mtg.summary(path)
    assert mtg.compile(path).count_params() == 4 * 2 + 2
    # Without the file it is not, and that is no fault before the model is built.
    (project / "words.txt").unlink()
    assert mtg.check(path) == []
    for act in (mtg.compile, mtg.to_json):
        with pytest.raises(mtg.MtgError) as refused:
            act(path)
        assert codes(refused) == ["MTG641"]


@pytest.mark.parametrize(
    ("content", "cls", "said"),
    [
        (b"\xff\n", "StringLookup", "is not UTF-8 text: byte 0"),
        (b"red\n\nblue\n", "StringLookup", "line 2 of `words.txt`"),
        (b"1\n5_0\n", "IntegerLookup", "line 2 of `words.txt`"),
        (b"1\ntwo\n", "IntegerLookup", "line 2 of `words.txt`"),
    ],
)
def test_what_is_no_vocabulary(content: bytes, cls: str, said: str, project: Path) -> None:
    (project / "words.txt").write_bytes(content)
    ins = "string[1]" if cls == "StringLookup" else "int64[1]"
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(program(project, model(f'{cls}(vocabulary="words.txt")', ins)))
    assert codes(refused) == ["MTG641"]
    assert said in str(refused.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_not_waited_for(project: Path) -> None:
    os.mkfifo(project / "pipe.txt")
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(program(project, model('StringLookup(vocabulary="pipe.txt")')))
    assert codes(refused) == ["MTG641"]


def test_with_trust_a_vocabulary_may_be_anywhere(project: Path) -> None:
    outside = str(project.parent / "outside.txt")
    for path in (outside, "../outside.txt"):
        text = program(project, model(f'StringLookup(vocabulary="{path}")'))
        layer = mtg.compile(text, trust=True).layers[-1]
        assert layer.get_vocabulary() == ["[UNK]", "secret"]


def test_a_whole_path_below_the_folder_of_the_program(project: Path) -> None:
    """What counts is where a path leads, not how it is written."""
    inside = project / "inside.txt"
    inside.write_text("red\n", encoding="utf-8")
    text = program(project, model(f'StringLookup(vocabulary="{inside}")'))
    assert mtg.compile(text).layers[-1].get_vocabulary() == ["[UNK]", "red"]
    (project / "to_outside.txt").symlink_to(project.parent / "outside.txt")
    for path, said in (
        (project / "to_outside.txt", "outside the program's folder"),
        (f"{project}/../outside.txt", "outside the program's folder"),
        ("~/inside.txt", "`~` is outside"),
    ):
        with pytest.raises(mtg.MtgError, match=said) as refused:
            mtg.compile(program(project, model(f'StringLookup(vocabulary="{path}")')))
        assert codes(refused) == ["MTG640"]


@pytest.mark.parametrize(
    ("given", "words"),
    [('mask_token="[M]"', "red\n[M]\nblue\n"), ("max_tokens=3", "red\nblue\ngreen\n")],
)
def test_vocabularies_that_keras_reads_and_cannot_load_again(
    given: str, words: str, project: Path
) -> None:
    import keras

    file = project / "w.txt"
    file.write_text(words, encoding="utf-8")
    text = program(project, model(f'StringLookup(vocabulary="w.txt", {given})'))
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(text)
    assert "Keras reads the file and runs the layer, and cannot load" in str(refused.value)
    arguments = eval(f"dict({given})")
    inputs = keras.Input((1,), dtype="string")
    layer = keras.layers.StringLookup(vocabulary=str(file), **arguments)
    keras.Model(inputs, layer(inputs)).save(project / "m.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of containers that are no part of it
        with pytest.raises(ValueError, match="could not be loaded"):
            keras.saving.load_model(project / "m.keras", safe_mode=False)


def test_paths_are_relative_to_the_file_that_names_them(project: Path) -> None:
    (project / "lib").mkdir()
    (project / "lib" / "own.txt").write_text("of the library\n", encoding="utf-8")
    program(
        project,
        'block x -> own() { return x -> StringLookup(vocabulary="own.txt") }\n'
        "block x -> given(path) { return x -> StringLookup(vocabulary=path) }\n",
        "lib/words.mtg",
    )
    path = program(
        project,
        'from "lib/words.mtg" import own, given\nmodel M {\n  input x: string[1]\n'
        '  output a = x -> own()\n  output b = x -> given(path="words.txt")\n}\n',
    )
    built = mtg.compile(path)
    found = [
        layer.get_vocabulary() for layer in built.layers if "lookup" in type(layer).__name__.lower()
    ]
    assert sorted(found) == [["[UNK]", "of the library"], ["[UNK]", "red", "green", "blue"]]


def test_folders_that_are_included_belong_to_the_program(project: Path) -> None:
    path = program(project, model('StringLookup(vocabulary="../outside.txt")'))
    with pytest.raises(mtg.MtgError):
        mtg.compile(path)
    built = mtg.compile(path, include=[project.parent])
    assert built.layers[-1].get_vocabulary() == ["[UNK]", "secret"]


@pytest.mark.skipif(os.open not in os.supports_dir_fd, reason="folders cannot be opened")
@pytest.mark.parametrize("swapped", ["sub", "sub/words.txt"])
def test_a_swap_between_the_look_and_the_open_does_not_escape(
    swapped: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link takes the place of what was looked at, at the last moment."""
    (project / "sub").mkdir()
    (project / "sub" / "words.txt").write_text("mine\n", encoding="utf-8")
    (project.parent / "beyond").mkdir()
    (project.parent / "beyond" / "words.txt").write_text("secret\n", encoding="utf-8")
    really = named_files._open

    def swapping(path: Path, root: Path | None) -> int:
        (project / swapped).rename(project / "old")
        target = project.parent / "beyond" / ("" if swapped == "sub" else "words.txt")
        (project / swapped).symlink_to(target)
        try:
            return really(path, root)
        finally:
            (project / swapped).unlink()
            (project / "old").rename(project / swapped)

    monkeypatch.setattr(named_files, "_open", swapping)
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(program(project, model('StringLookup(vocabulary="sub/words.txt")')))
    assert codes(refused) == ["MTG641"]


def test_emitted_python_names_the_file_and_drawing_does(project: Path) -> None:
    path = program(project, model('StringLookup(vocabulary="words.txt")'))
    assert 'vocabulary="words.txt"' in mtg.to_python(path)
    assert "green" not in mtg.to_python(path)
    assert b"green" not in mtg.render(path, format="dot")


# Weights of applications


def test_weights_of_an_application(project: Path) -> None:
    arguments = 'input_shape=(32, 32, 3), alpha=0.25, include_top=False, pooling="avg"'
    made = keras.applications.MobileNet(
        input_shape=(32, 32, 3), alpha=0.25, include_top=False, pooling="avg", weights=None
    )
    made.save_weights(project / "w.weights.h5")
    flow = f'applications.MobileNet({arguments}, weights="w.weights.h5")'
    path = program(project, model(flow, "float32[32, 32, 3]"))
    built = mtg.compile(path)
    x = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype("float32")
    assert np.allclose(built.predict(x, verbose=0), made.predict(x, verbose=0), atol=1e-5)
    (project / "w.weights.h5").unlink()
    assert mtg.check(path) == []
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(path)
    assert codes(refused) == ["MTG641"]


def test_weights_that_stand_in_other_files(project: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(project / "w.weights.h5", "w") as file:
        file["layers"] = h5py.ExternalLink(str(project.parent / "other.h5"), "/layers")
    with h5py.File(project / "x.weights.h5", "w") as file:
        outside = [(str(project.parent / "outside.txt"), 0, 4)]
        file.create_dataset("a", (4,), "uint8", external=outside)
    for name in ("w", "x"):
        flow = f'applications.MobileNet(weights="{name}.weights.h5", include_top=False)'
        with pytest.raises(mtg.MtgError) as refused:
            mtg.compile(program(project, model(flow, "float32[32, 32, 3]")))
        assert codes(refused) == ["MTG641"]


# Callbacks


CALLBACKS = (
    '  train(optimizer="sgd", epochs=2, callbacks=[CSVLogger("log.csv"), '
    'ModelCheckpoint("points/{epoch:02d}-{loss:.2f}.keras"), BackupAndRestore("backup")])\n'
)


def test_callbacks_write_beside_the_program(project: Path) -> None:
    text = model("Dense(1)", "float32[3]", more=CALLBACKS).replace("y =", 'y(loss="mse") =')
    braces = project / "a {strange} folder"
    braces.mkdir()
    path = program(braces, text)
    fit = mtg.fit_arguments(path)
    mtg.compile(path).fit(np.zeros((4, 3)), np.zeros((4, 1)), verbose=0, **fit)
    assert {each.name for each in braces.iterdir()} == {"p.mtg", "log.csv", "points"}
    assert [each.name[:3] for each in sorted((braces / "points").iterdir())] == ["01-", "02-"]
    assert list(Path.cwd().iterdir()) == []


def test_the_folder_that_a_callback_has_unless_told(project: Path) -> None:
    text = model("Dense(1)", "float32[3]", more="  train(callbacks=[TensorBoard()])\n")
    (callback,) = mtg.fit_arguments(program(project, text))["callbacks"]
    assert callback.log_dir == str(project / "logs")


def test_with_trust_callbacks_write_anywhere(project: Path) -> None:
    outside = project.parent / "anywhere.csv"
    text = model("Dense(1)", "float32[3]", more=f'  train(callbacks=[CSVLogger("{outside}")])\n')
    (callback,) = mtg.fit_arguments(program(project, text), trust=True)["callbacks"]
    assert callback.filename == str(outside)


# Models of Keras


def saved(layer: str, config: dict[str, Any], shape: list[Any], dtype: str) -> dict[str, Any]:
    """The config of a sequential model of one layer."""
    ins = {"batch_shape": shape, "dtype": dtype, "name": "x"}
    entry = {"module": "keras.layers", "class_name": layer, "config": {"name": "a", **config}}
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {
            "name": "m",
            "layers": [
                {"module": "keras.layers", "class_name": "InputLayer", "config": ins},
                entry,
            ],
        },
    }


@pytest.mark.parametrize(
    ("layer", "config", "code"),
    [
        ("StringLookup", {"vocabulary": "/etc/passwd"}, "MTG640"),
        ("StringLookup", {"vocabulary": "../../secret.txt"}, "MTG640"),
        ("StringLookup", {"vocabulary": "~/secret.txt"}, "MTG640"),
        ("StringLookup", {"vocabulary": "gs://bucket/words.txt"}, "MTG642"),
        ("TFSMLayer", {"filepath": "saved_model"}, "MTG642"),
    ],
)
def test_decompile_does_not_launder_what_keras_refuses(
    layer: str, config: dict[str, Any], code: str, tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "m.json"
    plain = layer == "TFSMLayer"
    found = saved(layer, config, [None, 1], "float32" if plain else "string")
    path.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(Exception, match="safe_mode"):
        keras.models.model_from_json(json.dumps(found))
    with pytest.raises(mtg.MtgError) as refused:
        mtg.decompile(path)
    assert codes(refused) == [code]
    assert main(["decompile", str(path)]) == 1
    assert code in capsys.readouterr().err
    text = mtg.decompile(path, trust=True)
    # Wherever it stands: in a wrapper, or in a model of the model.
    entry = found["config"]["layers"][1]
    wrapped = {"module": "keras.layers", "class_name": "TimeDistributed", "registered_name": None}
    for inner in (
        {**wrapped, "config": {"name": "w", "layer": entry}},
        {**saved(layer, config, [None, 1], "float32" if plain else "string"), "name": "m2"},
    ):
        around = saved("Identity", {}, [None, 1], "float32" if plain else "string")
        around["config"]["layers"].append(inner)
        path.write_text(json.dumps(around), encoding="utf-8")
        with pytest.raises(mtg.MtgError) as refused:
            mtg.decompile(path)
        assert codes(refused) == [code]
        assert not mtg.diff(path, path)  # which reads nothing either
    # The text needs trust where its model is built, as any other.
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(text)
    assert codes(refused) == [code]


def test_decompile_of_a_vocabulary_beside_the_text(project: Path) -> None:
    config = saved("StringLookup", {"vocabulary": "words.txt"}, [None, 1], "string")
    (project / "m.json").write_text(json.dumps(config), encoding="utf-8")
    text = mtg.decompile(project / "m.json")
    assert 'vocabulary="words.txt"' in text
    built = mtg.compile(program(project, text))
    assert built.layers[-1].get_vocabulary() == ["[UNK]", "red", "green", "blue"]
