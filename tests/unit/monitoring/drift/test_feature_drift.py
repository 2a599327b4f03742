"""Features of invented cars: what moved is found, what did not is not, what cannot is named."""

import numpy as np
import pandas as pd
import pytest

from pitwall.features.machinery.catalogue.profile import spread
from pitwall.monitoring.drift import feature_drift, plan_of
from pitwall.monitoring.drift.report import DriftReport

REFERENCE, CARS, ROUNDS = range(2015, 2020), 20, 20
GROUPS = {"speed": "car", "wear": "car", "gap": "session", "rank": "session", "starts": "career", "constant": "session"}


def rows_of(seed: int, last: int = 2020) -> pd.DataFrame:
    """Return seasons of cars: noise of cars, races and winters, a rank, a count that grows, a value that never changes."""
    rng = np.random.default_rng(seed)
    races = [(season, number) for season in range(2015, last + 1) for number in range(1, ROUNDS + 1)]
    rows = pd.DataFrame([race for race in races for _ in range(CARS)], columns=["season", "round"])
    race = np.arange(len(races)).repeat(CARS)
    winter = rows["season"].map(dict(zip(range(2015, last + 1), rng.normal(0, 0.2, last - 2014), strict=True)))
    for name in ("speed", "wear", "gap"):
        rows[name] = winter + rng.normal(0, 0.2, len(races))[race] + rng.normal(0, 1, len(rows))
    rows["rank"] = rows.groupby(["season", "round"])["gap"].rank()
    rows["starts"] = 20.0 * (rows["season"] - 2015) + rows["round"] + rng.normal(0, 30, len(rows))
    rows["constant"] = 1.0
    return rows


def found(rows: pd.DataFrame, **plan):
    return feature_drift(rows, GROUPS, plan_of(rows, REFERENCE, **plan), spread)


def planted(rows: pd.DataFrame, names: list[str], since: int, season: int = 2020) -> pd.DataFrame:
    """Move some features by one sd of the reference from a race of a season on."""
    moved = rows.copy()
    later = (moved["season"] > season) | ((moved["season"] == season) & (moved["round"] >= since))
    moved.loc[later, names] += rows.loc[rows["season"].isin(REFERENCE), names].std()
    return moved


def test_a_season_like_those_before_raises_nothing():
    assert sum(len(found(rows_of(seed)).alarms) for seed in range(6)) == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_group_that_moves_is_found_within_five_races_and_named(seed):
    alarms = found(planted(rows_of(seed), ["speed", "wear"], 8)).alarms
    assert {alarm.subject for alarm in alarms} <= {"car", "speed", "wear"}
    assert "2020-08" <= alarms[0].since <= "2020-12"
    assert all(alarm.cause in {"speed", "wear"} for alarm in alarms)


def test_a_feature_alone_is_found_and_says_by_how_much():
    moved = found(planted(rows_of(1), ["gap"], 8))
    own = next(each for each in moved.features if each.name == "gap")
    assert own.alarm_since is not None
    assert own.shift == pytest.approx(1.0, abs=0.5)
    assert own.psi > 0.25
    assert own.ks_p < 0.001


def test_what_cannot_move_or_moves_by_construction_is_named_with_the_reason():
    told = found(rows_of(0)).not_monitored
    assert "cannot move" in told["rank"]
    assert "trends" in told["starts"]
    assert "one value" in told["constant"]
    assert set(told) == {"rank", "starts", "constant"}


def test_a_declared_opener_raises_nothing_and_one_that_is_not_declared_does():
    rows = planted(rows_of(2), ["speed", "wear"], 1)
    rows.loc[(rows["season"] == 2020) & (rows["round"] > 2), ["speed", "wear"]] -= rows[["speed", "wear"]].std()
    assert found(rows, openers=2).alarms == []
    rows.loc[(rows["season"] == 2020) & (rows["round"] <= 2), ["speed", "wear"]] += 5.0
    assert found(rows, openers=2).alarms == []
    assert found(rows, openers=0).alarms


def test_a_rule_change_that_is_declared_is_learned_and_one_that_is_not_is_an_alarm():
    rows = rows_of(3)
    rows.loc[rows["season"] == 2020, ["speed", "wear", "gap"]] += 3.0
    assert found(rows).alarms
    plan = plan_of(rows, REFERENCE, declared={"2020": "new cars"}, learning=6)
    told = feature_drift(rows, GROUPS, plan, spread)
    assert told.alarms == []
    assert plan.exempt["2020-02"] == "new cars; learning the new level (1 of 6)"
    assert "2020-08" not in plan.exempt


def test_after_a_declared_rule_change_the_new_level_is_watched_also_in_the_season_after():
    rows = rows_of(4, last=2021)
    rows.loc[rows["season"] >= 2020, ["speed", "wear", "gap"]] += 3.0
    assert found(rows, declared={"2020": "new cars"}).alarms == []
    alarms = found(planted(rows, ["speed", "wear"], 10, 2021), declared={"2020": "new cars"}).alarms
    assert alarms
    assert alarms[0].since >= "2021-10"


def test_before_the_first_race_after_the_reference_nothing_has_moved():
    told = found(rows_of(0, last=2019))
    assert told.alarms == []
    assert {each.e_value for each in told.features} == {1.0}
    assert told.psi_by_race.empty


def test_a_single_race_may_be_exempt():
    rows = rows_of(5)
    rows.loc[(rows["season"] == 2020) & rows["round"].isin([5, 6, 7]), ["speed", "wear"]] += 5.0
    assert found(rows).alarms
    assert found(rows, declared={f"2020-{number:02d}": "a short track" for number in (5, 6, 7)}).alarms == []


def test_a_reference_that_would_have_alarmed_gets_a_wider_scale_or_is_not_monitored():
    rows = rows_of(6)
    rows.loc[(rows["season"] == 2017) & (rows["round"] > 10), "gap"] += 30.0
    told = found(rows)
    assert "own reference" in told.not_monitored.get("gap", "own reference")
    assert not [alarm for alarm in told.alarms if alarm.subject in {"gap", "session"}]


def test_the_report_as_json_has_no_number_that_is_none():
    told = found(rows_of(0))
    report = DriftReport(
        "m", "r", ["2020-02"], told.features, told.groups, told.not_monitored, {}, [], told.alarms, told.psi_by_race
    )
    row = report.as_json()
    assert set(row["psi_by_race"]) == {f"2020-{number:02d}" for number in range(1, ROUNDS + 1)}
    assert {each["name"] for each in row["features"]} == {"speed", "wear", "gap"}
