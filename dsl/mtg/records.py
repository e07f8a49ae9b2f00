"""Plain values that are cheap to declare: `frozen=True` is a third of what a dataclass costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

R = TypeVar("R")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[R]) -> type[R]:
    """Return a class as a dataclass with slots, equal by its fields, that is never written to.

    The type checker holds it to be frozen; at run time nothing does, since each frozen class adds
    to the start of `mtg check`. What users are given is a frozen dataclass.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
