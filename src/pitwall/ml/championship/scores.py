"""Who scored what so far: the points and places of one championship's competitors as arrays, made from lines of results.

A *line* is what one driver got of a race or a sprint: `round`, `driver_id`, `constructor_id`, `place` (of a race; 0 of a sprint or where
not classified) and `points`. In the fifties a driver may have several lines of a race, from cars that were handed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.racing.championship.counting import Best
from pitwall.domain.racing.championship.decisions import DRIVERS, TEAMS, Decision, decisions
from pitwall.domain.racing.championship.rules import UNIT, Rules

Ints = npt.NDArray[np.int64]
LINE = ("round", "driver_id", "constructor_id", "place", "points")
MOST_PLACES = 60  # more cars than ever started


@dataclass(frozen=True)
class Scores:
    """What one championship's competitors have.

    Attributes:
        who: their ids, sorted.
        points: competitors x rounds, in 84ths, after decisions; zero in rounds to come.
        finishes: competitors x places, how often each came in first, second, ...
        best: which results count; nothing where all do.
        fewer: points that each lost by decision, in 84ths.
        excluded: who stands behind everybody else.
    """

    who: tuple[int, ...]
    points: Ints
    finishes: Ints
    best: tuple[Best, ...]
    fewer: Ints
    excluded: npt.NDArray[np.bool_]


def driver_scores(lines: pd.DataFrame, rules: Rules, rounds: int, after: int, refs: Mapping[int, str]) -> Scores:
    """Return what drivers have after a round.

    Args:
        lines: of the season (see the module).
        rules: of the season.
        rounds: how many races the season has.
        after: the last round that counts; later lines are left out.
        refs: reference by driver id, for decisions.
    """
    known = lines[lines["round"] <= after]
    raw = _scores(known, "driver_id", rounds, rules.driver_results)
    return _decided(raw, decisions(rules.season, DRIVERS, after), refs)


def team_scores(lines: pd.DataFrame, rules: Rules, rounds: int, after: int, refs: Mapping[int, str]) -> Scores:
    """Return what constructors have after a round; see `driver_scores`."""
    known = lines[(lines["round"] <= after) & ~lines["round"].isin(list(rules.teams_without))]
    known = known.assign(points=_worth_to_teams(known, rules))
    if rules.best_car_only:
        best = known.groupby(["round", "constructor_id"])["points"].rank(method="first", ascending=False) == 1
        known = known.assign(points=known["points"].where(best, 0.0))
    return _decided(
        _scores(known, "constructor_id", rounds, rules.team_results), decisions(rules.season, TEAMS, after), refs
    )


def _worth_to_teams(lines: pd.DataFrame, rules: Rules) -> pd.Series:
    """Return the points of each line for its constructor: until 1961 what the place is worth to it, without the fastest lap."""
    if rules.season > 1961:
        return lines["points"]
    system = pd.Series(rules.team_race, index=range(1, len(rules.team_race) + 1))
    own = pd.Series(rules.race, index=range(1, len(rules.race) + 1))
    whole = lines["points"] >= lines["place"].map(own).fillna(np.inf)
    return lines["place"].map(system).where(whole, 0.0).fillna(0.0)


def _scores(lines: pd.DataFrame, key: str, rounds: int, best: tuple[Best, ...]) -> Scores:
    who = np.sort(lines[key].unique())
    row, column = np.searchsorted(who, lines[key].to_numpy()), lines["round"].to_numpy(dtype=np.int64) - 1
    if (
        len(best) == 1 and key == "driver_id"
    ):  # a second car of a race is a result of its own, which may count or be dropped
        column = column + rounds * lines.groupby(["round", key]).cumcount().to_numpy()
    points = np.zeros((len(who), max(rounds, column.max(initial=0) + 1)), dtype=np.int64)
    np.add.at(points, (row, column), np.rint(lines["points"].to_numpy() * UNIT).astype(np.int64))
    finishes = np.zeros((len(who), MOST_PLACES), dtype=np.int64)
    placed = lines["place"].to_numpy(dtype=np.int64)
    np.add.at(finishes, (row[placed > 0], placed[placed > 0] - 1), 1)
    nothing = np.zeros(len(who), dtype=np.int64)
    return Scores(tuple(who.tolist()), points, finishes, best, nothing, nothing.astype(bool))


def _decided(scores: Scores, known: Mapping[str, Sequence[Decision]], refs: Mapping[int, str]) -> Scores:
    """Return the scores with what was decided about some competitors."""
    points, fewer, excluded = scores.points.copy(), scores.fewer.copy(), scores.excluded.copy()
    for row, who in enumerate(scores.who):
        for each in known.get(refs.get(who, ""), ()):
            points[row, [number - 1 for number in each.void]] = 0
            fewer[row] += each.fewer * UNIT
            excluded[row] |= each.excluded
    return replace(scores, points=points, fewer=fewer, excluded=excluded)
