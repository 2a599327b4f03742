"""The forecast of the next race, of a past one and of what-ifs, on a tiny world with an in-memory feature store."""

import json

import pytest

from pitwall.domain.errors import ForecastError, UnknownName, UsageError
from pitwall.domain.tables import save_tables
from pitwall.ml.forecasting.forecast import JUDGED, LEARNED, REPLAY, forecast, store
from pitwall.ml.forecasting.input_log import read_served
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.rows import row_kind
from pitwall.testing import FakeRegistry
from pitwall.testing.worlds.forecasts import JUDGED_RACE, NAME, NEXT, PAST, World


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("project"))


@pytest.fixture
def csv(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def _grid_of(made):
    return {row.keys["driver_id"]: row.detail["grid"] for row in made.rows}


def test_the_next_race_is_forecast_with_coherent_probabilities(world):
    made = world.forecast()
    assert (made.race, made.stage, made.role, made.labels) == (NEXT, "pre_race", "champion", ())
    assert len(made.rows) == 8
    for event, cars in (("race_winner", 1), ("podium", 3)):
        assert sum(row.answers[event] for row in made.rows) == pytest.approx(cars, abs=1e-4)
    assert all(sum(row.detail["places"]) == pytest.approx(1.0, abs=1e-4) for row in made.rows)
    assert all(row.answers["race_winner"] == row.detail["places"][0] <= row.answers["podium"] for row in made.rows)
    wins = [row.answers["race_winner"] for row in made.rows]
    assert wins == sorted(wins, reverse=True)
    assert sum(row.baseline["race_winner"] for row in made.rows) == pytest.approx(1.0, abs=1e-4)
    assert made.provenance["frame.md5"] != "absent"


def test_the_same_forecast_is_the_same_text_and_is_stored_once(world):
    made = world.forecast()
    assert made.to_json() == world.forecast().to_json()
    path = store(world.job.project, made)
    before = path.read_bytes()
    assert store(world.job.project, made) == path
    assert path.read_bytes() == before
    content = json.loads(before)
    assert content["race"] == NEXT
    assert content["made_at"]


def test_what_a_forecast_was_made_from_is_logged_once(world):
    """What-if grids read the same online vectors; a past race reads none."""
    made = world.forecast()
    world.forecast()
    world.forecast(race=PAST)
    entries = [entry for entry in read_served(world.job.project) if len(entry.keys) == len(made.rows)]
    [entry] = [entry for entry in entries if entry.race == NEXT]
    assert (entry.model, entry.service, str(entry.cutoff.isoformat())) == (NAME, "order", made.cutoff)
    assert entry.version == made.version
    assert dict(zip(entry.keys["driver_id"], entry.features["grid"], strict=True)) == _grid_of(made)
    assert not [entry for entry in entries if entry.race == PAST]


def test_online_features_that_differ_from_the_frame_are_refused(world, monkeypatch):
    monkeypatch.setattr(world.reader, "fault", 1e-9)
    with pytest.raises(ForecastError, match=r"grid of driver 1 .* in the online store"):
        world.forecast()


def test_a_judged_race_is_answered_out_of_sample(world):
    made = world.forecast(race=JUDGED_RACE)
    judged = FittedModel.predictions(world.job.target / "model")
    expected = judged[(judged["season"] == 2023) & (judged["round"] == 3)].set_index("driver_id")["place_1"]
    assert made.labels == (JUDGED,)
    for row in made.rows:
        assert row.answers["race_winner"] == pytest.approx(expected[row.keys["driver_id"]], abs=1e-6)


def test_a_race_that_the_model_learned_from_says_so(world):
    assert world.forecast(race=PAST).labels == (LEARNED,)


def test_a_what_if_grid_moves_the_cars_and_only_them(world, csv):
    real = world.forecast()
    drivers = sorted(_grid_of(real))
    slots = {driver: slot for slot, driver in enumerate(reversed(drivers), start=1)}
    text = "driver,grid\n" + "".join(f"driver_{driver},{slot}\n" for driver, slot in slots.items())
    made = world.forecast(grid=csv("mine.csv", text))

    assert made.labels == ("what if: grid from mine.csv",)
    assert _grid_of(made) == slots
    by_slot = {row.detail["grid"]: row.answers for row in real.rows}
    assert {row.detail["grid"]: row.answers for row in made.rows} == by_slot
    assert {row.keys["driver_id"]: row.answers for row in made.rows} != {
        row.keys["driver_id"]: row.answers for row in real.rows
    }

    same = "driver,grid\n" + "".join(f"{driver},{int(slot)}\n" for driver, slot in _grid_of(real).items())
    assert world.forecast(grid=csv("same.csv", same)).rows == real.rows


def test_pit_lane_starters_stand_behind_the_last_slot(world, csv):
    drivers = sorted(_grid_of(world.forecast()))
    text = "driver,grid\n" + "".join(f"{driver},{slot}\n" for slot, driver in enumerate(drivers))
    assert _grid_of(world.forecast(grid=csv("pit.csv", text)))[drivers[0]] == 8


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("driver,grid\ndriver_1,1\n", ForecastError, "leaves out"),
        ("driver,grid\ndriver_1,1\ndriver_1,2\n", ForecastError, "more than once"),
        ("driver,slot\ndriver_1,1\n", ForecastError, "it needs driver, grid"),
        ("driver,grid\ndrivr_1,1\n", UnknownName, "did you mean 'driver_1'"),
        ("", ForecastError, "is no CSV"),
    ],
)
def test_a_wrong_grid_file_is_explained(world, csv, text, error, said):
    with pytest.raises(error, match=said):
        world.forecast(grid=csv("bad.csv", text))


def test_a_missing_grid_file_is_named(world, tmp_path):
    with pytest.raises(ForecastError, match=r"there is no file .*nothing\.csv"):
        world.forecast(grid=tmp_path / "nothing.csv")


def test_an_entry_file_replaces_the_field(world, csv):
    made = world.forecast(entries=csv("entries.csv", "driver\nD01\nD02\nD03\n"), race=NEXT)
    assert sorted(row.keys["driver_id"] for row in made.rows) == [1, 2, 3]
    assert made.labels[0] == "what if: entries from entries.csv"
    assert sum(row.answers["race_winner"] for row in made.rows) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.filterwarnings("ignore:.*one car here:UserWarning")
def test_a_what_if_with_one_car_says_that_it_is_one(world, csv):
    made = world.forecast(entries=csv("alone.csv", "driver\nD01\n"), race=NEXT)
    assert made.rows[0].answers["race_winner"] == 1.0
    assert "what if: one car only, so every chance is 1 and says nothing" in made.labels


def test_a_later_race_without_entries_assumes_the_last_field_and_says_so(world):
    made = world.forecast(race="2024-05")
    assert any("entrants of the last race are assumed" in label for label in made.labels)
    assert any("no grid and no qualifying" in label for label in made.labels)


def test_without_a_grid_the_qualifying_order_stands_in(tmp_path):
    world = World(tmp_path)
    race = world.tables["races"].query("season == 2024 and round == 4")["race_id"].item()
    grid = world.tables["grid"]
    world.reader.read(world.tables.replace(grid=grid[grid["race_id"] != race]))
    save_tables(world.reader.tables, world.job.project.tables)
    spine = row_kind("race_driver").spine(world.reader.tables, "pre_race")
    world.reader.historical(spine, "order").to_parquet(world.job.project.frame(NAME), index=False)

    made = world.forecast()
    qualifying = world.tables["qualifying"].query("race_id == @race").set_index("driver_id")["place"]
    assert made.labels == ("no grid yet: the qualifying order stands in, without penalties",)
    assert _grid_of(made) == qualifying.to_dict()


def test_without_a_race_to_come_the_error_names_the_option_or_the_last_race_is_replayed(tmp_path):
    world = World(tmp_path, upcoming=0)
    with pytest.raises(ForecastError, match="--race 2024-06"):
        world.forecast()
    made = world.forecast(replay=True)
    assert made.race == "2024-06"
    assert made.labels[0] == REPLAY


def test_wrong_races_and_a_missing_champion_are_named(world):
    with pytest.raises(UsageError, match="season and round"):
        world.forecast(race="Monza")
    with pytest.raises(UnknownName, match="2024-99"):
        world.forecast(race="2024-99")
    with pytest.raises(ForecastError, match="pitwall promote order-pre_race"):
        forecast(world.job, FakeRegistry(), world.reader, {})
