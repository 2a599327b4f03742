"""`pitwall exp export`: runs as one flat table for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, write_json
from pitwall.cli.machinery.logbook import DirOption, RunsArgument


def export(
    targets: RunsArgument = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Ends with .csv, .parquet or .json.")] = Path("runs.csv"),
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Write one row per run: its own fields, then params.*, metrics.* (the last values) and tags.*."""
    from pitwall.workflows.logbook.exporting import export
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        records = book.records(targets or ())
    names = export(records, out)
    console(json_file).print(f"written: {out}, {len(records)} runs with {len(names)} columns", soft_wrap=True)
    write_json({"file": str(out), "runs": len(records), "columns": names}, json_file)


COMMANDS = Commands((Command("exp export", export, "pitwall-order --out runs.parquet"),), order=12)
