"""The model registry for notebooks: register, promote, compare and roll back, by the same functions as the command line.

The stage words of older registries are understood; a move to `production` goes through every gate all the same. A name that is no
model's or template's of the project has notes instead of versions: nothing judges it and nothing answers with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from getpass import getuser
from typing import Any

import pandas as pd

from pitwall.domain.errors import PromotionRefused, UnknownName, UsageError
from pitwall.domain.ports import ModelVersion
from pitwall.domain.project import Project
from pitwall.domain.records.aliases import CHAMPION, stage_word
from pitwall.domain.refs import Promotion
from pitwall.ml.models import models
from pitwall.ml.models.machinery.names import all_names, resolve_model
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.templates import templates
from pitwall.workflows import registry as versions
from pitwall.workflows.ab.declare import Wish, start
from pitwall.workflows.judge import with_cards
from pitwall.workflows.notebook.ab_test import AbTest
from pitwall.workflows.notebook.by_hand.model_notes import ModelNotes
from pitwall.workflows.promote import judge_and_promote
from pitwall.workflows.workspace import Workspace

NEAR = 0.85  # of difflib: a name as like another one as this is taken for a slip of the keyboard


class ModelRegistry:
    """The versions of a project's models, and notes on models of any other name.

    Args:
        project: the project that we are in when None.
        workspace: its tools, where they are open already.

    Example:
        `ModelRegistry().get_production_model("race_winner")` is the version that forecasts answer with.
    """

    def __init__(self, project: Project | None = None, workspace: Workspace | None = None) -> None:
        self._workspace = workspace or Workspace(project)
        self._notes = ModelNotes(self._workspace.project.model_notes)

    def register_model(self, name: str, version_info: Mapping[str, object] | None = None) -> int:
        """Register what was trained as `name` (`models/<name>/`) and return its version; the same bytes are one version.

        Args:
            name: a model or a template; any other name gets a note, whose `version_info` is what it consists of.
            version_info: kept with the version as tags `note.<key>`. Metrics need not be given and are not believed:
                they are computed from the stored predictions.

        Raises:
            StageError: nothing is trained.
            UnknownName: the name is almost one of the project's, or is none of them and nothing is said of it.
        """
        if self._is_noted(name, new=version_info is not None):
            return self._notes.register(name, version_info or {})
        version = with_cards(self._workspace, self._name(name))["model"]
        notes = {f"note.{key}": str(value) for key, value in (version_info or {}).items()}
        self._workspace.registry.tag(version.model, version.version, notes)
        return version.version

    def promote(
        self, name: str, version: int, to_stage: str, *, by: str = "", note: str = "", approve: Sequence[str] = ()
    ) -> ModelVersion | dict[str, Any]:
        """Move a version to a stage and return it; to `production` through every gate, but for notes, which have none.

        Args:
            name: a model or a template, or one with notes: then the entry is returned.
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
        if self._is_noted(name):
            return self._notes.move(name, version, to_stage, by=by, note=note)
        model = self._name(name)
        if stage_word(to_stage) == CHAMPION:
            decision = judge_and_promote(self._workspace, model, Approval(tuple(approve), note), version)
            if not decision.promoted:
                raise PromotionRefused(model, decision.verdicts)
        else:
            chosen = versions.version_of(self._workspace, model, version)
            versions.move(self._workspace, chosen, to_stage, by=by, note=note)
        return self._workspace.registry.get(model, version)

    def get_production_model(self, name: str) -> ModelVersion | dict[str, Any] | None:
        """Return the champion of a model or a template, the entry in production of notes; None before the first one."""
        if self._is_noted(name):
            return self._notes.production(name)
        return self._workspace.registry.alias(self._name(name), CHAMPION)

    def list_versions(self, name: str) -> pd.DataFrame | list[dict[str, Any]]:
        """Return one row per version: stage, estimator, metrics on the same races, latency, data; of notes, a list of entries."""
        if self._is_noted(name):
            return self._notes.versions(name)
        rows = [each.row() for each in versions.list_versions(self._workspace, name)]
        return pd.DataFrame([{**row, **row.pop("metrics")} for row in rows])

    def compare_versions(self, name: str, v1: int | str, v2: int | str) -> pd.DataFrame | dict[str, Any]:
        """Return one row per metric: both means, the difference with its interval, and the winner where there is one.

        Of notes, {metric: {"v1", "v2", "delta"}}: claims have no interval.

        Args:
            name: a model or a template, or one with notes.
            v1: a version number or an alias; of notes, a number.
            v2: likewise; a difference is v2 - v1.
        """
        if self._is_noted(name):
            return self._notes.compare(name, int(v1), int(v2))
        chosen = [versions.version_of(self._workspace, name, which) for which in (v1, v2)]
        return pd.DataFrame([each.row() for each in versions.compare_versions(self._workspace, name, chosen)])

    def rollback(self, name: str, to: int | None = None, *, by: str, note: str) -> Promotion:
        """Make the last champion, or the earlier one `to`, the champion again; see `pitwall.ml.registry.rollback`."""
        return versions.roll_back(self._workspace, name, to=to, by=by, note=note)

    def ab_test(
        self, name: str, v1: int | str, v2: int | str, traffic_split: float = 0.3, *, by: str = "", note: str = ""
    ) -> AbTest:
        """Declare a test on races to come, in which `v2` answers its share of them, and return it.

        Args:
            name: a model or a template.
            v1: the standing champion, by number or alias.
            v2: the challenger, likewise.
            traffic_split: share of the races that the challenger answers; 0: it answers nobody and is only scored.
            by: who declares it; the user of the machine when empty.
            note: why.

        Raises:
            UsageError: v1 is not the champion, another test of the model runs, or the name has notes, which answer nobody.
            UnknownName: there is no such version.

        Example:
            `ModelRegistry().ab_test("race_winner", "champion", "candidate", 0.3).rehearse().frame()` is what it would have been.
        """
        if self._is_noted(name):
            raise UsageError(f"{name} has notes only: nothing answers with them, so there is nothing to test.")
        wish = Wish(str(v1), str(v2), traffic_split, by or getuser(), note)
        return AbTest(self._workspace, start(self._workspace, name, wish))

    def _is_noted(self, name: str, *, new: bool = False) -> bool:
        """Tell whether a name stands for notes, or may with a `new` one.

        Raises:
            UnknownName: it is neither a name of the project nor one with notes, and no new one, or almost a name of the project.
            UsageError: it is a shipped model's name without its stage.
        """
        params = self._workspace.params
        with suppress(UnknownName):
            resolve_model(name, params)
            return False
        if name in self._notes.names():
            return True
        known = [*all_names(params), *templates()]
        if name in models():
            raise UsageError(f"{name} is a model of the project; name it with its stage, e.g. {name}-pre_race.")
        if not new or get_close_matches(name, known, cutoff=NEAR):
            raise UnknownName("model", name, [*known, *self._notes.names()])
        return True

    def _name(self, name: str) -> str:
        return self._workspace.job(name).name
