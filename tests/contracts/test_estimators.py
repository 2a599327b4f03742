"""Every estimator that discovery finds keeps the contract, and the contract catches the ways to break it."""

from pathlib import Path

import numpy as np
import pytest

from pitwall.ml.estimators import FitInput, baselines, estimator, estimators
from pitwall.ml.families.order.answer import places
from pitwall.testing.checks.ml import check_estimator, labelled_races, said


@pytest.mark.parametrize("name", sorted(estimators("order")))
def test_estimator_keeps_the_contract(name: str) -> None:
    check_estimator(estimator("order", name))


@pytest.mark.parametrize("name", sorted(estimators("order")))
def test_an_unknown_grid_is_no_obstacle(name: str) -> None:
    """Of one race nobody knows the grid, of another the slot of one car is not known: learning and answering work."""
    frame, outcome = labelled_races(races=6, cars=5)
    races = frame["race_id"].unique()
    unknown = frame["race_id"].isin(races[[0, -1]]) | (frame.index == frame.index[frame["race_id"] == races[1]][0])
    frame = frame.assign(grid=frame["grid"].mask(unknown))
    subject = estimator("order", name)
    chances = said(subject.fit(FitInput(frame, outcome, subject.default(), 1)), frame)
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-6) and np.isfinite(chances).all()


def test_baselines_and_a_model_exist() -> None:
    assert {"grid_frequency", "championship_order"} <= set(baselines("order"))
    assert estimator("order", "plackett_luce_trees").role == "model"


class _Sampled:
    """A wrapper whose answers break one promise."""

    def __init__(self, inner, spoil):
        self.inner, self.spoil = inner, spoil
        self.name, self.role, self.needs = inner.name, inner.role, inner.needs

    def default(self):
        return self.inner.default()

    def fit(self, data):
        return _Spoiled(self.inner.fit(data), self.spoil)

    def load(self, folder: Path):
        return _Spoiled(self.inner.load(folder), self.spoil)


class _Spoiled:
    def __init__(self, inner, spoil):
        self.inner, self.spoil = inner, spoil
        self.params, self.validation_loss = inner.params, inner.validation_loss

    def answer(self, frame):
        return places(self.spoil(said(self.inner, frame)), frame.index)

    def save(self, folder: Path) -> None:
        self.inner.save(folder)


@pytest.mark.parametrize(
    "spoil",
    [lambda p: p * 0.9, lambda p: p[::-1], lambda p: np.roll(p, 1, axis=1), lambda p: 1 / np.maximum(p, 1e-9)],
    ids=["sums below one", "rows misaligned", "places shifted", "upside down"],
)
def test_the_contract_catches_a_broken_estimator(spoil) -> None:
    with pytest.raises(AssertionError):
        check_estimator(_Sampled(estimator("order", "grid_frequency"), spoil))


def test_the_labelled_races_hold_nulls_and_whole_orders() -> None:
    frame, outcome = labelled_races(races=5, cars=7)
    assert frame["driver_race_rating"].isna().any() or frame["qualifying_gap_pct"].isna().any()
    assert outcome.groupby(frame["race_id"])["place"].apply(sorted).tolist() == [list(range(1, 8))] * 5
