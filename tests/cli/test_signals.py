"""What a signal leaves behind: no temporary file, no traceback, no other process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux")

PROGRAM = """model M {
  input x: float32[8]
  output y(loss="mse") = x -> Dense(1_000) -> Dense(1_000) -> Dense(1)
}
"""

#: Between two looks at a process, in seconds; it decides nothing, and leaves the core to others.
PAUSE = 0.0005

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def _signals_are_heard() -> Iterator[None]:
    """Also where the tests were started so that they ignore some, as a shell does with `&`."""
    ignored = [number for number in SIGNALS if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.mtg").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "temporary").mkdir()
    (tmp_path / "bin").mkdir()
    return tmp_path


def left(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def start(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "TMPDIR": str(folder / "temporary"),
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "KERAS_BACKEND": "tensorflow",
        "GRAPHVIZ_DOT": "dot" if (folder / "bin" / "dot").exists() else "",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "mtg", *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def listens(process: subprocess.Popen[bytes], _: Path) -> bool:
    """Whether the process has said what happens at SIGHUP, the last of the three."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    caught = re.search(r"SigCgt:\s*([0-9a-f]+)", status)
    assert caught is not None
    return bool(int(caught[1], 16) >> (signal.SIGHUP - 1) & 1)


def maps(library: str) -> Callable[[subprocess.Popen[bytes], Path], bool]:
    def found(process: subprocess.Popen[bytes], _: Path) -> bool:
        return library in Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")

    return found


def writes(_: subprocess.Popen[bytes], folder: Path) -> bool:
    return any(folder.glob(".mtg-*"))


def unpacks(_: subprocess.Popen[bytes], folder: Path) -> bool:
    return any((folder / "temporary").glob(".mtg-*"))


#: The steps of a run at which it is stopped, in their order.
STEPS = {
    "at the beginning": listens,
    "as the parser is imported": maps("_json"),
    "as NumPy is imported": maps("_multiarray_umath"),
    "as TensorFlow is imported": maps("libtensorflow_framework"),
    "as HDF5 is imported": maps("libhdf5"),
    "as its temporary files are there": unpacks,
    "as it writes": writes,
}


def stopped(
    process: subprocess.Popen[bytes],
    folder: Path,
    step: Callable[[subprocess.Popen[bytes], Path], bool],
    number: signal.Signals,
) -> None:
    """Send a signal at a step; a run that has ended by then has nothing to be stopped at."""
    while process.poll() is None and not (listens(process, folder) and step(process, folder)):
        time.sleep(PAUSE)
    process.send_signal(number)
    out, said = process.communicate()
    assert process.returncode in (128 + number, 0), said.decode()
    assert b"Traceback" not in said + out
    assert b"Exception ignored" not in said + out


def test_while_it_waits_for_its_input(folder: Path) -> None:
    process = start(folder, "check", "-")
    while not listens(process, folder):
        time.sleep(PAUSE)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert process.communicate() == (b"", b"mtg: interrupted\n")


@pytest.mark.keras
@pytest.mark.parametrize(
    ("step", "number"), [(step, SIGNALS[place % 2]) for place, step in enumerate(STEPS)]
)
def test_a_compilation(step: str, number: signal.Signals, folder: Path) -> None:
    before = left(folder)
    process = start(folder, "compile", "a.mtg", "-o", "a.keras")
    stopped(process, folder, STEPS[step], number)
    assert [path for path in left(folder) if path != "a.keras"] == before


@pytest.fixture
def slow_dot(folder: Path) -> Path:
    """A Graphviz that never ends, and says so."""
    script = folder / "bin" / "dot"
    script.write_text(
        f"#!/bin/sh\necho $$ > {folder}/started\nmv {folder}/started {folder}/pid\n"
        "exec tail -f /dev/null\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return folder / "pid"


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_while_graphviz_draws(number: signal.Signals, folder: Path, slow_dot: Path) -> None:
    process = start(folder, "render", "a.mtg", "-o", "a.svg")
    stopped(process, folder, lambda *_: slow_dot.exists(), number)
    assert process.returncode == 128 + number
    child = Path("/proc", slow_dot.read_text(encoding="utf-8").strip(), "stat")
    # It is gone, or is dead and waits for somebody to ask how it went.
    while child.exists() and child.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z":
        time.sleep(PAUSE)
    assert not (folder / "a.svg").exists()
    assert not list(folder.rglob(".mtg-*"))


def test_a_signal_that_is_ignored_stays_so(folder: Path) -> None:
    """As `nohup` has it."""
    script = "trap '' HUP; exec \"$@\""
    command = [sys.executable, "-m", "mtg", "check", "-"]
    process = subprocess.Popen(
        ["sh", "-c", script, "sh", *command],
        cwd=folder,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    status = Path(f"/proc/{process.pid}/status")
    caught = 0
    while process.poll() is None and not caught >> (signal.SIGTERM - 1) & 1:
        time.sleep(PAUSE)
        found = re.search(r"SigCgt:\s*([0-9a-f]+)", status.read_text(encoding="utf-8"))
        caught = int(found[1], 16) if found else 0
    process.send_signal(signal.SIGHUP)
    _, said = process.communicate(PROGRAM.encode())
    assert process.returncode == 0, said
