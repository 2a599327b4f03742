"""The study of pit stops: a rule without hindsight knows no later stop, one with it leaves out the stop that it is asked about."""

import sys
from pathlib import Path

import pandas as pd
import pytest

STUDIES = Path(__file__).resolve().parents[2] / "studies"
NOON = pd.Timestamp("2023-03-05 15:00", tz="UTC")


@pytest.fixture(scope="module")
def study():
    sys.path.insert(0, str(STUDIES))
    import pit_stops

    yield pit_stops
    sys.path.remove(str(STUDIES))


def test_the_median_so_far_knows_the_stops_that_were_told_before_and_no_other(study):
    minutes = pd.Series([10, 20, 30, 40])
    rows = pd.DataFrame({"race_id": 1, "cutoff": NOON + pd.to_timedelta(minutes, unit="min")})
    told = pd.DataFrame({"race_id": 1, "event_timestamp": rows["cutoff"].iloc[:3], "lane_seconds": [30.0, 22.0, 23.0]})
    found = study._so_far(rows, told)
    assert found.isna().tolist() == [True, False, False, False]  # what is told at the very instant is too late
    assert found.tolist()[1:] == [30.0, 26.0, 23.0]


def test_the_median_of_the_others_leaves_the_stop_itself_out(study):
    found = study._of_the_others(pd.Series([20.0, None, 22.0, 27.0]))
    assert found.tolist()[0] == 24.5
    assert found.isna().tolist() == [False, True, False, False]
    assert study._of_the_others(pd.Series([20.0, None])).isna().all()
