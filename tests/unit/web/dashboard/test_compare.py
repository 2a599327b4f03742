"""Runs beside each other: the same races, the same numbers as versions, and what is not comparable said so."""

import pytest

from pitwall.ml.families.predictions import by_estimator
from pitwall.testing.trained import NAME
from pitwall.workflows.experiments import beside
from pitwall.workflows.experiments.kept import predictions


@pytest.fixture
def second(world):
    """A run of the same model whose predictions are those of the baseline."""
    own = world.tracker.runs[world.run]
    run_id = world.tracker.start("pitwall-order", "second", {"pitwall.model": NAME, "pitwall.stage": "pre_race"})
    world.tracker.params(run_id, {**own.params, "seed": 8})
    world.tracker.metrics(
        run_id, {name: value for name, value in own.metrics.items() if name.startswith("race_winner.")}
    )
    told = predictions(world.workspace, world.tracker.read(world.run))
    worse = by_estimator(told)["grid_frequency"].assign(role="model")
    folder = world.project.root / "second"
    folder.mkdir(exist_ok=True)
    worse.to_parquet(folder / "predictions.parquet", index=False)
    world.tracker.files(run_id, folder / "predictions.parquet", "predictions")
    world.tracker.finish(run_id, "FINISHED")
    yield run_id
    del world.tracker.runs[run_id]


def test_two_runs_show_metrics_paired_differences_and_parameters(browser, plain, world, second):
    text = plain(f"/compare?runs={world.run},{second}")
    assert "Compare 2 runs" in text and "On the same races" in text and "seed" in text
    assert plain(f"/compare?runs={world.run}&runs={second}") == text.replace(f"{world.run}%2C{second}", "")
    assert "What the picture shows, as a table" in text
    csv = browser.get(f"/compare?runs={world.run},{second}&csv=1").text
    assert csv.startswith("run,,race winner: log loss,") and "second" in csv


def test_the_difference_is_that_of_the_baseline_and_changes_its_sign_with_the_order(world, second):
    records = [world.tracker.read(each) for each in (world.run, second)]
    (there,), (back,) = beside.paired(world.workspace, records), beside.paired(world.workspace, records[::-1])
    own = {(each.question, each.metric): each for each in there.found}
    metrics = world.tracker.runs[world.run].metrics
    loss = own["race_winner", "log_loss"]
    assert loss.delta == pytest.approx(metrics["race_winner.gain.grid_frequency"])
    assert (loss.low, loss.high) == pytest.approx(
        (metrics["race_winner.gain.grid_frequency.low"], metrics["race_winner.gain.grid_frequency.high"])
    )
    other = {(each.question, each.metric): each for each in back.found}["race_winner", "log_loss"]
    assert other.delta == pytest.approx(-loss.delta)


def test_what_kept_no_predictions_is_said_so(plain, world, second):
    del world.tracker.runs[second].contents["predictions/predictions.parquet"]
    assert "Nothing can be said of second" in plain(f"/compare?runs={world.run},{second}")


def test_one_run_or_none_asks_for_more(plain, world):
    assert "Choose at least two runs" in plain("/compare")
    assert "One is chosen" in plain(f"/compare?runs={world.run},{world.run}")


def test_too_many_runs_are_refused(browser, world):
    more = [world.tracker.start("lab", f"by hand {number}", {}) for number in range(beside.MOST + 1)]
    try:
        answer = browser.get("/compare", params={"runs": ",".join(more)})
        assert answer.status_code == 409 and "too many" in answer.text
    finally:
        for run_id in more:
            del world.tracker.runs[run_id]
