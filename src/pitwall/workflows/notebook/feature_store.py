"""`pw.FeatureStore`: the feature store of `pitwall.ml.data`, on the tools of the project that we are in.

The same calls also take raw records of any entity, with functions of a record: whichever was registered or stored is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.domain.ports import FeatureReader
from pitwall.domain.project import Project
from pitwall.features import FeatureEngineer
from pitwall.ml.data.feature_store import DEFAULT
from pitwall.ml.data.selection import DataSelection
from pitwall.ml.models import model
from pitwall.ml.templates import template as template_of
from pitwall.workflows.notebook.by_hand.record_store import RecordStore
from pitwall.workflows.workspace import Workspace


class FeatureStore(RecordStore):
    """Features by selection, by instant and by lap; and features of raw records, in memory.

    Args:
        project: the project; the one of the working directory when None.
        reader: joins stored features in time; the project's Feast store when None.
        engineer: knows the features of the session; the one that all of a process share when None.
    """

    def __init__(
        self,
        project: Project | None = None,
        reader: FeatureReader | None = None,
        engineer: FeatureEngineer | None = None,
    ) -> None:
        workspace = Workspace(project, features=reader)
        super().__init__(workspace.project, workspace.features, workspace.versions, engineer)

    def get_features(
        self,
        seasons: Any = None,
        feature_groups: Any = None,
        custom_features: Sequence[str] = (),
        *,
        template: str | None = None,
        selection: DataSelection | None = None,
        **choice: Any,
    ) -> Any:
        """Return the rows of a selection with features as known at their cut-off; see the store's own method for what is chosen how.

        Of an entity of raw records, by its name: its newest values, all of them or a set's.

        Args:
            seasons: a list, one season, a pair (first, last), or "2015:2024"; all when None.
            feature_groups: feature sets and groups; those of the template's model when None, without a template `order`.
            custom_features: registered ones, or single features that ship.
            template: a question, e.g. `lap_time`: its kind of rows and its stage are meant where none is named.
            selection: instead of seasons and choice, one made before.
            choice: circuits, drivers, teams, conditions, stage and rows.

        Raises:
            UnknownName: a name is unknown.
            UsageError: the selection is empty, or the rows lack an id that a group is known by.
        """
        if template is not None:
            asked = template_of(template)
            answering = model(asked.model)
            choice = {"rows": answering.rows, "stage": asked.stages[0], **choice}
            feature_groups = [answering.feature_set] if feature_groups is None else feature_groups
        wanted = DEFAULT if feature_groups is None else feature_groups
        return super().get_features(seasons, wanted, custom_features, selection=selection, **choice)
