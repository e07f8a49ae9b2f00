"""Parameters of a model that have the names of mtg's own arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mtg
import pytest

TEXT = """\
model Small(trust=0.5, include=4, width=3, parameters=2) {
  input x: float32[8]
  output y = x -> Dropout(trust) -> Dense(include) -> Dense(width) -> Dense(parameters)
}
"""


def arguments(**settings: Any) -> list[Any]:
    graph = mtg.load(TEXT, **settings)
    return [next(iter(layer.arguments.values())) for layer in graph.layers[1:]]


def test_they_are_given_in_a_dict() -> None:
    assert arguments() == [0.5, 4, 3, 2]
    assert arguments(parameters={"trust": 0.1, "include": 6}) == [0.1, 6, 3, 2]
    assert arguments(parameters={"trust": 0.1}, width=7) == [0.1, 4, 7, 2]
    assert arguments(parameters=5) == [0.5, 4, 3, 5]
    assert arguments(parameters={"parameters": 5}) == [0.5, 4, 3, 5]


@pytest.mark.parametrize(
    "settings", [{"trust": 0.5}, {"model": 4}, {"include": 3}, {"trust": "yes"}]
)
def test_they_are_not_swallowed(settings: dict[str, Any]) -> None:
    (name,) = settings
    with pytest.raises(TypeError, match=rf"`parameters=\{{'{name}': "):
        mtg.check(TEXT, **settings)


def test_one_folder_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "parts.mtg").write_text(
        "block x -> f() { return x -> Dense(2) }\n", encoding="utf-8"
    )
    text = 'from "parts.mtg" import f\nmodel M {\n  input x: float32[8]\n  output y = x -> f()\n}\n'
    assert mtg.check(text, include=str(tmp_path)) == []
    assert mtg.check(text, include=[tmp_path]) == []
