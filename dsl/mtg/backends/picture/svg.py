"""An SVG that says in words what it shows: for screen readers, for search, and for programs.

Graphviz calls a box `n7`; here it is called as in the program, and has the place of its source.
"""

from __future__ import annotations

import html
import re
import zlib

from mtg.graph.graph import Graph
from mtg.graph.layers import InputLayer, Op

#: Names up to which tasks are listed.
_LISTED = 8

_GROUP = re.compile(
    r'<g id="([^"]*)" class="((?:node|cluster)[^"]*)">\n<title>([^<]*)</title>\n'
    r'(<g id="a_[^"]*"><a xlink:title="([^"]*)")?'
)
_EDGE = re.compile(r'(<g id="[^"]*" class="edge[^"]*">\n)<title>([^<]*?)&#45;&gt;([^<]*)</title>')
_PORT = re.compile(r":.*", re.DOTALL)
#: What a tooltip ends in: the file and the line.
_PLACE = re.compile(r"(.*?)(?:(?:^| · )([^·]+:\d+))?", re.DOTALL)


def described(svg: bytes, name: str, words: str) -> bytes:
    """Return an SVG of Graphviz with a role, a title and a description; its groups have names.

    A group of a box or a frame gets `data-name` and, where it is known, `data-source`
    (`FILE:LINE`); its title, and that of a line, is made of these names.

    Args:
        svg: The picture as Graphviz makes it.
        name: What it is of.
        words: What it shows.
    """
    text = svg.decode()
    names: dict[str, str] = {}

    def group(match: re.Match[str]) -> str:
        identifier, kind, node, rest, tooltip = match.groups()
        name, place = "", None
        if tooltip is not None and (parts := _PLACE.fullmatch(tooltip)):
            name, place = parts[1].strip(), parts[2]
        if name:
            names[node] = name
        data = f' data-name="{name}"' if name else ""
        data += f' data-source="{place}"' if place else ""
        title = name or ("block" if kind.startswith("cluster") else node)
        return f'<g id="{identifier}" class="{kind}"{data}>\n<title>{title}</title>\n{rest or ""}'

    def edge(match: re.Match[str]) -> str:
        ends = [_PORT.sub("", end) for end in match.groups()[1:]]
        first, second = (names.get(end, end) for end in ends)
        return f"{match[1]}<title>{first} → {second}</title>"

    text = _EDGE.sub(edge, _GROUP.sub(group, text))
    number = f"{zlib.crc32(svg):08x}"
    head, svg_tag, body = text.partition("<svg ")
    attributes, close, body = body.partition(">")
    said = f'role="img" aria-labelledby="title-{number} description-{number}" '
    title = (
        f'\n<title id="title-{number}">{html.escape(name, quote=False)}</title>'
        f'\n<desc id="description-{number}">{html.escape(words, quote=False)}</desc>'
    )
    return f"{head}{svg_tag}{said}{attributes}{close}{title}{body}".encode()


def in_words(graph: Graph) -> str:
    """Return what a picture shows: `2 inputs, 12 layers, tasks main_output and aux_output`."""
    layers = {call.layer for call in graph.calls if not isinstance(call.layer, (InputLayer, Op))}
    names = [output.name for output in graph.outputs]
    what = "task" if any(output.loss is not None for output in graph.outputs) else "output"
    if len(names) > _LISTED:
        ends = f"{len(names)} {what}s"
    else:
        *first, last = names or ["none"]
        listed = f"{', '.join(first)} and {last}" if first else last
        ends = f"{what}{'s' * (len(names) > 1)} {listed}"
    return f"{_count(len(graph.inputs), 'input')}, {_count(len(layers), 'layer')}, {ends}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"
