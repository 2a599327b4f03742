"""`pw.HyperparameterSearch`: the lines of a notebook that compares strategies, the same again by seed, and a study from a sweep."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest

import pitwall as pw
from pitwall.domain.errors import StageError, UnknownName

DISTRIBUTIONS = {
    "lr": {"type": "loguniform", "low": 1e-4, "high": 1e-1},
    "hidden_size": {"type": "int", "low": 32, "high": 512},
    "dropout": {"type": "uniform", "low": 0.0, "high": 0.5},
}


def accuracy(config: dict[str, Any]) -> float:
    """Return a made-up accuracy with its top at lr .003, hidden size 128, dropout .15."""
    lost = (math.log10(config["lr"] / 0.003)) ** 2 / 4 + ((config["hidden_size"] - 128) / 1000) ** 2
    return 0.9 - lost - (config["dropout"] - 0.15) ** 2


def test_strategies_are_compared_as_a_notebook_does() -> None:
    search = pw.HyperparameterSearch()
    grid = search.grid_search({"lr": [0.0001, 0.001, 0.01], "hidden_size": [64, 128], "dropout": [0.0, 0.3]})
    assert len(grid) == 12
    assert grid[1] == {"lr": 0.0001, "hidden_size": 64, "dropout": 0.3}
    drawn = search.random_search(DISTRIBUTIONS, n_trials=20)
    assert len(drawn) == 20
    assert all(set(config) == set(DISTRIBUTIONS) and isinstance(config["hidden_size"], int) for config in drawn)
    sought = search.bayesian_search(DISTRIBUTIONS, accuracy, n_trials=40)
    assert all(score == accuracy(config) for config, score in sought)
    best = max(score for _, score in sought)
    assert best > max(accuracy(config) for config in grid[:12])
    assert best > sorted(score for _, score in sought[:5])[-1]


def test_a_seed_gives_the_same_again_and_another_one_does_not() -> None:
    first, again, other = (pw.HyperparameterSearch(seed) for seed in (1, 1, 2))
    assert first.random_search(DISTRIBUTIONS) == again.random_search(DISTRIBUTIONS)
    assert first.random_search(DISTRIBUTIONS) != other.random_search(DISTRIBUTIONS)
    assert first.bayesian_search(DISTRIBUTIONS, accuracy) == again.bayesian_search(DISTRIBUTIONS, accuracy)
    assert [c for c, _ in first.bayesian_search(DISTRIBUTIONS, accuracy)[:5]] == first.random_search(DISTRIBUTIONS, 5)


def test_what_cannot_be_scored_or_read_is_told() -> None:
    search = pw.HyperparameterSearch()
    with pytest.raises(StageError, match="could not be scored: ValueError: no data"):
        search.bayesian_search(DISTRIBUTIONS, lambda _: (_ for _ in ()).throw(ValueError("no data")))
    with pytest.raises(UnknownName, match="did you mean 'uniform'"):
        search.random_search({"x": {"type": "unform", "low": 0, "high": 1}})
    with pytest.raises(UnknownName, match="did you mean 'random'"):
        search.study(lambda _: 0.0, DISTRIBUTIONS, method="randm")


def test_the_code_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[3] / "docs" / "search.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    monkeypatch.chdir(tmp_path)
    said: dict[str, Any] = {}
    exec("\n".join(blocks), said)
    assert len(said["grid"]) == 6
    assert said["best"]["hidden_size"] == pytest.approx(128, abs=100)


def test_a_study_is_run_from_a_sweep_and_goes_on(tmp_path: Path) -> None:
    sweep = tmp_path / "sweep.yaml"
    parameters = "parameters: {lr: {distribution: log_uniform_values, min: 0.0001, max: 0.1}, dropout: {value: 0.1}}"
    sweep.write_text(f"method: bayes\nmetric: {{name: accuracy, goal: maximize}}\n{parameters}\n")

    def objective(trial: Any) -> float:
        for step in range(3):
            trial.report(step, accuracy({**trial.params, "hidden_size": 128}) * (step + 1) / 3)
        return accuracy({**trial.params, "hidden_size": 128})

    search, kept = pw.HyperparameterSearch(seed=3), tmp_path / "kept.journal"
    half = search.study(objective, sweep, n_trials=6, storage=kept, pruner="median")
    whole = search.study(objective, sweep, n_trials=12, storage=kept, pruner="median", resume=True)
    assert (half.settings.direction, half.settings.method, half.settings.pruner) == ("maximize", "tpe", "median")
    assert whole.resumed == 6
    assert whole.best.value is not None
    assert half.best.value is not None
    assert whole.best.value >= half.best.value
    assert whole.best.params["dropout"] == 0.1
