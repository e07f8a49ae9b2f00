"""What stands for the files that a program names: words, a private copy, a whole path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from mtg.files import CannotRead
from mtg.named_files import Named, copy_of_weights, is_address, to_write, words
from mtg.refusal import Refusal
from mtg.text.source import Span
from mtg.trust import named_files, special_words, trusted, with_defaults
from mtg.weight_files import SUFFIXES, check_sizes, unpacked


class Scratch:
    """A folder for copies while a model is built, made when the first is."""

    def __init__(self) -> None:
        self._made: TemporaryDirectory[str] | None = None

    def __enter__(self) -> Scratch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._made is not None:
            self._made.cleanup()
            self._made = None

    @property
    def folder(self) -> Path:
        if self._made is None:
            self._made = TemporaryDirectory(prefix="mtg-")
        return Path(self._made.name)


class FileRefused(Exception):
    """A file is not handed over: why, and where the program names it."""

    def __init__(self, refusal: Refusal, span: Span) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.span = span


def with_files(
    kind: str,
    cls: str,
    arguments: Mapping[str, Any],
    spans: Mapping[str, Span],
    span: Span,
    trust: bool = False,
    scratch: Scratch | None = None,
) -> Mapping[str, Any]:
    """Return arguments of a layer or an object, with what stands for the files that they name.

    Raises:
        Refused: One may not be read, or is not there.
    """
    found: dict[str, Any] = {}
    for name, value in with_defaults(kind, cls, arguments).items():
        place = spans.get(name, span)
        for named in named_files(kind, cls, name, value, place, trust):
            try:
                made = _made(named, scratch or Scratch(), special_words(cls, arguments))
            except Refusal as refusal:
                raise FileRefused(refusal, place) from None
            if named.path == value:  # a dict of paths stays as it is
                found[name] = made
    return {**arguments, **found} if found else arguments


def _made(named: Named, scratch: Scratch, special: tuple[Any, ...]) -> Any:
    how = named.reach.how
    if how not in ("words", "weights"):
        return to_write(named)
    safe = trusted(named.span, named.trust)
    if safe and is_address(named.path):
        return named.path  # Keras, or TensorFlow, knows how to read it
    if how == "words":
        return words(named, special)
    copy = copy_of_weights(named, scratch.folder)
    if not safe:
        _check_weights(Path(copy), named)
    return copy


def _check_weights(copy: Path, named: Named) -> None:
    """Look through a file of weights before Keras reads it.

    Raises:
        Refusal: It claims more than it stores, leads to other files, or is damaged.
    """
    try:
        if copy.name.endswith(SUFFIXES):
            with unpacked(copy) as files:
                check_sizes(files.weights, 0)
        else:
            check_sizes(copy, 0)
    except CannotRead as error:
        raise Refusal("MTG641", f"{named.what} cannot be read: {error}") from None
