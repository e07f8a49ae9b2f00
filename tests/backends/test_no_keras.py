"""What is said where Keras, or its back end, is not installed: what to install, or to set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = str(ROOT / "examples" / "mlp.mtg")

#: Read by Python as it starts: the packages named in `WITHOUT` are not there, those in `WITH` are.
HIDING = """
import importlib.machinery, os, sys

class Hiding:
    def find_spec(self, name, path=None, target=None):
        if name in os.environ["WITHOUT"].split(","):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if name in os.environ["WITH"].split(","):
            return importlib.machinery.ModuleSpec(name, None, is_package=True)

sys.meta_path.insert(0, Hiding())
"""


def run(
    folder: Path, code: str, *, without: str, present: str = "", backend: str | None = None
) -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(HIDING, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder), "WITHOUT": without, "WITH": present}
    environment.pop("KERAS_BACKEND", None)
    environment["KERAS_HOME"] = str(folder)
    if backend:
        environment["KERAS_BACKEND"] = backend
    command = [sys.executable, "-c", code, EXAMPLE]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)


COMPILE = "import sys; from mtg.cli import main; sys.exit(main(['compile', sys.argv[1]]))"

CASES = {
    "nothing else is there": (
        {"without": "tensorflow,jax,torch"},
        "mtg: Keras cannot be imported: it runs on TensorFlow here, which is not installed: `pip "
        "install tensorflow`, or `pip install jax` and set `KERAS_BACKEND=jax` or `pip install "
        "torch` and set `KERAS_BACKEND=torch`\n",
    ),
    "JAX is there": (
        {"without": "tensorflow,torch", "present": "jax"},
        "mtg: Keras cannot be imported: it runs on TensorFlow here, which is not installed: `pip "
        "install tensorflow`, or set `KERAS_BACKEND=jax`: JAX is installed\n",
    ),
    "PyTorch was asked for": (
        {"without": "torch,jax", "present": "tensorflow", "backend": "torch"},
        "mtg: Keras cannot be imported: it runs on PyTorch here, which is not installed: `pip "
        "install torch`, or set `KERAS_BACKEND=tensorflow`: TensorFlow is installed\n",
    ),
    "no Keras": (
        {"without": "keras"},
        "mtg: Keras cannot be imported: it is not installed: `pip install keras tensorflow`\n",
    ),
    "a package of Keras's": (
        {"without": "ml_dtypes"},
        "mtg: Keras cannot be imported: it needs the Python package `ml_dtypes`, which is not "
        "installed\n",
    ),
    "no such back end": (
        {"without": "", "backend": "tensorflo"},
        "mtg: Keras cannot be imported: it has no back end `tensorflo`, which `KERAS_BACKEND` "
        "names; choose tensorflow, jax or torch\n",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_command_says_what_to_do(name: str, tmp_path: Path) -> None:
    settings, message = CASES[name]
    done = run(tmp_path, COMPILE, **settings)
    assert (done.returncode, done.stdout) == (2, "")
    # A back end that starts and then fails may have had its say before.
    assert done.stderr.endswith(message)
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".keras") == []


def test_the_function_raises_an_import_error(tmp_path: Path) -> None:
    code = (
        "import mtg, sys\n"
        "assert mtg.check(sys.argv[1]) == []\n"
        "try:\n    mtg.compile(sys.argv[1])\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = run(tmp_path, code, without="tensorflow,jax,torch")
    assert done.returncode == 0, done.stderr
    assert "which is not installed: `pip install tensorflow`" in done.stdout


def test_asking_keras_says_why_it_cannot(tmp_path: Path) -> None:
    program = tmp_path / "m.mtg"
    program.write_text(
        'model M { input x: float32[4]\n output y = x -> JaxLayer("relu") }', encoding="utf-8"
    )
    code = (
        "import sys; from mtg.cli import main\n"
        f"sys.exit(main(['check', '--with-keras', {str(program)!r}]))"
    )
    done = run(tmp_path, code, without="tensorflow,jax,torch")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "`pip install tensorflow`" in done.stderr
