"""The model registry for notebooks: register, promote, compare and roll back, by the same functions as the command line.

The stage words of older registries are understood; a move to `production` goes through every gate all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from pitwall import wiring
from pitwall.domain.errors import PromotionRefused
from pitwall.domain.ports import ModelVersion
from pitwall.domain.project import Project, find_project
from pitwall.domain.records.aliases import CHAMPION, stage_word
from pitwall.domain.refs import Promotion
from pitwall.ml.cards.artifacts import card_text
from pitwall.ml.cards.build import Stores, complete, ensure, stores_of
from pitwall.ml.gates._candidates import judge, load_candidate
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.registry.compare import compare
from pitwall.ml.registry.describe import list_versions
from pitwall.ml.registry.moves import move
from pitwall.ml.registry.promotion import enthrone_baseline, promote
from pitwall.ml.registry.references import find_version
from pitwall.ml.registry.rollback import rollback
from pitwall.ml.training.registration import sync
from pitwall.ml.training.training_job import TrainingJob, training_job


class ModelRegistry:
    """The versions of a project's models.

    Args:
        project: the project that we are in when None.
        stores: where versions, runs and decisions are kept; the project's own when None.

    Example:
        `ModelRegistry().get_production_model("race_winner")` is the version that forecasts answer with.
    """

    def __init__(self, project: Project | None = None, stores: Stores | None = None) -> None:
        self._project = project or find_project()
        self._stores = stores or stores_of(self._project)

    def register_model(self, name: str, version_info: Mapping[str, object] | None = None) -> int:
        """Register what was trained as `name` (`models/<name>/`) and return its version; the same bytes are one version.

        Args:
            name: a model or a template.
            version_info: kept with the version as tags `note.<key>`. Metrics need not be given and are not believed:
                they are computed from the stored predictions.

        Raises:
            StageError: nothing is trained.
        """
        version = self._register(self._job(name))["model"]
        notes = {f"note.{key}": str(value) for key, value in (version_info or {}).items()}
        self._stores.registry.tag(version.model, version.version, notes)
        return version.version

    def promote(
        self, name: str, version: int, to_stage: str, *, by: str = "", note: str = "", approve: Sequence[str] = ()
    ) -> ModelVersion:
        """Move a version to a stage and return it; to `production` through every gate.

        Args:
            name: a model or a template.
            version: its number.
            to_stage: development, staging, challenger, production or archived, in any case.
            by: who moves it, for the stages without gates.
            note: why.
            approve: who approves, if params.yaml asks for it.

        Raises:
            UnknownName: no such model, version or stage; lists those that exist.
            IllegalMove: from where the version stands it cannot go there.
            PromotionRefused: a gate or an approval is missing; carries the verdicts.
        """
        job = self._job(name)
        if stage_word(to_stage) == CHAMPION:
            self._crown(job, version, Approval(tuple(approve), note))
        else:
            chosen = self._stores.registry.get(job.name, version)
            move(self._stores.registry, self._stores.history, chosen, to_stage, by=by, note=note)
        return self._stores.registry.get(job.name, version)

    def get_production_model(self, name: str) -> ModelVersion | None:
        """Return the champion of a model or a template; None before the first one."""
        return self._stores.registry.alias(self._job(name).name, CHAMPION)

    def list_versions(self, name: str) -> pd.DataFrame:
        """Return one row per version: stage, estimator, metrics on the same races, latency, data."""
        rows = [each.row() for each in list_versions(self._job(name), self._stores.registry)]
        return pd.DataFrame([{**row, **row.pop("metrics")} for row in rows])

    def compare_versions(self, name: str, v1: int | str, v2: int | str) -> pd.DataFrame:
        """Return one row per metric: both means, the difference with its interval, and the winner where there is one.

        Args:
            name: a model or a template.
            v1: a version number or an alias.
            v2: likewise; a difference is v2 - v1.
        """
        job = self._job(name)
        first, second = (find_version(self._stores.registry, job.params, f"{job.name}@{which}") for which in (v1, v2))
        return pd.DataFrame([each.row() for each in compare(job, self._stores.registry, first, second)])

    def rollback(self, name: str, to: int | None = None, *, by: str, note: str) -> Promotion:
        """Make the last champion, or the earlier one `to`, the champion again; see `pitwall.ml.registry.rollback`."""
        return rollback(self._stores.registry, self._stores.history, self._job(name).name, to=to, by=by, note=note)

    def _crown(self, job: TrainingJob, version: int, approval: Approval) -> None:
        stores = self._stores
        baseline = self._register(job)["baseline"]
        champion = enthrone_baseline(stores.registry, stores.history, baseline)
        chosen = stores.registry.get(job.name, version)
        verdicts = judge(load_candidate(job, stores.registry, chosen, card_text(stores.runs, chosen)))
        try:
            made = promote(
                stores.registry,
                stores.history,
                chosen,
                baseline,
                verdicts,
                policy=job.params.promotion,
                approval=approval,
                expected=champion.version,
            )
        except PromotionRefused as refused:
            complete(job, stores, chosen, refused.verdicts, outcome=str(refused))
            raise
        complete(job, stores, chosen, verdicts, outcome=f"champion, before it version {made.previous} ({made.why})")

    def _register(self, job: TrainingJob) -> dict[str, ModelVersion]:
        stores = self._stores
        versions = sync(job, stores.tracker, stores.registry, wiring.provenance(self._project))
        for version in versions.values():
            ensure(job, stores, version)
        return versions

    def _job(self, name: str) -> TrainingJob:
        return training_job(self._project, wiring.params(self._project), name)
