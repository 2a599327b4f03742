"""Each check of the leak audit sees the fault that is planted for it, and passes its clean twin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import UnknownName
from pitwall.domain.params import Params
from pitwall.domain.when import UTC_US, Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.ml.audit import Effort, Subject, audit, checks
from pitwall.ml.audit._subject import Audited
from pitwall.ml.audit.too_good import judge_model
from pitwall.testing import tiny_tables

SMALL = Effort(instants=10, cutoffs=1, worlds=1)
SESSION = ["race_id", "driver_id"]


@pytest.fixture(scope="module")
def subject() -> Subject:
    return Subject(tiny_tables(2, 12, 8, seed=4), Params(), Stage.PRE_RACE, SMALL)


@pytest.fixture(scope="module")
def long() -> Subject:
    """Statistics need races."""
    effort = replace(SMALL, seasons=4)
    return Subject(tiny_tables(4, 14, 10, seed=5), Params(), Stage.PRE_RACE, effort)


def made(compute, reads, entities=("driver",), since=Stage.PRE_WEEKEND):
    return FeatureGroup("made", entities, reads, (Feature("made", "number", "made up", "never", since),), compute)


def stamped(rows, keys, value):
    return rows[[*keys, *STAMPS]].assign(made=value.astype("float64")).astype(dict.fromkeys(STAMPS, UTC_US))


def after_each_race(tables):
    return tables["results"].sort_values(["event_timestamp", "driver_id"], ignore_index=True)


def last_place(tables, settings, time):
    rows = after_each_race(tables)
    return stamped(rows, ["driver_id"], rows["place"])


def next_place(tables, settings, time):
    rows = after_each_race(tables)
    return stamped(rows, ["driver_id"], rows.groupby("driver_id")["place"].shift(-1))


def worst_of_all(tables, settings, time):
    rows = after_each_race(tables)
    return stamped(rows, ["driver_id"], rows["place"] / rows["place"].max())


def worst_so_far(tables, settings, time):
    rows = after_each_race(tables)
    worst = rows["place"].cummax().groupby(rows["race_id"]).transform("last")
    rows["known_at"] = rows.groupby("race_id")["known_at"].transform("max").cummax()  # it is made of every car's line
    return stamped(rows, ["driver_id"], rows["place"] / worst)


def stops_with_stamps(known):
    def compute(tables, settings, time):
        stops = (
            tables["pit_stops"].groupby(SESSION, as_index=False).agg(spent=("seconds", "sum"), late=("known_at", "max"))
        )
        stops["late"] = stops.groupby("race_id")["late"].transform("max")
        rows = after_each_race(tables).merge(stops, on=SESSION)
        return stamped(rows.assign(known_at=known(rows)), ["driver_id"], rows["spent"])

    return made(compute, ("results", "pit_stops"))


def entry_rows(tables, value):
    """Rows that stand before the race with some value of the race's cars."""
    rows = tables["entries"].merge(value, on=SESSION, how="left")
    return stamped(rows, SESSION, rows["value"])


def own_place(tables, settings, time):
    return entry_rows(tables, tables["results"].rename(columns={"place": "value"})[[*SESSION, "value"]])


def car_number(tables, settings, time):
    return entry_rows(tables, tables["entries"].rename(columns={"number": "value"})[[*SESSION, "value"]])


def qualifying_place(tables, settings, time):
    return stamped(tables["qualifying"], SESSION, tables["qualifying"]["place"])


CASES = {
    "replay": (made(next_place, ("results",)), made(last_place, ("results",))),
    "canary: the future is absurd": (made(worst_of_all, ("results",)), made(worst_so_far, ("results",))),
    "canary: published late": (
        stops_with_stamps(lambda rows: rows["known_at"]),
        stops_with_stamps(lambda rows: rows[["known_at", "late"]].max(axis=1)),
    ),
    "label_shuffle": (
        made(own_place, ("entries", "results"), ("race", "driver")),
        made(car_number, ("entries", "results"), ("race", "driver")),
    ),
    "stage": (
        made(qualifying_place, ("qualifying",), ("race", "driver"), Stage.IN_RACE),
        made(qualifying_place, ("qualifying",), ("race", "driver"), Stage.PRE_RACE),
    ),
}


def asked(name, group, subject):
    return checks()[name].run(Audited(group, subject))


@pytest.mark.parametrize("case", CASES)
def test_a_check_sees_its_fault_and_passes_its_clean_twin(case, subject):
    name = case.partition(":")[0]
    fault, clean = CASES[case]
    found = asked(name, fault, subject)
    assert [each.level for each in found] == ["finding"] * len(found) != []
    assert {each.feature for each in found} <= {"made", "every feature"}
    assert all(each.rows > 0 and each.reason and each.example for each in found)
    assert asked(name, clean, subject) == []


def remembered(subject, noise):
    """A group that brings the places along from outside the tables: no cut and no shuffle reaches them."""
    places = subject.cars[[*SESSION, "place"]].rename(columns={"place": "value"})
    places["value"] += noise * np.random.default_rng(0).normal(size=len(places))
    return made(lambda tables, settings, time: entry_rows(tables, places), ("entries",), ("race", "driver"))


@pytest.mark.parametrize("name", ["time_reversal", "too_good"])
def test_statistics_see_what_comes_from_outside_the_tables(name, long):
    (found,) = asked(name, remembered(long, 0.3), long)
    assert (found.level, found.feature) == ("finding", "made")
    assert asked("replay", remembered(long, 0.3), long) == []
    assert asked(name, remembered(long, 100.0), long) == []
    grid = made(qualifying_place, ("qualifying",), ("race", "driver"))
    assert asked(name, grid, long) == []


def test_dealt_outcomes_are_known_by_nobody_who_is_correct_in_time(subject):
    reason = {
        each.reason
        for each in asked("label_shuffle", made(own_place, ("entries", "results"), ("race", "driver")), subject)
    }
    assert any("dealt by chance" in each for each in reason)
    for tables, dealt in subject.worlds:
        assert len(tables["results"]) == len(subject.tables["results"])
        assert sorted(dealt["place"]) == sorted(subject.cars["place"])
        assert not np.array_equal(dealt["place"], subject.cars["place"])


def test_a_frame_with_values_of_a_later_stage_is_found(subject):
    group = made(qualifying_place, ("qualifying",), ("race", "driver"), Stage.PRE_RACE)
    frame = subject.cars[SESSION].assign(made=1.0)
    early = Subject(tiny_tables(2, 4, 6), Params(), Stage.PRE_WEEKEND, SMALL, frame)
    (found,) = asked("stage", group, early)
    assert "hold a value at pre_weekend already" in found.reason
    early.frame = frame.assign(made=np.nan)
    assert asked("stage", group, early) == []


def moved(tables, race, planned, starts=None):
    """Return the tables with a race whose published start, and whose start that is known now, lie later."""
    races = tables["races"].copy()
    own = races["race_id"] == race
    races.loc[own, "planned_at"] += planned
    races.loc[own, "starts_at"] += starts or pd.Timedelta(0)
    return Subject(tables.replace(races=races), Params(), Stage.PRE_RACE, SMALL)


def test_a_result_known_before_its_own_cutoff_is_found():
    tables, group = tiny_tables(2, 4, 6), made(last_place, ("results", "laps", "qualifying"))
    day = pd.Timedelta(days=1)
    assert asked("own_race", group, moved(tables, 3, 0 * day)) == []
    assert asked("own_race", group, moved(tables, 3, -day)) == []  # brought back: published too early
    found = asked("own_race", group, moved(tables, 6, day, day))
    assert [each.reason.split()[1] for each in found] == ["results", "laps"]
    assert all("before the cut-off of its own row" in each.reason for each in found)
    assert found[0].example["race_id"] == "6" and found[0].level == "finding"
    assert (
        asked("own_race", made(qualifying_place, ("qualifying",), ("race", "driver")), moved(tables, 6, day, day)) == []
    )


def test_a_start_that_was_published_too_late_is_told_unless_a_frame_says_its_own():
    tables, group = tiny_tables(2, 4, 6), made(last_place, ("results",))
    subject = moved(tables, 6, pd.Timedelta(days=1))
    (found,) = asked("own_race", group, subject)
    assert "as published until the calendar was corrected" in found.reason
    subject.frame = subject.cars[[*SESSION, "cutoff"]]
    assert asked("own_race", group, subject) == []
    subject.frame = subject.frame.assign(cutoff=subject.frame["cutoff"] + pd.Timedelta(days=1))
    (found,) = asked("own_race", group, subject)
    assert "before the cut-off of its own row" in found.reason


def test_a_model_is_found_out_only_where_it_is_almost_perfect(subject):
    places = subject.cars["place"].to_numpy()
    (perfect,) = judge_model(subject, "order-pre_race", places)
    assert perfect.level == "finding"
    noise = np.random.default_rng(1).normal(size=len(places))
    assert judge_model(subject, "order-pre_race", places + 8 * noise) == []


def test_a_group_that_fails_is_not_clean(subject):
    def crash(tables, settings, time):
        raise ValueError("boom")

    report = audit(made(crash, ("results",)), subject.tables, effort=SMALL)
    assert {each.check for each in report.findings} >= {"replay", "label_shuffle"}
    assert "ValueError: boom" in str(report.findings[0])


def test_the_report_names_feature_rows_and_reason_and_says_so_again(subject):
    fault, clean = CASES["replay"]
    both = [fault, replace(clean, name="fine", features=(replace(clean.features[0], name="made"),))]
    first, second = (audit(both, subject.tables, effort=SMALL) for _ in range(2))
    assert first == second
    said = first.verdicts()
    assert said["replay", "made"] == "LEAK" and said["replay", "fine"] == "passed"
    content = first.json()
    assert {row["verdict"] for row in content["rows"]} == {"passed", "LEAK"}
    assert {"check", "level", "group", "feature", "rows", "example", "reason"} == set(content["found"][0])
    assert pd.Timestamp(content["found"][0]["example"]["instant"])


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(UnknownName, match="driver_form"):
        audit("driver_from", tiny_tables(1, 3, 4))


def test_every_check_says_what_it_sees_and_what_not():
    assert set(checks()) == {"replay", "canary", "label_shuffle", "time_reversal", "too_good", "stage", "own_race"}
    assert all(each.sees and each.blind and each.title for each in checks().values())


def test_what_models_share_is_asked_once_and_anew_where_data_group_or_effort_differ(subject):
    asked = []

    def counted(tables, settings, time):
        asked.append(None)
        return last_place(tables, settings, time)

    def audited(group, effort=SMALL, stage=Stage.PRE_RACE, seed=4):
        before = len(asked)
        audit(group, tiny_tables(2, 12, 8, seed=seed), Params(), stage=stage, effort=effort)
        return len(asked) - before

    group = made(counted, ("results",))
    first, again, other_stage = audited(group), audited(group), audited(group, stage=Stage.PRE_WEEKEND)
    assert again < first / 2
    assert other_stage < first / 2
    assert audited(group, seed=5) == first
    assert audited(group, effort=replace(SMALL, instants=11)) >= first
    assert audited(replace(group, name="twin")) == first


def test_a_leak_is_found_by_every_audit_that_meets_it(subject):
    group = made(next_place, ("results",))
    found = [{(each.check, each.level) for each in audit(group, subject.tables, effort=SMALL).findings} for _ in "ab"]
    assert ("replay", "finding") in found[0]
    assert found[0] == found[1]
