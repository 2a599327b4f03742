"""Who is let in to a page: whoever sits at this machine, or where accounts are required those who have logged in. Each route says what it needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pitwall.domain.access.people import Session
from pitwall.domain.access.permissions import ADMIN, AT_THIS_MACHINE, MEMBER, Owner, Role, see_allowed
from pitwall.domain.access.serving_settings import LOOPBACK, REQUIRED, ServingSettings
from pitwall.domain.access.words import LOCAL
from pitwall.serving.problems import HttpProblem
from pitwall.web.session import SESSION
from pitwall.workflows.people import entering

DECLARED = "x-page"
LOGIN = "/login"
NOBODY = Owner("")  # who has not logged in; nothing belongs to an empty name


@dataclass(frozen=True)
class Needs:
    """What a page or an action needs of who asks.

    Attributes:
        anybody: also of those who have not logged in.
        by: the role.
    """

    anybody: bool = False
    by: Role = ADMIN

    def declared(self) -> dict[str, Any]:
        """Return it as a part of the route."""
        return {DECLARED: asdict(self)}


def needs_of(route: APIRoute) -> Needs:
    """Return what a route needs; one that does not say is an admin's."""
    return Needs(**(route.openapi_extra or {}).get(DECLARED, {}))


async def let_in(request: Request, needs: Needs) -> Response | None:
    """Let a request in, and note who asks; return the way to the login where they have to log in first.

    Raises:
        HttpProblem: pages are not to be had by this name.
        NotAllowed: it takes an admin.
    """
    settings = request.app.state.server.settings
    _see_host(request, settings)
    if settings.accounts != REQUIRED:
        return None
    text, workspace = request.cookies.get(SESSION, ""), request.app.state.server.workspace
    found: Session | None = await run_in_threadpool(entering.who, workspace, text)
    if found is None:
        return None if needs.anybody else RedirectResponse(_login(request), 303)
    request.state.owner, request.state.session = found.owner, found
    if needs.by != MEMBER:
        see_allowed(found.owner, "administer", LOCAL)
    return None


def who_asks(request: Request) -> Owner:
    """Return who asks: the owner of the session, `local` where nobody has to log in."""
    found: Owner | None = getattr(request.state, "owner", None)
    return found or (NOBODY if accounts_required(request) else AT_THIS_MACHINE)


def session_of(request: Request) -> Session | None:
    """Return the session of who asks, if there is one."""
    found: Session | None = getattr(request.state, "session", None)
    return found


def accounts_required(request: Request) -> bool:
    """Whether pages ask for a login."""
    return bool(request.app.state.server.settings.accounts == REQUIRED)


def own_path(text: str) -> str:
    """Return a path of ours, to go to after the login; the first page in place of any other address.

    Example:
        >>> own_path("/models?a=1"), own_path("//elsewhere"), own_path("/\\\\elsewhere"), own_path("https://elsewhere")
        ('/models?a=1', '/', '/', '/')
    """
    plain = text.isascii() and text.isprintable() and "\\" not in text and " " not in text
    ours = plain and text.startswith("/") and not text.startswith(("//", LOGIN))
    return text if ours else "/"


def _login(request: Request) -> str:
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    wanted = own_path(asked) if request.method == "GET" else "/"
    return LOGIN if wanted == "/" else f"{LOGIN}?next={quote(wanted, safe='')}"


def _see_host(request: Request, settings: ServingSettings) -> None:
    name = request.url.hostname
    if name in LOOPBACK:
        return
    by_name = settings.accounts == REQUIRED and name in {each.lower() for each in settings.hosts}
    if by_name and request.url.scheme == "https":
        return
    raise HttpProblem(
        403,
        "pages by this name need TLS" if by_name else "pages are for this machine",
        found=f"{request.url.scheme}://{name}",
        expected=f"https://{name}" if by_name else "a browser on this machine",
        do="send plain HTTP to https at the proxy, which says X-Forwarded-Proto"
        if by_name
        else "open http://127.0.0.1 with the server's port",
    )
