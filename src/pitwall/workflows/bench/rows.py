"""The rows that a user hands over: which they are, at which stage, with which features; and are they still what the store says?

Whoever trains or judges does it on the store's own values. A column that was changed after it was joined, or that nobody registered,
could not be made again in a forecast, so it is refused where it is handed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.keys import CUTOFF, SPINE_NAMES
from pitwall.domain.tables import Tables, load_tables
from pitwall.features import FeatureEngineer, groups
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.data.feature_plan import plan_of
from pitwall.ml.data.feature_rows import FeatureRows, joined
from pitwall.ml.rows import RowKind, row_kinds
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Given:
    """Rows of a user.

    Attributes:
        kind: of the rows.
        stage: whose cut-offs they have.
        frame: the store's own rows and values, in the store's order.
        features: the columns that are features.
        custom: groups of the session among them.
        extra: other columns, by the rows' key: what the user added.
    """

    kind: RowKind
    stage: str
    frame: pd.DataFrame
    features: tuple[str, ...]
    custom: tuple[FeatureGroup, ...]
    extra: pd.DataFrame


def given(workspace: Workspace, data: pd.DataFrame, labels: Sequence[str] = ()) -> Given:
    """Return what a table of `FeatureStore.get_features` holds, or what is left of it after some of its rows were chosen.

    Args:
        workspace: of the project.
        data: rows with their ids and cut-off.
        labels: columns that are labels and no features.

    Raises:
        UsageError: it is no such table, rows repeat, or a value is not the store's.
        UnknownName: a column is no feature; offers the nearest one.
    """
    kind = _kind(data)
    spine, stage = _spine(kind, data, load_tables(workspace.project.tables, sorted(kind.reads)))
    features = [str(name) for name in data.columns if name not in SPINE_NAMES and name not in labels]
    session = FeatureEngineer().groups()
    _check_names(features, session)
    plan = plan_of(features, session)
    frame = joined(spine, plan, workspace.features, FeatureRows(workspace.project))
    key = list(kind.key)
    there = data.set_index(key).loc[pd.MultiIndex.from_frame(frame[key]) if len(key) > 1 else frame[key[0]]]
    _check_values(frame, there, features)
    extra = there[[name for name in labels if name in data]].reset_index()
    return Given(kind, stage, frame, tuple(features), plan.custom, extra)


def _kind(data: object) -> RowKind:
    if not isinstance(data, pd.DataFrame) or data.empty:
        found = f"{len(data)} rows" if isinstance(data, pd.DataFrame) else f"a {type(data).__name__}"
        raise UsageError(f"found {found}; expected rows of `FeatureStore.get_features`.")
    fitting = [kind for kind in row_kinds().values() if set(kind.columns) <= set(data.columns)]
    if not fitting:
        lacking = [name for name in ("race_id", "season", "round", CUTOFF) if name not in data.columns]
        raise UsageError(
            f"the table lacks {', '.join(lacking) or 'the ids of its rows'}; keep the id columns of `FeatureStore.get_features`, they are "
            "how a row is known again and are never learned from."
        )
    kind = max(fitting, key=lambda each: len(each.key))
    if (repeated := data.duplicated(list(kind.key))).any():
        raise UsageError(
            f"{int(repeated.sum())} rows stand twice in the table, first {_named(data[repeated].iloc[0], kind)}."
        )
    return kind


def _spine(kind: RowKind, data: pd.DataFrame, tables: Tables) -> tuple[pd.DataFrame, str]:
    """Return the store's rows for these keys, and the stage that has their cut-offs."""
    key, asked = list(kind.key), data[[*kind.key, CUTOFF]]
    for stage in kind.stages:
        spine = kind.spine(tables, stage)
        found = spine.merge(asked, on=[*key, CUTOFF])
        if len(found) == len(data):
            return found[list(spine.columns)], stage
    raise UsageError(
        f"the table has rows, or cut-offs, that are none of the project's ({len(data)} {kind.nouns[1]}); get it from the project's own "
        "`FeatureStore`, and change neither ids nor cut-offs."
    )


def _check_names(features: Sequence[str], session: Sequence[FeatureGroup]) -> None:
    known = {name for group in (*groups().values(), *session) for name in group.names}
    for name in features:
        if name not in known:
            error = UnknownName("feature", name, known)
            raise UsageError(
                f"{error} A column of your own cannot be made for a race to come: register a function that makes it "
                "(`FeatureEngineer().register`), or, if it is what is to be forecast, name it as the target."
            )


def _check_values(frame: pd.DataFrame, there: pd.DataFrame, features: Sequence[str]) -> None:
    for name in features:
        ours, theirs = frame[name].to_numpy(), there[name].to_numpy(dtype=np.float64, na_value=np.nan)
        differs = ~((ours == theirs) | (np.isnan(ours) & np.isnan(theirs)))
        if differs.any():
            row = int(differs.argmax())
            raise UsageError(
                f"{name} is not what the store says in {int(differs.sum())} of {len(frame)} rows (first: {theirs[row]:g}, the store has "
                f"{ours[row]:g}). A model learns from the store's values, or its forecasts would be made of others; register what you "
                "make of them as a feature of its own."
            )


def _named(row: pd.Series, kind: RowKind) -> str:
    return ", ".join(f"{name} {row[name]}" for name in kind.key)
