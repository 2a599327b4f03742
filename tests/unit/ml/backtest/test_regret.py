"""Regret: zero for the truth, what was planted for a disturbed model; a truth of another world is refused."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import StageError
from pitwall.domain.params import GateParams, Params
from pitwall.domain.project import Project
from pitwall.ml.backtest.regret import closed, expected_losses, regret_rows, said_by_truth, with_truth
from pitwall.ml.backtest.rendering.tables import regret_table
from pitwall.ml.evaluation.synthetic_truth import truth_of
from pitwall.ml.families.order.answer import places as as_answer
from pitwall.ml.families.order.plackett_luce import position_probabilities
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.rows import row_kind
from pitwall.ml.templates import template
from pitwall.ml.training.training_job import training_job

RACES, CARS, DRAWS = 40, 8, 5000
GATES = GateParams(bootstrap_draws=300)


@pytest.fixture(scope="module")
def spine():
    race = np.repeat(np.arange(1, RACES + 1), CARS)
    car = np.tile(np.arange(1, CARS + 1), RACES)
    columns = {"race_id": race, "season": 2020, "round": race, "driver_id": car, "constructor_id": (car + 1) // 2}
    return pd.DataFrame(columns)[list(row_kind("race_driver").said)]


@pytest.fixture(scope="module")
def scores(spine):
    return np.random.default_rng(1).normal(size=len(spine))


@pytest.fixture(scope="module")
def exact(spine, scores):
    return position_probabilities(scores, spine["race_id"].to_numpy())


@pytest.fixture(scope="module")
def truth(spine, exact):
    """Return the exact chances as a truth of very many draws."""
    return said("x", spine, exact).drop(columns=["estimator", "role"]).assign(draws=10**9)


def said(name, spine, places, role="model"):
    return prediction_table(name, role, spine, as_answer(places), row_kind("race_driver"))


def flat(spine):
    return np.full((len(spine), CARS), 1 / CARS)


@pytest.mark.parametrize("name", ["race_winner", "podium"])
def test_the_truth_has_no_regret_and_everybody_else_some(name, spine, exact, truth):
    own = expected_losses(template(name), said("own", spine, exact), truth)
    nothing = expected_losses(template(name), said("flat", spine, flat(spine)), truth)
    assert np.allclose(own["loss"], own["best"], atol=1e-6)
    assert (nothing["loss"] > nothing["best"]).all()


def test_it_is_the_mean_of_the_scores_over_outcomes(spine, scores, exact, truth):
    """Log loss of drawn winners comes near to its expectation: the same quantity, with luck."""
    expected = expected_losses(template("race_winner"), said("flat", spine, exact), truth)["loss"].mean()
    rng, win = np.random.default_rng(2), exact[:, 0].reshape(RACES, CARS)
    drawn = (rng.random((2000, RACES, 1)) < win.cumsum(axis=1)).argmax(axis=2)
    realised = -np.log(win[np.arange(RACES), drawn]).mean()
    assert expected == pytest.approx(realised, abs=0.02)


def test_counting_over_few_draws_does_not_flatter_the_truth(spine, exact):
    """The loss of the counted shares is too small; corrected, it is that of the true chances on average."""
    few, rng = 200, np.random.default_rng(3)
    win = exact[:, 0].reshape(RACES, CARS)
    entropy = -(win * np.log(win)).sum(axis=1).mean()
    raw, best = [], []
    for _ in range(20):
        share = rng.multinomial(few, win / win.sum(axis=1, keepdims=True)) / few
        places = np.zeros_like(exact)
        places[:, 0] = share.ravel()
        table = said("x", spine, places).drop(columns=["estimator", "role"]).assign(draws=few)
        best.append(expected_losses(template("race_winner"), said("own", spine, exact), table)["best"].mean())
        raw.append(-(share * np.log(np.where(share > 0, share, 1))).sum(axis=1).mean())
    assert entropy - np.mean(raw) > 0.01
    assert abs(entropy - np.mean(best)) < 0.005


def test_half_of_the_way_is_half_closed(spine, exact, truth):
    """A Brier score is a square: errors of one half cost a quarter, so that three quarters are closed."""
    models = {"half": said("half", spine, (exact + flat(spine)) / 2), "flat": said("flat", spine, flat(spine))}
    found = {name: expected_losses(template("podium"), own, truth) for name, own in models.items()}
    share = closed(found["half"], found["flat"], GATES, 1)
    assert share["closed"] == pytest.approx(0.75, abs=1e-6)
    assert share["closed_low"] <= share["closed"] <= share["closed_high"]


def test_rows_name_the_baseline_and_leave_the_truth_out(spine, exact, truth):
    models = {
        "ours": said("ours", spine, exact),
        "flat": said("flat", spine, flat(spine), "baseline"),
        "truth": said_by_truth(truth),
    }
    roles = {"ours": "ours", "flat": "baseline", "truth": "truth"}
    rows = regret_rows(template("race_winner"), models, roles, "flat", truth, stage="pre_race", gates=GATES, seed=1)
    assert {row["model"] for row in rows} == {"ours", "flat"}
    own = next(row for row in rows if row["model"] == "ours")
    assert (own["against"], own["n"], own["role"]) == ("flat", RACES, "ours")
    assert own["closed"] == pytest.approx(1, abs=1e-4)
    assert "closed" not in next(row for row in rows if row["model"] == "flat")
    table = regret_table(SimpleNamespace(regret=rows), "race_winner")
    assert table.columns[-1] == "gap of flat closed"
    assert [row[-1].startswith("100% (") for row in table.rows if row[0] == "ours"] == [True]
    assert [row[-1] for row in table.rows if row[0] == "flat"] == [""]
    assert regret_table(SimpleNamespace(regret=[]), "race_winner") is None


def test_a_place_that_never_came_up_is_rare_not_impossible(spine, exact, truth):
    counted = truth.assign(draws=DRAWS, place_1=0.0)
    places = said_by_truth(counted)
    assert (places["place_1"] > 0).all()
    assert (places["role"] == "truth").all()


def test_a_truth_of_other_cars_is_refused(spine, exact, truth):
    with pytest.raises(StageError, match="another world"):
        expected_losses(template("race_winner"), said("own", spine, exact), truth[truth["driver_id"] > 1])


def test_forecasts_of_real_data_stay_as_they_are(tmp_path):
    from pitwall.domain.params import Params
    from pitwall.domain.project import Project

    job = SimpleNamespace(
        project=Project(tmp_path), params=Params(sources={"ergast": {"location": "x"}}), stage="pre_race"
    )
    forecasts = SimpleNamespace(plan=SimpleNamespace(job=job))
    assert with_truth(forecasts) is forecasts


@pytest.mark.parametrize("name", ["qualifying", "fastest_lap", "dnf"])
def test_where_the_order_is_not_the_finish_there_is_no_truth(name, tmp_path):
    """The world counts finishing places; who takes pole is another matter."""
    job = training_job(Project(tmp_path), Params(), name)
    assert truth_of(job.project, job.params) is not None
    forecasts = SimpleNamespace(plan=SimpleNamespace(job=job))
    assert with_truth(forecasts) is forecasts
