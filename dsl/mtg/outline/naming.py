"""What a block that was found is called: by what is in it."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.outline.blocks import UseMaker
from mtg.outline.draft import LayerMaker, Node, Ref
from mtg.outline.loops import LoopMaker

_SHORT = {
    "activation": "act",
    "batch_normalization": "bn",
    "conv1_d": "conv",
    "conv1d": "conv",
    "conv2d": "conv",
    "conv3d": "conv",
    "depthwise_conv2d": "depthwise",
    "depthwise_conv1d": "depthwise",
    "group_normalization": "norm",
    "layer_normalization": "norm",
    "leaky_re_lu": "relu",
    "p_re_lu": "relu",
    "re_lu": "relu",
    "separable_conv1d": "separable",
    "separable_conv2d": "separable",
    "conv1d_transpose": "deconv",
    "conv2d_transpose": "deconv",
    "conv3d_transpose": "deconv",
    "unit_normalization": "norm",
}
#: At most so many parts are strung together.
_PARTS = 4


def block_name(nodes: Sequence[Node], outside: Sequence[Ref]) -> str:
    """A name for a region: `conv_bn_relu`, `residual`, `squeeze_excite`, `inception`."""
    classes = {_cls(node) for node in nodes}
    merge = next((node for node in reversed(nodes) if len(node.inputs) > 1), None)
    if "MultiHeadAttention" in classes or "GroupQueryAttention" in classes:
        return "transformer"
    if merge is not None and isinstance(merge.maker, LayerMaker):
        cls = merge.maker.layer.cls
        skips = any(ref in outside for ref in merge.inputs)
        if cls in ("Add", "add"):
            return "residual" if skips or len(outside) > 1 else "projected"
        if cls in ("Multiply", "multiply"):
            pools = any(c.startswith("Global") for c in classes)
            return "squeeze_excite" if pools else "gate"
        if cls == "Concatenate":
            if len(outside) > 1:
                return "cell"
            return "dense_block" if skips and len(merge.inputs) == 2 else "inception"
    if len(outside) > 1:
        return "cell"
    parts = [part for node in nodes if (part := _part(node))]
    if len(parts) > _PARTS or "_".join(parts).count("_") >= 2 * _PARTS:
        inner = [
            p for node, p in zip(nodes, parts, strict=False) if isinstance(node.maker, LayerMaker)
        ]
        return f"{(inner or parts)[0].partition('_')[0]}_block"
    return "_".join(parts) or "part"


def _cls(node: Node) -> str:
    return node.maker.layer.cls if isinstance(node.maker, LayerMaker) else ""


def _part(node: Node) -> str:
    maker = node.maker
    if isinstance(maker, LayerMaker):
        if maker.layer.cls == "Activation":
            activation = node.values.get(("a", "activation"))
            return activation if isinstance(activation, str) else "act"
        word = maker.word
        if word.startswith("zero_padding"):
            return "pad"
        if "pooling" in word:
            return "pool"
        return _SHORT.get(word, word)
    if isinstance(maker, LoopMaker):
        return _part(maker.nodes[-1])
    assert isinstance(maker, UseMaker)
    return maker.block.name
