"""The straight way to a question: a route that reads its body at once is called without the framework's search for it and its stacks.

Handler, gate and problems are the route's own. The framework takes longer to find such a route and to stand around it than all else
takes that is done for a quick answer; what is no full match of one (another method, a slash too many) goes its way as before.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from pitwall.domain.errors import PitwallError
from pitwall.serving.gate import GuardedRoute

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
FORESEEN = (PitwallError, RequestValidationError, HTTPException)


class Straight:
    """Stands before the framework's router.

    Args:
        app: what answers all else.
        routes: of the app; of these, the ones that read a body.
        refused: makes the answer to a request at a path that failed.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[APIRoute], refused: Callable[[Exception, str], Response]) -> None:
        self._app, self._refused = app, refused
        self._handlers = [
            (route, route.get_route_handler()) for route in routes if isinstance(route, GuardedRoute) and route.asked
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        handler = self._found(scope)
        if handler is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            response = await handler(request)
        except FORESEEN as error:
            response = self._refused(error, request.url.path)
        await response(scope, receive, send)

    def _found(self, scope: Scope) -> Handler | None:
        """Return the handler of a request, its route in the scope as the framework puts it there; None where it is another's."""
        for route, handler in self._handlers:
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                return handler
        return None
