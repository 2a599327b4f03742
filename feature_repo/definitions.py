"""Hands the discovered feature groups to `feast -c feature_repo apply`, which collects module-level objects only."""

from pathlib import Path

from pitwall.adapters.feast.definitions import definitions
from pitwall.domain.project import Project

globals().update(definitions(Project(Path(__file__).resolve().parent.parent)))
