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
