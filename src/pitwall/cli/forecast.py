"""`pitwall forecast`: what the champion says of a race, as a table with probabilities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, NowOption, console, show_forecast, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def forecast(
    *,
    race: Annotated[str | None, typer.Option(help="SEASON-ROUND, e.g. 2024-24; default: the next race.")] = None,
    template: Annotated[list[str] | None, typer.Option(help="A question; repeat for several. Default: all.")] = None,
    entries: Annotated[Path | None, typer.Option(help="CSV with a column driver: who takes part.")] = None,
    grid: Annotated[Path | None, typer.Option(help="CSV with the columns driver and grid.")] = None,
    lap: Annotated[
        int | None,
        typer.Option(min=1, help="Which lap, of a model that answers within races. Default: each car's next."),
    ] = None,
    stop: Annotated[
        int | None,
        typer.Option(min=1, help="Which pit stop of each car, of a model of stops. Default: each car's newest."),
    ] = None,
    stint: Annotated[
        int | None,
        typer.Option(min=1, help="Which stint of each car, of a model of sets of tyres. Default: each car's newest."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Also write the page with these questions to this file.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Also draw it into this PNG file.")] = None,
    why: Annotated[bool, typer.Option("--why", help="Also show what each feature adds to the first cars.")] = False,
    now: NowOption = None,
    json_file: JsonOption = None,
) -> None:
    """Forecast the next race, or any race as of its cut-off, with the standing champion."""
    from pitwall.domain.clock import replaying
    from pitwall.workflows.forecast import WhatIf, model_of
    from pitwall.workflows.forecast import forecast as make
    from pitwall.workflows.workspace import Workspace

    with replaying(now), Workspace() as workspace:
        name, questions = model_of(workspace, template or [])
        stored = make(workspace, name, race, WhatIf(entries, grid, lap, stop, stint)).path
    show_forecast(console(json_file), workspace.project, stored, questions, why=why)
    if html is not None:
        write_page(stored, html, questions)
    if picture is not None:
        draw(stored, picture, questions)
    write_json(read_json(stored), json_file)


def read_json(path: Path) -> dict[str, Any]:
    """Return a stored forecast as JSON."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def write_page(stored: Path, target: Path, questions: Sequence[str]) -> None:
    """Write the page of a stored forecast, with some of its questions, to a file of the user's choice."""
    from pitwall.ml.forecasting.forecast import only, read
    from pitwall.ml.forecasting.render import write_page as write

    write(only(read(stored), questions), target)


def draw(stored: Path, target: Path, questions: Sequence[str]) -> None:
    """Draw a stored forecast, with some of its questions, into a PNG file."""
    from pitwall.ml.forecasting.forecast import only, read
    from pitwall.ml.forecasting.render import write_picture

    write_picture(only(read(stored), questions), target)


COMMANDS = Commands((Command("forecast", forecast, "--race 2024-24 --template race_winner"),), order=13)
