"""Log a trial of a search as a nested run, in its true state, with the loss as it went on."""

from __future__ import annotations

import math

from pitwall.domain.numbers import finite
from pitwall.domain.ports import Tracker
from pitwall.ml.search.trials import TrialRecord
from pitwall.ml.training.training_job import TrainingJob


def log_trial(job: TrainingJob, run_id: str, record: TrialRecord, tracker: Tracker) -> None:
    """Log a finished trial below a run.

    Args:
        job: whose model is searched for.
        run_id: of the search.
        record: the trial.
        tracker: the run store.
    """
    tags = {"pitwall.trial": str(record.number), "pitwall.trial_state": record.state, "pitwall.reason": record.reason}
    steps = {step: value for step, value in record.history if math.isfinite(value)}
    if lost := [str(step) for step, _ in record.history if step not in steps]:
        tags["pitwall.not_finite"] = f"the validation loss at step {', '.join(lost)}"
    nested = tracker.start(job.experiment, f"trial {record.number}", tags, parent=run_id)
    tracker.params(nested, record.params)
    tracker.curve(nested, job.validation_metric, list(steps.items()))
    if record.value is not None:
        tracker.metrics(nested, finite({f"{job.validation_metric}_calibrated": record.value}))
    tracker.finish(nested, "FAILED" if record.state == "FAILED" else "FINISHED")
