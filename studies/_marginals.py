"""Marginals of races and laps, straight from raw files: an Ergast dump and FastF1 laps look the same for either world.

Each is one number per name; seasons are inclusive. What a dump does not hold is left out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

FINISHED = r"Finished|Lapped|\+\d+ Laps?"
ACCIDENT = r"Accident|Collision|Collision damage|Spun off|Fatal accident"
LONGEST_STOP = 120  # seconds; longer ones are red flags
SHORTEST_STINT = 8
DRY = ("SOFT", "MEDIUM", "HARD")


def race_marginals(dump: Path, first: int, last: int) -> dict[str, float]:
    """Return what the files of a dump tell of races: causes of retirement, race control, stops, qualifying against finish."""
    races = _read(dump, "races").query("@first <= year <= @last")["raceId"]
    results = _read(dump, "results").merge(_read(dump, "status"), on="statusId")
    cars = results[results["raceId"].isin(races) & ~results["positionText"].isin(["W", "F"])]
    run = cars["raceId"].unique()
    out = ~cars["status"].str.fullmatch(FINISHED) & (cars["positionText"] != "D")
    accident = cars["status"].str.fullmatch(ACCIDENT)
    found = {"accidents": (out & accident).mean(), "breakdowns": (out & ~accident).mean()}
    for name in ("safety_cars", "virtual_safety_cars", "red_flags"):
        found[f"races with {name.replace('_', ' ')}"] = float(np.isin(run, _read(dump, name)["raceId"]).mean())
    place = _read(dump, "qualifying")[["raceId", "driverId", "position"]].rename(columns={"position": "qualified"})
    ranks = cars.merge(place, on=["raceId", "driverId"]).groupby("raceId")[["qualified", "positionOrder"]]
    found["Spearman qualifying to finish"] = float(ranks.corr("spearman").iloc[::2, 1].mean())
    return found | _stops(_read(dump, "pit_stops"), cars[~out])


def _stops(stops: pd.DataFrame, finishers: pd.DataFrame) -> dict[str, float]:
    """Return how often cars that finish stop, and how much longer than usual they stand."""
    usual = stops[stops["raceId"].isin(finishers["raceId"]) & (stops["milliseconds"] < 1000 * LONGEST_STOP)]
    excess = usual["milliseconds"] / 1000 - usual.groupby("raceId")["milliseconds"].transform("median") / 1000
    count = usual.groupby(["raceId", "driverId"]).size()
    ran = pd.MultiIndex.from_frame(finishers[["raceId", "driverId"]])
    each = count.reindex(ran, fill_value=0)
    return {
        "stops of finishers": each.mean(),
        "finishers with one stop": (each == 1).mean(),
        "finishers with two stops": (each == 2).mean(),
        **{f"stop beyond the median, {q}th percentile": float(excess.quantile(q / 100)) for q in (75, 90, 95)},
    }


def lap_marginals(laps: Path, first: int, last: int) -> dict[str, float]:
    """Return what laps tell of tyres, of places and of rain."""
    columns = [
        "raceId",
        "driverId",
        "LapNumber",
        "LapTime",
        "Position",
        "Stint",
        "Compound",
        "TyreLife",
        "TrackStatus",
        "IsAccurate",
    ]
    files = [laps / f"laps_{season}.parquet" for season in range(first, last + 1)]
    rows = pd.concat([pd.read_parquet(file, columns=columns) for file in files if file.is_file()], ignore_index=True)
    wet = ~rows["Compound"].isin(DRY) & rows["Compound"].isin(["INTERMEDIATE", "WET"])
    return {
        "laps on rain tyres": wet.mean(),
        "races with a tenth of the laps on them": (wet.groupby(rows["raceId"]).mean() > 0.1).mean(),
        "laps behind the safety car": rows["TrackStatus"].fillna("1").astype(str).str.contains("4").mean(),
        **_places(rows),
        **_tyres(rows),
    }


def _places(rows: pd.DataFrame) -> dict[str, float]:
    ordered = rows.sort_values(["raceId", "driverId", "LapNumber"])
    place = ordered["Position"].astype(float)
    moved = (place - place.groupby([ordered["raceId"], ordered["driverId"]]).shift()).abs()
    green = ordered["TrackStatus"].fillna("1").astype(str).eq("1") & ordered["IsAccurate"]
    return {"places changed per lap": moved.mean(), "places changed per clean green lap": moved[green].mean()}


def _tyres(rows: pd.DataFrame) -> dict[str, float]:
    """Return slopes and residuals of lap times within stints (fuel included), and how long stints are."""
    stint = ["raceId", "driverId", "Stint"]
    clean = rows[rows["IsAccurate"] & rows["Compound"].isin(DRY) & rows["TyreLife"].notna() & rows["LapTime"].notna()]
    clean = clean[clean["TrackStatus"].fillna("1").astype(str).eq("1")]
    clean = clean.astype({"TyreLife": float})[clean.groupby(stint)["LapTime"].transform("size") >= SHORTEST_STINT]
    centred = clean[["TyreLife", "LapTime"]] - clean.groupby(stint)[["TyreLife", "LapTime"]].transform("mean")
    keys = [clean[name] for name in stint]
    products = pd.DataFrame({"xy": centred["TyreLife"] * centred["LapTime"], "xx": centred["TyreLife"] ** 2})
    sums = products.groupby(keys).transform("sum")
    slope = products.groupby(keys).sum().eval("xy / xx")
    rest = (centred["LapTime"] - centred["TyreLife"] * sums["xy"] / sums["xx"]).groupby(keys).std()
    length = rows[rows["Compound"].isin(DRY)].groupby([*stint, "Compound"]).size().groupby("Compound").mean()
    return {
        "slope within stints, median": slope.median(),
        "slope within stints, quartile range": slope.quantile(0.75) - slope.quantile(0.25),
        "residual within stints, median": rest.median(),
        **{f"laps of a stint on {name.lower()}": float(length[name]) for name in DRY},
    }


def _read(dump: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(dump / f"{name}.csv", na_values="\\N")
