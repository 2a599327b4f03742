"""What a green lap is: every reason why a lap is not one, told from what was known when it ended."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.domain.tables import STAMPS, Tables
from pitwall.domain.tables.specs import SPECS
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.shared.green import GREEN, READS, REASONS, lap_reasons, reasons_known_at
from pitwall.features.machinery.shared.green_window import DELETED_AFTER, last_green
from pitwall.features.machinery.shared.race_laps import completed_laps
from pitwall.testing.worlds.tiny import tiny_tables

START = pd.Timestamp("2021-03-01 13:00", tz="UTC")
FREE = 80.0


@pytest.fixture(scope="module")
def template():
    return tiny_tables(seasons=1, races=1, cars=2)


def stamped(name, template, rows, clock):
    """Return a table of race 1 in its own columns and types, what is not given as in the template's first row."""
    first = template[name].iloc[[0] * len(rows)].reset_index(drop=True)
    frame = first.assign(**pd.DataFrame(rows).to_dict("series"))
    instant = START + pd.to_timedelta(frame[clock], unit="s")
    frame = frame.assign(event_timestamp=instant, known_at=instant)
    return frame.astype({**SPECS[name].columns, **STAMPS})[SPECS[name].all_columns]


def log(template, name, *entries):
    """Return a log of race 1: instant and status, or instant and whether it rains."""
    if name == "weather":
        rows = [{"sample": n, "seconds": at, "rainfall": what} for n, (at, what) in enumerate(entries, 1)]
    else:
        rows = [{"message": n, "seconds": at, "status": what} for n, (at, what) in enumerate(entries, 1)]
    return stamped(name, template, rows, "seconds")


def race(template, cars, **logs):
    """Return tables of one race: per driver a list of laps, each its seconds or a dict of columns; logs as `log` takes them."""
    rows = []
    for driver, laps in cars.items():
        clock = 0.0
        for number, lap in enumerate(laps, start=1):
            given = lap if isinstance(lap, dict) else {"seconds": lap}
            begins = given.get("start_seconds", clock)
            clock = given.get("end_seconds", begins + given["seconds"])
            row = {"driver_id": driver, "lap": number, "completed": True, "stint": 1.0, "rainfall": False}
            rows.append({**row, "track_status": "1", "start_seconds": begins, "end_seconds": clock, **given})
    made = {name: log(template, name, *logs.get(name, ((-600.0, quiet),))) for name, quiet in QUIET.items()}
    return template.replace(laps=stamped("laps", template, rows, "end_seconds"), **made)


QUIET = {"weather": False, "track_status": "1", "session_status": "Inactive"}


def reasons(tables, driver=1, *, over=False):
    laps = completed_laps(tables)
    found = lap_reasons(laps, tables, over=over)
    return found[laps["driver_id"] == driver].tolist()


def test_a_quiet_race_is_green_after_its_first_lap(template):
    assert reasons(race(template, {1: [FREE] * 4})) == ["first lap", GREEN, GREEN, GREEN]


@pytest.mark.parametrize(
    ("lap", "reason"),
    [
        ({"pit_in_seconds": 150.0}, "in lap"),
        ({"pit_out_seconds": 90.0}, "out lap"),
        ({"track_status": "124"}, "safety car"),
        ({"track_status": "67"}, "virtual safety car"),
        ({"track_status": "7"}, "virtual safety car"),
        ({"track_status": "15"}, "stopped"),
        ({"track_status": "12"}, GREEN),  # a yellow flag is one corner
        ({"compound": "INTERMEDIATE"}, "rain tyres"),
        ({"rainfall": True}, "rain"),
        ({"seconds": np.nan, "end_seconds": 160.0}, "no time"),
    ],
)
def test_a_lap_tells_itself(template, lap, reason):
    tables = race(template, {1: [FREE, {"seconds": FREE, "compound": "SOFT", **lap}, FREE], 2: [FREE] * 9})
    assert reasons(tables)[1] == reason
    assert reason == GREEN or reason in REASONS


@pytest.mark.parametrize(
    ("name", "entries", "second", "third"),
    [
        ("track_status", [(-600, "1"), (100, "4"), (120, "1")], "safety car", GREEN),
        ("track_status", [(-600, "1"), (20, "6"), (85, "7"), (90, "1")], "virtual safety car", GREEN),
        ("track_status", [(-600, "1"), (100, "5")], "stopped", "stopped"),
        ("session_status", [(0, "Started"), (100, "Aborted")], "stopped", "stopped"),
        ("weather", [(-60, False), (100, True), (165, False)], "rain", "rain"),  # in force when the third begins
        ("weather", [(-60, False), (100, True), (160, False)], "rain", GREEN),
        ("track_status", [(-600, "1"), (160.001, "4")], GREEN, "safety car"),  # it came after the second lap
    ],
)
def test_the_logs_tell_what_the_laps_do_not(template, name, entries, second, third):
    assert reasons(race(template, {1: [FREE] * 3}, **{name: entries})) == ["first lap", second, third]


def standing_restart(template, **logs):
    """Red flag on the third lap; the cars leave the pit lane at 2000, wait on the grid, and race on after the fifth lap began."""
    stopped = {"seconds": np.nan, "end_seconds": 250.0, "pit_in_seconds": 245.0, "track_status": "15"}
    to_grid = {"seconds": np.nan, "start_seconds": 2000.0, "end_seconds": 2139.0, "pit_out_seconds": 2010.0}
    return race(template, {1: [FREE, FREE, stopped, to_grid, 140.0, FREE, FREE, FREE]}, **logs)


SESSION = [(0, "Started"), (200, "Aborted"), (2000, "Started"), (3000, "Finished")]
TRACK = [(-600, "1"), (200, "5"), (1900, "1")]


@pytest.mark.parametrize(
    "logs", [{"session_status": SESSION}, {"track_status": TRACK}, {"session_status": SESSION, "track_status": TRACK}]
)
def test_the_lap_to_the_grid_and_the_one_from_it_are_the_restart(template, logs):
    found = reasons(standing_restart(template, **logs))
    assert found == ["first lap", GREEN, "stopped", "restart", "restart", GREEN, GREEN, GREEN]


def test_a_restart_does_not_spoil_pace_and_slope(template):
    tables = standing_restart(template, session_status=SESSION)
    rows = build_group(groups()["lap_state"], tables, Params(features={"lap_state": {"fewest_laps": 3}}))
    after = rows.sort_values("event_timestamp").iloc[5:]
    assert after["green_pace_3"].dropna().eq(FREE).all() and after["green_pace_3"].notna().sum() == 2
    assert after["tire_deg_rate"].dropna().abs().max() < 0.001


def test_a_car_without_a_pit_exit_restarts_with_the_lap_that_began_then(template):
    waits = {"seconds": np.nan, "end_seconds": 250.0, "track_status": "15"}
    on_grid = {"seconds": 90.0, "start_seconds": 2000.0}
    found = reasons(race(template, {1: [FREE, FREE, waits, on_grid, FREE, FREE]}, session_status=SESSION))
    assert found[2:] == ["stopped", "restart", "restart", GREEN]


def test_a_standing_start_after_laps_behind_the_safety_car_is_still_the_restart(template):
    stopped = {"seconds": np.nan, "end_seconds": 250.0, "pit_in_seconds": 245.0, "track_status": "15"}
    out = {"seconds": 120.0, "start_seconds": 2000.0, "pit_out_seconds": 2010.0, "track_status": "14"}
    behind = {"seconds": 130.0, "track_status": "4"}
    cars = {1: [FREE, FREE, stopped, out, behind, behind, 140.0, FREE, {"seconds": 130.0, "track_status": "4"}, FREE]}
    found = reasons(race(template, cars, session_status=SESSION))
    assert found[3:] == ["restart", "safety car", "safety car", "restart", GREEN, "safety car", GREEN]


def test_the_start_of_the_race_is_no_restart(template):
    delayed = [(-900, "Inactive"), (0, "Started"), (900, "Finished")]
    assert reasons(race(template, {1: [FREE] * 3}, session_status=delayed)) == ["first lap", GREEN, GREEN]


def test_a_track_is_wet_while_a_quarter_of_the_field_is_on_rain_tyres(template):
    wet = [{"seconds": 90.0, "compound": "WET"}] * 3 + [{"seconds": 90.0, "compound": "SOFT"}] * 30
    dry = [{"seconds": 91.0, "compound": "SOFT"}] * 33
    found = reasons(race(template, {1: dry, 2: wet}))
    assert found[1:10] == ["wet track"] * 5 + [GREEN] * 4  # 3 of 12 laps are wet, then 3 of 14
    assert "wet track" not in reasons(race(template, {1: dry, 2: dry}))


def test_without_any_log_the_laps_tell_what_they_can(template):
    tables = race(template, {1: [FREE, {"seconds": 140.0, "track_status": "14"}, FREE]})
    nothing = {name: tables[name].head(0) for name in READS[1:]}
    assert reasons(tables.replace(**nothing)) == ["first lap", "safety car", GREEN]


def test_what_the_last_race_ended_with_says_nothing_of_the_next(template):
    tables = race(template, {1: [FREE] * 3}, track_status=[(-600, "1"), (3000, "4")])
    assert reasons(tables.replace(laps=tables["laps"].assign(race_id=2))) == ["first lap", GREEN, GREEN]


def test_a_reason_is_known_when_the_lap_ends(template):
    """Each lap says the same when everything after its end is taken away."""
    stopped = {"seconds": np.nan, "end_seconds": 260.0, "pit_in_seconds": 245.0}
    cars = {
        1: [FREE, FREE, stopped, {"seconds": 130.0, "start_seconds": 2000.0, "pit_out_seconds": 2010.0}, 140.0, FREE],
        2: [*[{"seconds": 81.0, "compound": "WET"}] * 2, {**stopped, "end_seconds": 280.0}, 1800.0, 99.0],
    }
    logs = {"session_status": SESSION, "track_status": TRACK, "weather": [(-60, False), (2271, True)]}
    tables = race(template, cars, **logs)
    laps = completed_laps(tables)
    whole = lap_reasons(laps, tables, over=False)
    assert {"stopped", "restart", "rain", "rain tyres", "wet track"} <= set(whole)
    for end in laps["event_timestamp"].unique():
        then = tables.cut(end + pd.Timedelta(microseconds=1))
        known = completed_laps(then)
        assert lap_reasons(known, then, over=False).tolist() == whole[laps["event_timestamp"] <= end].tolist()


def test_a_lap_is_known_when_the_messages_up_to_its_end_are(template):
    tables = race(template, {1: [FREE] * 3, 2: [85.0] * 3}, track_status=[(-600, "1"), (100, "4"), (9000, "1")])
    late, absurd = (START + pd.Timedelta(days=days) for days in (1, 2))
    log = tables["track_status"].assign(known_at=[START, late, absurd]).astype(STAMPS)
    laps = completed_laps(tables)
    known = reasons_known_at(laps, tables.replace(track_status=log))
    ends = laps["event_timestamp"]
    assert (known == ends.where(laps["end_seconds"] < 100, late)).all()
    assert (reasons_known_at(laps, tables) == ends).all()


def test_a_late_lap_holds_back_the_later_ones_of_its_car_and_of_the_field(template):
    tables = race(template, {1: [FREE] * 3, 2: [85.0] * 3})
    late = START + pd.Timedelta(days=1)
    laps = completed_laps(tables)
    second = (laps["driver_id"] == 1) & (laps["lap"] == 2)
    known = reasons_known_at(laps.assign(known_at=laps["known_at"].mask(second, late)), tables)
    assert (known == late).tolist() == [False, True, True, False, True, True]
    absurd = laps.assign(
        known_at=laps["known_at"].mask(second, late), end_seconds=laps["end_seconds"].mask(second, 1e9)
    )
    assert (reasons_known_at(absurd, tables) == late).tolist() == [False, True, True, False, False, False]


def with_deleted(template, times, deleted):
    laps = [{"seconds": seconds, "deleted": number == deleted} for number, seconds in enumerate(times, start=1)]
    return race(template, {1: laps})


def test_a_deleted_lap_is_green_until_race_control_can_have_said_so(template):
    times = [FREE, 70.0, *[FREE] * 7]
    tables = with_deleted(template, times, deleted=2)
    assert reasons(tables)[1] == GREEN
    assert reasons(tables, over=True)[1] == "deleted"
    laps = completed_laps(tables)
    last = last_green(laps, lap_reasons(laps, tables, over=False) == GREEN, ["race_id"], 3)
    told = 1 + DELETED_AFTER
    assert (last[:told] == 70.0).any(axis=1).tolist() == [False, True, True, True]
    assert not (last[told:] == 70.0).any()
    np.testing.assert_array_equal(last[told], [FREE] * 3)  # the laps since then move up


def test_a_deleted_lap_leaves_the_slope(template):
    settings = Params(features={"lap_state": {"fewest_laps": 3}})
    times = [95.0, 90.0, 90.1, 70.0, 90.3, 90.4, 90.5, 90.6, 90.7]
    kept, deleted = (
        build_group(groups()["lap_state"], with_deleted(template, times, lap), settings)["tire_deg_rate"].to_numpy()
        for lap in (0, 4)
    )
    told = 3 + DELETED_AFTER
    np.testing.assert_array_equal(kept[:told], deleted[:told])
    assert deleted[told:] == pytest.approx([0.1] * 3)
    assert kept[-1] != pytest.approx(0.1, abs=0.01)


def test_the_fields_pace_and_a_cars_share_one_window(template):
    tables = race(template, {1: [90.0, 80.0, 81.0, 82.0], 2: [91.0, 83.0, 84.0, 85.0]})
    laps = completed_laps(tables).sort_values("end_seconds", ignore_index=True)
    green = lap_reasons(laps, tables, over=False) == GREEN
    np.testing.assert_array_equal(last_green(laps, green, ["race_id"], 4)[-1], [81.0, 84.0, 82.0, 85.0])
    np.testing.assert_array_equal(last_green(laps, green, ["race_id", "driver_id"], 4)[-1], [np.nan, 83.0, 84.0, 85.0])


def test_no_laps_no_reasons():
    tables = Tables({name: tiny_tables(seasons=1, races=1, cars=2)[name].head(0) for name in READS})
    assert lap_reasons(completed_laps(tables), tables, over=True).empty
    assert build_group(groups()["lap_state"], tables, Params()).empty
