"""The manifest's section on data: which bytes, known until when, joined by which feature service, split how."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.adapters.dvc_repo import DvcRepo
from pitwall.domain.project import Project
from pitwall.domain.refs import FrameRef, file_md5
from pitwall.tracking.sections.unknown import unknown

Splits = Mapping[str, Sequence[int]]
NO_LOCK = "there is no dvc.lock; `dvc repro` writes it"


def data(
    project: Project, sources: Sequence[str], commit: str, stale: str, *, frame: FrameRef | None, splits: Splits | None
) -> dict[str, Any]:
    """Return the section.

    Args:
        project: the project.
        sources: names of the sources in use.
        commit: in which dvc.lock lies; uncommitted changes of it are in the patch, and the file is kept beside it.
        stale: what DVC called stale, as the run's tag says it.
        frame: what was learned from, None for an experiment that reads none.
        splits: race ids by their use.
    """
    lock = project.dvc_lock
    snapshots = {name: _snapshots(project, name) for name in sources}
    fetched = sorted(each["fetched_at"] for found in snapshots.values() for each in found)
    return {
        "dvc_lock": file_md5(lock) if lock.is_file() else unknown(NO_LOCK),
        "dvc_rev": commit,
        "outs": recorded(project),
        "snapshots": snapshots,
        "known_until": fetched[-1] if fetched else unknown("no source in use has a snapshot"),
        "stale": stale,
        **_of_frame(project, frame),
        "splits": _of_splits(splits),
    }


def recorded(project: Project) -> dict[str, str] | str:
    """Return DVC's hash of each data output, or why there is none."""
    return DvcRepo(project).hashes() if project.dvc_lock.is_file() else unknown(NO_LOCK)


def splits_file(splits: Splits) -> bytes:
    """Return the split indices as the bytes of their file: race ids by use."""
    return (json.dumps({name: list(map(int, ids)) for name, ids in splits.items()}, indent=1) + "\n").encode()


def _snapshots(project: Project, source: str) -> list[dict[str, str]]:
    """Return name, content hash and instant of each raw snapshot of a source, by its own manifest."""
    found = []
    for path in sorted((project.raw / source).glob("[0-9]*/manifest.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found.append({"name": path.parent.name, "hash": content["hash"], "fetched_at": content["fetched_at"]})
    return found


def _of_frame(project: Project, frame: FrameRef | None) -> dict[str, Any]:
    if frame is None:
        nothing = unknown("no frame of the project was read")
        return {"feature_service": nothing, "vintage": nothing, "frame": nothing}
    import pandas as pd

    cutoffs = pd.read_parquet(project.root / frame.path, columns=["cutoff"])["cutoff"]
    facts = {"name": frame.name, "path": frame.path, "md5": frame.md5, "rows": frame.rows}
    return {
        "feature_service": frame.name.rsplit("-", 1)[0],
        "vintage": cutoffs.max().isoformat(),
        "frame": {**facts, "columns": len(frame.columns)},
    }


def _of_splits(splits: Splits | None) -> dict[str, Any] | str:
    if splits is None:
        return unknown("the experiment named no splits")
    digest = hashlib.sha256(splits_file(splits)).hexdigest()
    return {"sha256": digest, "races": {name: len(races) for name, races in splits.items()}}
