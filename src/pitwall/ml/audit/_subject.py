"""What an audit looks at: a window of the newest seasons, the instants to replay, the cars of each race and their outcome.

A leak is a property of code, so a window of seasons shows it as well as all of history does, at a fraction of the cost.
What is the same for every group (cuts of the tables, the references, the shuffled worlds) is made once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.domain.when import BEFORE, CUTOFF_COLUMN, Stage
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.known import as_known
from pitwall.ml.audit._labels import Shuffled, shuffle_races
from pitwall.ml.audit._references import Array, best_mixture, references
from pitwall.ml.rows import RowKind, row_kind

OUTCOMES = ["place", "fastest_lap", "retired"]
SMALL = 50_000  # rows; cuts of larger tables are not kept


@dataclass(frozen=True)
class Effort:
    """How much is tried: seasons looked at, instants replayed per group, cut-offs with canaries or shuffled, worlds."""

    seasons: int = 2
    instants: int = 24
    cutoffs: int = 2
    worlds: int = 2


THOROUGH = Effort()
QUICK = Effort(instants=8, cutoffs=1, worlds=1)


class Subject:
    """The data of an audit.

    Args:
        tables: canonical tables with all versions.
        params: the project's parameters; its seed draws what is sampled.
        stage: at which features are looked at by the checks that ask about a race.
        effort: how much is tried.
        frame: the point-in-time frame of that stage, where one was made: then its values are looked at, too.
        kind: of the frame's rows; those of a whole race stand for each of its cars.
    """

    def __init__(
        self,
        tables: Tables,
        params: Params,
        stage: str,
        effort: Effort,
        frame: pd.DataFrame | None = None,
        *,
        kind: RowKind | None = None,
    ) -> None:
        self.tables = _Recalled(newest_seasons(tables, effort.seasons))
        self.params, self.stage, self.effort = params, stage, effort
        self.frame, self.kind = frame, kind or row_kind("race_driver")
        self._from: dict[int, Tables] = {}

    @cached_property
    def now(self) -> pd.Timestamp:
        """A day after everything is known."""
        return max(frame["known_at"].max() for frame in self.tables.values() if len(frame)) + pd.Timedelta(days=1)

    @cached_property
    def digest(self) -> str:
        """What checks depend on that look at neither stage nor frame: tables, races that were run, parameters and effort."""
        whole = hashlib.sha256(repr((self.params.model_dump_json(), self.effort, self.races.tolist())).encode())
        for name in sorted(self.tables):
            whole.update(name.encode())
            whole.update(pd.util.hash_pandas_object(self.tables[name], index=False).to_numpy().tobytes())
        return whole.hexdigest()

    def digest_of(self, follows: str) -> str:
        """Return what an answer follows from: `digest`, and the stage where it is asked of the data at one."""
        return f"{self.digest} {self.stage}" if follows == "stage" else self.digest

    @cached_property
    def cars(self) -> pd.DataFrame:
        """The spine of the races that were run, with `OUTCOMES`, in time order."""
        newest = self.tables.only("results").as_of()["results"]
        results = newest.loc[newest["started"], ["race_id", "driver_id", *OUTCOMES]]
        spine = row_kind("race_driver").spine(self.tables, self.stage)
        cars = spine.merge(results.astype(dict.fromkeys(OUTCOMES, "float64")), on=["race_id", "driver_id"])
        return cars.sort_values(["cutoff", "race_id", "driver_id"], ignore_index=True)

    @cached_property
    def races(self) -> npt.NDArray[np.int64]:
        """The ids of the races that were run, in time order."""
        return np.asarray(self.cars["race_id"].drop_duplicates())

    @cached_property
    def early(self) -> npt.NDArray[np.bool_]:
        """Which of the cars belong to the first half of the races: signs and mixtures are learned from them."""
        return np.isin(self.cars["race_id"], self.races[: len(self.races) // 2])

    @cached_property
    def references(self) -> pd.DataFrame:
        """What a race's order is compared with, per car."""
        return references(self.cars, self.tables)

    @cached_property
    def reference(self) -> Array:
        """The mixture of grid and season that orders the early races best, per car."""
        return best_mixture(self.cars, self.references, self.early)

    @cached_property
    def worlds(self) -> list[tuple[Tables, pd.DataFrame]]:
        """The tables with the outcomes of every race dealt anew, a few times, and what each of the cars was dealt."""
        made = [shuffle_races(self.tables, self.races, (self.params.seed, n)) for n in range(self.effort.worlds)]
        return [(world.tables, self._dealt(world)) for world in made]

    def _dealt(self, world: Shuffled) -> pd.DataFrame:
        key = ["race_id", "driver_id"]
        own = self.cars[[*key, *OUTCOMES]].rename(columns={"driver_id": "from_driver"})
        origin = self.cars[key].merge(world.dealt, on=key, how="left")
        return origin.merge(own, on=["race_id", "from_driver"], how="left")[OUTCOMES]

    def dealt_from(self, race: int) -> Tables:
        """Return the tables with the outcomes of a race and of all that follow dealt anew."""
        if race not in self._from:
            coming = self.races[list(self.races).index(race) :]
            self._from[race] = shuffle_races(self.tables, coming, (self.params.seed, race)).tables
        return self._from[race]

    def some_races(self, count: int, salt: int) -> list[int]:
        """Return some of the races, the newest among them, in time order."""
        older = self.races[1:-1]  # before the first race there is nothing to change
        drawn = np.random.default_rng([self.params.seed, salt]).choice(len(older), min(count - 1, len(older)), False)
        return [int(race) for race in [*older[np.sort(drawn)], self.races[-1]]]

    def start_of(self, race: int) -> pd.Timestamp:
        """Return the start of a race that was run."""
        calendar = self.tables.only("races").as_of()["races"]
        start: pd.Timestamp = calendar.loc[calendar["race_id"] == race, "starts_at"].iloc[0]
        return start

    def instants(self, reads: Sequence[str]) -> list[pd.Timestamp]:
        """Return instants to replay for a group of these tables: the last moments before something was published.

        Whatever leaks between two publications still leaks in the last moment before the second. The tables have equal
        shares, so that the many instants of laps do not crowd out the others; the newest publication of each is in.
        """
        published = {name: np.unique(self.tables[name]["known_at"].astype("int64")) for name in reads}
        rng = np.random.default_rng([self.params.seed, len(reads)])
        chosen: set[int] = set()
        for done, name in enumerate(sorted(published, key=lambda name: len(published[name]))):
            fresh = np.array([at for at in published[name] if at not in chosen], dtype=np.int64)
            share = max((self.effort.instants - len(chosen)) // (len(reads) - done), 1)
            chosen |= {int(at) for at in rng.choice(fresh, min(share, len(fresh)), replace=False)}
            chosen |= {int(at) for at in fresh[-1:]}
        return [pd.Timestamp(at, unit="us", tz="UTC") - BEFORE for at in sorted(chosen)]


def subject_of(
    tables: Tables, params: Params, stage: str, effort: Effort, *, frame: pd.DataFrame, kind: RowKind
) -> Subject:
    """Return what an audit of a model looks at.

    Within a race its own laps are rightly known: what is held against outcomes there is what was known at the start.

    Args:
        tables: canonical tables with all versions.
        params: the project's parameters.
        stage: of the model.
        effort: how much is tried.
        frame: the model's frame.
        kind: of its rows.
    """
    if stage in CUTOFF_COLUMN:
        return Subject(tables, params, stage, effort, frame, kind=kind)
    return Subject(tables, params, Stage.PRE_RACE, effort, kind=kind)


@dataclass(frozen=True)
class Audited:
    """A feature group before the checks."""

    group: FeatureGroup
    subject: Subject

    @cached_property
    def full(self) -> pd.DataFrame:
        """The group's table on all data, with all versions."""
        return build_group(self.group, self.subject.tables, self.subject.params)

    @cached_property
    def known(self) -> pd.DataFrame:
        """The features of each of `Subject.cars` as known at its cut-off; the frame's own values where it has a row for a car."""
        cars, frame, key = self.subject.cars, self.subject.frame, list(self.subject.kind.key)
        if frame is None or not set(self.group.names) <= set(frame) or not set(key) <= set(cars):
            return as_known(cars, self.group, self.full)[self.group.names]
        joined = cars[key].merge(frame[[*key, *self.group.names]], on=key, how="left")
        return joined[self.group.names].astype("float64")


def newest_seasons(tables: Tables, seasons: int) -> Tables:
    """Return the tables without the races of seasons before the newest ones that have results."""
    calendar = tables["races"]
    run = calendar.loc[calendar["race_id"].isin(tables["results"]["race_id"]), "season"]
    old = calendar.loc[calendar["season"] <= run.max() - seasons, "race_id"].unique()
    return Tables(
        {name: frame[~frame["race_id"].isin(old)] if "race_id" in frame else frame for name, frame in tables.items()}
    )


class _Recalled(Tables):
    """Tables that remember what they said at an instant: many groups are replayed at the same ones."""

    def __init__(self, frames: Tables, said: dict[tuple[str, pd.Timestamp], pd.DataFrame] | None = None) -> None:
        super().__init__(frames)
        self._said = {} if said is None else said

    def only(self, *names: str) -> Tables:
        """Return a view that holds just the named tables and shares the memory."""
        return _Recalled(super().only(*names), self._said)

    def cut(self, instant: pd.Timestamp) -> Tables:
        """Return `Tables.cut`, of small tables from memory."""
        missing = [name for name in self if (name, instant) not in self._said]
        fresh = Tables({name: self[name] for name in missing}).cut(instant)
        self._said.update({(name, instant): frame for name, frame in fresh.items() if len(self[name]) <= SMALL})
        return Tables({name: fresh[name] if name in missing else self._said[name, instant] for name in self})
