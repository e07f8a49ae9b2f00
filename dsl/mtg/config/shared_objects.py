"""Which layers of a config are one object that stands in several places.

Keras gives an object that it saves twice one number, and then loses that of the first: a wrapper
copies the config of its layer before the second is met. So `TimeDistributed(enc)` beside `enc` has
a number at `enc` alone. What has the same class, name and settings as a numbered layer is that
layer: within a process Keras gives no name twice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

_ID = "shared_object_id"

#: What two records of one object may differ in.
_BESIDE = {_ID, "build_config", "compile_config", "inbound_nodes", "registered_name"}


def lost_numbers(config: Mapping[str, Any]) -> dict[int, int]:
    """Return the numbers of records that lost theirs, by the identity of the record."""
    numbered: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    bare: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for record in _layers(config):
        key = (str(record["class_name"]), str(record["config"]["name"]))
        (numbered if _ID in record else bare)[key].append(record)
    found: dict[int, int] = {}
    for key, records in numbered.items():
        signs = {_sign(record): record[_ID] for record in records if key in bare}
        for record in bare.get(key, ()):
            number = signs.get(_sign(record))
            if number is not None:
                found[id(record)] = number
    return found


def lost_names(config: Mapping[str, Any]) -> list[str]:
    """Return the names of layers of which a record lost its number, each once."""
    lost = lost_numbers(config)
    names = (str(each["config"]["name"]) for each in _layers(config) if id(each) in lost)
    return list(dict.fromkeys(names))


def _layers(config: object) -> Iterator[Mapping[str, Any]]:
    """Yield the records of layers and models, however deep."""
    stack = [config]
    while stack:
        data = stack.pop()
        if isinstance(data, dict):
            cls, inner = data.get("class_name"), data.get("config")
            named = isinstance(inner, dict) and isinstance(inner.get("name"), str)
            if isinstance(cls, str) and cls != "DTypePolicy" and named:
                yield data
            stack += data.values()
        elif isinstance(data, list):
            stack += data


def _sign(record: Mapping[str, Any]) -> str:
    return json.dumps(_bare(record), sort_keys=True, default=str)


def _bare(value: object) -> object:
    if isinstance(value, dict):
        # A layer of a model has its name twice, one in a wrapper once.
        own = {"name"} if "class_name" in value and "config" in value else set()
        return {k: _bare(v) for k, v in value.items() if k not in _BESIDE | own}
    return [_bare(item) for item in value] if isinstance(value, list) else value
