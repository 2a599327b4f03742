"""What a row of a forecast is called: driver and team, a compound of tyres at a circuit, or the race and its circuit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.domain.tables import Tables

KEYS = {"races": "race_id", "circuits": "circuit_id", "drivers": "driver_id", "constructors": "constructor_id"}
Names = dict[str, str | None]


def names_of(tables: Tables, row: Mapping[str, Any]) -> Names:
    """Return the names of a row: of its driver where it has one (`code` may be None), of its compound, else of its race.

    Args:
        tables: with drivers and constructors, races and circuits.
        row: of a spine.
    """
    return namer(tables)(row)


def namer(tables: Tables) -> Callable[[Mapping[str, Any]], Names]:
    """Return what names one row after the other, as `names_of` does, and looks at the tables once."""
    newest = tables.only(*KEYS).as_of()
    known = {table: newest[table].drop_duplicates(key, keep="last").set_index(key) for table, key in KEYS.items()}
    columns: dict[tuple[str, str], dict[int, Any]] = {}

    def one(table: str, row: Mapping[str, Any], column: str) -> str | None:
        if (table, column) not in columns:
            columns[table, column] = known[table][column].to_dict()
        value = columns[table, column][row[KEYS[table]]]
        return None if pd.isna(value) else str(value)

    def name(row: Mapping[str, Any]) -> Names:
        if "compound_id" in row:
            return {"compound": COMPOUNDS[row["compound_id"]], "circuit": one("circuits", row, "name")}
        if "driver_id" not in row:
            return {"race": one("races", row, "name"), "circuit": one("circuits", row, "name")}
        return {
            "driver": one("drivers", row, "name"),
            "code": one("drivers", row, "code"),
            "team": one("constructors", row, "name"),
        }

    return name
