"""A duel: somebody's own forecasts are handed in before the sessions, and stand beside everybody else's afterwards."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from pitwall.domain.access.permissions import MEMBER
from pitwall.domain.errors import PitwallError
from pitwall.domain.records.track_record import OWN, read_rows
from pitwall.ml.forecasting.record.duel import Round, means
from pitwall.ml.forecasting.record.people import COLUMNS
from pitwall.report.content.blocks import Note, Table, Text
from pitwall.report.content.intervals import number
from pitwall.web.blocks import AnyBlock, Field, Form, Link, Links, Option, Part, Status
from pitwall.web.paging import Ask, File, Next, View, action, page, pages
from pitwall.web.paging import Form as Sent
from pitwall.web.parts.tests import looks_plot
from pitwall.workflows.record.duel import duel as fought
from pitwall.workflows.record.duel import hand_in
from pitwall.workflows.record.standing import Standing, standings
from pitwall.workflows.serving.asked import Question
from pitwall.workflows.serving.shown.what_if import starters

ROUTER = pages()
QUESTION = "race_winner"
TOLD = 6  # refused lines that are told
ABOUT = (
    "Forecasts of your own, dated by this machine when they are handed in, and scored on the same cars as the models'."
)
HOW = (
    "One line per car: race, driver, template, probability. Where an event comes true for a known number of cars the probabilities must come "
    "to it: 1 for the winner, 3 for the podium. Until the session starts the newest forecast counts; your name and the numbers stay in the "
    "record."
)


@page(ROUTER, "/record/duel")
def duel(ask: Ask, by: str = "", whose: str = "") -> View:
    """Hand in forecasts of your own, and see them beside champion, challenger and baseline."""
    people = list(dict.fromkeys(str(row["by"]) for row in reversed(read_rows(ask.project)) if row["kind"] == OWN))
    parts = [
        Part(
            "Hand in",
            (
                Text(HOW),
                Links((Link("A file to begin with (CSV)", "/record/duel/template", file=True),)),
                _form(by),
            ),
        )
    ]
    if people:
        options = tuple(Option(each, each) for each in people)
        chosen = next((each for each in (whose, by.strip()) if each in people), people[0])
        choose = Form(
            "/record/duel",
            (Field("whose", "Whose", "select", chosen, options),),
            "Show",
            get=True,
            live=True,
            inline=True,
        )
        parts += [Part("How it stands", (choose, *_standing(ask, chosen)))]
    back = Part("", (Links((Link("Back to the record", "/record"),)),))
    return View("Duel", ABOUT, (*parts, back))


@action(ROUTER, "/record/duel", by=MEMBER)
def hand(ask: Ask, form: Sent) -> Next:
    """Enter forecasts of sessions that have not started; what is refused is told by line."""
    by = ask.named(form.get("by", "").strip())
    handed = hand_in(ask.workspace, form.get("forecasts", ""), by)
    refused = list(handed.refused)
    more = [f"and {len(refused) - TOLD} more"] if len(refused) > TOLD else []
    told = [f"{len(handed.rows)} forecasts entered, {len(refused)} refused", *refused[:TOLD], *more]
    return ask.to("/record/duel", said="; ".join(told), by=by)


@page(ROUTER, "/record/duel/template")
def template(ask: Ask) -> File:
    """Send a file to begin with: the next race, its cars, the same chance for each."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_lines(ask))
    return File("forecasts.csv", stream.getvalue().encode(), "text/csv; charset=utf-8")


def _lines(ask: Ask) -> list[tuple[str, ...]]:
    try:
        asked = ask.server.answers.ask(QUESTION, Question())
    except PitwallError:  # nobody answers yet: the form of a line is told all the same
        return [("2026-05", "VER", QUESTION, "0.4"), ("2026-05", "NOR", QUESTION, "0.6")]
    cars = starters(asked)
    label, share = asked.vectors.facts["race"]["label"], 1 / len(cars)
    return [(label, each.ref, QUESTION, f"{share:.6f}") for each in cars]


def _form(by: str) -> Form:
    fields = (
        Field("by", "Your name", value=by, help="it stays in the record"),
        Field("forecasts", "Forecasts (CSV)", "file_text", f"{','.join(COLUMNS)}\n"),
    )
    return Form(
        "/record/duel",
        fields,
        "Hand in",
        confirm="What is handed in is entered into the track record, and nothing is ever taken out of it.",
    )


def _standing(ask: Ask, by: str) -> list[AnyBlock]:
    rounds, waiting = fought(ask.workspace, by)
    blocks: list[AnyBlock] = [Status(f"{len(rounds)} forecasts of {by} have a result, {waiting} wait for one.")]
    if not rounds:
        return blocks
    tests = standings(rounds, by, ask.workspace.params)
    blocks += [Text(f"{each.question}, beside {each.side}: {each.said}") for each in tests]
    blocks += [_means(rounds), _rounds(rounds), *map(Note, _absent(rounds)), *(_plot(each, by) for each in tests)]
    return blocks


def _means(rounds: Sequence[Round]) -> Table:
    columns = ("question", "loss", "side", "races", "mean", "yours on these")
    rows = [
        (each["question"], each["metric"], each["side"], str(each["races"]), number(each["value"]), number(each["own"]))
        for each in means(rounds)
    ]
    return Table(columns, tuple(rows), columns[3:])


def _rounds(rounds: Sequence[Round]) -> Table:
    sides = list(dict.fromkeys(name for each in rounds for name in each.scores))
    rows = ((each.race, each.question, *(number(each.scores.get(side)) for side in sides)) for each in rounds)
    return Table(("race", "question", *sides), tuple(rows), tuple(sides))


def _absent(rounds: Sequence[Round]) -> list[str]:
    """Say where a side is missing and why, once for all races of a question."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in rounds:
        for side, why in each.absent.items():
            found.setdefault((each.question, side, why), []).append(each.race)
    return [f"{question}: no {side} ({why}) of {', '.join(races)}" for (question, side, why), races in found.items()]


def _plot(each: Standing, by: str) -> AnyBlock:
    title = f"{each.question}: {by}, as the challenger, beside {each.side}"
    return looks_plot(each.races, each.looks, each.design.threshold, title, each.unit)
