"""Pictures as DOT source: what is drawn, and that any name whatever is drawn safely."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from xml.etree import ElementTree

import mtg
import pytest
import sample_graphs as samples
from goldens import expect
from mtg.backends.picture.dot import dot
from mtg.backends.picture.layout import layout
from mtg.backends.picture.options import PictureOptions
from mtg.backends.picture.themes import LIGHT
from mtg.graph.graph import Graph
from mtg.graph.values import TensorRef
from steps import growth

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    "sample", [samples.news, samples.same_author, samples.residual, samples.everything]
)
def test_golden(sample: Callable[[], samples.Sample]) -> None:
    s = sample()
    source = dot(s.graph, s.types)
    expect(source, f"dot/{sample.__name__}.dot")
    assert source == dot(s.graph, s.types)


def test_without_types() -> None:
    source = dot(samples.news().graph)
    expect(source, "dot/news_without_types.dot")
    assert "params" not in source
    assert "int32[100]" in source


def test_without_title() -> None:
    s = samples.news()
    assert "NewsHeadline" in dot(s.graph, s.types)
    assert "NewsHeadline" not in dot(s.graph, s.types, PictureOptions(title=False))


def _texts(source: str) -> list[str]:
    """The texts of the picture, in the order of the SVG."""
    tree = ElementTree.fromstring(layout(source, "svg"))
    return ["".join(text.itertext()) for text in tree.iter(f"{SVG}text")]


def test_a_task_shows_loss_weight_and_metrics() -> None:
    texts = _texts(dot(samples.news().graph))
    assert "binary_crossentropy × 0.2" in texts
    assert "binary_crossentropy × 1" in texts
    assert "accuracy" in texts


def test_a_shared_layer_is_one_box_with_an_edge_pair_for_each_call() -> None:
    source = dot(samples.same_author().graph)
    assert source.count("shared × 2") == 1
    into = re.findall(r"^\s*n\d+ -> n2:in(\d):n \[(.*?) weight=4\]$", source, re.M)
    out = re.findall(r"^\s*n2:out(\d):s -> n\d+ \[(.*)\]$", source, re.M)
    assert [number for number, _ in into] == [number for number, _ in out] == ["0", "1"]
    for styles in ([style for _, style in into], [style for _, style in out]):
        assert ["dashed" in style for style in styles] == [False, True]  # on both sides
        assert not any(hue in style for hue in LIGHT.hues for style in styles)  # those are tasks'


SOME = """
model Some {
  input x: float32[4]
  trunk = x -> Dense(8)
  pair = trunk -> Dense(6)
  for name in ["a", "b"] { output f"{name}" = pair -> Dense(1) }
  output c = trunk -> Dense(2)
}
"""


def test_what_serves_some_tasks_wears_their_letters_and_what_serves_all_wears_none() -> None:
    source = mtg.render(SOME, format="dot").decode()

    def letters(box: str) -> list[str]:
        line = next(line for line in source.splitlines() if f">{box}</FONT>" in line)
        return re.findall(r"<B>([A-Z])</B>", line)

    assert [letters(name) for name in ("trunk", "pair", "a", "b", "c")] == [
        *([], ["A", "B"], ["A"], ["B"], ["C"])
    ]
    outputs = re.findall(r"^\s*out\d \[.*$", source, re.M)
    assert [re.findall("<B>(.*?)</B>", line) for line in outputs] == [
        *(["A", "a"], ["B", "b"], ["C", "c"])
    ]


def test_one_task_needs_no_letter() -> None:
    assert "<B>A</B>" not in dot(samples.same_author().graph)


def test_many_tasks_that_are_not_all_are_one_badge() -> None:
    heads = "".join(f" output t{n} = pair -> Dense({n + 1})\n" for n in range(6))
    source = mtg.render(SOME.replace("  output c", f"{heads}  output c"), format="dot").decode()
    (pair,) = re.findall(r"^.*>pair</FONT>.*$", source, re.M)
    assert "<B> A–H </B>" in pair


def test_outputs_stand_in_their_order_from_left_to_right() -> None:
    """Though the second leaves the trunk before the first."""
    program = """
    model M {
      input x: float32[4]
      a = x -> Dense(5)
      late = a -> Dense(4) -> Dense(4)
      output first = late -> Dense(1)
      output second = a -> Dense(2)
      output third = x -> Dense(3)
    }
    """
    tree = ElementTree.fromstring(mtg.render(program))
    places = {
        group.get("data-name"): float(group.find(f".//{SVG}text").get("x"))  # type: ignore[union-attr, arg-type]
        for group in tree.iter(f"{SVG}g")
        if group.get("class") == "node output"
    }
    assert sorted(places, key=places.__getitem__) == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("weight", "text"),
    [("1234567.9", "1,234,567.9"), ("0.2", "0.2"), ("1.0", "1"), ("1e-7", "1e-07")],
)
def test_weights_are_written_as_people_write_them(weight: str, text: str) -> None:
    program = (
        f'model M {{ input x: float32[4]\n output y(loss="mse", weight={weight}) = x -> Dense(1) }}'
    )
    assert f"mse × {text}<" in mtg.render(program, format="dot").decode()
    assert f" {text} │" in mtg.summary(program)


def test_the_kernel_of_one_axis_does_not_read_like_the_filters() -> None:
    source = mtg.render(
        "model M { input x: float32[9, 4]\n output y = x -> Conv1D(16, 5) -> MaxPooling1D(2) }",
        format="dot",
    ).decode()
    assert "kernel 5, 16" in source
    assert "pool 2" in source


def test_a_layer_of_one_task_has_its_colour() -> None:
    source = dot(samples.news().graph)
    main, side = LIGHT.hues[:2]

    def box(name: str) -> str:
        return next(line for line in source.splitlines() if f"{name}</FONT>" in line)

    assert f'color="{main}"' in box("main_output_dense_2")
    assert f'color="{side}"' in box("aux_output")
    assert not any(color in box("encoded") for color in LIGHT.hues)


def test_a_chain_of_shared_layers_keeps_the_number_and_the_dashes_of_the_call() -> None:
    s = samples.Sample("Twins")
    first, second = s.layer("Dense", "first"), s.layer("Dense", "second")
    inputs = [s.input("a", 4), s.input("b", 4)]
    middle = [s.call(first, x, shape=(4,)) for x in inputs]
    ends = [s.call(second, x, shape=(4,)) for x in middle]
    s.output("y", s.new("Add", "y", [*middle, *ends], (4,)))  # so that it is no frame of its own
    between = re.findall(r"n2:out(\d):s -> n3:in(\d):n \[(.*?)\]", dot(s.graph))
    assert [ports for *ports, _ in between] == [["0", "0"], ["1", "1"]]
    assert ["dashed" in style for _, _, style in between] == [False, True]


def test_calls_beyond_the_ports_are_told_apart_by_labels() -> None:
    s = samples.Sample("Many")
    shared, x = s.layer("Dense", "shared"), s.input("x", 4)
    s.output("y", s.new("Add", "y", [s.call(shared, x, shape=(4,)) for _ in range(30)], (4,)))
    assert "shared × 30" in _texts(dot(s.graph))
    assert {str(number) for number in range(1, 31)} <= {t.strip() for t in _texts(dot(s.graph))}


def test_the_total_counts_a_wrapped_instance_once() -> None:
    s = samples.everything()
    known = sum(
        sum(weight.size for weight in weights)
        for layer, weights in s.types.weights.items()
        if weights and layer.name != "frames"
    )
    assert f"≥ {known:,} parameters" in _texts(dot(s.graph, s.types))


def test_hostile_names_are_drawn_as_they_are() -> None:
    s = samples.hostile()
    texts = _texts(dot(s.graph, s.types))
    assert "<b>&amp;</b>" in texts
    assert 'quo"te' in texts
    assert "back\\N\\slash\\" in texts
    assert "new␊line" in texts
    assert "tab␉nul␀esc␛" in texts
    assert "漢字é🙂" in texts


def test_an_empty_graph_is_drawn() -> None:
    layout(dot(Graph("")), "svg")


def test_a_cycle_is_drawn() -> None:
    s = samples.news()
    call = s.graph.calls[2]
    call.args = ([*call.args, TensorRef(9)],)
    layout(dot(s.graph, s.types), "svg")


def test_a_self_call_of_a_shared_layer_is_drawn() -> None:
    s = samples.Sample("Loop")
    shared = s.layer("Dense", "shared")
    s.output("y", s.call(shared, s.call(shared, s.input("x", 4), shape=(4,)), shape=(4,)))
    assert "n1:out0:s -> n1:in1:n" in dot(s.graph)
    layout(dot(s.graph), "svg")


def test_time_is_linear() -> None:
    def work(length: int) -> Callable[[], object]:
        s = samples.chain(length)
        return lambda: dot(s.graph, s.types)

    assert growth(work, 1_000, 8_000) < 1.5


def test_no_library_is_imported_before_it_is_needed() -> None:
    import subprocess

    code = "import sys, mtg.backends.picture.dot, mtg.backends.picture.layout; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"graphviz", "pygraphviz", "keras", "tensorflow"} & set(done.stdout.split())
