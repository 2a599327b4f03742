"""Sector times of sessions and weather forecasts, checked by hand: values, and from when they are known."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.domain.tables import STAMPS
from pitwall.domain.tables.specs import SPECS
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.known import as_known
from pitwall.testing.worlds.tiny import tiny_tables

RACE = pd.Timestamp("2021-03-01 13:00", tz="UTC")
TIMES = {"FP1": -50, "FP2": -46, "Q1": -23, "Q2": -23}  # hours before the race
KNOWN = pd.Timedelta(hours=2)


@pytest.fixture(scope="module")
def template():
    return tiny_tables(seasons=1, races=1, cars=4)


def built(name, tables, **settings):
    return build_group(groups()[name], tables, Params(features={name: settings}))


def sectors(template, *lines):
    """Return tables with sectors of race 1: (driver, session, three sectors)."""
    rows = pd.DataFrame([(1, who, 1, what, *times) for who, what, times in lines], columns=SECTOR_COLUMNS)
    event = RACE + pd.to_timedelta(rows["session"].map(TIMES) + 1, unit="h")
    rows = rows.assign(event_timestamp=event, known_at=event + KNOWN, known_estimated=True)
    return template.replace(session_sectors=rows.astype({**SPECS["session_sectors"].columns, **STAMPS}))


SECTOR_COLUMNS = ["race_id", "driver_id", "constructor_id", "session", "sector_1", "sector_2", "sector_3"]


def at(rows, hours, driver=1):
    """Return what a group says of a car, or of the race, so many hours before its start."""
    keys = {"race_id": [1], "driver_id": [driver], "cutoff": [RACE - pd.Timedelta(hours=hours)]}
    name = "sector_times" if "driver_id" in rows else "weather_forecast"
    return as_known(pd.DataFrame(keys), groups()[name], rows).iloc[0]


def test_best_sectors_gaps_and_the_ideal_lap_of_qualifying(template):
    tables = sectors(
        template,
        (1, "Q1", (30.0, 40.0, 31.0)),
        (1, "Q2", (31.0, 39.0, 30.0)),
        (2, "Q1", (30.3, 38.0, 30.0)),
        (3, "Q1", (60.0, 40.0, 33.0)),
    )
    own, other, slow = (at(built("sector_times", tables), 1, driver) for driver in (1, 2, 3))
    assert own[["quali_sector_1", "quali_sector_2", "quali_sector_3"]].tolist() == [30.0, 39.0, 30.0]
    assert own["quali_sector_1_gap_pct"] == 0.0
    assert own["quali_sector_2_gap_pct"] == pytest.approx(100 * (39 / 38 - 1))
    assert (own["quali_purple_sectors"], other["quali_purple_sectors"], slow["quali_purple_sectors"]) == (2.0, 2.0, 0.0)
    assert own["quali_ideal_gap_pct"] == pytest.approx(100 * (99 / 98.3 - 1))
    assert own["quali_ideal_lost_pct"] == pytest.approx(100 * (100 / 99 - 1))
    assert (other["quali_ideal_gap_pct"], other["quali_ideal_lost_pct"]) == (0.0, pytest.approx(0.0))
    assert slow["quali_sector_1_gap_pct"] == 7.0  # capped
    assert own[[name for name in own.index if name.startswith("practice")]].isna().all()


def test_practice_goes_on_from_session_to_session_and_waits_for_its_publication(template):
    tables = sectors(
        template,
        (1, "FP1", (30.0, 40.0, 30.0)),
        (2, "FP1", (31.0, 41.0, 31.0)),
        (2, "FP2", (29.0, 42.0, 30.0)),
        (3, "FP2", (33.0, 43.0, 33.0)),
    )
    rows = built("sector_times", tables)
    assert np.isnan(at(rows, 47.01)["practice_sector_1"])  # FP1 is known three hours after it began
    first, second = at(rows, 46.9), at(rows, 40)
    assert (first["practice_sector_1_gap_pct"], first["practice_purple_sectors"]) == (0.0, 3.0)
    assert second["practice_sector_1"] == 30.0  # it did not drive in the second session
    assert second["practice_sector_1_gap_pct"] == pytest.approx(100 * (30 / 29 - 1))  # but another car did
    assert second["practice_purple_sectors"] == 2.0
    assert at(rows, 40, driver=2)["practice_ideal_lost_pct"] == pytest.approx(100 * (101 / 100 - 1))
    assert np.isnan(at(rows, 46.9, driver=3)["practice_sector_1"])


def forecasts(template, *lines):
    """Return tables with forecasts of race 1: (hours ahead, chance of rain, temperature)."""
    rows = pd.DataFrame(
        [(1, *line) for line in lines], columns=["race_id", "lead_hours", "rain_probability", "air_temp"]
    )
    moment = RACE - pd.to_timedelta(rows["lead_hours"], unit="h")
    rows = rows.assign(event_timestamp=moment, known_at=moment, known_estimated=True)
    return template.replace(weather_forecasts=rows.astype({**SPECS["weather_forecasts"].columns, **STAMPS}))


def test_the_newest_forecast_known_at_the_cutoff_counts(template):
    rows = built("weather_forecast", forecasts(template, (72, 0.3, 20.0), (24, 0.7, np.nan), (2, 0.9, 17.0)))
    names = ["rain_probability", "forecast_air_temp", "forecast_lead_hours"]
    assert at(rows, 73)[names].isna().all()
    assert at(rows, 72)[names].isna().all()  # published at the cut-off itself
    assert at(rows, 50)[names].tolist() == [0.3, 20.0, 72.0]
    np.testing.assert_array_equal(at(rows, 23)[names].to_numpy(float), [0.7, np.nan, 24.0])
    assert at(rows, 0)[names].tolist() == [0.9, 17.0, 2.0]


def test_a_source_without_them_gives_no_row(template):
    nothing = {name: template[name].head(0) for name in ("session_sectors", "weather_forecasts")}
    assert all(built(name, template.replace(**nothing)).empty for name in ("sector_times", "weather_forecast"))


def test_the_sets_that_were_there_do_not_hold_them():
    new = {"sector_times", "weather_forecast"}
    holders = {name for name, members in feature_sets().items() if new & {group.name for group in members}}
    assert holders == {"all", "rain_impact", "sectors", "weather"}  # "order" is what the shipped forecasts read
