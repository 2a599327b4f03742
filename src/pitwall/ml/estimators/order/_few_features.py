"""The few columns that order a race, from the features of a frame: centred in the race, gaps filled, comparable scales.

Gaps enter as logs: a tenth near the front says more than a tenth at the back. A driver's skill has a column beside the
ratings of driver + team, because it outlasts cars. What a stage does not know yet (the grid before qualifying, practice
before the weekend) is null for all rows that the model learns from, and then left out. What a single car lacks is filled
with what its race says.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks, race_blocks

Array = npt.NDArray[np.float64]
GAP_CAP_PCT = 3.0
GAP_SCALE_PCT = 0.5  # below it a gap counts nearly in full
NEWCOMER, NEW_TEAM = -0.3, -0.4  # the priors of the ratings' filter
NEWCOMER_SD, NEW_TEAM_SD = 0.5, 0.6
USUAL_RATE = 0.3
TIMED_SHARE = 0.6  # a qualifying that timed fewer cars (rain, no records) says nothing of gaps
RATED = ("running", "lap_pace", "qualifying", "practice")
PARTS = {
    **{name: ((f"driver_{name}_rating", 1.0), (f"team_{name}_rating", 1.0)) for name in RATED},
    "skill": (("driver_race_rating", 0.5), ("driver_qualifying_rating", 0.5)),
}
SOURCE = {
    "log_grid": "grid",
    "grid": "grid",
    "log_quali_gap": "qualifying_gap_pct",
    "log_fp1_gap": "fp1_gap_pct",
    "log_fp2_gap": "fp2_gap_pct",
    "log_fp3_gap": "fp3_gap_pct",
}
PRACTICE = ("fp1_gap_pct", "fp2_gap_pct", "fp3_gap_pct")
SESSION = ("grid", "qualifying_gap_pct", *PRACTICE)
NEEDS = (
    *SESSION,
    *(f"{side}_{name}_rating" for name in RATED for side in ("driver", "team")),
    "driver_race_rating",
    "driver_running_sd",
    "team_running_sd",
    "team_unclassified_rate",
)
WITH_GRID = ("log_grid", "grid", "log_quali_gap", "running", "lap_pace", "skill", "log_fp2_gap", "log_fp3_gap")
WITHOUT_GRID = ("running", "lap_pace", "qualifying", "practice", "skill")
# Chosen on the seasons 2005 to 2014: past practice adds nothing to this weekend's, whose noise a teammate's laps average out.
WITH_PRACTICE = (
    *("running", "lap_pace", "qualifying", "skill"),
    *("log_fp1_gap", "log_fp2_gap", "log_fp3_gap", "log_team_practice_gap"),
)
ALL = (*WITH_GRID, "qualifying", "practice", "log_fp1_gap", "log_team_practice_gap")


def chosen_columns(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns of `few_features` for what a frame knows: the grid, practice, or only history."""
    if frame["grid"].notna().any():
        return WITH_GRID
    return WITH_PRACTICE if frame["fp2_gap_pct"].notna().any() else WITHOUT_GRID


def few_features(frame: pd.DataFrame, chosen: Sequence[str] = ALL) -> np.ndarray:
    """Return the chosen columns, centred within each race, without nulls: rows x columns, aligned with the frame.

    On arrays rather than groups of a table: a forecast of one race is to take milliseconds.

    Raises:
        FeatureError: a column is none of `ALL`; a model saved by another version may ask for it.
    """
    unknown = sorted(set(chosen) - set(ALL))
    if unknown:
        raise FeatureError(f"no such column: {', '.join(unknown)}; known are {', '.join(ALL)}. Train the model again.")
    fields = race_blocks(frame["race_id"].to_numpy())
    columns = [_centred(_column(frame, name, fields), fields) for name in chosen]
    return np.stack(columns, axis=1)


def _column(frame: pd.DataFrame, name: str, fields: RaceBlocks) -> Array:
    """Return one column, nulls where the race says nothing either."""
    if name in PARTS:
        first, second = (weight * _rating(frame, feature) for feature, weight in PARTS[name])
        return np.asarray(first + second)
    if name in {"grid", "log_grid"}:
        slot = _values(frame, "grid")
        slot = np.where(slot >= 1, slot, np.nan)
        return np.log(slot) if name == "log_grid" else slot / 10.0
    if name == "log_quali_gap":
        return _log(_qualifying_gap(frame, fields))
    if name == "log_team_practice_gap":
        return _log(_practice_gap(_team_practice_gap(frame, fields), fields))
    fp1, fp2, fp3 = (_values(frame, each) for each in PRACTICE)
    if name == "log_fp1_gap":
        return _log(_practice_gap(fp1, fields))
    sessions = (fp2, (fp1 + fp3) / 2, fp1, fp3) if name == "log_fp2_gap" else (fp3, fp2, fp1)
    return _log(_practice_gap(_first(*sessions), fields))


def told_by_feature(columns: Array, chosen: Sequence[str], frame: pd.DataFrame) -> pd.DataFrame:
    """Sum values per chosen column to values per feature of the frame that it mostly is.

    A column made of two ratings is split by how much each of them differs from the race's mean, one of all practice evenly.
    """
    fields = race_blocks(frame["race_id"].to_numpy())
    told: dict[str, Array] = {}
    for values, name in zip(columns.T, chosen, strict=True):
        parts = {SOURCE.get(name, ""): values}
        if name == "log_team_practice_gap":
            parts = {feature: values / len(PRACTICE) for feature in PRACTICE}
        if name in PARTS:
            (first, weight), (second, _) = PARTS[name]
            one = weight * _centred(_rating(frame, first), fields)
            whole = _centred(_column(frame, name, fields), fields)
            factor = np.divide(values, whole, out=np.zeros_like(values), where=np.abs(whole) > 1e-12)
            parts = {first: factor * one, second: values - factor * one}
        for feature, part in parts.items():
            told[feature] = told.get(feature, 0.0) + part
    return pd.DataFrame(told, index=frame.index)


def uncertainty(frame: pd.DataFrame) -> Array:
    """Return per row the race's mean standard deviation of the running rating, driver and team together."""
    fields = race_blocks(frame["race_id"].to_numpy())
    driver = _values(frame, "driver_running_sd", NEWCOMER_SD)
    team = _values(frame, "team_running_sd", NEW_TEAM_SD)
    return _race_mean(np.sqrt(driver**2 + team**2), fields)


def unclassified_rate(frame: pd.DataFrame) -> Array:
    """Return per row the rate of unclassified cars of its team; a new team gets the mean of its race, else 0.3."""
    rate = _values(frame, "team_unclassified_rate")
    filled = _first(rate, _race_mean(rate, race_blocks(frame["race_id"].to_numpy())), np.full(len(rate), USUAL_RATE))
    return np.clip(filled, 0.0, 1.0)


def _values(frame: pd.DataFrame, name: str, null: float = np.nan) -> Array:
    values = frame[name].to_numpy(dtype=np.float64)
    return np.where(np.isnan(values), null, values)


def _rating(frame: pd.DataFrame, name: str) -> Array:
    return _values(frame, name, NEWCOMER if name.startswith("driver") else NEW_TEAM)


def _first(*choices: Array) -> Array:
    """Return per row the first value that is not null."""
    found = choices[0]
    for other in choices[1:]:
        found = np.where(np.isnan(found), other, found)
    return found


def _race_mean(values: Array, fields: RaceBlocks) -> Array:
    """Return the mean over the race's known values per row; null where it has none."""
    known = ~np.isnan(values)
    count = np.bincount(fields.race, known, fields.count)
    total = np.bincount(fields.race, np.where(known, values, 0.0), fields.count)
    mean = np.divide(total, count, out=np.full(fields.count, np.nan), where=count > 0)
    return np.asarray(mean[fields.race])


def _centred(values: Array, fields: RaceBlocks) -> Array:
    """Return differences from the race's mean; zero where null."""
    away = values - _race_mean(values, fields)
    return np.where(np.isnan(away), 0.0, away)


def _qualifying_gap(frame: pd.DataFrame, fields: RaceBlocks) -> Array:
    """Return the gap to pole; a car without a time gets the largest of its race, a race with few times zero."""
    gap = np.clip(_values(frame, "qualifying_gap_pct"), 0.0, GAP_CAP_PCT)
    timed = _race_mean(np.where(np.isnan(gap), 0.0, 1.0), fields) > TIMED_SHARE
    gap = np.where(timed, gap, np.nan)
    largest = fields.pad(np.where(np.isnan(gap), 0.0, gap), 0.0).max(axis=1, initial=0.0)
    return np.where(np.isnan(gap), largest[fields.race], gap)


def _log(gap: Array) -> Array:
    """Return the gap on a scale that is linear near zero and logarithmic beyond `GAP_SCALE_PCT`."""
    return np.asarray(GAP_SCALE_PCT * np.log1p(gap / GAP_SCALE_PCT))


def _team_practice_gap(frame: pd.DataFrame, fields: RaceBlocks) -> Array:
    """Return the mean gap over practice sessions and the team's cars of the race; null where the team has no time."""
    gaps = np.clip(np.stack([_values(frame, each) for each in PRACTICE]), 0.0, GAP_CAP_PCT)
    known = ~np.isnan(gaps)
    own = np.divide(
        np.where(known, gaps, 0.0).sum(axis=0),
        known.sum(axis=0),
        out=np.full(len(frame), np.nan),
        where=known.any(axis=0),
    )
    pairs = np.stack([fields.race, frame["constructor_id"].to_numpy(dtype=np.int64)], axis=1)
    _, team = np.unique(pairs, axis=0, return_inverse=True)
    drove = ~np.isnan(own)
    count, total = np.bincount(team, drove), np.bincount(team, np.where(drove, own, 0.0))
    mean = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    return np.asarray(mean[team])


def _practice_gap(gap: Array, fields: RaceBlocks) -> Array:
    """Return the gap; a car without a time gets the mean of its race."""
    capped = np.clip(gap, 0.0, GAP_CAP_PCT)
    return _first(capped, _race_mean(capped, fields))
