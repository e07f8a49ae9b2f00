"""Families: each program of version 2 is the graph of one that is written out without them."""

from __future__ import annotations

import mtg
import pytest
from expander import same
from mtg.compiler import Compiler
from mtg.graph.graph import Graph
from programs import calls, codes, model, names


def graph_of(text: str, **parameters: object) -> Graph:
    found, _ = Compiler(text, parameters=parameters).checked_graph()
    return found


HEADS = """model M(tasks=["click", "like"]) {
  input x: float32[4]
  for task in tasks { output f"{task}"(loss="mse") = x -> Dense(2) -> Dense(1) }
}"""
HEADS_WRITTEN = """model M {
  input x: float32[4]
  output click(loss="mse") = x -> Dense(2) -> Dense(1)
  output like(loss="mse") = x -> Dense(2) -> Dense(1)
}"""

COLUMNS = """model M(columns={"age": 5, "city": 7}) {
  for name, size in columns.items() { input f"{name}": int32[1] }
  input rest: float32[3]
  all = concat([inputs[name] -> Embedding(size, 2) -> Flatten() for name, size in columns.items()],
    rest)
  output y = all -> Dense(1)
}"""
COLUMNS_WRITTEN = """model M {
  input age: int32[1]
  input city: int32[1]
  input rest: float32[3]
  all = concat(age -> Embedding(5, 2) -> Flatten(), city -> Embedding(7, 2) -> Flatten(), rest)
  output y = all -> Dense(1)
}"""

EXPERTS = """block x -> expert(n) { return x -> Dense(n, activation="relu") }
model M(experts=3) {
  input x: float32[4]
  pool = ops.stack([x -> expert(2) for _ in range(experts)], axis=1)
  output y = pool -> Flatten() -> Dense(1)
}"""
EXPERTS_WRITTEN = """model M {
  input x: float32[4]
  a = x -> Dense(2, activation="relu")
  b = x -> Dense(2, activation="relu")
  c = x -> Dense(2, activation="relu")
  output y = ops.stack([a, b, c], axis=1) -> Flatten() -> Dense(1)
}"""

SKIPS = """block (x, skips) -> down(n) {
  y = x -> Conv2D(n, 3, padding="same")
  return y -> MaxPooling2D(), [*skips, y]
}
block x -> up(skip, n) { return concat(x -> Conv2DTranspose(n, 2, strides=2), skip) }
model M(filters=[2, 3]) {
  input image: float32[8, 8, 1]
  x, skips = (image, []) -> for n in filters { down(n) }
  output y = x -> for n, skip in zip(reversed(filters), reversed(skips)) { up(skip, n) }
}"""
SKIPS_WRITTEN = """model M {
  input image: float32[8, 8, 1]
  a = image -> Conv2D(2, 3, padding="same")
  b = a -> MaxPooling2D() -> Conv2D(3, 3, padding="same")
  c = concat(b -> MaxPooling2D() -> Conv2DTranspose(3, 2, strides=2), b)
  output y = concat(c -> Conv2DTranspose(2, 2, strides=2), a)
}"""

SHARED = """model M(sizes={"a": 5, "b": 6}) {
  input p: int32[3]
  input q: int32[3]
  shared tables = {name: Embedding(size, 2) for name, size in sizes.items()}
  output y = concat([t -> tables[name] for name in sizes for t in [p, q]]) -> Flatten() -> Dense(1)
}"""
SHARED_WRITTEN = """model M {
  input p: int32[3]
  input q: int32[3]
  shared a = Embedding(5, 2)
  shared b = Embedding(6, 2)
  output y = concat(p -> a, q -> a, p -> b, q -> b) -> Flatten() -> Dense(1)
}"""

ARITHMETIC = """model M {
  input x: float32[4]
  input w: float32[4]
  output y = (x * w - 2) / (1 + x ** 2) % 3 -> Dense(1)
  output z = ops.where(x >= w, -x, x // w)
  output m = (x -> Reshape((2, 2))) @ (w -> Reshape((2, 2)))
}"""
ARITHMETIC_WRITTEN = """model M {
  input x: float32[4]
  input w: float32[4]
  a = ops.subtract(ops.multiply(x, w), 2)
  b = ops.mod(ops.true_divide(a, ops.add(1, ops.power(x, 2))), 3)
  output y = b -> Dense(1)
  output z = ops.where(ops.greater_equal(x, w), ops.negative(x), ops.floor_divide(x, w))
  output m = ops.matmul(x -> Reshape((2, 2)), w -> Reshape((2, 2)))
}"""

WHEN = """model M(deep=True, extra=None) {
  input x: float32[4]
  when deep { h = x -> Dense(3) -> Dense(2) } else { h = x -> Dense(2) }
  when extra != None { input z: float32[2] k = concat(h, z) } else when deep { k = h + 1 }
  output y = k -> Dense(1)
}"""
WHEN_WRITTEN = """model M {
  input x: float32[4]
  h = x -> Dense(3) -> Dense(2)
  output y = ops.add(h, 1) -> Dense(1)
}"""

CLASSES = """block x -> unit(n, norm=BatchNormalization, table=None) {
  h = (x -> table) if table != None else x
  return h -> Dense(n) -> norm()
}
block x -> tower(make, n) { return x -> make(n) -> make(n, norm=LayerNormalization) }
model M {
  input x: float32[4]
  shared dense = Dense(4)
  output y = x -> tower(unit, 2) -> Dense(4) -> unit(3, table=dense) -> Dense(4) -> dense
}"""
CLASSES_WRITTEN = """model M {
  input x: float32[4]
  shared dense = Dense(4)
  h = x -> Dense(2) -> BatchNormalization() -> Dense(2) -> LayerNormalization() -> Dense(4)
  output y = h -> dense -> Dense(3) -> BatchNormalization() -> Dense(4) -> dense
}"""

ENDS = """model M(rates={"ctr": 2, "cvr": 3}) {
  input x: float32[4]
  output both = outputs["ctr"] * outputs["cvr"]
  for name, width in rates.items() { output f"{name}" = x -> Dense(width) -> Dense(1) }
  output "a name" = inputs["x"] -> Dense(1)
}"""
ENDS_WRITTEN = """model M {
  input x: float32[4]
  output both = ops.multiply(ctr, cvr)
  output ctr = x -> Dense(2) -> Dense(1)
  output cvr = x -> Dense(3) -> Dense(1)
  output "a name" = x -> Dense(1)
}"""

SHAPES = """model M(heads=2) {
  input x: float32[6, 8]
  parts = ops.split(x, heads, axis=-1)
  mixed = [part -> Dense(x.shape[-1] // heads) for part in parts]
  output y = concat(mixed, *parts[1:]) -> Dense(x.shape[1])
}"""
SHAPES_WRITTEN = """model M {
  input x: float32[6, 8]
  a, b = ops.split(x, 2, axis=-1)
  output y = concat(a -> Dense(4), b -> Dense(4), b) -> Dense(6)
}"""

SPEC = """let specs = {"a": {"loss": "mse", "weight": 0.5}, "b": {"loss": "mae", "metrics": None}}
model M(shape=(3, 2)) {
  input x: float32[*shape, 1]
  for i, (task, spec) in enumerate(specs.items()) {
    let width = 2 * i + 1
    output f"{task}"(**spec) = x -> Flatten() -> Dense(width, **{"activation": "relu"})
  }
}"""
SPEC_WRITTEN = """model M {
  input x: float32[3, 2, 1]
  output a(loss="mse", weight=0.5) = x -> Flatten() -> Dense(1, activation="relu")
  output b(loss="mae") = x -> Flatten() -> Dense(3, activation="relu")
}"""


@pytest.mark.parametrize(
    ("family", "written"),
    [
        (HEADS, HEADS_WRITTEN),
        (COLUMNS, COLUMNS_WRITTEN),
        (EXPERTS, EXPERTS_WRITTEN),
        (SKIPS, SKIPS_WRITTEN),
        (SHARED, SHARED_WRITTEN),
        (ARITHMETIC, ARITHMETIC_WRITTEN),
        (WHEN, WHEN_WRITTEN),
        (CLASSES, CLASSES_WRITTEN),
        (ENDS, ENDS_WRITTEN),
        (SHAPES, SHAPES_WRITTEN),
        (SPEC, SPEC_WRITTEN),
    ],
)
def test_a_family_is_what_it_stands_for(family: str, written: str) -> None:
    assert same(graph_of(family), graph_of(written))
    assert [each.code for each in mtg.check(family)] == []


def test_parameters_make_the_family() -> None:
    assert [o.name for o in graph_of(HEADS, tasks=["a", "b", "c"]).outputs] == ["a", "b", "c"]
    assert len(graph_of(EXPERTS, experts=5).calls) == len(graph_of(EXPERTS).calls) + 2
    branches = {"deep": False, "extra": 1}
    assert [c.layer.name for c in graph_of(WHEN, **branches).inputs] == ["x", "z"]


def test_a_class_or_a_block_is_set_by_its_name() -> None:
    text = """block x -> wide() { return x -> Dense(9) }
model M(norm=LayerNormalization, body=wide) { input x: float32[4] output y = x -> norm() -> body() }
block x -> thin() { return x -> Dense(1) }"""
    layers = [c.layer.cls for c in graph_of(text, norm="BatchNormalization", body="thin").calls]
    assert layers == ["InputLayer", "BatchNormalization", "Dense"]
    with pytest.raises(mtg.MtgError, match="neither"):
        graph_of(text, norm="BatchNormalisation")


def test_layers_are_named_by_the_keys_of_their_rounds() -> None:
    assert names(HEADS) == ["x", "click_dense", "click", "like_dense", "like"]
    assert names(COLUMNS)[3:] == [
        *("all_age_embedding", "all_age", "all_city_embedding", "all_city", "all", "y")
    ]
    body = """hs = [x -> Dense(2) -> Dense(n) for n in [8, 8, 3]]
ds = {k: x -> Dense(1) for k, v in [("a/b", 1), ("c", 2)]}
es = [x -> Dense(1) for rate in [0.5, 0.25] for i in range(2)]
for t in ["p", "q"] { gate = x -> Dense(1) output f"{t}" = concat(gate, x -> Dense(1)) }
output y = concat(hs, ds["a/b"], ds["c"], es)"""
    found = names(model(body))
    assert [name for name in found if name.startswith("hs")] == [
        *("hs_8_dense", "hs_8", "hs_8_2_dense", "hs_8_2", "hs_3_dense", "hs_3")
    ]
    assert [name for name in found if name.startswith("ds")] == ["ds_a_b", "ds_c"]
    assert [name for name in found if name.startswith("es")] == [
        *("es_0_0", "es_0_1", "es_1_0", "es_1_1")
    ]
    assert [n for n in found if n[0] in "gpq"] == [
        *("gate_p", "p_dense", "p", "gate_q", "q_dense", "q")
    ]


def test_layers_in_the_values_of_a_loop_are_named_by_what_it_binds() -> None:
    text = """block xs -> heads(n) { return [x -> ReLU() -> Dense(n) for x in xs] }
model M {
  input x: float32[4]
  for i, y in enumerate([x, x -> Dense(3), x -> ReLU() -> Dense(5)] -> heads(2)) {
    output f"head_{i}" = y
  }
  for task in ["a", "b"] {
    for name, z in {"p": x -> Dense(1), "q": x -> Dense(2)}.items() {
      output f"{task}_{name}" = z
    }
  }
}"""
    assert set(names(text)) == {
        *("x", "y_dense", "y_dense_2", "y_re_lu", "head_0", "head_1", "head_2"),
        *(f"y_heads_{i}{rest}" for i in range(3) for rest in ("", "_re_lu")),
        *("z_a_dense", "z_a_dense_2", "z_b_dense", "z_b_dense_2"),
        *("a_p", "a_q", "b_p", "b_q"),
    }


def test_lists_of_tensors_are_put_one_behind_the_other() -> None:
    joined = model("gs = [[x, x -> ReLU()], [x -> Dense(2)]]\noutput y = concat(sum(gs, []))")
    assert codes(joined) == []
    assert names(joined) == ["x", "gs_re_lu", "gs_dense", "y"]


def test_to_add_remove_or_move_a_task_renames_no_other_layer() -> None:
    def of(tasks: list[str]) -> dict[str, list[str]]:
        graph = graph_of(HEADS, tasks=tasks)
        found = [call.layer.name for call in graph.calls]
        return {task: [name for name in found if name.startswith(task)] for task in tasks}

    every = of(["click", "like", "share"])
    for some in (["share"], ["like", "click"], ["share", "new", "click"]):
        found = of(some)
        assert {task: found[task] for task in some if task in every} == {
            task: every[task] for task in some if task in every
        }


def test_items_that_nothing_uses_are_left_out_without_a_word() -> None:
    assert codes(model("h = [x -> Dense(2) for _ in range(3)]\noutput y = h[1]")) == []


def test_words_that_begin_declarations_are_names_elsewhere() -> None:
    text = """model M(
  model=1, block=2, input=3, output=4, shared=5, train=6, let=7, dim=8, when=9,
) {
  input data: float32[dim]
  h = [data -> Dense(input + output) for from in [model, block] for python in [let, when]]
  import = concat(h) -> Dense(shared) -> Dense(train)
  output y = import
}"""
    assert codes(text) == []


def test_a_name_may_hold_none_and_be_asked_for() -> None:
    text = """model M(flag=False) {
  input x: float32[4]
  extra = (x -> Dense(1)) if flag else None
  output y = concat(x, extra) -> Dense(1) if extra != None else x
}"""
    assert codes(text) != []  # the sides of a conditional are no flows without parentheses
    right = text.replace("concat(x, extra) -> Dense(1)", "concat(x, extra)")
    assert codes(right) == []
    assert len(graph_of(right, flag=True).calls) == 3


@pytest.mark.parametrize(
    ("value", "units"),
    [
        ("abs(-3)", 3),
        ("sum([1, 2, 3])", 6),
        ("sum(n for n in [1])", None),
        ("len([n * m for n in range(3) for m in range(4) if n != m])", 9),
        ("sorted([3, 1, 2])[-1]", 3),
        ("int('7') + int(1.9)", 8),
        ("int(float('2.5') * 2)", 5),
        ("len(str(12345))", 5),
        ("[i for i, _ in enumerate('abc')][-1]", 2),
        ("zip([1, 2], [3, 4, 5])[1][1]", 4),
        ("reversed(range(5))[0]", 4),
        ("max([*range(3), 7])", 7),
        ("{**{'a': 1}, 'b': 2}['b']", 2),
        ("{k: v for k, v in {'a': 6}.items()}['a']", 6),
        ("list({'a': 1}.keys())", None),
        ("len({'a': 1, 'b': 2}.values())", 2),
        ("int(f'{1 + 1}{0}')", 20),
    ],
)
def test_values(value: str, units: int | None) -> None:
    text = model(f"let n = {value}\noutput y = x -> Dense(n)")
    if units is None:
        assert "error" in {found.severity for found in mtg.check(text)}
    else:
        (dense,) = [c for c in graph_of(text).calls if c.layer.cls == "Dense"]
        assert dense.layer.arguments["units"] == units


def test_objects_in_tables_are_what_their_place_takes() -> None:
    text = """let how = {"a": MeanSquaredError(), "b": Huber(delta=0.5)}
model M {
  input x: float32[4]
  for t, e in how.items() { output f"{t}"(loss=e, metrics=[how["a"]]) = x -> Dense(1) }
}"""
    found = [(o.loss.kind, o.metrics[0].kind) for o in graph_of(text).outputs]
    assert found == [("loss", "metric")] * 2
    assert codes(text) == []


def test_the_dtype_of_an_input_may_be_a_name_that_holds_one() -> None:
    text = """let kind = "int32"
model M(other="float16") {
  input x: kind[4]
  input y: other[4]
  output z = concat(x -> Embedding(9, 2) -> Flatten(), y) -> Dense(1)
}"""
    assert codes(text) == []
    found = [call.layer.arguments["dtype"] for call in graph_of(text).inputs]
    assert found == ["int32", "float16"]
    (wrong,) = mtg.check(text.replace('"int32"', "3"))
    assert wrong.code == "MTG405"


def test_a_list_or_dict_alone_is_unpacked_into_a_group() -> None:
    text = """block (a, b) -> f() { return add(a, b) }
model M {
  input x: float32[3, 2]
  h = (*[x -> Dense(2) for _ in range(2)]) -> f()
  output y = (**{"query": h, "value": x}) -> MultiHeadAttention(1, 2)
}"""
    assert codes(text) == []


def test_a_shared_family_may_serve_one_use_each() -> None:
    body = """shared towers = {k: Dense(n) for k, n in [("a", 2), ("b", 3)]}
output y = concat([x -> towers[k] for k in towers])"""
    assert codes(model(body)) == []


def test_a_name_holds_a_class_a_block_and_a_shared_instance() -> None:
    text = """block x -> thin(n) { return x -> Dense(n) }
block x -> use(kind) {
  body = kind
  return x -> body(3)
}
model M(way="thin") {
  input x: float32[4]
  shared table = Dense(4)
  kinds = {"thin": thin, "plain": Dense}
  body = kinds[way]
  again = table
  output y = x -> again -> again -> body(2) -> use(Dense) -> use(kinds["thin"])
}"""
    assert codes(text) == []
    layers = [call.layer for call in graph_of(text).calls[1:]]
    assert [layer.arguments["units"] for layer in layers] == [4, 4, 2, 3, 3]
    assert layers[0] is layers[1]


def test_a_block_of_a_table_may_leave_a_parameter_unused() -> None:
    """It is used as its neighbours are, which need it."""
    text = """block x -> thin(n, width) { return x -> Dense(n) }
block x -> wide(n, width) { return x -> Dense(width) -> Dense(n) }
model M {
  input x: float32[4]
  output y = add([x -> body(2, width=8) for body in [thin, wide]])
}"""
    assert codes(text) == []
    alone = text.replace("[thin, wide]", "[wide]").replace("body in", "_ in range(2) for body in")
    assert codes(alone + "model N { input x: float32[4] output y = x -> thin(1, 2) }") == ["MTG105"]


def test_the_function_shape_is_the_attribute() -> None:
    text = model("output y = ops.reshape(x, [-1, 2, ops.shape(x)[-1] // 2])")
    assert codes(text) == []
    assert calls(text) == calls(text.replace("ops.shape(x)", "x.shape"))


@pytest.mark.parametrize("states", ["c", "[c]", "states=c", "states=[c]"])
def test_the_states_of_a_cell_follow_what_it_reads(states: str) -> None:
    body = f"input c: float32[3]\na, b = (x, {states}) -> GRUCell(3)\noutput y = a + b"
    assert codes(model(body)) == []
    assert codes(model("output y = (x, x) -> LayerNormalization()")) == ["MTG307"]
