"""Row versions of feature groups, and what a wrong table is told."""

import pandas as pd
import pytest

from pitwall.domain.errors import FeatureError, UnknownName
from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features import groups
from pitwall.features.machinery.build import build_group, check_names
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.replay import replay_check, usable
from pitwall.testing.worlds.tiny import corrected, tiny_tables

pytestmark = pytest.mark.slow

FIRST = pd.Timestamp("2021-04-01 09:00", tz="UTC")  # after the third race
SECOND = pd.Timestamp("2021-04-20 09:00", tz="UTC")  # after the fourth
WITHDRAWN = pd.Timedelta("2D")  # after a race


def place_so_far(tables, settings, time):
    rows = tables["results"].sort_values(["event_timestamp", "driver_id"], ignore_index=True)
    rows = rows[rows["started"]]
    rows["best"] = rows.groupby("driver_id")["place"].cummin().astype("float64")
    known = rows["known_at"].astype("int64").groupby(rows["driver_id"]).cummax()
    rows["known_at"] = pd.to_datetime(known, unit="us", utc=True).astype(UTC_US)
    return rows[["driver_id", *STAMPS, "best"]].reset_index(drop=True)


def group(compute=place_so_far, **changes):
    best = Feature("best", "place", "best place so far", "never")
    return FeatureGroup(
        **{
            "name": "best",
            "entities": ("driver",),
            "reads": ("results",),
            "features": (best,),
            "compute": compute,
            **changes,
        }
    )


@pytest.fixture
def tables():
    return tiny_tables(seasons=1, races=6, cars=4)


def driver_at(tables, race, place):
    results = tables["results"]
    return int(results.loc[(results["race_id"] == race) & (results["place"] == place), "driver_id"].iloc[0])


def correct(tables, race, driver, instant, **changes):
    return corrected(
        tables, "results", lambda rows: (rows["race_id"] == race) & (rows["driver_id"] == driver), instant, **changes
    )


def test_without_corrections_there_is_one_row_per_event(tables):
    rows = build_group(group(), tables, Params())
    assert len(rows) == len(tables["results"])
    assert not rows.duplicated(["driver_id", "event_timestamp"]).any()


def test_a_correction_adds_versions_and_keeps_the_old_ones(tables):
    driver = driver_at(tables, 1, 1)
    changed = correct(tables, 1, driver, FIRST, place=4)
    old, new = (build_group(group(), some, Params()) for some in (tables, changed))
    assert len(old.merge(new, on=list(old.columns))) == len(old[old["known_at"] < FIRST]) + len(
        new.merge(old[old["known_at"] > FIRST], on=list(old.columns))
    )
    versions = new[(new["driver_id"] == driver) & new.duplicated(["driver_id", "event_timestamp"])]
    assert (versions["known_at"] == FIRST).all()
    before = usable(group(), new, FIRST - pd.Timedelta("1us")).query("driver_id == @driver").iloc[0]
    after = usable(group(), new, FIRST).query("driver_id == @driver").iloc[0]
    assert (before["best"], after["best"]) == (1, 4)


def test_a_correction_of_a_correction_is_a_third_version(tables):
    driver = driver_at(tables, 1, 1)
    twice = correct(correct(tables, 1, driver, FIRST, place=4), 1, driver, SECOND, place=3)
    rows = build_group(group(), twice, Params())
    first_race = rows[(rows["driver_id"] == driver)].sort_values(STAMPS).groupby("event_timestamp").first().index[0]
    versions = rows[(rows["driver_id"] == driver) & (rows["event_timestamp"] == first_race)]
    assert versions["best"].tolist() == [1, 4, 3]
    assert versions["known_at"].tolist()[1:] == [FIRST, SECOND]


def with_places(tables, driver, *places):
    """Return the tables in which a driver took these places in the first races."""
    results = tables["results"].copy()
    for race, place in enumerate(places, start=1):
        results.loc[(results["race_id"] == race) & (results["driver_id"] == driver), "place"] = place
    return tables.replace(results=results)


def handed_out(rows, driver, instant):
    """Return what the join hands out of a driver: the newest known version of the newest event."""
    seen = usable(group(), rows, instant).query("driver_id == @driver").sort_values(STAMPS)
    return seen["best"].iloc[-1]


def test_a_row_that_a_correction_withdraws_is_closed_with_what_preceded_it(tables):
    started = with_places(tables, 1, 3, 1)
    gone = correct(started, 2, 1, tables["results"].query("race_id == 2")["known_at"].max() + WITHDRAWN, started=False)
    rows = build_group(group(), gone, Params())
    known = gone["results"].query("~known_estimated")["known_at"].iloc[0]
    assert handed_out(rows, 1, known - pd.Timedelta("1us")) == 1
    assert handed_out(rows, 1, known) == 3


def test_a_withdrawn_row_follows_a_correction_of_what_precedes_it(tables):
    withdrawn = tables["results"].query("race_id == 2")["known_at"].max() + WITHDRAWN
    gone = correct(with_places(tables, 1, 3, 1), 2, 1, withdrawn, started=False)
    twice = correct(gone, 1, 1, withdrawn + WITHDRAWN, place=4)
    rows = build_group(group(), twice, Params())
    known = [withdrawn + WITHDRAWN - pd.Timedelta("1us"), withdrawn + WITHDRAWN]
    assert [handed_out(rows, 1, instant) for instant in known] == [3, 4]
    assert replay_check(group(), twice, Params(), known) == []


def test_a_row_added_late_is_known_late_and_its_race_before_it(tables):
    """The third car of race 2 was forgotten: until it is added the race is what the others make of it."""
    results = tables["results"]
    forgotten = (results["race_id"] == 2) & (results["driver_id"] == 3)
    late = results[forgotten].assign(known_at=FIRST, known_estimated=False).astype(dict(results.dtypes))
    added = tables.replace(results=pd.concat([results[~forgotten], late], ignore_index=True))
    without = build_group(group(), tables.replace(results=results[~forgotten]), Params())
    rows = build_group(group(), added, Params())
    pd.testing.assert_frame_equal(
        rows[rows["known_at"] < FIRST].reset_index(drop=True),
        without[without["known_at"] < FIRST].reset_index(drop=True),
    )
    assert (rows.query("driver_id == 3")["event_timestamp"] == late["event_timestamp"].iloc[0]).any()
    assert replay_check(group(), added, Params(), [FIRST - pd.Timedelta("1us"), FIRST, SECOND]) == []


@pytest.mark.parametrize("name", list(groups()))
def test_every_group_replays_across_corrections(name, tables):
    driver = driver_at(tables, 2, 1)
    changed = correct(
        correct(tables, 2, driver, FIRST, started=False, points=0.0), 3, driver, SECOND, place=4, retired=True
    )
    instants = [FIRST, FIRST + pd.Timedelta("1h"), SECOND, SECOND + pd.Timedelta("9D")]
    assert replay_check(groups()[name], changed, Params(), instants) == []


def broken(change):
    return lambda tables, settings, time: change(place_so_far(tables, settings, time))


WRONG = {
    "expected": lambda rows: rows.rename(columns={"best": "worst"}),
    "column best is int64": lambda rows: rows.astype({"best": "int64"}),
    "column driver_id is Int64": lambda rows: rows.astype({"driver_id": "Int64"}),
    r"column known_at is datetime64\[ns, UTC\]": lambda rows: rows.astype({"known_at": "datetime64[ns, UTC]"}),
    "repeat a key": lambda rows: pd.concat([rows, rows.head(2)], ignore_index=True),
    "known before they happened": lambda rows: rows.assign(
        known_at=(rows["event_timestamp"] - pd.Timedelta("1s")).astype(UTC_US)
    ),
    "have no known_at": lambda rows: rows.assign(known_at=rows["known_at"].where(rows["driver_id"] > 1)),
}


@pytest.mark.parametrize("message", list(WRONG))
def test_a_wrong_table_is_refused_with_the_reason(message, tables):
    with pytest.raises(FeatureError, match=message):
        build_group(group(broken(WRONG[message])), tables, Params())


def test_a_group_sees_only_the_tables_that_it_declares(tables):
    with pytest.raises(UnknownName, match="grid"):
        build_group(group(lambda tables, settings, time: tables["grid"]), tables, Params())


def test_names_are_unique_and_tables_and_entities_known():
    with pytest.raises(FeatureError, match="best of group best has 2 owners"):
        check_names([group(), group()])
    with pytest.raises(UnknownName, match="did you mean 'results'"):
        check_names([group(reads=("result",))])
    with pytest.raises(UnknownName, match="did you mean 'driver'"):
        check_names([group(entities=("drivers",))])


def test_an_unknown_setting_is_refused_with_the_nearest_one(tables):
    params = Params(features={"driver_form": {"windw": 3}})
    with pytest.raises(UnknownName, match=r"did you mean 'features\.driver_form\.window'"):
        build_group(groups()["driver_form"], tables, params)


def test_empty_tables_give_an_empty_group(tables):
    nothing = Tables({name: frame.head(0) for name, frame in tables.items()})
    for plugin in groups().values():
        assert build_group(plugin, nothing, Params()).empty
