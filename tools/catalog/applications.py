"""Write ``applications.json``, which `mtg.catalog.applications` reads, from the installed Keras.

Run ``python -m tools.catalog.applications`` after an upgrade of Keras and read the
difference; with ``--check`` nothing is written and the exit status says whether the file is up to
date. It takes some minutes; ``KERAS_BACKEND=jax`` is faster, and gives the same.

Each application is built as a graph without values, in all ways that change its layers, and the
parts that are equal are told from those that differ. Nothing is downloaded: where trained weights
are asked for, loading them is left out.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from unittest import mock

from mtg.config.read import read_config
from mtg.graph.graph import Graph
from mtg.graph.layers import Layer, NestedModel, Op, PythonLayer
from mtg.graph.values import KerasObject, TensorRef

from tools.catalog.script import DATA, write

TARGET = DATA / "applications.json"

UNDERSTOOD = {
    *("include_top", "weights", "input_tensor", "input_shape", "pooling", "classes", "name"),
    *("classifier_activation", "alpha", "depth_multiplier", "minimalistic", "dropout"),
    *("dropout_rate", "include_preprocessing"),
}
"""The parameters whose effect on the layers this script looks for."""

SENTINELS: dict[str, Any] = {
    "classes": 7919,
    "classifier_activation": "softsign",
    "dropout": 0.0625,
    "dropout_rate": 0.2890625,
}
"""Values that stand nowhere else in a config, for arguments that are handed on to a layer."""

ALPHAS = (0.25, 0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
"""The widths for which there are trained weights; others are not stored."""

SHAPES = ((97, 150), (331, 79), (128, 255))
"""Heights and widths at which the zeros that depend on them are looked at."""

ENDS = {"include_top", "pooling", "dropout_rate"}
"""The arguments that tell tails apart."""

Spec = tuple[str, str, str]
Calls = list[tuple[Spec, tuple[int, ...]]]


class _Accepted(Exception):
    """Raised where an application makes its input: it took its arguments, and this is its shape."""


@contextmanager
def _nothing_loaded() -> Iterator[None]:
    import keras
    from keras.src.utils import file_utils

    with (
        mock.patch.object(file_utils, "get_file", return_value="none"),
        mock.patch.object(keras.Model, "load_weights"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def asked(name: str, **arguments: Any) -> list[int | None] | str:
    """The shape of the input that Keras makes for these arguments, or what it says against them."""
    import keras

    def declared(shape: Sequence[int | None], **rest: Any) -> None:
        raise _Accepted(list(shape))

    with _nothing_loaded(), mock.patch("keras.src.layers.Input", declared):
        try:
            getattr(keras.applications, name)(**arguments)
        except _Accepted as accepted:
            shape: list[int | None] = accepted.args[0]
            return shape
        except ValueError as error:
            return str(error)
    raise AssertionError("an application makes an input")


def accepts(name: str, **arguments: Any) -> bool:
    """Whether Keras makes an input for these arguments."""
    return not isinstance(asked(name, **arguments), str)


def built(name: str, **arguments: Any) -> Graph:
    """The graph of an application, which gets no weights."""
    return _built(name, tuple(sorted(({"weights": None} | arguments).items())))


@lru_cache(maxsize=16)
def _built(name: str, arguments: tuple[tuple[str, Any], ...]) -> Graph:
    import keras

    keras.backend.clear_session()
    with _nothing_loaded(), keras.StatelessScope(initialize_variables=False):
        config = getattr(keras.applications, name)(**dict(arguments)).get_config()
    return read_config(config).graph


# ---- calls ---------------------------------------------------------------------------------------


def calls_of(graph: Graph) -> Calls:
    """The calls of a graph in order, without its input."""
    places = {call.id: place for place, call in enumerate(graph.calls)}
    return [
        (
            _spec(call.layer, call.args, call.kwargs),
            tuple(places[call.id] - places[ref.call] for ref in call.tensors()),
        )
        for call in graph.calls[1:]
    ]


def _spec(layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Spec:
    """Class, arguments and the call's own arguments, the last two as JSON."""
    if set(kwargs) - {"training"}:  # which Keras adds
        raise ValueError(f"{layer.cls} is called with keywords")
    if isinstance(layer, NestedModel):
        return "Sequential", json.dumps({"layers": _chain(layer.graph)}), ""
    cls = f"{layer.module}.{layer.cls}" if isinstance(layer, PythonLayer) else layer.cls
    positional = ""
    if isinstance(layer, Op):
        positional = json.dumps([None if isinstance(arg, TensorRef) else arg for arg in args])
    return cls, json.dumps(_marked(_plain(layer.arguments))), positional


def _chain(graph: Graph) -> list[list[Any]]:
    """The layers of a `Sequential` in an application."""
    calls = calls_of(graph)
    if not graph.sequential or any(spec[2] or back != (1,) for spec, back in calls):
        raise ValueError(f"{graph.name} is no chain of layers")
    return [[cls, json.loads(arguments)] for (cls, arguments, _), _ in calls]


def _plain(value: Any) -> Any:
    """A value as JSON has it, objects of Keras as `mtg.catalog.applications` describes."""
    if isinstance(value, KerasObject):
        return {"keras": [value.kind, value.name], "arguments": _plain(value.arguments)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _marked(value: Any) -> Any:
    """The value with the names of arguments in the place of what was given for them."""
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item) for item in value]
    for name, sentinel in SENTINELS.items():
        if value == sentinel and isinstance(value, type(sentinel)):
            return f"${name}"
    return value


def _common(lists: list[Calls]) -> int:
    """How many calls all lists begin with."""
    length = min(map(len, lists))
    return next((i for i in range(length) if len({calls[i] for calls in lists}) > 1), length)


# ---- zeros that depend on the size ---------------------------------------------------------------


def _with_sizes(calls: Calls, name: str, **arguments: Any) -> Calls:
    """The calls with the zeros that depend on the declared size written as what they depend on."""
    if all(spec[0] != "ZeroPadding2D" for spec, _ in calls):
        return calls
    seen: dict[int, list[tuple[int, int, list[int]]]] = {}
    for shape in SHAPES:
        graph = built(name, include_top=False, input_shape=(*shape, 3), **arguments)
        other = calls_of(graph)
        lengths = _lengths(graph)
        for i, (spec, _) in enumerate(calls):
            if spec[0] == "ZeroPadding2D":
                padding = json.loads(other[i][0][1]).get("padding", 1)
                axes = padding if isinstance(padding, list) else [padding] * 2
                pairs = [each if isinstance(each, list) else [each] * 2 for each in axes]
                for axis in range(2):
                    seen.setdefault(i, []).append((shape[axis], lengths[i][axis], pairs[axis]))
            elif other[i][0] != spec:
                raise ValueError(f"{name} has other layers for {shape}")
    calls = list(calls)
    for i, found in seen.items():
        if len({tuple(pair) for _, _, pair in found}) > 1:
            (cls, _, _), back = calls[i]
            calls[i] = ((cls, json.dumps({"padding": _rule(found)}), ""), back)
    return calls


def _lengths(graph: Graph) -> list[tuple[int, int]]:
    """Height and width of what each call takes first."""
    from mtg.text.diagnostics import Diagnostics
    from mtg.types.infer import infer

    types = infer(graph, Diagnostics())
    found = []
    for call in graph.calls[1:]:
        shape = types.of(call.tensors()[0]).shape or ()
        found.append(tuple(n if isinstance(n, int) else 0 for n in (*shape[1:3], 0, 0)[:2]))
    return [(height, width) for height, width in found]


def _rule(found: list[tuple[int, int, list[int]]]) -> dict[str, Any]:
    """`correct_pad` as data: the zeros are one fewer before an axis of even length."""
    same = found[0][2][1]
    if any(pair != [same - 1 + length % 2, same] for _, length, pair in found):
        raise ValueError(f"not the zeros of correct_pad: {found}")
    # Each stride of 2 halves a length, rounded up: (n + a) // b becomes (n + a + b) // (2 * b). The
    # first one may be without zeros, which leaves (n - 1) // 2 of n.
    for b in (2**power for power in range(9)):
        for a in (b - 1, b - 3):
            if all((n + a) // b == length for n, length, _ in found):
                return {"same": same, "of": [a, b]}
    raise ValueError(f"no rule gives these lengths: {found}")


# ---- one application -----------------------------------------------------------------------------

Part = list[tuple[dict[str, Any], Calls]]


def describe(name: str) -> dict[str, Any]:
    """The entry of an application."""
    import keras

    parameters = set(inspect.signature(getattr(keras.applications, name)).parameters)
    if parameters - UNDERSTOOD:
        raise ValueError(f"{name} takes {sorted(parameters - UNDERSTOOD)}, which is new")
    top, bare = asked(name, weights=None), asked(name, weights=None, include_top=False)
    if isinstance(top, str) or isinstance(bare, str):
        raise ValueError(f"{name} needs arguments")
    size = top[0]
    refused = asked(name, include_top=False, input_shape=(1, 1, 3))
    least = re.search(r"at least (\d+)", str(refused))
    if least is None:
        raise ValueError(f"{name} has no least size")
    trained = [n for n in range(32, 640) if accepts(name, input_shape=(n, n, 3))]
    static = not accepts(name, include_top=False, input_shape=(None, None, 3))
    heads, bodies, tails = _parts(name, parameters, size or 224)
    # The layers may differ where the width is not known.
    loose = calls_of(built(name, include_top=False, input_shape=(None, None, 3)))
    begin, end = len(heads[0][1]), len(tails[-1][1])
    if len(heads) > 1:
        begin = next(len(calls) for when, calls in heads if when in ({"channels": 3}, {}))
    if len(loose) != begin + len(bodies[0][1]) + end:
        if len(bodies) > 1:
            raise ValueError(f"{name} has other layers where the width is not known")
        bodies.insert(0, ({"width": None}, loose[begin : len(loose) - end]))
    specs: dict[Spec, int] = {}
    return {
        "bare": bare,
        "size": size,
        "trained": None if size is None else trained,
        "least": int(least[1]),
        "static": static,
        "heads": _numbered(heads, specs),
        "bodies": _numbered(bodies, specs),
        "tails": _numbered(tails, specs),
        "layers": [
            [cls, json.loads(arguments), *([json.loads(positional)] if positional else [])]
            for cls, arguments, positional in specs
        ],
    }


def _parts(name: str, parameters: set[str], size: int) -> tuple[Part, Part, Part]:
    """Heads, bodies and tails, each with the conditions under which it stands."""

    def made(**arguments: Any) -> Calls:
        given = {key: value for key, value in SENTINELS.items() if key in parameters}
        return calls_of(built(name, **{"input_shape": (size, size, 3), **given, **arguments}))

    plain = made(include_top=False)
    ways: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"weights": "imagenet"}, {"weights": "imagenet"}),
        ({"channels": 3}, {}),
        ({}, {"input_shape": (size, size, 1)}),
    ]
    if "include_preprocessing" in parameters:
        ways.insert(0, ({"include_preprocessing": False}, {"include_preprocessing": False}))
    whole = [(when, made(include_top=False, **how)) for when, how in ways]
    common = _common([calls[::-1] for _, calls in whole])
    heads = _distinct([(when, calls[: len(calls) - common]) for when, calls in whole])
    head = len(plain) - common

    bodies: Part = []
    tails: Part = []
    for when in _widths(name, parameters):
        ends: Part = [
            ({"include_top": True}, made(include_top=True, **when)),
            ({"pooling": "avg"}, made(include_top=False, pooling="avg", **when)),
            ({"pooling": "max"}, made(include_top=False, pooling="max", **when)),
            ({}, made(include_top=False, **when)),
        ]
        if "dropout_rate" in parameters:
            without = made(include_top=True, **{**when, "dropout_rate": 0.0})
            ends.insert(0, ({"include_top": True, "dropout_rate": 0}, without))
        length = _common([calls for _, calls in ends])
        body = _with_sizes(ends[-1][1], name, **when)[head:length]
        bodies.append((when, body))
        tails += [({**end, **when}, calls[length:]) for end, calls in ends]
    return heads, bodies, _merged(tails)


def _widths(name: str, parameters: set[str]) -> list[dict[str, Any]]:
    """The arguments that change the layers all through, as far as there are trained weights."""
    if "alpha" not in parameters:
        return [{}]
    found: list[dict[str, Any]] = []
    for thin in (False, True) if "minimalistic" in parameters else (None,):
        for alpha in ALPHAS:
            when: dict[str, Any] = {"alpha": alpha}
            if thin is not None:
                when["minimalistic"] = thin
            if accepts(name, include_top=False, input_shape=(224, 224, 3), **when):
                more = {"depth_multiplier": 1} if "depth_multiplier" in parameters else {}
                found.append(when | more)
    return found


def _distinct(part: Part) -> Part:
    """A part without what stands under a condition, and would under the next as well."""
    kept: Part = []
    for when, calls in reversed(part):
        if not kept or calls != kept[0][1]:
            kept.insert(0, (when, calls))
    if len(kept) == 1:
        return [({}, kept[0][1])]
    return kept


def _merged(tails: Part) -> Part:
    """Tails that are the same for every width are written once."""
    ends: dict[str, list[tuple[dict[str, Any], Calls]]] = {}
    for when, calls in tails:
        end = {key: value for key, value in when.items() if key in ENDS}
        ends.setdefault(json.dumps(end), []).append((when, calls))
    merged: Part = []
    for written, found in ends.items():
        same = all(calls == found[0][1] for _, calls in found)
        merged += [(json.loads(written), found[0][1])] if same else found
    return merged


def _numbered(part: Part, specs: dict[Spec, int]) -> list[tuple[dict[str, Any], list[Any]]]:
    """The calls with numbers in the place of layers; new layers get the next ones."""

    def number(spec: Spec) -> int:
        return specs.setdefault(spec, len(specs))

    return [
        (when, [number(s) if back == (1,) else [number(s), *back] for s, back in calls])
        for when, calls in part
    ]


# ---- the file ------------------------------------------------------------------------------------


def text(progress: Callable[[str], None] = lambda name: None) -> str:
    """The content of ``applications.json`` for the installed Keras."""
    from mtg.catalog import catalog

    lines = []
    for name in catalog().names("application"):
        progress(name)
        entry = json.dumps(describe(name), separators=(",", ":"))
        lines.append(f"{json.dumps(name)}:{entry}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: list[str]) -> int:
    """Write the file, or with ``--check`` compare it; the exit status is 1 where they differ."""
    return write(TARGET, text(lambda name: print(name, file=sys.stderr)), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
