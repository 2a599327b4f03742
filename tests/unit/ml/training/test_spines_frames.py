"""Spines hold every entry once, and a frame that does not match its spine is refused."""

import pandas as pd
import pytest

from pitwall.domain.errors import FrameError, UnknownName, UsageError
from pitwall.domain.params import ModelParams, Params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.ml.models.machinery.frames import build_frames, check_frame
from pitwall.ml.rows import row_kind
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=2, races=3, cars=4, upcoming=1)


@pytest.mark.parametrize(
    ("stage", "column"),
    [("pre_weekend", "practice_at"), ("pre_qualifying", "qualifying_at"), ("pre_race", "starts_at")],
)
def test_the_spine_holds_each_entry_once_with_the_stages_cutoff(tables, stage, column):
    spine = row_kind("race_driver").spine(tables, stage)
    assert list(spine.columns) == list(row_kind("race_driver").columns)
    assert len(spine) == len(tables["entries"])
    assert spine[["season", "round", "driver_id"]].apply(tuple, axis=1).is_monotonic_increasing
    expected = spine["race_id"].map(tables["races"].set_index("race_id")[column])
    assert (spine["cutoff"] == expected).all()
    assert str(spine["cutoff"].dtype) == "datetime64[us, UTC]"


def test_an_unknown_stage_is_refused(tables):
    for stage in ("pre_rce", "in_race"):
        with pytest.raises(UsageError, match="pre_weekend, pre_qualifying, pre_race"):
            row_kind("race_driver").spine(tables, stage)


BROKEN = {
    "12 rows and the frame 11": lambda frame: frame.drop(index=3),
    "rows twice": lambda frame: pd.concat([frame.drop(index=3), frame.tail(1)], ignore_index=True),
    "reordered": lambda frame: frame.iloc[::-1].reset_index(drop=True),
    "spine's columns": lambda frame: frame.drop(columns="cutoff"),
    "differs from the spine in cutoff": lambda frame: frame.assign(cutoff=frame["cutoff"] + pd.Timedelta("1us")),
}


@pytest.mark.parametrize("message", list(BROKEN))
def test_a_frame_that_is_not_its_spine_is_refused(tables, message):
    spine = row_kind("race_driver").spine(tables, "pre_race").head(12)
    check_frame(spine, spine.assign(feature=1.0), row_kind("race_driver"))
    with pytest.raises(FrameError, match=message):
        check_frame(spine, BROKEN[message](spine.assign(feature=1.0)), row_kind("race_driver"))


class Reader:
    """A reader that loses a row when told to."""

    def __init__(self, loses=0):
        self.loses = loses

    def historical(self, spine, service):
        return spine.assign(feature=1.0).iloc[self.loses :].reset_index(drop=True)


def test_frames_are_saved_and_a_lost_row_stops_the_stage(tables, tmp_path):
    project = Project(tmp_path)
    save_tables(tables, project.tables)
    params = Params(models={"order": ModelParams(stages=("pre_race",))})
    [ref] = build_frames(project, params, Reader())
    assert (ref.name, ref.columns[-1]) == ("order-pre_race", "feature")
    assert pd.read_parquet(ref.path)["cutoff"].dtype == "datetime64[us, UTC]"
    with pytest.raises(FrameError, match="first lost"):
        build_frames(project, params, Reader(loses=1))
    with pytest.raises(UnknownName, match="did you mean 'order'"):
        build_frames(project, Params(models={"ordr": ModelParams()}), Reader())
