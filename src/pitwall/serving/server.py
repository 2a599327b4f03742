"""What all routes share: who answers, the log, the memory of answers, and the queue in front of them."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from cachetools import LRUCache
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.serving.gate import Gate, too_many
from pitwall.serving.metrics import Metrics
from pitwall.serving.streams.follow import Readers
from pitwall.workflows.serving import shelf
from pitwall.workflows.serving.answer import Answers, Asked, age_of
from pitwall.workflows.serving.asked import Question, Rows
from pitwall.workflows.serving.live_models import LiveModels
from pitwall.workflows.serving.prediction_log import NotLogged, PredictionLog
from pitwall.workflows.workspace import Workspace

log = logging.getLogger(__name__)
JSON = "application/json"
SELDOM = (
    10_000,
    20,
    50,
)  # objects and collections between two: a page makes thousands, and looking through all takes as long as a page


class Server:
    """One process that answers.

    Args:
        workspace: of the project; only its parameters, and its accounts where tokens come, are opened.
        settings: of the machine.
        tokens_needed: whether nobody is let in without a token.
    """

    def __init__(self, workspace: Workspace, settings: ServingSettings, *, tokens_needed: bool) -> None:
        self.workspace, self.settings, self.metrics = workspace, settings, Metrics()
        self.project = workspace.project
        self.models = LiveModels(self.project, workspace.params, self.metrics.swapped)
        self.answers = Answers(self.project, workspace.params, self.models)
        self.forecasts = shelf.Forecasts(self.project)
        self.log = PredictionLog(self.project)
        self.gate = Gate(settings, lambda: workspace.accounts, tokens_needed=tokens_needed)
        self.queue, self.readers = Queue(settings.waiting), Readers(settings.streams)
        self._remembered: LRUCache[tuple[Any, ...], bytes] = LRUCache(max(settings.cache, 1))
        self._shadows: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Read what is live, and go on looking."""
        self.models.look()
        self.models.watch()
        self.log.check()
        gc.collect()
        gc.freeze()  # what was read stays: no later collection looks through it, which would take as long as many answers
        gc.set_threshold(*SELDOM)
        log.info("%d models are served", len(self.models.names()))

    def close(self) -> None:
        """Let everything go."""
        self.models.close()
        self.gate.close()
        self.log.close()
        self.workspace.close()

    async def answer(self, request: Request, template: str, question: Question, *, why: bool = False) -> Response:
        """Return the answer to a question, once it is logged."""
        async with self.queue:
            asked = self.answers.ask(template, question)
            _tell(request, asked)
            rows = self.answers.rows(asked)
            body = self._remember(asked, rows, question, why) if self.settings.cache else self._made(asked, rows, why)
            try:
                self.log.write(asked, rows, *_who(request))
            except NotLogged:
                self.metrics.not_logged()
                raise
        age = age_of(asked.vectors.facts["vintage"])
        behind = BackgroundTask(self._ask_behind, shadow, rows, request) if (shadow := asked.shadow) else None
        return Response(b'{"data_age_s":%s,' % orjson.dumps(age) + body[1:], media_type=JSON, background=behind)

    async def settled(self) -> None:
        """Wait for the shadows that are under way."""
        await asyncio.gather(*self._shadows, return_exceptions=True)

    async def _ask_behind(self, shadow: Asked, rows: Rows, request: Request) -> None:
        """Let the arm that did not answer have its turn now that the answer is sent; the request does not wait for it."""
        task = asyncio.create_task(self._shadow(shadow, rows, *_who(request)))
        self._shadows.add(task)
        task.add_done_callback(self._shadows.discard)

    async def _shadow(self, shadow: Asked, rows: Rows, request: str, holder: str) -> None:
        name, outcome = shadow.champion.job.name, "logged"
        try:
            async with self.queue:
                self.answers.answer(shadow, rows)
                self.log.write(shadow, rows, request, holder)
        except Exception as error:  # noqa: BLE001 - whatever a shadow does, callers have their answers
            outcome = "failed"
            log.warning("the shadow of request %s (%s version %d): %s", request, name, shadow.champion.version, error)
        self.metrics.shadowed(name, outcome)

    def _remember(self, asked: Asked, rows: Rows, question: Question, why: bool) -> bytes:
        key = (asked.key, _key(question), why, self.models.trouble(asked.champion.job.name))
        body = self._remembered.get(key)
        self.metrics.cached(body is not None)
        if body is None:
            body = self._remembered[key] = self._made(asked, rows, why)
        return body

    def _made(self, asked: Asked, rows: Rows, why: bool) -> bytes:
        return orjson.dumps(self.answers.answer(asked, rows, why=why))

    def data_age(self) -> int | None:
        """Return the age of the newest data that anything was exported from; None without any."""
        ages = [age for name in self.models.names() if (age := self._age_of(name)) is not None]
        return min(ages, default=None)

    def _age_of(self, name: str) -> int | None:
        races = self.answers.catalogue.races(name)
        found = self.answers.catalogue.vectors(name, races[-1].label, name.rpartition("-")[2]) if races else None
        return age_of(found.facts["vintage"]) if found else None


class Queue:
    """Questions are answered one by one, as each takes the processor; so many may wait, and others are told when to come again.

    Args:
        most: that may wait.
    """

    def __init__(self, most: int) -> None:
        self._most, self._waiting, self._turn = most, 0, asyncio.Lock()
        self._seconds = 0.01  # that one takes, as of late
        self._began = 0.0

    async def __aenter__(self) -> None:
        """Wait for the turn, or raise HttpProblem with when to come again."""
        if self._waiting >= self._most:
            raise too_many(
                "the server is busy", f"at most {self._most} questions that wait", self._waiting * self._seconds
            )
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        self._began = time.perf_counter()

    async def __aexit__(self, *_: object) -> None:
        """Let the next one have its turn."""
        self._seconds += 0.1 * (time.perf_counter() - self._began - self._seconds)
        loop = asyncio.get_running_loop()
        loop.call_soon(self._turn.release)  # what came meanwhile is read before another question takes the processor


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[None]:
    """Serve for as long as the app runs."""
    await asyncio.to_thread(server.open)
    try:
        yield
    finally:
        await server.settled()
        await asyncio.to_thread(server.close)


def _who(request: Request) -> tuple[str, str]:
    """Return the id of a request, and that of the token that asked; empty without one."""
    state = request.state
    return state.request_id, getattr(state, "holder", "")


def _tell(request: Request, asked: Asked) -> None:
    """Let the request's log line say who answered."""
    champion, state = asked.champion, request.state
    state.model, state.version, state.run = champion.job.name, champion.version, champion.about["run"]
    state.race, state.template = asked.vectors.facts["race"]["label"], asked.name


def _key(question: Question) -> tuple[Any, ...]:
    entries = question.entries
    cars = None if entries is None else tuple(entries.items()) if isinstance(entries, dict) else tuple(entries)
    grid = None if question.grid is None else tuple(sorted(question.grid.items()))
    return question.race, question.as_of, cars, grid, tuple(sorted(question.counter.items()))
