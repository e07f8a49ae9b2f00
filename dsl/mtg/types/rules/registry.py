"""The rules by the names of classes and functions of Keras, and what can have none."""

from __future__ import annotations

from collections.abc import Callable

from mtg.types.rules.call import LayerCall, Result

Rule = Callable[[LayerCall], Result]

RULES: dict[str, Rule] = {}
OP_RULES: dict[str, Rule] = {}

#: The classes of Keras that can have no rule, and why.
UNKNOWABLE: dict[str, str] = {
    "FlaxLayer": "runs a Flax module, which only JAX can trace",
    "JaxLayer": "runs a function written with JAX, which only JAX can trace",
    "Lambda": "runs a Python function, which only Keras can trace",
    "TFSMLayer": "runs a saved TensorFlow graph, which is a file",
    "TorchModuleWrapper": "runs a PyTorch module",
}


_FUNCTION = "takes a Python function"
_NO_TENSOR = "gives no tensor"
#: The functions of `keras.ops` that can have no rule, and why.
UNKNOWABLE_OPS: dict[str, str] = {
    **dict.fromkeys(("associative_scan", "cond", "custom_gradient", "fori_loop", "jvp"), _FUNCTION),
    **dict.fromkeys(("map", "scan", "switch", "vectorize", "vectorized_map"), _FUNCTION),
    **dict.fromkeys(("while_loop",), _FUNCTION),
    **dict.fromkeys(("convert_to_numpy", "dtype", "is_tensor", "ndim", "shape"), _NO_TENSOR),
}


def rule(*classes: str) -> Callable[[Rule], Rule]:
    """Register a function as the rule of one or several Keras classes."""

    def register(function: Rule) -> Rule:
        for cls in classes:
            if cls in RULES:
                raise ValueError(f"{cls} has a rule already")
            RULES[cls] = function
        return function

    return register


def op_rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a function as the rule of one or several functions of `keras.ops`.

    Such a rule is given a call whose `arguments` are all arguments of the function by name,
    defaults filled in, with a `TensorType` where a tensor goes; a function has no weights.
    """

    def register(function: Rule) -> Rule:
        for name in names:
            if name in OP_RULES:
                raise ValueError(f"{name} has a rule already")
            OP_RULES[name] = function
        return function

    return register
