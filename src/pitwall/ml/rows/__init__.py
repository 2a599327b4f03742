"""Kinds of rows to be forecast, one file each. A file that ends with `ROWS = ...` is found here; `machinery` serves all."""

from __future__ import annotations

import sys

import pandas as pd

from pitwall.domain.keys import SPINE_NAMES
from pitwall.domain.plugins import discover, pick
from pitwall.ml.rows._kind import RowKind

__all__ = ["RowKind", "feature_columns", "row_kind", "row_kinds"]


def row_kinds() -> dict[str, RowKind]:
    """Return all row kinds by name."""
    return discover(sys.modules[__name__], "ROWS")


def row_kind(name: str) -> RowKind:
    """Return one row kind; raise UnknownName with the nearest known one."""
    found: RowKind = pick("row kind", name, row_kinds())
    return found


def feature_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns of a frame that are features, in order."""
    return [name for name in frame.columns if name not in SPINE_NAMES]
