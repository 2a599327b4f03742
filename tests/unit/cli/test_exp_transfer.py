"""`pitwall exp import` and `exp export --records`, and the lab's script, on folders of runs; no project is near."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

from pitwall.cli import main
from pitwall.tracking import JsonTracker
from pitwall.tracking.json_runs import JsonRuns

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "compare_experiments.py"


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """The lab's folder: four runs of a model, one of them open, and one of another model."""
    monkeypatch.chdir(tmp_path)
    tracker = JsonTracker()
    for rate, auc in ((0.001, 0.8234), (0.0001, 0.8023), (0.01, 0.7856)):
        run_id = tracker.create_run("ctr_model")
        tracker.log_params(run_id, {"learning_rate": rate, "batch_size": 128, "hidden_dims": [512, 256]})
        for epoch in range(3):
            tracker.log_metrics(run_id, {"val_auc": auc - 0.1 / (epoch + 1)}, step=epoch)
        tracker.log_metrics(run_id, {"test_accuracy": auc - 0.07, "test_auc": auc})
        tracker.finish_run(run_id)
    tracker.create_run("ctr_model")
    tracker.finish_run(tracker.create_run("ranking_model"))
    return tmp_path


@pytest.fixture
def said(lab, monkeypatch, capsys):
    """Call `pitwall exp` or the script; return its exit code and what it said."""

    def call(*arguments, script=False):
        monkeypatch.setattr(
            sys, "argv", ["compare-experiments", *arguments] if script else ["pitwall", "exp", *arguments]
        )
        with pytest.raises(SystemExit) as left:
            runpy.run_path(str(SCRIPT), run_name="__main__") if script else main()
        told = capsys.readouterr()
        return int(left.value.code or 0), told.out, told.err

    return call


def test_runs_go_into_a_file_and_into_another_folder(said, lab):
    code, told, _ = said("export", "ctr_model", "--records", "--out", "runs.parquet", "--dir", "experiments")
    assert (code, told) == (0, "4 runs copied and equal, 0 were there already\n")
    code, told, _ = said("import", "runs.parquet", "--dir", "other", "--json", "-")
    assert (code, json.loads(told)["made"]) == (0, ["run_001", "run_002", "run_003", "run_004"])
    assert JsonRuns(lab / "other").history("run_001", "val_auc") == JsonRuns("experiments").history(
        "run_001", "val_auc"
    )
    code, told, _ = said("export", "--records", "--out", "other", "--dir", "experiments")
    assert (code, told) == (0, "1 runs copied and equal, 4 were there already\n")


def test_what_differs_is_told_and_ends_with_1(said):
    said("import", "experiments", "--dir", "other")
    JsonRuns("other").note("run_001", "changed")
    code, told, _ = said("import", "experiments", "--dir", "other")
    assert code == 1
    assert "! run_001 is there and differs in description; nothing of it was changed" in told
    code, _, complained = said("import", "nothing", "--dir", "other")
    assert (code, "metadata.json" in complained) == (2, True)


def test_the_script_says_what_the_labs_page_says(said):
    code, told, _ = said("ctr_model", script=True)
    rule = "=" * 80
    assert (code, told.splitlines()) == (
        0,
        [
            "Found 4 runs for 'ctr_model'",
            "",
            rule,
            "EXPERIMENT COMPARISON: ctr_model",
            rule,
            "run_id   status     learning_rate  batch_size  test_auc  test_accuracy",
            "run_001  completed  0.001          128         0.8234    0.7534",
            "run_002  completed  0.0001         128         0.8023    0.7323",
            "run_003  completed  0.01           128         0.7856    0.7156",
            "run_004  running",
            "",
            rule,
            "BEST RUN:",
            rule,
            "Run ID: run_001",
            "Best test_auc: 0.8234",
            "",
            "Parameters:",
            "  learning_rate: 0.001",
            "  batch_size: 128",
            "  hidden_dims: [512, 256]",
            "",
            "Final Metrics:",
            "  test_accuracy: 0.7534",
            "  test_auc: 0.8234",
            "  (1 more: pitwall exp show run_001)",
        ],
    )


def test_the_script_lists_and_draws(said, lab):
    code, told, _ = said("--list", script=True)
    assert code == 0
    assert "ctr_model:\n  Total runs: 4\n  Completed: 3\n  Run IDs: run_001, run_002, run_003, run_004\n" in told
    assert "ranking_model:\n  Total runs: 1\n  Completed: 1\n  Run IDs: run_005\n" in told
    code, told, _ = said("ctr_model", "plot", "val_auc", "run_001", "run_002", script=True)
    assert (code, told) == (0, "Created: experiments/metric_comparison_val_auc.png\n")
    assert (lab / "experiments/metric_comparison_val_auc.png").stat().st_size > 10_000


def test_a_slip_is_told(said):
    code, _, complained = said("ctr_model", "plt", "val_auc", script=True)
    assert (code, complained.startswith("error: give EXPERIMENT")) == (2, True)
    code, _, complained = said("ctr_modle", script=True)
    assert (code, "ctr_model" in complained) == (2, True)
