"""What lengths must be: exact over one name, stated over several, nothing where all is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtg.compiler import Compiler
from mtg.graph.graph import Call
from mtg.graph.layers import KerasLayer
from mtg.lengths.dims import BATCH, Dim, Length, Symbol
from mtg.lengths.equality import same
from mtg.lengths.solve import ALL, MAX_PERIOD, SOON, Numbers, numbers, positives, work, zeros
from mtg.text.source import NOWHERE
from mtg.types.constraints import Constraint, Demand, solve
from steps import growth, steps

H, W, T = Symbol("h"), Symbol("w"), Symbol("T")


def call(number: int = 0) -> Call:
    return Call(number, KerasLayer(f"c{number}", "Add", {}, NOWHERE), (), {}, NOWHERE)


def solved(*pairs: tuple[Dim, Dim | None]) -> list[Constraint]:
    """What the demands come to; each is that of a call of its own."""
    found, conflicts = solve({Demand(*pair): call(n) for n, pair in enumerate(pairs)})
    assert not conflicts
    return found


def texts(*pairs: tuple[Dim, Dim | None]) -> list[str]:
    return [each.text for each in solved(*pairs)]


# ---- words and forms -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "text", "form"),
    [
        (2 * (H // 2), H, "h must be even", {"modulus": 2, "remainder": 0}),
        ((H + 1) // 2, H // 2, "h must be even", {"modulus": 2, "remainder": 0}),
        (2 * ((H + 1) // 2), H + 1, "h must be odd", {"modulus": 2, "remainder": 1}),
        (16 * (H // 16), H, "h must be a multiple of 16", {"modulus": 16, "remainder": 0}),
        (
            4 * (H // 4) + 1,
            H,
            "h must be 1 more than a multiple of 4",
            {"modulus": 4, "remainder": 1},
        ),
        (
            H // 4,
            (H + 2) // 4,
            "h must be 0 or 1 more than a multiple of 4",
            {"modulus": 4, "remainders": [0, 1]},
        ),
        (
            2 * (H // 16),
            H // 8,
            "h must be 0 to 7 more than a multiple of 16",
            {"modulus": 16, "remainders": [0, 1, 2, 3, 4, 5, 6, 7]},
        ),
        (H - 4, 5, "h must be 9", {"values": [9]}),
        (H // 2, 4, "h must be 8 or 9", {"minimum": 8, "maximum": 9}),
        (H // 8, 2, "h must be from 16 to 23", {"minimum": 16, "maximum": 23}),
        (H + H // 2, 7, "h must be 5", {"values": [5]}),
        (H - 6, None, "h must be at least 7", {"minimum": 7}),
        ((H - 7) // 2 + 1, None, "h must be at least 7", {"minimum": 7}),
        (H // 16, None, "h must be at least 16", {"minimum": 16}),
        (H - 2 * (H // 2), None, "h must be odd", {"modulus": 2, "remainder": 1}),
    ],
)
def test_one_name(left: Dim, right: Dim | None, text: str, form: dict[str, Any]) -> None:
    (found,) = solved((left, right))
    assert (found.text, found.form) == (text, {"name": "h", **form})
    assert found.names == ("h",)
    assert len(found.calls) == 1


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        (2 * H, W, "w must be 2*h"),
        (W, 2 * H, "w must be 2*h"),
        (2 * H, 2 * W + 2 * T, "2*T+2*w must be 2*h"),
        (H + 4, W - 1, "w must be h+5"),
        (2 * (H // 2), W, "w must be 2*(h//2)"),
        (2 * (H // 2), 3 * (W // 3), "2*(h//2) must be 3*(w//3)"),
        (H * W, 100, "h*w must be 100"),
        (H * H, 100, "h*h must be 100"),
        (H * W, T, "T must be h*w"),
    ],
)
def test_what_is_not_solved_is_stated(left: Dim, right: Dim, text: str) -> None:
    (found,) = solved((left, right))
    assert found.text == text
    assert found.form == {"equal": text.split(" must be ")}


@pytest.mark.parametrize(
    "pair",
    [
        (T // 2 + (T + 1) // 2, T),
        ((T + 1) // 2, None),
        (BATCH, T),
        (BATCH // 2, None),
        (H - W, None),
        (H - 2 * W, None),
        (100 - H, None),
    ],
)
def test_nothing_is_said(pair: tuple[Dim, Dim | None]) -> None:
    assert solved(pair) == []


# ---- several demands -----------------------------------------------------------------------------


def test_the_strongest_stands_for_all() -> None:
    found = solved(
        (2 * (H // 2), H), (H // 2, None), (4 * (H // 4), H), (H - 2, None), (16 * (H // 16), H)
    )
    assert [each.text for each in found] == ["h must be a multiple of 16"]
    assert [call.id for call in found[0].calls] == [4], "the others follow from it"


def test_what_is_needed_together() -> None:
    found = solved((2 * (H // 2), H), (3 * (H // 3), H), (H - 8, None), (H - 2, None))
    assert [each.text for each in found] == ["h must be a multiple of 6", "h must be at least 9"]
    assert [[call.id for call in each.calls] for each in found] == [[0, 1], [2]]


def test_a_value_says_all() -> None:
    assert texts((2 * ((H + 1) // 2), H + 1), (H - 2, None), (H, 9)) == ["h must be 9"]
    assert texts((H // 8, 2), (5 * (H // 5), H)) == ["h must be 20"]


def test_each_name_for_itself() -> None:
    assert texts((2 * (H // 2), H), (2 * (W // 2), W), (2 * H, W), (W, 2 * H)) == [
        "h must be even",
        "w must be even",
        "w must be 2*h",
    ]


def test_periods_that_do_not_go_together() -> None:
    big, other = 4095, 4096
    assert texts((big * (H // big), H), (other * (H // other), H)) == [
        "h must be a multiple of 4095",
        "h must be a multiple of 4096",
    ]


def test_a_period_beyond_the_limit_is_stated() -> None:
    far = 10 * MAX_PERIOD
    assert texts((far * (H // far), H)) == [f"{far}*(h//{far}) must be h"]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (
            [(2 * (H // 2), H), (H, 9)],
            "no length `h` fits: here it must be 9, and elsewhere even",
        ),
        (
            [(H - 9, None), (H, 9)],
            "no length `h` fits: here it must be 9, and elsewhere at least 10",
        ),
        ([(4096 * (H // 4096), 4096 * (H // 4096) + 1)], None),
    ],
)
def test_demands_that_cannot_both_be_met(pairs: list[tuple[Dim, Dim]], message: str | None) -> None:
    found, conflicts = solve({Demand(*pair): call(n) for n, pair in enumerate(pairs)})
    assert found == []
    assert [conflict.message for conflict in conflicts] == ([message] if message else [])


def test_an_endless_number_of_demands_takes_no_time() -> None:
    length = 4096 * (H // 4096)
    demands = {Demand(length + n, H): call(n) for n in range(3000)}
    assert steps(lambda: solve(demands)) < 3_000_000
    assert steps(lambda: solve({Demand(H - n, None): call(n) for n in range(5000)})) < 3_000_000


# ---- exactness -----------------------------------------------------------------------------------

leaves = st.one_of(st.just(H), st.integers(-5, 5))
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(lambda a, n: a * n, inner, st.integers(2, 3)),
        st.builds(lambda a, n: a // n, inner, st.sampled_from([2, 3, 4])),
    ),
    max_leaves=6,
)
NUMBERS = range(1, 200)


def at(dim: Dim, number: int) -> Dim:
    return dim if isinstance(dim, int) else dim.substitute({H: number})


def holds(form: Any, number: int) -> bool:
    """What a constraint says to machines, of one number."""
    remainders = form.get("remainders", [form.get("remainder", 0)])
    return (
        number % form.get("modulus", 1) in remainders
        and number >= form.get("minimum", 1)
        and number <= form.get("maximum", number)
        and number in form.get("values", [number])
    )


@given(expressions, expressions)
def test_a_constraint_holds_where_the_lengths_are_equal(left: Dim, right: Dim) -> None:
    found, conflicts = solve({Demand(left, right): call()})
    if isinstance(left - right, int) or any("equal" in each.form for each in found):
        return
    for number in NUMBERS:
        equal = at(left, number) == at(right, number)
        said = not conflicts and all(holds(each.form, number) for each in found)
        assert said == equal
    assert bool(conflicts) == zeros(left - right).is_empty  # type: ignore[union-attr, arg-type]


@given(expressions, expressions)
def test_same_knows_what_is_always_or_never_so(left: Dim, right: Dim) -> None:
    equal = {at(left, number) == at(right, number) for number in NUMBERS}
    if same(left, right) is None:
        cost = work(left - right)  # type: ignore[arg-type]
        assert cost is None or cost > SOON or not zeros(left - right).is_empty  # type: ignore[arg-type, union-attr]
    else:
        assert equal == {same(left, right)}


@given(expressions)
def test_a_minimum_is_exact(length: Dim) -> None:
    if not isinstance(length, Length):
        return
    found = positives(length)
    if found is not None:
        assert [n for n in NUMBERS if n in found] == [n for n in NUMBERS if at(length, n) >= 1]  # type: ignore[operator]


sets = st.one_of(
    st.builds(
        lambda m, some, least: numbers(m, frozenset(n % m for n in some), least),
        st.integers(1, 12),
        st.sets(st.integers(0, 11), min_size=1),
        st.integers(1, 30),
    ),
    st.sets(st.integers(1, 40)).map(lambda some: numbers(values=frozenset(some))),
)


@given(sets, sets)
def test_both_is_the_intersection(a: Numbers, b: Numbers) -> None:
    both = a.both(b)
    assert both is not None
    assert [n for n in NUMBERS if n in both] == [n for n in NUMBERS if n in a and n in b]
    assert both == b.both(a)
    assert a.both(ALL) == a
    assert a.both(a) == a


# ---- programs ------------------------------------------------------------------------------------


def program(text: str, head: str = "dim h dim w input x: float32[h, w, 3]") -> Compiler:
    return Compiler(f"model M {{ {head}\n {text} }}")


def constraints(text: str, head: str = "dim h dim w input x: float32[h, w, 3]") -> list[str]:
    compiler = program(text, head)
    types = compiler.types
    assert not compiler.diagnostics.has_errors, [d.message for d in compiler.diagnostics]
    assert types is not None
    return [each.text for each in types.constraints]


def unet(depth: int, merge: str, filters: str) -> str:
    down = ["d0 = x -> Conv2D(4, 3, padding='same')"]
    down += [f"d{n} = d{n - 1} -> MaxPooling2D() -> Conv2D({filters})" for n in range(1, depth + 1)]
    up, last = [], f"d{depth}"
    for n in reversed(range(depth)):
        up.append(f"u{n} = {merge}({last} -> UpSampling2D(), d{n})")
        last = f"u{n}"
    return "\n".join([*down, *up, f"output y = {last} -> Conv2D(1, 1)"])


@pytest.mark.parametrize("merge", ["concat", "add"])
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 6])
def test_a_u_net(depth: int, merge: str) -> None:
    text = unet(depth, merge, "4, 3, padding='same'")
    what = "even" if depth == 1 else f"a multiple of {2**depth}"
    assert constraints(text) == [f"h must be {what}", f"w must be {what}"]
    types = program(text).types
    assert types is not None
    (output,) = types.outputs[len(types.graph.calls) - 1] or ()
    assert str(output) == "float32[h, w, 1]", "under the constraint the simplest length is exact"


def test_places_are_the_calls_that_demand_it() -> None:
    compiler = program(unet(4, "concat", "4, 3, padding='same'"))
    assert compiler.types is not None
    for each in compiler.types.constraints:
        assert {call.layer.cls for call in each.calls} == {"Concatenate"}
        assert len(each.calls) == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("output y = x -> Conv2D(4, 7)", ["h must be at least 7", "w must be at least 7"]),
        (
            "output y = x -> Conv2D(4, 7) -> MaxPooling2D((2, 1)) -> Conv2D(4, 3)",
            ["h must be at least 12", "w must be at least 9"],
        ),
        ("output y = x -> Conv2D(4, 7, padding='same')", []),
        ("output y = x -> Conv2D(4, 7, strides=2, padding='same')", []),
        ("output y = x -> Cropping2D(((1, 1), (0, 0)))", ["h must be at least 3"]),
        ("output y = x -> Reshape([-1, 8])", ["8*((3*h*w)//8) must be 3*h*w"]),
        ("output y = x -> GlobalAveragePooling2D()", []),
        ("output y = ops.add(x -> Conv2D(1, 1), x -> Conv2D(1, 3, padding='same'))", []),
        (
            "input z: float32[8, 9, 3] output y = add(x, z)",
            ["h must be 8", "w must be 9"],
        ),
        (
            "output y = add(x -> MaxPooling2D(2, padding='same'), x -> MaxPooling2D(2))",
            ["h must be even", "w must be even"],
        ),
    ],
)
def test_programs(text: str, expected: list[str]) -> None:
    assert constraints(text) == expected


def _errors(text: str) -> list[Any]:
    compiler = program(text)
    assert compiler.types is not None
    return list(compiler.diagnostics)


@pytest.mark.parametrize(
    ("head", "text", "expected"),
    [
        (
            "dim T input x: float32[T]",
            "output y = x -> Reshape([-1, 4])",
            "T must be a multiple of 4",
        ),
        ("dim T input x: float32[T]", "output y = x -> Reshape([3, 4])", "T must be 12"),
        (
            "dim T input x: float32[T]",
            "a, b, c = ops.split(x, 3, axis=1) output y = ops.add(a, ops.add(b, c))",
            "T must be a multiple of 3",
        ),
        (
            "dim T input x: float32[T, 4]",
            "output y = ops.matmul(x, ops.zeros([4, 7])) -> Conv1D(3, 5)",
            "T must be at least 5",
        ),
        (
            "dim S dim T input x: float32[S, 4] input z: float32[T, 4]",
            "output y = concat(x -> UpSampling1D(2), z)",
            "T must be 2*S",
        ),
    ],
)
def test_other_demands(head: str, text: str, expected: str) -> None:
    assert constraints(text, head) == [expected]


def test_lengths_that_are_never_equal_are_an_error() -> None:
    found = _errors("output y = ops.add(x, x -> AveragePooling2D(3, strides=1))")
    assert [each.code for each in found] == ["MTG301"]


def test_unknown_lengths_give_none() -> None:
    text = unet(3, "concat", "4, 3, padding='same'")
    assert constraints(text, "input x: float32[?, ?, 3]") == []
    assert constraints(text, "input x: float32[64, 64, 3]") == []


def test_lengths_of_a_nested_model_are_those_given_to_it() -> None:
    source = """
    model Halves { dim T input x: float32[T, 4]
      output y = concat(x, x -> MaxPooling1D(2) -> UpSampling1D(2)) }
    model Outer { dim S input a: float32[S, 4] input b: float32[10, 4]
      shared halves = Halves()
      output one = a -> Conv1D(4, 2) -> halves
      output two = b -> halves }
    """
    types = Compiler(source, model="Outer").types
    assert types is not None
    assert [each.text for each in types.constraints] == ["S must be odd", "S must be at least 3"]


def test_a_model_that_no_length_fits_is_an_error() -> None:
    found = _errors(
        "input z: float32[9, ?, 3]\n"
        "a = add(x, x -> MaxPooling2D((2, 1)) -> UpSampling2D((2, 1)))\n"
        "output y = add(a, z)"
    )
    assert [each.code for each in found] == ["MTG301"]
    assert found[0].message == "no length `h` fits: here it must be 9, and elsewhere even"
    assert [label.text for label in found[0].labels] == ["the other constraint"]


def test_a_long_chain_is_linear() -> None:
    def chain(length: int) -> Callable[[], object]:
        layers = " -> ".join(["Conv1D(4, 3)"] * length)

        def work() -> None:
            assert constraints(f"output y = x -> {layers}", "dim T input x: float32[T, 4]") == [
                f"T must be at least {2 * length + 1}"
            ]

        return work

    assert growth(chain, 150, 1500) < 1.5
