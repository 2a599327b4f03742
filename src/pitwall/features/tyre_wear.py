"""How fast tyres wear these days, on each compound and at each circuit: what is known of it before a race.

Each race adds what its compounds lost per lap, in proportion to the stints that showed it. The level of all races fades, because
tyres, cars and rules move it (2022 doubled it); what a circuit asks of tyres stays, and is drawn to nothing while little is known of
it; compounds differ by little, because the maker brings to each circuit the rubber that fits it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.green import READS
from pitwall.features.machinery.shared.race_laps import races_with_laps
from pitwall.features.machinery.shared.states import cumulative_known
from pitwall.features.machinery.shared.tyre_wear import compound_wear

OWN = {number: f"wear_{name}" for number, name in COMPOUNDS.items()}
NEVER = "no race has shown wear yet (none before 2018)"


class Settings(Section):
    """How fast the level fades, and how much must be seen; settled on the races of 2019 to 2022.

    `fade` is what a race counts of the one after it, `whole_at` stints on a compound count as one whole sight of it, a circuit and a
    compound start as average with so many sights (`circuit_weight`, `compound_weight`), and wear beyond `least` and `most` (s/lap: a
    drying track, a puncture) counts as that much.
    """

    fade: float = 0.97
    whole_at: int = 10
    circuit_weight: float = 4.0
    compound_weight: float = 50.0
    least: float = -0.05
    most: float = 0.15


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per circuit after each race, held anywhere, that shows wear."""
    seen = compound_wear(tables)
    races, circuits = _stamped(tables, seen["race_id"]), tables["circuits"][["circuit_id", "known_at"]]
    by_race, wear, states = dict(tuple(seen.groupby("race_id"))), Wear(settings), []
    for race in races.to_dict("records"):
        wear.add(race["circuit_id"], by_race[race["race_id"]])
        states.append(circuits.assign(**{stamp: race[stamp] for stamp in STAMPS}, **wear.told(circuits["circuit_id"])))
    if not states:
        return _nothing()
    rows = pd.concat(states, ignore_index=True).astype(dict.fromkeys(STAMPS, UTC_US))
    entered = rows["circuit_id"].map(circuits.set_index("circuit_id")["known_at"]).astype(UTC_US)
    rows["known_at"] = rows["known_at"].where(rows["known_at"] >= entered, entered)
    return rows[GROUP.columns]


@dataclass
class Wear:
    """What the races so far have shown, as sums of wear and of sights: of all races, and beyond that by circuit and compound."""

    settings: Settings
    level: tuple[float, float] = (0.0, 0.0)
    circuits: dict[int, tuple[float, float]] = field(default_factory=dict)
    compounds: dict[int, tuple[float, float]] = field(default_factory=dict)

    def add(self, circuit: int, race: pd.DataFrame) -> None:
        """Add what the compounds of a race lost: to each part what the other two leave over, as they stood before it."""
        settings = self.settings
        wear = race["wear"].clip(settings.least, settings.most).to_numpy(np.float64)
        sight = race["stints"].clip(upper=settings.whole_at).to_numpy(np.float64) / settings.whole_at
        total, sights = self.level
        level = total / sights if sights else float(wear @ sight / sight.sum())
        here = self._circuit(circuit)
        own = np.array([self._compound(number) for number in race["compound_id"]])
        self.level = (
            settings.fade * total + float((wear - here - own) @ sight),
            settings.fade * sights + float(sight.sum()),
        )
        before = self.circuits.get(circuit, (0.0, 0.0))
        self.circuits[circuit] = (
            before[0] + float((wear - level - own) @ sight),
            before[1] + float(sight.sum()),
        )
        for number, left, seen in zip(race["compound_id"], wear - level - here, sight, strict=True):
            known = self.compounds.get(number, (0.0, 0.0))
            self.compounds[number] = (known[0] + float(left * seen), known[1] + float(seen))

    def told(self, circuits: pd.Series) -> dict[str, object]:
        """Return the features of circuits."""
        level = self.level[0] / self.level[1]
        here = circuits.map(lambda circuit: self.circuits.get(circuit, (0.0, 0.0))[1])
        excess = circuits.map(self._circuit).astype("float64")
        usual = {name: level + self._compound(number) for number, name in OWN.items()}
        return {**usual, "circuit_wear": excess, "circuit_wear_sights": here.astype("float64")}

    def _circuit(self, circuit: int) -> float:
        total, sights = self.circuits.get(circuit, (0.0, 0.0))
        return total / (sights + self.settings.circuit_weight)

    def _compound(self, number: int) -> float:
        total, sights = self.compounds.get(number, (0.0, 0.0))
        return total / (sights + self.settings.compound_weight)


def _stamped(tables: Tables, shown: pd.Series) -> pd.DataFrame:
    """Return the races that show wear in time order, with the instants from which on everything is known that they show."""
    races = races_with_laps(tables)
    for log in READS[1:]:  # they say which laps are green
        known = races["race_id"].map(tables[log].groupby("race_id")["known_at"].max())
        races["known_at"] = races["known_at"].where(~(known > races["known_at"]), known).astype(UTC_US)
    races = races[races["race_id"].isin(shown)].reset_index(drop=True)
    races["known_at"] = cumulative_known(races.assign(all=0), ["all"])
    return races


def _nothing() -> pd.DataFrame:
    types = {"circuit_id": "int64", **dict.fromkeys(STAMPS, UTC_US), **dict.fromkeys(GROUP.names, "float64")}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})[GROUP.columns]


GROUP = FeatureGroup(
    name="tyre_wear",
    entities=("circuit",),
    reads=("circuits", "races", "results", *READS),
    features=(
        *(
            Feature(
                OWN[number],
                "s/lap",
                f"what the {name} tyre loses per lap these days, fuel taken out, whatever the circuit",
                NEVER,
            )
            for number, name in COMPOUNDS.items()
        ),
        Feature("circuit_wear", "s/lap", "what tyres lose per lap at the circuit beyond that, drawn to 0", NEVER),
        Feature("circuit_wear_sights", "compounds", "races x compounds that have shown it, whole ones", NEVER),
    ),
    compute=compute,
    Settings=Settings,
    sets=("tyre_degradation",),
)
