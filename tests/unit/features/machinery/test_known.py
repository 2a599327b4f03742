"""The lookup in memory agrees with its definition, written out row by row, on both axes and at both bounds."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.when import UTC_US, as_utc
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.known import as_known

START = pd.Timestamp("2024-01-01", tz="UTC")
GROUP = FeatureGroup(
    "planted", ("driver",), ("results",), (Feature("value", "u", "m", "n"),), compute=lambda *_: pd.DataFrame()
)


def hours(values):
    return as_utc(pd.Series(START + pd.to_timedelta(values, unit="h")))


def random_rows(rng, rows):
    """Return rows on a coarse clock, so that ties are common, with versions and late corrections."""
    event = rng.integers(0, 12, rows)
    frame = pd.DataFrame(
        {"driver_id": rng.integers(1, 4, rows), "event": event, "known": event + rng.integers(0, 6, rows)}
    )
    frame = frame.drop_duplicates().assign(value=lambda rows: np.arange(float(len(rows))))
    frame.loc[rng.random(len(frame)) < 0.2, "value"] = np.nan
    return pd.DataFrame(
        {
            "driver_id": frame["driver_id"],
            "event_timestamp": hours(frame["event"]),
            "known_at": hours(frame["known"]),
            "value": frame["value"],
        }
    )


def by_definition(row, rows, inclusive):
    mine = rows[(rows["driver_id"] == row["driver_id"]) & (rows["known_at"] <= row["cutoff"])]
    before = mine["event_timestamp"] <= row["cutoff"] if inclusive else mine["event_timestamp"] < row["cutoff"]
    newest = mine[before].sort_values(STAMPS).tail(1)
    return newest.iloc[0] if len(newest) else None


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_it_agrees_with_the_definition(seed, inclusive):
    rng = np.random.default_rng(seed)
    rows = random_rows(rng, 60)
    spine = pd.DataFrame({"driver_id": rng.integers(1, 5, 80), "cutoff": hours(rng.integers(0, 20, 80))})
    spine.index = rng.permutation(80)
    found = as_known(spine, GROUP, rows, inclusive=inclusive)
    assert found.index.equals(spine.index)
    for at, row in spine.iterrows():
        expected = by_definition(row, rows, inclusive)
        if expected is None:
            assert found.loc[at].isna().all()
        else:
            assert list(found.loc[at, STAMPS]) == list(expected[STAMPS])
            np.testing.assert_equal(found.loc[at, "value"], expected["value"])


def test_a_late_correction_of_an_older_race_does_not_hide_the_newer_one():
    rows = pd.DataFrame(
        {
            "driver_id": [1, 1, 1],
            "event_timestamp": hours([0, 0, 5]),
            "known_at": hours([1, 9, 6]),  # the first race is corrected when the second is long known
            "value": [1.0, 10.0, 2.0],
        }
    )
    spine = pd.DataFrame({"driver_id": [1, 1], "cutoff": hours([10, 4])})
    assert as_known(spine, GROUP, rows)["value"].tolist() == [2.0, 1.0]


def test_nothing_is_known_of_no_rows():
    rows = pd.DataFrame(
        {
            "driver_id": pd.Series(dtype="int64"),
            **{stamp: pd.Series(dtype=UTC_US) for stamp in STAMPS},
            "value": pd.Series(dtype="float64"),
        }
    )
    spine = pd.DataFrame({"driver_id": [1], "cutoff": hours([3])})
    assert as_known(spine, GROUP, rows)["value"].isna().all()
