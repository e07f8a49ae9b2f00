"""`keras.layers`: recurrent layers and the cells they run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtg.graph.layers import KerasLayer, Layer
from mtg.graph.values import leaves, map_leaves
from mtg.lengths.dims import is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import (
    FLOATS,
    bad_value,
    cast_input,
    channels_first,
    is_tensor,
    known_axis,
    numeric,
    policy,
    positive,
    ranked,
    ranked_at_least,
    require_equal,
    results,
    seed,
    shape_of,
    single,
    text,
    value,
    weight,
)
from mtg.types.rules.convolution import (
    image,
    kernel_arguments,
    not_strided_and_dilated,
    windows,
)
from mtg.types.rules.registry import rule
from mtg.types.tensor import Operand, Shape, TensorType, Weight

#: The gates of a cell: how many times `units` its kernels are wide.
_GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}
#: The states a cell carries from step to step.
STATES = {"LSTM": 2, "GRU": 1, "SimpleRNN": 1}


# ---- LSTM, GRU, SimpleRNN ------------------------------------------------------------------------


def _cell_weights(call: LayerCall, kind: str, features: int, units: int) -> list[Weight]:
    """kernel (features, gates * units), recurrent_kernel (units, gates * units), bias."""
    wide = _GATES[kind] * units
    weights = [
        weight(call, "kernel", (features, wide)),
        weight(call, "recurrent_kernel", (units, wide)),
    ]
    if call["use_bias"]:
        # A GRU that resets after the product has one bias for each of its two products.
        twice = kind == "GRU" and call["reset_after"]
        weights.append(weight(call, "bias", (2, wide) if twice else (wide,)))
    return weights


@rule("LSTMCell", "GRUCell", "SimpleRNNCell")
def cell(call: LayerCall) -> Result:
    """One step: (batch, features) -> (batch, units), and the states of that shape."""
    kind = call.cls.removesuffix("Cell")
    units, count = positive(call, "units"), 1 + STATES[kind]
    _check_noise(call)
    step = numeric(call, single(call, more=True))
    shape = ranked(call, step, ("features",), count)
    states = _check_states(call, "states", [(shape[0], units)] * STATES[kind])
    if kind == "SimpleRNN":
        # The only cell that makes its masks when it is called, and not when it is trained.
        _check_scaled(call, "dropout", step)
        _check_scaled(call, "recurrent_dropout", *states)
    weights = _cell_weights(call, kind, known_axis(call, shape, -1), units)
    return results(call, [(shape[0], units)] * count, *weights)


@rule("LSTM", "GRU", "SimpleRNN")
def recurrent(call: LayerCall) -> Result:
    """(batch, steps, features) -> (batch, units), or (batch, steps, units) with the sequences.

    With `return_state` the last states follow: two for an LSTM, one for the others.
    """
    units = positive(call, "units")
    _check_noise(call)
    if call.arguments.get("use_cudnn", "auto") not in ("auto", True, False):
        raise bad_value(call, "use_cudnn", '"auto", True or False')
    states = STATES[call.cls]
    count = 1 + states if call["return_state"] else 1
    shape = ranked(
        call, numeric(call, single(call, "sequences", more=True)), ("steps", "features"), count
    )
    _check_stateful(call, shape)
    features = known_axis(call, shape, -1)
    state = (shape[0], units)
    _check_states(call, "initial_state", [state] * states)
    outputs = [(*shape[:2], units) if call["return_sequences"] else state, *[state] * states]
    return results(call, outputs[:count], *_cell_weights(call, call.cls, features, units))


def _check_stateful(call: LayerCall, shape: Shape) -> None:
    if call["stateful"] and not is_known(shape[0]):
        raise TypeMismatch(
            f"`{call.shown}` with `stateful=True` needs a known batch size",
            help="give its input one: `input NAME(batch_size=32): …`",
            code="MTG305",
            argument="stateful",
        )


def _check_noise(call: LayerCall) -> None:
    seed(call)
    for argument in ("dropout", "recurrent_dropout"):
        if not isinstance(value(call, argument), (int, float)):
            raise bad_value(call, argument, "a number from 0 to 1")


def _check_scaled(call: LayerCall, argument: str, *tensors: TensorType) -> None:
    """Require floats of a tensor that dropout scales."""
    for tensor in tensors:
        dtype = cast_input(call, tensor)
        found = value(call, argument)
        scales = isinstance(found, (int, float)) and 0 < found < 1
        if scales and dtype not in (*FLOATS, None):
            raise TypeMismatch(
                f"`{argument}` of `{call.shown}` scales floats, not {dtype}",
                code="MTG303",
                argument=argument,
            )


def _check_states(call: LayerCall, argument: str, expected: list[Shape]) -> list[TensorType]:
    """Check the initial states of a call; Keras checks those of a cell only, and casts others."""
    cell = call.cls in ("LSTMCell", "GRUCell")
    given = call.args[1] if len(call.args) > 1 else call.kwargs.get(argument)
    if given is None:
        return []
    states = [leaf for leaf in leaves(given) if isinstance(leaf, TensorType)]
    if len(states) != len(expected):
        has = counted(len(expected), "state")
        if call.kwargs.get(argument) is None:
            apart = [leaf for leaf in leaves(call.args[1:]) if isinstance(leaf, TensorType)]
            if len(apart) == len(expected):
                raise TypeMismatch(
                    f"`{call.shown}` takes its {has} as one list",
                    help=f"write `(x, [h, c]) -> {call.shown}(…)`",
                    code="MTG307",
                )
            raise states_expected(call, f"the {has}", len(states))
        raise TypeMismatch(
            f"`{call.shown}` has {has}, but `{argument}` gives {len(states)}", code="MTG307"
        )
    for state, shape in zip(states, expected, strict=True):
        dtype, computed = cast_input(call, numeric(call, state)), policy(call).compute
        if cell and dtype and computed and dtype != computed:
            raise TypeMismatch(
                f"`{call.shown}` has states of {computed}, not {dtype}", code="MTG303"
            )
        if state.shape is None:
            continue
        if len(state.shape) != len(shape) or any(
            require_equal(call, a, b) for a, b in zip(state.shape[1:], shape[1:], strict=True)
        ):
            raise TypeMismatch(
                f"`{call.shown}` has states {text(shape)}, "
                f"and `{argument}` gives {text(state.shape)}"
            )
    return states


def states_expected(call: LayerCall, states: str, given: int, rest: str = "(…)") -> TypeMismatch:
    """Return the mismatch of two sequences: the second is taken for the states."""
    return TypeMismatch(
        f"`{call.shown}` takes one tensor and, after it, {states} to begin with, "
        f"not {counted(given, 'tensor')}",
        help=f"to pass several tensors to it, join them: `concat(a, b) -> {call.shown}{rest}`",
        code="MTG307",
    )


def counted(number: int, noun: str) -> str:
    """Return a number of things: `1 state`, `2 states`."""
    return f"{number} {noun}{'s' * (number != 1)}"


# ---- RNN over any cell ---------------------------------------------------------------------------


@rule("RNN")
def rnn(call: LayerCall) -> Result:
    """Any cell, or a list of cells stacked, over (batch, steps, features)."""
    cells = call["cell"]
    tensor = numeric(call, single(call, "sequences", more=True))
    count = None if call["return_state"] else 1
    if tensor.shape is None or len(tensor.shape) > 3:
        # A cell may take any tensor at each step, and Keras does not look.
        raise UnknownType(count)
    shape = ranked_at_least(call, tensor, 2)
    _check_stateful(call, shape)
    step = TensorType(tensor.dtype, (shape[0], *shape[2:]))
    found = (
        _stacked(call, cells, step, count)
        if isinstance(cells, (list, tuple))
        else _run(call, cells, step, count)
    )
    output, *states = (shape_of(tensor) for tensor in found.outputs)
    _check_states(call, "initial_state", states)
    outputs = [(output[0], shape[1], *output[1:]) if call["return_sequences"] else output]
    if call["return_state"]:
        outputs += states
    return results(call, outputs)._replace(weights=found.weights)


@rule("StackedRNNCells")
def stacked_cells(call: LayerCall) -> Result:
    """Cells one on the other: each reads what the one below it gives."""
    cells = value(call, "cells")
    if not isinstance(cells, (list, tuple)):
        raise bad_value(call, "cells", "a list of cells")
    step = single(call, more=True)
    states = call.args[1] if len(call.args) > 1 else call.kwargs.get("states")
    if not isinstance(states, (list, tuple)) or is_tensor(states):
        return _stacked(call, cells, step, None)
    if len(states) != len(cells):
        raise TypeMismatch(
            f"`{call.shown}` has {len(cells)} cells, and is given the states of {len(states)}",
            code="MTG307",
        )
    return _stacked(call, cells, step, None, [_cast(call, state) for state in states])


def _cast(call: LayerCall, value: Operand) -> object:
    """States as they are inside the layer."""
    return map_leaves(
        lambda leaf: leaf._replace(dtype=cast_input(call, leaf)) if is_tensor(leaf) else leaf, value
    )


def _stacked(
    call: LayerCall,
    cells: Sequence[Any],
    step: TensorType,
    results: int | None,
    given: Sequence[Any] | None = None,
) -> Result:
    states: list[TensorType] = []
    weights: list[Weight] = []
    if not cells:
        raise TypeMismatch(
            f"`{call.shown}` needs at least one cell", code="MTG405", argument="cell"
        )
    for item, state in zip(cells, given or [None] * len(cells), strict=True):
        found = _run(call, item, step, results, state)
        step, *new = found.outputs
        states += new
        weights += found.weights or ()
    return Result((step, *states), tuple(weights))


def _run(
    call: LayerCall, item: Operand, step: TensorType, results: int | None, state: Operand = None
) -> Result:
    """One step of a cell, which gives its output and then its states."""
    if not isinstance(item, Layer) or not isinstance(item, KerasLayer):
        raise UnknownType(results)
    if not item.cls.endswith(("Cell", "Cells")):
        raise TypeMismatch(
            f"`{call.shown}` runs cells, but `{item.cls}` is not a cell",
            help="cells are `LSTMCell`, `GRUCell`, `SimpleRNNCell`",
            code="MTG405",
            argument="cell",
        )
    found = call.infer(item, (step,) if state is None else (step, state), {})
    if found is None or found.weights is None:
        raise UnknownType(results)
    return found


# ---- ConvLSTM ------------------------------------------------------------------------------------


@rule("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def conv_lstm(call: LayerCall) -> Result:
    """(batch, steps, spatial…, in) -> (batch, places…, filters); the steps with the sequences.

    kernel (size…, in, 4 * filters), recurrent_kernel (size…, filters, 4 * filters), bias.
    """
    rank = int(call.cls[-2])
    kernel = kernel_arguments(call, rank, ("valid", "same"))
    filters = positive(call, "filters")
    not_strided_and_dilated(call, kernel)
    _check_noise(call)
    count = 3 if call["return_state"] else 1
    axes = ("steps", "channels", *"xyz"[:rank]) if channels_first(call) else (
        "steps", *"xyz"[:rank], "channels"
    )  # fmt: skip
    shape = ranked(call, numeric(call, single(call, "sequences", more=True)), axes, count)
    _check_stateful(call, shape)
    step = (shape[0], *shape[2:])
    form = image(call, TensorType(policy(call).compute, step), rank)
    for axis in range(1, len(step)):
        known_axis(call, step, axis, "its states are made for it")
    channels = known_axis(call, step, 1 if form.first else -1)
    places = windows(call, form.spatial, kernel)
    state = form.shape(places, filters)
    _check_states(call, "initial_state", [state, state])
    weights = [
        weight(call, "kernel", (*kernel.size, channels, 4 * filters)),
        weight(call, "recurrent_kernel", (*kernel.size, filters, 4 * filters)),
    ]
    if call["use_bias"]:
        weights.append(weight(call, "bias", (4 * filters,)))
    output = (shape[0], shape[1], *state[1:]) if call["return_sequences"] else state
    return results(call, [output, state, state][:count], *weights)
