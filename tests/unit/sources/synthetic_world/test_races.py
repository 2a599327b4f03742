"""The races of the synthetic world: one code for one course and for thousands, and what decides them."""

from dataclasses import replace

import numpy as np
import pytest

from pitwall.domain.errors import UnknownName
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.sources.synthetic_world import STAGES, World
from pitwall.sources.synthetic_world.racing import traffic
from pitwall.sources.synthetic_world.racing.course import Course, Runners, Start
from pitwall.sources.synthetic_world.racing.events import BROKEN, CRASHED
from pitwall.sources.synthetic_world.racing.race import run_race
from pitwall.sources.synthetic_world.racing.tyre import DAMP, FLOODED, best_kind, water
from pitwall.sources.synthetic_world.racing.weather import forecasts, race_day
from pitwall.sources.synthetic_world.state.circuit import Circuit
from pitwall.sources.synthetic_world.state.session import qualifying, qualifying_places

CARS = 10


@pytest.fixture(scope="module")
def world() -> World:
    return World(SyntheticSettings(seasons=2, teams=5, races=6, laps_seasons=0))


@pytest.fixture
def circuit(world: World) -> Circuit:
    return replace(world.history.circuits[0], laps=30, overtaking=1.0, abrasion=1.0, danger=1.0)


def course(circuit: Circuit, draws: int = 400, rain: float = 0.0, seed: int = 1, **changes: np.ndarray) -> Course:
    none, one = np.zeros(CARS), np.ones(CARS)
    cars = Runners(np.arange(CARS) // 2, none, one, none, one, none + 1e-9, none)
    slot = np.broadcast_to(np.arange(1, CARS + 1), (draws, CARS))
    start = Start(slot, np.zeros(slot.shape, dtype=bool), np.full(draws, rain))
    return run_race(replace(cars, **changes), circuit, start, np.random.default_rng(seed))


def test_the_published_race_is_one_draw_of_the_same_code(world: World) -> None:
    race = world.races[1]
    one, again = world.run(race), world.run(race)
    assert (
        (one.place == again.place).all()
        and one.log is not None
        and len(one.log.clock) == world.round(race).circuit.laps
    )
    wins, expected = 0.0, 0.0
    for each in world.races[:-1]:
        chance = (world.simulate(each, "pre_race", 80, np.random.default_rng(each)) == 1).mean(axis=0)
        wins += chance[world.run(each).place[0] == 1][0]
        expected += (chance**2).sum()
    assert abs(wins - expected) < 2.5, "winners are about as likely as the truth says of itself"


@pytest.mark.parametrize("stage", STAGES)
def test_every_place_is_taken_once_in_every_draw(world: World, stage: str) -> None:
    places = world.simulate(world.races[2], stage, 60, np.random.default_rng(3))
    assert (np.sort(places, axis=1) == np.arange(1, places.shape[1] + 1)).all()
    assert (places == world.simulate(world.races[2], stage, 60, np.random.default_rng(3))).all()


def test_unknown_races_and_stages_are_named(world: World) -> None:
    with pytest.raises(UnknownName, match="race of the synthetic world"):
        world.simulate(1, "pre_race", 1, np.random.default_rng())
    with pytest.raises(UnknownName, match="pre_race"):
        world.simulate(world.races[0], "pre-race", 1, np.random.default_rng())


def test_what_is_known_later_tells_more(world: World) -> None:
    def spread(stage: str) -> float:
        races = [world.simulate(race, stage, 120, np.random.default_rng(race)) for race in world.races[:5]]
        return float(np.mean([places.std(axis=0).mean() for places in races]))

    assert spread("pre_race") < spread("pre_weekend")


def test_a_faster_car_wins_more_and_pole_helps(circuit: Circuit) -> None:
    equal = (course(circuit).place == 1).mean(axis=0)
    assert equal[0] > equal[-1] + 0.1
    fast = (course(circuit, speed=np.where(np.arange(CARS) == 5, 1.5, 0.0)).place == 1).mean(axis=0)
    assert fast[5] > equal[5] + 0.3


def test_where_nobody_can_pass_the_order_hardly_changes(circuit: Circuit) -> None:
    moved = [
        np.abs(
            course(replace(circuit, overtaking=ease), draws=150, speed=np.linspace(-0.4, 0.4, CARS)).place
            - np.arange(1, CARS + 1)
        ).mean()
        for ease in (0.3, 50.0)
    ]
    assert moved[1] < 0.7 * moved[0]


def test_breakdowns_and_accidents_happen_as_often_as_stated(circuit: Circuit) -> None:
    fate = course(circuit, draws=1500, breaks=np.linspace(0.02, 0.4, CARS)).fate
    assert np.allclose((fate == BROKEN).mean(axis=0), np.linspace(0.02, 0.4, CARS), atol=0.05)
    assert not (fate == CRASHED).any()
    dry, wet = (course(circuit, draws=600, rain=rain, crashes=np.ones(CARS)).fate == CRASHED for rain in (0.0, 1.0))
    assert dry[:, 0].mean() < dry[:, -1].mean() and dry.mean() < wet.mean()


def test_tyres_change_where_the_lines_cross() -> None:
    for wetness, kinds in ((DAMP, (0, 1)), (FLOODED, (1, 2))):
        cost = water(np.array([wetness]))[0]
        assert cost[kinds[0]] == pytest.approx(cost[kinds[1]], abs=0.15)
    assert best_kind(np.array([0.0, 0.4, 1.0])).tolist() == [0, 1, 2]
    assert [int(water(np.array([wetness]))[0].argmin()) for wetness in (0.0, 0.4, 1.0)] == [0, 1, 2]


def test_the_safety_car_closes_the_gaps_and_keeps_the_order() -> None:
    clock = np.array([[100.0, 160.0, 130.0, 1e7]])
    order = traffic.running_order(clock)
    traffic.bunch_up(clock, order, np.array([0]), 1e7, 20.0)
    assert clock[0, 0] == 100 and clock[0, 2] == 110 and clock[0, 1] == 140 and clock[0, 3] == 1e7
    traffic.bunch_up(clock, order, np.array([0]), 1e7, np.inf)
    assert np.argsort(clock[0]).tolist() == [0, 2, 1, 3] and clock[0, 1] < 103


def test_many_qualifyings_at_once_are_like_those_with_sectors(world: World) -> None:
    speed = np.linspace(0.8, -0.8, CARS)
    rng = np.random.default_rng(4)
    one_by_one = np.array([qualifying(speed, world.history.circuits[0], rng)[0].place for _ in range(400)])
    at_once = qualifying_places(np.broadcast_to(speed, (400, CARS)), rng)
    assert np.abs(one_by_one.mean(axis=0) - at_once.mean(axis=0)).max() < 0.45
    assert (np.sort(one_by_one, axis=1) == np.arange(1, CARS + 1)).all()


def test_forecasts_get_better_as_the_race_comes_nearer(world: World) -> None:
    rng, errors = np.random.default_rng(5), []
    for turn in range(300):
        day = race_day(world.history.circuits[turn % 20], rng)
        errors.append([abs(chance - day.rain) for _, chance, _ in forecasts(day, rng)])
    mean = np.mean(errors, axis=0)
    assert mean[0] > mean[1] > mean[2]


def test_laps_can_be_published_without_changing_the_races() -> None:
    with_laps, without = (World(SyntheticSettings(seasons=2, teams=3, races=3, laps_seasons=n)) for n in (2, 0))
    assert all((with_laps.run(race).place == without.run(race).place).all() for race in with_laps.races)


def test_truth_comes_as_tables(world: World) -> None:
    pace, tyres, hazards = world.pace(), world.tyres(), world.hazards()
    cars = sum(len(world.cars(race)) for race in world.races)
    assert len(pace) == len(hazards) == cars and len(tyres) == 5 * cars
    assert pace.groupby("race_id")["race_lap_seconds"].mean().abs().max() < 1e-9
    assert tyres.groupby("compound")["slope"].mean().loc[["HARD", "MEDIUM", "SOFT"]].is_monotonic_increasing
    assert hazards[["breaks", "crashes", "rain"]].stack().between(0, 1).all()
