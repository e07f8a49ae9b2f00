"""Programs at random: repeated chains, shared instances, blocks, nested models, families.

Every tensor has four features, so that anything may follow anything; pools are small, so that much
repeats. Outputs end in layers, ops, slices, shared calls, blocks, loops and inputs.
"""

from __future__ import annotations

from hypothesis import strategies as st

LAYERS = (
    "Dense(4)",
    'Dense(4, activation="relu")',
    'Dense(4, activation="tanh")',
    "Dense(8) -> Dense(4)",
    "Dense(6) -> Dense(4)",
    "ReLU()",
    "Dropout(0.5)",
    "BatchNormalization()",
)
OPS = ("ops.exp({})", "ops.negative({})", "ops.add({}, 1.0)", "ops.flip({}, axis=-1)")
MERGES = ("add({}, {})", "multiply({}, {})", "concat({}, {}) -> Dense(4)", "ops.add({}, {})")
#: What outputs may be called: some as Keras calls layers and ops that a program does not name.
KEYS = ("y", "exp", "dense", "dense_1", "add_1", "get_item", "identity", "score", "re_lu")

#: Lists and dicts of tensors that go into one, and arithmetic: of one tensor, or of two.
FAMILIES = (
    "add([{} -> Dense(4) for _ in range(3)])",
    "concat(*[{} -> Dense(n) for n in [2, 3]], {}) -> Dense(4)",
    'concat([e for k, e in {{k: {} -> Dense(2) for k in ["p", "q"]}}.items()]) -> Dense(4)',
    "{} * {} + 1.0",
    "({} - {}) -> Dense(4)",
)

layers = st.lists(st.sampled_from(LAYERS), min_size=1, max_size=3)


@st.composite
def flows(draw: st.DrawFn, blocks: int, more: tuple[str, ...] = ()) -> str:
    """Stages after which a tensor has four features again."""
    stages = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.integers(0, 6))
        if kind <= 1 and blocks:
            units = draw(st.sampled_from(("", "8", "6")))
            stages.append(f"b{draw(st.integers(0, blocks - 1))}({units})")
        elif kind <= 2 and more:
            stages.append(draw(st.sampled_from(more)))
        elif kind == 3:
            inner = " -> ".join(draw(layers))
            stages.append(f"repeat {draw(st.integers(2, 4))} {{ {inner} }}")
        elif kind == 4:
            stages.append("for n in [5, 7, 9] { Dense(n) } -> Dense(4)")
        else:
            stages += draw(layers)
    return " -> ".join(stages)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """The text of a program without an error, whose last model is called `M`."""
    parts = []
    pair_results: list[int] = []
    blocks = draw(st.integers(0, 3))
    pool = [" -> ".join(draw(layers)) for _ in range(2)]
    alike = draw(st.booleans())
    end = ""
    for number in range(blocks):
        body = draw(st.sampled_from(pool)) if draw(st.booleans()) else draw(flows(number))
        flow = f"x -> Dense(units) -> Dense(4) -> {body}"
        if not alike or not number:
            end = draw(st.sampled_from((flow, f"add(x, {flow})", f"ops.exp({flow})")))
        parts.append(f"block x -> b{number}(units=4) {{ return {end} }}")
    pairs = draw(st.integers(0, 2))
    for number in range(pairs):
        flow = draw(st.sampled_from(pool)) if draw(st.booleans()) else draw(flows(blocks))
        ends = draw(st.sampled_from(("add(h, y)", "h, multiply(h, y)", "h -> Dense(4), y")))
        body = f"h = concat(x, y) -> Dense(4) -> {flow} return {ends}"
        parts.append(f"block (x, y) -> p{number}() {{ {body} }}")
        several = "," in ends.partition("(")[0] or ends.endswith(", y")
        pair_results.append(2 if several else 1)
    nested = draw(st.integers(0, 2))
    for number in range(nested):
        flow = draw(flows(blocks))
        end = draw(st.sampled_from((f"t -> {flow}", f"ops.exp(t -> {flow})")))
        parts.append(f"model N{number} {{ input t: float32[4] output o = {end} }}")
    lines, tensors, unused = [], ["a", "b"], ["a", "b"]
    more = tuple(f"N{number}()" for number in range(nested))
    if draw(st.booleans()):
        for number in range(blocks):
            lines.append(f"k{number} = {'ab'[number % 2]} -> b{number}()")
            tensors.append(f"k{number}")
            unused.append(f"k{number}")
    if draw(st.booleans()):
        lines.append(f"shared s = {draw(flows(blocks, more))}")
        lines += ["sa = a -> s", "sb = b -> s"]
        tensors += ["sa", "sb"]
        unused += ["sa", "sb"]
        more = (*more, "s")
    if draw(st.booleans()):
        lines.insert(0, "input seq: float32[3, 4]")
        inner = draw(st.sampled_from(("Dense(4)", *(m for m in more if m != "s"))))
        wrapper = draw(st.sampled_from((f"TimeDistributed({inner})", "Bidirectional(LSTM(2))")))
        pooled = " -> GlobalAveragePooling1D()" if "Time" in wrapper else ""
        lines.append(f"q = seq -> {wrapper}{pooled}")
        tensors.append("q")
        unused.append("q")

    def tensor() -> str:
        name = draw(st.sampled_from(tensors))
        if name in unused:
            unused.remove(name)
        return name

    def made() -> str:
        kind = draw(st.integers(0, 5))
        if kind == 5:
            family = draw(st.sampled_from(FAMILIES))
            return family.format(*(tensor() for _ in range(2 if family.count("{}") == 2 else 1)))
        if kind == 0:
            return draw(st.sampled_from(OPS)).format(tensor())
        if kind == 1:
            return draw(st.sampled_from(MERGES)).format(tensor(), tensor())
        if kind == 2:
            return f"{tensor()}[:, 0:4]"
        return f"{tensor()} -> {draw(flows(blocks, more))}"

    for number in range(draw(st.integers(0, 4))):
        names = [f"t{number}"]
        pair = draw(st.integers(0, 5))
        if pair < pairs:
            names += [f"u{number}"] if pair_results[pair] == 2 else []
            times = draw(st.integers(1, 3)) if pair_results[pair] == 2 else 1
            used = f"p{pair}()" if times == 1 else f"repeat {times} {{ p{pair}() }}"
            lines.append(f"{', '.join(names)} = ({tensor()}, {tensor()}) -> {used}")
        else:
            lines.append(f"{names[0]} = {made()}")
        tensors += names
        unused += names
    for key in draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=2, unique=True)):
        end = tensor() if draw(st.integers(0, 5)) == 0 else made()
        lines.append(f"output {key} = {end}")
    if draw(st.booleans()):
        keys = draw(st.sampled_from(('["left", "right"]', '["one"]', "range(2)")))
        lines.append(
            f'for key in {keys} {{ g = {tensor()} -> Dense(3) output f"key {{key}}" = g '
            "when key == 1 { let n = 2 } else { let n = 3 } "
            'output f"other {key}" = g -> Dense(n) }'
        )
    rest = [*unused, *(["a"] if len(unused) == 1 else [])]
    if rest:
        lines.append(f"output rest = concat({', '.join(rest)}) -> Dense(2)")
    body = "\n".join(f"  {line}" for line in lines)
    parts.append(f"model M {{\n  input a: float32[4]\n  input b: float32[4]\n{body}\n}}")
    return "\n".join(parts) + "\n"
