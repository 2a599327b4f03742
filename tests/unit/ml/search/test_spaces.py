"""Spaces as people write them: distributions of a notebook, the YAML of a sweep, conditions, lists, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.ml.search.engine import search
from pitwall.ml.search.settings import SearchSettings
from pitwall.ml.search.space import Choice, Fixed, Real, Space, Whole, traced
from pitwall.ml.search.spec import parse_space
from pitwall.ml.search.sweep import parse_sweep, read_sweep

SWEEP = """
program: train.py
method: bayes  # or grid, random
metric:
  name: val_accuracy
  goal: maximize
parameters:
  learning_rate:
    distribution: log_uniform_values
    min: 0.0001
    max: 0.1
  batch_size:
    values: [16, 32, 64, 128]
  optimizer:
    values: ["adam", "sgd", "adamw"]
early_terminate:
  type: hyperband
  min_iter: 10
"""


def drawn(space: Space, trials: int = 30) -> list[dict[str, Any]]:
    found = search(lambda _: 0.0, space, SearchSettings(trials=trials, method="random", pruner="none"))
    return [trial.params for trial in found.trials]


def test_distributions_of_a_notebook() -> None:
    space = parse_space(
        {
            "lr": {"type": "loguniform", "low": 1e-4, "high": 1e-1},
            "hidden": {"type": "int", "low": 32, "high": 34},
            "dropout": {"type": "uniform", "low": 0.0, "high": 0.5},
            "layers": {"type": "choice", "options": [[64], [64, 32]]},
            "momentum": {"type": "uniform", "low": 0.0, "high": 1.0, "when": {"layers": [[64]]}},
        }
    )
    configs = drawn(space)
    assert {config["hidden"] for config in configs} == {32, 33, 34}  # both ends included
    assert min(config["lr"] for config in configs) < 1e-3
    assert all(isinstance(config["layers"], list) for config in configs)
    assert all(("momentum" in config) == (config["layers"] == [64]) for config in configs)
    assert len({len(config) for config in configs}) == 2


def test_a_sweep_is_read_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text(SWEEP)
    sweep = read_sweep(file)
    assert (sweep.metric, sweep.unused) == ("val_accuracy", ("program",))
    assert sweep.settings == SearchSettings(method="tpe", direction="maximize", pruner="hyperband", min_iter=10)
    domains = {each.name: each.domain for each in sweep.space.parameters}
    assert domains["learning_rate"] == Real(0.0001, 0.1, log=True)
    assert domains["batch_size"] == Choice((16, 32, 64, 128))
    found = search(lambda trial: trial.params["learning_rate"], sweep.space, sweep.settings)
    assert found.best.params["learning_rate"] > 0.05


def test_other_distributions_of_sweeps() -> None:
    said = {
        "a": {"value": [1, 2]},
        "b": {"min": 1, "max": 9},
        "c": {"min": 0.5, "max": 9},
        "d": {"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.25},
        "e": {"distribution": "log_uniform", "min": 0, "max": 1},
        "f": {"distribution": "int_uniform", "min": 2, "max": 3},
        "g": {"values": [1, 2], "when": {"f": 2}},
    }
    sweep = parse_sweep({"method": "grid", "parameters": said, "run_cap": 5}, "s.yaml", SearchSettings())
    domains = [each.domain for each in sweep.space.parameters]
    assert domains[:4] == [Fixed([1, 2]), Whole(1, 9), Real(0.5, 9.0), Real(0.0, 1.0, step=0.25)]
    assert domains[4] == Real(1.0, math.e, log=True)
    assert (sweep.settings.trials, sweep.settings.pruner, sweep.settings.direction) == (5, "none", "minimize")
    assert sweep.space.parameters[6].when == ("f", (2,))


def test_a_grid_knows_conditions() -> None:
    space = parse_space(
        {"opt": ["sgd", "adam"], "momentum": {"type": "choice", "options": [0.5, 0.9], "when": {"opt": "sgd"}}}
    )
    assert space.grid(9) == [{"opt": "sgd", "momentum": 0.5}, {"opt": "sgd", "momentum": 0.9}, {"opt": "adam"}]


def test_a_function_of_a_trial_is_a_space_too() -> None:
    space = traced(lambda trial: {"x": trial.suggest_float("x", 1.0, 9.0, log=True), "n": trial.suggest_int("n", 1, 3)})
    assert [each.domain for each in space.parameters] == [Real(1.0, 9.0, log=True), Whole(1, 3)]
    assert [config["x"] for config in space.grid(3)[::3]] == pytest.approx([1.0, 3.0, 9.0])


@pytest.mark.parametrize(
    ("spec", "kind", "said"),
    [
        ({"x": {"type": "unifrm", "low": 0, "high": 1}}, UnknownName, "did you mean 'uniform'"),
        ({"x": {"type": "uniform", "lo": 0, "high": 1}}, UnknownName, "did you mean 'low'"),
        ({"x": {"type": "uniform", "high": 1}}, UsageError, "x: `low` must be a number; found None"),
        ({"x": {"type": "uniform", "low": 2, "high": 1}}, UsageError, "found the range 2 to 1; expected low <= high"),
        ({"x": {"type": "loguniform", "low": 0, "high": 1}}, UsageError, "expected 0 < low"),
        ({"x": {"type": "int", "low": 0.5, "high": 1}}, UsageError, "whole ends"),
        ({"x": []}, UsageError, "at least one value"),
        ({"x": [1], "y": {"type": "choice", "options": [1], "when": {"z": 1}}}, UnknownName, "on which y hangs"),
        ({}, UsageError, "is a mapping of parameters"),
    ],
)
def test_a_space_that_cannot_be_is_refused(spec: dict[str, Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        parse_space(spec)


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ({"method": "bayesian"}, UnknownName, "did you mean 'bayes'"),
        ({"metrc": {}}, UnknownName, "did you mean 'metric'"),
        ({"metric": {"goal": "maximise"}}, UnknownName, "did you mean 'maximize'"),
        ({"early_terminate": {"type": "envelope"}}, UnknownName, "early_terminate"),
        ({"parameters": {"x": {"min": 1}}}, UsageError, "expected `value`, `values`, or `min` and `max`"),
        ({"parameters": {"x": {"distribution": "normal", "min": 0, "max": 1}}}, UnknownName, "distribution"),
        ({"parameters": []}, UsageError, "must be a mapping of names"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused(change: dict[str, Any], kind: type[Exception], said: str) -> None:
    whole = {"method": "bayes", "parameters": {"x": {"values": [1]}}, **change}
    with pytest.raises(kind, match=said):
        parse_sweep(whole, "sweep.yaml", SearchSettings())
