"""What an SVG says to people who do not see it, and to programs."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import mtg
import pytest
from mtg.backends.picture.svg import in_words

SVG = "{http://www.w3.org/2000/svg}"
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.mtg"))


def groups(picture: bytes) -> dict[str, dict[str, str]]:
    """The attributes and the title of every group, by its id."""
    return {
        group.get("id", ""): {**group.attrib, "title": group.findtext(f"{SVG}title", "")}
        for group in ElementTree.fromstring(picture).iter(f"{SVG}g")
        if group.find(f"{SVG}title") is not None
    }


def test_it_has_a_role_a_title_and_a_description(root: Path) -> None:
    tree = ElementTree.fromstring(mtg.render(root / "examples" / "news_headline.mtg"))
    title, description = tree[0], tree[1]
    assert (title.tag, title.text) == (f"{SVG}title", "NewsHeadline")
    assert description.tag == f"{SVG}desc"
    assert description.text == "2 inputs, 8 layers, tasks main_output and aux_output"
    assert tree.get("role") == "img"
    assert tree.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_pictures_beside_each_other_have_ids_of_their_own() -> None:
    pictures = [mtg.render(f"model {name} {{ input x: int32[1]\n output y = x }}") for name in "AB"]
    ids = [ElementTree.fromstring(picture)[0].get("id") for picture in pictures]
    assert ids[0] != ids[1]


@pytest.mark.parametrize("path", EXAMPLES[::3], ids=lambda path: path.stem)
def test_groups_are_called_as_in_the_program(path: Path) -> None:
    found = groups(mtg.render(path, unfold=True))
    graph = mtg.load(path)
    named = {
        group["data-name"]: group
        for group in found.values()
        if "data-name" in group and group["class"] not in ("node output", "cluster")
    }
    lines = path.read_text(encoding="utf-8").splitlines()
    for call in graph.calls:
        if call.id not in graph.reaching_outputs() or call.layer.name not in named:
            continue  # an op that an output's name is given to has its box
        group = named[call.layer.name]
        assert group["title"] == call.layer.name
        file, _, line = group["data-source"].rpartition(":")
        source = call.layer.span.source
        assert file == Path(source.name).name
        assert int(line) == source.line_column(call.layer.span.start)[0]
        if file == path.name:
            assert int(line) <= len(lines)
    inputs = {call.layer.name for call in graph.inputs}
    assert inputs <= named.keys()
    assert not [group for group in found.values() if group["title"].startswith("n0")]
    edges = [group["title"] for group in found.values() if group["class"].startswith("edge")]
    assert edges
    assert all(" → " in title for title in edges)


def test_names_of_any_characters() -> None:
    name = '"a <b> & \\" · c:3"'
    flow = f'output "<y>" = inputs[{name}] -> Dense(1)'
    found = groups(mtg.render(f"model M {{ input {name}: float32[2]\n {flow} }}"))
    titles = {group["title"] for group in found.values()}
    assert {'a <b> & " · c:3', "<y>"} <= titles


@pytest.mark.parametrize(
    ("outputs", "words"),
    [
        (["y"], "output y"),
        (["a", "b"], "outputs a and b"),
        (["a", "b", "c"], "outputs a, b and c"),
        ([f"t{n}" for n in range(9)], "9 outputs"),
    ],
)
def test_in_words(outputs: list[str], words: str) -> None:
    body = "".join(f" output {name} = x -> Dense(1)\n" for name in outputs)
    graph = mtg.load(f"model M {{ input x: float32[2]\n{body} }}")
    count = len(outputs)
    layers = f"{count} layer{'s' * (count > 1)}"
    assert in_words(graph) == f"1 input, {layers}, {words}"
