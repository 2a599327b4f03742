"""Who is meant by a name: at a race, at an instant and in some seasons, where several had it over the years."""

import pandas as pd
import pytest

from pitwall.domain.errors import ForecastError, UnknownName, UsageError
from pitwall.ml import DataSelection
from pitwall.ml.data.among import of_instant, of_race, of_seasons
from pitwall.ml.data.entity_names import entity
from pitwall.ml.forecasting.entrants import ALONE, lineup
from pitwall.ml.data.instants import moment_spine
from pitwall.ml.data.calendar import find_race
from pitwall.testing.worlds.tiny import tiny_tables

# one seat passes from driver 8 (2021) to 9 (2022), 10 (2023) and 11 (2024); 1 to 7 drive in all seasons
DRIVERS = {
    1: ("emerson_fittipaldi", "FIT", "Emerson Fittipaldi"),
    2: ("wilson_fittipaldi", None, "Wilson Fittipaldi"),
    3: ("hill", "HIL", "Graham Hill"),
    4: ("phil_hill", None, "Phil Hill"),
    5: ("perez", "PER", "Sergio Pérez"),
    8: ("vergne", "VER", "Jean-Éric Vergne"),
    10: ("jos_verstappen", None, "Jos Verstappen"),
    11: ("max_verstappen", "VER", "Max Verstappen"),
}
RACES = 4


@pytest.fixture(scope="module")
def tables():
    world = tiny_tables(seasons=4, races=RACES, cars=8, upcoming=2)
    drivers = world["drivers"].set_index("driver_id").astype("object")
    for driver, said in DRIVERS.items():
        drivers.loc[driver, ["ref", "code", "name"]] = said
    typed = drivers.reset_index().astype(world["drivers"].dtypes.to_dict())
    return world.replace(drivers=typed[world["drivers"].columns])


def at(tables, label):
    return of_race(tables, find_race(tables, label, "pre_race"))


@pytest.fixture
def csv(tmp_path):
    def write(*lines):
        path = tmp_path / "mine.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("label", "name", "ref"),
    [
        ("2021-02", "VER", "vergne"),
        ("2024-02", "ver", "max_verstappen"),
        ("2022-02", "VER", "vergne"),  # of those who were there before
        ("2024-04", "VER", "max_verstappen"),  # has no entry list yet: who was there last
        ("2024-02", " Verstappen ", "max_verstappen"),
        ("2023-02", "verstappen", "jos_verstappen"),
        ("2024-02", "jos verstappen", "jos_verstappen"),
        ("2021-01", "jean eric vergne", "vergne"),
        ("2021-01", "Perez", "perez"),
        ("2021-01", "SERGIO  PÉREZ", "perez"),
        ("2021-01", "hill", "hill"),
        ("2021-01", "graham-hill", "hill"),
        ("2021-01", "8", "vergne"),
        ("2021-01", 11, "max_verstappen"),  # an id is nobody else's, whenever
    ],
)
def test_the_time_of_the_race_says_who_is_meant(tables, label, name, ref):
    assert entity(tables, "driver", name, at(tables, label))[1] == ref


@pytest.mark.parametrize(
    ("name", "refs"),
    [("Fittipaldi", "emerson_fittipaldi or wilson_fittipaldi"), ("Hill", "hill or phil_hill")],
)
def test_a_name_of_two_entrants_is_an_error_with_both(tables, name, refs):
    with pytest.raises(UsageError, match=f"may be {refs}; say which driver of 2021-02"):
        entity(tables, "driver", name, at(tables, "2021-02"))


def test_who_came_years_later_is_not_meant_and_near_names_are_of_the_race(tables):
    with pytest.raises(UnknownName, match=r"unknown driver of 2021-02 'max_verstappen'") as caught:
        entity(tables, "driver", "max_verstappen", at(tables, "2021-02"))
    assert "jos_verstappen" not in str(caught.value)
    with pytest.raises(UnknownName, match="did you mean 'vergne'"):
        entity(tables, "driver", "vergna", at(tables, "2021-02"))
    with pytest.raises(UnknownName, match="Known: perez"):
        entity(tables, "driver", "Peres", at(tables, "2021-02"))


def test_who_never_drove_yet_may_be_new_to_a_race(tables):
    newcomer = tables["drivers"].iloc[[0]].assign(driver_id=99, ref="norris", code="NOR", name="Lando Norris")
    known = tables.replace(drivers=pd.concat([tables["drivers"], newcomer], ignore_index=True))
    assert entity(known, "driver", "NOR", at(known, "2024-03"))[0] == 99


def test_the_number_of_a_car_is_no_name_and_says_whose_it_is(tables):
    for label, number, ref in (
        ("2021-02", "18", "vergne"),
        ("2024-04", "21", "max_verstappen"),
    ):  # of 2024-04 nobody is entered
        with pytest.raises(
            UsageError, match=f"{number} is the number of a car in {label}, not a driver's id; write {ref}"
        ):
            entity(tables, "driver", number, at(tables, label))


def test_a_later_correction_of_an_entry_makes_nobody_younger(tables):
    entries = tables["entries"]
    late = entries[entries["driver_id"] == 8].assign(
        known_at=pd.Timestamp("2026-01-01", tz="UTC"), known_estimated=False, number=77.0
    )
    corrected = tables.replace(entries=pd.concat([entries, late.astype(entries.dtypes.to_dict())], ignore_index=True))
    instant = pd.Timestamp("2022-06-01", tz="UTC")
    assert entity(corrected, "driver", "VER", of_instant(corrected, instant))[1] == "vergne"


def test_an_instant_and_seasons_say_who_is_meant_too(tables):
    early, late = (of_instant(tables, pd.Timestamp(day, tz="UTC")) for day in ("2023-12-01", "2024-12-01"))
    assert [entity(tables, "driver", "VER", among)[1] for among in (early, late)] == ["vergne", "max_verstappen"]
    with pytest.raises(UsageError, match="may be max_verstappen or vergne; say which driver of 2021 to 2024"):
        entity(tables, "driver", "VER", of_seasons(tables, (2021, 2024)))
    assert DataSelection.of(tables, 2021, drivers="VER").drivers == ("vergne",)
    chosen = DataSelection.of(tables, 2024, drivers="VER")
    assert chosen.drivers == ("max_verstappen",)
    assert set(chosen.spine(tables)["driver_id"]) == {11}
    moments = [{"timestamp": "2023-12-01"}, {"race": "2021-02"}, {"race": "2024-02"}]
    spines = [moment_spine(lambda names: tables.only(*names), {"driver": "VER"}, **moment) for moment in moments]
    assert [spine["driver_id"].item() for spine in spines] == [8, 8, 11]


def test_a_circuit_is_the_one_of_its_time(tables):
    circuits = tables["circuits"].copy()
    circuits.loc[circuits["circuit_id"].isin([1, 2]), "name"] = ["Las Vegas Street Circuit", "Las Vegas Strip Circuit"]
    known = tables.replace(circuits=circuits)
    assert entity(known, "circuit", "Las Vegas", at(known, "2022-02"))[0] == 2
    soon = known["races"].query("season == 2022 and round == 1")["starts_at"].item() - pd.Timedelta(days=3)
    assert entity(known, "circuit", "Las Vegas", of_instant(known, soon))[0] == 1


def test_entry_and_grid_files_mean_the_race_s_own_drivers(tables, csv):
    race = find_race(tables, "2021-02", "pre_race")
    entries = lineup(tables, race, csv("driver,constructor", "VER,team_2", "Emerson Fittipaldi,", "hill,Team 1", ""))
    assert entries.cars.to_numpy().tolist() == [[1, 1], [3, 1], [8, 2]]
    assert "3 cars where the race has 8" in entries.labels[1]
    names = ["Emerson Fittipaldi", "wilson_fittipaldi", "hill", "phil_hill", "PER", "6", "driver_7", "VER"]
    slots = [f"{name}, {slot}" for slot, name in enumerate(names, start=1)]
    grid = lineup(tables, race, grid=csv("driver, grid", *slots)).grid
    assert grid == {driver: driver for driver in range(1, 9)}
    with pytest.raises(UnknownName, match="unknown driver of 2021-02 'Max Verstappen'"):
        lineup(tables, race, grid=csv("driver,grid", *slots[:-1], "Max Verstappen,8"))


def test_a_driver_keeps_the_team_of_that_time(tables, csv):
    entries = tables["entries"].copy()
    season = entries["race_id"].map(tables["races"].set_index("race_id")["season"])
    entries.loc[(entries["driver_id"] == 1) & (season == 2024), "constructor_id"] = 4
    moved = tables.replace(entries=entries)
    file = csv("driver", "1", "2")
    teams = {
        label: lineup(moved, find_race(moved, label, "pre_race"), file).cars["constructor_id"].tolist()
        for label in ("2021-02", "2024-02", "2024-04")
    }
    assert teams == {"2021-02": [1, 1], "2024-02": [4, 1], "2024-04": [4, 1]}
    with pytest.raises(ForecastError, match="10 never drove before 2021-02; add a column `constructor`"):
        lineup(tables, find_race(tables, "2021-02", "pre_race"), csv("driver", "10"))


def test_a_field_of_another_size_is_labelled(tables, csv):
    race = find_race(tables, "2021-02", "pre_race")
    assert lineup(tables, race, csv("driver", "VER")).labels == ("what if: entries from mine.csv", f"what if: {ALONE}")
    later = find_race(tables, "2024-02", "pre_race")
    more = lineup(tables, later, csv("driver,constructor", *(f"{driver},team_1" for driver in range(1, 12))))
    assert "11 cars where the race has 8" in more.labels[1]
    assert lineup(tables, race, csv("driver", *map(str, range(1, 9)))).labels == ("what if: entries from mine.csv",)
    entries = tables["entries"]
    lone = tables.replace(entries=entries[(entries["race_id"] != race.race_id) | (entries["driver_id"] == 8)])
    assert ALONE in lineup(lone, race).labels


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["driver,grid", "VER,1", ",2"], "names no driver in its row 2 of 2"),
        (["driver,grid", "VER,1", "vergne,2"], "more than once: VER, vergne"),
        (["driver,grid", *(f"{driver},{max(driver, 2)}" for driver in range(1, 9))], "gives slot 2 to 1 and 2"),
        (["driver,grid", *(f"{driver},{driver}" for driver in range(1, 10))], "names, beside the entrants, driver_9"),
        (["driver,grid", "VER,1,2"], "rows with more values than the 2 columns .*begins with 'VER'"),
        (["driver;grid", "VER;1"], "the columns driver;grid; it needs driver, grid"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tables, csv, lines, said):
    with pytest.raises(ForecastError, match=said):
        lineup(tables, find_race(tables, "2021-02", "pre_race"), grid=csv(*lines))
