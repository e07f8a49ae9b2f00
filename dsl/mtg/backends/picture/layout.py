"""DOT source to a picture: SVG, PNG or PDF.

A `dot` on the machine is used where there is one, else the Graphviz that pygraphviz carries. Both
run in a process of their own: Graphviz writes its warnings to the standard error of whoever calls
it, is not safe in threads, and a fault in it ends the process, which may be an editor's language
server. Starting the process costs some 50 ms. Its time and memory are limited, since thousands of
wires that cross may take it hours.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter

from mtg.stopping import ended_with_us

FORMATS = ("svg", "png", "pdf")

#: Dots per inch of a PNG: sharp on today's screens, and in print at half the size.
PNG_DPI = 144

#: What one picture may take, where the system can be told: seconds of a processor, and bytes.
_SECONDS, _BYTES = 60, 2_000_000_000

#: Run by a Python of its own, with the format, the seconds and the bytes.
_LIMITS = """
import os, sys
try:
    import resource
    for what, most in (("RLIMIT_CPU", sys.argv[2]), ("RLIMIT_AS", sys.argv[3])):
        hard = resource.getrlimit(getattr(resource, what))[1]
        soft = int(most) if hard == resource.RLIM_INFINITY else min(int(most), hard)
        resource.setrlimit(getattr(resource, what), (soft, hard))
except (ImportError, AttributeError, ValueError, OSError):
    pass  # a system that has no such limits
"""

#: DOT source from standard input, the picture to standard output: by the program, or the library.
_PROGRAM = """
os.execvp("dot", ["dot", "-Kdot", f"-T{sys.argv[1]}"])
"""
_LIBRARY = """
from pygraphviz import AGraph
graph = AGraph(string=sys.stdin.buffer.read().decode())
graph.number_of_nodes = lambda: 0  # it would warn of large graphs
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot"))
"""


#: How crowded a picture may be before Graphviz is told to take fewer steps, and straight lines, and
#: before it is not asked at all. It takes seconds for either; without fewer steps, up to hours.
_CROWDED, _MOST_CROWDED = 2_500_000, 60_000_000
_QUICKLY = "nslimit=0.1 nslimit1=1 mclimit=0.1 splines=line"

_LINE = re.compile(r"^\s*(\w+)(?::\w+)*\s->\s(\w+)", re.M)


class LayoutError(Exception):
    """Graphviz could not draw the picture; the message says why."""


def layout(dot_source: str, format: str) -> bytes:
    """Draw DOT source. The same source gives the same bytes, on one machine.

    Args:
        format: `svg`, `png` or `pdf`.

    Raises:
        LayoutError: Graphviz refused the source, crashed or is not installed.
        ValueError: The format is none of these.
    """
    if format not in FORMATS:
        raise ValueError(f"unsupported picture format {format!r}; choose {', '.join(FORMATS)}")
    dot_source = dot_source.encode(errors="replace").decode()  # half a character is none
    if format == "png":
        head, brace, tail = dot_source.rpartition("}")
        dot_source = f"{head}\tgraph [dpi={PNG_DPI}]\n{brace}{tail}" if brace else dot_source
    crowd, with_lines = crowding(dot_source)
    if crowd > _MOST_CROWDED:
        raise LayoutError(f"it has too many lines side by side{_FOLDED}")
    if with_lines > _CROWDED:
        head, brace, tail = dot_source.rpartition("}")
        dot_source = f"{head}\tgraph [{_QUICKLY}]\n{brace}{tail}"
    how = _PROGRAM if shutil.which("dot") else _LIBRARY
    return _without_dates(_drawn(how, dot_source, format), format)


def crowding(dot_source: str) -> tuple[int, int]:
    """Estimate the work of a layout: the squares of how many boxes and lines are side by side.

    Return the sum over all rows of a picture, and the same where a line that passes counts as
    three boxes, for it is placed in each row.

    Graphviz orders what stands side by side pair by pair, and a line over several rows counts in
    each. The rows are those of the order in which the lines are written, which is that of calls.
    """
    rows: dict[str, int] = {}
    lines = [match.groups() for match in _LINE.finditer(dot_source)]
    for tail, head in dict.fromkeys(lines):
        rows[head] = max(rows.get(head, 0), rows.setdefault(tail, 0) + 1)
    changes = [0] * (max(rows.values(), default=0) + 2)
    boxes = Counter(rows.values())
    for tail, head in set(lines):
        first, last = sorted((rows[tail], rows[head]))
        if last > first + 1:
            changes[first + 1] += 1
            changes[last] -= 1
    crowd = with_lines = passing = 0
    for row, change in enumerate(changes):
        passing += change
        crowd += (boxes[row] + passing) ** 2
        with_lines += (boxes[row] + 3 * passing) ** 2
    return crowd, with_lines


def _drawn(how: str, dot_source: str, format: str) -> bytes:
    # -P: modules of the current folder must not stand in for those of the library.
    code = _LIMITS + how
    command = [sys.executable, "-P", "-c", code, format, str(_SECONDS), str(_BYTES)]
    if how is _PROGRAM and os.name == "nt":  # which has no limits, and no `exec`
        command = ["dot", "-Kdot", f"-T{format}"]
    pipe = subprocess.PIPE
    try:
        child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError as error:
        raise LayoutError(f"Graphviz cannot be started: {error}") from None
    with child, ended_with_us(child):
        picture, said = child.communicate(dot_source.encode())
    # The program `dot` fails where it has met an error; the library only says so.
    if child.returncode or re.search(rb"^Error:", said, re.M):
        raise LayoutError(_reason(child.returncode, said, format))
    if format == "png" and b"graph is too large for cairo-renderer bitmaps" in said:
        raise LayoutError(f"it is larger than a PNG can be, 32,767 pixels on a side{_NO_PIXELS}")
    return picture


#: The signal for a process that has had its time; Windows has none.
_SIGXCPU = 24
_FOLDED = "; draw fewer levels of blocks (`--levels 0`), or write the .dot file"
_NO_PIXELS = "; write it as .svg or .pdf, or draw fewer levels of blocks (`--levels 0`)"


def _reason(code: int, stderr: bytes | str | None, format: str) -> str:
    """Return what Graphviz said, without its warnings and without Python's traceback."""
    text = stderr.decode(errors="replace") if isinstance(stderr, bytes) else stderr or ""
    if "ModuleNotFoundError" in text:
        return "neither Graphviz's `dot` nor the package pygraphviz is installed"
    said = [line.strip() for line in text.splitlines() if line.startswith("Error:")]
    if said:
        return f"Graphviz says: {' '.join(said)}"
    if code == -_SIGXCPU:
        return f"it takes longer than {_SECONDS} seconds{_FOLDED}"
    if code < 0:
        return f"Graphviz crashed (signal {-code}){_NO_PIXELS if format == 'png' else ''}"
    last = text.strip().rpartition("\n")[2]
    if "out of memory" in last:
        return f"it takes more than {_BYTES // 10**9} GB of memory{_FOLDED}"
    return f"Graphviz failed: {last}" if last else f"Graphviz failed with code {code}"


def _without_dates(picture: bytes, format: str) -> bytes:
    """Return the picture without what differs from run to run, or from version to version."""
    if format == "svg":
        return re.sub(rb"<!-- Generated by graphviz.*?-->\n?", b"", picture, count=1, flags=re.S)
    if format == "pdf":  # the same length, so that the table of places in the file still holds
        return re.sub(
            rb"(/CreationDate \(D:)(\d+)", lambda m: m[1] + b"19700101000000"[: len(m[2])], picture
        )
    return picture
