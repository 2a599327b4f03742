"""`pitwall move`: after the project's folder was moved, let its runs lead to their files again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, write_json


def move(
    before: Annotated[
        Path | None,
        typer.Option("--from", help="The folder where the project was; found in the run store if it can be."),
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Rewrite the addresses of files in the run store to where the project is now.

    The project's own database needs no command: it is brought home whenever it is opened. This one is for a PostgreSQL, or a
    database file elsewhere, which other projects may use too.
    """
    from pitwall.workflows.upkeep import move_store
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        past = move_store(workspace, before.absolute() if before else None)
    said = [f"{each.at}  from {each.before}: {each.addresses} addresses rewritten" for each in past]
    console(json_file).print(
        "\n".join(said) or "nothing to rewrite: all files of runs are where they should be", soft_wrap=True
    )
    write_json({"moves": [asdict(each) for each in past]}, json_file)


COMMANDS = Commands((Command("move", move, "--from /home/ada/f1"),), order=16)
