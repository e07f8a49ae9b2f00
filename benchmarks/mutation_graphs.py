"""The kinds of faults in shapes, graphs and tasks."""

from __future__ import annotations

import random
import re

from mutation_kinds import _arguments, _called, _declared, _tensors, strings_of
from mutations import _SAME_SHAPE, Fault, Program, kind, one

Chance = random.Random


def _flow_ends(program: Program) -> list[int]:
    """The ends of the declarations `NAME = … -> …` and `output NAME = … -> …` of one line."""
    found = re.finditer(
        r"^ +(?:output )?\w+(?:\([^\n]*\))? = [^\n{}#]*->[^\n{}#]*\)$", program.text, re.M
    )
    return [
        match.end()
        for match in found
        if not re.match(r"\s*(->|\)|,)", program.text[match.end() :]) and "shared" not in match[0]
    ]


@kind("stage that does not fit")
def _(program: Program, chance: Chance) -> Fault | None:
    ends = _flow_ends(program)
    if not ends:
        return None
    at = chance.choice(ends)
    return one(program, at, at, chance.choice([" -> Reshape((7919, 13))", " -> Conv3D(4, 2)"]))


@kind("merge that does not fit")
def _(program: Program, chance: Chance) -> Fault | None:
    places = _called(program, _SAME_SHAPE)
    if not places:
        return None
    at = chance.choice(places)
    end = program.tokens[_arguments(program, at + 1)[-1][1]].end
    lines = {program.line(program.tokens[at].start), program.line(end)}
    return [(end, end, " -> Dense(7919)")], lines, ""


@kind("input with an axis less")
def _(program: Program, chance: Chance) -> Fault | None:
    found = list(re.finditer(r"^ +input \w+: +\w+\[(\d+, )\d+, \d+\]", program.text, re.M))
    if not found:
        return None
    match = chance.choice(found)
    fault = one(program, match.start(1), match.end(1), "")
    name = re.match(r" +input (\w+)", match[0])
    assert name is not None
    return fault[0], fault[1] | _uses(program, name[1]), ""


def _uses(program: Program, name: str) -> set[int]:
    """The lines that use a name, and those of the flow that goes on from there."""
    lines = set()
    texts = program.text.split("\n")
    for at in _tensors(program):
        if program.tokens[at].text == name:
            line = program.line(program.tokens[at].start)
            lines.add(line)
            while line < len(texts) and re.match(r"\s*(->|\))", texts[line]):
                line += 1
                lines.add(line)
    return lines


@kind("input of text")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [at for at in program.places("dtype") if program.tokens[at].text != "string"]
    if not places:
        return None
    at = chance.choice(places)
    token = program.tokens[at]
    fault = one(program, token.start, token.end, "string")
    return fault[0], fault[1] | _uses(program, program.tokens[at - 2].text), ""


@kind("window larger than the picture")
def _(program: Program, chance: Chance) -> Fault | None:
    places = _called(program, {"Conv2D", "Conv1D", "MaxPooling2D", "MaxPooling1D"})
    places = [
        at for at in places if "same" not in program.text[program.tokens[at].start :].split(")")[0]
    ]
    if not places or "?" in program.text:
        return None  # of a length that is unknown nobody can say so
    at = chance.choice(places)
    arguments = _arguments(program, at + 1)
    index = 1 if program.tokens[at].text.startswith("Conv") else 0
    if len(arguments) <= index:
        return None
    first, last = arguments[index]
    return one(program, program.tokens[first].start, program.tokens[last].end, "7919")


# The graph


@kind("cycle of one")
def _(program: Program, chance: Chance) -> Fault | None:
    found = list(
        re.finditer(r"^ +(?:output )?(\w+)(?:\([^\n]*\))? =\s+(\w+)(?=\s+->)", program.text, re.M)
    )
    if not found:
        return None
    match = chance.choice(found)
    lines = {program.line(match.start(2)), program.line(match.start(1))}
    return [(match.start(2), match.end(2), match[1])], lines, ""


@kind("cycle of several")
def _(program: Program, chance: Chance) -> Fault | None:
    found = list(
        re.finditer(r"^ +(?:output )?(\w+)(?:\([^\n]*\))? =\s+(\w+)(?=\s+->)", program.text, re.M)
    )
    pairs = [
        (first, second)
        for first in found
        for second in found
        if first.start() < second.start() and second[2] == first[1]
    ]
    if not pairs:
        return None
    first, second = chance.choice(pairs)
    lines = {program.line(m.start(group)) for m in (first, second) for group in (1, 2)}
    return [(first.start(2), first.end(2), second[1])], lines, ""


@kind("name declared twice")
def _(program: Program, chance: Chance) -> Fault | None:
    found = list(
        re.finditer(
            r"^  (?:input |output |shared |let )?(\w+)(?=(?:\([^\n]*\))? ?[:=])", program.text, re.M
        )
    )
    found = [match for match in found if match[1] not in ("train", "return")]
    if len(found) < 2:
        return None
    last = program.text.rindex("\n}")
    match = chance.choice(
        [m for m in found if program.text.rfind("\n}", 0, last) < m.start()] or found[-1:]
    )
    line = program.line(last) + 1
    return [(last, last, f"\n  let {match[1]} = 3")], {line, program.line(match.start(1))}, ""


@kind("input that nothing uses")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [match.start() for match in re.finditer(r"^  input ", program.text, re.M)]
    if not places:
        return None
    at = chance.choice(places)
    return one(program, at, at, "  input extra_input: float32[3]\n")


@kind("stage without parentheses")
def _(program: Program, chance: Chance) -> Fault | None:
    places = program.places("layer")
    if not places:
        return None
    at = chance.choice(places)
    end = program.tokens[program.partners[at + 1]].end
    return one(program, program.tokens[at].start, end, program.tokens[at].text)


@kind("tensor as stage")
def _(program: Program, chance: Chance) -> Fault | None:
    ends, names = _flow_ends(program), sorted(_declared(program, "input"))
    if not ends or not names:
        return None
    at = chance.choice(ends)
    return one(program, at, at, f" -> {chance.choice(names)}")


@kind("layer as source")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [
        at
        for at in _tensors(program)
        if program.tokens[at + 1].text == "->" and program.tokens[at - 1].text == "="
    ]
    if not places:
        return None
    token = program.tokens[chance.choice(places)]
    return one(program, token.start, token.end, "Dense(8)")


@kind("merge of one")
def _(program: Program, chance: Chance) -> Fault | None:
    """Of those merges that take no single tensor."""
    places = [
        at for at in _called(program, {"subtract", "dot"}) if len(_arguments(program, at + 1)) >= 2
    ]
    if not places:
        return None
    at = chance.choice(places)
    (_, last), (_, end), *_ = _arguments(program, at + 1)
    return one(program, program.tokens[last].end, program.tokens[end].end, "")


@kind("block used by itself")
def _(program: Program, chance: Chance) -> Fault | None:
    found = list(re.finditer(r"^block [^\n]*-> (\w+)\(.*?^}", program.text, re.M | re.S))
    found = [match for match in found if "return " in match[0]]
    if not found:
        return None
    match = chance.choice(found)
    at = match.start() + match[0].rindex("return ")
    end = program.text.index("\n", at)
    lines = {program.line(at), program.line(match.start())}
    return [(end, end, f" -> {match[1]}(3)")], lines, ""


# Tasks


@kind("loss missing")
def _(program: Program, chance: Chance) -> Fault | None:
    found = list(re.finditer(r'^ +output \w+\((loss="\w+"(?:, )?)', program.text, re.M))
    if len(found) < 2:
        return None
    match = chance.choice(found)
    return one(program, match.start(1), match.end(1), "")


@kind("weight of a loss that is none")
def _(program: Program, chance: Chance) -> Fault | None:
    found = list(re.finditer(r"weight=([0-9.]+)", program.text))
    if not found:
        return None
    match = chance.choice(found)
    new = chance.choice([f"-{match[1]}", f'"{match[1]}"', "[1]", "None + 1"])
    return one(program, match.start(1), match.end(1), new)


@kind("setting of an output in train")
def _(program: Program, chance: Chance) -> Fault | None:
    found = list(re.finditer(r"^  train\(", program.text, re.M))
    if not found:
        return None
    match = chance.choice(found)
    new = chance.choice(['loss="mse", ', 'metrics=["mae"], ', "loss_weights=[1], "])
    return one(program, match.end(), match.end(), new)


@kind("train twice")
def _(program: Program, chance: Chance) -> Fault | None:
    found = list(re.finditer(r"^  train\(", program.text, re.M))
    if not found:
        return None
    match = chance.choice(found)
    line = program.line(match.start())
    return [(match.start(), match.start(), '  train(optimizer="sgd")\n')], {line, line + 1}, ""


@kind("loss that fits no single unit")
def _(program: Program, chance: Chance) -> Fault | None:
    places = [
        at
        for at in strings_of(program, "loss")
        if program.tokens[at].text != '"categorical_crossentropy"'
    ]
    places = [
        at
        for at in places
        if re.match(
            r"[^\n]*=\s[^=]*-> Dense\(1(?:, activation=\"sigmoid\")?\)\n",
            program.text[program.tokens[at].end :],
        )
    ]
    if not places:
        return None
    token = program.tokens[chance.choice(places)]
    fault = one(program, token.start, token.end, '"categorical_crossentropy"')
    return fault[0], fault[1] | {next(iter(fault[1])) + 1}, ""


@kind("loss of another name")
def _(program: Program, chance: Chance) -> Fault | None:
    places = strings_of(program, "loss")
    if not places:
        return None
    token = program.tokens[chance.choice(places)]
    return one(
        program, token.start, token.end, chance.choice(['"cross_entropy"', '"nll_loss"', "3"])
    )
