"""The files that a program names in arguments: where they are, and what is read of them.

A program is text from anywhere. One that its caller does not trust reaches the files below its own
folder, and of those not the hidden ones. A path is relative to the file that names it. What it
leads to is found first, links and all; then the file is opened below the folder step by step, no
step over a link, so that what is read is what was looked at.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO, NamedTuple

from mtg.catalog.reach import DELETED, Reach
from mtg.files import current_folder, shown
from mtg.graph.values import Words
from mtg.limits import MAX_VOCABULARY
from mtg.refusal import Refusal
from mtg.text.source import Project, Span

#: What names a thing elsewhere, for TensorFlow or for Keras: `gs://bucket/file`, `file:///etc`.
_ADDRESS = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:/")

#: Fields of a pattern that stand for a number, and nothing else: `{epoch:02d}`, `{val_loss:.2f}`.
#: Python's own notation reaches the attributes of a number, and letters of their texts.
_FIELD = re.compile(r"\{\w+(:0?\d{0,3}(\.\d{1,2})?[defg]?)?\}")

#: A number as TensorFlow reads it: some 64 bits have 19 digits.
_INTEGER = re.compile(r"[ \t]*[+-]?[0-9]{1,25}[ \t]*")

#: Entries of a folder that are looked at.
_MOST_ENTRIES = 10_000

_MEND = "put it below the program's folder, or, if you trust the program, use `--trust` on the "
_TRUST = "if you trust the program, use `--trust` on the command line, or `trust=True` in Python"


class Named(NamedTuple):
    """A file that an argument names, and where the program says so."""

    reach: Reach
    cls: str
    path: str
    span: Span
    #: Whether the caller trusts the program, whatever its texts say of that.
    trust: bool = False

    @property
    def project(self) -> Project:
        """What the program may reach; what comes from no file has the current folder."""
        found = self.span.source.project or Project((str(current_folder().resolve()),))
        return Project(found.folders, found.trusted or self.trust)

    @property
    def what(self) -> str:
        of = f" of `{self.cls}`" if self.cls else ""
        return f"`{self.reach.argument}`{of}"


def is_address(path: str) -> bool:
    """Return whether a path is the address of something elsewhere."""
    return _ADDRESS.match(path) is not None


def place_of(named: Named) -> tuple[Path, Path | None]:
    """Return the resolved path of a named file, and the program's folder that it is below.

    Nothing is opened. The folder is None where the program is trusted.

    Raises:
        Refusal: The program may not reach it.
    """
    project, path = named.project, named.path
    if is_address(path):
        if project.trusted:
            raise Refusal("MTG641", f"{named.what} is an address, and a file is needed")
        raise Refusal("MTG642", f"{named.what} names the address `{path}`", _TRUST)
    if not path or "\0" in path:
        raise Refusal("MTG641", f"{named.what} is not a path")
    found: list[tuple[Path, Path | None]] = []
    refused: Refusal | None = None
    for folder in _folders(named, project):
        full = Path(folder, path)
        try:
            resolved = full.resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise Refusal("MTG641", f"{named.what} cannot be resolved: {error}") from None
        if project.trusted:
            found.append((resolved, None))
            continue
        root = next((r for r in map(Path, project.folders) if resolved.is_relative_to(r)), None)
        if path.startswith("~"):
            refused = Refusal(
                "MTG640",
                f"{named.what} names `{path}`, and `~` is outside the program's folder",
                _TRUST,
            )
        elif root is None:
            refused = Refusal(
                "MTG640",
                f"{named.what} names `{path}`, which is outside the program's folder",
                f"{_MEND}command line, or `trust=True` in Python",
            )
        elif any(part.startswith(".") for part in resolved.relative_to(root).parts):
            refused = Refusal("MTG640", f"{named.what} names `{path}`, which is hidden", _TRUST)
        else:
            found.append((resolved, root))
    if not found:
        assert refused is not None
        raise refused
    return next((each for each in found if each[0].exists()), found[0])


def leaves(path: str) -> bool:
    """Return whether a path begins elsewhere than at the file that names it."""
    return path.startswith("~") or Path(path).is_absolute()


def _folders(named: Named, project: Project) -> list[str]:
    """Return the folders that a path may be relative to: the file's and the program's.

    A path that is written where it is needed is relative to the file in which it stands. One that
    comes by a parameter may come from the program that uses the file.
    """
    source = named.span.source
    here = source.folder or project.folders[0]
    literal = source.text[named.span.start : named.span.end].lstrip("rR")[:1] in ("'", '"')
    return [here] if literal else list(dict.fromkeys([here, project.folders[0]]))


def find(named: Named) -> tuple[Path, Path | None]:
    """`place_of` a file that is there.

    Raises:
        Refusal: The program may not read it, or there is none.
    """
    path, root = place_of(named)
    if not path.exists():
        where = "" if shown(path) == named.path else f": `{shown(path)}` is missing"
        raise Refusal("MTG641", f"there is no file `{named.path}`, which {named.what} names{where}")
    return path, root


@contextmanager
def opened(named: Named) -> Iterator[BinaryIO]:
    """Return the named file, open for reading; what is checked is what is open.

    Raises:
        Refusal: The program may not read it, or it cannot be read.
    """
    path, root = find(named)
    try:
        handle = _open(path, root)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refusal("MTG641", f"{named.what} cannot be read: {reason}") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Refusal("MTG641", f"{named.what} cannot be read: it is not a regular file")
        yield file


def _open(path: Path, root: Path | None) -> int:
    """Return a descriptor of a file; without waiting for whoever writes into a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError("it is not a regular file")  # to open a device may do something already
    if root is None or os.open not in os.supports_dir_fd:
        return os.open(path, flags)
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    *folders, last = path.relative_to(root).parts
    try:
        for part in folders:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(last, flags | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


# ---- what is read --------------------------------------------------------------------------------


def words(named: Named, special: Sequence[Any] = ()) -> Words:
    """Return the words of a vocabulary: what Keras would read of the file, a line each.

    Args:
        named: The file.
        special: What stands for the mask and for unknown words. In a list that begins with them
            they are those; in a file Keras takes them for words like any others.

    Raises:
        Refusal: The program may not read it, or it holds none.
    """
    with opened(named) as file:
        data = file.read(MAX_VOCABULARY + 1)
    if len(data) > MAX_VOCABULARY:
        raise Refusal("MTG641", f"{named.what} has more than {MAX_VOCABULARY:,} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(
            "MTG641", f"{named.what} is not UTF-8 text: byte {error.start} of `{named.path}`"
        ) from None
    # As TensorFlow reads lines.
    lines = text.replace("\r", "").split("\n")
    if lines[-1] == "":
        lines.pop()
    if "" in lines:
        raise Refusal(
            "MTG641", f"line {lines.index('') + 1} of `{named.path}`, of {named.what}, is empty"
        )
    found: list[Any] = list(lines)
    if named.cls == "IntegerLookup":
        for number, line in enumerate(lines):
            if _INTEGER.fullmatch(line) is None or not -(2**63) <= int(line) < 2**63:
                raise Refusal(
                    "MTG641",
                    f"line {number + 1} of `{named.path}`, of {named.what}, is not a whole number",
                )
            found[number] = int(line)
    if special and found[: len(special)] == list(special):
        found = [*special, *found]
    return Words(found, named.path)


def copy_of_weights(named: Named, folder: Path) -> str:
    """Return the path of a copy of a file of weights, which nobody else can change.

    Raises:
        Refusal: The program may not read it, or it cannot be read.
    """
    copy = folder / f"{len(list(folder.iterdir()))}-{Path(named.path).name}"
    with opened(named) as file, copy.open("wb") as target:
        try:
            copyfileobj(file, target)
        except OSError as error:
            raise Refusal("MTG641", f"{named.what} cannot be copied: {error.strerror}") from None
    return str(copy)


# ---- what is written -----------------------------------------------------------------------------


def to_write(named: Named) -> str:
    """Return the whole path of what a callback writes to, as the callback takes it.

    Raises:
        Refusal: The program may not have it written to.
    """
    if named.project.trusted:
        if is_address(named.path):
            return named.path
        return _text(place_of(named)[0], named)
    if named.reach.how == "others":  # another program reads it, later, beside what was written
        if is_address(named.path) or leaves(named.path) or ".." in Path(named.path).parts:
            raise Refusal("MTG640", f"{named.what} names `{named.path}`", _TRUST)
        return named.path
    if named.reach.how == "pattern":
        _check_pattern(named)
    if named.reach.suffixes and not named.path.lower().endswith(named.reach.suffixes):
        allowed = ", ".join(f"`{suffix}`" for suffix in named.reach.suffixes)
        raise Refusal(
            "MTG643",
            f"{named.what} writes over `{named.path}`, which does not end in {allowed}",
            _TRUST,
        )
    path, root = place_of(named)
    if named.reach.how == "folder":
        _check_folder(named, path, root)
    elif named.reach.how == "pattern" and _FIELD.search(named.path):
        for other in _matches(path):
            if other.is_symlink():
                raise Refusal(
                    "MTG643", f"{named.what} writes over the link `{shown(other)}`", _TRUST
                )
    return _text(path, named)


def _text(path: Path, named: Named) -> str:
    """Return a path as an argument: braces that are not of the program are no fields."""
    if named.reach.how != "pattern":
        return str(path)
    for folder in (named.span.source.folder or "", *named.project.folders):
        if folder and path.is_relative_to(folder):
            outer = folder.replace("{", "{{").replace("}", "}}")
            return str(Path(outer, path.relative_to(folder)))
    return str(path)


def _check_pattern(named: Named) -> None:
    """Refuse fields that stand for something else than a number.

    Raises:
        Refusal: There is one.
    """
    rest = _FIELD.sub("", named.path)
    if "{" in rest or "}" in rest:
        raise Refusal(
            "MTG643",
            f"{named.what} has a field that is not a plain number: `{named.path}`",
            "write fields such as `{epoch:02d}` and `{val_loss:.2f}`",
        )


def _check_folder(named: Named, path: Path, root: Path | None) -> None:
    """Refuse a folder that is a link, or that holds more than Keras wrote.

    Raises:
        Refusal: It does.
    """
    known = DELETED.get(named.cls)
    with suppress(FileNotFoundError):
        for number, entry in enumerate(_entries(path)):
            if number > _MOST_ENTRIES:
                break
            if entry.is_symlink() and not (
                root is not None and Path(entry.path).resolve().is_relative_to(root)
            ):
                raise Refusal(
                    "MTG643",
                    f"{named.what} writes through the link `{shown(Path(entry.path))}`",
                    _TRUST,
                )
            if known is None or Path(entry.path).parent != path:
                continue
            if entry.is_symlink() or re.fullmatch(known, entry.name) is None:
                raise Refusal(
                    "MTG643",
                    f"`{named.cls}` deletes in its folder, and `{named.path}` holds `{entry.name}`",
                    "name a folder of its own",
                )
    if root == path and known is not None:
        raise Refusal(
            "MTG643",
            f"`{named.cls}` deletes in its folder, and that is the program's own",
            "name a folder of its own",
        )


def _entries(path: Path) -> Iterator[os.DirEntry[str]]:
    """Yield what is in a folder, and in those in it."""
    stack = [path]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    stack.append(Path(entry.path))


def _matches(path: Path) -> Sequence[Path]:
    """Return what is there already that a pattern may be filled in to."""
    with suppress(OSError, ValueError):
        return list(path.parent.glob(_FIELD.sub("*", path.name)))[:_MOST_ENTRIES]
    return []
