"""How a route is written: one decorator that says who may ask, what is answered, and which problems may come instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, PlainTextResponse, Response

from pitwall.serving.gate import PUBLIC, Access, GuardedRoute
from pitwall.serving.problems import MEDIA
from pitwall.serving.schemas import Problem
from pitwall.serving.server import Server

WORDS = {
    401: "no token, or none that is valid",
    403: "host, origin or scope not allowed",
    404: "a name is not known; near ones are told",
    405: "not this method",
    409: "not as things stand",
    413: "the body is too long",
    422: "the question itself is wrong",
    429: "too many requests; `Retry-After` says when to come again",
    503: "not logged, or not ready; `Retry-After` says when to come again",
}
ALWAYS = (403, 405, 413)
Handler = Callable[..., Any]


def router(subject: str, prefix: str = "/api/v1") -> APIRouter:
    """Return the router of a file."""
    return APIRouter(prefix=prefix, tags=[subject], route_class=GuardedRoute)


def endpoint(
    on: APIRouter,
    method: str,
    path: str,
    access: Access,
    answers: type[BaseModel] | None,
    *problems: int,
    example: Any = None,
    kind: type[Response] | None = None,
) -> Callable[[Handler], Handler]:
    """Add a handler to a router.

    Args:
        on: the router.
        method: of HTTP.
        path: below the router's prefix.
        access: who may ask.
        answers: schema of the answer; None for plain text, or for what `kind` sends.
        problems: statuses of the problems that this route may answer with, beside those of every route.
        example: an answer, for OpenAPI.
        kind: of the response, where it is neither JSON nor plain text.
    """
    guarded = () if access.scope == PUBLIC else (401, 429, 503)
    said = {
        status: {"model": Problem, "description": WORDS[status], "content": {MEDIA: {}}}
        for status in sorted({*ALWAYS, *guarded, *problems})
    }
    good: dict[str, Any] = {"description": "answered"}
    if answers is not None:
        good["model"] = answers
    if example is not None:
        good["content"] = {"application/json": {"example": example}}

    def add(handler: Handler) -> Handler:
        on.add_api_route(
            path,
            handler,
            methods=[method],
            status_code=200,
            response_model=None,
            response_class=kind or (JSONResponse if answers else PlainTextResponse),
            responses={200: good, **said},
            openapi_extra=access.declared(),
            summary=(handler.__doc__ or "").partition("\n")[0],
        )
        return handler

    return add


def server_of(request: Request) -> Server:
    """Return what all routes share."""
    server: Server = request.app.state.server
    return server
