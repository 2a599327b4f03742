"""What was exported: questions, models and their histories, stored forecasts, title chances."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import Query, Request, Response

from pitwall.domain.access.words import READ
from pitwall.serving.gate import Access
from pitwall.serving.routing import endpoint, router, server_of
from pitwall.serving.schemas import (
    Championship,
    Forecasts,
    History,
    Models,
    ModelSummary,
    Name,
    StoredForecast,
    Templates,
)
from pitwall.serving.server import JSON
from pitwall.workflows.serving import shelf
from pitwall.workflows.serving.answer import age_of

ROUTER = router("shelf")
READING = Access(READ)


@endpoint(ROUTER, "GET", "/templates", READING, Templates)
async def templates(request: Request) -> Response:
    """List every question, and which models answer it here."""
    return _json({"templates": shelf.questions(server_of(request).answers)})


@endpoint(ROUTER, "GET", "/models", READING, Models)
async def models(request: Request) -> Response:
    """List the models that are served."""
    return _json({"models": shelf.models(server_of(request).answers)})


@endpoint(ROUTER, "GET", "/models/{name}", READING, ModelSummary, 404, 422)
async def model(name: str, request: Request) -> Response:
    """Show one model that is served."""
    return _json(shelf.model(server_of(request).answers, name))


@endpoint(ROUTER, "GET", "/models/{name}/history", READING, History, 404, 422)
async def history(name: str, request: Request) -> Response:
    """Show what was decided about a model's versions, and who was champion when."""
    return _json(shelf.history(server_of(request).answers, name))


@endpoint(ROUTER, "GET", "/forecasts", READING, Forecasts, 404, 422)
async def forecasts(
    request: Request,
    race: Annotated[Name | None, Query(description="a label, e.g. 2024-08")] = None,
    model: Annotated[Name | None, Query(description="a registered name")] = None,
    after: Annotated[Name | None, Query(description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=shelf.MOST)] = 20,
) -> Response:
    """List stored forecasts, the newest first."""
    lines, following = server_of(request).forecasts.page(race=race, model=model, after=after, limit=limit)
    return _json({"forecasts": lines, "next": following})


@endpoint(ROUTER, "GET", "/forecasts/{file}", READING, StoredForecast, 404, 422)
async def forecast(file: str, request: Request) -> Response:
    """Show a stored forecast, and its row of the track record."""
    return _json(server_of(request).forecasts.one(file))


@endpoint(ROUTER, "GET", "/championship", READING, Championship, 404, 409, 422)
async def championship(
    request: Request,
    season: Annotated[int | None, Query(ge=1950, le=2100, description="a year; the newest when left out")] = None,
) -> Response:
    """Show the chances of both titles, as they were last exported."""
    found = shelf.championship(server_of(request).project, season)
    return _json({**found, "data_age_s": age_of(found["vintage"])})


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type=JSON)
