"""Does the model know the newest races, and do the data? No clock is asked, so that a replay judges the same.

Two things can be stale. The model may have learned from fewer races than the tables hold results of: then it was made
before the last news. And the tables may lack results of a race that was due: *due* is measured against the newest
instant at which anything observed (qualifying, a grid, laps, a correction by a later snapshot) became known in them.
A user's model that is of some circuits or conditions alone must know the newest of these.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from pitwall.domain.keys import BLOCK
from pitwall.domain.refs import Verdict
from pitwall.ml.data.overdue import newest_observation, overdue_days
from pitwall.ml.data.selection import open_ended
from pitwall.ml.gates._gate import Candidate, Gate, closed
from pitwall.ml.models.machinery.names import settings_of
from pitwall.ml.templates import answered_by

NAME = "freshness"


def _check(candidate: Candidate) -> list[Verdict]:
    newest = candidate.tables.only("races", "results").as_of()
    races = newest["races"].sort_values("starts_at")
    run = races["race_id"].isin(newest["results"]["race_id"])
    return [_model_verdict(candidate, races[run]), _data_verdict(candidate, races, run)]


def _model_verdict(candidate: Candidate, run: pd.DataFrame) -> Verdict:
    learned = candidate.recipe.facts.get("races") if candidate.recipe else None
    if learned is None:
        return closed(NAME, "the recipe does not say how many races it learned from; train again")
    known = answered_by(candidate.model)[0].label(candidate.tables).dropna()
    told = run["race_id"].isin(known.index.get_level_values(BLOCK))
    first = settings_of(candidate.model, candidate.params).first_season
    meant = told & (run["season"] >= first)
    if selection := candidate.definition.spec.get("selection"):
        meant &= run["race_id"].isin(open_ended(selection, candidate.tables))
    there = int(meant.sum())
    reason = f"learned from {learned} of {there} races with results, the newest {_name(run.iloc[-1])}"
    unseen = there - int(learned)
    return Verdict(NAME, unseen <= 0, float(unseen), 0.0, "races", reason + ("; train again" if unseen > 0 else ""))


def _data_verdict(candidate: Candidate, races: pd.DataFrame, run: pd.Series) -> Verdict:
    time, limit = candidate.params.time, candidate.params.gates.overdue_days
    now = newest_observation(candidate.tables)
    later = races[~run & (races["starts_at"] > races.loc[run, "starts_at"].max())]
    overdue = max([0.0, *overdue_days(candidate.tables, later["starts_at"], time)])
    reason = f"by {now:%Y-%m-%d %H:%M} UTC, the newest observation, no result was missing"
    if overdue:
        reason = (
            f"on {now:%Y-%m-%d} the results of {_name(later.iloc[0])} were due for {overdue:.1f} days; ingest again"
        )
    return Verdict(NAME, overdue <= limit, overdue, limit, "days", reason)


def _name(race: pd.Series) -> str:
    return f"{race['season']} round {race['round']}"


def _late(good: Candidate) -> Candidate:
    """Train before the newest race."""
    assert good.recipe is not None
    facts = {**good.recipe.facts, "races": good.recipe.facts["races"] - 1}
    return replace(good, recipe=replace(good.recipe, facts=facts))


GATE = Gate(NAME, "Fresh: the model learned from every race with results, and no result is overdue", _check, _late)
