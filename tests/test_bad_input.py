"""Whatever is handed to mtg gives a result or a clear error with a place, in bounded time."""

from __future__ import annotations

import errno
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import mtg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mtg.cli import main
from mtg.limits import MAX_CALLS, MAX_CHARACTERS
from mtg.report.text import render_all
from steps import steps

LONG = os.environ.get("MTG_LONG_TESTS") == "1"
#: How long the programs are that grow by their text; what mtg may do with them grows alike.
MANY = 10_000 if LONG else 2_000
HEAD = "model M {\n  input x: float32[8]\n"
TAIL = "\n  output y = h -> Dense(1)\n}\n"
GOOD = f"{HEAD}  h = x -> Dense(2){TAIL}"


def model(body: str) -> str:
    return HEAD + body + TAIL


def blocks(count: int, body: str, first: str = "x -> Dense(1)") -> str:
    made = [f"block x -> b0() {{ return {first} }}\n"]
    for i in range(1, count + 1):
        made.append(f"block x -> b{i}() {{ {body.replace('BELOW', f'b{i - 1}()')} }}\n")
    return "".join(made)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(data: bytes, folder: Path, capsys: pytest.CaptureFixture[str], code: int = 1) -> str:
    """What `mtg check` says of some bytes, which the API says as well."""
    path = folder / "a.mtg"
    path.write_bytes(data)
    assert main(["check", "a.mtg"]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    found = mtg.check("a.mtg")
    assert [each.message for each in found if each.message not in said.err] == []
    with pytest.raises(mtg.MtgError):
        mtg.load("a.mtg")
    return said.err


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"", "MTG004", "a.mtg"),
        (b"\n\n  \n", "MTG004", "a.mtg:1:1"),
        (b"# nothing\n# but comments\n", "MTG004", "a.mtg:1:1"),
        (b"\xef\xbb\xbf", "MTG004", "a.mtg"),
        (b'"""A docstring."""', "MTG004", "a.mtg:1:1"),
        (b"let a = 1\n", "MTG2", "a.mtg"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00", "MTG003", "a.mtg:1:8"),
        (b"\x89PNG\r\n\x1a\n", "MTG003", "a.mtg:1:1"),
        (b"model M {\n  \xff }", "MTG003", "a.mtg:2:3"),
        ("model M { }".encode("utf-16"), "MTG003", "a.mtg:1:1"),
        (b"model M {\n  input x: float32[3\x00]\n}", "MTG003", "a.mtg:2:21"),
        (b'model M {\n  input x: float32["3]\n}', "MTG002", "a.mtg:2:20"),
        (b"model M {\n  input x: float32[\xc2\xa03]\n}", "MTG001", "a.mtg:2:20"),
        (bytes(range(1, 128)), "MTG0", "a.mtg:1:1"),
        (b"\xed\xa0\x80", "MTG003", "a.mtg:1:1"),
    ],
)
def test_bytes(
    data: bytes, code: str, place: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if code == "MTG2":
        path = folder / "a.mtg"
        path.write_bytes(data)
        with pytest.raises(mtg.MtgError, match="declares no model"):
            mtg.load(path)
        return
    said = refused(data, folder, capsys)
    assert f"error[{code}" in said
    assert f"--> {place}" in said


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("\n", " "),
        GOOD.replace("  ", "\t"),
        "\ufeff" + GOOD,
        GOOD + "\n# " + "a" * 1_000_000,
        GOOD.replace("8", " " * 100_000 + "8"),
        GOOD.replace("h", "größe_模型"),
    ],
)
def test_unusual_text_that_is_good(text: str, folder: Path) -> None:
    (folder / "a.mtg").write_bytes(text.encode())
    assert mtg.check(folder / "a.mtg") == []
    assert mtg.check(text) == []


def test_a_long_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(GOOD.encode() + b"a" * 10_000_000, folder, capsys)
    assert f"the limit is {MAX_CHARACTERS:,}" in said
    said = refused(b"a" * (4 * MAX_CHARACTERS + 1), folder, capsys, code=2)
    assert "it has more than" in said
    said = refused(b"a" * (MAX_CHARACTERS + 1), folder, capsys)
    assert f"the limit is {MAX_CHARACTERS:,}" in said
    said = refused(b"x = " + b"a" * (MAX_CHARACTERS - 100), folder, capsys)
    assert len(said) < 4000


BOMBS = {
    "repeat": (model("  h = x -> repeat 1_000_000_000 { Dense(1) }"), "layer calls"),
    "repeat_nothing": (model("  h = x -> repeat 1_000_000_000 { }"), "layer calls"),
    "nested_repeat": (
        model("  h = x -> repeat 100_000 { repeat 100_000 { ReLU() } }"),
        "layer calls",
    ),
    "three_repeats": (
        model("  h = x -> repeat 1000 { repeat 1000 { repeat 1000 { ReLU() } } }"),
        "layer calls",
    ),
    "for": (model("  h = x -> for i in range(10**12) { Dense(1) }"), "100,000 items"),
    "doubling_blocks": (
        blocks(30, "return x -> BELOW -> BELOW") + model("  h = x -> b30()"),
        "layer calls",
    ),
    "doubling_models": (
        "model B0 { input x: float32[8]\n output y = x -> Dense(8) }\n"
        + "".join(
            f"model B{i} {{ input x: float32[8]\n output y = x -> B{i - 1}() -> B{i - 1}() }}\n"
            for i in range(1, 31)
        ),
        "layer calls",
    ),
    "doubling_shared": (
        model(
            "  shared s0 = Dense(8)\n"
            + "".join(f"  shared s{i} = s{i - 1} -> s{i - 1}\n" for i in range(1, 31))
            + "  h = x -> s30"
        ),
        "layer calls",
    ),
    "doubling_lists": (
        model(
            "  let s0 = [1]\n"
            + "".join(f"  let s{i} = [s{i - 1}, s{i - 1}]\n" for i in range(1, 40))
            + "  h = x -> Reshape(s39)"
        ),
        "100,000 items",
    ),
    "deep_blocks": (
        blocks(MANY // 10, "return x -> BELOW") + model(f"  h = x -> b{MANY // 10}()"),
        "blocks are nested more than 50 deep",
    ),
    "deep_models": (
        "model B0 { input x: float32[8]\n output y = x -> Dense(8) }\n"
        + "".join(
            f"model B{i} {{ input x: float32[8]\n output y = x -> B{i - 1}() }}\n"
            for i in range(1, MANY // 10 + 1)
        ),
        "models are nested more than 50 deep",
    ),
    "brackets": (
        model("  h = x -> Dense(" + "(" * MANY + "1" + ")" * MANY + ")"),
        "brackets are nested more than 100 deep",
    ),
    "open_brackets": ("(" * MANY, "brackets are nested more than 100 deep"),
    "minus": (model("  h = x -> Dense(" + "-" * MANY + "1)"), "more than 200 deep"),
    "not": (model("  h = x -> Dense(" + "not " * MANY + "1)"), "more than 200 deep"),
    "power": (model("  h = x -> Dense(" + "1**" * MANY + "1)"), "more than 200 deep"),
    "plus": (model("  h = x -> Dense(" + "1+" * MANY + "1)"), "more than 200 deep"),
    "conditional": (
        model("  h = x -> Dense(" + "1 if 1 else " * MANY + "1)"),
        "more than 200 deep",
    ),
    "else_if": (
        model("  h = x -> " + "if 0 { ReLU() } else " * MANY + "{ Dense(1) }"),
        "more than 200 deep",
    ),
    "indices": (model("  h = x" + "[0]" * MANY), "more than 200 deep"),
    "attributes": (model("  h = x" + ".a" * MANY), "more than 200 deep"),
    "calls": (model("  h = x -> f" + "()" * MANY), "more than 200 deep"),
    "tower": (model("  h = x -> Dense(10**10**10)"), "bits"),
    "string": (model('  h = x -> Dense(1, name="a" * 10**10)'), "100,000 items"),
    "list": (model("  h = x -> Reshape([0] * 10**10)"), "100,000 items"),
    "huge_units": (model("  h = x -> Dense(10**5000)"), "bits"),
    "huge_length": (GOOD.replace("8", "10**5000"), "bits"),
    "digits": (model("  h = x -> Dense(" + "1" * 5000 + ")"), "5,000 digits"),
    "long_name": (model("  h = x -> " + "D" * 10_000 + "(1)"), "10,000 characters"),
    "imported_names": (
        'from "std/vision" import ' + ", ".join(f"n{i}" for i in range(3 * MANY)) + "\n" + GOOD,
        "too many diagnostics; mtg stops after 200",
    ),
    "unknown_names": (
        model("  h = x\n" + "".join(f"  a{i} = b{i} -> Dens(1)\n" for i in range(MANY // 3))),
        "too many diagnostics; mtg stops after 200",
    ),
    "list_in_a_loop": (
        model(f"  h = x -> repeat {MANY} {{ Dense(len([{'1, ' * 10_000}])) }}"),
        "the values of the program take more than 900,000 steps to compute",
    ),
    "list_in_a_block": (
        f"block x -> b() {{ let a = [{'1, ' * 10_000}]\n return x -> Dense(len(a)) }}\n"
        + model("  h = x" + " -> b()" * MANY),
        "the values of the program take more than 900,000 steps to compute",
    ),
    "results_of_a_block": (
        f"block x -> b() {{ return {'x, ' * 10_000} }}\n"
        + model("".join(f"  h{i} = x -> b()\n" for i in range(MANY // 3))),
        "the values of the program take more than 900,000 steps to compute",
    ),
    "long_lists_compared": (
        "let a = [0] * 90_000\nlet b = [0] * 90_000\n"
        + model(f"  let z = [{'a == b, ' * MANY}]\n  h = x -> Dense(len(z))"),
        "the values of the program take more than 900,000 steps to compute",
    ),
    "keys_that_collide": (
        model(f"  let z = {{{', '.join(f'{i * (2**61 - 1)}: 1' for i in range(MANY))}}}"),
        "a key of a dict has at most 60 bits",
    ),
    "keys_that_collide_in_tuples": (
        model(f"  let z = {{{', '.join(f'({i * (2**61 - 1)},): 1' for i in range(MANY))}}}"),
        "a key of a dict has at most 60 bits",
    ),
    "lengths": (
        model("  h = x" + " -> RepeatVector(1_000_000) -> Flatten()" * 4),
        "`Flatten` has an axis longer than any can be: 2**63 or more",
    ),
    "length_of_an_input": (
        model(f"  input z: float32[{2**63}]\n  h = z -> Dense(1)"),
        "the input `z` has an axis longer than any can be: 2**63 or more",
    ),
    "applications": (
        model(
            "  input im: float32[224, 224, 3]\n  h = im\n"
            + "".join(
                f"  h{i} = im -> applications.ResNet152(weights=None)\n" for i in range(2_000)
            )
        ),
        "has more than 30,000 layer calls",
    ),
    "recursion": ("block x -> a() { return x -> a() }\n" + model("  h = x -> a()"), "uses itself"),
    "mutual_recursion": (
        "block x -> a() { return x -> b() }\nblock x -> b() { return x -> a() }\n"
        + model("  h = x -> a()"),
        "the cycle: a -> b -> a",
    ),
    "model_recursion": ("model A { input x: float32[8]\n output y = x -> A() }\n", "uses itself"),
}


#: Families, loops and choices among declarations, f-strings and blocks as arguments.
BOMBS |= {
    "comprehension": (model("  h = concat([x -> Dense(1) for i in range(10**9)])"), "items"),
    "comprehension_of_nothing": (
        model("  let a = [i for i in range(10**9) if False]\n  h = x -> Dense(len(a) + 1)"),
        "100,000 items",
    ),
    "comprehension_of_layers": (
        model("  h = concat([x -> Dense(1) for i in range(40_000)])"),
        "layer calls",
    ),
    "nested_comprehension": (
        model("  let a = [0 for i in range(10_000) for j in range(10_000) if False]\n  h = x"),
        "steps to compute",
    ),
    "comprehension_of_comprehensions": (
        model("  a = [[x for i in range(10_000)] for j in range(10_000)]\n  h = concat(*a)"),
        "steps to compute",
    ),
    "clauses": (
        model("  let a = [1 " + "for i in [1, 2] " * 60 + "]\n  h = x"),
        "steps to compute",
    ),
    "dict_comprehension": (
        model("  let a = {i: i for i in range(10**9)}\n  h = x -> Dense(len(a))"),
        "100,000 items",
    ),
    "family_of_shared": (
        model("  shared a = {i: Dense(1) for i in range(10**9)}\n  h = x -> a[0]"),
        "100,000 items",
    ),
    "tensors_times": (model("  h = concat([x] * 10**9)"), "100,000 items"),
    "tensors_doubled": (
        model(
            "  l0 = [x]\n"
            + "".join(f"  l{i + 1} = [*l{i}, *l{i}]\n" for i in range(60))
            + "  h = concat(l60)"
        ),
        "100,000 items",
    ),
    "carried_doubled": (
        "block (x, s) -> f() { return x -> Dense(1), [*s, *s] }\n"
        + model("  h, s = (x, [x]) -> repeat 60 { f() }"),
        "100,000 items",
    ),
    "f_strings_doubled": (
        model(
            '  let a0 = "aa"\n'
            + "".join(f'  let a{i + 1} = f"{{a{i}}}{{a{i}}}"\n' for i in range(60))
            + "  h = x -> Dense(len(a60))"
        ),
        "100,000 items",
    ),
    "f_string_of_lists": (
        model('  let a = ["a" * 90_000] * 9_000\n  let b = f"{a}"\n  h = x -> Dense(len(b))'),
        "100,000 items",
    ),
    "f_string_fields": (
        model('  let a = f"' + "{1}" * 100_000 + '"\n  h = x -> Dense(len(a))'),
        "tokens; the limit is 75,000",
    ),
    "f_string_operators": (
        model('  let a = f"{' + "-" * 5_000 + '1}"\n  h = x -> Dense(len(a))'),
        "more than 200 deep",
    ),
    "sum_of_a_range": (model("  h = x -> Dense(sum(range(10**12)))"), "100,000 items"),
    "sum_of_lists": (
        model("  let a = sum([[0] * 10] * 9_900, [0] * 9_000)\n  h = x -> Dense(len(a))"),
        "100,000 items",
    ),
    "sorted": (model("  h = x -> Dense(len(sorted(range(10**12))))"), "100,000 items"),
    "zip": (model("  h = x -> Dense(len(zip(range(10**12), [1])))"), "100,000 items"),
    "enumerate": (model("  h = x -> Dense(len(enumerate(range(10**12))))"), "100,000 items"),
    "max": (model("  h = x -> Dense(max(range(10**12)))"), "100,000 items"),
    "unpacked_range": (model("  h = concat(*range(10**12))"), "100,000 items"),
    "unpacked_lengths": (
        model("  input z: float32[*range(10**12)]\n  h = concat(x, z)"),
        "100,000 items",
    ),
    "declaring_loop": (model("  for i in range(10**9) { let a = i }\n  h = x"), "100,000 items"),
    "declaring_loop_of_outputs": (
        model('  for i in range(40_000) { output f"o{i}" = x -> Dense(1) }\n  h = x'),
        "loop iterations",
    ),
    "declaring_loops": (
        model("".join(f"  for i{k} in [1, 2] {{\n" for k in range(30)) + "}" * 30 + "\n  h = x"),
        "loop iterations",
    ),
    "declaring_loops_too_deep": (
        model("".join(f"  for i{k} in [1] {{\n" for k in range(100)) + "}" * 100 + "\n  h = x"),
        "brackets are nested more than 100 deep",
    ),
    "when_chain": (
        model("  " + "when 0 { let a = 1 } else " * MANY + "{ let a = 2 }\n  h = x -> Dense(a)"),
        "more than 200 deep",
    ),
    "targets_too_deep": (
        model("  let a = [1 for " + "(" * MANY + "i" + ",)" * MANY + " in [1]]\n  h = x"),
        "brackets are nested more than 100 deep",
    ),
    "block_that_gets_itself": (
        "block x -> f(g) { return x -> g(g) }\n" + model("  h = x -> f(f)"),
        "blocks are nested more than 50 deep",
    ),
    "block_that_gets_itself_in_a_list": (
        "block x -> f(gs) { return x -> gs[0](gs) -> gs[0](gs) }\n" + model("  h = x -> f([f])"),
        "blocks are nested more than 50 deep",
    ),
    "block_that_counts_down": (
        "block x -> f(g, n) {\n"
        "  return x -> if n > 0 { g(g, n - 1) -> g(g, n - 1) } else { Dense(1) }\n}\n"
        + model("  h = x -> f(f, 45)"),
        "layer calls",
    ),
    "block_as_its_default": (
        "block x -> f(g=f) { return x -> g() }\n" + model("  h = x -> f()"),
        "blocks are nested more than 50 deep",
    ),
    "model_as_its_default": (
        "model N(g=N) { input x: float32[8]\n output y = x -> g() }\n" + model("  h = x -> N()"),
        "models are nested more than 50 deep",
    ),
    "lengths_that_grow": (
        model(
            "  h0 = x\n"
            + "".join(
                f"  h{i + 1} = concat(h{i}, h{i} -> Dense(h{i}.shape[-1]))\n" for i in range(70)
            )
            + "  h = h70"
        ),
        "axis longer than any can be",
    ),
    "outputs_in_a_circle": (
        model('  for i in range(3) { output f"o{i}" = outputs[f"o{(i + 1) % 3}"] }\n  h = x'),
        "depends on itself",
    ),
    "all_outputs_in_one": (
        model('  output "o" = concat(*outputs.values()) -> Dense(1)\n  h = x'),
        "depends on itself",
    ),
    "inputs_for_each_input": (
        model('  for i in inputs { input f"{i}2": float32[1] }\n  h = x'),
        "`inputs` is needed here to know which inputs there are",
    ),
    "an_input_for_few_inputs": (
        model("  when len(inputs) < 3 { input z: float32[1] }\n  h = x"),
        "`inputs` is needed here to know which inputs there are",
    ),
    "outputs_for_each_output": (
        model('  for o in outputs { output f"{o}2" = outputs[o] -> Dense(1) }\n  h = x'),
        "`outputs` is needed here to know which outputs there are",
    ),
    "wrong_arguments": (
        model(f'  h = x -> Dense(**{{f"k{{i}}": i for i in range({2 * MANY})}})'),
        "too many diagnostics; mtg stops after 200",
    ),
}


#: Some that grow as others do, here to a tenth of what any may; `MTG_LONG_TESTS=1` lets them grow.
TO_A_TENTH = {
    *("doubling_blocks", "doubling_models", "doubling_shared", "list_in_a_loop"),
    *("list_in_a_block", "results_of_a_block"),
    *("long_lists_compared", "applications", "comprehension_of_layers", "nested_comprehension"),
    *("comprehension_of_comprehensions", "clauses", "declaring_loop_of_outputs"),
    *("declaring_loops", "block_that_counts_down"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_programs_that_grow_are_refused(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, words = BOMBS[name]
    (folder / "a.mtg").write_text(text, encoding="utf-8")
    command = ["check", "a.mtg"]
    if name in TO_A_TENTH and not LONG:
        command += ["--max-layers", str(MAX_CALLS // 10)]
        words = words.replace("900,000", "90,000").replace("30,000", "3,000")
    limit = sys.getrecursionlimit()
    codes: list[int] = []
    assert steps(lambda: codes.append(main(command))) < (20_000_000 if LONG else 8_000_000)
    assert codes == [1]
    said = capsys.readouterr().err
    assert words in said
    assert "--> a.mtg:" in said
    assert len(said) < 200_000
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize(
    "text",
    [
        model("  h = x" + " -> ReLU()" * 5000),
        model(
            "  h0 = x\n" + "".join(f"  h{i} = h{i - 1} -> ReLU()\n" for i in range(1, 2001))
        ).replace("= h ->", "= h2000 ->"),
        model(
            "  let a0 = 1\n" + "".join(f"  let a{i + 1} = a{i} + 1\n" for i in range(1500))
        ).replace("h -> Dense(1)", "x -> Dense(a1500)"),
        blocks(45, "return x -> BELOW") + model("  h = x -> b45()"),
        model("  h = x -> Dense(" + "1 + " * 150 + "1)"),
        model("  h = x -> " + "if 0 { ReLU() } else " * 150 + "{ Dense(1) }"),
        model("  " + "when 0 { let a = 1 } else " * 150 + "{ let a = 2 }\n  h = x -> Dense(a)"),
        model(
            "".join(f"  for i{k} in [1] {{\n" for k in range(98))
            + "  output z = x -> Dense(1)\n"
            + "}" * 98
            + "\n  h = x"
        ),
        model("  h = concat([x -> Dense(1) for i in range(3_000)])"),
        model("  let a = sum([[0]] * 50_000, [])\n  h = x -> Dense(len(a))"),
        model('  let a = f"' + "{1}" * 2_000 + '"\n  h = x -> Dense(len(a))'),
        model(f"  h = x -> repeat {MAX_CALLS // 3} {{ ReLU() }}"),
    ],
    ids=[
        *("chain", "declarations", "lets", "blocks", "operators", "else_if"),
        *("when", "loops", "family", "sum", "fields", "repeat"),
    ],
)
def test_programs_below_the_limits(text: str) -> None:
    assert mtg.check(text) == []


#: What a name, a key, an unpacked value or an operand may unluckily be.
ANYTHING = [
    *("x", "[x]", '{"a": x}', "3", "1.5", "10**300", "1e400", 'float("nan")', "None", "True"),
    *('"a"', '""', "()", "[]", "{}", "[[1]]", '{1: 2, 3.5: "b"}', "(1, [2])", "range(3)"),
    *("Dense", "Dense(1)", "L2(1)", "tower", "tab", 'tab["a"]', "inputs", 'inputs["x"]', "q"),
    *("x.shape", "x.shape[0]", "im.shape[1]", "[i for i in x]", "lambda", "relu", "ops", "-1"),
]
#: Where such may stand.
PLACES = [
    *("h = concat(*{}, x)", "h = x -> Dense(8, **{})", "h = concat(**{})", "h = x[{}]"),
    *("a = {{{}: x}}\n  h = a[{}]", "h = [x, x][{}]", 'h = {{"a": x}}[{}]', "h = {} + x"),
    *("h = x -> Dense({}.shape[-1])", "h = [x] * {}", "h = x @ {}", "h = -({})", "h = x == {}"),
    *('output f"o{{{}}}" = x -> Dense(1)\n  h = x', "h = x -> for i in {} {{ Dense(i) }}"),
    *("h = concat([x for i in {}], x)", "h = concat([i for i, j in {}], x)", "h = x if {} else x"),
    *("for i in {} {{ let a = i }}\n  h = x", "when {} {{ let a = 1 }}\n  h = x", "h = sum({})"),
    *("shared a = {}\n  h = x -> a", "h = x -> {}", "h = x -> {}(3)", "h = x -> use({})"),
    *("input z: float32[*{}]\n  h = concat(x, z)", "h = sorted({})", "h = zip({}, [x])"),
    *("h = (x, *{}) -> Concatenate()", "h = (x, [{}]) -> repeat 2 {{ carry() }}", "h = {}"),
    *(
        "output z(**{}) = x -> Dense(1)\n  h = x",
        "train(**{})\n  h = x",
        "h = x // {}",
        "h = {} {}",
    ),
    *("h = dot(x, {}, axes=1)", "let a = {}\n  h = x -> Dense(a)", "a, b = {}\n  h = concat(a, b)"),
]


@pytest.mark.parametrize("place", PLACES)
def test_anything_anywhere(place: str) -> None:
    head = (
        "block x -> tower(n=3) { return x -> Dense(8) }\n"
        "block x -> use(norm) { return x -> norm() }\n"
        "block (x, s) -> carry() { return x -> Dense(8), [*s, x] }\n"
    )
    for value in ANYTHING:
        body = place.replace("{}", value).replace("{{", "{").replace("}}", "}")
        body = '  input im: float32[?, 4]\n  shared tab = {"a": Dense(8), "b": Dense(8)}\n  ' + body
        for found in mtg.check(head + model(body)):
            assert 0 <= found.span.start <= found.span.end <= len(found.span.source.text)
            assert found.code in str(found)
            assert "object at 0x" not in str(found)


NAMES = {
    "a b": "",
    "a.b": "",
    "a:0": "",
    "a'b": "",
    'a\\"b': "",
    "模型": "",
    "return": "",
    "Dense": "",
    "1": "",
    "{": "",
    "": "is not empty",
    "  ": "is not empty",
    "a/b": "has no slash",
    "a\\\\b": "has no slash",
    "..": "is not only dots",
    "a\\nb": "has printable characters only",
    "a\\0b": "has printable characters only",
    "\\x07": "has printable characters only",
    "\\u202e": "has printable characters only",
    "\\ud800": "",
    "a" * 200: "",
    "a" * 201: "has at most 200 characters",
    "a" * 10_000: "has at most 200 characters",
}


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:8]))
def test_names_of_outputs_and_inputs(name: str) -> None:
    words = NAMES[name]
    for declared in (
        f'  output "{name}" = x -> Dense(1)\n  h = x',
        f'  input "{name}": float32[2]\n  h = concat(x, inputs["{name}"])',
        f'  for k in ["{name}"] {{ output f"{{k}}" = x -> Dense(1) }}\n  h = x',
    ):
        found = [each for each in mtg.check(model(declared)) if each.is_error]
        if words:
            assert any(words in each.message for each in found), found
        assert render_all(found).isascii() or name.isprintable()


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:8]))
def test_keys_of_families_give_names_that_keras_takes(name: str) -> None:
    for family in (f'["{name}", "b"]', f'["{name}", "{name}", "b", "b_2"]'):
        graph = mtg.load(model(f"  h = concat([x -> Dense(1) -> Dense(2) for k in {family}])"))
        names = [layer.name for layer in graph.layers]
        assert len(set(names)) == len(names)
        assert all(0 < len(each) <= 420 and "/" not in each for each in names)
        assert all(each.isprintable() for each in names)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_things_that_are_no_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe")
    (folder / "loop").symlink_to("loop")
    cases = {
        "missing.mtg": "there is no such file",
        ".": "it is a folder",
        "/dev/zero": "it has more than",
        "pipe": "it is a named pipe",
        "loop": "ymbolic link",
        "a\0b": "null",
        "n" * 5000: "too long",
        "a.mtg/b": "there is no such file",
    }
    for path, words in cases.items():
        assert main(["check", path]) == 2
        said = capsys.readouterr().err
        assert "error[MTG609]: cannot read" in said
        assert words in said
        for run in (mtg.load, mtg.render, mtg.summary, mtg.fit_arguments):
            with pytest.raises(mtg.MtgError, match="cannot read"):
                run(Path(path))


def test_unreadable(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.mtg").write_text(GOOD, encoding="utf-8")

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    assert main(["check", "a.mtg"]) == 2
    assert "cannot read `a.mtg`: you may not read it" in capsys.readouterr().err


# Imports


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("../outside.mtg", "MTG602", "outside the project"),
        ("sub/../../outside.mtg", "MTG602", "outside the project"),
        ("/etc/passwd", "MTG602", "leaves the project"),
        ("~/x.mtg", "MTG602", "leaves the project"),
        ("link.mtg", "MTG602", "outside the project"),
        ("missing.mtg", "MTG601", "there is no file"),
        ("partz.mtg", "MTG601", 'did you mean "parts.mtg"'),
        ("sub", "MTG601", "there is no file"),
        ("a.mtg", "MTG603", "a.mtg -> a.mtg"),
        ("circle.mtg", "MTG603", "a.mtg -> circle.mtg -> a.mtg"),
        ("latin.mtg", "MTG609", "not UTF-8"),
        ("broken.mtg", "MTG002", "broken.mtg:1:"),
        ("std/nothing", "MTG601", 'mtg ships no "std/nothing"'),
        ("std/../files", "MTG601", "mtg ships no"),
        ("", "MTG601", "empty"),
        (".", "MTG601", "there is no file"),
        ("..", "MTG602", "outside the project"),
        ("n" * 5000, "MTG601", "there is no file"),
    ],
)
def test_imports(
    path: str, code: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    (folder / "sub").mkdir(parents=True)
    monkeypatch.chdir(folder)
    (tmp_path / "outside.mtg").write_text("let a = 1\n", encoding="utf-8")
    (folder / "link.mtg").symlink_to(tmp_path / "outside.mtg")
    (folder / "parts.mtg").write_text("let a = 1\n", encoding="utf-8")
    (folder / "circle.mtg").write_text('from "a.mtg" import b\nlet a = 1\n', encoding="utf-8")
    (folder / "latin.mtg").write_bytes(b"let a = '\xe9'\n")
    (folder / "broken.mtg").write_text("let a = (1\n", encoding="utf-8")
    (folder / "a.mtg").write_text(
        f'from "{path}" import a\n' + model("  h = x -> Dense(a)"), encoding="utf-8"
    )
    found = [each for each in mtg.check("a.mtg") if each.is_error]
    assert code in [each.code for each in found]
    assert words in render_all(found)


def test_a_chain_of_imports(folder: Path) -> None:
    for i in range(1000):
        (folder / f"f{i}.mtg").write_text(f'from "f{i + 1}.mtg" import a\n', encoding="utf-8")
    (folder / "f1000.mtg").write_text("let a = 1\n", encoding="utf-8")
    (folder / "a.mtg").write_text(
        'from "f0.mtg" import a\n' + model("  h = x -> Dense(a)"), encoding="utf-8"
    )
    (folder / "b.mtg").write_text(
        'from "f600.mtg" import a\n' + model("  h = x -> Dense(a)"), encoding="utf-8"
    )
    assert any("imports more than 500 files" in each.message for each in mtg.check("a.mtg"))
    assert mtg.check("b.mtg") == []


# Results that cannot be written


@pytest.fixture
def program(folder: Path) -> Path:
    path = folder / "a.mtg"
    path.write_text(GOOD, encoding="utf-8")
    return path


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


@pytest.mark.parametrize("command", ["render", "compile"])
@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("none/a.svg", "there is no folder none"),
        ("folder.svg", "it is a folder"),
        ("a.mtg/a.svg", "cannot write a.mtg/a.svg"),
        ("n" * 300 + ".svg", "name too long"),
    ],
)
def test_outputs(
    command: str, output: str, words: str, program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (program.parent / "folder.svg").mkdir()
    assert main([command, "a.mtg", "-o", output]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert files(program.parent) == ["a.mtg", "folder.svg"]
    with pytest.raises(OSError, match="cannot write"):
        mtg.render(program, output)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_a_full_disk(
    number: int,
    program: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = program.parent / "a.svg"
    kept.write_text("the picture of yesterday", encoding="utf-8")

    whole = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if program.parent.resolve() not in path.resolve().parents:
            return whole(path, data)  # what Graphviz is given stands elsewhere
        with path.open("wb") as file:
            file.write(data[:10])
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["render", "a.mtg", "-o", "a.svg"]) == 2
    assert os.strerror(number).lower() in capsys.readouterr().err.lower()
    with pytest.raises(OSError, match="cannot write"):
        mtg.render(program, kept)
    assert kept.read_text(encoding="utf-8") == "the picture of yesterday"
    assert files(program.parent) == ["a.mtg", "a.svg"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux")
def test_standard_output_that_is_full(program: Path) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "mtg", "summary", "a.mtg"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "mtg: No space left on device\n"


# Programs with something else in the place of a token: they parse, more often than not

EXAMPLES = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[1] / "examples").glob("**/*.mtg"))
]
OTHERS = [
    "x",
    "y",
    "encoded",
    "0",
    "1",
    "-1",
    "2.5",
    "True",
    "None",
    '"a"',
    "[1,2]",
    "(1,2)",
    "{}",
    "1e400",
    "?",
    "...",
    "ops.mean",
    "concat",
    "Dense",
    "LSTM(3)",
    "Flatten()",
    "if",
    "repeat",
    "for",
    "in",
    "10**9",
    "[x]",
    "_",
    "name=",
    "loss=",
    "weight=",
    "ops",
    "L2",
    "int32",
    "string",
]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(EXAMPLES), st.randoms(use_true_random=False), st.integers(1, 3))
def test_examples_with_other_tokens(text: str, chance: random.Random, count: int) -> None:
    tokens = re.findall(r"\s+|#[^\n]*|\"[^\"\n]*\"|\w+|->|[^\w\s]", text)
    places = [at for at, token in enumerate(tokens) if token.strip() and token[0] != "#"]
    for _ in range(count):
        at = chance.choice(places)
        tokens[at] = chance.choice(["", chance.choice(OTHERS), tokens[chance.choice(places)]])
    program = "".join(tokens)
    for found in mtg.check(program if "{" in program else program + "\n"):
        assert 0 <= found.span.start <= found.span.end <= len(found.span.source.text)
        assert found.code in str(found)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_an_import_of_a_named_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ff.mtg")
    (tmp_path / "a.mtg").write_text('from "ff.mtg" import M\n', encoding="utf-8")
    said = [each.message for each in mtg.check(tmp_path / "a.mtg")]
    assert '"ff.mtg" is not a regular file' in said
