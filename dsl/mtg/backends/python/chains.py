"""A shared chain as one callable: the function that makes it, written beside those of the file.

`keras.Sequential` would be a model in the model, with a name and a place in the config of its own.
"""

from __future__ import annotations

#: What the source calls the function, and the function.
CHAIN = "chain"
FUNCTION = '''\
    """Return a function that calls layers one after another, always the same."""

    def call(*args, **kwargs):
        x = first(*args, **kwargs)
        for layer in rest:
            x = layer(x)
        return x

    return call
'''.splitlines()
