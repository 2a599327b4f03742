"""Stage: a feature must be null before the stage that it names (`since`), in the group's rows and in a frame."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage, cutoffs
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.ml.audit._check import Check
from pitwall.ml.audit._finding import Finding
from pitwall.ml.audit._subject import Audited

NAME = "stage"
ORDER = list(Stage)


def _run(audited: Audited) -> list[Finding]:
    group, subject = audited.group, audited.subject
    if "race" not in group.entities:
        return []  # a state belongs to no race: it may stand at every stage
    early = early_values(group, audited.full, subject.tables)
    found = []
    for feature in group.features:
        rows = early[feature.name]
        if rows is not None:
            found.append(_finding(group, feature, rows[0], rows[1]))
        found += _in_frame(group, feature, subject.stage, subject.frame)
    return found


def early_values(
    group: FeatureGroup, rows: pd.DataFrame, tables: Tables
) -> dict[str, tuple[Stage, pd.DataFrame] | None]:
    """Return per feature the first stage before its `since` at which a race's own row holds a value, and those rows."""
    found: dict[str, tuple[Stage, pd.DataFrame] | None] = dict.fromkeys(group.names)
    by_stage = {stage: usable_before(rows, tables, stage) for stage in CUTOFF_COLUMN}
    for feature in group.features:
        for stage in ORDER[: ORDER.index(feature.since)]:
            held = rows[by_stage[stage] & rows[feature.name].notna()]
            if len(held) and found[feature.name] is None:
                found[feature.name] = stage, held
    return found


def usable_before(rows: pd.DataFrame, tables: Tables, stage: Stage) -> pd.Series:
    """Return which rows of races may be used at the stage's cut-off of their own race."""
    races = tables["races"].drop_duplicates("race_id", keep="last")
    cutoff = rows["race_id"].map(cutoffs(races, stage).set_axis(races["race_id"]))
    return (rows["event_timestamp"] < cutoff) & (rows["known_at"] <= cutoff)


def _in_frame(group: FeatureGroup, feature: Feature, stage: str, frame: pd.DataFrame | None) -> list[Finding]:
    """Return a finding if a frame of an earlier stage holds values of the feature."""
    if frame is None or feature.name not in frame or ORDER.index(feature.since) <= ORDER.index(Stage(stage)):
        return []
    held = frame[frame[feature.name].notna()]
    return [_finding(group, feature, Stage(stage), held)] if len(held) else []


def _finding(group: FeatureGroup, feature: Feature, stage: Stage, rows: pd.DataFrame) -> Finding:
    reason = f"hold a value at {stage} already, though the feature says that it stands since {feature.since}"
    keys = [key for key in group.keys if key in rows]
    return Finding(
        NAME, "finding", group.name, feature.name, len(rows), rows.iloc[0][keys].astype(str).to_dict(), reason
    )


CHECK = Check(
    NAME,
    "It is null before the stage that it names",
    "values of a race's own row, in the group's table or a frame, before the session that they are said to come from",
    "features that name too early a stage; states, which belong to no race",
    _run,
)
