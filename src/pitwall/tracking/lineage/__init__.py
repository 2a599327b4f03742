"""What a thing came from and what came of it: one graph over all tools, asked by any id."""

from pitwall.tracking.lineage.collect import collect
from pitwall.tracking.lineage.graph import Edge, Graph, Node

__all__ = ["Edge", "Graph", "Node", "collect"]
