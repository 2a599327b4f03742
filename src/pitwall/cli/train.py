"""`pitwall train`: tune, judge and refit a model, and register it as a candidate."""

from __future__ import annotations

from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, ModelArgument, VerboseOption, console, write_json


def train(
    model: ModelArgument = "order-pre_race",
    manual_steps: Annotated[
        list[str] | None,
        typer.Option("--manual-step", metavar="TEXT", help="What was done by hand, for the manifest; may be repeated."),
    ] = None,
    verbose: VerboseOption = False,
    json_file: JsonOption = None,
) -> None:
    """Train a model anew and register the result as a candidate; nothing is promoted."""
    from pitwall.cli._flow import run_flow
    from pitwall.workflows.workspace import Workspace

    workspace = Workspace()
    project, name = workspace.project, workspace.job(model).name
    noted = [part for step in manual_steps or () for part in ("--manual-step", step)]
    result = run_flow(project, "train", "--model", name, *noted, verbose=verbose)
    screen = console(json_file)
    screen.print(f"{name} version {result['version']} is registered; MLflow run {result['run_id']}")
    screen.print(f"its report: {project.reports / f'{name}.json'}", soft_wrap=True)
    screen.print(f"what it was made from: pitwall exp show {result['run_id'][:8]}")
    screen.print(f"judge and promote it with: pitwall promote {name}")
    write_json(result, json_file)


COMMANDS = Commands((Command("train", train, "order-pre_race"),), order=6)
