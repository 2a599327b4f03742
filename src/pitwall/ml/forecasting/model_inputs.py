"""The model's input about one race: online features for a race to come, the frame for a past one, what-ifs on top.

The online store and the offline frame must say the same of the same cut-off; where both have the race they are compared
bit by bit, because a forecast from other numbers than the model learned from is worth nothing. What was served is logged
(see `pitwall.ml.forecasting.input_log`), so that the comparison can be made again later, for every race.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.errors import ForecastError
from pitwall.domain.ports import FeatureReader
from pitwall.domain.racing.data_world import world
from pitwall.domain.tables import Tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.replay import usable
from pitwall.ml.data.calendar import Race
from pitwall.ml.forecasting.entrants import Lineup, with_grid
from pitwall.ml.forecasting.input_log import ServedVectors, now, same_bits, write_served
from pitwall.ml.models.machinery.unlisted import groups_read, with_features
from pitwall.ml.rows import RowKind, feature_columns
from pitwall.ml.training.training_job import TrainingJob

MOVED = "the calendar was corrected since the frame was made for another cut-off: the features were not held against it"
ANEW = "features joined anew: the stored frame lacks this line-up"


def rows_before(kind: RowKind, race: Race, line: Lineup | None) -> pd.DataFrame:
    """Return the spine of a race at its cut-off: a row per car of the line-up, else one of the race, or one per id that each race has."""
    facts = {"race_id": race.race_id, "circuit_id": race.circuit_id, "season": race.season, "round": race.round}
    rows = pd.DataFrame([facts]) if line is None else line.cars.assign(**facts)
    for name, values in kind.each.items():
        rows = rows.merge(pd.DataFrame({name: list(values)}), how="cross")
    return rows.assign(cutoff=race.cutoff)[list(kind.columns)]


def race_vectors(
    job: TrainingJob,
    reader: FeatureReader,
    tables: Tables,
    race: Race,
    spine: pd.DataFrame,
    *,
    line: Lineup | None = None,
    version: int,
) -> tuple[pd.DataFrame, list[str]]:
    """Return spine columns and features of the rows that are asked about, and what a reader must know about them.

    Args:
        job: names the model and the project.
        reader: of features.
        tables: canonical tables, for what-ifs.
        race: the race.
        spine: the rows, sorted by what tells them apart.
        line: the race's cars, where rows are cars: they may be others than recorded.
        version: of the model that is to read them, for the log.

    Raises:
        ForecastError: the online store and the frame disagree; names the feature and a row.
        FeatureError, FrameError: the features are not built, or the join failed.
    """
    stored = _stored(job, race, spine) if line is None or line.recorded else None
    before = job.stage in CUTOFF_COLUMN
    if job.definition.features and (
        stored is None or (before and not race.run)
    ):  # no store serves a user's own features
        rows, labels = with_features(job.project, job.definition, reader, spine), list[str]()
    elif before and not race.run:
        rows, labels = _online(job, reader, race, spine, stored, version=version)
    elif stored is not None and (not before or race.run):
        rows, labels = stored, []
    else:
        rows, labels = reader.historical(spine, job.definition.feature_set), [ANEW] if before else []
    if line is not None and line.grid is not None:
        rows = _replaced(job, with_grid(tables, race, line, job.params.time), race, rows)
    return rows, labels


def _stored(job: TrainingJob, race: Race, spine: pd.DataFrame) -> pd.DataFrame | None:
    """Return the rows of the stored frame; None without a frame of this race, or where it lacks a row within it that is asked about."""
    path, kind = job.frame_path, job.definition.kind
    if not path.is_file():
        return None
    rows = pd.read_parquet(path, filters=[("race_id", "==", race.race_id)])
    if Stage.IN_RACE in kind.stages:
        rows = spine[list(kind.key)].merge(rows, on=list(kind.key))
        return (
            rows[list(pd.read_parquet(path, filters=[("race_id", "==", -1)]).columns)]
            if len(rows) == len(spine)
            else None
        )
    return None if rows.empty else rows.sort_values(list(kind.order), ignore_index=True)


def _online(
    job: TrainingJob,
    reader: FeatureReader,
    race: Race,
    spine: pd.DataFrame,
    stored: pd.DataFrame | None,
    *,
    version: int,
) -> tuple[pd.DataFrame, list[str]]:
    kind, service = job.definition.kind, job.definition.feature_set
    ids = list(kind.ids)
    served = reader.materialise(race.cutoff, service)
    answer = reader.online(spine[ids].to_dict("records"), service, race.cutoff)
    rows = spine.assign(**{name: answer[name].to_numpy() for name in answer.columns if name not in ids})
    moved = stored is not None and bool((stored["cutoff"] != race.cutoff).any())
    if stored is not None and not moved:
        _compare(rows, stored, kind)
    write_served(
        job.project,
        ServedVectors(
            race=race.label,
            cutoff=race.cutoff,
            known=served.known,
            service=service,
            model=job.name,
            version=version,
            world=world(job.params),
            keys=answer[ids],
            features=answer.drop(columns=ids),
            served_at=now(),
        ),
    )
    return rows, [MOVED] if moved else []


def _compare(online: pd.DataFrame, offline: pd.DataFrame, kind: RowKind) -> None:
    """Raise ForecastError unless every feature of every row is equal, nulls included."""
    key = list(kind.own)
    if online[key].to_numpy().tolist() != offline[key].to_numpy().tolist():
        raise ForecastError("the frame holds other cars than the entry list; rebuild it with `dvc repro frames`.")
    for name in feature_columns(offline):
        serving, training = online[name], offline[name]
        differs = ~same_bits(serving, training)
        if differs.any():
            row = int(differs.argmax())
            whose = " ".join(f"of {each.removesuffix('_id')} {online[each][row]}" for each in key) or "of the race"
            raise ForecastError(
                f"{name} {whose} is {serving[row]} in the online store and {training[row]} in the "
                f"frame ({int(differs.sum())} {kind.nouns[1]} differ); rebuild both with `dvc repro frames` and forecast again."
            )


def _replaced(job: TrainingJob, tables: Tables, race: Race, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the features of the race's own sessions computed again from the what-if tables."""
    for group in groups_read(job.definition):
        if "race" in group.entities:
            rows = _recomputed(group, job, tables, race, rows)
    return rows


def _recomputed(group: FeatureGroup, job: TrainingJob, tables: Tables, race: Race, rows: pd.DataFrame) -> pd.DataFrame:
    seen = usable(group, build_group(group, tables, job.params), race.cutoff)
    own = seen[seen["race_id"] == race.race_id].sort_values("event_timestamp", kind="stable")
    newest = own.drop_duplicates(group.keys, keep="last")[[*group.keys, *group.names]]
    columns = list(rows.columns)
    return rows.drop(columns=group.names).merge(newest, on=group.keys, how="left", validate="1:1")[columns]
