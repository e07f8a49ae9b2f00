"""Where in Keras the things of each kind stand."""

from __future__ import annotations

#: The module below `keras`, by the kind of entry of the catalogue.
MODULES = {
    "layer": "layers",
    "loss": "losses",
    "metric": "metrics",
    "optimizer": "optimizers",
    "optimizer_map": "optimizers",
    "schedule": "optimizers.schedules",
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
    "callback": "callbacks",
    "dtype_policy": "dtype_policies",
    "activation": "activations",
    "application": "applications",
    "op": "ops",
}

#: The kinds of which the config of a model holds objects, beside layers.
SAVED = frozenset(MODULES) - {"layer", "callback", "activation", "application", "op"}

#: The kind of what stands in a module, by the module as configs name it.
KINDS = {f"keras.{part}": kind for kind, part in MODULES.items() if kind != "optimizer_map"}

#: Public classes that are no entries, and why.
LEFT_OUT: dict[tuple[str, str], str] = {
    ("layer", "InputLayer"): "made by an `input` declaration",
    ("layer", "InputSpec"): "not a layer: describes what a layer expects",
    ("layer", "Layer"): "abstract",
    ("layer", "Wrapper"): "abstract",
    ("loss", "Loss"): "abstract",
    ("metric", "Metric"): "abstract",
    ("optimizer", "Optimizer"): "abstract",
    ("optimizer", "OptimizerMap"): "not an optimizer; has a kind of its own, `optimizer_map`",
    ("schedule", "LearningRateSchedule"): "abstract",
    ("initializer", "Initializer"): "abstract",
    ("regularizer", "Regularizer"): "abstract",
    ("constraint", "Constraint"): "abstract",
    ("callback", "Callback"): "abstract",
    ("callback", "CallbackList"): "made by Keras itself",
}
