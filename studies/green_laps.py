"""Which laps are green, why the others are not, and which green laps are slow all the same.

    python studies/green_laps.py [--real FOLDER] [--small] [--json FILE] [--picture FILE] [--docs FILE]

Real data lie in the folder `--real`, else `$PITWALL_REAL_DATA`, else `../shared/data`: a dump in `ergast`, laps in `laps`; where there
are none, and in the small form, it is the embedded world. A lap *looks free* when it was timed, is not the first, and has neither a pit lane
nor a status other than clear or yellow of its own: what a filter by the laps' columns alone would keep. It is *slow* above 1.25 times the
median of the car's green laps (of those that look free, for that column). Every green lap that is slow is listed with what the data tell of it,
with hindsight; the features are given none.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
from _report import markdown, options, report
from realism import fetched, real_data

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.shared.green import CAR, GREEN, REASONS, lap_reasons
from pitwall.features.machinery.shared.race_laps import completed_laps
from pitwall.report.figures.canvas import canvas, write_png
from pitwall.sources import sources
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.synthetic import SyntheticSettings

SLOW = 1.25
TARGET = 40
ONE_PLACE = 0.7  # share of the loss in one sector that makes it a spin, and not a slow car
FIELD_SLOW = 1.07
DOUBLE = "two laps in one: the feed ends the next one at the same instant"
SECTORS = ("sector_1", "sector_2", "sector_3")


def real_tables(base: Path) -> Tables:
    """Return the tables of the real seasons, one version per row."""
    known, time = sources(), TimeParams()
    with tempfile.TemporaryDirectory() as folder:
        dump = fetched("ergast", base / "ergast", known["ergast"].Settings(), Path(folder) / "dump")
        laps = fetched("fastf1_laps", base / "laps", known["fastf1_laps"].Settings(), Path(folder) / "laps")
        return Tables(build_tables([dump], time, [laps]).tables).as_of()


def world_tables(settings: SyntheticSettings) -> Tables:
    """Return the tables of one embedded world."""
    with tempfile.TemporaryDirectory() as folder:
        taken = fetched("synthetic", None, settings, Path(folder))
        return Tables(build_tables([taken], TimeParams()).tables).as_of()


def judged(tables: Tables) -> pd.DataFrame:
    """Return the completed laps with `reason`, `free` (looks free), and `slow` and `free_slow` against the car's median."""
    laps = completed_laps(tables)
    laps["reason"] = lap_reasons(laps, tables, over=True)
    pits = laps["pit_in_seconds"].notna() | laps["pit_out_seconds"].notna()
    clear = laps["track_status"].str.fullmatch("[12]+").astype(bool)
    laps["free"] = clear & ~pits & laps["seconds"].notna() & (laps["lap"] > 1)
    laps["ratio"] = laps["seconds"] / _median(laps, laps["reason"] == GREEN)
    laps["slow"] = (laps["reason"] == GREEN) & (laps["ratio"] > SLOW)
    laps["free_slow"] = laps["free"] & (laps["seconds"] > SLOW * _median(laps, laps["free"]))
    return laps


def _median(laps: pd.DataFrame, chosen: pd.Series, column: str = "seconds") -> pd.Series:
    return laps[column].where(chosen).groupby([laps[key] for key in CAR]).transform("median")


def by_reason(laps: pd.DataFrame) -> list[dict[str, object]]:
    """Return how many laps each reason takes, how many of them look free, and how many of those are slow."""
    rows: list[dict[str, object]] = []
    for reason in (*REASONS, GREEN):
        own = laps[laps["reason"] == reason]
        free, slow = int(own["free"].sum()), int(own["free_slow"].sum())
        rows.append({"reason": reason, "laps": len(own), "look free": free, "look free, slow": slow})
    free, slow = int(laps["free"].sum()), int(laps["free_slow"].sum())
    return [*rows, {"reason": "all", "laps": len(laps), "look free": free, "look free, slow": slow}]


def left(laps: pd.DataFrame, tables: Tables) -> list[dict[str, object]]:
    """Return the green laps that are slow, each with what the data tell of it."""
    races = tables["races"].set_index("race_id")
    drivers = tables["drivers"].set_index("driver_id")
    lost = pd.DataFrame({name: laps[name] - _median(laps, laps["reason"] == GREEN, name) for name in SECTORS})
    ends = tables["laps"].groupby([*CAR, "end_seconds"])["lap"].transform("size")
    shared = tables["laps"].loc[ends > 1, [*CAR, "lap"]]
    double = set(laps.reset_index().merge(shared, on=[*CAR, "lap"])["index"])
    rows: list[dict[str, object]] = []
    for place, lap in laps[laps["slow"]].iterrows():
        race, driver = races.loc[lap["race_id"]], drivers.loc[lap["driver_id"]]
        rows.append(
            {
                "race": f"{race['season']}-{race['round']:02d} {race['name']}",
                "driver": driver["code"] if pd.notna(driver["code"]) else driver["ref"],
                "lap": int(lap["lap"]),
                "seconds": float(lap["seconds"]),
                "x median": round(float(lap["ratio"]), 2),
                "what the data tell": told(laps, lap, lost.loc[place]) if place not in double else DOUBLE,
            }
        )
    return sorted(rows, key=lambda row: (str(row["race"]), int(str(row["lap"]))))


def told(laps: pd.DataFrame, lap: pd.Series, lost: pd.Series) -> str:
    """Return what the data tell of a slow lap: where the time went, and what came after it."""
    race = laps[laps["race_id"] == lap["race_id"]]
    near = race[
        (race["driver_id"] != lap["driver_id"]) & race["end_seconds"].between(lap["start_seconds"], lap["end_seconds"])
    ]
    later = race[(race["driver_id"] == lap["driver_id"]) & (race["lap"] > lap["lap"])]
    last = race["lap"].max() - lap["lap"] <= 1
    yellow = ", under yellow" if "2" in lap["track_status"] else ""
    if near["ratio"].median() > FIELD_SLOW:
        return f"the field was slow: its median lap took {near['ratio'].median():.2f} of the usual"
    if lost.notna().all() and lost.max() > ONE_PLACE * lost.sum():
        return f"lost in one place, sector {lost.argmax() + 1}: a spin, an excursion or a halt{yellow}"
    if len(later) and pd.notna(later["pit_in_seconds"].iloc[0]):
        return f"slow in every sector, into the pits a lap later: damage or a puncture{yellow}"
    if later.empty:
        return f"slow in every sector on its last lap{', the last of the race' if last else ''}: damage or a puncture{yellow}"
    if lost.isna().any() and yellow:
        return "its sectors were not all timed; yellow"
    return f"unexplained: slow in every sector, on this lap alone{yellow}"


def draw(laps: pd.DataFrame, path: Path) -> None:
    """Draw how long laps take against the car's median: those that look free, and the green ones."""
    made = canvas(8, 3.5)
    axes = made.add_subplot(xlabel="lap time / median of the car's green laps", ylabel="laps")
    bins = [0.9 + 0.02 * step for step in range(61)]
    for chosen, label in ((laps["free"], "look free"), (laps["reason"] == GREEN, "green")):
        axes.hist(laps.loc[chosen, "ratio"].clip(upper=2.09), bins=bins, histtype="step", label=label)
    axes.axvline(SLOW, color="black", linewidth=0.8)
    axes.set_yscale("log")
    axes.legend()
    write_png(made, path)


def text(where: str, laps: pd.DataFrame, counts: list[dict[str, object]], slow: list[dict[str, object]]) -> str:
    """Return the tables with what they say of the target."""
    green, free, free_slow = int((laps["reason"] == GREEN).sum()), laps["free"].sum(), laps["free_slow"].sum()
    words = (
        f"{where}: {free:,} laps look free and {free_slow} of them are slow. {green:,} laps are green and {len(slow)} of them "
        f"are slow; at most {TARGET}: {'met' if len(slow) <= TARGET else 'missed'}."
    )
    listed = f"\n\n{markdown(slow)}" if slow else ""
    return f"{words}\n\n{markdown(counts)}{listed}"


def main() -> None:
    """Judge the laps and write what was asked for."""
    parser = options(__doc__, "an embedded world of two short seasons", SyntheticSettings().seed)
    parser.add_argument("--real", type=Path, default=real_data())
    chosen = parser.parse_args()
    if chosen.real and (chosen.real / "laps").is_dir() and not chosen.small:
        where, tables = "Real seasons", real_tables(chosen.real)
    else:
        size = {"seasons": 2, "races": 4, "laps_seasons": 2} if chosen.small else {}
        where, tables = f"Embedded world, seed {chosen.seed}", world_tables(SyntheticSettings(seed=chosen.seed, **size))
    laps = judged(tables)
    counts, slow = by_reason(laps), left(laps, tables)
    report("green_laps", text(where, laps, counts, slow), {"data": where, "rows": counts, "slow": slow}, chosen)
    if chosen.picture:
        draw(laps, chosen.picture)


if __name__ == "__main__":
    main()
