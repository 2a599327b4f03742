"""Estimators of yes or no: what they learn, what they settle, and that the same rows give the same bytes."""

import json

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.estimators import Explains, FitInput, estimators
from pitwall.ml.estimators.shared.calibration import chances, log_loss, log_odds, settled_slope, sloped
from pitwall.ml.estimators.shared.rates import Rates

# pools of others have tests of their own
PLUGINS = {name: each for name, each in estimators("binary").items() if not getattr(each, "pools", False)}
MODELS = [name for name, plugin in PLUGINS.items() if plugin.role == "model"]


def world(seasons=8, races=15, cars=16, seed=3):
    """Return a frame and outcome in which the base rate falls over the seasons; `rate` tells it, `skill` what a row adds."""
    rng = np.random.default_rng(seed)
    season = np.repeat(np.arange(seasons), races * cars)
    car = np.tile(np.arange(cars), seasons * races)
    rate = 0.5 * 0.8**season
    skill = rng.normal(0, 1, len(car))
    p = chances(log_odds(rate) + skill - 0.25)
    frame = pd.DataFrame(
        {
            "race_id": np.repeat(np.arange(seasons * races), cars) + 1,
            "driver_id": car + 1,
            "constructor_id": car // 2 + 1,
            "circuit_id": np.repeat(np.tile(np.arange(races), seasons), cars) + 1,
            "season": 2000 + season,
            "round": np.repeat(np.tile(np.arange(races), seasons), cars) + 1,
            "rate": rate,
            "skill": skill,
            "noise": rng.normal(0, 1, len(car)),
            "team_retirement_rate": rate,
            "safety_car_chance": rate,
            "tyre_age": 1.0 + car % 5,
        }
    )
    frame.loc[rng.random(len(frame)) < 0.1, "skill"] = np.nan
    return frame, pd.DataFrame({"label": rng.random(len(p)) < p})


@pytest.fixture(scope="module")
def rows():
    return world()


def parts(rows, last):
    frame, outcome = rows
    before = frame["season"] < last
    return (frame[before], outcome[before]), (frame[~before], outcome[~before])


def fitted(name, rows, seed=1, validation=None, **params):
    plugin = PLUGINS[name]
    return plugin.fit(FitInput(*rows, {**plugin.default(), **params}, seed, validation))


def files(model, folder):
    folder.mkdir()
    model.save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", list(PLUGINS))
def test_the_order_of_rows_does_not_matter_and_what_is_saved_answers_alike(name, rows, tmp_path):
    frame, outcome = rows
    mixed = np.random.default_rng(0).permutation(len(frame))
    first, again = fitted(name, rows), fitted(name, (frame.iloc[mixed], outcome.iloc[mixed]))
    assert files(first, tmp_path / "a") == files(again, tmp_path / "b")
    answer = PLUGINS[name].load(tmp_path / "a").answer(frame)
    pd.testing.assert_frame_equal(answer, first.answer(frame), check_exact=True)
    assert list(answer.columns) == ["p"]
    assert answer["p"].between(0, 1, inclusive="neither").all()


@pytest.mark.parametrize("name", list(PLUGINS))
def test_an_answer_depends_on_its_own_row_alone(name, rows):
    frame, _ = rows
    model = fitted(name, rows)
    some = frame.iloc[[5, 123, 700]]
    np.testing.assert_allclose(model.answer(some)["p"], model.answer(frame).loc[some.index, "p"], rtol=1e-6)


@pytest.fixture(scope="module")
def losses(rows):
    past, later = parts(rows, 2006)
    true = later[1]["label"].to_numpy(float)
    return {each: log_loss(fitted(each, past, rounds=200).answer(later[0])["p"].to_numpy(), true) for each in PLUGINS}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_beats_its_start_and_every_rule_on_later_races(name, losses):
    assert losses[name] < min(loss for each, loss in losses.items() if each not in MODELS) - 0.01


@pytest.mark.parametrize("name", MODELS)
def test_the_level_follows_the_rate_that_a_row_tells(name, rows):
    past, later = parts(rows, 2006)
    model = fitted(name, past, rounds=100)
    assert model.params["level"] == "rate"
    assert abs(model.answer(later[0])["p"].mean() - later[1]["label"].mean()) < 0.04
    blind = fitted(name, past, rounds=100, level=None).answer(later[0])["p"].mean()
    if name != "mlp":  # which follows the column `rate` beyond what it has seen of it
        assert blind > later[1]["label"].mean() + 0.04


@pytest.mark.parametrize("name", MODELS)
def test_what_validation_settles_is_kept_for_a_refit_without_it(name, rows):
    past, later = parts(rows, 2006)
    settled = fitted(name, past, validation=later)
    assert settled.validation_loss == pytest.approx(
        log_loss(settled.answer(later[0])["p"].to_numpy(), later[1]["label"].to_numpy(float))
    )
    assert {"level", "slope"} <= set(settled.params)
    again = PLUGINS[name].fit(FitInput(*past, settled.params, 1))
    pd.testing.assert_frame_equal(again.answer(later[0]), settled.answer(later[0]), check_exact=False, rtol=1e-6)
    json.dumps(settled.params)


@pytest.mark.parametrize("name", ["catboost", "lightgbm", "logistic", "xgboost"])
def test_contributions_and_one_base_sum_to_the_score(name, rows):
    frame, _ = rows
    model = fitted(name, rows, rounds=40)
    assert isinstance(model, Explains)
    rest = model.scores(frame) - model.contributions(frame).sum(axis=1)
    np.testing.assert_allclose(rest, rest.iloc[0], atol=1e-4)
    assert list(model.contributions(frame).columns) == [*frame.columns[6:]]


@pytest.mark.parametrize("name", MODELS)
def test_a_feature_that_is_never_known_changes_nothing(name, rows):
    frame, outcome = rows
    more = frame.assign(unknown=np.nan)
    drawn = ("colsample_bytree", "feature_fraction", "rsm", "max_features")  # one more column would move the draw
    whole = dict.fromkeys(drawn, 1.0)
    one, other = fitted(name, rows, **whole), fitted(name, (more, outcome), **whole)
    np.testing.assert_allclose(one.answer(frame)["p"], other.answer(more)["p"], atol=1e-6)


@pytest.mark.parametrize("name", list(PLUGINS))
@pytest.mark.parametrize("always", [True, False])
def test_a_label_that_is_always_the_same_still_gives_a_chance(name, always, rows):
    frame, outcome = rows
    p = fitted(name, (frame, outcome.assign(label=always)), rounds=5).answer(frame)["p"]
    assert p.between(0, 1, inclusive="neither").all()


def test_a_slope_takes_back_what_a_model_is_too_sure_of():
    rng = np.random.default_rng(0)
    start = np.full(4000, -1.0)
    said = start + rng.normal(0, 1, 4000)
    happened = (rng.random(4000) < chances(start + 0.5 * (said - start))).astype(float)
    slope = settled_slope(said, start, happened)
    assert slope == pytest.approx(0.5, abs=0.08)
    np.testing.assert_allclose(sloped(said, start, slope), start + slope * (said - start))


def test_a_slope_of_few_rows_stays_near_one():
    said = 0.2 * np.array([-2.0, 2.0, 1.0, -1.0])
    assert settled_slope(said, np.zeros(4), np.array([1.0, 0.0, 0.0, 1.0])) > 0.5


def test_a_level_elsewhere_does_not_move_the_slope():
    rng = np.random.default_rng(1)
    said = rng.normal(0, 1, 4000)
    happened = (rng.random(4000) < chances(said - 1.5)).astype(float)
    assert settled_slope(said, np.zeros(4000), happened) == pytest.approx(1.0, abs=0.12)


def test_rates_fade_by_season_and_shrink_to_the_overall_rate():
    frame = pd.DataFrame({"season": [2000, 2001, 2001, 2001], "driver_id": [1, 1, 2, 2]})
    rates = Rates.count(frame, np.array([1.0, 0.0, 1.0, 1.0]), "driver_id", fade=0.5, weight=2.0)
    assert rates.overall == pytest.approx((0.5 + 2 + 0.5) / (3.5 + 1))
    assert rates.by_id[1] == pytest.approx((0.5 + 2 * rates.overall) / (1.5 + 2))
    told = rates.of(pd.DataFrame({"driver_id": [2, 77]}))
    assert told.tolist() == [pytest.approx(rates.by_id[2]), pytest.approx(rates.overall)]


def test_a_running_rate_that_is_not_known_falls_back_on_what_was_counted(rows):
    frame, _ = rows
    model = fitted("team_retirements", rows)
    known = model.answer(frame.iloc[:2])["p"]
    assert known.tolist() == frame["team_retirement_rate"].iloc[:2].tolist()
    without = frame.iloc[:2].assign(team_retirement_rate=np.nan)
    assert model.answer(without)["p"].tolist() == fitted("team_rate", rows).answer(frame.iloc[:2])["p"].tolist()
