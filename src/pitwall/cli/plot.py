"""`pitwall plot race`: lap traces, places, stints and pace of a race that was run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands, Group
from pitwall.cli._output import JsonOption, console, table, write_json

app = typer.Typer(no_args_is_help=True, help="Pictures of what was driven.")


def race(
    label: Annotated[str, typer.Argument(metavar="SEASON-ROUND", help="Which race, e.g. 2023-12.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the files. Default: reports/races/SEASON-ROUND.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Draw a race from its laps: gaps to the leader, places, stints by tyre, pace; with the tables beside as CSV."""
    from pitwall.domain.project import find_project
    from pitwall.workflows.plots.race import folder_of, race_plots

    project = find_project()
    made = race_plots(project, label)
    files = made.save(out or folder_of(project, made))
    screen = console(json_file)
    columns = ("driver", "free laps", "median (s)", "quartiles (s)", "best (s)")
    rows = [
        (
            row.driver,
            row.laps,
            f"{row.median:.3f}",
            f"{row.lower_quartile:.3f} to {row.upper_quartile:.3f}",
            f"{row.best:.3f}",
        )
        for row in made.tables["pace"].itertuples()
    ]
    screen.print(table(f"{made.title}: pace by median", columns, rows, right=columns[1:]))
    if "stints" not in made.figures:
        screen.print(
            "no stints: nobody wrote down when cars stopped (the dump does since 2011, the live feed since 2018)"
        )
    for path in files:
        screen.print(f"written: {path}", soft_wrap=True)
    write_json({"race": made.label, "files": [str(path) for path in files]}, json_file)


COMMANDS = Commands((Group("plot", app), Command("plot race", race, "2023-12")), order=14)
