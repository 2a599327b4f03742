"""An HTTP client that costs a server's machine little: bytes that are made beforehand, over connections that stay open.

Two ways to ask: `closed`, some clients each of which asks again as soon as it was answered; and `opened`, requests that come at instants of
their own, answered or not. Neither asks twice: a connection that breaks is an answer too, of status 0.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

HOST = "127.0.0.1"
BROKEN = 0  # the status of an answer that never came


@dataclass(frozen=True)
class Reply:
    """What came back.

    Attributes:
        which: number of the request, by which its question is found again.
        status: of HTTP; 0 where the connection broke.
        headers: with names in small letters.
        body: as it came.
        at: instant of the request, of `time.perf_counter`.
        seconds: from the request to its answer.
    """

    which: int
    status: int
    headers: Mapping[str, str]
    body: bytes
    at: float
    seconds: float


def post(path: str, body: bytes, token: str = "") -> bytes:
    """Return the bytes of a request with a JSON body."""
    secret = f"Authorization: Bearer {token}\r\n" if token else ""
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\n{secret}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Pool:
    """Connections to one address, opened when none is free.

    Args:
        port: of the server.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, which: int, request: bytes) -> Reply:
        """Send a request and return what came back."""
        at = time.perf_counter()
        try:
            reader, writer = self._idle() or await asyncio.open_connection(HOST, self._port)
            writer.write(request)
            status, headers, body = await _read(reader)
        except (OSError, asyncio.IncompleteReadError):
            return Reply(which, BROKEN, {}, b"", at, time.perf_counter() - at)
        if headers.get("connection") == "close":
            writer.close()
        else:
            self._free.append((reader, writer))
        return Reply(which, status, headers, body, at, time.perf_counter() - at)

    def _idle(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """Return a connection that nobody uses and that the server has not closed."""
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof() and reader.exception() is None:
                return reader, writer
            writer.close()
        return None

    def close(self) -> None:
        """Let all connections go."""
        for _, writer in self._free:
            writer.close()
        self._free.clear()


async def closed(port: int, requests: Iterator[tuple[int, bytes]], clients: int) -> list[Reply]:
    """Ask until there are no more requests, each of some clients one at a time.

    Args:
        port: of the server.
        requests: (number, bytes), shared by the clients.
        clients: how many ask at once.
    """
    replies: list[Reply] = []

    async def ask() -> None:
        async with _pool(port) as pool:
            for which, request in requests:
                replies.append(await pool.ask(which, request))

    await asyncio.gather(*(ask() for _ in range(clients)))
    return replies


async def opened(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> list[Reply]:
    """Ask at a steady rate, whatever becomes of the requests.

    Args:
        port: of the server.
        requests: asked one after the other, again from the first after the last.
        rate: requests a second.
        seconds: for how long; answers are waited for afterwards.
    """
    async with _pool(port) as pool:
        began, tasks = time.perf_counter(), []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(began + number / rate - time.perf_counter(), 0))
            which = number % len(requests)
            tasks.append(asyncio.create_task(pool.ask(which, requests[which])))
        return await asyncio.gather(*tasks)


def steady(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> list[Reply]:
    """Return what `opened` does; to be called in a process of its own, so that nothing else delays its clock."""
    return asyncio.run(opened(port, requests, rate, seconds))


def saturation(port: int, requests: Sequence[bytes], clients: int) -> float:
    """Return how many requests a second are answered when some clients never wait, once all that is read once was read."""
    for _ in range(2):
        began = time.perf_counter()
        replies = asyncio.run(closed(port, iter(enumerate(requests)), clients))
    return sum(reply.status == 200 for reply in replies) / (time.perf_counter() - began)


@asynccontextmanager
async def _pool(port: int) -> AsyncIterator[Pool]:
    pool = Pool(port)
    try:
        yield pool
    finally:
        pool.close()


async def _read(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    if headers.get("transfer-encoding") == "chunked":
        return int(head[0].split(" ", 2)[1]), headers, await _chunks(reader)
    return int(head[0].split(" ", 2)[1]), headers, await reader.readexactly(int(headers.get("content-length", "0")))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    while size := int((await reader.readline()).strip(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(parts)
