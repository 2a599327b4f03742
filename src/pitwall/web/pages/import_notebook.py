"""Import a notebook: paste it or choose its file, see what became of each cell, and go on with the order that it declares."""

from __future__ import annotations

from pitwall.domain.access.permissions import MEMBER, see_allowed
from pitwall.report.content.blocks import Table, Text
from pitwall.web.blocks import AnyBlock, Code, Field, Form, Link, Links, More, Part, Status
from pitwall.web.paging import Ask, Next, View, action, page, pages
from pitwall.web.paging import Form as Sent
from pitwall.web.wizard.choices import address, steps
from pitwall.workflows.importing.importing import Imported, import_notebook, why_not
from pitwall.workflows.importing.kept import keep, kept, owner_of
from pitwall.workflows.importing.reading import TAGS
from pitwall.workflows.orders.order import written

ROUTER = pages()
TITLE = "Import a notebook"
COLUMNS = ("cell", "tag", "begins with", "what became of it", "why", "seconds")
EXAMPLE = """import pitwall as pw
rows = pw.FeatureStore().get_features(seasons="2018:2024", template="dnf")
pw.ModelBuilder("classification", "dnf").train(rows, algorithm="logistic", auto_tune=20)
"""


@page(ROUTER, "/new/import")
def notebook(ask: Ask) -> View:
    """Choose a notebook."""
    return View(TITLE, "Step 1 of 4: the question, as a notebook declares it.", _form(ask))


@page(ROUTER, "/new/import/{number}")
def imported(ask: Ask, number: str) -> View:
    """Show what became of a notebook's cells, and the order that they declare."""
    see_allowed(ask.owner, "read", owner_of(ask.project, number))
    found = kept(ask.project, number)
    return View(TITLE, "What would be taken, and what not. Nothing is trained yet.", _found(found))


@action(ROUTER, "/new/import/look", by=MEMBER)
def look(ask: Ask, form: Sent) -> Next:
    """Run the tagged cells behind walls, and show what came of it."""
    found = import_notebook(form.get("notebook", "").replace("\r\n", "\n").encode())
    return ask.to(f"/new/import/{keep(ask.project, found, ask.owner.name)}")


def _form(ask: Ask) -> tuple[Part, ...]:
    if reason := why_not():
        return (Part("", (steps("question"), Status(reason, "bad"), Links((Link("Back", "/new"),)))),)
    most = ask.server.settings.body_kb
    help_ = f"An .ipynb, or Python text with # %% lines; outputs are left out when a file is chosen. At most {most} KB here, more from the command line."
    told = (
        f"Cells with the tag {' or '.join(TAGS)} are run, in a process of their own without network, files and other processes. "
        "What they declare becomes an order; all other cells are left out."
    )
    form = Form("/new/import/look", (Field("notebook", "Notebook", "file_text", help=help_),), "See what it declares")
    return (
        Part("", (steps("question"), Text(told))),
        Part("Which notebook?", (form, More("A cell that declares a model", (Code(EXAMPLE, "tagged pitwall:model"),)))),
    )


def _found(found: Imported) -> tuple[Part, ...]:
    rows = tuple(
        (str(each.cell), each.tag, each.title, each.state, each.why, f"{each.seconds:.2f}" if each.seconds else "")
        for each in found.cells
    )
    cells = Part("Cell by cell", (Table(COLUMNS, rows, ("cell", "seconds")), *_printed(found)))
    if found.order is None:
        again = Links((Link("Another notebook", "/new/import", button=True), Link("Back", "/new")))
        return (Part("", (steps("question"), Status(f"Nothing is taken: {found.why}", "bad"), again)), cells)
    onward = Links(
        (Link("Next: data", address("data", found.order), button=True), Link("Another notebook", "/new/import"))
    )
    said = Status(f"It declares a model of {found.order.question}.", "good")
    return (
        Part("", (steps("question", found.order), said, onward)),
        cells,
        Part("The order", (Code(written(found.order), "As a file", "order.yaml"),)),
    )


def _printed(found: Imported) -> tuple[AnyBlock, ...]:
    return (More("What the cells printed", (Code(found.printed, "Its first lines"),)),) if found.printed.strip() else ()
