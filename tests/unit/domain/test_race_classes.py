"""When cars stop first and how much rain matters: the borders of the classes, and what is not known."""

import pandas as pd

from pitwall.domain.racing.first_stops import first_stops, windows
from pitwall.domain.racing.rain_impact import rain_impacts


def test_a_stop_is_early_mid_or_late_by_its_share_of_the_distance():
    share = pd.Series([0.02, 0.2799, 0.28, 0.42, 0.4201, 1.0], index=list("abcdef"))
    found = windows(share)
    assert found.tolist() == ["early", "early", "mid", "mid", "late", "late"]
    assert found.cat.ordered and found.cat.categories.tolist() == ["early", "mid", "late"]
    assert found.index.equals(share.index)


def test_the_first_stop_counts_and_a_car_without_one_is_not_told():
    stops = pd.DataFrame(
        {"race_id": [1, 1, 1, 2], "driver_id": [7, 7, 8, 7], "stop": [2, 1, 1, 1], "lap": [40, 10, 30, 5]}
    )
    results = pd.DataFrame({"race_id": [1, 1, 1, 2], "driver_id": [7, 8, 9, 7], "laps": [50, 49, 50, 0]})
    found = first_stops({"pit_stops": stops, "results": results}).set_index(["race_id", "driver_id"])["share"]
    assert found.to_dict() == {(1, 7): 0.2, (1, 8): 0.6}


def test_rain_matters_by_the_share_of_laps_on_rain_tyres():
    def laps(race, wet, dry, unknown=0):
        tyres = ["WET"] * (wet // 2) + ["INTERMEDIATE"] * (wet - wet // 2) + ["SOFT"] * dry + ["UNKNOWN"] * unknown
        return pd.DataFrame({"race_id": race, "compound": tyres})

    told = [laps(1, 0, 100, 40), laps(2, 1, 199), laps(3, 1, 99), laps(4, 50, 50), laps(5, 51, 49), laps(6, 0, 0, 10)]
    found = rain_impacts(pd.concat(told))
    assert found.to_dict() == {1: "low", 2: "low", 3: "medium", 4: "medium", 5: "high"}
    assert found.cat.categories.tolist() == ["low", "medium", "high"]
