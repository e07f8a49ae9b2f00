"""Blocks of the library that ships, for what Keras has no layer for, by any of its names."""

from __future__ import annotations

from collections.abc import Sequence

#: Every block: the file of `std/` that it is in, and a flow that uses it.
BLOCKS = {
    "residual": ("vision", "x -> residual(64)"),
    "bottleneck": ("vision", "x -> bottleneck(64, project=True)"),
    "squeeze_excite": ("vision", "x -> squeeze_excite()"),
    "positions": ("sequence", "x -> positions(128)"),
    "sinusoids": ("sequence", "x -> sinusoids()"),
    "class_token": ("sequence", "x -> class_token()"),
    "padding_mask": ("sequence", "tokens -> padding_mask()"),
    "causal_mask": ("sequence", "x -> causal_mask()"),
    "learned_scalar": ("learned", "x -> learned_scalar(1.0)"),
    "learned_vector": ("learned", "x -> learned_vector(64)"),
    "learned_tokens": ("learned", "x -> learned_tokens(64, 8)"),
    "normal": ("noise", "x -> normal()"),
    "sample": ("noise", "(mean, log_variance) -> sample()"),
    "kl_divergence": ("noise", "(mean, log_variance) -> kl_divergence()"),
    "variational": ("noise", "(mean, log_variance) -> variational()"),
    "penalty": ("penalty", "(x, values) -> penalty(0.1)"),
    "mlp": ("tasks", "x -> mlp([64, 32])"),
    "mixture": ("tasks", "(x, ops.stack(experts, axis=1)) -> mixture()"),
    "shared_bottom": ("tasks", "x -> shared_bottom(tasks)"),
    "mmoe": ("tasks", "x -> mmoe(tasks)"),
    "extraction": ("tasks", "(features, common) -> extraction()"),
    "cgc": ("tasks", "x -> cgc(tasks)"),
    "ple": ("tasks", "x -> ple(tasks)"),
    "towers": ("tasks", "features -> towers([64])"),
    "cross_stitch": ("tasks", "features -> cross_stitch()"),
    "entire_space": ("tasks", '{"click": ctr, "buy": cvr} -> entire_space()'),
    "mask_heads": ("tasks", "levels -> mask_heads(3)"),
    "mask_head": ("tasks", 'level -> mask_head(3, "softmax", [64, 64])'),
    "class_heads": ("tasks", "levels -> class_heads(10)"),
}
#: What Keras, KerasHub, PyTorch and papers call such things, without `_` and in small letters.
_ALSO = {
    "positions": "positionembedding positionalembedding learnedpositionalembedding "
    "tokenandpositionembedding",
    "sinusoids": "sinepositionencoding positionalencoding positionencoding sinusoidalembedding "
    "sinusoidalpositionalencoding sinusoidalpositionalembedding",
    "class_token": "classtoken clstoken addclasstoken",
    "padding_mask": "createpaddingmask makepaddingmask",
    "causal_mask": "createcausalmask lookaheadmask createlookaheadmask subsequentmask "
    "getcausalattentionmask",
    "learned_vector": "addweight addvariable getvariable weight parameter variable",
    "sample": "sampling reparameterize reparametrize reparameterization",
    "penalty": "addloss addlosslayer",
    "mmoe": "multigatemixtureofexperts mmoelayer",
    "mixture": "mixtureofexperts moe moelayer gating gatinglayer",
    "ple": "plelayer progressivelayeredextraction",
    "cgc": "cgclayer customizedgatecontrol",
    "cross_stitch": "crossstitchunit crossstitchlayer",
    "entire_space": "esmm",
    "mask_heads": "deepsupervision sideoutputs",
    "class_heads": "auxiliaryclassifier auxiliaryhead companionhead earlyexit",
}
_BY_WORD = {
    **{name.replace("_", ""): name for name in BLOCKS},
    **{word: name for name, words in _ALSO.items() for word in words.split()},
}
#: What is said of random numbers in a graph.
OF_RANDOM = (
    "random numbers come from a layer, such as `GaussianNoise(0.1)`, or from an initializer, such "
    "as `RandomNormal()`; a tensor of them is `x -> normal()`, a block of `std/noise`"
)


def block_for(path: Sequence[str]) -> str:
    """Return where the library has what a name means, and how it is used; empty if nowhere.

    Args:
        path: The name, with the modules before it: `self.add_loss`.
    """
    name = _BY_WORD.get(path[-1].replace("_", "").casefold()) if path else None
    if name is None:
        return ""
    file, use = BLOCKS[name]
    wanted = f'`from "std/{file}" import {name}`'
    if path[-1] == name and len(path) == 1:
        return f"a block `{name}` ships with mtg, such as `{use}`: write {wanted} first"
    if name == "learned_vector":
        return f"a weight of its own is a block, such as `{use}`: {wanted}"
    return f"write `{use}`, a block that ships with mtg: {wanted}"
