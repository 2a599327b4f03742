"""The numbers of the catalogue's groups, checked by hand on small worlds."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.features import groups
from pitwall.features.driver_decay import faded_means
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.shared.form import last_values, trend
from pitwall.testing.worlds.tiny import tiny_tables

DAY = 86_400_000_000


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=2, races=4, cars=6)


def built(name, tables, **settings):
    return build_group(groups()[name], tables, Params(features={name: settings}))


def of_driver(name, tables, driver=1):
    """Return a driver's rows after each of their races, in time order."""
    rows = built(name, tables).query("driver_id == @driver")
    return rows[rows["event_timestamp"].isin(results_of(tables, driver)["event_timestamp"])].reset_index(drop=True)


def results_of(tables, driver=1):
    grid = tables["grid"][["race_id", "driver_id", "grid"]]
    return (
        tables["results"]
        .merge(grid, on=["race_id", "driver_id"])
        .query("driver_id == @driver")
        .sort_values("event_timestamp", ignore_index=True)
    )


def test_recent_races_are_counted_by_hand(tables):
    rows, results = of_driver("driver_recent", tables), results_of(tables)
    assert rows["avg_race_position_last_5"].iloc[-1] == results["place"].tail(5).mean()
    assert rows["avg_positions_gained"].iloc[-1] == (results["grid"] - results["place"]).tail(5).mean()
    assert rows["points_last_3_races"].iloc[-1] == results["points"].tail(3).sum()
    assert rows["points_last_3_races"].iloc[0] == results["points"].iloc[0]


def test_the_rate_of_a_season_begins_anew(tables):
    results = tables["results"].assign(retired=tables["results"]["race_id"] <= 4)  # all of the first season
    world = tables.replace(results=results)
    rows = built("driver_recent", world).query("driver_id == 1").set_index("event_timestamp")["dnf_rate_season"]
    assert rows.loc["2022-01-01"].isna().all()
    assert rows.loc[:"2021-12-31"].tolist() == [1.0] * 4
    assert rows.loc["2022-01-02":].tolist() == [0.0] * 4


def test_a_career_counts_what_was_achieved(tables):
    last, results = of_driver("driver_career", tables).iloc[-1], results_of(tables)
    assert last["career_starts"] == len(results) == 8
    assert last["career_wins"] == (results["place"] == 1).sum()
    assert last["career_podiums"] == (results["place"] <= 3).sum()
    assert last["career_poles"] == (results["grid"] == 1).sum()
    assert last["career_points"] == results["points"].sum()


def test_a_sprints_points_count_with_the_race_of_its_weekend(tables):
    race = tables["results"].query("race_id == 2 and driver_id == 1")
    sprint = race.assign(grid=1, points=7.0)[list(tables["sprints"].columns)].astype(dict(tables["sprints"].dtypes))
    before, after = (
        of_driver("driver_career", world)["career_points"] for world in (tables, tables.replace(sprints=sprint))
    )
    assert (after - before).tolist() == [0.0] + [7.0] * 7


def test_places_at_a_circuit(tables):
    rows = built("driver_circuit", tables).query("driver_id == 1 and circuit_id == 2")
    there = results_of(tables).query("race_id in (2, 6)")
    assert rows["track_experience_races"].tolist() == [1.0, 2.0]
    assert rows["avg_position_at_track"].tolist() == [there["place"].iloc[0], there["place"].mean()]
    assert rows["best_finish_at_track"].iloc[-1] == there["place"][there["classified"]].min()


def test_the_teammate_is_the_measure(tables):
    laps = tables["lap_times"].merge(tables["results"][["race_id", "driver_id", "constructor_id"]])
    slower = np.where(laps["driver_id"] % 2 == 0, 1.01, 1.0)
    laps["seconds"] = 80.0 * slower
    world = tables.replace(lap_times=laps[tables["lap_times"].columns], results=tables["results"].assign(retired=False))
    raced = laps.groupby(["race_id", "constructor_id"])["lap"].agg(lambda lap: (lap.value_counts() == 2).sum())
    assert (raced >= 8).any()
    pace = built("driver_teammate", world).query("driver_id == 1")["race_pace_vs_teammate"].dropna()
    assert pace.to_numpy() == pytest.approx(-100 * np.log(1.01))


def test_qualifying_against_the_field(tables):
    rows = built("driver_qualifying", tables).query("driver_id == 1")
    lines = tables["qualifying"].query("driver_id == 1").sort_values("event_timestamp")
    assert rows["avg_quali_position_last_5"].iloc[-1] == lines["place"].tail(5).mean()
    assert rows["quali_trend"].iloc[-1] == pytest.approx(np.polyfit(range(5), lines["place"].tail(5), 1)[0])
    assert rows["quali_trend"].isna().sum() == 2


def test_a_fading_memory_forgets_by_days():
    key, micros = np.array([1, 1, 2]), np.array([0, 60 * DAY, 90 * DAY])
    means = faded_means(key, micros, np.array([[1.0], [0.0], [0.5]]), 60.0)
    weight = np.exp(-1.0)
    assert means[:, 0].tolist() == pytest.approx([1.0, weight / (1 + weight), 0.5])


def test_the_winner_of_every_race_has_beaten_everybody(tables):
    results = tables["results"].assign(retired=False)
    results["place"] = results["driver_id"].groupby(results["race_id"]).rank().astype("int64")
    rows = built("driver_decay", tables.replace(results=results)).query("driver_id == 1")
    assert (rows[["driver_form_60d", "driver_form_365d", "driver_form_1500d"]] == 1.0).all(axis=None)
    assert (rows[["driver_retired_60d", "driver_retired_1500d"]] == 0.0).all(axis=None)


def test_long_stops_are_stoppages(tables):
    stops = tables["pit_stops"].assign(seconds=25.0)
    stops.loc[stops.index[::3], "seconds"] = 900.0
    rows = built("team_recent", tables.replace(pit_stops=stops))["avg_pit_stop_time"].dropna()
    assert len(rows)
    assert (rows == 25.0).all()


def test_reliability_and_points_of_a_team(tables):
    results = tables["results"].assign(retired=tables["results"]["driver_id"] == 1)
    share = results["race_id"].astype("float64")  # the first team's points grow from race to race
    results["points"] = np.where(results["constructor_id"] == 1, share, 50.0 - share / 2)
    rows = built("team_recent", tables.replace(results=results)).query("constructor_id == 1")
    assert (rows["reliability_rate"] == 0.5).all()
    assert rows["points_trajectory"].isna().sum() == 2
    assert (rows["points_trajectory"].dropna() > 0).all()


def test_a_constructors_place_begins_anew(tables):
    rows = built("team_standing", tables).set_index("event_timestamp")
    assert rows.loc["2022-01-01", "constructor_position"].isna().all()
    assert (rows.query("constructor_position == 1")["constructor_points_share"] == 1.0).all()


def test_catching_up_is_negative_and_stays_within_the_season():
    world = tiny_tables(seasons=2, races=8, cars=4)
    lines = world["qualifying"].copy()
    best = lines["constructor_id"] == 1
    lines["q1"] = np.where(best, 80.0, 82.0 - 0.1 * ((lines["race_id"] - 1) % 8))
    rows = built("team_pace", world.replace(qualifying=lines)).query("constructor_id == 2")
    change = rows["team_pace_change"]
    assert change.notna().sum() == 2 * 3
    assert change.dropna().to_numpy() == pytest.approx(-100 * 0.3 / 80)


def test_a_team_keeps_its_circuits_across_a_rename(tables):
    teams = tables["constructors"].copy()
    teams.loc[teams["constructor_id"] == 3, "lineage"] = 2
    results = tables["results"][lambda rows: (rows["race_id"] <= 4) | (rows["constructor_id"] != 2)]
    results = results[(results["race_id"] > 4) | (results["constructor_id"] != 3)]
    world = tables.replace(constructors=teams, results=results)
    rows = built("team_circuit", world).query("circuit_id == 1")
    here = [rows.query("constructor_id == @team")["team_avg_position_at_track"].tolist() for team in (2, 3)]
    assert here[0] == here[1]
    assert len(here[0]) == 2


def test_a_circuit_that_suits_a_team_is_better_than_its_form(tables):
    results = tables["results"].copy()
    at_home = results["race_id"].isin([3, 7])
    results["place"] = np.where((results["constructor_id"] == 1) & ~at_home, 5, results["driver_id"])
    rows = built("team_circuit", tables.replace(results=results)).query("constructor_id == 1 and circuit_id == 3")
    home = results[at_home & (results["constructor_id"] == 1)].groupby("race_id")["place"].mean()
    form = [5.0, np.mean([5.0, home[3], 5.0, 5.0, 5.0])]  # the last two, then the last five races before each visit
    better = [form[0] - home[3], form[1] - home[7]]
    assert rows["team_track_performance"].tolist() == pytest.approx([better[0], np.mean(better)])


def test_a_circuits_races_are_counted(tables):
    results = tables["results"].assign(place=tables["results"]["driver_id"], classified=True, retired=False)
    grid = tables["grid"].assign(grid=tables["grid"]["driver_id"].map(lambda driver: {1: 2, 2: 1}.get(driver, driver)))
    rows = built("circuit_history", tables.replace(results=results, grid=grid)).query("circuit_id == 1")
    assert rows["circuit_races_held"].tolist() == [1.0, 2.0]
    cars = results.groupby("race_id").size()
    assert rows["circuit_overtaking"].iloc[0] == pytest.approx(2 / cars[1])
    assert (rows["circuit_pole_win_rate"] == 0.0).all()
    assert (rows["circuit_dnf_rate"] == 0.0).all()


def test_a_weekends_details(tables):
    rows = built("session_detail", tables).query("race_id == 2").groupby("driver_id").last()
    practice = tables["practice"].query("race_id == 2").set_index("driver_id")
    lines = tables["qualifying"].query("race_id == 2").set_index("driver_id")
    grid = tables["grid"].query("race_id == 2").set_index("driver_id")["grid"]
    assert rows["fp_pace_ranking"].tolist() == practice["seconds"].rank().loc[rows.index].tolist()
    assert (rows["practice_laps"] == 20.0).all()
    assert rows["quali_gap_to_pole"].tolist() == pytest.approx((lines["q1"] - lines["q1"].min()).loc[rows.index])
    assert rows["start_position"].tolist() == grid.loc[rows.index].tolist()
    assert rows["places_lost_on_grid"].tolist() == (grid - lines["place"]).loc[rows.index].tolist()
    assert rows["sprint_place"].isna().all()
    assert rows.loc[1, "quali_gap_to_teammate"] == pytest.approx(-rows.loc[2, "quali_gap_to_teammate"])


def test_a_car_that_misses_a_session_is_ranked_and_one_not_seen_yet_is_not(tables):
    first = tables["practice"].query("race_id == 1")
    hour = pd.Timedelta(hours=3)
    second = first.assign(
        session="FP2",
        seconds=first["seconds"] - 10,
        event_timestamp=first["event_timestamp"] + hour,
        known_at=first["known_at"] + hour,
    )
    practice = pd.concat([first[first["driver_id"] != 2], second[second["driver_id"] != 1]], ignore_index=True)
    practice = practice.astype(dict(first.dtypes))
    rows = built("session_detail", tables.replace(practice=practice)).query("race_id == 1")
    ranks = rows[rows["event_timestamp"] <= second["event_timestamp"].max()].groupby("driver_id")["fp_pace_ranking"]
    assert ranks.size().loc[[1, 2]].tolist() == [2, 1]
    assert ranks.last()[1] == 6.0


def test_last_values_and_their_trend():
    rows = pd.DataFrame({"driver_id": [1, 2, 1, 1], "place": [4, 9, 3, 2]})
    values = last_values(rows, "driver_id", "place", 3)
    np.testing.assert_array_equal(values, [[np.nan, np.nan, 4], [np.nan, np.nan, 9], [np.nan, 4, 3], [4, 3, 2]])
    np.testing.assert_array_equal(trend(values), [np.nan, np.nan, np.nan, -1.0])
