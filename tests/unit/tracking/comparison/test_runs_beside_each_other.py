"""Runs beside each other: which values count, which run is best, where they differ, which are a good bargain."""

import json

import numpy as np
import pytest

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.ports import RunRecord
from pitwall.testing import FakeTracker
from pitwall.tracking.comparison.columns import chosen, labels
from pitwall.tracking.comparison.main_metrics import final_metrics, main_metrics
from pitwall.tracking.comparison.named import named
from pitwall.tracking.comparison.reached import reached
from pitwall.tracking.comparison.table import Question, compare
from pitwall.tracking.comparison.tradeoff import cost_metric, front_of


@pytest.fixture
def store():
    """Three runs: one whose best value is not its last, one that is steady, one that diverged at the end."""
    tracker = FakeTracker()
    for name, losses in (("early", [0.9, 0.2, 0.6]), ("steady", [0.8, 0.5, 0.4]), ("diverged", [0.7, 0.1])):
        run = tracker.start("lab", name, {})
        tracker.params(run, {"rate": len(losses), "seed": 7, "name": name})
        for step, loss in enumerate(losses):
            tracker.metrics(run, {"val_loss": loss}, step=step)
        tracker.finish(run, "FINISHED")
    lost = {"val_loss": {"first": 2, "last": 2, "count": 1}}
    tracker.tag(tracker.all()[0].run_id, {"pitwall.not_finite_metrics": json.dumps(lost)})
    return tracker


def by_name(store, values):
    return {store.read(run_id).name: value for run_id, value in values.items()}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, {"early": 0.6, "steady": 0.4}),  # what diverged has no last value
        ({"which": "best"}, {"early": 0.2, "steady": 0.4, "diverged": 0.1}),
        ({"which": "max"}, {"early": 0.9, "steady": 0.8, "diverged": 0.7}),
        ({"step": 2}, {"early": 0.6, "steady": 0.4}),
        ({"step": 9}, {}),
    ],
)
def test_a_run_reaches_its_last_best_or_chosen_value(store, how, expected):
    assert by_name(store, reached(store, store.all(), "val_loss", "min", **how)) == expected


def test_the_best_run_stands_first_with_the_others_distance_and_only_differing_parameters(store):
    found = compare(store, store.all(), Question(("val",)))
    assert [each.record.name for each in found.rows] == ["steady", "early", "diverged"]
    assert [each.best for each in found.rows] == [True, False, False]
    assert found.rows[1].delta == pytest.approx(0.2)
    assert found.rows[2].delta is None
    assert (found.differing, found.same) == (("name", "rate"), ("seed",))


def test_the_best_value_instead_of_the_last_one_names_another_run(store):
    assert compare(store, store.all(), Question(("val_loss",), which="best")).best.record.name == "diverged"


def test_max_is_better_where_somebody_says_so(store):
    assert compare(store, store.all(), Question(("val_loss",), mode="max")).best.record.name == "early"


def test_more_than_a_hundred_runs_are_compared_and_so_many_are_shown_as_asked():
    tracker = FakeTracker()
    for number in range(230):
        run = tracker.start("many", f"run {number}", {})
        tracker.metrics(run, {"accuracy": number / 1000})
    assert len(compare(tracker, tracker.all(), Question(("accuracy",))).rows) == 230
    top = compare(tracker, tracker.all(), Question(("accuracy",), top=3))
    assert [each.record.name for each in top.rows] == ["run 229", "run 228", "run 227"]


def test_without_runs_or_a_metric_that_tells_its_way_it_says_so(store):
    with pytest.raises(UsageError, match="no runs to compare"):
        compare(store, [], Question())
    run = store.start("other", "plain", {})
    store.metrics(run, {"downforce": 3.0})
    assert compare(store, store.all("other"), Question()).best is None
    with pytest.raises(UsageError, match="does not say whether less or more"):
        compare(store, store.all("other"), Question(("downforce",)))


def record(run_id="1", name="a", **held):
    return RunRecord(run_id, name, "FINISHED", held.pop("experiment", "lab"), **held)


def test_the_metrics_that_judge_come_before_those_that_only_describe():
    judged = {"podium.log_loss": 1.0, "podium.brier": 1.0, "podium.brier.low": 0.9, "resources.seconds": 3.0}
    learned = {"train_loss": 0.1, "val_auc": 0.7, "season.podium.brier": 1.0, "podium.gain.grid": 0.1, "downforce": 2.0}
    of = record(metrics=judged | learned)
    assert main_metrics([of]) == ["podium.log_loss", "podium.brier"]
    assert set(final_metrics(of)) == {"podium.log_loss", "podium.brier", "downforce"}
    assert main_metrics([record(metrics={"train_loss": 0.1, "val_auc": 0.7, "val_loss": 0.3})]) == [
        "val_auc",
        "val_loss",
    ]


def test_a_name_or_a_beginning_that_only_one_has_is_enough():
    records = [record(experiment="wings", metrics={"loss": 1.0, "loss.low": 1.0}), record(experiment="wheels")]
    assert named("experiment", "wi", records) == "wings"
    assert named("metric", "loss", records) == "loss"
    with pytest.raises(UsageError, match="2 experiments begin with 'w': wheels, wings"):
        named("experiment", "w", records)
    with pytest.raises(UnknownName, match="did you mean 'wings'"):
        named("experiment", "wigns", records)


def test_columns_are_those_that_all_runs_have_and_that_tell_them_apart():
    first = record("1", params={"rate": "0.1", "opt": "adam", "seed": "7", "own": "x"})
    second = record("2", params={"rate": "1e-3", "opt": "sgd", "seed": "7"})
    assert chosen([first, second], ()) == ([first, second], {"opt": ["adam", "sgd"], "rate": [0.1, 0.001]})
    assert chosen([first, second], ("ow",)) == ([first], {"own": ["x"]})
    with pytest.raises(UnknownName, match="did you mean 'rate'"):
        chosen([first, second], ("rat3",))
    assert labels([first, second]) == ["a (1)", "a (2)"]


def test_the_front_is_what_no_other_run_is_better_than_in_everything():
    costs = np.array([[1.0, 9.0, 5.0], [1.0, 9.0, 6.0], [2.0, 9.0, 4.0], [3.0, 1.0, 9.0], [3.0, 1.0, 9.0]])
    assert front_of(costs).tolist() == [0, 2, 3, 4]


def test_a_cost_is_read_from_the_usual_metric_or_the_one_that_says_so():
    usual, own = record(metrics={"inference.p95_ms": 1.0, "p50_ms": 1.0}), record(metrics={"lap_latency": 1.0})
    assert cost_metric("latency", None, [usual]) == "inference.p95_ms"
    assert cost_metric("latency", None, [own]) == "lap_latency"
    assert cost_metric("size", None, [own]) is None
    with pytest.raises(UsageError, match="2 metrics tell a latency: a_ms, b_ms; choose one with --latency"):
        cost_metric("latency", None, [record(metrics={"a_ms": 1.0, "b_ms": 1.0})])


def test_what_a_run_read_and_how_its_fit_went_on_are_no_results():
    metrics = {"auc": 0.8, "data.rows": 5.0, "fit.train_log_loss": 0.1, "inference.p99_ms": 2.0, "system/cpu": 9.0}
    assert final_metrics(RunRecord("1", "a", "FINISHED", "lab", metrics=metrics)) == ["auc"]
