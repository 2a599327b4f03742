"""`pitwall championship`: who takes the titles of a season."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, NowOption, console, write_json


def championship(
    *,
    season: Annotated[int, typer.Option(help="The year, e.g. 2026.")],
    after: Annotated[
        int | None, typer.Option(min=0, help="As of after this round, 0 before the first. Default: all with results.")
    ] = None,
    draws: Annotated[int, typer.Option(min=100, help="How many seasons are drawn.")] = 20_000,
    rows: Annotated[int, typer.Option(min=1, help="How many drivers and constructors are shown.")] = 10,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw the chances after each round into this PNG file.")
    ] = None,
    now: NowOption = None,
    json_file: JsonOption = None,
) -> None:
    """Forecast both titles of a season: the races to come are drawn many times; says what is decided whatever happens."""
    from pitwall.domain.clock import replaying
    from pitwall.ml.championship.render import print_championship, write_picture
    from pitwall.workflows.championship import predict_championship
    from pitwall.workflows.record.enter import told_titles
    from pitwall.workflows.workspace import Workspace

    with replaying(now), Workspace() as workspace:
        made = predict_championship(workspace, season, after=after, draws=draws, history=picture is not None)
    screen = console(json_file)
    print_championship(made, screen, rows)
    if made.draws:
        screen.print(told_titles(workspace.project, season), soft_wrap=True)
    if picture is not None:
        screen.print(f"written: {write_picture(made, picture)}", soft_wrap=True)
    write_json(json.loads(made.to_json()), json_file)


COMMANDS = Commands((Command("championship", championship, "--season 2026"),), order=13)
