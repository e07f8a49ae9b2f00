"""What `train` says, held against the outputs: mtg refuses what Keras fails at in `fit`, and knows
the names of the history before anything is trained."""

from __future__ import annotations

import warnings

import keras
import mtg
import numpy as np
import pytest
from mtg.catalog import catalog
from mtg.text.edits import edited
from mtg.types.history import History, history_of

pytestmark = pytest.mark.usefixtures("eager")

ONE = "output a(loss={loss}, metrics=[{metrics}]) = x -> Dense(3, activation='softmax')"
TWO = (
    'output a(loss="mse", metrics=["mae", "mae"]) = x -> Dense(3)\n'
    'output b(loss="mse", metrics=[AUC(name="auc"), "acc", MeanSquaredError()]) = '
    'x -> Dense(3, activation="sigmoid")'
)
#: Arguments of metrics that need some.
NEEDED = {
    "num_classes": 3,
    "target_class_ids": [0],
    "recall": 0.5,
    "precision": 0.5,
    "sensitivity": 0.5,
    "specificity": 0.5,
}


def model(outputs: str, train: str = "epochs=1") -> str:
    return f"model M {{\ninput x: float32[4]\n{outputs}\ntrain({train})\n}}\n"


def history_by_keras(text: str, **settings: object) -> set[str]:
    """The keys of the history of a few steps, as in a process that made no metric yet."""
    keras.utils.clear_session()
    built = mtg.compile(text)
    y = [np.eye(int(tensor.shape[-1]), dtype="float32") for tensor in built.outputs]
    y = [each[np.arange(6) % len(each)] for each in y]
    fit = {**mtg.fit_arguments(text), "verbose": 0, **settings}
    built.fit(np.ones((6, 4), "float32"), y if len(y) > 1 else y[0], **fit)
    return set(built.history.history)


def history(text: str) -> History:
    return history_of(mtg.load(text))


def object_of(name: str) -> str:
    entry = catalog().find("metric", name)
    assert entry is not None
    given = [f"{p.name}={NEEDED[p.name]!r}" for p in entry.parameters if p.required]
    return f"{name}({', '.join(given)})"


STRINGS = sorted(catalog().identifiers("metric"))
#: Of `MeanMetricWrapper` the argument is a function of Python.
OBJECTS = [object_of(name) for name in catalog().names("metric") if name != "MeanMetricWrapper"]


def takes_numbers(metric: str) -> bool:
    """Whether a metric compares two tensors of one shape; others take classes, or one tensor."""
    word = metric.partition("(")[0].strip('"').lower().replace("_", "")
    return word not in ("mean", "sum") and not word.startswith("sparse") and "iou" not in word


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype")
@pytest.mark.parametrize(
    "metrics",
    [
        [f'"{name}"' for name in STRINGS if takes_numbers(name)],
        [metric for metric in OBJECTS if takes_numbers(metric)],
        ['"acc"', '"accuracy"', '"accuracy"', '"binary_accuracy"', 'BinaryAccuracy(name="acc")'],
        ["AUC()", "AUC()", 'AUC(name="auc")', "Precision()", 'Recall(name="r")'],
    ],
)
def test_the_names_of_metrics(metrics: list[str]) -> None:
    text = model(ONE.format(loss='"categorical_crossentropy"', metrics=", ".join(metrics)))
    assert set(history(text).modes) == history_by_keras(text)


@pytest.mark.parametrize(
    "text",
    [
        model(TWO),
        model(TWO.replace('loss="mse", metrics=["mae", "mae"]', "")),
        model(TWO, 'weighted_metrics=["mae", "mse"]'),
        model(TWO, 'weighted_metrics={"b": ["acc", "mae", "mae"]}'),
        model(TWO, "weighted_metrics=[None, [AUC(name='auc')]]"),
        model(ONE.format(loss='"mse"', metrics='"mae"'), 'weighted_metrics=["mae", "mae", "mse"]'),
        model(ONE.format(loss='"mse"', metrics=""), 'weighted_metrics={"a": "mae"}'),
        model(TWO, "epochs=1, callbacks=[ReduceLROnPlateau(monitor='loss')]"),
    ],
)
@pytest.mark.filterwarnings("ignore:Gradients do not exist")  # one output has no loss
def test_the_names_of_outputs(text: str) -> None:
    keys = history_by_keras(text)
    assert set(history(text).modes) == keys - {"learning_rate"}
    both = history_by_keras(text, validation_split=0.5)
    assert both - keys == {f"val_{key}" for key in keys - {"learning_rate"}}


def test_whatever_the_loss_its_output_names_it() -> None:
    losses = [each for each in sorted(catalog().identifiers("loss")) if takes_numbers(each)]
    others = ("ctc", "circle", "generalized")  # of sequences, or of whole numbers
    losses = [each for each in losses if not any(part in each.lower() for part in others)]
    head = 'x -> Dense(3, activation="softmax")'
    outputs = [f'output o{n}(loss="{loss}") = {head}' for n, loss in enumerate(losses)]
    text = model("\n".join(outputs), "run_eagerly=True")
    assert set(history(text).modes) == history_by_keras(text)
    assert len(losses) > 30


def test_directions() -> None:
    """What Keras knows of a metric itself decides where no `mode` is given."""
    for metric in OBJECTS:
        made = eval(metric, vars(keras.metrics))
        told = {"up": "max", "down": "min"}.get(getattr(made, "_direction", ""), "")
        text = model(ONE.format(loss='"mse"', metrics=metric))
        assert list(history(text).modes.values()) == ["min", told], metric


MONITORS = [
    *("loss", "val_loss", "mae", "val_mae", "val_a_mae", "a_mae", "a_loss", "val_b_loss"),
    *("acc", "val_acc", "b_acc", "val_b_acc", "b_auc", "auc", "auc_1", "learning_rate", "lr"),
    *("mean_squared_error", "val_b_mean_squared_error", "accuracy", "val_los", "nothing"),
    *("true_positives", "val_true_positives", "val_learning_rate", "false_negatives", "precision"),
]
PLAIN = ONE.format(loss='"mse"', metrics='"mae", "acc", TruePositives(), Precision(name="p")')


CALLBACKS = {
    "EarlyStopping": "EarlyStopping({})",
    "ReduceLROnPlateau": "ReduceLROnPlateau({})",
    "ModelCheckpoint": 'ModelCheckpoint("best.keras", save_best_only=True, {})',
    "a checkpoint of each epoch": 'ModelCheckpoint("best.keras", {})',
}


@pytest.fixture(scope="module", params=[PLAIN, TWO])
def trained(request: pytest.FixtureRequest) -> tuple[str, keras.Model, dict[str, float]]:
    """A model that was trained for one epoch, and what callbacks saw at its end."""
    keras.utils.clear_session()
    built = mtg.compile(model(request.param))
    y = [np.eye(3, dtype="float32")[[0, 1, 2, 0]]] * len(built.outputs)
    x = np.ones((4, 4), "float32")
    built.fit(x, y if len(y) > 1 else y[0], validation_split=0.5, verbose=0)
    built.save = lambda *_, **__: None
    return request.param, built, {key: each[-1] for key, each in built.history.history.items()}


def seen_by(callback: str, built: keras.Model, logs: dict[str, float]) -> str:
    """What Keras does at the end of an epoch: stop, warn or go on."""
    made = eval(callback, vars(keras.callbacks))
    made.set_model(built)
    made.on_train_begin()
    made.on_epoch_begin(0)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            made.on_epoch_end(0, dict(logs))
    except (ValueError, KeyError, IndexError):
        return "stops"
    return "warns" if any("available" in str(each.message) for each in said) else "goes on"


@pytest.mark.parametrize("callback", CALLBACKS)
def test_monitors(callback: str, trained: tuple[str, keras.Model, dict[str, float]]) -> None:
    outputs, built, logs = trained
    codes = {"stops": ["MTG522"], "warns": ["MTG521"], "goes on": []}
    for monitor in MONITORS:
        for mode in ("auto", "max"):
            written = CALLBACKS[callback].format(f'monitor="{monitor}", mode="{mode}"')
            text = model(outputs, f"callbacks=[{written}]")
            found = [each.code for each in mtg.check(text)]
            assert found == codes[seen_by(written, built, logs)], (written, logs)


@pytest.mark.parametrize(
    "name",
    [
        *("best", "{epoch}", "{epoch:03d}-{loss:.2f}", "{val_loss}", "{{loss}}", "{loss!r}"),
        *("{acc}", "{b_acc}", "{val_acc:.2f}", "{val_b_acc:.2f}", "{mae}", "{val_a_mae:.3f}"),
        *("{batch}", "{}", "{0}", "{nothing}", "{loss", "{learning_rate}", "{p}", "{b_auc}"),
    ],
)
def test_names_of_files(name: str, trained: tuple[str, keras.Model, dict[str, float]]) -> None:
    outputs, built, logs = trained
    written = f'ModelCheckpoint("{name}.keras")'
    found = [each.code for each in mtg.check(model(outputs, f"callbacks=[{written}]"))]
    assert found == (["MTG523"] if seen_by(written, built, logs) == "stops" else [])


def test_with_another_name_the_mode_is_proposed_where_keras_cannot_tell_it() -> None:
    """`accuracy` rises, as Keras knows; of `b_accuracy` it knows nothing."""
    program = """\
model M {
  input x: float32[4]
  output a(loss="mse") = x -> Dense(1)
  output b(loss="binary_crossentropy", metrics=["accuracy"]) = x -> Dense(1, "sigmoid")
  train(callbacks=[EarlyStopping(monitor="val_accuracy")])
}
"""
    (found,) = mtg.check(program)
    assert found.code == "MTG521"
    assert found.help == 'write `monitor="val_b_accuracy", mode="max"`'
    assert found.fix is not None
    (edit,) = found.fix.edits
    mended = program[: edit.span.start] + edit.text + program[edit.span.end :]
    assert mtg.check(mended) == []


@pytest.mark.parametrize(
    "callback",
    [
        'EarlyStopping(monitor="val_b_ac")',
        'EarlyStopping("val_b_ac")',
        'ReduceLROnPlateau("val_b_ac", 0.2,)',
        'ModelCheckpoint("m.keras", monitor="val_b_ac", save_best_only=True)',
        'ModelCheckpoint("m.keras", "val_b_ac", 0, True)',
    ],
)
def test_a_misspelt_name_without_its_mode_is_mended_at_once(callback: str) -> None:
    text = model(TWO, f"callbacks=[{callback}]")
    (found,) = mtg.check(text)
    assert found.code == "MTG522"
    assert found.help == 'write `monitor="val_b_acc", mode="max"`'
    assert found.fix is not None
    assert mtg.check(edited(text, found.fix.edits)) == []


def test_a_rate_is_there_where_a_callback_before_writes_it() -> None:
    watch = 'EarlyStopping(monitor="learning_rate", mode="min")'
    write = 'ReduceLROnPlateau(monitor="loss")'
    for callbacks, codes in ((f"{write}, {watch}", []), (f"{watch}, {write}", ["MTG521"])):
        text = model(PLAIN, f"callbacks=[{callbacks}]")
        assert [each.code for each in mtg.check(text)] == codes


@pytest.mark.parametrize(
    ("monitor", "meant"),
    [
        ("val_acc", "val_b_acc"),
        ("accuracy", "b_acc"),
        ("val_accuracy", "val_b_acc"),
        ("validation_loss", "val_loss"),
        ("b_accuracy", "b_acc"),
        ("val_a_los", "val_a_loss"),
        ("mse", "b_mean_squared_error"),
        ("nothing_like_it", ""),
    ],
)
def test_what_is_meant(monitor: str, meant: str) -> None:
    text = model(TWO, f'callbacks=[EarlyStopping(monitor="{monitor}", mode="min")]')
    (found,) = mtg.check(text)
    assert found.help == (f'monitor "{meant}"' if meant else "")
    if found.fix is not None:
        (edit,) = found.fix.edits
        mended = text[: edit.span.start] + edit.text + text[edit.span.end :]
        assert mtg.check(mended) == []


def test_a_mode_that_is_known_is_written() -> None:
    text = model(TWO, 'callbacks=[EarlyStopping(monitor="val_b_acc")]')
    (found,) = mtg.check(text)
    assert found.help == 'write `mode="max"`'
    assert found.fix is not None
    (edit,) = found.fix.edits
    assert mtg.check(text[: edit.span.start] + edit.text + text[edit.span.end :]) == []


FITS = [
    (1, 'weighted_metrics=["mae"]'),
    (1, 'weighted_metrics=[None, "mae"]'),
    (1, 'weighted_metrics={"a": None}'),
    (1, 'weighted_metrics=[["mae"], "mse"]'),
    (2, 'weighted_metrics=["mae"]'),
    (2, 'weighted_metrics=["mae", "mse"]'),
    (2, 'weighted_metrics=["mae", "mse", "mae"]'),
    (2, 'weighted_metrics=[["mae", None], None]'),
    (2, 'weighted_metrics={"c": "mae"}'),
    (2, 'weighted_metrics={"a": "mae"}'),
    (2, "weighted_metrics=[]"),
    (1, "class_weight={0: 1.0, 2: 3.0}"),
    (1, "class_weight={}"),
    (1, 'class_weight={0: "a"}'),
    (2, "class_weight={0: 1.0}"),
    (2, "class_weight={}"),
]


@pytest.mark.parametrize(("outputs", "train"), FITS)
def test_what_the_outputs_do_not_bear_is_refused(outputs: int, train: str) -> None:
    head = "x -> Dense(3)"
    text = model("\n".join(f'output {name}(loss="mse") = {head}' for name in "ab"[:outputs]), train)
    found = [each.code for each in mtg.check(text)]
    built = mtg.compile(model("\n".join(text.splitlines()[2:-2])))
    given = eval(f"dict({train})")
    fit = {name: given.pop(name) for name in ("class_weight",) if name in given}
    built.compile("sgd", loss=["mse"] * outputs, run_eagerly=True, **given)
    y = [np.ones((2, 3), "float32")] * outputs
    try:
        built.fit(np.ones((2, 4), "float32"), y if outputs > 1 else y[0], verbose=0, **fit)
    except ValueError:
        assert found == ["MTG520"]
    else:
        assert found == []


@pytest.mark.parametrize(
    ("loss", "units", "classes"),
    [
        ('"sparse_categorical_crossentropy"', 3, {0, 1, 2}),
        ('"categorical_crossentropy"', 3, {0, 1, 2}),
        ('"binary_crossentropy"', 1, {0, 1}),
        ("SparseCategoricalCrossentropy(ignore_class=5)", 3, {0, 1, 2, 5}),
        ('"mse"', 1, {-1, 0, 1, 2, 3, 5, 9}),
    ],
)
def test_keys_that_are_no_class(loss: str, units: int, classes: set[int]) -> None:
    end = f'Dense({units}, activation="{"softmax" if units > 1 else "sigmoid"}")'
    for key in (-1, 0, 1, 2, 3, 5, 9):
        text = model(f"output a(loss={loss}) = x -> {end}", f"class_weight={{{key}: 2.0}}")
        assert [each.code for each in mtg.check(text)] == ([] if key in classes else ["MTG524"])


@pytest.mark.parametrize(
    ("train", "nothing"),
    [
        ("epochs=3, initial_epoch=3", True),
        ("epochs=3, initial_epoch=2", False),
        ("initial_epoch=1", True),
        ("epochs=3, validation_freq=4", True),
        ("epochs=3, validation_freq=3", False),
        ("epochs=3, validation_freq=[4, 5]", True),
        ("epochs=5, validation_freq=[4, 9]", False),
        ("epochs=6, initial_epoch=4, validation_freq=4", True),
    ],
)
def test_epochs_that_never_come(train: str, nothing: bool) -> None:
    text = model('output a(loss="mse") = x -> Dense(3)', train)
    assert [each.code for each in mtg.check(text)] == (["MTG524"] if nothing else [])
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    made.compile("sgd", "mse", run_eagerly=True)
    kept = made.fit(
        np.ones((2, 4)),
        np.ones((2, 3)),
        validation_split=0.5,
        verbose=0,
        **eval(f"dict({train})"),
    )
    assert ("val_loss" not in kept.history) == nothing


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('Lambda("x * 2")', "function"),
        ('Lambda("relu")', "function"),
        ("Lambda(2)", "function"),
        ('LearningRateScheduler("exponential")', "schedule"),
        ('MeanMetricWrapper("mse")', "fn"),
    ],
)
def test_functions_of_python_have_no_names(written: str, name: str) -> None:
    layer = written if "Lambda" in written else "Identity()"
    metric = written if "Metric" in written else '"mae"'
    train = f"callbacks=[{written}]" if "Scheduler" in written else "epochs=1"
    outputs = f'output a(loss="mse", metrics=[{metric}]) = x -> Dense(3) -> {layer}'
    (found,) = mtg.check(model(outputs, train))
    assert found.code == "MTG404"
    assert found.message.startswith(f"`{name}` of ")
    with pytest.raises((TypeError, ValueError)):
        made_and_called(written)


def made_and_called(written: str) -> None:
    """Make an object of Keras and call it once; some look at a function only then."""
    made = eval(written, {**vars(keras.layers), **vars(keras.callbacks), **vars(keras.metrics)})
    if isinstance(made, keras.callbacks.Callback):
        made.set_model(keras.Sequential([keras.layers.Dense(1)]))
        made.model.compile("sgd", "mse")
        made.on_epoch_begin(0)
    elif isinstance(made, keras.metrics.Metric):
        made.update_state(np.ones((2, 3)), np.ones((2, 3)))
    else:
        made(np.ones((2, 3)))
