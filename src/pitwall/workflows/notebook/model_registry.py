"""The model registry for notebooks: register, promote, compare and roll back, by the same functions as the command line.

The stage words of older registries are understood; a move to `production` goes through every gate all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from pitwall.domain.errors import PromotionRefused
from pitwall.domain.ports import ModelVersion
from pitwall.domain.project import Project
from pitwall.domain.records.aliases import CHAMPION, stage_word
from pitwall.domain.refs import Promotion
from pitwall.ml.registry.approvals import Approval
from pitwall.workflows import registry as versions
from pitwall.workflows.judge import with_cards
from pitwall.workflows.promote import judge_and_promote
from pitwall.workflows.workspace import Workspace


class ModelRegistry:
    """The versions of a project's models.

    Args:
        project: the project that we are in when None.
        workspace: its tools, where they are open already.

    Example:
        `ModelRegistry().get_production_model("race_winner")` is the version that forecasts answer with.
    """

    def __init__(self, project: Project | None = None, workspace: Workspace | None = None) -> None:
        self._workspace = workspace or Workspace(project)

    def register_model(self, name: str, version_info: Mapping[str, object] | None = None) -> int:
        """Register what was trained as `name` (`models/<name>/`) and return its version; the same bytes are one version.

        Args:
            name: a model or a template.
            version_info: kept with the version as tags `note.<key>`. Metrics need not be given and are not believed:
                they are computed from the stored predictions.

        Raises:
            StageError: nothing is trained.
        """
        version = with_cards(self._workspace, self._name(name))["model"]
        notes = {f"note.{key}": str(value) for key, value in (version_info or {}).items()}
        self._workspace.registry.tag(version.model, version.version, notes)
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
        model = self._name(name)
        if stage_word(to_stage) == CHAMPION:
            decision = judge_and_promote(self._workspace, model, Approval(tuple(approve), note), version)
            if not decision.promoted:
                raise PromotionRefused(model, decision.verdicts)
        else:
            chosen = versions.version_of(self._workspace, model, version)
            versions.move(self._workspace, chosen, to_stage, by=by, note=note)
        return self._workspace.registry.get(model, version)

    def get_production_model(self, name: str) -> ModelVersion | None:
        """Return the champion of a model or a template; None before the first one."""
        return self._workspace.registry.alias(self._name(name), CHAMPION)

    def list_versions(self, name: str) -> pd.DataFrame:
        """Return one row per version: stage, estimator, metrics on the same races, latency, data."""
        rows = [each.row() for each in versions.list_versions(self._workspace, name)]
        return pd.DataFrame([{**row, **row.pop("metrics")} for row in rows])

    def compare_versions(self, name: str, v1: int | str, v2: int | str) -> pd.DataFrame:
        """Return one row per metric: both means, the difference with its interval, and the winner where there is one.

        Args:
            name: a model or a template.
            v1: a version number or an alias.
            v2: likewise; a difference is v2 - v1.
        """
        chosen = [versions.version_of(self._workspace, name, which) for which in (v1, v2)]
        return pd.DataFrame([each.row() for each in versions.compare_versions(self._workspace, name, chosen)])

    def rollback(self, name: str, to: int | None = None, *, by: str, note: str) -> Promotion:
        """Make the last champion, or the earlier one `to`, the champion again; see `pitwall.ml.registry.rollback`."""
        return versions.roll_back(self._workspace, name, to=to, by=by, note=note)

    def _name(self, name: str) -> str:
        return self._workspace.job(name).name
