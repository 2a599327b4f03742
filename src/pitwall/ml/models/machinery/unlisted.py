"""Frames of what params.yaml does not train: of shipped models by name, and of users' models with features of their choice."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.ports import FeatureReader
from pitwall.domain.project import Project
from pitwall.domain.refs import FrameRef
from pitwall.domain.tables import load_tables
from pitwall.features import feature_sets
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.data.feature_plan import FeaturePlan, plan_of
from pitwall.ml.data.feature_rows import FeatureRows, joined
from pitwall.ml.estimators import estimator
from pitwall.ml.models import Model, model
from pitwall.ml.models.machinery.frames import frame_path, kept
from pitwall.ml.templates import answered_by


def build_frame(project: Project, params: Params, reader: FeatureReader, name: str) -> FrameRef:
    """Make the frame of one model at a stage at which params.yaml does not train it; see `frame_path`.

    Args:
        project: with tables and features.
        params: say where the frame lies.
        reader: joins the features.
        name: `<model>-<stage>`.

    Raises:
        TableError, FeatureError: tables or features are not made yet.
        FrameError: the spine repeats a key, or the join lost, gained or reordered rows.
    """
    of, stage = name.rsplit("-", 1)
    tables = load_tables(project.tables, sorted(model(of).kind.reads))
    definition = model(of)
    spine = definition.spine(tables, stage)
    frame = with_features(project, definition, reader, spine)
    return kept(frame_path(project, params, name), spine, frame, definition.kind)


def with_features(project: Project, definition: Model, reader: FeatureReader, spine: pd.DataFrame) -> pd.DataFrame:
    """Return rows of a model with its features as known at each cut-off; of a user's model those of its rules, too.

    Args:
        project: with features, and with tables for a user's own.
        definition: the model.
        reader: joins what is stored.
        spine: the rows.
    """
    if not definition.features:
        return reader.historical(spine, definition.feature_set)
    return joined(spine, _plan(definition), reader, FeatureRows(project))


def groups_read(definition: Model) -> tuple[FeatureGroup, ...]:
    """Return the groups that frames of a model are made of: those of its set, or those of the features that a user chose."""
    return _plan(definition).groups if definition.features else feature_sets()[definition.feature_set]


def _plan(definition: Model) -> FeaturePlan:
    """Return what a user's model reads, and what the rules that it must beat do."""
    rules = {name for asked in answered_by(definition.name) for name in asked.baselines}
    readers = (definition.settings.estimator, *sorted(rules))
    needed = [name for each in readers for name in estimator(definition.family, each).needs or ()]
    start = [definition.start] if definition.start else []
    return plan_of([*definition.features, *definition.spec.get("empty", ()), *needed, *start], definition.custom)
