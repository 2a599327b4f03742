"""Whether the server lives, whether it is ready, and its numbers for Prometheus."""

from __future__ import annotations

import asyncio

import orjson
from fastapi import Request, Response

import pitwall
from pitwall.domain.access.words import METRICS
from pitwall.serving.gate import PUBLIC, Access
from pitwall.serving.routing import endpoint, router, server_of
from pitwall.serving.schemas import Health, Ready
from pitwall.serving.server import JSON
from pitwall.workflows.serving import shelf

ROUTER = router("state", prefix="")
TEXT = "text/plain; version=0.0.4; charset=utf-8"


@endpoint(ROUTER, "GET", "/health", Access(PUBLIC), Health)
async def health() -> Response:
    """Say that the process answers."""
    return Response(orjson.dumps({"status": "ok", "version": pitwall.__version__}), media_type=JSON)


@endpoint(ROUTER, "GET", "/ready", Access(PUBLIC), Ready, 503)
async def ready(request: Request) -> Response:
    """Say whether questions are answered, by which versions, and what is wrong."""
    server = server_of(request)
    unlogged = await asyncio.to_thread(server.log.check)
    versions = _versions(request)
    troubles = {**server.models.troubles(), **({"log": unlogged} if unlogged else {})}
    if not versions:
        troubles["models"] = "none is served: `pitwall run race-weekend`, or `pitwall serve --export`"
    well = bool(versions) and not unlogged
    content = {"ready": well, "models": versions, "troubles": troubles, "data_age_s": server.data_age()}
    return Response(orjson.dumps(content), 200 if well else 503, None if well else {"Retry-After": "5"}, JSON)


@endpoint(ROUTER, "GET", "/metrics", Access(METRICS), None)
async def metrics(request: Request) -> Response:
    """Show the counters, as Prometheus reads them."""
    server = server_of(request)
    exported = {**shelf.counts(server.project), **shelf.watched(server.project)}
    text = server.metrics.text(_versions(request), server.data_age(), exported)
    return Response(text, media_type=TEXT)


def _versions(request: Request) -> dict[str, int]:
    models = server_of(request).models
    found = {name: models.get(name) for name in models.names()}
    return {name: champion.version for name, champion in found.items() if champion is not None}
