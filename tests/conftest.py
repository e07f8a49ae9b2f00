"""What all tests share."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import markers
import pytest
from hypothesis import HealthCheck, settings

# The same examples in every run, so that a red run is the fault of the change at hand. A longer
# search, such as `MTG_EXAMPLES=2000`, draws new ones. Machines differ in speed: time is no verdict.
settings.register_profile(
    "mtg",
    derandomize="MTG_EXAMPLES" not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("mtg")

# Read when TensorFlow is first imported, also in the processes that tests start. Their models are
# small, and a run has a process for each core: more threads would wait for each other.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for threads in ("TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ.setdefault(threads, "1")


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in markers.MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    if markers.leaves_out_keras(config.option.markexpr):
        markers.keep_keras_out()


class Unread(pytest.Module):
    """A file of tests of which none would run, and which is not imported."""

    def collect(self) -> list[pytest.Item]:
        return []


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Unread | None:
    """Leave files unread that import Keras where no test of theirs would run."""
    without = markers.leaves_out_keras(parent.config.option.markexpr)
    if without and markers.imports_keras(module_path):
        return Unread.from_parent(parent, path=module_path)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    markers.mark(items)
    left_out = markers.on_request(items, config.option.markexpr)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Search what modules made for garbage no more: it takes a fifth of the time of Keras."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def _train_eagerly() -> Iterator[None]:
    import keras

    with pytest.MonkeyPatch.context() as patch:
        always = property(lambda model: True, lambda model, value: None)
        patch.setattr(keras.Model, "run_eagerly", always)
        yield


@pytest.fixture(scope="module")
def eager() -> Iterator[None]:
    """Keras makes no graph of each model that it trains, which takes longer than a few steps."""
    yield from _train_eagerly()


@pytest.fixture
def eager_once() -> Iterator[None]:
    """As `eager`, for one test."""
    yield from _train_eagerly()


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return Path(__file__).parent.parent
