"""A race while it is driven: what its watcher has published, as a stream and as the newest answer."""

from __future__ import annotations

from typing import Annotated, Literal

import orjson
from fastapi import Header, Query, Request, Response

from pitwall.domain.access.words import PREDICT
from pitwall.serving.gate import Access, too_many
from pitwall.serving.routing import endpoint, router, server_of
from pitwall.serving.schemas import Name
from pitwall.serving.server import JSON
from pitwall.serving.streams.follow import EventStream, Wish
from pitwall.serving.streams.schemas import EXAMPLE, Published
from pitwall.workflows.live import looked

ROUTER = router("live")
FOLLOWING = Access(PREDICT)
AGAIN_S = 10.0
Race = Annotated[
    Name | None, Query(description="a label, e.g. 2024-08; the race that was published last when left out")
]
Source = Annotated[Name | None, Query(description="refuse another source than this one: openf1, replay, synthetic")]
Every = Annotated[
    Literal["per_lap", "per_sector"], Query(description="how often, where the watcher publishes that often")
]
Speed = Annotated[
    float | None,
    Query(
        gt=0,
        le=10_000,
        description="from the beginning, so many seconds of the race in a second; as it comes when left out",
    ),
]
Start = Annotated[Literal["newest", "beginning"], Query(description="the first answer that a new reader is sent")]
Last = Annotated[str | None, Header(description="the last id that was read: everything behind it is sent")]


@endpoint(ROUTER, "GET", "/live", FOLLOWING, None, 404, 409, 422, kind=EventStream)
async def live(  # noqa: PLR0917  (all that may be asked)
    request: Request,
    race: Race = None,
    source: Source = None,
    every: Every = "per_lap",
    speed: Speed = None,
    start: Start = "newest",
    last_event_id: Last = None,
) -> Response:
    """Follow a race: an event for each answer, until it ends or the reader leaves."""
    readers = server_of(request).readers
    if readers.full:
        raise too_many("too many follow races", f"{readers.most} readers at most", AGAIN_S)
    follower = looked.follow(server_of(request).project, race, source, every, last_event_id or "")
    beginning = start == "beginning" or bool(speed or last_event_id)
    return EventStream(follower, Wish(beginning, every == "per_lap", speed), readers)


@endpoint(ROUTER, "GET", "/live/{race}", FOLLOWING, Published, 404, 409, 422, example=EXAMPLE)
async def newest(race: str, request: Request) -> Response:
    """Show the newest answer of a race, and for how long nothing has come."""
    return Response(orjson.dumps(looked.newest(server_of(request).project, race)), media_type=JSON)
