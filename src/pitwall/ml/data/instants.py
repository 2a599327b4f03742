"""A moment: somebody at an instant, which is a timestamp, the start of a race, or the end of a driver's lap.

Lap 30 must not see lap 35: the instant of a lap is when *this* driver completed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.tables import Tables
from pitwall.ml.data.among import Among, of_instant, of_race
from pitwall.ml.data.entity_names import KINDS, Name, entity, kind_of
from pitwall.ml.data.calendar import Race, find_race
from pitwall.ml.data.selection import READS

Instant: TypeAlias = "pd.Timestamp | str"


def moment_spine(
    load: Callable[[Sequence[str]], Tables],
    entities: Mapping[str, Name],
    timestamp: Instant | None = None,
    race: str | None = None,
    lap: int | None = None,
) -> pd.DataFrame:
    """Return the spine of one moment: a row with the ids that are known of it, and its cut-off.

    Args:
        load: reads canonical tables by name.
        entities: names by kind: driver, team, circuit, race.
        timestamp: the instant.
        race: instead, a race by season and round, e.g. "2024-14"; it also says the circuit.
        lap: a lap that the driver completed in the race; its start when None.

    Raises:
        UsageError: neither or both of timestamp and race, a lap without a driver, a lap that is not recorded.
        UnknownName: an entity or a race is unknown.
    """
    if (timestamp is None) == (race is None) or (lap is not None and race is None):
        raise UsageError("a moment is either a timestamp, or a race with a lap or without one.")
    tables = load([*READS, "results"])
    named = {kind: name for kind, name in entities.items() if kind != "race"}
    where = race or entities.get("race")
    found = find_race(tables, str(where), "pre_race") if where is not None else None
    instant = instant_of(timestamp) if timestamp is not None else None
    among = _among(tables, found, instant)
    ids = {KINDS[kind_of(kind)][1]: entity(tables, kind, name, among)[0] for kind, name in named.items()}
    if found is not None:
        ids = {"race_id": found.race_id, "circuit_id": found.circuit_id, **ids}
        instant = instant or lap_end(load(["laps", "lap_times"]), found, ids.get("driver_id"), lap)
    if "driver_id" in ids:
        ids = {**_team(tables, ids, instant), **ids}
    return pd.DataFrame([{**ids, "cutoff": instant}])


def _among(tables: Tables, race: Race | None, instant: pd.Timestamp | None) -> Among | None:
    """Return who may be meant: at the race where one is named, else at the instant."""
    if race is not None:
        return of_race(tables, race)
    return of_instant(tables, instant) if instant is not None else None


def instant_of(timestamp: Instant) -> pd.Timestamp:
    """Return a timestamp in UTC with microseconds; a naive one is taken as UTC.

    Example:
        >>> instant_of("2024-07-28 13:00")
        Timestamp('2024-07-28 13:00:00+0000', tz='UTC')
    """
    instant = pd.Timestamp(timestamp)
    if instant is pd.NaT:
        raise UsageError(f"found no instant in {timestamp!r}; give a timestamp such as '2024-07-28 13:00' (UTC).")
    aware = instant.tz_localize("UTC") if instant.tzinfo is None else instant.tz_convert("UTC")
    return aware.as_unit("us")


def lap_end(tables: Tables, race: Race, driver_id: int | None, lap: int | None) -> pd.Timestamp:
    """Return when a driver completed a lap: as the lap table stamps it, else the sum of their lap times since the start.

    Args:
        tables: with `laps` and `lap_times`.
        race: the race.
        driver_id: the driver.
        lap: from 1; None for the start of the race.

    Raises:
        UsageError: no driver is given, or their lap is not recorded; says how many are.
    """
    if lap is None:
        return race.starts_at
    if driver_id is None:
        raise UsageError("a lap is a driver's: add the driver to the entity.")
    newest = tables.only("laps", "lap_times").as_of()
    laps, times = (_driven(newest[name], race, driver_id) for name in ("laps", "lap_times"))
    stamped = laps[laps["completed"]].set_index("lap")["event_timestamp"]
    if lap in stamped.index:
        return pd.Timestamp(stamped[lap])
    unbroken = times[(times["lap"].to_numpy() == range(1, len(times) + 1)) & times["seconds"].notna().cummin()]
    if 1 <= lap <= len(unbroken):
        seconds = float(unbroken["seconds"].head(lap).sum())
        return (race.starts_at + pd.Timedelta(seconds=seconds)).round("us")
    raise UsageError(
        f"lap {lap} of this driver in race {race.label} is not recorded; the data hold {max(len(stamped), len(unbroken))} "
        "of their laps."
    )


def _driven(rows: pd.DataFrame, race: Race, driver_id: int) -> pd.DataFrame:
    own = (rows["race_id"] == race.race_id) & (rows["driver_id"] == driver_id)
    return rows[own].sort_values("lap", ignore_index=True)


def _team(tables: Tables, ids: Mapping[str, int], instant: pd.Timestamp) -> dict[str, int]:
    """Return the team of the driver's entry in the race, else of their newest entry known at the instant."""
    entries = tables["entries"]
    own = entries[(entries["driver_id"] == ids["driver_id"]) & (entries["known_at"] <= instant)]
    if "race_id" in ids:
        own = own[own["race_id"] == ids["race_id"]]
    newest = own.sort_values(["event_timestamp", "known_at"], kind="stable").tail(1)
    return {} if newest.empty else {"constructor_id": int(newest["constructor_id"].iloc[0])}
