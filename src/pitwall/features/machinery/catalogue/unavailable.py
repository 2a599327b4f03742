"""Features that people ask for and that the data cannot support: why, and what data it would take.

They are listed beside the others so that nobody takes silence for a promise, and no number stands in for them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unavailable:
    """A feature that is not there: its name, why, what data would make it, and the nearest thing that there is."""

    name: str
    reason: str
    needs: str
    instead: str


UNAVAILABLE = (
    Unavailable(
        "avg_corner_speed",
        "the data hold no telemetry: speed is measured at three fixed points and on the longest straight",
        "car telemetry (speed and position several times a second) and a map of each circuit's corners",
        "practice_sector_1 to quali_sector_3 and the others of sector_times",
    ),
    Unavailable(
        "practice_long_run_pace",
        "practice is recorded as the best time and the number of laps, without the laps themselves",
        "the timing feed of practice sessions, lap by lap, with tyres",
        "practice_laps, fp1_gap_pct, fp2_gap_pct, fp3_gap_pct",
    ),
    Unavailable(
        "testing_pace",
        "tests before a season are not in the data",
        "the timing of pre-season tests, lap by lap",
        "the ratings, whose uncertainty widens at a season's start",
    ),
    Unavailable(
        "upgrade_effectiveness",
        "no table says which team brought which parts when, so a change of pace cannot be put down to an upgrade",
        "a dated list of upgrades per team, such as the car presentation documents of the FIA (since 2022)",
        "team_pace_change: the change itself, by whatever cause",
    ),
    Unavailable(
        "predicted_strategy",
        "it is what another model says, and a frame does not depend on a model: it stands beside forecasts of cars as of "
        "the start instead, with the version of `pit_window` that said it",
        "nothing: promote `pit_window`, and every such forecast tells it",
        "the features that it is told from: start_tyre",
    ),
    Unavailable(
        "weather_condition",
        "one word for the weather of a race is known after the race: an outcome",
        "nothing: known after the race, it can be no feature of it",
        "rain_probability, as forecast; raining_now, track_temp_now and the others of conditions; circuit_wet_rate",
    ),
    Unavailable(
        "fuel_load",
        "no team publishes it",
        "fuel at the start and the flow of every car",
        "the lap number, its usual stand-in",
    ),
)
