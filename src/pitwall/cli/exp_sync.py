"""`pitwall exp sync`: send to the run store what was logged while it was away."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from pitwall.adapters.spool.sync import Sent


def sync(json_file: JsonOption = None) -> None:
    """Send runs that were logged while the run store was away, each call once; exit code 1 if something could not be sent."""
    from pitwall.workflows import offline
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        done = offline.sync(workspace)
    screen = console(json_file)
    if not done:
        screen.print("nothing waits to be sent")
    else:
        rows = [(each.run_id, each.store_id, each.name, each.sent, each.waits, _state(each)) for each in done]
        columns = ["run", "in the store", "name", "sent", "waits", ""]
        screen.print(table("Sent", columns, rows, right=["sent", "waits"]))
    for each in done:
        for line in _lines(each):
            screen.print(f"! {each.run_id}: {line}", soft_wrap=True)
    write_json({"runs": [asdict(each) for each in done]}, json_file)
    if any(each.trouble or each.refused for each in done):
        raise typer.Exit(1)


def _state(each: Sent) -> str:
    if each.trouble:
        return "waits"
    return "goes on" if each.open else "complete"


def _lines(each: Sent) -> list[str]:
    """Return what a person has to know beside the numbers."""
    refused = [
        f"line {number + 1} was refused and is kept in .pitwall/spool/set_aside: {why}" for number, why in each.refused
    ]
    torn = [
        f"a line that was torn off in the middle is kept as {name} in .pitwall/spool/set_aside" for name in each.torn
    ]
    return [*([each.trouble] if each.trouble else []), *refused, *torn]


COMMANDS = Commands((Command("exp sync", sync, "--json -"),), order=12)
