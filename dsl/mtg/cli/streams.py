"""The three standard streams, made safe: closed, full, broken or of a strange encoding."""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from contextlib import suppress


class StreamError(Exception):
    """A standard stream cannot be read or written; the message says which, and why."""


class _Errors(io.TextIOWrapper):
    """Standard error. Where it cannot be written there is nobody to tell, and the run goes on."""

    def write(self, text: str, /) -> int:
        with suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def open_streams() -> None:
    """Make the three streams such as the commands may use."""
    # The number of a closed stream would be given to the next file, and errors written into it.
    for number, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)
    # A terminal may not know every character.
    if sys.stdin is None:
        reader = io.BufferedReader(io.FileIO(0, closefd=False))
        sys.stdin = io.TextIOWrapper(reader, encoding="utf-8")
    if sys.stdout is None:
        writer = io.BufferedWriter(io.FileIO(1, "w", closefd=False))
        sys.stdout = io.TextIOWrapper(writer, encoding="utf-8", errors="backslashreplace")
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    sys.stderr = _Errors(
        io.FileIO(2, "w", closefd=False),
        encoding=encoding,
        errors="backslashreplace",
        write_through=True,
    )


def read_standard_input(most: int) -> bytes:
    """At most so many bytes of standard input.

    Raises:
        StreamError: It is closed, or cannot be read.
    """
    try:
        return sys.stdin.buffer.read(most)
    except (OSError, ValueError, AttributeError) as error:
        raise StreamError(f"standard input {_reason(error)}") from None


def write_standard_output(data: bytes) -> None:
    """Write bytes to standard output, whatever its encoding."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        raise StreamError("standard output is closed")
    buffer.write(data)


def print_json(text: str) -> None:
    """Print JSON, as text of the stream's encoding that is JSON too."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    if not encoding.startswith("utf"):
        text = re.sub(r"[^\x00-\x7f]", _escaped, text)
    print(text, end="")


def _escaped(match: re.Match[str]) -> str:
    data = match[0].encode("utf-16-be")
    return "".join(f"\\u{data[i]:02x}{data[i + 1]:02x}" for i in range(0, len(data), 2))


def output_failed(error: OSError) -> str:
    """Return the message about standard output that could not be written."""
    with suppress(OSError, ValueError, AttributeError):
        # What is left in the buffer must not fail once more when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return f"standard output {_reason(error)}" if error.errno == errno.EBADF else ""


def _reason(error: Exception) -> str:
    closed = isinstance(error, (ValueError, AttributeError)) or (
        isinstance(error, OSError) and error.errno == errno.EBADF
    )
    return "is closed" if closed else f"cannot be used: {error}"
