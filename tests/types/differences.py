"""Where mtg and Keras differ on purpose, and why."""

from __future__ import annotations

from case import Case, In, sub

#: Cases in which Keras builds a layer that cannot run, or runs to no purpose; mtg refuses them.
STRICTER: list[tuple[str, Case]] = [
    ("an axis that is not there", Case("Softmax", {"axis": 3}, (In((5, 4)),))),
    ("an order of axes that is no size", Case("ZeroPadding2D", {"padding": -1}, (In((8, 8, 4)),))),
    ("a size of 0", Case("AdaptiveMaxPooling1D", {"output_size": 0}, (In((8, 4)),))),
    ("too few axes", Case("AdaptiveMaxPooling2D", {"output_size": 2}, (In((8, 4)),))),
    ("the wrong state", Case("LSTM", {"units": 3}, (In((6, 4)),), {"initial_state": [In((3,))]})),
    (
        "a state of the wrong size",
        Case("GRU", {"units": 3}, (In((6, 4)),), {"initial_state": In((5,))}),
    ),
    ("a query and a key that differ", Case("Attention", {}, ([In((5, 4)), In((6, 3))],))),
    ("steps that differ", Case("Attention", {}, ([In((5, 4)), In((6, 3)), In((7, 4))],))),
    ("a product over the batch", Case("Dot", {"axes": 0}, ([In((4,)), In((4,))],))),
    ("an axis of one tensor", Case("Concatenate", {"axis": 2}, ([In((4,))],))),
    (
        "a step of too many axes",
        Case("TimeDistributed", {"layer": sub("LSTM", units=3)}, (In((3, 6, 5, 4)),)),
    ),
    ("strings", Case("Dense", {"units": 3}, (In((4,), "string"),))),
]

#: Cases in which Keras is vague, or says what is not so; mtg says less.
VAGUE: list[tuple[str, Case]] = [
    (
        "the scores have the query's length twice",
        Case(
            "MultiHeadAttention",
            {"num_heads": 2, "key_dim": 3},
            (In((5, 4)), In((6, 4))),
            {"return_attention_scores": True},
        ),
    ),
    (
        "the backward layer is another",
        Case(
            "Bidirectional",
            {
                "layer": sub("LSTM", units=3),
                "backward_layer": sub("LSTM", units=5, go_backwards=True),
            },
            (In((6, 4)),),
        ),
    ),
    (
        "a cell may take any tensor",
        Case(
            "Bidirectional",
            {"layer": sub("RNN", cell=sub("GRUCell", units=3))},
            (In((6, 5, 4)),),
        ),
    ),
    (
        "elided axes come in the wrong order",
        Case("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 3}, (In((6, 5, 4)),)),
    ),
    ("weights of LoRA", Case("Dense", {"units": 3, "lora_rank": 2}, (In((4,)),))),
]
