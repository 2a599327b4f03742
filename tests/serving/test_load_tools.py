"""The tools of the load studies: a client that tells every reply, and a truth that finds a wrong byte."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import orjson
import pytest

from pitwall.testing.load.client import HOST, Reply, closed, opened, post
from pitwall.testing.load.questions import IN_PLACE, Truth, body_of

ANSWER = {"version": 1, "labels": ["what if"], "rows": [0.25]}
TRUTH = Truth({1: [ANSWER], 2: [{**ANSWER, "version": 2, "rows": [0.5]}]})
RIGHT = Reply(0, 200, {}, body_of(ANSWER, 7), 0.0, 0.0)


def test_an_answer_is_right_when_its_bytes_are_what_the_version_that_it_names_says():
    assert TRUTH.holds(RIGHT)
    assert TRUTH.holds(replace(RIGHT, body=body_of(ANSWER, 8)))  # the age of the data is no part of it
    kept = {**ANSWER, "labels": [IN_PLACE.format(1) + " another: damaged", "what if"]}
    assert TRUTH.holds(replace(RIGHT, body=body_of(kept, 7)))


@pytest.mark.parametrize(
    "said", [{"version": 2}, {"version": 3}, {"rows": [0.26]}, {"labels": []}, {"labels": ["what if", "more"]}], ids=str
)
def test_another_version_another_number_or_another_word_is_wrong(said):
    assert not TRUTH.holds(replace(RIGHT, body=body_of({**ANSWER, **said}, 7)))


def test_the_same_answer_in_other_bytes_is_wrong():
    assert not TRUTH.holds(replace(RIGHT, body=orjson.dumps(orjson.loads(RIGHT.body), option=orjson.OPT_INDENT_2)))


async def echoing(reader, writer):
    """Answer a body with itself; break the connection at the body `break`, and close it, as it says, after `close`."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        if body != b"break":
            said = b"Connection: close\r\n" if body == b"close" else b""
            writer.write(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (said, len(body), body))
        if body in {b"break", b"close"}:
            writer.close()
            return


def asked(ask):
    async def run():
        async with await asyncio.start_server(echoing, HOST, 0) as server:
            return await ask(server.sockets[0].getsockname()[1])

    return asyncio.run(run())


def test_every_request_is_asked_once_and_a_broken_connection_is_a_reply_too():
    bodies = [b"one", b"break", b"two", b"close", b"three"]
    requests = [post("/", body) for body in bodies]
    for ask in (
        lambda port: closed(port, iter(enumerate(requests)), 2),
        lambda port: opened(port, requests, 1000, 0.005),
    ):
        replies = {reply.which: reply for reply in asked(ask)}
        assert sorted(replies) == [0, 1, 2, 3, 4]
        assert {which: reply.status for which, reply in replies.items()} == {0: 200, 1: 0, 2: 200, 3: 200, 4: 200}
        assert [replies[which].body for which in (0, 2, 3, 4)] == [b"one", b"two", b"close", b"three"]
