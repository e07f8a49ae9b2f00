"""Where mtg and Keras differ on purpose, and why."""

from __future__ import annotations

from case import Case, In, sub

#: What mtg refuses though Keras builds it, of every class that has such arguments.
EVERYWHERE: list[tuple[str, Case]] = [
    (
        "random weights that are whole numbers, all of them 0, if the layer is so small",
        Case("Dense", {"units": 3, "dtype": "int32"}, (In((2,)),)),
    ),
    (
        "a range of two ranges",
        Case("AutoContrast", {"value_range": ((1, 2), (0, 1))}, (In((9, 8, 3)),)),
    ),
]

#: What mtg refuses though Keras builds it: the first step of training ends it, or gives no number.
FAILING: list[tuple[str, Case]] = [
    *(
        ("a division by what is left", Case(cls, {"rate": 1.0}, (In((4,)),)))
        for cls in ("AlphaDropout", "GaussianDropout")
    ),
    ("no chains", Case("AugMix", {"num_chains": -1}, (In((8, 8, 3)),))),
    ("shares that no distribution has", Case("AugMix", {"alpha": -1.0}, (In((8, 8, 3)),))),
    ("a function that takes more", Case("Activation", {"activation": "threshold"}, (In((4,)),))),
]

#: What mtg refuses though Keras builds it: it cannot run, or it runs to no purpose.
STRICTER: list[tuple[str, Case]] = [
    *EVERYWHERE,
    *FAILING,
    (
        "floats are no places in a vocabulary",
        Case("StringLookup", {"vocabulary": ["a"], "invert": True}, (In((5,)),)),
    ),
    ("an axis that is not there", Case("Softmax", {"axis": 3}, (In((5, 4)),))),
    ("an order of axes that is no size", Case("ZeroPadding2D", {"padding": -1}, (In((8, 8, 4)),))),
    *(
        (
            "an axis of which nothing is left",
            Case(
                f"Conv{rank}DTranspose",
                {"filters": 3, "kernel_size": 2, "padding": "same", "output_padding": 0},
                (In((*[1] * rank, 4)),),
            ),
        )
        for rank in (1, 2, 3)
    ),
    ("a size of 0", Case("AdaptiveMaxPooling1D", {"output_size": 0}, (In((8, 4)),))),
    ("too few axes", Case("AdaptiveMaxPooling2D", {"output_size": 2}, (In((8, 4)),))),
    ("the wrong state", Case("LSTM", {"units": 3}, (In((6, 4)),), {"initial_state": [In((3,))]})),
    (
        "a state of the wrong size",
        Case("GRU", {"units": 3}, (In((6, 4)),), {"initial_state": In((5,))}),
    ),
    (
        "a state that stretches",
        Case("LSTM", {"units": 3}, (In((6, 4)),), {"initial_state": [In((3,)), In((1,))]}),
    ),
    (
        "a state with an axis too many, which stretches",
        Case("SimpleRNN", {"units": 3}, (In((6, 4)),), {"initial_state": In((1, 3))}),
    ),
    (
        "an unknown number that is no number",
        Case("IntegerLookup", {"vocabulary": [7], "oov_token": (1, 2)}, (In((4,), "int64"),)),
    ),
    (
        "an unknown number that is no whole one",
        Case("IntegerLookup", {"vocabulary": [7], "oov_token": 2.5}, (In((4,), "int64"),)),
    ),
    (
        "an axis twice",
        Case("Normalization", {"mean": 0.0, "variance": 1.0, "axis": [2, 2]}, (In((5, 4)),)),
    ),
    (
        "a state with an axis too many, which stretches",
        Case("GRUCell", {"units": 3, "recurrent_dropout": 0.3}, (In((4,)), [In((1, 3))])),
    ),
    (
        "a scale that is lined up with other axes than it was made for",
        Case("RMSNormalization", {"axis": 1}, (In((5, 4)),)),
    ),
    (
        "half an axis",
        Case("BatchNormalization", {"axis": 2.5}, (In((5, 4)),)),
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
    ("strings", Case("Activation", {"activation": None}, (In((4,), "string"),))),
    (
        "attention over the batch",
        Case(
            "MultiHeadAttention",
            {"num_heads": 2, "key_dim": 3, "attention_axes": 0},
            (In((4,)), In((4,))),
        ),
    ),
    ("attention over the batch", Case("Attention", {}, ([In((4,)), In((4,))],))),
    ("a value without steps", Case("Attention", {}, ([In((5, 4)), In((4,))],))),
    ("a value without steps", Case("AdditiveAttention", {}, ([In((5, 4)), In((4,))],))),
    ("shares of the whole batch", Case("Softmax", {"axis": None}, (In((4,)),))),
    (
        "waves in whole numbers",
        Case(
            "STFTSpectrogram",
            {"window": None, "frame_length": 64, "dtype": "int32", "autocast": False},
            (In((300, 2)),),
        ),
    ),
    ("attention over the batch", Case("AdditiveAttention", {}, ([In((4,)), In((4,))],))),
    ("a key that stretches", Case("AdditiveAttention", {}, ([In((5, 4)), In((6, 1))],))),
    ("half a bin", Case("Hashing", {"num_bins": 2.5}, (In((4,), "string"),))),
    (
        "an unknown word that is no word",
        Case("StringLookup", {"vocabulary": ["a"], "oov_token": 0}, (In((4,), "string"),)),
    ),
    (
        "a state that stretches",
        Case(
            "StackedRNNCells",
            {"cells": [sub("LSTMCell", units=3)]},
            (In((4,)), [[In((3,)), In((1,))]]),
        ),
    ),
    (
        "half a step",
        Case(
            "SpectralNormalization",
            {"layer": sub("Dense", units=3), "power_iterations": 2.5},
            (In((4,)),),
        ),
    ),
    (
        "a state of whole numbers",
        Case("LSTMCell", {"units": 3}, (In((4,)), [In((3,), "int32"), In((3,))])),
    ),
    (
        "a state of whole numbers",
        Case(
            "StackedRNNCells",
            {"cells": [sub("LSTMCell", units=3)]},
            (In((4,)), [[In((3,), "int32"), In((3,))]]),
        ),
    ),
    ("a cell on sequences", Case("SimpleRNNCell", {"units": 3}, (In((5, 4)), [In((5, 3))]))),
    (
        "a cell on sequences",
        Case(
            "LSTMCell", {"units": 3, "recurrent_dropout": 0.3}, (In((1, 4)), [In((3,)), In((3,))])
        ),
    ),
    ("a cell on sequences", Case("GRUCell", {"units": 3}, (In((1, 4)), [In((3,))]))),
    ("a state that stretches", Case("SimpleRNNCell", {"units": 3}, (In((4,)), [In((2, 3))]))),
    ("a state that stretches", Case("LSTMCell", {"units": 3}, (In((4,)), [In((3,)), In((1,))]))),
    (
        "fewer states than cells: the other cells are left out",
        Case(
            "StackedRNNCells",
            {"cells": [sub("GRUCell", units=3), sub("GRUCell", units=3)]},
            (In((4,)), [In((3,))]),
        ),
    ),
    ("too few axes", Case("AdaptiveAveragePooling2D", {"output_size": 2}, (In((6, 4)),))),
    (
        "the layer gives back its own input: a cycle in any model",
        Case("Equalization", {}, (In((9, 8, 3)),)),
    ),
    ("no images", Case("RandomFlip", {}, (In((4,)),))),
    ("floats are no categories", Case("Hashing", {"num_bins": 7}, (In((4,)),))),
    ("floats are no categories", Case("IntegerLookup", {"vocabulary": [1, 2]}, (In((4,)),))),
    ("numbers are no words", Case("StringLookup", {"vocabulary": ["a"]}, (In((4,), "int32"),))),
    ("several texts in a row", Case("TextVectorization", {}, (In((3,), "string"),))),
    (
        "rows of more than one",
        Case("HashedCrossing", {"num_bins": 7}, ([In((3,), "int32"), In((3,), "int32")],)),
    ),
    (
        "weights of what is not counted",
        Case(
            "CategoryEncoding",
            {"num_tokens": 4},
            (In((5,), "int32"),),
            {"count_weights": In((5,))},
        ),
    ),
    (
        "whole numbers have no spectrum",
        Case("STFTSpectrogram", {"window": None}, (In((300, 2), "int32"),)),
    ),
]

#: What mtg takes though Keras refuses it.
LAXER: list[tuple[str, Case]] = [
    (
        "a pipeline runs its layers when it is built, and does not cast what it is given",
        Case(
            "Pipeline",
            {"layers": [sub("AveragePooling2D", pool_size=2)]},
            (In((9, 8, 3), "uint8"),),
        ),
    ),
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
    (
        "what is encoded is int64 in truth",
        Case(
            "IntegerLookup",
            {"vocabulary": [1, 2], "output_mode": "multi_hot"},
            (In((4,), "int64"),),
        ),
    ),
    (
        "what is encoded is int64 in truth",
        Case(
            "StringLookup",
            {"vocabulary": ["a", "b"], "output_mode": "count"},
            (In((4,), "string"),),
        ),
    ),
    (
        "words, not numbers",
        Case("StringLookup", {"vocabulary": ["a"], "invert": True}, (In((4,), "int64"),)),
    ),
    (
        "an axis too many, of texts that stand in rows of one",
        Case(
            "TextVectorization",
            {"vocabulary": ["a", "b"], "output_mode": "multi_hot"},
            (In((1,), "string"),),
        ),
    ),
    (
        "the axes after the samples are forgotten",
        Case("MelSpectrogram", {}, (In((9000, 2)),)),
    ),
    (
        "a cell may take any tensor",
        Case("RNN", {"cell": sub("GRUCell", units=3)}, (In((6, 5, 4)),)),
    ),
    (
        "a query of other rank than the value",
        Case("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, (In((2, 5, 4)), In((5, 4)))),
    ),
]


def _op(name: str, *args: object, **kwargs: object) -> Case:
    return Case(name, {}, args, kwargs, op=True)


#: The same of functions of `keras.ops`.
STRICTER_OPS: list[tuple[str, Case]] = [
    ("nothing is left of an axis", _op("getitem", In((5, 4)), (slice(None), slice(5, 2)))),
    (
        "a kernel of another rank: nothing comes out",
        _op("conv_transpose", In((1, 8, 4)), In((1, 2, 6, 4), batch=2), 1, "same", 0),
    ),
    ("no batch is 7 elements in twenties", _op("reshape", In((5, 4)), (7,))),
    ("axes summed over that differ", _op("einsum", "bij,bjk->bik", In((5, 4)), In((3, 3)))),
    ("axes summed over that differ", _op("tensordot", In((5, 4)), In((4, 7), batch=3), axes=2)),
    ("more than there are", _op("top_k", In((4,)), 5)),
    ("an axis that is not there", _op("argpartition", In((5, 4)), 1, axis=3)),
    ("an axis twice", _op("moveaxis", In((5, 4)), [0, 0], [1, 2])),
    ("a shape it cannot broadcast to", _op("broadcast_to", In((1,)), (5,))),
    ("vectors are no matrices", _op("tril", In(()))),
    *(
        (
            "more sizes than axes to give them to",
            _op(name, In((8, 4)), (3, 3), data_format="channels_first"),
        )
        for name in ("adaptive_max_pool", "adaptive_average_pool")
    ),
    (
        "values wider than the queries: the result is not what Keras says",
        _op("dot_product_attention", In((6, 2, 4)), In((6, 2, 4)), In((6, 2, 8))),
    ),
]
VAGUE_OPS: list[tuple[str, Case]] = [
    ("an axis too many", _op("adaptive_max_pool", In((9, 8, 4)), (3, 3))),
    ("an axis too many", _op("adaptive_average_pool", In((9, 4)), (3,))),
    ("the shape of the first of two", _op("bitwise_and", In((4,), "int32"), In((5, 4), "int32"))),
    (
        "elided axes lined up with others",
        _op("einsum", "b...,b...->b...", In((1,)), In(())),
    ),
    ("the axes of the shorter only", _op("kron", In((4,)), In((5, 4)))),
    ("what is hot is of the dtype asked for", _op("multi_hot", In((5,), "int32"), 7)),
    ("the type of the first choice", _op("select", [In((5, 4), "bool")], [In((4,))])),
    ("the shape of what is correlated", _op("corrcoef", In((5,)))),
    ("the shape of what is correlated", _op("corrcoef", In((), batch=4))),
    (
        "a length that is so only where the first is the longer",
        _op("correlate", In((), batch=3), In((), batch=4)),
    ),
    ("one sign for all matrices", _op("slogdet", In((4, 4)))),
    ("float32, whatever the tensors are", _op("meshgrid", *[In((), "int32")] * 2, indexing="ij")),
    ("the shape of the first of two", _op("polar", In((1,)), In((5,)))),
    ("no shape, where it is that of `max_val`", _op("psnr", In((5,)), In((5,)), In(()))),
    (
        "a signal longer than its frames",
        _op("istft", (In((5, 9)), In((5, 9))), 8, 4, 16, length=100),
    ),
    ("a padding below 0 as if it cut away", _op("unfold", In((3, 9, 8)), 2, padding=-1)),
    *(
        (
            "the shape that is asked for, also of axes that stay as they are",
            _op(
                "image.scale_and_translate",
                In((9, 8, 3)),
                shape,
                In((), batch=2),
                In((), batch=2),
                (1, 2),
                "linear",
            ),
        )
        for shape in ((2, 5, 4, 1), (5, 4, 3))
    ),
]
