"""Estimators of a number: honest quantiles, the same bytes twice, settled once, and no row left without an answer."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.refs import folder_hash
from pitwall.ml.estimators import FitInput, baselines, estimator, estimators
from pitwall.ml.families.regression import FAMILY
from pitwall.ml.families.regression.metrics import QUANTILES

# those that may answer about lap times; what is for other questions alone has worlds of its own, and so have pools
NAMES = [
    name
    for name, each in sorted(estimators("regression").items())
    if "lap_time" in (getattr(each, "models", None) or ("lap_time",)) and not getattr(each, "pools", False)
]
RULES = sorted(set(NAMES) & set(baselines("regression")))
MODELS = sorted(set(NAMES) - set(RULES))
FEW = [name for name in NAMES if not getattr(estimator("regression", name), "by_name", False)]  # the contract asks all


def laps(seed=0, races=24, cars=12, length=16):
    """Return laps of circuits of different length; the pace tells the level, `push` a step, `gusts` how sure one can be."""
    rng = np.random.default_rng(seed)
    key = pd.MultiIndex.from_product(
        [range(1, races + 1), range(1, cars + 1), range(2, length + 2)], names=["race_id", "driver_id", "lap"]
    )
    frame = key.to_frame(index=False)
    count = len(frame)
    pace = 70.0 + 3.0 * (frame["race_id"] % 9) + 0.2 * frame["driver_id"] + rng.normal(0, 0.1, count)
    frame = frame.assign(constructor_id=frame["driver_id"] // 2, circuit_id=frame["race_id"] % 9)
    frame = frame.assign(season=2018 + frame["race_id"] // 6, round=frame["race_id"] % 6 + 1)
    frame["cutoff"] = pd.Timestamp("2018-03-01", tz="UTC") + pd.to_timedelta(frame["race_id"] * 14, unit="D")
    push, gusts = rng.normal(size=count), rng.uniform(0, 1, count)
    frame["green_median_5"] = np.where(rng.random(count) < 0.05, np.nan, pace)
    frame["green_last_s"] = pace + rng.normal(0, 0.3, count)
    frame["push"] = np.where(rng.random(count) < 0.1, np.nan, push)
    frame["gusts"] = gusts
    value = pace - 0.5 * (push > 0) + rng.normal(size=count) * (0.05 + gusts)
    return frame, pd.DataFrame({"value": value})


def parts(names=None):
    frame, outcome = laps()
    kept = frame if names is None else frame[[*frame.columns[:8], *names]]
    early, late = frame["season"] < 2021, frame["season"] >= 2021
    return [(kept[part].reset_index(drop=True), outcome[part].reset_index(drop=True)) for part in (early, late)]


@cache
def settled(name):
    plugin, told = estimator("regression", name), []
    train, later = parts(plugin.needs)
    fitted = plugin.fit(FitInput(*train, plugin.default(), 7, later, lambda step, loss: told.append((step, loss))))
    return plugin, train, fitted, [step for step, _ in told]


def covered(answer, value, low, high):
    return value.between(answer[low], answer[high]).mean()


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_a_mean_and_quantiles_that_rise(name):
    _, train, fitted, _ = settled(name)
    bare = train[0].copy()
    bare[list(bare.columns[8:])] = np.nan
    for frame in (train[0], train[0].iloc[::-1], bare, train[0].head(1)):
        answer = fitted.answer(frame)
        FAMILY.check(answer, frame["race_id"])
        assert answer.index.equals(frame.index)


@pytest.mark.parametrize("name", FEW)
def test_the_same_rows_give_the_same_bytes_in_any_order(name, tmp_path):
    plugin, train, fitted, _ = settled(name)
    shuffled = np.random.default_rng(1).permutation(len(train[0]))
    turned = tuple(part.iloc[shuffled].reset_index(drop=True) for part in train)
    hashes = []
    for number, (rows, params) in enumerate([(train, fitted.params), (turned, dict(reversed(fitted.params.items())))]):
        again = plugin.fit(FitInput(*rows, params, 7))
        folder = tmp_path / str(number)
        folder.mkdir()
        again.save(folder)
        hashes.append(folder_hash(folder))
        loaded = plugin.load(folder)
        assert loaded.answer(train[0]).equals(again.answer(train[0]))
        assert loaded.params == again.params == fitted.params
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("name", NAMES)
def test_intervals_cover_what_they_say_on_later_races(name):
    plugin, train, fitted, _ = settled(name)
    frame, outcome = parts(plugin.needs)[1]
    told = frame[frame.columns[8:]].notna().all(axis=1)  # where a rule knows nothing it cannot know how far off it is
    later = frame[told], outcome[told]
    refitted = plugin.fit(FitInput(*train, fitted.params, 7))
    answer, value = refitted.answer(later[0]), later[1]["value"]
    assert covered(answer, value, "q10", "q90") == pytest.approx(0.8, abs=0.05)
    assert covered(answer, value, "q025", "q975") == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_beats_the_rules_and_knows_where_it_is_unsure(name):
    fitted = settled(name)[2]
    later = parts()[1]
    loss = {rule: settled(rule)[2].validation_loss for rule in RULES}
    assert fitted.validation_loss < min(loss.values())
    answer, gusts = fitted.answer(later[0]), later[0]["gusts"]
    width = answer["q90"] - answer["q10"]
    assert width[gusts > 0.8].mean() > 2 * width[gusts < 0.2].mean()
    for calm in (gusts < 0.3, gusts > 0.7):
        assert covered(answer[calm], later[1]["value"][calm], "q10", "q90") == pytest.approx(0.8, abs=0.08)


def test_trees_find_a_step_that_a_line_cannot():
    frame, outcome = parts()[1]
    calm = frame["gusts"] < 0.3
    errors = {
        name: (settled(name)[2].answer(frame[calm])["q50"] - outcome["value"][calm]).abs().mean()
        for name in ("xgboost", "linear")
    }
    assert errors["xgboost"] < 0.95 * errors["linear"]


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"linear"}))
def test_a_model_tells_the_search_how_it_goes(name):
    steps = settled(name)[3]
    assert steps == sorted(set(steps)) != []
    assert len(steps) > 1 or not estimator("regression", name).traits.stops


def test_a_rule_says_its_column_and_something_where_it_is_null():
    _, train, fitted, _ = settled("last_lap")
    row = train[0].head(2).assign(green_last_s=[81.5, np.nan])
    answer = fitted.answer(row)
    usually_off = train[1]["value"] - train[0]["green_last_s"]
    assert answer["q50"].iloc[0] == pytest.approx(81.5 + usually_off.median())
    assert answer["q90"].iloc[0] == pytest.approx(81.5 + usually_off.quantile(0.9))
    assert answer["q50"].iloc[1] == pytest.approx(train[1]["value"].median() + usually_off.median())


def test_one_absurd_lap_moves_nothing():
    plugin, (frame, outcome), fitted, _ = settled("linear")
    spoilt = outcome.copy()
    spoilt.loc[5, "value"] = 900.0
    moved = plugin.fit(FitInput(frame, spoilt, fitted.params, 7)).answer(frame)
    usual = plugin.fit(FitInput(frame, outcome, fitted.params, 7)).answer(frame)
    for column in ("mean", *QUANTILES):
        assert (moved[column] - usual[column]).abs().median() < 0.1
