"""What is said of brackets and strings that do not close, and of brackets that close nothing."""

from __future__ import annotations

from mtg.syntax.brackets import CLOSER, CLOSES
from mtg.syntax.nesting import Open, Stretch
from mtg.syntax.tokens import QUOTES, Token
from mtg.text.diagnostics import Diagnostics, Fix, Label
from mtg.text.source import Source, Span


class Unclosed:
    """Reports on one source. A declaration that is named in a report is spoiled by it, and of a
    spoiled one nothing more is said."""

    def __init__(self, source: Source, diagnostics: Diagnostics) -> None:
        self._source = source
        self._diagnostics = diagnostics

    def never_closed(
        self, bracket: Token, before: Token | None, stretch: Stretch | None, *, body_of: str = ""
    ) -> None:
        """A bracket that does not close before a token, or the end of the file.

        `body_of` is the word of the model or block whose body it begins.
        """
        closer = CLOSER[bracket.text]
        labels: tuple[Label, ...] = ()
        if before is not None and before.text in CLOSES:
            labels = (Label(self._place(before), f"this `{before.text}` comes first"),)
        elif before is not None:
            labels = (Label(self._place(before), "the next declaration begins here"),)
        self._report(
            f"this `{bracket.text}` is never closed",
            self._place(bracket),
            stretch,
            label=f"`{closer}` is missing",
            labels=labels,
            help=f"end the {body_of} with `{closer}`" if body_of else "",
        )

    def wrong_closer(self, token: Token, opened: Open, stretch: Stretch | None) -> None:
        """A closing bracket of another sort than the one that is open."""
        opening = opened.token
        closer = CLOSER[opening.text]
        self._report(
            f"`{token.text}` stands where `{closer}` is expected",
            self._place(token),
            stretch,
            label=f"expected `{closer}`",
            labels=(Label(self._place(opening), f"this `{opening.text}` is open"),),
            # Of a call it is the closing bracket that is wrong, of a list the opening one may be.
            fix=Fix.replace(
                self._place(token),
                closer,
                safe=opening.line == token.line
                and (self._source.text[opening.start - 1 : opening.start].isidentifier())
                == (opening.text == "("),
            ),
        )

    def no_brace(self, head: Stretch, last: Token) -> None:
        """A head without a `{`, of which a token is the last."""
        word = head.token.text
        self._report(
            f"the `{{` of this {word} is missing",
            self._place(last),
            head,
            label="expected `{` instead of this" if last.text == ":" else "expected `{` after this",
            labels=(Label(self._place(head.token), f"this {word}"),)
            if last is not head.token
            else (),
            help=f"the declarations of a {word} stand between `{{` and `}}`",
        )

    def string(self, token: Token, stretch: Stretch | None) -> None:
        """A string without its closing quotes."""
        quotes = token.text[:3] if token.text[:3] in QUOTES else token.text[0]
        self._report(
            "this string is never closed",
            Span(self._source, token.start, token.start + len(quotes)),
            stretch,
            label="the string begins here",
            help=f"close it with `{quotes}`" + ("" if len(quotes) == 3 else " on the same line"),
        )

    def strays(self, strays: list[tuple[Token, Stretch | None]]) -> bool:
        """Closing brackets that close nothing; gives whether there are any."""
        for token, stretch in strays:
            self._report(
                f"this `{token.text}` closes nothing",
                self._place(token),
                stretch,
                label=f"no `{CLOSES[token.text]}` is open here",
                help="remove it",
                fix=Fix.replace(self._place(token), "", "remove it", safe=False),
            )
        return bool(strays)

    def _place(self, token: Token) -> Span:
        return Span(self._source, token.start, token.end)

    def _report(
        self,
        message: str,
        place: Span,
        stretch: Stretch | None,
        *,
        label: str,
        labels: tuple[Label, ...] = (),
        help: str = "",
        fix: Fix | None = None,
    ) -> None:
        if stretch is not None:
            if stretch.spoiled:
                return
            stretch.spoiled = True
        self._diagnostics.report(
            "MTG002", message, place, label=label, labels=labels, help=help, fix=fix
        )
