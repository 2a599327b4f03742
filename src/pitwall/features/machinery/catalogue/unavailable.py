"""Features that people ask for and that the data cannot support: why, and what data it would take.

They are listed beside the others so that nobody takes silence for a promise, and no number stands in for them. Some can be had of a
user's own file: such a feature is there where the project's tables hold its lines, and refused by name where they hold none.
"""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.domain.project import Project


@dataclass(frozen=True)
class Unavailable:
    """A feature that is not there: its name, why, what data would make it, and the nearest thing that there is.

    `table` is the canonical table that a user's own file fills; the feature is there once it has.
    """

    name: str
    reason: str
    needs: str
    instead: str
    table: str | None = None


def unavailable(project: Project | None) -> tuple[Unavailable, ...]:
    """Return the features that cannot be had with the tables of a project; without one, those of no user's file either."""
    return tuple(each for each in UNAVAILABLE if project is None or not _given(project, each.table))


def _given(project: Project, table: str | None) -> bool:
    path = project.tables / f"{table}.parquet"
    if table is None or not path.is_file():
        return False
    import pyarrow.parquet as pq

    return bool(pq.read_metadata(path).num_rows)


HOW = "in a folder FOLDER, then `pitwall data use user_files --location FOLDER` and `dvc repro` (docs/data.md)"


UNAVAILABLE = (
    Unavailable(
        "avg_corner_speed",
        "the data hold no telemetry: speed is measured at three fixed points and on the longest straight",
        f"your own telemetry: write corner_speeds.csv (season,round,driver,session,avgCornerSpeed) {HOW}",
        "practice_sector_1 to quali_sector_3 and the others of sector_times",
        "corner_speeds",
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
        "your own list of upgrades, e.g. from the car presentation documents of the FIA (since 2022): write upgrades.csv "
        f"(season,round,constructor) {HOW}",
        "team_pace_change: the change itself, by whatever cause",
        "upgrades",
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
