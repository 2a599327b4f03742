"""How many more laps a set lasted, in a tiny world in which every other car changes tyres after its fifth lap."""

import pandas as pd
import pytest

from pitwall.ml.models import model
from pitwall.ml.templates import template
from pitwall.ml.training.splits import outcomes
from pitwall.testing.worlds.tiny import tiny_tables

ASKED = template("stint_length")


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=1, races=2, cars=4)


def of(tables, driver, stint):
    return ASKED.label(tables).loc[1, driver, stint]


def test_a_set_that_came_off_has_the_laps_after_its_first_one_and_others_those_watched(tables):
    laps = tables["laps"].query("race_id == 1 and completed").groupby("driver_id")["lap"].max()
    retired = tables["results"].query("race_id == 1 and retired")["driver_id"]
    assert (of(tables, 2, 1), of(tables, 4, 1)) == (4.0, 4.0)
    to_the_flag = next(driver for driver in laps.index if driver % 2 and driver not in set(retired))
    assert of(tables, to_the_flag, 1) == -(laps[to_the_flag] - 2.0)
    out = next(iter(retired))  # the line that it passed before it stopped was watched, too
    first = 1 if out % 2 else 6
    assert of(tables, out, 1 if out % 2 else 2) == -(laps[out] - first)


def test_a_stoppage_ends_what_is_watched(tables):
    halted = tables["laps"].query("race_id == 1 and driver_id == 2 and lap == 4")["end_seconds"].iloc[0] - 1
    log = tables["session_status"]
    last = log.query("race_id == 1").iloc[[-1]].assign(message=99, seconds=halted, status="Aborted")
    stopped = tables.replace(session_status=pd.concat([log, last], ignore_index=True))
    assert of(stopped, 2, 1) == -2.0


def test_models_learn_what_was_watched_and_how_long_it_could_have_been(tables):
    frame = model("stint_length").kind.spine(tables, "in_race")
    found = outcomes("stint_length", tables, frame).set_index(
        pd.MultiIndex.from_frame(frame[["race_id", "driver_id", "stint"]])
    )
    label = ASKED.label(tables)
    assert list(found) == ["laps", "ended", "room"]
    assert (
        found["laps"].where(found["ended"].astype(bool), -found["laps"]).equals(label.reindex(found.index).rename(None))
    )
    assert (found["room"] >= found["laps"]).all()
