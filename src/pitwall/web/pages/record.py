"""The track record: its head, whether it is still what was written, what the forecasts were worth, what was missed, tests of two versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.domain.records.ab_races import declared
from pitwall.domain.records.track_record import MISSED, REPLAYED, instant, read_rows
from pitwall.ml.forecasting.record.summary import Line, Sum, sums
from pitwall.report.content.blocks import Note, Table, Text
from pitwall.report.content.intervals import number
from pitwall.web.blocks import AnyBlock, Code, Field, Form, Link, Links, Option, Part, Plotted, Status
from pitwall.web.paging import Ask, View, page, pages
from pitwall.web.parts.paged import paged
from pitwall.web.parts.pictures import gained
from pitwall.web.parts.records import record_table
from pitwall.web.parts.tests import looks_plot
from pitwall.web.parts.told import instant as clock
from pitwall.workflows.ab.design import design_of
from pitwall.workflows.ab.status import Status as Standing
from pitwall.workflows.ab.status import status_of, unit_of
from pitwall.workflows.record import look
from pitwall.workflows.record.gain import Gain, gains
from pitwall.workflows.serving.shown.stored import Stored, stored

ROUTER = pages()
Rows = Sequence[dict[str, Any]]
PURPOSE = (
    "Keep this line where nobody who writes here can write: in a mail, a post, a notary's log. Against it every later change of a row up "
    "to this one shows."
)
ABOUT = "Every forecast as it was entered before its session, its score beside the baseline's, and what was missed."
REPLAYS = "{} of {} rows are replayed: written later than they say, so they prove nothing about when they were written."
LONGEST = 12  # missed ones that are listed


@page(ROUTER, "/record", menu="Record and duel", order=4)
def record(ask: Ask, season: int | None = None, what: str = "", number: int = 1) -> View:
    """Show the track record: head, sums, gains on the baseline, forecasts, missed ones, tests of two versions."""
    rows = read_rows(ask.project)
    ways = Links(
        (Link("Duel: your own forecasts", "/record/duel", button=True), Link("Stored forecasts", "/forecasts"))
    )
    if not rows:
        empty = Status(
            "The record is empty: `pitwall forecast`, or `pitwall run race-weekend`, enters the first forecast."
        )
        return View("Record", ABOUT, (Part("", (empty, ways)),))
    found = stored(rows, season)
    lines = [each.line for each in found]
    parts = (
        _head(rows, ways),
        _worth(lines),
        *_gained(lines, what, season),
        *_forecasts(ask, found, rows, season, number),
    )
    return View("Record", ABOUT, (*parts, *_missed(lines), *_tests(rows)))


@page(ROUTER, "/record/verify")
def verify(ask: Ask, head: str = "", noted: str = "") -> View:
    """Check the record against itself, its files, the registry and a head that was kept elsewhere."""
    found = look.verify(ask.workspace, head.strip(), noted.strip())
    told = f"{found.rows} rows, {len(found.breaks)} findings."
    blocks: list[AnyBlock] = [Status(told, "bad" if found.breaks else "good")]
    if not head.strip():
        blocks.append(
            Note(
                "Without a head that was kept elsewhere, a record that was written anew from some row on cannot be told from the true one."
            )
        )
    if found.breaks:
        blocks.append(
            Table(
                ("row", "what was found"), tuple((str(each.seq or ""), each.reason) for each in found.breaks), ("row",)
            )
        )
    return View(
        "Verified",
        f"Head {found.head or 'none'}.",
        (Part("", (*blocks, _verify_form(head, noted), Links((Link("Back to the record", "/record"),)))),),
    )


def _head(rows: Rows, ways: Links) -> Part:
    last = rows[-1]
    line = f"{last['seq']} {last['hash']} {instant()}"
    replayed = sum(bool(row.get(REPLAYED)) for row in rows)
    notes = [Note(REPLAYS.format(replayed, len(rows)))] if replayed else []
    return Part(
        "Head of the chain", (Code(line, "Row, hash, now"), Text(PURPOSE), *notes, _verify_form("", ""), ways), "Head"
    )


def _verify_form(head: str, noted: str) -> Form:
    fields = (
        Field("head", "A head that was kept elsewhere", value=head, help="may be left empty"),
        Field("noted", "When it was written down", value=noted, help="e.g. 2026-05-05T19:00Z; may be left empty"),
    )
    return Form("/record/verify", fields, "Verify", get=True, inline=True)


def _worth(lines: Sequence[Line]) -> Part:
    columns = ("model", "question", "loss", "races", "forecast", "baseline", "better in", "waiting", "late", "missed")
    table = Table(columns, tuple(map(_sum, sums(lines))), columns[3:])
    return Part(
        "What they were worth",
        (Text("Means over the forecasts that count; a loss is better the lower it is."), table),
        "Worth",
    )


def _sum(each: Sum) -> tuple[str, ...]:
    name = each.model if each.role == "champion" else f"{each.model} {each.role}"
    counts = map(str, (each.better, each.waiting, each.late, each.missed))
    return name, each.question, each.metric, str(each.races), number(each.score), number(each.baseline), *counts


def _gained(lines: Sequence[Line], what: str, season: int | None) -> list[Part]:
    found = {f"{each.model} {each.question}": each for each in gains(lines)}
    if not found:
        return []
    name = what if what in found else next(iter(found))
    options = tuple(Option(each, f"{each} ({len(own.races)} races)") for each, own in found.items())
    kept = (Field("season", "", "hidden", str(season)),) if season else ()
    choose = Form(
        "/record", (Field("what", "Question", "select", name, options), *kept), "Show", get=True, live=True, inline=True
    )
    return [Part("Gained on the baseline", (choose, _gain(found[name])), "Gain")]


def _gain(found: Gain) -> Plotted:
    picture = gained(found.races, found.ours, found.theirs, f"{found.model}: {found.question}", found.unit)
    rows = zip(found.races, found.ours, found.theirs, found.so_far, strict=True)
    columns = ("race", "forecast", "baseline", "gained so far")
    return Plotted(
        picture,
        Table(columns, tuple((race, *map(number, two), f"{total:+.3f}") for race, *two, total in rows), columns[1:]),
    )


def _forecasts(ask: Ask, found: Sequence[Stored], rows: Rows, season: int | None, page_number: int) -> list[Part]:
    made = [each for each in found if each.line.state != MISSED]
    years = sorted({row["race"][:4] for row in rows if "race" in row}, reverse=True)
    options = (Option("", "all"), *(Option(each, each) for each in years))
    choose = Form(
        "/record",
        (Field("season", "Season", "select", str(season or ""), options),),
        "Show",
        get=True,
        live=True,
        inline=True,
    )
    shown, links = paged(ask, made, page_number)
    return [Part("Forecasts", (choose, record_table(shown), *links))]


def _missed(lines: Sequence[Line]) -> list[Part]:
    found = [each for each in lines if each.state == MISSED]
    if not found:
        return []
    rows = tuple((each.race, each.model, clock(each.starts_at)) for each in found[:LONGEST])
    more = [Text(f"and {len(found) - LONGEST} more")] if len(found) > LONGEST else []
    said = Text("Races that began while a model had a champion, and for which no forecast was made in time.")
    return [Part("Missed", (said, Table(("race", "model", "the session began"), rows), *more))]


def _tests(rows: Rows) -> list[Part]:
    found = [status_of(rows, test) for test in declared(rows)]
    return (
        [Part("Tests of two versions", tuple(block for each in reversed(found) for block in _test(each)), "Tests")]
        if found
        else []
    )


def _test(found: Standing) -> list[AnyBlock]:
    test = found.test
    title = f"{test.model}: version {test.challenger} beside champion version {test.champion}, {test.question}"
    until = f"Ended {clock(test.ended)} ({test.why})" if test.ended else f"Runs since {clock(test.at)}"
    counted = f"{len(found.counted)} races count, {len(found.waiting)} wait for a result, {len(found.alone)} have one arm only"
    blocks: list[AnyBlock] = [Text(f"{until}; {counted}. {found.said}", title)]
    if found.looks:
        races = [race.race for race in found.counted]
        blocks.append(looks_plot(races, found.looks, design_of(test).threshold, title, unit_of(test.metric)))
    return blocks
