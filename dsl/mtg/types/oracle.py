"""What no rule can know, and what somebody else may be asked instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mtg.graph.layers import Application, KerasLayer, Layer, Op, PythonLayer
from mtg.graph.values import PythonObject, Value
from mtg.graph.walk import parts
from mtg.text.source import Span
from mtg.types.rules.apply import has_op_rule, rule_for
from mtg.types.rules.call import Result

#: What knows of calls that no rule knows: the result, or None. `mtg.backends.keras.oracle` has one.
Ask = Callable[[Layer, tuple[Any, ...], Mapping[str, Any], Span], Result | None]


def is_open(layer: Layer, values: Value, result: Result | None) -> bool:
    """Return whether the rule of a call, if any, leaves open what the layer's code decides.

    A rule also says less where Keras itself is vague, or wrong: there is nobody to ask then.
    """
    if result is not None and result.weights is not None:
        outputs = result.outputs
        if all(output.shape is not None and output.dtype is not None for output in outputs):
            return False
    return any(
        isinstance(part, PythonObject) or (isinstance(part, Layer) and _is_foreign(part))
        for part in parts((layer, values))
    )


def _is_foreign(layer: Layer) -> bool:
    """Return whether what the layer gives is decided by code that no rule stands for."""
    if isinstance(layer, Op):
        return not has_op_rule(layer.cls)
    if isinstance(layer, KerasLayer):
        if rule_for(layer.cls) is None:
            return True
        if "_from_" in str(layer.arguments.get("dtype")):
            return True  # the weights of a quantized layer are those of its quantization
    return isinstance(layer, (PythonLayer, Application))


def together(known: Result | None, asked: Result | None) -> Result | None:
    """Return what a rule knows of a call, and the rest as it was answered."""
    if asked is None or known is None or len(asked.outputs) != len(known.outputs):
        return asked or known
    outputs = tuple(
        theirs if ours.shape is None or ours.dtype is None else ours
        for ours, theirs in zip(known.outputs, asked.outputs, strict=True)
    )
    weights = asked.weights if known.weights is None else known.weights
    return known._replace(outputs=outputs, weights=weights)
