"""Pictures and summaries with parallel rounds folded: what is one, what is not, and the totals."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import mtg
import pytest
from goldens import expect
from hypothesis import given
from hypothesis import strategies as st
from mtg.backends.families import Families, Family
from mtg.backends.picture.dot import dot
from mtg.backends.picture.options import PictureOptions
from mtg.backends.picture.themes import LIGHT
from mtg.backends.spreads import multiplied, name_span, shortened, spread, spread_lists
from mtg.backends.summary.as_json import summary_json
from mtg.backends.summary.table import summary
from mtg.cli import main
from mtg.compiler import Compiler
from mtg.graph.graph import Graph
from steps import growth

EXAMPLES = Path(__file__).parents[2] / "examples"


def _dot(program: str | Path, **options: object) -> str:
    return mtg.render(program, format="dot", **options).decode()  # type: ignore[arg-type]


def _boxes(source: str) -> list[str]:
    """The first line of every box that is no output, without its markup."""
    labels = re.findall(r"^\s*n\d+ \[.*?label=<(.*)> ", source, re.M)
    return [re.sub("<[^>]*>", "", re.split("</TR>", label)[0]) for label in labels]


def _frames(source: str) -> list[str]:
    labels = re.findall(r"label=<(.*?)> labeljust", source)
    return [re.sub("<[^>]*>", "", label) for label in labels]


def _tasks(source: str) -> list[tuple[str, str]]:
    """The names and the colours of the outputs' boxes."""
    lines = re.findall(r"^\s*out\d+ \[.*$", source, re.M)
    return [(re.findall("<TD><B>(.*?)</TD>", line)[0], _color(line)) for line in lines]


def _color(line: str) -> str:
    return re.findall(r' color="(#\w+)"', line)[0]


def _edge_labels(source: str) -> list[str]:
    return [text.strip() for text in re.findall(r"-> .*label=<(.*?)>", source)]


# ---- the examples --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mmoe", "wide_and_deep", "celeba_attributes"])
def test_examples(name: str) -> None:
    program = EXAMPLES / f"{name}.mtg"
    expect(_dot(program), f"families/{name}.dot")
    expect(mtg.summary(program), f"families/{name}.txt")


def test_the_rows_on_the_page_of_the_summary_are_those_of_today() -> None:
    page = (EXAMPLES.parent / "docs" / "summary.md").read_text(encoding="utf-8")
    (rows,) = re.findall(r"```\n(│.*?)```", page, re.S)
    assert rows in mtg.summary(EXAMPLES / "mmoe.mtg")


def test_experts_are_one_frame_and_three_tasks_are_each_drawn() -> None:
    source = _dot(EXAMPLES / "mmoe.mtg")
    assert _frames(source) == ["expert × 8"]
    assert [name for name, _ in _tasks(source)] == ["click</B>", "like</B>", "share</B>"]
    words = [text for text in _edge_labels(source) if not text.isdecimal()]  # places in a concat
    assert words == ["× 8"]  # of the experts into `stack`; they take one tensor


def test_a_frame_says_where_its_loop_stands_and_what_the_rounds_are_called() -> None:
    """Where the mouse points at it."""
    source = _dot(EXAMPLES / "wide_and_deep.mtg")
    assert source.count('tooltip="c1, c2, … c26 · wide_and_deep.mtg:') == 2
    assert 'tooltip="mmoe.mtg:16"' in _dot(EXAMPLES / "mmoe.mtg")  # rounds that are counted


def test_a_folded_block_and_its_family_are_one_box() -> None:
    source = _dot(EXAMPLES / "mmoe.mtg", levels=0)
    assert "expert × 8" in _boxes(source)
    assert "8 × 2,496 params" in source
    assert "8 × 2 layers" in source
    assert _frames(source) == []


def test_forty_heads_are_one_and_so_are_their_tasks() -> None:
    source = _dot(EXAMPLES / "celeba_attributes.mtg")
    assert "× 40" in _frames(source)
    assert _tasks(source) == [
        ("5_o_clock_shadow, arched_eyebrows, … young</B> × 40", LIGHT.hues[0])
    ]


@pytest.mark.parametrize("name", ["mmoe", "wide_and_deep", "celeba_attributes"])
def test_unfolded_there_is_a_box_for_each_layer(name: str) -> None:
    graph = mtg.load(EXAMPLES / f"{name}.mtg")
    source = _dot(graph, unfold=True)
    assert len(_boxes(source)) == len(graph.layers)
    assert len(_tasks(source)) == len(graph.outputs)
    table = mtg.summary(graph, unfold=True)
    assert [layer.name for layer in graph.layers if f" {layer.name} " not in table] == []


def test_the_commands_unfold_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    program = EXAMPLES / "mmoe.mtg"
    command = ["render", str(program), "-o", "-", "--format", "dot"]
    assert main(command) == 0
    assert capsys.readouterr().out == _dot(program)
    assert main([*command, "--unfold"]) == 0
    assert capsys.readouterr().out == _dot(program, unfold=True)
    assert main(["summary", str(program)]) == 0
    assert capsys.readouterr().out == f"{mtg.summary(program)}\n"
    assert main(["summary", "--unfold", str(program)]) == 0
    assert capsys.readouterr().out == f"{mtg.summary(program, unfold=True)}\n"


# ---- tasks ---------------------------------------------------------------------------------------

HEADS = """
let weights = {weights}
model M {{
  input x: float32[4]
  trunk = x -> Dense(8)
  for task, weight in weights.items() {{
    output f"{{task}}"(loss="mse" if weight < 3 else "mae", weight=weight) = trunk -> Dense(weight)
  }}
  output other(loss="mse") = trunk -> Dense(1)
}}
"""


def _heads(count: int) -> str:
    weights = ", ".join(f'"t{number}": {number + 1}' for number in range(count))
    return HEADS.format(weights=f"{{{weights}}}")


@pytest.mark.parametrize(("count", "heads"), [(3, 4), (4, 2), (6, 2), (7, 2)])
def test_heads_fold_from_four_on_and_tasks_from_seven(count: int, heads: int) -> None:
    source = _dot(_heads(count))
    assert len(_boxes(source)) == 2 + heads
    names = [name for name, _ in _tasks(source)]
    if count <= 6:
        assert names == [*(f"t{number}</B>" for number in range(count)), "other</B>"]
    else:
        assert names == ["t0, t1, … t6</B> × 7", "other</B>"]
        assert "mse / mae × 1 … 7" in source


def test_what_serves_one_group_of_tasks_has_its_colour_and_what_serves_several_none() -> None:
    for count, head_color in ((7, LIGHT.hues[0]), (4, "#555555")):
        source = _dot(_heads(count))
        (heads,) = re.findall(rf"^.*Dense × {count}.*$", source, re.M)
        assert (re.findall(r' color="(#\w+)"', heads) or ["#555555"])[0] == head_color
        assert _tasks(source)[-1][1] == LIGHT.hues[1 if count == 7 else count]


def test_the_table_of_tasks_folds_as_the_picture_does() -> None:
    assert "t0, t1, … t6 × 7 │ (None, 1 … 7) │ mse / mae │  1 … 7 │" in mtg.summary(_heads(7))
    assert "│ t3     │" in mtg.summary(_heads(4))


# ---- what differs, and what must not -------------------------------------------------------------


def _model(body: str) -> str:
    return (
        "block x -> unit(n) { return x -> Dense(n) -> Dense(4) }\n"
        f"model M {{ input x: float32[4]\n input z: float32[4]\n {body} }}"
    )


@pytest.mark.parametrize(
    ("body", "times"),
    [
        ("output y = add([x -> Dense(4) for _ in range(4)])", [4]),
        ("output y = add([x -> unit(n) for n in [1, 5, 9, 3]])", [4, 4]),
        ("output y = add([[x, x, x, x][i] -> Dense(4) for i in range(4)])", [4]),
        ("a = [x -> ReLU() for _ in range(4)]\n output y = add([t -> ReLU() for t in a])", [4, 4]),
        ("a = [x -> ReLU() for _ in range(4)]\n output y = add([add(a) for _ in range(5)])",
         [4, 5]),
        ("output y = add([add([x -> Dense(n) for _ in [0] * 5]) -> Dense(4) for n in range(1, 5)])",
         [20, 4, 4]),
        ("shared s = Dense(4)\n output y = add([x -> Dense(4) -> s for _ in range(4)])", [4, 4]),
        ("output y = add([x -> Dense(4) for i in range(6) if i != 2])", [5]),
        # Not alike: few, other layers, other sources, other consumers, another number of them.
        ("output y = add([x -> Dense(4) for _ in range(3)])", []),
        ("output y = add([(x -> Dense(4)) if i < 2 else (x -> ReLU()) for i in range(4)])", []),
        ("output y = add([[x, x, x, z][i] -> Dense(4) for i in range(4)])\n output w = z", []),
        ("a = [x -> Dense(4) for _ in range(4)]\n output y = add(a)\n output w = a[1]", []),
        ("a = [x -> Dense(4) for _ in range(4)]\n output y = add(a, a[0])", []),
        ("a = [x -> Dense(4) for _ in range(4)]\n b = [t -> ReLU() for t in a]\n"
         " output y = add(b)\n output w = b[0]", []),
        ("a = [x -> Dense(4) for _ in range(4)]\n"
         " output y = add([add(a[:i + 1]) -> Dense(4) for i in range(4)])", []),
        ("output y = add([(x -> unit(4)) if i else (x -> Dense(4)) for i in range(4)])", []),
        ("output y = add([x -> Dense(4, trainable=i > 0) for i in range(4)])", []),
        ('for i in range(5) { output f"y{i}" = (outputs[f"y{i - 1}"] if i else x) -> Dense(4) }',
         []),
    ],
)  # fmt: skip
def test_what_is_one(body: str, times: list[int]) -> None:
    graph = mtg.load(_model(f"{body}\n output rest = z"))
    families = Families(graph)
    counts = [len(families.members(call)) for call in families.shown]
    assert [count for count in counts if count > 1] == times
    assert sum(counts) == len(graph.calls)


def test_what_differs_is_said_once_with_its_ends() -> None:
    body = 'output y = concat([x -> Dense(n, activation=a) for n, a in [(16, "relu"), (4, "selu"), '
    source = _dot(_model(body + '(8, "tanh"), (128, "relu")]]) \n output rest = z'))
    assert "Dense × 4</B>  4 … 128, relu / selu / tanh" in source
    assert "[4 … 128] · Σ 780 params" in source


def test_a_box_of_a_shared_layer_says_how_often_it_is_called() -> None:
    body = "shared s = Dense(4)\n output y = add([x -> Dense(4) -> s for _ in range(5)])"
    source = _dot(_model(f"{body}\n output rest = z"))
    assert "shared × 5" in source
    assert source.count("20 params") == 2  # of `s`, and 5 × 20 of the others
    assert "PORT" not in source


def test_an_edge_says_how_many_tensors_it_stands_for() -> None:
    start = "a = [x -> Dense(4) for _ in range(4)]\n"
    rest = "\n output rest = z"
    own = _dot(_model(f"{start} output y = add([t -> Dense(4) for t in a]){rest}"))
    every = _dot(_model(f"{start} output y = add([add(a) for _ in range(5)]){rest}"))
    assert _edge_labels(own) == ["× 4", "× 4"]
    assert _edge_labels(every) == ["all 4", "× 5"]


def test_rounds_that_others_ask_for_first_are_in_their_order() -> None:
    program = """
    block x -> unit() { return x -> Dense(2) -> Dense(3) }
    model M {
      input x: float32[4]
      output all = add([outputs[k] for k in ["d", "b", "c", "a"]])
      for k in ["a", "b", "c", "d"] { output f"{k}" = x -> unit() }
    }
    """
    graph = mtg.load(program)
    assert [call.layer.name for call in graph.calls][2::2] == ["d", "b", "c", "a"]
    source = _dot(graph)
    assert _frames(source) == ["unit × 4"]
    assert "a…d_dense" in mtg.summary(graph)


def test_rounds_of_a_stage_loop_stay_apart() -> None:
    """They follow each other; the families in each are their own."""
    program = """
    block x -> wide() { return add([x -> Dense(4) for _ in range(5)]) }
    model M { input x: float32[4]
      output y = x -> repeat 4 { wide() } }
    """
    families = Families(mtg.load(program))
    counts = [len(families.members(call)) for call in families.shown]
    assert counts == [1, *[5, 1] * 4]


def test_rounds_of_any_name_are_drawn_and_listed() -> None:
    names = ["<b>&amp;", 'quo"te', "漢字", "n" * 150, "$x%", "{a}|b", "<last>"]
    keys = ["back\\N", "new\nline", "\u202e", *names]
    program = _model(
        f"output y = add([x -> unit(3) for k in {json.dumps(keys)}])\n"
        f' for k in {json.dumps(names)} {{ output f"{{k}}" = z -> Dense(1) }}'
    )
    graph = mtg.load(program)
    assert '<b>&amp;, quo"te, … <last> × 7' in mtg.summary(graph)
    svg = ElementTree.fromstring(mtg.render(graph))
    texts = ["".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"unit × 10", "<b>&amp;…<last>"} <= set(texts)
    assert '<b>&amp;, quo"te, … <last>' in texts


# ---- properties ----------------------------------------------------------------------------------

LISTS = (
    "[x -> unit(n) for n in {sizes}]",
    "[x -> Dense(4) for _ in {sizes}]",
    "[t -> Dense(4) for t in {before}]",
    "[t -> ReLU() for i, t in enumerate({before}) if i != 1]",
    "[add({before}) -> Dense(4) for _ in {sizes}]",
    "[add([t -> unit(n) for t in {before}]) -> Dense(4) for n in {sizes}]",
    "[t -> Dense(4) if i % 2 else t -> ReLU() for i, t in enumerate({before})]",
    "[t -> s -> Dense(4) for t in {before}]",
    "[concat(t, {before}[0]) -> Dense(4) for t in {before}]",
    "[t -> BatchNormalization() for t in reversed({before})]",
)
ENDS = (
    "output y = add({})",
    "output y = add({0})\n output w = {0}[-1] -> Dense(1)",
    'for i, t in enumerate({}) {{ output f"y{{i}}" = t -> Dense(1) }}',
    'for i, t in enumerate({}) {{ output f"y{{i}}" = t }}',
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A program of lists that are made of each other."""
    lines = ["a0 = [x -> Dense(4) for _ in range(5)]", "shared s = Dense(4)"]
    for number in range(draw(st.integers(1, 4))):
        sizes = draw(st.lists(st.integers(1, 9), min_size=2, max_size=6))
        form = draw(st.sampled_from(LISTS))
        lines.append(f"a{number + 1} = {form.format(sizes=sizes, before=f'a{number}')}")
    lines.append(draw(st.sampled_from(ENDS)).format(f"a{len(lines) - 2}"))
    return _model("\n ".join([*lines, "output rest = add(z, x, z -> s)"]))


@given(programs())
def test_classes_are_alike_and_the_totals_are_those_of_all_rounds(program: str) -> None:
    compiler = Compiler(program)
    graph, types = compiler.graph, compiler.types
    assert graph is not None, [each.message for each in compiler.diagnostics]
    assert types is not None
    _check_equitable(graph, Families(graph))
    whole = json.loads(summary_json(graph, types))
    rows = _rows(summary(graph, types, cost=True))
    assert sum(_number(row[2]) for row in rows) == whole["total_params"]
    assert sum(_number(row[3]) for row in rows) == whole["macs"]
    for levels in (None, 0):
        lines = dot(graph, types, PictureOptions(levels=levels)).splitlines()
        needed = "\n".join(line for line in lines if "class=unused" not in line)
        boxes = re.findall(r"((?:[\d,]+ × |Σ )?[\d,]+) params", needed)
        assert sum(map(_number, boxes)) == whole["total_params"]


def _check_equitable(graph: Graph, families: Families) -> None:
    """Every call of a class takes as much from each other class as its first does, and gives so."""
    of = {each.id: call.id for call in families.shown for each in families.members(call)}
    assert sorted(of) == list(range(len(graph.calls)))
    given: dict[int, Counter[int]] = {call.id: Counter() for call in graph.calls}
    for call in graph.calls:
        for ref in call.tensors():
            given[ref.call][of[call.id]] += 1
    for output in graph.outputs:
        given[output.tensor.call][-1] += 1
    for call in graph.calls:
        first = graph.calls[of[call.id]]
        assert call.layer.cls == first.layer.cls
        assert [of[ref.call] for ref in call.tensors()] == [of[ref.call] for ref in first.tensors()]
        assert given[call.id] == given[first.id]


def _rows(table: str) -> list[list[str]]:
    """The cells of the table of layers, those of a layer in several lines joined."""
    rows: list[list[str]] = [[""] * 5]
    for line in table.partition("└")[0].splitlines()[4:]:
        if line.startswith("├"):
            rows.append([""] * 5)
        else:
            cells = [cell.strip() for cell in line.strip("│").split("│")]
            rows[-1] = [f"{old} {new}".strip() for old, new in zip(rows[-1], cells, strict=True)]
    return rows


def _number(cell: str) -> int:
    times, _, number = cell.replace(",", "").removeprefix("Σ ").rpartition(" × ")
    return int(times or 1) * int(number)


def test_a_family_of_families_is_a_frame_in_a_frame() -> None:
    body = "output y = add([add([x -> unit(n) for n in range(1, 6)]) for _ in range(4)])"
    source = _dot(_model(f"{body}\n output rest = z"))
    assert _frames(source) == ["× 4", "unit × 5"]
    graph = mtg.load(_model(f"{body}\n output rest = z"))
    families = Families(graph)
    inner = next(call for call in families.shown if call.uses)
    assert [at.times for at in families.path(inner) if isinstance(at, Family)] == [4, 5]


def test_many_rounds_take_time_in_proportion() -> None:
    def work(rounds: int) -> Callable[[], object]:
        compiler = Compiler(
            "model M { input x: float32[4]\n output y ="
            f" add([x -> Dense(4) for _ in range({rounds})]) }}"
        )
        graph, types = compiler.graph, compiler.types
        assert graph is not None
        assert types is not None
        return lambda: (dot(graph, types), summary(graph, types))

    assert growth(work, 400, 4_000) < 1.5


def test_loops_that_open_one_after_the_other_take_time_in_proportion() -> None:
    """The last of a chain of lists is taken apart, and so each before it is no family."""

    def work(length: int) -> Callable[[], object]:
        lines = ["a0 = [x -> ReLU() for _ in range(4)]"]
        lines += [f"a{n + 1} = [t -> ReLU() for t in a{n}]" for n in range(length)]
        lines.append(f"output y = add(a{length})\n output w = a{length}[0]\n output rest = z")
        graph = mtg.load(_model("\n ".join(lines)))
        return lambda: Families(graph)

    assert growth(work, 30, 300) < 1.5


# ---- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "one"),
    [
        ([], ""),
        (["relu", "relu"], "relu"),
        (["128", "16", "64"], "16 … 128"),
        (["[32, 32, 64]", "[8, 8, 64]"], "[8 … 32, 8 … 32, 64]"),
        (["3×3", "11×11", "5×5"], "3×3 … 11×11"),
        (["1,000", "20,000"], "1,000 … 20,000"),
        (["rate=0.5", "rate=1e-05"], "rate=1e-05 … 0.5"),
        (["a1", "a2"], "a1 / a2"),
        (["a", "b", "c", "d", "e"], "a / b / … / e"),
    ],
)
def test_spread(texts: list[str], one: str) -> None:
    assert spread(texts) == one


def test_lists_of_other_lengths_are_joined_first() -> None:
    assert spread_lists([["3", "relu"], ["5", "relu"]]) == ["3 … 5", "relu"]
    assert spread_lists([["3", "relu"], ["5"]]) == ["3, relu / 5"]


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("pool_0_dense", "pool_7_dense", "pool_0…7_dense"),
        ("5_o_clock_shadow_dense", "young_dense", "5_o_clock_shadow…young_dense"),
        ("x_0_0", "x_3_4", "x_0_0…3_4"),
        ("pool", "pool", "pool"),
        ("a", "b", "a…b"),
        ("pool_1", "pool_1_2", "pool_1…1_2"),
        ("a_b", "b", "a_b…b"),
    ],
)
def test_name_span(first: str, last: str, name: str) -> None:
    assert name_span(first, last) == name


def test_shortened_and_multiplied() -> None:
    assert shortened(["a", "b", "c", "d"]) == "a, b, c, d"
    assert shortened(["a", "b", "c", "d", "n" * 90]) == f"a, b, … {'n' * 39}…"
    assert multiplied([1056] * 8) == "8 × 1,056"
    assert multiplied([1, 2]) == "Σ 3"
    assert multiplied([0, 0]) == "0"
