"""Reading sources, within limits and within the folders that are allowed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from mtg.limits import MAX_CHARACTERS
from mtg.refusal import Refusal
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Project, Source, Span
from mtg.text.suggest import nearest

_MAX_BYTES = 4 * MAX_CHARACTERS

#: Where a shell puts `<(command)`, which is read like a file.
_DESCRIPTORS = ("/dev/fd/", "/dev/stdin", "/proc/")


class CannotRead(Exception):
    """A file cannot be read; the message says why, without the file's name."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say in words what the system says against reading a file.

    Raises:
        CannotRead: It is missing, a folder, a named pipe, or unreadable.
    """
    try:
        if stat.S_ISFIFO(path.stat().st_mode) and not str(path).startswith(_DESCRIPTORS):
            # To open it would wait, perhaps for ever, for somebody to write into it.
            raise CannotRead("it is a named pipe; hand its content to standard input, as `-`")
        yield
    except IsADirectoryError:
        raise CannotRead("it is a folder") from None
    except FileNotFoundError:
        raise CannotRead("there is no such file") from None
    except PermissionError:
        raise CannotRead("you may not read it") from None
    except (OSError, ValueError) as error:
        raise CannotRead(getattr(error, "strerror", None) or str(error)) from None


def read_bytes(path: Path) -> bytes:
    """Return the content of a file, as far as it may be a source.

    Raises:
        CannotRead: It is missing, a folder, unreadable, or too large.
    """
    with reading(path), path.open("rb") as file:
        if stat.S_ISDIR(os.fstat(file.fileno()).st_mode):
            raise CannotRead("it is a folder")
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise CannotRead(f"it has more than {_MAX_BYTES:,} bytes")
    return data


def read_below(path: Path, roots: Iterable[Path]) -> bytes:
    """Read a file that must be below one of some folders, also when it is opened.

    Raises:
        CannotRead: It is not, or cannot be read.
    """
    with reading(path), path.open("rb") as file:
        # Somebody may have put a link there since the path was looked at.
        number = file.fileno()
        try:
            real = Path(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:  # another system than Linux
            real = path.resolve()
            if not os.path.samestat(os.fstat(number), real.stat()):
                raise CannotRead("it was changed while it was read") from None
        if not any(real.is_relative_to(root) for root in roots):
            raise CannotRead("it is outside the project's folder")
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise CannotRead(f"it has more than {_MAX_BYTES:,} bytes")
    return data


def current_folder() -> Path:
    """Return the current folder; if it was deleted, a place that nothing is below."""
    try:
        return Path.cwd()
    except OSError:
        return Path(os.devnull)


def decode(name: str, data: bytes, diagnostics: Diagnostics) -> Source | None:
    """Return the source that some bytes are, or None where they are not UTF-8 text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        source = Source(name, before + "\ufffd")
        span = Span(source, len(before), len(before) + 1)
        diagnostics.report(
            "MTG003",
            f"the file is not UTF-8 text: byte {error.start} is 0x{data[error.start]:02X}",
            span,
            help="save the file as UTF-8",
        )
        return None
    if "\0" in text:
        source = Source(name, text)
        position = text.index("\0")
        diagnostics.report(
            "MTG003",
            "the file is not text: it holds a zero byte",
            Span(source, position, position + 1),
        )
        return None
    return Source(name, text)


class Library:
    """Finds the files that a program imports, and lets it reach no others.

    Args:
        root: The project's folder.
        include: Further folders that imports may reach.
        diagnostics: Where a file that is no text is reported.
        trust: Whether the caller trusts the program.
    """

    def __init__(
        self,
        root: Path,
        include: Iterable[Path],
        diagnostics: Diagnostics,
        *,
        trust: bool = False,
    ) -> None:
        self._roots = [folder.resolve() for folder in (root, *include)]
        #: What every text of the program may reach.
        self.project = Project(tuple(map(str, self._roots)), trust)
        self._diagnostics = diagnostics
        self._sources: dict[str, Source] = {}
        self._paths: dict[Source, Path | None] = {}

    def add(self, source: Source, path: Path | None) -> None:
        """Say where a source comes from; None is the current folder."""
        self._paths[source] = path
        source.project = self.project
        source.folder = str(path.parent if path is not None else self._roots[0])
        if path is not None:
            self._sources[str(path.resolve())] = source

    @property
    def files(self) -> list[Path]:
        """The files that were read; not what mtg ships."""
        return [path for path in self._paths.values() if path is not None]

    def read(self, importing: Source, path: str) -> Source:
        """Return the source of `from "path"` in another source.

        Raises:
            Refusal: It may not be imported, or cannot.
        """
        if path.startswith("std/"):
            return self._standard(path.removeprefix("std/"))
        if not path or "\0" in path:
            raise Refusal("MTG601", "the path of an import is empty or invalid")
        wanted = Path(path)
        if wanted.is_absolute() or path.startswith("~"):
            raise Refusal(
                "MTG602",
                f'"{path}" leaves the project: paths are relative to the importing file',
            )
        here = self._paths.get(importing)
        folders = [here.parent if here else self._roots[0], *self._roots[1:]]
        if not wanted.name:
            raise Refusal("MTG601", f'there is no file "{path}"')
        candidates = [wanted] if wanted.suffix else [wanted, wanted.with_name(wanted.name + ".mtg")]
        outside = False
        for folder in folders:
            for candidate in candidates:
                full = folder / candidate
                try:
                    resolved = full.resolve()
                    is_file = resolved.is_file()
                except (OSError, RuntimeError, ValueError):
                    continue
                if not any(resolved.is_relative_to(root) for root in self._roots):
                    outside = True
                elif is_file:
                    return self._load(full, resolved)
                elif resolved.exists() and not resolved.is_dir():
                    raise Refusal("MTG609", f'"{path}" is not a regular file')
        if outside:
            raise Refusal(
                "MTG602",
                f'"{path}" is outside the project\'s folder',
                "move the file below it, or allow its folder with `--include DIR`",
            )
        raise Refusal("MTG601", f'there is no file "{path}"', self._near(folders[0], wanted))

    def _near(self, folder: Path, wanted: Path) -> str:
        """Return a help line with the path that is meant, where a part of it is misspelt."""
        meant = Path()
        for part in wanted.parts:
            last = len(meant.parts) == len(wanted.parts) - 1
            try:
                there = sorted((folder / meant).iterdir())[:1000]
            except OSError:
                return ""
            names = [p.name for p in there if p.is_dir() != last and (p.suffix == ".mtg") == last]
            found = part if part in names or part == ".." else nearest(part, names)
            if found is None:
                return ""
            meant /= found
        return f'did you mean "{meant.as_posix()}"?'

    def _load(self, path: Path, resolved: Path) -> Source:
        key = str(resolved)
        if key not in self._sources:
            try:
                data = read_below(resolved, self._roots)
            except CannotRead as error:
                raise Refusal("MTG609", f"`{path}` cannot be read: {error}") from None
            source = decode(shown(path), data, self._diagnostics)
            if source is None:
                raise Refusal("MTG609", f"`{path}` is not UTF-8 text")
            self._sources[key] = source
            self._paths[source] = resolved
            source.project = self.project
            source.folder = str(resolved.parent)
        return self._sources[key]

    def _standard(self, name: str) -> Source:
        stem = name.removesuffix(".mtg")
        folder = files("mtg.std")
        shipped = sorted(
            p.name.removesuffix(".mtg") for p in folder.iterdir() if p.name.endswith(".mtg")
        )
        if stem not in shipped:
            found = nearest(stem, shipped)
            raise Refusal(
                "MTG601",
                f'mtg ships no "std/{name}"',
                f'did you mean "std/{found}"?'
                if found
                else f"it ships {', '.join(f'std/{s}' for s in shipped)}",
            )
        key = f"std/{stem}"
        if key not in self._sources:
            text = folder.joinpath(f"{stem}.mtg").read_text(encoding="utf-8")
            self._sources[key] = Source(key, text)
            self._sources[key].project = self.project
        return self._sources[key]


def shown(path: Path) -> str:
    """Return a path for people: relative to the current folder if it is below that."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except (ValueError, OSError, RuntimeError):
        return str(path)
