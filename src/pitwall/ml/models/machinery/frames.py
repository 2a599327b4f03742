"""Point-in-time frames: a spine beside its features, checked row by row, one file per model and stage.

DVC keeps the frames of what params.yaml trains in `data/frames`. What is trained by name has its frame made by
that training, from the same tables and features, in `.pitwall/frames`: nobody else waits for it.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pitwall.domain.errors import FrameError
from pitwall.domain.params import Params
from pitwall.domain.ports import FeatureReader
from pitwall.domain.project import Project
from pitwall.domain.refs import FrameRef, file_md5
from pitwall.domain.tables import Tables, load_tables
from pitwall.features import feature_sets
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.data.feature_plan import FeaturePlan
from pitwall.ml.data.feature_rows import FeatureRows
from pitwall.ml.data.feature_plan import plan_of
from pitwall.ml.data.feature_rows import joined
from pitwall.ml.estimators import estimator
from pitwall.ml.models import Model, model
from pitwall.ml.rows import RowKind
from pitwall.ml.templates import answered_by


def frame_path(project: Project, params: Params, name: str) -> Path:
    """Return where the frame of `<model>-<stage>` lies: where DVC keeps it, or below the state for one that it does not train."""
    listed, _, stage = name.rpartition("-")
    trained = listed in params.models and stage in params.models[listed].stages
    return project.frame(name) if trained else project.unlisted_frame(name)


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
    return _made(project, model(of), stage, tables, reader, frame_path(project, params, name))


def build_frames(project: Project, params: Params, reader: FeatureReader) -> list[FrameRef]:
    """Make `data/frames/<model>-<stage>.parquet` for each model of params.yaml at each of its stages.

    All frames are made in one process, because opening the feature store costs seconds. Frames of models or stages
    that params.yaml no longer names are removed.

    Raises:
        UnknownName: there is no such model.
        FrameError: the spine repeats a key, or the join lost, gained or reordered rows.
    """
    chosen = {name: model(name) for name in params.models}
    tables = load_tables(project.tables, sorted({table for each in chosen.values() for table in each.kind.reads}))
    made = []
    for name, settings in params.models.items():
        definition = chosen[name]
        for stage in settings.stages:
            made.append(_made(project, definition, stage, tables, reader, project.frame(f"{name}-{stage}")))
    for stale in set(project.frames.glob("*.parquet")) - {Path(frame.path) for frame in made}:
        stale.unlink()
    return made


def check_frame(spine: pd.DataFrame, frame: pd.DataFrame, kind: RowKind) -> None:
    """Raise FrameError unless the frame has the spine's rows, each once, in the spine's order, and its columns first."""
    columns, key = list(spine.columns), list(kind.key)
    if list(frame.columns[: len(columns)]) != columns:
        raise FrameError(f"the frame must begin with the spine's columns {columns}; found {list(frame.columns)}.")
    if frame.duplicated(key).any():
        twice = frame.loc[frame.duplicated(key), key].iloc[0].to_dict()
        raise FrameError(f"the frame holds {int(frame.duplicated(key).sum())} rows twice, first {twice}.")
    if len(frame) != len(spine):
        lost = spine[key].merge(frame[key], how="left", indicator=True).query("_merge == 'left_only'")
        example = f", first lost {lost.iloc[0][key].to_dict()}" if len(lost) else ""
        raise FrameError(f"the spine has {len(spine)} rows and the frame {len(frame)}{example}.")
    for column in columns:
        differs = frame[column].to_numpy() != spine[column].to_numpy()
        if differs.any():
            raise FrameError(
                f"row {int(differs.argmax())} of the frame differs from the spine in {column}: rows were reordered."
            )


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


def _made(
    project: Project, definition: Model, stage: str, tables: Tables, reader: FeatureReader, path: Path
) -> FrameRef:
    spine = definition.spine(tables, stage)
    frame = with_features(project, definition, reader, spine)
    check_frame(spine, frame, definition.kind)
    return _save(path, frame)


def _save(path: Path, frame: pd.DataFrame) -> FrameRef:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False, coerce_timestamps="us")
    return FrameRef(path.stem, str(path), file_md5(path), len(frame), tuple(frame.columns))
