"""The part of the graph that DVC and git own: commits, raw snapshots, and the outputs that are made of each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from pitwall.tracking.lineage.graph import Graph, Node

LAYERS = ("data/raw", "data/tables", "data/features", "data/frames")  # each is made of the one before
FRAMES = LAYERS[-1]
MADE_OF = LAYERS[1:3]
SHORT = 10

Outs = Mapping[str, str]
Snapshots = Mapping[str, Iterable[Mapping[str, Any]]]


def add_commit(graph: Graph, commit: str, facts: Mapping[str, Any] | None = None) -> str:
    """Add a git commit."""
    return graph.add(Node("commit", commit, f"commit {commit[:SHORT]}", facts=facts or {}))


def add_outputs(graph: Graph, outs: Outs, snapshots: Snapshots, sources: Iterable[str] | None = None) -> dict[str, str]:
    """Add a state of the data: snapshots, what DVC keeps them in, and what was made of it.

    Args:
        graph: to add to.
        outs: {path: hash} as in dvc.lock.
        snapshots: {source: manifests}, each with `name` and `hash`.
        sources: those in use; outputs of others are left out. None: all.

    Returns:
        {path: node id} of the outputs.
    """
    known = None if sources is None else {f"data/raw/{name}" for name in sources}
    nodes = {
        path: graph.add(_output(path, md5))
        for path, md5 in outs.items()
        if known is None or not path.startswith(LAYERS[0]) or path in known
    }
    for source, found in snapshots.items():
        for each in found:
            if (raw := nodes.get(f"data/raw/{source}")) is not None:
                graph.link(graph.add(_snapshot(source, each)), raw, "kept in")
    for before, after in pairwise(LAYERS):
        for used in _of(nodes, before):
            for made in _of(nodes, after):
                graph.link(used, made, "made into")
    for used in _of(nodes, "data/tables"):
        for made in _of(nodes, FRAMES):
            graph.link(used, made, "made into")
    return nodes


def add_frame(graph: Graph, name: str, md5: str, outputs: Mapping[str, str], *, kept: bool = True) -> str:
    """Add the frame that something was learned or answered from, below what it came from.

    Args:
        graph: to add to.
        name: of the model and its stage.
        md5: of the frame.
        outputs: {path: node id} of the data that it belongs to.
        kept: DVC keeps it, in an output; else a training made it of tables and features.
    """
    frame = graph.add(Node("frame", f"{name}@{md5}", f"frame {name} {md5[:SHORT]}", (md5,), {"md5": md5}))
    for path, how in ((FRAMES, "holds"),) if kept else ((path, "made into") for path in MADE_OF):
        if (home := outputs.get(path)) is not None:
            graph.link(home, frame, how)
    return frame


def _of(nodes: Mapping[str, str], layer: str) -> list[str]:
    return [node for path, node in nodes.items() if path == layer or path.startswith(f"{layer}/")]


def _output(path: str, md5: str) -> Node:
    bare = md5.removesuffix(".dir")
    return Node("output", f"{path}@{bare}", f"{path} {bare[:SHORT]}", (md5, bare), {"md5": md5, "path": path})


def _snapshot(source: str, manifest: Mapping[str, Any]) -> Node:
    name, content = str(manifest["name"]), str(manifest["hash"])
    facts = {"fetched_at": manifest.get("fetched_at"), "hash": content}
    return Node("snapshot", f"{source}/{name}", f"snapshot {source}/{name}", (name, content), facts)
