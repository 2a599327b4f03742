"""Point-in-time frames: a spine beside its features, checked row by row, one file per model and stage.

DVC keeps the frames of what params.yaml trains in `data/frames`. What is trained by name has its frame made by
that training, from the same tables and features, in `.pitwall/frames`: nobody else waits for it (`unlisted`).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pitwall.domain.errors import FrameError
from pitwall.domain.params import Params
from pitwall.domain.ports import FeatureReader
from pitwall.domain.project import Project
from pitwall.domain.refs import FrameRef, file_md5
from pitwall.domain.tables import load_tables
from pitwall.ml.models._shipped import shipped
from pitwall.ml.rows import RowKind


def frame_path(project: Project, params: Params, name: str) -> Path:
    """Return where the frame of `<model>-<stage>` lies: where DVC keeps it, or below the state for one that it does not train."""
    listed, _, stage = name.rpartition("-")
    trained = listed in params.models and stage in params.models[listed].stages
    return project.frame(name) if trained else project.unlisted_frame(name)


def build_frames(project: Project, params: Params, reader: FeatureReader) -> list[FrameRef]:
    """Make `data/frames/<model>-<stage>.parquet` for each model of params.yaml at each of its stages.

    All frames are made in one process, because opening the feature store costs seconds. Frames of models or stages
    that params.yaml no longer names are removed.

    Raises:
        UnknownName: there is no such model.
        FrameError: the spine repeats a key, or the join lost, gained or reordered rows.
    """
    chosen = {name: shipped(name) for name in params.models}
    tables = load_tables(project.tables, sorted({table for each in chosen.values() for table in each.kind.reads}))
    made = []
    for name, settings in params.models.items():
        definition = chosen[name]
        for stage in settings.stages:
            spine = definition.spine(tables, stage)
            frame = reader.historical(spine, definition.feature_set)
            made.append(kept(project.frame(f"{name}-{stage}"), spine, frame, definition.kind))
    for stale in set(project.frames.glob("*.parquet")) - {Path(frame.path) for frame in made}:
        stale.unlink()
    return made


def kept(path: Path, spine: pd.DataFrame, frame: pd.DataFrame, kind: RowKind) -> FrameRef:
    """Write a frame that was joined to a spine and return its reference; see `check_frame` for errors."""
    check_frame(spine, frame, kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False, coerce_timestamps="us")
    return FrameRef(path.stem, str(path), file_md5(path), len(frame), tuple(frame.columns))


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
