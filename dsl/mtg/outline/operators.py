"""Calls of `keras.ops` that an operator says, as both languages have it."""

from __future__ import annotations

from dataclasses import dataclass

from mtg.catalog.operators import BINDING, NEGATIVE, OPERATORS, POWER
from mtg.graph.layers import Op
from mtg.outline.ir import Apply, Argument, Flow, New, Param

_SYMBOLS = {op: symbol for symbol, op in OPERATORS.items()}


@dataclass(frozen=True, slots=True)
class OperatorCall:
    """A call as an operator says it.

    Attributes:
        symbol: The operator.
        binding: How tightly it binds.
        operands: Each with how tightly it must bind to stand there without brackets: one, of a
            minus before it, or two.
    """

    symbol: str
    binding: int
    operands: tuple[tuple[Argument, int], ...]


def operator_call(apply: Apply) -> OperatorCall | None:
    """Return a call as an operator says it; None where none does."""
    stage = apply.stage
    if not isinstance(stage, New) or not isinstance(stage.layer, Op) or apply.kwargs:
        return None
    args = apply.args
    if not all(isinstance(arg, (Flow, Param)) or _is_number(arg) for arg in args):
        return None
    if stage.cls == "negative" and len(args) == 1:
        return OperatorCall("-", NEGATIVE, ((args[0], NEGATIVE),))
    symbol = _SYMBOLS.get(stage.cls)
    if symbol is None or len(args) != 2 or not any(isinstance(arg, Flow) for arg in args):
        return None
    binding = BINDING[symbol]
    # Comparisons are chained, and `**` groups from the right, where a minus may stand before.
    if symbol == "**":
        return OperatorCall(symbol, binding, ((args[0], POWER + 1), (args[1], NEGATIVE)))
    left = binding if binding > 1 else binding + 1
    return OperatorCall(symbol, binding, ((args[0], left), (args[1], binding + 1)))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
