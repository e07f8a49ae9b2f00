"""The kinds of faults. What each does stands in its name."""

from __future__ import annotations

import random
import re

from mtg.text.keywords import CONTEXTUAL, RESERVED
from mutations import (
    MERGES,
    Fault,
    Program,
    kind,
    misspelt,
    one,
)

Chance = random.Random


def strings_of(program: Program, *names: str) -> list[int]:
    """The strings that are, or stand in a list that is, the value of one of some arguments."""
    tokens, found = program.tokens, []
    for at, token in enumerate(tokens):
        if token.kind == "string":
            back = at - 1
            while tokens[back].text in ("[", ",") or (
                tokens[back].kind == "string" and tokens[back].text != token.text
            ):
                back -= 1
            if tokens[back].text == "=" and tokens[back - 1].text in names:
                found.append(at)
    return found


def _declared(program: Program, *words: str) -> set[str]:
    tokens = program.tokens
    return {
        tokens[at].text
        for at in program.places("head")
        if at
        and (tokens[at - 1].text in words or ("" in words and tokens[at - 1].text not in RESERVED))
    }


def _called(program: Program, names: set[str] | frozenset[str]) -> list[int]:
    return [at for at in program.places("layer", "call") if program.tokens[at].text in names]


def _blocks(program: Program) -> set[str]:
    tokens = program.tokens
    own = {
        tokens[at].text for at in program.places("head") if tokens[at - 1].text in ("->", "model")
    }
    return own | {tokens[at].text for at in program.places("imported")}


def _tensors(program: Program) -> list[int]:
    names = _declared(program, "input", "output", "shared", "")
    return [at for at in program.places("use", "stage") if program.tokens[at].text in names]


# Names


@kind("misspelt tensor")
def _(program: Program, chance: Chance) -> Fault | None:
    return misspelt(program, chance, _tensors(program))


@kind("misspelt layer")
def _(program: Program, chance: Chance) -> Fault | None:
    own = _blocks(program)
    return misspelt(
        program,
        chance,
        [at for at in program.places("layer") if program.tokens[at].text not in own],
    )


@kind("layer in another case")
def _(program: Program, chance: Chance) -> Fault | None:
    own = _blocks(program)
    places = [at for at in program.places("layer") if program.tokens[at].text not in own]
    if not places:
        return None
    token = program.tokens[chance.choice(places)]
    made = chance.choice(
        [token.text.lower(), re.sub(r"(?<=[a-z])([A-Z])", r"_\1", token.text).lower()]
    )
    if made == token.text:
        return None
    return one(program, token.start, token.end, made, token.text)


@kind("misspelt argument")
def _(program: Program, chance: Chance) -> Fault | None:
    tokens = program.tokens
    places = [
        at
        for at in program.places("argument")
        if tokens[at].text not in ("loss", "weight", "metrics")
    ]
    trains = {at for at in places if program._line_begins(tokens[at].start, "train(")}
    return misspelt(program, chance, [at for at in places if at not in trains])


@kind("misspelt setting of an output")
def _(program: Program, chance: Chance) -> Fault | None:
    names = ("loss", "weight", "metrics")
    return misspelt(
        program,
        chance,
        [at for at in program.places("argument") if program.tokens[at].text in names],
    )


@kind("misspelt argument of train")
def _(program: Program, chance: Chance) -> Fault | None:
    names = ("optimizer", "batch_size", "epochs", "callbacks")
    return misspelt(
        program,
        chance,
        [at for at in program.places("argument") if program.tokens[at].text in names],
    )


@kind("misspelt word as value")
def _(program: Program, chance: Chance) -> Fault | None:
    return misspelt(program, chance, strings_of(program, "activation", "padding", "act"))


@kind("misspelt loss")
def _(program: Program, chance: Chance) -> Fault | None:
    return misspelt(program, chance, strings_of(program, "loss"))


@kind("misspelt metric")
def _(program: Program, chance: Chance) -> Fault | None:
    return misspelt(program, chance, strings_of(program, "metrics"))


@kind("misspelt optimizer")
def _(program: Program, chance: Chance) -> Fault | None:
    names = {"Adam", "AdamW", "SGD", "RMSprop", "CosineDecay", "EarlyStopping", "L2", "Huber"}
    return misspelt(program, chance, strings_of(program, "optimizer") + _called(program, names))


@kind("misspelt merge")
def _(program: Program, chance: Chance) -> Fault | None:
    return misspelt(program, chance, _called(program, MERGES))


@kind("misspelt function of ops")
def _(program: Program, chance: Chance) -> Fault | None:
    return misspelt(program, chance, program.places("member"))


@kind("misspelt dtype")
def _(program: Program, chance: Chance) -> Fault | None:
    return misspelt(program, chance, program.places("dtype"))


@kind("misspelt block or model")
def _(program: Program, chance: Chance) -> Fault | None:
    return misspelt(program, chance, _called(program, _blocks(program)))


@kind("misspelt value")
def _(program: Program, chance: Chance) -> Fault | None:
    parameters = {program.tokens[at].text for at in program.places("parameter")}
    names = (parameters | _declared(program, "let", "dim", "for")) - _declared(program, "")
    return misspelt(
        program, chance, [at for at in program.places("use") if program.tokens[at].text in names]
    )


@kind("misspelt import")
def _(program: Program, chance: Chance) -> Fault | None:
    tokens = program.tokens
    paths = [at for at in range(1, len(tokens)) if tokens[at - 1].text == "from"]
    places = program.places("imported") + paths
    if not places:
        return None
    token = tokens[chance.choice(places)]
    if token.kind == "string":
        stem = re.split(r"[/.]", token.text.strip('"'))
        word = max((part for part in stem if part != "mtg"), key=len)
        at = token.start + token.text.index(word)
        return one(program, at, at + len(word), word[1] + word[0] + word[2:], word)
    return misspelt(program, chance, [tokens.index(token)])


@kind("misspelt word of the language")
def _(program: Program, chance: Chance) -> Fault | None:
    return misspelt(
        program, chance, [at for at in program.places("keyword") if program.tokens[at].text != "in"]
    )


# Brackets


def _bracket(program: Program, chance: Chance, among: str) -> int | None:
    places = [at for at, token in enumerate(program.tokens) if token.text in among]
    return chance.choice(places) if places else None


def _both(program: Program, at: int) -> set[int]:
    return {program.line(program.tokens[each].start) for each in (at, program.partners[at])}


@kind("closing bracket missing")
def _(program: Program, chance: Chance) -> Fault | None:
    at = _bracket(program, chance, ")]}")
    if at is None:
        return None
    token = program.tokens[at]
    return [(token.start, token.end, "")], _both(program, at), ""


@kind("opening bracket missing")
def _(program: Program, chance: Chance) -> Fault | None:
    at = _bracket(program, chance, "([{")
    if at is None:
        return None
    token = program.tokens[at]
    return [(token.start, token.end, " ")], _both(program, at), ""


@kind("closing bracket doubled")
def _(program: Program, chance: Chance) -> Fault | None:
    at = _bracket(program, chance, ")]}")
    if at is None:
        return None
    token = program.tokens[at]
    return one(program, token.end, token.end, token.text)


@kind("bracket of another kind")
def _(program: Program, chance: Chance) -> Fault | None:
    at = _bracket(program, chance, ")]}")
    if at is None:
        return None
    token = program.tokens[at]
    other = chance.choice([each for each in ")]}" if each != token.text])
    return [(token.start, token.end, other)], _both(program, at), ""


# Signs


def _sign(program: Program, chance: Chance, sign: str, new: str) -> Fault | None:
    places = [token for token in program.tokens if token.text == sign]
    if not places:
        return None
    token = chance.choice(places)
    return one(program, token.start, token.end, new)


@kind("arrow missing")
def _(program: Program, chance: Chance) -> Fault | None:
    fault = _sign(program, chance, "->", "")
    if fault is None:
        return None
    start = fault[0][0][0]  # the place is the end of one stage and the beginning of the next
    before = len(program.text[:start].rstrip())
    after = start + 2 + len(program.text[start + 2 :]) - len(program.text[start + 2 :].lstrip())
    return fault[0], {program.line(before), program.line(start), program.line(after)}, ""


@kind("arrow of another language")
def _(program: Program, chance: Chance) -> Fault | None:
    return _sign(
        program, chance, "->", chance.choice(["=>", "-", ">", "→", "|>", "-->", "- >", "."])
    )


@kind("arrow doubled")
def _(program: Program, chance: Chance) -> Fault | None:
    return _sign(program, chance, "->", "-> ->")


@kind("comma missing")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [t for t in program.tokens if t.text == ","]
    if not places:
        return None
    token = chance.choice(places)
    after = next(t for t in program.tokens if t.start > token.start)
    lines = {program.line(token.start), program.line(after.start)}
    return [(token.start, token.end, " ")], lines, ""


@kind("equals sign missing")
def _(program: Program, chance: Chance) -> Fault | None:
    fault = _sign(program, chance, "=", " ")
    if fault is None:
        return None
    after = next(t for t in program.tokens if t.start > fault[0][0][0])
    return fault[0], fault[1] | {program.line(after.start)}, ""


@kind("colon for equals sign")
def _(program: Program, chance: Chance) -> Fault | None:
    return _sign(program, chance, "=", ":")


@kind("colon of an input missing")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [
        program.tokens[at - 1]
        for at in program.places("dtype")
        if program.tokens[at - 1].text == ":"
    ]
    if not places:
        return None
    token = chance.choice(places)
    return one(program, token.start, token.end, chance.choice([" ", " =", " ->"]))


@kind("quote missing")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [t for t in program.tokens if t.kind == "string"]
    if not places:
        return None
    token = chance.choice(places)
    if chance.random() < 0.5:
        return one(program, token.start, token.start + 1, "")
    return one(program, token.end - 1, token.end, "")


@kind("quotes forgotten")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [t for t in program.tokens if t.kind == "string" and t.text.strip('"').isidentifier()]
    if not places:
        return None
    token = chance.choice(places)
    word = token.text.strip('"')
    return one(program, token.start, token.end, word, word)


# Words


@kind("word of the language missing")
def _(program: Program, chance: Chance) -> Fault | None:
    words = (
        "model",
        "block",
        "input",
        "shared",
        "let",
        "dim",
        "from",
        "import",
        "repeat",
        "for",
        "in",
    )
    places = [t for t in program.tokens if t.text in words]
    token = chance.choice(places)
    return one(program, token.start, token.end, "")


@kind("reserved word as name")
def _(program: Program, chance: Chance) -> Fault | None:
    heads = [at for at in program.places("head") if program.tokens[at - 1].text != "for"]
    token = program.tokens[chance.choice(heads)]
    word = chance.choice(sorted(RESERVED - CONTEXTUAL))
    edits = [
        (t.start, t.end, word) for t in program.tokens if t.kind == "word" and t.text == token.text
    ]
    return edits, {program.line(token.start)}, ""


@kind("stray word")
def _(program: Program, chance: Chance) -> Fault | None:
    at = chance.randrange(1, len(program.tokens))
    token, before = program.tokens[at], program.tokens[at - 1]
    lines = {program.line(token.start), program.line(before.start)}
    return [(token.start, token.start, " stray ")], lines, ""


@kind("truth value in another case")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [t for t in program.tokens if t.text in ("True", "False", "None")]
    if not places:
        return None
    token = chance.choice(places)
    made = {"True": "true", "False": "false", "None": chance.choice(["none", "null"])}[token.text]
    return one(program, token.start, token.end, made, token.text if made != "null" else "")


@kind("comment of another language")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [match.start() for match in re.finditer(r"#", program.text)]
    if not places:
        return None
    at = chance.choice(places)
    return one(program, at, at + 1, chance.choice(["//", "--", ";", "%"]))


# Values


def _arguments(program: Program, at: int) -> list[tuple[int, int]]:
    """The first and last token of each argument of the call whose `(` is token `at`."""
    found, depth, first = [], 0, at + 1
    for index in range(at + 1, program.partners[at] + 1):
        text = program.tokens[index].text
        if index == program.partners[at] or (text == "," and not depth):
            if index > first:
                found.append((first, index - 1))
            first = index + 1
        elif text in ("(", "[", "{"):
            depth += 1
        elif text in (")", "]", "}"):
            depth -= 1
    return found


_REQUIRED = frozenset(
    ["Dense", "Conv1D", "Conv2D", "LSTM", "GRU", "Embedding", "Conv2DTranspose", "Dropout"]
)


@kind("required argument missing")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [
        at for at in _called(program, _REQUIRED - _blocks(program)) if _arguments(program, at + 1)
    ]
    if not places:
        return None
    at = chance.choice(places)
    arguments = _arguments(program, at + 1)
    start = program.tokens[arguments[0][0]].start
    end = (
        program.tokens[arguments[1][0]].start
        if len(arguments) > 1
        else program.tokens[arguments[0][1]].end
    )
    if (
        program.tokens[at].text in ("Conv1D", "Conv2D", "Embedding", "Conv2DTranspose")
        or len(arguments) == 1
    ):
        return [(start, end, "")], {program.line(program.tokens[at].start)}, ""
    return None


@kind("argument doubled")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [at for at in program.places("layer", "call") if _arguments(program, at + 1)]
    named = [
        argument
        for at in places
        for argument in _arguments(program, at + 1)
        if program.tokens[argument[0] + 1].text == "="
    ]
    if not named:
        return None
    first, last = chance.choice(named)
    start, end = program.tokens[first].start, program.tokens[last].end
    fault = one(program, end, end, ", " + program.text[start:end])
    return fault[0], {program.line(start), program.line(end)}, ""


@kind("too many arguments")
def _(program: Program, chance: Chance) -> Fault | None:
    names = frozenset(
        ["Flatten", "ReLU", "GlobalAveragePooling2D", "BatchNormalization", "Dropout"]
    )
    places = _called(program, names - _blocks(program))
    if not places:
        return None
    at = program.partners[chance.choice(places) + 1]
    token = program.tokens[at]
    extra = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19"
    comma = ", " if program.tokens[at - 1].text != "(" else ""
    return one(program, token.start, token.start, comma + extra)


def _number(program: Program, chance: Chance, new: str) -> Fault | None:
    """The first argument of a layer that must be a whole number above zero."""
    places = [
        at + 2
        for at in _called(program, frozenset(_REQUIRED - {"Dropout"}) - _blocks(program))
        if program.tokens[at + 2].kind == "number"
    ]
    if not places:
        return None
    token = program.tokens[chance.choice(places)]
    return one(program, token.start, token.end, new.format(token.text))


@kind("text for a number")
def _(program: Program, chance: Chance) -> Fault | None:
    return _number(program, chance, '"{}"')


@kind("negative number")
def _(program: Program, chance: Chance) -> Fault | None:
    return _number(program, chance, "-{}")


@kind("zero")
def _(program: Program, chance: Chance) -> Fault | None:
    return _number(program, chance, "0")


@kind("fraction for a whole number")
def _(program: Program, chance: Chance) -> Fault | None:
    return _number(program, chance, "{}.5")


@kind("object of the wrong kind")
def _(program: Program, chance: Chance) -> Fault | None:
    return _number(program, chance, chance.choice(["Adam()", "None", "[1, 2]", "L2(0.1)", "True"]))
