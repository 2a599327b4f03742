"""`pitwall run`: whole pipelines, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, NowOption, VerboseOption, console, show_forecast, show_verdicts, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

app = typer.Typer(help="Run a pipeline.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Run a pipeline."""


@app.command("race-weekend", epilog="Example: pitwall run race-weekend --json weekend.json")
def race_weekend(
    *,
    train: Annotated[
        bool,
        typer.Option(
            "--train/--no-train", help="Train what is stale, judge and promote; else the flow `forecast_weekend`."
        ),
    ] = True,
    now: NowOption = None,
    verbose: VerboseOption = False,
    json_file: JsonOption = None,
) -> None:
    """Ingest, build features, train if needed, judge, promote, and forecast the next race."""
    from pitwall.cli._flow import run_flow
    from pitwall.domain.clock import replaying
    from pitwall.domain.project import find_project

    project = find_project()
    with replaying(now):
        result = run_flow(project, "race_weekend" if train else "forecast_weekend", verbose=verbose)
    screen = console(json_file)
    for model in result["models"]:
        if model.get("verdicts"):
            show_verdicts(screen, model["model"], model["verdicts"], reasons=verbose)
        if model.get("outcome"):
            screen.print(model["outcome"], soft_wrap=True)
        show_forecast(screen, project, project.root / model["forecast"])
    if train:
        _look_next(screen, result)
    write_json(result, json_file)


def _look_next(screen: Console, result: Mapping[str, Any]) -> None:
    model = result["models"][-1]
    rows = [
        (f"pitwall registry show {model['model']}@{model['version']}", "every gate's reason"),
        ("pitwall serve", "ask over HTTP: curl http://127.0.0.1:8000/api/v1/predict/race_winner"),
        ("pitwall up", "servers, worker and API in the background, runs by the calendar; pitwall status, pitwall down"),
        ("pitwall ui", "the runs in MLflow and the flow in Prefect, in a browser"),
        ("pitwall forecast --template podium", "one question alone; pitwall --help lists all commands"),
        ("pitwall doctor", "the five layers, the state of each, and what to do"),
        ("dvc repro", "nothing to do: the flow and DVC are two entry points, one pipeline"),
        ("pitwall data use ergast --location PATH_OR_URL", "then the same on real races"),
        (f"less {result['log']}", "the log of this run"),
    ]
    width = max(len(command) for command, _ in rows)
    screen.print("\nWhere to look next:")
    for command, what in rows:
        screen.print(f"  {command:<{width}}  {what}", soft_wrap=True)


COMMANDS = Commands((Group("run", app),), order=5)
