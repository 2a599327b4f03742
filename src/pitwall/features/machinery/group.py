"""What a feature group is: its features with their meaning, the tables it reads, and one pure function.

A group is one file of this folder that ends with `GROUP = FeatureGroup(...)`. Its function gets canonical tables with one
version per row and returns a table of keys, `event_timestamp`, `known_at` and one float64 column per feature. It knows
nothing of cut-offs: the point-in-time join decides what may be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from pitwall.domain.params import Params, Section, TimeParams, section_settings
from pitwall.domain.when import Stage

if TYPE_CHECKING:
    from pitwall.domain.tables import Tables

ENTITIES = ("driver", "constructor", "circuit", "race")
STAMPS = ["event_timestamp", "known_at"]


@dataclass(frozen=True)
class Feature:
    """One number: its column name, its unit, what it means, and what it means when it is null.

    `since` is its leak class: the first stage of a race at which that race's own row may hold a value. A state, which
    belongs to no race, may stand at every stage; what a session shows may not stand before the session.
    """

    name: str
    unit: str
    meaning: str
    null: str
    since: Stage = Stage.PRE_WEEKEND


class NoSettings(Section):
    """The settings of a group that has none."""


@dataclass(frozen=True)
class FeatureGroup:
    """Features that share keys and a computation.

    Attributes:
        name: of the group, its file and its Feast view.
        entities: whose ids are the key, of "driver", "constructor", "circuit", "race".
        reads: the canonical tables that `compute` may look at; it is given no other.
        features: the columns, in order; names are unique over all groups.
        compute: (tables, settings, time) -> DataFrame; pure and deterministic.
        Settings: the model of `params.yaml: features.<name>`.
        sets: the named feature sets (Feast services) that hold this group.
        reach: how far a changed row reaches, so that a new race costs little. "race": rows of its own race (and of no
            other) may change; "entity": rows of the entities (the first of `entities`) of its race; "all": any row.
            The contract test tries it out.
        of_grid: which of its columns follow from the starting grid, and how: {`grid`, `pit_lane`, and `place` in qualifying: a column
            or array, one value per car} -> these columns, aligned. `compute` calls the same function; a server asks it what if
            the grid were another one. A group that reads the grid of its own race has one.
    """

    name: str
    entities: tuple[str, ...]
    reads: tuple[str, ...]
    features: tuple[Feature, ...]
    compute: Callable[[Tables, Any, TimeParams], pd.DataFrame]
    Settings: type[Section] = NoSettings
    sets: tuple[str, ...] = ("order",)
    reach: Literal["race", "entity", "all"] = "all"
    of_grid: Callable[[Any], dict[str, Any]] | None = None

    @property
    def keys(self) -> list[str]:
        """Return the key columns, `<entity>_id`."""
        return [f"{entity}_id" for entity in self.entities]

    @property
    def names(self) -> list[str]:
        """Return the feature columns."""
        return [feature.name for feature in self.features]

    @property
    def columns(self) -> list[str]:
        """Return all columns of the group's table, in order."""
        return [*self.keys, *STAMPS, *self.names]

    def settings(self, params: Params) -> Section:
        """Return the group's settings from params.yaml.

        Raises:
            UnknownName: the section has a key that the group does not know.
        """
        return section_settings(self.Settings, params.features.get(self.name, {}), f"features.{self.name}")
