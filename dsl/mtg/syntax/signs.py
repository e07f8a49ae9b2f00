"""Signs that stand for another: `=` for `:`, `:` for `=`, round brackets for square ones."""

from __future__ import annotations

import re

from mtg.syntax.tokens import Token
from mtg.syntax.unexpected import FORMS, Said, Scene


def inputs(scene: Scene) -> Said | None:
    """The parts of an input that are missing, or stand in other brackets."""
    if scene.word != "input" or scene.stretch is None:
        return None
    opening, _ = scene.around()
    if opening is not None and opening.start > scene.stretch.token.start:
        return None
    here, before, expected = scene.here, scene.before, scene.fault.expected
    first = scene.structure.index(scene.stretch.token.start)
    name = scene.structure.tokens[first + 1].text if scene.index > first + 1 else "NAME"
    form = FORMS["input"]
    if expected & {"COLON"} and "ARROW" not in expected:
        if here.text == "=":
            edits = ((before.end, here.end, ":"),)
            return Said("a `:` follows the name of an input", here, here, help=form, edits=edits)
        if scene.cut_short:
            return Said(f"the input `{name}` has no dtype and lengths", before, before, help=form)
        return Said(
            "a `:` is missing after the name of the input",
            before,
            before,
            "expected `:` after this",
            form,
            edits=((before.end, before.end, ":"),) if here.kind == "word" else (),
        )
    if before.text == ":":
        return Said("the dtype is missing after `:`", before, before, help=form)
    if "LSQB" in expected and before.kind == "word":
        if here.text == "(":
            return Said(
                "the lengths of an input stand in square brackets",
                here,
                here,
                help=f"write `{before.text}[…]`",
                edits=_square(scene),
            )
        if (
            here.text == "."
            and before.text in _MODULES
            and len(scene.structure.tokens) > scene.index + 2
        ):
            tokens, last = scene.structure.tokens, scene.index + 1
            while tokens[last + 1].text == "." and last + 2 < len(tokens) - 1:
                last += 2  # `jax.numpy.float32`
            word = tokens[last]
            meant = _TYPE.match(scene.structure.source.text, word.start)
            return Said(
                "a dtype stands alone, without a module before it",
                before,
                here,
                help=f"write `{meant[0] if meant else word.text}`",
                edits=((before.start, word.start, ""),),
            )
        return Said(
            "the lengths of the input are missing",
            before,
            before,
            f"expected `[` after `{before.text}`",
            f"write `{before.text}[…]`; for single numbers `{before.text}[1]`",
            edits=((before.end, before.end, "[1]"),),
            safe=False,
        )
    return None


#: Where Python has its dtypes.
_MODULES = {"torch", "tf", "tensorflow", "np", "numpy", "jnp", "jax", "keras", "mx", "ml_dtypes"}
_TYPE = re.compile(r"\w+\[[^\[\]{}#\r\n]*\]")
_LENGTHS = re.compile(r"\(([^()\[\]{}#\r\n]*)\)")


def _square(scene: Scene) -> tuple[tuple[int, int, str], ...]:
    """The edit that puts lengths into square brackets, where they are written in one line."""
    lengths = _LENGTHS.match(scene.structure.source.text, scene.here.start)
    if lengths is None:
        return ()
    return ((scene.here.start, lengths.end(), f"[{lengths[1].rstrip(' ,')}]"),)


def equals(scene: Scene) -> Said | None:
    """`=` for `==` or `:`, and `:` for `=`."""
    here, before, expected = scene.here, scene.before, scene.fault.expected
    opening, callee = scene.around()
    if here.text == ":" and opening is not None and opening.text == "(" and before.kind == "word":
        if callee is not None and callee.kind == "word":
            return Said(
                "`=` stands between the name of an argument and its value",
                here,
                here,
                help=f"write `{before.text}=…`",
                edits=((before.end, _blanks_after(scene, here), "="),),
            )
    elif here.text == ":" and before.kind in ("word", "sign"):
        if scene.word in ("model", "block", "") and scene.fault.expected & {"LBRACE"}:
            what = scene.word or "this"
            return Said(
                "what belongs together stands between braces",
                here,
                here,
                help=FORMS.get(what, "write `{` and `}`"),
            )
        if scene.word in ("output", "shared", "let", "") and "ASSIGN" in expected:
            edits = ((before.end, here.end, " ="),)
            help = FORMS[scene.word]
            return Said("`=` follows the name, not `:`", here, here, help=help, edits=edits)
    if scene.fault.kind == "ASSIGN":
        if opening is not None and opening.text == "{" and "COLON" in expected:
            return Said(
                "`:` stands between the key and the value of a dict",
                here,
                here,
                help="write `:`",
                edits=((here.start, here.end, ":"),),
            )
        if before.text in ("+", "-", "*", "/") and before.end == here.start:
            return Said(
                "a name has one value, which does not change",
                before,
                here,
                help="declare another name",
            )
        if "EQUAL" in expected:
            return _second_equals(scene)
    if here.text in ("+", "-", "*", "/") and scene.after.text == "=" and "ASSIGN" in expected:
        return Said(
            "a name has one value, which does not change",
            here,
            scene.after,
            help="declare another name",
        )
    return None


def _second_equals(scene: Scene) -> Said:
    """`if n = 3 { … }`, and `a = b = …` of Python: an equals sign after what may be compared."""
    here, tokens = scene.here, scene.structure.tokens
    opening, _ = scene.around()
    for token in reversed(tokens[max(0, scene.index - 30) : scene.index]):
        if token.text == "if":
            return Said(
                "`=` gives a name; it does not compare",
                here,
                here,
                help="write `==` to compare",
                edits=((here.start, here.end, "=="),),
            )
        if token.text in ("=", "{", "}", "->"):
            break
    if opening is not None and opening.text != "{":
        help = "write `==` to compare"
        return Said("`=` gives a name; it does not compare", here, here, help=help)
    return Said(
        "a declaration has one name and one `=`",
        here,
        here,
        help="declare the other name by itself: `a = …`, then `b = a`",
    )


def _blanks_after(scene: Scene, token: Token) -> int:
    """The end of a token and of the blanks after it."""
    text, end = scene.structure.source.text, token.end
    while end < len(text) and text[end] in " \t":
        end += 1
    return end
