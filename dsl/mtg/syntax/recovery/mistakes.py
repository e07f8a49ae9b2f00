"""Typical mistakes: what people of other languages write, and what slips when files are edited."""

from __future__ import annotations

from collections.abc import Callable

from mtg.syntax.recovery.annotations import find_annotation, find_missing_input
from mtg.syntax.recovery.arrows import (
    find_foreign_arrow,
    find_missing_arrow,
    find_slice_as_stage,
    find_spaced_arrow,
)
from mtg.syntax.recovery.context import ErrorContext, Mistake
from mtg.syntax.recovery.foreign_syntax import (
    find_dashed_name,
    find_else_if_among_declarations,
    find_foreign_comment,
    find_loop_statement,
    find_python_keyword,
    find_string_prefix,
    find_trailing_comma,
)
from mtg.syntax.recovery.imports import find_foreign_import
from mtg.syntax.recovery.incomplete import (
    find_incomplete_loop,
    find_missing_comma,
    find_missing_end,
    find_missing_name,
    find_unnamed_flow,
    find_wrong_block_head,
)
from mtg.syntax.recovery.misplaced import (
    find_declaration_after_return,
    find_misplaced_declaration,
    find_value_at_top,
)
from mtg.syntax.recovery.misspelled_keywords import find_missing_keyword, find_misspelled_keyword
from mtg.syntax.recovery.punctuation import find_incomplete_input, find_wrong_equals
from mtg.syntax.recovery.python_expressions import find_python_expression
from mtg.syntax.recovery.python_statements import find_python_statement

#: In this order: the first that sees something speaks.
_DETECTORS: tuple[Callable[[ErrorContext], Mistake | None], ...] = (
    find_foreign_arrow,
    find_spaced_arrow,
    find_string_prefix,
    find_python_keyword,
    find_else_if_among_declarations,
    find_python_statement,
    find_python_expression,
    find_dashed_name,
    find_annotation,
    find_missing_input,
    find_trailing_comma,
    find_value_at_top,
    find_loop_statement,
    find_misspelled_keyword,
    find_missing_arrow,
    find_slice_as_stage,
    find_missing_keyword,
    find_declaration_after_return,
    find_missing_end,
    find_foreign_comment,
    find_foreign_import,
    find_missing_name,
    find_incomplete_input,
    find_misplaced_declaration,
    find_wrong_block_head,
    find_wrong_equals,
    find_incomplete_loop,
    find_unnamed_flow,
    find_missing_comma,
)


def find_mistake(context: ErrorContext) -> Mistake | None:
    """Return the typical mistake that an error looks like, or None."""
    for find in _DETECTORS:
        mistake = find(context)
        if mistake is not None:
            return mistake
    return None
