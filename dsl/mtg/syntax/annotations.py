"""Annotations, as Python writes them: `h: float32[16] = …`, `width: int = 3`, `-> Tensor`."""

from __future__ import annotations

import re

from mtg.syntax.tokens import Token
from mtg.syntax.unexpected import FORMS, Said, Scene

_TYPE = r"[^\W\d][\w.]*(?:[ \t]*\[[^\[\](){}=\r\n]*\])?"
_TYPES = rf"{_TYPE}(?:[ \t]*\|[ \t]*{_TYPE})*|\"[^\"\r\n]*\"|'[^'\r\n]*'"
_ANNOTATION = re.compile(rf":[ \t]*(?:{_TYPES})(?=\s*(=(?!=)|,|\)|->))")
_RESULT = re.compile(rf"->[ \t]*{_TYPE}(?=\s*\{{)")


def annotation(scene: Scene) -> Said | None:
    """What is said of a name: in mtg an input has a dtype and lengths, and nothing else has."""
    here, before = scene.here, scene.before
    text = scene.structure.source.text
    if here.text == "->" and before.text == ")" and scene.word in ("model", "block"):
        found = _RESULT.match(text, here.start)
        return _said(scene, found) if found is not None else None
    found = _ANNOTATION.match(text, here.start) if here.text == ":" else None
    if found is None or scene.word == "input":
        return None
    follows = found[1]
    if "ASSIGN" in scene.fault.expected and scene.word in ("output", "shared", "let", ""):
        return _said(scene, found) if follows == "=" else None
    opening, _ = scene.around()
    if scene.word in ("model", "block"):
        inside = opening is not None and opening.text == "("
        return _said(scene, found) if inside or follows == "->" else None
    # `f(units: int = 3)`; of `f(units: n)` it is `=` that is meant.
    inside = opening is not None and opening.text == "(" and before.kind == "word"
    return _said(scene, found) if inside and follows == "=" else None


_DTYPE = r"(?:(?:b?float|u?int|complex)\d+|bool|string)"
_INPUT = re.compile(rf":[ \t]*{_DTYPE}[ \t]*\[[^\[\]{{}}=\r\n]*\](?!\s*(?:=|->|\[))")


def forgotten_input(scene: Scene) -> Said | None:
    """`x: float32[8]` without its word."""
    here, before = scene.here, scene.before
    if here.text != ":" or scene.word or not before.first or "ASSIGN" not in scene.fault.expected:
        return None
    if _INPUT.match(scene.structure.source.text, here.start) is None:
        return None
    return Said(
        f"`input` is missing before `{before.text}`",
        before,
        before,
        help=FORMS["input"],
        edits=((before.start, before.start, "input "),),
    )


def _said(scene: Scene, found: re.Match[str]) -> Said:
    token = Token("sign", found[0], found.start(), scene.here.line, 0, False)
    return Said(
        "mtg has no annotations: what a name stands for follows from its value",
        token,
        token,
        "only an `input` has a dtype and lengths",
        f"remove `{found[0]}`",
        edits=((scene.before.end, found.end(), ""),),
    )
