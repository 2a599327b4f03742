"""Experiments by hand as MLflow keeps them: a later session reads back what an earlier one logged."""

import math

import pytest

import pitwall as pw
from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"))


def test_a_later_session_reads_back_what_was_logged(project):
    tracker = pw.ExperimentTracker("Wing sweep", project)
    made = []
    for name, lap_times in (("low", [91.0, 90.0, math.nan]), ("high", [92.0, 90.5])):
        made.append(tracker.start_run(name, tags={"version": "v1"}))
        tracker.log_params({"angle": 5, "text": "5", "car": {"fuel": 10.5}})
        for lap_time in lap_times:
            tracker.log_metric("lap_time", lap_time)
        tracker.log_artifact("setup", {"angle": 5})
        tracker.end_run()
    with pytest.raises(UnknownName, match="baseline"):
        tracker.start_run("slip", tags={"experiment_type": "basline"})
    with pytest.raises(TrackingError, match="refused parameters"), tracker.run("twice"):
        tracker.log_param("angle", 5)
        tracker.log_param("angle", 6)

    again = pw.ExperimentTracker("Wing sweep", project)
    runs = list(again.runs.values())
    assert [run["name"] for run in runs] == ["low", "high", "twice"]
    assert [run["status"] for run in runs] == ["completed", "completed", "failed"]
    assert [run["run_id"] for run in runs][:2] == made
    assert {len(run_id) for run_id in again.runs} == {8}
    low = again.runs[made[0][:6]]
    assert low["params"] == {"angle": 5, "text": "5", "car.fuel": 10.5}
    assert low["metric_history"]["lap_time"] == [(0, 91.0), (1, 90.0)]
    assert low["not_finite"]["lap_time"] == {"count": 1, "first": 2, "last": 2}
    assert low["artifacts"]["setup"]["media_type"] == "application/json"
    version = "unknown: there is no dvc.lock; `dvc repro` writes it"
    assert low["tags"] == {"version": "v1", "experiment_type": "baseline", "dataset_version": version}
    assert low["duration"] > 0
    assert runs[2]["tags"]["error"].startswith("TrackingError")
    assert again.get_best_run("lap_time", maximize=False)["name"] == "high"  # the other one diverged
    assert again.get_best_run("lap_time", maximize=False, which="min")["name"] == "low"
    assert len(pw.ExperimentTracker("another", project).runs) == 0
