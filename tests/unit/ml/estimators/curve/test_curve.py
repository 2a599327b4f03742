"""Estimators of a curve: what they read of a row's own compound, where they start from, and how wide they say their errors are."""

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.estimators import FitInput, estimator
from pitwall.ml.estimators.curve._running import own_features, told_of
from pitwall.ml.estimators.curve._spread import Spread
from pitwall.ml.families.curve import FAMILY
from pitwall.ml.families.curve.answer import AXIS, QUANTILES
from pitwall.testing.worlds.answers import curve_world


def fitted(name, world, **params):
    plugin = estimator("curve", name)
    return plugin.fit(FitInput(world.frame, world.outcome, {**plugin.default(), **params}, 1))


def test_a_row_reads_what_is_said_of_its_own_compound():
    wear = {"wear_soft": [1.0, 1.0, 1.0], "wear_medium": [2.0, np.nan, 2.0], "wear_hard": [3.0, 3.0, 3.0]}
    frame = pd.DataFrame({"race_id": 1, "compound_id": [3, 2, 1], **wear, "half_soft": 5.0, "other": 6.0})
    own = own_features(frame)
    assert own["wear_own"].tolist()[::2] == [3.0, 1.0] and np.isnan(own["wear_own"][1])
    assert list(own) == ["half_soft", "other", "wear_own", "is_soft", "is_medium", "is_hard"]
    assert own["is_hard"].tolist() == [1.0, 0.0, 0.0]
    assert "wear_soft" in own_features(frame.drop(columns="compound_id"))


def test_what_the_own_compound_adds_counts_to_the_feature_that_it_was_read_from():
    wear = {"wear_soft": 1.0, "wear_medium": 2.0, "wear_hard": 3.0}
    frame = pd.DataFrame({"race_id": 1, "compound_id": [3, 2, 1], **wear, "other": 6.0})
    own = {"wear_own": [0.1, 0.2, 0.3], "is_soft": [0.0, 0.0, 1.0], "is_medium": 0.0, "is_hard": 0.5}
    told = told_of(pd.DataFrame({"other": [7.0, 8.0, 9.0], **own}), frame)
    assert told["other"].tolist() == [7.0, 8.0, 9.0]
    hard, medium, soft = (told[f"wear_{name}"].tolist() for name in ("hard", "medium", "soft"))
    assert (hard, medium, soft) == ([0.6, 0, 0], [0, 0.7, 0], [0, 0, 1.8])
    bare = told_of(pd.DataFrame({"other": [7.0, 8.0, 9.0], **own}), frame.drop(columns=list(wear)))
    assert bare["compound_id"].tolist() == [0.5, 0.5, 1.5]


def test_a_ridge_that_allows_nothing_says_the_running_slope_and_the_usual_error():
    world = curve_world()
    answer = fitted("ridge", world, ridge=1e12).answer(world.frame)
    own = own_features(world.frame)
    running = own["wear_own"].fillna(world.outcome["value"].median()) + own["circuit_wear"]
    assert np.ptp(answer["slope"] - running) < 1e-6


def test_a_median_here_is_drawn_to_the_median_everywhere():
    frame = pd.DataFrame(
        {"race_id": [1, 2, 3, 4], "season": 2020, "circuit_id": [1, 1, 2, 2], "compound_id": [1, 1, 1, 2]}
    )
    outcome = pd.DataFrame({"value": [0.1, 0.3, 0.0, 0.5]})
    everywhere, here = (
        estimator("curve", name).fit(FitInput(frame, outcome, estimator("curve", name).default(), 1)).medians
        for name in ("compound_median", "circuit_compound_median")
    )
    asked = pd.DataFrame({"circuit_id": [1, 2, 9, 9], "compound_id": [1, 1, 1, 3]})
    assert everywhere.of(asked).tolist() == pytest.approx([0.1, 0.1, 0.1, 0.2])
    assert here.of(asked).tolist() == pytest.approx([(2 * 0.2 + 2 * 0.1) / 4, (0.0 + 2 * 0.1) / 3, 0.1, 0.2])


def test_the_spread_is_that_of_errors_on_seasons_that_were_not_learned_from():
    frame = pd.DataFrame({"season": np.repeat([2018, 2019, 2020], 40)})
    value = np.where(frame["season"] == 2018, 0.0, 1.0)
    spread = Spread.learn(frame, value, lambda rows, seen: lambda asked: np.full(len(asked), seen.mean()))
    # 2019 was missed by 1, 2020 by a half
    assert (min(spread.at), max(spread.at)) == pytest.approx((0.5, 1.0))
    alone = Spread.learn(frame.head(40), value[:40], lambda rows, seen: lambda asked: np.full(len(asked), seen.mean()))
    assert set(alone.at) == {0.0}


@pytest.mark.parametrize("name", ["ridge", "xgboost", "circuit_compound_median"])
def test_what_a_row_of_its_compound_and_circuit_says_is_found(name):
    world = curve_world(races=120, signal=12.0)
    answer = fitted(name, world).answer(world.frame)
    assert np.corrcoef(answer["slope"], world.signal)[0, 1] > 0.9


def test_a_forecast_tells_the_curve_and_its_band():
    world = curve_world(races=1, cars=3)
    for said, (_, row) in zip(FAMILY.detail(world.honest), world.honest.iterrows(), strict=True):
        assert list(said) == ["q025", "q05", "q10", "q25", "q50", "q75", "q90", "q95", "q975", "curve"]
        assert said["curve"]["at"] == [0.0, *AXIS.values()]
        np.testing.assert_allclose(said["curve"]["value"][1:], row[list(AXIS)], atol=1e-6)
        np.testing.assert_allclose(said["curve"]["high"], np.array(said["curve"]["at"]) * row["slope_q90"], atol=1e-6)
        assert said["q50"] == pytest.approx(row["slope"], abs=1e-6)
    assert list(QUANTILES.values()) == sorted(QUANTILES.values())
