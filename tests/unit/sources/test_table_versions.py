"""What a later snapshot does to a row: corrections, lines that vanish or come late, history that is fetched late."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pitwall.domain.tables import Tables
from pitwall.testing.checks.source import built, kept

pytestmark = pytest.mark.slow

Rows = list[dict[str, str]]
Editor = Callable[[str, Callable[[Rows], Any]], None]


def test_a_correction_is_a_new_version(dump: Path, edit: Editor) -> None:
    before = kept(dump)
    edit("results", lambda rows: rows[0].update({"points": "0"}))
    after = kept(dump, days=7)
    made = built(before, after)
    results = made.tables["results"].sort_values("known_at")
    versions = results[results.duplicated(["race_id", "driver_id"], keep=False)]
    assert versions["points"].tolist() == [25, 0]
    assert versions["known_estimated"].tolist() == [True, False]
    assert versions["known_at"].iloc[1] == pd.Timestamp(after.fetched_at)
    assert made.counts["corrected"].sum() == 1
    tables = Tables(made.tables)
    assert tables.vintages() == [pd.Timestamp(after.fetched_at)]
    assert tables.as_of(pd.Timestamp(before.fetched_at))["results"]["points"].max() == 25


def test_the_same_snapshot_content_again_changes_nothing(dump: Path) -> None:
    once, twice = built(kept(dump)), built(kept(dump, days=1), kept(dump, days=2))
    for name, frame in once.tables.items():
        pd.testing.assert_frame_equal(frame, twice.tables[name])


def test_a_row_that_vanishes_stays_and_is_counted(dump: Path, edit: Editor) -> None:
    before = kept(dump)
    edit("pit_stops", lambda rows: rows.pop())
    made = built(before, kept(dump, days=7))
    assert made.counts.set_index("table")["gone"].to_dict()["pit_stops"] == 1
    assert len(made.tables["pit_stops"]) == len(built(before).tables["pit_stops"])


def test_a_row_added_to_a_race_that_was_there_is_known_since_it_was_fetched(dump: Path, edit: Editor) -> None:
    taken: Rows = []
    original = (dump / "pit_stops.csv").read_text()
    edit("pit_stops", lambda rows: taken.append(rows.pop()))
    before = kept(dump)
    (dump / "pit_stops.csv").write_text(original)
    after = kept(dump, days=7)
    made = built(before, after)
    late = made.tables["pit_stops"].query("~known_estimated")
    assert late["known_at"].tolist() == [pd.Timestamp(after.fetched_at)]
    assert Tables(made.tables).vintages() == [pd.Timestamp(after.fetched_at)]
    assert made.counts["corrected"].sum() == 0


def test_a_race_or_session_first_seen_later_is_history_with_estimated_stamps(dump: Path, edit: Editor) -> None:
    files = {name: (dump / f"{name}.csv").read_text() for name in ("pit_stops", "practice")}
    last = str(pd.read_csv(dump / "pit_stops.csv")["raceId"].max())
    edit("pit_stops", lambda rows: rows.__setitem__(slice(None), [row for row in rows if row["raceId"] != last]))
    edit("practice", lambda rows: rows.__setitem__(slice(None), [row for row in rows if row["session"] != "FP2"]))
    before = kept(dump)
    for name, text in files.items():
        (dump / f"{name}.csv").write_text(text)
    made = built(before, kept(dump, days=7))
    for name in files:
        assert len(made.tables[name]) == len(pd.read_csv(dump / f"{name}.csv"))
        assert made.tables[name]["known_estimated"].all()
