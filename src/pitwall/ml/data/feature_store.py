"""`FeatureStore`: the notebook's way to features, as they were known before each race or at any instant.

It is a facade. Names become keys and rows; the join in time is done by the `FeatureReader` behind it (Feast), and in
memory for features of the session, which no store holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.params import load_params
from pitwall.domain.ports import DataVersions, FeatureReader
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables, load_tables
from pitwall.features import FeatureEngineer
from pitwall.ml.data.entity_names import Name
from pitwall.ml.data.feature_plan import FeaturePlan, checked_set, make_plan
from pitwall.ml.data.feature_rows import FeatureRows
from pitwall.ml.data.training_data import TrainingData, training_data
from pitwall.ml.data.instants import Instant, instant_of, moment_spine
from pitwall.ml.data.feature_rows import joined
from pitwall.ml.data.selection import CARS, READS, DataSelection, Names, Seasons
from pitwall.ml.rows import row_kind

Strings = Sequence[str]
DEFAULT = ("order",)


class FeatureStore:
    """Features by selection, by instant and by lap.

    Args:
        project: the project.
        reader: joins stored features in time.
        versions: makes the stored features anew.
        engineer: knows the features of the session; the one that all of a process share when None.
    """

    def __init__(
        self,
        project: Project,
        reader: FeatureReader,
        versions: DataVersions,
        engineer: FeatureEngineer | None = None,
    ) -> None:
        self.project = project
        self.engineer = engineer or FeatureEngineer()
        self._reader, self._versions = reader, versions
        self._sets: dict[str, tuple[str, ...]] = {}
        self._rows = FeatureRows(self.project)

    def select(
        self,
        seasons: Seasons = None,
        *,
        circuits: Names = None,
        drivers: Names = None,
        teams: Names = None,
        conditions: Mapping[str, bool] | None = None,
        stage: str = "pre_race",
        rows: str = CARS,
    ) -> DataSelection:
        """Return the selection that some names mean; see `DataSelection.of`."""
        return DataSelection.of(
            self._tables([*READS, *row_kind(rows).reads]),
            seasons,
            circuits=circuits,
            drivers=drivers,
            teams=teams,
            conditions=conditions,
            stage=stage,
            rows=rows,
        )

    def get_features(
        self,
        seasons: Seasons = None,
        feature_groups: Strings = DEFAULT,
        custom_features: Strings = (),
        *,
        selection: DataSelection | None = None,
        **choice: Any,
    ) -> pd.DataFrame:
        """Return one row per driver-race of a selection, with features as known at the stage's cut-off.

        Args:
            seasons: a list, one season, a pair (first, last), or "2015:2024"; all when None.
            feature_groups: feature sets ("order", "driver", "team", "session", ...) and groups ("driver_form", ...).
            custom_features: names registered with a `FeatureEngineer`, or single features that ship.
            selection: instead of seasons and choice, one made before.
            choice: circuits, drivers, teams, conditions, stage and rows; see `DataSelection.of`.

        Returns:
            The spine columns (ids, season, round, cutoff), then float64 features; what was not known is NaN (see
            `missing_mask`). `attrs` says the selection with its hash, what it was chosen by that nobody knew before
            the race (`selected_by_outcome`), who was named but has no row (`without_entries`), and the races of which one car
            only is here (`one_car_races`): a model would give it every chance.

        Raises:
            UnknownName: a set, group, feature, driver, circuit, team or condition is unknown.
            UsageError: the selection is empty.
            FeatureError: the features are not built.
        """
        chosen = selection or self.select(seasons, **choice)
        wanted = self._plan(feature_groups, custom_features)
        tables = self._tables(chosen.reads)
        frame = self._joined(chosen.spine(tables), wanted)
        frame.attrs = {
            "selection": chosen.as_dict(),
            "selection_hash": chosen.hash,
            "selected_by_outcome": list(chosen.by_outcome),
            "without_entries": chosen.absent(tables, frame),
            "one_car_races": _lone(frame) if chosen.rows == CARS else [],
            "custom_features": [group.name for group in wanted.custom],
        }
        return frame

    def get_training_data(
        self, feature_set: str = "order", seasons: Seasons = None, custom_features: Strings = (), **choice: Any
    ) -> TrainingData:
        """Return the features of a selection as a matrix with its names, rows and missing mask; see `get_features`."""
        return training_data(self.get_features(seasons, [feature_set], custom_features, **choice))

    def get_features_at(
        self,
        entity: Mapping[str, Name],
        timestamp: Instant | None = None,
        *,
        race: str | None = None,
        lap: int | None = None,
        feature_groups: Strings | None = None,
        custom_features: Strings = (),
        strict: bool = True,
    ) -> pd.Series:
        """Return what was known of an entity at an instant: a timestamp, or the end of a driver's lap.

        Args:
            entity: e.g. {"driver": "hamilton", "circuit": "spa"}; of driver, team, circuit and race ("2024-14"). The
                team of a driver is that of their newest entry known then, unless it is given.
            timestamp: UTC where it says no zone.
            race: instead, a race by season and round; it also stands for its circuit.
            lap: the lap of the race that the driver has just completed; the start of the race when None.
            feature_groups: sets and groups; when None, all groups whose keys the entity gives.
            custom_features: as in `get_features`.
            strict: see only what happened before the instant; False includes the instant itself.

        Returns:
            A Series by feature name, NaN where nothing was known; `attrs` holds the instant, the ids, and per group
            when its row happened and became known (`stamps`).

        Raises:
            UsageError: neither or both of timestamp and race, a lap that was not driven, a key that a group needs.
            UnknownName: an entity, group or race is unknown.
        """
        spine = moment_spine(self._tables, entity, timestamp, race, lap)
        wanted = self._plan(feature_groups, custom_features, spine.columns)
        if lacking := sorted(wanted.keys - set(spine.columns)):
            raise UsageError(f"the features asked for need {', '.join(lacking)}; add it to the entity.")
        frame = self._joined(spine, wanted, inclusive=not strict)
        answer = frame[list(wanted.features)].iloc[0].rename(spine["cutoff"].iloc[0])
        ids = {key: int(spine[key].iloc[0]) for key in spine.columns if key != "cutoff"}
        stamps = {group.name: self._rows.stamps(spine, group, inclusive=not strict) for group in wanted.groups}
        answer.attrs = {"cutoff": answer.name, "strict": strict, "ids": ids, "stamps": stamps}
        return answer

    def register_feature(
        self, name: str, function: Callable[[pd.DataFrame], object], description: str, version: int = 1, **more: Any
    ) -> None:
        """Register a function as a feature of the session; see `FeatureEngineer.register`."""
        self.engineer.register(name, description=description, version=version, **more)(function)

    def register_feature_set(self, name: str, features: Strings) -> None:
        """Name some features, stored or custom, so that `feature_groups=[name]` gives just these; for the session.

        Raises:
            UnknownName: a feature is unknown.
            UsageError: a shipped set or group has this name.
        """
        self._sets[name] = checked_set(name, features, self.engineer)

    def compute_and_store(self, name: str | None = None, until: Instant | None = None) -> pd.DataFrame | None:
        """Compute features and keep them: stored ones by `dvc repro features`, one of the session in memory.

        Args:
            name: a custom feature; None for everything that the project stores.
            until: also let the online store serve every feature set of the models at this cut-off.

        Returns:
            The rows of the custom feature with all versions, as it is joined from; None for the stored ones.
        """
        if name is not None:
            return self._rows.custom(self.engineer.group(name))
        self._versions.reproduce(["features"])
        if until is not None:
            for service in load_params(self.project.params).models:
                self._reader.materialise(instant_of(until), service)
        return None

    def _plan(self, names: Strings | None, custom: Strings, keys: Iterable[str] = ()) -> FeaturePlan:
        return make_plan(names, custom, self.engineer, self._sets, set(keys))

    def _joined(self, spine: pd.DataFrame, wanted: FeaturePlan, *, inclusive: bool = False) -> pd.DataFrame:
        """Return the spine with the stored features and the session's own, each as known at the cut-off."""
        return joined(spine, wanted, self._reader, self._rows, inclusive=inclusive)

    def _tables(self, names: Sequence[str]) -> Tables:
        return load_tables(self.project.tables, list(dict.fromkeys(names)))


def _lone(frame: pd.DataFrame) -> list[str]:
    """Return the labels of races with a single row."""
    alone = frame[~frame["race_id"].duplicated(keep=False)]
    return [f"{row.season}-{row.round:02d}" for row in alone.itertuples()]
