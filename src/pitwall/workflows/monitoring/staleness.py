"""How old things are: the newest result, what a champion learned from, and what servers were given.

Results are due against the clock, or a replay's instant. The embedded world does not move with the clock, so without a replay it is held against
its own newest observation: a world that nobody lets go on is not late.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from pitwall.domain import clock
from pitwall.domain.errors import PitwallError
from pitwall.domain.keys import BLOCK
from pitwall.domain.params import Params
from pitwall.domain.tables import Tables, load_tables
from pitwall.domain.when import Stage, hours
from pitwall.ml.data.calendar import next_race, run_races
from pitwall.ml.data.overdue import newest_observation
from pitwall.ml.models.machinery.names import settings_of
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.templates import answered_by
from pitwall.workflows.monitoring.found import Age, Alarm, Data
from pitwall.workflows.serving.places import Place
from pitwall.workflows.workspace import Workspace

EMBEDDED = "synthetic"  # the source that does not move with the clock
BY_CLOCK, BY_REPLAY, BY_DATA = "the clock", "the replayed instant", "the newest observation of the embedded world"


def data(tables: Tables, params: Params, asked: datetime | None) -> Data:
    """Return how fresh the data are.

    Args:
        tables: those of the calendar, with all that was observed, as known at the instant of the look.
        params: `time` says when a result is due.
        asked: the instant of a replay; None for the present one.
    """
    instant, against = _held_against(tables, params, asked)
    run = run_races(tables)
    coming = next_race(tables, Stage.PRE_RACE, params, asked)
    newest = run[-1].label if run else ""
    due = _due(tables, params, instant)
    told = Data(newest, coming.label if coming else "", instant.isoformat(timespec="seconds"), against)
    if due is None:
        return told
    label, days = due
    return Data(told.newest, told.coming, told.measured, against, label, round(days, 1))


def fresh(tables: Tables, params: Params, since: datetime | None, at: datetime) -> tuple[str, ...]:
    """Return the races whose results became due after one instant and until another; none without the first one."""
    if since is None:
        return ()
    after = hours(params.time.race_lasts_h + params.time.race_known_after_h)
    return tuple(race.label for race in run_races(tables) if since < race.starts_at + after <= at)


def recipe_of(workspace: Workspace, name: str, version: int) -> Recipe | None:
    """Return the recipe of a version; None of a model that was made in other ways, of which nothing is known."""
    try:
        return Recipe.load(workspace.registry.fetch(name, version))
    except PitwallError:
        return None


def age(workspace: Workspace, name: str, recipe: Recipe | None, tables: Tables) -> Age:
    """Return from how many races a champion learned, and how many with a known outcome it has not seen.

    Args:
        workspace: of the project.
        name: registered name.
        recipe: of the champion, if it has one.
        tables: those of its question's label, as known at the instant of the look.
    """
    job = workspace.job(name)
    learned = recipe.facts.get("races") if recipe else None
    if learned is None or job.definition.spec.get("selection"):
        return Age(learned, None)
    known = answered_by(job.model)[0].label(tables).dropna().index.get_level_values(BLOCK)
    races = tables.only("races").as_of()["races"].set_index(BLOCK)["season"]
    first = settings_of(job.model, workspace.params).first_season
    there = int((races[races.index.isin(known)] >= first).sum())
    return Age(int(learned), max(there - int(learned), 0))


def label_tables(workspace: Workspace, name: str, now: datetime | None) -> Tables:
    """Return the tables that say what came of a model's question, as known at an instant."""
    asked = answered_by(workspace.job(name).model)[0]
    return load_tables(workspace.project.tables, sorted({"races", *asked.tables})).known(now)


def served(workspace: Workspace, name: str) -> int | None:
    """Return the version that servers were given; None where none was, or the file says nothing readable."""
    try:
        return Place(workspace.project, name).named()
    except PitwallError:
        return None


def alarms(data_found: Data, limit_days: float) -> list[Alarm]:
    """Return the alarm of results that have been due for longer than a number of days."""
    if data_found.days <= limit_days:
        return []
    text = (
        f"the results of {data_found.missing} have been due for {data_found.days:g} days by {data_found.against}, at most {limit_days:g} are let pass: "
        "run `pitwall run race-weekend` and read what the ingest says."
    )
    return [Alarm("stale", "data", text, f"results of {data_found.missing}", data_found.missing)]


def _held_against(tables: Tables, params: Params, asked: datetime | None) -> tuple[datetime, str]:
    if asked is not None:
        return asked, BY_REPLAY
    if set(params.sources) == {EMBEDDED}:
        observed: datetime = newest_observation(tables).to_pydatetime()
        return observed, BY_DATA
    return clock.wall(), BY_CLOCK


def _due(tables: Tables, params: Params, instant: datetime) -> tuple[str, float] | None:
    """Return the first race after the newest result whose own is due, and for how many days; None where none is."""
    calendar = tables.only("races", "results").as_of()
    races = calendar["races"].sort_values("starts_at")
    races = races[~races["called_off"]]
    run = races["race_id"].isin(calendar["results"]["race_id"])
    ahead = races[~run & ~(races["starts_at"] < races.loc[run, "starts_at"].max())]
    due_at = ahead["starts_at"] + hours(params.time.race_lasts_h + params.time.race_known_after_h)
    late = ahead[due_at < pd.Timestamp(instant)]
    if late.empty:
        return None
    first = late.index[0]
    days = (pd.Timestamp(instant) - due_at[first]) / pd.Timedelta(days=1)
    return f"{late.loc[first, 'season']}-{late.loc[first, 'round']:02d}", float(days)
