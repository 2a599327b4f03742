"""A forecast for people: as a document (answers beside the baseline, places, reasons, provenance), in a terminal, as a figure.

Nothing is computed here. The page runs no script and is read on a phone as on a desk: wide tables scroll below a driver
column that stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pitwall.domain.records.stored_forecasts import STRATEGY, sealed_page
from pitwall.ml.families import Family
from pitwall.ml.families.shared.events import percent
from pitwall.ml.forecasting.answers import AnswerRow, Forecast
from pitwall.ml.forecasting.explanations import Reason
from pitwall.ml.models import model
from pitwall.ml.models.machinery.names import model_of
from pitwall.ml.templates import templates
from pitwall.report.content.blocks import (
    Answers,
    Block,
    Contribution,
    Contributions,
    Facts,
    Fold,
    Heat,
    Note,
    Share,
    Text,
)
from pitwall.report.content.document import Document, Section
from pitwall.report.figures.canvas import canvas, write_png
from pitwall.report.figures.heat_map import heat_map
from pitwall.report.figures.palette import ACCENT, INK
from pitwall.report.html import to_html

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

INTERVAL = ("q10", "q90")
CHANCES = "chances"
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
        *_places(made),
        *_why(made),
        _provenance(made),
    ]
    summary = f"{made.stage} forecast as of {_clock(made.cutoff)}, {_by(made)}"
    return Document(f"{made.race_name} {made.race}", summary, tuple(sections), f"{made.stage} forecast {_by(made)}")


def write_picture(made: Forecast, path: Path) -> Path:
    """Write a picture as PNG: the heat map of places where rows have them, else each answer beside its baseline."""
    title = f"{made.race_name} {made.race}, {made.stage}, {made.model} v{made.version}"
    event = _events(made)[0]
    if not _has(made, "places"):
        return write_png(_dots(made, event, title), path, dpi=150)
    cars = len(made.rows)
    figure = heat_map(
        100 * np.array([row.detail["places"][:cars] for row in made.rows]),
        [f"{row.label}  {_told(made, event, row.answers[event])}" for row in made.rows],
        title,
        outcome=f"finishing place   (beside the names: {_title(event)})",
        label="probability in %",
        colours="Blues",
        notes=made.labels,
    )
    return write_png(figure, path, dpi=150)


def _dots(made: Forecast, event: str, title: str) -> Figure:
    """Return one line per row: the answer, its 80 % interval where there is one, and the baseline."""
    figure = canvas(8.0, 1.6 + 0.3 * len(made.rows))
    axes = figure.subplots()
    for height, row in enumerate(reversed(made.rows)):
        if INTERVAL[0] in row.detail:
            axes.plot([row.detail[name] for name in INTERVAL], [height, height], color=ACCENT, linewidth=2, alpha=0.4)
        axes.plot(row.answers[event], height, "o", color=ACCENT)
        axes.plot(row.baseline[event], height, "|", color=INK, markersize=12)
    axes.set_yticks(range(len(made.rows)), [row.label for row in reversed(made.rows)], fontsize=8)
    if classes := made.rows[0].detail.get(CHANCES):
        axes.set_xticks(range(len(classes)), [each["class"] for each in classes])
    axes.set(title=title, xlabel=f"{_title(event)}: dot; {made.baseline}: stroke")
    axes.grid(axis="x", alpha=0.3)
    return figure


def print_forecast(made: Forecast, console: Console) -> None:
    """Print the forecast as a table, its labels above."""
    from rich.table import Table

    first = _events(made)[0]
    table = Table(title=f"{made.race_name} {made.race}: {made.stage} forecast {_by(made)}", title_justify="left")
    for name in _names(made):
        table.add_column(name)
    for name in (*_columns(made), f"{_title(first)} {made.baseline}"):
        table.add_column(name, justify="right")
    for row in made.rows:
        cells = [cell.text if isinstance(cell, Share) else cell for cell in _cells(made, row)]
        table.add_row(row.label, row.side, *cells, _told(made, first, row.baseline[first]))
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
    table.add_column(_names(made)[0])
    for name in ("Feature", "Value", "Adds"):
        table.add_column(name, justify="left" if name == "Feature" else "right")
    for row in made.rows[:cars]:
        for number, reason in enumerate(row.why):
            table.add_row("" if number else row.label, reason.feature, _value(reason), f"{reason.contribution:+.2f}")
        table.add_section()
    console.print(table)


def _answers(made: Forecast) -> Section:
    rows = Answers(
        (_names(made)[0], *_columns(made)),
        tuple((row.label, row.side) for row in made.rows),
        tuple(tuple(_cells(made, row)) for row in made.rows),
    )
    return Section("Answers", (Text(f"In small: the baseline, {made.baseline}."), rows))


def _names(made: Forecast) -> list[str]:
    """Return what the first columns are called: driver and team, or race and circuit."""
    return [title.capitalize() for title in made.rows[0].titles]


def _columns(made: Forecast) -> list[str]:
    grid = ["Grid"] if _has(made, "grid") else []
    interval = ["80 % interval"] if _has(made, INTERVAL[0]) else []
    place = ["Mean place"] if _has(made, "expected_place") else []
    chances = [f"P({each['class']})" for each in made.rows[0].detail.get(CHANCES, ())]
    strategy = [STRATEGY.replace("_", " ").capitalize()] if _has(made, STRATEGY) else []
    return [*grid, *map(_title, _events(made)), *chances, *interval, *place, *strategy]


def _cells(made: Forecast, row: AnswerRow) -> Iterator[str | Share]:
    """Yield what stands in the columns of a row."""
    if "grid" in row.detail:
        yield _grid(row)
    for event in _events(made):
        text, base = _told(made, event, row.answers[event]), _told(made, event, row.baseline[event])
        yield Share(row.answers[event], text, base) if _is_chance(made) else f"{text} ({base})"
    for each in row.detail.get(CHANCES, ()):
        yield percent(each["chance"])
    if INTERVAL[0] in row.detail:
        yield " to ".join(f"{row.detail[name]:.3f}" for name in INTERVAL)
    if "expected_place" in row.detail:
        yield f"{row.detail['expected_place']:.1f}"
    if STRATEGY in row.detail:
        yield str(row.detail[STRATEGY])


def _has(made: Forecast, detail: str) -> bool:
    return detail in made.rows[0].detail


def _places(made: Forecast) -> list[Section]:
    if not _has(made, "places"):
        return []
    cars = len(made.rows)
    # old drivers have no code
    names = tuple((row.names["code"] or row.label.rsplit(" ", 1)[-1], row.label) for row in made.rows)
    columns = tuple(str(place + 1) for place in range(cars))
    chances = tuple(tuple(row.detail["places"][:cars]) for row in made.rows)
    return [Section("Places", (Text(PLACES), Heat(names, columns, chances)))]


def _why(made: Forecast) -> list[Section]:
    """Return one fold per driver, the favourite's open; nothing where the model cannot tell."""
    widest = max((abs(reason.contribution) for row in made.rows for reason in row.why), default=0.0)
    if not widest:
        return []
    event = _events(made)[0]
    folds: list[Block] = [
        Fold(
            row.label,
            (Contributions(tuple(map(_contribution, row.why)), widest),),
            small=f"{_title(event)} {_told(made, event, row.answers[event])}",
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
    first = made.rows[0].answers
    totals = {event: sum(row.answers[event] for row in made.rows) for event in first}
    return sorted(first, key=lambda event: (totals[event], event))


def _family(made: Forecast) -> Family:
    return model(model_of(made.model)).answers


def _is_chance(made: Forecast) -> bool:
    """Whether the answers are probabilities, which a bar can show."""
    return _family(made).label_type == "bool"


def _told(made: Forecast, event: str, value: float) -> str:
    known = templates()
    return _family(made).shown(value, known[event].unit if event in known else "")


def _by(made: Forecast) -> str:
    return f"by {made.model} version {made.version} ({made.estimator})"


def _title(event: str) -> str:
    known = templates()
    return known[event].title if event in known else event


def _grid(row: AnswerRow) -> str:
    """Return the starting slot, or that it is not known."""
    return "?" if row.detail["grid"] is None else f"{row.detail['grid']:.0f}"


def _clock(instant: str) -> str:
    """Return an ISO instant as people write it."""
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M} UTC"
