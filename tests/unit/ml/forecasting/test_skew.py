"""The log of served vectors keeps every bit; its replay finds one ulp and calls news no skew."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import FeatureError
from pitwall.domain.project import Project
from pitwall.ml.forecasting.input_log import ServedVectors, read_served, write_served
from pitwall.ml.forecasting.skew import EXAMPLES, replay

CUTOFF = pd.Timestamp("2024-12-08 13:00", tz="UTC")
SERVED_AT = pd.Timestamp("2024-12-06 08:00:05", tz="UTC")
KNOWN = pd.Timestamp("2024-12-05 17:00", tz="UTC")
WORLD = {"sources": {"synthetic": {}}, "seed": 7}
ODD = [0.1 + 0.2, -0.0, math.inf, math.nan, 5e-324]


def served(values=ODD, **changes):
    keys = pd.DataFrame({"race_id": 24, "driver_id": range(1, len(values) + 1)})
    made = ServedVectors(
        race="2024-24",
        cutoff=CUTOFF,
        known=KNOWN,
        service="order",
        model="order-pre_race",
        version=3,
        world=WORLD,
        keys=keys,
        features=pd.DataFrame({"form": values, "grid": [1.0] * len(values)}),
        served_at=SERVED_AT,
    )
    return replace(made, **changes)


class Offline:
    """Joins rows of (driver, event, known, form): the newest that a cut-off may see."""

    def __init__(self, rows):
        self.rows, self.asked = rows, []

    def historical(self, spine, service):
        self.asked.append((service, len(spine)))
        assert str(spine["cutoff"].dtype) == "datetime64[us, UTC]"
        forms = []
        for car in spine.itertuples():
            own = [r for r in self.rows if r[0] == car.driver_id and r[1] < car.cutoff and r[2] <= car.cutoff]
            forms.append(max(own, key=lambda r: r[1:3])[3] if own else np.nan)
        return spine.assign(form=forms, grid=1.0)


def history(values=ODD, known=KNOWN):
    return [(driver, known - pd.Timedelta("1h"), known, value) for driver, value in enumerate(values, start=1)]


def bits(column):
    return column.to_numpy(np.float64).view(np.int64).tolist()


def test_the_log_keeps_every_bit_and_says_what_it_is_about(tmp_path):
    path = write_served(Project(tmp_path), served())
    assert path.relative_to(tmp_path).as_posix().startswith(".pitwall/input_log/202412/2024-24-order-pre_race-")
    [back] = read_served(Project(tmp_path))
    assert bits(back.features["form"]) == bits(pd.Series(ODD))
    pd.testing.assert_frame_equal(back.keys, served().keys)
    assert replace(back, keys=None, features=None) == replace(served(), keys=None, features=None)


def test_the_same_vectors_are_kept_once_with_their_first_date(tmp_path):
    project = Project(tmp_path)
    first = write_served(project, served())
    before = first.read_bytes()
    assert write_served(project, served(served_at=SERVED_AT + pd.Timedelta("1h"))) == first
    assert first.read_bytes() == before
    for changed in (served(version=4), served([*ODD[:-1], 1e-323]), served(known=CUTOFF)):
        assert write_served(project, changed) != first
    assert len(read_served(project)) == 4


def test_only_what_was_served_since_is_read(tmp_path):
    project = Project(tmp_path)
    write_served(project, served())
    write_served(project, served(version=4, served_at=SERVED_AT + pd.DateOffset(months=1)))
    assert [entry.version for entry in read_served(project, SERVED_AT + pd.Timedelta("1s"))] == [4]
    assert [entry.version for entry in read_served(project, SERVED_AT)] == [3, 4]
    assert read_served(Project(tmp_path / "elsewhere")) == []


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"cutoff": 5}'])
def test_a_damaged_entry_is_named(tmp_path, damage):
    path = write_served(Project(tmp_path), served())
    path.write_text(damage)
    with pytest.raises(FeatureError, match=f"{path.name} is no entry"):
        read_served(Project(tmp_path))


def test_a_value_that_is_no_number_is_a_damaged_entry(tmp_path):
    path = write_served(Project(tmp_path), served())
    content = json.loads(path.read_text())
    content["features"]["form"][0] = "0xq"
    path.write_text(json.dumps(content))
    with pytest.raises(FeatureError, match="is no entry"):
        read_served(Project(tmp_path))


def test_equal_bits_are_no_skew(tmp_path):
    report = replay([served()], Offline(history()), WORLD)
    assert (report.vectors, report.rows, report.compared, report.differing) == (1, 5, 10, 0)
    assert report.offences == ()


def test_one_ulp_a_null_and_a_sign_are_skew():
    offline = [math.nextafter(ODD[0], 1), 0.0, math.inf, 1.0, 5e-324]
    report = replay([served()], Offline(history(offline)), WORLD)
    assert {each.feature: each.differing for each in report.features} == {"form": 3, "grid": 0}
    first, second, third = report.offences
    assert first.keys == {"race_id": 24, "driver_id": 1}
    assert (first.feature, first.race, first.model) == ("form", "2024-24", "order-pre_race v3")
    assert first.online.split()[0] == "0.30000000000000004"
    assert first.online != first.offline
    assert (second.online.split()[0], second.offline.split()[0]) == ("-0", "0")
    assert (third.online, third.offline.split()[0]) == ("null", "1")


def test_what_was_published_between_the_forecast_and_its_cutoff_is_no_skew():
    """A session run after the forecast and a correction published after it; both precede the cut-off."""
    later = KNOWN + pd.Timedelta("1d")
    news = [(1, later - pd.Timedelta("1h"), later, 9.0), (2, KNOWN - pd.Timedelta("1h"), later, 9.0)]
    assert replay([served()], Offline(history() + news), WORLD).differing == 0
    assert replay([served(known=CUTOFF)], Offline(history() + news), WORLD).differing == 2


def test_the_newest_row_of_the_store_is_seen_although_it_happened_when_it_became_known():
    """A season's first row: event and publication are one instant, and nothing newer was served."""
    rows = [*history(), (1, KNOWN, KNOWN, 9.0)]
    assert replay([served([9.0, *ODD[1:]])], Offline(rows), WORLD).differing == 0


def test_what_the_source_delivered_later_than_the_time_rules_say_is_skew():
    """The tables now say that the row was known before the forecast; the store did not have it."""
    late = [(3, KNOWN - pd.Timedelta("30min"), KNOWN - pd.Timedelta("5min"), 4.0)]
    report = replay([served()], Offline(history() + late), WORLD)
    assert [offence.keys["driver_id"] for offence in report.offences] == [3]


def test_one_join_answers_for_all_entries_and_examples_are_few():
    many = [served([1.0] * 8, version=version) for version in range(1, 6)]
    offline = Offline(history([2.0] * 8))
    report = replay(many, offline, WORLD)
    assert offline.asked == [("order", 40)]
    assert (report.vectors, report.rows, report.differing) == (5, 40, 40)
    assert len(report.offences) == EXAMPLES


def test_other_sources_and_what_is_gone_are_counted_not_compared():
    foreign = served(world={**WORLD, "seed": 8})
    renamed = replace(served(), features=pd.DataFrame({"form": ODD, "old_form": ODD}))
    report = replay([foreign, renamed, served(service="retired_set")], Offline(history()), WORLD)
    assert (report.foreign, report.vectors, report.gone) == (1, 1, ("old_form", "retired_set"))
    assert [each.feature for each in report.features] == ["form"]
    empty = replay([], Offline([]), WORLD)
    assert (empty.compared, empty.features) == (0, ())
