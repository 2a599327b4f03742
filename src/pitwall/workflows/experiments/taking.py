"""A run to take away: one zip of its model (data only), card, manifest, parameters, metrics and order, with a list of what is in it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunRecord
from pitwall.tracking.manifest import FOLDER
from pitwall.tracking.reproduce.ingredients import SPEC
from pitwall.workflows.experiments.kept import kept
from pitwall.workflows.workspace import Workspace

MOST_MB = 100
FOLDERS = {FOLDER: "manifest", SPEC: "order", "card": "card", "predictions": "predictions"}
LEFT_OUT = (".html", ".png")  # of a card: its JSON and Markdown say the same
LIST = "CONTENTS.md"
WHAT = {
    "model": "the model: data only, no code; `pitwall` of the version in the manifest reads it",
    "card": "the model card, as JSON and Markdown",
    "manifest": "what the run was made from: code, data, seeds, environment, and params.yaml as it was",
    "order": "the order of a model that somebody ordered, with the keys of its rows",
    "predictions": "what the model and its baselines said out of sample",
    "run.json": "parameters, metrics and tags of the run",
}
MOMENT = (1980, 1, 1, 0, 0, 0)  # of every entry: the same run gives the same bytes


def download(workspace: Workspace, record: RunRecord, most_mb: int = MOST_MB) -> bytes:
    """Return the zip of a run.

    Args:
        workspace: of the project.
        record: the run.
        most_mb: before it is packed.

    Raises:
        UsageError: it is larger.
    """
    buffer, left = io.BytesIO(), most_mb * 1_000_000
    parts: dict[str, None] = {}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in _entries(workspace, record):
            left -= len(content)
            if left < 0:
                raise UsageError(
                    f"run {record.run_id} holds more than {most_mb} MB, which no page gives at once; its folder is "
                    f"{workspace.runs.home(record.run_id)}."
                )
            parts[name.partition("/")[0]] = None
            packed.writestr(zipfile.ZipInfo(name, MOMENT), content, zipfile.ZIP_DEFLATED)
        packed.writestr(zipfile.ZipInfo(LIST, MOMENT), contents(record, list(parts)))
    return buffer.getvalue()


def contents(record: RunRecord, parts: list[str]) -> str:
    """Return the list of what a zip holds."""
    lines = [f"- `{part}`: {WHAT[part]}" for part in WHAT if part in parts]
    return "\n".join([f"# {record.name}", "", f"Run `{record.run_id}` of `{record.experiment}`.", "", *lines, ""])


def _entries(workspace: Workspace, record: RunRecord) -> Iterator[tuple[str, bytes]]:
    told = {key: getattr(record, key) for key in ("run_id", "name", "status", "experiment", "started", "ended")}
    own = {name: dict(sorted(getattr(record, name).items())) for name in ("params", "metrics", "tags")}
    yield "run.json", (json.dumps({**told, **own}, indent=2, ensure_ascii=False) + "\n").encode()
    found = kept(workspace, record)
    if found is not None and found.folder is not None:
        for path in _files(found.folder):
            yield f"model/{path.relative_to(found.folder).as_posix()}", path.read_bytes()
    with workspace.runs.held(record.run_id) as held:
        for name in sorted(held):
            folder, _, rest = name.partition("/")
            if folder in FOLDERS and rest and not name.endswith(LEFT_OUT):
                yield f"{FOLDERS[folder]}/{rest}", held[name].read_bytes()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
