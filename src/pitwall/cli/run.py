"""`pitwall run`: whole pipelines, by name."""

from __future__ import annotations

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, console, show_forecast, show_verdicts, write_json

app = typer.Typer(help="Run a pipeline.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Run a pipeline."""


@app.command("race-weekend", epilog="Example: pitwall run race-weekend --json weekend.json")
def race_weekend(json_file: JsonOption = None) -> None:
    """Ingest, build features, train if needed, judge, promote, and forecast the next race."""
    from pitwall.cli._flow import run_flow
    from pitwall.domain.project import find_project

    project = find_project()
    result = run_flow(project, "race_weekend")
    screen = console(json_file)
    for model in result["models"]:
        if model["verdicts"]:
            show_verdicts(screen, model["model"], model["verdicts"])
        screen.print(model["outcome"], soft_wrap=True)
        show_forecast(screen, project.root / model["forecast"])
    write_json(result, json_file)


COMMANDS = Commands((Group("run", app),), order=5)
