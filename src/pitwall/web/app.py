"""The app: the API's own, with every file of `pages`, what they share, and problems as pages where a browser asks."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from pitwall.domain.access.people import HasToWait, NotEntered
from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.errors import AccountsError, NotAllowed, PitwallError, QuotaExceeded, UnknownName
from pitwall.report.html import TEMPLATES as REPORT
from pitwall.serving import problems
from pitwall.serving.app import create_app, discover_routers, foreseen, routes_of
from pitwall.serving.gate import access_of
from pitwall.serving.problems import HttpProblem
from pitwall.web import pages
from pitwall.web.entry import Needs
from pitwall.web.memo import Memo
from pitwall.web.paging import MENU, Ask
from pitwall.web.paging import pages as router_of_pages
from pitwall.web.session import Sessions
from pitwall.web.shown import SAFE, problem
from pitwall.web.uploads import LONGEST
from pitwall.workflows.workspace import Workspace

STATIC = Path(__file__).parent / "static"
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
KEPT = "public, max-age=31536000, immutable"
FRAME = router_of_pages()
TO_ALL = {"x-access": {"scope": "public", "counted": False}, **Needs(anybody=True).declared()}
TOLD: tuple[tuple[type[PitwallError], int, str], ...] = (
    (UnknownName, 404, "There is no such thing"),
    (NotAllowed, 403, "This is not yours to do"),
    (NotEntered, 403, "This did not work"),
    (HasToWait, 429, "This has to wait"),
    (AccountsError, 503, "The accounts do not answer"),
)


def create_pages(workspace: Workspace | None = None, settings: ServingSettings | None = None) -> FastAPI:
    """Return the API's app with the pages.

    Args:
        workspace: of the project; of the one that we are in when None.
        settings: of the machine; those of settings.local.yaml when None.
    """
    routers = (FRAME, *discover_routers(pages, "ROUTER"))
    app = create_app(workspace, settings, files=files_of(routers))
    app.state.sessions = Sessions(app.state.server.project)
    app.state.memo = Memo()
    for router in routers:
        app.include_router(router)
    for route in routes_of(app):
        access_of(route)
    app.state.menu, app.state.statics = menu_of(app), f"/static/{statics_version()}"
    for kind in (PitwallError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _answered)
    return app


def files_of(routers: Iterable[APIRouter]) -> dict[str, int]:
    """Return how long a file may be, in bytes, by the path to which files are sent."""
    said = ((route.path, (route.openapi_extra or {}).get(LONGEST)) for router in routers for route in routes_of(router))
    return {path: most for path, most in said if most is not None}


def menu_of(app: FastAPI) -> list[dict[str, Any]]:
    """Return what stands in the navigation, in its order."""
    said = (route.openapi_extra or {} for route in routes_of(app))
    entries = [each[MENU] for each in said if MENU in each]
    return sorted(entries, key=lambda each: (each["order"], each["name"]))


@FRAME.get("/static/{version}/{name}", openapi_extra=TO_ALL)
async def static(version: str, name: str) -> Response:
    """Send a file that all pages share; there are no others below this address, and what it holds never changes."""
    content = statics().get(name)
    if content is None or version != statics_version():
        raise HTTPException(404, "no such file")
    return Response(content, media_type=MEDIA[Path(name).suffix], headers={**SAFE, "Cache-Control": KEPT})


@cache
def statics() -> dict[str, bytes]:
    """Return the files that all pages share; the style sheet is that of the report with that of pages."""
    found = {path.name: path.read_bytes() for path in sorted(STATIC.iterdir()) if path.suffix in MEDIA}
    return {**found, "style.css": (REPORT / "style.css").read_bytes() + found.pop("page.css")}


@cache
def statics_version() -> str:
    """Return what stands in the address of these files: with other bytes they have another address, so that browsers may keep them."""
    return hashlib.sha256(b"".join(statics().values())).hexdigest()[:12]


async def _answered(request: Request, error: Exception) -> Response:
    """Answer a browser's page with a page, the API and whoever wants no page with JSON."""
    path, found = request.url.path, foreseen(error)
    if path.startswith("/api/"):
        return problems.response_of(found, path)
    told = _for_people(found)
    return (
        problem(Ask(request), told)
        if "text/html" in request.headers.get("accept", "")
        else problems.problem_response(told, path)
    )


def _for_people(error: Exception) -> HttpProblem:
    """Return an error as what a page tells: a deliberate one in its own words."""
    for kind, status, title in TOLD:
        if isinstance(error, kind):
            return HttpProblem(status, title, found=str(error), expected="", do="")
    if isinstance(error, PitwallError) and not isinstance(error, QuotaExceeded) and not hasattr(error, "kind"):
        return HttpProblem(409, "This did not work", found=str(error), expected="", do="")
    return problems.problem_of(error)


def from_environment() -> FastAPI:
    """Return the app of the project that we are in, as uvicorn's workers make it; the run store is opened meanwhile, which takes seconds."""
    app = create_pages()
    threading.Thread(target=_open_store, args=(app.state.server.workspace,), name="open-store", daemon=True).start()
    return app


def _open_store(workspace: Workspace) -> None:
    with contextlib.suppress(PitwallError):  # who asks for a page is told why
        workspace.runs.counts()
