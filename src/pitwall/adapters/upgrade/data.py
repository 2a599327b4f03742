"""Let DVC know that data and models are up to date where only the code's folders have changed their names.

A stage is taken over when the version before recorded it with its own, unchanged code, when nothing that it reads, writes or is told
by params.yaml has changed since, and when the code of today is committed: this version makes the same bytes of the same inputs
(docs/unchanged.md). Any other stage stays stale, and `dvc repro` makes it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pitwall.adapters.dvc_repo import DvcRepo
from pitwall.adapters.git import code_state
from pitwall.domain.project import Project
from pitwall.domain.tables import SPECS

GROUPS = Path(__file__).parents[2] / "features"
CODE = Path(__file__).with_name("code_before.json")  # {code folder or file: DVC's hash of it in the version before}


def take_over_data(project: Project, dry_run: bool) -> list[str]:
    """Record the stages whose code alone has changed, and say which ones were left to `dvc repro`.

    Raises:
        StageError: DVC failed; carries what it said.
    """
    if not project.dvc_lock.is_file():
        return []
    versions = DvcRepo(project)
    before = json.loads(CODE.read_text(encoding="utf-8"))
    recorded = {name for name, stage in versions.recorded().items() if _by_version_before(stage, before)}
    if not recorded:
        return []
    status = versions.status()
    touched = code_state(project.root).dirty
    waiting = sorted(name for name in recorded if name in status)
    more = _new_files(project)
    taken = [name for name in waiting if not touched and only_code(status[name]) and name not in more]
    if taken and not dry_run:
        versions.commit(*taken)
    left = [name for name in waiting if name not in taken]
    why = (
        f"the code has uncommitted changes ({', '.join(touched[:3])})" if touched else "more than the code has changed"
    )
    return [
        *([f"taken over, nothing to make again: {', '.join(taken)}"] if taken else []),
        *([f"left to `dvc repro`, as {why}: {', '.join(left)}"] if left else []),
    ]


def only_code(changes: Sequence[Any]) -> bool:
    """Tell whether code is all that DVC found changed of a stage."""
    if not all(isinstance(change, Mapping) and set(change) == {"changed deps"} for change in changes):
        return False
    return all(_is_code(path) for change in changes for path in change["changed deps"])


def _new_files(project: Project) -> set[str]:
    """Return the stages that make files today which the version before did not know: tables and feature groups that are new."""
    shipped = {path.stem for path in GROUPS.glob("[a-z]*.py")}  # one file each; no plug-in of the project is asked for
    made = {"tables": (project.tables, SPECS), "features": (project.features, shipped)}
    return {
        stage
        for stage, (folder, names) in made.items()
        if any(not (folder / f"{name}.parquet").is_file() for name in names)
    }


def _by_version_before(stage: Mapping[str, Any], before: Mapping[str, str]) -> bool:
    code = {dep["path"]: dep.get("md5") for dep in stage.get("deps", []) if _is_code(dep["path"])}
    return bool(code) and all(before.get(path) == md5 for path, md5 in code.items())


def _is_code(path: str) -> bool:
    return path.startswith(("src/", "feature_repo/"))
