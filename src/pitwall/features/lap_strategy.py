"""What speaks for a stop after each lap of a car: its tyres beside those that others have taken off, and who has stopped by then.

Other cars are known by the laps that they had ended when the car crossed the line, one that comes into the pits by its in-lap. Who
would pass during a stop is told by the lap before, as far as they had crossed the line.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.racing.tyres import RAIN_TYRES
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.once import once
from pitwall.features.machinery.shared.green import CAR, READS, WET_LAPS, reasons_known_at
from pitwall.features.machinery.shared.race_laps import completed_laps, usual_distance
from pitwall.features.machinery.shared.states import cumulative_known

RACE, LAP, TEAM = ["race_id"], ["race_id", "lap"], ["race_id", "constructor_id"]
FAR = 1e6  # s between two laps on one axis: longer than any race


class Settings(Section):
    """`recent_laps` of all cars tell whether the field is stopping; `stop_s` seconds are lost by a stop.

    The usual distance and the usual stops of a race are those of the last `visits` races at its circuit.
    """

    recent_laps: int = 40
    stop_s: float = 22.0
    visits: int = 3


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per car and completed lap."""
    rows = completed_laps(tables)
    rows["in_lap"] = rows["pit_in_seconds"].notna().astype("float64")
    car = [rows[key] for key in CAR]
    rows["stops"] = rows["in_lap"].groupby(car).cumsum()
    rows["one_compound"] = _one_compound(rows)
    rows["laps_since_stop"] = rows.groupby([*car, rows["stops"] - rows["in_lap"]]).cumcount() + 1.0
    rows["cars_in_stop"] = _cars_in_stop(rows, settings.stop_s)
    rows = rows.sort_values(["race_id", "end_seconds", "driver_id"], ignore_index=True)
    _field(rows, settings.recent_laps)
    _rivals(rows)
    _team_mate(rows)
    _track(rows, tables)
    distance = rows["race_id"].map(usual_distance(tables, settings.visits))
    rows["laps_left"] = distance - rows["lap"]
    usual = _usual_stops(tables, settings.visits)
    asked = pd.MultiIndex.from_arrays([rows["stops"] + 1, rows["race_id"]])
    rows["past_usual_stop"] = rows["lap"] / distance - usual.reindex(asked).to_numpy()
    rows["known_at"] = reasons_known_at(rows, tables)
    rows["known_at"] = cumulative_known(rows, RACE)
    return rows[GROUP.columns]


def _one_compound(rows: pd.DataFrame) -> pd.Series:
    """Return whether a car has used one dry compound and no rain tyre so far: then the rules still ask for a stop."""
    car, rain = [rows[key] for key in CAR], rows["compound"].isin(RAIN_TYRES)
    another = rows["compound"].notna() & ~rows.duplicated([*CAR, "compound"])
    dry, wet = ((another & kind).groupby(car).cumsum() for kind in (~rain, rain))
    return ((dry == 1) & (wet == 0)).astype("float64").where(rows["compound"].notna())


def _cars_in_stop(rows: pd.DataFrame, stop_s: float) -> pd.Series:
    """Return how many cars followed within a stop at the end of the lap before; null before the second lap's end."""
    axis = (rows.groupby(LAP).ngroup() * FAR + rows["end_seconds"]).to_numpy()
    ordered = np.sort(axis)
    within = np.searchsorted(ordered, axis + stop_s, "right") - np.searchsorted(ordered, axis, "right")
    car = [rows[key] for key in CAR]
    before = pd.Series(within.astype("float64"), rows.index).groupby(car).shift()
    return before.where(rows["end_seconds"] - rows["end_seconds"].groupby(car).shift() > stop_s)


def _field(rows: pd.DataFrame, recent: int) -> None:
    """Add how many cars stop now, how often they have stopped, and on which age of tyres."""
    race = rows["race_id"]
    by_race = rows["in_lap"].groupby(race)
    rows["field_stops_now"] = by_race.rolling(recent, min_periods=1).mean().droplevel(0).reindex(rows.index)
    cars = (~rows.duplicated(CAR)).astype("float64").groupby(race).cumsum()
    rows["field_stops_diff"] = by_race.cumsum() / cars - rows["stops"]
    ended = rows["tyre_laps"].where(rows["in_lap"] == 1)
    for name, keys in (("age_over_field", [race]), ("age_over_compound", [race, rows["compound"]])):
        total, count = ended.fillna(0.0).groupby(keys).cumsum(), ended.notna().groupby(keys).cumsum()
        rows[name] = rows["tyre_laps"] - total / count.where(count > 0)


def _rivals(rows: pd.DataFrame) -> None:
    """Add what the car ahead did on this lap, the one behind on the lap before, and where the leader's tyres are."""
    lap = rows.groupby(LAP)
    rows["ahead_in_lap"] = lap["in_lap"].shift()
    rows["ahead_stops_diff"] = lap["stops"].shift() - rows["stops"]
    ended, stopped = (
        lap[name].shift(-1).groupby([rows[key] for key in CAR]).shift() for name in ("end_seconds", "in_lap")
    )
    rows["behind_in_lap"] = stopped.where(ended <= rows["end_seconds"])
    for name in ("one_compound", "age_over_field"):
        rows[f"leader_{name}"] = lap[name].transform(lambda told: told.iloc[0])


def _team_mate(rows: pd.DataFrame) -> None:
    """Add what the other car of the team did on the newest lap that it had ended by now; null where there is none."""
    team = [rows[key] for key in TEAM]
    first = rows["driver_id"] == rows["driver_id"].groupby(team).transform("min")
    for name, column in (
        ("mate_laps_since_stop", "laps_since_stop"),
        ("mate_stops", "stops"),
        ("mate_in_lap", "in_lap"),
    ):
        of_first, of_second = (rows[column].where(whose).groupby(team).ffill() for whose in (first, ~first))
        rows[name] = of_second.where(first, of_first)
    rows["mate_stops_diff"] = rows["mate_stops"] - rows["stops"]


def _track(rows: pd.DataFrame, tables: Tables) -> None:
    """Add whether a safety car is out as the car crosses the line, and how many laps of late were driven on rain tyres."""
    log = tables["track_status"].sort_values(["seconds", "race_id", "message"], kind="stable")
    asked = rows[["race_id", "end_seconds"]].assign(row=rows.index).sort_values("end_seconds", kind="stable")
    told = pd.merge_asof(
        asked, log[["race_id", "seconds", "status"]], left_on="end_seconds", right_on="seconds", by="race_id"
    )
    status = told.set_index("row")["status"].reindex(rows.index)
    for name, codes in (("safety_car_now", ["4"]), ("virtual_now", ["6", "7"])):
        rows[name] = status.isin(codes).astype("float64").where(status.notna())
    rain = rows["compound"].isin(RAIN_TYRES).astype("float64").groupby(rows["race_id"])
    rows["rain_tyres_now"] = rain.rolling(WET_LAPS, min_periods=1).mean().droplevel(0).reindex(rows.index)


def _usual_stops(tables: Tables, visits: int) -> pd.Series:
    """Return by number of a stop and race its usual place in the race (share of the distance), by the races before at the circuit."""
    made_of = [tables[name] for name in ("results", "pit_stops", "races")]
    return once((_usual_stops.__name__, visits), made_of, lambda: _shares(tables, visits))


def _shares(tables: Tables, visits: int) -> pd.Series:
    distance = tables["results"].groupby("race_id")["laps"].max().astype("float64")
    stops = tables["pit_stops"]
    share = stops.assign(share=stops["lap"] / stops["race_id"].map(distance))
    of_race = share.groupby(["stop", "race_id"])["share"].median()
    races = tables["races"].sort_values(["starts_at", "race_id"])
    usual = {0: pd.Series(dtype="float64")}  # where no stop is recorded, as before 2011
    for stop, told in of_race.groupby(level="stop"):
        there = told.droplevel("stop").reindex(races["race_id"]).set_axis(races.index).groupby(races["circuit_id"])
        before = pd.DataFrame({lag: there.shift(lag) for lag in range(1, visits + 1)})
        usual[stop] = before.mean(axis=1).set_axis(races["race_id"])
    return pd.concat(usual, names=["stop", "race_id"])


def _feature(name: str, unit: str, meaning: str, null: str = "before the end of the first lap") -> Feature:
    return Feature(name, unit, meaning, null, Stage.IN_RACE)


NO_MESSAGE = "no message so far"
NO_STOP = "no car has stopped so far, or the tyre is not recorded"
NO_MATE = "the team's other car has ended no lap so far"
GROUP = FeatureGroup(
    name="lap_strategy",
    entities=("race", "driver"),
    reads=(*READS, "pit_stops", "races", "results"),
    features=(
        _feature(
            "one_compound", "0/1", "1 if the car has used one dry compound alone so far", "the tyre is not recorded"
        ),
        _feature("laps_since_stop", "laps", "laps completed since the car last left the pits, or the start"),
        _feature(
            "cars_in_stop",
            "cars",
            "cars that followed within `stop_s` at the end of the lap before",
            "before the second lap's end",
        ),
        _feature(
            "field_stops_now", "share", "share of the newest `recent_laps` laps of all cars that ended in the pits"
        ),
        _feature("field_stops_diff", "stops", "stops per car so far less the own"),
        _feature(
            "age_over_field", "laps", "age of the tyres less the mean of those that were taken off so far", NO_STOP
        ),
        _feature("age_over_compound", "laps", "the same among tyres of the same compound", NO_STOP),
        _feature("ahead_in_lap", "0/1", "1 if the car ahead ended this lap in the pits", "leads"),
        _feature("ahead_stops_diff", "stops", "stops of the car ahead less the own", "leads"),
        _feature(
            "behind_in_lap",
            "0/1",
            "1 if the car behind at the end of the lap before ended that lap in the pits",
            "last, before the second lap's end, or it had not crossed the line by then",
        ),
        _feature("leader_one_compound", "0/1", "`one_compound` of the leader", "the leader's tyre is not recorded"),
        _feature("leader_age_over_field", "laps", "`age_over_field` of the leader as it ended this lap", NO_STOP),
        _feature("mate_laps_since_stop", "laps", "`laps_since_stop` of the team's other car", NO_MATE),
        _feature("mate_in_lap", "0/1", "1 if the newest lap of the team's other car ended in the pits", NO_MATE),
        _feature("mate_stops_diff", "stops", "stops of the team's other car less the own", NO_MATE),
        _feature("laps_left", "laps", "usual distance less laps completed", "the first race at the circuit"),
        _feature(
            "past_usual_stop",
            "share",
            "share of the usual distance completed, less the share at which the car's next stop fell in the last `visits` races at "
            "the circuit (median of the cars)",
            "the first race at the circuit, or none of them has so many recorded stops",
        ),
        _feature("safety_car_now", "0/1", "1 while a safety car is out", NO_MESSAGE),
        _feature("virtual_now", "0/1", "1 while a virtual safety car is out, or ending", NO_MESSAGE),
        _feature(
            "rain_tyres_now", "share", f"share of the newest {WET_LAPS} laps of all cars on intermediate or wet tyres"
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("lap", "pit", "stint", "in_race"),
)
