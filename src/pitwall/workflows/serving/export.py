"""Let servers answer with the champion: write its folder, its vectors and its history, then name it live.

Called wherever a champion may have changed; what is there and whole is not written again, so it also finishes what a crash cut short.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pitwall.domain.clock import wall
from pitwall.domain.errors import PitwallError, ServingError
from pitwall.domain.ports import ModelVersion
from pitwall.domain.project import Project
from pitwall.domain.records.ab_races import running
from pitwall.domain.records.ab_rows import ARM, SHADOW
from pitwall.domain.records.aliases import CHAMPION, stage_of
from pitwall.domain.records.chain import Row
from pitwall.domain.records.stored_forecasts import folder as forecasts_folder
from pitwall.domain.records.track_record import FORECAST, content_of, read_rows
from pitwall.ml.registry.champion_tenures import reigns
from pitwall.workflows.serving.bundle import write_bundle
from pitwall.workflows.serving.exporting.races import export_next, export_races
from pitwall.workflows.serving.places import Place, read_json, write_json
from pitwall.workflows.workspace import Workspace

log = logging.getLogger(__name__)

KEPT = 3  # versions of a model: the live one, and two that a server can fall back on


def publish(workspace: Workspace, name: str, *, races: bool = True) -> int | None:
    """Let servers answer with the champion of a model, and return its version; None where it has no champion.

    Args:
        workspace: of the project.
        name: a registered name.
        races: write the vectors of the races too; a version that is given back its place reads those that are there.

    Raises:
        ServingError: it cannot be written, or does not answer its own example; servers keep what they have.
    """
    job = workspace.job(name)
    champion = workspace.registry.alias(job.name, CHAMPION)
    if champion is None:
        return None
    place = Place(workspace.project, job.name)
    export_version(workspace, champion)
    if races or not place.races():
        export_races(workspace, job, champion.version)
    write_history(workspace, job.name)
    tested = _publish_test_if_whole(workspace, job.name)
    place.make_live(champion.version)
    _forget_older(place, {champion.version, *tested})
    return champion.version


def export_version(workspace: Workspace, version: ModelVersion) -> None:
    """Write the folder of a version, from which a server answers; one that is there and whole stays.

    Raises:
        ServingError: it cannot be written, or does not answer its own example.
    """
    job = workspace.job(version.model)
    write_bundle(
        job, workspace.registry.fetch(job.name, version.version), job.target / "baseline", _about(workspace, version)
    )


def publish_test(workspace: Workspace, name: str) -> list[int]:
    """Let servers divide the races between champion and challenger where a test runs, else by nobody; return the challenger.

    Args:
        workspace: of the project.
        name: a registered name.

    Raises:
        ServingError: the challenger cannot be written, or does not answer its own example.
    """
    place, test = Place(workspace.project, name), running(workspace.record.rows(), name)
    if test is None:
        place.test.unlink(missing_ok=True)
        return []
    export_version(workspace, workspace.registry.get(name, test.challenger))
    if _said(place) != test.facts():
        write_json(place.test, test.facts())
    return [test.challenger]


def _publish_test_if_whole(workspace: Workspace, name: str) -> list[int]:
    try:
        return publish_test(workspace, name)
    except (PitwallError, OSError) as error:  # the champion is no worse for it
        log.error("%s: the challenger is not served: %s", name, error)
        return []


def publish_forecast(workspace: Workspace, stored: Path, name: str) -> None:
    """Let servers tell a stored forecast, and answer about its race with what it was made from.

    Args:
        workspace: of the project.
        stored: its file.
        name: the model that made it.
    """
    content = _copy_forecast(workspace.project, stored, read_rows(workspace.project))
    place, job = Place(workspace.project, name), workspace.job(name)
    if content["version"] in {place.named(), *_publish_test_if_whole(workspace, name)} and place.races():
        export_next(workspace, job, content["version"])
        write_history(workspace, name)
    else:
        publish(workspace, name)


def write_history(workspace: Workspace, name: str) -> None:
    """Write the registry's history of a model, and what is counted in the run store."""
    registry, rows = workspace.registry, workspace.history.rows(name)
    aliases = registry.aliases(name)
    versions = [
        {
            "version": each.version,
            "stage": stage_of(each, aliases),
            "aliases": sorted(alias for alias, holder in aliases.items() if holder == each.version),
            "role": each.tags.get("role", "unknown"),
            "estimator": each.tags.get("estimator", "unknown"),
            "content": each.content,
            "run": each.run_id,
            "created": each.created,
        }
        for each in registry.versions(name)
    ]
    write_json(
        Place(workspace.project, name).history,
        {
            "model": name,
            "versions": versions,
            "history": rows,
            "champions": [each.row() for each in reigns(rows)],
            "written": _now(),
        },
    )
    write_json(workspace.project.serving / "counts.json", {**counts(workspace), "written": _now()})


def counts(workspace: Workspace) -> dict[str, int]:
    """Return how many experiments, runs and registered models the run store holds."""
    names = workspace.registry.models()
    return {**workspace.runs.counts(), "models_registered": len(names)}


def export_all(workspace: Workspace) -> tuple[dict[str, int], dict[str, str]]:
    """Publish every model that has a champion; return the versions that are live, and why others could not be published."""
    live, troubles = dict[str, int](), dict[str, str]()
    for name in workspace.registry.models():
        try:
            version = publish(workspace, name)
        except PitwallError as error:  # the others are no worse for it
            troubles[name] = str(error)
        else:
            live |= {} if version is None else {name: version}
    record = read_rows(workspace.project)
    for stored in sorted(forecasts_folder(workspace.project).glob("*.json")):
        if json.loads(stored.read_text(encoding="utf-8"))["provenance"].get(ARM) != SHADOW:  # a shadow answers nobody
            _copy_forecast(workspace.project, stored, record)
    return live, troubles


def _said(place: Place) -> dict[str, Any]:
    """Return what the file of a test says; nothing where it is not there, or damaged and written anew."""
    try:
        return read_json(place.test)
    except ServingError:
        return {}


def _copy_forecast(project: Project, stored: Path, record: Sequence[Row]) -> dict[str, Any]:
    """Write a stored forecast with its row of the track record beside it, and return what it says."""
    content: dict[str, Any] = json.loads(stored.read_text(encoding="utf-8"))
    hashed = content_of(stored)
    rows = (row for row in record if row["kind"] == FORECAST and row["content"] == hashed)
    copy = project.serving / "forecasts" / stored.name
    where = stored.relative_to(project.root).as_posix()
    write_json(copy, {"file": where, "record": next(rows, None), "forecast": content})
    return content


def _about(workspace: Workspace, version: ModelVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "content": version.content,
        "run": version.run_id,
        "page": workspace.runs.link(version.run_id) if version.run_id else "",
        "role": "baseline" if version.tags.get("role") == "baseline" else "model",
        "created": version.created,
    }


def _forget_older(place: Place, used: set[int]) -> None:
    older = [number for number in place.versions() if number not in used]
    for number in older[: max(len(older) - (KEPT - 1), 0)]:
        shutil.rmtree(place.version(number), ignore_errors=True)


def _now() -> str:
    return wall().isoformat(timespec="seconds")
