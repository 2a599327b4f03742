"""Which of what was found is an alarm, each with a cause in which nothing moves from look to look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pitwall.domain.params import Params
from pitwall.monitoring.drift import Alarm as Moved
from pitwall.monitoring.drift import DriftReport
from pitwall.workflows.monitoring.found import Alarm, ModelWatch, Score

BEHIND = "behind"


def of_model(model: ModelWatch, params: Params) -> Iterator[Alarm]:
    """Yield the alarms of one model: what drifted, a baseline that is better, a champion or an export that is old."""
    if model.drift is not None:
        yield from _drifts(model.name, model.drift)
    yield from (_behind(model, score) for score in model.scores if score.decides and score.verdict == BEHIND)
    limit = params.monitoring.champion_races
    if model.age.unseen is not None and model.age.unseen > limit:
        text = (
            f"version {model.version} learned from {model.age.learned} races and has not seen the last {model.age.unseen}, at most {limit} are let "
            "pass: `pitwall train` makes a candidate, the gates decide."
        )
        yield Alarm("stale", f"{model.name} version {model.version}", text, "trained long ago")
    if model.served is not None and model.served != model.version:
        text = f"servers were given version {model.served}, the champion is version {model.version}: `pitwall serve --export`."
        yield Alarm("stale", model.name, text, f"version {model.version} is not served")


def of_missed(missed: Iterable[tuple[str, str]]) -> list[Alarm]:
    """Return an alarm for each forecast that was never made."""
    text = "no forecast of {} by {} was entered before its session: `pitwall status` and its log say what ran."
    return [Alarm("missed", model, text.format(race, model), race, race) for race, model in missed]


def _drifts(model: str, report: DriftReport) -> Iterator[Alarm]:
    """Yield one alarm for each group, or question, of the newest season watched: what several features say has one cause."""
    groups = {each.name: each.group for each in report.features}
    season = report.races[-1][:4] if report.races else ""
    by_cause: dict[str, list[Moved]] = {}
    for each in report.alarms:
        if each.since[:4] == season:  # an alarm stands until its season ends; the next one finds it again
            by_cause.setdefault(groups.get(each.subject) or each.subject, []).append(each)
    for subject, own in by_cause.items():
        texts = dict.fromkeys(f"{each.subject}: {each.text.rstrip('.')}." for each in own)
        yield Alarm("drift", model, " ".join(texts), f"{subject} in {season}", own[0].since)


def _behind(model: ModelWatch, score: Score) -> Alarm:
    season = score.races[0][:4]
    text = (
        f"{score.question} {score.metric} over {score.season.races} races of {season}: ours {score.season.ours:.4f}, the baseline "
        f"{score.season.baseline:.4f}; {score.said}."
    )
    return Alarm("drift", model.name, text, f"behind its baseline in {season}: {score.question}", score.races[0])
