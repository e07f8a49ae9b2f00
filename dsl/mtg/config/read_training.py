"""What a config says of training: losses, weights and metrics of the outputs, and the optimizer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from mtg.config.read_values import ValueReader
from mtg.graph.defaults import DEFAULT_OPTIMIZER, MADE_UP, is_plain_optimizer, shortest
from mtg.graph.graph import Graph, Train
from mtg.graph.values import Value, leaves
from mtg.text.source import NOWHERE

#: What `compile` takes besides losses and metrics, and its default.
_DEFAULTS: dict[str, Any] = {
    "weighted_metrics": None,
    "run_eagerly": False,
    "steps_per_execution": 1,
}


_Read = TypeVar("_Read")


def read_training(
    values: ValueReader, graph: Graph, config: Mapping[str, Any], keys: Sequence[str]
) -> None:
    """Give the outputs their losses, weights and metrics, and the graph its `train`.

    A setting that no program can say is left out, and noted in `values.left_out`.

    Args:
        values: Reads objects.
        graph: The model; its outputs are replaced.
        config: What `get_compile_config` gives, as JSON.
        keys: What the settings call the outputs, in their order.
    """
    before, values.path = values.path, (*values.path[:1], "compile")
    none: list[Any] = [None] * len(keys)
    losses, weights = _losses(values, config, keys)
    given = _parts(values, config.get("metrics"), "metric", keys)
    metrics = _sayable(values, lambda: _metrics(values, given, keys), none)
    graph.outputs = [
        replace(output, loss=loss, weight=None if loss is None else weight, metrics=metric)
        for output, loss, weight, metric in zip(
            graph.outputs, losses, weights, metrics, strict=True
        )
    ]
    names = dict(zip(keys, (output.name for output in graph.outputs), strict=False))
    settings: dict[str, Any] = {}
    optimizer = _sayable(
        values,
        lambda: shortest(None, values.value(config.get("optimizer"), ("optimizer",))),
        None,
    )
    if optimizer is not None:
        settings["optimizer"] = optimizer
    for name, default in _DEFAULTS.items():
        given = config.get(name, default)
        value = _sayable(values, partial(values.value, given, ("metric",)), default)
        if value in (default, None, [], {}):
            continue
        if name == "weighted_metrics" and isinstance(value, dict):
            value = {names.get(key, key): item for key, item in value.items()}
        settings[name] = value
    for name in config:
        if name not in (*_DEFAULTS, MADE_UP, "loss", "loss_weights", "metrics", "optimizer"):
            values.leave_out(f"`compile` has a setting `{name}` that mtg does not know")
    values.path = before
    if is_plain_optimizer(settings.get("optimizer")):
        settings.pop("optimizer", None)
        if any(loss is not None for loss in losses):
            settings["optimizer"] = DEFAULT_OPTIMIZER
    graph.train = Train(settings, {}, NOWHERE) if settings else None


def _sayable(values: ValueReader, read: Callable[[], _Read], otherwise: _Read) -> _Read:
    """Read a setting; what cannot be expressed is noted."""
    known = len(values.problems)
    found = read()
    if len(values.problems) == known:
        return found
    values.left_out += values.problems[known:]
    del values.problems[known:]
    return otherwise


def _parts(values: ValueReader, given: object, kind: str, keys: Sequence[str], of: str = "") -> Any:
    """Read losses or metrics one by one: None for one that cannot be expressed."""
    if isinstance(given, dict) and given.get("class_name") == "__tuple__":
        given = list(given.get("config", {}).get("value", ()))
    if isinstance(given, dict) and "class_name" not in given:
        return {key: _parts(values, item, kind, keys, of or key) for key, item in given.items()}
    if isinstance(given, list):
        names = keys if len(given) == len(keys) else [""] * len(given)
        return [
            _parts(values, item, kind, keys, of or name)
            for item, name in zip(given, names, strict=True)
        ]
    known = len(values.left_out)
    found = _sayable(values, lambda: values.value(given, (kind,)), None)
    if of:
        values.left_out[known:] = [
            replace(each, message=f"the {kind} of `{of}`: {each.message}")
            for each in values.left_out[known:]
        ]
    return found


def _losses(
    values: ValueReader, config: Mapping[str, Any], keys: Sequence[str]
) -> tuple[list[Any], list[Any]]:
    """Return the loss and the weight of each output."""
    loss, weight = _parts(values, config.get("loss"), "loss", keys), config.get("loss_weights")
    if loss is not None and not isinstance(loss, (list, dict)):
        # One loss is that of every output, as is a number beside it.
        # Source: `keras.src.trainers.compile_utils.CompileLoss.build`.
        loss = [loss] * len(keys)
        weight = [weight] * len(keys) if isinstance(weight, (int, float)) else weight
    none: list[Any] = [None] * len(keys)
    losses = _sayable(values, lambda: _of_outputs(values, "loss", loss, keys), none)
    weights = _sayable(values, lambda: _of_outputs(values, "loss_weights", weight, keys), none)
    for key, own, factor in zip(keys, losses, weights, strict=True):
        # One is what counts where nothing is said, and what mtg gives beside other weights.
        if own is None and factor not in (None, 1):
            values.leave_out(f"the weight {factor!r} of `{key}`, of an output without a loss")
    return losses, weights


def _of_outputs(values: ValueReader, what: str, value: Value, keys: Sequence[str]) -> list[Any]:
    """Read a setting of each output; one for all of them at once cannot be expressed."""
    if value is None:
        return [None] * len(keys)
    if isinstance(value, dict):
        unknown = [key for key in value if key not in keys]
        if unknown:
            values.problem(f"`{what}` names `{unknown[0]}`, which is not an output")
        return [value.get(key) for key in keys]
    items = value if isinstance(value, list) else [value]
    if len(items) != len(keys) or any(isinstance(item, (list, dict)) for item in items):
        values.problem(
            f"`{what}` has {len(items)} item{'s' * (len(items) != 1)} for {len(keys)} "
            f"output{'s' * (len(keys) != 1)}, and in mtg each output has its own"
        )
        return [None] * len(keys)
    return list(items)


def _metrics(
    values: ValueReader, value: Value, keys: Sequence[str]
) -> list[tuple[Any, ...] | None]:
    """Return the metrics of each output.

    Source: `keras.src.trainers.compile_utils.CompileMetrics._build_metrics_set`.
    """
    if not value:
        return [None] * len(keys)
    if len(keys) == 1:
        return [_metrics_in(value)]
    if isinstance(value, dict):
        if any(key not in keys for key in value):
            values.problem("`metrics` names something that is not an output")
        found = [value.get(key) for key in keys]
    elif isinstance(value, list) and len(value) == len(keys):
        found = value
    else:
        values.problem("`metrics` is one list for several outputs, and in mtg each has its own")
        found = [None] * len(keys)
    return [_metrics_in(item) or None for item in found]


def _metrics_in(value: Value) -> tuple[Any, ...]:
    return tuple(leaf for leaf in leaves(value) if leaf is not None)
