"""What tasks share, in every form: as data, as text, as JSON and as a picture."""

from __future__ import annotations

from dataclasses import dataclass

from mtg.backends.tasks.as_json import tasks_json
from mtg.backends.tasks.sharing import Sharing, sharing
from mtg.backends.tasks.text import in_words, tasks_text
from mtg.graph.graph import Graph
from mtg.types.types import Types


@dataclass(frozen=True, slots=True)
class TaskReport(Sharing):
    """What the tasks of a model share; `str` of it is the text that `mtg tasks` prints."""

    graph: Graph

    def __str__(self) -> str:
        return tasks_text(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Return what a notebook shows: the picture, as SVG and as PNG, and the text."""
        from mtg.backends.picture.notebook import bundle

        return bundle(self.picture) | {"text/plain": str(self)}

    def to_json(self) -> str:
        """Return the JSON object that `mtg tasks --format json` prints."""
        return tasks_json(self)

    def picture(self, format: str = "svg") -> bytes:
        """Return the picture: `svg`, `png`, `pdf` or `dot`.

        Raises:
            LayoutError: Graphviz cannot lay it out.
        """
        from mtg.backends.picture.draw import drawn
        from mtg.backends.tasks.picture import tasks_dot

        return drawn(tasks_dot(self.graph, self), format, self.model, " ".join(in_words(self)))


def task_report(graph: Graph, types: Types) -> TaskReport:
    """Return what the tasks of a graph share."""
    found = sharing(graph, types)
    return TaskReport(
        found.model, found.inputs, found.tasks, found.parts, found.joins, found.matrix, graph
    )
