"""Pictures as a browser lays them out: no text leaves its box, and nothing covers anything else.

Chromium says where everything is. It needs `pip install playwright` and a Chromium on the PATH.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import mtg
import pytest
from mtg.backends.picture.both_models import both_models
from mtg.backends.picture.difference import difference_dot
from mtg.backends.picture.draw import drawn

pytestmark = pytest.mark.browser

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.mtg"))
#: Some that are no examples: many parallel lines, a chain that is called three times, columns.
NETWORKS = [
    Path(__file__).parents[1] / "cases" / "networks" / f"{name}.mtg"
    for name in ("hrnet", "fcos", "house_fusion", "quantile_forecaster")
]

#: How far, in points, a letter may reach over the line of its box: what is slanted or tall.
SLACK = 3

#: What Chromium is asked of a picture: the boxes, what is outside its box, what covers what, and
#: which lines run through boxes that are not their own.
SCRIPT = """
slack => {
  const inside = (a, b, s) =>
    a.left >= b.left - s && a.right <= b.right + s &&
    a.top >= b.top - s && a.bottom <= b.bottom + s;
  const covers = (a, b, s) =>
    a.left < b.right - s && b.left < a.right - s && a.top < b.bottom - s && b.top < a.bottom - s;
  const scale = document.querySelector("svg").getScreenCTM().a;
  const groups = [...document.querySelectorAll("g.node")];
  const boxes = groups.map(group => {
    const shapes = [...group.querySelectorAll("polygon, path, ellipse")];
    const rects = shapes.map(shape => shape.getBoundingClientRect());
    return {
      group,
      name: group.querySelector("title").textContent,
      left: Math.min(...rects.map(r => r.left)), right: Math.max(...rects.map(r => r.right)),
      top: Math.min(...rects.map(r => r.top)), bottom: Math.max(...rects.map(r => r.bottom)),
    };
  }).filter(box => Number.isFinite(box.left));
  const outside = [], covered = [], crossed = [];
  let texts = 0;
  for (const box of boxes)
    for (const text of box.group.querySelectorAll("text")) {
      texts++;
      const at = text.getBoundingClientRect();
      if (!inside(at, box, slack * scale)) outside.push(`${box.name}: ${text.textContent}`);
    }
  boxes.forEach((one, n) => boxes.slice(n + 1).forEach(other => {
    if (covers(one, other, scale)) covered.push(`${one.name} and ${other.name}`);
  }));
  for (const edge of document.querySelectorAll("g.edge")) {
    const path = edge.querySelector("path");
    if (!path) continue;
    const matrix = path.getScreenCTM(), length = path.getTotalLength();
    const at = along => path.getPointAtLength(along).matrixTransform(matrix);
    const within = (p, box, s) =>
      p.x > box.left + s && p.x < box.right - s && p.y > box.top + s && p.y < box.bottom - s;
    const ends = [at(0), at(length)];
    const near = box => ends.some(p => within(p, box, -12 * scale));
    for (const box of boxes.filter(box => !near(box)))
      for (let step = 1; step < 60; step++)
        if (within(at(length * step / 60), box, 2 * scale)) {
          crossed.push(`${edge.querySelector("title").textContent} through ${box.name}`);
          break;
        }
  }
  return { boxes: boxes.length, texts, outside, covered, crossed };
}
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "there is no Chromium on the PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1000, "height": 800})
        browser.close()


def looked_at(page: Any, svg: bytes, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "picture.svg"
    path.write_bytes(svg)
    page.goto(path.as_uri())
    found: dict[str, Any] = page.evaluate(SCRIPT, SLACK)
    return found


def assert_clean(found: dict[str, Any]) -> None:
    assert found["boxes"] > 1
    assert found["texts"] >= found["boxes"]
    assert found["outside"] == []
    assert found["covered"] == []
    assert found["crossed"] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path, page: Any, tmp_path: Path) -> None:
    assert_clean(looked_at(page, mtg.render(path, legend=True), tmp_path))


def test_other_options(page: Any, tmp_path: Path) -> None:
    for options in ({"direction": "LR"}, {"detail": "paper"}, {"levels": 0}, {"theme": "dark"}):
        assert_clean(looked_at(page, mtg.render(EXAMPLES[-1], **options), tmp_path))


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_networks(path: Path, page: Any, tmp_path: Path) -> None:
    assert_clean(looked_at(page, mtg.render(path), tmp_path))


def test_what_tasks_share(page: Any, tmp_path: Path) -> None:
    for path in EXAMPLES[::3]:
        assert_clean(looked_at(page, mtg.tasks(path).picture(), tmp_path))


def test_differences(page: Any, tmp_path: Path) -> None:
    for one, other in pairwise(EXAMPLES[::5]):
        both = both_models(mtg.load(one), mtg.load(other))
        svg = drawn(difference_dot(both, "a → b"), "svg", "a → b", "")
        assert_clean(looked_at(page, svg, tmp_path))


def test_a_text_outside_its_box_is_found(page: Any, tmp_path: Path) -> None:
    """So that the other tests here can fail."""
    svg = mtg.render(EXAMPLES[0]).decode()
    moved = svg.replace("<text ", '<text transform="translate(400 0)" ').encode()
    assert looked_at(page, moved, tmp_path)["outside"]


def test_a_box_in_the_way_is_found(page: Any, tmp_path: Path) -> None:
    svg = mtg.render(
        "model M {\n  input x: float32[4]\n  h = x -> Dense(4) -> Dense(4) -> Dense(4)\n"
        "  output y = add(x, h)\n}\n"
    ).decode()
    first, second = "layer1", "layer2"
    assert {first, second} <= set(re.findall(r'<g id="(\w+)" class="node', svg))
    covered = looked_at(page, _moved(svg, first, "0 60"), tmp_path)["covered"]
    crossed = [
        looked_at(page, _moved(svg, second, f"{by} 0"), tmp_path)["crossed"] for by in (-60, 60)
    ]
    assert covered
    assert any(crossed)


def _moved(svg: str, box: str, by: str) -> bytes:
    return svg.replace(f'<g id="{box}"', f'<g transform="translate({by})" id="{box}"').encode()
