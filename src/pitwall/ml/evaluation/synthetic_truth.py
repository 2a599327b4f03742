"""The true chances of the synthetic world's races: counted over many courses of each race from the same hidden state.

They lie in `data/truth/<source>/<world>/`, made on demand, one file per race and stage; `<world>` is a hash of the source's
settings and version. They are no table, no raw file and no output of DVC, so that nothing that makes features knows them;
`pitwall.testing.check_feature_group` shows that no group opens any file. A share counted over n draws has the standard
error sqrt(p (1 - p) / n), which stands beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.errors import StageError, UsageError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.sources import chosen_sources
from pitwall.sources.synthetic import SOURCE, SyntheticSettings
from pitwall.sources.synthetic_world import STAGES, World

DRAWS = 2000
BLOCK = 500  # draws at a time, to bound memory; part of what the draws depend on
PURPOSE = 7001  # keeps these draws apart from those that made the world
CHEAP = ("pace", "tyres", "hazards")
KEYS = ["race_id", "season", "round", "driver_id", "constructor_id"]
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Truth:
    """The truth of one world: where it lies and how many draws it is counted over."""

    settings: SyntheticSettings
    folder: Path
    draws: int = DRAWS

    @property
    def races(self) -> tuple[int, ...]:
        """Ids of the races that have one, in order; the next race, which has no result yet, among them."""
        return _world(self.settings).races

    def path(self, stage: str, race: int) -> Path:
        """Return the file of a race at a stage."""
        return self.folder / f"{stage}-{self.draws}" / f"{race}.parquet"


def truth_of(project: Project, params: Params, draws: int = DRAWS) -> Truth | None:
    """Return the truth of a project's world, None where its results come from elsewhere: there nobody knows it."""
    if SOURCE.name not in {source.name for source in chosen_sources(params)}:
        return None
    settings = SOURCE.settings(params)
    assert isinstance(settings, SyntheticSettings)
    return Truth(settings, project.truth / SOURCE.name / world_hash(settings), draws)


def world_hash(settings: SyntheticSettings) -> str:
    """Return a name for the world that settings and version of the source make."""
    return hashlib.sha256(SOURCE.world(settings).encode()).hexdigest()[:16]


def true_places(
    truth: Truth,
    stage: str,
    races: Iterable[int] | None = None,
    *,
    pool: Executor | None = None,
    on_progress: Tell | None = None,
) -> pd.DataFrame:
    """Return the true chances of every car at a stage; what is not on disk yet is counted first.

    Args:
        truth: of which world.
        stage: pre_weekend, pre_qualifying or pre_race.
        races: ids; default: all of the world.
        pool: processes that count; None counts in this one.
        on_progress: called with (races done, races to count) after each race.

    Returns:
        One row per car, in the order of races: race_id, season, round, driver_id, constructor_id, draws; `win` and `podium` with
        their standard errors `win_error` and `podium_error`; place_1 .. place_N, zero beyond a race's field.

    Raises:
        UsageError: the stage or a race is none of this world's.
        StageError: a counting process was killed; what was finished is kept.
    """
    asked = _checked(truth, stage, races)
    missing = [race for race in asked if not truth.path(stage, race).is_file()]
    run = partial(_count, truth.settings, stage, truth.draws)
    counted = map(run, missing) if pool is None else pool.map(run, missing)
    try:
        for done, (race, rows) in enumerate(zip(missing, counted, strict=True), start=1):
            _save(rows, truth.path(stage, race))
            if on_progress:
                on_progress(done, len(missing))
    except BrokenProcessPool:
        raise StageError(
            "a process that counted the truth was killed, most likely for want of memory; run again with fewer "
            "--workers. Races that were finished are kept."
        ) from None
    parts = [pd.read_parquet(truth.path(stage, race)) for race in asked]
    return _filled(pd.concat(parts, ignore_index=True))


def write_cheap(truth: Truth) -> list[Path]:
    """Write what needs no draws (pace, slopes of the tyres, hazards) beside the chances; return the files."""
    world = _world(truth.settings)
    paths = {name: truth.folder / f"{name}.parquet" for name in CHEAP}
    for name, path in paths.items():
        if not path.is_file():
            _save(getattr(world, name)(), path)
    return list(paths.values())


def _checked(truth: Truth, stage: str, races: Iterable[int] | None) -> list[int]:
    if stage not in STAGES:
        raise UsageError(f"the truth of a race is known at {', '.join(STAGES)}; found the stage {stage!r}.")
    known = truth.races
    asked = list(known) if races is None else sorted({int(race) for race in races})
    if unknown := set(asked) - set(known):
        raise UsageError(
            f"{len(unknown)} races are none of this synthetic world (first {min(unknown)}; it has {known[0]} to {known[-1]}). "
            "The tables come from other settings or another version; bring them up to date with `dvc repro tables`."
        )
    return asked


def _count(settings: SyntheticSettings, stage: str, draws: int, race: int) -> pd.DataFrame:
    """Count the places of every car over the draws of one race."""
    world = _world(settings)
    cars = world.cars(race)
    rng = np.random.default_rng([settings.seed, PURPOSE, STAGES.index(stage), race])
    counts = np.zeros((len(cars), len(cars)))
    for start in range(0, draws, BLOCK):
        places = world.simulate(race, stage, min(BLOCK, draws - start), rng)
        for car in range(len(cars)):
            counts[car] += np.bincount(places[:, car], minlength=len(cars) + 1)[1:]
    share = counts / draws
    head = cars[["driver_id", "constructor_id"]].assign(race_id=race, season=race // 100, round=race % 100)[KEYS]
    names = [f"place_{place}" for place in range(1, len(cars) + 1)]
    events = {"win": share[:, 0], "podium": share[:, :3].sum(axis=1)}
    for name, chance in list(events.items()):
        events[f"{name}_error"] = np.sqrt(np.clip(chance * (1 - chance), 0, None) / draws)
    columns = ["draws", "win", "win_error", "podium", "podium_error"]
    places_said = pd.DataFrame(share, columns=names)
    return pd.concat([head.assign(draws=draws, **events)[[*KEYS, *columns]], places_said], axis=1)


def _save(rows: pd.DataFrame, path: Path) -> None:
    """Write a file in one step: a killed run leaves none that is half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    rows.to_parquet(fresh, index=False)
    fresh.replace(path)


def _filled(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with zeros for places that a smaller field does not have."""
    places = [name for name in rows if name.startswith("place_")]
    return rows.assign(**{name: rows[name].fillna(0.0) for name in places})


@lru_cache(maxsize=4)
def _world(settings: SyntheticSettings) -> World:
    return World(settings)
