"""`pitwall exp import`: whole runs of a folder of JSON files, or of a Parquet file, into the run store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, progress
from pitwall.cli.machinery.logbook import DirOption, tell_copied


def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="What a JsonTracker or `exp export --records` wrote.")],
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Copy runs with all that they hold, each once, and compare every copy with its run; exit code 1 if one is not equal."""
    from pitwall.workflows.logbook.store import opened
    from pitwall.workflows.logbook.transferring import bring

    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
    with opened(directory) as book, progress("runs") as tell:
        copied = bring(book, path, tell)
    tell_copied(copied, json_file)


COMMANDS = Commands((Command("exp import", import_, "experiments"),), order=12)
