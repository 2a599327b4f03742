"""Asks OpenF1's REST API: one host, or an address on this machine; answers that fail are asked for again later."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from pitwall.domain.clock import wall
from pitwall.live.answer import LiveError
from pitwall.sources.machinery.web.hosts import pinned

ADDRESS = "https://api.openf1.org/v1"
TIMEOUT_S, MOST_BYTES, MOST_WAIT_S = 10.0, 20_000_000, 60.0
BUSY, FAILED = 429, 500
log = logging.getLogger(__name__)
Rows = Sequence[Mapping[str, Any]]


class Client:
    """Asks one address.

    Args:
        address: the published one when None; another must be on this machine.
        wait: waits for some seconds; the machine's clock when None.
        now: the instant, seconds since 1970; the machine's when None.
    """

    def __init__(
        self,
        address: str | None = None,
        wait: Callable[[float], None] | None = None,
        now: Callable[[], float] | None = None,
    ) -> None:
        self._address = pinned("openf1", address, ADDRESS)
        self.wait = wait or time.sleep
        self.now = now or (lambda: wall().timestamp())
        self._http = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)

    def ask(self, what: str, **about: Any) -> Rows | None:
        """Return the rows of one endpoint; None where the server does not answer properly now.

        Args:
            what: the endpoint, e.g. `laps`.
            about: filters; a name may end with `>=` or `>`.

        Raises:
            LiveError: it refuses the question: another one will not do better.
        """
        query = "&".join(f"{name}{'' if name.endswith(('>', '=')) else '='}{value}" for name, value in about.items())
        try:
            answer = self._http.get(f"{self._address}{what}?{query}")
        except httpx.HTTPError as error:
            log.warning("openf1: %s does not answer (%s)", what, type(error).__name__)
            return None
        if answer.status_code == BUSY or answer.status_code >= FAILED:
            log.warning("openf1: %s answers %d", what, answer.status_code)
            self.wait(min(_seconds(answer.headers.get("Retry-After")), MOST_WAIT_S))
            return None
        if answer.status_code == 404:  # the API's word for "no rows"
            return []
        if answer.status_code != 200:
            raise LiveError(f"openf1 refuses {what}?{query} with {answer.status_code}: {answer.text[:120]}")
        return _rows(what, answer)


def _rows(what: str, answer: httpx.Response) -> Rows | None:
    """Return the rows of an answer; None for one that is cut off, too large, or no list of objects."""
    try:
        rows = answer.json() if len(answer.content) <= MOST_BYTES else None
    except ValueError:
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        log.warning("openf1: %s answers with %s and no rows", what, answer.headers.get("Content-Type", "no type"))
        return None
    return rows


def _seconds(text: str | None) -> float:
    try:
        return max(float(text or 0.0), 0.0)
    except ValueError:
        return 0.0
