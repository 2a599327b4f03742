"""Publish the synthetic world: run every race once, and write what the public has seen at the moment of the settings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pitwall.sources.synthetic_world import World
from pitwall.sources.synthetic_world.publishing.dump import Dump
from pitwall.sources.synthetic_world.publishing.history import NEWS, PEOPLE, SPRINT, Round, generator, people, runners
from pitwall.sources.synthetic_world.publishing.laps import LapFiles
from pitwall.sources.synthetic_world.publishing.moments import forget
from pitwall.sources.synthetic_world.publishing.results import Season
from pitwall.sources.synthetic_world.racing.course import Start
from pitwall.sources.synthetic_world.racing.race import run_race
from pitwall.sources.synthetic_world.state.session import qualifying_places, starting_grid


def publish(world: World, folder: Path) -> None:
    """Write the dump, and the laps of the seasons that have them, into a folder."""
    settings, dump, laps = world.settings, Dump(), LapFiles()
    dump.add_people(*people(settings), settings.first, generator(settings.seed, PEOPLE))
    dump.add_circuits(world.history.circuits)
    dump.add_calendar(world.history.calendar)
    last = settings.first + settings.all_seasons - 1
    seasons: dict[int, Season] = {}
    for race, each in world.history.rounds.items():
        rng = generator(settings.seed, NEWS, each.season, each.number)
        dump.add_weekend(each, rng)
        season = seasons.setdefault(each.season, Season(dump))
        if each.sprint:
            _add_sprint(settings.seed, each, season)
        if not each.run:
            dump.add_grid(each)
            continue
        course = world.run(race)
        season.add_race(each, course, rng)
        if each.season > last - settings.laps_seasons:
            laps.add(dump, each, course, rng)
    forget(dump, settings.moment, world.history)
    dump.write(folder)
    laps.write(folder)


def _add_sprint(seed: int, each: Round, season: Season) -> None:
    rng = generator(seed, SPRINT, each.season, each.number)
    place = qualifying_places((each.field.single + each.fit)[None, :], rng)
    slot, pit_lane = starting_grid(place, rng)
    start = Start(slot, pit_lane, np.array([each.day.rain]))
    course = run_race(runners(each.field, each.fit), each.sprint_circuit, start, rng, stops=False)
    season.add_sprint(each, course, slot)
