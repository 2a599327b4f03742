"""What a generated feature is made of, drawn by a seed: a column, an entity, a statistic, and how far a leak shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pitwall.domain.when import Stage
from pitwall.features.machinery.group import Feature, FeatureGroup

COLUMNS = {
    "results": ("place", "points", "fastest_lap", "laps", "retired"),
    "qualifying": ("place", "q1"),
    "practice": ("place", "seconds"),
    "grid": ("grid",),
    "pit_stops": ("seconds",),
    "lap_times": ("seconds", "place"),
}
OUTCOMES = ("results", "pit_stops", "lap_times")
STATISTICS = ("mean", "median", "min", "max", "std", "ewm", "expanding", "last")
WHERE = ("everywhere", "some rows", "some races", "one season", "last rounds", "some entities")
NOWHERE = "nowhere"  # the honest twin of a leak
SHARES = (0.5, 0.2, 0.1, 0.05)
STRENGTHS = (1.0, 0.3, 0.05, 0.001)


@dataclass(frozen=True)
class Draw:
    """The parameters of one generated feature."""

    seed: int
    table: str
    column: str
    entity: str
    statistic: str
    window: int
    where: str
    share: float
    strength: float
    form: int

    @classmethod
    def of(
        cls, seed: int, tables: Sequence[str], entities: Sequence[str] = ("driver", "constructor", "circuit")
    ) -> Draw:
        """Draw the parameters."""
        rng = np.random.default_rng(seed)
        table = str(rng.choice(tables))
        return cls(
            seed=seed,
            table=table,
            column=str(rng.choice(COLUMNS[table])),
            entity=str(rng.choice(entities)),
            statistic=str(rng.choice(STATISTICS)),
            window=int(rng.integers(2, 8)),
            where=str(rng.choice(WHERE)),
            share=float(rng.choice(SHARES)),
            strength=float(rng.choice(STRENGTHS)),
            form=int(rng.integers(0, 1000)),
        )

    def shown(self, where: str | None) -> Draw:
        """Return the draw with its leak elsewhere; unchanged when None."""
        return self if where is None else replace(self, where=where)

    @property
    def key(self) -> str:
        """The id column of the entity."""
        return f"{self.entity}_id"

    def leaks(self, rows: pd.DataFrame) -> pd.Series:
        """Return which rows show the leak; drawn by ids, so that a row keeps its lot when others come or go."""
        if self.where == NOWHERE:
            return pd.Series(False, rows.index)
        if self.where == "everywhere":
            return pd.Series(True, rows.index)
        if self.where == "one season":
            return rows["season"] % 2 == self.seed % 2
        if self.where == "last rounds":
            return rows["round"] >= 9
        ids = {"some rows": ["race_id", self.key], "some races": ["race_id"], "some entities": [self.key]}[self.where]
        lot = sum((rows[name].astype("int64") * prime for name, prime in zip(ids, (7919, 104729), strict=False)), 0)
        return ((lot + self.seed * 31) * 2654435761 % 1000) < 1000 * max(self.share, 0.1 if len(ids) == 1 else 0)

    def blend(self, rows: pd.DataFrame, clean: pd.Series, leak: pd.Series) -> pd.Series:
        """Return the clean value, moved towards the leaking one where the leak shows."""
        moved = clean.fillna(leak) + self.strength * (leak - clean.fillna(leak))
        moved = moved.where(clean.notna(), leak)
        return moved.where(self.leaks(rows) & leak.notna(), clean).astype("float64")


def group_of(draw: Draw, name: str, entities: tuple[str, ...], reads: Sequence[str], compute: object) -> FeatureGroup:
    """Return the group of one generated feature."""
    since = Stage.IN_RACE if "laps" in reads else Stage.PRE_WEEKEND
    told = f"{draw.statistic} of {draw.table}.{draw.column} per {draw.entity}, window {draw.window}, seed {draw.seed}"
    return FeatureGroup(
        name=name,
        entities=entities,
        reads=tuple(dict.fromkeys(reads)),
        features=(Feature(f"{name}_{draw.seed}", "number", told, "nothing known", since),),
        compute=compute,  # type: ignore[arg-type]
    )
