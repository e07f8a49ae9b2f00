"""What is said of brackets and strings that do not close, and of brackets that close nothing."""

from __future__ import annotations

from mtg.syntax.patterns import CLOSER, OPENER
from mtg.syntax.recovery.nesting import DeclarationSpan, OpenBracket
from mtg.syntax.recovery.tokens import QUOTES, Token
from mtg.text.diagnostics import Diagnostics, Fix, Label
from mtg.text.source import Source, Span


class UnclosedReports:
    """Reports on one source.

    A declaration that is named in a report is skipped, and of a skipped one nothing more is said.
    """

    def __init__(self, source: Source, diagnostics: Diagnostics) -> None:
        self._source = source
        self._diagnostics = diagnostics

    def report_never_closed(
        self,
        bracket: Token,
        before: Token | None,
        declaration: DeclarationSpan | None,
        *,
        body_of: str = "",
    ) -> None:
        """Report a bracket that does not close before a token, or the end of the file.

        `body_of` is the keyword of the model or block whose body it begins.
        """
        closer = CLOSER[bracket.text]
        labels: tuple[Label, ...] = ()
        if before is not None and before.text in OPENER:
            labels = (Label(self._place(before), f"this `{before.text}` comes first"),)
        elif before is not None:
            labels = (Label(self._place(before), "the next declaration begins here"),)
        self._report(
            f"this `{bracket.text}` is never closed",
            self._place(bracket),
            declaration,
            label=f"`{closer}` is missing",
            labels=labels,
            help=f"end the {body_of} with `{closer}`" if body_of else "",
        )

    def report_wrong_closer(
        self, token: Token, opened: OpenBracket, declaration: DeclarationSpan | None
    ) -> None:
        """Report a closing bracket of another kind than the one that is open."""
        opening = opened.token
        closer = CLOSER[opening.text]
        self._report(
            f"expected `{closer}`, found `{token.text}`",
            self._place(token),
            declaration,
            label=f"expected `{closer}`",
            labels=(Label(self._place(opening), f"to close this `{opening.text}`"),),
            # Of a call it is the closing bracket that is wrong, of a list the opening one may be.
            fix=Fix.replace(
                self._place(token),
                closer,
                safe=opening.line == token.line
                and (self._source.text[opening.start - 1 : opening.start].isidentifier())
                == (opening.text == "("),
            ),
        )

    def report_missing_brace(self, head: DeclarationSpan, last: Token) -> None:
        """Report a head without a `{`, of which a token is the last."""
        word = head.token.text
        self._report(
            f"expected `{{` after this {word}",
            self._place(last),
            head,
            label="expected `{` instead of this" if last.text == ":" else "expected `{` after this",
            labels=(Label(self._place(head.token), f"this {word}"),)
            if last is not head.token
            else (),
            help=f"the body of a {word} is written between `{{` and `}}`",
        )

    def report_open_string(self, token: Token, declaration: DeclarationSpan | None) -> None:
        """Report a string without its closing quotes."""
        quotes = token.text[:3] if token.text[:3] in QUOTES else token.text[0]
        self._report(
            "this string is never closed",
            Span(self._source, token.start, token.start + len(quotes)),
            declaration,
            label="the string begins here",
            help=f"close it with `{quotes}`" + ("" if len(quotes) == 3 else " on the same line"),
        )

    def report_unmatched(self, unmatched: list[tuple[Token, DeclarationSpan | None]]) -> bool:
        """Report closing brackets that close nothing; return whether there are any."""
        for token, declaration in unmatched:
            self._report(
                f"unmatched `{token.text}`",
                self._place(token),
                declaration,
                label=f"no `{OPENER[token.text]}` before it is open",
                help="remove it",
                fix=Fix.replace(self._place(token), "", "remove it", safe=False),
            )
        return bool(unmatched)

    def _place(self, token: Token) -> Span:
        return Span(self._source, token.start, token.end)

    def _report(
        self,
        message: str,
        place: Span,
        declaration: DeclarationSpan | None,
        *,
        label: str,
        labels: tuple[Label, ...] = (),
        help: str = "",
        fix: Fix | None = None,
    ) -> None:
        if declaration is not None:
            if declaration.skipped:
                return
            declaration.skipped = True
        self._diagnostics.report(
            "MTG002", message, place, label=label, labels=labels, help=help, fix=fix
        )
