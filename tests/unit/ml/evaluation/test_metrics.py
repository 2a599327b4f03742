"""Scores against hand-computed values."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from pitwall.domain.errors import StageError
from pitwall.ml.evaluation.scoring import per_race, pooled
from pitwall.ml.families.order.metrics import METRICS, WHOLE
from pitwall.ml.families.shared.events import ECE, calibration_slope, calibration_table, ece

EVENTS = list(METRICS.values())


def _race(probability: list[float], label: list[bool], race: int = 1) -> pd.DataFrame:
    cars = len(probability)
    return pd.DataFrame(
        {
            "race_id": race,
            "season": 2020,
            "driver_id": range(cars),
            "probability": probability,
            "label": label,
            "place_1": probability,
        }
    )


def test_winner_scores_by_hand() -> None:
    rows = _race([0.5, 0.3, 0.2], [False, True, False])
    found = per_race(rows, EVENTS).loc[1]
    assert found["log_loss"] == pytest.approx(-np.log(0.3))
    assert found["hit_rate"] == 0
    assert found["brier"] == pytest.approx((0.25 + 0.49 + 0.04) / 3)
    assert found["season"] == 2020


def test_a_tie_shares_the_hit() -> None:
    rows = _race([0.4, 0.4, 0.2], [False, True, False])
    assert per_race(rows, EVENTS).loc[1, "hit_rate"] == 0.5


def test_overlap_counts_the_share_of_the_top_k() -> None:
    rows = _race([0.9, 0.8, 0.7, 0.6], [True, False, True, True])
    assert per_race(rows, EVENTS).loc[1, "overlap"] == pytest.approx(2 / 3)


def test_an_impossible_winner_costs_a_bounded_loss() -> None:
    rows = _race([1.0, 0.0], [False, True])
    assert per_race(rows, EVENTS).loc[1, "log_loss"] == pytest.approx(-np.log(1e-9))


def test_races_of_different_size_do_not_mix() -> None:
    small, large = _race([0.9, 0.1], [True, False], 2), _race([0.2] * 5, [False] * 4 + [True], 1)
    rows = pd.concat([small, large], ignore_index=True)
    found = per_race(rows, EVENTS)
    assert found.index.tolist() == [1, 2]
    assert found["log_loss"].tolist() == pytest.approx([-np.log(0.2), -np.log(0.9)])


def test_a_race_without_a_winner_is_refused() -> None:
    rows = _race([0.5, 0.5], [False, False])
    with pytest.raises(StageError, match="no car of a race"):
        per_race(rows, EVENTS)


def test_order_scores_equal_scipy() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.dirichlet(np.ones(8), size=8)
    rows = pd.DataFrame(matrix, columns=[f"place_{k + 1}" for k in range(8)]).assign(race_id=3, season=2020)
    place = pd.Series(rng.permutation(8) + 1)
    found = per_race(rows.assign(place=place), list(WHOLE.values())).loc[3]
    expected = matrix @ np.arange(1, 9)
    assert found["spearman"] == pytest.approx(spearmanr(expected, place).statistic)
    assert found["position_mae"] == pytest.approx(np.abs(expected.argsort().argsort() + 1 - place).mean())


def test_calibration_error_of_a_constant_forecast() -> None:
    p, y = np.full(100, 0.25), np.arange(100) < 40
    assert ece(p, y) == pytest.approx(0.15)
    rows = pd.DataFrame({"race_id": np.arange(100) // 10, "probability": p, "label": y})
    assert pooled(ECE, rows, draws=200, seed=1).value == pytest.approx(0.15)
    table = calibration_table(p, y)
    assert table["n"].tolist() == [0, 0, 100, 0, 0, 0, 0, 0, 0, 0]
    assert table["band_low"].iloc[2] < 0.4 < table["band_high"].iloc[2]


def test_the_slope_finds_calibrated_and_bold_forecasts() -> None:
    rng = np.random.default_rng(0)
    logit = rng.normal(-1, 1.5, 8000)
    y = rng.random(8000) < 1 / (1 + np.exp(-logit))
    race = np.arange(8000) // 20
    honest = calibration_slope(race, 1 / (1 + np.exp(-logit)), y)
    bold = calibration_slope(race, 1 / (1 + np.exp(-2 * logit)), y)
    assert honest.low < 1 < honest.high
    assert bold.high < 1
    assert bold.value == pytest.approx(0.5, abs=0.05)
