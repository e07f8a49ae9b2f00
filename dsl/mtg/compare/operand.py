"""The sides of a comparison: a program's graph, or what the config of a Keras model says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mtg.compare.difference import Side
from mtg.compare.loading import Path
from mtg.config.read import ConfigError, read_config
from mtg.graph.graph import Form
from mtg.text.diagnostics import Diagnostics
from mtg.types.carriers import settle
from mtg.types.infer import infer

__all__ = ["ConfigError", "config_side"]


def config_side(title: str, config: Mapping[str, Any]) -> Side:
    """The model that a config is of.

    Raises:
        ConfigError: It is none of a functional or sequential model.
    """
    reading = read_config(config)
    notes = tuple(
        f"`{problem.path}` of {title} is not compared: {problem.message}"
        for problem in reading.problems
    )
    types = infer(settle(reading.graph), Diagnostics())
    form: Form = "dict" if reading.named_outputs else "list"
    return Side(title, reading.graph, types, frozenset(_sequential(config, ())), notes, form)


def _sequential(config: Mapping[str, Any], path: Path) -> Iterator[Path]:
    """The models in a model whose class is `Sequential`."""
    inner = config.get("config")
    for entry in inner.get("layers", ()) if isinstance(inner, dict) else ():
        inside = entry.get("config") if isinstance(entry, dict) else None
        if isinstance(inside, dict) and isinstance(inside.get("layers"), list):
            here = (*path, str(inside.get("name", entry.get("name", ""))))
            if entry.get("class_name") == "Sequential":
                yield here
            yield from _sequential(entry, here)
