"""Where a declaration seems to begin, in text that does not parse.

A parser meets the consequence far from the cause: an open `(` swallows the declarations after it
and is missed at the `}` of the model. People see at once where a declaration begins, by its
keyword, by its line and by the `=` after its name; so does this file.
"""

from __future__ import annotations

from mtg.syntax.patterns import CLOSER, OPENER
from mtg.syntax.recovery.nesting import Nesting
from mtg.syntax.recovery.tokens import Token
from mtg.text.keywords import CONTINUES, ITEM_WORDS, STATEMENT_WORDS

#: How many tokens are looked at for a list of names, for the end of a line, and backwards, so that
#: the time stays in proportion to the text.
_NAMES, _LINE, _BACK = 40, 400, 200
#: What begins a loop or a choice among declarations, in mtg or in Python.
_LOOPS = frozenset({"for", "when", "if", "while", "with", "try"})
#: What goes on with the statement of Python before it.
_GOES_ON = frozenset({"else", "elif", "except", "finally"})


def find_start(tokens: list[Token], index: int, nesting: Nesting) -> str:
    """Return `item`, `keyword` or `name` where a declaration begins with a token; else nothing.

    An item is a model, a block or an import; the others begin with a keyword, or with the name that
    they give.
    """
    token = tokens[index]
    if token.kind != "word":
        return "item" if token.text == "(" and _looks_like_head(tokens, index, nesting) else ""
    before = tokens[index - 1].text if index else ""
    opens_body = before in ("{", "}", ";", "") and not (
        nesting.stack and not nesting.stack[-1].is_body
    )
    if not token.first and not opens_body:
        return ""
    after = tokens[index + 1].text if index + 1 < len(tokens) else ""
    if token.text == "import" and token.first and _imports(tokens, index, nesting):
        return "item"
    if token.text in ITEM_WORDS and after not in ("=", "->", ":", ",", "."):
        return "item"
    if token.text in STATEMENT_WORDS and after not in ("=", "->", ",", ")", "]"):
        return "keyword"
    if _begins_loop(tokens, index, nesting):
        return "keyword"
    if token.text in _GOES_ON:
        return ""
    if _looks_like_head(tokens, index, nesting):
        return "item"
    return _begins_with_name(tokens, index, nesting, before)


def _begins_loop(tokens: list[Token], index: int, nesting: Nesting) -> bool:
    """Return whether a loop or a choice among declarations begins, with all of its body."""
    token = tokens[index]
    if token.text not in _LOOPS or not token.first or nesting.inside():
        return False
    if nesting.body() is None and nesting.head is None:
        return False
    if index == 0 or tokens[index - 1].text in CONTINUES or index + 1 == len(tokens):
        return False
    last = nesting.last
    if last is not None and not last.is_head and token.column > last.token.column:
        return False
    after = tokens[index + 1]
    return after.kind in ("word", "number", "string") or after.text in ("(", "[", "-", ":")


def has_indented_body(tokens: list[Token], index: int) -> bool:
    """Return whether the statement that begins with a token has its body after a colon."""
    if tokens[index].text not in _LOOPS | _GOES_ON | {"def", "class"}:
        return False
    last = tokens[index]
    for token in tokens[index + 1 : index + _LINE]:
        if token.first:
            break
        last = token
    return last.text == ":"


def _begins_with_name(tokens: list[Token], index: int, nesting: Nesting, before: str) -> str:
    """Return `name` where a declaration that has no keyword begins, or what is meant to be one."""
    token = tokens[index]
    if before == "," and not nesting.inside():
        return ""  # the list that it ends goes on
    names = tokens[index : index + _NAMES]
    if len(names) > 2 and before not in CONTINUES and not nesting.inside():
        # `x: …`, `x -> …` and `x += …` are meant to be declarations, and are none.
        second = names[1].text
        if second == "->" and _awaits_flow(tokens, index, nesting):
            return ""
        beside = names[1].kind == "word" and not names[1].first
        if token.first and beside and nesting.body() is not None and second not in CONTINUES:
            return "name"  # perhaps a misspelled keyword, as in `inptu x: …`
        if second in (":", "->") or (second in ("+", "-", "*", "/") and names[2].text == "="):
            return "name"
    for name, following in zip(names[::2], names[1::2], strict=False):
        if name.kind != "word" or following.text not in (",", "="):
            return ""
        if following.text == "=":
            return "name"
    return ""


def _imports(tokens: list[Token], index: int, nesting: Nesting) -> bool:
    """Return whether an `import` at the top of a file begins a declaration, as in Python.

    It does where no `from` before it awaits its `import`.
    """
    if nesting.stack or nesting.head is not None:
        return False
    for before in reversed(tokens[max(0, index - _BACK) : index]):
        if before.text in ("import", "from"):
            return before.text == "import"
    return True


def _looks_like_head(tokens: list[Token], index: int, nesting: Nesting) -> bool:
    """Return whether a line at the top of a file ends with `{`, as only models and blocks do."""
    token = tokens[index]
    if not token.first or nesting.stack or nesting.head is not None:
        return False
    last, depth = token, (token.text in CLOSER) - (token.text in OPENER)
    for other in tokens[index + 1 : index + _LINE]:
        if other.first:
            break
        last = other
        if other.text == "=" and depth == 0:
            return False
        depth += (other.text in CLOSER) - (other.text in OPENER)
    return last.text == "{"


def _awaits_flow(tokens: list[Token], index: int, nesting: Nesting) -> bool:
    """Return whether the declaration before a token has no `=` yet, so that a flow begins."""
    if nesting.last is None or nesting.last.token.text not in ("output", "shared"):
        return False
    begin = nesting.last.token
    depth = 0
    for token in reversed(tokens[max(0, index - _BACK) : index]):
        if token.text in OPENER:
            depth += 1
        elif token.text in CLOSER:
            depth -= 1
        elif token.text == "=" and not depth:
            return False
        if token is begin:
            return True
    return False
