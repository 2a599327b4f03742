"""What the online store must hold, without Feast: after any history of materialisations, at each cut-off what the join would find."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.adapters.feast.online_rows import fill, fingerprints, newest_rows
from pitwall.adapters.feast.online_slots import KEPT, OnlineSlots
from pitwall.domain.errors import FeatureError
from pitwall.domain.project import Project
from pitwall.domain.when import as_utc
from pitwall.testing.worlds.online import invented_groups, only_groups, write_rows

REPO = Path(__file__).resolve().parents[4]
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
    """A project whose slots hold, instead of Feast's file, a JSON text per view: {key: (values)}."""

    def __init__(self, root):
        self.project = Project(root)
        shutil.copy(REPO / "params.yaml", self.project.params)
        self.slots, self.writes = OnlineSlots(self.project), []

    def fill(self, **tables):
        for name, group in GROUPS.items():
            write_rows(self.project, group, tables.get(name, table(group, [(1, 1, 2, 5.0)])))

    def write(self, folder, view, rows):
        self.writes.append((view, len(rows)))
        group = GROUPS[view]
        held = self.held(folder, view)
        for row in rows.to_dict("records"):
            held[tuple(row[key] for key in group.keys)] = tuple(row[name] for name in group.names)
        (folder / f"{view}.txt").write_text(repr(list(held.items())))

    def held(self, folder, view):
        path = folder / f"{view}.txt"
        return dict(eval(path.read_text(), {"nan": np.nan, "inf": np.inf})) if path.is_file() else {}

    def views(self, hour, view, service="order"):
        return self.held(self.slots.folder(self.slots.find(service, at(hour))), view)

    def materialise(self, hour, groups=None, write=None, service="order"):
        self.writes.clear()
        own = list((groups or GROUPS).values())
        return self.slots.materialise(
            service,
            at(hour),
            fingerprints(self.project, own),
            lambda folder: fill(self.project, own, at(hour), folder, write or self.write),
        )


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
@given(history=st.lists(some_rows, min_size=1, max_size=4), steps=st.lists(st.integers(1, 9), min_size=4, max_size=4))
def test_after_any_history_every_slot_holds_what_the_join_finds(tmp_path_factory, history, steps):
    """Each step brings another table, corrections and withdrawals included, and another cut-off, earlier or later."""
    store = Store(tmp_path_factory.mktemp("history"))
    for hour, rows in zip(steps, history, strict=False):
        write_rows(store.project, TRACK, table(TRACK, rows))
        store.materialise(hour, {"driver_circuit": TRACK})
        expected = by_the_rule(TRACK, table(TRACK, rows), at(hour))
        held = store.views(hour, "driver_circuit")
        found = {key: values for key, values in held.items() if key in expected}
        assert repr(dict(sorted(found.items()))) == repr(dict(sorted(expected.items())))
        others = [values for key, values in held.items() if key not in expected]
        assert all(np.isnan(value) for values in others for value in values)
    assert {each.cutoff for each in store.slots.served()} == {at(hour) for hour in steps[: len(history)]}


def test_only_what_the_nearest_earlier_slot_lacks_is_written(store):
    rows = [(1, 1, 2, 5.0), (2, 1, 2, 6.0), (1, 4, 5, 7.0)]
    store.fill(driver=table(GROUPS["driver"], rows))
    store.materialise(3)
    assert dict(store.writes) == {"driver": 2, "constructor": 1, "circuit": 1, "driver_circuit": 1, "race_driver": 1}
    store.materialise(6)
    assert store.writes == [("driver", 1)]
    assert store.views(6, "driver") == {(1,): (7.0, 8.0), (2,): (6.0, 7.0)}
    store.materialise(4)
    assert store.writes == []
    assert store.views(4, "driver") == store.views(3, "driver") == {(1,): (5.0, 6.0), (2,): (6.0, 7.0)}


def test_cutoffs_and_feature_sets_are_served_side_by_side(store):
    """Any order: an earlier stage after a later one, another kind of row at the same instant."""
    store.fill(driver=table(GROUPS["driver"], [(1, 1, 2, 5.0), (1, 4, 5, 7.0)]))
    late, early = store.materialise(6), store.materialise(3)
    other = store.materialise(6, {"driver": GROUPS["driver"]}, service="laps")
    assert store.slots.served() == (late, early, other)
    assert [store.slots.find("order", at(6)), store.slots.find("order", at(3))] == [late, early]
    assert (store.views(6, "driver"), store.views(3, "driver")) == ({(1,): (7.0, 8.0)}, {(1,): (5.0, 6.0)})
    assert store.slots.find("laps", at(3)) is None
    assert not store.held(store.slots.folder(other), "circuit")
    assert len({late.version, early.version, other.version}) == 3


def test_an_unchanged_slot_is_left_alone_and_keeps_its_version(store):
    first = store.materialise(3)
    assert (first.service, first.cutoff, first.known) == ("order", at(3), at(2))
    assert store.materialise(3) == store.slots.find("order", at(3)) == first
    assert store.writes == []
    assert store.materialise(4).version != first.version


def test_a_correction_is_written_at_the_same_cutoff_and_changes_the_version(store):
    first = store.materialise(6)
    store.fill(driver=table(GROUPS["driver"], [(1, 1, 2, 5.0), (1, 1, 4, 9.0)]))
    second = store.materialise(6)
    assert store.writes == [("driver", 1)]
    assert store.views(6, "driver")[(1,)] == (9.0, 10.0)
    assert (second.version != first.version, second.known) == (True, at(4))
    assert store.slots.served() == (second,)
    assert not store.slots.folder(first).exists()


def test_a_correction_that_is_not_known_yet_waits(store):
    store.fill(driver=table(GROUPS["driver"], [(1, 1, 2, 5.0), (1, 1, 4, 9.0)]))
    store.materialise(4)
    store.materialise(3)
    assert store.views(3, "driver")[(1,)] == (5.0, 6.0)
    assert store.views(4, "driver")[(1,)] == (9.0, 10.0)


def test_a_key_that_no_longer_exists_is_served_as_nulls(store):
    both = [(1, 1, 2, 5.0), (2, 1, 2, 6.0)]
    store.fill(driver=table(GROUPS["driver"], both))
    store.materialise(3)
    store.fill(driver=table(GROUPS["driver"], both[:1]))
    store.materialise(3)
    assert store.writes == [("driver", 1)]
    assert np.isnan(store.views(3, "driver")[(2,)]).all()
    store.fill(driver=table(GROUPS["driver"], both))
    store.materialise(3)
    assert store.views(3, "driver")[(2,)] == (6.0, 7.0)


def test_minus_zero_is_another_value(store):
    group = GROUPS["driver"]
    store.fill(driver=table(group, [(1, 1, 2, 0.0)]))
    store.materialise(3)
    store.fill(driver=table(group, [(1, 1, 2, 0.0)]).replace({group.names[0]: {0.0: -0.0}}))
    store.materialise(3)
    assert repr(store.views(3, "driver")[(1,)]) == "(-0.0, 1.0)"


def test_old_values_do_not_expire(store):
    """A driver who comes back after ten years is served their last row, as the join (TTL 0) finds it."""
    store.materialise(24 * 3650)
    assert store.views(24 * 3650, "driver")[(1,)] == (5.0, 6.0)


def test_a_group_that_is_not_built_changes_nothing(store):
    served = store.materialise(3)
    (store.project.features / "circuit.parquet").unlink()
    with pytest.raises(FeatureError, match="features of circuit are not built"):
        store.materialise(4)
    assert store.slots.served() == (served,)
    assert store.writes == []


def test_the_slots_used_last_are_kept(store):
    for hour in range(2, 2 + KEPT):
        store.materialise(hour)
    store.materialise(2)
    store.materialise(50)
    assert [each.cutoff for each in store.slots.served()] == [at(hour) for hour in (*range(4, 2 + KEPT), 2, 50)]
    assert store.slots.find("order", at(3)) is None
    folders = {path.name for path in store.slots.folder(store.slots.served()[0]).parent.iterdir()}
    assert folders == {each.version for each in store.slots.served()}


def test_after_a_crash_everything_is_served_as_before_and_nothing_of_the_half_is_kept(store):
    """The second view is never written: nobody may read the first one, which is already new."""
    before = store.materialise(3)
    store.fill(driver=table(GROUPS["driver"], [(1, 1, 2, 8.0)]), circuit=table(GROUPS["circuit"], [(1, 1, 2, 9.0)]))

    def fails(folder, view, rows):
        store.write(folder, view, rows)
        raise OSError("disk full")

    for hour in (3, 4):
        with pytest.raises(OSError, match="disk full"):
            store.materialise(hour, write=fails)
    again = Store(store.project.root)
    assert again.slots.served() == (before,)
    assert again.views(3, "driver")[(1,)] == (5.0, 6.0)
    assert len(list(store.slots.folder(before).parent.iterdir())) == 3
    after = again.materialise(4)
    assert set(again.writes) == {("driver", 1), ("circuit", 1)}
    assert again.views(4, "driver")[(1,)] == (8.0, 9.0)
    assert again.views(4, "circuit")[(1,)] == (9.0, 10.0)
    assert {path.name for path in store.slots.folder(before).parent.iterdir()} == {before.version, after.version}


def test_a_slot_whose_folder_is_gone_is_filled_anew(store):
    shutil.rmtree(store.slots.folder(store.materialise(3)))
    store.materialise(3)
    assert {view for view, _ in store.writes} == set(GROUPS)


def test_another_data_source_starts_afresh(store):
    store.materialise(3)
    text = store.project.params.read_text(encoding="utf-8")
    store.project.params.write_text(text.replace("seed: 7", "seed: 8"), encoding="utf-8")
    served = store.materialise(4)
    assert {view for view, _ in store.writes} == set(GROUPS)
    assert store.slots.served() == (served,)


def test_a_store_of_the_earlier_layout_is_thrown_away(store):
    old = store.project.feature_repo / ".store"
    old.mkdir(parents=True)
    (old / "online.db").write_bytes(b"rows of one cut-off")
    (old / "online.json").write_text('{"until": "2024-03-01", "complete": true}', encoding="utf-8")
    store.materialise(3)
    assert {path.name for path in old.iterdir()} == {"online.json", "slots"}


def test_the_record_is_replaced_in_one_step(store):
    """What another process reads is a whole record, and no half-written one stays behind."""
    store.materialise(3)
    folder = store.project.feature_repo / ".store"
    assert len(json.loads((folder / "online.json").read_text(encoding="utf-8"))["slots"]) == 1
    assert not list(folder.glob("*.new"))
