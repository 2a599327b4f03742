"""The one place that chooses the real adapters. Each import happens on use: feast alone costs six seconds."""

from __future__ import annotations

from pitwall.domain.params import Params, load_params
from pitwall.domain.ports import DataVersions, FeatureReader, Registry, Tracker
from pitwall.domain.project import Project


def params(project: Project) -> Params:
    """Return the project's parameters."""
    return load_params(project.params)


def tracker(project: Project) -> Tracker:
    """Return the MLflow run store of the project."""
    from pitwall.adapters.mlflow_tracker import MlflowTracker

    return MlflowTracker(project)


def registry(project: Project) -> Registry:
    """Return the MLflow model registry of the project."""
    from pitwall.adapters.mlflow_registry import MlflowRegistry

    return MlflowRegistry(project)


def feature_reader(project: Project) -> FeatureReader:
    """Return the Feast store of the project."""
    from pitwall.adapters.feast_store import FeastStore

    return FeastStore(project)


def data_versions(project: Project) -> DataVersions:
    """Return the DVC repository of the project."""
    from pitwall.adapters.dvc_repo import DvcRepo

    return DvcRepo(project)
