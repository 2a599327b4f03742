"""The real laps, where they are present: every row goes in, per season, and each meets its race and its driver's result."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import save_tables
from pitwall.sources import sources as known_sources
from pitwall.sources.machinery.canonical.laps import World, lap_tables
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.fetching import inspect
from pitwall.sources.machinery.snapshots import store
from pitwall.sources.machinery.snapshots.read import Quarantine
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot

DATA = Path(os.environ.get("PITWALL_REAL_DATA", Path(__file__).parents[4] / "shared" / "data"))
REFERENCES = ("races", "results", "qualifying", "drivers", "constructors", "circuits", "status")
NOW = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not (DATA / "laps").is_dir(), reason="the real data set is not beside the project"),
]


def taken(name: str, location: Path, raw: Path) -> Snapshot:
    source = known_sources()[name]
    snapshot = take_snapshot(source, str(location), source.Settings(), raw, now=NOW, previous=None)
    assert snapshot is not None
    return snapshot


def test_every_row_goes_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "inspect_folder", inspect.inspect)
    history = tmp_path / "history"  # the files that laps refer to; the rest of the dump takes half a minute
    history.mkdir()
    for name in REFERENCES:
        (history / f"{name}.csv").symlink_to(DATA / "ergast" / f"{name}.csv")
    results = build_tables([taken("ergast", history, tmp_path / "raw")], TimeParams()).tables
    snapshot, bad = taken("fastf1_laps", DATA / "laps", tmp_path / "raw"), Quarantine("real")
    made = lap_tables(snapshot, World.at(results, NOW), bad)
    save_tables(made.tables, tmp_path / "tables")
    laps = made.tables["laps"]
    season = laps["race_id"].map(results["races"].set_index("race_id")["season"])
    given = {int(path.stem[-4:]): len(pd.read_parquet(path)) for path in (DATA / "laps").glob("laps_*.parquet")}
    assert season.value_counts().to_dict() == given
    assert bad.frame().empty
    for name in ("weather", "track_status", "session_status"):
        assert len(made.tables[name]) == len(pd.read_parquet(DATA / "laps" / f"{name}.parquet"))
    keys = ["race_id", "driver_id", "constructor_id"]
    assert len(laps[keys].drop_duplicates().merge(results["results"], on=keys)) == len(laps[keys].drop_duplicates())
    assert made.assumed == {"laps: TrackStatus not given, read as 1": 1_340}
    assert (~laps["completed"]).sum() == 234 and laps["seconds"].isna().sum() == 1_777
    assert laps.loc[~laps["completed"], "seconds"].isna().all()
    assert laps.groupby("race_id")["start_seconds"].min().eq(0).all()
