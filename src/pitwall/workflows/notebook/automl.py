"""`pw.AutoMLTrainer`: name a kind of task and a budget, hand over rows, get the best answer that the budget finds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from pitwall.domain.errors import UnknownName
from pitwall.domain.project import Project
from pitwall.ml.automl.engine import Watch
from pitwall.ml.automl.figures import draw_search
from pitwall.ml.automl.result import AutoMLResult
from pitwall.ml.automl.settings import Settings
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.workflows.bench.drafts import Draft, search_draft
from pitwall.workflows.bench.target import Target
from pitwall.workflows.notebook.bench.builder import ModelBuilder
from pitwall.workflows.notebook.bench.trained import TrainedModel
from pitwall.workflows.workspace import Workspace

if TYPE_CHECKING:
    from matplotlib.figure import Figure

USUAL = {"classification": "race_winner", "regression": "lap_time"}  # the question of a task that names none
SEED = 7


class BestModel(TrainedModel):
    """What a search found, trained as an order of its own.

    Args:
        draft: what the training left.
        workspace: of the project.
        result: all of the search: leaderboard, trials, why it ended.
        again: searches and trains once more, on other rows.
    """

    def __init__(
        self,
        draft: Draft,
        workspace: Workspace,
        result: AutoMLResult,
        again: Callable[[pd.DataFrame], TrainedModel] | None = None,
    ) -> None:
        super().__init__(draft, workspace, again)
        self.result = result

    @property
    def algorithm(self) -> str:
        """The estimator, or the members of the blend with their weights."""
        return self.result.algorithm

    @property
    def score(self) -> float:
        """The compared metric on seasons that the choice was not made on; of `accuracy` how often the one that was called came true."""
        return self.result.score

    @property
    def leaderboard(self) -> pd.DataFrame:
        """Candidates, rules, answers that know nothing, and ways of choosing; see `pitwall.ml.automl.leaderboard`."""
        return self.result.table

    @property
    def recipe(self) -> Recipe:
        """All that is needed to fit it again."""
        return self.fitted.recipe

    def plot_search(self) -> Figure:
        """Return the score of each candidate against CPU seconds, the best so far, and the rule to beat."""
        return draw_search(self.result)


class AutoMLTrainer:
    """Searches all estimators of a question.

    Args:
        task: `classification` (who wins a race, without a target) or `regression` (how long the next lap takes).
        time_budget: CPU seconds, not those of the clock on the wall.
        metric: one of the question's family; its main loss when None. `accuracy` is how often the one that was called came true.
        ensemble: end with a blend of candidates; else with the best one.
        target: the name of a template, or a target of one's own (see `ModelBuilder`).
        baseline: the rule to beat, of a target of one's own.
        name: of a target of one's own.
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
        target: Target | None = None,
        baseline: str = "",
        name: str = "",
        engine: str = "pitwall",
        seed: int = SEED,
        project: Project | None = None,
        workspace: Workspace | None = None,
    ) -> None:
        if task not in USUAL:
            raise UnknownName("task", task, USUAL)
        wanted = USUAL[task] if target is None else target
        tools = workspace or Workspace(project)
        self._builder = ModelBuilder(task, wanted, baseline=baseline, name=name, workspace=tools)
        self.settings = Settings(float(time_budget), metric, ensemble, engine)
        self.seed, self._workspace = seed, tools

    def train(self, data: pd.DataFrame, *, features: Sequence[str] | None = None, quiet: bool = False) -> BestModel:
        """Return the best that the budget finds on some rows, trained and judged like any other order.

        Candidates are compared on seasons before the newest ones, which judge what was chosen. Ctrl-C ends the search and keeps the best so far.

        Args:
            data: of `FeatureStore.get_features`.
            features: columns to learn from; all of the data's when None.
            quiet: show no progress.

        Raises:
            UsageError: the rows are of another kind than the question, or not those of the store.
            StageError: they hold too few seasons, or no candidate was done within the budget.
        """
        order = self._builder.order(data, features)
        progress = None if quiet else Watch(lambda line: print(line, file=sys.stderr))  # noqa: T201  (a notebook shows it)
        spec = replace(order.spec, seed=self.seed)
        draft, found = search_draft(self._workspace, spec, order.files, self.settings, progress)
        return BestModel(draft, self._workspace, found, partial(self.train, features=spec.features, quiet=quiet))
