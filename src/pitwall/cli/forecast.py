"""`pitwall forecast`: what the champion says of a race, as a table with probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console


def forecast(
    race: Annotated[str | None, typer.Option(help="SEASON-ROUND, e.g. 2024-24; default: the next race.")] = None,
    template: Annotated[list[str] | None, typer.Option(help="A question; repeat for several. Default: all.")] = None,
    entries: Annotated[Path | None, typer.Option(help="CSV of who takes part (driver, constructor).")] = None,
    grid: Annotated[Path | None, typer.Option(help="CSV of the starting grid (driver, grid).")] = None,
    json_file: JsonOption = None,
) -> None:
    """Forecast the next race, or any race as of its cut-off, with the standing champion."""
    raise NotImplementedError


def show_forecast(screen: Console, payload: Mapping[str, Any]) -> None:
    """Print a forecast as a table, best chance first, with what it rests on."""
    screen.print(table("forecast", ["driver"], [(str(payload),)]))
