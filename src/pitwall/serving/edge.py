"""The outermost layer: request ids, allowed hosts and origins, the length of a body, time and log of every request.

A plain ASGI middleware: Starlette's own base class would cost each request a task and a stream.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Mapping
from itertools import count
from types import MappingProxyType
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pitwall.domain.access.serving_settings import LOOPBACK, REQUIRED, ServingSettings
from pitwall.serving.metrics import Metrics
from pitwall.serving.problems import HttpProblem, problem_response

log = logging.getLogger("pitwall.serving.requests")
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
MANY = 16**8  # ids of one process before they come again
ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))  # no route says them itself
NO_FILES: Mapping[str, int] = MappingProxyType({})
TOLD = ("model", "version", "run", "race", "template", "holder")


class Edge:
    """Stands before the app.

    Args:
        app: the app.
        settings: of the machine.
        metrics: counts and times.
        files: bytes of the longest body of a path to which files are sent; all others take questions.
    """

    def __init__(
        self, app: ASGIApp, settings: ServingSettings, metrics: Metrics, files: Mapping[str, int] = NO_FILES
    ) -> None:
        self._app, self._metrics = app, metrics
        self._hosts = {*LOOPBACK, *(host.lower() for host in settings.hosts)}
        self._origins, self._most = set(settings.origins), settings.body_kb * 1024
        self._files = files
        self._pages_by_name = settings.accounts == REQUIRED
        self._process, self._number = secrets.token_hex(4), count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, headers = time.perf_counter(), dict(reversed(scope["headers"]))  # of several of a name the first counts
        given = _text(headers.get(b"x-request-id"))
        request = given if ID.fullmatch(given) else f"{self._process}{next(self._number) % MANY:08x}"
        state = scope.setdefault("state", {})
        state["request_id"] = request
        status = 500

        async def said(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request.encode()), *ALWAYS]
            await send(message)

        try:
            most = self._files.get(scope["path"], self._most)
            refused = self._refused(scope, headers, most)
            if refused is None:
                await self._app(scope, _Counted(receive, most), said)
            else:
                await problem_response(refused, scope["path"])(scope, receive, said)
        finally:
            seconds = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.request(route, scope["method"], status, seconds)
            _log(request, scope, state, status, seconds)

    def _refused(self, scope: Scope, headers: Mapping[bytes, bytes], most: int) -> HttpProblem | None:
        host = _host(_text(headers.get(b"host")))
        if host not in self._hosts:
            return HttpProblem(
                403,
                "host not allowed",
                found=f"Host: {host[:80] or 'none'}",
                expected=", ".join(sorted(self._hosts)),
                do="name it below serving.hosts of settings.local.yaml",
            )
        origin, said = _text(headers.get(b"origin")), b"origin" in headers
        if said and origin not in self._origins and not self._own(_host(origin.partition("://")[2]), host):
            return HttpProblem(
                403,
                "origin not allowed",
                found=f"Origin: {origin[:80]}",
                expected="no page of another site",
                do="name it below serving.origins of settings.local.yaml",
            )
        length = _text(headers.get(b"content-length", b"0"))
        if length.isdecimal() and int(length) > most:
            return _too_long(f"{length} bytes", most)
        return None

    def _own(self, origin: str, host: str) -> bool:
        """Whether what asks is a page of this machine, or one of ours under the name by which it was reached."""
        return origin in LOOPBACK or (self._pages_by_name and origin == host)


class _Counted:
    """Hands on what a client sends, as long as it is not too much."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._left, self._most = receive, most, most

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _too_long("more", self._most)
        return message


def _too_long(found: str, most: int) -> HttpProblem:
    return HttpProblem(
        413, "the body is too long", found=found, expected=f"{most} bytes at most", do="send less at once"
    )


def _text(value: bytes | None) -> str:
    return value.decode("latin-1") if value else ""


def _host(text: str) -> str:
    """Return the name in a `Host`, without its port."""
    if text.startswith("["):
        return text[1:].partition("]")[0].lower()
    return text.partition(":")[0].lower()


def _log(request: str, scope: Scope, state: Any, status: int, seconds: float) -> None:
    if not log.isEnabledFor(logging.INFO):
        return
    told = {name: state[name] for name in TOLD if name in state}
    line = {"request": request, "method": scope["method"], "path": scope["path"], "status": status}
    said = {**line, "ms": round(seconds * 1000, 2), **told}
    log.handle(log.makeRecord(log.name, logging.INFO, "", 0, said, (), None))  # `info` would look up who called it
