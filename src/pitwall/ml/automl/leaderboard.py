"""The table of a search: every candidate beside the rules, the answers that know nothing, and what was chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.ml.automl.budget import cpu_seconds
from pitwall.ml.automl.candidates import Bench
from pitwall.ml.automl.choice import Choice
from pitwall.ml.automl.scores import Scores
from pitwall.ml.automl.trials import Tried
from pitwall.ml.evaluation.scoring import family_of

Row = dict[str, Any]
SHOWN = 3  # candidates of one estimator
NO_DISTRIBUTION = "log_loss"  # of certainty, which an answer that knows nothing claims: infinite
CANDIDATE, BASELINE, NOTHING, CHOSEN_SO = "candidate", "baseline", "knows nothing", "way of choosing"


def leaderboard(bench: Bench, tried: Sequence[Tried], choice: Choice) -> list[Row]:
    """Return rows of the best candidates of each estimator (the best first), of baselines, constants, and ways of choosing.

    Args:
        bench: where they were tried.
        tried: candidates that answered.
        choice: what was chosen among them.

    Returns:
        name, estimator, kind, chosen (its weight), value, low, high, n (races) of the compared metric; `behind` with low and high, by how
        much it is worse than the best candidate on the same races; `gain` with low and high over the baseline to beat, where that can read
        the rows; CPU seconds.
    """
    scores, ranked = bench.scores, sorted(tried, key=lambda each: each.rank)
    rules = {name: (answer, seconds) for name, answer, seconds in _rules(bench)}
    beaten = bench.problem.template.baseline_at(bench.problem.stage)
    best, rule = _answer(ranked[0]), rules[beaten][0] if beaten in rules else None
    rows = []
    for each in _shown(ranked, choice):
        row = _row(scores, _answer(each), best, rule)
        head: Row = {"name": each.trial.name, "estimator": each.trial.estimator, "kind": CANDIDATE}
        rows.append({**head, "chosen": choice.weights.get(each.trial.name, 0.0), **row, "seconds": each.trial.seconds})
    for name, (answer, seconds) in rules.items():
        head = {"name": name, "estimator": name, "kind": BASELINE, "chosen": 0.0}
        rows.append({**head, **_row(scores, answer, best, rule), "seconds": seconds})
    rows += _constants(scores)
    return [*rows, *_ways(scores, choice, best, rule)]


def _shown(ranked: Sequence[Tried], choice: Choice) -> Iterator[Tried]:
    """Yield the first few candidates of each estimator, and those that were chosen."""
    seen: Counter[str] = Counter()
    for each in ranked:
        seen[each.trial.estimator] += 1
        if seen[each.trial.estimator] <= SHOWN or each.trial.name in choice.weights:
            yield each


def _ways(scores: Scores, choice: Choice, best: pd.DataFrame, rule: pd.DataFrame | None) -> Iterator[Row]:
    """Yield how each way of choosing did on seasons that it did not choose by."""
    later = scores.within(choice.seasons)
    for way, said in choice.nested.items():
        head = {"name": f"{way}, chosen on earlier seasons", "estimator": "", "kind": CHOSEN_SO}
        row = _row_of(later, said, later.part(best), None if rule is None else later.part(rule))
        yield {
            **head,
            "chosen": float(way == choice.way),
            **row,
            "seconds": None,
        }


def _row(scores: Scores, answer: pd.DataFrame, best: pd.DataFrame, rule: pd.DataFrame | None) -> Row:
    return _row_of(scores, scores.part(answer), scores.part(best), None if rule is None else scores.part(rule))


def _row_of(scores: Scores, ours: pd.DataFrame, best: pd.DataFrame, rule: pd.DataFrame | None) -> Row:
    return {
        **_named("", scores.interval(ours)),
        "n": len(scores.race_seasons),
        **_named("behind", scores.gain(best, ours)),
        **({} if rule is None else _named("gain", scores.gain(ours, rule))),
    }


def _named(name: str, found: Interval) -> Row:
    front = f"{name}_" if name else ""
    return {name or "value": found.value, f"{front}low": found.low, f"{front}high": found.high}


def _rules(bench: Bench) -> Iterator[tuple[str, pd.DataFrame, float]]:
    """Yield what the question's baselines, those that can read the rows, answered of the forecast seasons, and their CPU seconds."""
    problem = bench.problem
    for name in problem.template.baselines:
        if problem.lacking(name) is not None:
            continue
        start = cpu_seconds()
        recipe = problem.recipe(name, {}, bench.seed)
        recipe = problem.recipe(name, recipe.plugin.default(), bench.seed)
        answer = problem.joined([problem.said(recipe, fold) for fold in problem.folds])
        yield name, answer, cpu_seconds() - start


def _constants(scores: Scores) -> Iterator[Row]:
    """Yield the answers that know nothing, such as always yes; without a value where the metric is a log loss."""
    constants: Mapping[str, float] = family_of(scores.problem.template).constants
    for name, said in constants.items():
        head: Row = {"name": name, "estimator": "", "kind": NOTHING, "chosen": 0.0, "n": len(scores.race_seasons)}
        if scores.metric.name == NO_DISTRIBUTION:
            yield {**head, "value": None, "low": None, "high": None, "seconds": None}
        else:
            found = scores.interval_of_rows(scores.rows.assign(probability=said, label=scores.label))
            yield {**head, **_named("", found), "seconds": None}


def _answer(each: Tried) -> pd.DataFrame:
    assert each.answer is not None
    return each.answer
