"""The features of rows that are asked about during a race, made of its prefix by the groups that made those of the past.

Groups that tell of the race while it is driven are computed on its own tables, so far as they have been told; whatever else a model
reads was known before, and comes from the project. One join in time serves both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US, Stage
from pitwall.features.machinery.group import STAMPS, FeatureGroup
from pitwall.features.machinery.once import Kept, shared_work

RACE = "race"
Key = tuple[int, ...]


def tells_of_the_race(group: FeatureGroup) -> bool:
    """Return whether a group has values that a race itself shows while it is driven."""
    return RACE in group.entities and any(each.since == Stage.IN_RACE for each in group.features)


class KnownRows:
    """The rows of one group, found by key and cut-off: an event before it, published by then, the newest such event in its newest version.

    It is the rule of `pitwall.features.machinery.known`, for a few rows that are asked about again and again.

    Args:
        group: the feature group.
        rows: its table with all versions.
    """

    def __init__(self, group: FeatureGroup, rows: pd.DataFrame) -> None:
        self._group, self._numbers = group, rows[group.names].to_numpy(np.float64)
        event, known = (rows[stamp].astype(UTC_US).astype("int64").to_numpy() for stamp in STAMPS)
        available = np.maximum(event + 1, known)
        rank = np.empty(len(rows), dtype=np.int64)
        rank[np.lexsort((known, event))] = np.arange(len(rows))
        keys = rows[group.keys].to_numpy(np.int64).tolist()
        self._when: dict[Key, list[int]] = {}
        self._row: dict[Key, list[int]] = {}
        newest: dict[Key, int] = {}
        for row in np.lexsort((rank, available)).tolist():
            key = tuple(keys[row])
            if rank[row] >= newest.get(key, -1):  # a late correction of an older event is never the answer
                newest[key] = int(rank[row])
                self._when.setdefault(key, []).append(int(available[row]))
                self._row.setdefault(key, []).append(row)

    def at(self, spine: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return the features of each row that is asked about, NaN where nothing was known."""
        found = np.full((len(spine), self._numbers.shape[1]), np.nan)
        cutoffs = spine["cutoff"].astype(UTC_US).astype("int64").tolist()
        for place, (key, cutoff) in enumerate(
            zip(map(tuple, spine[self._group.keys].to_numpy(np.int64).tolist()), cutoffs, strict=True)
        ):
            if number := bisect_right(self._when.get(key, []), cutoff):
                found[place] = self._numbers[self._row[key][number - 1]]
        return found


class LiveFeatures:
    """Features of one race.

    Args:
        groups: that any model reads.
        before: tables as known at the start.
        params: of the project: settings of the groups.
        stored: returns the project's rows of a group that tells nothing of the race.
    """

    def __init__(
        self,
        groups: Iterable[FeatureGroup],
        before: Tables,
        params: Params,
        stored: Callable[[FeatureGroup], pd.DataFrame],
    ) -> None:
        self._before, self._params = before, params
        named = {group.name: group for group in groups}
        self._live = {name: group for name, group in named.items() if tells_of_the_race(group)}
        self._past = {name: KnownRows(group, stored(group)) for name, group in named.items() if name not in self._live}
        self._rows: dict[str, KnownRows] = {}
        self._work = Kept([*before.values()])

    def of(self, groups: Iterable[FeatureGroup], stored: Callable[[FeatureGroup], pd.DataFrame]) -> LiveFeatures:
        """Return those of other groups, of the same race."""
        return LiveFeatures(groups, self._before, self._params, stored)

    def learn(self, own: Mapping[str, pd.DataFrame]) -> None:
        """Compute every group that tells of the race on its own tables, as far as they go."""
        tables, made = self._before.replace(**own), {}
        self._work.forget()
        with shared_work(self._work):
            for name, group in self._live.items():
                given = tables.only(*group.reads)
                made[name] = KnownRows(group, group.compute(given, group.settings(self._params), self._params.time))
        self._rows = {**self._past, **made}

    def join(self, spine: pd.DataFrame, groups: Iterable[FeatureGroup]) -> pd.DataFrame:
        """Return rows that are asked about with the features of some groups as known at each row's cut-off."""
        parts = [(group, self._rows[group.name].at(spine)) for group in groups]
        names = [name for group, _ in parts for name in group.names]
        values = np.hstack([np.empty((len(spine), 0)), *(numbers for _, numbers in parts)])
        return pd.concat([spine, pd.DataFrame(values, columns=names, index=spine.index)], axis=1)
