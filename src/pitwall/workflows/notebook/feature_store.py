"""`pw.FeatureStore`: the feature store of `pitwall.ml.data`, on the tools of the project that we are in."""

from __future__ import annotations

from pitwall.domain.ports import FeatureReader
from pitwall.domain.project import Project
from pitwall.features import FeatureEngineer
from pitwall.ml.data import feature_store
from pitwall.workflows.workspace import Workspace


class FeatureStore(feature_store.FeatureStore):
    """Features by selection, by instant and by lap.

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
