"""Whose ids are these? Driver 1 of one data source is not driver 1 of another; what was kept for one is no use to both."""

from __future__ import annotations

from typing import Any

from pitwall.domain.params import Params


def world(params: Params) -> dict[str, Any]:
    """Return what the meaning of an id depends on: the data sources with their settings, and the seed."""
    return {"sources": params.sources, "seed": params.seed}
