"""What people call the cars of a race: the code, unless two of its starters share it."""

from pitwall.live.race import live_race
from pitwall.testing import tiny_tables


def test_starters_who_share_a_code_are_called_by_reference():
    tables = tiny_tables(seasons=1, races=2, cars=6)
    drivers = tables["drivers"].copy()
    first, second, other = drivers["driver_id"].tolist()[:3]
    drivers["code"] = drivers["driver_id"].map({first: "BRA", second: "BRA", other: "NOR"}).astype("string")
    race = live_race(tables.replace(drivers=drivers), "2021-02")
    refs = drivers.set_index("driver_id")["ref"]
    assert {first, second, other} <= set(race.starters)
    assert [race.who[each].driver for each in (first, second, other)] == [refs[first], refs[second], "NOR"]
    assert len({race.who[each].driver for each in race.starters}) == len(race.starters)
