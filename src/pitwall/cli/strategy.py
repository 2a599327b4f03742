"""`pitwall strategy`: what a stop now, or in some laps, costs a car of a race, in seconds to the flag."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from pitwall.live.strategy.choices import Choice
    from pitwall.workflows.live.strategy import WhatIf


def strategy(
    *,
    race: Annotated[str, typer.Option(metavar="SEASON-ROUND", help="The race.")],
    lap: Annotated[int, typer.Option(min=1, help="The lap that the car has just ended.")],
    driver: Annotated[str, typer.Option(help="Reference, code, name or id of the driver.")],
    laps: Annotated[
        int | None, typer.Option(min=2, help="Laps of the race; as usual at the circuit by default.")
    ] = None,
    picture: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the laps to stop on as PNG.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Say what each lap to stop on costs a car beside the best one, as things stood at the end of a lap."""
    from pitwall.workflows.live.strategy import what_if
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = what_if(workspace, race, lap, driver, laps)
    screen = console(json_file)
    columns = ["stop", "s lost", "80 % interval", "traffic s", "then"]
    rows = [_line(each) for each in found.choices]
    screen.print(table(_title(found), columns, rows, right=["stop", "s lost", "80 % interval", "traffic s"]))
    screen.print(f"best: {_stop(found.best)}; a stop costs {found.learned['stop_loss_s']:.1f} s here", soft_wrap=True)
    if picture is not None:
        _draw(found, picture)
        screen.print(f"picture: {picture}", soft_wrap=True)
    write_json(found.to_json(), json_file)


def _title(found: WhatIf) -> str:
    return f"{found.race}, {found.name}: {found.driver} after lap {found.lap} of {found.laps}, {found.compound}, {found.age:g} laps old"


def _stop(choice: Choice) -> str:
    return "no further stop" if choice.stop is None else f"stop at the end of lap {choice.stop}"


def _line(choice: Choice) -> list[str]:
    from pitwall.domain.racing.tyres import COMPOUNDS

    then = ", ".join(COMPOUNDS[each] for each in choice.then)
    stop = "none" if choice.stop is None else str(choice.stop)
    return [stop, f"{choice.lost:.1f}", f"{choice.low:.1f} to {choice.high:.1f}", f"{choice.traffic:.1f}", then]


def _draw(found: WhatIf, path: Path) -> None:
    from pitwall.report.figures.canvas import write_png
    from pitwall.report.figures.stop_laps import stop_laps

    stops = [each for each in found.choices if each.stop is not None]
    laps, lost = [each.stop or 0 for each in stops], [each.lost for each in stops]
    write_png(stop_laps(laps, lost, [each.low for each in stops], [each.high for each in stops]), path)


COMMANDS = Commands((Command("strategy", strategy, "--race 2023-12 --lap 20 --driver VER"),), order=11)
