"""Join features to rows: stored groups by the feature store, those of a session or of a user's model in memory, each as known then."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.ports import FeatureReader
from pitwall.features import groups
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.data.feature_plan import FeaturePlan
from pitwall.ml.data.feature_rows import FeatureRows


def joined(
    spine: pd.DataFrame, wanted: FeaturePlan, reader: FeatureReader, rows: FeatureRows, *, inclusive: bool = False
) -> pd.DataFrame:
    """Return the rows with the features of a plan, in its order.

    Args:
        spine: ids and cut-off.
        wanted: which features of which groups.
        reader: joins what is stored.
        rows: of groups that no store holds.
        inclusive: also what happened at the cut-off itself.

    Raises:
        UsageError: the rows lack an id that a group is known by.
    """
    if lacking := sorted(wanted.keys - set(spine.columns)):
        by = [group.name for group in wanted.groups if not set(group.keys) <= set(spine.columns)]
        raise UsageError(
            f"the features of {', '.join(by)} are known by {', '.join(lacking)}, which these rows do not have; leave them out."
        )
    frame = spine
    if wanted.stored:
        frame = reader.historical(spine, [group.name for group in wanted.stored], inclusive=inclusive)
    for group in wanted.custom:
        found = rows.known(spine, group, inclusive=inclusive)
        frame = frame.assign(**{name: found[name].to_numpy() for name in group.names})
    return frame[[*spine.columns, *wanted.features]].copy()


def plan_of(features: Sequence[str], custom: Sequence[FeatureGroup] = ()) -> FeaturePlan:
    """Return the plan of some features by name: of a user's own groups first, then of those that ship.

    Raises:
        UnknownName: no group has a feature; offers the nearest one.
    """
    shipped = groups()
    owners = {name: group for group in (*shipped.values(), *custom) for name in group.names}
    for name in features:
        if name not in owners:
            raise UnknownName("feature", name, owners)
    used = dict.fromkeys(owners[name] for name in features)
    stored = tuple(group for group in used if shipped.get(group.name) is group)
    return FeaturePlan(stored, tuple(group for group in used if group not in stored), tuple(dict.fromkeys(features)))
