"""Seasons to be watched for drift, as they are and with something planted: what is done to the rows, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pitwall.features import groups
from pitwall.features.machinery.catalogue.profile import spread
from pitwall.ml.rows import feature_columns
from pitwall.monitoring.drift import Alarm, Settings, plan_of
from pitwall.monitoring.drift.features import Evidence, alarms_of, evidence_of

SEASONS = 5  # of the reference
FIRST_SHIFT, LAST_RACES = (
    3,
    5,
)  # a shift begins at this race at the earliest, and so many races before the end at the latest


@dataclass(frozen=True)
class Case:
    """Some seasons of a world.

    Attributes:
        rows: of the reference and the watched seasons.
        season: first watched one.
        rules: seasons whose rules are new.
        declared: those of them that are declared.
        openers: races at the start of a season that are declared.
        alpha: chance of a false alarm in a season.
    """

    rows: pd.DataFrame
    season: int
    rules: frozenset[int]
    declared: frozenset[int]
    openers: int = 1
    alpha: float = Settings().alpha

    @property
    def reference(self) -> range:
        """The seasons that the watched ones are held against."""
        return range(self.season - SEASONS, self.season)

    @property
    def features(self) -> dict[str, str]:
        """Each feature with its group."""
        owners = {name: group.name for group in groups().values() for name in group.names}
        return {name: owners[name] for name in feature_columns(self.rows)}

    def evidence(self, names: Collection[str] = ()) -> Evidence:
        """Return the evidence about some features, all by default."""
        declared = {str(season): "new rules" for season in self.declared}
        plan = plan_of(self.rows, self.reference, openers=self.openers, declared=declared)
        return evidence_of(self.rows, list(names or self.features), plan, spread)

    def alarms(self, evidence: Evidence | None = None) -> list[Alarm]:
        """Return the alarms of a report."""
        return alarms_of(evidence or self.evidence(), self.features, Settings(self.alpha))[1]

    def moved(self, names: Collection[str], where: pd.Series, by: Mapping[str, float]) -> Case:
        """Return the case with features moved.

        Args:
            names: of features.
            where: rows that are moved.
            by: sds of cars in the reference.
        """
        rows, before = self.rows.copy(), self.rows["season"].isin(self.reference)
        for name in names:
            rows.loc[where, name] += by[name] * self.rows.loc[before, name].std()
        return replace(self, rows=rows)

    def signs(self, rng: np.random.Generator) -> dict[str, float]:
        """Return up or down per feature, the same for all of a group."""
        up = {group: float(rng.choice([-1.0, 1.0])) for group in dict.fromkeys(self.features.values())}
        return {name: up[group] for name, group in self.features.items()}


def cases(rows: pd.DataFrame, rules: Iterable[int], seasons: int = 1) -> list[Case]:
    """Return every watched season of a world (or several in a row), its rules declared; the last one is unfinished and left out."""
    first, last, new = int(rows["season"].min()), int(rows["season"].max()), frozenset(rules)
    return [
        Case(rows[rows["season"].between(season - SEASONS, season + seasons - 1)], season, new, new)
        for season in range(first + SEASONS, last - seasons + 1, seasons)
    ]


@dataclass(frozen=True)
class Shift:
    """What became of a shift that was planted in a group.

    Attributes:
        group: that moved.
        monitored: how many of its features were.
        races: after how many races it was found; None where it was not.
    """

    group: str
    monitored: int
    races: int | None


def shifts(case: Case, rng: np.random.Generator) -> list[Shift]:
    """Plant a shift of one sd in each group by itself, from a race of the season on."""
    rounds = int(case.rows.loc[case.rows["season"] == case.season, "round"].max())
    made, usual = [], case.evidence()
    for group in dict.fromkeys(case.features.values()):
        since = int(rng.integers(FIRST_SHIFT, max(rounds - LAST_RACES, FIRST_SHIFT) + 1))
        names = [name for name, of in case.features.items() if of == group]
        where = (case.rows["season"] == case.season) & (case.rows["round"] >= since)
        moved = case.moved(names, where, case.signs(rng)).evidence(names)  # the evidence of all others stays as it is
        together = replace(usual, now=usual.now.assign(**moved.now), means=usual.means.assign(**moved.means))
        found = [alarm for alarm in case.alarms(together) if alarm.subject in {group, *names}]
        after = [number for number in (number_of(alarm) - since + 1 for alarm in found) if number > 0]
        made.append(Shift(group, len(moved.now.columns), min(after, default=None)))
    return made


def opener(case: Case, rng: np.random.Generator) -> Case:
    """Move all features at the first race of the season alone."""
    where = (case.rows["season"] == case.season) & (case.rows["round"] == 1)
    return case.moved(list(case.features), where, case.signs(rng))


def new_rules(case: Case, rng: np.random.Generator) -> Case:
    """Move all features from the first race of the season on."""
    return case.moved(list(case.features), case.rows["season"] >= case.season, case.signs(rng))


PLANTED: dict[str, tuple[Callable[[Case, np.random.Generator], Case], Callable[[Case], Case]]] = {
    "an opener that differs, declared": (opener, lambda case: case),
    "an opener that differs, not declared": (opener, lambda case: replace(case, openers=0)),
    "new rules, declared": (new_rules, lambda case: replace(case, declared=case.rules | {case.season})),
    "new rules, not declared": (new_rules, lambda case: case),
}


def number_of(alarm: Alarm) -> int:
    """Return the number of the race at which an alarm was raised."""
    return int(alarm.since[5:])
