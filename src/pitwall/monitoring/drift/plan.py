"""What is watched and what it is held against: seasons of reference, races since, and what was declared about them beforehand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.monitoring.drift.scale import Flags, Races

LABEL = "{}-{:02d}"
OPENER, LEARNING = "opener of the season", "{}; learning the new level ({} of {})"


@dataclass(frozen=True)
class Plan:
    """The races of a model's frame, and what each is for.

    Attributes:
        labels: of all races, in order.
        races: where they stand.
        reference: which of them are the reference, declared ones of it aside.
        watched: which are watched.
        shown: watched races that raise nothing, but of which the new level is learned.
        exempt: race label -> why it raises nothing; those that are not `shown` are left out altogether.
    """

    labels: tuple[str, ...]
    races: Races
    reference: Flags
    watched: Flags
    shown: Flags
    exempt: Mapping[str, str]

    @property
    def out(self) -> Flags:
        """Races that are left out: an opener says nothing about the level of its season."""
        return np.isin(self.labels, list(self.exempt)) & ~self.shown

    @property
    def watched_labels(self) -> list[str]:
        """The labels of the watched races."""
        return [label for label, here in zip(self.labels, self.watched, strict=True) if here]

    def base(self, season: int) -> Flags:
        """Return the races that a watched season is held against: the reference, and of an era that it knows nothing of all seasons before."""
        own = self.races.era[(self.races.season == season)]
        known = np.isin(own, self.races.era[self.reference]).all()
        since = self.watched & ~self.out & (self.races.season < season) & np.isin(self.races.era, own)
        return np.asarray(self.reference if known else self.reference | since)


def plan_of(
    rows: pd.DataFrame,
    reference: Collection[int],
    *,
    openers: int = 1,
    declared: Mapping[str, str] | None = None,
    learning: int = 6,
) -> Plan:
    """Return what the races of a frame are for.

    Args:
        rows: of cars, with season and round; later seasons than those of the reference are watched.
        reference: seasons.
        openers: races at the start of every season that raise nothing and are compared with nothing.
        declared: season (new rules: another level from its first race on) or race label -> why.
        learning: races of such a season of which the new level is learned.
    """
    cars = rows.groupby(["season", "round"]).size()
    season, number = (cars.index.get_level_values(level).to_numpy(np.int64) for level in (0, 1))
    labels = tuple(LABEL.format(*race) for race in cars.index)
    said = dict(declared or {})
    changes = np.array(sorted(int(each) for each in said if "-" not in each), dtype=np.int64)
    races = Races(season, number, np.searchsorted(changes, season, side="right"), cars.to_numpy(np.int64))
    place = pd.Series(number).groupby(season).rank().to_numpy(np.int64)
    learns = np.isin(season, changes) & (place > openers) & (place <= openers + learning)
    exempt = {label: OPENER for label, at in zip(labels, place, strict=True) if at <= openers}
    exempt |= {
        label: LEARNING.format(said[str(year)], at - openers, learning)
        for label, year, at, new in zip(labels, season, place, learns, strict=True)
        if new
    }
    exempt |= {label: why for label, why in said.items() if label in labels}
    by_name = np.isin(labels, [label for label in said if "-" in label])
    shown = learns & ~by_name
    out = np.isin(labels, list(exempt)) & ~shown
    is_reference, watched = np.isin(season, list(reference)), season > max(reference)
    kept = is_reference | watched
    return Plan(
        tuple(label for label, here in zip(labels, kept, strict=True) if here),
        races[kept],
        (is_reference & ~out)[kept],
        watched[kept],
        shown[kept],
        {label: exempt[label] for label, here in zip(labels, kept, strict=True) if here and label in exempt},
    )
