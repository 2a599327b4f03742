"""Races while they are driven: who is watched, the running order lap by lap with the chances, a watcher that is started and stopped."""

from __future__ import annotations

from functools import lru_cache

from pitwall.domain.plugins import pick
from pitwall.live.feeds import feeds
from pitwall.report.content.blocks import Note, Text
from pitwall.report.figures.palette import MUTED, SERIES
from pitwall.web.blocks import AnyBlock, Field, Form, Link, Links, LinkTable, More, Option, Part, Status
from pitwall.web.paging import Ask, Next, View, action, page, pages
from pitwall.web.paging import Form as Sent
from pitwall.web.parts.live import headline, laps_table, order_table
from pitwall.workflows.live.looked import newest
from pitwall.workflows.live.watch import races_with_laps
from pitwall.workflows.live.watchers.course import at_lap, chances, told
from pitwall.workflows.live.watchers.state import Watcher, start, stop, watcher, watchers
from pitwall.workflows.live.words import warnings, who_answers
from pitwall.workflows.serving.refusals import unknown
from pitwall.workflows.workspace import Workspace

ROUTER = pages()
SPEEDS = {"": "as fast as it goes", "60": "60 x", "10": "10 x", "1": "as it was driven"}
LEFT_OUT = {"recorded"}  # sources that need a file
MOODS = {"following": "good", "finished": "good", "failed": "bad", "gone": "bad", "silent": "bad"}
AGAIN_S = 3


@page(ROUTER, "/live", menu="Live", order=2)
def live(ask: Ask, season: str | None = None, source: str = "replay") -> View:
    """List the races that are followed or were, and start a watcher of another one."""
    found = watchers(ask.project)
    rows = tuple(
        (Link(each.race, f"/live/{each.race}"), each.source, each.state, _lap(each), each.said) for each in found
    )
    table = LinkTable(("race", "source", "state", "lap", "how it stands"), rows, ("lap",))
    nothing = Text("No race was followed yet: start a watcher below, or `pitwall live --publish` in a terminal.")
    followed = Part("Followed", (table,) if rows else (nothing,))
    summary = "Running order, gaps, tyres and chances at every lap, as they stand in the race or stood then."
    return View("Live", summary, (followed, _begin(ask, season, source)))


@page(ROUTER, "/live/{race}")
def one(ask: Ask, race: str, lap: int | None = None) -> View:
    """Show a race that is followed or was: the running order at a lap, the chances to win lap by lap, who answers."""
    how = watcher(ask.project, race)
    if how is None:
        raise unknown("live race", race, [each.race for each in watchers(ask.project)], "start a watcher of it")
    answers = told(ask.project, race) if how.lap is not None and how.state not in {"starting"} else []
    shown = at_lap(answers, lap)
    values = {"watcher": how, "mood": MOODS.get(how.state, ""), "again": AGAIN_S, "colours": " ".join([*SERIES, MUTED])}
    if shown is None:
        return View(race, "", (Part("", (Text("Nothing was said yet."),)),), "live.html", {**values, "answer": None})
    notes: list[AnyBlock] = [Note(each) for each in warnings(shown)]
    laps, said = chances(answers)
    parts = (
        Part("Running order", (*notes, order_table(shown))),
        Part(
            "Chance to win, lap by lap", (More("What the ribbons show, as a table", (laps_table(laps, said),)),), "Laps"
        ),
        Part("Who answers", (Text(who_answers(shown)), _api(race))),
    )
    more = {
        "answer": shown,
        "headline": headline(shown),
        "laps": laps,
        "lap": lap,
        "ends": newest(ask.project, race)["ended"],
    }
    return View(f"{shown.race_name} {race}", "", parts, "live.html", {**values, **more})


@action(ROUTER, "/live/start")
def begin(ask: Ask, form: Sent) -> Next:
    """Start a watcher."""
    source = form.get("source", "replay")
    pick("live source", source, feeds())
    race = start(ask.workspace, source, form.get("race", ""), float(form["speed"]) if form.get("speed") else None)
    return ask.to(f"/live/{race}", said=f"a watcher of {race} was started")


@action(ROUTER, "/live/{race}/stop")
def end(ask: Ask, race: str, form: Sent) -> Next:
    """Stop a watcher that was started here."""
    stop(ask.project, race)
    return ask.to(f"/live/{race}", said=f"the watcher of {race} was told to stop")


def _begin(ask: Ask, season: str | None, source: str) -> Part:
    """Return how a watcher is started: first where from, then which race."""
    known = {name: each for name, each in feeds().items() if name not in LEFT_OUT}
    chosen = pick("live source", source, known)
    options = tuple(Option(name, f"{name}: {each.summary}") for name, each in known.items())
    fields = [Field("source", "Source", "select", source, options)]
    blocks: list[AnyBlock] = []
    if chosen.open_ended:
        blocks.append(Form("/live", tuple(fields), "Choose", get=True, live=True, inline=True))
        asked: tuple[Field, ...] = ()
    else:
        laps = ask.project.tables / "laps.parquet"
        races = _races(ask.workspace, laps.stat().st_mtime_ns) if laps.is_file() else []
        if not races:
            return Part(
                "Follow a race", (Status("The tables hold no race with laps; add a source of laps first.", "bad"),)
            )
        seasons = list(dict.fromkeys(label.partition("-")[0] for label, _ in races))
        year = season if season in seasons else seasons[0]
        fields.append(Field("season", "Season", "select", year, tuple(Option(each, each) for each in seasons)))
        blocks.append(Form("/live", tuple(fields), "Choose", get=True, live=True, inline=True))
        own = tuple(Option(label, f"{label} {name}") for label, name in races if label.startswith(f"{year}-"))
        asked = (Field("race", "Race", "select", own[0].value, own),)
    pace = Field("speed", "Pace", "select", "", tuple(Option(value, text) for value, text in SPEEDS.items()))
    blocks.append(Form("/live/start", (Field("source", "", "hidden", source), *asked, pace), "Follow", inline=True))
    blocks.append(
        Text("Followed as fast as it goes, a race can be played here at any pace, paused, and looked at lap by lap.")
    )
    return Part("Follow a race", tuple(blocks))


@lru_cache(4)
def _races(workspace: Workspace, changed: int) -> list[tuple[str, str]]:
    """Return the races that can be replayed; read again when the laps have changed."""
    return races_with_laps(workspace)


def _lap(each: Watcher) -> str:
    return "" if each.lap is None else str(each.lap)


def _api(race: str) -> Links:
    return Links((Link("the newest answer as JSON", f"/api/v1/live/{race}"), Link("all races", "/live")))
