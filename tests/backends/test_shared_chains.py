"""What is called several times: chains as one frame, wrappers as the layer inside."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import mtg
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SVG = "{http://www.w3.org/2000/svg}"


def _model(body: str) -> str:
    return f"model M {{ input a: float32[4]\n input b: float32[4]\n {body} }}"


def _lines(source: str) -> list[tuple[str, str]]:
    """The ends of the lines, with the ports of calls."""
    found = re.findall(
        r"^\s*((?:n|in|out)\d+(?::\w+)*) -> ((?:n|in|out)\d+(?::\w+)*)", source, re.M
    )
    return [(tail.removesuffix(":s"), head.removesuffix(":n")) for tail, head in found]


CHAIN = "shared enc = Dense(8) -> ReLU()\n output y = concat(a -> enc, b -> enc)"


def test_a_chain_is_one_frame_with_ports_and_its_layers_are_joined_once() -> None:
    source = mtg.render(_model(CHAIN), format="dot").decode()
    assert source.count("shared × 2") == source.count("subgraph cluster") == 1
    assert sorted(_lines(source)) == [
        ("in3", "n2"), ("n0", "in3:in0"), ("n1", "in3:in1"), ("n2", "n3"), ("n3", "out3"),
        ("n4", "out0"), ("out3:out0", "n4"), ("out3:out1", "n4"),
    ]  # fmt: skip
    (first, second) = re.findall(r"-> in3:in\d:n \[(.*)\]", source)
    assert "dashed" not in first
    assert "style=dashed" in second


@pytest.mark.parametrize(
    ("body", "frames"),
    [
        (CHAIN, 1),
        # A residual inside: still one tensor in, and one out.
        ("shared d = Dense(4)\n shared r = ReLU()\n"
         " output y = concat(add(a, a -> d) -> r, add(b, b -> d) -> r)", 0),
        # One layer of the chain is called once more, or its tensor leaves, or another comes in.
        ("shared d = Dense(4)\n shared r = ReLU()\n output y = concat(a -> d -> r, b -> d)", 0),
        ("shared d = Dense(4)\n shared r = ReLU()\n"
         " u = a -> d\n output y = concat(u -> r, b -> d -> r, u)", 0),
        ("shared d = Dense(4)\n shared r = ReLU()\n"
         " u = a -> d\n v = b -> d\n output y = concat(v -> r, u -> r)", 0),
        ("shared d = Dense(4)\n shared r = ReLU()\n"
         " output y = concat(a -> d -> r, b -> d -> r)", 1),
        # Its own result goes in again.
        ("shared enc = Dense(4) -> ReLU()\n output y = a -> enc -> enc\n output z = b", 0),
    ],
)  # fmt: skip
def test_what_is_a_chain(body: str, frames: int) -> None:
    source = mtg.render(_model(body), format="dot").decode()
    assert source.count("subgraph cluster") == frames


def test_a_shared_block_with_branches_is_one_frame() -> None:
    source = mtg.render(
        "block x -> res(n) { return add(x, x -> Dense(n)) -> ReLU() }\n"
        + _model("shared r = res(4)\n output y = concat(a -> r, b -> r)"),
        format="dot",
    ).decode()
    assert source.count("subgraph cluster") == source.count("shared × 2") == 1
    inside = [tail for tail, _ in _lines(source) if tail.startswith("in")]
    assert len(inside) == 2  # from the entrance to the `Dense` and to the `add`


def test_heads_over_a_pyramid_are_two_frames() -> None:
    source = mtg.render(EXAMPLES / "retina_heads.mtg", format="dot").decode()
    assert source.count("subgraph cluster") == source.count("shared × 3") == 2


WRAPPED = """
model W {
  input clip: float32[5, 16]
  input still: float32[16]
  shared enc = Dense(2)
  output y = concat(clip -> TimeDistributed(enc) -> Flatten(), still -> enc)
}
"""


def test_a_layer_beside_its_wrapper_is_one_box_that_counts_once() -> None:
    source = mtg.render(WRAPPED, format="dot").decode()
    assert source.count("shared × 2") == 1
    assert source.count("34 params") == 1
    assert "34 parameters" in source
    assert "call 1 in TimeDistributed" in source
    assert "Total params: 34 " in mtg.summary(WRAPPED)
    assert "<B>TimeDistributed" not in source


def test_two_wrappers_of_one_layer_are_one_box() -> None:
    body = WRAPPED.replace("input still: float32[16]", "input still: float32[5, 16]")
    body = body.replace("still -> enc", "still -> TimeDistributed(enc) -> Flatten()")
    source = mtg.render(body, format="dot").decode()
    assert source.count("shared × 2") == 1
    assert "calls 1, 2 in TimeDistributed" in source


def test_a_wrapper_alone_is_drawn_as_it_is_written() -> None:
    source = mtg.render(EXAMPLES / "video_frames.mtg", format="dot").decode()
    assert "<B>TimeDistributed" in source


# ---- the titles of frames ------------------------------------------------------------------------


def _points(path: str) -> list[tuple[float, float]]:
    """Points on a line, close to each other."""
    numbers = [float(each) for each in re.findall(r"-?[\d.]+", path)]
    corners = list(zip(numbers[::2], numbers[1::2], strict=True))
    found = []
    for at in range(0, len(corners) - 3, 3):
        p, q, r, s = corners[at : at + 4]
        for step in range(101):
            t = step / 100
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            found.append(
                tuple(sum(w * c[axis] for w, c in zip(weights, (p, q, r, s), strict=True))
                      for axis in (0, 1))
            )  # fmt: skip
    return found  # type: ignore[return-value]


@pytest.mark.parametrize(
    "name", ["unet_deep_supervision", "celeba_attributes", "tiny_resnet", "mmoe", "ple"]
)
def test_no_line_crosses_the_title_of_a_frame(name: str) -> None:
    tree = ElementTree.fromstring(mtg.render(EXAMPLES / f"{name}.mtg"))
    titles, points = [], []
    for group in tree.iter(f"{SVG}g"):
        if group.get("class", "").startswith("cluster"):
            for text in group.iter(f"{SVG}text"):
                x, y, size = (float(text.get(key, "9")) for key in ("x", "y", "font-size"))
                width = 0.55 * size * len("".join(text.itertext()))  # of wide letters
                titles.append((x, x + width, y - 0.75 * size, y + 0.2 * size))
        elif group.get("class") == "edge":
            points += [p for path in group.iter(f"{SVG}path") for p in _points(path.get("d", ""))]
    assert titles
    assert points
    for left, right, top, bottom in titles:
        assert not [1 for x, y in points if left < x < right and top < y < bottom]
