"""Which model answers for a race to come: the one of the latest stage whose session is known, if it has a champion.

With a grid or a qualifying order that is `pre_race`, with practice alone `pre_qualifying`, before it `pre_weekend`; never a later
stage than the one that is asked for. Where a model cannot answer the one of the stage before does; where none of them can, the
one that is asked for says what it does not know. Whoever answers in another's place is named, with the reason.
"""

from __future__ import annotations

from dataclasses import replace

from pitwall.domain.ports import Registry
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.tables import Tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage
from pitwall.ml.data.calendar import Race
from pitwall.ml.training.training_job import TrainingJob

SESSIONS = ("practice", "qualifying", "grid")
STAGES = tuple(CUTOFF_COLUMN)  # from the earliest to the latest
MISSING = {Stage.PRE_RACE: "no qualifying yet", Stage.PRE_QUALIFYING: "no practice yet"}
AS_OF = {
    Stage.PRE_WEEKEND: "as of the start of practice",
    Stage.PRE_QUALIFYING: "as of the start of qualifying",
    Stage.PRE_RACE: "as of the start",
}


def known_stage(tables: Tables, race: Race) -> Stage:
    """Return the latest stage whose session is known of a race."""
    newest = tables.only(*SESSIONS).as_of()
    held = {name for name in SESSIONS if (newest[name]["race_id"] == race.race_id).any()}
    if held & {"grid", "qualifying"}:
        return Stage.PRE_RACE
    return Stage.PRE_QUALIFYING if held else Stage.PRE_WEEKEND


def answering(job: TrainingJob, registry: Registry, known: Stage) -> tuple[TrainingJob, list[str]]:
    """Return the job that answers for a race to come in place of the one asked for, and what must be said of it.

    Args:
        job: the model that is asked for.
        registry: that knows which models have a champion.
        known: the latest stage whose session is known.
    """
    asked = Stage(job.stage)
    latest = min(asked, known, key=STAGES.index)
    passed: list[str] = []
    for stage in STAGES[STAGES.index(latest) :: -1]:
        chosen = replace(job, name=f"{job.model}-{stage.value}", stage=stage.value)
        why_not = _why_not(chosen, registry)
        if why_not is None:
            return chosen, _said(chosen, asked, known, passed)
        passed.append(why_not)
    missing = _missing(asked, known)
    return job, [f"{missing}, and no model of an earlier stage can answer: {'; '.join(passed)}"] if missing else []


def _said(chosen: TrainingJob, asked: Stage, known: Stage, passed: list[str]) -> list[str]:
    stage = Stage(chosen.stage)
    if stage == asked:
        return []
    answers = f"the {stage.value} model answers, {AS_OF[stage]}"
    missing = _missing(asked, known)
    if missing is None:
        return [f"{'; '.join(passed)}: {answers}"]
    return [f"{missing}: {answers}", *(f"what is known of the weekend is not used: {why}" for why in passed)]


def _missing(asked: Stage, known: Stage) -> str | None:
    return MISSING[asked] if STAGES.index(known) < STAGES.index(asked) else None


def _why_not(job: TrainingJob, registry: Registry) -> str | None:
    if registry.alias(job.name, CHAMPION):
        return None
    return f"{job.name} has no champion" if job.listed else f"params.yaml trains no {job.name}"
