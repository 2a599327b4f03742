"""Whose turn it is, and what is proposed: by rules that anybody can check by hand."""

import pytest

from pitwall.ml.automl.proposing.bandit import next_estimator
from pitwall.ml.automl.proposing.samplers import sampler
from pitwall.ml.automl.trials import Trial, Tried
from pitwall.ml.estimators import estimator


def _tried(name: str, *costs: float, seconds: float = 1.0) -> list[Tried]:
    trials = (Trial(0, name, n, {}, {}, "COMPLETE", cost, cost, seconds, 0.0) for n, cost in enumerate(costs))
    return [Tried(trial, cost=cost) for trial, cost in zip(trials, costs, strict=True)]


@pytest.mark.parametrize(
    ("tried", "turn"),
    [
        ([*_tried("dear", 0.5, seconds=9.0), *_tried("cheap", 0.5)], "cheap"),
        ([*_tried("good", 0.5), *_tried("bad", 0.9), *_tried("fair", 0.6)], "good"),
        ([*_tried("long", *[0.5] * 50), *_tried("new", 0.51)], "new"),
        ([*_tried("broken", float("inf"), float("inf")), *_tried("works", 0.9)], "works"),
    ],
    ids=["equal ones by seconds", "the better one", "the one that was not asked yet", "not the one that fails"],
)
def test_the_turn_is_of_what_promises_most_per_second(tried: list[Tried], turn: str) -> None:
    names = sorted({each.trial.estimator for each in tried})
    assert next_estimator(tried, names, 100.0) == turn
    assert next_estimator(list(reversed(tried)), names, 100.0) == turn


def test_no_turn_is_given_that_does_not_fit_into_what_is_left() -> None:
    tried = [*_tried("dear", 0.1, seconds=9.0), *_tried("cheap", 0.5)]
    assert next_estimator(tried, ["cheap", "dear"], 5.0) == "cheap"
    assert next_estimator(tried, ["cheap", "dear"], 0.5) is None


@pytest.mark.parametrize("engine", ["pitwall", "flaml"])
def test_proposals_depend_on_an_estimators_own_trials_alone(engine: str) -> None:
    plugins = [estimator("binary", name) for name in ("logistic", "xgboost")]

    def proposed(turns: list[int]) -> dict[int, list[dict]]:
        asking = [sampler(engine, plugin, 5) for plugin in plugins]
        said: dict[int, list[dict]] = {0: [], 1: []}
        for turn in turns:
            said[turn].append(asking[turn].ask())
            asking[turn].tell(None if len(said[turn]) == 3 else float(len(said[turn])) % 1.7)
        return said

    first, second = proposed([0, 1] * 8), proposed([1] * 8 + [0] * 8)
    assert first == second
    assert [first[n][0] for n in (0, 1)] == [plugin.default() for plugin in plugins]
    assert len({row["eta"] for row in first[1]}) > 4
    assert all(1 <= row["max_depth"] <= 4 and 0.01 <= row["eta"] <= 0.2 for row in first[1])
    assert not sampler(engine, plugins[0], 5).exhausted


@pytest.mark.parametrize("engine", ["pitwall", "flaml"])
def test_an_estimator_without_choices_is_tried_once(engine: str) -> None:
    only = sampler(engine, estimator("regression", "overall_median"), 5)
    only.ask()
    assert only.exhausted
