"""Callbacks that monitor the history of training, and files that are named after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import TypedDict

from mtg.catalog import catalog
from mtg.graph.graph import Train
from mtg.graph.values import KerasObject, PythonObject, Value
from mtg.text.diagnostics import Diagnostic, Edit, Fix
from mtg.text.source import Span
from mtg.text.spelling import ranked
from mtg.text.suggest import replaced
from mtg.types.history import RATE, VALIDATION, History

#: What comes of it that a callback never sees what it monitors; of others nothing is said.
_IN_VAIN = {
    "EarlyStopping": "Keras warns of it in each epoch, and never stops early",
    "ReduceLROnPlateau": "Keras warns of it in each epoch, and never reduces the learning rate",
    "ModelCheckpoint": "Keras warns of it in each epoch, and saves every model, not the best",
    "OrbaxCheckpoint": "Keras warns of it in each epoch, and saves nothing",
}
#: Callbacks that write the learning rate into what those behind them see.
_OFRATES = ("LearningRateScheduler", "ReduceLROnPlateau")


def check_callbacks(train: Train, history: History) -> Iterator[Diagnostic]:
    """Report monitors of callbacks that do not exist, or whose direction is not known."""
    given = train.fit.get("callbacks")
    callbacks = given if isinstance(given, (list, tuple)) else [given]
    seen = history
    for callback in callbacks:
        if isinstance(callback, PythonObject) or _runs_python(callback):
            return  # it may add to the history whatever it likes
        if not isinstance(callback, KerasObject):
            continue
        if callback.name in _OFRATES:
            seen = History({**seen.modes, RATE: ""}, seen.numbered, seen.own, seen.unknown)
        arguments = _arguments(callback)
        if isinstance(arguments.get("monitor"), str):
            yield from _monitor(callback, arguments, seen)
        if "monitor" in arguments and isinstance(arguments.get("filepath"), str):
            yield from _file(callback, arguments, seen, train)


def _runs_python(callback: Value) -> bool:
    return isinstance(callback, KerasObject) and any(
        isinstance(value, PythonObject) for value in callback.arguments.values()
    )


def _arguments(callback: KerasObject) -> Mapping[str, Value]:
    entry = catalog().find("callback", callback.name)
    defaults = {} if entry is None else {p.name: p.default for p in entry.parameters}
    return {**defaults, **callback.arguments}


def _monitor(
    callback: KerasObject, arguments: Mapping[str, Value], history: History
) -> Iterator[Diagnostic]:
    name = str(arguments["monitor"])
    held = history.holds(name)
    place = _place(callback, name)
    by_itself = arguments.get("mode") == "auto" and not history.direction(name)
    meant = None if held else nearest(name, history)
    if by_itself:
        mode = history.modes.get(name.removeprefix(VALIDATION), "")
        told = f'`mode="{mode}"`' if mode else '`mode="min"` or `mode="max"`'
        yield Diagnostic(
            "MTG522",
            f"`{callback.name}` does not know whether `{name}` should rise or fall"
            if held
            else f"`{callback.name}` monitors `{name}`, which the history will not have",
            place,
            notes=(
                *(() if held else (_names(history),)),
                "Keras looks for a metric of that name, without the name of an output, and `fit` "
                "stops with an error after the first epoch",
            ),
            **(
                Instead(help=f"write {told}", fix=_with_mode(callback, mode) if mode else None)
                if held
                else _instead(callback, arguments, meant, history, place)
            ),
        )
    elif not held and arguments.get("save_best_only", True):
        yield Diagnostic(
            "MTG521",
            f"`{callback.name}` monitors `{name}`, which the history will not have",
            place,
            notes=(
                _names(history),
                *([_IN_VAIN[callback.name]] if callback.name in _IN_VAIN else []),
            ),
            **_instead(callback, arguments, meant, history, place),
        )
    elif (
        held
        and name.startswith(VALIDATION)
        and arguments.get("save_best_only")
        and isinstance(arguments.get("save_freq"), int)
    ):
        yield Diagnostic(
            "MTG521",
            f"`{callback.name}` saves after batches, but `{name}` is only known after epochs",
            place,
            notes=("Keras warns of it each time, and does not know which model is the best",),
            help='leave out `save_freq`, or monitor what is measured in training, such as "loss"',
        )


class Instead(TypedDict, total=False):
    """The help and the fix of a name that is not there."""

    help: str
    fix: Fix | None


def _instead(
    callback: KerasObject,
    arguments: Mapping[str, Value],
    meant: str | None,
    history: History,
    place: Span,
) -> Instead:
    """Another name to monitor, with the mode where Keras cannot tell it by that name."""
    if meant is None:
        return {}
    if arguments.get("mode") != "auto" or history.direction(meant):
        return {
            "help": f'monitor "{meant}"',
            "fix": replaced(meant, place, quoted=True, safe=False)["fix"],
        }
    mode = history.modes.get(meant.removeprefix(VALIDATION), "")
    if not mode:
        return {"help": f'monitor "{meant}", and write `mode="min"` or `mode="max"`'}
    text = f'"{meant}", mode="{mode}"'
    before = place.source.text[: place.start].rstrip()
    plain = before.endswith("=") and place is not callback.span and "mode" not in callback.arguments
    fix = Fix.replace(place, text, safe=False) if plain else None
    told = _with_mode(callback, mode)
    if fix is None and told is not None and place is not callback.span:
        name = Edit(place, f'"{meant}"')
        fix = Fix(f"write `monitor={text}`", (name, *told.edits), safe=False)
    return {"help": f"write `monitor={text}`", "fix": fix}


def _names(history: History) -> str:
    """Return a note with the names that the history holds."""
    names = [*history.modes][:12]
    more = ", …" if len(history.modes) > len(names) else ""
    return (
        f"it will have {', '.join(names)}{more}, and `{VALIDATION}` before each where there is "
        "validation data"
    )


def nearest(name: str, history: History) -> str | None:
    """Return the name of the history that is most likely meant; None if not exactly one."""
    prefix = VALIDATION if name.lower().startswith("val") else ""
    base = re.sub(r"^val(id(ation)?)?[_-]?", "", name, flags=re.IGNORECASE)
    same = [each for each in history.modes if _long(each) == _long(base)]
    same = same or [each for each in history.modes if _plain(each, history) == _long(base)]
    if not same and base.startswith("lr") and RATE in history.modes:
        same = [RATE]
    if not same:
        found = ranked(base, history.modes)
        same = [each for cost, each in found if cost == found[0][0]]
    return prefix * (same[:1] != [RATE]) + same[0] if len(same) == 1 else None


#: Words for metrics that mean the same to those who write them.
_LONG = {
    "acc": "accuracy",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
}
_ACCURACIES = ("binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy")


def _long(name: str) -> str:
    """Return the long form of a metric's name, with the output's name left before it."""
    low = name.lower()
    for short, long in _LONG.items():
        if low == short or low.endswith(f"_{short}"):
            low = low.removesuffix(short) + long
    for each in _ACCURACIES:
        if low == each or low.endswith(f"_{each}"):
            return low.removesuffix(each) + "accuracy"
    return low


def _plain(key: str, history: History) -> str:
    """Return a name of the history as people write it who forget the output's name."""
    own = [each.name for each in history.own if key == each.name or key.endswith(f"_{each.name}")]
    return _long(max(own, key=len)) if own else _long(key)


def _file(
    callback: KerasObject, arguments: Mapping[str, Value], history: History, train: Train
) -> Iterator[Diagnostic]:
    """Fields in the name of a file, which Keras fills with what the history holds."""
    path = str(arguments["filepath"])
    place = _place(callback, path)
    by_batch = isinstance(arguments.get("save_freq"), int)
    try:
        names = [name for _, name, _, _ in Formatter().parse(path) if name is not None]
    except ValueError as error:
        yield _no_file(callback, f"`{path}` cannot be filled: {error}", place)
        return
    for field in names:
        name = re.split(r"[.\[]", field)[0]
        if name == "epoch" or (name == "batch" and by_batch):
            continue
        if not name or name.isdigit():
            message = f"`{{{field}}}` in the file name is not the name of a metric"
            yield _no_file(
                callback, message, place, help="write `{epoch}`, or the name of a metric"
            )
        elif not history.holds(name):
            meant = nearest(name, history)
            yield _no_file(
                callback,
                f"the file name uses `{name}`, which the history will not have",
                place,
                _names(history),
                help=f"write `{{{meant}}}`" if meant else "",
                fix=_refield(place, field, name, meant) if meant else None,
            )
        elif name.startswith(VALIDATION) and name not in history.modes:
            if by_batch:
                message = f"the file name uses `{name}`, which is not known after a batch"
                yield _no_file(callback, message, place, help="leave out `save_freq`")
            elif not _validated_in_each_epoch(train):
                message = f"the file name uses `{name}`, which is not measured in each epoch"
                yield _no_file(callback, message, place, help="leave out `validation_freq`")


def _validated_in_each_epoch(train: Train) -> bool:
    freq, first = train.fit.get("validation_freq", 1), train.fit.get("initial_epoch", 0)
    epochs = train.fit.get("epochs", 1)
    if isinstance(freq, bool) or not isinstance(first, int) or not isinstance(epochs, int):
        return True
    if isinstance(freq, int):
        return freq <= 1 or all((epoch + 1) % freq == 0 for epoch in range(first, epochs))
    if isinstance(freq, (list, tuple)):
        return all(epoch + 1 in freq for epoch in range(first, min(epochs, first + 1000)))
    return True


def _no_file(
    callback: KerasObject,
    message: str,
    place: Span,
    *notes: str,
    help: str = "",
    fix: Fix | None = None,
) -> Diagnostic:
    stops = f"`{callback.name}` raises an error when it first saves"
    return Diagnostic("MTG523", message, place, notes=(*notes, stops), help=help, fix=fix)


def _place(callback: KerasObject, text: str) -> Span:
    """Return where a string stands in a call; the call, where that is not plain to see."""
    span = callback.span
    for quote in ('"', "'"):
        written = f"{quote}{text}{quote}"
        if span.text.count(written) == 1:
            start = span.start + span.text.index(written)
            return Span(span.source, start, start + len(written))
    return span


def _refield(place: Span, field: str, name: str, meant: str) -> Fix | None:
    """Another field in the name of a file, where that is written out."""
    if place.text.count("{" + field) != 1:
        return None
    start = place.start + place.text.index("{" + field) + 1
    return Fix.replace(Span(place.source, start, start + len(name)), meant, safe=False)


def _with_mode(callback: KerasObject, mode: str) -> Fix | None:
    """`mode="max"` as a last argument, where the call is written out and says nothing of it."""
    span = callback.span
    if not span.text.endswith(")") or "mode" in callback.arguments or "#" in span.text:
        return None
    comma = "" if span.text[:-1].rstrip().endswith((",", "(")) else ","
    at = span.start + len(span.text[:-1].rstrip())
    text = f'{comma} mode="{mode}"'
    return Fix.replace(Span(span.source, at, at), text, f'write `mode="{mode}"`', safe=False)
