"""A small server on the loopback interface: it answers what a function says, counts who asks, and goes wrong where it is told to.

It answers conditional requests (an ETag of the body), and holds callers to limits: a request beyond them is answered 429.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """What the server sends.

    Attributes:
        body: the content.
        status: of HTTP.
        kind: the content type.
        headers: further ones.
        cut: so many bytes of the body are kept back, and the connection is closed.
        pause_s: seconds between the halves of the body.
    """

    body: bytes = b""
    status: int = 200
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    pause_s: float = 0.0


Page = Callable[[str], Answer]
Fault = Callable[[Answer], Answer]


def as_json(content: Any) -> Answer:
    """Return an answer whose body is JSON."""
    return Answer(json.dumps(content).encode())


def status(number: int, retry_after: str | None = None) -> Fault:
    """Return a fault: another status, with the pause that it asks for."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return lambda _: Answer(b'{"detail": "no"}', number, headers=headers)


def cut_short(answer: Answer) -> Answer:
    """Send half of the body and close the connection."""
    return replace(answer, cut=len(answer.body) // 2)


def half_a_text(answer: Answer) -> Answer:
    """Send half of the body as if it were all of it."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def slow(seconds: float) -> Fault:
    """Return a fault: a pause in the middle of the body."""
    return lambda answer: replace(answer, pause_s=seconds)


def web_page(_: Answer) -> Answer:
    """Send the page of a proxy instead."""
    return Answer(b"<html>under maintenance</html>", kind="text/html; charset=utf-8")


def changed(edit: Callable[[Any], Any]) -> Fault:
    """Return a fault: the decoded body as edited; the edit works in place or returns another one."""

    def fault(answer: Answer) -> Answer:
        content = json.loads(answer.body)
        return replace(answer, body=json.dumps(edit(content) or content).encode())

    return fault


class Site:
    """The server; use it as a context.

    Args:
        page: gives the answer to a path with its query; 404 where it raises KeyError.
        faults: by the number of the request, from 0; number -1 stands for every request.
        limits: (requests, seconds): more in a window is answered 429.
        now: the server's clock.
    """

    def __init__(
        self,
        page: Page,
        *,
        faults: Mapping[int, Fault] | None = None,
        limits: Sequence[tuple[int, float]] = (),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.page, self.faults, self.limits, self.now = page, dict(faults or {}), tuple(limits), now
        self.asked: list[tuple[float, str, int]] = []  # instant, path, status
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site._send(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return the address, with a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    @property
    def paths(self) -> list[str]:
        """Return what was asked for, in order."""
        return [path for _, path, _ in self.asked]

    def most(self, seconds: float) -> int:
        """Return the most requests in any window of so many seconds."""
        instants = sorted(instant for instant, _, _ in self.asked)
        return max((sum(start <= each < start + seconds for each in instants) for start in instants), default=0)

    def _send(self, request: BaseHTTPRequestHandler) -> None:
        with self._lock:
            answer = self._answer(request.path, request.headers.get("If-None-Match"))
            self.asked.append((self.now(), request.path, answer.status))
        kept = answer.body[: len(answer.body) - answer.cut]
        request.send_response(answer.status)
        request.send_header("Content-Type", answer.kind)
        request.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            request.send_header(name, value)
        request.end_headers()
        try:
            request.wfile.write(kept[: len(kept) // 2])
            request.wfile.flush()
            time.sleep(answer.pause_s)
            request.wfile.write(kept[len(kept) // 2 :])
        except (BrokenPipeError, ConnectionResetError):
            return  # the caller has had enough
        request.close_connection = True

    def _answer(self, path: str, etag: str | None) -> Answer:
        if any(self._within(seconds) >= requests for requests, seconds in self.limits):
            return status(429, "1")(Answer())
        try:
            answer = self.page(path)
        except KeyError:
            answer = Answer(b'{"detail": "Not found."}', 404)
        number = len(self.asked)
        if fault := self.faults.get(number, self.faults.get(-1)):
            return fault(answer)
        own = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        if answer.status == 200 and etag == own:
            return Answer(status=304, headers={"ETag": own})
        return replace(answer, headers={**answer.headers, "ETag": own})

    def _within(self, seconds: float) -> int:
        now = self.now()
        return sum(now - instant < seconds for instant, _, _ in self.asked)
