"""Rules of functions of `keras.ops` against Keras."""

from __future__ import annotations

import pytest
from case import Case, In, has_unknown
from differences import STRICTER_OPS, VAGUE_OPS
from mtg.types.rules.apply import ops_with_rules
from op_cases import cases, op
from op_more_cases import cases as more_cases
from op_rare_cases import cases as rare_cases
from oracle import ask_keras, ask_mtg, disagreement, wrong_length

CASES: dict[str, list[Case]] = {}
for _case in (*cases(), *more_cases(), *rare_cases()):
    CASES.setdefault(_case.cls, []).append(_case)


@pytest.mark.parametrize("name", sorted(CASES))
def test_agrees_with_keras(name: str) -> None:
    wrong = [found for case in CASES[name] if (found := disagreement(case))]
    assert not wrong, f"{len(wrong)} of {len(CASES[name])}:\n" + "\n".join(wrong[:5])


@pytest.mark.parametrize("name", sorted(CASES))
def test_symbolic_lengths_stand_for_the_numbers(name: str) -> None:
    unknown = [case for case in CASES[name] if has_unknown(case)]
    wrong = [found for case in unknown if (found := wrong_length(case))]
    assert not wrong, f"{len(wrong)} of {len(unknown)}:\n" + "\n".join(wrong[:5])


@pytest.mark.parametrize(("reason", "case"), STRICTER_OPS, ids=lambda value: str(value)[:40])
def test_refuses_what_is_no_use(reason: str, case: Case) -> None:
    assert ask_keras(case).refused is None, "Keras refuses it by now: move it to the other cases"
    assert ask_mtg(case)[0].refused


@pytest.mark.parametrize(("reason", "case"), VAGUE_OPS, ids=lambda value: str(value)[:40])
def test_says_less_where_keras_is_vague(reason: str, case: Case) -> None:
    assert disagreement(case) is not None, "no longer vague: move it to the other cases"
    assert disagreement(case, unknown=True) is None


@pytest.mark.parametrize(
    "case",
    [
        op("arange", 5, 1),
        op("bincount", In((5, 4), "int32"), sparse=True),
        *(
            op("ctc_decode", In((20, 7)), In((), "int32"), "beam_search", 100, paths)
            for paths in (0, 200)
        ),
        op("unfold", In((3, 9, 8)), 20),
        op("istft", (In((5, 9)), In((5, 9))), 8, 4, 0),
    ],
    ids=str,
)
def test_refuses_what_tensorflow_cannot_run(case: Case) -> None:
    """JAX gives something: a range of no length, places that are none."""
    assert ask_mtg(case)[0].refused


def test_every_rule_is_compared() -> None:
    # `get_item` is the name under which `keras.ops` has the slice.
    assert set(ops_with_rules()) == {*CASES, "get_item"}


@pytest.mark.parametrize(
    "case",
    [
        op("reshape", In((4,)), In((2,), "int32")),
        op("concatenate", In((4,))),
        op("arange", In((), "int32")),
        op("zeros", (In(()), 2)),
        op("cast", In((4,)), "int"),
        op("add", In((4,), "string"), In((4,))),
    ],
    ids=str,
)
def test_what_is_not_known_is_not_said(case: Case) -> None:
    answer, _ = ask_mtg(case)
    assert answer.refused is None
    assert answer.outputs == ((None, None),)


def test_a_function_without_a_rule_says_nothing() -> None:
    answer, types = ask_mtg(op("shape", In((4,))))
    assert answer.refused == "NO RULE"
    assert types.outputs[1] is None
