"""How near could anybody come to the duration of an ordinary pit stop? Rules with more and more hindsight, beside those without.

    python studies/pit_stops.py [--real FOLDER] [--seasons 2023:2024] [--small] [--json FILE] [--docs FILE]

Real data lie in the folder `--real`, else `$PITWALL_REAL_DATA`, else `../shared/data`: a dump in `ergast`, laps in `laps`; where there
are none, and in the small form, it is the embedded world. Scored are the rows that have a label (`pitwall.ml.templates.pit_stop`). Where
a rule has nothing to go by it says what the rule above it says, the first one the median of the circuit's last race.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from _report import Row, markdown, options, report
from green_laps import real_tables, world_tables
from realism import real_data

from pitwall.domain.keys import RACE_DRIVER, STOP
from pitwall.domain.racing.pit_stops import LONGEST_S, NEAR_S, entries, passages, recorded_stops
from pitwall.domain.tables import Tables
from pitwall.ml.backtest.asked import parse_seasons
from pitwall.ml.rows import row_kind
from pitwall.ml.templates import template
from pitwall.sources.synthetic import SyntheticSettings

SO_FAR = "median of the race's stops so far"
ORDINARY = "the same, of those that were found to be ordinary when the race was over"
OTHERS = "median of all other ordinary stops of the race, later ones too"
TEAM = "median of the team's other ordinary stops of the race, later ones too"
ITSELF = "the same, the stop itself among them"


def labelled(tables: Tables) -> pd.DataFrame:
    """Return the rows of stops with `label` (s), null where the stop was not ordinary."""
    label = template("pit_stop").label(tables).rename("label").reset_index()
    return row_kind("stop").spine(tables, "in_race").merge(label, on=list(STOP))


def answers(rows: pd.DataFrame, tables: Tables, first: int) -> pd.DataFrame:
    """Return what each rule says of each row (s), a column per rule.

    Args:
        rows: of `labelled`.
        tables: with `laps`.
        first: the first season that is scored.
    """
    team = [rows[name] for name in ("race_id", "constructor_id")]
    told = _told(rows, tables)
    said = {
        SO_FAR: _so_far(rows, told),
        ORDINARY: _so_far(rows, told[told["label"].notna()]),
        OTHERS: rows.groupby("race_id")["label"].transform(_of_the_others),
        TEAM: rows.groupby(team)["label"].transform(_of_the_others),
        ITSELF: rows.groupby(team)["label"].transform("median"),
    }
    return _at_the_start(rows, first).to_frame("start").assign(**said).ffill(axis=1)[list(said)]


def _at_the_start(rows: pd.DataFrame, first: int) -> pd.Series:
    """Return the median of the circuit's last race, of all seasons before the first that is scored where there was none."""
    visits = rows.groupby(["season", "round", "race_id", "circuit_id"], as_index=False)["label"].median()
    last = visits.assign(last=visits.groupby("circuit_id")["label"].shift()).set_index("race_id")["last"]
    return rows["race_id"].map(last).fillna(rows.loc[rows["season"] < first, "label"].median())


def _told(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the stops as the laps tell them, each with the label that it has."""
    seen = passages(tables["laps"])
    stops = seen[seen["changed"] & (seen["lane_seconds"] <= LONGEST_S)]
    numbers = entries(tables["laps"])[[*RACE_DRIVER, "lap", "stop"]]
    stops = stops.merge(numbers, on=[*RACE_DRIVER, "lap"]).merge(rows[[*STOP, "label"]], on=list(STOP))
    return stops[["race_id", "event_timestamp", "lane_seconds", "label"]]


def _so_far(rows: pd.DataFrame, told: pd.DataFrame) -> pd.Series:
    """Return the median of the stops that had been told when a car came in."""
    pairs = rows[["race_id", "cutoff"]].reset_index().merge(told, on="race_id")
    before = pairs[pairs["event_timestamp"] < pairs["cutoff"]]
    return before.groupby("index")["lane_seconds"].median().reindex(rows.index)


def _of_the_others(label: pd.Series) -> pd.Series:
    """Return for each stop the median of the others, null where there are none."""
    known = label.dropna()
    others = {at: known.drop(at).median() for at in known.index if len(known) > 1}
    return pd.Series(others, dtype="float64").reindex(label.index)


def table(rows: pd.DataFrame, said: pd.DataFrame) -> list[Row]:
    """Return the mean absolute error of each rule (s): over stops, and over races as the backtest has it."""
    found: list[Row] = []
    for name in said:
        error = (said[name] - rows["label"]).abs().dropna()
        races = error.groupby(rows["race_id"]).mean()
        numbers = {"MAE over stops": f"{error.mean():.3f}", "MAE over races": f"{races.mean():.3f}"}
        found.append({"rule": name, **numbers, "stops": len(error), "races": len(races)})
    return found


def slow_ones(tables: Tables, races: set[int]) -> str:
    """Return how many stops of these races were no ordinary ones because they were slow."""
    newest = tables.only("laps", "pit_stops").as_of()
    stops = recorded_stops(newest["pit_stops"], newest["laps"])
    off = stops.loc[stops["race_id"].isin(races), "off"].dropna()
    share = f"{(off > NEAR_S).mean():.1%}"
    return f"of {len(off):,} stops of at most {LONGEST_S:g} s {share} took more than {NEAR_S:g} s longer than the median of their race"


def main() -> None:
    """Ask the rules and write what was asked for."""
    parser = options(__doc__, "an embedded world of two short seasons", SyntheticSettings().seed)
    parser.add_argument("--real", type=Path, default=real_data())
    parser.add_argument("--seasons", metavar="A:B", help="default: the last two; in the small form the last one")
    chosen = parser.parse_args()
    if chosen.real and (chosen.real / "laps").is_dir() and not chosen.small:
        where, tables = "Real seasons", real_tables(chosen.real)
    else:
        size = {"seasons": 2, "races": 4, "laps_seasons": 2} if chosen.small else {"laps_seasons": 3}
        where, tables = f"Embedded world, seed {chosen.seed}", world_tables(SyntheticSettings(seed=chosen.seed, **size))
    rows = labelled(tables)
    last = int(rows["season"].max())
    seasons = parse_seasons(chosen.seasons) if chosen.seasons else range(last if chosen.small else last - 1, last + 1)
    said, scored = answers(rows, tables, min(seasons)), rows["season"].isin(list(seasons))
    found = table(rows[scored], said[scored])
    words = f"{where}, {min(seasons)} to {max(seasons)}; {slow_ones(tables, set(rows.loc[scored, 'race_id']))}.\n\n{markdown(found)}"
    report("pit_stops", words, {"data": where, "rows": found}, chosen)


if __name__ == "__main__":
    main()
