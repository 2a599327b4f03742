"""What a backtest will fit: which seasons may be scored, which recipe is ours, who stands beside it.

Ours is the estimator of params.yaml. Its trained recipe counts only if it was tuned before the first season that is
scored; otherwise its default configuration stands in, and the plan says so. Contenders and baselines use their default
recipes. Nothing is fitted here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from pitwall.domain.errors import FeatureError, StageError, UnknownName
from pitwall.domain.params import FoldParams, Params
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables, load_tables
from pitwall.features import feature_sets
from pitwall.ml.backtest.asked import asked_job, asked_model, asked_questions
from pitwall.ml.backtest.fold import FoldTask
from pitwall.ml.backtest.under_way import parts_of, scorable, span
from pitwall.ml.estimators import estimators
from pitwall.ml.evaluation.importance import feature_groups
from pitwall.ml.models.machinery.recipe import FILE as RECIPE
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.templates import Template, answered_by
from pitwall.ml.training.fixed_params import with_params
from pitwall.ml.training.folds import with_folds
from pitwall.ml.training.splits import completed_seasons, outcomes, walk_forward
from pitwall.ml.training.training_job import TrainingJob
from pitwall.ml.training.walk_forward import default_recipe

TABLES = ["races", "results", "drivers", "constructors", "circuits", "laps"]


@dataclass(frozen=True)
class Entrant:
    """One recipe in a backtest; `role` as in predictions tables: model (ours), contender or baseline."""

    recipe: Recipe
    role: str
    settle: int = 0
    permuted: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The estimator's name, as in predictions tables."""
        return self.recipe.estimator


@dataclass(frozen=True)
class Plan:
    """A backtest of one stage.

    Attributes:
        job: names, parameters, where frame and tables are.
        seasons: to be scored, in order.
        templates: to be scored.
        entrants: ours first.
        notes: what a reader must know about the recipes.
        skipped: {estimator: why it cannot take part}.
        parts: {season: "12 of 24"} of the seasons of which only these races can be scored.
    """

    job: TrainingJob
    seasons: tuple[int, ...]
    templates: tuple[Template, ...]
    entrants: tuple[Entrant, ...]
    notes: tuple[str, ...]
    skipped: dict[str, str]
    frame: pd.DataFrame
    tables: Tables
    parts: dict[int, str] = field(default_factory=dict)

    @property
    def span(self) -> str:
        """The seasons as people read them, e.g. `2022 to 2024 (12 of 24 races)`."""
        return span(self.seasons, self.parts)

    @property
    def stage(self) -> str:
        """When the forecasts are made."""
        return self.job.stage

    @property
    def ours(self) -> Entrant:
        """The one recipe that was chosen."""
        return self.entrants[0]

    @cached_property
    def outcome(self) -> pd.DataFrame:
        """What came true for every row of the frame, null where it is not known."""
        return outcomes(self.job.model, self.tables, self.frame)

    def baseline(self, question: Template) -> str:
        """Return the baseline to beat at this stage, as the gates do; ours where that one takes no part."""
        name = question.baseline_at(self.stage)
        return name if name in {entrant.name for entrant in self.entrants} else self.ours.name

    def folds(self) -> list[tuple[Entrant, int]]:
        """Return every fit: the late seasons, which have most to learn from, first."""
        return [(entrant, season) for season in sorted(self.seasons, reverse=True) for entrant in self.entrants]

    def task(self, entrant: Entrant, season: int) -> FoldTask:
        """Return what a worker needs for one fit, and no more."""
        fold = next(walk_forward(self.job.model, self.frame, self.outcome, [season], self.job.params.training))
        recipe = entrant.recipe
        train, test = recipe.select(fold.train), recipe.select(fold.test)
        inner = self.job.params.tuning.way
        return FoldTask(
            recipe, entrant.role, season, train, fold.outcome, test, entrant.settle, entrant.permuted, inner
        )


def make_plan(
    project: Project,
    params: Params,
    stage: str,
    *,
    model: str | None = None,
    seasons: list[int] | None = None,
    templates: list[str] | None = None,
    only: list[str] | None = None,
    folds: FoldParams | None = None,
) -> Plan:
    """Return the plan of one stage.

    Args:
        project: with frame and tables.
        params: name the estimator that is ours.
        stage: of the forecasts.
        model: whose forecasts; default: that of the questions (see `asked_model`).
        seasons: to score; default: the held-out ones of params.yaml.
        templates: names of questions; default: all that the model answers at the stage.
        only: contenders and baselines to keep, by name; default: all.
        folds: which races before a season are learned from; default: as params.yaml says.

    Raises:
        UnknownName: a template, an estimator or the stage is not known.
        UsageError: the questions are of another model, or are not asked at the stage.
        StageError: frame or tables are missing, or a season has no race with results, or none before it.
    """
    chosen = model or asked_model(params, templates or [])
    job = asked_job(project, params, chosen, stage)
    job = replace(job, params=with_folds(job.params, folds))
    questions = asked_questions(chosen, stage, templates or [])
    read = {table for each in answered_by(chosen) for table in each.tables}
    frame, tables = job.frame(), load_tables(project.tables, sorted({*TABLES, *read}))
    asked = _chosen(tables, frame, seasons, params)
    parts = parts_of(tables, frame, asked)
    under_way = [
        f"{season} is a part of a season: {share} races have results and are scored." for season, share in parts.items()
    ]
    forward = [told] if (told := job.params.training.told()) else []
    recipe, settle, notes = _ours(job, frame, asked)
    groups = feature_groups(feature_sets().get(job.definition.feature_set, ()), recipe.features)
    ours = Entrant(recipe, "model", settle, groups)
    others, skipped = _others(job, frame, recipe.estimator, only)
    return Plan(
        job, tuple(asked), questions, (ours, *others), (*under_way, *forward, *notes), skipped, frame, tables, parts
    )


def _chosen(tables: Tables, frame: pd.DataFrame, seasons: list[int] | None, params: Params) -> list[int]:
    """Return the seasons to score: of those with results and a season before them, all that were asked for.

    Without a wish they are the last completed ones, as at the gates.
    """
    usable = scorable(tables, frame)[1:]
    if seasons is None:
        complete = [season for season in completed_seasons(tables) if season in usable]
        seasons = complete[-params.training.held_out_seasons :]
    unfit = [season for season in seasons if season not in usable]
    if unfit or not seasons:
        found = f"{usable[0]} to {usable[-1]}" if usable else "none"
        raise StageError(
            f"cannot score {', '.join(map(str, unfit)) or 'any season'}: a backtest needs seasons in which a race has results, "
            f"with a season before them to learn from. Usable: {found}. Choose other --seasons or ingest more."
        )
    return sorted(seasons)


def _ours(job: TrainingJob, frame: pd.DataFrame, seasons: list[int]) -> tuple[Recipe, int, list[str]]:
    """Return our recipe, the seasons that it settles on before each fit (0 if trained), and what to say about it."""
    name = job.settings.estimator
    recipe = default_recipe(job.model, name, frame, job.params.seed, job.stage)
    recipe = replace(recipe, params=with_params(recipe.plugin, job.settings.params).default())
    settle = job.params.training.validation_seasons
    path = job.target / "model" / RECIPE
    if not path.is_file():
        return recipe, settle, [f"{job.name}: {name} with its default configuration; nothing was tuned."]
    stored = Recipe.load(path.parent)
    tuned_on = stored.facts.get("validation_seasons", [])
    if stored.estimator != name or not set(stored.features) <= set(frame.columns):
        return recipe, settle, [f"{job.name}: the trained recipe is another than params.yaml asks for; defaults used."]
    if tuned_on and max(tuned_on) >= seasons[0]:
        shown = ", ".join(map(str, tuned_on))
        why = f"the trained recipe of {name} was tuned on {shown}, not before {seasons[0]}; its defaults stand in."
        return recipe, settle, [f"{job.name}: {why}"]
    trained = replace(recipe, params=stored.params, features=stored.features)
    shown = f"tuned on {', '.join(map(str, tuned_on))}" if tuned_on else "not tuned"
    return trained, 0 if tuned_on else settle, [f"{job.name}: {name} with its trained recipe, {shown}."]


def _others(
    job: TrainingJob, frame: pd.DataFrame, ours: str, only: list[str] | None
) -> tuple[list[Entrant], dict[str, str]]:
    known = estimators(job.definition.family)
    for name in only or []:
        if name not in known:
            raise UnknownName("estimator", name, known)
    needed = {question.baseline_at(job.stage) for question in answered_by(job.model)}
    entrants, skipped = [], {}
    for name, plugin in known.items():
        if name == ours or (only is not None and name not in {*only, *needed}):
            continue
        if only is None and getattr(plugin, "by_name", False):
            continue
        try:
            recipe = default_recipe(job.model, name, frame, job.params.seed, job.stage)
        except FeatureError as error:
            skipped[name] = str(error)
            continue
        is_model = plugin.role == "model"
        settle = job.params.training.validation_seasons if is_model else 0
        entrants.append(Entrant(recipe, "contender" if is_model else "baseline", settle))
    return entrants, skipped
