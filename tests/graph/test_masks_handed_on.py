"""Masks that Keras hands on by itself are no difference between a program and what Keras saves of
it, and `decompile` writes none of them; others it writes."""

from __future__ import annotations

import mtg
import pytest

E = "Embedding(9, 4, mask_zero=True)"
INNER = """
model Inner { input e: float32[7, 4]
 output r = e -> LSTM(3) }
model Keeps { input e: float32[7, 4]
 output r = e -> Masking() -> Dense(4) }
model OfStep { input e: int32[1]
 output r = e -> Embedding(9, 4, mask_zero=True) -> LSTM(3) }
"""
FLOWS = {
    "sum": f"add(p -> {E}, q -> {E}) -> LSTM(3)",
    "sum of a masked and another": f"add(p -> {E}, q -> Embedding(9, 4)) -> LSTM(3)",
    "product": f"multiply(p -> {E} -> Masking(), q -> {E}, p -> {E} -> ELU()) -> GRU(3)",
    "joined": f"concat(p -> {E}, q -> {E}) -> LSTM(3)",
    "joined with another": f"concat(p -> {E}, q -> Embedding(9, 4)) -> LSTM(3)",
    "joined in time": f"concat(p -> {E}, q -> Embedding(9, 4), axis=1) -> LSTM(3)",
    "each step": f"p -> {E} -> TimeDistributed(Dense(3)) -> LSTM(2)",
    "both ways": f"p -> {E} -> Bidirectional(LSTM(3, return_sequences=True)) -> GRU(2)",
    "averaged": f"p -> {E} -> Dense(3) -> GlobalAveragePooling1D()",
    "softmax": f'p -> {E} -> Dense(3) -> Activation("softmax") -> LSTM(2)',
    "normalized": f"p -> {E} -> BatchNormalization() -> PReLU() -> UnitNormalization() -> LSTM(2)",
    "cells": f"p -> {E} -> RNN([LSTMCell(3), GRUCell(2)], return_sequences=True) -> SimpleRNN(2)",
    "attended": f"[p -> {E}, q -> {E}] -> Attention() -> LSTM(2)",
    "heads": f"(query=p -> {E}, value=q -> {E}) -> MultiHeadAttention(2, 2) -> LSTM(2)",
    "destroyed": f"p -> {E} -> Conv1D(3, 2) -> LSTM(2)",
    "a model": f"p -> {E} -> Inner()",
    "through a model": f"p -> {E} -> Keeps() -> LSTM(2)",
    "a model of each step": "p -> Reshape((7, 1)) -> TimeDistributed(OfStep()) -> LSTM(2)",
    "dropped": f"p -> {E} -> ActivityRegularization() -> SpatialDropout1D(0.3) -> LSTM(2)",
    "shared": "add(p -> words, q -> words) -> LSTM(3)",
}


def program(flow: str) -> str:
    inputs = "".join(f" input {n}: int32[7]\n" for n in "pq" if f"{n} ->" in flow)
    shared = f" shared words = {E}\n" if "words" in flow else ""
    return f'{INNER}model A {{\n{inputs}{shared} output o(loss="mse") = {flow} }}'


@pytest.mark.filterwarnings("ignore:.*does not support masking")
@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.keras
def test_handed_on(name: str) -> None:
    text = program(FLOWS[name])
    model = mtg.compile(text, model="A")
    found = mtg.diff(mtg.load(text, model="A"), model)
    assert not found, str(found)
    written = mtg.decompile(model)
    assert "mask=" not in written
    assert "not_equal" not in written
    again = mtg.compile(written, model="A")
    assert not mtg.diff(again, model, names=False)


@pytest.mark.parametrize(
    "mask",
    [
        "ops.not_equal(p, 1)",  # of another number
        "ops.not_equal(q, 0)",  # of another tensor
        "ops.logical_not(ops.not_equal(p, 0))",
    ],
)
@pytest.mark.keras
def test_what_a_person_wrote_stays(mask: str) -> None:
    text = f"""model A {{ input p: int32[7] input q: int32[7]
      output o = (p -> {E}, mask={mask}) -> LSTM(3)
      output k = q -> {E} -> LSTM(3) }}"""
    model = mtg.compile(text)
    assert not mtg.diff(mtg.load(text), model)
    assert "mask=" in mtg.decompile(model)
    assert mtg.diff(mtg.load(text.replace(f", mask={mask}", "")), model)
