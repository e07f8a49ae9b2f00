"""Masks: mtg refuses those with which Keras cannot run, or runs to a result that is wrong."""

from __future__ import annotations

import operator
import os
import warnings
from pathlib import Path
from typing import Any

import keras
import mtg
import numpy as np
import pytest
from case import Case, In, mapped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mask_cases import HEADS, OF_HEADS, PAIRS, SINGLE, cases, heads, pair, single
from oracle import BATCH_SIZE, _keras_leaf, _run_leaf, ask_mtg

EXAMPLES = int(os.environ.get("MTG_EXAMPLES", "0"))

tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="what a back end can run differs between them"
)


def runs(case: Case) -> bool:
    """Whether Keras runs the call as it predicts and as it trains, and gives what it promised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            promised = _call(case, _keras_leaf, False)
            return all(_call(case, _run_leaf, training) == promised for training in (False, True))
        except Exception:
            return False


def _call(case: Case, leaf: Any, training: bool) -> list[tuple[int, ...]]:
    """The shapes of the results."""
    args, kwargs = mapped(case.args, leaf), mapped(dict(case.kwargs), leaf)
    if case.op:
        outputs = operator.attrgetter(case.cls)(keras.ops)(*args, **kwargs)
    else:
        layer = getattr(keras.layers, case.cls)(**mapped(dict(case.arguments), leaf))
        taken = {"training": training} if layer._call_has_training_arg else {}
        outputs = layer(*args, **kwargs, **taken)
    flat = keras.tree.flatten(outputs)
    return [tuple(BATCH_SIZE if n is None else n for n in tensor.shape) for tensor in flat]


def _masks(case: Case) -> list[In]:
    found: list[In] = []
    mapped(dict(case.kwargs), found.append)
    return found


def on_purpose(case: Case) -> bool:
    """What mtg refuses though Keras runs it."""
    return bool(
        case.arguments.get("unroll")  # the steps that a mask has too many are left out
        or (case.cls == "GlobalAveragePooling1D" and _masks(case)[0].shape == (1,))  # sums
        or (case.cls == "MultiHeadAttention" and "query_mask" in case.kwargs)  # no effect
        or (case.cls == "TimeDistributed" and _masks(case)[0].dtype == "string")  # no effect
    )


def undecided(case: Case) -> bool:
    """What TensorFlow cannot run, and mtg takes: JAX runs it, with several values a step."""
    layer = case.arguments.get("layer")
    cls = layer.cls if layer is not None and case.cls == "TimeDistributed" else case.cls
    return cls in ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D") and (
        len(_masks(case)[0].shape) > 1
    )


def disagreement(case: Case) -> str | None:
    refused = ask_mtg(case)[0].refused
    keras_runs = runs(case)
    if keras_runs != (refused is not None):
        return None
    if on_purpose(case) if refused else undecided(case):
        return None
    return f"{case}: Keras {'runs' if keras_runs else 'does not run'} it, mtg says {refused}"


CASES: dict[str, list[Case]] = {}
for each in cases():
    CASES.setdefault(each.cls, []).append(each)


@tensorflow
@pytest.mark.parametrize("cls", sorted(CASES))
def test_keras_runs_what_is_taken(cls: str) -> None:
    wrong = [found for case in CASES[cls] if (found := disagreement(case))]
    assert not wrong, f"{len(wrong)} of {len(CASES[cls])}:\n" + "\n".join(wrong)


SHAPES = st.lists(st.sampled_from([1, 3, 4, 5, 7]), max_size=3).map(tuple)
DTYPES = st.sampled_from(["bool", "bool", "int32", "float32"])


@st.composite
def masked(draw: st.DrawFn) -> Case:
    """A call with a mask, of any shape."""
    kind = draw(st.sampled_from(["single", "heads", "pair"]))
    shape, dtype = draw(SHAPES), draw(DTYPES)
    if kind == "single":
        return single(draw(st.integers(0, len(SINGLE) - 1)), shape, dtype)
    if kind == "heads":
        which = draw(st.integers(0, len(HEADS) - 1))
        return heads(which, draw(st.sampled_from(sorted(OF_HEADS))), shape, dtype)
    masks = [In(shape, dtype), None]
    causal = draw(st.booleans())
    which = draw(st.integers(0, len(PAIRS) - 1))
    return pair(which, masks if draw(st.booleans()) else masks[::-1], use_causal_mask=causal)


@tensorflow
@settings(
    max_examples=EXAMPLES or 40,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(masked())
def test_masks_at_random(case: Case) -> None:
    assert disagreement(case) is None


# ---- programs ------------------------------------------------------------------------------------


def _check(tmp_path: Path, body: str) -> list[tuple[str, str]]:
    program = tmp_path / "m.mtg"
    program.write_text(f"model M {{\n{body}\n}}\n", encoding="utf-8")
    return [(found.code, found.message) for found in mtg.check(program)]


def test_a_mask_with_a_step_too_many_changes_nothing_in_a_graph(tmp_path: Path) -> None:
    """The reason for the error: Keras trains and predicts as if the last step were not there."""
    steps = keras.Input((5, 3))
    mask = keras.Input((6,), dtype="bool")
    model = keras.Model([steps, mask], keras.layers.LSTM(4, unroll=True)(steps, mask=mask))
    data = np.random.default_rng(0).random((2, 5, 3)).astype("float32")
    kept = np.ones((2, 6), "bool")
    dropped = kept.copy()
    dropped[:, 5] = False
    same = model.predict([data, kept], verbose=0), model.predict([data, dropped], verbose=0)
    np.testing.assert_allclose(*same, rtol=1e-5)
    found = _check(
        tmp_path,
        "input s: float32[5, 3]\ninput m: bool[6]\noutput y = (s, mask=m) -> LSTM(4, unroll=True)",
    )
    assert found == [("MTG301", "`LSTM` goes through 5 steps, and its `mask` has 6")]


def test_the_lengths_of_masks_are_demands(tmp_path: Path) -> None:
    """A length with a name that a mask must have is one the model needs."""
    text = "dim T\ninput s: float32[T, 3]\ninput m: bool[{}]\noutput y = (s, mask=m) -> LSTM(4)"
    assert _check(tmp_path, text.format("T")) == []
    (found,) = _check(tmp_path, text.format("T + 1"))
    assert found == ("MTG301", "`LSTM` goes through T steps, and its `mask` has T+1")
    assert _check(tmp_path, text.format("?")) == []
    program = tmp_path / "n.mtg"
    program.write_text("model M {\n" + text.format("6") + "\n}\n", encoding="utf-8")
    assert " T: 6 (for LSTM at " in mtg.summary(program)


INNER = {
    "LSTM(3)": ("x -> LSTM(3)", lambda x: keras.layers.LSTM(3)(x)),
    "Dense(3)": ("x -> Dense(3)", lambda x: keras.layers.Dense(3)(x)),
    "Conv1D(3, 2)": ("x -> Conv1D(3, 2)", lambda x: keras.layers.Conv1D(3, 2)(x)),
    "Softmax()": ("x -> Softmax()", lambda x: keras.layers.Softmax()(x)),
    "pooled": (
        "x -> GlobalAveragePooling1D()",
        lambda x: keras.layers.GlobalAveragePooling1D()(x),
    ),
    "heads": (
        "(x, x) -> MultiHeadAttention(2, 2)",
        lambda x: keras.layers.MultiHeadAttention(2, 2)(x, x),
    ),
}


@tensorflow
@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")
@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("shape", [(5,), (7,), (5, 4), ()])
def test_a_mask_that_is_given_to_a_model(
    inner: str, shape: tuple[int, ...], tmp_path: Path
) -> None:
    """It is an error where Keras fails to run the model, but for a layer that goes by steps."""
    text, make = INNER[inner]
    x, mask = keras.Input((5, 4)), keras.Input(shape, dtype="bool")
    within = keras.Input((5, 4))
    model = keras.Model([x, mask], keras.Model(within, make(within))(x, mask=mask))
    try:
        model.predict([np.ones((2, 5, 4), "float32"), np.ones((2, *shape), "bool")], verbose=0)
        fails = False
    except Exception:
        fails = True
    program = tmp_path / "m.mtg"
    program.write_text(
        f"model Inner {{\n input x: float32[5, 4]\n output y = {text}\n}}\n"
        f"model M {{\n input x: float32[5, 4]\n input m: bool{list(shape)}\n"
        f" output y = (x, mask=m) -> Inner()\n}}\n",
        encoding="utf-8",
    )
    found = [each.message for each in mtg.check(program, model="M") if each.is_error]
    # As of the layer itself: steps too many do nothing, and several values a step run elsewhere.
    fails = {("LSTM(3)", (7,)): True, ("LSTM(3)", (5, 4)): False}.get((inner, shape), fails)
    assert bool(found) == fails, found
    assert all(each.startswith("`Inner` does not take this mask: ") for each in found)


@pytest.mark.parametrize(
    ("inner", "use"),
    [
        ("input x: float32[?, 4]\n output y = x -> LSTM(3)", "(x, mask=m)"),
        ("input x: float32[5, 4]\n output y = ops.exp(x) -> LSTM(3)", "(x, mask=m)"),
        (
            "input x: float32[5, 4]\n input n: bool[5]\n output y = (x, mask=n) -> LSTM(3)",
            "(x, n, mask=[m, None])",
        ),
    ],
)
def test_a_mask_that_is_not_certain_to_fail(inner: str, use: str, tmp_path: Path) -> None:
    length = "?" if "?" in inner else "5"
    program = tmp_path / "m.mtg"
    program.write_text(
        f"model Inner {{\n {inner}\n}}\nmodel M {{\n input x: float32[{length}, 4]\n"
        f" input m: bool[7]\n input n: bool[5]\n output y = {use} -> Inner()\n"
        f" output u = n -> Flatten()\n}}\n",
        encoding="utf-8",
    )
    assert [each.message for each in mtg.check(program, model="M") if each.is_error] == []
