"""A correction that is ingested later moves no frame with an earlier cut-off by a single byte, through the real store."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from pitwall.adapters.feast.store import FeastStore
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.features import feature_sets
from pitwall.features.machinery.replay import usable
from pitwall.features.machinery.stage import build_features
from pitwall.ml.models.machinery.frames import check_frame
from pitwall.ml.rows import row_kind
from pitwall.testing.checks.features import copy_feature_repo
from pitwall.testing.worlds.histories import added_late, as_bytes, as_first_seen, changed
from pitwall.testing.worlds.tiny import tiny_tables

pytestmark = pytest.mark.slow

REPO = Project(Path(__file__).resolve().parents[2])
DATA = Path(os.environ.get("PITWALL_REAL_DATA", REPO.root.parent / "shared" / "data")) / "ergast"
STAGES = ("pre_weekend", "pre_qualifying", "pre_race")


@pytest.fixture(scope="module")
def snapshots():
    """Return three states of the tables, and when the second and the third were fetched."""
    world = tiny_tables(seasons=2, races=4, cars=6)
    ends = world["results"].groupby("race_id")["known_at"].max()
    first, second = ends[5] + pd.Timedelta("2D"), ends[7] + pd.Timedelta("2D")
    told = changed(world, 3, 0, first, place=6, points=0.0, classified=False, status="Disqualified")
    told = changed(told, 5, 1, first, place=5, points=2.0)  # a penalty
    _, later = added_late(told, 6, 2, second)
    later = changed(later, 5, 1, second, place=4, points=4.0)  # the penalty is reduced
    later = changed(later, 6, 3, second, started=False, points=0.0)  # withdrawn
    third = ~((later["results"]["known_at"] == second) & ~later["results"]["known_estimated"])
    before = later.replace(results=later["results"][third].reset_index(drop=True))
    return [as_first_seen(before), before, later], [first, second]


@pytest.fixture(scope="module")
def frames(tmp_path_factory, snapshots):
    """Return per state of the tables the frames of all stages; each build takes up the one before."""
    project = Project(tmp_path_factory.mktemp("project"))
    shutil.copy(REPO.params, project.params)
    (project.root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    copy_feature_repo(project, REPO)
    made = []
    for tables in snapshots[0]:
        save_tables(tables, project.tables)
        build_features(project, Params(), workers=1)
        store = FeastStore(project)
        made.append({stage: store.historical(row_kind("race_driver").spine(tables, stage), "all") for stage in STAGES})
    return project, made


def before(frame, instant):
    return frame[frame["cutoff"] < instant].reset_index(drop=True)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("number", [1, 2])
def test_frames_with_an_earlier_cutoff_keep_their_bytes(number, stage, frames, snapshots):
    fetched = snapshots[1][number - 1]
    old, new = (before(frames[1][each][stage], fetched) for each in (number - 1, number))
    assert len(old) >= 30
    assert as_bytes(new) == as_bytes(old)


@pytest.mark.parametrize("number", [1, 2])
def test_later_frames_follow_the_correction(number, frames, snapshots):
    old, new = (frames[1][each]["pre_race"] for each in (number - 1, number))
    later = old["cutoff"] >= snapshots[1][number - 1]
    assert as_bytes(new[later]) != as_bytes(old[later])


def test_the_frames_are_those_of_a_join_by_hand(frames, snapshots):
    project, made = frames
    frame = made[2]["pre_race"]
    check_frame(row_kind("race_driver").spine(snapshots[0][2], "pre_race"), frame, row_kind("race_driver"))
    for group in feature_sets()["all"]:
        rows = pd.read_parquet(project.features / f"{group.name}.parquet")
        for cutoff, part in frame.groupby("cutoff"):
            seen = usable(group, rows, cutoff).sort_values("event_timestamp", kind="stable")
            newest = part[group.keys].merge(seen.drop_duplicates(group.keys, keep="last"), on=group.keys, how="left")
            expected = newest[group.names].set_axis(part.index)
            pd.testing.assert_frame_equal(
                part[group.names], expected, check_exact=True, obj=f"{group.name} at {cutoff}"
            )


@pytest.fixture(scope="module")
def belgium():
    place = REPO.root / "studies" / "belgium_2024.py"
    spec = importlib.util.spec_from_file_location("belgium_2024", place)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks there for its own module
    spec.loader.exec_module(module)
    return module


def check(story):
    """On Sunday evening the winner on the road has won; on Monday he has not, and no earlier frame has moved."""
    place = story.seen.pivot_table(index="cutoff", columns="who", values="driver_last_place")
    assert place.loc["Sunday 20:00", "won on the road"] == 1
    assert place.loc["Sunday 20:00", "won officially"] == 2
    assert place.loc["Monday 12:00", "won officially"] == 1
    assert place.loc["Monday 12:00", "won on the road"] > 2
    assert (story.frames["rows"] > 0).all()
    assert story.frames["same_bytes"].all()
    assert story.versions["corrected"] > 0


@pytest.mark.skipif((DATA / "races.csv").is_file(), reason="the real race tells the story where its data are there")
def test_the_winner_of_the_embedded_world_is_disqualified(belgium, tmp_path):
    check(belgium.told(None, tmp_path))


@pytest.mark.real_data
@pytest.mark.skipif(not (DATA / "races.csv").is_file(), reason="the real data set is not beside the project")
def test_belgium_2024(belgium, tmp_path):
    story = belgium.told(DATA, tmp_path)
    check(story)
    assert story.versions == {"first": 20, "corrected": 20}
    seen = story.seen.set_index(["cutoff", "driver_id"])
    hamilton, russell = 1, 847
    assert seen.loc[("Monday 12:00", hamilton), "driver_last_place"] == 1
    assert seen.loc[("Monday 12:00", russell), "driver_last_place"] == 20
