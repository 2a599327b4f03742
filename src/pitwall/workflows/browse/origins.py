"""Where a thing came from and what came of it: the part of the graph of lineage that is about it, placed for a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pitwall.tracking.lineage import Graph
from pitwall.tracking.lineage.draw import columns
from pitwall.tracking.lineage.graph import Node
from pitwall.workflows.runs import known_name, lineage
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Origins:
    """What is known of a thing.

    Attributes:
        node: the thing.
        part: what it came from, what came of it, and itself.
        troubles: records that were edited or damaged, anywhere in the project.
    """

    node: Node
    part: Graph
    troubles: tuple[str, ...]


def origins(workspace: Workspace, thing: str, graph: Graph | None = None) -> Origins:
    """Return what a thing came from and what came of it.

    Args:
        workspace: of the project.
        thing: any id that any of the tools gave; see `pitwall lineage`.
        graph: of all that is known; read now when None.

    Raises:
        UnknownName: nothing is called so; names what is near.
        UsageError: several things begin so.
    """
    found = graph or lineage(workspace)
    node = found.find(known_name(workspace, found, thing))
    return Origins(node, found.below(node.id), tuple(found.troubles()))


def places(part: Graph) -> Mapping[str, tuple[int, float]]:
    """Return {thing: (layer, place within it)}: below all that it came from.

    Things of a layer stand in the order of the mean place of what they came from, so that few arrows cross; a short layer stands
    in the middle of the longest.
    """
    layers = columns(part)
    longest = max(map(len, layers))
    found: dict[str, tuple[int, float]] = {}
    for layer, names in enumerate(layers):
        before = (longest - len(names)) / 2
        ordered = sorted(names, key=lambda name: (_mean(part, name, found), name))
        found |= {name: (layer, before + place) for place, name in enumerate(ordered)}
    return found


def _mean(part: Graph, name: str, found: Mapping[str, tuple[int, float]]) -> float:
    held = [found[edge.used][1] for edge in part.around(name, "from") if edge.used in found]
    return sum(held) / len(held) if held else 0.0
