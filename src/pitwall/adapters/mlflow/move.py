"""Bring a run store home: MLflow keeps absolute addresses of files, and a project is moved and copied.

The project's own database lies in the project, with the files of its runs beside it in `mlruns/artifacts`. So an address in it that
leads into another project's `mlruns` is one of before the project was moved or copied, and is rewritten when the store is opened.
A database that lies elsewhere may serve the other project too: there one is told, and nothing is rewritten unless asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pitwall.domain import clock
from pitwall.domain.errors import TrackingError
from pitwall.domain.project import Project

if TYPE_CHECKING:
    from sqlalchemy import Engine

ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("trace_tags", "value"),
)
RECORD = "moves.jsonl"


@dataclass(frozen=True)
class Move:
    """A store that was brought home: from which folder, to which, when, and how many addresses were rewritten."""

    before: str
    after: str
    at: str
    addresses: int


def strangers(project: Project, experiments: Iterable[Any]) -> list[Path]:
    """Return the other projects' folders into whose `mlruns/artifacts` experiments lead, sorted.

    Args:
        project: whose own folder is left out.
        experiments: with `experiment_id`, `name` and `artifact_location`.
    """
    mlruns = project.mlruns.resolve()
    found = set()
    for each in experiments:
        path = local_path(str(each.artifact_location))
        for leaf in (each.name, each.experiment_id):
            tail = f"/{mlruns.name}/artifacts/{leaf}"
            if path and path.endswith(tail):
                found.add(Path(path.removesuffix(tail) or "/"))
    return sorted(found - {mlruns.parent})


def local_path(address: str) -> str | None:
    """Return the path of an address on this machine's disk; None for any other.

    Example:
        >>> local_path("file:///home/C%23/mlruns"), local_path("mlflow-artifacts:/3")
        ('/home/C#/mlruns', None)
    """
    if address.startswith("file:"):
        return url2pathname(urlsplit(address).path)
    return address if address.startswith("/") else None


def bring_home(project: Project, engine: Engine) -> list[Move]:
    """Rewrite all addresses of a database that lead into other projects' `mlruns`, and write down that it was done.

    Only for a database that serves this project alone: what is in it moved or was copied with the project.
    """
    return [rewrite(project, engine, before) for before in strangers(project, experiments_of(engine))]


def experiments_of(engine: Engine) -> list[Any]:
    """Return id, name and place of files of all experiments of a database, deleted ones too."""
    from sqlalchemy import text

    with engine.connect() as connection:
        return list(connection.execute(text("SELECT experiment_id, name, artifact_location FROM experiments")))


def rewrite(project: Project, engine: Engine, before: Path) -> Move:
    """Rewrite the addresses that lead into `mlruns` of another folder to this project's, in one transaction."""
    move = _rewritten(project, engine, before)
    with (project.mlruns / RECORD).open("a", encoding="utf-8") as record:
        record.write(json.dumps(asdict(move)) + "\n")
    return move


def moves(project: Project) -> list[Move]:
    """Return the moves of a project so far, oldest first."""
    record = project.mlruns / RECORD
    lines = record.read_text(encoding="utf-8").splitlines() if record.is_file() else []
    return [Move(**json.loads(line)) for line in lines]


def refuse_a_strangers_files(project: Project, experiment: Any) -> None:
    """Raise TrackingError if files of an experiment would be written into another project's folder."""
    for folder in strangers(project, [experiment]):
        raise TrackingError(
            f"the files of experiment {experiment.name} lie in {folder / 'mlruns'}, another project's folder or this one's before it was "
            "moved; nothing is written there. If the project was moved, run `pitwall move`; if it was copied, give the copy a run store "
            "of its own (PITWALL_TRACKING_URI, settings.local.yaml; without either it is in mlruns/)."
        )


def _rewritten(project: Project, engine: Engine, before: Path) -> Move:
    from sqlalchemy import String, column, func, literal, table, update

    mlruns = project.mlruns.resolve()
    old = before / mlruns.name
    forms = [(f"{old.as_uri()}/", f"{mlruns.as_uri()}/"), (f"{old}/", f"{mlruns}/")]
    count = 0
    with engine.begin() as connection:
        for name, kept in ADDRESSES:
            place = table(name, column(kept, String))
            address = place.c[kept]
            for there, here in forms:
                moved = literal(here, String).concat(func.substr(address, len(there) + 1, type_=String))
                begins = func.substr(address, 1, len(there)) == there
                count += connection.execute(update(place).where(begins).values({address: moved})).rowcount
    return Move(str(before), str(mlruns.parent), clock.wall().isoformat(timespec="seconds"), count)
