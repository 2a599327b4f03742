"""A forecast for people: as a document (answers beside the baseline, places, reasons, provenance), in a terminal, as a figure.

Nothing is computed here. The page runs no script and is read on a phone as on a desk: wide tables scroll below a driver
column that stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.domain.records.stored_forecasts import CALLED, STRATEGY, sealed_page
from pitwall.ml.data.entity_names import short_names
from pitwall.ml.families.shared.events import percent
from pitwall.ml.forecasting.answers import AnswerRow, Forecast
from pitwall.ml.forecasting.rendering.terms import (
    CHANCES,
    answer_texts,
    definition_of,
    event_title,
    events,
    first_columns,
    is_chance,
    place_span,
)
from pitwall.ml.forecasting.rendering.why import print_reasons, why_section
from pitwall.report.content.blocks import (
    Answers,
    Facts,
    Fold,
    Heat,
    Note,
    Picture,
    Share,
    Text,
)
from pitwall.report.content.document import Document, Section
from pitwall.report.figures.canvas import canvas, png, write_png
from pitwall.report.figures.course import lasting_figure
from pitwall.report.figures.curves import curves_figure
from pitwall.report.figures.heat_map import heat_map
from pitwall.report.figures.palette import ACCENT, INK
from pitwall.report.html import to_html

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

__all__ = ["document", "print_forecast", "print_reasons", "write_page", "write_picture"]

INTERVAL = ("q10", "q90")
PLACES = "Probability of each {} in percent; blank is below 0.5. Every row and every column sums to 100."
CURVES = "Each curve with the band in which four of five should lie; the others in grey."
AGES = "age of the tyre (laps)", "lost to a new one (s a lap)"
AT_LEAST = "at_least"
LASTS = "The chance of each to last beyond each step from its cut-off; the one that ends first is named first."


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
        *_curves(made),
        *_lasting(made),
        *why_section(made),
        _provenance(made),
    ]
    summary = f"{made.stage} forecast as of {_clock(made.cutoff)}, {_by(made)}"
    return Document(f"{made.race_name} {made.race}", summary, tuple(sections), f"{made.stage} forecast {_by(made)}")


def write_picture(made: Forecast, path: Path) -> Path:
    """Write a picture as PNG: the heat map of places or the curves where rows have them, else each answer beside its baseline."""
    title = f"{made.race_name} {made.race}, {made.stage}, {made.model} v{made.version}"
    event, text = events(made)[0], answer_texts(made)
    if _has(made, "curve"):
        return write_png(_curve_figure(made, title), path, dpi=150)
    if not _has(made, "places"):
        return write_png(_dots(made, event, title), path, dpi=150)
    cars = len(made.rows)
    figure = heat_map(
        100 * np.array([row.detail["places"][:cars] for row in made.rows]),
        [f"{row.label}  {text(event, row.answers[event])}" for row in made.rows],
        title,
        outcome=f"{definition_of(made).place}   (beside the names: {event_title(event)})",
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
    axes.set(title=title, xlabel=f"{event_title(event)}: dot; {made.baseline}: stroke")
    axes.grid(axis="x", alpha=0.3)
    return figure


def print_forecast(made: Forecast, console: Console) -> None:
    """Print the forecast as a table, its labels above."""
    from rich.table import Table

    first, text = events(made)[0], answer_texts(made)
    table = Table(title=f"{made.race_name} {made.race}: {made.stage} forecast {_by(made)}", title_justify="left")
    for name in first_columns(made):
        table.add_column(name)
    for name in (*_columns(made), f"{event_title(first)} {made.baseline}"):
        table.add_column(name, justify="right")
    for row, cells in zip(made.rows, _cells(made), strict=True):
        texts = [cell.text if isinstance(cell, Share) else cell for cell in cells]
        table.add_row(row.label, row.side, *texts, text(first, row.baseline[first]))
    for label in made.labels:
        console.print(f"Note: {label}", style="yellow", markup=False)
    console.print(table)
    asked = f"; {made.asked} was asked" if made.asked not in {"", made.model} else ""
    console.print(f"As of {_clock(made.cutoff)}{asked}; the baseline is {made.baseline}.", style="dim")


def _answers(made: Forecast) -> Section:
    rows = Answers(
        (first_columns(made)[0], *_columns(made)),
        tuple((row.label, row.side) for row in made.rows),
        _cells(made),
    )
    return Section("Answers", (Text(f"In small: the baseline, {made.baseline}."), rows))


def _columns(made: Forecast) -> list[str]:
    grid = ["Grid"] if _grid_known(made) else []
    interval = ["80 % interval"] if _has(made, INTERVAL[0]) else []
    place = ["Mean place"] if _has(made, "expected_place") else []
    place += ["Place, 80 %"] if _has(made, "places") else []
    chances = [f"P({each['class']})" for each in made.rows[0].detail.get(CHANCES, ())]
    called = [CALLED.capitalize()] if _has(made, CALLED) else []
    at_least = [f"P({each['steps']} or more)" for each in made.rows[0].detail.get(AT_LEAST, ())]
    strategy = [STRATEGY.replace("_", " ").capitalize()] if _has(made, STRATEGY) else []
    return [*grid, *map(event_title, events(made)), *chances, *at_least, *called, *interval, *place, *strategy]


def _cells(made: Forecast) -> tuple[tuple[str | Share, ...], ...]:
    """Return what stands in the columns, row by row."""
    grid, asked, text, bar = _grid_known(made), events(made), answer_texts(made), is_chance(made)

    def answered(row: AnswerRow) -> Iterator[str | Share]:
        for event in asked:
            ours, base = text(event, row.answers[event]), text(event, row.baseline[event])
            yield Share(row.answers[event], ours, base) if bar else f"{ours} ({base})"

    return tuple((*([_grid(row)] if grid else []), *answered(row), *_details(row)) for row in made.rows)


def _details(row: AnswerRow) -> Iterator[str]:
    """Yield what stands beside the answers of a row."""
    for each in (*row.detail.get(CHANCES, ()), *row.detail.get(AT_LEAST, ())):
        yield percent(each["chance"])
    if CALLED in row.detail:
        yield str(row.detail[CALLED])
    if INTERVAL[0] in row.detail:
        yield " to ".join(map(_number, (row.detail[name] for name in INTERVAL)))
    if "expected_place" in row.detail:
        yield f"{row.detail['expected_place']:.1f}"
    if "places" in row.detail:
        yield place_span(row.detail["places"])
    if STRATEGY in row.detail:
        yield str(row.detail[STRATEGY])


def _number(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() else f"{value:.3f}"


def _has(made: Forecast, detail: str) -> bool:
    return detail in made.rows[0].detail


def _grid_known(made: Forecast) -> bool:
    """Return whether the grid is known of any car: before qualifying nobody has one."""
    return any(row.detail.get("grid") is not None for row in made.rows)


def _places(made: Forecast) -> list[Section]:
    if not _has(made, "places"):
        return []
    cars = len(made.rows)
    labels = tuple(row.label for row in made.rows)
    names = tuple(zip(_short(tuple(row.names["code"] for row in made.rows), labels), labels, strict=True))
    columns = tuple(str(place + 1) for place in range(cars))
    chances = tuple(tuple(row.detail["places"][:cars]) for row in made.rows)
    return [Section("Places", (Text(PLACES.format(definition_of(made).place)), Heat(names, columns, chances)))]


@lru_cache(maxsize=64)
def _short(codes: tuple[str | None, ...], labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return names for narrow columns; the same cars are asked for again and again."""
    return tuple(short_names(pd.Series(codes, dtype="object"), pd.Series(labels)))


def _curves(made: Forecast) -> list[Section]:
    if not _has(made, "curve"):
        return []
    figure = _curve_figure(made, f"{made.race_name} {made.race}")
    return [Section("Curves", (Picture("curves.png", CURVES, png(figure), wide=True),))]


def _lasting(made: Forecast) -> list[Section]:
    if not _has(made, "lasts"):
        return []
    course = definition_of(made).answers.course
    curves = {row.label: row.detail["lasts"] for row in made.rows}
    figure = lasting_figure(curves, f"{made.race_name} {made.race}", "" if course is None else course.axis)
    return [Section("Curves", (Picture("lasts.png", LASTS, png(figure), wide=True),))]


def _curve_figure(made: Forecast, title: str) -> Figure:
    """Return the curve of each row, in the order of their keys."""
    rows = sorted(made.rows, key=lambda row: tuple(row.keys.values()))
    return curves_figure({row.label: row.detail["curve"] for row in rows}, f"{title}\n{CURVES}", AGES)


def _provenance(made: Forecast) -> Section:
    known = {"cut-off": made.cutoff, "model": f"{made.model} version {made.version}", "baseline": made.baseline}
    if made.asked not in {"", made.model}:
        known["asked"] = made.asked
    lines = Facts(tuple({**known, **made.provenance}.items()))
    return Section("Provenance", (Fold("Model, data and code that made these numbers", (lines,)),))


def _by(made: Forecast) -> str:
    return f"by {made.model} version {made.version} ({made.estimator})"


def _grid(row: AnswerRow) -> str:
    """Return the starting slot, or that it is not known."""
    return "?" if row.detail["grid"] is None else f"{row.detail['grid']:.0f}"


def _clock(instant: str) -> str:
    """Return an ISO instant as people write it."""
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M} UTC"
