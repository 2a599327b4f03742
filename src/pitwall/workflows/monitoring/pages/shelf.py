"""Where the pages of the weeks lie, which one is the newest, and the small file that a server tells of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project
from pitwall.report.content.document import Document
from pitwall.report.html import to_html
from pitwall.workflows.monitoring.found import Watch

FOLDER = "monitoring"  # below the reports
NAME = re.compile(r"\d{4}-W\d{2}\.json")


def write_page(project: Project, found: Watch, document: Document) -> Path:
    """Write the page of a week with its JSON beside it, and let servers tell of it; a second look of the week replaces the first.

    Args:
        project: that was looked at.
        found: what was found.
        document: the page.
    """
    folder = project.reports / FOLDER
    row = {**found.row(), "page": (folder / f"{found.week}.html").relative_to(project.root).as_posix()}
    path = write_atomically(folder / f"{found.week}.html", to_html(document))
    text = json.dumps(row, indent=1, sort_keys=True, allow_nan=False)
    write_atomically(path.with_suffix(".json"), text + "\n")
    told = {"at": row["at"], "alarms": len(found.alarms), "page": row["page"]}
    write_atomically(project.serving / "monitoring.json", json.dumps(told) + "\n")
    return path


def pages(project: Project) -> list[Path]:
    """Return the JSON of all weeks, oldest first."""
    found = (project.reports / FOLDER).glob("*.json")
    return sorted(path for path in found if NAME.fullmatch(path.name))


def newest(project: Project) -> dict[str, Any] | None:
    """Return what the newest page says; None without one."""
    found = pages(project)
    return dict(json.loads(found[-1].read_text(encoding="utf-8"))) if found else None


def page_before(project: Project, at: datetime) -> datetime | None:
    """Return the instant of the newest page of an earlier week than that of an instant; None without one."""
    year, week, _ = at.astimezone(UTC).isocalendar()
    before = [path for path in pages(project) if path.stem < f"{year}-W{week:02d}"]
    return datetime.fromisoformat(json.loads(before[-1].read_text(encoding="utf-8"))["at"]) if before else None
