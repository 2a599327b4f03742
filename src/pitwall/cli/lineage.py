"""`pitwall lineage`: what a thing came from and what came of it, by any id that any of the tools gave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, write_json

if TYPE_CHECKING:
    from pitwall.tracking.lineage import Graph
    from pitwall.tracking.lineage.graph import Direction


def lineage(
    thing: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Run, MODEL/3, TEMPLATE@champion, hash, snapshot, commit, flow run, forecast, #history row.",
        ),
    ],
    graph_file: Annotated[
        Path | None, typer.Option("--graph", metavar="FILE", help="Also draw it: .svg, .png, .html, .dot or .json.")
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Show what something came from and what came of it, over all tools and in both directions."""
    from pitwall.tracking.lineage.draw import as_dict, write
    from pitwall.workflows.browse.origins import origins
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = origins(workspace, thing)
    node, part = found.node, found.part
    screen = console(json_file)
    for title, direction in (("came from", "from"), ("what came of it", "to")):
        screen.print(_tree(part, node.id, f"{node.label}: {title}", direction), soft_wrap=True)  # type: ignore[arg-type]
    for trouble in found.troubles:
        screen.print(f"! {trouble}", soft_wrap=True)
    if graph_file is not None:
        screen.print(f"graph: {write(part, node.id, graph_file)}", soft_wrap=True)
    write_json({**as_dict(part, node.id), "troubles": list(found.troubles)}, json_file)


def _tree(graph: Graph, start: str, title: str, direction: Direction) -> Any:
    from rich.text import Text
    from rich.tree import Tree

    from pitwall.tracking.lineage.tree import branches

    root = Tree(Text(title))
    above = [root]
    for branch in branches(graph, start, direction):
        del above[branch.depth + 1 :]
        above.append(above[branch.depth].add(Text(branch.text())))
    if len(above) == 1:
        root.add(Text("nothing that is recorded"))
    return root


COMMANDS = Commands((Command("lineage", lineage, "race_winner@champion --graph lineage.svg"),), order=8)
