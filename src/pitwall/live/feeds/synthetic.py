"""The feed `synthetic`: a race of the known world, driven live: the next one, which the data do not hold, or one that was run.

The world says what happens; the feed tells it in the form, and through the checks, of a source of laps.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import pandas as pd

from pitwall.domain.tables import load_tables
from pitwall.live.answer import LiveError
from pitwall.live.events import Item
from pitwall.live.feeds.machinery.feed import Feed, Wanted
from pitwall.live.feeds.machinery.of_tables import events_of, with_ticks
from pitwall.sources.machinery.canonical.laps import World as Calendar
from pitwall.sources.machinery.canonical.laps import lap_tables
from pitwall.sources.machinery.snapshots.read import Quarantine
from pitwall.sources.machinery.snapshots.store import Snapshot
from pitwall.sources.synthetic import SOURCE, SyntheticSettings
from pitwall.sources.synthetic_world import World
from pitwall.sources.synthetic_world.publishing.dump import Dump
from pitwall.sources.synthetic_world.publishing.history import generator
from pitwall.sources.synthetic_world.publishing.laps import LapFiles

LIVE = 97  # of the noise of sectors and speeds, apart from all that is published


def tell(wanted: Wanted) -> Iterator[Item]:
    """Yield the events of a race as the world drives it.

    Raises:
        LiveError: the project's results are of another source, or the world has no weekend of this race.
    """
    yield from with_ticks(events_of(driven(wanted)))


def driven(wanted: Wanted) -> Mapping[str, pd.DataFrame]:
    """Return the live tables of a race as the world drives it; see `tell`."""
    if SOURCE.name not in wanted.params.sources:
        used = ", ".join(wanted.params.sources)
        raise LiveError(
            f"the feed {SOURCE.name} drives races of the synthetic world; this project uses {used}. Use `replay`."
        )
    world, race = World(cast(SyntheticSettings, SOURCE.settings(wanted.params))), wanted.race.race
    if race.race_id not in world.races:
        raise LiveError(
            f"the world has no weekend of {race.label} yet; it can drive the races that were run, and the next one."
        )
    each, files = world.round(race.race_id), LapFiles()
    files.add(Dump(), each, world.run(race.race_id), generator(world.settings.seed, LIVE, each.season, each.number))
    tables = load_tables(wanted.project.tables, ["races", "drivers", "constructors", "qualifying", "results"])
    with tempfile.TemporaryDirectory() as folder:
        files.write(Path(folder))
        names = sorted(path.name for path in Path(folder).iterdir())
        started = race.starts_at.to_pydatetime()
        snapshot = Snapshot(Path(folder), SOURCE.name, "laps", None, "", started, {name: {} for name in names}, "")
        return lap_tables(snapshot, Calendar.at(tables, started), Quarantine(snapshot.name)).tables


FEED = Feed(
    name="synthetic",
    summary="a race of the known world, driven live: the next one by default",
    open=tell,
    open_ended=True,
)
