"""The contract of a data source: `check_source` passes for every plug-in of `pitwall.sources`, and for yours.

A source of laps or of a user's files is checked beside the small synthetic world, whose races and drivers it refers to; `small_laps`
and `small_user_files` write such files.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Section, TimeParams
from pitwall.domain.refs import folder_hash
from pitwall.domain.tables import Tables, save_tables
from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.canonical.tables import TableBuild, build_tables
from pitwall.sources.machinery.reading.schema import FORMATS
from pitwall.sources.machinery.snapshots.store import Snapshot, fetch_checked, snapshots, take_snapshot
from pitwall.sources.machinery.source import Source
from pitwall.testing.sites.clocks import SharedClock

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
FETCHED = datetime(2026, 3, 1, 12, tzinfo=UTC)  # the first of the snapshots that `kept` keeps
SMALL_WORLD = {"seasons": 2, "teams": 4, "races": 4, "laps_seasons": 0}
LAPS = 5
FEED_START = 3600.0
BRINGS = {
    "results": ("results",),
    "laps": ("laps",),
    "both": ("results", "laps"),
    "user": ("upgrades", "corner_speeds"),
}


def check_source(source: Source, folder: Path, settings: Section | None = None, location: str | None = None) -> Tables:
    """Check a source from fetch to canonical tables.

    Args:
        source: the plug-in.
        folder: an empty folder to work in.
        settings: its settings; the defaults when None.
        location: where it reads from, if it needs that.

    Returns:
        The tables that it gave, schema-checked.

    Raises:
        AssertionError: says what the source breaks.
        PitwallError: the source's own refusal.
    """
    settings = settings or source.Settings()
    assert source.summary and source.attribution, f"{source.name}: say what it is and whom to credit"
    folder.mkdir(parents=True, exist_ok=True)
    world = None if source.brings_results else small_world(folder / "world")
    around = _around(folder, world)
    first = _fetched(source, location, settings, folder / "first", around)
    if source.deterministic or source.published:
        second = _fetched(source, location, settings, folder / "second", around)
        assert first == second, f"{source.name}: two fetches of the same content differ"
    taken = take_snapshot(source, location, settings, folder / "raw", now=NOW, previous=None, around=around)
    kept = snapshots(folder / "raw" / source.name, source.world(settings))
    assert [taken] == kept, f"{source.name}: the snapshot does not read back as it was taken"
    if source.deterministic:
        again = take_snapshot(source, location, settings, folder / "raw", now=NOW, previous=kept[-1])
        assert again is None, f"{source.name}: the same content was kept twice"
    if source.needs_location or source.published:
        _refuses_nowhere(source, settings, folder)
    build = build_tables([world], TimeParams(), kept) if world else build_tables(kept, TimeParams())
    save_tables(build.tables, folder / "tables")
    for name in BRINGS[source.role]:
        assert len(build.tables[name]), f"{source.name}: no row of {name} survived the cleaning"
    return Tables(build.tables)


def small_world(folder: Path) -> Snapshot:
    """Return a snapshot of the small synthetic world, taken below `folder`."""
    from pitwall.sources.synthetic import SOURCE

    settings = SOURCE.Settings.model_validate(SMALL_WORLD)
    taken = take_snapshot(SOURCE, None, settings, folder, now=NOW, previous=None)
    assert taken is not None
    return taken


def small_laps(folder: Path) -> None:
    """Write laps of the small synthetic world into a folder, as the files of a source of laps.

    They are of the first race; the feed's clock stands at `FEED_START` when it starts.
    """
    laps = _first_laps()
    race = {"raceId": laps["raceId"].iloc[0]}
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        f"laps_{laps['Season'].iloc[0]}": laps,
        "session_status": pd.DataFrame([{**race, "Time": FEED_START, "Status": "Started"}]),
        "track_status": pd.DataFrame([{**race, "Time": FEED_START, "Status": "1", "Message": "AllClear"}]),
        "weather": pd.DataFrame([{**race, "Time": FEED_START - 60 * n, "AirTemp": 20.0 + n} for n in range(3)]),
    }
    for name, rows in files.items():
        rows.to_parquet(folder / f"{name}.parquet")


def small_user_files(folder: Path) -> None:
    """Write an upgrade of each team and the corner speed of each car in the first race of the small synthetic world, by id."""
    cars = _first_laps().drop_duplicates("driverId")
    race = pd.DataFrame({"season": cars["Season"], "round": cars["RoundNumber"]})
    folder.mkdir(parents=True, exist_ok=True)
    upgrades = race.assign(constructor=cars["constructorId"]).drop_duplicates()
    speeds = race.assign(driver=cars["driverId"], session="Q", avgCornerSpeed=170.0 - cars["Position"])
    upgrades.to_csv(folder / "upgrades.csv", index=False)
    speeds.to_csv(folder / "corner_speeds.csv", index=False)


def _first_laps() -> pd.DataFrame:
    """Return laps of every car in the first race of the small world, each car as fast as its place."""
    with tempfile.TemporaryDirectory() as scratch:
        world = small_world(Path(scratch)).folder
        races, results = (pd.read_csv(world / f"{name}.csv", na_values="\\N") for name in ("races", "results"))
    race = races.iloc[0]
    cars = results.loc[results["raceId"] == race["raceId"], ["raceId", "driverId", "constructorId", "positionOrder"]]
    laps = cars.rename(columns={"positionOrder": "Position"}).merge(
        pd.DataFrame({"LapNumber": range(1, LAPS + 1)}), how="cross"
    )
    lap_time = 90.0 + 0.1 * laps["Position"]
    end = FEED_START + laps["LapNumber"] * lap_time
    times = {"LapTime": lap_time, "LapStartTime": end - lap_time, "Time": end}
    return laps.assign(Season=race["year"], RoundNumber=race["round"], **times, TrackStatus=None, Compound="SOFT")


def _around(folder: Path, world: Snapshot | None) -> Around:
    """Return what surrounds a fetch: an empty state, and the world that laps refer to."""
    shared = SharedClock(folder / "clock", NOW.timestamp())
    return Around(folder / "state", results=world.folder if world else None, now=shared.now, sleep=shared.sleep)


def _fetched(source: Source, location: str | None, settings: Section, folder: Path, around: Around) -> str:
    folder.mkdir(parents=True)
    fetch_checked(source, location, settings, folder, around=around)
    stray = sorted(path.name for path in folder.iterdir() if FORMATS[source.role].table(path.name) is None)
    assert not stray, f"{source.name} wrote files that are no raw table: {stray}"
    return folder_hash(folder)


def _refuses_nowhere(source: Source, settings: Section, folder: Path) -> None:
    nowhere, empty = str(folder / "nowhere"), folder / "unfilled"
    empty.mkdir()
    try:
        fetch_checked(source, nowhere, settings, empty)
    except SourceError as error:
        assert "nowhere" in str(error), f"{source.name}: the error must name the missing location"
    else:
        raise AssertionError(f"{source.name} fetched from a place that does not exist")


def kept(dump: Path, days: int = 0) -> Snapshot:
    """Return a snapshot of a dump in Ergast's format, kept beside it some days after a fixed instant."""
    from pitwall.sources.ergast import SOURCE, ErgastSettings

    now = FETCHED + timedelta(days=days)
    taken = take_snapshot(SOURCE, str(dump), ErgastSettings(), dump.parent / "raw", now=now, previous=None)
    assert taken is not None
    return taken


def built(*taken: Snapshot) -> TableBuild:
    """Return the tables of snapshots with the default time rules."""
    return build_tables(taken, TimeParams())
