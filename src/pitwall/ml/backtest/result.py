"""A finished backtest as numbers: the JSON that `--json` writes, and floors below which it must not fall."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.domain.errors import StageError, UnknownName, UsageError
from pitwall.ml.backtest.cache import library_versions
from pitwall.ml.backtest.market import Market, set_aside_note
from pitwall.ml.backtest.scores import Scored
from pitwall.ml.evaluation.scoring import Row, family_of
from pitwall.ml.evaluation.slices import DEFINITIONS
from pitwall.ml.families import metric
from pitwall.ml.models import models
from pitwall.ml.templates import templates
from pitwall.report.content.intervals import digits, interval

FLOOR = re.compile(r"(?:(\w+)/)?(\w+)\.(\w+)=(-?[\d.]+)")


def payload(stages: Sequence[Scored], *, commit: str, seconds: float, market: Market | None = None) -> dict[str, Any]:
    """Return {rows, paired, slices, importance, calibration, regret, facts} of all stages of a backtest.

    Args:
        stages: the scores, one per stage.
        commit: of the code.
        seconds: that the whole backtest took, cached fits included as free.
        market: whose odds were compared with.
    """
    plans = [each.forecasts.plan for each in stages]
    by_stage = {each.forecasts.plan.stage: each.forecasts for each in stages}
    facts = {
        "frame_md5": {plan.stage: plan.job.frame_ref().md5 for plan in plans},
        "commit": commit,
        "seed": plans[0].job.params.seed,
        "seasons": list(plans[0].seasons),
        "partial_seasons": {str(season): share for season, share in plans[0].parts.items()},
        "source": ", ".join(sorted(plans[0].job.params.sources)),
        "ours": {plan.stage: plan.ours.recipe.estimator for plan in plans},
        "notes": [
            *(note for plan in plans for note in plan.notes),
            *(note for each in stages for note in each.notes),
            *(set_aside_note(market) if market else []),
        ],
        "skipped": {f"{plan.stage}/{name}": why for plan in plans for name, why in plan.skipped.items()},
        "slice_definitions": DEFINITIONS,
        "durations": {
            "wall_s": round(seconds, 2),
            "fits_s": {
                stage: {name: round(value, 2) for name, value in made.seconds.items()}
                for stage, made in by_stage.items()
            },
        },
        "fits_from_cache": {stage: made.cached for stage, made in by_stage.items()},
        "damaged_cache_entries": [name for made in by_stage.values() for name in made.damaged],
        "libraries": library_versions(),
    }
    if market is not None:
        facts["market"] = {**market.file, "quotes": len(market.quotes), "set_aside": list(market.set_aside)}
    lists = ("rows", "paired", "slices", "importance", "calibration", "regret")
    return {**{name: [row for each in stages for row in getattr(each, name)] for name in lists}, "facts": facts}


@dataclass(frozen=True)
class Floor:
    """The worst pooled value that ours may have; `stage` None means every stage."""

    stage: str | None
    template: str
    metric: str
    limit: float

    def complaint(self, row: Row) -> str | None:
        """Return what is wrong with a pooled row of ours, or None."""
        if row["template"] != self.template or row["metric"] != self.metric or self.stage not in (None, row["stage"]):
            return None
        if not metric(self.metric).worse(row["value"], self.limit):
            return None
        side = "below" if row["value"] < self.limit else "above"
        return (
            f"{row['stage']}/{self.template} {self.metric} of {row['model']} is {interval(row, digits(4))}, {side} the floor "
            f"{self.limit:g}"
        )


def parse_floor(text: str) -> Floor:
    """Return the floor of `race_winner.log_loss=1.30` or `pre_weekend/race_winner.log_loss=1.45`.

    Raises:
        UsageError: the text has another form.
        UnknownName: no such template or metric.

    Example:
        >>> parse_floor("order.spearman=0.6")
        Floor(stage=None, template='order', metric='spearman', limit=0.6)
    """
    match = FLOOR.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"a floor is given as [STAGE/]TEMPLATE.METRIC=VALUE, e.g. race_winner.log_loss=1.30; found {text!r}."
        )
    stage, question, asked, limit = match.groups()
    known = {name: {*each.metrics, family_of(each).calibration.error} for name, each in templates().items()}
    known |= {
        name: {*known.get(name, ()), *each.answers.whole} for name, each in models().items() if each.answers.whole
    }
    if question not in known:
        raise UnknownName("template", question, known)
    if asked not in known[question]:
        raise UnknownName(f"metric of {question}", asked, known[question])
    return Floor(stage, question, asked, float(limit))


def check_floors(floors: Sequence[Floor], rows: Sequence[Row]) -> None:
    """Raise StageError if a pooled value of ours is worse than a floor, or a floor speaks of what was not scored."""
    ours = [row for row in rows if row["role"] == "ours" and row["season"] == "all"]
    complaints = []
    for floor in floors:
        meant = [row for row in ours if (row["template"], row["metric"]) == (floor.template, floor.metric)]
        meant = [row for row in meant if floor.stage in (None, row["stage"])]
        if not meant:
            complaints.append(f"{floor.template}.{floor.metric} has a floor but was not scored in this backtest")
        complaints += [found for row in meant if (found := floor.complaint(row))]
    if complaints:
        raise StageError(f"below the floor: {'; '.join(complaints)}. Find the change that cost it before going on.")
