"""Who answers during a race: the champion of each model that answers within races, else the rule that a model would have to beat.

A champion is read as it was exported when it was promoted: no run store is opened while a race is on. A rule is fitted on the laps of
earlier races, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from pitwall.domain.errors import FeatureError, PitwallError
from pitwall.domain.tables import load_tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.known import as_known
from pitwall.live.race import LiveRace
from pitwall.live.voices import Beaten, Voice, live_models
from pitwall.ml.estimators import estimator
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.unlisted import groups_read
from pitwall.ml.templates import answered_by
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.ml.training.training_job import TrainingJob
from pitwall.ml.training.walk_forward import default_recipe
from pitwall.workflows.serving.bundle import load_bundle
from pitwall.workflows.serving.places import Place
from pitwall.workflows.workspace import Workspace

SEASONS = 3  # of earlier laps that a rule is fitted on


@dataclass
class Panel:
    """Those who answer, and why others do not."""

    voices: list[Voice] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def panel(workspace: Workspace, race: LiveRace, names: Sequence[str] = (), beside: Sequence[str] = ()) -> Panel:
    """Return who answers during a race.

    Args:
        workspace: of the project.
        race: that is followed: rules are fitted on what was known when it started.
        names: models; all that answer within races when empty.
        beside: models whose rule to beat is asked, too, where a champion answers.
    """
    found, data = Panel(), EarlierLaps(workspace, race)
    for name in names or live_models():
        job = workspace.job(f"{name}-{Stage.IN_RACE.value}")
        try:
            champion = _champion(job, race, found)
            found.voices.append(champion or _rule(job, data))
            if champion and name in beside:
                rule = _rule(job, data)
                found.voices.append(Beaten(rule.definition, rule.fitted, rule.provenance))
        except PitwallError as error:  # the others are no worse for it
            found.notes.append(f"{name} does not answer: {error}")
    return found


def _champion(job: TrainingJob, race: LiveRace, found: Panel) -> Voice | None:
    place = Place(job.project, job.name)
    version = place.named()
    if version is None:
        return None
    champion = load_bundle(job, place.version(version))
    learned = champion.model.recipe.facts.get("trained_on", [0, 0])[-1]
    if learned and race.race.season <= int(learned):
        found.notes.append(
            f"{job.model} has learned from races up to {learned}, this one among them: no forecast to score"
        )
    content = str(champion.about["content"])[:12]
    return Voice(job.definition, champion.model, f"model version {champion.version}, content {content}")


def _rule(job: TrainingJob, data: EarlierLaps) -> Voice:
    """Fit the rule to beat on the laps of the races before this one."""
    name = answered_by(job.model)[0].baseline_at(Stage.IN_RACE)
    rule = estimator(job.definition.family, name)
    frame = data.frame(job, rule.needs)
    tables = load_tables(
        job.project.tables, sorted({t for each in answered_by(job.model) for t in each.tables} | {"races", "results"})
    )
    rows, known = labelled(job.model, frame, outcomes(job.model, tables, frame))
    if rows.empty:
        raise FeatureError(
            "no laps of races before this one are in the data; add a source of laps with earlier seasons."
        )
    recipe = default_recipe(job.model, name, rows, job.params.seed, job.stage)
    return Voice(job.definition, FittedModel(recipe, recipe.fit(rows, known)), f"baseline {name}")


class EarlierLaps:
    """Rows of earlier races with the features that a rule reads; each file is read once.

    Args:
        workspace: of the project.
        race: before which they were driven.
    """

    def __init__(self, workspace: Workspace, race: LiveRace) -> None:
        self._workspace, self._race = workspace, race
        self._spines: dict[str, pd.DataFrame] = {}
        self._rows: dict[str, pd.DataFrame] = {}

    def frame(self, job: TrainingJob, needs: Sequence[str] | None) -> pd.DataFrame:
        """Return the rows of the last seasons before the race, with the features that are needed (all when None)."""
        spine = self._spine(job)
        groups = [g for g in groups_read(job.definition) if needs is None or set(needs) & set(g.names)]
        return pd.concat([spine, *(as_known(spine, g, self._stored(g))[g.names] for g in groups)], axis=1)

    def _spine(self, job: TrainingJob) -> pd.DataFrame:
        kind, now = job.definition.kind, self._race.race
        if kind.name not in self._spines:
            spine = kind.spine(load_tables(job.project.tables, sorted(kind.reads)), Stage.IN_RACE)
            earlier = (spine["cutoff"] < now.starts_at) & (spine["season"] > now.season - SEASONS)
            self._spines[kind.name] = spine[earlier].reset_index(drop=True)
        return self._spines[kind.name]

    def _stored(self, group: FeatureGroup) -> pd.DataFrame:
        if group.name not in self._rows:
            self._rows[group.name] = stored_rows(self._workspace, group)
        return self._rows[group.name]


def stored_rows(workspace: Workspace, group: FeatureGroup) -> pd.DataFrame:
    """Return the project's rows of a group with all their versions.

    Raises:
        FeatureError: they are not built yet.
    """
    path = workspace.project.features / f"{group.name}.parquet"
    if not path.is_file():
        raise FeatureError(f"the features of {group.name} are not built yet; make them with `dvc repro features`.")
    return pd.read_parquet(path)


def groups_of(voices: Sequence[Voice]) -> list[FeatureGroup]:
    """Return every group that a model reads, each once, by name."""
    return [group for _, group in sorted({group.name: group for voice in voices for group in voice.groups}.items())]
