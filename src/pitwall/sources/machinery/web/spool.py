"""Pages that were fetched and are kept between fetches: what a killed fetch has is not asked for again, what is old is asked for conditionally.

A *visit* is one look at everything. A visit that was killed goes on within a day; one that has just been finished is as good as a new
one. A page that was checked during the visit is right; another one is asked for with its validators, so that a server which has nothing new
answers without a body.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pitwall.domain.files import write_atomically
from pitwall.sources.machinery.web.client import NOT_MODIFIED, NOTHING, Client

HOUR, DAY = 3600.0, 86400.0
VALIDATORS = {"etag": "if-none-match", "modified": "if-modified-since"}


class Spool:
    """The kept pages of one server.

    Args:
        folder: of the source; each server has a folder of its own below.
        base: the server's address.
        now: the clock, seconds since 1970.
        fresh_min: so many minutes a finished visit counts as the present one.
    """

    def __init__(self, folder: Path, base: str, now: Callable[[], float], fresh_min: float = 60) -> None:
        place = re.sub(r"[^a-z0-9.-]", "_", urlsplit(base).netloc.lower())
        self._folder, self._now, self._fresh = folder / place, now, fresh_min * 60
        self._began = 0.0
        self.reused = 0  # pages that were not asked for

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Go on with the visit that was broken off or has just been finished, or begin one; it is done when nothing is raised."""
        path, now = self._folder / "visit.json", self._now()
        began, done = _visit(path)
        goes_on = began <= now and now - (done or began) < (self._fresh if done else DAY)
        self._began = began if goes_on else now
        write_atomically(path, json.dumps({"began": self._began, "done": None}))
        yield
        write_atomically(path, json.dumps({"began": self._began, "done": self._now()}))

    def page(self, client: Client, page: str, *, good_for: float = 0.0, may_lack: bool = False) -> Any:
        """Return the content of a page, asking for it where it is not kept, or was not looked at lately.

        Args:
            client: asks.
            page: path and query.
            good_for: seconds for which it may be taken as it is: a page that hardly changes any more.
            may_lack: 404 means that there is nothing; the content is None then.

        Raises:
            SourceError: see `Client.get`.
        """
        path = self._path(page)
        kept = _kept(path)
        if kept and (kept["checked"] >= self._began or self._now() - kept["checked"] < good_for):
            self.reused += 1
            return kept["body"]
        validators = {header: kept[name] for name, header in VALIDATORS.items() if kept and kept.get(name)}
        reply = client.get(page, validators, may_lack=may_lack)
        if reply.status == NOT_MODIFIED and kept:
            reply_of, body = {name: kept.get(name) for name in VALIDATORS}, kept["body"]
        else:
            reply_of, body = {"etag": reply.etag, "modified": reply.modified}, reply.body
            assert body is not None or reply.status == NOTHING
        write_atomically(path, json.dumps({"page": page, "checked": self._now(), **reply_of, "body": body}))
        return body

    def forget(self, page: str) -> None:
        """Drop a kept page: it does not go together with the others, or is not what it should be."""
        self._path(page).unlink(missing_ok=True)

    def _path(self, page: str) -> Path:
        name = re.sub(r"[^A-Za-z0-9.=_-]", "~", page)[:80]
        return self._folder / "pages" / f"{name}-{hashlib.sha256(page.encode()).hexdigest()[:8]}.json"


def _visit(path: Path) -> tuple[float, float | None]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return float(kept["began"]), None if kept["done"] is None else float(kept["done"])
    except (OSError, ValueError, KeyError, TypeError):
        return float("-inf"), None


def _kept(path: Path) -> dict[str, Any] | None:
    """Return a kept page, None where there is none that reads."""
    try:
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        kept["checked"] = float(kept["checked"])
        return kept if "body" in kept else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
