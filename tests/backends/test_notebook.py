"""What notebooks show of a graph, and of what its tasks share."""

from __future__ import annotations

import base64
from pathlib import Path

import mtg
import pytest


def test_a_graph_is_shown_as_its_picture(root: Path) -> None:
    path = root / "examples" / "news_headline.mtg"
    graph = mtg.load(path)
    shown = graph._repr_mimebundle_(include=None, exclude=None)
    assert shown["image/svg+xml"].encode() == mtg.render(path)
    assert base64.b64decode(shown["image/png"]) == mtg.render(path, format="png")
    assert shown["text/plain"] == repr(graph)


def test_what_tasks_share_is_shown_as_its_picture(root: Path) -> None:
    report = mtg.tasks(root / "examples" / "tweets_separate.mtg")
    shown = report._repr_mimebundle_(include=None, exclude=None)
    assert shown["image/svg+xml"].encode() == report.picture()
    assert base64.b64decode(shown["image/png"]) == report.picture("png")
    assert shown["text/plain"] == str(report)


def test_what_graphviz_cannot_draw_is_shown_as_text(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = mtg.load(root / "examples" / "news_headline.mtg")
    monkeypatch.setenv("GRAPHVIZ_DOT", "no-such-program")
    assert graph._repr_mimebundle_() == {"text/plain": repr(graph)}


def test_a_large_graph_is_folded_as_in_a_file() -> None:
    program = """model Deep(depth=200) {
      input x: float32[4]
      output y = x -> repeat depth { Dense(4) }
    }"""
    svg = mtg.load(program)._repr_mimebundle_()["image/svg+xml"]
    assert svg.encode() == mtg.render(program)
    assert svg.count('class="node') < 10


def test_a_graph_has_its_parameters_already(root: Path) -> None:
    graph = mtg.load(root / "examples" / "news_headline.mtg")
    for function in (mtg.render, mtg.summary, mtg.tasks):
        with pytest.raises(TypeError, match="a graph has no parameters to set"):
            function(graph, parameters={"width": 32})
