"""Feast behind the port `FeatureReader`: joins features in time, serves online those of any cut-off that was materialised.

The join is our own offline store (`adapters.asof`), set in feature_store.yaml: what happened before the cut-off and was
known at it. That it is set so, and that a frame has the spine's rows in the spine's order, is checked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.adapters.feast.online_rows import fill, fingerprints
from pitwall.adapters.feast.online_slots import OnlineSlots
from pitwall.adapters.feast.quiet import lean, quieten
from pitwall.adapters.feast.vector_cache import VectorCache, VectorKey
from pitwall.domain.errors import FeatureError, FrameError
from pitwall.domain.plugins import pick
from pitwall.domain.ports import Served
from pitwall.domain.project import Project
from pitwall.domain.when import as_utc
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.group import FeatureGroup

ROW = "spine_row"


class FeastStore:
    """The feature store of one project; opening it (and importing Feast, seconds) waits for the first question."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._slots = OnlineSlots(project)
        self._opened: dict[str, Any] = {}
        self._feast: Any = None
        self.vectors = VectorCache()

    def close(self) -> None:
        """Close the databases of the online store; a later question opens them again."""
        if self._feast is None:
            return
        with self._slots.lock:
            opened, self._opened = self._opened, {}
            for store in (self._feast, *opened.values()):
                online = store._get_provider().online_store
                connection, online._conn = online._conn, None
                if connection is not None:
                    connection.close()
        self.vectors.clear()

    @property
    def _store(self) -> Any:
        """Open Feast's store; threads that ask meanwhile wait.

        Under the lock of the slots and no other: who fills a slot holds that one when Feast is first needed, and two locks would be
        taken in both orders. The import, most of the seconds, is done before: other processes wait for that lock too.
        """
        if self._feast is None:
            quieten()
            with lean():
                import feast  # noqa: F401
            self._project.state.mkdir(parents=True, exist_ok=True)
            with self._slots.lock:
                if self._feast is None:
                    self._feast = self._open()
        return self._feast

    def _open(self) -> Any:
        """Return Feast's store with the definitions of the discovered groups applied."""
        config = self._project.feature_repo / "feature_store.yaml"
        if not config.is_file():
            raise FeatureError(f"{config} is missing; restore it with `git checkout feature_repo`.")
        self._slots.prepare()
        from feast import FeatureStore

        from pitwall.adapters.feast.definitions import definitions

        store = FeatureStore(repo_path=str(self._project.feature_repo))
        if getattr(store.config.offline_store, "bound", None) != "strict":
            raise FeatureError(
                f"{config} joins with {store.config.offline_store.type}, which may show what happens at the cut-off; set "
                "`type: pitwall.adapters.asof.AsofOfflineStore` and `bound: strict`, or `git checkout feature_repo`."
            )
        store.apply(list(definitions(self._project).values()))
        return store

    @cached_property
    def _inclusive(self) -> Any:
        """Open the store once more, with a join that also sees what happened at the cut-off itself."""
        from feast import FeatureStore

        store = FeatureStore(repo_path=str(self._store.repo_path))
        store.config.offline_store.bound = "inclusive"
        return store

    @cached_property
    def _services(self) -> dict[str, Any]:
        """Return Feast's services; each look into its registry makes them anew, which costs more than an answer."""
        return {name: self._store.get_feature_service(name) for name in feature_sets()}

    def historical(self, spine: pd.DataFrame, service: str | Sequence[str], *, inclusive: bool = False) -> pd.DataFrame:
        """Return the spine with the features of a service as known at each row's `cutoff`: same rows, same order.

        Args:
            spine: entity ids and `cutoff` (UTC), any further columns.
            service: a feature set, e.g. "order", or the names of feature groups.
            inclusive: also see what happened at the cut-off itself, not only before it.

        Raises:
            UnknownName: there is no such feature set or group.
            FeatureError: a group's table has not been built.
            FrameError: the spine lacks a column, or the join lost, gained or doubled rows.
        """
        asked_for = self._groups(service)
        keys = _keys(asked_for)
        missing = [column for column in [*keys, "cutoff"] if column not in spine]
        if missing:
            raise FrameError(f"the spine lacks {missing}; {service!r} needs {[*keys, 'cutoff']}.")
        names = [name for group in asked_for for name in group.names]
        if spine.empty:
            return spine.assign(**{name: pd.Series(dtype="float64") for name in names})
        asked = spine[keys].assign(event_timestamp=as_utc(spine["cutoff"]), **{ROW: range(len(spine))})
        wanted = [f"{group.name}:{name}" for group in asked_for for name in group.names]
        store = self._inclusive if inclusive else self._store
        job = store.get_historical_features(entity_df=asked, features=wanted, filter_by_created_timestamp=True)
        joined = job.to_df()
        return _in_order(spine, joined, names)

    def materialise(self, cutoff: pd.Timestamp, service: str) -> Served:
        """Let the online store serve a feature set at a cut-off; only rows that its nearest earlier slot lacks are written.

        Other cut-offs, before it and after it, are served as they were; the one that was not used for longest gives way. Feast's
        own materialisation knows no publication times and would serve rows that are not known yet.

        Returns:
            What is served of it from now on; where nothing changed since, what was served before.

        Raises:
            UnknownName: there is no such feature set.
            FeatureError: a group is not built.
        """
        asked_for = self._groups(service)
        return self._slots.materialise(
            service,
            cutoff,
            fingerprints(self._project, asked_for),
            lambda folder: fill(self._project, asked_for, cutoff, folder, self._write),
        )

    def online(self, rows: Sequence[Mapping[str, int]], service: str, cutoff: pd.Timestamp) -> pd.DataFrame:
        """Return the online values at a cut-off for entity rows, in their order; null where nothing is known.

        What was read is kept in `vectors`, under the version of the slot that it was read from.

        Args:
            rows: mappings with the ids that the service's groups need, e.g. race_id, driver_id, constructor_id.
            service: a feature set.
            cutoff: one that was materialised for this feature set.

        Returns:
            The given ids and one float64 column per feature.

        Raises:
            FeatureError: the cut-off was not materialised; says which ones were.
        """
        cars = tuple(tuple(row.items()) for row in rows)
        served = self._slots.find(service, cutoff)
        kept = self.vectors.get(VectorKey(cars, served)) if served else None
        if kept is not None:
            return kept
        with self._slots.lock:
            return self._read_online(cars, service, cutoff)

    def _read_online(
        self, cars: tuple[tuple[tuple[str, int], ...], ...], service: str, cutoff: pd.Timestamp
    ) -> pd.DataFrame:
        """Read from Feast; nobody throws the slot away meanwhile."""
        groups = self._groups(service)
        names = [name for group in groups for name in group.names]
        asked = pd.DataFrame([dict(car) for car in cars])
        missing = [key for key in _keys(groups) if key not in asked]
        if missing:
            raise FrameError(f"the entity rows lack {missing}; the feature set {service!r} needs {_keys(groups)}.")
        served = self._slots.find(service, cutoff)
        if served is None:
            raise _not_served(self._slots.served(), service, cutoff)
        entities = asked[_keys(groups)].to_dict("records")
        store = self._at(self._slots.folder(served))
        answer = store.get_online_features(features=self._services[service], entity_rows=entities).to_dict()
        lengths = {len(answer[name]) for name in names}
        if lengths != {len(asked)}:
            raise FrameError(f"asked the online store for {len(asked)} rows and got {sorted(lengths)}.")
        # One matrix at once: setting column after column costs as much as reading them.
        matrix = np.array([answer[name] for name in names], dtype=np.float64).T
        vectors = pd.concat([asked, pd.DataFrame(matrix, columns=names)], axis="columns")
        self.vectors.put(VectorKey(cars, served), vectors)
        return vectors.copy()

    def _at(self, folder: Path) -> Any:
        """Return Feast's store over the SQLite file of a slot, with a table for every view."""
        if folder.name not in self._opened:
            from feast import FeatureStore

            store = FeatureStore(repo_path=str(self._store.repo_path))
            store.config.online_store.path = str(folder / "online.db")
            store._registry = self._store.registry  # one look at the registry for all slots
            views = store.list_feature_views()
            store._get_provider().online_store.update(store.config, [], views, [], [], partial=True)
            self._opened = {name: kept for name, kept in self._opened.items() if (folder.parent / name).is_dir()}
            self._opened[folder.name] = store
        return self._opened[folder.name]

    def _write(self, folder: Path, view: str, rows: pd.DataFrame) -> None:
        """Write rows to a slot.

        `write_to_online_store` would skip a batch whose features are all null, and a season starts with just such rows (the
        championship is reset), so the batch goes to the provider that stands behind it.
        """
        store = self._at(folder)
        store._get_provider().ingest_df(store.get_feature_view(view), rows)

    def _groups(self, service: str | Sequence[str]) -> tuple[FeatureGroup, ...]:
        wanted: tuple[FeatureGroup, ...]
        if isinstance(service, str):
            wanted = pick("feature set", service, feature_sets())
        else:
            wanted = tuple(pick("feature group", name, groups()) for name in service)
        for group in wanted:
            if not (self._project.features / f"{group.name}.parquet").is_file():
                raise FeatureError(
                    f"the features of {group.name} are not built yet; make them with `dvc repro features`."
                )
        return wanted


def _keys(groups: Sequence[FeatureGroup]) -> list[str]:
    return sorted({key for group in groups for key in group.keys})


def _in_order(spine: pd.DataFrame, joined: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return the joined features beside the spine, after checking that each spine row came back exactly once."""
    back = joined[ROW].sort_values()
    if list(back) != list(range(len(spine))):
        lost = len(set(range(len(spine))) - set(back))
        raise FrameError(
            f"the point-in-time join was given {len(spine)} rows and returned {len(joined)} ({lost} lost, "
            f"{int(back.duplicated().sum())} doubled). Rebuild the features with `dvc repro -f features`."
        )
    values = joined.sort_values(ROW)[names].astype("float64").set_axis(spine.index)
    return pd.concat([spine, values], axis="columns")


def _not_served(served: Sequence[Served], service: str, cutoff: pd.Timestamp) -> FeatureError:
    known = ", ".join(f"{each.cutoff:%Y-%m-%d %H:%M}" for each in served if each.service == service)
    return FeatureError(
        f"the online store does not serve {service!r} as of {cutoff:%Y-%m-%d %H:%M} UTC; it serves "
        f"{known or 'no cut-off'}. Fill it with `pitwall features materialise --until {cutoff:%Y-%m-%dT%H:%M:%S}`."
    )
