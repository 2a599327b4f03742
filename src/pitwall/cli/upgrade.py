"""`pitwall upgrade`: bring a project that the version before made along to this one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, write_json


def upgrade(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Give the state, parameters and tags of an older project their names of today; a second time changes nothing.

    Runs, models, forecasts and the history stay as they were written; they answer as before. What only the code's new folders
    made stale is recorded as up to date; `dvc repro` brings up the rest.
    """
    from pitwall.domain.project import find_project
    from pitwall.workflows.upkeep import upgrade as run
    from pitwall.workflows.workspace import Workspace

    with Workspace(find_project(of_any_version=True)) as workspace:
        steps = run(workspace, dry_run=dry_run)
    screen = console(json_file)
    for step in steps:
        for line in step.done:
            screen.print(f"{step.name}: {'would be: ' if dry_run else ''}{line}", soft_wrap=True)
    if not any(step.done for step in steps):
        screen.print("nothing to do: the project is one of this version")
    write_json({"dry_run": dry_run, "steps": [asdict(step) for step in steps]}, json_file)


COMMANDS = Commands((Command("upgrade", upgrade, "--dry-run"),), order=16)
