"""The outline of a text that does not parse: its declarations, and the brackets that do not close.

A parser meets the consequence far from the cause: an open `(` swallows the declarations after it
and is missed at the `}` of the model. People see at once where a declaration begins, by its word
and by its indentation; so does this file. It also says which stretch of text one fault spoils, so
that the rest can still be parsed.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from mtg.syntax.brackets import CLOSER, CLOSES, balanced
from mtg.syntax.tokens import Token, read
from mtg.syntax.words import COMMENTS, CONTINUES, ITEM_WORDS, STATEMENT_WORDS
from mtg.text.diagnostics import Diagnostics, Fix, Label
from mtg.text.source import Source, Span


@dataclass(slots=True, eq=False)
class Stretch:
    """A declaration, or the head of a model or block, from its first token to what follows it.

    For a head, `whole_end` is where the whole model or block ends, and `body` where its `{` stands.
    """

    token: Token
    end: int
    whole_end: int
    is_head: bool
    spoiled: bool = False
    body: int = -1


@dataclass(slots=True, eq=False)
class _Open:
    token: Token
    line_column: int  # the column of the first token of its line
    stretch: Stretch | None
    is_body: bool
    #: The column of the first declaration of a body.
    inner_column: int = -1


class Structure:
    """The outline of one source; making it reports what does not close."""

    def __init__(self, source: Source, diagnostics: Diagnostics) -> None:
        self.source = source
        self.tokens: list[Token] = []
        self.stretches: list[Stretch] = []
        self._diagnostics = diagnostics
        self._balanced = balanced(source.text)
        self._text = list(source.text)  # what is to be parsed, at the same offsets
        self._stack: list[_Open] = []
        self._head: Stretch | None = None  # a head whose body has not begun
        self._strays: list[tuple[Token, Stretch | None]] = []
        self._closed_early: list[Stretch | None] = []
        self._read_tokens()
        self._walk()
        self._starts = [token.start for token in self.tokens]
        #: Words of the language that the text uses as names, and that have been reported.
        self.reserved: set[str] = set()

    # What the parser needs

    def text(self) -> str:
        """The text to parse: comments and spoiled stretches are blank, missing braces are there."""
        for stretch in self.stretches:
            if stretch.spoiled and self._stands_in(stretch):
                head = self._stands_in(stretch).ljust(stretch.body - stretch.token.start)
                self._text[stretch.token.start : stretch.body] = head
            elif stretch.spoiled:
                end = stretch.whole_end if stretch.is_head else stretch.end
                for at in range(stretch.token.start, end):
                    if self._text[at] not in "\r\n":
                        self._text[at] = " "
        missing = [
            one
            for one in self._closed_early
            if one is None or not one.spoiled or self._stands_in(one)
        ]
        return "".join(self._text) + "}" * len(missing)

    def lost(self) -> list[tuple[int, str]]:
        """The texts that are not parsed, and where each begins: declarations and open strings."""
        return [
            *(
                (token.start, token.text)
                for token in self.tokens
                if token.kind == "open_string" and not self._text[token.start].strip()
            ),
            *(
                (one.token.start, self.source.text[one.token.start : self._lost_end(one)])
                for one in self.stretches
                if one.spoiled
            ),
        ]

    def _lost_end(self, stretch: Stretch) -> int:
        whole = stretch.is_head and not self._stands_in(stretch)
        return stretch.whole_end if whole else stretch.end

    @property
    def is_doubtful(self) -> bool:
        """Whether a model or block ends where it may not be meant to."""
        return bool(self._closed_early or self._strays)

    def _stands_in(self, head: Stretch) -> str:
        """A head in the place of one that is spoiled, so that what is between its braces can still
        be parsed; empty where there is no room for it."""
        if not head.is_head or head.body < 0:
            return ""
        text = self.source.text[head.token.start : head.body]
        made = "block x -> b" if head.token.text == "block" or "->" in text else "model M"
        return made if len(made) <= len(text) and "\n" not in text else ""

    def index(self, offset: int) -> int:
        """The index of the token at an offset, or of the first after it."""
        found = bisect_right(self._starts, offset) - 1
        if found >= 0 and self.tokens[found].end > offset:
            return found
        return found + 1

    def stretch_at(self, offset: int) -> Stretch | None:
        """The stretch that an offset lies in."""
        found = None
        for stretch in self.stretches:
            if stretch.token.start > offset:
                break
            if offset < stretch.end:
                found = stretch
        return found

    def stretch_before(self, offset: int) -> Stretch | None:
        """The stretch that ends nearest before an offset."""
        found = None
        for stretch in self.stretches:
            if stretch.token.start >= offset:
                break
            found = stretch
        return found

    def opening(self, index: int) -> int | None:
        """The index of the bracket around the token at an index."""
        depth = 0
        while index > 0:
            index -= 1
            text = self.tokens[index].text
            if text in CLOSES:
                depth += 1
            elif text in CLOSER:
                if not depth:
                    return index
                depth -= 1
        return None

    # Reading

    def _read_tokens(self) -> None:
        self.tokens, comments = read(self.source.text)
        for start, end in comments:
            self._text[start:end] = " " * (end - start)

    def _declares(self, index: int) -> str:
        """`item`, `word` or `name`, where a declaration begins with a token; else nothing."""
        token = self.tokens[index]
        if token.kind != "word":
            return "item" if token.text == "(" and self._looks_like_head(index) else ""
        before = self.tokens[index - 1].text if index else ""
        opens_body = before in ("{", "}", ";", "") and not (
            self._stack and not self._stack[-1].is_body
        )
        if not token.first and not opens_body:
            return ""
        after = self.tokens[index + 1].text if index + 1 < len(self.tokens) else ""
        if token.text == "import" and token.first and self._imports(index):
            return "item"
        if token.text in ITEM_WORDS and after not in ("=", "->", ":", ",", "."):
            return "item"
        if token.text in STATEMENT_WORDS:
            return "word"
        if self._looks_like_head(index):
            return "item"
        if before == "," and not self._others():
            return ""  # the list that it ends goes on
        names = self.tokens[index : index + 40]
        if len(names) > 2 and before not in CONTINUES and not self._others():
            # `x: …`, `x -> …` and `x += …` are meant to be declarations, and are none.
            sign = names[1].text
            if sign == "->" and self._awaits_flow(index):
                return ""
            beside = names[1].kind == "word" and not names[1].first
            if token.first and beside and self._body() is not None and sign not in CONTINUES:
                return "name"  # perhaps a misspelt word, as in `inptu x: …`
            if sign in (":", "->") or (sign in ("+", "-", "*", "/") and names[2].text == "="):
                return "name"
        for name, sign_after in zip(names[::2], names[1::2], strict=False):
            if name.kind != "word" or sign_after.text not in (",", "="):
                return ""
            if sign_after.text == "=":
                return "name"
        return ""

    def _imports(self, index: int) -> bool:
        """Whether an `import` at the top of a file begins a declaration of its own, which is none
        of mtg: the one before it is no `from` that awaits its `import`."""
        if self._stack or self._head is not None:
            return False
        for before in reversed(self.tokens[max(0, index - 200) : index]):
            if before.text in ("import", "from"):
                return before.text == "import"
        return True

    def _looks_like_head(self, index: int) -> bool:
        """Whether a line at the top of a file ends with `{`, as only models and blocks do."""
        token = self.tokens[index]
        if not token.first or self._stack or self._head is not None:
            return False
        last = token
        for other in self.tokens[index + 1 : index + 400]:
            if other.first:
                break
            last = other
            if other.text == "=" and self._depth(index, other) == 0:
                return False
        return last.text == "{"

    def _depth(self, index: int, end: Token) -> int:
        """How many brackets are open between a token and a later one."""
        depth = 0
        for token in self.tokens[index:]:
            if token is end:
                break
            depth += (token.text in CLOSER) - (token.text in CLOSES)
        return depth

    def _awaits_flow(self, index: int) -> bool:
        """Whether the declaration before a token has no `=` yet, so that its flow begins there."""
        if not self.stretches or self.stretches[-1].token.text not in ("output", "shared"):
            return False
        begin = self.stretches[-1].token
        depth = 0
        for token in reversed(self.tokens[max(0, index - 200) : index]):
            if token.text in CLOSES:
                depth += 1
            elif token.text in CLOSER:
                depth -= 1
            elif token.text == "=" and not depth:
                return False
            if token is begin:
                return True
        return False

    def _walk(self) -> None:
        line_column, line_sign = 0, ""
        for index, token in enumerate(self.tokens):
            if token.first:
                line_column, line_sign = token.column, token.text
            if kind := self._declares(index):
                self._begin(index, kind)
            if token.kind == "open_string":
                if line_sign in COMMENTS and token.text[0] == "'":
                    self._text[token.start : token.end] = " " * len(token.text)
                    continue  # an apostrophe in what is meant to be a comment
                self._report_string(token)
                if token.text[:3] in ('"""', "'''"):
                    break
            elif token.text in CLOSER:
                self._push(token, line_column)
            elif token.text in CLOSES:
                self._close(token)
        self._finish()

    def _push(self, token: Token, line_column: int) -> None:
        is_body = token.text == "{" and self._head is not None and not self._others()
        stretch = self._head if is_body else (self.stretches[-1] if self.stretches else None)
        self._stack.append(_Open(token, line_column, stretch, is_body))
        if is_body:
            if stretch is not None:
                stretch.body = token.start
            self._head = None

    def _others(self) -> list[_Open]:
        """The open brackets inside the innermost body."""
        bodies = [number for number, one in enumerate(self._stack) if one.is_body]
        return self._stack[bodies[-1] + 1 :] if bodies else self._stack

    def _body(self) -> _Open | None:
        return next((one for one in reversed(self._stack) if one.is_body), None)

    # Declarations

    def _begin(self, index: int, kind: str) -> None:
        """A declaration seems to begin here: whatever is open and cannot be, does not close."""
        token = self.tokens[index]
        before = self.tokens[index - 1].text if index else ""
        others, body = self._others(), self._body()
        if others:
            start = self.stretches[-1].token.column if self.stretches else 0
            outside = token.column <= start
            if kind == "name" and (not outside or before in (",", "(")):
                return
            if others[-1].token.text == "{" and not outside:
                return
            if not token.first:
                return
            self._unclosed(others, token)
        if self._head is not None and kind != "item" and body is None:
            self._braceless(self._head, index)
        if body is not None and (
            token.column <= body.line_column
            and token.first
            and (
                kind == "item"
                or (token.text in ("let", "dim") and 0 <= body.line_column < body.inner_column)
            )
        ):
            self._report_unclosed(body, token)
            self._text[token.start - 1] = "}"
            self._end_body(token.start)
            self._stack.clear()
        elif body is not None and body.inner_column < 0:
            body.inner_column = token.column
        self._end_stretch(token.start)
        is_head = kind == "item" and token.text not in ("from", "import")
        size = len(self.source.text)
        self.stretches.append(Stretch(token, size, size, is_head))
        self._head = self.stretches[-1] if is_head else self._head if kind == "word" else None

    def _braceless(self, head: Stretch, index: int) -> None:
        """A declaration after a head that has no `{`: report it, and go on as if it had one."""
        last = self.tokens[index - 1]
        while last.line > head.token.line:
            index -= 1
            last = self.tokens[index - 1]
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
        self._stack.append(_Open(last, head.token.column, head, True))
        self._head = None

    def _end_stretch(self, offset: int) -> None:
        if self.stretches:
            last = self.stretches[-1]
            last.end = min(last.end, offset)

    def _end_body(self, offset: int) -> None:
        body = self._body()
        self._end_stretch(offset)
        if body is not None and body.stretch is not None:
            body.stretch.whole_end = min(body.stretch.whole_end, offset)

    # Brackets

    def _close(self, token: Token) -> None:
        others, body = self._others(), self._body()
        if (
            token.text == "}"
            and not self._balanced
            and token.first
            and body is not None
            and others
            and others[-1].token.text == "{"
            and token.column == body.line_column < others[-1].line_column
        ):
            # A `}` below the word `model` is meant to close the model.
            self._unclosed(others, token)
            others = []
        wanted = CLOSES[token.text]
        at = next((i for i in reversed(range(len(others))) if others[i].token.text == wanted), None)
        if at is not None:
            if at < len(others) - 1:
                self._unclosed(others[at + 1 :], token)
            self._stack.pop()
        elif (
            token.text == "}"
            and not self._balanced
            and body is not None
            and not others
            and not token.first
            and token.line != body.token.line
        ):
            # At the end of a line it closes no model, but what has no `{`: the parser will say so.
            self._text[token.start] = " "
            self._strays.append((token, self.stretches[-1] if self.stretches else None))
        elif (
            token.text == "}"
            and others
            and body is not None
            and not token.first
            and token.line != body.token.line
        ):
            self._wrong(token, others[-1], stretch=others[-1].stretch)
            self._stack.pop()
        elif (
            token.text != "}"
            and not others
            and body is not None
            and body.token.text == "{"
            and token.first
            and token.column == body.line_column
        ):
            # A `)` below the word `model` is meant to close the model.
            self._wrong(token, body, stretch=None)
            self._text[token.start] = "}"
            self._end_stretch(token.start)
            self._end_body(token.end)
            self._stack.pop()
        elif token.text == "}" and body is not None:
            if others:
                self._unclosed(others, token)
            self._end_stretch(token.start)
            self._end_body(token.end)
            self._stack.pop()
        elif others and token.text != "}":
            self._wrong(token, others[-1], stretch=others[-1].stretch)
            if others[-1].token.text != "{":
                self._stack.pop()
        elif others:
            self._unclosed(others, token)
        else:
            self._text[token.start] = " "
            self._strays.append((token, self.stretches[-1] if self.stretches else None))

    def _wrong(self, token: Token, open_: _Open, *, stretch: Stretch | None) -> None:
        """Report a closing bracket of another sort than the one that is open."""
        opening = open_.token
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
                and (self.source.text[opening.start - 1 : opening.start].isidentifier())
                == (opening.text == "("),
            ),
        )

    def _unclosed(self, opens: list[_Open], token: Token | None) -> None:
        """Report the innermost of some brackets that do not close, and forget all of them."""
        self._report_unclosed(opens[-1], token)
        head = opens[0].stretch
        if head is not None and head is self._head and opens[-1].token.text == "{":
            # The `{` of a head whose parentheses do not close begins the body all the same.
            opens[-1].is_body = True
            head.body = opens[-1].token.start
            self._stack = [*self._stack[: -len(opens)], opens[-1]]
            self._head = None
        else:
            del self._stack[-len(opens) :]

    def _report_unclosed(self, opening: _Open, token: Token | None) -> None:
        bracket = opening.token
        head = opening.stretch
        if opening.is_body and head is not None and head.spoiled:
            return
        if (
            bracket.text == "{"
            and not opening.is_body
            and head is not None
            and head is self._head
            and self._others()[0].token.text == "("
        ):
            bracket = self._others()[0].token
        closer = CLOSER[bracket.text]
        labels: tuple[Label, ...] = ()
        if token is not None and token.text in CLOSES:
            labels = (Label(self._place(token), f"this `{token.text}` comes first"),)
        elif token is not None:
            labels = (Label(self._place(token), "the next declaration begins here"),)
        word = head.token.text if opening.is_body and head is not None else ""
        self._report(
            f"this `{bracket.text}` is never closed",
            self._place(bracket),
            None if opening.is_body else head,
            label=f"`{closer}` is missing",
            labels=labels,
            help=f"end the {word} with `{closer}`" if word else "",
        )

    def _finish(self) -> None:
        others, body = self._others(), self._body()
        if others:
            self._unclosed(others, None)
            body = self._body()
        elif body is not None and not self.stretches[-1].spoiled:
            self._report_unclosed(body, None)
        while (body := self._body()) is not None:
            self._end_body(len(self.source.text))
            self._closed_early.append(body.stretch)
            self._stack.pop()

    # Reporting

    def _place(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)

    def _report_string(self, token: Token) -> None:
        quotes = token.text[:3] if token.text[:3] in ('"""', "'''") else token.text[0]
        if not self.stretches or len(quotes) == 3:
            self._text[token.start : token.end] = " " * len(token.text)
        self._report(
            "this string is never closed",
            Span(self.source, token.start, token.start + len(quotes)),
            self.stretches[-1] if self.stretches else None,
            label="the string begins here",
            help=f"close it with `{quotes}`" + ("" if len(quotes) == 3 else " on the same line"),
        )

    def report_strays(self) -> bool:
        """Report the closing brackets that the parser did not miss; whether there are any."""
        for token, stretch in self._strays:
            self._report_stray(token, stretch)
        return bool(self._strays)

    def _report_stray(self, token: Token, stretch: Stretch | None) -> None:
        self._report(
            f"this `{token.text}` closes nothing",
            self._place(token),
            stretch,
            label=f"no `{CLOSES[token.text]}` is open here",
            help="remove it",
            fix=Fix.replace(self._place(token), "", "remove it", safe=False),
        )

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
        """Report what is wrong with a declaration, once for each."""
        if stretch is not None:
            if stretch.spoiled:
                return
            stretch.spoiled = True
        self._diagnostics.report(
            "MTG002", message, place, label=label, labels=labels, help=help, fix=fix
        )
