"""The lab's last page: what to look at when a run, a metric or a best run is missing; goes on after the quick start."""

import os
import warnings

import pytest

from pitwall.domain.errors import UnknownName
from pitwall.tracking import ExperimentTracker

tracker = ExperimentTracker()
first = tracker.list_runs("lap_model")[0]["run_id"]

# metrics not showing in a comparison
run = tracker.get_run(first)
if first == "run_001":  # in a folder
    assert os.path.exists("experiments/runs/run_001/metrics.json")
print(run["metrics"])

# run not found
runs = tracker.list_runs()
print([r["run_id"] for r in runs])
with pytest.raises(UnknownName):
    tracker.get_run("run_999")

# best run returns None
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    assert tracker.get_best_run("tst_auc", experiment_name="lap_model") is None
assert "test_auc" in str(told[0].message)  # the near name is told
print(run["metrics"].keys())
