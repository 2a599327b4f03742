"""Select generated features on training seasons: no duplicates, and only what lowers an error that it was not fitted on.

The criterion is one sentence: a feature stays if a linear forecast from ranks within the race, fitted on the earlier
training seasons, loses less on the later ones with it than without it, by more than chance would show anywhere among so
many tries (a one-sided paired t test over races at 5 % by Bonferroni). Held-out seasons are cut away before anything is
computed: neither their races nor their labels reach this module's sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.errors import FeatureError, UsageError
from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.custom.auto import Columns, auto_group, declared, recipes
from pitwall.features.machinery.custom.history import HistoryFeature
from pitwall.features.machinery.custom.trial import refuse_leaks_of, try_out
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.known import as_known

SAME = 0.999
CHANCE = 0.05
ROUNDING = 1e-9
KEY = ["race_id", "driver_id"]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class AutoFeatures:
    """What was generated and kept.

    Attributes:
        group: the kept features as a feature group, ready for the feature store.
        kept: one row per kept feature: name, gain (mean fall of the squared error per car, paired per race), se, races.
        generated: how many were generated, after the cap.
        capped: how many more would have been.
        duplicates: {dropped feature: the one that says the same}; constant and empty ones have an empty text.
        seasons: the training seasons.
    """

    group: FeatureGroup
    kept: pd.DataFrame
    generated: int
    capped: int
    duplicates: dict[str, str] = field(repr=False)
    seasons: tuple[int, ...] = ()


def auto_features(
    columns: Sequence[str] | Columns,
    *,
    tables: Tables,
    label: Callable[[Tables], pd.Series],
    seasons: Sequence[int],
    name: str = "auto",
    limit: int = 8,
    most: int = 200,
) -> AutoFeatures:
    """Generate features from columns and keep those that help on training seasons.

    Args:
        columns: numbers of a driver's races (`FeatureEngineer.columns()`), or {name: vectorised function}.
        tables: canonical tables.
        label: tables -> number or bool by (race_id, driver_id), e.g. `templates()["podium"].label`; it is given the
            races of the training seasons and no others.
        seasons: the training seasons, at least two: the later third judges.
        name: of the group.
        limit: at most so many are kept.
        most: at most so many are generated, simple ones first.

    Raises:
        LeakError: a column looks ahead; says which rows.
        FeatureError: a column is impure, or nothing helped.
        UsageError: fewer than two training seasons have races.
    """
    base = declared(columns)
    if isinstance(columns, Mapping):
        for column, function in columns.items():
            try_out(HistoryFeature(column, function, vectorised=True))
    known = [f"{name}_{recipe.name}" for recipe in recipes(list(base))]
    candidates = auto_group(name, base, known[:most])
    values, outcome = _training_values(candidates, tables, label, seasons)
    duplicates = _duplicates(values)
    kept = _forward(values.drop(columns=list(duplicates)), outcome, limit)
    if kept.empty:
        raise FeatureError(
            f"none of the {len(candidates.names)} features generated from {', '.join(base)} lowers the error on the later "
            "training seasons; declare other columns, or more seasons."
        )
    group = auto_group(name, base, list(kept["name"]))
    refuse_leaks_of(group)
    trained = tuple(sorted(outcome["season"].unique().tolist()))
    return AutoFeatures(group, kept, len(candidates.names), len(known[most:]), duplicates, trained)


def _training_values(
    group: FeatureGroup, tables: Tables, label: Callable[[Tables], pd.Series], seasons: Sequence[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return features as known before each race of the training seasons, and race_id, season and label of its cars."""
    calendar = tables.only("races").as_of()["races"]
    wanted = calendar[calendar["season"].isin(set(seasons))]
    labels = label(_of_races(tables, wanted["race_id"])).rename("label").reset_index()
    cars = labels.merge(wanted[["race_id", "season", "starts_at"]], on="race_id").sort_values(["starts_at", *KEY])
    if cars["season"].nunique() < 2:
        raise UsageError(
            f"features are selected on at least two training seasons with races; found {sorted(cars['season'].unique())}."
        )
    cars = cars.rename(columns={"starts_at": "cutoff"}).reset_index(drop=True)
    until = calendar.loc[calendar["season"] <= cars["season"].max(), "race_id"]
    rows = build_group(group, _of_races(tables.only(*group.reads), until), Params())
    return as_known(cars, group, rows)[group.names], cars[["race_id", "season", "label"]]


def _of_races(tables: Tables, races: pd.Series) -> Tables:
    """Return the tables with the rows of some races alone; tables that know no race stay."""
    return Tables(
        {
            name: frame[frame["race_id"].isin(races)].reset_index(drop=True) if "race_id" in frame else frame
            for name, frame in tables.items()
        }
    )


def _duplicates(values: pd.DataFrame) -> dict[str, str]:
    """Return {feature: an earlier one that says the same}, and {feature: ""} where it says nothing."""
    found = {str(name): "" for name in values if values[name].nunique() < 2}
    alive = [name for name in values if name not in found]
    alike = values[alive].corr().abs().to_numpy() > SAME
    for later, name in enumerate(alive):
        same = [alive[before] for before in range(later) if alike[before, later] and alive[before] not in found]
        if same:
            found[name] = same[0]
    return found


def _forward(values: pd.DataFrame, outcome: pd.DataFrame, limit: int) -> pd.DataFrame:
    """Return the features that enter one after the other, with their gain on the later training seasons."""
    from scipy.stats import t

    races = outcome["race_id"].to_numpy()
    ranks = _within_race(values, races)
    target = outcome["label"].astype("float64")
    target = (target - target.groupby(races).transform("mean")).to_numpy()
    seasons = np.sort(outcome["season"].unique())
    late = outcome["season"].isin(seasons[len(seasons) - max(1, len(seasons) // 3) :]).to_numpy()
    residual, chosen, kept = target.copy(), list[int](), []
    pool = [column for column in range(ranks.shape[1]) if np.any(ranks[~late, column])]
    strength = np.linalg.norm(ranks[~late], axis=0)
    errors = t.ppf(1 - CHANCE / max(len(pool), 1), len(np.unique(races[late])) - 1)
    while pool and len(chosen) < limit:
        best = max(pool, key=lambda column: abs(ranks[~late, column] @ residual[~late]) / strength[column])
        pool.remove(best)
        now = _residual(ranks[:, [*chosen, best]], target, late)
        gains = pd.Series(residual[late] ** 2 - now[late] ** 2).groupby(races[late]).mean()
        se = float(gains.std(ddof=1) / np.sqrt(len(gains)))
        if gains.mean() > max(errors * se, ROUNDING):
            chosen.append(best)
            residual = now
            kept.append((str(values.columns[best]), float(gains.mean()), se, len(gains)))
    return pd.DataFrame(kept, columns=["name", "gain", "se", "races"])


def _within_race(values: pd.DataFrame, races: npt.NDArray[np.int64]) -> Matrix:
    """Return ranks within the race from -.5 to .5; what is not known stands in the middle."""
    return np.asarray((values.groupby(races).rank(pct=True) - 0.5).fillna(0.0), dtype=np.float64)


def _residual(ranks: Matrix, target: Matrix, late: npt.NDArray[np.bool_]) -> Matrix:
    """Return what a least-squares fit on the earlier seasons leaves unexplained, in all of them."""
    weights, *_ = np.linalg.lstsq(ranks[~late], target[~late], rcond=None)
    return np.asarray(target - ranks @ weights)
