"""`pitwall exp import`: whole runs of a folder of JSON files, or of a Parquet file, into the run store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, progress, write_json
from pitwall.cli.machinery.logbook import DirOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pitwall.tracking.transfer.copying import Copied


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


def tell_copied(copied: Copied, json_file: str | None) -> None:
    """Say what became of runs; exit with 1 where a copy is not equal or could not be made."""
    screen = console(json_file)
    screen.print(f"{len(copied.made)} runs copied and equal, {len(copied.known)} were there already")
    for line in _troubles(copied):
        screen.print(line, soft_wrap=True)
    write_json(
        {"made": copied.made, "known": copied.known, "differing": copied.differing, "refused": copied.refused},
        json_file,
    )
    if copied.differing or copied.refused:
        raise typer.Exit(1)


def _troubles(copied: Copied) -> Iterator[str]:
    for run_id, fields in copied.differing.items():
        yield f"! {run_id} is there and differs in {', '.join(fields)}; nothing of it was changed"
    for run_id, why in copied.refused.items():
        yield f"! {run_id}: {why}"


COMMANDS = Commands((Command("exp import", import_, "experiments"),), order=12)
