"""Whose ids are these? Driver 1 of one data source is not driver 1 of another; what was kept for one is no use to both."""

from __future__ import annotations

from typing import Any

from pitwall.domain.params import Params

MOMENT = frozenset({"moment", "rounds_run"})  # settings that say when a world is looked at, never which world it is


def world(params: Params) -> dict[str, Any]:
    """Return what the meaning of an id depends on: the data sources with their settings, and the seed."""
    sources = {
        name: {key: value for key, value in settings.items() if key not in MOMENT}
        for name, settings in params.sources.items()
        if "beside" not in settings  # its ids are translated
    }
    return {"sources": sources, "seed": params.seed}
