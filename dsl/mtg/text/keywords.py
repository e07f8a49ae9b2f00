"""The keywords of the language, by what they do in a text."""

from __future__ import annotations

#: What begins a declaration at the top of a file.
ITEM_WORDS = frozenset({"model", "block", "from"})
#: What begins a declaration in a model or block; `let` and `dim` stand at the top as well.
STATEMENT_WORDS = frozenset({"input", "output", "shared", "train", "let", "dim", "return"})
#: What begins a declaration and is an ordinary name wherever none can begin.
CONTEXTUAL = frozenset(
    {"model", "block", "input", "output", "shared", "train", "let", "dim", "python"}
)
#: What has a meaning of its own somewhere.
RESERVED = frozenset(
    {
        *ITEM_WORDS,
        *STATEMENT_WORDS,
        *("import", "python", "repeat", "for", "in", "if", "else", "and", "or", "not"),
        *("True", "False", "None"),
    }
)
#: What stands between two values, or before one.
OPERATORS = frozenset(
    {
        *("+", "-", "*", "/", "//", "%", "**", "<", ">", "<=", ">=", "==", "!="),
        *("and", "or", "not", "in", "if", "else"),
    }
)
#: What a declaration does not end with: the next line goes on with it.
CONTINUES = OPERATORS | {"->", "=", ",", "(", "["}
#: What begins a comment in other languages.
COMMENTS = frozenset({"//", "/", "*", "-", "%", ";"})
