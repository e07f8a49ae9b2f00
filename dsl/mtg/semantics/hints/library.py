"""Blocks of the library that ships, for what Keras has no layer for, by any of its names."""

from __future__ import annotations

from collections.abc import Sequence

#: Every block: the file of `std/` that it is in, and a flow that uses it.
BLOCKS = {
    "residual": ("vision", "x -> residual(64)"),
    "bottleneck": ("vision", "x -> bottleneck(64, project=True)"),
    "squeeze_excite": ("vision", "x -> squeeze_excite(64)"),
    "positions": ("sequence", "x -> positions(128, 64)"),
    "sinusoids": ("sequence", "x -> sinusoids(64)"),
    "class_token": ("sequence", "x -> class_token(64)"),
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
