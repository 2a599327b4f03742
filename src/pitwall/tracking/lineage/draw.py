"""A lineage graph as a file: .json, .dot, .svg or .png, and .html that holds its own picture. No browser is needed.

Things stand in columns, each to the right of all it came from; the one that was asked for is framed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pitwall.domain.errors import UsageError
from pitwall.report.content.blocks import Drawing, Table
from pitwall.report.content.document import Document, Section
from pitwall.report.figures.canvas import canvas, png
from pitwall.report.figures.palette import ACCENT, INK, MUTED, PAPER
from pitwall.tracking.lineage.graph import Graph

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT, LOWEST = 2.6, 0.6, 4.0  # inches of one thing, and of the whole at least
LETTERS = 30
BEND = 0.09


def write(graph: Graph, asked: str, path: Path) -> Path:
    """Write the graph in the form that the file's name asks for.

    Raises:
        UsageError: the name ends with something else; lists what is known.
    """
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise UsageError(f"a graph cannot be written as {path.name!r}; the name ends with one of {', '.join(_FORMS)}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(form(graph, asked))
    return path


def as_dict(graph: Graph, asked: str) -> dict[str, Any]:
    """Return the graph as JSON data."""
    edges = [{"from": edge.used, "to": edge.made, "how": edge.how} for edge in graph.edges]
    return {
        "asked": asked,
        "came_from": [node.id for node in graph.reach(asked, "from")],
        "came_of_it": [node.id for node in graph.reach(asked, "to")],
        "nodes": [node.row() for node in graph.nodes.values()],
        "edges": edges,
    }


def columns(graph: Graph) -> list[list[str]]:
    """Return the ids by column: one more than the furthest of what a thing came from."""
    depth: dict[str, int] = {}

    def of(node: str) -> int:
        if node not in depth:
            depth[node] = 1 + max((of(edge.used) for edge in graph.around(node, "from")), default=-1)
        return depth[node]

    found: list[list[str]] = [[] for _ in range(1 + max((of(node) for node in graph.nodes), default=-1))]
    for node in graph.nodes:
        found[depth[node]].append(node)
    return found


def _json(graph: Graph, asked: str) -> bytes:
    return (json.dumps(as_dict(graph, asked), indent=2) + "\n").encode()


def _dot(graph: Graph, asked: str) -> bytes:
    lines = ["digraph lineage {", "  rankdir=LR; node [shape=box, fontname=Helvetica];"]
    for node in graph.nodes.values():
        marked = f", color={json.dumps(ACCENT)}, penwidth=2" if node.id == asked else ""
        lines.append(f"  {json.dumps(node.id)} [label={json.dumps(node.label)}{marked}];")
    lines += [
        f"  {json.dumps(edge.used)} -> {json.dumps(edge.made)} [label={json.dumps(edge.how)}];" for edge in graph.edges
    ]
    return "\n".join([*lines, "}", ""]).encode()


def _html(graph: Graph, asked: str) -> bytes:
    from pitwall.report.html import to_html

    picture = _svg(graph, asked).decode()
    things = Table(
        ("kind", "what", "id"), tuple((node.kind, node.label, f"`{node.id}`") for node in graph.nodes.values())
    )
    drawn = Section("", (Drawing(picture[picture.index("<svg") :]), things))
    return to_html(Document(f"Lineage of {graph.nodes[asked].label}", "", (drawn,))).encode()


def _svg(graph: Graph, asked: str) -> bytes:
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "pitwall", "svg.fonttype": "none"}):  # the same graph, the same bytes
        target = StringIO()
        _figure(graph, asked).savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue().encode()


def _figure(graph: Graph, asked: str) -> Figure:
    stands = columns(graph)
    tallest = max(map(len, stands))
    figure = canvas(WIDTH * len(stands), max(LOWEST, HEIGHT * tallest), constrained=False)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-0.5, len(stands) - 0.5)
    axes.set_ylim(-0.3, 1)
    axes.axis("off")
    place = {
        node: (float(x), 1 - (y + 0.5) / len(column))
        for x, column in enumerate(stands)
        for y, node in enumerate(column)
    }
    for edge in graph.edges:
        over = place[edge.made][0] - place[edge.used][0] > 1  # past other columns: bent, to pass beside their things
        arrow = {"arrowstyle": "-|>", "color": MUTED, "lw": 0.8, "zorder": 1, "shrinkA": 62, "shrinkB": 62}
        arrow["connectionstyle"] = f"arc3,rad={BEND if over else 0}"
        axes.annotate("", place[edge.made], place[edge.used], arrowprops=arrow)
    for node in graph.nodes.values():
        edge_colour, width = (ACCENT, 2) if node.id == asked else (MUTED, 0.8)
        box = {"boxstyle": "round,pad=0.35", "facecolor": PAPER, "edgecolor": edge_colour, "lw": width}
        axes.text(*place[node.id], _cut(node.label), ha="center", va="center", fontsize=7, color=INK, bbox=box)
    return figure


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"


_FORMS: dict[str, Callable[[Graph, str], bytes]] = {
    ".json": _json,
    ".dot": _dot,
    ".html": _html,
    ".svg": _svg,
    ".png": lambda graph, asked: png(_figure(graph, asked)),
}
