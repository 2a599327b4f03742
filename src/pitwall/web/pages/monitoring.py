"""What happened since the last look: the page of the newest week, its alarms, and earlier weeks."""

from __future__ import annotations

from pitwall.report.content.blocks import Text
from pitwall.web.blocks import Code, Link, LinkTable, Part, Status, parts_of
from pitwall.web.paging import Ask, View, page, pages
from pitwall.workflows.experiments.listed import moment
from pitwall.workflows.monitoring.pages import shelf

ROUTER = pages()
NOTHING = "No page yet: nobody has looked. This command looks at every champion and writes the page of the week. The flow of a race weekend does it too."
OLDER = "The page of this week was written by an earlier version, and is a file: {page}. `pitwall monitor` writes that of the present week."


@page(ROUTER, "/monitoring", menu="Monitoring", order=80)
def monitoring(ask: Ask) -> View:
    """Show the page of the newest week: alarms, scores beside baselines, drift, skew, and earlier weeks."""
    found = shelf.weeks(ask.project)
    if not found:
        return View("Monitoring", "", (Part("", (Text(NOTHING), Code("pitwall monitor", "In a terminal"))),))
    shown = _week(ask, found[0])
    rows = tuple(_line(ask, each) for each in found)
    weeks = Part("Weeks", (LinkTable(("week", "looked at, UTC", "alarms"), rows, ("alarms",)),))
    return View(shown.title, shown.summary, (*shown.parts, weeks))


@page(ROUTER, "/monitoring/{week}")
def week(ask: Ask, week: str) -> View:
    """Show the page of an earlier week."""
    return _week(ask, week)


def _week(ask: Ask, week: str) -> View:
    row, document = shelf.week_row(ask.project, week), shelf.week_page(ask.project, week)
    alarms = len(row["alarms"])
    said = Status(f"{alarms} alarm{'s' * (alarms != 1)}." if alarms else "No alarm.", "bad" if alarms else "good")
    if document is None:
        return View(f"Monitoring, {week}", "", (Part("", (said, Text(OLDER.format(page=row["page"])))),))
    return View(document.title, document.summary, (Part("", (said,)), *parts_of(document)))


def _line(ask: Ask, week: str) -> tuple[str | Link, ...]:
    row = shelf.week_row(ask.project, week)
    return Link(week, f"/monitoring/{week}"), moment(row["at"]), str(len(row["alarms"]))
