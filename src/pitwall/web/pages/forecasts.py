"""The forecasts that were stored, with what each was worth, and each as it was made."""

from __future__ import annotations

from pitwall.domain.records.track_record import read_rows
from pitwall.ml.forecasting.answers import parsed
from pitwall.report.content.blocks import Note, Text
from pitwall.web.blocks import Link, Links, Part, Status
from pitwall.web.paging import Ask, View, page, pages
from pitwall.web.parts.forecast import CHANCES, forecast_parts, origin
from pitwall.web.parts.paged import paged
from pitwall.web.parts.records import record_table
from pitwall.web.parts.told import instant
from pitwall.workflows.serving.shown.stored import stored

ROUTER = pages()
ABOUT = "Each forecast as it stands in the track record; a score is a loss, so lower is better."


@page(ROUTER, "/forecasts")
def forecasts(ask: Ask, number: int = 1) -> View:
    """List the forecasts of the track record, the newest first, each with its score beside the baseline's."""
    found = [each for each in stored(read_rows(ask.project)) if each.file]
    if not found:
        return View("Forecasts", "", (Part("", (Status("No forecast is stored yet: `pitwall forecast` makes one."),)),))
    shown, links = paged(ask, found, number)
    return View("Forecasts", ABOUT, (Part("", (record_table(shown), *links)),))


@page(ROUTER, "/forecasts/{file}")
def forecast(ask: Ask, file: str) -> View:
    """Show a stored forecast as it was made, with its row of the track record."""
    content = ask.server.forecasts.one(file)
    made, own = parsed(content["forecast"]), [each for each in stored(read_rows(ask.project)) if each.file == file]
    row = content["record"]
    entered = f"Row {row['seq']} of the record, entered {instant(row['at'])}" if row else "Not in the track record"
    first = Part("", (Note(f"Made {instant(content['forecast']['made_at'])}, and not changed since. {entered}."),))
    scores = [record_table(own)] if own else [Text("It has no row with a score.")]
    record = Part(
        "What it was worth", (*scores, Links((Link("The record", "/record"), Link("The race", f"/?race={made.race}"))))
    )
    summary = f"{made.stage} forecast as of {instant(made.cutoff)}, by {made.model} version {made.version}."
    return View(f"{made.race_name} {made.race}", summary, (first, record, *forecast_parts(made, CHANCES), origin(made)))
