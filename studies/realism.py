"""Is the synthetic world like the real one? Prints marginals of both side by side.

    python studies/realism.py [--real FOLDER] [--seeds N] [--seed N] [--small] [--json FILE] [--picture FILE] [--docs FILE]

Real data lie in the folder `--real`, else `$PITWALL_REAL_DATA`, else `../shared/data`: a dump in `ergast`, laps in `laps`; the
column is left out when no dump is there. First how often each slot of the grid wins, stands on the podium, scores and
breaks down, how much the order changes on the way and who dominates a season, over all completed seasons (real ones: 2014 to 2024,
fields and points nearly as in the world). Then what a forecast lives on: how much the grid tells, and how much a rating of driver and
team (`_foresight.py`) tells beyond it; there the last five completed seasons are scored,
each with what the seasons before it taught. Last (`_marginals.py`) causes of retirement, race control, stops, tyres, rain and places
lap by lap: laps of the world's last three seasons, real ones of 2019 to 2024.

The *distance* of a world to the real seasons is the mean over all marginals of the difference, in standard deviations between the
worlds that are shown, the first six unless `--seeds N` says otherwise: the default seed is the nearest of them. `--small` is one world of
four seasons beside nothing.
"""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from _foresight import rated, scores
from _marginals import lap_marginals, race_marginals
from _report import markdown, options, report

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.report.figures.canvas import canvas, write_png
from pitwall.sources import sources
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot
from pitwall.sources.synthetic import SyntheticSettings

SCORED_SEASONS = 5
REAL_SEASONS = (2014, 2024)
REAL_LAPS = (2019, 2024)
LAPS_SEASONS = 3
LEARNED_FROM = 1994
SLOTS = {
    "1": (1, 1),
    "2": (2, 2),
    "3": (3, 3),
    "4-5": (4, 5),
    "6-8": (6, 8),
    "9-12": (9, 12),
    "13-16": (13, 16),
    "17+": (17, 99),
}
FRONT = (("1", 1, 1), ("2-3", 2, 3), ("4-10", 4, 10), ("11+", 11, 99))


def starters(snapshot: Snapshot) -> pd.DataFrame:
    """Return one row per starter, in race order: season, grid, place, retired, rating before the race."""
    tables = Tables(build_tables([snapshot], TimeParams()).tables).as_of()
    key = ["race_id", "driver_id"]
    races = tables["races"][["race_id", "season", "round"]]
    cars = tables["results"].query("started").copy()[[*key, "constructor_id", "place", "retired"]]
    cars = cars.merge(tables["grid"][[*key, "grid"]], on=key).merge(races, on="race_id")
    lineage = tables["constructors"].set_index("constructor_id")["lineage"]
    cars["team"] = cars["constructor_id"].map(lineage)
    return rated(cars.sort_values(["season", "round", "grid"]).reset_index(drop=True))


def measures(cars: pd.DataFrame, first: int, last: int) -> dict[str, float]:
    """Return the marginals of one world over some completed seasons, and the scores of the last of them."""
    judged = cars[cars["season"].between(first, last)]
    return {
        "cars per race": judged.groupby("race_id").size().mean(),
        **slots(judged),
        **order_changes(judged),
        **seasons_of(judged),
        **scores(cars, sorted(judged["season"].unique())[-SCORED_SEASONS:]),
    }


def slots(cars: pd.DataFrame) -> dict[str, float]:
    """Return what happens to the cars that start from each part of the grid."""
    at = {name: cars[cars["grid"].between(*span)] for name, span in SLOTS.items()}
    found = {
        f"{event} from {name}": (part["place"] <= places).mean()
        for event, places in (("win", 1), ("podium", 3), ("points", 10))
        for name, part in at.items()
    }
    parts = {"1-3": (1, 3), "4-8": (4, 8), "9-12": (9, 12), "13+": (13, 99)}
    found |= {
        f"retired from {name}": cars.loc[cars["grid"].between(*span), "retired"].mean() for name, span in parts.items()
    }
    return found | {"retired": cars["retired"].mean(), "team's rate of retirement, sd": reliability_sd(cars)}


def reliability_sd(cars: pd.DataFrame) -> float:
    """Return how much teams differ in a season, beyond what chance alone would do."""
    teams = cars.groupby(["season", "team"])["retired"].agg(["mean", "size"])
    usual = cars.groupby("season")["retired"].mean().reindex(teams.index.get_level_values("season")).to_numpy()
    variance = (teams["mean"] - usual) ** 2 - usual * (1 - usual) / teams["size"]
    return float(np.sqrt(max(0.0, np.average(variance, weights=teams["size"]))))


def order_changes(cars: pd.DataFrame) -> dict[str, float]:
    """Return how well the grid's order holds, for all cars and among those that finish."""
    ran = cars[~cars["retired"]].copy()
    ran["start"], ran["finish"] = (ran.groupby("race_id")[name].rank() for name in ("grid", "place"))
    moved = (ran["start"] - ran["finish"]).abs()
    best = cars.groupby(["season", "driver_id"])["grid"].agg(["mean", "size"]).query("size >= 10")["mean"]
    strongest = ran[pd.MultiIndex.from_frame(ran[["season", "driver_id"]]).isin(best.groupby("season").idxmin())]
    found = {"Spearman grid to finish": correlation(cars, "grid"), "Spearman among finishers": correlation(ran, "grid")}
    found |= {
        f"places changed from {name}": moved[ran["start"].between(a, b)].mean()
        for name, a, b in (*FRONT[2:], ("1-3", 1, 3))
    }
    for who, rows in (("pole", ran[ran["grid"] == 1]), ("season's best", strongest)):
        found |= {f"{who} finishes {name}": rows["place"].between(a, b).mean() for name, a, b in FRONT}
    return found


def correlation(cars: pd.DataFrame, column: str) -> float:
    """Return the mean rank correlation of a column with the finish, race by race."""
    ranks = cars.groupby("race_id")[[column, "place"]].rank()
    return float(ranks.groupby(cars["race_id"]).apply(lambda race: race[column].corr(race["place"])).mean())


def seasons_of(cars: pd.DataFrame) -> dict[str, float]:
    """Return how concentrated a season's wins are, and how long strength lasts."""
    won, pole = cars[cars["place"] == 1], cars[cars["grid"] == 1]
    form = cars.groupby("driver_id")["place"].transform(lambda past: past.shift().rolling(5, min_periods=3).mean())
    known = cars.assign(form=form)[form.notna()]
    team = cars.pivot_table("grid", "season", "team")
    winters = [team.iloc[i].corr(team.iloc[i - 1], "spearman") for i in range(1, len(team))]
    return {
        "different winners a season": won.groupby("season")["driver_id"].nunique().mean(),
        "winning teams a season": won.groupby("season")["team"].nunique().mean(),
        "share of the most frequent winner": won.groupby("season")["driver_id"].agg(_largest_share).mean(),
        "share of the most frequent pole": pole.groupby("season")["driver_id"].agg(_largest_share).mean(),
        "Spearman of the last five places to finish": correlation(known, "form"),
        "teams' order over the winter, Spearman": float(np.mean(winters)),
    }


def _largest_share(values: pd.Series) -> float:
    return float(values.value_counts(normalize=True).iloc[0])


def distances(table: pd.DataFrame) -> pd.Series:
    """Return each world's mean difference from the column `real`, in standard deviations between the worlds."""
    worlds = table.drop(columns="real")
    spread = worlds.std(axis=1)
    return (worlds.sub(table["real"], axis=0).abs().div(spread, axis=0))[spread > 0].mean()


def fetched(source_name: str, location: Path | None, settings: Section, folder: Path) -> Snapshot:
    """Return a snapshot of a source."""
    where = None if location is None else str(location)
    taken = take_snapshot(sources()[source_name], where, settings, folder, now=datetime.now(UTC), previous=None)
    assert taken is not None
    return taken


def world_measures(settings: SyntheticSettings) -> dict[str, float]:
    """Return the measures of one synthetic world; its last season is not complete."""
    with tempfile.TemporaryDirectory() as folder:
        taken = fetched("synthetic", None, settings, Path(folder))
        cars, last = starters(taken), settings.first_season + settings.seasons - 1
        return {
            **measures(cars, int(cars["season"].min()), last - 1),
            **race_marginals(taken.folder, 1950, last - 1),
            **lap_marginals(taken.folder, last - LAPS_SEASONS + 1, last),
        }


def real_measures(base: Path) -> dict[str, float]:
    """Return the measures of the real seasons; laps where there are any."""
    ergast = sources()["ergast"]
    with tempfile.TemporaryDirectory() as folder:
        cars = starters(fetched("ergast", base / "ergast", ergast.Settings(), Path(folder)))
    found = measures(cars[cars["season"] >= LEARNED_FROM], *REAL_SEASONS)
    found |= race_marginals(base / "ergast", *REAL_SEASONS)
    return found | (lap_marginals(base / "laps", *REAL_LAPS) if (base / "laps").is_dir() else {})


def real_data() -> Path | None:
    """Return the folder of the real data, if there are any."""
    base = Path(os.environ.get("PITWALL_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
    return base if (base / "ergast" / "races.csv").is_file() else None


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw every world's marginals as ratios to the real ones, one line per marginal."""
    shown = table[(table["real"] > 0) & (table.index != "distance")]
    ratio = shown.div(shown["real"], axis=0).clip(0.25, 4)
    made = canvas(9, 0.19 * len(ratio) + 1)
    axes = made.add_subplot()
    height = np.arange(len(ratio))[::-1]
    for name in ratio.columns.drop("real"):
        default = name == ratio.columns[0]
        axes.scatter(
            ratio[name],
            height,
            s=22 if default else 8,
            color="C0" if default else "0.75",
            label=name,
            zorder=2 + default,
        )
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log", base=2)
    axes.set_yticks(height, list(ratio.index), fontsize=6)
    axes.set_xlabel("synthetic world / real seasons")
    axes.margins(y=0.01)
    write_png(made, path)


def main() -> None:
    """Print the table and write what was asked for."""
    parser = options(__doc__, "one world of four seasons, nothing beside it", SyntheticSettings().seed)
    parser.add_argument("--real", type=Path, default=real_data())
    parser.add_argument("--seeds", type=int, default=6, help="so many worlds beside the default one; 0: that one alone")
    chosen = parser.parse_args()
    more = [seed for seed in range(1, chosen.seeds + 1) if seed != chosen.seed and not chosen.small]
    size = {"seasons": 4, "races": 8} if chosen.small else {}
    columns = {
        f"seed {seed}": world_measures(SyntheticSettings(seed=seed, laps_seasons=LAPS_SEASONS, **size))
        for seed in [chosen.seed, *more]
    }
    if chosen.real and not chosen.small:
        columns["real"] = real_measures(chosen.real)
    table = pd.DataFrame(columns)
    if "real" in table and more:
        table.loc["distance"] = distances(table)
    rows = [{"marginal": name, **values} for name, values in table.to_dict("index").items()]
    report("realism", markdown(rows), {"rows": rows}, chosen)
    if chosen.picture and "real" in table:
        draw(table, chosen.picture)


if __name__ == "__main__":
    main()
