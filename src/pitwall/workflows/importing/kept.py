"""What came of a notebook, kept for the page that shows it: the report and the order's text, not the notebook. The newest stay."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import Any

from pitwall.domain.access.words import LOCAL
from pitwall.domain.errors import UnknownName
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project
from pitwall.workflows.importing.importing import Fate, Imported
from pitwall.workflows.orders.order import read

FOLDER, MOST, BYTES = "imports", 50, 16
WHICH = re.compile(r"[0-9a-f]{32}")


def keep(project: Project, found: Imported, owner: str = LOCAL) -> str:
    """Keep what came of a notebook, and return the number under which it is shown: nobody guesses it.

    Args:
        project: that it is kept in.
        found: what came of it.
        owner: whose notebook it is.
    """
    folder, number = project.state / FOLDER, secrets.token_hex(BYTES)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / f"{number}.json", json.dumps({**found.content(), "owner": owner}, indent=2) + "\n")
    for old in sorted(folder.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))[:-MOST]:
        old.unlink(missing_ok=True)
    return number


def kept(project: Project, number: str) -> Imported:
    """Return what came of a notebook.

    Raises:
        UnknownName: nothing is kept under this number any more.
    """
    said = _said(project, number)
    cells = tuple(Fate(**each) for each in said["cells"])
    order = None if said["order"] is None else read(said["order"])
    return Imported(cells, order, said["why"], said["printed"])


def owner_of(project: Project, number: str) -> str:
    """Return whose notebook it was.

    Raises:
        UnknownName: nothing is kept under this number any more.
    """
    return str(_said(project, number)["owner"])


def forget(project: Project, owner: str) -> int:
    """Delete what came of the notebooks of somebody, and return how many there were."""
    mine = [path for path in (project.state / FOLDER).glob("*.json") if _read(path)["owner"] == owner]
    for path in mine:
        path.unlink(missing_ok=True)
    return len(mine)


def _said(project: Project, number: str) -> dict[str, Any]:
    path = project.state / FOLDER / f"{number}.json"
    if not WHICH.fullmatch(number) or not path.is_file():
        raise UnknownName("import", number[:40], ())
    return _read(path)


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
