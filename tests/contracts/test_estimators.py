"""Every estimator that discovery finds keeps the contract, and the contract catches the ways to break it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pitwall.ml.estimators import FitInput, baselines, estimator, estimators
from pitwall.ml.estimators.shared.ensemble import Ensemble
from pitwall.ml.families import families
from pitwall.testing.checks.estimators import check_estimator
from pitwall.testing.worlds.labelled import labelled_races, said

QUICK = {"multiclass": {"lightgbm", "xgboost"}, "curve": {"lightgbm", "ridge"}}  # possible members of an ensemble
EVERY = [(family, name) for family in families() for name in sorted(estimators(family))]


@pytest.mark.parametrize(("family", "name"), EVERY)
def test_estimator_keeps_the_contract(family: str, name: str) -> None:
    assert estimator(family, name).name == name
    check_estimator(_of_two(estimator(family, name), family), family)


def _of_two(plugin, family: str):
    """Return an ensemble with two possible members alone, which takes seconds less: each keeps the contract by itself."""
    left_out = tuple(set(estimators(family)) - QUICK.get(family, {"linear", "logistic", "xgboost"}))
    return replace(plugin, without=left_out) if isinstance(plugin, Ensemble) else plugin


@pytest.mark.parametrize("name", sorted(estimators("order")))
def test_an_unknown_grid_is_no_obstacle(name: str) -> None:
    """Of one race nobody knows the grid, of another the slot of one car is not known: learning and answering work."""
    frame, outcome = labelled_races(races=6, cars=5)
    races = frame["race_id"].unique()
    unknown = frame["race_id"].isin(races[[0, -1]]) | (frame.index == frame.index[frame["race_id"] == races[1]][0])
    subject = estimator("order", name)
    others = [column for column in subject.needs or () if column not in frame]
    frame = frame.assign(grid=frame["grid"].mask(unknown), **dict.fromkeys(others, frame["grid"]))
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
        answer = self.inner.answer(frame).copy()
        answer[:] = self.spoil(answer.to_numpy())
        return answer

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


def _crossed(answer: np.ndarray) -> np.ndarray:
    return np.column_stack([answer[:, 0], answer[:, :0:-1]])


@pytest.mark.parametrize(
    ("family", "name", "spoil", "why"),
    [
        ("binary", "logistic", lambda p: p + 1, "between 0 and 1"),
        ("binary", "logistic", lambda p: np.full_like(p, 0.5), "on races it has seen"),
        ("binary", "overall_rate", lambda p: p * np.linspace(0.5, 1, len(p))[:, None], "the order of"),
        ("multiclass", "logistic", lambda p: p * 0.9, "sum to something else than 1"),
        ("multiclass", "logistic", lambda p: np.full_like(p, 1 / 3), "on races it has seen"),
        ("regression", "linear", _crossed, "quantiles cross"),
        ("regression", "linear", lambda values: values * np.nan, "no finite number"),
        ("regression", "linear", lambda values: values[::-1], "the order of rows to predict"),
        (
            "curve",
            "ridge",
            lambda values: values[:, [0, 2, 1, *range(3, values.shape[1])]],
            "quantiles of the slope cross",
        ),
        ("curve", "ridge", lambda values: values + np.eye(values.shape[1])[-1], "lie off their curve"),
        ("curve", "compound_median", lambda values: values[::-1], "the order of rows to predict"),
        ("survival", "hazard", lambda values: values[:, ::-1], "a curve of survival never rises"),
        ("survival", "hazard", lambda values: values * 0.0 + values.mean(axis=0), "on races it has seen"),
    ],
    ids=[
        "no chances",
        "nothing learned",
        "by row number",
        "not whole",
        "no class learned",
        "quantiles cross",
        "nulls",
        "rows misaligned",
        "slopes cross",
        "a value beside its curve",
        "curves misaligned",
        "rising survival",
        "no duration learned",
    ],
)
def test_the_contract_catches_a_broken_estimator_of_another_family(family, name, spoil, why) -> None:
    with pytest.raises(AssertionError, match=why):
        check_estimator(_Sampled(estimator(family, name), spoil), family)


class _Telling:
    """A wrapper that changes what an estimator is asked; its traits are the estimator's own."""

    def __init__(self, inner, spoil):
        self.inner, self.spoil = inner, spoil
        self.name, self.role, self.needs, self.traits = inner.name, inner.role, inner.needs, inner.traits

    def default(self):
        return self.inner.default()

    def fit(self, data):
        return self.inner.fit(self.spoil(data))

    def load(self, folder: Path):
        return self.inner.load(folder)


def _listened(data):
    return data if data.heard is None else replace(data, seed=data.seed + 1)


def _from_zero(data):
    return replace(data, heard=data.heard and (lambda name, step, value: data.heard(name, step - 1, value)))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda data: replace(data, heard=None), "tells `FitInput.heard`"),
        (_from_zero, "rounds are told from 1"),
        (_listened, "must write identical files"),
    ],
    ids=["tells nothing", "counts from 0", "learns otherwise when it is heard"],
)
def test_the_contract_catches_who_tells_its_rounds_badly(spoil, why) -> None:
    with pytest.raises(AssertionError, match=why):
        check_estimator(_Telling(estimator("binary", "lightgbm"), spoil), "binary")


def test_an_estimator_is_not_of_two_families() -> None:
    class Elsewhere(_Sampled):
        family = "binary"

    with pytest.raises(AssertionError, match="own `family`"):
        check_estimator(Elsewhere(estimator("order", "grid_frequency"), lambda values: values))


def test_the_labelled_races_hold_nulls_and_whole_orders() -> None:
    frame, outcome = labelled_races(races=5, cars=7)
    assert frame["driver_race_rating"].isna().any() or frame["qualifying_gap_pct"].isna().any()
    assert outcome.groupby(frame["race_id"])["place"].apply(sorted).tolist() == [list(range(1, 8))] * 5
