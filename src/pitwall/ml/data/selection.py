"""Which races and cars: a `DataSelection` is a choice that can be hashed, kept with a run, and made into a spine.

Names are settled when it is made (`DataSelection.of`), so two ways to write the same choice have the same hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.plugins import pick
from pitwall.domain.tables import Tables
from pitwall.ml.data.among import of_seasons
from pitwall.ml.data.race_conditions import CONDITIONS
from pitwall.ml.data.entity_names import KINDS, Name, by_reference, entities
from pitwall.ml.rows import RowKind, row_kind

Names = Iterable[Name] | Name | None
Seasons = Iterable[int] | str | int | None
CARS = "race_driver"
READS = ["entries", "races", *(table for table, _ in KINDS.values())]


@dataclass(frozen=True)
class DataSelection:
    """A choice of driver-races, or of rows of another kind, at a stage; empty means all.

    Attributes:
        seasons: sorted.
        circuits: references, sorted; so are drivers and teams.
        drivers: see circuits.
        teams: see circuits.
        conditions: (name, wanted) pairs, sorted; see `pitwall.ml.data.race_conditions`.
        stage: whose cut-off the rows get.
        rows: their kind: cars of races, laps, races, ...
    """

    seasons: tuple[int, ...]
    circuits: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    conditions: tuple[tuple[str, bool], ...] = ()
    stage: str = "pre_race"
    rows: str = CARS

    @classmethod
    def of(
        cls,
        tables: Tables,
        seasons: Seasons = None,
        *,
        circuits: Names = None,
        drivers: Names = None,
        teams: Names = None,
        conditions: Mapping[str, bool] | None = None,
        stage: str = "pre_race",
        rows: str = CARS,
    ) -> DataSelection:
        """Return the selection that some names mean: those who take part in the seasons are thought of first.

        Args:
            tables: with `READS`.
            seasons: a list, one season, a pair (first, last), or "2015:2024"; all when None.
            circuits: by reference, name or id; one or several; all when None.
            drivers: by reference, code, name or id.
            teams: by reference, name or id.
            conditions: e.g. {"wet": True, "sprint": False}.
            stage: "pre_weekend", "pre_qualifying", "pre_race" or "in_race", as the rows allow.
            rows: their kind, e.g. "race_driver" or "lap".

        Raises:
            UnknownName, UsageError: a name is unknown or ambiguous; no race was entered in a season.
        """
        for name in conditions or {}:
            pick("condition", name, CONDITIONS)
        meant = _seasons(tables, seasons)
        among = of_seasons(tables, meant)
        return cls(
            seasons=meant,
            circuits=tuple(sorted(entities(tables, "circuit", circuits, among).values())),
            drivers=tuple(sorted(entities(tables, "driver", drivers, among).values())),
            teams=tuple(sorted(entities(tables, "team", teams, among).values())),
            conditions=tuple(sorted((name, bool(wanted)) for name, wanted in (conditions or {}).items())),
            stage=stage,
            rows=row_kind(rows).name,
        )

    @property
    def reads(self) -> list[str]:
        """Return the tables that the spine is made of."""
        conditions = {table for name, _ in self.conditions for table in CONDITIONS[name].reads}
        return sorted({*READS, *row_kind(self.rows).reads, *conditions})

    @property
    def by_outcome(self) -> tuple[str, ...]:
        """Return the conditions that are only known after the race."""
        return tuple(name for name, _ in self.conditions if CONDITIONS[name].by_outcome)

    def as_dict(self) -> dict[str, Any]:
        """Return the selection as plain JSON, for configurations."""
        content = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        if self.rows == CARS:  # as it was before there were others: equal choices keep their hash
            content.pop("rows")
        return {**content, "conditions": dict(self.conditions)}

    @property
    def hash(self) -> str:
        """Return a sha256 of the selection; equal for equal choices."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()

    def spine(self, tables: Tables) -> pd.DataFrame:
        """Return the chosen rows with the stage's cut-off, one per car entered in a race unless others are asked for; see `pitwall.ml.rows`.

        Raises:
            UsageError: nothing is left; says which part of the choice leaves nothing.
        """
        kind = row_kind(self.rows)
        spine = kind.spine(tables, self.stage)
        for what, keep in self._steps(tables, kind):
            kept = spine[keep(spine)]
            if kept.empty:
                noun = "entry" if self.rows == CARS else kind.nouns[0]
                raise UsageError(f"the selection is empty: no {noun} is left after choosing {what}.")
            spine = kept
        return spine.reset_index(drop=True)

    def absent(self, tables: Tables, spine: pd.DataFrame) -> list[str]:
        """Return the references of named circuits, drivers and teams that have no row in the spine."""
        named = [(key, ids) for _, key, ids in self._named(tables) if key in spine]
        return [ref for key, ids in named for id_, ref in ids.items() if not spine[key].eq(id_).any()]

    def _named(self, tables: Tables) -> Iterable[tuple[str, str, dict[int, str]]]:
        """Yield kind, key column and {id: reference} of what is named."""
        for kind, refs in (("circuit", self.circuits), ("driver", self.drivers), ("team", self.teams)):
            if refs:
                yield kind, KINDS[kind][1], by_reference(tables, kind, refs)

    def _steps(self, tables: Tables, rows_of: RowKind) -> Iterable[tuple[str, Any]]:
        yield f"seasons {self.seasons[0]} to {self.seasons[-1]}", lambda rows: rows["season"].isin(self.seasons)
        for kind, key, ids in self._named(tables):
            if key not in rows_of.columns:
                raise UsageError(f"{rows_of.nouns[1]} have no {kind}; choose them by season, circuit or condition.")
            yield f"{kind}s {', '.join(ids.values())}", lambda rows, key=key, ids=ids: rows[key].isin(list(ids))
        for name, wanted in self.conditions:
            holds = CONDITIONS[name].holds(tables.only(*CONDITIONS[name].reads).as_of())
            if holds.empty:
                raise UsageError(
                    f"no race says whether it is {name!r}: the table {CONDITIONS[name].reads[0]} is empty."
                )
            fits = holds.index[holds.eq(wanted).fillna(value=False)]
            yield f"{name} = {wanted}", lambda rows, fits=fits: rows["race_id"].isin(fits)


def open_ended(chosen: Mapping[str, Any], tables: Tables) -> set[int]:
    """Return the ids of all races that a selection would choose if its seasons went on up to the newest race.

    Args:
        chosen: a selection as `DataSelection.as_dict` says it.
        tables: with what it reads.
    """
    parts: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in chosen.items()}
    parts["conditions"] = tuple(sorted(chosen.get("conditions", {}).items()))
    selection = DataSelection(**parts)
    seasons = tuple(each for each in _seasons(tables, None) if each >= selection.seasons[0])
    return {int(race) for race in replace(selection, seasons=seasons).spine(tables)["race_id"]}


def _seasons(tables: Tables, seasons: Seasons) -> tuple[int, ...]:
    """Return the seasons that are meant and that have entries, sorted."""
    newest = tables.only("entries", "races").as_of()
    races = newest["races"]
    known = sorted(races.loc[races["race_id"].isin(newest["entries"]["race_id"]), "season"].unique().tolist())
    wanted = known if seasons is None else _wanted(seasons, known)
    missing = sorted(set(wanted) - set(known))
    if missing or not wanted:
        span = f"{known[0]} to {known[-1]}" if known else "none"
        raise UsageError(f"no race was entered in the seasons {missing or seasons}; the data hold {span}.")
    return tuple(sorted(set(wanted)))


def _wanted(seasons: Iterable[int] | str | int, known: list[int]) -> list[int]:
    if isinstance(seasons, str):
        first, _, last = seasons.partition(":")
        try:
            return list(range(int(first or known[0]), int(last or (first if ":" not in seasons else known[-1])) + 1))
        except ValueError:
            raise UsageError(
                f"seasons are written as [2022, 2023], (2015, 2024) or '2015:2024'; found {seasons!r}."
            ) from None
    if not isinstance(seasons, Iterable):
        return [int(seasons)]
    if isinstance(seasons, tuple) and len(seasons) == 2:
        return list(range(int(seasons[0]), int(seasons[1]) + 1))
    return [int(season) for season in seasons]
