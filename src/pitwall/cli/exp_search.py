"""`pitwall exp search`: runs by a condition in MLflow's filter language, and conditions that are kept."""

from __future__ import annotations

from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, table, write_json
from pitwall.cli.machinery.logbook import DirOption, record_row, runs_table
from pitwall.domain.errors import UsageError


def search(
    condition: Annotated[
        str | None, typer.Argument(metavar="[CONDITION]", help="E.g. metrics.loss < 0.5 and params.lr = '0.1'.")
    ] = None,
    *,
    experiment: Annotated[str | None, typer.Option(help="Only runs of this one.")] = None,
    save: Annotated[str | None, typer.Option(metavar="NAME", help="Keep the condition under a name.")] = None,
    saved: Annotated[str | None, typer.Option(metavar="NAME", help="Ask a condition that was kept.")] = None,
    list_saved: Annotated[bool, typer.Option("--list-saved", help="Only list the conditions that were kept.")] = False,
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Search runs by MLflow's filter language: metrics.*, params.*, tags.* and attributes.*, joined by `and`."""
    from pitwall.tracking.comparison.main_metrics import main_metrics
    from pitwall.workflows.logbook import searching
    from pitwall.workflows.logbook.store import opened

    screen = console(json_file)
    with opened(directory) as book:
        if list_saved:
            kept = searching.saved(book)
            screen.print(table(f"{len(kept)} saved conditions", ["name", "condition"], list(kept.items())))
            write_json({"saved": kept}, json_file)
            return
        if (condition is None) == (saved is None):
            raise UsageError("give a condition, or --saved with the name of one, and not both.")
        asked = condition if saved is None else searching.recall(book, saved)
        found = searching.search(book, asked or "", experiment)
        if save is not None:
            screen.print(f"saved as {save} in {searching.save(book, save, asked or '')}", soft_wrap=True)
    screen.print(runs_table(f"{len(found)} runs: {asked}", found, main_metrics(found)))
    write_json({"condition": asked, "runs": [record_row(record) for record in found]}, json_file)


COMMANDS = Commands(
    (Command("exp search", search, "\"metrics.`podium.brier` < 0.07 and params.seed = '7'\""),), order=12
)
