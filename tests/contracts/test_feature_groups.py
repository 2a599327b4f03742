"""Every feature group keeps the contract; planted leaks are caught."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import FeatureError, LeakError
from pitwall.domain.params import Params
from pitwall.domain.when import UTC_US, Stage
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.replay import replay_check, replay_instants
from pitwall.testing.checks.features import check_feature_group, check_grid, check_stages
from pitwall.testing.worlds.tiny import corrected, tiny_tables

CORRECTION = pd.Timestamp("2022-03-20 09:30", tz="UTC")


@pytest.fixture(scope="module")
def tables():
    """Two seasons, the last race still to come, and a race of the first season that was corrected in the second."""
    world = tiny_tables(seasons=2, races=3, cars=6, upcoming=1)
    return corrected(world, "results", lambda rows: (rows["race_id"] == 3) & (rows["place"] == 2), CORRECTION, place=6)


@pytest.mark.parametrize("name", list(groups()))
def test_keeps_the_contract(name, tables):
    check_feature_group(groups()[name], tables, races=1)


def test_the_order_set_holds_form_session_and_ratings():
    names = {group.name for group in feature_sets()["order"]}
    assert {"driver_form", "team_form", "session", "driver_rating", "team_rating", "championship"} <= names


def planted(compute, entities=("driver",), reads=("races", "results"), **changes):
    feature = Feature("planted", "places", "a leak", "never")
    return FeatureGroup(
        **{
            "name": "planted",
            "entities": entities,
            "reads": reads,
            "features": (feature,),
            "compute": compute,
            **changes,
        }
    )


def rows_of(frame, keys, value):
    rows = frame[[*keys, *STAMPS]].assign(planted=value.astype("float64"))
    return rows.astype(dict.fromkeys(STAMPS, UTC_US))


def in_time(tables):
    return tables["results"].sort_values(["event_timestamp", "driver_id"], ignore_index=True)


def peeks_at_own_result(tables, settings, time):
    cars = tables["grid"].merge(tables["results"][["race_id", "driver_id", "place"]], on=["race_id", "driver_id"])
    return rows_of(cars, ["race_id", "driver_id"], cars["place"])


def off_by_one(tables, settings, time):
    results = in_time(tables)
    return rows_of(results, ["driver_id"], results.groupby("driver_id")["place"].shift(-1))


def centred_window(tables, settings, time):
    results = in_time(tables)
    means = results.groupby("driver_id")["place"].rolling(3, center=True, min_periods=1).mean()
    return rows_of(results, ["driver_id"], means.droplevel(0).reindex(results.index))


def encoding_over_all_years(tables, settings, time):
    results = in_time(tables)
    return rows_of(results, ["driver_id"], results.groupby("driver_id")["place"].transform("mean"))


def last_bit(tables, settings, time):
    """A sum in another order: rows that have a successor differ in the last of 52 bits from rows that have none yet."""
    results = in_time(tables)
    followed = results.groupby("driver_id")["place"].shift(-1).notna()
    place = results["place"].astype("float64")
    return rows_of(results, ["driver_id"], place.mask(followed, np.nextafter(place, np.inf)))


def stamped_too_early(tables, settings, time):
    results = in_time(tables)
    results["known_at"] = results["event_timestamp"]
    return rows_of(results, ["driver_id"], results["place"])


def median_of_the_lap_number(tables, settings, time):
    laps = tables["laps"]
    return rows_of(laps, ["race_id", "driver_id"], laps.groupby(["race_id", "lap"])["seconds"].transform("median"))


def slowest_lap_of_the_race(tables, settings, time):
    laps = tables["laps"]
    return rows_of(laps, ["race_id", "driver_id"], laps.groupby(["race_id", "driver_id"])["seconds"].transform("max"))


def laps_leak(compute):
    feature = Feature("planted", "s", "a leak", "never", Stage.IN_RACE)
    return planted(compute, ("race", "driver"), ("laps",), features=(feature,))


LEAKS = {
    "median of the lap number": laps_leak(median_of_the_lap_number),
    "slowest lap of the race": laps_leak(slowest_lap_of_the_race),
    "own result": planted(peeks_at_own_result, ("race", "driver"), ("grid", "results")),
    "off by one": planted(off_by_one),
    "centred window": planted(centred_window),
    "encoding over all years": planted(encoding_over_all_years),
    "the last bit": planted(last_bit),
    "stamped too early": planted(stamped_too_early),
}


@pytest.mark.parametrize("leak", list(LEAKS))
def test_a_planted_leak_is_caught(leak, tables):
    with pytest.raises(LeakError, match="planted"):
        check_feature_group(LEAKS[leak], tables, races=1)


@pytest.mark.parametrize("leak", list(LEAKS))
def test_the_replay_alone_catches_it_and_names_the_feature(leak, tables):
    violations = replay_check(LEAKS[leak], tables, Params(), replay_instants(tables, Params(), races=1))
    assert violations
    assert {violation.group for violation in violations} == {"planted"}
    assert all(violation.rows > 0 and violation.reason for violation in violations)


def honest(tables, settings, time):
    results = in_time(tables)
    return rows_of(results, ["driver_id"], results["place"])


def test_an_honest_group_passes(tables):
    check_feature_group(planted(honest), tables, races=1)


def test_a_group_that_edits_its_inputs_is_refused(tables):
    def edits(tables, settings, time):
        tables["races"].loc[:, "round"] = 0
        return honest(tables, settings, time)

    untouched = tiny_tables(seasons=1, races=2, cars=4)
    original = untouched["races"].copy()

    def edits_the_original(view, settings, time):
        untouched["races"].loc[:, "round"] = 0
        return honest(view, settings, time)

    with pytest.raises(FeatureError, match="edits the table races"):
        check_feature_group(planted(edits_the_original), untouched, races=1)
    assert not untouched["races"].equals(original)
    check_feature_group(planted(edits), tables, races=1)  # it only ever gets copies


@pytest.mark.parametrize("part", ["unit", "meaning", "null"])
def test_a_feature_says_what_it_is(part, tables):
    words = {"name": "planted", "unit": "places", "meaning": "m", "null": "never", part: " "}
    with pytest.raises(FeatureError, match=f"does not say its {part}"):
        check_feature_group(planted(honest, features=(Feature(**words),)), tables)


def grid_slots(tables, settings, time):
    return rows_of(tables["grid"], ["race_id", "driver_id"], tables["grid"]["grid"])


def grid_group(since, compute=grid_slots, entities=("race", "driver")):
    feature = Feature("planted", "slot", "m", "never", since)
    return planted(compute, entities, ("grid", "results"), features=(feature,), of_grid=slots)


def slots(cars):
    return {"planted": cars["grid"].astype("float64")}


def test_a_feature_stands_from_the_stage_that_it_names(tables):
    check_feature_group(grid_group(Stage.PRE_RACE), tables, races=1)


@pytest.mark.parametrize("since", [Stage.IN_RACE, Stage.PRE_WEEKEND])
def test_a_value_before_its_stage_and_a_forgotten_stage_are_caught(since, tables):
    with pytest.raises(LeakError, match=f"planted.*since={since}.*first values stand at pre_race"):
        check_stages(grid_group(since), tables, Params())


def test_a_session_that_is_stamped_before_it_is_caught_at_its_stage(tables):
    def before_practice(tables, settings, time):
        rows = tables["grid"].assign(**{stamp: tables["grid"][stamp] - pd.Timedelta(days=3) for stamp in STAMPS})
        return rows_of(rows, ["race_id", "driver_id"], rows["grid"])

    with pytest.raises(LeakError, match="since=pre_race.*stand at pre_weekend"):
        check_stages(grid_group(Stage.PRE_RACE, before_practice), tables, Params())


def test_a_state_names_no_stage(tables):
    with pytest.raises(FeatureError, match="is a state"):
        check_stages(grid_group(Stage.PRE_RACE, entities=("driver",)), tables, Params())


def test_a_random_group_is_refused(tables):
    calls = iter(range(1000))

    def moody(tables, settings, time):
        results = in_time(tables)
        return rows_of(results, ["driver_id"], results["place"] + next(calls))

    with pytest.raises(FeatureError, match="not deterministic"):
        check_feature_group(planted(moody), tables)


def _without(group):
    return replace(group, of_grid=None)


def _other_arithmetic(group):
    return replace(group, of_grid=lambda cars: {name: values + 1 for name, values in group.of_grid(cars).items()})


def _half_of_it(group):
    return replace(group, of_grid=lambda cars: dict(list(group.of_grid(cars).items())[:1]))


@pytest.mark.parametrize("fault", [_without, _other_arithmetic, _half_of_it])
def test_what_follows_from_a_grid_is_said_and_is_what_compute_makes_of_it(fault, tables):
    for name in ("session", "session_detail"):
        check_grid(groups()[name], tables, Params())
        with pytest.raises(FeatureError, match="of_grid"):
            check_grid(fault(groups()[name]), tables, Params())
