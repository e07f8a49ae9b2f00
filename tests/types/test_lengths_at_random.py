"""Stacks of layers at random over lengths with names, held against the same stacks over numbers.

What is found for `dim h` must be, with a number in the place of `h`, what is found for the number;
and the numbers that the constraints allow must be those that the program is accepted for. Types
over numbers are compared with Keras in the other files. A longer run is one command:
`MTG_EXAMPLES=5000 python -m pytest tests/types/test_lengths_at_random.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mtg.compiler import Compiler
from mtg.lengths.dims import UNKNOWN, Dim, Length, Symbol
from mtg.types.infer import Types

EXAMPLES = int(os.environ.get("MTG_EXAMPLES", "0"))


def windowed(random: Random, rank: int) -> str:
    """A layer that moves a window, or changes lengths in another way."""

    def sizes(least: int, most: int) -> str:
        several = [str(random.randint(least, most)) for _ in range(rank)]
        return several[0] if random.random() < 0.7 else f"({', '.join(several)},)"

    def sides(most: int) -> str:
        pairs = [f"({random.randint(0, most)}, {random.randint(0, most)})" for _ in range(rank)]
        return pairs[0] if rank == 1 else f"({', '.join(pairs)})"

    stride = random.randint(1, 3)
    padding = random.choice(["valid", "same", *["causal"] * (rank == 1)])
    common = "same" if padding == "causal" else padding
    strides = random.choice(["", f", strides={sizes(1, 3)}"])
    spread = random.choice([f"strides={stride}", f"dilation_rate={stride}"])
    more = f", output_padding={random.randint(0, stride - 1)}" if random.random() < 0.3 else ""
    pooling = random.choice(["Max", "Average"])
    return random.choice(
        [
            f"Conv{rank}D(3, {sizes(1, 5)}, padding='{padding}', {spread})",
            f"{pooling}Pooling{rank}D({sizes(1, 4)}{strides}, padding='{common}')",
            f"UpSampling{rank}D({sizes(1, 3) if rank == 2 else stride})",
            f"ZeroPadding{rank}D({sides(3)})",
            f"Cropping{rank}D({sides(3)})",
            f"Conv{rank}DTranspose(3, {random.randint(1, 4)}, strides={stride}, "
            f"padding='{common}'{more})",
            f"DepthwiseConv{rank}D({random.randint(1, 4)}, padding='{common}')",
            f"{pooling}Pooling{rank}D(2) -> UpSampling{rank}D(2)",
            "Dense(3)",
            "Permute((2, 1, 3))" if rank == 2 else f"Reshape([-1, {stride}]) -> Dense(3)",
        ]
    )


def sliced(random: Random) -> str:
    """A slice of one axis."""
    start, stop = random.choice(["", "0", "1", "2", "5"]), random.choice(["", "-1", "-3"])
    step = random.choice(["", "", ":1", ":2", ":3"])
    return random.choice([f"{start}:{stop}{step}", "::-1", "::-2", "-1:", ":1"])


def stack(random: Random, rank: int) -> str:
    """Statements, and all their tensors as outputs."""
    tensors, lines = ["x"], []
    for number in range(random.randint(2, 7)):
        last = tensors[-1] if random.random() < 0.75 else random.choice(tensors)
        flow = f"{last} -> {windowed(random, rank)}"
        if number and random.random() < 0.3:
            flow = f"concat({last}, {random.choice(tensors)})"
        if random.random() < 0.15:
            flow = f"{last}[{', '.join([':', *(sliced(random) for _ in range(rank))])}]"
        tensors.append(f"t{number}")
        lines.append(f"t{number} = {flow}")
    lines += [f"output y{name} = {name}" for name in tensors[1:]]
    return "\n".join(lines)


def found(text: str, head: str, shape: str) -> tuple[Types, bool]:
    """The types of a program, and whether it is accepted."""
    compiler = Compiler(f"model M {{ {head} input x: float32[{shape}, 3]\n{text} }}")
    compiler.check()
    assert compiler.types is not None, text
    return compiler.types, not compiler.diagnostics.has_errors


def allows(form: Mapping[str, Any], values: Mapping[str, int]) -> bool:
    """What a constraint says to machines, of numbers for the names."""
    if "equal" in form:
        left, right = (eval(each, {}, dict(values)) for each in form["equal"])
        return bool(left == right)
    number = values[form["name"]]
    return (
        number % form.get("modulus", 1) in form.get("remainders", [form.get("remainder", 0)])
        and form.get("minimum", 1) <= number <= form.get("maximum", number)
        and number in form.get("values", [number])
    )


def lengths(types: Types, number: Callable[[Dim], Dim]) -> list[list[Dim]]:
    """Of every result of every call."""
    return [
        [number(length) for length in result.shape or ()]
        for call in types.graph.calls
        for result in types.outputs[call.id] or ()
    ]


@settings(
    max_examples=EXAMPLES or 60,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.randoms(use_true_random=False), st.sampled_from([1, 2]))
def test_names_stand_for_numbers(random: Random, rank: int) -> None:
    names = ["h", "w"][:rank]
    text = stack(random, rank)
    shape = ", ".join(names)
    types, fits = found(text, " ".join(f"dim {name}" for name in names), shape)
    # Two names are two lengths, so that no number is tried for both.
    drawn = [random.sample(range(1, most), rank) for most in (65, 65, 65, 10, 10)]
    for numbers in [*drawn, [48, 16][:rank]]:
        values = dict(zip(names, numbers, strict=True))
        head = " ".join(f"let {name} = {value}" for name, value in values.items())
        concrete, accepted = found(text, head, shape)
        allowed = fits and all(allows(each.form, values) for each in types.constraints)
        said = [each.text for each in types.constraints]
        assert allowed == accepted, (values, said, text)
        if not accepted:
            continue
        known = {Symbol(name): value for name, value in values.items()}

        def number(length: Dim, known: Mapping[Length, Dim] = known) -> Dim:
            assert length is not UNKNOWN
            return length.substitute(known) if isinstance(length, Length) else length

        assert lengths(types, number) == lengths(concrete, number), (values, text)
