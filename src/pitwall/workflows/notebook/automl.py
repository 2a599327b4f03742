"""`pw.AutoMLTrainer`: name a kind of task and a budget, hand over rows, get the best answer that the budget finds."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pandas as pd

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.project import Project
from pitwall.domain.tables import load_tables
from pitwall.ml.automl.engine import Watch, search
from pitwall.ml.automl.problem import Problem, compared_seasons
from pitwall.ml.automl.result import AutoMLResult
from pitwall.ml.automl.settings import Settings
from pitwall.ml.models import model
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.templates import Template, template
from pitwall.ml.training.splits import completed_seasons, known_rows, labelled, outcomes
from pitwall.workflows.automl import SEASONS
from pitwall.workflows.notebook.bench.rows import given
from pitwall.workflows.notebook.bench.target import check_task
from pitwall.workflows.workspace import Workspace

USUAL = {"classification": "race_winner", "regression": "lap_time"}  # the question of a task that names none
SEED = 7


@dataclass(frozen=True)
class BestModel:
    """What a search found.

    Attributes:
        result: all of it: leaderboard, trials, why it ended.
        problem: the rows that it was found on.
    """

    result: AutoMLResult
    problem: Problem

    @property
    def algorithm(self) -> str:
        """The estimator, or the members of the blend with their weights."""
        return self.result.algorithm

    @property
    def score(self) -> float:
        """The metric on seasons that the choice was not made on; of `accuracy` the share of races, or rows, that were called right."""
        return self.result.score

    @property
    def leaderboard(self) -> pd.DataFrame:
        """Candidates, rules, answers that know nothing, and ways of choosing; see `pitwall.ml.automl.leaderboard`."""
        return self.result.table

    @property
    def recipe(self) -> Recipe:
        """All that is needed to fit it again."""
        return self.result.recipe

    def fit(self) -> FittedModel:
        """Return the model, fitted on all rows that the search was given."""
        rows = labelled(self.problem.template.model, self.problem.frame, self.problem.outcome)
        return FittedModel(self.recipe, self.recipe.fit(*rows))


class AutoMLTrainer:
    """Searches all estimators of a question.

    Args:
        task: `classification` (who wins a race, without a target) or `regression` (how long the next lap takes).
        time_budget: CPU seconds, not those of the clock on the wall.
        metric: one of the question's family; its main loss when None. `accuracy` is how often the one that was called came true.
        ensemble: end with a blend of candidates; else with the best one.
        target: the name of a template.
        engine: who proposes configurations: `pitwall` or `flaml`.
        seed: of every random choice.
        project: the one that we are in when None.
        workspace: its tools, where they are open already.

    Raises:
        UnknownName: there is no such task, question or engine.
        UsageError: the question is of another task, or the budget is not above 0.

    Example:
        `AutoMLTrainer(task="classification", time_budget=60, metric="accuracy").train(data).algorithm`
    """

    def __init__(
        self,
        task: str,
        time_budget: float = 60.0,
        metric: str | None = None,
        ensemble: bool = True,
        *,
        target: str | None = None,
        engine: str = "pitwall",
        seed: int = SEED,
        project: Project | None = None,
        workspace: Workspace | None = None,
    ) -> None:
        if task not in USUAL:
            raise UnknownName("task", task, USUAL)
        self.template: Template = template(target or USUAL[task])
        check_task(task, self.template.name)
        self.settings = Settings(float(time_budget), metric, ensemble, engine)
        self.seed, self._workspace = seed, workspace or Workspace(project)

    def train(self, data: pd.DataFrame, *, quiet: bool = False) -> BestModel:
        """Return the best that the budget finds on some rows; Ctrl-C ends the search and keeps the best so far.

        Args:
            data: of `FeatureStore.get_features`; judge what comes back on other seasons.
            quiet: show no progress.

        Raises:
            UsageError: the rows are of another kind than the question, or not those of the store.
            StageError: they hold too few seasons, or no candidate was done within the budget.
        """
        problem = self.problem(data)
        progress = None if quiet else Watch(lambda line: print(line, file=sys.stderr))  # noqa: T201  (a notebook shows it)
        return BestModel(search(problem, self.settings, seed=self.seed, progress=progress), problem)

    def problem(self, data: pd.DataFrame) -> Problem:
        """Return the search of these rows: candidates are compared on the newest of their completed seasons."""
        rows, asked = given(self._workspace, data), model(self.template.model)
        if rows.kind.name != asked.kind.name:
            raise UsageError(
                f"{self.template.name} is asked about {asked.kind.nouns[1]}, the data are rows of {rows.kind.nouns[1]}; get them with "
                f"`get_features(template={self.template.name!r})`."
            )
        if rows.stage not in self.template.stages:
            raise UsageError(
                f"{self.template.name} is asked at {', '.join(self.template.stages)}; the data are of {rows.stage}."
            )
        tables = load_tables(self._workspace.project.tables)
        outcome = outcomes(self.template.model, tables, rows.frame)
        present = set(rows.frame.loc[known_rows(self.template.model, outcome), "season"])
        completed = [season for season in completed_seasons(tables) if season in present]
        seasons = compared_seasons(completed, SEASONS)
        return Problem(asked, self.template, tables, rows.stage, rows.frame, outcome, seasons)
