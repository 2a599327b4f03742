"""The features of rows that are asked about during a race, made of its prefix by the groups that made those of the past.

Groups that tell of the race while it is driven are computed on its own tables, so far as they have been told; whatever else a model
reads was known before, and comes from the project. One join in time serves both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.build import compute_group
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.known import as_known

RACE = "race"
Rows = Mapping[str, pd.DataFrame]


def tells_of_the_race(group: FeatureGroup) -> bool:
    """Return whether a group has values that a race itself shows while it is driven."""
    return RACE in group.entities and any(each.since == Stage.IN_RACE for each in group.features)


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
        self._kept = {name: stored(group) for name, group in named.items() if name not in self._live}

    def at(self, own: Mapping[str, pd.DataFrame]) -> Rows:
        """Return the rows of every group, made of the race's own tables as far as they go."""
        tables = self._before.replace(**own)
        return {
            **self._kept,
            **{name: compute_group(group, tables, self._params) for name, group in self._live.items()},
        }

    @staticmethod
    def join(spine: pd.DataFrame, groups: Iterable[FeatureGroup], rows: Rows) -> pd.DataFrame:
        """Return rows that are asked about with the features of some groups as known at each row's cut-off."""
        parts = [as_known(spine, group, rows[group.name])[group.names] for group in groups]
        return pd.concat([spine, *parts], axis=1)
