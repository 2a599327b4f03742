"""How should a search end? Ways of choosing among the same candidates, and what each truly costs: what the end of AutoML was chosen by."""

from __future__ import annotations

from dataclasses import replace

from _automl_worlds import Asked

from pitwall.ml.automl.budget import Budget
from pitwall.ml.automl.candidates import Bench
from pitwall.ml.automl.choice import BLEND, SINGLE, Choice, Chooser
from pitwall.ml.automl.engine import search
from pitwall.ml.automl.result import recipe_of
from pitwall.ml.automl.scores import Scores, asked_metric
from pitwall.ml.automl.settings import Settings
from pitwall.ml.automl.trials import Trial, Tried
from pitwall.ml.estimators.shared.selection import selected

BEST, BETTER, ONE, DRAWS = (
    "the best candidate",
    "whichever was better on earlier seasons",
    "one greedy pick",
    "the mean over draws",
)
PICKS = 15  # of the one greedy pick


def costs(asked: Asked, budget: float) -> dict[str, float]:
    """Return what each way of choosing truly costs in one world, among the candidates of one search."""
    problem, metric, seed = asked.problem, asked.question.metric, asked.settings.seed
    bench = Bench(problem, Scores.of(problem, asked_metric(problem.template, metric)), seed)
    bench.cheapest_first(sorted(problem.plugins))  # libraries are loaded
    found = search(problem, Settings(budget, metric), seed=seed)
    chooser = Chooser(bench.scores, [_again(bench, each) for each in found.trials if each.state == "COMPLETE"])
    blend, single = chooser.choose(ensemble=True), chooser.choose(ensemble=False).weights
    later, one = bench.scores.within(blend.seasons), _one(chooser)
    better = later.cost(blend.nested[BLEND]) < later.cost(blend.nested[SINGLE])
    ways = {BEST: single, BETTER: blend.weights if better else single, ONE: one, DRAWS: blend.weights}
    return {way: asked.cost(recipe_of(bench, chooser.tried, Choice(weights, {}, ()))) for way, weights in ways.items()}


def _again(bench: Bench, trial: Trial) -> Tried:
    return bench.finished(bench.started(replace(trial, seconds=0.0)), Budget(float("inf")))


def _one(chooser: Chooser) -> dict[str, float]:
    """Return the weights of one greedy pick over all races."""
    scores = chooser.scores
    said = {
        each.trial.name: scores.part(each.answer)
        for each in chooser.library(scores.problem.seasons)
        if each.answer is not None
    }
    return selected(said, lambda part: float(scores.losses(part).mean()), PICKS)
