"""The keys of rows, spelt here and nowhere else: a race, a car in a race, a lap, a stint, a pit stop, a compound in a race."""

from __future__ import annotations

BLOCK = "race_id"  # what is resampled, split and held out: always whole races
DRIVER, TEAM = "driver_id", "constructor_id"
RACE = (BLOCK,)
RACE_DRIVER = (BLOCK, DRIVER)
LAP = (*RACE_DRIVER, "lap")
RACE_LAP = (BLOCK, "lap")  # a lap of the race, by whoever ends it first
STINT = (*RACE_DRIVER, "stint")
STOP = (*RACE_DRIVER, "stop")
RACE_COMPOUND = (BLOCK, "compound_id")  # 1 soft, 2 medium, 3 hard: pitwall.domain.racing.tyres
CUTOFF = "cutoff"
WHEN = ("season", "round")
# Every column that may stand in a spine; no feature may have such a name.
SPINE_NAMES = (
    *(BLOCK, DRIVER, TEAM, "circuit_id", *WHEN),
    *("lap", "stint", "stop", "compound_id", CUTOFF),
)
