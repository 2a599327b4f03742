"""Can an answer be trusted? One sentence per question: the gain over the rule to beat with its interval, on how many races, and lately."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.domain.params import GateParams
from pitwall.domain.tables import Tables
from pitwall.ml.evaluation.bootstrap import paired_difference
from pitwall.ml.evaluation.scoring import metric_interval, metric_of, paired_losses, scored
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.templates import Template
from pitwall.report.content.intervals import Show, digits, interval

LATE = 3  # seasons that are told one by one
FINE = 0.1  # gains below this have a fourth decimal


def trust(
    template: Template,
    predictions: pd.DataFrame,
    ours: str,
    tables: Tables,
    *,
    stage: str,
    gates: GateParams,
    seed: int,
) -> str:
    """Return one sentence on how far the answers to a question can be trusted.

    Args:
        template: the question.
        predictions: of held-out races, those of the rule to beat among them.
        ours: the estimator that answers.
        tables: for the labels.
        stage: of the forecasts; it says which rule must be beaten.
        gates: draws and level of the interval.
        seed: of the draws.
    """
    models, rule = by_estimator(predictions), template.baseline_at(stage)
    if ours == rule or rule not in models:
        known = scored(template, models[ours], tables)
        found = metric_interval(metric_of(template, template.loss), known, gates, seed)
        who = "This is the rule that models must beat" if ours == rule else f"Not known: {rule} has not answered"
        return f"{who}: over {_races(known)} its {template.loss} is {interval(found)}."
    losses = paired_losses(template, models[ours], models[rule], tables)
    gains = losses["theirs"] - losses["ours"]
    found = paired_difference(
        losses["ours"].to_numpy(), losses["theirs"].to_numpy(), gates.bootstrap_draws, seed, gates.confidence
    )
    season = models[ours].drop_duplicates("race_id").set_index("race_id")["season"].reindex(gains.index)
    loss = losses["theirs"].mean()
    share = found.value / loss if loss else 0.0  # a rule without any loss leaves nothing to gain
    return _sentence(template, ours, rule, found, share=share, by=gains.groupby(season))


def _sentence(
    template: Template, ours: str, rule: str, found: Interval, *, share: float, by: pd.api.typing.SeriesGroupBy
) -> str:
    means, show = by.mean(), _show(found)
    lately = ", ".join(f"{show(gain)} in {season}" for season, gain in means.tail(LATE).items())
    span = f"{means.index[0]} to {means.index[-1]}" if len(means) > 1 else f"{means.index[0]}"
    measured = (
        f"over {found.n} held-out races of {span} `{ours}` gains {interval(found, show)} {template.loss} on the rule "
        f"`{rule}` ({100 * share:+.1f} % of its loss); {lately}."
    )
    if found.low > 0:
        return f"Yes, more than the rule to beat: {measured}"
    if found.high < 0:
        return f"No, the rule is better: {measured}"
    return f"No more than the rule to beat, as far as can be seen: {measured}"


def _show(found: Interval) -> Show:
    return digits(4 if max(abs(found.low), abs(found.high)) < FINE else 3, "+")


def _races(known: pd.DataFrame) -> str:
    seasons = sorted({int(season) for season in known["season"]})
    return f"{known['race_id'].nunique()} held-out races of {seasons[0]} to {seasons[-1]}"
