"""What the online store must hold, without Feast: after any history of materialisations, exactly what the join would find."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.adapters._feast_online import OnlineState, newest_rows
from pitwall.domain.errors import FeatureError
from pitwall.domain.project import Project
from pitwall.domain.when import as_utc
from pitwall.testing._online import invented_groups, only_groups, write_rows

REPO = Path(__file__).resolve().parents[3]
GROUPS = invented_groups(features=2)
TRACK = GROUPS["driver_circuit"]
START = pd.Timestamp("2024-03-01", tz="UTC")
HOUR = pd.Timedelta(hours=1)


def at(hour):
    return START + hour * HOUR


def table(group, rows):
    """Make a group's table of (key, event hour, known hour, value) with the value in every feature."""
    frame = pd.DataFrame(rows, columns=["key", "event", "known", "value"]).astype(
        {"key": "int64", "event": "int64", "known": "int64", "value": "float64"}
    )
    keys = {name: frame["key"] // 10**place % 10 for place, name in enumerate(group.keys)}
    stamps = {
        "event_timestamp": as_utc(START + frame["event"] * HOUR),
        "known_at": as_utc(START + frame["known"] * HOUR),
    }
    values = {name: frame["value"] + number for number, name in enumerate(group.names)}
    made = pd.DataFrame({**keys, **stamps, **values})[group.columns]
    return made.drop_duplicates([*group.keys, "event_timestamp", "known_at"], keep="last", ignore_index=True)


class Store:
    """A project whose online store is a dictionary of views: {key: (values)}."""

    def __init__(self, root):
        self.project = Project(root)
        shutil.copy(REPO / "params.yaml", self.project.params)
        self.state = OnlineState(self.project)
        self.state.prepare()
        self.views, self.writes = {}, []

    def fill(self, **tables):
        for name, group in GROUPS.items():
            write_rows(self.project, group, tables.get(name, table(group, [(1, 1, 2, 5.0)])))

    def write(self, view, rows):
        self.writes.append((view, len(rows)))
        group = GROUPS[view]
        served = self.views.setdefault(view, {})
        for row in rows.to_dict("records"):
            served[tuple(row[key] for key in group.keys)] = tuple(row[name] for name in group.names)

    def advance(self, hour):
        self.writes.clear()
        return self.state.advance(at(hour), self.write)


@pytest.fixture(autouse=True)
def invented():
    with only_groups(GROUPS):
        yield


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path)
    made.fill()
    return made


def by_the_rule(group, rows, until):
    """Say, row by row, what a join at `until` finds for each key: the newest event, and its newest known version."""
    found = {}
    for row in rows.to_dict("records"):
        key = tuple(row[name] for name in group.keys)
        stamp = (row["event_timestamp"], row["known_at"])
        usable = row["event_timestamp"] < until and row["known_at"] <= until
        if usable and (key not in found or stamp > found[key][0]):
            found[key] = (stamp, tuple(row[name] for name in group.names))
    return {key: values for key, (_, values) in found.items()}


hours = st.integers(0, 6)
some_rows = st.lists(
    st.tuples(st.sampled_from([1, 2, 11, 12]), hours, hours, st.sampled_from([0.0, -0.0, 1.0, np.nan, np.inf])),
    max_size=14,
).map(lambda rows: [(key, event, event + later, value) for key, event, later, value in rows])


@settings(max_examples=100, deadline=None)
@given(rows=some_rows, until=st.integers(0, 13))
def test_the_newest_rows_are_those_of_the_join(rows, until):
    """Ties, corrections, events and publications exactly at the cut-off, keys of two columns."""
    rows = table(TRACK, rows)
    served = newest_rows(TRACK, rows.sample(frac=1.0, random_state=0), at(until))
    found = {tuple(map(int, row[:2])): tuple(row[4:]) for row in served.itertuples(index=False, name=None)}
    assert repr(found) == repr(dict(sorted(by_the_rule(TRACK, rows, at(until)).items())))


@settings(max_examples=30, deadline=None)
@given(history=st.lists(some_rows, min_size=1, max_size=4), steps=st.lists(st.integers(0, 4), min_size=4, max_size=4))
def test_after_any_history_the_store_holds_what_the_join_finds(tmp_path_factory, history, steps):
    """Each step brings another table, corrections and withdrawals included, and moves the cut-off on or leaves it."""
    store, hour = Store(tmp_path_factory.mktemp("history")), 1
    for step, rows in zip(steps, history, strict=False):
        hour += step
        write_rows(store.project, TRACK, table(TRACK, rows))
        with only_groups({"driver_circuit": TRACK}):
            store.advance(hour)
        expected = by_the_rule(TRACK, table(TRACK, rows), at(hour))
        held = {key: values for key, values in store.views.get("driver_circuit", {}).items() if key in expected}
        assert repr(dict(sorted(held.items()))) == repr(dict(sorted(expected.items())))
        others = [values for key, values in store.views.get("driver_circuit", {}).items() if key not in expected]
        assert all(np.isnan(value) for values in others for value in values)


def test_only_what_changed_is_written(store):
    rows = [(1, 1, 2, 5.0), (2, 1, 2, 6.0), (1, 4, 5, 7.0)]
    store.fill(driver=table(GROUPS["driver"], rows))
    store.advance(3)
    assert dict(store.writes) == {"driver": 2, "constructor": 1, "circuit": 1, "driver_circuit": 1, "race_driver": 1}
    store.advance(6)
    assert store.writes == [("driver", 1)]
    assert store.views["driver"] == {(1,): (7.0, 8.0), (2,): (6.0, 7.0)}


def test_an_unchanged_store_is_left_alone_and_keeps_its_version(store):
    first = store.advance(3)
    assert (first.until, first.known) == (at(3), at(2))
    assert store.advance(3) == store.state.served == first
    assert store.writes == []
    assert store.advance(4).version != first.version


def test_a_correction_is_written_at_the_same_cutoff_and_changes_the_version(store):
    first = store.advance(6)
    store.fill(driver=table(GROUPS["driver"], [(1, 1, 2, 5.0), (1, 1, 4, 9.0)]))
    second = store.advance(6)
    assert store.writes == [("driver", 1)]
    assert store.views["driver"][(1,)] == (9.0, 10.0)
    assert second.version != first.version
    assert second.known == at(4)


def test_a_correction_that_is_not_known_yet_waits(store):
    store.fill(driver=table(GROUPS["driver"], [(1, 1, 2, 5.0), (1, 1, 4, 9.0)]))
    store.advance(3)
    assert store.views["driver"][(1,)] == (5.0, 6.0)
    store.advance(4)
    assert store.views["driver"][(1,)] == (9.0, 10.0)


def test_a_key_that_no_longer_exists_is_served_as_nulls(store):
    store.fill(driver=table(GROUPS["driver"], [(1, 1, 2, 5.0), (2, 1, 2, 6.0)]))
    store.advance(3)
    store.fill(driver=table(GROUPS["driver"], [(1, 1, 2, 5.0)]))
    store.advance(3)
    assert store.writes == [("driver", 1)]
    assert np.isnan(store.views["driver"][(2,)]).all()
    store.fill(driver=table(GROUPS["driver"], [(1, 1, 2, 5.0), (2, 1, 2, 6.0)]))
    store.advance(3)
    assert store.views["driver"][(2,)] == (6.0, 7.0)


def test_minus_zero_is_another_value(store):
    group = GROUPS["driver"]
    store.fill(driver=table(group, [(1, 1, 2, 0.0)]))
    store.advance(3)
    store.fill(driver=table(group, [(1, 1, 2, 0.0)]).replace({group.names[0]: {0.0: -0.0}}))
    store.advance(3)
    assert repr(store.views["driver"][(1,)]) == "(-0.0, 1.0)"


def test_old_values_do_not_expire(store):
    """A driver who comes back after ten years is served his last row, as the join (TTL 0) finds it."""
    store.advance(24 * 3650)
    assert store.views["driver"][(1,)] == (5.0, 6.0)


def test_the_store_never_goes_back(store):
    served = store.advance(3)
    with pytest.raises(FeatureError, match="cannot go back to 2024-03-01 02:00"):
        store.advance(2)
    assert store.state.served == served
    assert store.writes == []


def test_a_group_that_is_not_built_changes_nothing(store):
    served = store.advance(3)
    (store.project.features / "circuit.parquet").unlink()
    with pytest.raises(FeatureError, match="features of circuit are not built"):
        store.advance(4)
    assert store.state.served == served
    assert store.writes == []


def test_after_a_crash_nothing_is_served_and_the_next_time_writes_everything(store):
    """The second view is never written: nobody may read the first one, which is already new."""
    store.advance(3)
    store.fill(driver=table(GROUPS["driver"], [(1, 1, 2, 8.0)]), circuit=table(GROUPS["circuit"], [(1, 1, 2, 9.0)]))

    def fails(view, rows):
        store.write(view, rows)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        store.state.advance(at(4), fails)
    again = Store(store.project.root)
    assert again.state.served is None
    assert again.state.recover()
    served = again.advance(4)
    assert {view for view, _ in again.writes} == set(GROUPS)
    assert again.views["driver"][(1,)] == (8.0, 9.0)
    assert again.views["circuit"][(1,)] == (9.0, 10.0)
    assert again.state.served == served
    assert not again.state.recover()


def test_another_data_source_starts_afresh(store):
    store.advance(3)
    assert not store.state.prepare()
    text = store.project.params.read_text(encoding="utf-8")
    store.project.params.write_text(text.replace("seed: 7", "seed: 8"), encoding="utf-8")
    assert store.state.prepare()
    assert store.state.served is None
    store.advance(2)
    assert {view for view, _ in store.writes} == set(GROUPS)


def test_the_record_is_replaced_in_one_step(store):
    """What another process reads is a whole record, and no half-written one stays behind."""
    store.advance(3)
    folder = store.project.feature_repo / ".store"
    assert json.loads((folder / "online.json").read_text(encoding="utf-8"))["complete"]
    assert not list(folder.glob("*.new"))
