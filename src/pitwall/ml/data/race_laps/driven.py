"""The completed laps of one race in one form, from the live feed where it holds the race, else from the lap times of the dump.

Columns: driver_id, constructor_id, lap, place, seconds, clock (s since the start of the race, at the end of the lap; null where a lap
before it is not known), stint (from 1), compound (null where no feed says it), tyre_laps (on the set at the end of the lap), status
(codes of the track during the lap: 1 clear, 2 yellow, 4 safety car, 5 red flag, 6 and 7 virtual safety car) and pit (the lap goes
into the pit lane or comes out of it). Stint and pit are null where nobody wrote stops down: before 2011, without a feed.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from pitwall.domain.racing.tyres import told
from pitwall.domain.errors import UsageError
from pitwall.domain.tables import Tables
from pitwall.ml.data.calendar import Race

READS = ("races", "results", "drivers", "constructors", "grid", "laps", "lap_times", "pit_stops", "race_control")
COLUMNS = (
    "driver_id", "constructor_id", "lap", "place", "seconds", "clock", "stint", "compound", "tyre_laps", "status", "pit",
)  # fmt: skip
MOST = 25  # races that an error names one by one
CODES = {"safety_car": "4", "red_flag": "5", "virtual_safety_car": "6"}


def driven_laps(tables: Tables, race: Race) -> pd.DataFrame:
    """Return the completed laps of a race, sorted by driver and lap.

    Raises:
        UsageError: the tables hold no laps of it; names the races of which they hold some.
    """
    own = {name: table[table["race_id"] == race.race_id] for name, table in tables.items() if "race_id" in table}
    if own["laps"]["completed"].any():
        laps = _of_feed(own["laps"])
    elif len(own["lap_times"]):
        laps = _of_times(own)
    else:
        raise UsageError(_nothing(tables, race))
    return laps.sort_values(["driver_id", "lap"], ignore_index=True)[list(COLUMNS)]


def _of_feed(laps: pd.DataFrame) -> pd.DataFrame:
    done = laps[laps["completed"]]
    pit = done["pit_in_seconds"].notna() | done["pit_out_seconds"].notna()
    said = done["compound"].where(told(done["compound"]))
    status = done["track_status"].fillna("1").astype(str)
    return done.assign(clock=done["end_seconds"], status=status, compound=said, pit=pit.astype("boolean"))


def _of_times(own: dict[str, pd.DataFrame]) -> pd.DataFrame:
    laps = own["lap_times"].sort_values(["driver_id", "lap"], ignore_index=True)
    car = laps["driver_id"]
    whole = laps["seconds"].notna() & (laps.groupby("driver_id").cumcount() + 1 == laps["lap"])
    clock = laps["seconds"].groupby(car).cumsum().where(whole.groupby(car).cummin())
    rows = _stops(own["pit_stops"], laps)
    team = own["results"].drop_duplicates("driver_id", keep="last").set_index("driver_id")["constructor_id"]
    return laps.assign(
        constructor_id=car.map(team),
        clock=clock,
        stint=[None if made is None else 1.0 + sum(stop < lap for stop in made) for lap, made in rows],
        compound=pd.Series(pd.NA, index=laps.index, dtype="string"),
        tyre_laps=float("nan"),
        status=laps["lap"].map(_status(own["race_control"])).fillna("1"),
        pit=[None if made is None else lap in made or lap - 1 in made for lap, made in rows],
    ).astype({"stint": "float64", "pit": "boolean"})


def _stops(stops: pd.DataFrame, laps: pd.DataFrame) -> list[tuple[int, set[int] | None]]:
    """Return for each lap its number and the laps at whose end its car stopped; None where nobody wrote stops down."""
    made = stops.groupby("driver_id")["lap"].agg(set)
    found = (None if stops.empty else made.get(driver, set()) for driver in laps["driver_id"])
    return list(zip(laps["lap"], found, strict=True))


def _status(control: pd.DataFrame) -> dict[int, str]:
    """Return {lap: code} of the laps that race control interrupted."""
    found: dict[int, str] = {}
    for row in control.itertuples():
        last = row.lap if pd.isna(row.until_lap) else int(row.until_lap)
        found |= {lap: found.get(lap, "") + CODES[row.kind] for lap in range(int(row.lap), int(last) + 1)}
    return found


def _nothing(tables: Tables, race: Race) -> str:
    """Return why there is nothing to draw, and of which races there is something."""
    held = {*tables["laps"]["race_id"], *tables["lap_times"]["race_id"]}
    races = tables["races"][tables["races"]["race_id"].isin(held)].sort_values(["season", "round"])
    labels = [f"{row.season}-{row.round:02d}" for row in races.itertuples()]
    near = [label for label in labels if label.startswith(f"{race.season}-")] or labels
    why = "it has not been run" if not race.run else "no source that is in use brings them"
    what = f"the tables hold no laps of {race.label} ({race.name}): {why}"
    if not labels:
        return f"{what}. They hold none of any race; `pitwall data use fastf1_laps --location FOLDER` brings some."
    shown = ", ".join(near) if len(near) <= MOST else _span(races["season"])
    return f"{what}. Races that have laps: {shown}."


def _span(seasons: Iterable[int]) -> str:
    known = sorted(map(int, set(seasons)))
    return f"those of {known[0]} to {known[-1]}, but for a few"
