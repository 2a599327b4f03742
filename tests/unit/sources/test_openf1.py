"""The openf1 source against a server of this machine: laps as they were driven, and refusals where the API has changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError, UsageError
from pitwall.domain.params import Params, TimeParams
from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.openf1.status import in_force, read_log
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot
from pitwall.sources.openf1 import SOURCE, OpenF1Settings
from pitwall.sources.synthetic import SOURCE as SYNTHETIC
from pitwall.testing.sites.clocks import SharedClock
from pitwall.testing.sites.openf1_api import OpenF1Api
from pitwall.testing.sites.published import SMALL
from pitwall.testing.sites.site import Fault, Site, cut_short, status, web_page

NOW = datetime(2018, 12, 1, tzinfo=UTC)
WANTED = OpenF1Settings(first_season=2018, last_season=2018, first_pause_s=0.01)
NOT_TOLD = {"speed_fl", "personal_best", "deleted", "deleted_reason", "seconds_source"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    settings = SYNTHETIC.Settings.model_validate(SMALL)
    taken = take_snapshot(SYNTHETIC, None, settings, tmp_path_factory.mktemp("world"), now=NOW, previous=None)
    assert taken is not None
    return taken


@pytest.fixture
def around(world: Snapshot, tmp_path: Path) -> Around:
    shared = SharedClock(tmp_path / "clock", NOW.timestamp())
    return Around(tmp_path / "state", results=world.folder, now=shared.now, sleep=shared.sleep)


@pytest.fixture
def api(world: Snapshot) -> OpenF1Api:
    return OpenF1Api(world.folder)


def take(site: Site, around: Around, raw: Path, settings: OpenF1Settings = WANTED) -> Snapshot:
    notes: list[str] = []
    now = datetime.fromtimestamp(around.now(), UTC)
    taken = take_snapshot(SOURCE, site.url, settings, raw, now=now, previous=None, around=around, notes=notes)
    assert taken is not None
    (raw / "notes").write_text("\n".join(notes))
    return taken


def unlike(ours: pd.Series, theirs: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(ours):
        return ((ours - theirs).abs() > 0.0015) | (ours.isna() != theirs.isna())
    return (ours.astype(object) != theirs.astype(object)) & ~(ours.isna() & theirs.isna())


def test_laps_are_those_that_were_driven(world: Snapshot, api: OpenF1Api, around: Around, tmp_path: Path) -> None:
    with Site(api) as site:
        taken = take(site, around, tmp_path)
    ours = build_tables([world], TimeParams()).tables
    theirs = build_tables(
        [replace(world, files={k: v for k, v in world.files.items() if "parquet" not in k})], TimeParams(), [taken]
    ).tables
    assert {name: len(ours[name]) for name in ("laps", "weather", "start_tyres")} == {
        name: len(theirs[name]) for name in ("laps", "weather", "start_tyres")
    }
    laps = ours["laps"].merge(theirs["laps"], on=["race_id", "driver_id", "lap"], suffixes=("", "_there"))
    assert len(laps) == len(ours["laps"])
    done = laps[laps["completed"]]
    assert laps["completed"].equals(laps["completed_there"])
    for column in [name for name in ours["laps"].columns if f"{name}_there" in laps and name not in NOT_TOLD]:
        apart = done[unlike(done[column], done[f"{column}_there"])]
        assert apart.empty, apart[["race_id", "driver_id", "lap", column, f"{column}_there"]].head().to_string()
    tyres = ours["start_tyres"].merge(theirs["start_tyres"], on=["race_id", "driver_id"], suffixes=("", "_there"))
    assert (tyres["compound"] == tyres["compound_there"]).all()
    messages = [each["track_status"][["race_id", "seconds", "status"]] for each in (ours, theirs)]
    told = messages[0][messages[0]["seconds"] > 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(told, messages[1].reset_index(drop=True))


def test_a_car_that_the_results_do_not_know_is_named(api: OpenF1Api, around: Around, tmp_path: Path) -> None:
    api.rows["drivers"][0] |= {"name_acronym": "XYZ", "driver_number": 999, "last_name": "Nobody"}
    with Site(api) as site:
        take(site, around, tmp_path)
    assert "not read: car 999 (XYZ) of 2018-01 is none of the results" in (tmp_path / "notes").read_text()


def test_a_code_counts_more_than_a_number(world: Snapshot, api: OpenF1Api, around: Around, tmp_path: Path) -> None:
    numbers = sorted({row["driver_number"] for row in api.rows["laps"]})
    swapped = dict(zip(numbers, [*numbers[1:], numbers[0]], strict=True))
    for rows in api.rows.values():
        for row in rows:
            if "driver_number" in row:
                row["driver_number"] = swapped[row["driver_number"]]
    with Site(api) as site:
        taken = take(site, around, tmp_path)
    laps = [pd.read_parquet(each.folder / "laps_2018.parquet") for each in (world, taken)]
    first = [each.groupby("driverId")["LapTime"].sum() for each in laps]
    assert (first[0].sort_index() - first[1].sort_index()).abs().max() < 200


@pytest.mark.parametrize("fault", [status(429, "2"), status(502), cut_short], ids=["429", "502", "cut"])
def test_what_passes_is_asked_again(fault: Fault, api: OpenF1Api, around: Around, tmp_path: Path) -> None:
    with Site(api, faults={1: fault, 6: fault}, limits=[(3, 1.0), (30, 60.0)], now=around.now) as site:
        take(site, around, tmp_path)
        assert len(site.paths) == len(set(site.paths)) + 2
        assert site.most(60.0) <= 30


def drop(endpoint: str, field: str) -> Callable[[OpenF1Api], Any]:
    return lambda api: [row.pop(field) for row in api.rows[endpoint]]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (drop("laps", "lap_duration"), r"laps\?session_key=9000: 'lap_duration' is missing"),
        (drop("stints", "compound"), r"'compound' is missing"),
        (drop("position", "position"), r"'position' is missing"),
        (drop("sessions", "date_start"), r"'date_start' is missing"),
        (lambda api: [row.update(date="noon") for row in api.rows["weather"]], r"'noon' is no instant"),
        (lambda api: api.rows["laps"].clear(), r"has no lap of the races of the results"),
    ],
    ids=["no lap time", "no compound", "no place", "no start", "no instant", "no laps"],
)
def test_a_changed_api_is_refused(
    edit: Callable[[OpenF1Api], Any], said: str, api: OpenF1Api, around: Around, tmp_path: Path
) -> None:
    edit(api)
    with Site(api) as site, pytest.raises(SourceError, match=said):
        take(site, around, tmp_path)
    assert not list((tmp_path / "openf1").iterdir())


def test_a_page_of_a_proxy_is_refused(api: OpenF1Api, around: Around, tmp_path: Path) -> None:
    with Site(api, faults={3: web_page}) as site, pytest.raises(SourceError, match=r"expected application/json"):
        take(site, around, tmp_path)


def test_laps_before_any_results_say_what_to_run(api: OpenF1Api, around: Around, tmp_path: Path) -> None:
    with Site(api) as site, pytest.raises(SourceError, match=r"fetch them first with `dvc repro ingest`"):
        take(site, replace(around, results=None), tmp_path)
    with Site(api) as site, pytest.raises(SourceError, match=r"no race of 2023 to 2024 that was run"):
        take(site, around, tmp_path, OpenF1Settings(first_season=2023, last_season=2024))


def test_limits_above_what_is_asked_for_are_refused() -> None:
    with pytest.raises(UsageError, match=r"sources.openf1.requests_per_minute"):
        SOURCE.settings(Params(sources={"openf1": {"requests_per_minute": 31}}))


def message(flag: str | None, text: str, sector: int | None = None) -> dict[str, Any]:
    return {"flag": flag, "message": text, "sector": sector}


def test_race_control_is_read_as_codes() -> None:
    told = [
        (0.0, message(None, "SESSION STARTED")),
        (10.0, message("YELLOW", "YELLOW IN TRACK SECTOR 4", 4)),
        (12.0, message("DOUBLE YELLOW", "DOUBLE YELLOW IN TRACK SECTOR 5", 5)),
        (15.0, message("CLEAR", "CLEAR IN TRACK SECTOR 4", 4)),
        (20.0, message("CLEAR", "CLEAR IN TRACK SECTOR 5", 5)),
        (30.0, message(None, "SAFETY CAR DEPLOYED")),
        (35.0, message("CLEAR", "CLEAR IN TRACK SECTOR 4", 4)),
        (40.0, message(None, "SAFETY CAR IN THIS LAP")),
        (50.0, message("CLEAR", "TRACK CLEAR")),
        (60.0, message(None, "VSC DEPLOYED")),
        (65.0, message(None, "VSC ENDING")),
        (70.0, message("GREEN", "GREEN LIGHT - TRACK CLEAR")),
        (80.0, message("RED", "RED FLAG")),
        (90.0, message(None, "SESSION RESUMED")),
        (99.0, message("CHEQUERED", "CHEQUERED FLAG")),
    ]
    log = read_log(reversed(told))
    assert log.track == [
        *((10.0, "2"), (20.0, "1"), (30.0, "4"), (50.0, "1"), (60.0, "6"), (65.0, "7"), (70.0, "1")),
        *((80.0, "5"), (90.0, "1")),
    ]
    assert log.session == [(0.0, "Started"), (80.0, "Aborted"), (90.0, "Started"), (99.0, "Finished")]
    assert in_force(log.track, 5.0, 35.0) == "124"
