"""Which bracket closes which in a text that does not parse, and which declaration they stand in.

A parser reads on after an open `(` until nothing fits; people see by the next declaration, and by
how far a `}` is indented, which bracket is the one that was forgotten. So does this file: it says
what does not close, and goes on as if that had closed there.
"""

from __future__ import annotations

from mtg.syntax.patterns import BRACKETS, CLOSER, OPENER
from mtg.syntax.recovery.declaration_starts import find_start, has_indented_body
from mtg.syntax.recovery.nesting import DeclarationSpan, Nesting, OpenBracket
from mtg.syntax.recovery.structure import Structure
from mtg.syntax.recovery.tokens import QUOTES, Token, scan
from mtg.syntax.recovery.unclosed import UnclosedReports
from mtg.text.diagnostics import Diagnostics
from mtg.text.keywords import COMMENTS, ITEM_WORDS
from mtg.text.source import Source


def match_brackets(source: Source, diagnostics: Diagnostics) -> Structure:
    """Return the structure of a source; report what does not close.

    Closing brackets that close nothing are not: the parser may say more of them. They are in
    `unmatched` of the result.
    """
    tokens, comments = scan(source.text)
    structure = Structure(source, tokens)
    for start, end in comments:
        structure.blank(start, end)
    _Matching(structure, UnclosedReports(source, diagnostics)).run()
    return structure


class _Matching:
    """One pass over the tokens of a text, with what is open."""

    def __init__(self, structure: Structure, unclosed: UnclosedReports) -> None:
        self._structure = structure
        self._nesting = Nesting(structure.declarations)
        self._unclosed = unclosed
        self._balanced = _all_close(structure.source.text)

    def run(self) -> None:
        """Go through the tokens."""
        line_column, line_start = 0, ""
        tokens = self._structure.tokens
        for index, token in enumerate(tokens):
            if token.first:
                line_column, line_start = token.column, token.text
            if kind := find_start(tokens, index, self._nesting):
                self._begin(index, kind)
            if token.kind == "open_string":
                if line_start in COMMENTS and token.text[0] == "'":
                    # An apostrophe in what is meant to be a comment.
                    self._structure.blank(token.start, token.end)
                elif self._open_string(token):
                    break
            elif token.text in CLOSER:
                self._nesting.push(token, line_column)
            elif token.text in OPENER:
                self._close(token, index)
        self._finish()

    def _open_string(self, token: Token) -> bool:
        """Report a string that does not close; return whether it takes the rest of the file."""
        takes_rest = token.text[:3] in QUOTES
        if takes_rest or self._nesting.last is None:
            self._structure.blank(token.start, token.end)
        self._unclosed.report_open_string(token, self._nesting.last)
        return takes_rest

    # Declarations

    def _begin(self, index: int, kind: str) -> None:
        """Begin a declaration: whatever is open and cannot be, does not close."""
        nesting = self._nesting
        token = self._structure.tokens[index]
        before = self._structure.tokens[index - 1].text if index else ""
        inside, body = nesting.inside(), nesting.body()
        last = nesting.last
        if last is not None and last.indented and token.column > last.token.column:
            return  # it stands in the body of a loop of Python
        if inside:
            start = nesting.last.token.column if nesting.last else 0
            outside = token.column <= start
            if kind == "name" and (not outside or before in (",", "(")):
                return
            if inside[-1].token.text == "{" and not outside:
                if token.column <= inside[-1].line_column and token.first and not self._balanced:
                    # In the body of a loop, at the end of a flow whose stages do not close.
                    self._give_up(inside[-1:], token)
                return
            if not token.first:
                return
            self._give_up(inside, token)
        if nesting.head is not None and kind != "item" and body is None:
            self._report_missing_brace(nesting.head, index)
        if body is not None and (
            token.column <= body.line_column
            and token.first
            and (
                kind == "item"
                or (token.text in ("let", "dim") and 0 <= body.line_column < body.inner_column)
            )
        ):
            self._report(body, token)
            self._structure.replace(token.start - 1, "}")
            nesting.end_body(token.start)
            nesting.stack.clear()
        elif body is not None and body.inner_column < 0:
            body.inner_column = token.column
        nesting.end_declaration(token.start)
        is_head = kind == "item" and token.text not in ("from", "import")
        size = len(self._structure.source.text)
        indented = not is_head and has_indented_body(self._structure.tokens, index)
        nesting.declarations.append(DeclarationSpan(token, size, size, is_head, indented=indented))
        nesting.head = nesting.last if is_head else nesting.head if kind == "keyword" else None

    def _report_missing_brace(self, head: DeclarationSpan, index: int) -> None:
        """Report a head that has no `{` before a declaration, and go on as if it had one."""
        last = self._structure.tokens[index - 1]
        while last.line > head.token.line:
            index -= 1
            last = self._structure.tokens[index - 1]
        self._unclosed.report_missing_brace(head, last)
        self._nesting.stack.append(OpenBracket(last, head.token.column, head, True))
        self._nesting.head = None

    # Brackets

    def _close(self, token: Token, index: int) -> None:
        nesting = self._nesting
        inside, body = nesting.inside(), nesting.body()
        if (
            token.text == "}"
            and not self._balanced
            and token.first
            and body is not None
            and inside
            and inside[-1].token.text == "{"
            and token.column == body.line_column < inside[-1].line_column
        ):
            # A `}` below the word `model` is meant to close the model.
            self._give_up(inside, token)
            inside = []
        wanted = OPENER[token.text]
        at = next((i for i in reversed(range(len(inside))) if inside[i].token.text == wanted), None)
        if at is not None:
            if at < len(inside) - 1:
                self._give_up(inside[at + 1 :], token, closes=True)
            nesting.stack.pop()
        elif (
            token.text == "}"
            and not self._balanced
            and body is not None
            and not inside
            and not token.first
            and token.line != body.token.line
            and not self._is_last(index, body)
        ):
            # At the end of a line it closes no model, but what has no `{`: the parser will say so.
            self._note_unmatched(token)
        elif (
            token.text == "}"
            and inside
            and body is not None
            and not token.first
            and token.line != body.token.line
            and not self._is_last(index, body)
        ):
            self._unclosed.report_wrong_closer(token, inside[-1], inside[-1].declaration)
            nesting.stack.pop()
        elif (
            token.text != "}"
            and not inside
            and body is not None
            and body.token.text == "{"
            and token.first
            and token.column == body.line_column
        ):
            # A `)` below the word `model` is meant to close the model.
            self._unclosed.report_wrong_closer(token, body, None)
            self._structure.replace(token.start, "}")
            self._close_body(token)
        elif token.text == "}" and body is not None:
            if inside:
                self._give_up(inside, token)
            self._close_body(token)
        elif inside and token.text != "}":
            self._unclosed.report_wrong_closer(token, inside[-1], inside[-1].declaration)
            if inside[-1].token.text != "{":
                nesting.stack.pop()
        elif inside:
            self._give_up(inside, token)
        else:
            self._note_unmatched(token)

    def _is_last(self, index: int, body: OpenBracket) -> bool:
        """Return whether a token is the last of the body.

        The file ends after it, or an item begins. A `}` there ends the body, though it stands
        behind a declaration, on its line.
        """
        tokens = self._structure.tokens
        if index + 1 == len(tokens):
            return True
        after = tokens[index + 1]
        return (
            after.first
            and after.column <= body.line_column
            and (
                after.text in {*ITEM_WORDS, "import"}
                or (after.text in ("let", "dim") and body.line_column < body.inner_column)
            )
        )

    def _close_body(self, token: Token) -> None:
        self._nesting.end_declaration(token.start)
        self._nesting.end_body(token.end)
        self._nesting.stack.pop()

    def _note_unmatched(self, token: Token) -> None:
        self._structure.blank(token.start, token.end)
        self._structure.unmatched.append((token, self._nesting.last))

    def _give_up(
        self, opens: list[OpenBracket], token: Token | None, *, closes: bool = False
    ) -> None:
        """Report the innermost of some brackets that do not close, and forget all of them.

        `closes` says that the bracket around them does.
        """
        self._report(opens[-1], token, closes=closes)
        nesting, head = self._nesting, opens[0].declaration
        begins = head is not None and head is nesting.head and opens[-1].token.text == "{"
        if head is not None and begins and not closes:
            # The `{` of a head whose parentheses do not close begins the body all the same.
            opens[-1].is_body = True
            head.body = opens[-1].token.start
            nesting.stack[-len(opens) :] = [opens[-1]]
            nesting.head = None
        else:
            del nesting.stack[-len(opens) :]

    def _report(self, opened: OpenBracket, token: Token | None, *, closes: bool = False) -> None:
        """Report a bracket that does not close before a token, or the end of the file."""
        bracket, declaration = opened.token, opened.declaration
        if opened.is_body:
            if declaration is None or not declaration.skipped:
                word = "" if declaration is None else declaration.token.text
                self._unclosed.report_never_closed(bracket, token, None, body_of=word)
            return
        of_head = declaration is not None and declaration is self._nesting.head
        if bracket.text == "{" and of_head and not closes:
            # Of a head it is the parenthesis before the `{` that does not close.
            outermost = self._nesting.inside()[0].token
            bracket = outermost if outermost.text == "(" else bracket
        self._unclosed.report_never_closed(bracket, token, declaration)

    def _finish(self) -> None:
        """End the file: what is open does not close."""
        nesting, size = self._nesting, len(self._structure.source.text)
        inside, body = nesting.inside(), nesting.body()
        if inside:
            self._give_up(inside, None)
        elif body is not None and nesting.last is not None and not nesting.last.skipped:
            self._report(body, None)
        while (body := nesting.body()) is not None:
            nesting.end_body(size)
            self._structure.closed_early.append(body.declaration)
            nesting.stack.pop()


def _all_close(text: str) -> bool:
    """Return whether every bracket and string of the text closes."""
    open_: list[str] = []
    for match in BRACKETS.finditer(text):
        token = match[0]
        if token in CLOSER:
            open_.append(token)
        elif token in OPENER:
            if not open_ or open_.pop() != OPENER[token]:
                return False
        elif match.lastgroup == "open":
            return False
    return not open_
