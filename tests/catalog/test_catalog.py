"""The catalogue says of Keras what Keras says of itself."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from mtg.catalog import Catalog, Entry, Parameter, catalog

from tools.catalog import generate

pytestmark = pytest.mark.keras

KINDS = catalog().kinds()
ROOT = Path(__file__).parents[2]
CLASSES = [kind for kind in generate.MODULES if kind not in generate.FUNCTION_KINDS]


@pytest.fixture(scope="module", autouse=True)
def keras() -> Any:
    """Keras, imported without the warnings of what it imports."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("keras")


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
        cwd=ROOT,
    )


def _entries(kind: str) -> Iterator[Entry]:
    for name in catalog().names(kind):
        entry = catalog().find(kind, name)
        assert entry is not None
        yield entry


def _thing(kind: str, name: str) -> Any:
    """The object of Keras that an entry describes."""
    keras = importlib.import_module("keras")
    special = {
        "input": keras.Input,
        "model_compile": keras.Model.compile,
        "model_fit": keras.Model.fit,
        "optimizer_map": keras.optimizers.OptimizerMap,
    }
    if kind in special:
        return special[kind]
    thing = importlib.import_module(generate.MODULES[kind])
    for part in name.split("."):
        thing = getattr(thing, part)
    return thing


def _named(thing: Any) -> list[inspect.Parameter]:
    return [
        parameter
        for parameter in inspect.signature(thing).parameters.values()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and parameter.name != "self"
    ]


def _find(kind: str, name: str) -> Entry:
    entry = catalog().find(kind, name)
    assert entry is not None
    return entry


def _parameter(kind: str, name: str, parameter: str) -> Parameter:
    found = _find(kind, name).parameter(parameter)
    assert found is not None
    return found


# The file.


def test_the_file_is_what_the_installed_keras_gives() -> None:
    """In this process, where Keras is imported already and little is searched for garbage."""
    assert generate.main(["--check"]) == 0


def test_check_sees_a_difference(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "TARGET", tmp_path / "keras.json")
    monkeypatch.setattr(generate, "text", lambda: "new\n")
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    generate.TARGET.write_text("old\n", encoding="utf-8")
    assert generate.main(["--check"]) == 1
    assert generate.TARGET.read_text(encoding="utf-8") == "old\n"


def test_looking_up_imports_no_keras() -> None:
    script = (
        "import sys, mtg.catalog as c; k = c.catalog(); assert k.find('layer', 'Conv2D');"
        "print(sorted(m for m in ('keras', 'tensorflow', 'jax', 'torch', 'numpy',"
        " 'tools.catalog') if m in sys.modules))"
    )
    result = _run("-c", script)
    assert result.stdout.strip() == "[]", result.stderr


# Completeness.


@pytest.mark.parametrize("kind", CLASSES)
def test_every_public_class_is_an_entry_or_left_out_for_a_reason(kind: str) -> None:
    module = importlib.import_module(generate.MODULES[kind])
    public = {name for name in dir(module) if inspect.isclass(getattr(module, name))}
    left_out = {name for of, name in generate.LEFT_OUT if of == kind}
    assert left_out <= public
    known = set(catalog().names(kind))
    assert not known & left_out
    own_names = {getattr(module, name).__name__ for name in public}
    assert public - left_out <= known <= public | own_names


@pytest.mark.parametrize("kind", sorted(generate.FUNCTION_KINDS))
def test_every_public_function_is_an_entry(kind: str) -> None:
    module = importlib.import_module(generate.MODULES[kind])
    public = {
        name
        for name in dir(module)
        if not name.startswith("_")
        and callable(getattr(module, name))
        and name not in ("deserialize", "get", "serialize")
    }
    assert public == {name for name in catalog().names(kind) if "." not in name}


def test_operations_of_submodules_are_entries(keras: Any) -> None:
    for part in ("image", "linalg", "nn", "numpy"):
        public = {f"{part}.{name}" for name in dir(getattr(keras.ops, part)) if name[0] != "_"}
        assert public <= set(catalog().names("op"))
    assert _find("op", "nn.relu") is _find("op", "relu")
    assert _find("op", "image.resize").name == "image.resize"


# Faithfulness.


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_those_of_the_signature_in_order(kind: str) -> None:
    for entry in _entries(kind):
        expected = _named(_thing(kind, entry.name))
        given = entry.parameters[: len(expected)]
        assert [p.name for p in given] == [p.name for p in expected], entry.name
        for parameter, real in zip(given, expected, strict=True):
            assert parameter.required == (real.default is real.empty), (entry.name, real)
            default = None if parameter.required else json.loads(json.dumps(real.default))
            assert parameter.default == default, (entry.name, real)
            assert type(parameter.default) is type(default), (entry.name, real)
        positional = [p for p in expected if p.kind is p.POSITIONAL_OR_KEYWORD]
        assert entry.positional == len(positional), entry.name
        names = [parameter.name for parameter in entry.parameters]
        assert len(set(names)) == len(names), entry.name


def test_calls_are_those_of_the_layers() -> None:
    for entry in _entries("layer"):
        expected = _named(_thing("layer", entry.name).call)
        assert [(p.name, p.required) for p in entry.call] == [
            (p.name, p.default is p.empty) for p in expected
        ]
    assert not any(entry.call for kind in KINDS if kind != "layer" for entry in _entries(kind))


def test_an_alias_is_the_same_object() -> None:
    aliases = 0
    for kind in generate.MODULES:
        for name in catalog().names(kind):
            entry = _find(kind, name)
            if entry.name == name:
                continue
            aliases += 1
            real = _thing(kind, entry.name)
            if name != real.__name__:
                assert _thing(kind, name) is real
    assert aliases > 50


@pytest.mark.parametrize("kind", [kind for kind in KINDS if catalog().identifiers(kind)])
def test_identifiers_are_accepted_by_keras(kind: str) -> None:
    get = importlib.import_module(generate.MODULES[kind]).get
    chosen = set(generate.CHOSEN_BY_COMPILE.get(kind, ()))
    identifiers = catalog().identifiers(kind)
    assert chosen <= identifiers
    for identifier in identifiers - chosen:
        assert get(identifier) is not None
    with pytest.raises(ValueError):  # noqa: PT011
        get("mtg_nonsense")


def test_compile_knows_the_identifiers_that_get_does_not(keras: Any) -> None:
    for metric in generate.CHOSEN_BY_COMPILE["metric"]:
        for loss in generate.CHOSEN_BY_COMPILE["loss"]:
            given = keras.Input((2,))
            model = keras.Model(given, keras.layers.Dense(1, activation="sigmoid")(given))
            model.compile(loss=loss, metrics=[metric])
            zeros = keras.ops.convert_to_numpy(keras.ops.zeros((4, 2)))
            assert len(model.evaluate(zeros, zeros[:, :1], verbose=0)) == 2


def test_every_function_of_losses_metrics_and_activations_is_an_identifier(keras: Any) -> None:
    # Keras 3.15 does not list this one among the functions that `get` knows.
    forgotten = {"categorical_generalized_cross_entropy"}
    for kind, module in (("loss", keras.losses), ("activation", keras.activations)):
        functions = {
            name
            for name in dir(module)
            if name[0] != "_" and inspect.isfunction(getattr(module, name))
        }
        functions -= {"deserialize", "get", "serialize"} | forgotten
        assert functions <= catalog().identifiers(kind)


# What was found by trying.


def test_arguments_that_layers_take_by_keyword_work(keras: Any) -> None:
    values = {
        "name": "x",
        "trainable": False,
        "dtype": "float16",
        "activity_regularizer": "l2",
        "autocast": False,
    }
    assert keras.layers.Dense(4, **values).name == "x"
    for name in ("Dense", "Dropout", "LSTM", "Bidirectional", "Add", "MaxPooling2D", "Rescaling"):
        entry = _find("layer", name)
        assert set(values) <= {parameter.name for parameter in entry.parameters}
    for name in ("SpatialDropout1D", "Pipeline", "Discretization"):
        entry = _find("layer", name)
        assert "trainable" not in {parameter.name for parameter in entry.parameters}
        with pytest.raises(TypeError):
            _thing("layer", name)(1, trainable=False)
    assert _parameter("layer", "LSTM", "zero_output_for_mask").default is False
    assert keras.layers.LSTM(4, zero_output_for_mask=True).zero_output_for_mask


def test_what_takes_anything_is_variadic() -> None:
    variadic = {entry.name for kind in KINDS for entry in _entries(kind) if entry.variadic}
    assert variadic == {
        "LambdaCallback", "MeanMetricWrapper", "einsum", "meshgrid", "rearrange", "switch",
    }  # fmt: skip


def test_strings_are_closed_where_keras_closes_them(keras: Any) -> None:
    assert _parameter("layer", "Conv1D", "padding").choices == ("causal", "same", "valid")
    assert _parameter("layer", "Conv2D", "padding").choices == ("same", "valid")
    assert _parameter("layer", "Conv2D", "padding").any_case
    assert _parameter("layer", "Bidirectional", "merge_mode").choices == (
        "ave", "concat", "mul", "sum",
    )  # fmt: skip
    assert not _parameter("layer", "Bidirectional", "merge_mode").any_case
    assert _parameter("layer", "Dense", "units").choices == ()
    keras.layers.Conv2D(4, 3, padding="SAME")
    with pytest.raises(ValueError, match="Invalid merge mode"):
        keras.layers.Bidirectional(keras.layers.LSTM(4), merge_mode="SUM")


def test_the_default_of_a_parameter_is_one_of_its_choices_or_identifiers() -> None:
    seen = 0
    for kind in KINDS:
        for entry in _entries(kind):
            for parameter in entry.parameters:
                default = parameter.default
                if not isinstance(default, str):
                    continue
                seen += 1
                if parameter.choices:
                    assert default in parameter.choices, (entry.name, parameter)
                for of in parameter.kinds[:1]:
                    assert default in catalog().identifiers(of), (entry.name, parameter)
    assert seen > 300


def test_the_kinds_of_arguments() -> None:
    for kind in KINDS:
        for entry in _entries(kind):
            for parameter in entry.parameters:
                assert set(parameter.kinds) <= set(KINDS), (entry.name, parameter)
    expected = {
        ("layer", "Dense", "activation"): ("activation", "layer"),
        ("layer", "LSTM", "recurrent_activation"): ("activation", "layer"),
        ("layer", "Dense", "kernel_regularizer"): ("regularizer",),
        ("layer", "Dense", "bias_constraint"): ("constraint",),
        ("layer", "PReLU", "alpha_initializer"): ("initializer",),
        ("layer", "Bidirectional", "backward_layer"): ("layer",),
        ("layer", "RNN", "cell"): ("layer",),
        ("layer", "Dense", "dtype"): ("dtype_policy",),
        ("layer", "Dense", "units"): (),
        ("loss", "Huber", "dtype"): ("dtype_policy",),
        ("op", "cast", "dtype"): (),
        ("input", "Input", "dtype"): (),
        ("optimizer", "Adam", "learning_rate"): ("schedule",),
        ("optimizer", "LossScaleOptimizer", "inner_optimizer"): ("optimizer",),
        ("model_compile", "compile", "optimizer"): ("optimizer",),
        ("model_compile", "compile", "loss"): ("loss",),
        ("model_compile", "compile", "weighted_metrics"): ("metric",),
        ("model_fit", "fit", "callbacks"): ("callback",),
        ("application", "Xception", "classifier_activation"): ("activation", "layer"),
    }
    found = {place: _parameter(*place).kinds for place in expected}
    assert found == expected


# The lookup.


def test_finding() -> None:
    assert _find("layer", "Convolution2D") is _find("layer", "Conv2D")
    assert _find("regularizer", "l2").name == "L2"
    assert catalog().find("layer", "Conv4D") is None
    assert catalog().find("loss", "mean_squared_error") is None
    assert catalog().find("layer", "relu") is None
    assert _find("layer", "Dense").parameter("unit") is None
    assert catalog() is catalog()
    assert "Convolution2D" in catalog().names("layer")
    assert "mse" in catalog().identifiers("loss")
    assert "l2" in catalog().identifiers("regularizer")
    assert catalog().identifiers("layer") == frozenset()
    with pytest.raises(FrozenInstanceError):
        _find("layer", "Dense").name = "x"  # type: ignore[misc]


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        catalog().find("layers", "Dense")
    with pytest.raises(KeyError):
        catalog().names("layers")
    with pytest.raises(KeyError):
        catalog().identifiers("layers")


def test_entries_are_made_once_and_only_when_asked_for() -> None:
    data = json.loads(generate.TARGET.read_text(encoding="utf-8"))
    data["entries"]["layer"]["Add"] = None
    fresh = Catalog(data)
    dense = fresh.find("layer", "Dense")
    assert dense is not None
    assert fresh.find("layer", "Dense") is dense
