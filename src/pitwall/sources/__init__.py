"""Data sources: one file each, found by discovery. Every source delivers the same raw Ergast-format CSV files.

What follows a source (snapshots, cleaning, canonical tables) is shared and lives in the underscore modules.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pitwall.sources._source import Source


def sources() -> dict[str, Source]:
    """Return {name: source} of all files in this folder, sorted by name."""
    from pitwall.domain.plugins import discover

    return cast("dict[str, Source]", discover(sys.modules[__name__], "SOURCE"))
