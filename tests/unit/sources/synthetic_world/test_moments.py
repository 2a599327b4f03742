"""The moments of the embedded world's last season: each tells a little more of one and the same world."""

import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from pitwall.domain.errors import UsageError
from pitwall.domain.params import Params
from pitwall.domain.racing.data_world import world
from pitwall.domain.refs import folder_hash
from pitwall.sources.synthetic import SOURCE, SyntheticSettings, fetch
from pitwall.sources.synthetic_world.publishing.moments import MOMENTS, WHOLE

SIZE = {"seasons": 2, "teams": 4, "races": 12, "first_season": 2022, "laps_seasons": 0}
LAST = 2023


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return what is told at a moment: per file a count of its lines, as pairs of column and text."""
    made = {}

    def look(rounds_run, moment) -> dict[str, Counter]:
        if (rounds_run, moment) not in made:
            folder = tmp_path_factory.mktemp("moment")
            fetch(None, SyntheticSettings(**SIZE, rounds_run=rounds_run, moment=moment), folder)
            made[rounds_run, moment] = {path.stem: _lines(path) for path in folder.glob("*.csv")}
        return made[rounds_run, moment]

    return look


def _lines(path: Path) -> Counter:
    with path.open(encoding="utf-8") as stream:
        return Counter(tuple(sorted(row.items())) for row in csv.DictReader(stream))


def _of(rows: Counter, race: int) -> list[dict[str, str]]:
    return [dict(row) for row in rows if dict(row)["raceId"] == str(race)]


def _sprint_race(told):
    return next(
        int(dict(row)["raceId"]) for row in told(12, WHOLE)["sprint_results"] if str(LAST) in dict(row)["raceId"]
    )


def test_the_moment_is_by_default_the_one_with_a_grid(tmp_path):
    hashes = []
    for number, wish in enumerate(
        ({}, {"rounds_run": 8, "moment": WHOLE}, {"rounds_run": 8, "moment": "after_practice"})
    ):
        (folder := tmp_path / str(number)).mkdir()
        fetch(None, SyntheticSettings(**SIZE, **wish), folder)
        hashes.append(folder_hash(folder))
    assert hashes[0] == hashes[1] != hashes[2]


def test_no_moment_is_another_world():
    plain, moved = SyntheticSettings(**SIZE), SyntheticSettings(**SIZE, rounds_run=3, moment="no_calendar")
    assert SOURCE.world(plain) == SOURCE.world(moved) != SOURCE.world(SyntheticSettings(**SIZE, seed=4))
    params = [
        Params(sources={"synthetic": {**SIZE, **wish}})
        for wish in ({}, {"moment": WHOLE, "rounds_run": 2}, {"seed": 4})
    ]
    assert world(params[0]) == world(params[1]) != world(params[2])


@pytest.mark.parametrize("rounds_run", [0, 7])
def test_each_moment_tells_all_that_the_one_before_told_and_more(told, rounds_run):
    """But for the times of the calendar, of which there are none at first."""
    steps = [told(rounds_run, moment) for moment in MOMENTS]
    for before, after in pairwise(steps):
        assert before != after
        for name in set(before) - {"races"}:
            assert not before[name] - after[name], name
    for name in ("results", "driver_standings"):
        assert steps[0][name] == steps[-1][name]


def test_a_run_race_is_told_as_it_was_told_before_and_its_own_weekend_as_well(told):
    """Successive snapshots: the grid of the next race, then the evening after it."""
    before, after = told(7, WHOLE), told(8, "before_weekend")
    for name in set(before) - {"grid", "driver_standings"}:
        assert not before[name] - after[name], name
    race = LAST * 100 + 8
    grid = {row["driverId"]: row["grid"] for row in _of(before["grid"], race)}
    results = {row["driverId"]: row["grid"] for row in _of(after["results"], race) if row["positionText"] != "W"}
    assert results == grid
    assert not _of(before["results"], race)


def test_what_is_known_of_the_next_race_at_each_moment(told):
    race = LAST * 100 + 8
    known = {
        moment: (
            sorted({row["session"] for row in _of(told(7, moment)["practice"], race)}),
            bool(_of(told(7, moment)["qualifying"], race)),
            "grid" in told(7, moment),
            sorted(row["leadHours"] for row in _of(told(7, moment)["weather_forecasts"], race)),
        )
        for moment in MOMENTS
    }
    sessions = ["FP1", "FP2", "FP3"] if race != _sprint_race(told) else ["FP1"]
    assert known == {
        "no_calendar": ([], False, False, []),
        "dates_only": ([], False, False, []),
        "before_weekend": ([], False, False, []),
        "after_first_practice": (["FP1"], False, False, ["72"]),
        "after_practice": (sessions, False, False, ["24", "72"]),
        "after_qualifying": (sessions, True, False, ["24", "72"]),
        "with_grid": (sessions, True, True, ["2", "24", "72"]),
        "results_overdue": (sessions, True, True, ["2", "24", "72"]),
    }
    later = told(7, "results_overdue")
    assert {row["session"] for row in _of(later["practice"], race + 1)} == {"FP1"}
    assert not _of(later["qualifying"], race + 1)
    assert not _of(later["results"], race)


def test_the_sprint_is_known_with_the_qualifying(told):
    race = _sprint_race(told)
    run = race - LAST * 100 - 1
    assert [
        bool(_of(told(run, moment)["sprint_results"], race)) for moment in ("after_practice", "after_qualifying")
    ] == [
        False,
        True,
    ]


def test_the_calendar_in_winter(told):
    rows = {
        moment: [dict(row) for row in told(0, moment)["races"]]
        for moment in ("no_calendar", "dates_only", "before_weekend")
    }
    assert {row["year"] for row in rows["no_calendar"]} == {str(LAST - 1)}
    assert {dict(row)["year"] for row in told(0, "no_calendar")["seasons"]} == {str(LAST - 1)}
    dated, timed = (
        [row for row in rows[name] if row["year"] == str(LAST)] for name in ("dates_only", "before_weekend")
    )
    assert len(dated) == len(timed) == SIZE["races"]
    assert {row["time"] for row in dated} | {row["quali_date"] for row in dated} == {"\\N"}
    assert {row["date"] for row in dated} == {row["date"] for row in timed}
    assert all(row["time"] != "\\N" for row in timed)


def test_right_after_a_race_nobody_has_heard_of_later_decisions(tmp_path):
    """In this world the first race of the last season is corrected a week later."""
    size = {**SIZE, "races": 6, "seed": 10, "rounds_run": 1}
    found = []
    for moment in ("before_weekend", WHOLE):
        (folder := tmp_path / moment).mkdir()
        fetch(None, SyntheticSettings(**size, moment=moment), folder)
        found.append((folder / "results_corrections.csv").is_file())
    assert found == [False, True]


def test_a_season_has_no_more_races_than_it_has_and_no_other_moments():
    with pytest.raises(UsageError, match="rounds_run is 13, but a season has 12 races"):
        SOURCE.settings(Params(sources={"synthetic": {**SIZE, "rounds_run": 13}}))
    with pytest.raises(UsageError, match="after_qualifying"):
        SOURCE.settings(Params(sources={"synthetic": {"moment": "after_quali"}}))
