"""`pitwall registry plot`: the versions of a model as bars."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, write_json
from pitwall.cli._registry import JudgedModel


def plot(
    model: JudgedModel,
    last: Annotated[
        int, typer.Option(min=1, help="So many of the newest versions; the champion is always there.")
    ] = 20,
    out: Annotated[Path | None, typer.Option(help="Folder of the files. Default: reports/versions/MODEL.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Draw each version's main loss with its interval, named by estimator and learning rate or most telling setting; PNG and HTML."""
    from dataclasses import asdict

    from pitwall.workflows.plots.versions import plot_versions
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        made = plot_versions(workspace, model, last=last, folder=out)
    screen = console(json_file)
    for bar in made.bars:
        if bar.note:
            screen.print(f"! version {bar.version}: {bar.note}", soft_wrap=True)
    for path in made.files:
        screen.print(f"written: {path}", soft_wrap=True)
    write_json({"versions": [asdict(bar) for bar in made.bars], "files": [str(path) for path in made.files]}, json_file)


COMMANDS = Commands((Command("registry plot", plot, "race_winner"),), order=11)
