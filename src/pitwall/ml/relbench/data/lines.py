"""Columns of results and qualifying lines, each made of the lines of its own race alone, so that a row says nothing of later ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.sources.machinery.canonical.lineage import known_members, spelt

FINISHED = 1  # the only status that `driver-dnf` takes for a finish
LAPPED = "+"  # texts "+1 Lap", "+2 Laps": running at the end, but behind
MOST_GAP = 7.0  # percent
FEWEST_LAPS = 8
GOOD_LAP = 0.25  # quantile of a car's laps: neither its luckiest nor those behind a safety car
CAR = ["race", "driver"]


def results_of(rows: pd.DataFrame, status: pd.DataFrame) -> pd.DataFrame:
    """Return a row per classification line.

    Args:
        rows: the dump's results with `at`, `year`, `round`, `pace`.
        status: the dump's texts.

    Returns:
        at, race, year, round, driver, team; order (place, always there), points (share of the winner's), unfinished
        (status is not "Finished"), lapped, retired (neither), size (lines of the race), pace (gap of good laps, %), beside_mate
        (order less the mean order of the team's other cars).
    """
    texts = rows["statusId"].map(status.set_index("statusId")["status"]).fillna("")
    most = rows.groupby("raceId")["points"].transform("max")
    unfinished, lapped = rows["statusId"] != FINISHED, texts.str.startswith(LAPPED)
    made = rows[["at", "year", "round", "pace"]].assign(
        race=rows["raceId"],
        driver=rows["driverId"],
        team=rows["constructorId"],
        order=rows["positionOrder"].astype("float64"),
        points=(rows["points"] / most.where(most > 0)).fillna(0.0),
        unfinished=unfinished.astype("float64"),
        lapped=lapped.astype("float64"),
        retired=(unfinished & ~lapped).astype("float64"),
        size=rows.groupby("raceId")["driverId"].transform("size").astype("float64"),
        grid=rows["grid"].astype("float64"),
    )
    made["grid"] = made["grid"].where(made["grid"] > 0, made["size"])
    return _beside_mates(made, "order")


def qualifying_of(rows: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """Return a row per qualifying line; the starting grid stands in for races without any.

    Args:
        rows: the dump's qualifying lines with `at` and `year` of the race.
        results: of `results_of`.

    Returns:
        at (when the row may be read: the qualifying's instant, of a grid the race's), day (the qualifying's instant), race, year, driver,
        team, place, front (place 1 to 3), gap (to the best time, %), stand_in, beside_mate.
    """
    times = pd.concat([_seconds(rows[part]) for part in ("q1", "q2", "q3")], axis=1).min(axis=1)
    best = times.groupby(rows["raceId"]).transform("min")
    day = rows["at"] - pd.Timedelta(days=1)
    driven = pd.DataFrame(
        {
            "at": day,
            "day": day,
            "race": rows["raceId"],
            "year": rows["year"],
            "driver": rows["driverId"],
            "team": rows["constructorId"],
            "place": rows["position"].astype("float64"),
            "gap": (100 * (times / best - 1)).clip(upper=MOST_GAP),
            "stand_in": 0.0,
        }
    )
    grids = results[~results["race"].isin(driven["race"])]
    stand_in = grids[["at", "race", "year", "driver", "team"]].assign(
        day=grids["at"] - pd.Timedelta(days=1), place=grids["grid"], gap=np.nan, stand_in=1.0
    )
    both = pd.concat([driven, stand_in], ignore_index=True) if len(driven) else stand_in
    return _beside_mates(both.assign(front=(both["place"] <= 3).astype("float64")), "place")


def with_qualifying(results: pd.DataFrame, qualifying: pd.DataFrame) -> pd.DataFrame:
    """Add to each result what the car did in the qualifying of the same race: `qualifying_place`, `qualifying_gap`."""
    beside = qualifying[[*CAR, "place", "gap"]].sort_values([*CAR, "place"]).drop_duplicates(CAR)
    return results.merge(beside.rename(columns={"place": "qualifying_place", "gap": "qualifying_gap"}), on=CAR, how="left")


def pace_of(laps: pd.DataFrame) -> pd.DataFrame:
    """Return raceId, driverId, pace: the gap of a car's good laps to those of the race's best car, in %."""
    cars = laps.groupby(["raceId", "driverId"])["milliseconds"]
    good = cars.quantile(GOOD_LAP)[cars.size() >= FEWEST_LAPS]
    gap = 100 * (good / good.groupby("raceId").transform("min") - 1)
    return gap.clip(upper=MOST_GAP).rename("pace").reset_index()


def with_lineage(rows: pd.DataFrame, teams: pd.DataFrame) -> pd.DataFrame:
    """Replace each row's constructor by the first one of its line, so that a renamed team keeps what it has shown.

    A name that another team bore before its line's own season becomes a team of its own, with a negative id.
    """
    ids = {spelt(ref): int(each) for each, ref in zip(teams["constructorId"], teams["constructorRef"], strict=True)}
    first: dict[str, int] = {}
    at: dict[int, tuple[int, int]] = {}
    for ref, member in known_members().items():
        if ref in ids:
            at[ids[ref]] = (first.setdefault(member.line, ids[ref]), member.since or 0)
    own = rows["constructorId"].to_numpy()
    line = np.array([at.get(each, (each, 0))[0] for each in own], dtype=np.int64)
    since = np.array([at.get(each, (each, 0))[1] for each in own], dtype=np.int64)
    return rows.assign(constructorId=np.where(rows["year"].to_numpy() >= since, line, -own))


def _seconds(times: pd.Series) -> pd.Series:
    parts = times.astype("string").str.split(":", expand=True).reindex(columns=[0, 1])
    minutes, seconds = (pd.to_numeric(parts[part], errors="coerce") for part in (0, 1))
    return (minutes * 60 + seconds).astype("float64")


def _beside_mates(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    cars = rows.groupby(["race", "team"])[column]
    count = cars.transform("size")
    others = (cars.transform("sum") - rows[column]) / (count - 1).where(count > 1)
    return rows.assign(beside_mate=rows[column] - others)
