"""What happens to data after they were built once: a race is run, a result is corrected, a line is forgotten and added.

Each history is a pair of tables, of then and of now. A group that is taken up from then must end where a build from
nothing ends, to the last byte, whatever it promises about how far a changed row reaches.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.news import Change, updated
from pitwall.features.machinery.tiny_world.tables import corrected

HISTORIES = ("one more race", "a new season", "a race and corrections at once", "a race that the source takes back")


def histories(tables: Tables) -> dict[str, tuple[Tables, Tables]]:
    """Return {what happened: (tables of then, tables of now)}, made of canonical tables with at least two seasons.

    The corrections change one line of an old race, withdraw another and add a third that was forgotten.
    """
    run = tables["results"].sort_values(["event_timestamp", "race_id"])["race_id"].drop_duplicates().tolist()
    seasons = tables["races"].set_index("race_id")["season"]
    newest = [race for race in seasons.index if seasons[race] == seasons[run].max()]
    later, old = tables["results"]["known_at"].max() + pd.Timedelta("1D"), run[1]
    revised = changed(tables, old, 1, later, place=3, points=1.0, fastest_lap=99.5)
    revised = changed(revised, old, 0, later, started=False, points=0.0)
    forgotten, whole = added_late(revised, old, 2, later)
    shorter = without_races(forgotten, run[-1:], calendar=False)
    pairs = [
        (without_races(tables, run[-1:], calendar=False), tables),
        (without_races(tables, newest), tables),
        (as_first_seen(shorter), whole),
        (whole, without_races(whole, [old], calendar=False)),
    ]
    return dict(zip(HISTORIES, pairs, strict=True))


def added_late(tables: Tables, race: int, line: int, known_at: pd.Timestamp) -> tuple[Tables, Tables]:
    """Return the tables without one line of a race's results, and with it as if added at `known_at`."""
    results = tables["results"]
    driver = results.query("race_id == @race")["driver_id"].drop_duplicates().sort_values().iloc[line]
    own = (results["race_id"] == race) & (results["driver_id"] == driver)
    late = results[own].assign(known_at=known_at, known_estimated=False).astype(dict(results.dtypes))
    without = tables.replace(results=results[~own].reset_index(drop=True))
    return without, tables.replace(results=pd.concat([results[~own], late], ignore_index=True))


def as_first_seen(tables: Tables) -> Tables:
    """Return the tables as they were before the first correction."""
    return Tables({name: frame[frame["known_estimated"]].reset_index(drop=True) for name, frame in tables.items()})


def changed(tables: Tables, race: int, line: int, known_at: pd.Timestamp, **values: object) -> Tables:
    """Return the tables with a later version of one line of a race's results: 0 is that of the lowest driver id."""
    driver = tables["results"].query("race_id == @race")["driver_id"].drop_duplicates().sort_values().iloc[line]

    def own(rows: pd.DataFrame) -> pd.Series:
        mine = (rows["race_id"] == race) & (rows["driver_id"] == driver)
        return mine & (rows["known_at"] == rows.loc[mine, "known_at"].max())

    return corrected(tables, "results", own, known_at, **values)


def without_races(tables: Tables, races: Iterable[int], calendar: bool = True) -> Tables:
    """Return the tables without the lines of some races, and without the races themselves where `calendar` is on."""
    gone = list(races)
    kept = {
        name: frame[~frame["race_id"].isin(gone)].reset_index(drop=True)
        for name, frame in tables.items()
        if "race_id" in frame and (calendar or name != "races")
    }
    return tables.replace(**kept)


def with_absences(tables: Tables) -> Tables:
    """Return a world in which the field changes: a team misses races and is renamed, a driver leaves after a season.

    In a world where all take part in every race, no promise about who is untouched could be found wrong.
    """
    run = tables["results"]["race_id"].drop_duplicates().sort_values().tolist()
    seasons = tables["races"].set_index("race_id")["season"]
    missed, later = {run[1], *run[-2:]}, [race for race in run if seasons[race] > seasons.min()]
    cars = tables["entries"][["driver_id", "constructor_id"]].drop_duplicates()
    team = cars["constructor_id"].max()
    of_team = set(cars.loc[cars["constructor_id"] == team, "driver_id"])
    frames = {}
    for name, frame in tables.items():
        drivers = frame["driver_id"] if "driver_id" in frame else pd.Series(0, index=frame.index)
        teams = frame["constructor_id"] if "constructor_id" in frame else pd.Series(0, index=frame.index)
        if "race_id" in frame and {"driver_id", "constructor_id"} & {*frame}:
            absent = frame["race_id"].isin(missed) & (drivers.isin(of_team) | (teams == team))
            kept = frame[~absent & ~(frame["race_id"].isin(later) & (drivers == 1))].copy()
            if "constructor_id" in kept:
                kept.loc[kept["race_id"].isin(later) & (kept["constructor_id"] == 1), "constructor_id"] = 1001
            frames[name] = kept.reset_index(drop=True)
    constructors = tables["constructors"]
    renamed = constructors[constructors["constructor_id"] == 1].assign(constructor_id=1001)
    return tables.replace(**frames, constructors=pd.concat([constructors, renamed], ignore_index=True))


def check_taken_up(
    group: FeatureGroup, pairs: Mapping[str, tuple[Tables, Tables]], params: Params | None = None
) -> None:
    """Raise FeatureError unless a group that is taken up from what was built then ends where a build from nothing ends.

    Args:
        group: the plug-in.
        pairs: what happened -> tables of then and of now, e.g. `histories(tables)`.
        params: the project's parameters; the defaults when None.
    """
    params = params or Params()
    sides = {id(side): side for pair in pairs.values() for side in pair}
    built = {key: build_group(group, side, params) for key, side in sides.items()}
    for what, (then, now) in pairs.items():
        rows, how = updated(group, built[id(then)], Change.between(then, now), params)
        if as_bytes(rows) != as_bytes(built[id(now)]):
            raise FeatureError(
                f"group {group.name} (reach {group.reach!r}): after '{what}' the rows that were taken up ({how}) are not "
                f"those of a build from nothing; {_first_difference(rows, built[id(now)])}. Correct its reach."
            )


def as_bytes(rows: pd.DataFrame) -> bytes:
    """Return a table as the bytes of its parquet file."""
    buffer = io.BytesIO()
    rows.to_parquet(buffer, index=False, coerce_timestamps="us")
    return buffer.getvalue()


def _first_difference(rows: pd.DataFrame, whole: pd.DataFrame) -> str:
    if len(rows) != len(whole):
        return f"{len(rows)} rows instead of {len(whole)}"
    differs = ((rows != whole) & ~(rows.isna() & whole.isna())).any(axis=1)
    return f"{int(differs.sum())} rows differ, first {whole[differs].head(1).astype(str).to_dict('records')}"
