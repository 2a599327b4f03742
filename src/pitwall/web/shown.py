"""How what a page returns is sent: as HTML in the frame that all pages share, one of its tables as CSV, a file, or the next page."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import FileResponse, RedirectResponse, Response

from pitwall.report.content.blocks import Table
from pitwall.report.html import environment
from pitwall.serving.problems import HttpProblem
from pitwall.web.blocks import Tables
from pitwall.web.session import TOKEN, said, say, say_no_more
from pitwall.web.view import File, Next, View

if TYPE_CHECKING:
    from pitwall.web.paging import Ask

TEMPLATES = Path(__file__).parent / "templates"
HTML = "text/html; charset=utf-8"
CSV = "csv"
NUMBER = re.compile(r"[-+]?[\d.,]+%?")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Scripts, styles and data from here alone; widths of bars and shades of cells are attributes of the report's tables.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def respond(ask: Ask, what: View | Next | File) -> Response:
    """Return what a page's function returned as a response."""
    if isinstance(what, View):
        return _view(ask, what)
    if isinstance(what, File):
        headers = {**SAFE, "Content-Disposition": f'attachment; filename="{_plain(what.name)}"'}
        if isinstance(what.content, Path):
            return FileResponse(what.content, media_type=what.media, headers=headers)
        return Response(what.content, media_type=what.media, headers=headers)
    return following(ask, what)


def following(ask: Ask, what: Next) -> Response:
    """Return the way to the next page; a session that begins or ends there does so in the browser too."""
    response = RedirectResponse(what.to, 303)
    say(response, what.said)
    if what.session is not None:
        ask.sessions.change(ask.request, response, what.session)
    return response


def problem(ask: Ask, error: HttpProblem) -> Response:
    """Return a problem as a page: what was found, what was expected, what to do."""
    response = Response(
        _rendered(ask, "problem.html", {"title": error.title, "problem": error}),
        error.status_code,
        error.headers,
        media_type=HTML,
    )
    return _finished(ask, response)


def csv_of(table: Table) -> bytes:
    """Return a table as CSV; what a spreadsheet would take for a formula is marked as text."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_as_text(cell) for cell in row] for row in table.rows)
    return stream.getvalue().encode()


def _view(ask: Ask, view: View) -> Response:
    tables = Tables()
    parts = tables.count(view.parts)
    if CSV in ask.query:
        return _csv(tables.found, view, ask.query[CSV])
    values = {"title": view.title, "view": view, "parts": parts, **view.values}
    return _finished(ask, Response(_rendered(ask, view.template, values), view.status, media_type=HTML))


def _csv(tables: list[Table], view: View, asked: str) -> Response:
    if not asked.isdecimal() or not 1 <= int(asked) <= len(tables):
        raise HttpProblem(
            404,
            "no such table",
            found=asked[:20],
            expected=f"1 to {len(tables)}" if tables else "a page with tables",
            do="take the link below the table",
        )
    name = f"{_plain(view.title)}-{asked}.csv"
    headers = {**SAFE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(csv_of(tables[int(asked) - 1]), media_type="text/csv; charset=utf-8", headers=headers)


def _finished(ask: Ask, response: Response) -> Response:
    """Add what every page is sent with."""
    response.headers.update(SAFE)
    ask.sessions.remember(ask.request, response, ask.browser)
    if said(ask.request):
        say_no_more(response)
    return response


def _rendered(ask: Ask, template: str, values: dict[str, Any]) -> str:
    shared = {
        "ask": ask,
        "said": said(ask.request),
        "menu": ask.request.app.state.menu,
        "statics": ask.request.app.state.statics,
        "here": ask.path,
        "csrf_name": TOKEN,
        "csv_address": lambda number: ask.here(csv=str(number)),
    }
    return environment(TEMPLATES).get_template(template).render(**shared, **values)


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell) else cell


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "file"
