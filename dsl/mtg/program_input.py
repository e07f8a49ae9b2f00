"""What the functions of the API are given: a program, a graph, the file of a model, or a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtg.compiler import Compiler
from mtg.graph.graph import Graph
from mtg.text.diagnostics import Diagnostic, Diagnostics

if TYPE_CHECKING:
    import keras

    from mtg.compare.difference import Side
    from mtg.graph.graph import OutputForm
    from mtg.types.oracle import Ask
    from mtg.types.types import Types

Program = str | PathLike[str]


class Given:
    """A graph, with what was said of it and what is known of its tensors."""

    def __init__(
        self,
        graph: Graph,
        diagnostics: Diagnostics,
        types: Types | None,
        with_keras: bool,
        files: Sequence[Path] = (),
    ) -> None:
        #: The files that it was read from.
        self.files = files
        self.graph = graph
        self.diagnostics = diagnostics
        self._types = types
        self._with_keras = with_keras

    @cached_property
    def types(self) -> Types:
        """The types of its tensors, which are found when they are asked for."""
        known = self._types
        return _infer(self.graph, self._with_keras) if known is None else known


def given(
    program: Program | Graph,
    model: str | None,
    trust: bool,
    include: Iterable[Program],
    parameters: dict[str, Any],
    with_keras: bool = False,
) -> Given:
    """Return the graph of a program, checked, or a graph itself.

    Raises:
        MtgError: The program has errors, or cannot be read.
        TypeError: An argument is of the wrong kind.
    """
    if isinstance(program, Graph):
        if model is not None or parameters:
            raise TypeError("a graph has no parameters to set: `load` the program with them")
        return Given(program, Diagnostics(), None, with_keras)
    compiler = compiler_of(program, model, trust, include, parameters, with_keras)
    graph, types = compiler.checked_graph()
    return Given(graph, compiler.diagnostics, types, with_keras, compiler.files)


def shown(
    program: keras.Model | Program | Graph,
    model: str | None,
    trust: bool,
    include: Iterable[Program],
    parameters: dict[str, Any],
    with_keras: bool = False,
) -> Given:
    """Return the graph of what `given` takes, of a Keras model, or of the file of one.

    Raises:
        MtgError: The program has errors, or a model is none that mtg can read.
        OSError: The file of a Keras model cannot be read.
        TypeError: An argument is of the wrong kind.
    """
    path = fspath(program) if isinstance(program, (str, PathLike)) else None
    if isinstance(program, Graph) or not (
        hasattr(program, "get_config") if path is None else path.endswith((".keras", ".json"))
    ):
        return given(program, model, trust, include, parameters, with_keras)
    if model is not None or parameters:
        raise TypeError("a model of Keras has no parameters, and no models beside it")
    found = side(program, "model", trust, include)
    files = [] if path is None else [Path(path)]
    return Given(found.graph, Diagnostics(), found.types, with_keras, files)


def in_blocks(
    program: keras.Model | Program | Graph, trust: bool = False
) -> tuple[Graph, Types] | None:
    """Return a model of Keras with the blocks that can be found in it.

    Returns:
        None of a program or a graph, and of a model that cannot be said as a program.
    """
    from mtg.decompiler.decompile import decompile_config
    from mtg.decompiler.live import read_live
    from mtg.errors import MtgError
    from mtg.files import CannotRead
    from mtg.model_files import read_model_file

    path = fspath(program) if isinstance(program, (str, PathLike)) else None
    try:
        if path is not None and path.endswith((".keras", ".json")):
            text = decompile_config(read_model_file(Path(path)), path, trust=trust)
        elif hasattr(program, "get_config"):
            config, _ = read_live(program, "<model>")
            text = decompile_config(config, "<model>", trust=True)
        else:
            return None
        compiler = Compiler(text, trust=trust)
        return compiler.checked_graph()
    except (MtgError, CannotRead):
        return None


def compiler_of(
    program: Program,
    model: str | None,
    trust: bool,
    include: Iterable[Program],
    parameters: dict[str, Any],
    with_keras: bool = False,
) -> Compiler:
    """Return the compiler of a program, for the arguments that every function of the API takes.

    Raises:
        TypeError: An argument is of the wrong kind.
    """
    if not isinstance(program, (str, PathLike)):
        raise TypeError(
            f"a program is a path or its text (a string with a line break or a brace), not a "
            f"{type(program).__name__}"
        )
    further = parameters.get("parameters")
    if isinstance(further, Mapping):  # those that have the name of one of our own arguments
        parameters = {**parameters, **further}
        if "parameters" not in further:
            del parameters["parameters"]
    for name, value, wanted in (("model", model, (str, type(None))), ("trust", trust, bool)):
        if not isinstance(value, wanted):
            raise TypeError(
                f"`{name}` is an argument of mtg, and cannot be {value!r}; a parameter of that "
                f"name is given as `parameters={{{name!r}: {value!r}}}`"
            )
    if isinstance(include, (str, PathLike)):
        include = [include]
    elif not isinstance(include, Iterable):
        raise TypeError(
            f"`include` is an argument of mtg, and cannot be {include!r}; a parameter of that "
            f"name is given as `parameters={{'include': {include!r}}}`"
        )
    return Compiler(
        program,
        model=model,
        parameters=parameters,
        trust=trust,
        include=include,
        ask=_asker() if with_keras else None,
    )


def side(
    model: keras.Model | Program | Graph, title: str, trust: bool, include: Iterable[Program]
) -> Side:
    """One of the two models that are compared; `title` is what it is called without a name.

    Raises:
        MtgError: A program has errors, or a model is none that mtg can read.
        OSError: The file of a Keras model cannot be read.
    """
    from mtg.compare.difference import Side
    from mtg.compare.operand import ConfigError, config_side
    from mtg.decompiler.live import read_live
    from mtg.files import CannotRead
    from mtg.model_files import read_model_file

    if isinstance(model, Graph):
        return Side(title, model, _infer(model, with_keras=False))
    if isinstance(model, (str, PathLike)):
        title = fspath(model)
        if not title.endswith((".keras", ".json")):
            text = isinstance(model, str) and ("\n" in model or "{" in model)
            return Side(
                "<text>" if text else title,
                *compiler_of(model, None, trust, include, {}).checked_graph(),
            )
    else:
        title = f"<{getattr(model, 'name', title)}>"
    try:
        if isinstance(model, (str, PathLike)):
            config = read_model_file(Path(title))
        else:
            config, _ = read_live(model, title)
    except CannotRead as error:
        raise OSError(f"cannot read {title}: {error}") from None
    try:
        return config_side(title, config)
    except ConfigError as error:
        from mtg.errors import MtgError
        from mtg.text.source import Source, Span

        place = Span(Source(title, ""), 0, 0)
        message = f"cannot read a model from `{title}`: {error}"
        raise MtgError([Diagnostic("MTG609", message, place)]) from None


def output_form(outputs: object) -> OutputForm:
    """Return what a model is to give, which is `list` or `dict`.

    Raises:
        TypeError: It is something else, such as the value of a parameter of that name.
    """
    if outputs not in ("list", "dict"):
        raise TypeError(
            f"`outputs` is an argument of mtg, `'list'` or `'dict'`, and cannot be {outputs!r}; a "
            f"parameter of that name is given as `parameters={{'outputs': {outputs!r}}}`"
        )
    form: OutputForm = outputs
    return form


def raise_errors(diagnostics: Diagnostics) -> None:
    """Raise what was said, if an error is among it.

    Raises:
        MtgError: There is one.
    """
    from mtg.errors import MtgError

    if diagnostics.has_errors:
        raise MtgError(diagnostics.sorted())


def _asker() -> Ask:
    from mtg.backends.keras.oracle import Asker

    return Asker()


def _infer(graph: Graph, with_keras: bool) -> Types:
    from mtg.types.infer import infer

    return infer(graph, Diagnostics(), _asker() if with_keras else None)
