"""What the studies of a server under load share: a world in two versions, workers, questions, and a client in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pitwall.domain.access.words import METRICS, PREDICT, READ, Tier
from pitwall.testing.load.client import Reply, saturation, steady
from pitwall.testing.load.process import Running, pitwall_server
from pitwall.testing.load.questions import Truth, questions
from pitwall.testing.load.world import ORDER, ServedWorld

WORKERS, CLIENTS = 2, 16
TEMPLATE = "race_winner"
ASKED, SMALL_ASKED = 400, 80
VERSIONS = ("stack", "conditional_logit")  # 1, which is live at first, and 2
TIER = Tier("study", requests_per_day=100_000_000)  # with a quota, so that workers write to the accounts
TOO_MANY, UNLOGGED = 429, 503


@dataclass(frozen=True)
class Served:
    """A world that is served, and who asks it.

    Attributes:
        world: whose versions can be made live.
        server: its processes.
        truth: what both versions say to all questions.
        requests: the questions, with a token.
        token: that they have.
        client: a process that asks.
    """

    world: ServedWorld
    server: Running
    truth: Truth
    requests: Sequence[bytes]
    token: str
    client: ProcessPoolExecutor

    def saturation(self) -> float:
        """Return the requests a second that are answered at most."""
        return self.client.submit(saturation, self.server.port, self.requests, CLIENTS).result()

    def load(self, rate: float, seconds: float) -> Future[list[Reply]]:
        """Begin to ask at a steady rate."""
        return self.client.submit(steady, self.server.port, self.requests, rate, seconds)

    def judge(self, replies: Sequence[Reply], kills: Sequence[float] = ()) -> Counter[str]:
        """Count replies by what became of them; `kills` are instants at which a worker was killed."""
        return Counter(self._kind(reply, kills) for reply in replies)

    def _kind(self, reply: Reply, kills: Sequence[float]) -> str:
        if reply.status == 200:
            return "right" if self.truth.holds(reply) else "wrong"
        if reply.status == TOO_MANY:
            return "told to wait" if int(reply.headers.get("retry-after", "0")) >= 1 else "other"
        if reply.status == UNLOGGED and b'"not logged"' in reply.body:
            return "not logged"
        killed = any(reply.at <= kill + 0.1 and reply.at + reply.seconds >= kill - 0.1 for kill in kills)
        if reply.status == 0 and killed:
            return "reset by the kill"
        print(
            f"other: {reply.status} {dict(reply.headers)} {reply.body[:300]!r} after {reply.seconds:.3f} s",
            file=sys.stderr,
        )
        return "other"


@contextmanager
def served(root: Path, seed: int, *, small: bool) -> Iterator[Served]:
    """Serve a world of 20 cars with two workers."""
    os.environ["OMP_NUM_THREADS"] = "1"
    world = ServedWorld(root, {ORDER: VERSIONS}, settings="serving: {cache: 0}\n")
    for number in (2, 1):
        world.make_live(ORDER, number)
    asked = questions(world.workspace, ORDER, TEMPLATE, SMALL_ASKED if small else ASKED, seed)
    truth = Truth.of(world.workspace, ORDER, (1, 2), asked)
    world.workspace.accounts.set_tier(TIER)
    token = world.workspace.accounts.create("study", [READ, PREDICT, METRICS], TIER.name).text
    start = multiprocessing.get_context("spawn")
    with pitwall_server(root, WORKERS) as server, ProcessPoolExecutor(1, start) as client:
        yield Served(world, server, truth, [each.request(token) for each in asked], token, client)


def percentile(replies: Sequence[Reply], at: float) -> float:
    """Return the milliseconds of an answer that was given, at a percentile; 0 without one."""
    times = [1000 * reply.seconds for reply in replies if reply.status == 200]
    return float(np.percentile(times, at)) if times else 0.0


def counted(found: Mapping[str, int], names: Sequence[str]) -> dict[str, int]:
    """Return how many of each kind there were, of those that did not happen too."""
    return {name: found.get(name, 0) for name in names}
