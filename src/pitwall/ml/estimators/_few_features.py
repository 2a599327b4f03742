"""The few columns that order a race, from the features of a frame: centred in the race, gaps filled, comparable scales.

What a stage does not know yet (the grid before qualifying, practice before the weekend) is null for all rows that the
model learns from, and then left out. What a single car lacks is filled with what its race says.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

GAP_CAP_PCT = 3.0
NEWCOMER, NEW_TEAM = -0.3, -0.4  # the priors of the ratings' filter
NEWCOMER_SD, NEW_TEAM_SD = 0.5, 0.6
TIMED_SHARE = 0.6  # a qualifying that timed fewer cars (rain, no records) says nothing of gaps
RATED = ("running", "lap_pace", "qualifying", "practice")
SOURCE = {
    "log_grid": "grid",
    "grid": "grid",
    "quali_gap": "qualifying_gap_pct",
    "team_quali_gap": "qualifying_gap_pct",
    "fp2": "fp2_gap_pct",
    "fp3": "fp3_gap_pct",
}
SESSION = ("grid", "qualifying_gap_pct", "fp1_gap_pct", "fp2_gap_pct", "fp3_gap_pct")
NEEDS = (
    *SESSION,
    *(f"{side}_{name}_rating" for name in RATED for side in ("driver", "team")),
    "driver_running_sd",
    "team_running_sd",
    "team_unclassified_rate",
)
WITH_GRID = ("log_grid", "grid", "quali_gap", "team_quali_gap", "running", "lap_pace", "fp2", "fp3")
WITHOUT_GRID = ("running", "lap_pace", "qualifying", "practice")
WITH_PRACTICE = (*WITHOUT_GRID, "fp2", "fp3")


def chosen_columns(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns of `few_features` for what a frame knows: the grid, practice, or only history."""
    if frame["grid"].notna().any():
        return WITH_GRID
    return WITH_PRACTICE if frame["fp2_gap_pct"].notna().any() else WITHOUT_GRID


def few_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return every column that may be chosen, centred within each race, without nulls; aligned with the frame."""
    race = frame["race_id"]
    gap = _qualifying_gap(frame)
    fp1, fp2, fp3 = (frame[f"fp{number}_gap_pct"] for number in (1, 2, 3))
    grid = frame["grid"].where(frame["grid"] >= 1)
    columns = {
        "log_grid": np.log(grid),
        "grid": grid / 10.0,
        "quali_gap": gap,
        "team_quali_gap": gap.groupby([race, frame["constructor_id"]]).transform("min"),
        "fp2": _practice_gap(fp2.fillna((fp1 + fp3) / 2).fillna(fp1).fillna(fp3), race),
        "fp3": _practice_gap(fp3.fillna(fp2).fillna(fp1), race),
        **{name: _rating(frame, name) for name in RATED},
    }
    wide = pd.DataFrame(columns, index=frame.index, dtype="float64")
    return (wide - wide.groupby(race).transform("mean")).fillna(0.0)


def told_by_feature(columns: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Sum values per column of `few_features` to values per feature of the frame that it mostly is.

    A rating is driver plus team; its value is split by how much each of them differs from the race's mean.
    """
    told: dict[str, pd.Series] = {}
    for name in columns:
        if name in RATED:
            driver = frame[f"driver_{name}_rating"].fillna(NEWCOMER)
            away = driver - driver.groupby(frame["race_id"]).transform("mean")
            both = _rating(frame, name)
            whole = both - both.groupby(frame["race_id"]).transform("mean")
            factor = (columns[name] / whole.where(whole.abs() > 1e-12)).fillna(0.0)
            parts = {f"driver_{name}_rating": factor * away, f"team_{name}_rating": columns[name] - factor * away}
        else:
            parts = {SOURCE[name]: columns[name]}
        for feature, values in parts.items():
            told[feature] = told[feature] + values if feature in told else values
    return pd.DataFrame(told, index=frame.index)


def uncertainty(frame: pd.DataFrame) -> np.ndarray:
    """Return per row the race's mean standard deviation of the running rating, driver and team together."""
    driver = frame["driver_running_sd"].fillna(NEWCOMER_SD)
    team = frame["team_running_sd"].fillna(NEW_TEAM_SD)
    sd = np.sqrt(driver**2 + team**2)
    return np.asarray(sd.groupby(frame["race_id"]).transform("mean"), dtype=np.float64)


def unclassified_rate(frame: pd.DataFrame) -> np.ndarray:
    """Return per row the rate of unclassified cars of its team; a new team gets the mean of its race, else 0.3."""
    rate = frame["team_unclassified_rate"]
    filled = rate.fillna(rate.groupby(frame["race_id"]).transform("mean")).fillna(0.3)
    return np.asarray(filled.clip(0.0, 1.0), dtype=np.float64)


def _rating(frame: pd.DataFrame, part: str) -> pd.Series:
    return frame[f"driver_{part}_rating"].fillna(NEWCOMER) + frame[f"team_{part}_rating"].fillna(NEW_TEAM)


def _qualifying_gap(frame: pd.DataFrame) -> pd.Series:
    """Return the gap to pole; a car without a time gets the largest of its race, a race with few times zero."""
    race = frame["race_id"]
    gap = frame["qualifying_gap_pct"].clip(0.0, GAP_CAP_PCT)
    gap = gap.where(gap.notna().groupby(race).transform("mean") > TIMED_SHARE)
    return gap.fillna(gap.groupby(race).transform("max")).fillna(0.0)


def _practice_gap(gap: pd.Series, race: pd.Series) -> pd.Series:
    """Return the gap; a car without a time gets the mean of its race."""
    capped = gap.clip(0.0, GAP_CAP_PCT)
    return capped.fillna(capped.groupby(race).transform("mean"))
