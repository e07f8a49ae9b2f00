"""The names under which `fit` writes down losses and metrics, as `History` and callbacks see them.

`loss` comes first, then `OUTPUT_loss` where several outputs have one, then the metrics: under their
own names for one output, under `OUTPUT_METRIC` for several. With data to validate on there is each
of them again, with `val_` in front. Source: `CompileLoss` and `CompileMetrics` of Keras.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from mtg.catalog import catalog
from mtg.catalog.names import snake_case
from mtg.graph.graph import Graph
from mtg.graph.layers import PythonLayer
from mtg.graph.values import KerasObject, Value, leaves
from mtg.graph.walk import all_layers

VALIDATION = "val_"
#: What callbacks write into the history that change the learning rate.
RATE = "learning_rate"

#: Metrics of which Keras does not know whether they should rise or fall.
NO_DIRECTION = frozenset(
    ["FalseNegatives", "FalsePositives", "TrueNegatives", "TruePositives", "Mean", "Sum"]
)
#: Metrics that should rise; all others of Keras that have a direction should fall.
_RISING = frozenset(
    [
        *("AUC", "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "ConcordanceCorrelation"),
        *("CosineSimilarity", "F1Score", "FBetaScore", "PearsonCorrelation", "Precision"),
        *(
            "PrecisionAtRecall",
            "R2Score",
            "Recall",
            "RecallAtPrecision",
            "SensitivityAtSpecificity",
        ),
        *("SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "SpecificityAtSensitivity"),
        *("TopKCategoricalAccuracy", "BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"),
    ]
)


class Measure(NamedTuple):
    """A metric as Keras names it.

    Attributes:
        name: Its name.
        numbered: Whether Keras puts a number behind the name where it made one such before.
        mode: `min`, `max`, or empty where Keras does not know.
    """

    name: str
    numbered: bool
    mode: str


@dataclass(slots=True)
class History:
    """What `fit` writes down.

    Attributes:
        modes: The names of the history, without those of validation, and what is better: `min`,
            `max`, or empty where Keras does not know.
        numbered: Those of them that may have a number behind them.
        own: The names of metrics without those of outputs, which is all that Keras looks at to tell
            whether a metric should rise or fall.
        unknown: Beginnings of names of which not all are known: that of an output with a metric
            from Python, or an empty one.
    """

    modes: dict[str, str] = field(default_factory=dict)
    numbered: set[str] = field(default_factory=set)
    own: list[Measure] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)

    def holds(self, name: str) -> bool:
        """Return whether the history may hold a name, or the one that it is the validation of."""
        base = name.removeprefix(VALIDATION)
        if name == VALIDATION + RATE:
            return False  # a rate is not measured
        return (
            base in self.modes
            or (re.sub(r"_\d+$", "", base) in self.numbered)
            or any(base.startswith(beginning) for beginning in self.unknown)
        )

    def direction(self, name: str) -> bool:
        """Return whether Keras can tell by itself if what has a name should rise or fall."""
        base = name.removeprefix(VALIDATION)
        if base == "loss" or self.unknown:
            return True
        unnumbered = re.sub(r"_\d+$", "", base)
        return any(
            each.mode and (each.name == base or (each.numbered and each.name == unnumbered))
            for each in self.own
        )


def history_of(graph: Graph) -> History:
    """Return the names that the history of a model will hold, as it is trained."""
    found = History({"loss": "min"})
    outputs = graph.outputs
    several = len(outputs) > 1
    with_loss = [output for output in outputs if output.loss is not None]
    if several and len(with_loss) > 1:
        found.modes |= {f"{output.name}_loss": "min" for output in with_loss}
    weighted, names = _weighted(graph), _Names(found)
    for prefix, output in ((f"{o.name}_" if several else "", o) for o in outputs):
        if not output.complete:
            found.unknown.add("")  # what it lacks may be its loss
        for metric in output.metrics or ():
            names.add(prefix, metric, weighted=False)
    for prefix, output in ((f"{o.name}_" if several else "", o) for o in outputs):
        for each in weighted.get(output.name, ()):
            names.add(prefix, each, weighted=True)
    # A layer of Python may have metrics of its own.
    settled = graph.complete and (graph.train is None or graph.train.complete)
    if not settled or any(isinstance(layer, PythonLayer) for layer in all_layers(graph)):
        found.unknown.add("")
    return found


@dataclass(slots=True)
class _Names:
    """The names of metrics as they come, each of which is there once."""

    history: History
    #: How often a class that numbers its metrics was made, and a name of the history met.
    made: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)

    def add(self, prefix: str, metric: object, *, weighted: bool) -> None:
        measure = measure_of(metric)
        if measure is None:
            self.history.unknown.add(prefix)
            return
        self.history.own.append(measure)
        name = measure.name
        if measure.numbered:
            self.history.numbered.add(prefix + name)
            number = self.made[name]
            self.made[name] += 1
            name += f"_{number}" if number else ""
        if weighted and self.met[prefix + name]:
            name = f"weighted_{name}"
        key = prefix + name
        number = self.met[key]
        self.met[key] += 1
        self.history.modes[f"{key}_{number}" if number else key] = measure.mode


def _weighted(graph: Graph) -> dict[str, tuple[object, ...]]:
    """Return the weighted metrics of each output."""
    given = None if graph.train is None else graph.train.compile.get("weighted_metrics")
    names = [output.name for output in graph.outputs]
    if not given or not isinstance(given, (list, tuple, dict)):
        return {}
    if len(names) == 1:
        items = list(given.values()) if isinstance(given, dict) else given
        return {names[0]: _metrics(items)}
    each = given if isinstance(given, dict) else dict(zip(names, given, strict=False))
    return {name: _metrics(value) for name, value in each.items()}


def _metrics(value: Value) -> tuple[object, ...]:
    return tuple(leaf for leaf in leaves(value) if leaf is not None)


def measure_of(metric: object) -> Measure | None:
    """Return a metric's name, as Keras gives it; None where that is not known."""
    if isinstance(metric, str):
        return Measure(metric, False, _mode(_class_of(metric)))
    if not isinstance(metric, KerasObject) or metric.kind != "metric":
        return None
    entry = catalog().find("metric", metric.name)
    if entry is None:
        return None
    default = entry.parameter("name")
    name = metric.arguments.get("name", None if default is None else default.default)
    if isinstance(name, str):
        return Measure(name, False, _mode(entry.name))
    return Measure(snake_case(entry.name), True, _mode(entry.name))


#: Short names of losses that are metrics too.
_SHORT = {
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError",
    "bce": "BinaryCrossentropy",
    "acc": "Accuracy",
}


def _class_of(name: str) -> str:
    """Return the class of a metric that is named by a string."""
    known = {snake_case(each): each for each in catalog().names("metric")}
    return _SHORT.get(name.lower()) or known.get(name) or name


def _mode(cls: str) -> str:
    if cls in NO_DIRECTION:
        return ""
    return "max" if cls in _RISING else "min"
