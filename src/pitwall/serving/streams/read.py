"""A published race as the client reads it: answers in order, whatever happens to the connection between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from pitwall.domain.errors import ApiProblem
from pitwall.live.answer import LiveAnswer
from pitwall.serving.streams.events import ANSWER, END, MEDIA, events

PATH = "/api/v1/live"
BREATH_S = 2.0  # before a connection that broke is made again
BREAKS = 5  # in a row without an answer between them
QUIET_S = 60.0  # without a byte after which a connection is dead: a server sends something every 15 s


def answers(
    http: httpx.Client,
    params: Mapping[str, Any],
    problem: Callable[[httpx.Response], ApiProblem],
    sleep: Callable[[float], None],
) -> Iterator[LiveAnswer]:
    """Yield the answers of a race until it ends; a connection that breaks is made again where it broke.

    Args:
        http: reaches the server.
        params: of the question.
        problem: makes an error of a refusal.
        sleep: waits so many seconds.

    Raises:
        ApiProblem: the server refuses, or the connection breaks again and again.
    """
    last, broken = "", 0
    while True:
        try:
            headers = {"Last-Event-ID": last} if last else {}
            with http.stream("GET", PATH, params=dict(params), headers=headers, timeout=QUIET_S) as response:
                if response.status_code != 200:
                    response.read()
                    raise problem(response)
                for event in events(response.iter_lines()):
                    if event.name == END:
                        return
                    if event.name == ANSWER:
                        last, broken = event.id, 0
                        yield LiveAnswer.from_json(event.data)
        except httpx.TransportError:
            pass
        broken += 1
        if broken >= BREAKS:
            raise ApiProblem(
                0,
                "the stream breaks",
                found=f"{BREAKS} connections without an answer",
                expected=f"{MEDIA} until an event `{END}`",
                do="see that the server runs and that nothing between cuts long answers off",
            )
        sleep(BREATH_S)
