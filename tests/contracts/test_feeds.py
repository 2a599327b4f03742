"""Every feed keeps the contract on a race that it can tell, and those of one race tell the same laps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.params import parse_params
from pitwall.domain.project import Project
from pitwall.domain.tables import SPECS, Tables, load_tables
from pitwall.live.events import TABLES, End, Item
from pitwall.live.feeds import Feed, Wanted, feeds
from pitwall.live.feeds.machinery.of_tables import events_of
from pitwall.live.journal import Journal
from pitwall.live.race import live_race
from pitwall.sources.machinery.stage import ingest
from pitwall.sources.machinery.stage import tables as make_tables
from pitwall.testing import tiny_tables
from pitwall.testing.checks.feeds import check_feed
from pitwall.testing.live.openf1_api import OpenF1Api
from pitwall.testing.sites.clocks import SharedClock
from pitwall.testing.sites.site import Site

LABEL = "2021-01"
WORLD = {"seasons": 2, "teams": 3, "races": 3, "laps_seasons": 1}


def _wanted(folder: Path, tables: Tables, label: str = LABEL) -> Wanted:
    race = live_race(tables, label)
    told = {name: tables[name][tables[name]["race_id"] == race.race.race_id] for name in TABLES}
    return Wanted(race, told, parse_params({}), Project(folder))


def _replay(folder: Path) -> Iterator[Wanted]:
    yield _wanted(folder, tiny_tables(seasons=1, races=1, cars=6))


def _recorded(folder: Path) -> Iterator[Wanted]:
    wanted = _wanted(folder, tiny_tables(seasons=1, races=1, cars=6))
    journal = Journal(folder / "recording.jsonl", LABEL, "replay")
    journal.hear(events_of(wanted.told))
    journal.close()
    yield replace(wanted, told={}, location=str(folder / "recording.jsonl"))


def _openf1(folder: Path) -> Iterator[Wanted]:
    wanted = _wanted(folder, tiny_tables(seasons=1, races=1, cars=6))
    clock = SharedClock(folder / "clock", wanted.race.race.starts_at.timestamp() + 100.0)
    with Site(OpenF1Api(wanted.race, wanted.told, clock.now)) as site:
        options = {"wait": clock.sleep, "now": clock.now, "poll_s": 90.0}
        yield replace(wanted, told={}, location=site.url, options=options)


def _synthetic(folder: Path) -> Iterator[Wanted]:
    project, params = Project(folder), parse_params({"sources": {"synthetic": WORLD}})
    ingest(project, params, "synthetic")
    make_tables(project, params)
    made = load_tables(project.tables)
    races = made["races"].sort_values("starts_at")
    coming = races[~races["race_id"].isin(made["results"]["race_id"])].iloc[0]
    label = f"{coming['season']}-{coming['round']:02d}"
    yield replace(_wanted(folder, made, label), params=params)


WORLDS: dict[str, Callable[[Path], Iterator[Wanted]]] = {
    "replay": _replay,
    "recorded": _recorded,
    "openf1": _openf1,
    "synthetic": _synthetic,
}


def test_every_feed_is_checked() -> None:
    assert set(WORLDS) == set(feeds())


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_a_feed_keeps_the_contract(name: str, tmp_path: Path) -> None:
    wanted = next(opened := WORLDS[name](tmp_path))
    made = check_feed(feeds()[name], wanted)
    assert made["laps"]["completed"].sum() > 10
    if name in {"replay", "recorded"}:
        told = next(_replay(tmp_path)).told["laps"].sort_values(["driver_id", "lap"], ignore_index=True)
        columns = list(SPECS["laps"].columns)  # the instants of the tiny world are finer than a feed's milliseconds
        pd.testing.assert_frame_equal(made["laps"][columns], told[columns])
    opened.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (lambda items: items[:-1], "one end"),
        (lambda items: [*items, End()], "one end"),
        (lambda items: [items[0], *items], "one place in the order"),
        (lambda items: [item for item in items if getattr(item, "kind", "") != "lap"], "no lap"),
    ],
)
def test_the_contract_catches(fault: Callable[[list[Item]], list[Item]], told: str, tmp_path: Path) -> None:
    wanted, honest = next(_replay(tmp_path)), feeds()["replay"]
    planted = Feed("planted", "a feed with a fault", lambda asked: iter(fault(list(honest.open(asked)))))
    with pytest.raises(AssertionError, match=told):
        check_feed(planted, wanted)
