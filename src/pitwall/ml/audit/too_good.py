"""Too good to be true: a single feature that orders held-out races better than the grid and hindsight together.

The reference is the best mixture of the final grid and of the driver's other races of the season, also the later ones:
more than any feature may know. Sign and mixture come from the first half of the races, the comparison from the second.
A model may rightly be better than two columns; it is found out only where it orders races almost perfectly.
"""

from __future__ import annotations

import numpy as np

from pitwall.ml.audit._check import Check
from pitwall.ml.audit._finding import Finding, Level
from pitwall.ml.audit._labels import correlations
from pitwall.ml.audit._references import Array, Mean, mean_of
from pitwall.ml.audit._subject import Audited, Subject

NAME = "too_good"
CONFIDENCE = 0.9999
WARNED, FOUND = 0.0, 0.1  # of a rank correlation above the reference; the interval's lower end must be above it
PERFECT = 0.9  # mean rank correlation, and share of a baseline's loss saved, that no honest forecast of races reaches
FEWEST_RACES = 4


def _run(audited: Audited) -> list[Finding]:
    found = []
    for name in audited.group.names:
        value = audited.known[name].to_numpy()
        skill, gain = gains(audited.subject, value)
        if gain.races >= FEWEST_RACES and gain.low > WARNED:
            level: Level = "finding" if gain.low > FOUND else "warning"
            reason = "order held-out races better than the grid and the rest of the season, seen in hindsight, together"
            rows = int((~np.isnan(value)).sum())
            found.append(Finding(NAME, level, audited.group.name, name, rows, _numbers(skill, gain), reason))
    return found


def judge_model(subject: Subject, name: str, expected_place: Array) -> list[Finding]:
    """Return what is too good about a model's out-of-sample forecasts.

    Args:
        subject: the data.
        name: of the model.
        expected_place: one per row of `subject.cars`, NaN where the model said nothing.
    """
    skill, gain = gains(subject, expected_place)
    rows = int((~np.isnan(expected_place)).sum())
    if skill.races >= FEWEST_RACES and skill.low > PERFECT:
        reason = "order races almost perfectly out of sample"
        return [Finding(NAME, "finding", name, "forecasts", rows, _numbers(skill, gain), reason)]
    if gain.races >= FEWEST_RACES and gain.low > WARNED:
        reason = "order races better than the grid and hindsight together"
        return [Finding(NAME, "warning", name, "forecasts", rows, _numbers(skill, gain), reason)]
    return []


def judge_losses(name: str, question: str, ours: Array, baseline: Array, rows: int) -> list[Finding]:
    """Return what is too good about out-of-sample answers that are no order: they leave almost nothing of the baseline's loss.

    Args:
        name: of the model.
        question: that it answers.
        ours: its loss per race.
        baseline: that of the baseline to beat, on the same races.
        rows: that were answered.
    """
    left = mean_of((1 - PERFECT) * baseline - ours, CONFIDENCE)
    if left.races < FEWEST_RACES or left.low <= 0:
        return []
    saved = 1 - float(ours.sum() / baseline.sum())
    reason = f"save almost all of the loss of the baseline out of sample ({question})"
    return [Finding(NAME, "finding", name, "forecasts", rows, {"saved": round(saved, 3), "limit": PERFECT}, reason)]


def gains(subject: Subject, value: Array) -> tuple[Mean, Mean]:
    """Return the rank correlation with the place on the second half of the races, and what it is above the reference's."""
    cars = subject.cars
    place, race = cars["place"].to_numpy(), cars["race_id"].to_numpy()
    early = subject.early
    held = ~early & ~np.isnan(value)
    sign = np.sign(correlations(value[early], place[early], race[early])[0].sum()) or 1.0
    varied = held & np.isin(race, _varied(value[held], race[held]))
    own = correlations(sign * value[varied], place[varied], race[varied])[0]
    theirs = correlations(subject.reference[varied], place[varied], race[varied])[0]
    if len(own) != len(theirs):
        return mean_of(own, CONFIDENCE), Mean(0.0, -np.inf, np.inf, 0)
    return mean_of(own, CONFIDENCE), mean_of(own - theirs, CONFIDENCE)


def _varied(value: Array, race: Array) -> Array:
    """Return the races in which a value is not the same for all cars."""
    return np.array([each for each in np.unique(race) if len(np.unique(value[race == each])) > 1], dtype=np.int64)


def _numbers(skill: Mean, gain: Mean) -> dict[str, float]:
    return {"correlation": round(skill.value, 3), "above_reference": round(gain.value, 3), "low": round(gain.low, 3)}


CHECK = Check(
    NAME,
    "No single feature orders held-out races better than grid and hindsight together",
    "leaks of most of the own race's outcome, from wherever they come, also from outside the tables",
    "leaks that are diluted below the skill of the grid and hindsight",
    _run,
)
