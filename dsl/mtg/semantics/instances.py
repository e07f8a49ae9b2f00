"""Instances and objects: what a constructor call makes, and the settings every instance takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mtg.catalog import Entry, Parameter, catalog
from mtg.catalog.names import MERGES, snake_case
from mtg.graph.describe import describe
from mtg.graph.layers import Application, KerasLayer, Layer, PythonLayer
from mtg.graph.values import KerasObject
from mtg.limits import APPLICATION
from mtg.semantics import constant_evaluation as compute
from mtg.semantics.argument_conflicts import at_odds
from mtg.semantics.arguments import check_value, kind_words, match, match_entry
from mtg.semantics.builtins import OBJECT_KINDS, kinds_of
from mtg.semantics.mentions import mentioned_in
from mtg.semantics.modules import Declared
from mtg.semantics.references import References
from mtg.semantics.tensor_operators import OfTensors
from mtg.semantics.values import (
    ERROR,
    Error,
    Frame,
    SharedLayer,
    TensorGroup,
    is_error,
    is_tensor,
    kind_of,
)
from mtg.syntax import ast
from mtg.text.source import Span
from mtg.text.suggest import NO_SUGGESTION, suggest_spelling

#: Settings that every instance takes, whether or not its constructor does.
SETTINGS = ("name", "trainable")


class Instances(References):
    """Makes layer instances and objects of Keras."""

    def keras_object(
        self, node: ast.CallExpr, name: str, frame: Frame, kinds: Sequence[str]
    ) -> KerasObject | Layer | Error:
        """Return an object of Keras written as its constructor call."""
        entry = next(
            (found for kind in kinds or OBJECT_KINDS if (found := _entry(kind, name))), None
        )
        if entry is None:
            self._wrong_object(node, name, frame, kinds)
            return ERROR
        if entry.kind == "layer":
            return self.layer(node, entry, frame)
        what = f"`{entry.name}`"
        matched = self._matched(what, entry, node, frame)
        if matched is None:
            return ERROR
        arguments = self.arguments(what, entry, matched, frame)
        if arguments is None:
            return ERROR
        return KerasObject(entry.kind, entry.name, arguments, node.span)

    def _wrong_object(
        self, node: ast.CallExpr, name: str, frame: Frame, kinds: Sequence[str]
    ) -> None:
        others = kinds_of(name)
        if not others and not name_known(name):
            return  # reported when the names were resolved
        known = [n for kind in kinds if kind in catalog().kinds() for n in catalog().names(kind)]
        found = kind_words(others[:1]) if others else "a function"
        self.reporter(frame)(
            "MTG404",
            f"expected {kind_words(kinds)}, but `{name}` is {found}",
            node.span,
            label=found,
            # Only a slip of the keys: `L2` is no misspelling of any optimizer.
            **(suggest_spelling(name, known, node.callee.span) if not others else NO_SUGGESTION),
        )

    def _matched(
        self,
        what: str,
        entry: Entry,
        node: ast.CallExpr,
        frame: Frame,
        also: Sequence[str] = (),
        of_call: Sequence[str] = (),
    ) -> dict[str, ast.Argument] | None:
        """Return the arguments of a constructor call, each under the name of its parameter."""
        return match_entry(
            what,
            entry.parameters,
            node.arguments,
            node.brackets,
            self.reporter(frame),
            positional=entry.positional,
            variadic=entry.variadic,
            also=also,
            of_call=of_call,
        )

    def arguments(
        self, what: str, entry: Entry, matched: Mapping[str, ast.Argument], frame: Frame
    ) -> dict[str, Any] | None:
        """Return the values of matched arguments, checked; None where one has none."""
        found: dict[str, Any] = {}
        correct = True
        for name, argument in matched.items():
            parameter = entry.parameter(name) or Parameter(name, False, None, ())
            value = self.operand(argument.value, frame, parameter.kinds)
            if is_error(value):
                correct = False
            elif isinstance(value, OfTensors):
                place = argument.value.span
                check_value(what, parameter, TensorGroup((), {}), place, self.reporter(frame))
                correct = False
            elif isinstance(value, SharedLayer):
                self.reporter(frame)(
                    "MTG404",
                    f"`{name}` of {what} takes no layer",
                    argument.value.span,
                    label=f"this is {kind_of(value)}",
                )
                correct = False
            elif self._copies(entry, value):
                self.reporter(frame)(
                    "MTG306",
                    f"{what} makes copies of its layer, "
                    f"so `{argument.value.span.text}` would not be shared",
                    argument.value.span,
                    label="shared",
                    help="write a new layer here, or share the whole: "
                    f"`shared NAME = {entry.name}(…)`",
                )
                correct = False
            elif check_value(what, parameter, value, argument.value.span, self.reporter(frame)):
                found[name] = value
            else:
                correct = False
        if correct and (odds := at_odds(entry, found)) is not None:
            span = matched[odds.argument].value.span
            self.reporter(frame)("MTG405", f"{what}: {odds.message}", span, help=odds.help)
            correct = False
        return found if correct else None

    def _copies(self, entry: Entry, value: object) -> bool:
        """Return whether a shared layer is given to a wrapper that copies it.

        Source: `keras.layers.Bidirectional.__init__` makes both of its layers from a config.
        """
        return entry.name == "Bidirectional" and isinstance(value, Layer) and value.shared

    def layer(self, node: ast.CallExpr, entry: Entry, frame: Frame) -> Layer | Error:
        """Return a new instance of a class of `keras.layers`."""
        what = f"`{entry.name}`"
        of_call = [parameter.name for parameter in entry.call[1:]]
        matched = self._matched(what, entry, node, frame, also=SETTINGS, of_call=of_call)
        if matched is None:
            return ERROR
        settings = self.settings(matched, frame)
        arguments = self.arguments(what, entry, matched, frame)
        if arguments is None or settings is None:
            return ERROR
        name = snake_case(entry.name)
        spans = argument_spans(matched)
        return self.new_layer(
            KerasLayer(name, entry.name, arguments, node.span, spans=spans), frame, settings
        )

    def application(self, node: ast.CallExpr, name: str, frame: Frame) -> Layer | Error:
        """Return a new instance of one of `keras.applications`."""
        entry = catalog().find("application", name)
        if entry is None:
            assert isinstance(node.callee, ast.AttributeExpr)
            self.reporter(frame)(
                "MTG108",
                f"`keras.applications` has no `{name}`",
                node.callee.name.span,
                **suggest_spelling(name, catalog().names("application"), node.callee.name.span),
            )
            return ERROR
        what = f"`{name}`"
        matched = self._matched(what, entry, node, frame, also=SETTINGS)
        if matched is None:
            return ERROR
        settings = self.settings(matched, frame)
        arguments = self.arguments(what, entry, matched, frame)
        if arguments is None or settings is None:
            return ERROR
        self.budget.spend(node.span, APPLICATION)
        name = snake_case(entry.name)
        spans = argument_spans(matched)
        return self.new_layer(
            Application(name, entry.name, arguments, node.span, spans=spans), frame, settings
        )

    def python_layer(self, node: ast.CallExpr, found: Declared, frame: Frame) -> Layer | Error:
        """Return a new instance of a layer class written in Python."""
        own = {a.name.name: a for a in node.arguments if a.name and a.name.name in SETTINGS}
        settings = self.settings(own, frame)
        arguments = self.python_arguments(node, frame, besides=SETTINGS)
        if settings is None or arguments is None:
            return ERROR
        assert isinstance(found.node, ast.PythonImportDecl)
        name, module = snake_case(found.name), found.node.module.value
        return self.new_layer(
            PythonLayer(name, module, found.name, *arguments, node.span), frame, settings
        )

    def python_arguments(
        self, node: ast.CallExpr, frame: Frame, besides: Sequence[str] = ()
    ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        """Return the arguments of something from Python, whose parameters are not known."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for argument in node.arguments:
            if argument.name is not None and argument.name.name in besides:
                continue
            value = self.evaluate(argument.value, frame)
            if isinstance(value, SharedLayer):
                value = value.layer
            if is_error(value):
                return None
            if argument.name is None:
                args.append(value)
            else:
                kwargs[argument.name.name] = value
        return tuple(args), kwargs

    def settings(
        self, matched: dict[str, ast.Argument], frame: Frame
    ) -> tuple[tuple[str, Span] | None, bool | None] | None:
        """Take `name=` and `trainable=` out of matched arguments; None where one is wrong."""
        name: tuple[str, Span] | None = None
        trainable: bool | None = None
        if "name" in matched:
            argument = matched.pop("name")
            value = self.value(argument.value, frame)
            if value is ERROR:
                return None
            if value is not None:
                if not isinstance(value, str) or not value or "/" in value:
                    self.reporter(frame)(
                        "MTG404",
                        "the name of a layer must be a string without `/`",
                        argument.value.span,
                        label=f"this is {describe(value)}",
                    )
                    return None
                name = (value, argument.value.span)
        if "trainable" in matched:
            argument = matched.pop("trainable")
            flag = self.value(argument.value, frame)
            if flag is ERROR:
                return None
            if not isinstance(flag, bool):
                self.reporter(frame)(
                    "MTG404",
                    "`trainable` must be `True` or `False`",
                    argument.value.span,
                    label=f"this is {describe(flag)}",
                )
                return None
            trainable = flag
        return name, trainable

    def new_layer(
        self,
        layer: Layer,
        frame: Frame,
        settings: tuple[tuple[str, Span] | None, bool | None] = (None, None),
    ) -> Layer:
        """Return a new layer instance that no statement names (yet)."""
        name, trainable = settings
        layer.trainable = frame.trainable if trainable is None else trainable
        if name is not None:
            layer.name = name[0]
            self.layer_names.explicit[layer] = name
        return layer

    def match_parameters(
        self,
        node: ast.CallExpr,
        declared: ast.BlockDecl | ast.ModelDecl,
        frame: Frame,
    ) -> tuple[dict[str, Any], dict[str, ast.Argument]] | None:
        """Return the values given to a block's or a model's parameters, and the settings given."""
        names = [parameter.name.name for parameter in declared.parameters]
        required = [p.name.name for p in declared.parameters if p.default is None]
        matched = match(
            f"`{declared.name.name}`",
            names,
            required,
            node.arguments,
            node.brackets,
            self.reporter(frame),
            also=[setting for setting in SETTINGS if setting not in names],
            sure=lambda: {m.name.name for each in declared.body for m in mentioned_in(each)},
        )
        if matched is None:
            return None
        settings = {
            name: matched.pop(name) for name in SETTINGS if name not in names and name in matched
        }
        values: dict[str, Any] = {}
        for name, argument in matched.items():
            value = self.evaluate(argument.value, frame)
            if is_tensor(value):
                self.reporter(frame)(
                    "MTG404",
                    f"`{name}` of `{declared.name.name}` must be a value, not a tensor",
                    argument.value.span,
                    label="this is a tensor",
                    help="tensors come before `->`",
                )
                return None
            if isinstance(value, (SharedLayer, Layer)):
                self.reporter(frame)(
                    "MTG404",
                    f"`{name}` of `{declared.name.name}` takes a value",
                    argument.value.span,
                    label=f"this is {kind_of(value)}",
                )
                return None
            values[name] = ERROR if is_error(value) else value
        return values, settings


def argument_spans(matched: Mapping[str, ast.Argument]) -> dict[str, Span]:
    """Return where the value of each argument stands."""
    return {name: argument.value.span for name, argument in matched.items()}


def _entry(kind: str, name: str) -> Entry | None:
    return catalog().find(kind, name) if kind in catalog().kinds() else None


def name_known(name: str) -> bool:
    """Return whether a name means something that is no object of Keras."""
    return name in MERGES or name in compute.FUNCTIONS
