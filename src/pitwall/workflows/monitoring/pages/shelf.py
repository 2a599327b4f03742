"""Where the pages of the weeks lie, which one is the newest, and the small file that a server tells of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pitwall.domain.files import write_atomically
from pitwall.domain.plugins import pick
from pitwall.domain.project import Project
from pitwall.report.content.document import Document, rows_of, sections_of
from pitwall.report.html import to_html
from pitwall.workflows.monitoring.found import Watch

FOLDER = "monitoring"  # below the reports
DOCUMENT = ".document.json"  # after a week: its page as blocks, for those who show it otherwise
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
    content = {"title": document.title, "summary": document.summary, "sections": rows_of(document.sections)}
    write_atomically(folder / f"{found.week}{DOCUMENT}", json.dumps(content) + "\n")
    told = {"at": row["at"], "alarms": len(found.alarms), "page": row["page"]}
    write_atomically(project.serving / "monitoring.json", json.dumps(told) + "\n")
    return path


def pages(project: Project) -> list[Path]:
    """Return the JSON of all weeks, oldest first."""
    found = (project.reports / FOLDER).glob("*.json")
    return sorted(path for path in found if NAME.fullmatch(path.name))


def weeks(project: Project) -> list[str]:
    """Return the weeks that have a page, the newest first."""
    return [path.stem for path in reversed(pages(project))]


def week_row(project: Project, week: str) -> dict[str, Any]:
    """Return what the page of a week says, as JSON.

    Raises:
        UnknownName: no such week has a page.
    """
    pick("week with a page", week, {each: each for each in weeks(project)})
    return dict(json.loads((project.reports / FOLDER / f"{week}.json").read_text(encoding="utf-8")))


def week_page(project: Project, week: str) -> Document | None:
    """Return the page of a week; None where it was written before pages were kept as blocks.

    Raises:
        UnknownName: no such week has a page.
    """
    pick("week with a page", week, {each: each for each in weeks(project)})
    path = project.reports / FOLDER / f"{week}{DOCUMENT}"
    if not path.is_file():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    return Document(content["title"], content["summary"], sections_of(content["sections"]), "monitoring")


def newest(project: Project) -> dict[str, Any] | None:
    """Return what the newest page says; None without one."""
    found = pages(project)
    return dict(json.loads(found[-1].read_text(encoding="utf-8"))) if found else None


def page_before(project: Project, at: datetime) -> datetime | None:
    """Return the instant of the newest page of an earlier week than that of an instant; None without one."""
    year, week, _ = at.astimezone(UTC).isocalendar()
    before = [path for path in pages(project) if path.stem < f"{year}-W{week:02d}"]
    return datetime.fromisoformat(json.loads(before[-1].read_text(encoding="utf-8"))["at"]) if before else None
