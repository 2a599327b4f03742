"""What a row of a forecast is called: driver and team, a compound of tyres at a circuit, or the race and its circuit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.domain.tables import Tables


def names_of(tables: Tables, row: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the names of a row: of its driver where it has one (`code` may be None), of its compound, else of its race.

    Args:
        tables: with drivers and constructors, races and circuits.
        row: of a spine.
    """
    if "compound_id" in row:
        return {"compound": COMPOUNDS[row["compound_id"]], "circuit": _one(tables, "circuits", row, "name")}
    if "driver_id" not in row:
        return {"race": _one(tables, "races", row, "name"), "circuit": _one(tables, "circuits", row, "name")}
    return {
        "driver": _one(tables, "drivers", row, "name"),
        "code": _one(tables, "drivers", row, "code"),
        "team": _one(tables, "constructors", row, "name"),
    }


def _one(tables: Tables, name: str, row: Mapping[str, Any], column: str) -> str | None:
    key = {"races": "race_id", "circuits": "circuit_id", "drivers": "driver_id", "constructors": "constructor_id"}[name]
    newest = tables.only(name).as_of()[name]
    value = newest.loc[newest[key] == row[key], column].iloc[-1]
    return None if pd.isna(value) else str(value)
