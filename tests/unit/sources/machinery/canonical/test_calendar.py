"""One start per race, whatever was published when; races that are called off, and come back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.tables import Tables, save_tables
from pitwall.ml.data.calendar import find_race, next_race
from pitwall.ml.rows import row_kind
from pitwall.sources.machinery.admission.continuity import check_continuity
from pitwall.sources.machinery.snapshots.store import Snapshot
from pitwall.testing.checks.source import FETCHED, built, kept
from pitwall.testing.worlds.season import Season

pytestmark = pytest.mark.slow

DAY = pd.Timedelta(days=1)
DATES = ("date", "fp1_date", "fp2_date", "fp3_date", "quali_date")
Rows = list[dict[str, str]]
Editor = Callable[[str, Callable[[Rows], Any]], None]


def races(dump: Path, run: bool) -> list[str]:
    """Return the ids of races of the newest season, in order, with results or without."""
    calendar = pd.read_csv(dump / "races.csv", dtype="string")
    newest = calendar[calendar["year"] == calendar["year"].max()].sort_values("round", key=lambda r: r.astype(int))
    had = set(pd.read_csv(dump / "results.csv", dtype="string")["raceId"])
    return [race for race in newest["raceId"] if (race in had) == run]


def move(race: str, days: int) -> Callable[[Rows], None]:
    def moved(rows: Rows) -> None:
        for row in rows:
            if row["raceId"] == race:
                for name in DATES:
                    if row.get(name, "\\N") != "\\N":
                        row[name] = f"{pd.Timestamp(row[name]) + days * DAY:%Y-%m-%d}"

    return moved


def drop(*gone: str) -> Callable[[Rows], None]:
    return lambda rows: rows.__setitem__(slice(None), [row for row in rows if row["raceId"] not in gone])


def without(dump: Path, edit: Editor, *gone: str) -> None:
    """Take races out of every file of a dump that names them."""
    for path in sorted(dump.glob("*.csv")):
        if "raceId" in path.read_text().splitlines()[0].split(","):
            edit(path.stem, drop(*gone))


def first_versions(rows: pd.DataFrame, race: int) -> pd.DataFrame:
    """Return the rows of a race with stated publications, in the order of their keys."""
    own = rows[(rows["race_id"] == race) & rows["known_estimated"]]
    return own.sort_values([name for name in ("driver_id", "session", "stop", "lead_hours") if name in own])


@pytest.mark.parametrize("days", [-1, 8])
@pytest.mark.parametrize("when", ["before it is run", "after it was run"])
def test_cutoff_and_stamps_follow_the_start_that_is_known_now(dump: Path, edit: Editor, days: int, when: str) -> None:
    race = races(dump, run=True)[-1]
    right = (dump / "races.csv").read_text()
    files = {path: path.read_text() for path in dump.glob("*.csv")}
    edit("races", move(race, -days))
    if when == "before it is run":
        for name in ("results", "driver_standings", "constructor_standings", "pit_stops", "qualifying"):
            edit(name, drop(race))
    before = kept(dump)
    for path, text in files.items():
        path.write_text(text)
    (dump / "races.csv").write_text(right)
    tables = Tables(built(before, kept(dump, days=7)).tables)
    it, straight = int(race), Tables(built(kept(dump, days=8)).tables)
    start = straight["races"].set_index("race_id")["starts_at"][it]
    versions = tables["races"].query("race_id == @it")
    assert set(versions["starts_at"]) == {start}
    assert versions["planned_at"].tolist() == [start - days * DAY, start]
    assert set(row_kind("race_driver").spine(tables, "pre_race").query("race_id == @it")["cutoff"]) == {start}
    for name in ("results", "qualifying", "practice", "grid", "entries", "pit_stops", "weather_forecasts"):
        own, expected = (first_versions(each[name], it) for each in (tables, straight))
        assert len(own) and own["event_timestamp"].tolist() == expected["event_timestamp"].tolist(), name
        assert own["known_at"].tolist() == expected["known_at"].tolist(), name
    assert (tables["results"].query("race_id == @it")["known_at"] > start).all()


def test_versions_rise_although_the_race_moved_behind_a_correction(dump: Path, edit: Editor) -> None:
    race = races(dump, run=True)[-1]
    wrong = kept(dump)
    edit("results", lambda rows: next(row for row in rows if row["raceId"] == race).update({"points": "24"}))
    corrected = kept(dump, days=1)
    edit("races", move(race, 4000))  # later than both were fetched
    made = built(wrong, corrected, kept(dump, days=2))
    save_tables(made.tables, dump.parent / "tables")  # two versions of one row never share an instant
    results = made.tables["results"][made.tables["results"]["race_id"] == int(race)]
    twice = results[results.duplicated("driver_id", keep=False)]
    assert twice["points"].tolist()[-1] == 24 and twice["known_at"].is_monotonic_increasing
    assert (results["known_at"] > results["event_timestamp"]).all()


def renumbered(race: str, down: int) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for row in rows:
            if row["raceId"] == race:
                row["round"] = str(int(row["round"]) - down)

    return change


def test_a_race_that_leaves_the_calendar_is_called_off_and_its_label_is_free(dump: Path, edit: Editor) -> None:
    before = kept(dump)
    off, following = races(dump, run=False)
    names = pd.read_csv(dump / "races.csv", dtype="string").set_index("raceId")["name"]
    weekend = int((pd.read_csv(dump / "practice.csv", dtype="string")["raceId"] == off).sum())
    without(dump, edit, off)
    edit("races", renumbered(following, 1))
    made = built(before, kept(dump, days=7))
    tables = Tables(made.tables)
    chosen = next_race(tables, "pre_race")
    assert chosen is not None and (chosen.race_id, chosen.label) == (int(following), "2018-03")
    assert find_race(tables, "2018-3", "pre_race").race_id == int(following)
    calendar = tables.as_of()["races"]
    assert not calendar.duplicated(["season", "round"]).any() and int(off) not in set(calendar["race_id"])
    assert int(off) in set(tables.as_of(pd.Timestamp(FETCHED) + DAY)["races"]["race_id"])  # then it was still planned
    assert made.called_off == {"2018-03": names[off]}
    for name in ("practice", "qualifying", "grid", "entries"):
        assert not tables[name]["race_id"].eq(int(off)).any()
    aside = made.quarantine[made.quarantine["reason"] == "the race was called off"]
    assert (aside["table"] == "practice").sum() == weekend > 0
    assert json.loads(aside["row"].iloc[0])["race_id"] == off


def test_a_race_that_comes_back_is_planned_again(dump: Path, edit: Editor) -> None:
    whole = {path: path.read_text() for path in dump.glob("*.csv")}
    first, (off, _) = kept(dump), races(dump, run=False)
    without(dump, edit, off)
    second = kept(dump, days=7)
    edit("seasons", lambda rows: rows[0].update(url="news"))
    third = kept(dump, days=14)  # still off: no further version
    versions = built(first, second, third).tables["races"]
    assert versions.loc[versions["race_id"] == int(off), "called_off"].tolist() == [False, True]
    for path, text in whole.items():
        path.write_text(text)
    made = built(first, second, third, kept(dump, days=21))
    assert made.called_off == {}
    assert next_race(Tables(made.tables), "pre_race").race_id == int(off)
    assert (made.tables["practice"]["race_id"] == int(off)).any()


def test_a_race_whose_line_is_broken_is_not_called_off(dump: Path, edit: Editor) -> None:
    before, (off, _) = kept(dump), races(dump, run=False)

    def break_line(rows: Rows) -> None:
        next(row for row in rows if row["raceId"] == off)["round"] = "third"

    edit("races", break_line)
    made = built(before, kept(dump, days=7))
    assert made.called_off == {} and not made.tables["races"]["called_off"].any()
    text = (dump / "races.csv").read_text().splitlines()
    (dump / "races.csv").write_text("\n".join([*text[:-2], text[-2][:20]]))  # cut in the middle of a line
    made = built(before, kept(dump, days=14))
    assert made.called_off == {}


def published(season: Season, folder: Path, days: int) -> Snapshot:
    season.write(folder)
    return kept(folder, days)


def test_races_may_be_called_off_in_turn_more_than_at_once(tmp_path: Path) -> None:
    season = Season(races=9)
    taken = [published(season, tmp_path / "dump", 0)]
    off = season.planned[:6]
    for day, pair in enumerate((off[:2], off[2:4], off[4:]), start=1):
        for race in pair:
            season.call_off(race)
        taken.append(published(season, tmp_path / "dump", day))
        check_continuity(taken[-1], taken[-2])
    tables = Tables(built(*taken).tables)
    assert set(off).isdisjoint(tables.as_of()["races"]["race_id"])
    following = next_race(tables, "pre_race")
    assert following is not None and following.race_id == season.planned[0]


@pytest.mark.parametrize("short", [False, True])
def test_races_that_are_replaced_are_called_off_as_many_as_they_are(tmp_path: Path, short: bool) -> None:
    """As many new races as there were before is no file cut short; the same loss without them is."""
    season = Season(races=9)
    before = published(season, tmp_path / "dump", 0)
    old = season.planned[:6]
    for race in old:
        facts = season.races[race]
        season.call_off(race)
        if not short:
            season.races[race + 50] = facts
    after = published(season, tmp_path / "dump", 1)
    if short:
        with pytest.raises(SourceError, match="6 planned races of one season"):
            check_continuity(after, before)
        return
    assert check_continuity(after, before) == ()
    made = built(before, after)
    calendar = Tables(made.tables).as_of()["races"]
    assert set(old).isdisjoint(calendar["race_id"]) and len(made.called_off) == len(old)
    assert not calendar.duplicated(["season", "round"]).any()
    following = next_race(Tables(made.tables), "pre_race")
    assert following is not None and following.race_id == old[0] + 50


def test_a_race_that_comes_back_takes_the_place_of_one_that_leaves(tmp_path: Path) -> None:
    """What is let in is read in the same way: four leave while one comes back."""
    season = Season(races=9)
    taken = [published(season, tmp_path / "dump", 0)]
    first, off = season.planned[0], season.planned[1:5]
    facts = season.races[first]
    season.call_off(first)
    taken.append(published(season, tmp_path / "dump", 1))
    for race in off:
        season.call_off(race)
    season.races[first] = facts
    taken.append(published(season, tmp_path / "dump", 2))
    check_continuity(taken[-1], taken[-2])
    calendar = Tables(built(*taken).tables).as_of()["races"]
    assert set(off).isdisjoint(calendar["race_id"]) and first in set(calendar["race_id"])


def replace_driver(season: Season, race: int, old: int, new: int) -> None:
    row = season.lines["qualifying"].pop((race, old))
    season.lines["qualifying"][race, new] = {**row, "driverId": new}


def test_a_driver_who_is_replaced_before_a_race_is_no_longer_entered(tmp_path: Path) -> None:
    season = Season()
    race, stands_in, old = season.planned[0], 6, 1
    season.practise(race)
    season.lines["qualifying"].pop((race, stands_in))
    before = published(season, tmp_path / "dump", 0)
    replace_driver(season, race, old, stands_in)
    after = published(season, tmp_path / "dump", 1)
    made = built(before, after)
    cars = (
        row_kind("race_driver").spine(Tables(made.tables), "pre_race").query("race_id == @race")["driver_id"].tolist()
    )
    assert cars == [2, 3, 4, 5, 6]
    aside = made.quarantine[made.quarantine["table"] == "entries"]
    assert set(aside["reason"]) == {"no longer in the list of a race to come"}
    assert [json.loads(row)["driver_id"] for row in aside["row"]] == [str(old)]
    back = built(before, after, published(restored(season, race, stands_in, old), tmp_path / "dump", 2))
    assert row_kind("race_driver").spine(Tables(back.tables), "pre_race").query("race_id == @race")[
        "driver_id"
    ].tolist() == [
        1,
        2,
        3,
        4,
        5,
    ]


def restored(season: Season, race: int, old: int, new: int) -> Season:
    replace_driver(season, race, old, new)
    return season


def test_a_part_of_an_entry_list_takes_nobody_away(tmp_path: Path) -> None:
    season = Season()
    race = season.planned[0]
    season.practise(race)
    before = published(season, tmp_path / "dump", 0)
    for driver in (1, 2, 3):
        season.lines["qualifying"].pop((race, driver))
    made = built(before, published(season, tmp_path / "dump", 1))
    assert len(row_kind("race_driver").spine(Tables(made.tables), "pre_race").query("race_id == @race")) == 6
    assert made.quarantine.empty
