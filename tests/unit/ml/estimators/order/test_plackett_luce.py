"""The likelihood: its derivatives against differences, its temperature against a known one."""

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.estimators.order._plackett_luce import gradient, loss, orders, temperature, winner_loss


def _races(seed: int = 0, races: int = 6, cars: int = 5):
    rng = np.random.default_rng(seed)
    race = np.repeat(np.arange(races), cars)
    place = np.concatenate([rng.permutation(cars) + 1 for _ in range(races)])
    outcome = pd.DataFrame({"place": place, "retired": place == cars})
    return rng.normal(size=len(race)), race, outcome


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    scores, race, outcome = _races()
    arranged = orders(race, outcome, 2.0)
    first, second = gradient(scores, arranged)
    for row in range(len(scores)):
        bump = np.zeros(len(scores))
        bump[row] = 1e-4
        up, down, here = (loss(scores + step, arranged) * 6 for step in (bump, -bump, 0 * bump))
        assert first[row] == pytest.approx((up - down) / 2e-4, abs=1e-6)
        assert second[row] == pytest.approx((up + down - 2 * here) / 1e-8, abs=1e-4)


def test_the_winner_loss_is_the_softmax_loss() -> None:
    scores, race, outcome = _races()
    table = pd.DataFrame({"race": race, "e": np.exp(scores), "won": outcome["place"] == 1})
    p = table["e"] / table.groupby("race")["e"].transform("sum")
    assert winner_loss(scores, orders(race, outcome, 1.0)) == pytest.approx(-np.log(p[table["won"]]).mean())


def test_the_temperature_undoes_boldness() -> None:
    rng = np.random.default_rng(5)
    race = np.repeat(np.arange(3000), 6)
    scores = rng.normal(0, 1.5, len(race))
    place = pd.Series(rng.exponential(size=len(race)) / np.exp(scores)).groupby(race).rank().astype(int)
    arranged = orders(race, pd.DataFrame({"place": place, "retired": False}), 1.0)
    assert temperature(2 * scores, arranged) == pytest.approx(2.0, rel=0.07)


def test_retired_cars_do_not_win_a_stage() -> None:
    _, race, outcome = _races(races=1, cars=4)
    assert (orders(race, outcome, 2.0).weight[0] > 0).tolist() == [True, True, True, False]
