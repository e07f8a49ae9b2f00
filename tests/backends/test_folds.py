"""Pictures with the uses of blocks folded to one box each."""

from __future__ import annotations

import re
from pathlib import Path

import mtg
import pytest
from goldens import expect
from mtg.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"


def _dot(program: str | Path, levels: int | None) -> str:
    return mtg.render(program, format="dot", levels=levels).decode()


def _edges(source: str) -> list[tuple[str, str]]:
    return sorted(re.findall(r"^\s*(n\d+)\S* -> (n\d+|out\d+)", source, re.M))


def test_every_block_is_one_box_and_equal_ones_that_follow_each_other_share_it() -> None:
    source = _dot(EXAMPLES / "tiny_resnet.mtg", 0)
    expect(source, "dot/tiny_resnet_folded.dot")
    assert source.count("<B>residual</B> × 2") == 3
    assert "cluster" not in source


def test_levels_that_reach_the_deepest_block_change_nothing() -> None:
    program = EXAMPLES / "tiny_resnet.mtg"
    assert _dot(program, 1) == _dot(program, None)


NESTED = """
block x -> inner(n) { return x -> Dense(n) -> Dense(n) }
block x -> outer(n) { return x -> inner(n) -> inner(n) -> Dense(3) }
model M { input x: float32[4] output y = x -> outer(4) -> outer(5) }
"""


@pytest.mark.parametrize(("levels", "boxes"), [(0, 2), (1, 4), (2, 10)])
def test_levels_open_from_the_outside_in(levels: int, boxes: int) -> None:
    # Two `outer`; in each a run of two `inner` and a `Dense`; in each of those two `Dense`.
    source = _dot(NESTED, levels)
    nodes = re.findall(r"^\s*n\d+ \[", source, re.M)
    assert len(nodes) == boxes + 1  # and the input
    assert len(_edges(source)) == boxes + 1


def test_a_frame_in_a_frame_does_not_repeat_its_name() -> None:
    labels = re.findall(r"label=<(.*?)> labeljust", _dot(NESTED, None))
    names = [re.sub("<[^>]*>", " ", label).split() for label in labels]
    assert names[:3] == [["outer", "y_outer"], ["inner"], ["inner", "inner_2"]]


def test_parameters_of_a_fold_are_those_of_its_layers() -> None:
    source = _dot(NESTED, 0)
    counts = [int(n) for n in re.findall(r" (\d+) params", source)]
    layers = [4 * 4 + 4] * 4 + [4 * 3 + 3], [3 * 5 + 5, *[5 * 5 + 5] * 3, 5 * 3 + 3]
    assert counts == [sum(each) for each in layers]


SHARED = """
block x -> tail(n) { return x -> Dense(n) -> ReLU() }
model M {
  input a: float32[4]
  input b: float32[4]
  shared encoder = tail(8)
  output y = concat(a -> encoder, b -> encoder)
}
"""


def test_a_shared_block_is_one_frame_and_folds_to_one_shared_box() -> None:
    assert _dot(SHARED, None).count("subgraph cluster") == 1
    assert _dot(SHARED, None).count("shared × 2") == 1
    source = _dot(SHARED, 0)
    assert source.count("shared × 2") == 1
    assert _edges(source) == [("n0", "n2"), ("n1", "n2"), *[("n2", "n4")] * 2, ("n4", "out0")]
    assert "40 params" in source


def test_blocks_that_differ_or_branch_are_not_one_run() -> None:
    source = _dot(
        """
        block x -> unit(n) { return x -> Dense(n) }
        model M {
          input x: float32[4]
          a = x -> unit(4) -> unit(4)
          b = a -> unit(4)
          c = a -> unit(4)
          output y = add(b, c) -> unit(2)
        }
        """,
        0,
    )
    assert source.count("<B>unit</B> × 2") == 1
    assert source.count("<B>unit</B></TD>") == 3


def test_a_tensor_that_several_layers_of_a_fold_take_is_one_edge() -> None:
    source = _dot(
        "block x -> twin() { return add(x -> Dense(4), x -> Dense(4)) }\n"
        "model M { input x: float32[4]\n output y = x -> twin() }",
        0,
    )
    assert _edges(source) == [("n0", "n1"), ("n1", "out0")]


def test_a_block_with_several_results_shows_each() -> None:
    source = _dot(
        "block x -> pair() { return x -> Dense(2), x -> Dense(3) }\n"
        "model M { input x: float32[4]\n a, b = x -> pair()\n output y = a\n output z = b }",
        0,
    )
    assert "[2], [3] · 25 params" in source


def test_the_command_folds_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(
            [
                "render",
                str(EXAMPLES / "tiny_resnet.mtg"),
                "--levels",
                "0",
                "-o",
                "-",
                "--format",
                "dot",
            ]
        )
        == 0
    )
    assert capsys.readouterr().out == _dot(EXAMPLES / "tiny_resnet.mtg", 0)


@pytest.mark.parametrize("wrong", ["-1", "x", "1.5", "²", ""])
def test_levels_are_a_number(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["render", "a.mtg", f"--levels={wrong}"])
    assert stopped.value.code == 2
    assert "expected a number of levels, zero or more" in capsys.readouterr().err


SKIPS = """
block (x, skips) -> layer(width) {
  z = x -> Dense(width)
  return z -> Dense(width), [*skips, z]
}
model M {
  input x: float32[8]
  _, skips = (x, []) -> repeat 2 { layer(8) }
  output p = add(skips) -> Dense(1)
  output q = skips[1] -> Dense(1)
}
"""


def test_what_no_output_depends_on_does_not_count_in_a_fold() -> None:
    source = _dot(SKIPS, 0)
    found = re.findall(r" (\d+) params|(\d+ layers?)<", source)
    one = 8 * 8 + 8
    assert [first or second for first, second in found] == [
        *(str(2 * one), "2 layers", str(one), "1 layer", "9", "9")
    ]
    assert "unused" not in source


TWO_TASKS = """
block x -> two() { return x -> Dense(8), x -> Dense(8) }
model M {
  input x: float32[8]
  a, b = x -> two()
  output p = a -> ReLU()
  output q = b -> ReLU()
}
"""


def test_a_fold_whose_results_serve_two_tasks_has_the_colour_of_neither() -> None:
    (fold,) = re.findall(r"^\s*n\d+ \[.*<B>two</B>.*$", _dot(TWO_TASKS, 0), re.M)
    (both,) = re.findall(r"^\s*n\d+ \[.*<B>inner</B>.*$", _dot(ONE_TASK, 0), re.M)
    assert re.findall(r' fillcolor="([^"]+)"', fold) == re.findall(r' fillcolor="([^"]+)"', both)


ONE_TASK = """
block x -> inner() { return x -> Dense(4) -> Dense(4) }
model M { input x: float32[4] output y = x -> inner() }
"""
