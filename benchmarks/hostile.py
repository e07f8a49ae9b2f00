"""How long mtg takes for a megabyte of each construct: at most two seconds, or a refusal.

    python benchmarks/hostile.py [NAME ...] [--size BYTES]

Each row is one input of SIZE (1,000,000) bytes, checked as `mtg check` does, in CPU seconds of one
thread; `said` is the number of diagnostics and the first code. Most inputs of that size have more
words and signs than mtg reads, and are refused at once; so the same is made as long as is read, and
timed too. A row marked `!` took longer than two seconds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context

from mtg.compiler import Compiler
from mtg.limits import MAX_TOKENS
from mtg.report.text import render_all
from mtg.syntax.size_checks import count_tokens

#: CPU seconds that an input may take.
REACH = 2.0

HEAD = "model M {\n  input x: float32[8]\n"
TAIL = "\n  output y = x -> Dense(1)\n}\n"


def fill(size: int, piece: Callable[[int], str], join: str = "\n") -> str:
    """Pieces, each made from its number, up to a size."""
    parts, left, number = [], size, 0
    while left > 0:
        part = piece(number)
        parts.append(part)
        left -= len(part) + len(join)
        number += 1
    return join.join(parts)


def word(number: int) -> str:
    """One of a vocabulary."""
    return f'"word {number}"'


def model(body: str) -> str:
    return f"{HEAD}{body}{TAIL}"


#: The inputs by name, each a function of its size.
INPUTS: dict[str, Callable[[int], str]] = {
    # right, and flat
    "layers in one chain": lambda n: model("  h = x" + fill(n, lambda _: " -> ReLU()", "")),
    "layers with arguments": lambda n: model(
        "  h = x" + fill(n, lambda _: '\n    -> Dense(8, activation="relu")', "")
    ),
    "declarations in a chain": lambda n: model(
        "  h0 = x\n" + fill(n, lambda i: f"  h{i + 1} = h{i} -> ReLU()")
    ),
    "declarations side by side": lambda n: model(fill(n, lambda i: f"  h{i} = x -> Dense(8)")),
    "outputs": lambda n: model(fill(n, lambda i: f'  output o{i}(loss="mse") = x -> Dense(1)')),
    "inputs": lambda n: model(fill(n, lambda i: f"  input i{i}: float32[8]")),
    "uses of a block": lambda n: (
        "block x -> b(k) { return x -> Dense(k) }\n"
        + model("  h = x" + fill(n, lambda _: " -> b(8)", ""))
    ),
    "uses of a shared layer": lambda n: model(
        "  shared s = Dense(8)\n  h = x" + fill(n, lambda _: " -> s", "")
    ),
    "shared layers": lambda n: model(fill(n, lambda i: f"  shared s{i} = Dense(8)")),
    "blocks": lambda n: (
        fill(n, lambda i: f"block x -> b{i}(k) {{ return x -> Dense(k) }}") + model("")
    ),
    "models": lambda n: fill(
        n, lambda i: f"model M{i} {{ input x: float32[8]\n output y = x -> Dense(1) }}"
    ),
    "lets": lambda n: fill(n, lambda i: f"let a{i} = {i}") + "\n" + model(""),
    "lets in a chain": lambda n: (
        "let a0 = 1\n" + fill(n, lambda i: f"let a{i + 1} = a{i} + 1") + "\n" + model("")
    ),
    "dims": lambda n: fill(n, lambda i: f"dim T{i}") + "\n" + model(""),
    "merge of many": lambda n: model(f"  h = concat({fill(n, lambda _: 'x', ', ')})"),
    "merge of many flows": lambda n: model(
        f"  h = concat({fill(n, lambda _: 'x -> Dense(2)', ', ')})"
    ),
    "slices": lambda n: model(fill(n, lambda i: f"  h{i} = x[:{i % 8 + 1}]")),
    "ops": lambda n: model("  h0 = x\n" + fill(n, lambda i: f"  h{i + 1} = ops.add(h{i}, x)")),
    "lengths that are computed": lambda n: (
        "dim T\n" + model(fill(n, lambda i: f"  input i{i}: float32[T + {i}, T * 2 // 3]"))
    ),
    "arguments of one layer": lambda n: model(
        f"  h = x -> Dense(8, {fill(n, lambda i: f'a{i}=1', ', ')})"
    ),
    "parameters of one block": lambda n: (
        f"block x -> b({fill(n, lambda i: f'p{i}=1', ', ')}) "
        "{ return x -> Dense(p0) }\n" + model("  h = x -> b()")
    ),
    "results of one block": lambda n: (
        f"block x -> b() {{ return {fill(n, lambda _: 'x', ', ')} }}\n" + model("  h = x -> b()")
    ),
    "metrics of one output": lambda n: model(
        f'  output o(loss="mse", metrics=[{fill(n, lambda _: "AUC()", ", ")}]) = x'
    ),
    "names of one declaration": lambda n: model(f"  {fill(n, lambda i: f'n{i}', ', ')} = x"),
    "imported names": lambda n: (
        f'from "std/vision" import {fill(n, lambda i: f"n{i}", ", ")}\n' + model("")
    ),
    "imports": lambda n: fill(n, lambda i: f'from "f{i}.mtg" import a{i}') + "\n" + model(""),
    "imports of one file": lambda n: (
        fill(n, lambda _: 'from "std/vision" import residual') + "\n" + model("")
    ),
    # text
    "comment of one line": lambda n: "#" * n + "\n" + model(""),
    "comments": lambda n: fill(n, lambda i: f"# {i}") + "\n" + model(""),
    "blank lines": lambda n: "\n" * n + model(""),
    "blanks": lambda n: " " * n + model(""),
    "docstring": lambda n: '"""' + "d" * n + '"""\n' + model(""),
    "string": lambda n: model(f'  h = x -> Dense(1, name="{"n" * n}")'),
    "name": lambda n: model(f"  {'n' * n} = x -> Dense(1)"),
    "number": lambda n: model(f"  h = x -> Dense({'9' * n})"),
    "line without an end": lambda n: model(fill(n, lambda i: f"h{i} = x -> Dense(8)", " ")),
    # values
    "sum": lambda n: model(f"  h = x -> Dense({fill(n, lambda _: '1', ' + ')})"),
    "list": lambda n: model(f"  let a = [{fill(n, lambda i: str(i), ', ')}]"),
    "vocabulary": lambda n: model(
        f"  input t: string[1]\n  h = t -> StringLookup(vocabulary=[{fill(n, word, ', ')}])"
    ),
    "numbers without end": lambda n: model(fill(n, lambda i: f"  let a{i} = 1e{400 + i} - 1e400")),
    "inputs into one merge": lambda n: model(
        fill(n // 2, lambda i: f"  input i{i}: float32[8]")
        + f"\n  h = concat({fill(n // 5, lambda i: f'i{i}', ', ')})"
    ),
    "list of lists": lambda n: model(f"  let a = [{fill(n, lambda _: '[]', ', ')}]"),
    "dict": lambda n: model(f"  let a = {{{fill(n, lambda i: f'{i}: 1', ', ')}}}"),
    "list that many use": lambda n: (
        "let big = range(90_000)\n" + model(fill(n, lambda i: f"  let a{i} = big + [1]"))
    ),
    "comparisons": lambda n: model(f"  let a = {fill(n, lambda _: '1', ' < ')}"),
    "conditions": lambda n: model(f"  let a = {'1 if 1 else ' * (n // 12)}1"),
    "powers": lambda n: model(fill(n, lambda i: f"  let a{i} = 9 ** 9 ** {i % 9}")),
    "long products": lambda n: model(fill(n, lambda i: f"  let a{i} = 'ab' * 50_000")),
    "loops": lambda n: model(fill(n, lambda i: f"  h{i} = x -> repeat 3 {{ Dense(8) }}")),
    # brackets
    "open brackets": lambda n: "(" * n,
    "open brackets in a model": lambda n: model("  h = " + "(" * n),
    "closing brackets": lambda n: ")" * n,
    "closing brackets in a model": lambda n: model("  h = x" + ")" * n),
    "pairs of brackets": lambda n: model(f"  h = {'()' * (n // 2)}"),
    "braces": lambda n: "{}" * (n // 2),
    "open braces of models": lambda n: fill(n, lambda i: f"model M{i} {{"),
    "else if": lambda n: model("  h = x -> " + "if 0 { ReLU() } else " * (n // 21) + "{ ReLU() }"),
    # wrong on each line
    "unknown tensors": lambda n: model(fill(n, lambda i: f"  h{i} = q{i} -> Dense(8)")),
    "unknown layers": lambda n: model(fill(n, lambda i: f"  h{i} = x -> Dens{i}(8)")),
    "unknown arguments": lambda n: model(fill(n, lambda i: f"  h{i} = x -> Dense(8, u{i}=1)")),
    "shapes that do not fit": lambda n: model(fill(n, lambda i: f"  h{i} = x -> LSTM({i + 1})")),
    "names declared twice": lambda n: model(fill(n, lambda _: "  h = x -> Dense(8)")),
    "errors of syntax": lambda n: model(fill(n, lambda i: f"  h{i} = x -> -> Dense(8)")),
    "unclosed parentheses": lambda n: model(fill(n, lambda i: f"  h{i} = x -> Dense(8")),
    "unclosed strings": lambda n: model(fill(n, lambda i: f'  h{i} = x -> Dense(8, name="a)')),
    "unclosed docstring": lambda n: '"""' + "d" * n,
    "words only": lambda n: fill(n, lambda i: f"w{i}", " "),
    "words in a model": lambda n: model(fill(n, lambda i: f"w{i}", " ")),
    "reserved words": lambda n: fill(n, lambda _: "model", " "),
    "reserved words in a model": lambda n: model(fill(n, lambda _: "input")),
    "signs": lambda n: "->=" * (n // 3),
    "colons": lambda n: model(fill(n, lambda i: f"  a{i}: b", "\n")),
    "heads without a model": lambda n: fill(n, lambda i: f"M{i} {{", "\n"),
    "returns": lambda n: "block x -> b() {\n" + fill(n, lambda _: "  return x") + "\n}\n",
    "cycle of all": lambda n: model(
        fill(n, lambda i: f"  h{i} = h{i + 1} -> ReLU()") + "\n  hz = h0"
    ),
    "cycles": lambda n: model(fill(n, lambda i: f"  h{i} = h{i} -> ReLU()")),
    "unused inputs": lambda n: model(fill(n, lambda i: f"  input i{i}: float32[8]")),
    "control characters": lambda n: model("\x07" * n),
    "quotes": lambda n: model('"' * n),
    "apostrophes": lambda n: model("'" * n),
    "backslashes": lambda n: model("\\" * n),
    "zero bytes": lambda n: "\0" * n,
    "characters of four bytes": lambda n: model("  h = x -> " + "\U0001f600" * (n // 4)),
    "marks on a letter": lambda n: model("  h = x -> a" + "\u0301" * (n // 2)),
    "carriage returns": lambda n: "\r" * n + model(""),
    # that grow
    "loops in loops": lambda n: model(
        fill(n, lambda i: f"  h{i} = x -> repeat 99_999 {{ repeat 99_999 {{ Dense({i}) }} }}")
    ),
    "blocks that double": lambda n: (
        "block x -> b0() { return x -> ReLU() }\n"
        + fill(3_000, lambda i: f"block x -> b{i + 1}() {{ return x -> b{i}() -> b{i}() }}")
        + "\n"
        + model(fill(n, lambda i: f"  h{i} = x -> b45()"))
    ),
    "models that double": lambda n: (
        "model M0 { input x: float32[8]\n output y = x -> Dense(8) }\n"
        + "".join(
            f"model M{i + 1} {{ input x: float32[8]\n output y = x -> M{i}() -> M{i}() }}\n"
            for i in range(40)
        )
        + model(fill(n, lambda i: f"  h{i} = x -> M40()"))
    ),
    "results of a block, again and again": lambda n: (
        f"block x -> b() {{ return {fill(n // 2, lambda _: 'x', ', ')} }}\n"
        + model(fill(n // 2, lambda i: f"  h{i} = x -> b()"))
    ),
    "a list in a block": lambda n: (
        f"block x -> b() {{ let a = [{fill(n // 2, lambda _: '1', ', ')}]\n"
        " return x -> Dense(len(a)) }\n" + model("  h = x" + fill(n // 2, lambda _: " -> b()", ""))
    ),
    "a list in a loop": lambda n: model(
        f"  h = x -> repeat 29_000 {{ Dense(len([{fill(n, lambda _: '1', ', ')}])) }}"
    ),
    "long lists compared": lambda n: (
        "let a = [0] * 90_000\nlet b = [0] * 90_000\n"
        + model(f"  let z = [{fill(n, lambda _: 'a == b', ', ')}]\n  h = x -> Dense(len(z))")
    ),
    "keys that collide": lambda n: model(
        f"  let z = {{{fill(n, lambda i: f'{i * (2**61 - 1)}: 1', ', ')}}}\n"
        "  h = x -> Dense(len(z))"
    ),
    "lengths that double": lambda n: model(
        "  h0 = x\n" + fill(n, lambda i: f"  h{i + 1} = concat(h{i}, h{i})")
    ),
    "lengths that grow": lambda n: model(
        "  input t: float32[4, 4]\n  h = t" + fill(n, lambda _: " -> UpSampling1D(1_000_000)", "")
    ),
    "convolutions of a dim": lambda n: (
        "dim T\n"
        + model(
            "  input t: float32[T, 8]\n  h = t"
            + fill(n, lambda _: " -> Conv1D(8, 3, strides=2)", "")
        )
    ),
    "products of sums": lambda n: (
        "dim A\ndim B\ndim C\ndim D\n"
        + model(
            f"  let z = [{fill(n, lambda i: f'(A+B+1)*(C+D+{i})*(A+C+2)*(B+D+1)//7', ', ')}]\n"
            "  h = x -> Dense(len(z))"
        )
    ),
    "dims that are added": lambda n: (
        fill(n // 4, lambda i: f"dim A{i}")
        + "\n"
        + model(
            fill(n // 3, lambda i: f"  input t{i}: float32[A{i}]")
            + f"\n  h = add({fill(n // 6, lambda i: f't{i}', ', ')})"
        )
    ),
    "many axes": lambda n: model(
        f"  input z: float32[{fill(n, lambda _: '2', ', ')}]\n  h = z -> Flatten()"
    ),
    "applications": lambda n: model(
        "  input im: float32[224, 224, 3]\n"
        + fill(n, lambda i: f"  h{i} = im -> applications.ResNet152(weights=None)")
    ),
    "wrappers in wrappers": lambda n: model(
        fill(n, lambda i: f"  h{i} = x -> {'TimeDistributed(' * 50}Dense(8){')' * 50}")
    ),
    "einsum": lambda n: model(f"  h = ops.einsum('{'ab,' * (n // 3)}ab->b', x)"),
    # text, again
    "escapes": lambda n: model('  h = x -> Dense(1, name="' + "\\x41" * (n // 4) + '")'),
    "look-alikes of letters": lambda n: model(
        fill(n, lambda i: f"  h{i} = \u0445 -> Dens\u0435(8)")
    ),
    "marks of byte order": lambda n: "\ufeff" * (n // 3) + model(""),
    "names of the same letters": lambda n: model(
        "\n".join(f"  a{'ab' * 35}{i:010b} = x -> Dense(8)" for i in range(1_000))
        + "\n"
        + fill(max(n - 100_000, 1_000), lambda i: f"  h{i} = a{'bba' * 24}{i:010b} -> Dense(8)")
    ),
    "unknown names beside thousands": lambda n: (
        fill(n // 2, lambda i: f"let name{i} = {i}")
        + "\n"
        + model(fill(n // 2, lambda i: f"  h{i} = x -> Dense(nam{i})"))
    ),
    "names that are alike": lambda n: model(
        fill(n // 2, lambda i: f"  {'a' * 60}{i:05}b = x -> Dense(8)")
        + "\n"
        + fill(n // 2, lambda i: f"  h{i} = {'a' * 61}{i:05}c -> Dense(8)")
    ),
}


def measure(text: str) -> tuple[float, list[str]]:
    """CPU seconds to check a text and to write what is said of it, and the codes."""
    data = text.encode("utf-8", "surrogatepass")
    started = time.process_time()
    found = Compiler("hostile.mtg", data=data).check()
    render_all(found)
    return time.process_time() - started, [each.code for each in found]


def largest(make: Callable[[int], str], size: int) -> int:
    """The size, up to a given one, at which an input has as many words and signs as are read."""
    for _ in range(4):
        count = count_tokens(make(size))
        if count <= MAX_TOKENS:
            break
        size = int(size * MAX_TOKENS / count * 0.995)
    return size


def _megabytes() -> str:
    """The most memory that one of the processes has had, where the system says."""
    try:
        import resource
    except ImportError:
        return "?"
    most = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return str(most // (1024 if sys.platform != "darwin" else 1_000_000))


def _said(codes: list[str]) -> str:
    return f"{len(codes)}, {codes[0]}" if codes else "nothing"


def _row(name: str, most: int) -> tuple[float, str]:
    """The longer of the two times, and the line of the table."""
    make = INPUTS[name]
    taken, codes = measure(make(most))
    size = largest(make, most)
    below, more = (taken, codes) if size == most else measure(make(size))
    mark = "!" if max(taken, below) > REACH else " "
    kilobytes = f"{size // 1000} kB"
    line = f"{name:30} {taken:8.2f} {mark} {_said(codes):22} {kilobytes:>8} {below:8.2f}   "
    return max(taken, below), line + _said(more)


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("names", nargs="*", metavar="NAME", help="the inputs, instead of all")
    arguments.add_argument("--size", type=int, default=1_000_000)
    options = arguments.parse_args()
    measure(model(""))  # imports, and the tables of the grammar
    names = [name for name in INPUTS if not options.names or name in options.names]
    print(f"{'a megabyte of':30} {'seconds':>8}   {'said':22} {'as many as are read':>20}")
    slow = 0
    # Each in a process of its own, as a user's is, and not in the memory that the others left.
    with get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        for name in names:
            taken, line = pool.apply(_row, (name, options.size))
            slow += taken > REACH
            print(line, flush=True)
    print(f"{slow} took longer than {REACH:g} s; {_megabytes()} MB at most")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main())
