"""A forecast for people: as a document (answers beside the baseline, places, reasons, provenance), in a terminal, as a figure.

Nothing is computed here. The page runs no script and is read on a phone as on a desk: wide tables scroll below a driver
column that stays.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pitwall.domain.records.stored_forecasts import sealed_page
from pitwall.ml.forecasting.explanations import Reason
from pitwall.ml.forecasting.forecast import Forecast, ForecastRow
from pitwall.report.blocks import Answers, Block, Contribution, Contributions, Facts, Fold, Heat, Note, Share, Text
from pitwall.report.document import Document, Section
from pitwall.report.figures.canvas import write_png
from pitwall.report.figures.heat_map import heat_map
from pitwall.report.html import to_html

if TYPE_CHECKING:
    from rich.console import Console

TITLES = {"race_winner": "P(win)", "podium": "P(podium)", "points": "P(points)"}
PLACES = "Probability of each finishing place in percent; blank is below 0.5. Every row and every column sums to 100."
WHY = (
    "Each bar says what one feature adds to a car's score beside the average car of this race, in nats: one nat more "
    "makes the odds of beating any car 2.7 times as good, before calibration. It explains the model, not the world."
)


def write_page(made: Forecast, path: Path) -> Path:
    """Write the page, with a last line by which an edit shows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sealed_page(to_html(document(made))), encoding="utf-8")
    return path


def document(made: Forecast) -> Document:
    """Return the forecast as a document; the same forecast gives the same one."""
    sections = [
        Section("", tuple(map(Note, made.labels))),
        _answers(made),
        _places(made),
        *_why(made),
        _provenance(made),
    ]
    summary = f"{made.stage} forecast as of {_clock(made.cutoff)}, {_by(made)}"
    return Document(f"{made.race_name} {made.race}", summary, tuple(sections), f"{made.stage} forecast {_by(made)}")


def write_picture(made: Forecast, path: Path) -> Path:
    """Write the heat map of place probabilities as PNG."""
    event, cars = _events(made)[0], len(made.rows)
    figure = heat_map(
        100 * np.array([row.places[:cars] for row in made.rows]),
        [f"{row.driver}  {_percent(row.events[event])}" for row in made.rows],
        f"{made.race_name} {made.race}, {made.stage}, {made.model} v{made.version}",
        outcome=f"finishing place   (beside the names: {_title(event)})",
        label="probability in %",
        colours="Blues",
        notes=made.labels,
    )
    return write_png(figure, path, dpi=150)


def print_forecast(made: Forecast, console: Console) -> None:
    """Print the forecast as a table, its labels above."""
    from rich.table import Table

    events = _events(made)
    table = Table(title=f"{made.race_name} {made.race}: {made.stage} forecast {_by(made)}", title_justify="left")
    for name in ("Driver", "Team"):
        table.add_column(name)
    for name in ("Grid", *map(_title, events), "E(place)", f"{_title(events[0])} {made.baseline}"):
        table.add_column(name, justify="right")
    for row in made.rows:
        chances = [_percent(row.events[event]) for event in events]
        table.add_row(
            row.driver, row.team, _grid(row), *chances, f"{row.expected_place:.1f}", _percent(row.baseline[events[0]])
        )
    for label in made.labels:
        console.print(f"[yellow]Note:[/yellow] {label}")
    console.print(table)
    asked = f"; {made.asked} was asked" if made.asked not in {"", made.model} else ""
    console.print(f"As of {_clock(made.cutoff)}{asked}; the baseline is {made.baseline}.", style="dim")


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
            table.add_row("" if number else row.driver, reason.feature, _value(reason), f"{reason.contribution:+.2f}")
        table.add_section()
    console.print(table)


def _answers(made: Forecast) -> Section:
    events = _events(made)
    rows = Answers(
        ("Driver", "Grid", *map(_title, events), "Mean place"),
        tuple((row.driver, row.team) for row in made.rows),
        tuple(
            (_grid(row), *(_share(row, event) for event in events), f"{row.expected_place:.1f}") for row in made.rows
        ),
    )
    return Section("Answers", (Text(f"In small: the baseline, {made.baseline}."), rows))


def _share(row: ForecastRow, event: str) -> Share:
    return Share(row.events[event], _percent(row.events[event]), _percent(row.baseline[event]))


def _places(made: Forecast) -> Section:
    cars = len(made.rows)
    names = tuple(
        (row.code or row.driver.rsplit(" ", 1)[-1], row.driver) for row in made.rows
    )  # old drivers have no code
    columns = tuple(str(place + 1) for place in range(cars))
    return Section("Places", (Text(PLACES), Heat(names, columns, tuple(row.places[:cars] for row in made.rows))))


def _why(made: Forecast) -> list[Section]:
    """Return one fold per driver, the favourite's open; nothing where the model cannot tell."""
    widest = max((abs(reason.contribution) for row in made.rows for reason in row.why), default=0.0)
    if not widest:
        return []
    event = _events(made)[0]
    folds: list[Block] = [
        Fold(
            row.driver,
            (Contributions(tuple(map(_contribution, row.why)), widest),),
            small=f"{_title(event)} {_percent(row.events[event])}",
            open=row is made.rows[0],
        )
        for row in made.rows
        if row.why
    ]
    return [Section("Why", (Text(WHY), *folds))]


def _contribution(reason: Reason) -> Contribution:
    meaning, unit = _meaning(reason.feature)
    value = _value(reason) if reason.value is None else f"{_value(reason)} {unit}".strip()
    return Contribution(reason.feature.replace("_", " "), meaning, value, reason.contribution)


def _value(reason: Reason) -> str:
    return "unknown" if reason.value is None else f"{reason.value:.4g}"


@cache
def _meaning(feature: str) -> tuple[str, str]:
    from pitwall.features import groups

    known = {each.name: (each.meaning, each.unit) for group in groups().values() for each in group.features}
    return known.get(feature, ("", ""))


def _provenance(made: Forecast) -> Section:
    known = {"cut-off": made.cutoff, "model": f"{made.model} version {made.version}", "baseline": made.baseline}
    if made.asked not in {"", made.model}:
        known["asked"] = made.asked
    lines = Facts(tuple({**known, **made.provenance}.items()))
    return Section("Provenance", (Fold("Model, data and code that made these numbers", (lines,)),))


def _events(made: Forecast) -> list[str]:
    """Return the templates from the rarest event to the commonest: win, podium, points."""
    first = made.rows[0].events
    totals = {event: sum(row.events[event] for row in made.rows) for event in first}
    return sorted(first, key=lambda event: (totals[event], event))


def _by(made: Forecast) -> str:
    return f"by {made.model} version {made.version} ({made.estimator})"


def _title(event: str) -> str:
    return TITLES.get(event, event)


def _grid(row: ForecastRow) -> str:
    """Return the starting slot, or that it is not known."""
    return "?" if row.grid is None else f"{row.grid:.0f}"


def _percent(chance: float) -> str:
    return f"{100 * chance:.1f} %"


def _clock(instant: str) -> str:
    """Return an ISO instant as people write it."""
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M} UTC"
