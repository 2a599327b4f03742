"""Pictures of runs: what is in them, what is not, and that both forms stand on disk and ask no other address for anything."""

import re

import numpy as np
import pytest

from pitwall.domain.errors import UsageError
from pitwall.testing import FakeTracker
from pitwall.workflows.logbook import plotting
from pitwall.workflows.logbook.store import Logbook

RUNS = 130  # more than a page of MLflow's shows


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A sweep in which the rate decides, the optimiser does a little, and the seed nothing."""
    tracker, random = FakeTracker(), np.random.default_rng(0)
    for number in range(RUNS):
        run = tracker.start("sweep", f"run {number}", {})
        rate, optimiser = float(10 ** random.uniform(-4, -1)), ("adam", "sgd")[number % 2]
        tracker.params(run, {"rate": rate, "optimiser": optimiser, "seed": number % 3, "rounds": 10})
        accuracy = 0.9 - 0.05 * (np.log10(rate) + 2) ** 2 - 0.02 * (optimiser == "sgd")
        for step in range(3):
            tracker.metrics(run, {"val_accuracy": accuracy - 0.3 / (step + 1)}, step=step)
        tracker.metrics(run, {"test_accuracy": accuracy, "latency_ms": 1 + number % 5, "size_mb": 1 + number % 7})
        tracker.finish(run, "FINISHED")
    tracker.finish(tracker.start("sweep", "failed", {}), "FAILED")
    home = tmp_path_factory.mktemp("book")
    return Logbook(tracker, tracker, tracker, home, home)


def measure(book, name="test_accuracy"):
    return plotting.measure(book.records(), name, None)


def test_curves_are_those_of_all_runs_that_have_the_metric(book, tmp_path):
    drawn = plotting.curves(book, book.records(["sweep"]), "val_acc")
    lines = drawn.png.axes[0].get_lines()
    assert (drawn.runs, len(lines)) == (RUNS, RUNS)
    assert drawn.note == "120 older runs are grey in the PNG"
    assert list(lines[-1].get_xdata()) == [0, 1, 2]
    png, page = drawn.write(tmp_path / "made")
    assert png.name == "metric_comparison_val_accuracy.png"
    text = page.read_text(encoding="utf-8")
    assert "run 0" in text
    assert not re.findall(r"<(?:script|link|img)[^>]*https?:[^>]*>", text)


def test_parallel_coordinates_take_all_runs_and_the_parameters_in_which_they_differ(book):
    drawn = plotting.parallel(book, book.records(), measure(book))
    (parcoords,) = drawn.page.data
    assert [each.label for each in parcoords.dimensions] == ["optimiser", "rate", "seed", "test_accuracy"]
    assert len(parcoords.dimensions[0]["values"]) == RUNS
    assert drawn.note == "1 runs without test_accuracy or one of the parameters are not drawn"
    best = drawn.png.axes[0].get_lines()[RUNS - 1]  # drawn last, so on top; then come the axes
    assert best.get_ydata()[-1] == 1.0


def test_a_scatter_has_a_point_a_colour_and_a_word_for_each_run(book):
    drawn = plotting.scatter(book, book.records(), measure(book), x="rate", color="optimiser", text="seed")
    axes = drawn.png.axes[0]
    assert axes.get_xscale() == "log"
    assert sum(len(each.get_offsets()) for each in axes.collections) == RUNS
    assert {each.get_text() for each in axes.texts} <= {"0", "1", "2"}
    assert {trace.name for trace in drawn.page.data} == {"adam", "sgd"}


def test_the_parameter_that_decides_is_the_most_important_one(book):
    drawn, shares = plotting.importance(book, book.records(), measure(book))
    assert next(iter(shares)) == "rate"
    assert sum(shares.values()) == pytest.approx(1.0)
    assert drawn.png.axes[0].patches[-1].get_width() == shares["rate"]


def test_importances_of_too_few_runs_are_refused(book):
    few = book.records()[1:4]
    with pytest.raises(UsageError, match="3 runs with 3 values tell no importance; 4 are needed"):
        plotting.importance(book, few, measure(book))


def test_the_front_holds_what_no_run_beats_in_quality_latency_and_size(book):
    drawn, front = plotting.pareto(book, book.records(), measure(book))
    seen = np.array(
        [[-r.metrics["test_accuracy"], r.metrics["latency_ms"], r.metrics["size_mb"]] for r in book.records()[1:]]
    )
    for record in front:
        own = np.array([-record.metrics["test_accuracy"], record.metrics["latency_ms"], record.metrics["size_mb"]])
        assert not ((seen <= own).all(axis=1) & (seen < own).any(axis=1)).any()
    best = max(book.records()[1:], key=lambda record: record.metrics["test_accuracy"])
    assert front[0].run_id == best.run_id
    assert sum(len(each.get_offsets()) for each in drawn.png.axes[0].collections) == RUNS


def test_what_cannot_be_drawn_is_said(book):
    with pytest.raises(UsageError, match="no metric of these runs tells a latency"):
        plotting.pareto(book, [record for record in book.records() if not record.metrics], measure(book))
    with pytest.raises(UsageError, match="1 runs have test_accuracy and 0 parameters"):
        plotting.parallel(book, book.records()[1:2], measure(book))
