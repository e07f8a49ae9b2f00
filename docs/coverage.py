"""Write the table of what the type rules cover: `python docs/coverage.py`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from mtg.catalog import catalog
from mtg.types.rules.apply import classes_with_rules, ops_with_rules
from mtg.types.rules.registry import UNKNOWABLE, UNKNOWABLE_OPS

HERE = Path(__file__).parent
PAGE = HERE / "coverage.md"


def page() -> str:
    """The page. The differences are the cases of the tests, which hold that they are true."""
    sys.path.append(str(HERE.parent / "tests" / "types"))
    from differences import LAXER, STRICTER, STRICTER_OPS, VAGUE, VAGUE_OPS

    rules, ops = classes_with_rules(), [op for op in ops_with_rules() if op != "getitem"]
    layers, every = _canonical("layer"), _canonical("op")
    rest = sorted(every - {*ops, *UNKNOWABLE_OPS})
    return f"""# What mtg knows without Keras

Made by `python docs/coverage.py` from the rules, the catalogue of Keras {catalog().keras_version},
and the cases of `tests/types/differences.py`; a test holds that it is current. Every rule is
compared with Keras: shapes, dtypes, weights and what is refused, over tables of calls and, for
layers, over calls at random.

| | with an exact rule | that can have one | that cannot |
| --- | --- | --- | --- |
| classes of `keras.layers` | {len(rules)} | {len(layers) - len(UNKNOWABLE)} | {len(UNKNOWABLE)} |
| functions of `keras.ops` | {len(ops)} | {len(every) - len(UNKNOWABLE_OPS)} | {len(UNKNOWABLE_OPS)} |

## Layers

{_names(rules)}

Unknown, because the answer takes running code:

{_reasons(UNKNOWABLE.items())}

What they give is unknown, never wrong, and silences what would only follow from it. So does a
layer written in Python. Where Keras is installed, `mtg check --with-keras` (`mtg summary
--with-keras`, `mtg.check(…, with_keras=True)`) asks it: each such layer is made and called on
symbolic tensors, its results go on through the rules, and what Keras refuses is an error with a
place, MTG309. So are functions without a rule, and applications with arguments that change their
layers; nothing is downloaded for that.

## Functions

Each under all its names: `ops.relu` and `ops.nn.relu`. A slice, `x[:, 0]`, is one too.

{_names(ops)}

Unknown, because they take a function, or give no tensor:

{_reasons(UNKNOWABLE_OPS.items())}

{"Without a rule as yet: " + _names(rest) if rest else "Every other has a rule."}

## Where mtg refuses what Keras builds

Most of what stands here Keras builds and cannot run, or runs to no purpose. The tests hold that
whatever else mtg refuses, Keras cannot run either.

{_cases([*STRICTER, *STRICTER_OPS])}

## Where mtg takes what Keras refuses

{_cases(LAXER)}

## Where Keras is wrong or vague, and mtg says less

{_cases([*VAGUE, *VAGUE_OPS])}
"""


def _canonical(kind: str) -> set[str]:
    """The names of this kind without aliases."""
    entries = (catalog().find(kind, name) for name in catalog().names(kind))
    return {entry.name for entry in entries if entry}


def _names(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def _reasons(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- `{name}`: {reason}" for name, reason in sorted(pairs))


def _cases(cases: Iterable[tuple[str, object]]) -> str:
    found: dict[str, list[str]] = {}
    for reason, case in cases:
        name = case.cls  # type: ignore[attr-defined]
        found.setdefault(reason, []).append(f"ops.{name}" if case.op else name)  # type: ignore[attr-defined]
    return "\n".join(
        f"- {reason}: {_names(dict.fromkeys(names))}" for reason, names in found.items()
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(HERE.parent)}")
