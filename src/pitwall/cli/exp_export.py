"""`pitwall exp export`: runs as one flat table for other programs, or whole, to be brought in elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, progress, write_json
from pitwall.cli.machinery.logbook import DirOption, RunsArgument, tell_copied


def export(
    targets: RunsArgument = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Ends with .csv, .parquet or .json; with --records a folder, too."),
    ] = None,
    *,
    records: Annotated[
        bool, typer.Option("--records", help="Whole runs: histories, types, artifacts; `exp import` reads them.")
    ] = False,
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Write one row per run: its own fields, then params.*, metrics.* (the last values) and tags.*; or whole runs."""
    from pitwall.workflows.logbook.exporting import export
    from pitwall.workflows.logbook.store import opened
    from pitwall.workflows.logbook.transferring import take

    with opened(directory) as book:
        found = book.records(targets or ())
        if records:
            with progress("runs") as tell:
                copied = take(book, found, out or Path("runs.parquet"), tell)
            tell_copied(copied, json_file)
            return
    path = out or Path("runs.csv")
    names = export(found, path)
    console(json_file).print(f"written: {path}, {len(found)} runs with {len(names)} columns", soft_wrap=True)
    write_json({"file": str(path), "runs": len(found), "columns": names}, json_file)


COMMANDS = Commands((Command("exp export", export, "pitwall-order --out runs.parquet"),), order=12)
