"""A graph as two trees of text: what a thing came from, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pitwall.tracking.lineage.graph import Direction, Graph, Node

MANY = 12  # branches of one kind below one node


@dataclass(frozen=True)
class Branch:
    """One line: how deep, by which arrow, which node; `repeated` if its own branches stand further up, or how many more."""

    depth: int
    how: str
    node: Node | None
    repeated: bool = False
    more: int = 0

    def text(self) -> str:
        """Return the line for people."""
        if self.node is None:
            return f"... and {self.more} more"
        return f"{self.how}: {self.node.label}{' (see above)' if self.repeated else ''}"


def branches(graph: Graph, start: str, direction: Direction) -> Iterator[Branch]:
    """Yield the lines below a node, depth first; a node that comes up again is not opened a second time."""
    yield from _below(graph, start, direction, 0, {start})


def _below(graph: Graph, here: str, direction: Direction, depth: int, seen: set[str]) -> Iterator[Branch]:
    edges = graph.around(here, direction)
    for edge in edges[:MANY]:
        there = edge.used if direction == "from" else edge.made
        repeated = there in seen
        open_it = bool(graph.around(there, direction)) and not repeated
        yield Branch(depth, edge.how, graph.nodes[there], repeated and bool(graph.around(there, direction)))
        seen.add(there)
        if open_it:
            yield from _below(graph, there, direction, depth + 1, seen)
    if len(edges) > MANY:
        yield Branch(depth, "", None, more=len(edges) - MANY)
