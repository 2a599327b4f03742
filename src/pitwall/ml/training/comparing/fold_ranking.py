"""Why folds are never shuffled: estimators ranked under shuffled and under forward folds, and which ranking the next seasons confirm.

This is the one place where rows are shuffled, to show what comes of it. No training and no backtest can ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.errors import FeatureError, StageError
from pitwall.domain.keys import BLOCK
from pitwall.domain.numbers import Interval
from pitwall.domain.tables import Tables
from pitwall.ml.estimators import estimator, estimators
from pitwall.ml.evaluation.bootstrap import race_weights
from pitwall.ml.evaluation.scoring import labelled_once, template_scores
from pitwall.ml.families.predictions import prediction_table, stack
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.templates import Template, answered_by
from pitwall.ml.training.known_seasons import KnownSeasons
from pitwall.ml.training.splits import labelled
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons

FOLDS = 5
DRAWS = 2000


@dataclass(frozen=True)
class Chosen:
    """A model that a way to split chooses: what that way says it is better by than the best rule, and what it was better by later."""

    estimator: str
    rule: str
    promised: float
    kept: float


@dataclass(frozen=True)
class FoldRanking:
    """Every estimator's loss under three ways to split, the seasons that follow being the truth.

    Attributes:
        question: the template whose main loss is taken, and the loss's name.
        seasons: those that the two ways split, and those that follow.
        losses: a row per estimator, columns `shuffled`, `forward`, `next`, and their ranks as `..._rank`; the best of `next` first.
        tau: of each way, Kendall's tau of its ranking with that of the next seasons; the interval draws the races of these again.
        optimism: of each way, the mean over estimators of how much better it looks than the next seasons, in the loss.
        chosen: of each way, the model that it would choose, with its gain over the best rule as that way promises it, and as the next
            seasons keep it; none where there is no model or no rule among them.
        cut: what was shuffled: rows, or whole races where answers are about all rows of a race together.
    """

    question: tuple[str, str]
    seasons: tuple[tuple[int, ...], tuple[int, ...]]
    losses: pd.DataFrame
    tau: Mapping[str, Interval]
    optimism: Mapping[str, float]
    chosen: Mapping[str, Chosen]
    cut: str


def rank_folds(
    known: KnownSeasons,
    tables: Tables,
    only: Sequence[str] = (),
    on_fit: Callable[[int, int], None] | None = None,
) -> FoldRanking:
    """Fit every estimator of a model, as it is by default, under both ways to split, and on all for the seasons that follow.

    Seasons before the validation ones are split: rows at random into five parts (races, for orders), or season by season forward. Both ways
    are scored on the same races, those of the last five of these seasons. The validation seasons are the truth. Held-out seasons take no part.

    Args:
        known: the model's rows.
        tables: for the labels.
        only: names of estimators; all that can answer when there is none.
        on_fit: called with how many estimators of how many are done.

    Raises:
        StageError: there are no validation seasons, or too few before them.
        UnknownName: there is no such estimator.
    """
    job, later = known.job, known.validation
    before = [season for season in known.completed if not later or season < later[0]]
    if not later or len(before) < 2:
        raise StageError(
            f"{job.name}: expected two seasons or more before the validation seasons {later}; found {before}. Ingest more seasons."
        )
    question = labelled_once(answered_by(job.model)[0], tables)
    scored = before[-min(FOLDS, len(before) - 1) :]
    recipes = _recipes(known, only)
    found: dict[str, dict[str, pd.Series]] = {}
    for done, recipe in enumerate(recipes, 1):
        ways = {
            "shuffled": _shuffled(known, recipe, before, scored),
            "forward": predict_seasons(recipe, known.frame, known.outcome, scored),
            "next": predict_seasons(recipe, known.frame, known.outcome, later),
        }
        found[recipe.estimator] = {
            way: template_scores(question, rows, tables)[question.loss] for way, rows in ways.items()
        }
        (on_fit or (lambda _done, _total: None))(done, len(recipes))
    models = [recipe.estimator for recipe in recipes if recipe.plugin.role == "model"]
    return _ranking(found, models, question, (tuple(before), tuple(later)), _cut(known))


def kendall(first: np.ndarray, second: np.ndarray) -> float:
    """Return Kendall's tau-b of two lists of losses.

    Example:
        >>> round(kendall(np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0])), 3)
        0.333
    """
    from scipy.stats import kendalltau

    return float(kendalltau(first, second).statistic)


def _recipes(known: KnownSeasons, only: Sequence[str]) -> list[Recipe]:
    """Return the default recipes of estimators that can answer the model's question."""
    job, made = known.job, []
    for name in [estimator(job.definition.family, each).name for each in only] or estimators(job.definition.family):
        try:
            made.append(default_recipe(job.model, name, known.frame, job.params.seed, job.stage))
        except FeatureError:  # it answers another model's question
            continue
    return made


def _cut(known: KnownSeasons) -> str:
    return "races" if known.job.definition.answers.whole else "rows"


def _shuffled(known: KnownSeasons, recipe: Recipe, seasons: Sequence[int], scored: Sequence[int]) -> pd.DataFrame:
    """Return the predictions of every row of the scored seasons by a fit on rows drawn from all seasons, without its own part."""
    job = known.job
    inside = known.frame["season"].isin(seasons)
    frame, outcome = labelled(job.model, known.frame[inside], known.outcome[inside])
    unit = frame[BLOCK].to_numpy() if _cut(known) == "races" else np.arange(len(frame))
    names = np.unique(unit)
    part = dict(zip(names, np.random.default_rng(job.params.seed).permutation(len(names)) % FOLDS, strict=True))
    fold, tables = np.array([part[each] for each in unit]), []
    for number in range(FOLDS):
        own = fold == number
        test = frame[own & frame["season"].isin(scored)].reset_index(drop=True)
        rest = (each[~own].reset_index(drop=True) for each in (frame, outcome))
        answer = recipe.fit(*rest).answer(recipe.select(test))
        tables.append(prediction_table(recipe.estimator, recipe.plugin.role, test, answer, job.definition.kind))
    return stack(tables, job.definition.answers)


def _ranking(
    found: Mapping[str, Mapping[str, pd.Series]],
    models: Sequence[str],
    question: Template,
    seasons: tuple[tuple[int, ...], tuple[int, ...]],
    cut: str,
) -> FoldRanking:
    losses = pd.DataFrame(
        {name: {way: scores.mean() for way, scores in ways.items()} for name, ways in found.items()}
    ).T
    ranks = losses.rank().astype(int).add_suffix("_rank")
    truth = np.stack([ways["next"].to_numpy() for ways in found.values()])
    drawn = race_weights(truth.shape[1], DRAWS) @ truth.T / truth.shape[1]
    tau = {way: _interval(losses[way].to_numpy(), losses["next"].to_numpy(), drawn) for way in ("shuffled", "forward")}
    optimism = {way: float((losses["next"] - losses[way]).mean()) for way in tau}
    chosen = {way: _chosen(losses, models, way) for way in tau} if 0 < len(models) < len(losses) else {}
    table = losses.join(ranks).sort_values("next", kind="stable")
    return FoldRanking((question.name, question.loss), seasons, table, tau, optimism, chosen, cut)


def _chosen(losses: pd.DataFrame, models: Sequence[str], way: str) -> Chosen:
    own, rules = losses[losses.index.isin(models)], losses[~losses.index.isin(models)]
    best, rule = str(own[way].idxmin()), str(rules[way].idxmin())
    promised, kept = (float(losses.loc[rule, column] - losses.loc[best, column]) for column in (way, "next"))
    return Chosen(best, rule, promised, kept)


def _interval(way: np.ndarray, truth: np.ndarray, drawn: np.ndarray) -> Interval:
    values = np.array([kendall(way, each) for each in drawn])
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(kendall(way, truth), float(low), float(high), len(drawn))
