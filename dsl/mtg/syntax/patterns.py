"""Strings, comments and brackets as patterns, for those who look at a text without parsing it."""

from __future__ import annotations

import re

STRING = (
    r'"""(?:[^\\]|\\[\s\S])*?"""'
    r"|'''(?:[^\\]|\\[\s\S])*?'''"
    r'|"(?!"")(?:[^\\"\r\n]|\\.)*"'
    r"|'(?!'')(?:[^\\'\r\n]|\\.)*'"
)
#: A string that does not close, where no `STRING` matches: it takes the rest of its line, or of the
#: text. Nothing in it is tried again, which would take as many looks as its quotes are many.
OPEN_STRING = r'"""[\s\S]*|\'\'\'[\s\S]*|"[^\r\n]*|\'[^\r\n]*'
#: Comments, with the lines between them: a run of them is looked at once, not once for each line.
COMMENTS = r"(?:\#[^\r\n]*+\s*+)++"
#: The opening bracket of each closing one, and the other way round.
OPENER = {")": "(", "]": "[", "}": "{"}
CLOSER = {opening: closing for closing, opening in OPENER.items()}
#: Brackets, and what may hold some that count for nothing.
BRACKETS = re.compile(rf"{STRING}|(?P<open>{OPEN_STRING})|{COMMENTS}|[()\[\]{{}}]")
