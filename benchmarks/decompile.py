"""Models that nobody here wrote, as `.mtg` text: how many mtg refuses that Keras itself saves.

    python benchmarks/decompile.py [--again]        Keras's own tests, as they are installed with it
    python benchmarks/decompile.py FILE ...         scripts, such as the guides of Keras
    python benchmarks/decompile.py PACKAGE ...      models of packages, as far as they are installed
    python benchmarks/decompile.py packages         those of all packages that are known here

Every functional and sequential model that is made while the tests or scripts run is tried, once for
each config, when what made it has ended. `fit` and its like do nothing in scripts, weights are not
fetched, nothing is drawn, and the data sets of Keras are zeros: no network. Keras's own save
and load is `Model.save` and `load_model`, without custom objects. The text is read again and
compared, as always; with `--again` it is compiled too, and the model must give the same text.
`KERAS_BACKEND=jax` takes a third of the time. Python imports and runs what it is pointed at: run it
where that is no harm.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import mtg
import numpy as np
from decompile_packages import PACKAGES

_TESTS = (
    *("models/functional_test.py", "models/sequential_test.py", "models/model_test.py"),
    *("models/cloning_test.py", "saving/saving_lib_test.py", "saving/saving_api_test.py"),
    *("saving/serialization_lib_test.py", "export/saved_model_test.py"),
)

#: Standard output, as it is before pytest takes it.
_OUT = os.fdopen(os.dup(1), "w")

#: Results of a try, in the order of the table.
_RESULTS = ("same", "both refuse", "refused", "moved", "does not compile")


class Tries:
    """The models that were made since the last try, and what came of those before."""

    def __init__(self, again: bool) -> None:
        self.again = again
        self.made: list[Any] = []
        self.seen: set[str] = set()
        self.counts: dict[str, Counter[str]] = {}

    def watch(self) -> None:
        """Note every model that is made."""
        for cls in (keras.src.models.functional.Functional, keras.Sequential):
            self._watch(cls)

    def _watch(self, cls: Any) -> None:
        before = cls.__init__

        def noted(model: Any, *args: Any, **kwargs: Any) -> None:
            before(model, *args, **kwargs)
            if not any(model is each for each in self.made):
                self.made.append(model)

        noted.__signature__ = __import__("inspect").signature(before)
        noted.__wrapped__ = before
        cls.__init__ = noted

    def end(self, source: str, what: str) -> None:
        """Try what was made."""
        made, self.made = self.made, []
        for model in made:
            if isinstance(model, keras.Sequential) and not model.built:
                continue  # of no input, which Keras saves as a list of layers
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    self._try(source, what, model)
            except Exception as error:
                self._tell(source, what, model, "does not compile", error)
        self.made = []

    def _try(self, source: str, what: str, model: Any) -> None:
        try:
            key = model.to_json()
        except Exception:
            key = f"{source} {what} {model.name}"
        if key in self.seen:
            return
        self.seen.add(key)
        try:
            text = mtg.decompile(model)
        except mtg.MtgError as error:
            result = "refused" if saves_and_loads(model) else "both refuse"
            self._tell(source, what, model, result, error)
            return
        self.made = []
        if not self.again:
            self._tell(source, what, model, "same", None)
            return
        back = mtg.compile(text, trust=True)
        again = mtg.decompile(back)
        self._tell(source, what, model, "same" if again == text else "moved", None)

    def _tell(self, source: str, what: str, model: Any, result: str, error: Any) -> None:
        self.counts.setdefault(source, Counter())[result] += 1
        if result != "same":
            words = " ".join(str(error or "").split())[:400]
            tell(f"{result}: {source}: {what}: {model.name}: {words}")


def tell(line: str) -> None:
    """Print a line at once, whoever has standard output now."""
    print(" ".join(line.split())[:400], file=_OUT, flush=True)


def saves_and_loads(model: Any) -> bool:
    """Whether Keras saves a model, and loads what it saved."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.keras")
        try:
            model.save(path)
            keras.saving.load_model(path)
        except Exception:
            return False
    return True


def of_tests(tries: Tries) -> None:
    """Run Keras's own tests, and try the models of each."""
    import pytest

    class Plugin:
        @pytest.hookimpl(trylast=True)
        def pytest_runtest_teardown(self, item: Any) -> None:
            tries.end("Keras's tests", item.name)

    folder = Path(keras.__file__).parent / "src"
    paths = [str(folder / each) for each in _TESTS if (folder / each).exists()]
    plain = ["-q", "-p", "no:cacheprovider", "-o", "addopts=", "--no-header", "--tb=no"]
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(
            [*plain, "-o", "filterwarnings=ignore", "--rootdir", str(folder), *paths],
            plugins=[Plugin()],
        )


def of_script(tries: Tries, path: str) -> None:
    """Run a script as far as it goes, without training, and try its models."""
    path = os.path.abspath(path)
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.StringIO()),
        _no_training(),
    ):
        script = ModuleType("__script__")
        script.__file__ = path
        sys.modules[script.__name__] = script  # where texts import its classes from
        try:
            exec(compile(Path(path).read_text("utf-8"), path, "exec"), script.__dict__)
        except (Exception, SystemExit) as error:
            tell(f"ended early: {path}: {type(error).__name__}: {error}")
    tries.end("scripts", Path(path).name)


#: The data sets of Keras: the shape of an example, how many classes or values, and words at most.
_DATA = {
    "mnist": ((28, 28), 10, 0),
    "fashion_mnist": ((28, 28), 10, 0),
    "cifar10": ((32, 32, 3), 10, 0),
    "cifar100": ((32, 32, 3), 100, 0),
    "imdb": ((50,), 2, 20_000),
    "reuters": ((50,), 46, 1_000),
    "california_housing": ((8,), 1, 0),
}


def _zeros(shape: tuple[int, ...], classes: int, words: int) -> Any:
    def load_data(*_: Any, **__: Any) -> Any:
        parts = []
        for count in (60_000, 10_000):
            x = np.zeros((count, *shape), "int32" if words else "uint8")
            y = np.arange(count, dtype="uint8") % classes
            parts.append((x, y[:, None] if len(shape) == 3 else y))
        return tuple(parts)

    return load_data


def _without_weights(make: Any) -> Any:
    def made(*args: Any, **kwargs: Any) -> Any:
        return make(*args, **{**kwargs, "weights": None})

    return made


@contextlib.contextmanager
def _no_training() -> Iterator[None]:
    for name, data in _DATA.items():
        getattr(keras.datasets, name).load_data = _zeros(*data)
    keras.utils.plot_model = lambda *_, **__: None
    for name, make in vars(keras.applications).items():
        if callable(make) and name[0].isupper() and not hasattr(make, "plain"):
            made = _without_weights(make)
            made.plain = make
            setattr(keras.applications, name, made)
    names = ("fit", "evaluate", "predict", "save_weights", "load_weights")
    before = {name: getattr(keras.Model, name) for name in names}
    for name in names:
        setattr(keras.Model, name, lambda *_, **__: _Nothing())
    try:
        yield
    finally:
        for name, method in before.items():
            setattr(keras.Model, name, method)


class _Nothing:
    """What stands for a history."""

    history: dict[str, Any] = {}  # noqa: RUF012

    def __iter__(self) -> Iterator[float]:
        return iter([0.0, 0.0])

    def __getitem__(self, _: Any) -> float:
        return 0.0


def of_package(tries: Tries, package: str) -> None:
    """Make the models of a package."""
    for name, make in PACKAGES[package].items():
        keras.backend.clear_session()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                kept = make()
        except Exception as error:
            tell(f"not made: {package}: {name}: {type(error).__name__}: {error}")
            tries.made = []
            continue
        if kept is not None:
            tries.made = kept if isinstance(kept, list) else [kept]
        tries.end(package, name)


def main() -> None:
    warnings.simplefilter("ignore")
    wanted = sys.argv[1:]
    again = "--again" in wanted
    wanted = [each for each in wanted if each != "--again"]
    tries = Tries(again)
    tries.watch()
    if wanted == ["packages"]:
        wanted = list(PACKAGES)
    if not wanted:
        of_tests(tries)
    for each in wanted:
        if each in PACKAGES:
            of_package(tries, each)
        else:
            of_script(tries, each)
    print(f"{'':24}{'models':>8}" + "".join(f"{result:>18}" for result in _RESULTS))
    for source, counts in tries.counts.items():
        row = "".join(f"{counts[result]:>18}" for result in _RESULTS)
        print(f"{source:24}{sum(counts.values()):>8}{row}")


if __name__ == "__main__":
    main()
