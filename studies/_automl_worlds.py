"""What `studies/automl.py` searches in: a synthetic world for each question, and what an answer truly costs there.

Of winners and retirements the world knows the chances, so that an answer's loss is taken under them and no luck enters. Of a lap's time
it knows none, so the error on thousands of laps stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from _worlds import STAGE, tables_of, truth_of_world

from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.features import feature_sets
from pitwall.ml.automl.problem import Problem
from pitwall.ml.backtest.regret import expected_losses
from pitwall.ml.evaluation.scoring import template_scores
from pitwall.ml.evaluation.synthetic_truth import true_places
from pitwall.ml.models import model
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.templates import Template, template
from pitwall.ml.training.splits import completed_seasons, outcomes
from pitwall.ml.training.walk_forward import predict_seasons
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.sources.synthetic_world import World
from pitwall.sources.synthetic_world.publishing.history import runners
from pitwall.sources.synthetic_world.publishing.results import CLASSIFIED
from pitwall.sources.synthetic_world.racing.course import Start
from pitwall.sources.synthetic_world.racing.race import BROKEN, CRASHED, run_race
from pitwall.testing.worlds.frames import joined

FLOOR = 1e-6


@dataclass(frozen=True)
class Question:
    """One question of the study.

    Attributes:
        name: of its template.
        metric: that is searched by and truly measured.
        unit: of the metric.
        target: how much worse than the best single estimator the choice may be; as a share of it where `relative`.
        relative: see `target`.
    """

    name: str
    metric: str
    unit: str
    target: float
    relative: bool = False


QUESTIONS = (
    Question("race_winner", "log_loss", "nats of regret", 0.003),
    Question("dnf", "log_loss", "nats of regret", 0.003),
    Question("lap_time", "mae", "s", 0.01, relative=True),
)


@dataclass(frozen=True)
class Asked:
    """A question in one world.

    Attributes:
        question: of the study.
        settings: of the world.
        compared: seasons that candidates are compared on.
        tested: seasons after them, which no search sees.
        draws: courses of each race that true chances are counted over.
    """

    question: Question
    settings: SyntheticSettings
    compared: int
    tested: int
    draws: int

    @cached_property
    def template(self) -> Template:
        """The question."""
        return template(self.question.name)

    @cached_property
    def tables(self) -> Tables:
        """The tables of the world."""
        return tables_of(self.settings)

    @property
    def stage(self) -> str:
        """When it is asked."""
        return "in_race" if self.question.name == "lap_time" else STAGE

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All rows with the features of the question's model."""
        definition = model(self.template.model)
        groups = tuple(feature_sets()[definition.feature_set])
        return joined(definition.kind.spine(self.tables, self.stage), groups, self.tables, Params())

    @cached_property
    def outcome(self) -> pd.DataFrame:
        """What came true of them."""
        return outcomes(self.template.model, self.tables, self.frame)

    @cached_property
    def test_seasons(self) -> list[int]:
        """The last seasons."""
        return completed_seasons(self.tables)[-self.tested :]

    @cached_property
    def problem(self) -> Problem:
        """What a search sees: the rows before the tested seasons."""
        before = (self.frame["season"] < self.test_seasons[0]).to_numpy()
        frame, outcome = (part[before].reset_index(drop=True) for part in (self.frame, self.outcome))
        seasons = sorted(set(frame["season"]))[-self.compared :]
        return Problem(
            model(self.template.model), self.template, self.tables, self.stage, frame, outcome, tuple(map(int, seasons))
        )

    def cost(self, recipe: Recipe) -> float:
        """Return what the answers of a recipe about the tested seasons truly cost, fitted again before each of them."""
        said = predict_seasons(recipe, self.frame, self.outcome, self.test_seasons)
        if self.question.name == "race_winner":
            found = expected_losses(self.template, said, self._places)
            return float((found["loss"] - found["best"]).mean())
        if self.question.name == "dnf":
            return float(_cross_entropy(*self._retirements(said)).mean())
        by_mae = replace(self.template, loss="mae")
        return float(template_scores(by_mae, said, self.tables)["mae"].mean())

    @cached_property
    def _places(self) -> pd.DataFrame:
        races = self.frame.loc[self.frame["season"].isin(self.test_seasons), "race_id"].unique()
        return true_places(truth_of_world(self.settings, self.draws), STAGE, races)

    @cached_property
    def _true_retirements(self) -> pd.Series:
        world, parts = World(self.settings), []
        for race in [race for race in world.races if race // 100 in self.test_seasons]:
            share = _retired(world, race, self.draws, np.random.default_rng([self.settings.seed, race]))
            parts.append(pd.Series(share, index=pd.MultiIndex.from_product([[race], world.cars(race)["driver_id"]])))
        return pd.concat(parts)

    def _retirements(self, said: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        keys = pd.MultiIndex.from_frame(said[["race_id", "driver_id"]])
        return self._true_retirements.reindex(keys).to_numpy(), self.template.answer(said).to_numpy()


def _retired(world: World, race: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return the share of courses of a race in which each car stops for good before it is classified."""
    each = world.round(race)
    shape = (draws, len(each.slot))
    start = Start(
        np.broadcast_to(each.slot, shape), np.broadcast_to(each.pit_lane, shape), np.full(draws, each.day.rain)
    )
    course = run_race(runners(each.field, np.broadcast_to(each.fit, shape)), each.circuit, start, rng)
    stopped = np.isin(course.fate, (BROKEN, CRASHED)) & (course.laps < CLASSIFIED * each.circuit.laps)
    return np.asarray(stopped.mean(axis=0))


def _cross_entropy(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Return what saying q costs beyond saying p, where p is true, in nats."""
    said, true = np.clip(q, FLOOR, 1 - FLOOR), np.clip(p, FLOOR, 1 - FLOOR)
    return np.asarray(p * np.log(true / said) + (1 - p) * np.log((1 - true) / (1 - said)))
