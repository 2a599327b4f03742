"""Show a forecast in a terminal and as a picture. Nothing is computed here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pitwall.ml.forecasting.forecast import Forecast
from pitwall.ml.forecasting.style import TITLES, clock, events_of, grid, heading, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console


def print_forecast(made: Forecast, console: Console) -> None:
    """Print the forecast as a table, its labels above."""
    from rich.table import Table

    events = events_of(made)
    table = Table(title=heading(made), title_justify="left")
    for name in ("Driver", "Team"):
        table.add_column(name)
    for name in (
        "Grid",
        *(TITLES.get(event, event) for event in events),
        "E(place)",
        f"{TITLES.get(events[0], events[0])} {made.baseline}",
    ):
        table.add_column(name, justify="right")
    for row in made.rows:
        chances = [percent(row.events[event]) for event in events]
        table.add_row(
            row.driver, row.team, grid(row), *chances, f"{row.expected_place:.1f}", percent(row.baseline[events[0]])
        )
    for label in made.labels:
        console.print(f"[yellow]Note:[/yellow] {label}")
    console.print(table)
    asked = f"; {made.asked} was asked" if made.asked not in {"", made.model} else ""
    console.print(f"As of {clock(made.cutoff)}{asked}; the baseline is {made.baseline}.", style="dim")


def print_reasons(made: Forecast, console: Console, cars: int = 5) -> None:
    """Print why the first cars stand where they stand: feature, value, what it adds to the score."""
    from rich.table import Table

    if not any(row.why for row in made.rows):
        console.print(f"[yellow]Note:[/yellow] the {made.estimator} model cannot tell what each feature adds.")
        return
    table = Table(title="Why: nats added to the score beside the average car of the race", title_justify="left")
    table.add_column("Driver")
    for name in ("Feature", "Value", "Adds"):
        table.add_column(name, justify="left" if name == "Feature" else "right")
    for row in made.rows[:cars]:
        for number, reason in enumerate(row.why):
            value = "unknown" if reason.value is None else f"{reason.value:.4g}"
            table.add_row("" if number else row.driver, reason.feature, value, f"{reason.contribution:+.2f}")
        table.add_section()
    console.print(table)


def write_picture(made: Forecast, path: Path) -> Path:
    """Write the heat map of place probabilities as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _figure(made).savefig(path, dpi=130, metadata={"Software": None})
    return path


def _figure(made: Forecast) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    cars = len(made.rows)
    matrix = np.array([row.places[:cars] for row in made.rows])
    figure = Figure(figsize=(2.5 + 0.36 * cars, 1.6 + 0.28 * cars), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    image = axes.imshow(100 * matrix, cmap="Blues", aspect="auto", vmin=0)
    event = events_of(made)[0]
    names = [f"{row.driver}  {percent(row.events[event])}" for row in made.rows]
    axes.set_yticks(range(cars), names, fontsize=8)
    axes.set_xticks(range(cars), [str(place + 1) for place in range(cars)], fontsize=8)
    axes.set_xlabel(f"finishing place   (beside the names: {TITLES.get(event, event)})")
    axes.set_title(f"{made.race_name} {made.race}, {made.stage}, {made.model} v{made.version}", fontsize=10)
    figure.colorbar(image, ax=axes, label="probability in %")
    for number, label in enumerate(made.labels):
        figure.text(0.01, -0.03 * (number + 1), label, fontsize=7, color="#9c6500")
    return figure
