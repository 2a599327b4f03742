"""The app: every file of `routes`, behind the gate and the edge; errors as problems."""

from __future__ import annotations

import os
import pkgutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

import pitwall
from pitwall.domain.access.serving_settings import REQUIRED, TOKENS, ServingSettings
from pitwall.domain.access.words import SCOPES
from pitwall.domain.settings import local_settings
from pitwall.serving import routes
from pitwall.serving.edge import NO_FILES, Edge
from pitwall.serving.gate import access_of
from pitwall.serving.problems import MEDIA, HttpProblem, response_of
from pitwall.serving.server import Server, serving
from pitwall.serving.straight import FORESEEN, Straight
from pitwall.workflows.workspace import Workspace

ABOUT = (
    "Formula 1 forecasts with their baselines and where they come from. Every answer names the version that gave it, the hash of its "
    "files, the instant that it knows nothing after, and the age of the data."
)


def create_app(
    workspace: Workspace | None = None,
    settings: ServingSettings | None = None,
    *,
    tokens_needed: bool | None = None,
    files: Mapping[str, int] = NO_FILES,
) -> FastAPI:
    """Return the app of a project.

    Args:
        workspace: of the project; of the one that we are in when None.
        settings: of the machine; those of settings.local.yaml when None.
        tokens_needed: whether nobody is let in without a token; as settings and environment say when None.
        files: bytes of the longest body of a path to which files are sent.

    Raises:
        TypeError: a route does not say who may ask it.
    """
    workspace = workspace or Workspace()
    settings = settings or local_settings(workspace.project.settings).serving
    if tokens_needed is None:
        tokens_needed = (
            bool(settings.hosts)
            or settings.accounts == REQUIRED
            or "always" in {settings.tokens, os.environ.get(TOKENS)}
        )
    server = Server(workspace, settings, tokens_needed=tokens_needed)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with serving(server):
            yield

    app = FastAPI(
        title="Pitwall",
        version=pitwall.__version__,
        description=ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.server = server
    for router in discover_routers(routes, "ROUTER"):
        app.include_router(router)
    for route in routes_of(app):
        access_of(route)
    for kind in (*FORESEEN, Exception):
        app.add_exception_handler(kind, _answered)
    app.add_middleware(Straight, routes=list(routes_of(app)), refused=refused)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )
    app.add_middleware(Edge, settings=settings, metrics=server.metrics, files=files)
    app.openapi = _described(app)  # type: ignore[method-assign]  # as FastAPI's own guide does it
    return app


def discover_routers(folder: ModuleType, constant: str) -> Iterator[APIRouter]:
    """Yield the router of every file of a folder, by the constant that each ends with."""
    for file in sorted(each.name for each in pkgutil.iter_modules(folder.__path__) if not each.ispkg):
        yield getattr(import_module(f"{folder.__name__}.{file}"), constant)


def routes_of(app: FastAPI | APIRouter) -> Iterator[APIRoute]:
    """Return the routes of an app that answer questions, those of its routers too; what describes it is left out."""
    for route in app.routes:
        if isinstance(route, APIRoute):
            yield route
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from routes_of(router)  # FastAPI itself looks into them when a request comes


async def _answered(request: Request, error: Exception) -> Response:
    return refused(error, request.url.path)


def refused(error: Exception, path: str) -> Response:
    """Return the answer to a request that failed."""
    return response_of(foreseen(error), path)


def foreseen(error: Exception) -> Exception:
    """Return an error of the framework as a problem of ours."""
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body") or "the body"
        return HttpProblem(
            422,
            "the question is wrong",
            found=f"{where}: {first['msg']}",
            expected="what /openapi.json says",
            do=f"mend {where}",
        )
    if isinstance(error, HTTPException) and not isinstance(error, HttpProblem):
        words = {404: "no such path", 405: "not this method"}
        return HttpProblem(
            error.status_code,
            words.get(error.status_code, str(error.detail)),
            found=str(error.detail),
            expected="a route of /openapi.json",
            do="look there",
            headers=error.headers,
        )
    return error


def _described(app: FastAPI) -> Any:
    """Return what makes the app's OpenAPI: with the scheme of its tokens, and problems as what they are sent as."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = make()
            scopes = "; ".join(f"{name}: {text}" for name, text in SCOPES.items())
            made.setdefault("components", {})["securitySchemes"] = {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"`pitwall token create OWNER --scope S`. Scopes: {scopes}.",
                }
            }
            operations = (each for path in made["paths"].values() for each in path.values())
            for said in (
                said for each in operations for said in each["responses"].values() if MEDIA in said["content"]
            ):
                said["content"] = {MEDIA: next(each for kind, each in said["content"].items() if kind != MEDIA)}
            app.openapi_schema = made
        return app.openapi_schema

    return openapi


def from_environment() -> FastAPI:
    """Return the app of the project that we are in, as uvicorn's workers make it."""
    return create_app()
