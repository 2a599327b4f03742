"""Rows of a group are found by the rule of the store, and groups on the prefix of a race say what they say of the whole of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.when import as_utc
from pitwall.features import groups
from pitwall.features.machinery.build import same_values
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.known import as_known
from pitwall.features.machinery.once import Kept, once, shared_work
from pitwall.live.features import KnownRows, LiveFeatures, tells_of_the_race
from pitwall.live.race import live_race
from pitwall.testing import tiny_tables

GROUP = FeatureGroup(
    "g", ("race", "driver"), ("laps",), (Feature("x", "1", "a number", "-"),), lambda *_: pd.DataFrame()
)
START = pd.Timestamp("2024-03-03T13:00Z")


def test_rows_are_found_as_the_join_in_time_finds_them() -> None:
    rng = np.random.default_rng(0)
    event, late = rng.integers(0, 50, 300), rng.choice([0, 0, 0, 7, 40], 300)
    stamps = [as_utc(pd.Series(START + pd.to_timedelta(seconds, unit="s"))) for seconds in (event, event + late)]
    ids = {"race_id": rng.integers(1, 3, 300), "driver_id": rng.integers(1, 4, 300)}
    rows = pd.DataFrame({**ids, "event_timestamp": stamps[0], "known_at": stamps[1], "x": rng.normal(size=300)})
    rows = rows.drop_duplicates(["race_id", "driver_id", "event_timestamp", "known_at"], ignore_index=True)
    cutoff = as_utc(pd.Series(START + pd.to_timedelta(rng.integers(-2, 60, 200), unit="s")))
    spine = pd.DataFrame({"race_id": rng.integers(1, 4, 200), "driver_id": rng.integers(1, 5, 200), "cutoff": cutoff})
    expected = as_known(spine, GROUP, rows)[["x"]]
    found = pd.DataFrame(KnownRows(GROUP, rows).at(spine), columns=["x"])
    assert expected["x"].notna().sum() > 50
    assert same_values(found, expected).all().all()


def test_a_prefix_says_what_the_whole_race_says_of_its_rows() -> None:
    tables = tiny_tables(seasons=2, races=4, cars=6)
    race = live_race(tables, "2022-01")
    names = ("lap_state", "lap_gaps", "conditions")
    chosen = [groups()[name] for name in names]
    features = LiveFeatures(chosen, race.before, Params(), lambda group: pd.DataFrame())
    own = {name: tables[name][tables[name]["race_id"] == race.race.race_id] for name in
           ("laps", "weather", "track_status", "session_status", "start_tyres")}  # fmt: skip
    laps = own["laps"][own["laps"]["completed"]].sort_values("end_seconds", ignore_index=True)
    half = laps["end_seconds"].iloc[len(laps) // 2]
    spine = laps[laps["end_seconds"] <= half][["race_id", "driver_id"]].assign(
        cutoff=laps["event_timestamp"] + pd.Timedelta(microseconds=1)
    )

    def at(until: float) -> pd.DataFrame:
        clock = {name: "end_seconds" if name == "laps" else "seconds" for name in own}
        features.learn({name: frame[frame[clock[name]] <= until].reset_index(drop=True) for name, frame in own.items()})
        return features.join(spine, chosen)[[name for group in chosen for name in group.names]]

    whole = at(1e9)
    assert whole["green_pace_3"].notna().any()
    assert same_values(at(half), whole).all().all()


def test_what_was_known_before_and_what_the_race_tells() -> None:
    assert tells_of_the_race(groups()["lap_state"])
    assert tells_of_the_race(groups()["conditions"])
    assert not tells_of_the_race(groups()["race_outlook"])
    assert not tells_of_the_race(groups()["driver_form"])


def test_work_is_shared_for_the_very_same_tables_alone() -> None:
    made: list[int] = []
    one, other = pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]})

    def work(*tables: object) -> int:
        return once("work", tables, lambda: made.append(1) or len(made))  # type: ignore[func-returns-value]

    assert (work(one), work(one)) == (1, 2)
    kept = Kept([one])
    with shared_work(kept):
        assert [work(one), work(one), work(other), work(one, other), work(other)] == [3, 3, 4, 5, 4]
        kept.forget()
        assert [work(one), work(other)] == [3, 6]
    assert work(one) == 7
