"""`pitwall doctor`: the five layers, part by part: the tool, its state, and what to do about it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._examine import CHECKS
from pitwall.cli._layers import Part, StackLayer, as_mermaid, parts
from pitwall.cli._output import JsonOption, console, table, write_json
from pitwall.cli.machinery.found import Found, State
from pitwall.domain.errors import PitwallError

if TYPE_CHECKING:
    from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Examined:
    """One part: the tool that does it, its state, what was found, what to do, and the layer that it belongs to."""

    layer: str
    tool: str
    state: State
    found: str
    do: str
    stack: str
    component: str


def doctor(
    diagram: Annotated[bool, typer.Option("--diagram", help="Print the layers as a Mermaid diagram, no more.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Show the five layers, part by part, with state and what to do; exit code 1 if one is broken."""
    from pitwall.adapters.installation.code_file import write_code_file
    from pitwall.workflows.workspace import Workspace

    if diagram:
        sys.stdout.write(as_mermaid())
        return
    with Workspace() as workspace:
        write_code_file(workspace.project)  # also where nothing was run yet, so that nobody else asks DVC
        found = list(examine(workspace))
    firsts = {each.stack: each.layer for each in reversed(found)}
    rows = [(e.stack if firsts[e.stack] == e.layer else "", e.layer, e.tool, e.state, e.found, e.do) for e in found]
    columns = ["layer", "part", "tool", "state", "found", "what to do"]
    console(json_file).print(table("Pitwall", columns, rows))
    write_json({"layers": [asdict(each) for each in found]}, json_file)
    if any(each.state == "broken" for each in found):
        raise typer.Exit(1)


def examine(workspace: Workspace) -> Iterator[Examined]:
    """Look at every part; one whose check raises is broken, and the others are looked at all the same."""
    for layer, part in parts():
        try:
            found = CHECKS[part.name](workspace) if part.built else Found("not built", part.instead, part.do)
        except PitwallError as error:
            found = Found("broken", str(error), "see the message")
        yield _examined(layer, part, found)


def _examined(layer: StackLayer, part: Part, found: Found) -> Examined:
    return Examined(part.name, part.tool, found.state, found.found, found.do, layer.name, part.component)


COMMANDS = Commands((Command("doctor", doctor, "--json -"),), order=1)
