"""What somebody means who writes the words and habits of Keras, other libraries and papers.

Hints are asked for where something is wrong, so each file is imported with the first question.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtg.semantics.hints.aliases import is_foreign_word as is_foreign_word
    from mtg.semantics.hints.aliases import other_word as other_word
    from mtg.semantics.hints.foreign_arguments import foreign_argument as foreign_argument
    from mtg.semantics.hints.foreign_functions import foreign_function as foreign_function
    from mtg.semantics.hints.foreign_functions import foreign_method as foreign_method
    from mtg.semantics.hints.foreign_layers import LOSSES as LOSSES
    from mtg.semantics.hints.foreign_layers import foreign as foreign
    from mtg.semantics.hints.foreign_layers import is_random as is_random
    from mtg.semantics.hints.foreign_layers import keras_arguments as keras_arguments
    from mtg.semantics.hints.functional_api import activation as activation
    from mtg.semantics.hints.functional_api import as_flow as as_flow
    from mtg.semantics.hints.functional_api import chain as chain
    from mtg.semantics.hints.functional_api import is_module as is_module
    from mtg.semantics.hints.functional_api import layer_name as layer_name
    from mtg.semantics.hints.functional_api import op_of as op_of
    from mtg.semantics.hints.functional_api import sayable as sayable
    from mtg.semantics.hints.functional_api import with_empty_brackets as with_empty_brackets
    from mtg.semantics.hints.half_arrows import half_arrow as half_arrow
    from mtg.semantics.hints.library import OF_RANDOM as OF_RANDOM
    from mtg.semantics.hints.library import block_for as block_for
    from mtg.semantics.hints.python_functions import for_function as for_function
    from mtg.semantics.hints.python_functions import for_method as for_method

_HOMES = {
    "LOSSES": "foreign_layers",
    "OF_RANDOM": "library",
    "activation": "functional_api",
    "as_flow": "functional_api",
    "block_for": "library",
    "chain": "functional_api",
    "for_function": "python_functions",
    "for_method": "python_functions",
    "foreign": "foreign_layers",
    "foreign_argument": "foreign_arguments",
    "foreign_function": "foreign_functions",
    "foreign_method": "foreign_functions",
    "half_arrow": "half_arrows",
    "is_foreign_word": "aliases",
    "is_module": "functional_api",
    "is_random": "foreign_layers",
    "keras_arguments": "foreign_layers",
    "layer_name": "functional_api",
    "op_of": "functional_api",
    "other_word": "aliases",
    "sayable": "functional_api",
    "with_empty_brackets": "functional_api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
