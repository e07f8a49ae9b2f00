"""The functions that Python programs use."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from warnings import warn

from mtg.graph.graph import Graph
from mtg.program_input import (
    Program,
    compiler_of,
    given,
    in_blocks,
    output_form,
    raise_errors,
    shown,
    side,
)
from mtg.text.diagnostics import Diagnostic, Diagnostics

if TYPE_CHECKING:
    import keras

    from mtg.backends.tasks.report import TaskReport
    from mtg.compare.difference import Difference
    from mtg.graph.graph import OutputForm


def load(
    program: Program,
    /,
    *,
    model: str | None = None,
    trust: bool = False,
    include: Iterable[Program] = (),
    **parameters: Any,
) -> Graph:
    """Check a program and return its graph.

    Args:
        program: The path of a `.mtg` file, or the text of a program (a string with a line break
            or a brace).
        model: Which model of the file is meant, where it has several that no other uses.
        trust: Whether you trust the program: its `from python` imports may run where a model is
            built, and the files that it names may be anywhere.
        include: Folders, besides the file's own, that imports may reach.
        **parameters: Values for the model's parameters, such as `width=128`. Those that have the
            name of an argument are given in a dict: `parameters={"trust": 0.5}`.

    Returns:
        The graph: a node for each call of a layer, an edge for each tensor. As the last value of
        a notebook's cell it is shown as its picture.

    Raises:
        MtgError: The program has errors, or cannot be read.
        TypeError: An argument is of the wrong kind.
    """
    graph = compiler_of(program, model, trust, include, parameters).checked_graph()[0]
    graph.shown = _picture_of
    return graph


def _picture_of(graph: Graph) -> dict[str, str]:
    from mtg.backends.picture.notebook import graph_bundle

    return graph_bundle(graph)


def check(
    program: Program,
    /,
    *,
    model: str | None = None,
    trust: bool = False,
    include: Iterable[Program] = (),
    with_keras: bool = False,
    **parameters: Any,
) -> list[Diagnostic]:
    """Return the diagnostics of a program, errors and warnings, in the order of its text.

    Takes what `load` takes. Every model of the file is checked, unless `model` or parameters say
    which. Imports neither Keras nor TensorFlow, unless `with_keras` is given.

    Args:
        program: As for `load`.
        model: As for `load`.
        trust: As for `load`.
        include: As for `load`.
        with_keras: Whether Keras is asked where mtg has no rule, such as for a `Lambda` or a layer
            from Python; what follows from its answer is checked too.
        **parameters: As for `load`.

    Returns:
        The diagnostics; an empty list if the program has no errors and no warnings.

    Raises:
        TypeError: An argument is of the wrong kind.
    """
    return compiler_of(program, model, trust, include, parameters, with_keras).check()


def compile(
    program: Program | Graph,
    /,
    *,
    model: str | None = None,
    trust: bool = False,
    include: Iterable[Program] = (),
    weights: Program | None = None,
    by_name: bool = False,
    outputs: OutputForm = "list",
    **parameters: Any,
) -> keras.Model:
    """Build and compile the Keras model of a program.

    Takes what `load` takes, or a graph. `model.input_names` and `model.output_names` are the
    declared names in the declared order; losses, loss weights and metrics are those of the
    outputs. A program without `train` is compiled with Keras's default optimizer. The initial
    values of weights are those that Keras gives: `docs/building.md` says which after
    `keras.utils.set_random_seed`.

    Args:
        program: As for `load`, or a graph.
        model: As for `load`.
        trust: As for `load`.
        include: As for `load`.
        weights: The path of a `.keras` or `.weights.h5` file to load the weights from. A parameter
            of a model that is called `weights` is given to `load`, whose graph this takes.
        by_name: With the weights of a `.keras` file: each layer takes those of the layer that has
            its name there, whatever else the two models have, as Keras 2's `load_weights` did. A
            layer without a namesake, or with one of other shapes, keeps its initial weights, and
            what no layer takes is left: a warning names them.
        outputs: `"list"` for a model that returns its outputs in the declared order, or `"dict"`
            for one that returns them by name, for which Keras takes everything by name, also when
            it is loaded from a file: see `docs/names.md`.
        **parameters: As for `load`.

    Raises:
        MtgError: The program has errors, Keras refuses what mtg could not check, or the weights
            do not fit.
        OSError: The weights cannot be read.
    """
    from mtg.backends.keras.build import build

    read = given(program, model, trust, include, parameters)
    built = build(read.graph, read.diagnostics, output_form(outputs), trust=trust)
    if built is not None and weights is not None:
        from mtg.backends.keras.own_places import Mismatch
        from mtg.backends.keras.weights import load_weights, remarks_on
        from mtg.files import CannotRead

        try:
            skipped = load_weights(
                built, Path(weights), read.graph, read.diagnostics, by_name=by_name
            )
        except CannotRead as error:
            raise OSError(f"cannot read {fspath(weights)}: {error}") from None
        for remark in remarks_on(skipped or Mismatch(), fspath(weights)):
            warnings.warn(remark, stacklevel=2)
    raise_errors(read.diagnostics)
    return built


def fit_arguments(
    program: Program | Graph,
    /,
    *,
    model: str | None = None,
    trust: bool = False,
    include: Iterable[Program] = (),
    **parameters: Any,
) -> dict[str, Any]:
    """Return the arguments of `fit` that a program's `train` sets.

    Takes what `compile` takes; callbacks are new Keras objects.

    Returns:
        The keyword arguments: `model.fit(x, y, **fit_arguments(path))`. Empty without `train`.

    Raises:
        MtgError: The program has errors, or Keras refuses a callback.
    """
    from mtg.backends.keras.build import fit_arguments

    read = given(program, model, trust, include, parameters)
    found = fit_arguments(read.graph, read.diagnostics, trust=trust)
    raise_errors(read.diagnostics)
    return found or {}


def render(
    program: keras.Model | Program | Graph,
    output: Program | None = None,
    /,
    *,
    format: str | None = None,
    levels: int | Literal["all"] | None = None,
    unfold: bool = False,
    open: Iterable[str] = (),
    legend: bool = False,
    direction: str = "TB",
    detail: str = "normal",
    theme: str = "light",
    width_mm: float | None = None,
    model: str | None = None,
    trust: bool = False,
    include: Iterable[Program] = (),
    **parameters: Any,
) -> bytes:
    """Draw the picture of a program: `svg`, `png`, `pdf`, or Graphviz's `dot` text.

    Args:
        program: As for `load`, or a graph, a Keras model, or the path of its `.keras` or `.json`
            file, of which the config is read, without Keras.
        output: A path to write the picture to; its suffix is the format, unless that is given.
        format: `svg`, `png`, `pdf` or `dot`; by default that of `output`, or `svg`.
        levels: How many levels of blocks are drawn open; a use that is nested deeper is one box.
            `"all"` opens all; by default so many are open as a page holds.
        unfold: Whether every round of a comprehension or loop is drawn; else four or more that are
            alike are drawn as one, `expert × 8`.
        open: Names of blocks, or of uses of them, that are drawn open whatever `levels` says;
            without `levels`, alone.
        legend: Whether what occurs in the picture is explained in it.
        direction: `TB`, `LR`, `BT` or `RL`: from top to bottom, from left to right, and back.
        detail: What boxes say: `paper`, class and size alone; `normal`; `full`, every argument.
        theme: `light`, `dark`, or `print`, which has no colours.
        width_mm: The most that the picture may be wide, in millimetres; `width` is left to the
            parameters of models, of which many have that name.
        model: As for `load`.
        trust: As for `load`.
        include: As for `load`.
        **parameters: As for `load`.

    Returns:
        The bytes of the picture.

    Raises:
        MtgError: The program has errors, or mtg cannot read the model.
        ValueError: The format, or one of the options, is none that there is.
        OSError: The file cannot be written.
        RuntimeError: Graphviz cannot draw the picture; the message says why.
    """
    from mtg.backends.picture.draw import draw
    from mtg.backends.picture.options import PictureOptions, unknown_names
    from mtg.backends.picture.pages import folded_to_fit, is_large
    from mtg.backends.targets import PICTURES

    if format is None:
        format = Path(output).suffix.removeprefix(".") if output is not None else "svg"
    if format not in PICTURES:
        raise ValueError(f"unsupported picture format {format!r}; choose {', '.join(PICTURES)}")
    options = PictureOptions(
        levels=None if levels == "all" else levels,
        unfold=unfold,
        open=(open,) if isinstance(open, str) else tuple(open),
        legend=legend,
        direction=direction,
        detail=detail,
        theme=theme,
        width=width_mm,
    )
    read = shown(program, model, trust, include, parameters)
    graph, types = read.graph, read.types
    if levels is None and is_large(graph, options):
        graph, types = in_blocks(program, trust) or (graph, types)
        options, _ = folded_to_fit(graph, options)
    if problem := unknown_names(options.open, graph):
        raise ValueError(problem)
    picture = draw(graph, types, format, options)
    if output is not None:
        _write(Path(output), picture, read.files)
    return picture


def decompile(
    model: keras.Model | Program,
    /,
    *,
    keep_names: bool = False,
    structure: bool = True,
    trust: bool = False,
) -> str:
    """Return the `.mtg` text of a Keras model: its architecture and training, not its weights.

    `mtg.compile` makes the same model of it, in the canonical form that `docs/decompile.md` states.
    A file is read without Keras. What no program can express of how the model is compiled is left
    out, and `warnings.warn` says so.

    Args:
        model: A functional or sequential model, or the path of a `.keras` or `.json` file.
        keep_names: Whether every layer keeps the name it has in Keras.
        structure: Whether repeated parts are written as blocks and loops.
        trust: Whether you trust a file: what Keras's own safe mode would not load of it, such as a
            vocabulary from anywhere or the code of a saved model, is then written too. A model in
            memory was made already, and is trusted.

    Raises:
        MtgError: It has something that no program can express, or is not such a model.
        OSError: The file cannot be read.
    """
    from mtg.decompiler.decompile import decompile_config
    from mtg.decompiler.live import read_live
    from mtg.files import CannotRead
    from mtg.model_files import read_model_file

    left_out: tuple[str, ...] = ()
    if isinstance(model, (str, PathLike)):
        origin = fspath(model)
        try:
            config = read_model_file(Path(origin))
        except CannotRead as error:
            raise OSError(f"cannot read {origin}: {error}") from None
    else:
        origin = f"<{getattr(model, 'name', 'model')}>"
        config, left_out = read_live(model, origin)
        trust = True
    warned = Diagnostics()
    text = decompile_config(
        config,
        origin,
        keep_names=keep_names,
        structure=structure,
        trust=trust,
        left_out=left_out,
        warned=warned,
    )
    for each in warned.sorted():
        warn(each.message, stacklevel=2)
    return text


def diff(
    a: keras.Model | Program | Graph,
    b: keras.Model | Program | Graph,
    output: Program | None = None,
    /,
    *,
    format: str | None = None,
    names: bool = True,
    trust: bool = False,
    include: Iterable[Program] = (),
) -> Difference:
    """Compare two models, and say whether the weights of the first load into the second.

    Takes on either side a program as `load` does, a graph, the path of a `.keras` or `.json` file,
    or a Keras model. Files are read without Keras; it is imported only where functions of a program
    compute with fixed numbers alone, of which a file has the results.

    Args:
        a: The first model, whose weights are to be loaded.
        b: The second model.
        output: A path to write it to: text, JSON, or a picture of both models in one; its suffix
            is the format, unless that is given.
        format: `text`, `json`, `svg`, `png`, `pdf` or `dot`.
        names: Whether the names of models, layers and ops count; those of inputs and outputs do.
        trust: Whether you trust the programs: the files that they name may then be anywhere.
        include: Folders, besides a file's own, that imports may reach.

    Raises:
        MtgError: A program has errors, or mtg cannot read a model.
        ValueError: The format is none of these.
        OSError: The file of a Keras model cannot be read, or the output not be written.
        RuntimeError: Graphviz cannot draw the picture; the message says why.
    """
    from mtg.backends.keras.computed import side_in_numbers
    from mtg.backends.picture.draw import difference_picture
    from mtg.compare.difference import difference

    written = _report_format(output, format)
    first, second = side(a, "a", trust, include), side(b, "b", trust, include)
    sides = side_in_numbers(first, second), side_in_numbers(second, first)
    found = difference(*sides, names=names)
    if output is not None:
        texts = {"text": f"{found}\n", "json": f"{found.to_json()}\n"}
        if written in texts:
            data = texts[written].encode()
        else:
            data = difference_picture(*sides, written, names=names)
        _write(Path(output), data, [Path(each.title) for each in sides])
    return found


def to_json(
    program: Program | Graph,
    /,
    *,
    model: str | None = None,
    trust: bool = False,
    include: Iterable[Program] = (),
    outputs: OutputForm = "list",
    **parameters: Any,
) -> str:
    """Return the Keras config of a program, as JSON that `keras.models.model_from_json` takes.

    Takes what `compile` takes except `weights`. Imports neither Keras nor TensorFlow.

    Returns:
        The JSON text. Losses, loss weights, metrics and the optimizer are in it; weights of layers
        are not.

    Raises:
        MtgError: The program has errors, or something of it has no config.
    """
    from mtg.config.write import to_json

    read, diagnostics = given(program, model, trust, include, parameters), Diagnostics()
    text = to_json(read.graph, read.types, diagnostics, output_form(outputs))
    raise_errors(diagnostics)
    assert text is not None
    return text


def to_python(
    program: Program | Graph,
    /,
    *,
    model: str | None = None,
    trust: bool = False,
    include: Iterable[Program] = (),
    outputs: OutputForm = "list",
    **parameters: Any,
) -> str:
    """Return Keras source of a program, as a person would write it, which does not need mtg.

    Takes what `compile` takes except `weights`. Imports neither Keras nor TensorFlow.

    Returns:
        The text of a Python module. Run, it builds and compiles the model under the name `model`;
        inputs, outputs and nested models have their names, and Keras names the other layers.

    Raises:
        MtgError: The program has errors.
    """
    from mtg.backends.python.source import python_source

    graph = given(program, model, trust, include, parameters).graph
    return python_source(graph, output_form(outputs))


def summary(
    program: keras.Model | Program | Graph,
    /,
    *,
    unfold: bool = False,
    model: str | None = None,
    trust: bool = False,
    include: Iterable[Program] = (),
    with_keras: bool = False,
    **parameters: Any,
) -> str:
    """Return a table of layers, shapes and parameters, from the static types.

    Takes what `check` takes, or a graph, a Keras model, or the path of a `.keras` or `.json` file.
    Imports neither Keras nor TensorFlow, unless `with_keras` is given. With `unfold` every round of
    a comprehension or loop has rows of its own; else four or more that are alike are listed as one,
    `(Dense) × 8`.

    Returns:
        The table as `mtg summary` prints it: output shapes with `None` for the batch and unknown
        lengths, parameters, multiply-accumulates for one sample, and the memory of weights and
        activations in bytes.

    Raises:
        MtgError: The program has errors, or mtg cannot read the model.
    """
    from mtg.backends.summary.table import summary as table

    read = shown(program, model, trust, include, parameters, with_keras)
    return table(read.graph, read.types, unfold=unfold)


def tasks(
    program: keras.Model | Program | Graph,
    output: Program | None = None,
    /,
    *,
    format: str | None = None,
    model: str | None = None,
    trust: bool = False,
    include: Iterable[Program] = (),
    with_keras: bool = False,
    **parameters: Any,
) -> TaskReport:
    """Return which tasks share what: computations, or weights alone.

    Takes what `summary` takes. Imports neither Keras nor TensorFlow, unless `with_keras` is given.

    Args:
        program: As for `summary`.
        output: A path to write it to: text, JSON or a picture, by its suffix, unless the format is
            given.
        format: `text`, `json`, `svg`, `png`, `pdf` or `dot`.
        model: As for `load`.
        trust: As for `load`.
        include: As for `load`.
        with_keras: Whether Keras is asked of layers that mtg does not know.
        **parameters: As for `load`.

    Returns:
        The report: `tasks`, `parts`, `matrix` are its data, and `str` of it is the text.

    Raises:
        MtgError: The program has errors, or mtg cannot read the model.
        ValueError: The format is none of these.
        OSError: The file cannot be written.
        RuntimeError: Graphviz cannot draw the picture; the message says why.
    """
    from mtg.backends.tasks.report import task_report

    written = _report_format(output, format)
    read = shown(program, model, trust, include, parameters, with_keras)
    found = task_report(read.graph, read.types)
    if output is not None:
        texts = {"text": str(found), "json": found.to_json()}
        data = texts[written].encode() if written in texts else found.picture(written)
        _write(Path(output), data, read.files)
    return found


def _report_format(output: Program | None, format: str | None) -> str:
    """Return the format of a report, which is that of its file unless it is given.

    Raises:
        ValueError: It is none.
    """
    from mtg.backends.report_formats import REPORT_FORMATS, report_format

    if output is None:
        return "text"
    found = format or report_format(Path(output).suffix)
    if found not in REPORT_FORMATS:
        known = ", ".join(REPORT_FORMATS)
        raise ValueError(f"unsupported format {found!r}; choose {known}")
    return found


def _write(path: Path, data: bytes, read: Iterable[Path]) -> None:
    """Write a result, unless the path is one of the files that were read.

    Raises:
        OSError: It cannot be written.
    """
    from mtg.results import CannotWrite, check_not_read, write_whole

    def fill(temporary: Path) -> None:
        temporary.write_bytes(data)

    try:
        check_not_read(path, read)
        write_whole(path, fill)
    except CannotWrite as error:
        raise OSError(str(error)) from None
