"""The real dump, where it is present: nothing but shared drives is set aside, and the history has its known shape."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pitwall.domain.params import IngestParams, TimeParams
from pitwall.domain.tables import save_tables
from pitwall.sources.ergast import SOURCE, ErgastSettings
from pitwall.sources.machinery.admission.limits import check_limits
from pitwall.sources.machinery.canonical.new_teams import new_teams
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.snapshots.store import take_snapshot

pytestmark = pytest.mark.slow

DATA = Path(os.environ.get("PITWALL_REAL_DATA", Path(__file__).parents[4] / "shared" / "data")) / "ergast"


@pytest.mark.real_data
@pytest.mark.skipif(not (DATA / "races.csv").is_file(), reason="the real data set is not beside the project")
def test_real_history(tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    snapshot = take_snapshot(SOURCE, str(DATA), ErgastSettings(), tmp_path, now=now, previous=None)
    assert snapshot is not None
    build = build_tables([snapshot], TimeParams())
    save_tables(build.tables, tmp_path / "tables")
    assert build.quarantine["reason"].value_counts().to_dict() == {
        "shared drive: merged into the driver's best line": 91
    }
    assert not build.assumed  # every time of 75 years reads and can be
    grid = build.tables["grid"]
    assert ((grid["driver_id"] == 579) & (grid["grid"] == 1)).sum() == 29  # as the records say of Fangio
    assert len(build.tables["entries"]) - len(grid) == 39
    races, results = build.tables["races"], build.tables["results"]
    assert len(results) == 26_759 - 91
    assert (races["practice_at"] < races["qualifying_at"]).all() and (races["qualifying_at"] < races["starts_at"]).all()
    assert races.set_index("season")["start_estimated"].groupby(level=0).all()[2004]
    modern = results.merge(races[["race_id", "season"]], on="race_id").query("season >= 2010 and started")
    assert 0.14 < modern["retired"].mean() < 0.17
    teams = build.tables["constructors"].set_index("ref")["lineage"]
    assert teams["racing_point"] == teams["aston_martin"] == teams["force_india"]
    assert teams["brawn"] == teams["mercedes"] == teams["honda"] == teams["bar"]
    assert teams["stewart"] == teams["jaguar"] == teams["red_bull"]
    assert new_teams(build.tables, {}) == []
    told = check_limits(snapshot, IngestParams(), TimeParams())
    assert told == {"results: shared drive: merged into the driver's best line": 91}
