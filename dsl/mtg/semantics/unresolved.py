"""Names that nothing declares: what somebody may mean by each."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property

from mtg.catalog import catalog
from mtg.catalog.names import MERGES
from mtg.semantics import hints
from mtg.semantics.builtins import (
    kinds_at,
    kinds_of,
    made_without_arguments,
    meant_merge,
    source_names,
    takes_a_word,
)
from mtg.semantics.constant_evaluation import FUNCTIONS
from mtg.semantics.mentions import (
    CALL_ARGUMENT,
    CALL_SOURCE,
    CALL_STAGE,
    STAGE,
    Mention,
)
from mtg.semantics.modules import Declared, Module
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Fix
from mtg.text.source import Span
from mtg.text.suggest import (
    NO_SUGGESTION,
    Suggestion,
    nearest,
    one_slip_away,
    replaced,
    suggest_spelling,
)

#: Words of Python and of configuration files for what mtg writes otherwise.
_OTHER_SPELLINGS = {"true": "True", "false": "False", "none": "None", "null": "None"}

#: Words that arguments of Keras take, besides the names of its objects.
_WORDS = {"same", "valid", "causal", "channels_first", "channels_last", "auto"}


class Unknown:
    """Reports the unknown names of one file; `mentioned` are all names that it uses."""

    def __init__(self, module: Module, mentioned: set[str], diagnostics: Diagnostics) -> None:
        self.module = module
        self.mentioned = mentioned
        self.diagnostics = diagnostics

    # A file may have thousands of names, and as many that nothing declares: these are made once.

    @cached_property
    def _values(self) -> list[str]:
        """What is declared at the top of the file: of that, blocks and models are no values."""
        return [name for name, each in self.module.names.items() if not _is_made(each)]

    @cached_property
    def _made(self) -> list[str]:
        """The layers of Keras, and what of the file makes layers."""
        made = [name for name, each in self.module.names.items() if _is_made(each)]
        return [*catalog().names("layer"), *made]

    @cached_property
    def _sure_layers(self) -> set[str]:
        return {*catalog().names("layer"), *self.mentioned}

    def report(self, mention: Mention, names: Collection[str], shared: Collection[str]) -> bool:
        """Report a name that nothing declares, unless Keras or the language knows it."""
        name, span = mention.name.name, mention.name.span
        if mention.role == CALL_STAGE:
            if name in MERGES or name in FUNCTIONS or catalog().find("layer", name):
                return False
            self.diagnostics.report(
                "MTG102",
                f"unknown layer, block or model `{name}`",
                span,
                label="not known",
                **(
                    self._of_library(mention)
                    or self._foreign(mention)
                    or self._of_keras(mention)
                    or suggest_spelling(name, self._made, span, sure=self._sure_layers)
                ),
            )
        elif mention.role in (CALL_SOURCE, CALL_ARGUMENT):
            if name in MERGES or name in FUNCTIONS or kinds_of(name):
                return False
            self._unknown_function(mention, [*names, *self.module.names, *mention.loops])
        elif name == "_":
            self.diagnostics.report(
                "MTG101",
                "`_` discards a result and cannot be used",
                span,
                help="give the result a name",
            )
        elif name in MERGES:
            self.diagnostics.report(
                "MTG210" if mention.role == STAGE else "MTG101",
                f"`{name}` needs the tensors it joins, in parentheses",
                span,
                help=f"write `{name}(a, b)` where a flow begins",
            )
        elif kinds_of(name) and (index := _INDEX.match(span.source.text, span.end)):
            written = f"{name}({index[1].strip()})"
            place = Span(span.source, span.start, index.end())
            begins = mention.role != STAGE and mention.place is None  # it has no input
            self.diagnostics.report(
                "MTG210" if mention.role == STAGE else "MTG101",
                f"the arguments of `{name}` must be in parentheses",
                place,
                help=f"write `{'x -> ' * begins}{written}`",
                fix=None if begins else Fix.replace(place, written, safe=False),
            )
        elif self._may_be_class(mention):
            return False
        elif kinds_of(name):
            bare = made_without_arguments(name)
            self.diagnostics.report(
                "MTG210" if mention.role == STAGE else "MTG101",
                f"`{name}` needs parentheses",
                span,
                label="a name alone reuses a `shared` instance" if mention.role == STAGE else "",
                help=f"write `{name}()` to make one" if bare else f"write `{name}(…)` to make one",
                fix=Fix.replace(span, f"{name}()") if bare else None,
            )
        else:
            self.diagnostics.report(
                "MTG101",
                f"`{name}` is not declared",
                span,
                label="not known here",
                **self._meant(mention, names, shared),
            )
        return True

    def _of_library(self, mention: Mention) -> Suggestion | None:
        """Return the block of the library that a call means, unless the file has it misspelt."""
        name = mention.name.name
        if one_slip_away(name, self.module.names):
            return None
        help = hints.block_for([name])
        return {"help": help, "fix": None} if help else None

    def _may_be_class(self, mention: Mention) -> bool:
        """Return whether a class may be meant: a layer's, not as an argument of Keras's own."""
        if mention.role == STAGE or catalog().find("layer", mention.name.name) is None:
            return False
        if mention.place is None:
            return True
        taker = mention.place[0]
        return (
            taker not in MERGES
            and taker not in FUNCTIONS
            and not kinds_of(taker)
            and (taker not in ("input", "output", "train"))
        )

    def _foreign(self, mention: Mention) -> Suggestion | None:
        """Return what stands for a word of another library, or of an earlier Keras.

        None where it is of none. What is no help is an empty one.
        """
        call, name = mention.call, mention.name.name
        stage = mention.role == CALL_STAGE
        if call is None or one_slip_away(name, self.module.names):
            return None
        text = hints.foreign([name], call, stage=stage)
        if text is None or not text:
            return text if text is None else NO_SUGGESTION
        if stage and name in ("Merge", "merge"):
            return {"help": f"write `{text}` where a flow begins", "fix": None}
        if mention.role == CALL_SOURCE and catalog().find("layer", text.partition("(")[0]):
            return {"help": f"write `x -> {text}`", "fix": None}
        fix = Fix.replace(call.span, text, safe=name.startswith("CuDNN"))
        form = name in ("Merge", "merge") and text.startswith(f"{text.partition('(')[0]}(a, b")
        return {"help": f"write `{text}`", "fix": None if form else fix}

    def _function(self, mention: Mention) -> Suggestion | None:
        """Return what of mtg is a function of another library, with its arguments."""
        if mention.call is None:
            return None
        text = hints.foreign_function([mention.name.name], mention.call.arguments, hints.sayable)
        if not text:
            return None if text is None else NO_SUGGESTION
        return {
            "help": f"write `{text}`",
            "fix": Fix.replace(mention.call.span, text, safe=False),
        }

    def _of_keras(self, mention: Mention) -> Suggestion | None:
        """Return what of Keras has another form after `->`: an activation, a `Sequential`."""
        name, span = mention.name.name, mention.name.span
        if name == "Sequential":
            row = hints.chain(mention.call)
            help = (
                f"layers in a row are a chain: `x -> {row}`; to use it again, `shared NAME = {row}`"
            )
            return {"help": help, "fix": None}
        layer = hints.activation(name)
        if not layer or one_slip_away(name, [*self.module.names]):
            return None
        place = hints.with_empty_brackets(span)
        if mention.call is not None and (place == span or not layer.startswith("Activation(")):
            return None  # it is given arguments, or is a layer but for its spelling
        return {"help": f"write `{layer}`", "fix": Fix.replace(place, layer, safe=False)}

    def _meant(
        self, mention: Mention, names: Collection[str], shared: Collection[str]
    ) -> Suggestion:
        """Return what somebody may mean by a bare name that nothing declares."""
        name, span = mention.name.name, mention.name.span
        spelling = _OTHER_SPELLINGS.get(name.lower())
        if spelling:
            return replaced(spelling, span)
        if mention.role == STAGE:
            found = suggest_spelling(name, shared, span, sure=self.mentioned)
            if found["fix"] is None and (meant := self._of_keras(mention)) is not None:
                return meant
            if not found["help"] and name in self.module.names:
                return {"help": f"write `{name}()` for a new instance", "fix": None}
            if not found["help"] and (meant := self._of_library(mention)) is not None:
                return meant
            layer = suggest_spelling(name, catalog().names("layer"), span)
            if not found["help"] and (fix := layer["fix"]) is not None:
                written = fix.edits[0].text
                return {"help": f"did you mean `{written}(…)`?", "fix": None}
            return found
        words = {word for kind in catalog().kinds() for word in catalog().identifiers(kind)}
        if name in words | _WORDS:
            return {
                "help": f'names of Keras are strings: write `"{name}"`',
                "fix": Fix.replace(span, f'"{name}"', safe=takes_a_word(span)),
            }
        known = [*names, *self._values, *mention.loops]
        sure = {*self.mentioned, *mention.loops} if mention.loops else self.mentioned
        return suggest_spelling(name, known, span, sure=sure)

    def _unknown_function(self, mention: Mention, visible: list[str]) -> None:
        name, span = mention.name.name, mention.name.span
        if mention.role == CALL_SOURCE:
            if name in ("Input", "InputLayer"):
                self.diagnostics.report(
                    "MTG102",
                    "an input is a declaration of its own",
                    span,
                    help="write `input NAME: DTYPE[LENGTHS]`, such as `input x: float32[10]`",
                )
                return
            if name == "Sequential":
                self.diagnostics.report(
                    "MTG102",
                    "a `Sequential` of Keras is a chain of stages in mtg",
                    span,
                    **(self._of_keras(mention) or NO_SUGGESTION),
                )
                return
            other = self._of_library(mention) or self._foreign(mention)
            merge = meant_merge(name) if other is None else None
            op = hints.op_of(["ops", name])
            suggestion = suggest_spelling(
                name, [*source_names(), *visible], span, sure={*source_names(), *self.mentioned}
            )
            if instead := hints.for_function(name):
                suggestion = {"help": instead, "fix": None}
            elif other is not None:
                suggestion = other
            elif merge is not None:
                suggestion = replaced(merge[0], span, safe=merge[1])
            elif op is not None:
                suggestion = self._function(mention) or replaced(f"ops.{op[0]}", span, safe=False)
            elif not suggestion["help"]:
                found = nearest(name, catalog().names("layer"))
                suggestion = {
                    "help": f"did you mean `x -> {found}(…)`?" if found else "",
                    "fix": None,
                }
            self.diagnostics.report(
                "MTG102",
                f"unknown merge or function `{name}`",
                span,
                label="not known",
                notes=(f"merges are {', '.join(f'`{m}`' for m in MERGES)}",),
                **suggestion,
            )
            return
        if instead := hints.for_function(name):
            self.diagnostics.report(
                "MTG102", f"unknown function `{name}`", span, label="not known", help=instead
            )
            return
        other = self._foreign(mention)
        if other is not None:
            self.diagnostics.report(
                "MTG407", f"Keras has no `{name}`", span, label="not known", **other
            )
            return
        kinds = kinds_at(*mention.place) if mention.place is not None else ()
        words = [word for kind in kinds for word in _words(kind)]
        quoted = next((word for word in words if _plain(word) == _plain(name)), None)
        quoted = quoted or hints.other_word(name, kinds, words)
        if quoted is not None and not any(name in catalog().names(kind) for kind in kinds):
            place = hints.with_empty_brackets(span)
            self.diagnostics.report(
                "MTG407",
                f"Keras has no `{name}`",
                span,
                label="not known",
                help=f'write `"{quoted}"`',
                fix=Fix.replace(place, f'"{quoted}"', safe=False) if place != span else None,
            )
            return
        # Of what may stand here, if that is known.
        known = [
            n
            for kind in kinds or catalog().kinds()
            for n in catalog().names(kind)
            if n[0].isupper()
        ]
        self.diagnostics.report(
            "MTG407",
            f"Keras has no `{name}`",
            span,
            label="not known",
            **suggest_spelling(
                name,
                [*known, *visible, *FUNCTIONS],
                span,
                sure={*known, *FUNCTIONS, *self.mentioned},
            ),
        )


def _words(kind: str) -> list[str]:
    """Return the lower-case words that stand for objects of a kind."""
    return [word for word in catalog().identifiers(kind) if word.islower()]


def _plain(name: str) -> str:
    return name.casefold().replace("_", "")


#: What stands in brackets after a name, without brackets of its own.
_INDEX = re.compile(r"[ \t]*\[([^\[\](){}:\n]*)\]")


def _is_made(declared: Declared) -> bool:
    return isinstance(declared.node, (ast.BlockDecl, ast.ModelDecl, ast.PythonImportDecl))
