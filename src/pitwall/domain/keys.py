"""The keys of rows, spelt here and nowhere else: what identifies a race, a car in a race, a lap, a pit stop."""

from __future__ import annotations

BLOCK = "race_id"  # what is resampled, split and held out: always whole races
RACE = (BLOCK,)
RACE_DRIVER = (BLOCK, "driver_id")
LAP = (*RACE_DRIVER, "lap")
STOP = (*RACE_DRIVER, "stop")
CUTOFF = "cutoff"
WHEN = ("season", "round")
# Every column that may stand in a spine; no feature may have such a name.
SPINE_NAMES = (BLOCK, "driver_id", "constructor_id", "circuit_id", *WHEN, "lap", "stop", CUTOFF)
