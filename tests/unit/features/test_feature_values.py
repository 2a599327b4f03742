"""The numbers of the feature groups, checked by hand, and the odd corners of history."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.shared.filter import FilterSettings, SkillFilter
from pitwall.features.machinery.shared.ratings import qualifying_gap, savage
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=2, races=4, cars=6)


def built(name, tables, **settings):
    return build_group(groups()[name], tables, Params(features={name: settings}))


def test_driver_form_is_the_mean_of_the_last_races(tables):
    rows = built("driver_form", tables, window=2)
    results = tables["results"].query("driver_id == 1").sort_values("event_timestamp")
    of_driver = rows.query("driver_id == 1").set_index("event_timestamp")
    expected = results["place"].rolling(2, min_periods=1).mean()
    assert of_driver.loc[results["event_timestamp"], "driver_place_mean"].tolist() == expected.tolist()
    assert of_driver["driver_starts"].max() == 8
    grid = tables["grid"].query("driver_id == 1 and race_id == 1")["grid"].iloc[0]
    assert of_driver["driver_gain_mean"].iloc[0] == grid - results["place"].iloc[0]


def test_pace_and_championship_begin_anew_on_new_years_day(tables):
    form, standing = (built(name, tables) for name in ("driver_form", "championship"))
    form, standing = (
        rows[(rows["driver_id"] == 1) & (rows["event_timestamp"] == "2022-01-01")] for rows in (form, standing)
    )
    assert form["driver_pace_season"].isna().tolist() == [True]
    assert form["driver_starts"].tolist() == [4]
    assert standing["championship_place"].isna().tolist() == [True]


def test_the_leader_has_all_of_the_leaders_points(tables):
    rows = built("championship", tables).dropna()
    assert (rows.loc[rows["championship_place"] == 1, "championship_points_share"] == 1).all()


def test_session_rows_carry_what_was_published_before(tables):
    rows = built("session", tables).query("race_id == 1 and driver_id == 1").sort_values("event_timestamp")
    assert rows["practice_gap_pct"].notna().tolist() == [True, True, True]
    assert rows["qualifying_place"].notna().tolist() == [False, True, True]
    assert rows["grid"].notna().tolist() == [False, False, True]
    qualifying = tables["qualifying"].query("race_id == 1").set_index("driver_id")["q1"]
    expected = 100 * (qualifying[1] / qualifying.min() - 1)
    assert rows["qualifying_gap_pct"].iloc[-1] == pytest.approx(expected)


def test_a_gap_is_capped_and_a_car_without_a_time_has_none(tables):
    lines = tables["qualifying"].copy()
    lines.loc[lines["driver_id"] == 1, "q1"] = 200.0
    lines.loc[lines["driver_id"] == 2, "q1"] = np.nan
    last = built("session", tables.replace(qualifying=lines)).query("race_id == 1").groupby("driver_id").last()
    rows = built("session", tables.replace(qualifying=lines)).query("race_id == 1 and driver_id == 2")
    assert last.loc[1, "qualifying_gap_pct"] == 7.0
    assert rows["qualifying_gap_pct"].isna().all()
    assert rows["qualifying_place"].iloc[-1] == last.loc[2, "qualifying_place"]


def test_ratings_find_the_latent_skill():
    world = tiny_tables(seasons=2, races=8, cars=8, seed=4)
    rows = built("team_rating", world).groupby("constructor_id").last()
    strength = world["results"].query("race_id > 8").groupby("constructor_id")["place"].mean()
    assert rows["team_race_rating"].corr(-strength, method="spearman") > 0.7
    assert rows["team_qualifying_rating"].corr(-strength, method="spearman") > 0.7


def test_a_renamed_team_keeps_its_rating_and_its_form(tables):
    teams = tables["constructors"].copy()
    teams.loc[teams["constructor_id"] == 3, "lineage"] = 1
    results = tables["results"][tables["results"]["constructor_id"] != 3]
    renamed = tables.replace(constructors=teams, results=results)
    for name in ("team_rating", "team_form"):
        rows = built(name, renamed)
        one, three = (rows[rows["constructor_id"] == team].drop(columns="constructor_id") for team in (1, 3))
        pd.testing.assert_frame_equal(one.reset_index(drop=True), three.reset_index(drop=True))
        assert len(one) > 0


def test_a_winter_shrinks_ratings_and_widens_what_is_not_known():
    skill = SkillFilter(2, 2, FilterSettings())
    skill.observe(np.array([0, 1, 0, 1]), np.array([2, 3, 3, 2]), np.array([1.0, -1.0, 1.0, -1.0]))
    mean, sd = skill.mean.copy(), skill.sd(np.arange(4))
    assert mean[0] > mean[1]
    seen = skill.winter()
    assert seen.tolist() == [0, 1, 2, 3]
    assert (np.abs(skill.mean) < np.abs(mean)).all()
    assert (skill.sd(seen)[2:] > sd[2:]).all()


def test_new_rules_make_a_team_forget_more_and_adapt_faster_until_the_next_winter():
    usual, changed = (
        SkillFilter(2, 2, FilterSettings(team_rule_keep=0.3, team_rule_winter=0.9, team_rule_drift=0.2))
        for _ in range(2)
    )
    cars = np.array([0, 1, 0, 1]), np.array([2, 3, 3, 2])
    for skill, new in ((usual, False), (changed, True)):
        skill.observe(*cars, np.array([1.0, -1.0, 1.0, -1.0]))
        skill.winter(new)
    assert changed.mean[2:] == pytest.approx(0.5 * usual.mean[2:])
    assert (changed.mean[:2] == usual.mean[:2]).all(), "drivers stay who they were"
    assert (changed.sd(np.array([2, 3])) > usual.sd(np.array([2, 3]))).all()
    by_default = [SkillFilter(2, 2, FilterSettings()) for _ in range(2)]
    for skill, new in zip(by_default, (False, True), strict=True):
        skill.observe(*cars, np.array([1.0, -1.0, 1.0, -1.0]))
        skill.winter(new)
    assert (by_default[0].mean == by_default[1].mean).all()
    assert (by_default[0].cov == by_default[1].cov).all()


def test_seasons_of_new_rules_are_a_setting():
    assert {2014, 2022, 2026} <= FilterSettings().new_rules
    assert FilterSettings(rule_changes="").new_rules == frozenset()
    assert FilterSettings(rule_changes="2001 2006").new_rules == {2001, 2006}
    with pytest.raises(ValueError, match="rule_changes"):
        FilterSettings(rule_changes="2001, next year")


def test_observing_lowers_uncertainty_and_a_silent_session_teaches_nothing():
    skill = SkillFilter(3, 3, FilterSettings(driver_drift=0, team_drift=0))
    cars, teams = np.arange(3), np.arange(3, 6)
    before = skill.mean.copy(), skill.sd(np.arange(6))
    skill.observe(cars, teams, np.array([1.0, np.nan, np.nan]))
    assert (skill.mean == before[0]).all()
    skill.observe(cars, teams, np.array([1.0, 0.0, -1.0]))
    assert skill.mean[0] > skill.mean[1] > skill.mean[2]
    assert (skill.sd(np.arange(6)) < before[1]).all()


def test_savage_scores_are_centred_ordered_and_stretched_at_the_front():
    scores = savage(pd.Series([1.0, 2.0, 3.0, 4.0, np.nan, 1.0]), pd.Series([1, 1, 1, 1, 1, 2]))
    assert scores[:4].is_monotonic_decreasing
    assert scores[:4].mean() == pytest.approx(0)
    assert scores[0] - scores[1] > scores[1] - scores[2]
    assert scores[4:].isna().all()


def test_a_car_out_in_the_first_part_is_compared_on_its_track():
    """The track gains 2 % by the second part; the car that drove once was 1 % slower there."""
    lines = pd.DataFrame({"race_id": 1, "q1": [100.0, 100.0, 101.0], "q2": [98.0, 98.0, np.nan], "q3": np.nan})
    assert qualifying_gap(lines).round(3).tolist() == [0, 0, round(100 * np.log(1.01), 3)]


def test_history_without_qualifying_practice_stops_or_fastest_laps_still_has_form_and_ratings(tables):
    empty = {name: tables[name].head(0) for name in ("qualifying", "practice", "pit_stops")}
    old = tables.replace(results=tables["results"].assign(fastest_lap=np.nan), **empty)
    assert built("driver_form", old)["driver_place_mean"].notna().all()
    assert built("driver_form", old)["driver_pace_season"].isna().all()
    assert built("team_form", old)["team_stop_loss"].isna().all()
    ratings = built("driver_rating", old)
    assert ratings["driver_qualifying_rating"].notna().all()  # the grid stands in
    assert ratings["driver_practice_rating"].isna().all()
    session = built("session", old)
    assert session["grid"].notna().all()
    assert session["qualifying_place"].isna().all()


def test_non_starters_are_no_races(tables):
    results = tables["results"].copy()
    results.loc[results["driver_id"] == 1, "started"] = False
    assert not (built("driver_form", tables.replace(results=results))["driver_id"] == 1).any()


def test_importing_the_package_pulls_no_tool():
    code = "import sys, pitwall.features, pitwall.ml; print(sorted({'feast','mlflow','prefect','dvc','torch','xgboost'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
