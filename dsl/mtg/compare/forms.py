"""What the canonical form of a model is made of, and which of it is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from mtg.graph.frozen import never_trained

#: A value in a canonical form.
PlainValue: TypeAlias = (
    "bool | int | float | complex | str | list[PlainValue] | dict[str, PlainValue] | None"
)

if TYPE_CHECKING:
    from typing import TypedDict

    class TensorForm(TypedDict):
        """One result of one call, by their numbers."""

        tensor: list[int]

    class LineForm(TypedDict, total=False):
        """One call: of an `op`, of the instance numbered `layer`, or a tensor of fixed numbers."""

        op: str
        layer: int
        numbers: PlainValue
        dtype: str
        args: list[PlainValue]
        kwargs: dict[str, PlainValue]

    InstanceForm = TypedDict(
        "InstanceForm",
        {
            "class": str,
            "arguments": dict[str, PlainValue],
            "positional": list[PlainValue],
            "trainable": bool,
            "model": "ModelForm",
        },
        total=False,
    )

    class ModelForm(TypedDict, total=False):
        """A model: its instances, and its calls, which name each other by their numbers."""

        inputs: list[int]
        outputs: list[TensorForm]
        layers: list[InstanceForm]
        calls: list[LineForm]
        names: list[list[str]]
        tasks: list[dict[str, PlainValue]]
        compile: dict[str, PlainValue]


def freeze_form(model: ModelForm) -> None:
    """Train nothing of a model in its canonical form; in place."""
    for layer in model["layers"]:
        if "model" in layer:
            freeze_form(layer["model"])
        if _owns(layer):
            layer["trainable"] = False


def is_frozen_form(model: ModelForm) -> bool:
    """Return whether nothing trainable of a model in its canonical form is trained."""
    owners = [layer for layer in model["layers"] if _owns(layer)]
    return bool(owners) and all(layer.get("trainable") is False for layer in owners)


def _owns(layer: InstanceForm) -> bool:
    """Return whether an instance in a canonical form may have weights of its own, or is a model."""
    if layer["class"] == "Input" or never_trained(layer["class"]):
        return False
    return "model" in layer or not any(map(_holds_instance, layer.get("arguments", {}).values()))


def _holds_instance(value: PlainValue) -> bool:
    if isinstance(value, dict):
        return set(value) == {"instance"} or any(map(_holds_instance, value.values()))
    return isinstance(value, list) and any(map(_holds_instance, value))
