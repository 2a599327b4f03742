"""Show a forecast to people: a table for the terminal, one self-contained HTML page, a picture. It computes nothing."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pitwall.ml.forecast import Forecast, ForecastRow

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

TITLES = {"race_winner": "P(win)", "podium": "P(podium)", "points": "P(points)"}
STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1f2933; }
table { border-collapse: collapse; } th, td { padding: .2rem .5rem; text-align: right; white-space: nowrap; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; } td.p { font-size: 11px; min-width: 1.6rem; }
.scroll { overflow-x: auto; } .label { background: #fff3cd; padding: .3rem .6rem; margin: .2rem 0; }
footer { color: #616e7c; margin-top: 1rem; font-size: 13px; }
"""


def heading(made: Forecast) -> str:
    """Return one line that says which race, which stage, which model."""
    return (
        f"{made.race_name} {made.race}: {made.stage} forecast by {made.model} version {made.version} ({made.estimator})"
    )


def print_forecast(made: Forecast, console: Console) -> None:
    """Print the forecast as a table, its labels above."""
    from rich.table import Table

    events = _events(made)
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
        chances = [_percent(row.events[event]) for event in events]
        table.add_row(
            row.driver, row.team, _grid(row), *chances, f"{row.expected_place:.1f}", _percent(row.baseline[events[0]])
        )
    for label in made.labels:
        console.print(f"[yellow]Note:[/yellow] {label}")
    console.print(table)
    console.print(f"As of {made.cutoff}; the baseline is {made.baseline}.", style="dim")


def to_html(made: Forecast) -> str:
    """Return a page without any outside address: labels, table and the heat map of place probabilities."""
    events = _events(made)
    heads = [
        "Driver",
        "Team",
        "Grid",
        *(TITLES.get(event, event) for event in events),
        "E(place)",
        f"Baseline {TITLES.get(events[0], events[0])}",
    ]
    heads += [str(place + 1) for place in range(len(made.rows))]
    body = "\n".join(_html_row(row, events, len(made.rows)) for row in made.rows)
    labels = "\n".join(f'<p class="label">{escape(label)}</p>' for label in made.labels)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(heading(made))}</title>'
        f"<style>{STYLE}</style></head><body>\n<h1>{escape(made.race_name)} {escape(made.race)}</h1>\n{labels}\n"
        f'<div class="scroll"><table><thead><tr>{"".join(f"<th>{escape(head)}</th>" for head in heads)}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>\n"
        f"<footer>{escape(heading(made))}. As of {escape(made.cutoff)}. Baseline: {escape(made.baseline)}. "
        f"Numbered columns: probability of that place in percent. Commit "
        f"{escape(made.provenance.get('git.commit', 'unknown')[:10])}.</footer>\n</body></html>\n"
    )


def write_html(made: Forecast, path: Path) -> Path:
    """Write the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_html(made), encoding="utf-8")
    return path


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
    image = axes.imshow(100 * matrix, cmap="Reds", aspect="auto", vmin=0)
    event = _events(made)[0]
    names = [f"{row.driver}  {_percent(row.events[event])}" for row in made.rows]
    axes.set_yticks(range(cars), names, fontsize=8)
    axes.set_xticks(range(cars), [str(place + 1) for place in range(cars)], fontsize=8)
    axes.set_xlabel(f"finishing place   (beside the names: {TITLES.get(event, event)})")
    axes.set_title(f"{made.race_name} {made.race}, {made.stage}, {made.model} v{made.version}", fontsize=10)
    figure.colorbar(image, ax=axes, label="probability in %")
    for number, label in enumerate(made.labels):
        figure.text(0.01, -0.03 * (number + 1), label, fontsize=7, color="#9c6500")
    return figure


def _events(made: Forecast) -> list[str]:
    """Return the templates from the rarest event to the commonest: win, podium, points."""
    first = made.rows[0].events
    totals = {event: sum(row.events[event] for row in made.rows) for event in first}
    return sorted(first, key=lambda event: (totals[event], event))


def _html_row(row: ForecastRow, events: list[str], cars: int) -> str:
    cells = [escape(row.driver), escape(row.team), _grid(row), *(_percent(row.events[event]) for event in events)]
    cells += [f"{row.expected_place:.1f}", _percent(row.baseline[events[0]])]
    heat = "".join(
        f'<td class="p" style="background:rgba(200,29,37,{min(1.0, 2.5 * p):.3f})">{100 * p:.0f}</td>'
        for p in row.places[:cars]
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}{heat}</tr>"


def _grid(row: ForecastRow) -> str:
    return "?" if row.grid is None else f"{row.grid:.0f}"


def _percent(chance: float) -> str:
    return f"{100 * chance:.1f} %"
