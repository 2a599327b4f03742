"""Canonical tables: what is set aside and why, how the dump is split, and how its rows are stamped."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.params import TimeParams
from pitwall.domain.tables import save_tables
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.testing.checks.source import built, kept

Rows = list[dict[str, str]]
Editor = Callable[[str, Callable[[Rows], Any]], None]


def test_a_clean_dump_loses_nothing(dump: Path) -> None:
    made = built(kept(dump))
    save_tables(made.tables, dump.parent / "tables")
    assert made.quarantine.empty
    raw = pd.read_csv(dump / "results.csv")
    assert len(made.tables["results"]) == len(raw)
    assert made.counts.set_index("table")["rows"]["results"] == len(raw)


def test_no_snapshot_says_what_to_run() -> None:
    with pytest.raises(SourceError, match="dvc repro ingest"):
        build_tables([], TimeParams())


PLANTED = [
    ("results", "points", "ten", "points: not a number from 0"),
    ("results", "raceId", "999", "raceId: unknown id"),
    ("results", "driverId", "999", "driverId: unknown id"),
    ("results", "statusId", "999", "statusId: unknown id"),
    ("results", "laps", "-3", "laps: not a whole number from 0"),
    ("results", "positionOrder", "1.5", "positionOrder: not a whole number from 0"),
    ("results", "points", "inf", "points: not a number from 0"),
    ("qualifying", "position", "\\N", "position: not a whole number from 0"),
    ("qualifying", "position", "NA", "position: not a whole number from 0 (found NA)"),
    ("qualifying", "position", "0", "position: outside 1 to 1000"),
    ("qualifying", "constructorId", "77", "constructorId: unknown id"),
    ("practice", "session", "FP9", "session: not one of FP1, FP2, FP3, FP4"),
    ("races", "circuitId", "99", "circuitId: unknown id"),
    ("races", "date", "tomorrow", "date: not a date"),
    ("pit_stops", "lap", "-22", "lap: not a whole number from 0"),
]
OPTIONAL = [
    ("results", "milliseconds", "-1", "not a number from 0"),
    ("results", "milliseconds", "1", "outside 60000 to 2.16e+07"),
    ("results", "fastestLapTime", "fast", "not a lap time"),
    ("results", "fastestLapTime", "1", "outside 40 to 1800"),
    ("results", "fastestLapTime", "41.5", "too quick for its circuit"),
    ("results", "grid", "first", "not a whole number from 0"),
    ("results", "rank", "2nd", "not a whole number from 0"),
    ("qualifying", "q1", "1:2:3:4", "not a lap time"),
    ("qualifying", "q2", "1:75.000", "not a lap time"),
    ("practice", "milliseconds", "1000", "outside 40000 to 3.6e+06"),
    ("drivers", "dob", "1990-13-01", "not a date"),
    ("circuits", "lat", "123", "outside -90 to 90"),
    ("races", "time", "noon", "not a time of day"),
    ("pit_stops", "milliseconds", "-22", "not a number from 0"),
    ("pit_stops", "milliseconds", "6000", "too quick for its circuit"),
    ("grid", "grid", "first", "not a whole number from 0"),
]


def test_bad_rows_go_to_the_quarantine(dump: Path, edit: Editor) -> None:
    for file in sorted({file for file, *_ in PLANTED}):
        faults = [(column, value) for each, column, value, _ in PLANTED if each == file]

        def plant(rows: Rows, faults: list[tuple[str, str]] = faults) -> None:
            last_first = rows[::-1] if "raceId" not in rows[0] or "year" in rows[0] else rows
            for row, (column, value) in zip(last_first, faults, strict=False):
                row[column] = value

        edit(file, plant)
    build_ = built(kept(dump))
    found = set(zip(build_.quarantine["table"], build_.quarantine["reason"], strict=True))
    missed = [fault for fault in PLANTED if (fault[0], fault[3]) not in found]
    assert not missed
    assert len(build_.tables["results"]) > 20
    assert not build_.tables["results"]["race_id"].isin([999]).any()


def test_an_optional_value_never_takes_the_line_with_it(dump: Path, edit: Editor) -> None:
    for file in sorted({file for file, *_ in OPTIONAL}):
        faults = [(column, value) for each, column, value, _ in OPTIONAL if each == file]

        def plant(rows: Rows, faults: list[tuple[str, str]] = faults) -> None:
            for row, (column, value) in zip(rows, faults, strict=False):
                row[column] = value

        edit(file, plant)
    made = built(kept(dump))
    save_tables(made.tables, dump.parent / "tables")
    assert made.quarantine.empty
    assert made.assumed == {f"{table}: {column} {why}, read as null": 1 for table, column, _, why in OPTIONAL}
    assert len(made.tables["results"]) == len(pd.read_csv(dump / "results.csv"))


def test_stops_of_a_stopped_race_make_no_other_stop_too_quick(dump: Path, edit: Editor) -> None:
    def stop_the_race(rows: Rows) -> None:
        race = [row for row in rows if row["raceId"] == rows[0]["raceId"]]
        for row in race[1:]:
            row["milliseconds"] = "2400000"

    edit("pit_stops", stop_the_race)
    made = built(kept(dump))
    assert not made.assumed and made.tables["pit_stops"]["seconds"].max() == 2400


def test_one_bad_value_costs_one_row(dump: Path, edit: Editor) -> None:
    edit("results", lambda rows: rows[0].update({"points": "ten"}))
    made = built(kept(dump))
    assert made.quarantine["reason"].tolist() == ["points: not a number from 0"]
    assert '"points": "ten"' in made.quarantine["row"].iloc[0]
    assert made.quarantine["snapshot"].iloc[0].startswith("20260301T120000-")
    assert len(made.tables["results"]) == len(pd.read_csv(dump / "results.csv")) - 1


def test_ragged_and_repeated_lines(dump: Path, edit: Editor) -> None:
    edit("qualifying", lambda rows: rows.append(dict(rows[0])))
    with (dump / "qualifying.csv").open("a") as out:
        out.write("1,2,3\n")
    reasons = set(built(kept(dump)).quarantine["reason"])
    assert reasons == {"repeated key (raceId, driverId)", "wrong number of columns"}


def test_race_control_has_one_table_for_all_interruptions(dump: Path) -> None:
    race = pd.read_csv(dump / "results.csv")["raceId"].iloc[0]
    lines = {
        "safety_cars": f"raceId,Deployed,Retreated,Cause\n{race},3,6,Rain\n{race},3,7,again\n999,1,2,unknown\n",
        "red_flags": f"raceId,Lap\n{race},1\n{race},1\n",
        "virtual_safety_cars": f"raceId,Lap\n{race},9\n{race},10\n",
    }
    for name, text in lines.items():
        (dump / f"{name}.csv").write_text(text)
    made = built(kept(dump))
    told = made.tables["race_control"]
    assert list(zip(told["kind"], told["number"], told["lap"], strict=True)) == [
        ("red_flag", 1, 1),
        ("red_flag", 2, 1),
        ("safety_car", 1, 3),
        ("virtual_safety_car", 1, 9),
        ("virtual_safety_car", 2, 10),
    ]
    assert (told["cause"].dropna().tolist(), told["until_lap"].dropna().tolist()) == (["Rain"], [6.0])
    results = made.tables["results"].query("race_id == @race")
    assert set(told["known_at"]) == set(results["known_at"])
    assert sorted(made.quarantine["reason"]) == ["raceId: unknown id", "repeated key (raceId, Deployed)"]


def test_a_line_twice_is_no_shared_drive_today(dump: Path, edit: Editor) -> None:
    edit("results", lambda rows: rows.append({**rows[0], "resultId": "90000"}))
    made = built(kept(dump))
    assert made.quarantine["reason"].tolist() == ["repeated key (raceId, driverId)"]
    assert made.tables["results"]["points"].max() == 25


def test_shared_drives_of_the_fifties_are_merged(dump: Path, edit: Editor) -> None:
    def go_back(rows: Rows) -> None:
        for row in rows:
            row["year"] = str(int(row["year"]) - 65)

    def share(rows: Rows) -> None:
        rows.append(
            {
                **rows[0],
                "resultId": "90000",
                "position": "8",
                "positionText": "8",
                "positionOrder": "8",
                "points": "3.14",
            }
        )

    edit("races", go_back)
    edit("results", share)
    made = built(kept(dump))
    assert made.quarantine["reason"].tolist() == ["shared drive: merged into the driver's best line"]
    first = made.tables["results"].iloc[0]
    assert (first["place"], first["points"]) == (1, 28.14)


def test_shared_drives_keep_the_grid_of_the_car_that_a_driver_started(dump: Path, edit: Editor) -> None:
    """The first takes over the second's car and wins in it; a third, who entered no car, takes over that of the fourth."""
    taken: dict[str, str] = {}

    def go_back(rows: Rows) -> None:
        for row in rows:
            row["year"] = str(int(row["year"]) - 65)

    def share(rows: Rows) -> None:
        first, second, third, fourth = rows[:4]
        for slot, row in enumerate((second, first, fourth), start=1):
            row |= {"grid": str(slot), "number": str(10 + slot)}
        taken.update(
            first=first["driverId"], second=second["driverId"], third=third["driverId"], fourth=fourth["driverId"]
        )
        won = {"resultId": "90000", "position": "1", "positionText": "1", "positionOrder": "1", "points": "4"}
        second |= {"position": "1", "positionText": "1", "positionOrder": "1", "points": "4"}
        first |= {"position": "\\N", "positionText": "R", "positionOrder": "8", "points": "0"}
        rows.append({**second, **won, "driverId": first["driverId"]})
        ninth = {"position": "9", "positionText": "9", "positionOrder": "9", "points": "0", "grid": "3", "number": "13"}
        fourth |= ninth
        third |= {**ninth, "resultId": "90001"}

    edit("races", go_back)
    edit("results", share)
    tables = built(kept(dump)).tables
    race = tables["results"]["race_id"].iloc[0]
    of_race = {
        name: tables[name][tables[name]["race_id"] == race].set_index("driver_id") for name in ("grid", "results")
    }
    grid, results = of_race["grid"]["grid"], of_race["results"]
    first, second, third, fourth = (int(taken[who]) for who in ("first", "second", "third", "fourth"))
    assert (results["place"][first], results["points"][first]) == (1, 4)
    assert (grid[first], grid[second], grid[fourth]) == (2, 1, 3)
    assert third not in grid.index and third in results.index


def test_starters_grid_and_flags(dump: Path, edit: Editor) -> None:
    def rewrite(rows: Rows) -> None:
        race = [row for row in rows if row["raceId"] == rows[0]["raceId"]]
        for order, row in enumerate(race, start=1):
            row |= {"position": str(order), "positionText": str(order), "statusId": "1", "grid": str(order)}
        race[1] |= {"grid": "0", "statusId": "11"}
        race[2] |= {"position": "\\N", "positionText": "R", "statusId": "5"}
        race[3] |= {"position": "\\N", "positionText": "D", "statusId": "2"}
        race[4] |= {"position": "\\N", "positionText": "W", "statusId": "54", "grid": "0"}
        race[5] |= {"statusId": "6"}

    edit("results", rewrite)
    tables = built(kept(dump)).tables
    race = tables["results"].query("race_id == race_id.iloc[0]").set_index("place").sort_index()
    assert race["started"].tolist() == [True] * 4 + [False, True]
    assert race["classified"].tolist() == [True, True, False, False, False, True]
    assert race["retired"].tolist() == [False, False, True, False, False, False]
    grid = tables["grid"].query("race_id == @race.race_id.iloc[0]").set_index("driver_id")
    late = grid.loc[race["driver_id"][2]]
    assert (late["grid"], late["pit_lane"]) == (7, True)
    assert race["driver_id"][5] not in grid.index
    assert len(grid) == len(tables["entries"].query("race_id == @race.race_id.iloc[0]")) == 5


def test_entries_of_the_next_race_come_from_grid_then_qualifying(dump: Path) -> None:
    tables = built(kept(dump)).tables
    coming = tables["grid"]["race_id"].max()
    assert coming not in set(tables["results"]["race_id"])
    with_grid = tables["entries"].query("race_id == @coming")
    (dump / "grid.csv").unlink()
    tables = built(kept(dump, days=1)).tables
    assert coming not in set(tables["grid"]["race_id"])
    assert set(tables["entries"].query("race_id == @coming")["driver_id"]) == set(with_grid["driver_id"])


def test_stamps_follow_the_rules(dump: Path) -> None:
    tables = built(kept(dump)).tables
    race = tables["races"].iloc[0]
    dated = [name for name in tables if "race_id" in tables[name]]
    of_race = {name: tables[name][tables[name]["race_id"] == race["race_id"]] for name in dated}
    start, hour = race["starts_at"], pd.Timedelta(hours=1)
    assert (of_race["results"]["event_timestamp"] == start + 2 * hour).all()
    assert (of_race["results"]["known_at"] == start + 5 * hour).all()
    assert (of_race["grid"]["known_at"] == start - hour).all()
    assert (of_race["entries"]["known_at"] == race["practice_at"] - 24 * hour).all()
    assert (of_race["qualifying"]["known_at"] == race["qualifying_at"] + 2 * hour).all()
    assert (of_race["practice"]["known_at"] < race["qualifying_at"]).all()
    assert race["known_at"] == pd.Timestamp(f"{race['season']}-01-01", tz="UTC")
    assert all(frame["known_estimated"].all() for frame in tables.values())


def test_an_old_race_without_times_gets_flagged_ones(dump: Path, edit: Editor) -> None:
    def forget(rows: Rows) -> None:
        rows[0] |= {name: "\\N" for name in rows[0] if name.endswith("_date") or "time" in name}

    edit("races", forget)
    race = built(kept(dump)).tables["races"].sort_values("race_id").iloc[0]
    assert race["start_estimated"] and race["qualifying_estimated"] and race["practice_estimated"]
    assert race["starts_at"].hour == 13
    assert race["starts_at"] - race["qualifying_at"] == pd.Timedelta(hours=23)
    assert race["starts_at"] - race["practice_at"] == pd.Timedelta(hours=50)


def test_renamed_teams_share_a_lineage(dump: Path, edit: Editor) -> None:
    def rename(rows: Rows) -> None:
        for row, ref in zip(rows, ["rb", "toro_rosso", "mercedes", "new_team"], strict=True):
            row["constructorRef"] = ref

    edit("constructors", rename)
    teams = built(kept(dump)).tables["constructors"].set_index("ref")["lineage"]
    assert teams["rb"] == teams["toro_rosso"] == 2
    assert (teams["mercedes"], teams["new_team"]) == (3, 4)
