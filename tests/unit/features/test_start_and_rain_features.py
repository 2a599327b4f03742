"""Tyres on the grid, what cars on them did before, and what times say of the weather, checked by hand."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.domain.racing.start_tyres import start_tyres
from pitwall.domain.when import as_utc
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.group import STAMPS
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=1, races=3, cars=4)


def built(name, tables, **settings):
    return build_group(groups()[name], tables, Params(features={name: settings}))


def on(tables, *compounds):
    """Return the tables with the tyres of the four cars of each race."""
    told = tables["start_tyres"].sort_values(["race_id", "driver_id"], ignore_index=True)
    return tables.replace(start_tyres=told.assign(compound=[name for race in compounds for name in race]))


def test_tyres_are_known_before_the_start_and_told_of_the_first_stint(tables):
    told = tables["start_tyres"].merge(tables["races"][["race_id", "starts_at"]], on="race_id")
    assert (told["starts_at"] - told["known_at"] == pd.Timedelta(minutes=5)).all()
    lines = [
        (1, 7, 1, np.nan, None, np.nan),  # the feed of 2018: nothing on lap 1
        (1, 7, 2, 1.0, "SOFT", 5.0),
        (1, 7, 9, 2.0, "HARD", 1.0),
        (1, 8, 1, 1.0, "UNKNOWN", 1.0),
        (1, 8, 9, 2.0, "HARD", 1.0),
        (1, 9, 1, 1.0, "MEDIUM", 1.0),
    ]
    laps = pd.DataFrame(lines, columns=["race_id", "driver_id", "lap", "stint", "compound", "tyre_laps"])
    found = start_tyres(laps).set_index("driver_id")
    assert found["compound"].to_dict() == {7: "SOFT", 9: "MEDIUM"}
    assert found["tyre_laps"].to_dict() == {7: 3.0, 9: 0.0}


def test_a_car_stands_beside_its_field(tables):
    world = on(tables, ("SOFT", "HYPERSOFT", "MEDIUM", "HARD"), ("SOFT",) * 4, ("INTERMEDIATE",) * 4)
    rows = built("start_tyre", world).sort_values(["race_id", "driver_id"], ignore_index=True)
    first = rows[:4]
    assert first["start_tyre"].tolist() == [1.0, 1.0, 2.0, 3.0]
    assert first["start_on_hard"].tolist() == [0.0, 0.0, 0.0, 1.0]
    assert (first["field_on_soft"] == 0.5).all()
    np.testing.assert_allclose(first["start_hardness"], [-0.25, -0.25, 0.125, 0.375])
    np.testing.assert_allclose(rows["start_hardness"][4:], 0.0)
    assert rows["start_on_rain_tyres"].tolist() == [0.0] * 8 + [1.0] * 4


def test_a_car_on_harder_tyres_than_its_team_mate_is_told_from_one_alone(tables):
    world = on(tables, ("SOFT", "HARD", "MEDIUM", "HARD"), ("SOFT",) * 4, ("SOFT",) * 4)
    told = world["start_tyres"]
    teams = told["driver_id"].map(dict(zip(sorted(told["driver_id"].unique()), (1, 1, 2, 3), strict=True)))
    rows = built("start_tyre", world.replace(start_tyres=told.assign(constructor_id=teams)))
    gap = rows.sort_values(["race_id", "driver_id"])["team_hardness_gap"].to_numpy()
    # by hardness the four of the first race rank 1, 3.5, 2, 3.5: the first team split its tyres by 2.5 of 4 places
    np.testing.assert_allclose(gap[:4], [-0.625, 0.625, 0.0, 0.0])
    np.testing.assert_allclose(gap[4:], 0.0)


@pytest.mark.parametrize("shares", [(0.2, 0.2, 0.5), (0.2, 0.5, 0.3)])
def test_a_circuit_has_more_early_and_late_first_stops_than_the_races_before(tables, shares):
    races, distance = tables["races"], tables["results"].groupby("race_id")["laps"].max()
    here = dict(zip(races["race_id"], (10, 20, 20), strict=True))
    stops = tables["pit_stops"]
    laps = (stops["race_id"].map(dict(zip(here, shares, strict=True))) * stops["race_id"].map(distance)).round()
    world = tables.replace(
        races=races.assign(circuit_id=races["race_id"].map(here)), pit_stops=stops.assign(lap=laps.astype("int64"))
    )
    rows = built("circuit_first_stops", world, fade=1.0, weight=1.0).sort_values("event_timestamp")
    assert rows["circuit_id"].tolist() == [10, 20, 20]
    # all cars of a race stop alike: the second race stands against the first, the third against the mean of both
    first, second, third = (np.array([share < 0.28, share > 0.42], dtype=float) for share in shares)
    one, two = second - first, third - (first + second) / 2
    expected = np.array([[0.0, 0.0], one / 2, (one + two) / 3])
    np.testing.assert_allclose(rows[["circuit_early_stops", "circuit_late_stops"]], expected)


def test_how_far_cars_on_such_tyres_drove_is_known_of_races_before_alone(tables):
    races, distance = tables["races"], tables["results"].groupby("race_id")["laps"].max()
    one = tables.replace(races=races.assign(circuit_id=races["circuit_id"].iloc[0]))
    stops = tables["pit_stops"]
    share = stops["race_id"].map({1: 0.2, 2: 0.5, 3: 0.9})
    laps = (share * stops["race_id"].map(distance)).round().astype("int64")
    world = on(
        one.replace(pit_stops=stops.assign(lap=laps)), ("SOFT",) * 4, ("SOFT",) * 4, ("HARD",) * 2 + ("SOFT",) * 2
    )
    rows = built("start_tyre", world, decay=1.0, weight=2.0)
    driven = rows.sort_values(["race_id", "driver_id"])["tyre_first_stop"].to_numpy().reshape(3, 4)
    real = (laps / stops["race_id"].map(distance)).groupby(stops["race_id"]).agg(["mean", "size"])
    both = np.average(real["mean"][:2], weights=real["size"][:2])
    assert np.isnan(driven[0]).all()
    np.testing.assert_allclose(driven[1], real["mean"][1])
    assert np.isnan(driven[2, :2]).all()  # nobody has driven on hard tyres yet
    np.testing.assert_allclose(driven[2, 2:], both)


def test_a_wet_session_shows_in_the_times_as_they_come(tables):
    seconds = {"FP1": 80.0, "FP2": 88.0, "FP3": 79.0}
    first, parts = tables["practice"], []
    for number, name in enumerate(seconds):
        stamps = {stamp: as_utc(first[stamp] + number * pd.Timedelta(hours=4)) for stamp in STAMPS}
        parts.append(first.assign(session=name, **stamps))
    practice = pd.concat(parts, ignore_index=True)
    quick = practice["session"].map(seconds) + 0.1 * practice["driver_id"]
    quali = tables["qualifying"]
    parts = dict.fromkeys(("q1", "q2", "q3"), 85.0 + 0.1 * quali["driver_id"])
    world = tables.replace(practice=practice.assign(seconds=quick), qualifying=quali.assign(**parts))
    rows = built("weekend_wetness", world).sort_values(["race_id", "event_timestamp"])
    own = rows[rows["race_id"] == rows["race_id"].iloc[0]]
    best = {name: value + 0.1 * practice["driver_id"].min() for name, value in seconds.items()}
    spread = [100 * np.log(best["FP2"] / best[quickest]) for quickest in ("FP1", "FP3")]
    np.testing.assert_allclose(own["practice_spread_pct"], [0.0, spread[0], spread[1], spread[1]])
    slower = 100 * np.log((85.0 + 0.1 * quali["driver_id"].min()) / best["FP3"])
    np.testing.assert_allclose(own["qualifying_slower_pct"], [np.nan] * 3 + [slower])


def test_a_circuit_is_as_wet_as_its_races_drawn_to_the_usual(tables):
    races = tables["races"]
    one = tables.replace(races=races.assign(circuit_id=races["circuit_id"].iloc[0]))
    rows = built("circuit_rain", one, prior=0.1, weight=1.0).sort_values("event_timestamp")
    # of the tiny world's races the third is wet
    np.testing.assert_allclose(rows["circuit_wet_lap_share"], [0.1 / 2, 0.1 / 3, 1.1 / 4])
