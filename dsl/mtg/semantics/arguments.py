"""Arguments: which parameter each one is for, and whether its value can be meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from contextlib import suppress

from mtg.catalog import Parameter, catalog
from mtg.catalog.kinds import refuse, right_kind, words
from mtg.graph.describe import describe
from mtg.graph.layers import Layer
from mtg.graph.values import DataArray, KerasObject
from mtg.semantics import hints
from mtg.semantics.losses import loss_of, second_loss, written_out
from mtg.semantics.values import ERROR, holds_tensor, kind_of
from mtg.syntax import ast
from mtg.text.diagnostics import Fix, Label, Report
from mtg.text.edits import with_comma
from mtg.text.source import Span
from mtg.text.suggest import NO_SUGGESTION, Suggestion, replaced, suggest_spelling


def match(
    what: str,
    names: Sequence[str],
    required: Sequence[str],
    arguments: Sequence[ast.Argument],
    place: Span,
    report: Report,
    *,
    positional: int | None = None,
    variadic: bool = False,
    also: Sequence[str] = (),
    of_call: Sequence[str] = (),
    sure: Callable[[], Container[str]] | None = None,
    together: str = "",
    parameters: Sequence[Parameter] = (),
) -> dict[str, ast.Argument] | None:
    """Match arguments with parameters, as Python does; None where that fails.

    Args:
        what: What is called, for messages: `` `Dense` ``.
        names: The parameters in order.
        required: Those without a default.
        place: The parentheses, for what is missing.
        positional: How many of the parameters may be given by position; by default all.
        variadic: Whether parameters may be given that are not named.
        also: Settings taken by keyword besides the parameters.
        of_call: Arguments of the layer's call, for those who give them to its constructor.
        sure: The parameters that are certainly spelt right, where the program declares them.
        together: What is to be written where the arguments by position are too many, if known.
        parameters: The parameters, where it is Keras's: words of other libraries are known then.
    """
    found: dict[str, ast.Argument] = {}
    correct = True
    by_position = [argument for argument in arguments if argument.name is None]
    named = [argument.name for argument in arguments if argument.name is not None]
    for argument in by_position:
        if named and argument.span.start > named[0].span.start:
            # Which parameter it is for cannot be told, and so nothing more is said.
            report(
                "MTG401",
                "positional argument after a keyword argument",
                argument.span,
                labels=(Label(named[0].span, "keyword argument"),),
                help="put positional arguments first",
            )
            return None
    limit = len(names) if positional is None else positional
    for argument, name in zip(by_position, names[:limit], strict=False):
        found[name] = argument
    if len(by_position) > limit and not variadic:
        extra = by_position[limit]
        count = f"{limit or 'no'} positional argument{'s' * (limit != 1)}"
        report(
            "MTG401",
            f"{what} takes {count}, but {len(by_position)} "
            f"{'is' if len(by_position) == 1 else 'are'} given",
            extra.span,
            label="one too many" if limit else "give its name",
            notes=_known(names),
            help=f"write `{together}`" if together else "",
        )
        correct = False
    for argument in arguments:
        if argument.name is None:
            continue
        name = argument.name.name
        if name in found:
            first = found[name]
            losses = written_out(first, argument)
            of_output = what.startswith("the output") and name == "loss"
            report(
                "MTG403",
                f"`{name}` of {what} is given twice",
                argument.span,
                labels=(Label(first.span, "the first time"),),
                help=second_loss(what.split("`")[1], losses) if of_output else "",
            )
            correct = False
        elif name in names or name in also or variadic:
            found[name] = argument
        else:
            if name in of_call:
                help = f"it belongs to the call: `(x, {name}=…) -> {what.strip('`')}(…)`"
                suggestion = Suggestion(help=help, fix=None)
            elif parameters and (
                foreign := hints.foreign_argument(
                    argument, parameters, arguments, what.strip("`"), place
                )
            ):
                suggestion = foreign
            elif name in _OF_INPUTS:
                suggestion = Suggestion(
                    help="leave it out: shapes are declared with the `input`",
                    fix=Fix.replace(with_comma(argument.span), "", "leave it out"),
                )
            else:
                known = [*names, *also]
                suggestion = _meant(name, known, argument.name.span, sure() if sure else known)
            report(
                "MTG401",
                f"{what} has no argument `{name}`",
                argument.name.span,
                label="not a parameter",
                notes=() if suggestion["help"] else _known(names),
                **suggestion,
            )
            correct = False
    if not correct:
        return None
    missing = [name for name in required if name not in found]
    if missing:
        shown = " and ".join(f"`{name}`" for name in missing)
        report(
            "MTG402",
            f"{what} needs {shown}",
            place,
            label="missing here",
            help=f"write `{what.strip('`')}({', '.join(required)})`",
        )
        return None
    return found


#: Parameters of every layer, and those that few people have ever needed.
_RARE = {"name", "trainable", "dtype", "autocast", "quantization_config", "lora_rank", "lora_alpha"}


def _known(names: Sequence[str]) -> tuple[str, ...]:
    """Return a note with the parameters there are."""
    usual = [name for name in names if name not in _RARE]
    return (f"it takes {', '.join(usual)}",) if usual else ()


#: What people write for a parameter that has another name in Keras.
HABITS = {
    "stride": "strides",
    "kernel": "kernel_size",
    "loss_weight": "weight",
    "lr": "learning_rate",
    "dim": "axis",
    "keepdim": "keepdims",
    "keep_dims": "keepdims",
    "bias": "use_bias",
    "initializer": "kernel_initializer",
    "regularizer": "kernel_regularizer",
    "dropout_rate": "rate",
}


#: What layers of earlier Keras took and a program says of its inputs.
_OF_INPUTS = {"input_shape", "input_length", "batch_input_shape", "input_dim"}


def _meant(name: str, known: Sequence[str], span: Span, sure: Container[str]) -> Suggestion:
    habit = HABITS.get(name)
    if habit is not None and habit in known:
        return replaced(habit, span)
    return suggest_spelling(name, known, span, sure=sure)


def match_entry(
    what: str,
    parameters: Sequence[Parameter],
    arguments: Sequence[ast.Argument],
    place: Span,
    report: Report,
    *,
    positional: int | None,
    variadic: bool = False,
    also: Sequence[str] = (),
    of_call: Sequence[str] = (),
) -> dict[str, ast.Argument] | None:
    """`match` for parameters of the catalogue."""
    names = [parameter.name for parameter in parameters]
    required = [parameter.name for parameter in parameters if parameter.required]
    return match(
        what,
        names,
        required,
        arguments,
        place,
        report,
        positional=positional,
        variadic=variadic,
        also=also,
        of_call=of_call,
        together=_together(what, parameters, arguments),
        parameters=parameters,
    )


def _together(what: str, parameters: Sequence[Parameter], arguments: Sequence[ast.Argument]) -> str:
    """`Reshape((4, 4))` for `Reshape(4, 4)`: numbers that belong into one argument; else empty."""
    texts = [argument.value.span.text for argument in arguments if argument.name is None]
    try:
        numbers = tuple(map(int, texts))
    except ValueError:
        return ""
    first = next(iter(parameters), None)
    if first is None or len(numbers) < 2 or refuse(first, numbers) is not None:
        return ""
    if not first.takes or refuse(first, numbers[0]) is None:
        return ""
    others = [f", {argument.span.text}" for argument in arguments if argument.name is not None]
    return f"{what.strip('`')}(({', '.join(texts)}){''.join(others)})"


def check_value(what: str, parameter: Parameter, value: object, span: Span, report: Report) -> bool:
    """Return whether a value can be meant for a parameter; report where it cannot."""
    name = parameter.name
    if holds_tensor(value):
        takes_layer = "layer" in parameter.kinds
        report(
            "MTG404",
            f"`{name}` of {what} takes a layer, not a tensor"
            if takes_layer
            else f"`{name}` of {what} must be a plain value, not a tensor",
            span,
            label="this is a tensor",
            help="" if takes_layer else "tensors come before `->`: `(query=q, value=v) -> …`",
        )
        return False
    if isinstance(value, str):
        return _check_string(what, parameter, value, span, report) and _check_kind(
            what, parameter, value, span, report
        )
    if isinstance(value, DataArray):
        return _check_array(what, parameter, value, span, report)
    kind = ""
    if isinstance(value, KerasObject):
        kind = value.kind
    elif isinstance(value, Layer):
        kind = "layer"
    if kind and kind not in parameter.kinds and name not in _ANYTHING:
        wanted = kind_words(parameter.kinds) if parameter.kinds else "a plain value"
        report(
            "MTG404",
            f"`{name}` of {what} takes {wanted}, not {kind_words([kind])}",
            span,
            label=f"this is {kind_of(value)}",
        )
        return False
    if isinstance(parameter.default, bool) and isinstance(value, (list, tuple, dict)):
        return _not_a_truth_value(what, name, value, span, report)
    return _check_kind(what, parameter, value, span, report)


def _check_array(
    what: str, parameter: Parameter, value: DataArray, span: Span, report: Report
) -> bool:
    """Return whether an array can be meant: where a list of any length can."""
    item: object = {"string": "a", "bool": True}.get(value.dtype, 1)
    if value.dtype.startswith("float"):
        item = 0.5
    for _ in value.shape:
        item = [item]
    expected = refuse(parameter, item) if value.shape and parameter.takes else words(parameter)
    if expected is None:
        return True
    text = f"Constant({value.name})"
    constant = "initializer" in parameter.kinds and value.dtype != "string"
    report(
        "MTG404",
        f"`{parameter.name}` of {what} must be {expected}, not {describe(value)}",
        span,
        help=f"write `{text}`" if constant else "",
        fix=Fix.replace(span, text, safe=False) if constant else None,
    )
    return False


def _check_kind(what: str, parameter: Parameter, value: object, span: Span, report: Report) -> bool:
    """Return whether a plain value is of a kind, and in the range, that the catalogue knows."""
    expected = refuse(parameter, value)
    if expected is None:
        return True
    suggestion = _of_padding(what, parameter, value, span)
    meant = _other_number(value)
    if meant is not None and refuse(parameter, meant) is None and span.text == str(value):
        suggestion = replaced(str(meant), span, safe=type(value) is int)
    elif isinstance(value, str) and span.text[:1] in ("'", '"'):
        suggestion = _not_quoted(parameter, value, span)
    elif value is None and ".shape[" in span.text:
        help = "the length of that axis is not known: give it in the type of the input"
        suggestion = Suggestion(help=help, fix=None)
    report(
        "MTG405" if right_kind(parameter, value) else "MTG404",
        f"`{parameter.name}` of {what} must be {expected}, not {describe(value)}",
        span,
        **suggestion,
    )
    return False


def _of_padding(what: str, parameter: Parameter, value: object, span: Span) -> Suggestion:
    """Return how many zeros are put around, as PyTorch says it."""
    numbers = value if isinstance(value, (list, tuple)) else [value]
    plain = all(type(number) is int and number >= 0 for number in numbers)
    dimension = re.search(r"[123](?=D)", what)
    if parameter.name != "padding" or "same" not in parameter.choices or not plain:
        return NO_SUGGESTION
    if not any(numbers):
        return Suggestion(help='write `"valid"`', fix=Fix.replace(span, '"valid"'))
    if dimension is None or "Pool" in what or "Transpose" in what:
        return Suggestion(help='`padding="same"` keeps the lengths', fix=None)
    shown = f"({', '.join(map(str, value))})" if isinstance(value, (list, tuple)) else str(value)
    zeros = f"`ZeroPadding{dimension[0]}D({shown})`"
    return Suggestion(help=f'put {zeros} before it; `padding="same"` keeps the lengths', fix=None)


def _other_number(value: object) -> int | float | None:
    """Return a number as the other kind of number, where it is one: `3.0` is 3."""
    if type(value) is int:
        return float(value)
    return int(value) if type(value) is float and value.is_integer() else None


def _not_quoted(parameter: Parameter, value: str, span: Span) -> Suggestion:
    """Return a number that is written as a string: `"3"`."""
    text = value.strip()
    plain: object = {"True": True, "False": False, "None": None}.get(text, ERROR)
    for number in (int, float):
        with suppress(ValueError):
            plain = number(text) if plain is ERROR else plain
    if plain is ERROR or refuse(parameter, plain) is not None:
        return NO_SUGGESTION
    return replaced(str(plain), span, safe=False)


#: Parameters that take a function, which an object of Keras may be.
_ANYTHING = {"function", "fn", "schedule", "output_shape"}


def _not_a_truth_value(what: str, name: str, value: object, span: Span, report: Report) -> bool:
    report(
        "MTG404",
        f"`{name}` of {what} must be `True` or `False`, not {describe(value)}",
        span,
        **(replaced(value, span, safe=False) if value in ("True", "False") else NO_SUGGESTION),
    )
    return False


#: Policies whose mode has numbers of its own, such as the size of a block: `int4/128_from_float32`.
_QUANTIZED = re.compile(r"(int4|gptq|awq)(/-?\d+)+_from_(mixed_)?b?float\d+")


def _check_string(what: str, parameter: Parameter, value: str, span: Span, report: Report) -> bool:
    name = parameter.name
    if parameter.takes == "object":
        return True  # no string can stand for it, however it is spelt
    if isinstance(parameter.default, bool) and not parameter.choices:
        return _not_a_truth_value(what, name, value, span, report)
    if parameter.kinds and set(parameter.kinds) <= {"layer", "callback"}:
        report(
            "MTG404",
            f"`{name}` of {what} takes {kind_words(parameter.kinds)}, not {describe(value)}",
            span,
            help=f"write it without quotes: `{value}(…)`"
            if any(catalog().find(kind, value) for kind in parameter.kinds)
            else "",
        )
        return False
    kinds = [kind for kind in parameter.kinds if kind in catalog().kinds()]
    known = {word for kind in kinds for word in catalog().identifiers(kind)}
    if parameter.choices:
        spelt = value.lower() if parameter.any_case else value
        known |= set(parameter.choices)
        if spelt in known:
            return True
    elif not kinds or not known or "schedule" in kinds:
        return True
    if value in known or (kinds == ["optimizer"] and value.lower() in known):
        return True
    if "dtype_policy" in kinds and _QUANTIZED.fullmatch(value):
        return True
    code = {"loss": "MTG501", "metric": "MTG502", "optimizer": "MTG503"}.get(
        kinds[0] if kinds else "", "MTG407" if kinds else "MTG405"
    )
    kind = kinds[0].replace("_", " ") if kinds else ""
    other = hints.other_word(value, kinds, known)
    if kinds == ["loss"] and (of_loss := loss_of(value, span)):
        suggestion = of_loss
    elif other is not None:
        suggestion = replaced(other, span, quoted=True, safe=False)
    elif hints.is_foreign_word(value, kinds):
        suggestion = NO_SUGGESTION
    else:
        suggestion = suggest_spelling(value, known, span, quoted=True)
    if parameter.choices and len(parameter.choices) <= 6:
        notes: tuple[str, ...] = (
            f"it may be {', '.join(repr(c) for c in parameter.choices)}".replace("'", '"'),
        )
    else:
        notes = ()
    report(
        code,
        f'Keras has no {kind} "{value}"' if kind else f'`{name}` of {what} cannot be "{value}"',
        span,
        label=f"for `{name}`" if kind else "",
        notes=notes,
        **suggestion,
    )
    return False


def kind_words(kinds: Sequence[str]) -> str:
    """Kinds of Keras object as a message names them: `a loss`, `an initializer or a layer`."""
    words = [f"{'an' if kind[0] in 'aio' else 'a'} {kind.replace('_', ' ')}" for kind in kinds]
    return " or ".join(words)
