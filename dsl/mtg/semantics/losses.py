"""What is said of losses that are none of Keras: losses of PyTorch, metrics, several at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mtg.catalog import catalog
from mtg.semantics import hints
from mtg.syntax import ast
from mtg.text.diagnostics import Fix
from mtg.text.source import Span
from mtg.text.suggest import Suggestion


def loss_of(value: str, span: Span) -> Suggestion | None:
    """Return what a string says that is no loss of Keras, and no misspelling of one."""
    if value in hints.LOSSES:
        text = hints.LOSSES[value]
        quoted = span.text[:1] in ("'", '"')
        fix = Fix.replace(span, text, safe=False) if quoted else None
        return Suggestion(help=f"write `{text}`", fix=fix)
    if value in catalog().identifiers("metric"):
        return Suggestion(help=f'it is a metric: `metrics=["{value}"]`', fix=None)
    words = re.split(r"[+,&/ ]+", value)
    if len(words) > 1 and all(word in catalog().identifiers("loss") for word in words):
        return Suggestion(help=second_loss("NAME", words), fix=None)
    return None


def second_loss(name: str, losses: Sequence[object]) -> str:
    """Return the help for several losses on one output: each needs its own output."""
    rest = [loss for loss in losses[1:] if isinstance(loss, str)]
    shown = [f'`output {name}_{at}(loss="{loss}") = {name}`' for at, loss in enumerate(rest, 2)]
    more = " and ".join(shown) if shown and len(shown) == len(losses) - 1 else ""
    return f"an output has one loss; add {more or f'`output {name}_2(loss=…) = {name}`'}"


def written_out(*arguments: ast.Argument) -> list[Any]:
    """Return the values of arguments that are literals; None for others."""
    values = [argument.value for argument in arguments]
    return [value.value if isinstance(value, ast.LiteralExpr) else None for value in values]
