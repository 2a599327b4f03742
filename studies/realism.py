"""Is the synthetic world like the real one? Prints marginals of both side by side.

    python studies/realism.py [--json FILE] [--real FOLDER] [--seeds N]

Real data is a dump folder: `--real`, else `$PITWALL_REAL_DATA/ergast`, else `../shared/data/ergast`; its column is left out
when none is there. Measured is what a forecast lives on: how much the grid tells, and how much a rating of driver and
team (updated race by race, used only for later races) tells beyond it. The last five completed seasons are scored, each
with what the seasons before it taught.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from pitwall.domain.params import Section, TimeParams
from pitwall.sources import sources
from pitwall.sources._snapshots import take_snapshot
from pitwall.sources._tables import build_tables

SCORED_SEASONS = 5
STEP, DRIVER_SHRINK, TEAM_SHRINK = 0.5, 0.92, 0.75


def starters(source_name: str, location: str | None, settings: Section) -> pd.DataFrame:
    """Return one row per starter, in race order: season, grid, place, retired, rating before the race."""
    with tempfile.TemporaryDirectory() as folder:
        snapshot = take_snapshot(
            sources()[source_name], location, settings, Path(folder), now=datetime.now(UTC), previous=None
        )
        assert snapshot is not None
        tables = build_tables([snapshot], TimeParams()).tables
    key = ["race_id", "driver_id"]
    races = tables["races"][["race_id", "season", "round"]]
    cars = tables["results"].query("started")[[*key, "constructor_id", "place", "retired"]]
    cars = cars.merge(tables["grid"][[*key, "grid"]], on=key).merge(races, on="race_id")
    lineage = tables["constructors"].set_index("constructor_id")["lineage"]
    cars["team"] = cars["constructor_id"].map(lineage)
    return rated(cars.sort_values(["season", "round", "grid"]).reset_index(drop=True))


def rated(cars: pd.DataFrame) -> pd.DataFrame:
    """Add a driver + team rating: one pairwise-logistic gradient step per race among cars that did not retire."""
    driver: dict[int, float] = {}
    team: dict[int, float] = {}
    season, before = None, np.zeros(len(cars))
    for _, race in cars.groupby(["season", "round"], sort=True):
        if race["season"].iloc[0] != season:
            season = race["season"].iloc[0]
            driver = {who: DRIVER_SHRINK * value for who, value in driver.items()}
            team = {who: TEAM_SHRINK * value for who, value in team.items()}
        score = np.array([driver.get(d, 0) + team.get(t, 0) for d, t in zip(race.driver_id, race.team, strict=True)])
        before[race.index] = score
        ran = race[~race["retired"]]
        own, place = score[~race["retired"].to_numpy()], ran["place"].to_numpy()
        beats = place[:, None] < place[None, :]
        expected = 1 / (1 + np.exp(own[None, :] - own[:, None]))
        step = STEP * (np.where(beats, 1 - expected, 0) - np.where(beats.T, expected, 0)).sum(1) / max(len(ran) - 1, 1)
        for d, t, gain in zip(ran.driver_id, ran.team, step, strict=True):
            driver[d] = driver.get(d, 0) + gain / 2
            team[t] = team.get(t, 0) + gain / 2
    return cars.assign(rating=before)


def grid_probabilities(train: pd.DataFrame, test: pd.DataFrame) -> pd.Series:
    """Return P(win) from smoothed win frequencies per grid slot, renormalised within the race."""
    won = (train["place"] == 1).groupby(train["grid"]).agg(["sum", "count"])
    rate = ((won["sum"] + 0.2) / (won["count"] + 4)).reindex(range(1, 60), fill_value=0.002)
    chance = test["grid"].map(rate)
    return chance / chance.groupby(test["race_id"]).transform("sum")


def logit_probabilities(train: pd.DataFrame, test: pd.DataFrame) -> pd.Series:
    """Return P(win) from a conditional logit on the grid (raw and log) and the rating."""

    def design(cars: pd.DataFrame) -> np.ndarray:
        return np.column_stack([np.log(cars["grid"]), cars["grid"] / 10, cars["rating"]])

    def probabilities(weights: np.ndarray, cars: pd.DataFrame, x: np.ndarray) -> pd.Series:
        power = pd.Series(np.exp(np.clip(x @ weights, -50, 50)), index=cars.index)
        return power / power.groupby(cars["race_id"]).transform("sum")

    x_train, won = design(train), (train["place"] == 1).to_numpy()
    fitted = minimize(
        lambda w: -np.log(probabilities(w, train, x_train)[won]).sum() + 0.01 * (w**2).sum(), np.array([-1.0, 0, 1.0])
    )
    return probabilities(fitted.x, test, design(test))


def measures(cars: pd.DataFrame) -> dict[str, float]:
    """Return the marginals of one world, over its last scored seasons."""
    seasons = sorted(cars["season"].unique())
    finished = [s for s in seasons if s < 2026][-SCORED_SEASONS:]
    scored = cars[cars["season"].isin(finished)]
    parts = []
    for season in finished:
        train, test = cars[cars["season"] < season], cars[cars["season"] == season]
        recent = train[train["season"] >= season - 20]
        parts.append(test.assign(grid_p=grid_probabilities(recent, test), rating_p=logit_probabilities(recent, test)))
    judged = pd.concat(parts)
    won = judged[judged["place"] == 1]
    best = judged.sort_values("rating_p").groupby("race_id").tail(1)
    by_race = scored.groupby("race_id")
    return {
        "cars per race": by_race.size().mean(),
        "pole wins": (scored.loc[scored["grid"] == 1, "place"] == 1).mean(),
        "front row wins": (scored.loc[scored["place"] == 1, "grid"] <= 2).mean(),
        "retired": scored["retired"].mean(),
        "Spearman grid to finish": by_race[["grid", "place"]]
        .apply(lambda r: r["grid"].corr(r["place"], "spearman"))
        .mean(),
        "different winners a season": won.groupby("season")["driver_id"].nunique().mean(),
        "winner log loss, grid slots": -np.log(won["grid_p"]).mean(),
        "winner log loss, grid and rating": -np.log(won["rating_p"]).mean(),
        "winner hit rate, grid and rating": (best["place"] == 1).mean(),
    }


def real_dump() -> Path | None:
    """Return the folder of a real dump, if there is one."""
    base = Path(os.environ.get("PITWALL_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
    return base / "ergast" if (base / "ergast" / "races.csv").is_file() else None


def main() -> None:
    """Print the table, and write it as JSON if asked to."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", type=Path)
    options.add_argument("--real", type=Path, default=real_dump())
    options.add_argument("--seeds", type=int, default=1, help="further worlds beside the default one")
    asked = options.parse_args()
    world = sources()["synthetic"].Settings
    columns = {
        f"seed {seed}": measures(starters("synthetic", None, world(seed=seed))) for seed in range(12, 12 + asked.seeds)
    }
    if asked.real:
        ergast = sources()["ergast"]
        real = starters("ergast", str(asked.real), ergast.Settings())
        columns["real"] = measures(real[real["season"] >= 1994])
    table = pd.DataFrame(columns)
    print(table.round(3).to_string())
    if asked.json:
        asked.json.write_text(json.dumps(table.to_dict(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
