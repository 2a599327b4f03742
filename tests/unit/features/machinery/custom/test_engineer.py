"""A custom feature is tried out when it is registered: each fault that is planted here is named, with rows and reason.

One file, because the functions that are planted stand beside what refuses them.
"""

import random
import time
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import FeatureError, LeakError, UnknownName
from pitwall.domain.params import Params
from pitwall.features import FeatureEngineer, HistoryFeature
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.custom.history import HISTORY, histories
from pitwall.features.machinery.custom.trial import tiny_world
from pitwall.testing.checks.features import check_feature_group
from pitwall.testing.worlds.tiny import tiny_tables

WORLD = tiny_world()
ALL_RESULTS = WORLD["results"]
CALLS: list[int] = []


@pytest.fixture
def fe():
    return FeatureEngineer(registry={})


def places(history):
    return history["place"].mean()


def test_a_pure_function_becomes_a_group_that_keeps_the_contract(fe):
    fe.register("place_so_far", unit="place", description="mean place so far", version=3)(places)
    check_feature_group(fe.group("place_so_far"), tiny_tables(seasons=2, races=3, cars=6), races=1)
    row = fe.describe().iloc[0]
    assert (row["name"], row["version"], row["unit"], row["meaning"]) == (
        "place_so_far",
        3,
        "place",
        "mean place so far",
    )


def test_the_function_sees_one_drivers_races_so_far_newest_last(fe):
    seen = []

    def spy(history):
        seen.append(history.copy())
        return 1.0

    HistoryFeature("spy", spy).values(histories(WORLD.as_of()))
    assert [len(history) for history in seen[:3]] == [1, 2, 3]
    for history in seen:
        assert list(history.columns) == list(HISTORY)
        assert len(set(history["driver_id"])) == 1
        assert history["event_timestamp"].is_monotonic_increasing
        assert history["place"].between(1, history["field_size"]).all()


def random_draw(history):
    return np.random.rand()


def own_entropy(history):
    return np.random.default_rng().random()


def seeds_the_global_generator(history):
    random.seed(0)
    return random.random()


def this_year(history):
    return datetime.now().year - history["season"].iloc[-1]


def helper_that_knows_the_day():
    return getattr(date, "to" + "day")().toordinal()


def day_by_a_helper(history):
    return helper_that_knows_the_day() // 1000


def year_of_the_clock(history):
    return time.gmtime().tm_year


def pandas_clock(history):
    return pd.Timestamp.now().year


def edits_a_column(history):
    history["place"] = -1
    return 1.0


def adds_a_column(history):
    history["new"] = 1
    return 1.0


def remembers(history):
    CALLS.append(1)
    return len(CALLS)


def uses_the_id(history):
    return history["driver_id"].iloc[-1]


def reads_a_file(history):
    with open(__file__, encoding="utf-8") as stream:  # noqa: PTH123 - the fault
        return len(stream.read(3))


def a_column_that_is_none(history):
    return history["positions_last_3"].mean()


def text(history):
    return "fast"


def endless(history):
    return 1 / (history["place"] - history["place"]).abs().min() if False else np.inf


FAULTS = {
    random_draw: "global random numbers after driver 1, race 2021-01",
    own_entropy: "another number when it is called again.*42 of 42 rows differ .driver 1, race 2021-01",
    seeds_the_global_generator: "global random numbers",
    this_year: r"asks for .now\(\)",
    day_by_a_helper: r"calls date.today\(\)",
    year_of_the_clock: r"calls gmtime\(\)",
    pandas_clock: r"asks for .now\(\)",
    edits_a_column: "edits its input after driver 1, race 2021-01",
    adds_a_column: "edits its input",
    remembers: "something kept between calls",
    uses_the_id: "order of rows or of calls, or a driver's id",
    reads_a_file: r"calls open\(\)",
    a_column_that_is_none: "KeyError: 'positions_last_3'.*columns race_id, season",
    text: "is 'fast' .str. after driver 1, race 2021-01",
    endless: "is inf",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_an_impure_function_is_refused_with_rows_and_reason(fe, fault):
    with pytest.raises(FeatureError, match=f"feature {fault.__name__} .*{FAULTS[fault]}"):
        fe.register(fault.__name__)(fault)
    assert fe.names() == []


def test_a_function_that_depends_on_the_order_of_a_races_rows_is_refused(fe):
    def neighbour(rows):
        return rows["place"].shift(1)

    with pytest.raises(FeatureError, match="order of rows.* 38 of 42 rows differ .driver 1, race 2021-01"):
        fe.register("neighbour", vectorised=True)(neighbour)


def next_place(rows):
    return rows.groupby("driver_id")["place"].shift(-1)


def centred(rows):
    return rows.groupby("driver_id")["place"].transform(lambda own: own.rolling(3, center=True, min_periods=1).mean())


def share_of_all_seasons(rows):
    return rows.groupby("driver_id")["points"].transform("sum")


@pytest.mark.parametrize("peek", [next_place, centred, share_of_all_seasons])
def test_a_function_that_looks_ahead_is_refused_by_the_replay(fe, peek):
    with pytest.raises(
        LeakError, match=rf"{peek.__name__} at 20.*rows change when the future is taken away .*driver_id"
    ):
        fe.register(peek.__name__, vectorised=True)(peek)


def mean_of_all():
    return ALL_RESULTS["place"].mean()


def test_a_table_from_outside_is_refused(fe):
    mine = ALL_RESULTS["place"]

    def from_a_global(history):
        return ALL_RESULTS["place"].mean()

    def from_a_closure(history):
        return mine.mean()

    def from_a_helper(history):
        return mean_of_all()

    held_by = {
        from_a_global: "DataFrame ALL_RESULTS",
        from_a_closure: "Series mine",
        from_a_helper: "DataFrame ALL_RESULTS",
    }
    for function, held in held_by.items():
        with pytest.raises(LeakError, match=f"reads the {held} from outside"):
            fe.register("outside")(function)


def test_rounding_is_no_order_of_rows(fe):
    fe.register("share", vectorised=True)(
        lambda races: races["fastest_lap"] / races.groupby("race_id")["fastest_lap"].transform("mean")
    )
    assert fe.names() == ["share"]


def test_a_vectorised_function_gives_what_the_plain_one_gives(fe):
    def plain(history):
        return history["points"].sum()

    def vectorised(rows):
        return rows.groupby("driver_id")["points"].cumsum()

    fe.register("plain")(plain)
    fe.register("fast", vectorised=True)(vectorised)
    one, other = (build_group(fe.group(name), WORLD, Params()) for name in ("plain", "fast"))
    np.testing.assert_array_equal(one["plain"], other["fast"])


def test_what_everyones_races_make_is_known_when_all_of_them_are(fe):
    """A race that was published late delays every later row that may be made of it, not those of its drivers alone."""
    world = tiny_tables(seasons=1, races=4, cars=4)
    results, late = world["results"].copy(), pd.Timestamp("2021-04-20 12:00", tz="UTC")
    results.loc[(results["race_id"] == 2), "known_at"] = late
    results = results[~((results["race_id"] == 2) & (results["driver_id"] == 1))]  # driver 1 sat this one out
    delayed = world.replace(results=results)
    fe.register("held", vectorised=True)(lambda races: races["event_timestamp"].rank(method="dense"))
    fe.register("driven")(lambda history: history["place"].count())
    known = {
        name: build_group(fe.group(name), delayed, Params()).query("driver_id == 1")["known_at"].to_list()
        for name in ("held", "driven")
    }
    assert known["held"][1] == late and known["driven"][1] < late


def test_a_vectorised_function_must_keep_the_rows(fe):
    with pytest.raises(FeatureError, match="gave 6 values for 42 rows"):
        fe.register("few", vectorised=True)(lambda rows: rows["place"].head(6))
    with pytest.raises(FeatureError, match="no numbers"):
        fe.register("words", vectorised=True)(lambda rows: rows["place"].astype(str) + "th")


def test_further_tables_come_by_name_and_delay_what_is_known(fe):
    fe.register("best_q1", needs=["qualifying"])(lambda history: history["qualifying_q1"].min())
    rows = build_group(fe.group("best_q1"), tiny_tables(seasons=1, races=2, cars=4), Params())
    assert rows["best_q1"].notna().all()
    with pytest.raises(FeatureError, match="has not one row per race and driver; it may need: driver_standings"):
        fe.register("laps", needs=["lap_times"])(places)


def test_none_is_null(fe):
    fe.register("after_three")(lambda history: history["place"].mean() if len(history) > 2 else None)
    rows = build_group(fe.group("after_three"), WORLD, Params())
    first = rows.drop_duplicates(["driver_id", "event_timestamp"]).groupby("driver_id").cumcount() < 2
    assert (rows.drop_duplicates(["driver_id", "event_timestamp"])["after_three"].isna() == first).all()


def test_names_are_checked_and_the_nearest_is_offered(fe):
    with pytest.raises(FeatureError, match="snake_case"):
        fe.register("Momentum Score")(places)
    fe.register("place_so_far")(places)
    with pytest.raises(UnknownName, match="did you mean 'place_so_far'"):
        fe.group("place_so_fat")


def test_engineers_of_a_process_share_what_is_registered():
    FeatureEngineer().register("shared_by_all")(places)
    assert "shared_by_all" in FeatureEngineer().names()
    del FeatureEngineer()._registry["shared_by_all"]


def test_the_last_five_places_come_newest_first_with_as_few_as_there_are(fe):
    seen = []

    def latest(history):
        recent = history["positions_last_5"]
        seen.append((recent, history["place"].tolist()))
        return recent[0]

    fe.register("latest_place")(latest)
    seen.clear()
    build_group(fe.group("latest_place"), tiny_tables(seasons=2, races=4, cars=4), Params())
    assert {len(recent) for recent, _ in seen} == {1, 2, 3, 4, 5}
    assert all(recent == places[::-1][:5] for recent, places in seen)
    check_feature_group(fe.group("latest_place"), tiny_tables(seasons=2, races=3, cars=4), races=1)
    assert "newest first" in fe.columns()["positions_last_5"]


def test_a_name_that_ships_is_taken_with_a_word_and_a_group_of_one_is_too(fe):
    for name in ("momentum_score", "driver_form"):
        with pytest.warns(UserWarning, match=f"{name} is also a feature that ships"):
            fe.register(name)(places)
    assert fe.names() == ["driver_form", "momentum_score"]
