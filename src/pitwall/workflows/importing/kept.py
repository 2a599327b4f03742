"""What came of a notebook, kept for the page that shows it: the report and the order's text, not the notebook. The newest stay."""

from __future__ import annotations

import json
import re
import secrets

from pitwall.domain.errors import UnknownName
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project
from pitwall.workflows.importing.importing import Fate, Imported
from pitwall.workflows.orders.order import read

FOLDER, MOST, BYTES = "imports", 50, 16
WHICH = re.compile(r"[0-9a-f]{32}")


def keep(project: Project, found: Imported) -> str:
    """Keep what came of a notebook, and return the number under which it is shown: nobody guesses it."""
    folder, number = project.state / FOLDER, secrets.token_hex(BYTES)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / f"{number}.json", json.dumps(found.content(), indent=2) + "\n")
    for old in sorted(folder.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))[:-MOST]:
        old.unlink(missing_ok=True)
    return number


def kept(project: Project, number: str) -> Imported:
    """Return what came of a notebook.

    Raises:
        UnknownName: nothing is kept under this number any more.
    """
    path = project.state / FOLDER / f"{number}.json"
    if not WHICH.fullmatch(number) or not path.is_file():
        raise UnknownName("import", number[:40], ())
    said = json.loads(path.read_text(encoding="utf-8"))
    cells = tuple(Fate(**each) for each in said["cells"])
    order = None if said["order"] is None else read(said["order"])
    return Imported(cells, order, said["why"], said["printed"])
