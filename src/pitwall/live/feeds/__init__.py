"""Feeds, one file each: where events of a race come from. A file that ends with `FEED = ...` is found here; `machinery` serves all."""

from __future__ import annotations

import sys

from pitwall.domain.plugins import discover, pick
from pitwall.live.feeds.machinery.feed import Feed, Wanted

__all__ = ["Feed", "Wanted", "feed", "feeds"]


def feeds() -> dict[str, Feed]:
    """Return all feeds by name."""
    return discover(sys.modules[__name__], "FEED")


def feed(name: str) -> Feed:
    """Return one feed; raise UnknownName with the nearest known one."""
    found: Feed = pick("live source", name, feeds())
    return found
