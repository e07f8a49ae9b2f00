"""Fuzzing of the whole front end: bytes, token soups, broken programs, hostile values and sizes.

    python benchmarks/fuzz.py [COUNT] [--seed SEED] [--save FOLDER]

Makes COUNT (200,000) inputs, hands each to the compiler as `mtg check` does and, where it is a
program without errors, to the picture's text. Whatever an input is, the answer must be diagnostics,
each with a place inside the text. Inputs that make mtg say something it has not said before (words
of the program left out) are kept and broken further: so the search is led to where messages come
from. Prints inputs, crashes and the slowest; the exit code is 1 where something crashed.
"""

# Lists of many short words are read at a glance as one string.
# ruff: noqa: SIM905

from __future__ import annotations

import argparse
import heapq
import json
import random
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from mtg.backends.picture.dot import dot
from mtg.compiler import Compiler
from mtg.report.concise import concise
from mtg.report.github import github
from mtg.report.json import json as as_json
from mtg.report.sarif import sarif
from mtg.report.text import render, render_all
from mtg.text.diagnostics import Diagnostic
from mtg.text.explanations import explanation

ROOT = Path(__file__).parents[1]
HEAD = "model M(width=3) {\n  input x: float32[8]\n  input im: float32[9, 9, 3]\n"
TAIL = "\n  output y = x -> Dense(1)\n}\n"

Chance = random.Random

_TOKEN = re.compile(r'"[^"\n]*"|\w+|->|==|//|\*\*|#[^\n]*|\s+|.', re.DOTALL)

WORDS = (
    "model block input output shared train let dim from import python return repeat for in if else "
    "and or not True False None x y im width a b Dense Conv2D LSTM Flatten Reshape Embedding Add "
    "concat add dot ops.mean ops.reshape ops applications.Xception Bidirectional TimeDistributed "
    "when inputs outputs shape items keys values sum zip enumerate sorted reversed abs int float "
    "str while elif lambda pass append is print "
    "Lambda MultiHeadAttention Attention float32 int32 string range len min max round activation "
    "units axis name loss weight metrics optimizer padding strides trainable sparse weights"
).split()
SIGNS = (
    "( ) [ ] { } , : = -> ? ... . + - * / // % ** < > <= >= == != # \n ; ! @ $ ` ~ ^ & | \\ \" ' "
    '""" 0 1 -1 3 8 2.5 1e400 1e-400 0x1F 9**9 9**9**9 10**30 1_000 08 .5 5. "relu" "same" \'a\' '
    '"\\n" "" "mse" "adam" f"x" f"{x}" f"{a}_{b:>3}" := += **= @ .shape .items() *x **a [*x] '
    '[1,2] (1,) {} {"a":1} é 模 \u200b \u202e \u00a0 \x07 \U0001f600'
).split(" ")
NUMBERS = (
    "0 1 -1 2 3 7 64 2.5 -0.0 1e308 1e400 1e-400 9**9**9 2**127 2**128 10**30 1//0 1/0 1%0 0**-1 "
    "True None width (-8)**0.5 1<<3 'a' 'a'*9 [1]*3 [[]]*99999 () {} range(5) range(10**12) "
    "len('abc') max([]) min(1) round(2.5) 3 if 0 else 4 1 in [1] not 0 1<2<3 width*width//7-1 ?"
).split(" ")


def corpus() -> list[str]:
    """The programs to begin with: the examples, and those of the explanations."""
    paths = [*(ROOT / "examples").rglob("*.mtg"), *(ROOT / "benchmarks" / "programs").glob("*.mtg")]
    paths += [*(ROOT / "tests" / "cases").rglob("*.mtg")]
    found = [path.read_bytes().decode("utf-8", "replace") for path in sorted(paths)]
    for path in sorted((ROOT / "tests" / "cases" / "errors").glob("*.md")):
        found += re.findall(r"^```mtg\n(.*?)^```$", path.read_text(encoding="utf-8"), re.M | re.S)
    for path in sorted((ROOT / "dsl" / "mtg" / "text" / "explanations").glob("*.md")):
        more = explanation(path.stem)
        found += [more.wrong, more.right] if more.kind == "mtg" else []
    return [text for text in found if len(text) < 6_000]


def bytes_(chance: Chance, _: list[str]) -> bytes:
    return chance.randbytes(chance.choice((3, 30, 300)))


def characters(chance: Chance, _: list[str]) -> bytes:
    highest = chance.choice((0x7F, 0xFF, 0x2FFF, 0x10FFFF))
    count = chance.choice((3, 30, 200))
    text = "".join(map(chr, (chance.randint(1, highest) for _ in range(count))))
    return text.encode("utf-8", "ignore")


def soup(chance: Chance, _: list[str]) -> bytes:
    words = WORDS + SIGNS
    made = " ".join(chance.choice(words) for _ in range(chance.choice((2, 8, 40))))
    return (made if chance.random() < 0.3 else f"{HEAD}  {made}{TAIL}").encode("utf-8")


def broken_tokens(chance: Chance, texts: list[str]) -> bytes:
    tokens = _TOKEN.findall(chance.choice(texts))
    for _ in range(chance.choice((1, 1, 1, 2, 4, 9))):
        if not tokens:
            break
        at = chance.randrange(len(tokens))
        what = chance.randrange(6)
        if what == 0:
            del tokens[at]
        elif what == 1:
            tokens.insert(at, tokens[chance.randrange(len(tokens))])
        elif what == 2:
            tokens[at] = chance.choice(WORDS + SIGNS)
        elif what == 3:
            tokens.insert(at, chance.choice(SIGNS))
        elif what == 4:
            other = chance.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif re.fullmatch(r"[0-9_.]+", tokens[at]):
            tokens[at] = chance.choice(NUMBERS)
        else:
            end = min(len(tokens), at + chance.randrange(1, 12))
            tokens[at:at] = tokens[at:end]
    return "".join(tokens).encode("utf-8", "replace")


def broken_characters(chance: Chance, texts: list[str]) -> bytes:
    data = bytearray(chance.choice(texts).encode("utf-8", "replace"))
    for _ in range(chance.choice((1, 2, 5))):
        if not data:
            break
        at = chance.randrange(len(data))
        what = chance.randrange(4)
        if what == 0:
            del data[at : at + chance.choice((1, 1, 3, 40))]
        elif what == 1:
            data[at] = chance.randrange(256)
        elif what == 2:
            data[at:at] = chance.choice(SIGNS).encode("utf-8")
        else:
            data[at:at] = data[at : at + 20]
    return bytes(data)


def spliced(chance: Chance, texts: list[str]) -> bytes:
    one, two = chance.choice(texts).split("\n"), chance.choice(texts).split("\n")
    at, other = chance.randrange(len(one)), chance.randrange(len(two))
    made = one[:at] + two[other : other + chance.choice((1, 3, 99))] + one[at:]
    return "\n".join(made).encode("utf-8", "replace")


def value(chance: Chance, depth: int = 0) -> str:
    """An expression; it may be anything but long."""
    if depth > 3 or chance.random() < 0.35:
        return chance.choice(NUMBERS)
    inner = [value(chance, depth + 1) for _ in range(3)]
    return chance.choice(
        [
            f"({inner[0]})",
            f"{inner[0]} {chance.choice('+ - * / // % ** < <= == != in'.split())} {inner[1]}",
            f"-{inner[0]}",
            f"not {inner[0]}",
            f"[{inner[0]}, {inner[1]}]",
            f"({inner[0]}, {inner[1]})",
            f'{{"a": {inner[0]}, {inner[1]}: 2}}',
            f"{inner[0]}[{inner[1]}]",
            f"{inner[0]}[{inner[1]}:{inner[2]}]",
            f"{inner[0]} if {inner[1]} else {inner[2]}",
            f"{chance.choice('range len min max round'.split())}({inner[0]}, {inner[1]})",
        ]
    )


NAMES = (
    "click a/b a.b . .. a\\\\b a\\nb a\\x07b \\u202e \\ud800 模型 é\\u0301 return Dense _ 1 {{ }} "
    "% ' : $ y x"
).split(" ")


def family(chance: Chance, depth: int = 0) -> str:
    """An expression that may hold tensors, layer classes and blocks; it may be anything."""
    if depth > 3 or chance.random() < 0.3:
        return chance.choice(
            "x im t xs ys ds inputs outputs inputs['x'] x.shape im.shape[1] x.shape[-1] t.shape "
            "tab f Dense BatchNormalization tower names [] {} () None [x]*3 f'{i}' i x[0] xs[0] "
            "ds['a'] xs[-1] xs[1:] im[:,0] ds.items() ds.keys() ds.values() tab['a'] q".split()
        )
    if chance.random() < 0.25:
        return value(chance, depth)
    inner = [family(chance, depth + 1) for _ in range(3)]
    target = chance.choice(("i", "i, t", "i, (t, q)", "(i,)", "_", "i, i", "(i, t), q", "i, *t"))
    function = chance.choice("sum zip enumerate sorted reversed abs int str min len".split())
    return chance.choice(
        [
            f"({inner[0]})",
            f"{inner[0]} {chance.choice('+ - * / // % ** @ < == != and or in'.split())} {inner[1]}",
            f"-{inner[0]}",
            f"not {inner[0]}",
            f"[{inner[0]}, *{inner[1]}]",
            f"[{inner[0]} for {target} in {inner[1]}]",
            f"[{inner[0]} for {target} in {inner[1]} if {inner[2]}]",
            f"[{inner[0]} for i in {inner[1]} for {target} in {inner[2]}]",
            f"{{{inner[0]}: {inner[1]} for {target} in {inner[2]}}}",
            f"{{{inner[0]}: {inner[1]}, **{inner[2]}}}",
            f"({inner[0]} for {target} in {inner[1]})",
            f"{inner[0]}[{inner[1]}]",
            f"{inner[0]}.shape",
            f"({inner[0]} if {inner[1]} else {inner[2]})",
            f"""f"{{{inner[0].replace('"', "'")}}}_{{i}}\"""",
            f"(x -> f({inner[0]}))",
            f"({inner[0]} -> Dense({inner[1]}))",
            f"({inner[0]}, {inner[1]})",
            f"({inner[0]} -> {inner[1]})",
            f"concat({inner[0]}, *{inner[1]})",
            f"ops.stack({inner[0]}, axis={inner[1]})",
            f"({inner[0]} -> repeat 2 {{ {chance.choice(('f(x)', 'g()', 'tab', 'Dense(8)'))} }})",
            f"{function}({inner[0]})",
            f"{function}({inner[0]}, {inner[1]})",
            f"Dense(8, **{inner[0]})",
        ]
    )


def declaration(chance: Chance, depth: int = 0) -> str:
    """A declaration of a model that may hold families; names may be declared more than once."""
    one, two = family(chance, 1), family(chance, 1)
    name = chance.choice(NAMES)
    rounds = chance.randrange(3) if depth < 3 else 0
    inner = " ".join(declaration(chance, depth + 1) for _ in range(rounds))
    over = chance.choice("inputs outputs names range(3) ds xs".split())
    setting = chance.choice(("loss=", "weight=", "**", "metrics="))
    quoted = two.replace('"', "'")
    habit = chance.choice(
        [
            f"x += {one}\n",
            f"xs.append({one})\n",
            f"for i in {one}:\n    a = {two}\n",
            f"if {one}:\n    a = {two}\n  else:\n    a = {one}\n",
        ]
    )
    stages = chance.choice((one, "[Dense(8) for _ in range(2)]", "Dense(8)"))
    letter = chance.choice("abckmpx")
    return chance.choice(
        [
            f"{letter} = {one}\n",
            f"{letter}, {chance.choice('abq_')} = {one}\n",
            f"let {letter} = {one}\n",
            f"shared {letter} = {stages}\n",
            f'output f"{name}{{i}}"({setting}{two}) = {one}\n',
            f'output "{name}" = {one}\n',
            f'input "{name}": float32[{two}]\n',
            f'input f"{{{quoted}}}": {chance.choice(("float32", "d", "names"))}[*{one}]\n',
            f"for i in {one} {{ {inner} }}\n",
            f"for i, t in {one} {{ {inner} }}\n",
            f"for i in {over} {{ {inner} }}\n",
            f"when {one} {{ {inner} }}\n",
            f"when {one} {{ {inner} }} else {{ {inner} a = x\n }}\n",
            f"when {one} {{ {inner} }} else when {two} {{ {inner} }}\n",
            f"h{depth} = (x, xs) -> repeat 2 {{ g2({two}) }}\n",
            habit,
        ]
    )


FAMILIES = """let d = "float32"
block x -> f(n=8, norm=ReLU) { return x -> Dense(8) -> norm() }
block x -> g(n=f) { return x -> n(n) -> Dense(8) }
block (x, s) -> g2(n) { return x -> Dense(8), [*s, x] }
block x -> tower(table) { return x -> table -> Dense(8) }
"""


def families(chance: Chance, _: list[str]) -> bytes:
    """Lists and dicts of tensors, comprehensions, loops and choices among declarations."""
    body = "  ".join(declaration(chance) for _ in range(chance.choice((1, 2, 3, 6))))
    given = """  let names = ["a", "b"]
  xs = [x, x -> Dense(8)]
  ds = {"a": x, "b": x -> Dense(8)}
  shared tab = {"a": Dense(8), "b": Dense(8)}
  t = x -> tab["a"]
"""
    return f"{FAMILIES}{HEAD}{given}  {body}{TAIL}".encode("utf-8", "replace")


def values(chance: Chance, _: list[str]) -> bytes:
    one, two, three = value(chance), value(chance), value(chance)
    body = chance.choice(
        [
            f"let a = {one}\n  h = x -> Dense(a)",
            f"h = x -> Dense({one}, use_bias={two})",
            f"h = im -> Conv2D({one}, {two}, strides={three})",
            f"h = x -> Reshape({one})",
            f"input z: float32[{one}, {two}]\n  h = concat(x, z -> Flatten())",
            f"h = x -> repeat {one} {{ Dense({two}) }}",
            f"h = x -> for i in {one} {{ Dense(i) }}",
            f"h = im[{one}:{two}, {three}]",
            f"h = ops.reshape(x, {one})",
            f"h = ops.mean(im, axis={one}, keepdims={two})",
            f"output o(loss={one}, weight={two}, metrics={three}) = x -> Dense(1)",
            f"train(optimizer={one}, epochs={two}, callbacks={three})",
            f"h = x -> if {one} {{ Dense({two}) }} else {{ Dropout({three}) }}",
            f"h = concat(x, x, axis={one}) -> Embedding({two}, {three})",
            f"h = im -> MaxPooling2D({one}, padding={two}) -> Flatten() -> LSTM({three})",
            f"h = (x, {one}) -> Attention({two})",
            f"dim T\n  input z: float32[T, T * {one}, T // {two} - {three}]\n  h = z -> Flatten()",
        ]
    )
    return f"{HEAD}  {body}\n  output e = h -> Dense(1){TAIL}".encode()


def sizes(chance: Chance, _: list[str]) -> bytes:
    """Things that are long, deep or many, none so much that the search would stand still."""
    count = chance.choice((10, 60, 101, 250, 1_000))
    deep = chance.choice(("(", "[", "{", "-", "not ", "1+", "1**", "x[", "Dense(", "a.", '{"k":'))
    body = chance.choice(
        [
            f"let a = {deep * count}1{')' * chance.choice((0, count))}",
            f"h = x {'-> ReLU() ' * count}",
            f"h = x -> {'repeat 9 { ' * count} ReLU() {'}' * count}",
            f"h = x -> {'if 1 { ReLU() } else ' * count} {{ ReLU() }}",
            f"h = x -> Dense({'9' * count})",
            f"h = x -> {'D' * count}(3)",
            f'h = x -> Dense(3, name="{"n" * count}")',
            "\n".join(f"  a{i} = a{i - 1} -> ReLU()" for i in range(count)),
            "\n".join(f"  let a{i} = a{(i * 7 + 1) % count} + 1" for i in range(count)),
            f"h = concat({', '.join(['x'] * count)})",
            f"{'# c' * count}\n{chr(34) * 3}{'d' * count}",
            f"h = x{'[0]' * count}",
            "\n".join(f"  output o{i} = x -> Dense({i})" for i in range(count)),
            f"input z: float32[{', '.join(['2'] * count)}]\n  h = z -> Flatten()",
            f"h = concat([x for i in range({count}) for j in range({count})])",
            f"let a = {'[' * (count % 99)}i{' for i in range(9)]' * (count % 99)}",
            f"{'for i in [1, 2] { ' * (count % 99)} let a = i {'}' * (count % 99)}",
            f"{'when 0 { let a = 1 } else ' * count} {{ let a = 2 }}",
            f'let a = f"{"{width}" * count}"',
            "\n".join(f'  let a{i + 1} = f"{{a{i}}}{{a{i}}}"' for i in range(count)),
            f"for i in range({count}) {{ output f'o{{i}}' = x -> Dense(1) }}",
            f"h = [x -> Dense(1) for i in range({count})]",
            f"let a = [1 {'for i in [1, 2] ' * count}]",
        ]
    )
    return f"{HEAD}  {body}{TAIL}".encode()


Maker = Callable[[Chance, list[str]], bytes]

#: Each way to make an input, and how often it is taken.
MAKERS: dict[str, tuple[Maker, float]] = {
    "bytes": (bytes_, 4),
    "characters": (characters, 6),
    "token soup": (soup, 20),
    "values": (values, 20),
    "families": (families, 30),
    "broken tokens": (broken_tokens, 35),
    "broken characters": (broken_characters, 8),
    "spliced": (spliced, 6),
    "sizes": (sizes, 0.3),
}


def examine(data: bytes, *, formats: bool = False) -> tuple[str, ...]:
    """Compile an input as far as its graph and picture; gives the words mtg says of it.

    Raises:
        Exception: mtg has a fault.
    """
    compiler = Compiler("fuzz.mtg", data=data)
    found = compiler.check()
    for each in found:
        size = len(each.span.source.text)
        assert 0 <= each.span.start <= each.span.end <= size, f"{each.code} is outside the text"
        for label in each.labels:
            assert 0 <= label.span.start <= label.span.end <= len(label.span.source.text)
    for each in found[:2]:
        assert each.code in render(each)
    if formats and found:
        _write(found)
    if not compiler.diagnostics.has_errors and compiler.chosen is not None:
        graph, types = compiler.graph, compiler.types
        if graph is not None and types is not None and not compiler.diagnostics.has_errors:
            dot(graph, types)
    return tuple(sorted({re.sub(r"`[^`]*`|\"[^\"]*\"|\d+", "_", each.message) for each in found}))


def _write(found: list[Diagnostic]) -> None:
    """Write diagnostics in every format."""
    json.loads(as_json(found))
    json.loads(sarif(found, version="0"))
    assert len(github(found).splitlines()) == len(found)
    assert concise(found, color=True).count("\n") == len(found)
    assert render_all(found, color=True)


class Fuzz:
    """A run: what was tried, what crashed, what took longest."""

    def __init__(self, seed: int, *, show: bool = False) -> None:
        self.show = show
        self.chance = random.Random(seed)
        self.texts = corpus()
        self.first = len(self.texts)
        self.said: set[tuple[str, ...]] = set()
        self.tried: Counter[str] = Counter()
        self.crashes: dict[str, tuple[str, bytes]] = {}
        self.crashed = 0
        self.clean = 0
        self.slowest: list[tuple[float, int, str, bytes]] = []

    def run(self, count: int) -> None:
        names = list(MAKERS)
        weights = [weight for _, weight in MAKERS.values()]
        for number in range(count):
            name = self.chance.choices(names, weights)[0]
            data = MAKERS[name][0](self.chance, self.texts)
            self.tried[name] += 1
            self._try(name, data, number)
            if number and number % 20_000 == 0:
                print(f"{number:,} tried, {self.crashed} crashed", file=sys.stderr, flush=True)

    def _try(self, name: str, data: bytes, number: int) -> None:
        started = time.perf_counter()
        try:
            words = examine(data, formats=number % 50 == 0)
        except Exception as error:
            self.crashed += 1
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno})"
            self.crashes.setdefault(f"{type(error)}{frame.filename}{frame.lineno}", (where, data))
            return
        taken = time.perf_counter() - started
        self.clean += not words
        if words not in self.said:
            self.said.add(words)
            text = data.decode("utf-8", "replace")
            if len(text) < 3_000:
                if len(self.texts) - self.first < 3_000:
                    self.texts.append(text)
                else:
                    self.texts[self.chance.randrange(self.first, len(self.texts))] = text
        heapq.heappush(self.slowest, (taken, number, name, data))
        if len(self.slowest) > 5:
            heapq.heappop(self.slowest)

    def report(self, seconds: float) -> None:
        print(f"inputs tried     {sum(self.tried.values()):,} in {seconds:,.0f} s")
        for name, count in self.tried.most_common():
            print(f"  {name:20} {count:>9,}")
        print(f"without a word   {self.clean:,}")
        print(f"different answers {len(self.said):,}")
        slow = ", ".join(
            f"{taken:.2f} s ({name})" for taken, _, name, _ in sorted(self.slowest)[::-1]
        )
        print(f"slowest          {slow}")
        for taken, _, _, data in sorted(self.slowest)[::-1] if self.show else ():
            print(f"  {taken:.2f} s: {data!r:.1500}")
        print(f"crashes          {self.crashed} ({len(self.crashes)} different)")
        for where, data in self.crashes.values():
            print(f"\n{where}\n{data!r:.2000}")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("count", nargs="?", type=int, default=200_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--save", metavar="FOLDER", help="where inputs that crash are written")
    arguments.add_argument("--show", action="store_true", help="show the slowest inputs")
    options = arguments.parse_args()
    fuzz = Fuzz(options.seed, show=options.show)
    started = time.perf_counter()
    fuzz.run(options.count)
    fuzz.report(time.perf_counter() - started)
    if options.save:
        for number, (_, data) in enumerate(fuzz.crashes.values()):
            Path(options.save, f"crash{number}.mtg").write_bytes(data)
    return int(bool(fuzz.crashes))


if __name__ == "__main__":
    sys.exit(main())
