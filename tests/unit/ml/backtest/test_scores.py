"""Rows, pairs, slices, importance and floors of a backtest, checked against plain computations on a tiny world."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import StageError, UnknownName, UsageError
from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.plan import make_plan
from pitwall.ml.backtest.result import Floor, check_floors, parse_floor, payload
from pitwall.ml.backtest.scores import score
from pitwall.ml.evaluation.importance import feature_groups, permuted_frames
from pitwall.ml.evaluation.slices import MIN_RACES, race_slices, street_circuits
from pitwall.testing.worlds.backtest import tiny_project
from pitwall.testing.worlds.labelled import labelled_races
from pitwall.testing.worlds.tiny import tiny_tables

KEYS = {"template", "stage", "model", "role", "metric", "season", "value", "low", "high", "n"}


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    project, params = tiny_project(tmp_path_factory.mktemp("home"))
    return make_plan(project, params, "pre_race", seasons=[2023, 2024], only=["championship_order"])


@pytest.fixture(scope="module")
def made(plan):
    return score(forecast_seasons(plan, workers=0))


def one(rows, **wanted):
    found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    assert len(found) == 1, found
    return found[0]


def test_rows_have_exactly_the_agreed_shape(made):
    assert {frozenset(row) for row in made.rows} == {frozenset(KEYS)}
    assert {row["season"] for row in made.rows} == {"all", 2023, 2024}
    assert {row["role"] for row in made.rows} == {"ours", "baseline"}
    assert {row["template"] for row in made.rows} == {"race_winner", "podium", "points", "order"}
    hair = 1e-12  # a metric that is the same in every race has an interval without width
    inside = [row for row in made.rows if row["metric"] != "ece"]
    assert all(row["low"] - hair <= row["value"] <= row["high"] + hair for row in inside)


def test_the_winner_loss_is_minus_the_log_of_what_the_winner_was_given(made, plan):
    results = plan.tables["results"]
    winners = set(map(tuple, results.loc[results["place"] == 1, ["race_id", "driver_id"]].to_numpy()))
    own = made.forecasts.predictions.query("estimator == 'grid_frequency'")
    won = own[[pair in winners for pair in zip(own["race_id"], own["driver_id"], strict=True)]]
    row = one(made.rows, template="race_winner", model="grid_frequency", metric="log_loss", season="all")
    assert row["value"] == pytest.approx(-np.log(won["place_1"]).mean())
    assert (row["role"], row["n"]) == ("ours", 12)


def test_those_who_know_nothing_are_scored_without_a_log_loss(made):
    constants = [row for row in made.rows if row["model"].startswith("always_")]
    assert {row["metric"] for row in constants} == {"brier", "hit_rate", "ece"}
    for model, expected in (("always_no", 3 / 12), ("always_yes", 9 / 12)):
        row = one(constants, template="podium", model=model, metric="brier", season="all")
        assert row["value"] == pytest.approx(expected)
    hit = one(constants, template="race_winner", model="always_no", metric="hit_rate", season="all")
    assert hit["value"] == pytest.approx(1 / 12)


def test_a_gain_is_positive_when_ours_is_better_whichever_way_the_metric_runs(made):
    for row in made.paired:
        ours, theirs = (
            one(made.rows, template=row["template"], model=name, metric=row["metric"], season="all")["value"]
            for name in (row["model"], row["against"])
        )
        better = ours - theirs if row["metric"] in ("hit_rate", "overlap", "spearman", "within_2") else theirs - ours
        assert row["value"] == pytest.approx(better), row
        assert row["detectable"] >= 0
        assert (row["against"], row["against_role"], row["season"]) == ("championship_order", "baseline", "all")


def test_slices_split_the_races_and_name_the_baseline_that_they_are_compared_with(made):
    winner = [row for row in made.slices if (row["template"], row["metric"]) == ("race_winner", "log_loss")]
    first = one(winner, slice="first 5 races")
    assert (first["n"], first["model"]) == (10, "grid_frequency")
    assert "against" not in first, "ours is the baseline to beat here, and is not compared with itself"
    scores = made.per_race["race_winner"]["grid_frequency"]["log_loss"]
    rounds = made.forecasts.predictions.drop_duplicates("race_id").set_index("race_id")["round"]
    assert first["value"] == pytest.approx(scores[rounds.reindex(scores.index) <= 5].mean())


def test_slices_carry_the_gain_over_the_baseline_of_the_stage(plan, made):
    """Before a weekend the championship is the baseline to beat, in the backtest as at the gates."""
    question = plan.templates[0]
    assert plan.baseline(question) == "grid_frequency"
    early = replace(plan, job=replace(plan.job, stage="pre_weekend"))
    assert early.baseline(question) == "championship_order" == question.baseline_at("pre_weekend")
    rows = score(replace(made.forecasts, plan=early)).slices
    row = one(rows, template="race_winner", metric="log_loss", slice="first 5 races")
    assert row["against"] == "championship_order"
    assert row["gain_low"] <= row["gain_value"] <= row["gain_high"]
    pair = one(rows, template="race_winner", metric="log_loss", slice="no sprint")
    pooled = one(made.paired, template="race_winner", metric="log_loss", against="championship_order")
    assert pair["gain_value"] == pytest.approx(pooled["value"]), "no race of the tiny world has a sprint"


def test_races_fall_into_slices_and_small_slices_are_left_out():
    tables = tiny_tables(seasons=3, races=6, cars=8)
    races = tables["races"].copy()
    races.loc[races["round"].isin([2, 4]), "sprint_at"] = races["qualifying_at"]
    found = {
        (each.kind, each.name): each.races for each in race_slices(tables.replace(races=races), set(races["race_id"]))
    }
    assert len(found["weekend", "sprint"]) == 6
    assert len(found["weekend", "no sprint"]) == 12
    assert not found["weekend", "sprint"] & found["weekend", "no sprint"]
    assert len(found["season", "first 5 races"]) == 15
    assert ("season", "opener") not in found, "three openers are too few"
    assert all(len(each) >= MIN_RACES for each in found.values())


def test_the_first_race_at_a_circuit_is_one_at_a_new_circuit():
    tables = tiny_tables(seasons=3, races=6, cars=8)
    races = tables["races"].sort_values(["season", "round"])
    later = set(races.loc[races["season"] > races["season"].min(), "race_id"])
    assert not [each for each in race_slices(tables, later) if each.name == "new circuit"]
    moved = races.assign(circuit_id=races["circuit_id"].where(races["round"] < 6, races["race_id"] + 900))
    (found,) = (
        each for each in race_slices(tables.replace(races=moved), set(races["race_id"])) if each.name == "new circuit"
    )
    first = races["season"] == races["season"].min()
    assert found.races == set(races.loc[first | (races["round"] == 6), "race_id"])


def test_a_race_is_wet_by_its_laps_on_rain_tyres_and_unknown_without_named_tyres():
    tables = tiny_tables(seasons=3, races=6, cars=8)
    ids = sorted(tables["races"]["race_id"])
    laps = tables["laps"].assign(compound="SOFT")
    laps.loc[laps["race_id"].isin(ids[:5]) & (laps["lap"] == 2), "compound"] = "INTERMEDIATE"
    laps.loc[laps["race_id"].isin(ids[12:]), "compound"] = "UNKNOWN"
    slices = race_slices(tables.replace(laps=laps), set(ids))
    weather = {each.name: sorted(each.races) for each in slices if each.kind == "weather"}
    assert weather == {"wet": ids[:5], "dry": ids[5:12], "unknown": ids[12:]}


def test_races_through_a_city_are_told_by_the_name_of_their_circuit():
    tables = tiny_tables(seasons=3, races=6, cars=8)
    circuits = tables["circuits"].copy()
    assert not street_circuits(tables)
    circuits.loc[circuits.index[:2], "ref"] = ["monaco", "albert_park"]
    city = street_circuits(tables.replace(circuits=circuits))
    assert city == {circuits["circuit_id"].iloc[0]}


def test_shuffling_moves_a_group_within_its_race_and_nothing_else():
    frame, _ = labelled_races(races=8, cars=6)
    groups = {"session": ("grid", "qualifying_gap_pct"), "rating": ("team_race_rating",)}
    found = permuted_frames(frame, groups, seed=3)
    assert sorted(found) == ["rating", "session"]
    changed = found["session"]
    columns = ["grid", "qualifying_gap_pct"]
    pd.testing.assert_frame_equal(changed.drop(columns=columns), frame.drop(columns=columns))
    assert not changed["grid"].equals(frame["grid"])
    pairs = [
        table.fillna(-1).groupby("race_id")[columns].apply(lambda rows: sorted(map(tuple, rows.to_numpy())))
        for table in (changed, frame)
    ]
    assert pairs[0].tolist() == pairs[1].tolist()
    again = permuted_frames(frame, groups, seed=3)
    assert all(again[name].equals(found[name]) for name in found)


def test_a_group_that_decides_is_important_and_columns_without_a_group_stand_alone(made):
    rows = [row for row in made.importance if row["template"] == "race_winner"]
    assert [row["group"] for row in rows] == ["session"]
    assert rows[0]["low"] > 0, "the baseline knows nothing but the grid"
    assert feature_groups((), ["a", "b"]) == {"a": ("a",), "b": ("b",)}


def test_the_payload_is_json_and_says_where_it_comes_from(made, plan):
    result = payload([made], commit="abc", seconds=1.5)
    read = json.loads(json.dumps(result, allow_nan=False))
    assert set(read) == {"rows", "paired", "slices", "importance", "calibration", "regret", "facts"}
    facts = read["facts"]
    assert facts["frame_md5"] == {"pre_race": plan.job.frame_ref().md5}
    assert (facts["commit"], facts["seed"], facts["seasons"]) == ("abc", 7, [2023, 2024])
    assert facts["durations"]["wall_s"] == 1.5
    assert set(facts["durations"]["fits_s"]["pre_race"]) == {"grid_frequency", "championship_order"}
    assert "tyre" in facts["slice_definitions"]["wet"]
    assert "nothing was tuned" in facts["notes"][0]


def test_floors_know_which_way_a_metric_runs(made):
    loss = one(made.rows, template="race_winner", model="grid_frequency", metric="log_loss", season="all")["value"]
    rank = one(made.rows, template="order", model="grid_frequency", metric="spearman", season="all")["value"]
    check_floors(
        [Floor(None, "race_winner", "log_loss", loss + 0.01), Floor(None, "order", "spearman", rank - 0.01)], made.rows
    )
    with pytest.raises(StageError, match=r"race_winner log_loss of grid_frequency is .* above the floor"):
        check_floors([Floor("pre_race", "race_winner", "log_loss", loss - 0.01)], made.rows)
    with pytest.raises(StageError, match=r"order spearman of grid_frequency is .* below the floor"):
        check_floors([Floor(None, "order", "spearman", rank + 0.01)], made.rows)
    with pytest.raises(StageError, match="was not scored"):
        check_floors([Floor("pre_weekend", "order", "spearman", -1.0)], made.rows)


def test_floors_are_read_and_near_names_offered():
    assert parse_floor("pre_weekend/race_winner.log_loss=1.45") == Floor("pre_weekend", "race_winner", "log_loss", 1.45)
    with pytest.raises(UnknownName, match="did you mean 'race_winner'"):
        parse_floor("race_winer.log_loss=1")
    with pytest.raises(UnknownName, match="did you mean 'log_loss'"):
        parse_floor("race_winner.logloss=1")
    with pytest.raises(UsageError, match="a floor is given as"):
        parse_floor("race_winner=1")
