"""The graph of origins: things with names, and arrows from what was used to what was made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pitwall.domain.errors import UnknownName, UsageError

Direction = Literal["from", "to"]
SHORTEST = 4  # letters of an id that may stand for it
SHOWN = 8


@dataclass(frozen=True)
class Node:
    """One thing.

    Attributes:
        kind: commit, snapshot, output, frame, flow, bundle, run, version, move, forecast or served.
        key: what it is called among its kind; kind and key name it.
        label: a few words for people.
        names: further ids that it answers to, for example hashes.
        facts: what is worth showing.
    """

    kind: str
    key: str
    label: str
    names: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @property
    def id(self) -> str:
        """Return `kind:key`."""
        return f"{self.kind}:{self.key}"

    def row(self) -> dict[str, Any]:
        """Return the node as JSON."""
        return {"id": self.id, "kind": self.kind, "label": self.label, "names": list(self.names), **self.facts}


@dataclass(frozen=True)
class Edge:
    """`made` came of `used`; `how` says it in a word or two."""

    used: str
    made: str
    how: str


class Graph:
    """Nodes by id and the arrows between them.

    Example:
        >>> graph = Graph()
        >>> graph.link(graph.add(Node("run", "r1", "run r1")), graph.add(Node("version", "m/1", "m 1")), "registered")
        >>> [node.id for node in graph.reach("run:r1", "to")]
        ['version:m/1']
    """

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self._edges: dict[Edge, None] = {}
        self._made: defaultdict[str, list[Edge]] = defaultdict(list)
        self._used: defaultdict[str, list[Edge]] = defaultdict(list)

    @property
    def edges(self) -> list[Edge]:
        """All arrows, in the order in which they were found."""
        return list(self._edges)

    def add(self, node: Node) -> str:
        """Add a node and return its id; one that is known already stays as it is."""
        self.nodes.setdefault(node.id, node)
        return node.id

    def link(self, used: str, made: str, how: str) -> None:
        """Draw an arrow, once."""
        edge = Edge(used, made, how)
        if used != made and edge not in self._edges:
            self._edges[edge] = None
            self._made[used].append(edge)
            self._used[made].append(edge)

    def troubles(self) -> list[str]:
        """Return what is wrong with the records behind the nodes: edited or damaged files."""
        return [str(node.facts["trouble"]) for node in self.nodes.values() if "trouble" in node.facts]

    def around(self, node: str, direction: Direction) -> list[Edge]:
        """Return the arrows into a node (`from`) or out of it (`to`)."""
        return (self._used if direction == "from" else self._made)[node]

    def reach(self, start: str, direction: Direction) -> list[Node]:
        """Return everything that a node came from (`from`), or that came of it (`to`), nearest first."""
        seen, queue = {start: None}, [start]
        for here in queue:
            for edge in self.around(here, direction):
                there = edge.used if direction == "from" else edge.made
                if there not in seen:
                    seen[there] = None
                    queue.append(there)
        return [self.nodes[name] for name in list(seen)[1:]]

    def below(self, start: str) -> Graph:
        """Return the graph of what a node came from and what came of it."""
        kept = {start, *(node.id for side in ("from", "to") for node in self.reach(start, side))}  # type: ignore[arg-type]
        part = Graph()
        for node in self.nodes.values():
            if node.id in kept:
                part.add(node)
        for edge in self._edges:
            if {edge.used, edge.made} <= kept:
                part.link(edge.used, edge.made, edge.how)
        return part

    def knows(self, text: str) -> bool:
        """Tell whether something is called so, or begins so."""
        return any(text in _names(node) or _begins(node, text) for node in self.nodes.values())

    def find(self, text: str) -> Node:
        """Return the thing with an id: in full, or as the beginning of one of its names.

        Raises:
            UnknownName: nothing is called so; names what is near.
            UsageError: several things begin so; names them.
        """
        exact = [node for node in self.nodes.values() if text in _names(node)]
        found = exact or [node for node in self.nodes.values() if _begins(node, text)]
        if not found:
            raise UnknownName("id", text, sorted({name for node in self.nodes.values() for name in _names(node)}))
        if len(found) > 1:
            raise UsageError(f"{text!r} may be {_listed(node.id for node in found)}; give more of it.")
        return found[0]


def _names(node: Node) -> tuple[str, ...]:
    return (node.id, node.key, *node.names)


def _begins(node: Node, text: str) -> bool:
    return len(text) >= SHORTEST and any(name.startswith(text) for name in _names(node))


def _listed(ids: Iterable[str]) -> str:
    shown = list(ids)
    rest = f" or {len(shown) - SHOWN} others" if len(shown) > SHOWN else ""
    return " or ".join(shown[:SHOWN]) + rest
