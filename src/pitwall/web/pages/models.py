"""The models that are served here."""

from __future__ import annotations

from pitwall.web.blocks import Link, LinkTable, Part, Status
from pitwall.web.paging import Ask, View, page, pages
from pitwall.workflows.serving import shelf

ROUTER = pages()
COLUMNS = ("model", "answers", "version", "estimator", "beside", "races", "newest race")


@page(ROUTER, "/models", menu="Models", order=50)
def models(ask: Ask) -> View:
    """List the models that answer here, each with its version, its baseline and the run that made it."""
    found = shelf.models(ask.server.answers)
    if not found:
        return View("Models", "", (Part("", (Status("No model is served yet: `pitwall run race-weekend`."),)),))
    rows = tuple(
        (
            Link(each["model"], f"/models/{each['model']}"),
            ", ".join(each["templates"]),
            str(each["version"]),
            each["estimator"],
            each["baseline"],
            str(each["races"]),
            each["last"] or "",
        )
        for each in found
    )
    table = LinkTable(COLUMNS, rows, ("version", "races"))
    return View("Models", "What answers here, and what it is held against.", (Part("", (table,)),))
