"""The model's input for one race: online features for a race to come, the frame for a past one, what-ifs on top.

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
from pitwall.features import feature_sets
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.replay import usable
from pitwall.ml.data.calendar import Race
from pitwall.ml.forecasting.entrants import Lineup, with_grid
from pitwall.ml.forecasting.input_log import ServedVectors, now, same_bits, write_served
from pitwall.ml.rows import feature_columns, row_kind
from pitwall.ml.training.training_job import TrainingJob

MOVED = "the calendar was corrected since the frame was made for another cut-off: the features were not held against it"
IDS = ["race_id", "driver_id", "constructor_id", "circuit_id"]


def race_vectors(
    job: TrainingJob, reader: FeatureReader, tables: Tables, race: Race, line: Lineup, *, version: int
) -> tuple[pd.DataFrame, list[str]]:
    """Return spine columns and features of a race's cars, sorted by driver, and what a reader must know about them.

    Args:
        job: names the model and the project.
        reader: of features.
        tables: canonical tables, for what-ifs.
        race: the race.
        line: its cars.
        version: of the model that is to read them, for the log.

    Raises:
        ForecastError: the online store and the frame disagree; names the feature and a driver.
        FeatureError, FrameError: the features are not built, or the join failed.
    """
    spine = _spine(race, line)
    stored = _stored(job, race) if line.recorded else None
    if not race.run:
        rows, labels = _online(job, reader, race, spine, stored, version=version)
    elif stored is not None:
        rows, labels = stored, []
    else:
        rows, labels = (
            reader.historical(spine, job.model),
            ["features joined anew: the stored frame lacks this line-up"],
        )
    if line.grid is not None:
        rows = _replaced(job, with_grid(tables, race, line, job.params.time), race, rows)
    return rows, labels


def _spine(race: Race, line: Lineup) -> pd.DataFrame:
    facts = {"race_id": race.race_id, "circuit_id": race.circuit_id, "season": race.season, "round": race.round}
    return line.cars.assign(**facts, cutoff=race.cutoff)[list(row_kind("race_driver").columns)]


def _stored(job: TrainingJob, race: Race) -> pd.DataFrame | None:
    path = job.frame_path
    if not path.is_file():
        return None
    rows = pd.read_parquet(path, filters=[("race_id", "==", race.race_id)])
    return None if rows.empty else rows.sort_values("driver_id", ignore_index=True)


def _online(
    job: TrainingJob,
    reader: FeatureReader,
    race: Race,
    spine: pd.DataFrame,
    stored: pd.DataFrame | None,
    *,
    version: int,
) -> tuple[pd.DataFrame, list[str]]:
    served = reader.materialise(race.cutoff, job.model)
    answer = reader.online(spine[IDS].to_dict("records"), job.model, race.cutoff)
    rows = spine.assign(**{name: answer[name].to_numpy() for name in answer.columns if name not in IDS})
    moved = stored is not None and bool((stored["cutoff"] != race.cutoff).any())
    if stored is not None and not moved:
        _compare(rows, stored)
    write_served(
        job.project,
        ServedVectors(
            race=race.label,
            cutoff=race.cutoff,
            known=served.known,
            service=job.model,
            model=job.name,
            version=version,
            world=world(job.params),
            keys=answer[IDS],
            features=answer.drop(columns=IDS),
            served_at=now(),
        ),
    )
    return rows, [MOVED] if moved else []


def _compare(online: pd.DataFrame, offline: pd.DataFrame) -> None:
    """Raise ForecastError unless every feature of every car is equal, nulls included."""
    if list(online["driver_id"]) != list(offline["driver_id"]):
        raise ForecastError("the frame holds other cars than the entry list; rebuild it with `dvc repro frames`.")
    for name in feature_columns(offline):
        serving, training = online[name], offline[name]
        differs = ~same_bits(serving, training)
        if differs.any():
            row = int(differs.argmax())
            raise ForecastError(
                f"{name} of driver {online['driver_id'][row]} is {serving[row]} in the online store and {training[row]} in the "
                f"frame ({int(differs.sum())} cars differ); rebuild both with `dvc repro frames` and forecast again."
            )


def _replaced(job: TrainingJob, tables: Tables, race: Race, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the features of the race's own sessions computed again from the what-if tables."""
    for group in feature_sets()[job.model]:
        if "race" in group.entities:
            rows = _recomputed(group, job, tables, race, rows)
    return rows


def _recomputed(group: FeatureGroup, job: TrainingJob, tables: Tables, race: Race, rows: pd.DataFrame) -> pd.DataFrame:
    seen = usable(group, build_group(group, tables, job.params), race.cutoff)
    own = seen[seen["race_id"] == race.race_id].sort_values("event_timestamp", kind="stable")
    newest = own.drop_duplicates(group.keys, keep="last")[[*group.keys, *group.names]]
    columns = list(rows.columns)
    return rows.drop(columns=group.names).merge(newest, on=group.keys, how="left", validate="1:1")[columns]
