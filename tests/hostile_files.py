"""Hostile programs through every command, in a process of its own that watches what is opened.

`tests/test_trust.py` runs it: `python hostile_files.py OUTSIDE`, in the folder of the project. It
prints as JSON what each program and command ended in, what Python opened, imported or connected to
that it should not, and what anybody opened in the folder OUTSIDE.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SEEN: list[str] = []


def watch(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook: what no program here may have done."""
    if event == "open" and isinstance(args[0], (str, bytes)):
        path = os.fsdecode(args[0])
        if any(word in path for word in ("outside", "hostile", ".secret", "saved_model")):
            SEEN.append(f"open {path}")
    elif event in ("os.system", "subprocess.Popen", "socket.connect"):
        SEEN.append(f"{event} {str(args)[:80]}")
    elif event == "import" and args[0] in ("evil", "hostile_code"):
        SEEN.append(f"import {args[0]}")


class Watched:
    """Linux's own word of what is opened in a folder, by C++ too; elsewhere it knows nothing."""

    def __init__(self, folder: Path) -> None:
        self.handle = -1
        if sys.platform != "linux":
            return
        library = ctypes.CDLL(None, use_errno=True)
        self.handle = library.inotify_init1(os.O_NONBLOCK)
        for each in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
            opened_read_or_written = 0x1 | 0x2 | 0x20 | 0x100 | 0x200
            library.inotify_add_watch(self.handle, os.fsencode(each), opened_read_or_written)

    def events(self) -> list[str]:
        found: list[str] = []
        with contextlib.suppress(BlockingIOError):
            while self.handle >= 0:
                data = os.read(self.handle, 65_536)
                while data:
                    _, mask, _, length = struct.unpack_from("iIII", data)
                    name = data[16 : 16 + length].rstrip(b"\0").decode()
                    data = data[16 + length :]
                    if name:  # to list the folder itself is not to read what is in it
                        found.append(f"{mask:#x} {name}")
        return found


def paths(outside: Path, name: str) -> dict[str, str]:
    """A file beyond the project, as hostile programs may name it."""
    return {
        "absolute": str(outside / name),
        "above": f"../outside/{name}",
        "roundabout": f"sub/../../outside/{name}",
        "link": f"link.{name.rpartition('.')[2]}",
        "linked_folder": f"linked/{name}",
        "hidden": f".secret/{name}",
        "address": f"gs://bucket/{name}",
        "file_address": f"file://{outside / name}",
    }


def programs(outside: Path) -> Iterator[tuple[str, str]]:
    """Programs whose models may not be built, by name."""

    def model(flow: str, ins: str = "string[1]", before: str = "", train: str = "") -> str:
        return f"{before}model M {{\n input x: {ins}\n output y = x -> {flow}\n{train}}}\n"

    for way, path in paths(outside, "words.txt").items():
        for cls, ins in (
            ("StringLookup", "string[1]"),
            ("IntegerLookup", "int64[1]"),
            ("TextVectorization", "string[1]"),
        ):
            yield f"{cls}/{way}", model(f'{cls}(vocabulary="{path}")', ins)
        made = f'StringLookup(vocabulary="{path}")'
        yield f"wrapped/{way}", model(f"TimeDistributed({made})", "string[3, 1]")
        block = "block a -> look(path) { return a -> StringLookup(vocabulary=path) }\n"
        yield f"block/{way}", model(f'look(path="{path}")', before=block)
        inner = f"model Inner {{ input a: string[1]\n output b = a -> {made} }}\n"
        yield f"nested/{way}", model("Inner()", before=inner)
        yield (
            f"shared/{way}",
            (
                f"model M {{\n input x: string[1]\n input z: string[1]\n shared s = {made}\n"
                " output y = concat(x -> s, z -> s)\n}\n"
            ),
        )
    for way, path in paths(outside, "w.weights.h5").items():
        yield (
            f"weights/{way}",
            model(
                f'applications.MobileNet(weights="{path}", include_top=False, alpha=0.25)',
                "float32[32, 32, 3]",
            ),
        )
    for path in ("saved_model", str(outside / "saved_model"), "gs://bucket/model"):
        way = "absolute" if path.startswith("/") else path.partition(":")[0]
        yield f"saved_model/{way}", model(f'TFSMLayer("{path}")', "float32[3]")
    config = (
        '{"module": "os", "class_name": "function", "config": "system", "registered_name": "x"}'
    )
    yield "config/activation", model(f"Dense(2, activation={config})", "float32[3]")
    yield "config/initializer", model(f"Dense(2, kernel_initializer={config})", "float32[3]")
    yield (
        "config/wrapped",
        model(f"TimeDistributed(Dense(2, activation={config}))", "float32[3, 3]"),
    )
    yield "config/dtype", model(f"Dense(2, dtype={config})", "float32[3]")
    yield "config/optimizer", model("Dense(2)", "float32[3]", train=f" train(optimizer={config})")
    yield "config/seed", model(f"Dropout(0.5, seed={config})", "float32[3]")
    for module, name in (
        ("evil", "Layer"),
        ("os", "system"),
        ("keras.src.saving.saving_lib", "load_model"),
        ("keras.utils", "get_file"),
        ("keras.layers", "TFSMLayer"),
        ("keras.layers", "Lambda"),
        ("keras.src.applications.convnext", "file_utils"),
        ("keras.src.applications.convnext", "ConvNeXtTiny"),
        ("keras.src.layers.preprocessing.index_lookup", "IndexLookup"),
        ("keras.src.export.tfsm_layer", "TFSMLayer"),
    ):
        head = f'from python "{module}" import {name}\n'
        yield f"python/{module}.{name}", model(f'{name}("{outside}/words.txt")', "float32[3]", head)
        yield (
            f"python/{module}.{name}/value",
            model(f"Dense(2, activation={name})", "float32[3]", head),
        )
    head = 'from python "keras.src.applications.convnext" import LayerScale\n'
    yield "python/attribute", model("LayerScale.from_config({})", "float32[3]", head)
    config = f'{{"class_name": "StringLookup", "config": {{"vocabulary": "{outside}/words.txt"}}}}'
    yield "config/own_layer", model(f"LayerScale(0.1, 3, dtype={config})", "float32[3]", head)


def callbacks(outside: Path) -> Iterator[tuple[str, str]]:
    """Callbacks that `fit_arguments` may not make."""
    for way, path in paths(outside, "log.csv").items():
        yield f"CSVLogger/{way}", f'CSVLogger("{path}")'
    for way, path in paths(outside, "m.keras").items():
        yield f"ModelCheckpoint/{way}", f'ModelCheckpoint("{path}")'
    for way, path in paths(outside, "logs").items():
        if way != "link":
            yield f"BackupAndRestore/{way}", f'BackupAndRestore("{path}")'
            yield f"TensorBoard/{way}", f'TensorBoard("{path}")'
            yield f"OrbaxCheckpoint/{way}", f'OrbaxCheckpoint("{path}")'
    yield "TensorBoard/metadata", f'TensorBoard(embeddings_metadata={{"e": "{outside}/words.txt"}})'
    yield "RemoteMonitor", "RemoteMonitor()"
    yield "RemoteMonitor/root", 'RemoteMonitor(root="http://localhost:1")'
    yield "CSVLogger/overwrites", 'CSVLogger("setup.py")'
    yield "CSVLogger/hidden", 'CSVLogger(".bashrc.csv")'
    yield "ModelCheckpoint/field", 'ModelCheckpoint("a/.{epoch.__doc__[0]}/x.keras")'
    yield "ModelCheckpoint/filled", 'ModelCheckpoint("a/{epoch:.>4}/x.keras")'
    yield "ModelCheckpoint/links", 'ModelCheckpoint("links/{epoch}.keras")'
    yield "BackupAndRestore/own", 'BackupAndRestore(".")'
    yield "BackupAndRestore/full", 'BackupAndRestore("full")'
    yield "OrbaxCheckpoint/own", 'OrbaxCheckpoint(".")'
    yield "OrbaxCheckpoint/full", 'OrbaxCheckpoint("full")'
    yield "TensorBoard/links", 'TensorBoard("links")'


def ended(act: Callable[[], Any]) -> str:
    """What an act ended in: `done`, the codes of its errors, or what else it raised."""
    from mtg import MtgError

    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            act()
    except MtgError as error:
        return " ".join(sorted({each.code for each in error.errors}))
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def main(outside: Path) -> None:
    import mtg
    from mtg.cli import main as command

    found: dict[str, dict[str, str]] = {}
    watched = Watched(outside)
    sys.addaudithook(watch)
    for name, text in programs(outside):
        Path("p.mtg").write_text(text, encoding="utf-8")
        acts: dict[str, Callable[[], Any]] = {
            "check": lambda: mtg.check("p.mtg"),
            "summary": lambda: mtg.summary("p.mtg"),
            "render": lambda: mtg.render("p.mtg", format="dot"),
            "diff": lambda: mtg.diff("p.mtg", "p.mtg"),
            "to_python": lambda: mtg.to_python("p.mtg"),
            "to_json": lambda: mtg.to_json("p.mtg"),
            "compile": lambda: mtg.compile("p.mtg"),
            "compile a graph": lambda: mtg.compile(mtg.load("p.mtg")),
            "mtg check": lambda: command(["check", "p.mtg"]),
            "mtg render": lambda: command(["render", "p.mtg", "-o", "p.dot"]),
            "mtg diff": lambda: command(["diff", "p.mtg", "p.mtg"]),
            "mtg summary": lambda: command(["summary", "p.mtg"]),
            "mtg compile": lambda: code_of(command, ["compile", "p.mtg", "-o", "p.keras"]),
            "mtg compile -o p.py": lambda: command(["compile", "p.mtg", "-o", "p.py"]),
            "mtg compile -o p.json": lambda: command(["compile", "p.mtg", "-o", "p.json"]),
        }
        if name.endswith(("absolute", "Layer", "saved_model")):
            acts["check with Keras"] = lambda: mtg.check("p.mtg", with_keras=True)
        found[name] = {what: ended(act) for what, act in acts.items()}
    for name, made in callbacks(outside):
        text = (
            'model M {\n input x: float32[3]\n output y(loss="mse") = x -> Dense(1)\n'
            f' train(optimizer="sgd", callbacks=[{made}])\n}}\n'
        )
        Path("p.mtg").write_text(text, encoding="utf-8")
        found[name] = {
            "check": ended(lambda: mtg.check("p.mtg")),
            "fit_arguments": ended(lambda: mtg.fit_arguments("p.mtg")),
            "to_python": ended(lambda: mtg.to_python("p.mtg")),
        }
    events, seen = watched.events(), list(SEEN)
    # That the watch works is part of what is told.
    (outside / "words.txt").read_bytes()
    control = watched.events()
    with contextlib.suppress(OSError):
        Path("hostile_control").read_bytes()
    print(
        json.dumps(
            {
                "found": found,
                "seen": seen,
                "events": events,
                "control": [bool(control) or watched.handle < 0, len(SEEN) > len(seen)],
                "left": os.path.exists("p.keras"),
            }
        )
    )


def code_of(command: Callable[[list[str]], int], arguments: list[str]) -> None:
    code = command(arguments)
    if code != 1:
        raise AssertionError(f"exit {code}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
