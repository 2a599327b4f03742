"""A grid that leaves out a car is still the grid: the forecast uses it, says so, and makes no slot up."""

from pitwall.domain.tables import save_tables
from pitwall.ml.rows import row_kind
from pitwall.testing.worlds.forecasts import NAME, World


def test_a_car_without_a_slot_among_others(tmp_path):
    world = World(tmp_path)
    race = world.tables["races"].query("season == 2024 and round == 4")["race_id"].item()
    grid = world.tables["grid"]
    given = grid[grid["race_id"] == race].set_index("driver_id")["grid"]
    lost = int(given.idxmax())
    unknown = (grid["race_id"] == race) & (grid["driver_id"] == lost)
    world.reader.read(world.tables.replace(grid=grid[~unknown]))
    save_tables(world.reader.tables, world.job.project.tables)
    spine = row_kind("race_driver").spine(world.reader.tables, "pre_race")
    world.reader.historical(spine, "order").to_parquet(world.job.project.frame(NAME), index=False)

    made = world.forecast()
    assert made.labels == (f"no slot is known of 1 of {len(given)} cars",)
    slots = {row.keys["driver_id"]: row.detail["grid"] for row in made.rows}
    assert slots.pop(lost) is None and slots == given.drop(lost).to_dict()
    assert abs(sum(row.answers["race_winner"] for row in made.rows) - 1) < 1e-4
