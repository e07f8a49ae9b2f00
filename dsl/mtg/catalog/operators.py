"""The operators that Keras has between tensors, and how tightly they bind."""

from __future__ import annotations

#: The function of `keras.ops` that each operator is between tensors, or a tensor and a value.
#: Source: the operators of `keras.KerasTensor`, which has no `==`.
OPERATORS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "true_divide",
    "//": "floor_divide",
    "%": "mod",
    "**": "power",
    "@": "matmul",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}

#: How tightly each binds, as in Python; between a call and `->` or a comma.
COMPARED, SUM, PRODUCT, NEGATIVE, POWER, CALL = range(1, 7)
BINDING = {
    **dict.fromkeys(OPERATORS, COMPARED),
    **dict.fromkeys("+-", SUM),
    **dict.fromkeys(("*", "/", "//", "%", "@"), PRODUCT),
    "**": POWER,
}
