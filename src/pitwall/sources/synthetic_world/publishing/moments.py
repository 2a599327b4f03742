"""Moments of the synthetic world's last season: what of the races that were not run is public by then.

Everything is made as it will be and then taken away again, so that a later moment tells the same past: a project that is moved
through the moments sees successive snapshots of one world.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

from pitwall.sources.synthetic_world.state.calendar import session_columns

if TYPE_CHECKING:
    from pitwall.sources.synthetic_world.publishing.dump import Dump
    from pitwall.sources.synthetic_world.publishing.history import History

Moment = Literal[
    "no_calendar",
    "dates_only",
    "before_weekend",
    "after_first_practice",
    "after_practice",
    "after_qualifying",
    "with_grid",
    "results_overdue",
]
MOMENTS: tuple[Moment, ...] = get_args(Moment)  # in order of time; the last is a race later without results of this one
WHOLE: Moment = "with_grid"
SESSIONS = ("practice", "qualifying", "session_sectors", "weather_forecasts", "sprint_results", "grid")
LEAD_H = {"after_first_practice": 48, "after_practice": 24, "after_qualifying": 20}  # hours to the start, at most

Row = dict[str, Any]


def weekends(moment: Moment, run: int, races: int) -> int:
    """Return how many races of the last season have a weekend of which something may be public."""
    return min(races, run + (2 if moment == "results_overdue" else 1))


def forget(dump: Dump, moment: Moment, history: History) -> None:
    """Take away what nobody knows yet at a moment of the races to come, and of the last race what was decided later."""
    if moment == WHOLE:
        return
    coming = [each for each in history.rounds.values() if not each.run]
    known: dict[int, Moment]
    if moment == "results_overdue":
        known = {each.race_id: then for each, then in zip(coming, (WHOLE, "after_first_practice"), strict=False)}
    else:
        known = dict.fromkeys((each.race_id for each in coming), moment)
    for name in SESSIONS:
        kept = [row for row in dump.files[name] if _public(name, row, known.get(row["raceId"], WHOLE))]
        dump.files[name] = kept
    if MOMENTS.index(moment) <= MOMENTS.index("before_weekend"):
        _before_hearings(dump, history)
        _calendar(dump, moment, history)


def _public(name: str, row: Row, moment: Moment) -> bool:
    """Return whether a row about the weekend of a race to come is public at a moment of it."""
    since = {
        "practice": "after_first_practice" if row.get("session") == "FP1" else "after_practice",
        "session_sectors": _sectors_since(row),
        "qualifying": "after_qualifying",
        "sprint_results": "after_qualifying",
        "grid": WHOLE,
    }
    if name == "weather_forecasts":
        return moment == WHOLE or row["leadHours"] >= LEAD_H.get(moment, 10**6)
    return MOMENTS.index(moment) >= MOMENTS.index(since[name])


def _sectors_since(row: Row) -> Moment:
    session = str(row.get("session"))
    if session.startswith("Q"):
        return "after_qualifying"
    return "after_first_practice" if session == "FP1" else "after_practice"


def _before_hearings(dump: Dump, history: History) -> None:
    """Take away decisions on the last race that was run: right after it nobody has heard of them."""
    last = max((each.race_id for each in history.rounds.values() if each.run), default=None)
    _keep(dump, "results_corrections", lambda row: row["raceId"] != last)


def _calendar(dump: Dump, moment: Moment, history: History) -> None:
    coming = {race: at for race, at in history.calendar.items() if not at.run}
    if moment == "no_calendar":
        _keep(dump, "races", lambda row: row["raceId"] not in coming)
        seasons = {row["year"] for row in dump.files["races"]}
        _keep(dump, "seasons", lambda row: row["year"] in seasons)
    if moment == "dates_only":
        for row in dump.files["races"]:
            if row["raceId"] in coming:
                at = coming[row["raceId"]]
                row.update(dict.fromkeys(session_columns(at.start, at.sprint)), date=f"{at.start:%Y-%m-%d}")


def _keep(dump: Dump, name: str, wanted: Callable[[Row], bool]) -> None:
    dump.files[name] = [row for row in dump.files[name] if wanted(row)]
