"""DOT source to a picture: SVG, PNG or PDF.

The Graphviz that pygraphviz carries draws, unless the environment names a program in
`GRAPHVIZ_DOT`, as it does for PlantUML. It measures with the font that mtg ships, and finds no
other, so that a picture is the same on every machine that has the same Graphviz.

It runs in a process of its own: Graphviz writes its warnings to the standard error of whoever calls
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
import tempfile
from collections import Counter
from pathlib import Path

from mtg.backends.picture.fitting import fitted
from mtg.backends.picture.font import install
from mtg.stopping import ended_with_us, temporary_folder

FORMATS = ("svg", "png", "pdf")

#: Dots per inch of a PNG: sharp on today's screens, and in print at half the size.
PNG_DPI = 144

#: What one picture may take, where the system can be told: seconds of a processor, and bytes.
_SECONDS, _BYTES = 60, 2_000_000_000

#: Run by a Python of its own, with the seconds and the bytes first.
_LIMITS = """
import os, sys
try:
    import resource
    for what, most in (("RLIMIT_CPU", sys.argv[1]), ("RLIMIT_AS", sys.argv[2])):
        hard = resource.getrlimit(getattr(resource, what))[1]
        soft = int(most) if hard == resource.RLIM_INFINITY else min(int(most), hard)
        resource.setrlimit(getattr(resource, what), (soft, hard))
except (ImportError, AttributeError, ValueError, OSError):
    pass  # a system that has no such limits
"""

#: DOT source from standard input to files of a folder, one for each format: by a program, or the
#: library. The folder, the program (or none) and the formats are its other arguments.
_PROGRAM = """
folder, program, *formats = sys.argv[3:]
outputs = [word for each in formats for word in (f"-T{each}", f"-o{folder}/picture.{each}")]
os.execvp(program, [program, "-Kdot", *outputs])
"""
_LIBRARY = """
folder, program, *formats = sys.argv[3:]
from pygraphviz import AGraph, graphviz
graph = AGraph(string=sys.stdin.buffer.read().decode())  # it is closed with this object
context = graphviz.gvContextWithBuiltins()
if graphviz.gvLayout(context, graph.handle, b"dot"):
    sys.exit("Error: no layout")
for each in formats:
    failed, picture = graphviz.gvRenderData(context, graph.handle, each.encode())
    if failed:
        sys.exit(f"Error: no {each}")
    with open(f"{folder}/picture.{each}", "wb") as file:
        file.write(picture)
"""

#: What is drawn besides a format: of an SVG the width of each text, of a PDF the size in points.
_BESIDE = {"svg": "xdot", "pdf": "svg"}

#: Variables of the environment that decide which fonts there are and how they are measured.
_OF_FONTS = ("FONTCONFIG_", "FC_", "PANGO", "GVBINDIR", "DOTFONTPATH", "SOURCE_DATE_EPOCH")

#: How crowded a picture may be before Graphviz is told to take fewer steps, and straight lines, and
#: before it is not asked at all. It takes seconds for either; without fewer steps, up to hours.
_CROWDED, _MOST_CROWDED = 2_500_000, 60_000_000
_QUICKLY = "nslimit=0.1 nslimit1=1 mclimit=0.1 splines=line"

_LINE = re.compile(r"^\s*(\w+)(?::\w+)*\s->\s(\w+)", re.M)


class LayoutError(RuntimeError):
    """Graphviz could not draw the picture; the message says why."""


def layout(dot_source: str, format: str) -> bytes:
    """Draw DOT source. The same source gives the same bytes.

    Args:
        format: `svg`, `png` or `pdf`.

    Raises:
        LayoutError: Graphviz refused the source, crashed or is not installed, or the picture is
            larger than the format can hold.
        ValueError: The format is none of these.
    """
    if format not in FORMATS:
        raise ValueError(f"unsupported picture format {format!r}; choose {', '.join(FORMATS)}")
    dot_source = dot_source.encode(errors="replace").decode()  # half a character is none
    settings = {"png": f"dpi={PNG_DPI}", "pdf": "margin=0"}.get(format, "")
    crowd, with_lines = crowding(dot_source)
    if crowd > _MOST_CROWDED:
        raise LayoutError(f"it has too many lines side by side{_FOLDED}")
    if with_lines > _CROWDED:
        settings = f"{settings} {_QUICKLY}"
    head, brace, tail = dot_source.rpartition("}")
    if settings and brace:
        dot_source = f"{head}\tgraph [{settings}]\n{brace}{tail}"
    picture, beside = _drawn(dot_source, format)
    if format == "svg":
        return fitted(_without_dates(picture, format), beside)
    if format == "pdf":
        _check_page(beside)
    return _without_dates(picture, format)


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


def _drawn(dot_source: str, format: str) -> tuple[bytes, bytes]:
    """Return the picture, and what is drawn besides it."""
    program = os.environ.get("GRAPHVIZ_DOT", "")
    if program and shutil.which(program) is None:
        raise LayoutError(f"there is no program {program!r}, which GRAPHVIZ_DOT names")
    formats = [format, _BESIDE[format]] if format in _BESIDE else [format]
    try:
        with temporary_folder(Path(tempfile.gettempdir())) as folder:
            said = _run(dot_source, program, formats, folder)
            drawn = [(folder / f"picture.{each}").read_bytes() for each in formats]
    except OSError as error:
        raise LayoutError(f"Graphviz cannot be started: {error}") from None
    if format == "png" and b"graph is too large for cairo-renderer bitmaps" in said:
        raise LayoutError(f"it is larger than a PNG can be, 32,767 pixels on a side{_NO_PIXELS}")
    return drawn[0], drawn[-1]


def _run(dot_source: str, program: str, formats: list[str], folder: Path) -> bytes:
    """Let Graphviz write a file of each format to a folder; return what it says."""
    code = _LIMITS + (_PROGRAM if program else _LIBRARY)
    # -P: modules of the current folder must not stand in for those of the library.
    command = [sys.executable, "-P", "-c", code, str(_SECONDS), str(_BYTES), str(folder), program]
    command += formats
    if program and os.name == "nt":  # which has no limits, and no `exec`
        outputs = [word for each in formats for word in (f"-T{each}", f"-o{folder}/picture.{each}")]
        command = [program, "-Kdot", *outputs]
    others = os.environ.get("FONTCONFIG_FILE", "fonts.conf")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OF_FONTS)}
    if path := os.environ.get("FONTCONFIG_PATH"):
        kept["FONTCONFIG_PATH"] = path  # where `others` may stand
    fonts = {
        "FONTCONFIG_FILE": str(install(folder, dot_source, others)),
        "PANGOCAIRO_BACKEND": "fc",
    }
    pipe = subprocess.PIPE
    child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=kept | fonts)
    with child, ended_with_us(child):
        _, said = child.communicate(dot_source.encode())
    # The program `dot` fails where it has met an error; the library only says so.
    if child.returncode or re.search(rb"^Error:", said, re.M):
        raise LayoutError(_reason(child.returncode, said, formats[0]))
    return said


#: The signal for a process that has had its time; Windows has none.
_SIGXCPU = 24
_FOLDED = "; draw fewer levels of blocks (`--levels 0`), or write the .dot file"
_NO_PAGE = "; write it as .svg, or draw fewer levels of blocks (`--levels 0`)"
_NO_PIXELS = "; write it as .svg or .pdf, or draw fewer levels of blocks (`--levels 0`)"


def _reason(code: int, stderr: bytes | str | None, format: str) -> str:
    """Return what Graphviz said, without its warnings and without Python's traceback."""
    text = stderr.decode(errors="replace") if isinstance(stderr, bytes) else stderr or ""
    if "ModuleNotFoundError" in text:
        return "the package pygraphviz is not installed, and GRAPHVIZ_DOT names no program"
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


#: Points on a side of a page of PDF, as far as readers of it go.
_MOST_POINTS = 14_400
_SIZE = re.compile(rb'<svg width="(\d+)pt" height="(\d+)pt"')


def _check_page(svg: bytes) -> None:
    """Refuse a PDF, by the same picture as SVG, whose page is larger than readers show."""
    size = _SIZE.search(svg)
    if size and max(map(int, size.groups())) > _MOST_POINTS:
        raise LayoutError(f"it is larger than a page of PDF, 14,400 points on a side{_NO_PAGE}")


def _without_dates(picture: bytes, format: str) -> bytes:
    """Return the picture without what differs from run to run, or from version to version."""
    if format == "svg":
        return re.sub(rb"<!-- Generated by graphviz.*?-->\n?", b"", picture, count=1, flags=re.S)
    if format == "pdf":  # the same length, so that the table of places in the file still holds
        return re.sub(
            rb"(/CreationDate \(D:)(\d+)", lambda m: m[1] + b"19700101000000"[: len(m[2])], picture
        )
    return picture
