"""The sides of a comparison: a program's graph, or what the config of a Keras model says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mtg.compare.difference import Side
from mtg.config.read import ConfigError, read_config
from mtg.graph.graph import OutputForm
from mtg.text.diagnostics import Diagnostics
from mtg.types.carriers import settle
from mtg.types.infer import infer

__all__ = ["ConfigError", "config_side"]


def config_side(title: str, config: Mapping[str, Any]) -> Side:
    """Return the model that a config is of.

    Raises:
        ConfigError: It is none of a functional or sequential model.
    """
    reading = read_config(config)
    notes = tuple(
        f"`{problem.path}` of {title} is not compared: {problem.message}"
        for problem in reading.problems
    )
    types = infer(settle(reading.graph), Diagnostics())
    form: OutputForm = "dict" if reading.named_outputs else "list"
    return Side(title, reading.graph, types, notes, form)
