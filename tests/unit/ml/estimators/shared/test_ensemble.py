"""Ensembles: who is picked, that the picks are settled once, and that the mean of members is what is answered."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.refs import folder_hash
from pitwall.ml.estimators import FitInput, estimator, estimators
from pitwall.ml.estimators.shared import ensemble
from pitwall.ml.estimators.shared.selection import selected
from pitwall.testing.worlds.answers import WORLDS

MEMBERS = {"logistic", "xgboost"}
FEW = replace(estimator("binary", "ensemble"), without=tuple(set(estimators("binary")) - MEMBERS))


def rows(last=45):
    """Return labelled races and those after them."""
    world = WORLDS["binary"](60, 12, 0, 3.0)
    late = world.frame["race_id"] > last
    return [
        (world.frame[part].reset_index(drop=True), world.outcome[part].reset_index(drop=True)) for part in (~late, late)
    ]


@pytest.fixture(scope="module")
def settled():
    train, later = rows()
    return FEW.fit(FitInput(*train, FEW.default(), 7, later))


def answers(*columns):
    return {name: pd.DataFrame({"value": np.array(values)}) for name, values in columns}


def off(truth):
    return lambda said: float(((said["value"] - np.array(truth)) ** 2).mean())


def test_members_that_err_to_both_sides_share_and_a_worse_one_is_left_out():
    said = answers(("high", [1.0, 3.0]), ("low", [-1.0, 1.0]), ("far", [9.0, -9.0]))
    assert selected(said, off([0.0, 2.0]), 20) == {"high": 0.5, "low": 0.5}


def test_a_member_that_is_right_stands_alone():
    said = answers(("right", [0.0, 2.0]), ("near", [0.1, 2.1]))
    assert selected(said, off([0.0, 2.0]), 20) == {"right": 1.0}


def test_the_answer_is_the_weighted_mean_of_members(settled):
    frame = rows()[1][0]
    weights = settled.params["weights"]
    assert set(weights) <= MEMBERS and sum(weights.values()) == pytest.approx(1.0)
    said = sum(weight * settled.members[name].answer(frame)["p"] for name, weight in weights.items())
    np.testing.assert_allclose(settled.answer(frame)["p"], said)


def test_a_refit_fits_who_was_picked_and_picks_no_more(settled, tmp_path, monkeypatch):
    train, later = rows()
    monkeypatch.setattr(ensemble, "selected", lambda *_: pytest.fail("picked again"))
    again = FEW.fit(FitInput(*train, settled.params, 7))
    np.testing.assert_allclose(again.answer(later[0]), settled.answer(later[0]))
    assert again.params == settled.params
    again.save(tmp_path)
    before = folder_hash(tmp_path)
    loaded = FEW.load(tmp_path)
    assert loaded.answer(later[0]).equals(again.answer(later[0]))
    loaded.save(tmp_path)
    assert folder_hash(tmp_path) == before


def test_models_that_ask_for_columns_of_their_own_are_no_members():
    every = set(estimators("binary"))
    assert set(FEW._library()) == MEMBERS
    assert "circuit_safety_cars" in every and not FEW._may_join("circuit_safety_cars")
    assert not FEW._may_join("ensemble") and FEW._may_join("mlp")
