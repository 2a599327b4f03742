"""An app asked without a network: a transport for httpx's ordinary clients, that runs the app's own start and end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal


class InProcess(httpx.BaseTransport):
    """Hands requests to an app that runs in a thread of its own."""

    def __init__(self, app: Any, portal: BlockingPortal) -> None:
        self._inner, self._portal = httpx.ASGITransport(app), portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the app's whole answer."""
        return self._portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


@contextmanager
def running(app: Any) -> Iterator[InProcess]:
    """Run an app, one of Starlette's kind, for as long as it is asked."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        yield InProcess(app, portal)
