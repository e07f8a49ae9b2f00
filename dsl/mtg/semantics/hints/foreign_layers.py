"""Layers, losses and optimizers by their names in PyTorch, TensorFlow 1 and earlier Keras.

`nn.Linear(8, 3)` is `Dense(3)` in mtg.

What is known to be of another library is never taken for a misspelling. Where Keras 3 has no such
thing, or an argument cannot be said, the text is empty, and nothing is suggested.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtg.catalog import catalog
from mtg.catalog.names import MERGES
from mtg.semantics.hints.foreign_arguments import renamed_call
from mtg.semantics.hints.pytorch import NoEqual, torch_stage
from mtg.semantics.source_text import shown, shown_text
from mtg.syntax import ast
from mtg.syntax.visit import attribute_path

#: Of Keras 1 and 2: with the same arguments under another name.
_RENAMED = {
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose",
    "Deconv2D": "Conv2DTranspose",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "AtrousConv1D": "Conv1D",
    "AtrousConv2D": "Conv2D",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "LayerNormalizationV2": "LayerNormalization",
    "FullyConnected": "Dense",
    "FC": "Dense",
    "Affine": "Dense",
    "WeightRegularizer": "L1L2",
    "ActivityRegularizer": "L1L2",
    "l1l2": "L1L2",
    "ActivityL1": "L1",
    "ActivityL2": "L2",
    "WeightL1": "L1",
    "WeightL2": "L2",
    "l1_regularizer": "L1",
    "l2_regularizer": "L2",
    "maxnorm": "MaxNorm",
    "nonneg": "NonNeg",
    "unitnorm": "UnitNorm",
    "AdamOptimizer": "Adam",
    "AdagradOptimizer": "Adagrad",
    "AdadeltaOptimizer": "Adadelta",
    "RMSPropOptimizer": "RMSprop",
    "MomentumOptimizer": "SGD",
    "GradientDescentOptimizer": "SGD",
    "FtrlOptimizer": "Ftrl",
    "NAdam": "Nadam",
    "RMSProp": "RMSprop",
}
#: What people call a recurrent layer that reads in both directions.
_BOTH_WAYS = {"BiLSTM": "LSTM", "BLSTM": "LSTM", "BiGRU": "GRU", "BidirectionalLSTM": "LSTM"}
#: Losses of PyTorch, whose reduction is a mean as that of Keras is.
LOSSES = {
    "CrossEntropyLoss": "SparseCategoricalCrossentropy(from_logits=True)",
    "BCEWithLogitsLoss": "BinaryCrossentropy(from_logits=True)",
    "BCELoss": '"binary_crossentropy"',
    "MSELoss": '"mse"',
    "L1Loss": '"mae"',
    "SmoothL1Loss": "Huber()",
    "HuberLoss": "Huber()",
}
#: Initializers and merges of earlier Keras are in `other_words` and `vocabulary`.
#: What Keras 3 has nothing for.
GONE = frozenset(
    {
        *("MaxoutDense", "Highway", "SReLU", "ParametricSoftplus", "GraphConvolution"),
        *("LocallyConnected1D", "LocallyConnected2D", "KerasLayer", "DenseFeatures"),
        *("RandomHeight", "RandomWidth", "RandomFourierFeatures", "PixelShuffle", "Unflatten"),
        *(
            "TransformerEncoderLayer",
            "TransformerDecoderLayer",
            "Transformer",
            "TransformerEncoder",
        ),
        *(
            "EmbeddingBag",
            "Bilinear",
            "MaxUnpool2d",
            "LPPool2d",
            "FractionalMaxPool2d",
            "Hardshrink",
        ),
        *("NLLLoss", "KLDivLoss", "CTCLoss", "CosineEmbeddingLoss", "TripletMarginLoss"),
        *("HingeEmbeddingLoss", "MarginRankingLoss", "PoissonNLLLoss", "MultiLabelMarginLoss"),
        *("LBFGS", "Rprop", "ASGD", "SparseAdam", "RAdam", "Threshold", "ReflectionPad2d"),
        *("ReplicationPad2d", "ConstantPad2d", "LocalResponseNorm", "Graph", "Siamese"),
        *("ProximalAdagradOptimizer", "ProximalGradientDescentOptimizer", "AdagradDAOptimizer"),
    }
)


def foreign(path: Sequence[str], call: ast.CallExpr | None, *, stage: bool = False) -> str | None:
    """Return what mtg writes for a call of another library.

    None where its name is of none, and empty where Keras 3 has nothing for it.

    Args:
        path: The name, with the modules before it.
        call: Its call, if it is called.
        stage: Whether it stands after `->`.
    """
    name, modules = path[-1], path[:-1]
    if "nn" in modules and "tf" not in modules[:1] and name == "Sequential" and call is not None:
        return _sequential(call)
    arguments = () if call is None else call.arguments
    try:
        if name in ("Merge", "merge") and call is not None and not modules:
            return old_merge(call)
        if name in LOSSES and not stage:
            return LOSSES[name] if not arguments else ""
        if name == "ThresholdedReLU":
            (theta,) = [shown(each.value) for each in arguments] or ["1.0"]
            return f"ReLU(threshold={theta})"
        if name == "SyncBatchNormalization":
            text = _keras("BatchNormalization", arguments)[:-1]
            return f"{text}{', ' if arguments else ''}synchronized=True)"
        if name in _BOTH_WAYS:
            return f"Bidirectional({_keras(_BOTH_WAYS[name], arguments)})"
        if name.endswith("Layer") and catalog().find("layer", name[:-5]) and not modules:
            return _keras(name[:-5], arguments)
        if name == "TimeDistributedDense":
            return f"TimeDistributed({_keras('Dense', arguments)})"
        made = torch_stage(name, modules, None if call is None else arguments)
        if made is not None:
            return made
        if name in _RENAMED and catalog_has(_RENAMED[name]):
            return _keras(_RENAMED[name], arguments, old="onvolution" in name or "Conv" in name)
        if name in GONE:
            return ""
        if modules and (cls := _function_of_layers(name, modules)):
            if stage:
                return _keras(cls, arguments)
            first, *rest = arguments
            tensor = shown(first.value)
            return f"{tensor} -> {_keras(cls, rest)}" if tensor and len(tensor) < 60 else ""
    except (NoEqual, ValueError):
        return ""
    return None


#: Modes of the `Merge` of Keras 1, and of its function `merge`.
_MODES = {"sum": "add", "mul": "multiply", "ave": "average", "max": "maximum", "cos": "dot"}
_RANDOM = re.compile(r"(random|truncated)_(normal|uniform)|rand|randn|randint|rand_like|randn_like")


def is_random(path: Sequence[str]) -> bool:
    """Return whether a function draws random numbers: `tf.random.normal`, `K.random_uniform`."""
    *modules, name = path
    if "initializers" in modules or not modules:
        return False
    return "random" in modules or _RANDOM.fullmatch(name) is not None


def old_merge(call: ast.CallExpr) -> str:
    """`merge([a, b], mode="concat", concat_axis=1)` of Keras 1 as `concat(a, b, axis=1)`."""
    named = {each.name.name: each.value for each in call.arguments if each.name is not None}
    mode = named.pop("mode", None)
    said = "sum" if mode is None else mode.value if isinstance(mode, ast.LiteralExpr) else ""
    merge = _MODES.get(said, said if said in MERGES else "")
    axis = named.pop("concat_axis", None) or named.pop("dot_axes", None)
    named.pop("output_shape", None)
    first = next((each.value for each in call.arguments if each.name is None), None)
    tensors = [shown(each) for each in first.items] if isinstance(first, ast.ListExpr) else []
    if not merge or named.keys() - {"name"} or not all(tensors):
        return ""
    parts = tensors or ["a", "b"]
    parts += [f"axis={shown_text(axis.span)}"] if axis and merge == "concat" else []
    parts += [f"axes={shown_text(axis.span)}"] if axis and merge == "dot" else []
    return f"{merge}({', '.join(parts)})"


def catalog_has(name: str) -> bool:
    """Return whether Keras has a class of this name, of any kind."""
    return any(name in catalog().names(kind) for kind in catalog().kinds())


def keras_arguments(cls: str, arguments: Sequence[ast.Argument]) -> str:
    """Return the arguments of a class as Keras 3 names them; empty where one cannot be said."""
    return renamed_call(cls, arguments)[len(cls) :]


def _keras(cls: str, arguments: Sequence[ast.Argument], *, old: bool = False) -> str:
    text = renamed_call(cls, arguments, old=old)
    if not text:
        raise NoEqual
    return text


def _function_of_layers(name: str, modules: Sequence[str]) -> str | None:
    """Return the layer that a function of `tf.layers` makes, and calls: `tf.layers.dense`."""
    plain = name.replace("_", "").casefold()
    if "contrib" in modules:
        return None  # most of which end with an activation
    is_function = modules[-1:] == ["layers"] or (plain == "dropout" and modules[-1] in ("nn", "F"))
    merges = {cls.casefold() for cls in MERGES.values()}
    if not is_function or not name.islower() or plain in merges:
        return None
    return next((cls for cls in catalog().names("layer") if cls.casefold() == plain), None)


def _sequential(call: ast.CallExpr) -> str:
    """Return the layers of an `nn.Sequential` in a row."""
    stages = []
    for argument in call.arguments:
        item = argument.value
        path = attribute_path(item.callee) if isinstance(item, ast.CallExpr) else []
        if not path or not isinstance(item, ast.CallExpr):
            return ""
        made = foreign(path, item, stage=True)
        if not made:
            return ""
        stages.append(made)
    text = " -> ".join(stages)
    return text if len(text) <= 200 else ""
