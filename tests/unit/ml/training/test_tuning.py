"""The search with a scripted estimator: default first, pruning, failures, repeatability."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import StageError
from pitwall.domain.params import TuningParams
from pitwall.ml.training.tuning import TrialRecord, search

ROWS = (pd.DataFrame(), pd.DataFrame())
SETTINGS = TuningParams(trials=12, startup_trials=3, pruner_warmup_rounds=0)


@dataclass
class _Fitted:
    params: dict[str, Any]
    validation_loss: float | None


@dataclass
class _Scripted:
    """Its loss is (x - 0.3)^2 and falls over ten reports; above `broken` it fails."""

    broken: float = 2.0
    name: str = "scripted"
    role: str = "model"
    needs: tuple[str, ...] | None = None
    seen: list[float] = field(default_factory=list)

    def default(self) -> dict[str, Any]:
        return {"x": 0.9}

    def space(self, trial) -> dict[str, Any]:
        return {"x": trial.suggest_float("x", 0.0, 1.0)}

    def fit(self, data) -> _Fitted:
        params, report = data.params, data.report
        self.seen.append(params["x"])
        if params["x"] > self.broken:
            raise FloatingPointError("diverged")
        loss = (params["x"] - 0.3) ** 2
        for step in range(0, 50, 5):
            report(step, loss + 1 / (step + 1))
        return _Fitted({**params, "rounds": 7}, loss)


def test_the_default_is_trial_0_and_the_best_wins() -> None:
    records: list[TrialRecord] = []
    found = search(_Scripted(), ROWS, ROWS, SETTINGS, seed=1, on_trial=records.append)
    assert records[0].params["x"] == 0.9
    assert len(records) == 12
    assert found.trials == tuple(records)
    done = [record for record in records if record.state == "COMPLETE"]
    assert found.value == min(record.value for record in done if record.value is not None)
    assert found.params["rounds"] == 7
    assert {record.state for record in records} == {"COMPLETE", "PRUNED"}


def test_one_seed_repeats_the_search() -> None:
    first, second, other = _Scripted(), _Scripted(), _Scripted()
    for plugin, seed in ((first, 1), (second, 1), (other, 2)):
        search(plugin, ROWS, ROWS, SETTINGS, seed=seed, on_trial=lambda _: None)
    assert first.seen == second.seen
    assert not np.array_equal(first.seen, other.seen)


def test_a_failing_trial_is_recorded_and_the_search_goes_on() -> None:
    records: list[TrialRecord] = []
    found = search(
        _Scripted(broken=0.95), ROWS, ROWS, SETTINGS.model_copy(update={"trials": 40}), seed=1, on_trial=records.append
    )
    failed = [record for record in records if record.state == "FAILED"]
    assert all("diverged" in record.reason for record in failed)
    assert failed
    assert found.value < 0.1


def test_a_failing_default_ends_the_search() -> None:
    with pytest.raises(StageError, match=r"default configuration of scripted failed.*diverged"):
        search(_Scripted(broken=0.5), ROWS, ROWS, SETTINGS, seed=1, on_trial=lambda _: None)
