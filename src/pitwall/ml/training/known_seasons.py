"""Which seasons a model is tuned on and which it is judged on, with the rows of all that are known."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.training.folds import within
from pitwall.ml.training.splits import completed_seasons, held_out, known_rows, labelled, outcomes, validation
from pitwall.ml.training.training_job import TrainingJob
from pitwall.ml.training.tuning import EstimatorTrial


@dataclass(frozen=True)
class KnownSeasons:
    """The rows of a model and what became of them.

    Attributes:
        job: of the model.
        frame: its rows.
        outcome: what came true of them, null where it is not known.
        completed: the seasons whose races have all been run, in order.
        held_out: the last of them, which judge and never tune.
        validation: those before, on which trials are scored; none where seasons are too few.
    """

    job: TrainingJob
    frame: pd.DataFrame
    outcome: pd.DataFrame
    completed: list[int]
    held_out: list[int]
    validation: list[int]

    def objective(self, recipe: Recipe) -> EstimatorTrial:
        """Return what a trial of a recipe's estimator is: learn from all seasons before validation, be scored on it.

        Raises:
            StageError: there is no season to validate on.
        """
        if not self.validation:
            raise StageError(
                f"{self.job.name} cannot be tuned: before the held-out seasons {self.held_out} there must be two more; ingest more seasons."
            )
        model, rows = self.job.model, recipe.select(self.frame)
        before, inside = self.frame["season"] < self.validation[0], self.frame["season"].isin(self.validation)
        return EstimatorTrial(
            recipe.plugin,
            within(labelled(model, rows[before], self.outcome[before]), self.job.params.tuning),
            labelled(model, rows[inside], self.outcome[inside]),
            self.job.definition.start,
            self.job.definition.family,
        )


def known_seasons(job: TrainingJob) -> KnownSeasons:
    """Return the rows of a job and its seasons.

    Raises:
        StageError: there is no frame, or fewer than two seasons are complete.
    """
    frame, tables = job.frame(), job.tables()
    outcome = outcomes(job.model, tables, frame)
    present = set(frame.loc[known_rows(job.model, outcome), "season"])
    completed = [season for season in completed_seasons(tables) if season in present]
    held = held_out(completed, job.params.training.held_out_seasons)
    later = validation(completed, held, job.params.training.validation_seasons)
    return KnownSeasons(job, frame, outcome, completed, held, later)
