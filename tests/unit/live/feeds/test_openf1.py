"""A race polled from a server in OpenF1's form is told as it was driven, whatever the server does in between."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables
from pitwall.live.answer import LiveError
from pitwall.live.events import TABLES, End, Event, Tick
from pitwall.live.feeds import Wanted, feed
from pitwall.live.race import LiveRace, live_race
from pitwall.live.state.ledger import Ledger
from pitwall.testing import tiny_tables
from pitwall.testing.live.openf1_api import OpenF1Api
from pitwall.testing.sites.clocks import SharedClock
from pitwall.testing.sites.site import Fault, Site, changed, cut_short, half_a_text, status, web_page

LABEL = "2021-02"  # its second race has a safety car


@pytest.fixture(scope="module")
def tables() -> Tables:
    return tiny_tables(seasons=1, races=2, cars=6)


@pytest.fixture(scope="module")
def race(tables: Tables) -> LiveRace:
    return live_race(tables, LABEL)


@pytest.fixture(scope="module")
def told(tables: Tables, race: LiveRace) -> dict[str, pd.DataFrame]:
    return {name: tables[name][tables[name]["race_id"] == race.race.race_id] for name in TABLES}


def polled(
    race: LiveRace,
    told: Mapping[str, pd.DataFrame],
    folder: Path,
    faults: Mapping[int, Fault] | None = None,
    later: float = 100.0,
) -> tuple[Ledger, list[object]]:
    clock = SharedClock(folder / "clock", race.race.starts_at.timestamp() + later)
    options = {"wait": clock.sleep, "now": clock.now, "poll_s": 40.0}
    with Site(OpenF1Api(race, told, clock.now), faults=faults) as site:
        wanted = Wanted(race, {}, Params(), Project(folder), site.url, options)
        items = list(feed("openf1").open(wanted))
    ledger = Ledger()
    for item in items:
        if isinstance(item, Event):
            ledger.apply(item)
    return ledger, list(items)


def laps_of(ledger: Ledger) -> pd.DataFrame:
    rows = [{"driver_id": key[0], "lap": key[1], **row.said} for key, row in ledger.rows["laps"].items()]
    return pd.DataFrame(rows).dropna(subset="end_seconds").sort_values(["driver_id", "lap"], ignore_index=True)


def test_laps_tyres_and_statuses_are_those_that_were_driven(
    race: LiveRace, told: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    ledger, items = polled(race, told, tmp_path)
    driven = told["laps"][told["laps"]["completed"]].sort_values(["driver_id", "lap"], ignore_index=True)
    found = laps_of(ledger)
    assert found[["driver_id", "lap"]].to_numpy().tolist() == driven[["driver_id", "lap"]].to_numpy().tolist()
    for name in ("start_seconds", "end_seconds"):
        assert (found[name] - driven[name]).abs().max() < 0.002
    same = ["constructor_id", "seconds", "compound", "tyre_laps", "stint", "sector_2", "speed_st"]
    for name in same:
        assert (found[name].isna() == driven[name].isna()).all(), name
        assert (found[name].dropna().to_numpy() == driven[name].dropna().to_numpy()).all(), name
    assert (found["place"] == driven.groupby("lap")["end_seconds"].rank(method="min")).all()
    assert found["pit_in_seconds"].notna().tolist() == driven["pit_in_seconds"].notna().tolist()
    statuses = [row.said["status"] for _, row in sorted(ledger.rows["track_status"].items())]
    assert statuses == told["track_status"].sort_values("message")["status"].tolist()
    assert isinstance(items[-1], End)
    assert any(isinstance(item, Tick) for item in items)


def test_a_session_that_goes_on_numbers_above_the_one_before(
    race: LiveRace, told: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    (tmp_path / "again").mkdir()
    _, first = polled(race, told, tmp_path)
    _, again = polled(race, told, tmp_path / "again", later=3600.0)
    last = max(each.sequence for each in first if isinstance(each, Event))
    assert all(each.sequence > last for each in again if isinstance(each, Event))


def renamed(content: object) -> object:
    return [{f"{name}_": value for name, value in row.items()} for row in content]  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", [status(429, "7"), status(503), cut_short, half_a_text, web_page, changed(renamed)])
def test_a_server_that_fails_for_a_while_costs_nothing(
    race: LiveRace, told: dict[str, pd.DataFrame], tmp_path: Path, fault: Fault
) -> None:
    honest, _ = polled(race, told, tmp_path)
    ledger, _ = polled(race, told, tmp_path, dict.fromkeys(range(12, 27), fault))
    expected, found = laps_of(honest), laps_of(ledger)
    assert len(found) == len(expected) > 40
    pd.testing.assert_frame_equal(found[expected.columns], expected)


def test_what_cannot_be_followed_is_refused(race: LiveRace, told: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="this machine"):
        list(feed("openf1").open(Wanted(race, {}, Params(), Project(tmp_path), "http://example.org/v1")))
    clock = SharedClock(tmp_path / "clock", race.race.starts_at.timestamp())
    with (
        Site(lambda path: OpenF1Api(race, told, clock.now)(path.replace("2021", "2031"))) as site,
        pytest.raises(LiveError, match="no race within a day and a half"),
    ):
        list(feed("openf1").open(Wanted(race, {}, Params(), Project(tmp_path), site.url)))
    strangers = changed(lambda rows: [{**row, "name_acronym": "XXX"} for row in rows])
    with (
        Site(OpenF1Api(race, told, clock.now), faults={1: strangers}) as site,
        pytest.raises(LiveError, match="none of the 6"),
    ):
        list(feed("openf1").open(Wanted(race, {}, Params(), Project(tmp_path), site.url)))
