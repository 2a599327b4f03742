"""What if a car stopped now, or in some laps: seconds to the flag by lap, from a race as it stood at the end of a lap of that car.

Nothing that came later is used, of a race that is over either: tyres, pit lane and traffic are learned from races that were known by then.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import ForecastError, UsageError
from pitwall.domain.racing.tyres import COMPOUNDS, NAMED_FROM
from pitwall.domain.tables import Tables, load_tables
from pitwall.domain.when import BEFORE, Stage
from pitwall.features.machinery.shared.green import READS
from pitwall.features.machinery.shared.race_laps import usual_distance
from pitwall.live.strategy.choices import Choice, best_of, choices
from pitwall.live.strategy.learned import Learned, learned, seen_laps
from pitwall.live.strategy.situation import situation_of
from pitwall.ml.data.among import of_race
from pitwall.ml.data.calendar import Race, find_race
from pitwall.ml.data.entity_names import Name, entity
from pitwall.workflows.workspace import Workspace

MEMORY = 40  # races that tyres are learned from, beside those of the circuit
VISITS = 3  # of the circuit, which tell the usual distance
TABLES = (*READS, "races", "results", "drivers", "constructors", "entries")


@dataclass(frozen=True)
class WhatIf:
    """What each lap to stop on costs a car.

    Attributes:
        race: label.
        name: of the race.
        driver: reference.
        lap: that the car has ended.
        laps: of the race, as usual there or as asked.
        compound: that it is on.
        age: laps that the set has run.
        best: the choice that loses nothing.
        choices: all, in the order of laps.
        learned: from how much: laps and stops at the circuit, the loss of a stop (s), the difficulty of passing (s).
    """

    race: str
    name: str
    driver: str
    lap: int
    laps: int
    compound: str
    age: float
    best: Choice
    choices: tuple[Choice, ...]
    learned: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


def what_if(workspace: Workspace, race: str, lap: int, driver: Name, laps: int | None = None) -> WhatIf:
    """Return what each lap that is left to stop on costs a car, beside the best one.

    Args:
        workspace: of the project.
        race: label, e.g. 2023-12.
        lap: that the car has ended.
        driver: reference, code, name or id.
        laps: of the race; the usual distance at the circuit when None.

    Raises:
        UnknownName: there is no such race or driver.
        UsageError: nobody knows how long the race is.
        ForecastError: the race has no such lap of the car, or nothing can be said of it.
    """
    tables = load_tables(workspace.project.tables, sorted(set(TABLES)))
    found = find_race(tables, race, Stage.PRE_RACE)
    number, ref = entity(tables, "driver", driver, of_race(tables, found))
    known = tables.cut(_ends(tables, found, number, ref, lap))
    distance = laps or _usual(known, found)
    seen = seen_laps(known.only(*READS))
    past = _past(known, seen, found)
    own = seen[seen["race_id"] == found.race_id]
    now = situation_of(own, number, lap, distance, past)
    if now is None:
        raise ForecastError(
            f"{ref} is on no dry tyre with a known age at the end of lap {lap} of {found.label}; ask about another lap."
        )
    made = choices(now, past.wear, past.road)
    if not made:
        raise ForecastError(f"no lap is left to stop on after lap {lap} of {distance}; ask about an earlier one.")
    facts = {
        "laps": float(past.laps),
        "stops": float(past.stops),
        "stop_loss_s": float(past.road.loss[0]),
        "difficulty_s": past.road.difficulty,
    }
    return WhatIf(
        found.label, found.name, ref, lap, distance, COMPOUNDS[now.compound], now.age, best_of(made), tuple(made), facts
    )


def _ends(tables: Tables, race: Race, driver_id: int, ref: str, lap: int) -> pd.Timestamp:
    """Return the first instant at which the end of a lap is known."""
    laps = tables.only("laps").as_of()["laps"]
    own = laps[(laps["race_id"] == race.race_id) & (laps["driver_id"] == driver_id) & laps["completed"]]
    if own.empty:
        raise ForecastError(f"the data hold no laps of {ref} in {race.label}; name a race with laps and a car in it.")
    of_lap = own[own["lap"] == lap]
    if of_lap.empty:
        raise ForecastError(
            f"{ref} ended laps {int(own['lap'].min())} to {int(own['lap'].max())} of {race.label}; found --lap {lap}."
        )
    return pd.Timestamp(of_lap[["event_timestamp", "known_at"]].max(axis=1).iloc[0]) + BEFORE


def _usual(known: Tables, race: Race) -> int:
    distance = float(usual_distance(known, VISITS).get(race.race_id, np.nan))
    if np.isnan(distance):
        raise UsageError(f"no earlier race tells how many laps {race.label} has; say it with --laps.")
    return round(distance)


def _past(known: Tables, seen: pd.DataFrame, race: Race) -> Learned:
    """Learn from the races before: those at the circuit, and the newest others; compounds have had one name since 2019."""
    races = known["races"].sort_values("starts_at")
    races = races[
        races["race_id"].isin(seen["race_id"]) & (races["season"] >= NAMED_FROM) & (races["starts_at"] < race.starts_at)
    ]
    here = set(races.loc[races["circuit_id"] == race.circuit_id, "race_id"])
    chosen = here | set(races["race_id"].tail(MEMORY))
    laps = seen[seen["race_id"].isin(chosen)]
    if laps["pit_in_seconds"].notna().sum() == 0:
        raise ForecastError(
            f"no race with stops before {race.label} is in the data; add earlier laps: `pitwall data use`."
        )
    return learned(laps, here)
