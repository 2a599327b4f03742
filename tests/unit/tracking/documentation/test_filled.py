"""Method and results come from the run itself; the page that shows them keeps all else that it says."""

from __future__ import annotations

from dataclasses import replace

from pitwall.domain.refs import Verdict
from pitwall.ml.training.report import judged_note
from pitwall.testing import FakeTracker
from pitwall.tracking.documentation import kept
from pitwall.tracking.documentation.filled import made_of
from pitwall.tracking.documentation.sections import Documentation
from pitwall.tracking.manifest import of_run

NUMBERS = {
    "race_winner.log_loss": 1.24,
    "race_winner.log_loss.low": 1.054,
    "race_winner.log_loss.high": 1.436,
    "race_winner.log_loss.grid_frequency": 1.591,
    "race_winner.gain.grid_frequency": 0.351,
    "race_winner.gain.grid_frequency.low": 0.185,
    "race_winner.gain.grid_frequency.high": 0.522,
    "points.gain.grid_frequency": 0.01,
    "points.gain.grid_frequency.low": -0.02,
    "points.gain.grid_frequency.high": 0.04,
    "season.race_winner.log_loss": 1.1,
    "resources.seconds": 4.5,
}


def test_the_method_is_the_manifests_and_the_results_are_the_runs(recorded):
    run = replace(recorded.tracker.read(recorded.run_id), metrics=NUMBERS)
    refused = Verdict("latency", False, 61.0, 50.0, "ms", "61 ms, at most 50").row()
    decided = {"at": "2026-11-29T17:28:29+00:00", "kind": "refused", "version": 3, "verdicts": [refused]}
    made = made_of(run, of_run(recorded.tracker, recorded.run_id), decided)
    assert "- **What**: `order-pre_race`, run `run0000` of `pitwall-order`" in made["Method"]
    assert "sources synthetic" in made["Method"] and "- **Races**: train 2, validation 1, held_out 2" in made["Method"]
    assert "- **Search**: 3 trials, prior 2" in made["Method"] and "seed 7" in made["Method"]
    assert "| `race_winner.log_loss` | 1.24 (1.05 to 1.44) | 1.59 |" in made["Results"]
    assert "- `race_winner` over `grid_frequency`: +0.351 (+0.185 to +0.522)\n" in made["Results"]
    assert "- `points` over `grid_frequency`: +0.010 (-0.020 to +0.040; may be chance)" in made["Results"]
    assert "version 3 was refused; 0 of 1 verdicts passed.\n\n- `latency`: 61 ms" in made["Results"]
    assert "In brackets: 95% intervals." in made["Results"]
    assert "season." not in made["Results"] and "seconds" not in made["Results"]
    assert made_of(run, None)["Results"].endswith("Gates: not asked yet.")


def test_a_run_without_a_manifest_says_what_it_was_given():
    tracker = FakeTracker()
    run_id = tracker.start("lab", "by hand", {})
    assert made_of(tracker.read(run_id), None)["Results"] == "The run is RUNNING and has no numbers yet."
    tracker.params(run_id, {"rate": 0.1})
    tracker.metrics(run_id, {"loss": 0.25})
    made = made_of(tracker.read(run_id), None)
    assert made["Method"] == "- **What**: run `run0000` of `lab`\n- **Parameters**: rate 0.1"
    assert made["Results"] == "| | this run |\n| --- | --- |\n| `loss` | 0.25 |"


def test_the_page_opens_with_it_once_and_keeps_result_and_verdict():
    tracker = FakeTracker()
    run = tracker.read(tracker.start("pitwall-order", "stack", {}))
    tracker.note(run.run_id, "- **Result**: gain +0.3\n- **Verdict**: not judged yet\n\n# order\n")
    for words in ("first", "second"):
        kept.write(tracker, tracker, run, Documentation().with_words({"Hypothesis": words}))
        tracker.note(run.run_id, judged_note(tracker.page(run.run_id), f"{words} refused"))
    page = tracker.page(run.run_id)
    assert page.startswith(f"{kept.BEGIN}\n# stack\n\n## Hypothesis\n\nsecond\n")
    assert page.endswith(f"{kept.END}\n\n- **Result**: gain +0.3\n- **Verdict**: second refused\n\n# order\n")
    assert page.count("## Hypothesis") == 1
    assert kept.read(tracker, run.run_id).written == {"Hypothesis": "second"}
    assert tracker.artifacts(run.run_id) == ["doc/experiment.json", "doc/experiment.md"]
