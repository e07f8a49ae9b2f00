"""`keras.layers`: layers around another layer."""

from __future__ import annotations

from mtg.graph.layers import KerasLayer, Layer
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import (
    FLOATS,
    bad_value,
    is_tensor,
    policy,
    positive,
    ranked_at_least,
    results,
    shape_of,
    single,
    value,
    weight,
)
from mtg.types.rules.masks import check_steps, step_mask
from mtg.types.rules.recurrent import STATES, states_expected
from mtg.types.rules.registry import rule
from mtg.types.tensor import Operand, Shape, TensorType, Weight

_RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")


def _inner(call: LayerCall, argument: str) -> Layer:
    """Return the wrapped layer."""
    layer = call[argument]
    if not isinstance(layer, Layer):
        raise UnknownType
    return layer


@rule("TimeDistributed")
def time_distributed(call: LayerCall) -> Result:
    """Apply a layer at each step of (batch, steps, …)."""
    tensor = single(call)
    shape = ranked_at_least(call, tensor, 2)
    layer = _inner(call, "layer")
    check_steps(call)
    step = TensorType(tensor.dtype, (shape[0], *shape[2:]))
    found = call.infer(layer, (step,), step_mask(call, layer))
    if found is None or len(found.outputs) != 1:
        raise UnknownType
    output = shape_of(found.outputs[0])
    shapes = [(output[0], shape[1], *output[1:])]
    return results(call, shapes)._replace(weights=found.weights, warnings=found.warnings)


@rule("Bidirectional")
def bidirectional(call: LayerCall) -> Result:
    """Run a recurrent layer forwards and a copy backwards; `merge_mode` joins the results.

    The results: the output, or with no merge both outputs; then with `return_state` the states of
    the one that goes forwards, and of the other.
    """
    merge = value(call, "merge_mode")
    if merge not in ("sum", "mul", "ave", "concat", None):
        raise bad_value(call, "merge_mode", '"sum", "mul", "ave", "concat" or None')
    if call["weights"] and not isinstance(call["weights"], (list, tuple)):
        raise bad_value(call, "weights", "a list, or None")
    forward, backward = _inner(call, "layer"), call.arguments.get("backward_layer")
    for layer in (forward, backward):
        if (
            isinstance(layer, Layer)
            and isinstance(layer, KerasLayer)
            and layer.cls not in _RECURRENT
        ):
            raise TypeMismatch(
                f"`Bidirectional` takes a recurrent layer, but `{layer.cls}` is not one",
                help=f"recurrent layers are {', '.join(f'`{name}`' for name in _RECURRENT)}",
                code="MTG405",
                argument="layer" if layer is forward else "backward_layer",
            )
    if backward is not None:
        _check_pair(forward, _inner(call, "backward_layer"))
    states = call.args[1] if len(call.args) > 1 else call.kwargs.get("initial_state")
    _check_states(call, forward, states)
    first: Operand = None
    second: Operand = None
    if isinstance(states, (list, tuple)) and len(states) > 1:
        half = len(states) // 2
        first, second = states[:half], states[half:]
    ahead = _run(call, forward, first)
    back = ahead if backward is None else _run(call, _inner(call, "backward_layer"), second)
    count = 2 * len(ahead.outputs) - (merge is not None)
    shapes: list[Shape] = [shape_of(output, count) for output in ahead.outputs]
    weights = None
    if ahead.weights is not None and back.weights is not None:
        # Keras copies the layer, so that these are not the weights it has by itself.
        weights = tuple(item._replace() for item in ahead.weights + back.weights)
    if shapes != [output.shape for output in back.outputs]:
        unknown = (TensorType(policy(call).compute, None),) * count
        return Result(unknown, weights)  # Keras takes both for alike
    output, *state = shapes
    if merge is None:
        outputs = [output, output]
    else:
        outputs = [(*output[:-1], output[-1] * 2) if merge == "concat" else output]
    return results(call, [*outputs, *state, *state])._replace(weights=weights)


def _run(call: LayerCall, layer: Layer, states: Operand) -> Result:
    tensor = single(call, "sequences", more=True)
    found = call.infer(layer, (tensor,), {} if states is None else {"initial_state": states})
    if found is None:
        raise UnknownType(None)
    return found


def _check_states(call: LayerCall, layer: Layer, states: Operand) -> None:
    """Check the initial states: those of the forward layer, then those of the backward one."""
    each = STATES.get(layer.cls)
    if states is None or each is None:
        return
    given = 1 if is_tensor(states) else len(states) if isinstance(states, (list, tuple)) else 0
    # Keras gives each layer half of them, and finds out when it runs whether that is right.
    if not is_tensor(states) and given // 2 in (0, each):
        return
    if call.kwargs.get("initial_state") is not None:
        raise TypeMismatch(
            f"`{call.shown}` has {2 * each} states, {each} for each direction, "
            f"and `initial_state` gives {given}",
            code="MTG307",
        )
    raise states_expected(call, f"a list of {2 * each} states", given, f"({layer.cls}(…))")


def _check_pair(forward: Layer, backward: Layer) -> None:
    def setting(layer: Layer, name: str) -> bool:
        return bool(layer.arguments.get(name, False))

    if setting(forward, "go_backwards") == setting(backward, "go_backwards"):
        raise TypeMismatch(
            "the two layers of a `Bidirectional` must go in opposite directions",
            help="give the backward layer `go_backwards=True`",
            code="MTG405",
            argument="backward_layer",
        )
    for name in ("stateful", "return_sequences", "return_state"):
        if setting(forward, name) != setting(backward, name):
            raise TypeMismatch(
                f"the two layers of a `Bidirectional` must agree in `{name}`",
                code="MTG405",
                argument="backward_layer",
            )


@rule("SpectralNormalization")
def spectral_normalization(call: LayerCall) -> Result:
    """Return the wrapped layer, and a vector (1, width of its kernel) that is not trained.

    The kernel stands first among the weights and the vector next, since the wrapper has both.
    """
    positive(call, "power_iterations")
    layer = _inner(call, "layer")
    found = call.infer(layer, call.args, call.kwargs)
    if found is None or len(found.outputs) != 1 or found.outputs[0].shape is None:
        raise UnknownType
    output, weights = shape_of(found.outputs[0]), found.weights
    if weights is None:
        return results(call, [output])._replace(weights=None)
    kernels = [item for item in weights if item.name in ("kernel", "embeddings")]
    if isinstance(layer, KerasLayer) and (layer.cls in _RECURRENT or not kernels):
        raise TypeMismatch(
            f"`SpectralNormalization` takes a layer with a kernel, but `{layer.cls}` has none",
            code="MTG405",
            argument="layer",
        )
    if not kernels:
        raise UnknownType
    kernel = kernels[0]
    vector = weight(call, "vector_u", (1, kernel.shape[-1]), trainable=False, dtype=kernel.dtype)
    rest = [item for item in weights if item is not kernel]
    return results(call, [output])._replace(
        weights=(kernel, vector, *rest), warnings=found.warnings
    )


#: Layers that give their own dtype for whole numbers too. Others, which Keras casts nothing for
#: inside a `Pipeline`, may keep the dtype they are given, or fail.
_CASTING = frozenset(
    {
        *("BatchNormalization", "CenterCrop", "Dense", "EinsumDense", "Embedding", "Flatten"),
        *("GroupNormalization", "Identity", "LayerNormalization", "Normalization", "Permute"),
        *("RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast"),
        *("RandomFlip", "RandomGaussianBlur", "RandomInvert", "RandomPosterization"),
        *("RandomRotation", "RandomSharpness", "RandomShear", "RandomTranslation", "RandomZoom"),
        *("Rescaling", "Reshape", "Resizing", "Solarization"),
        *(f"GlobalAveragePooling{rank}D" for rank in (1, 2, 3)),
    }
)
_CONVOLUTIONS = ("Conv", "DepthwiseConv", "SeparableConv")


def _uncast(call: LayerCall, layer: Layer, given: TensorType, found: Result) -> Result:
    """Apply a layer to a tensor that nobody casts, which must be of floats."""
    if given.dtype in (*FLOATS, None) or not isinstance(layer, KerasLayer) or layer.cls in _CASTING:
        return found
    if layer.cls.startswith(_CONVOLUTIONS):
        raise TypeMismatch(
            f"`{layer.cls}` in a `{call.shown}` takes floats, and is given {given.dtype}",
            help="put `Rescaling(1 / 255)` before it",
            code="MTG303",
            argument="layers",
        )
    outputs = tuple(output._replace(dtype=None) for output in found.outputs)
    return found._replace(outputs=outputs)


@rule("Pipeline")
def pipeline(call: LayerCall) -> Result:
    """Layers one after the other; their weights in the same order."""
    layers = call["layers"]
    if not isinstance(layers, (list, tuple)) or not layers:
        raise bad_value(call, "layers", "a list of one layer or more")
    found = Result((single(call),))
    weights: list[Weight] | None = []
    for layer in layers:
        if not isinstance(layer, Layer):
            raise UnknownType(None)
        inner = call.infer(layer, found.outputs, {})
        if inner is None or len(inner.outputs) != 1:
            raise UnknownType(None)
        weights = None if weights is None or inner.weights is None else [*weights, *inner.weights]
        inner = _uncast(call, layer, found.outputs[0], inner)
        found = inner._replace(warnings=found.warnings + inner.warnings)
    return found._replace(weights=None if weights is None else tuple(weights), axes=None)
