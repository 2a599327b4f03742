"""Every feature set joins and is served, also where a key is a pair: a driver or a team at a circuit."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from pitwall.adapters.feast.store import FeastStore
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.replay import usable
from pitwall.features.machinery.stage import build_features
from pitwall.ml.rows import row_kind
from pitwall.testing.checks.features import copy_feature_repo
from pitwall.testing.worlds.tiny import tiny_tables

pytestmark = pytest.mark.slow

REPO = Project(Path(__file__).resolve().parents[2])
PAIRS = ("driver_circuit", "team_circuit")


@pytest.fixture(scope="module")
def world():
    return tiny_tables(seasons=2, races=3, cars=4, upcoming=1)


@pytest.fixture(scope="module")
def project(tmp_path_factory, world):
    project = Project(tmp_path_factory.mktemp("project"))
    shutil.copy(REPO.params, project.params)
    (project.root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    copy_feature_repo(project, REPO)
    save_tables(world, project.tables)
    build_features(project, Params())
    return project


@pytest.fixture(scope="module")
def store(project):
    return FeastStore(project)


def by_hand(project, spine, members):
    """Join in plain pandas: for each row the newest usable row of its key."""
    out = spine.copy()
    for group in members:
        rows = pd.read_parquet(project.features / f"{group.name}.parquet")
        for cutoff, part in spine.groupby("cutoff"):
            seen = usable(group, rows, cutoff).sort_values("event_timestamp").drop_duplicates(group.keys, keep="last")
            values = part[group.keys].merge(seen, on=group.keys, how="left")[group.names]
            out.loc[part.index, group.names] = values.to_numpy()
    return out


@pytest.fixture(scope="module")
def frame(store, world):
    """Every feature of every entry at the start of its race, by Feast."""
    return store.historical(row_kind("race_driver").spine(world, "pre_race"), "all")


def test_all_groups_join_as_by_hand(project, frame, world):
    expected = by_hand(project, row_kind("race_driver").spine(world, "pre_race"), groups().values())
    pd.testing.assert_frame_equal(frame, expected[frame.columns])


def test_a_pair_of_keys_finds_its_own_rows(frame, world):
    second = frame[(frame["season"] == 2022) & (frame["round"] == 1)]
    first = world["results"].query("race_id == 1").set_index("driver_id")["place"]
    known = second[second["driver_id"].isin(first.index)]
    assert len(known)
    assert known["avg_position_at_track"].tolist() == [float(first[driver]) for driver in known["driver_id"]]
    assert second.loc[~second["driver_id"].isin(first.index), "avg_position_at_track"].isna().all()


def test_a_set_is_a_part_of_all(store, frame, world):
    members = feature_sets()["circuit"]
    names = [name for group in members for name in group.names]
    assert {group.name for group in members} >= {*PAIRS, "circuit_history"}
    joined = store.historical(row_kind("race_driver").spine(world, "pre_race"), "circuit")
    pd.testing.assert_frame_equal(joined[names], frame[names])


def test_online_serves_what_the_join_gives(store, frame):
    rows = frame[frame["cutoff"] == frame["cutoff"].max()].reset_index(drop=True)
    store.materialise(rows["cutoff"].iloc[0], "all")
    ids = ["race_id", "driver_id", "constructor_id", "circuit_id"]
    served = store.online(rows[ids].to_dict("records"), "all", rows["cutoff"].iloc[0])
    names = [name for group in groups().values() for name in group.names]
    pd.testing.assert_frame_equal(served[names], rows[names])
    assert served[[name for pair in PAIRS for name in groups()[pair].names]].notna().any(axis=None)
