"""Write ``keras.json``, the facts about Keras that `mtg.catalog` reads, from the installed Keras.

Run ``python -m tools.catalog.generate`` after an upgrade of Keras and read the difference; with
``--check`` nothing is written and the exit status says whether the file is up to date.

Names, parameters and defaults come from signatures. Most signatures end in ``**kwargs``; what
those take, and which strings an argument may be, is found by constructing the class: an argument is
taken if the constructor does not object, and a set of strings is closed if a nonsense word is
refused. The result does not depend on Keras's back end.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
import warnings
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from mtg.catalog.modules import KINDS, LEFT_OUT

from tools.catalog import infer_kinds, sampling, try_value
from tools.catalog.overrides import PLAIN_DTYPE, UNCHECKED_CHOICES, decided, object_kinds
from tools.catalog.script import DATA, write

TARGET = DATA / "keras.json"

MODULES = {kind: module for module, kind in KINDS.items()}
"""The kinds of entries and the module whose public names they are."""

FUNCTION_KINDS = frozenset({"activation", "application", "op"})
"""The kinds whose entries are functions; of all other kinds only classes are entries."""

FAMILIES = frozenset({"layer", "op"})
"""The kinds whose entries are told apart by family."""

FAMILY_NAMES = {
    "activations": "activation",
    "jax_layer": "foreign",
    "rnn": "recurrent",
    "tfsm_layer": "foreign",
    "torch_utils": "foreign",
}
"""Families that have another name in Keras's folders."""

MACHINERY = frozenset({"deserialize", "get", "serialize"})
"""Functions of Keras's modules that are about the objects of the module, not among them."""


LAYER_ARGUMENTS = ("name", "trainable", "dtype", "activity_regularizer", "autocast")
"""What ``keras.layers.Layer`` takes by keyword, less what is deprecated."""

PROBED = frozenset(MODULES) - FUNCTION_KINDS - {"callback", "dtype_policy"}
"""The kinds whose constructors are tried."""

HANDED_ON = (("layer", "IntegerLookup|StringLookup|TextVectorization", "vocabulary_size"),)
"""What a constructor takes out of its ``**kwargs``, of which no signature tells.

Keras saves it of a lookup that was adapted: its vocabulary stands elsewhere in the file.
"""

FREE_KEYWORDS = frozenset({"LambdaCallback", "MeanMetricWrapper", "rearrange"})
"""What hands ``**kwargs`` on to the user's functions or treats it as data.

All others take a fixed set through it, or ignore what they do not know.
"""

CHOSEN_BY_COMPILE = {"loss": ("ce", "crossentropy"), "metric": ("acc", "accuracy")}
"""Strings that ``Model.compile`` resolves by the shapes before it would ask ``get``."""


def build() -> dict[str, Any]:
    """The catalogue of the installed Keras, as a JSON value."""
    import keras

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        entries: dict[str, dict[str, Any]] = {}
        aliases: dict[str, dict[str, str]] = {}
        for kind, module in MODULES.items():
            public = _public(kind, importlib.import_module(module))
            names = _canonical(public)
            entries[kind] = {
                name: _entry(kind, name, public[name]) for name in sorted(set(names.values()))
            }
            aliases[kind] = {name: real for name, real in sorted(names.items()) if name != real}
        entries["optimizer_map"] = {
            "OptimizerMap": _entry("optimizer_map", "OptimizerMap", keras.optimizers.OptimizerMap)
        }
        entries["input"] = {"Input": _entry("input", "Input", keras.Input)}
        entries["model_compile"] = {
            "compile": _entry("model_compile", "compile", keras.Model.compile)
        }
        entries["model_fit"] = {"fit": _entry("model_fit", "fit", keras.Model.fit)}
        identifiers = {
            kind: _identifiers(kind, entries[kind], aliases[kind])
            for kind, module in MODULES.items()
            if hasattr(importlib.import_module(module), "get")
        }
    return {
        "keras_version": keras.__version__,
        "layer_arguments": _layer_arguments(),
        "identifiers": identifiers,
        "aliases": {kind: names for kind, names in aliases.items() if names},
        "entries": entries,
    }


def _public(kind: str, module: ModuleType, prefix: str = "") -> dict[str, Any]:
    """The objects of this kind that have a public name in the module, by that name."""
    found: dict[str, Any] = {}
    for name in sorted(dir(module)):
        thing = getattr(module, name)
        if name.startswith("_") or name in MACHINERY or (kind, name) in LEFT_OUT:
            continue
        if inspect.ismodule(thing):
            if kind == "op":
                found |= _public(kind, thing, f"{name}.")
        elif inspect.isclass(thing) != (kind in FUNCTION_KINDS):
            found[prefix + name] = thing
    return found


def _canonical(public: dict[str, Any]) -> dict[str, str]:
    """The name an object goes by, for each of its names.

    Of several public names that is the object's own; a function of ``keras.ops`` that also stands
    in ``keras.ops.nn`` goes by its short name. An own name that is not public is an alias, because
    the configs that Keras saves have it.
    """
    names: dict[int, list[str]] = {}
    for name, thing in public.items():
        names.setdefault(id(thing), []).append(name)
    canonical: dict[str, str] = {}
    for same in names.values():
        own = public[same[0]].__name__
        best = min(same, key=lambda name: (name.count("."), name != own, name))
        canonical |= dict.fromkeys(same, best)
        if own not in public and inspect.isclass(public[best]):
            canonical[own] = best
    return canonical


def _entry(kind: str, name: str, thing: Any) -> dict[str, Any]:
    own = sampling.named(thing)
    described = _described(kind, name, thing, own)
    entry: dict[str, Any] = {"parameters": described}
    if kind in FAMILIES:
        entry = {"family": _family(thing), **entry}
    signature = inspect.signature(thing).parameters.values()
    takes_more = any(p.kind is p.VAR_KEYWORD for p in signature)
    if inspect.isclass(thing) and takes_more:
        further = _further(kind, thing)
        base = [key for key in LAYER_ARGUMENTS if key in further] if kind == "layer" else []
        described |= _described(
            kind, name, thing, {key: further[key] for key in further if key not in base}
        )
        described |= {
            parameter: {"default": None, "takes": decided(kind, name, parameter)}
            for of, names, parameter in HANDED_ON
            if of == kind and re.fullmatch(names, name)
        }
        if base:
            entry["base"] = base
    by_position = sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in own.values())
    if by_position != len(described):
        entry["positional"] = by_position
    if name in FREE_KEYWORDS or any(p.kind is p.VAR_POSITIONAL for p in signature):
        entry["variadic"] = True
    if kind == "layer":
        entry["call"] = {key: _default(p) for key, p in sampling.named(thing.call).items()}
        if _probed(kind, thing):
            entry |= _calling(name, thing, described)
    return entry


def _family(thing: Any) -> str:
    """The folder or file of Keras that a layer or function stands in: `convolutional`, `numpy`."""
    _keras, _src, _module, family, *_ = str(thing.__module__).split(".")
    return FAMILY_NAMES.get(family, family)


def _calling(name: str, thing: Any, parameters: Iterable[str]) -> dict[str, Any]:
    """How a layer's call takes tensors, and how many results it gives where that is fixed."""
    call = sampling.named(thing.call)
    if name in try_value.NOT_CALLED:
        return {}
    if name in try_value.BY_POSITION or name.endswith("Cell"):
        facts: dict[str, Any] = {"tensors": "several"}
    else:
        facts = {"tensors": "list" if len(try_value.tensors(name)) > 1 else "one"}
    depends = {"return_state", "cell", "function", "layer", "layers"} & {*parameters}
    if not depends and "return_attention_scores" not in call and not name.endswith("Cell"):
        facts["results"] = sampling.count(try_value.use("layer", name, thing))
    return facts


def _default(parameter: inspect.Parameter) -> dict[str, Any]:
    return {} if parameter.default is parameter.empty else {"default": parameter.default}


def _probed(kind: str, thing: Any) -> bool:
    return kind in PROBED and thing.__name__ not in sampling.NOT_PROBED


def _described(
    kind: str, name: str, thing: Any, parameters: dict[str, inspect.Parameter]
) -> dict[str, Any]:
    described = {}
    for key, parameter in parameters.items():
        facts = described[key] = _default(parameter)
        if kinds := object_kinds(kind, key):
            facts["kinds"] = list(kinds)
        else:
            facts |= _choices(kind, name, thing, key)
        if value := _value(kind, name, thing, key, facts):
            facts["takes"] = value
    return described


def _value(kind: str, name: str, thing: Any, parameter: str, facts: dict[str, Any]) -> str:
    """The kind of plain value that a parameter takes; empty where it is not known."""
    fixed = decided(kind, name, parameter)
    if fixed is not None:
        return fixed
    default, kinds = facts.get("default"), facts.get("kinds", ())
    if not _probed(kind, thing):
        return infer_kinds.untried(default, kinds)

    def takes(value: Any) -> bool:
        return try_value.takes(kind, name, thing, **{parameter: value})

    words = "choices" in facts
    return infer_kinds.deduce(takes, default, words=words, objects=bool(kinds))


def _layer_arguments() -> dict[str, Any]:
    import keras

    signature = inspect.signature(keras.layers.Layer.__init__).parameters
    described = {}
    for name in LAYER_ARGUMENTS:
        described[name] = _default(signature[name])
        if kinds := object_kinds("layer", name):
            described[name]["kinds"] = list(kinds)
        if value := _value("layer", "Dense", keras.layers.Dense, name, described[name]):
            described[name]["takes"] = value
    return described


def _further(kind: str, thing: Any) -> dict[str, inspect.Parameter]:
    """The parameters of base classes that the constructor takes through ``**kwargs``."""
    import keras

    own = sampling.named(thing)
    if _probed(kind, thing) and sampling.accepts(thing, mtg_nonsense=1):
        return {}
    candidates: dict[str, inspect.Parameter] = {}
    for base in thing.__mro__[1:]:
        if base in (keras.layers.Layer, object):
            break
        if "__init__" in vars(base):
            candidates |= {
                name: parameter
                for name, parameter in sampling.named(base).items()
                if name not in candidates
            }
    if kind == "layer":
        signature = inspect.signature(keras.layers.Layer.__init__).parameters
        candidates |= {name: signature[name] for name in LAYER_ARGUMENTS}
    if not _probed(kind, thing):
        return {name: candidates[name] for name in candidates.keys() & {*LAYER_ARGUMENTS} - {*own}}
    return {
        name: parameter
        for name, parameter in candidates.items()
        if name not in own
        and parameter.default is not parameter.empty
        and sampling.accepts(thing, **{name: parameter.default})
    }


def _choices(kind: str, name: str, thing: Any, parameter: str) -> dict[str, Any]:
    """The strings an argument may be, or nothing where that is not known."""
    for of_kind, names, of_parameter, fixed in UNCHECKED_CHOICES:
        if (of_kind, of_parameter) == (kind, parameter) and re.fullmatch(names, name):
            return {"choices": sorted(fixed)}
    if parameter == "dtype" and kind in PLAIN_DTYPE:
        return {"choices": _dtypes()}
    if not _probed(kind, thing):
        return {}
    strings, any_case = sampling.strings(thing, parameter)
    return ({"choices": strings} if strings else {}) | ({"any_case": True} if any_case else {})


def _dtypes() -> list[str]:
    from keras.src.backend.common.dtypes import ALLOWED_DTYPES

    return sorted(ALLOWED_DTYPES)


def _identifiers(kind: str, entries: Iterable[str], aliases: Iterable[str]) -> list[str]:
    """The strings that ``get`` of the module accepts."""
    public = importlib.import_module(MODULES[kind])
    internal = importlib.import_module(MODULES[kind].replace("keras.", "keras.src."))
    words = {*entries, *aliases, *getattr(internal, "ALL_OBJECTS_DICT", ())}
    words -= {word for of, word in LEFT_OUT if of == kind}
    words -= {word.lower() for of, word in LEFT_OUT if of == kind}
    if kind == "dtype_policy":
        sources = ("bfloat16", "float16", "float32", "mixed_bfloat16", "mixed_float16")
        words = {*_dtypes(), *sources}
        modes = ("float8", "int4", "int8")
        words |= {f"{mode}_from_{source}" for mode in modes for source in sources}
    found = []
    for word in words:
        try:
            public.get(word)
        except (TypeError, ValueError, KeyError):
            continue
        found.append(word)
    return sorted([*found, *CHOSEN_BY_COMPILE.get(kind, ())])


def text() -> str:
    """The content of ``keras.json`` for the installed Keras: one entry a line."""
    return _lines(build(), 3) + "\n"


def _lines(value: Any, levels: int) -> str:
    if not levels or not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    inner = ",\n".join(
        f"{json.dumps(key)}:{_lines(item, levels - 1)}" for key, item in value.items()
    )
    return f"{{\n{inner}\n}}"


def main(arguments: list[str]) -> int:
    """Write the file, or with ``--check`` compare it; the exit status is 1 where they differ."""
    return write(TARGET, text(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
