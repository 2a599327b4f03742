"""A trained model in a notebook: what it is worth, why it says what it says, who is better, and its way into the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.domain.errors import PromotionRefused, UsageError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables, load_tables
from pitwall.ml.championship.forecast import ChampionshipForecast
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.families.predictions import by_estimator, load_predictions, prediction_table, stack
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.unlisted import with_features
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.rows import feature_columns
from pitwall.ml.specs import find_spec
from pitwall.ml.templates import Template, answered_by
from pitwall.ml.training.folds import refitted_on
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.ml.training.training_job import TrainingJob
from pitwall.ml.training.walk_forward import default_recipe
from pitwall.workflows import championship
from pitwall.workflows.bench.deploying import deploy
from pitwall.workflows.bench.drafts import Draft
from pitwall.workflows.bench.rows import given
from pitwall.workflows.live.followed import Wish
from pitwall.workflows.notebook.bench.comparison import Comparison, compare
from pitwall.workflows.notebook.bench.deployed import Deployed
from pitwall.workflows.notebook.bench.explanation import Explanation, of_row
from pitwall.workflows.notebook.bench.kept import read_model, write_model
from pitwall.workflows.notebook.bench.predicting import predict
from pitwall.workflows.notebook.bench.results import Results
from pitwall.workflows.notebook.bench.unseen import refuse_learned
from pitwall.workflows.notebook.live import Stream, connected
from pitwall.workflows.workspace import Workspace


class TrainedModel:
    """A model that was trained on rows of the feature store.

    Args:
        draft: what the training left.
        workspace: of the project.
        again: trains the same order on other rows.
    """

    def __init__(
        self, draft: Draft, workspace: Workspace, again: Callable[[pd.DataFrame], TrainedModel] | None = None
    ) -> None:
        self.draft, self._workspace, self._again = draft, workspace, again

    @property
    def name(self) -> str:
        """Its registered name to be, `<target>_<hash>-<stage>`."""
        return self.draft.name

    @property
    def run_id(self) -> str:
        """The MLflow run of its training."""
        return self.draft.run_id

    @property
    def algorithm(self) -> str:
        """The estimator."""
        return self.fitted.name

    @property
    def params(self) -> dict[str, Any]:
        """The settled parameters of the estimator."""
        return dict(self.fitted.recipe.params)

    @property
    def question(self) -> Template:
        """What it answers."""
        return answered_by(self._job.model)[0]

    @cached_property
    def fitted(self) -> FittedModel:
        """The model as it answers: fitted on all of its rows."""
        return FittedModel.load(self._job.target / "model")

    @cached_property
    def results(self) -> Results:
        """What it was worth on the seasons that it was judged on, each told by what was learned before it."""
        return self._results(load_predictions(self._job.target), self._job.frame())

    @property
    def score(self) -> float:
        """Its main loss on the judged seasons: lower is better."""
        rows = self.results.metrics
        own = rows[(rows["role"] == "ours") & (rows["metric"] == self.question.loss)]
        return float(own["value"].iloc[0])

    def evaluate(self, data: pd.DataFrame) -> Results:
        """Return what it is worth on races that follow all it has learned from, beside the baselines fitted on the same rows as it.

        The look is written down: seasons that judge many candidates end up choosing the luckiest one.

        Args:
            data: rows of `FeatureStore.get_features` at the model's stage, with its features; whole races.

        Raises:
            UsageError: it has learned from one of the races, or from one after it; or the rows are others than the store's.
        """
        rows = given(self._workspace, data, self._labels(data))
        refuse_learned(rows.frame, self._learned(self._tables())[0])
        frame = self._with_features(rows.frame)
        tables = self._tables()
        answers = [self._answered(self.fitted, frame)]
        known = self._learned(tables)
        for name in self.question.baselines:
            rule = default_recipe(self._job.model, name, frame, self._job.params.seed, self._job.stage)
            answers.append(self._answered(FittedModel(rule, rule.fit(*known)), frame))
        predictions = stack(answers, self._job.definition.answers)
        own = by_estimator(predictions)[self.fitted.name]
        holdout_log.record(self._workspace.project, self._job.opened_as, own, of=self._job.definition)
        return self._results(predictions, frame)

    def refit(self, data: pd.DataFrame) -> TrainedModel:
        """Return the same order trained on other rows: all of them, say, once the newest have told what it is worth.

        Args:
            data: rows of `FeatureStore.get_features` with the model's features.

        Raises:
            UsageError: the model was read from files, which do not say how it was ordered in full.
        """
        if self._again is None:
            raise UsageError(
                "this model was read from files; order it anew with a ModelBuilder to train it on other rows."
            )
        return self._again(data)

    def explain(self, row: pd.Series | Mapping[str, Any] | pd.DataFrame) -> Explanation:
        """Return what each feature and each group adds to the answer about one row, beside the average row of its race.

        Args:
            row: a row of the data, or just the ids of its key.

        Raises:
            UsageError: the project knows no such row.
        """
        definition, tables = self._job.definition, self._tables()
        return of_row(self.fitted, self._job.frame(), row, definition=definition, tables=tables)

    def compare(self, other: TrainedModel | str) -> Comparison:
        """Return the paired difference in the main loss on the races that both were judged on, with its interval.

        Args:
            other: a model of this question, or a registered version such as `order-pre_race@champion`.

        Raises:
            UsageError: the other one answers another question, or was judged on no race of these.
        """
        return compare(self, other, self._workspace)

    def predict(self, race: str | None = None) -> pd.DataFrame:
        """Return the answers about a race, best first; `attrs` says race, cut-off and what a reader must know.

        Args:
            race: e.g. 2024-24; the next race when None, of a model that answers within races the newest one with laps.

        Raises:
            ForecastError: there is no such race to forecast.
        """
        return predict(self.fitted, self._job, self._workspace, race)

    def deploy(self, name: str, *, approve: Sequence[str] = (), note: str = "") -> Deployed:
        """Register the model under a name and let every gate judge it; return the version that answers from now on, with the verdicts.

        Args:
            name: of the model; none that ships.
            approve: who approves, if params.yaml asks for it.
            note: why.

        Raises:
            PromotionRefused: a gate refused; says which, with its numbers. The version stays registered as a candidate.
            UsageError: the name is taken.
        """
        decision = deploy(self._workspace, self.draft, name, Approval(tuple(approve), note))
        if not decision.promoted:
            raise PromotionRefused(decision.model, decision.verdicts)
        version = self._workspace.registry.get(decision.model, decision.version)
        return Deployed(version, decision.verdicts, decision.outcome)

    def save(self, folder: Path | str) -> Path:
        """Write the model with its order and its frame into a new folder: data, and the text of functions of one's own."""
        write_model(self.draft, self._workspace.project, Path(folder))
        return Path(folder)

    @classmethod
    def load(
        cls,
        folder: Path | str,
        project: Project | None = None,
        workspace: Workspace | None = None,
        *,
        trust_functions: bool = False,
    ) -> TrainedModel:
        """Read what `save` wrote into the project that we are in.

        Args:
            folder: of the model.
            project: the one that we are in when None.
            workspace: its tools, where they are open already.
            trust_functions: a target or features of the maker's own are functions, which run here: only those of people you trust.

        Raises:
            StageError: the folder holds no model.
            UsageError: it holds functions, and they are not trusted.
        """
        tools = workspace or Workspace(project)
        return cls(read_model(Path(folder), tools.project, trust_functions=trust_functions), tools)

    def predict_championship(self, season: int, remaining_races: bool = True) -> ChampionshipForecast:
        """Return the chances of both titles of a season, as `pitwall championship`: told by the project's pre-weekend order model."""
        after = None if remaining_races else 0
        return championship.predict_championship(self._workspace, season, after=after)

    def connect_to_stream(
        self, source: str = "openf1", update_frequency: str = "per_lap", *, race: str | None = None
    ) -> Stream:
        """Return what is said about the model's question while a race is driven, by the project's model that answers within races.

        Args:
            source: of the events, as `pitwall live --source`.
            update_frequency: `per_lap` or `per_sector`.
            race: e.g. 2023-12; of a source of coming races the next one when None.

        Raises:
            UsageError: nobody answers its question within a race, or the source needs a race.
            UnknownName: there is no such source or frequency.
        """
        asked = [self.question.name, *self._targets()]
        return connected(self._workspace, self._job.model, asked, Wish(source, race, every=update_frequency))

    @property
    def _job(self) -> TrainingJob:
        return self._workspace.job(self.draft.name)

    def _tables(self) -> Tables:
        return load_tables(self._workspace.project.tables)

    def _labels(self, data: pd.DataFrame) -> list[str]:
        """Return the column that the user named as the target, where the data have it."""
        return [name for name in self._targets() if isinstance(data, pd.DataFrame) and name in data.columns]

    def _targets(self) -> list[str]:
        """Return what the user named as the target; nothing of a model that ships."""
        stored = find_spec(self._job.model)
        return [stored.spec.target] if stored else []

    def _results(self, predictions: pd.DataFrame, frame: pd.DataFrame) -> Results:
        params: Params = self._job.params
        return Results(
            self.question, self.fitted.name, predictions, self._tables(), params, self._job.stage, self.fitted, frame
        )

    def _with_features(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with all that model and baselines read, joined anew."""
        spine = frame.drop(columns=feature_columns(frame))
        return with_features(self._workspace.project, self._job.definition, self._workspace.features, spine)

    def _learned(self, tables: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
        frame = self._job.frame()
        rows = labelled(self._job.model, frame, outcomes(self._job.model, tables, frame))
        return refitted_on(rows, self.fitted.recipe.facts)

    def _answered(self, model: FittedModel, frame: pd.DataFrame) -> pd.DataFrame:
        return prediction_table(model.name, model.role, frame, model.answer(frame), self._job.definition.kind)
