"""How a page is written: a function from what is asked to what is shown, and a function that does something and says where to go next.

    ROUTER = pages()

    @page(ROUTER, "/models", menu="Models", order=50)
    def models(ask: Ask) -> View:
        '''The registered models.'''

    @action(ROUTER, "/models/{name}/rollback")
    def roll_back(ask: Ask, name: str, form: Form) -> Next: ...

Handlers are plain functions and run in threads. Parameters beside `ask` and `form` come from the path and the query, as FastAPI reads them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from pitwall.domain.access.people import Session
from pitwall.domain.access.permissions import ADMIN, MEMBER, Owner, Role
from pitwall.domain.project import Project
from pitwall.serving.gate import PUBLIC, Access, GuardedRoute
from pitwall.serving.problems import HttpProblem
from pitwall.serving.server import Server
from pitwall.web.entry import Needs, accounts_required, let_in, needs_of, session_of, who_asks
from pitwall.web.memo import SECONDS, Memo
from pitwall.web.session import TOKEN, Sessions
from pitwall.web.shown import following, respond
from pitwall.web.view import File, Next, View
from pitwall.workflows.workspace import Workspace

T = TypeVar("T")
MOST_FIELDS = 1000
GIVEN = ("ask", "form", "sent")
MENU = "x-menu"
__all__ = ["Ask", "File", "Form", "Next", "View", "action", "page", "pages"]
OPEN = Access(PUBLIC)  # the API's tokens are not asked for: `PageRoute` lets in who may see pages


class Form(dict[str, str]):
    """The fields of a form that was sent; `many` has all values of one that may have several."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def many(self, name: str) -> tuple[str, ...]:
        """Return all values of a field, in the form's order."""
        return tuple(value for each, value in self._pairs if each == name)


class Ask:
    """What a page is asked.

    Args:
        request: of the browser.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.server: Server = request.app.state.server
        self.sessions: Sessions = request.app.state.sessions
        self._memo: Memo = request.app.state.memo
        self.browser = self.sessions.browser(request)

    @property
    def workspace(self) -> Workspace:
        """The project with its tools, each opened once for the process."""
        return self.server.workspace

    @property
    def project(self) -> Project:
        """The project."""
        return self.server.project

    @property
    def owner(self) -> Owner:
        """Who asks: who sits at this machine, unless pages ask for a login."""
        return who_asks(self.request)

    @property
    def session(self) -> Session | None:
        """The login of who asks, if there is one."""
        return session_of(self.request)

    @property
    def accounts(self) -> bool:
        """Whether pages ask for a login."""
        return accounts_required(self.request)

    def named(self, typed: str) -> str:
        """Return in whose name something is done: as was typed, but where people log in nobody speaks for another."""
        return self.owner.name if self.accounts else typed

    @property
    def path(self) -> str:
        """The path that was asked for."""
        return self.request.url.path

    @property
    def query(self) -> Form:
        """What stands behind the question mark of the address."""
        return Form(self.request.query_params.multi_items())

    @property
    def csrf(self) -> str:
        """What a form of this browser carries, as the field `csrf`; it holds within the present session alone."""
        return self.sessions.token(self.browser, self.session.id if self.session else "")

    def sent(self, token: str) -> bool:
        """Whether a form with this token was shown to this browser, in this session."""
        return self.sessions.sent(self.request, token, self.session.id if self.session else "")

    def kept(self, key: Hashable, make: Callable[[], T], seconds: float = SECONDS) -> T:
        """Return what takes long to find out, kept by the process for so many seconds or until somebody does something."""
        return self._memo.get(key, make, seconds)

    def to(self, path: str, said: str = "", **query: str) -> Next:
        """Return where to go next, with what is to be said there."""
        return Next(f"{path}?{urlencode(query)}" if query else path, said)

    def here(self, **changes: str | None) -> str:
        """Return the address of this page with some of its query exchanged; None takes one out."""
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name not in changes]
        pairs = [*kept, *((name, value) for name, value in changes.items() if value is not None)]
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path


class PageRoute(GuardedRoute):
    """A route of the pages: for who sits at this machine, or has logged in, whatever other hosts the API may be called by."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, which looks at who asks first."""
        inner, needs = super().get_route_handler(), needs_of(self)

        async def handle(request: Request) -> Response:
            return await let_in(request, needs) or await inner(request)

        return handle


def pages() -> APIRouter:
    """Return the router of a file."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)


def page(
    on: APIRouter, path: str, *, menu: str = "", order: int = 99, anybody: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Show what a function returns at an address: a View, a Next or a File.

    Args:
        on: the router of the file.
        path: the address, with parameters in braces.
        menu: the name in the navigation; a page without one is reached from others.
        order: place there.
        anybody: whether it is shown to those who have to log in and have not.
    """
    about = {**OPEN.declared(), **Needs(anybody=anybody, by=MEMBER).declared()}
    if menu:
        about[MENU] = {"name": menu, "path": path, "order": order}

    def add(handler: Callable[..., Any]) -> Callable[..., Any]:
        async def shown(request: Request, **given: Any) -> Response:
            ask = Ask(request)
            return await run_in_threadpool(lambda: respond(ask, handler(ask, **given)))

        add_route(on, "GET", path, shown, handler, about)
        return handler

    return add


def action(
    on: APIRouter, path: str, *, by: Role = ADMIN, anybody: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Do what a function does when a form is posted to an address, and go where it says; `form` has the fields.

    A form without the token of this browser is refused before the function is called. A View shows the form again.

    Args:
        on: the router of the file.
        path: the address, with parameters in braces.
        by: the role that it takes, where people log in; for a `member` the function itself looks at whose the thing is.
        anybody: whether those may send it who have to log in and have not.
    """

    def add(handler: Callable[..., Any]) -> Callable[..., Any]:
        async def done(request: Request, **given: Any) -> Response:
            ask, form = Ask(request), await _form(request)
            see_ours(ask, form.pop(TOKEN, ""))
            return await acted(ask, lambda: handler(ask, form=form, **given))

        add_route(on, "POST", path, done, handler, {**OPEN.declared(), **Needs(anybody=anybody, by=by).declared()})
        return handler

    return add


def see_ours(ask: Ask, token: str) -> None:
    """Let what was sent pass if a page of ours was shown to this very browser to send it.

    Raises:
        HttpProblem: it was not.
    """
    if not ask.sent(token):
        raise HttpProblem(
            403,
            "not a form of ours",
            found="a form without the token of this browser",
            expected="one that a page of this server has shown",
            do="open the page again and send it from there",
        )


async def acted(ask: Ask, does: Callable[[], Any]) -> Response:
    """Do what an action does, in a thread, and return where it leads; what was found out before is looked at anew."""
    try:
        what = await run_in_threadpool(does)
    finally:
        ask.request.app.state.memo.forget()
    return following(ask, what) if isinstance(what, Next) else respond(ask, what)


def add_route(  # noqa: PLR0917  (called twice, by position)
    on: APIRouter, method: str, path: str, does: Callable[..., Any], handler: Callable[..., Any], about: dict[str, Any]
) -> None:
    """Add a route whose parameters are those of the handler but what it is given: `ask`, `form`, `sent`."""
    said = inspect.signature(handler, eval_str=True)
    own = [each for name, each in said.parameters.items() if name not in GIVEN]
    asked = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    keyword = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
    does.__signature__ = said.replace(parameters=[asked, *keyword], return_annotation=Response)  # type: ignore[attr-defined]
    does.__annotations__ = {"request": Request, "return": Response, **{each.name: each.annotation for each in own}}
    does.__doc__ = handler.__doc__
    on.add_api_route(path, does, methods=[method], response_model=None, openapi_extra=about, name=handler.__name__)


async def _form(request: Request) -> Form:
    """Read the fields of a form, as browsers send them without files."""
    content = (await request.body()).decode("utf-8", "replace")
    try:
        return Form(parse_qsl(content, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise HttpProblem(
            413, "too many fields", found=str(error), expected=f"at most {MOST_FIELDS}", do="choose fewer"
        ) from error
