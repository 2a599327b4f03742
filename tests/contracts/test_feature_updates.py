"""What the last build left is taken up: for every group and every history the bytes are those of a build from nothing."""

import pytest

from pitwall.domain.errors import FeatureError
from pitwall.domain.params import Params
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.news import Change, updated
from pitwall.features.machinery.shared.states import cumulative_known, starters
from pitwall.testing.worlds.histories import HISTORIES, check_taken_up, histories, with_absences
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def pairs():
    return histories(with_absences(tiny_tables(seasons=2, races=4, cars=6)))


@pytest.mark.slow
@pytest.mark.parametrize("name", list(groups()))
def test_every_group_ends_where_a_build_from_nothing_ends(name, pairs):
    check_taken_up(groups()[name], pairs)


def planted(compute, reach, entities=("driver",)):
    feature = Feature("planted", "places", "sum of places so far", "never")
    return FeatureGroup(
        name="planted", entities=entities, reads=("races", "results"), features=(feature,), compute=compute, reach=reach
    )


def places_so_far(keys, of=None):
    """Return a computation of the sum of places so far: of the driver, or of the whole field."""

    def compute(tables, settings, time):
        rows = starters(tables).assign(field=0)
        rows["planted"] = rows["place"].astype("float64").groupby(rows[of or "field"]).cumsum()
        rows["known_at"] = cumulative_known(rows, [of or "field"])
        return rows[[*keys, *STAMPS, "planted"]]

    return compute


DRIVER, RACE = ["driver_id"], ["race_id", "driver_id"]
WRONG = {
    "the field's past called the driver's own": planted(places_so_far(DRIVER), "entity"),
    "the driver's past called the race's own": planted(places_so_far(RACE, "driver_id"), "race", ("race", "driver")),
}


@pytest.mark.parametrize("what", list(WRONG))
def test_a_reach_that_is_said_too_short_is_caught(what, pairs):
    with pytest.raises(FeatureError, match=f"reach {WRONG[what].reach!r}"):
        check_taken_up(WRONG[what], pairs)


def test_the_same_groups_pass_when_they_say_the_truth(pairs):
    check_taken_up(planted(places_so_far(DRIVER), "all"), pairs)
    check_taken_up(planted(places_so_far(DRIVER, "driver_id"), "entity"), pairs)
    check_taken_up(planted(places_so_far(RACE, "race_id"), "race", ("race", "driver")), pairs)


def test_only_what_the_news_reach_is_computed(pairs):
    """A new race hands a group the races that it needs, and no others."""
    seen = []

    def watched(keys, of):
        honest = places_so_far(keys, of)

        def compute(tables, settings, time):
            seen.append(set(tables["results"]["race_id"]))
            return honest(tables, settings, time)

        return compute

    then, now = pairs["one more race"]
    last = now["results"].sort_values("event_timestamp")["race_id"].iloc[-1]
    group = planted(watched(RACE, "race_id"), "race", ("race", "driver"))
    built = build_group(group, then, Params())
    seen.clear()
    _, how = updated(group, built, Change.between(then, now), Params())
    assert seen == [{last}]
    assert how == f"computed for 1 of {now['results']['race_id'].nunique()} races"


def test_nothing_new_is_nothing_computed(pairs):
    then, _ = pairs["one more race"]
    group = planted(places_so_far(DRIVER, "driver_id"), "all")
    built = build_group(group, then, Params())
    rows, how = updated(group, built, Change.between(then, then), Params())
    assert rows is built
    assert how == "reused"


def test_all_histories_change_something(pairs):
    assert list(pairs) == list(HISTORIES)
    assert all(Change.between(then, now).rows for then, now in pairs.values())
