"""How well mtg's errors find single faults: seeded mutations of valid programs, kind by kind.

    python benchmarks/diagnostics.py [COUNT] [--seed SEED] [--show KIND] [--misses]

Takes the examples, the programs of `benchmarks/programs` and those that `mtg explain` shows as
right, makes COUNT (40) faults of each kind, and prints per kind, and beside what is to be reached:

- caught: mtg says something. A mutant whose graph, types and tasks are those of the original is no
  fault and not counted; one that is another program and that mtg accepts is a miss.
- line: a diagnostic stands on the line of the fault. Where a bracket is missing, that is the line
  of either bracket; where a shape is wrong, the line it is declared in or a line it is used in.
- spelling: a help line names what was misspelt.
- errors: how many there are for the one fault.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import mutation_graphs  # noqa: F401  (adds its kinds)
import mutation_kinds  # noqa: F401
from mtg.compiler import Compiler
from mtg.text.codes import CODES
from mtg.text.diagnostics import Diagnostic
from mtg.text.explanations import explanation
from mutations import KINDS, Mutant, Program, mutant

ROOT = Path(__file__).parents[1]

#: What is to be reached: caught, line and spelling in percent, errors for one fault.
REACH = (99.0, 97.0, 95.0, 1.1)


def programs() -> list[Program]:
    """The valid programs, of which mtg has nothing to say."""
    paths = [*(ROOT / "examples").glob("*.mtg"), *(ROOT / "benchmarks" / "programs").glob("*.mtg")]
    found = [
        Program(path.stem, path.read_text(encoding="utf-8"), path.parent) for path in sorted(paths)
    ]
    for code in CODES:
        try:
            more = explanation(code)
        except KeyError:
            continue
        if more.kind == "mtg":
            found.append(Program(code, more.right + "\n", ROOT))
    return found


def compiled(program: Program, text: str) -> Compiler:
    """The compiler of a text that stands in the place of a program, checked."""
    os.chdir(program.folder)
    compiler = Compiler(f"{program.name}.mtg", data=text.encode())
    compiler.check()
    return compiler


def said(program: Program, text: str) -> list[Diagnostic]:
    return compiled(program, text).diagnostics.sorted()


def meaning(program: Program, text: str) -> str:
    """All that a program means, as text: two programs of one meaning have the same."""
    from mtg.backends.summary.as_json import summary_json

    compiler = compiled(program, text)
    names = [model.name.name for model in compiler.module.models] if compiler.module else []
    parts = []
    for name in names:
        os.chdir(program.folder)
        one = Compiler(f"{program.name}.mtg", data=text.encode(), model=name)
        graph, types = one.graph, one.types
        if graph is None or types is None:
            continue
        parts.append(summary_json(graph, types))
        for call in graph.calls:
            parts.append(f"{call.layer.name} {call.layer.arguments} {call.args} {call.kwargs}")
        for output in graph.outputs:
            parts.append(f"{output.name} {output.loss} {output.weight} {output.metrics}")
        parts.append(f"{graph.train and (graph.train.compile, graph.train.fit)}")
    return re.sub(r" at 0x[0-9a-f]+|<[^<>]*>", "", "\n".join(parts))


@dataclass
class Score:
    """What was measured of one kind."""

    made: int = 0
    caught: int = 0
    placed: int = 0
    spelt: int = 0
    misspelt: int = 0
    errors: int = 0
    missed: list[Mutant] = field(default_factory=list)
    misplaced: list[Mutant] = field(default_factory=list)
    unsuggested: list[Mutant] = field(default_factory=list)
    echoed: list[Mutant] = field(default_factory=list)

    def add(self, each: Mutant, found: list[Diagnostic]) -> None:
        self.made += 1
        if not found:
            self.missed.append(each)
            return
        self.caught += 1
        lines = set()
        for one in found:
            first, _ = one.span.source.line_column(one.span.start)
            last, _ = one.span.source.line_column(max(one.span.start, one.span.end - 1))
            lines |= {first, last}
        if lines & each.lines:
            self.placed += 1
        else:
            self.misplaced.append(each)
        if each.original:
            self.misspelt += 1
            word = re.escape(each.original)
            if any(re.search(rf"[`\"/]{word}[`\".]", one.help) for one in found):
                self.spelt += 1
            else:
                self.unsuggested.append(each)
        errors = sum(one.is_error for one in found)
        self.errors += max(errors, 1)
        if errors > 1:
            self.echoed.append(each)

    def __iadd__(self, other: Score) -> Score:
        for name in ("made", "caught", "placed", "spelt", "misspelt", "errors"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    def figures(self) -> tuple[float, float, float | None, float]:
        caught = max(self.caught, 1)
        return (
            100 * self.caught / max(self.made, 1),
            100 * self.placed / caught,
            100 * self.spelt / self.misspelt if self.misspelt else None,
            self.errors / caught,
        )


def measure(count: int, seed: int, kinds: Iterable[str] = ()) -> dict[str, Score]:
    """The scores of each kind, from at most `count` mutants of it. The same for the same seed."""
    sources = programs()
    clean = {program.name: meaning(program, program.text) for program in sources}
    scores = {}
    for name in kinds or KINDS:
        chance = random.Random(f"{seed} {name}")
        score = scores[name] = Score()
        seen: set[str] = set()
        for _ in range(count * 6):
            if score.made >= count:
                break
            # The short programs are many, and would count for too much.
            weights = [len(program.text) for program in sources]
            program = chance.choices(sources, weights)[0]
            each = mutant(name, program, chance)
            if each is None or each.text in seen or each.text == program.text:
                continue
            seen.add(each.text)
            found = said(program, each.text)
            if not found and meaning(program, each.text) == clean[program.name]:
                continue
            score.add(each, found)
    return scores


def pairs(count: int, seed: int) -> Score:
    """Programs with two faults each, in statements that have nothing to do with each other.

    In the score `made` counts programs, `caught` those where a diagnostic stands on the line of
    each of the two, and `errors` all errors.
    """
    chance = random.Random(f"{seed} pairs")
    sources = [program for program in programs() if program.text.count("\n") > 12]
    # Of what does not parse nothing follows: a misspelt name in such a declaration is not seen.
    syntax = ("comma missing", "arrow doubled", "quote missing", "colon of an input missing")
    syntax += ("closing bracket missing", "opening bracket missing")
    names = ("misspelt layer", "misspelt argument", "quotes forgotten", "too many arguments")
    names += ("misspelt word as value", "text for a number", "negative number", "argument doubled")
    score = Score()
    while score.made < count:
        program = chance.choice(sources)
        kinds = chance.choice((syntax, names))
        first = mutant(chance.choice(kinds), program, chance)
        if first is None or first.text.count("\n") != program.text.count("\n"):
            continue
        try:
            broken = Program(program.name, first.text, program.folder)
            second = mutant(chance.choice(kinds), broken, chance)
        except (IndexError, KeyError, ValueError):
            continue  # no places can be told in what is broken already
        if second is None or not _apart(program, first, second):
            continue
        found = said(program, second.text)
        lines = {_line(one) for one in found}
        both = bool(lines & first.lines) and bool(lines & second.lines)
        score.made += 1
        score.caught += both
        score.errors += sum(one.is_error for one in found)
        if not both:
            score.missed.append(second)
    return score


def _line(one: Diagnostic) -> int:
    return one.span.source.line_column(one.span.start)[0]


def _apart(program: Program, first: Mutant, second: Mutant) -> bool:
    """Whether a declaration begins on a line between two faults, so that each has its own."""
    low, high = sorted((first.lines, second.lines), key=min)
    lines = program.text.split("\n")[max(low) : min(high)]
    return any(re.match(r"  (input|output|shared|let|train|\w+ =)\b", line) for line in lines[:-1])


def false_alarms() -> list[str]:
    """What mtg has to say of programs that are right."""
    return [str(one) for program in programs() for one in said(program, program.text)]


def row(name: str, score: Score) -> str:
    caught, placed, spelt, errors = score.figures()
    spelling = "" if spelt is None else f"{spelt:.1f}"
    return f"{name:34} {score.made:6} {caught:8.1f} {placed:8.1f} {spelling:>9} {errors:8.2f}"


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    arguments.add_argument("count", nargs="?", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument(
        "--show", metavar="KIND", action="append", default=[], help="show what mtg says"
    )
    arguments.add_argument("--misses", action="store_true", help="show the mutants that fall short")
    options = arguments.parse_args()
    scores = measure(options.count, options.seed, options.show)
    print(
        f"{'kind of fault':34} {'made':>6} {'caught %':>8} {'line %':>8} {'spelling':>9} "
        f"{'errors':>8}"
    )
    total = Score()
    for name, score in scores.items():
        print(row(name, score))
        total += score
    print(row("all", total))
    print(f"{'to reach':34} {'':6} {'>= 99':>8} {'>= 97':>8} {'>= 95':>9} {'<= 1.1':>8}")
    two = pairs(options.count * 5, options.seed)
    print(
        f"two faults in one program: {two.made} made, both reported in "
        f"{100 * two.caught / two.made:.1f} %, {two.errors / two.made:.2f} errors each"
    )
    print(f"false alarms on {len(programs())} valid programs: {len(false_alarms())}")
    for name, score in scores.items():
        lists = {
            "not caught": score.missed,
            "on another line": score.misplaced,
            "spelling not suggested": score.unsuggested,
            "several errors": score.echoed,
        }
        for what, mutants in lists.items() if options.misses or options.show else ():
            for each in mutants[: 5 if options.misses else None]:
                _show(name, what, each)
    return 0


def _show(name: str, what: str, each: Mutant) -> None:
    from difflib import unified_diff

    print(f"\n=== {name}: {what} (lines {sorted(each.lines)} of {each.program.name})")
    before, after = each.program.text.splitlines(), each.text.splitlines()
    print(
        "\n".join(
            line
            for line in unified_diff(before, after, n=0, lineterm="")
            if line[:2] not in ("--", "++", "@@")
        )
    )
    for one in said(each.program, each.text):
        print(f"  {one.location} {one.code} {one.message} | {one.help}")


if __name__ == "__main__":
    sys.exit(main())
