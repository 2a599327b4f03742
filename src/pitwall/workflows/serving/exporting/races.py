"""Write the vectors of the races that a model may be asked about: those of the last seasons, and the next one once its session is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.domain.keys import DRIVER, TEAM
from pitwall.domain.project import Project
from pitwall.domain.refs import file_md5
from pitwall.domain.tables import Tables, load_tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage
from pitwall.ml.data.among import OWNERS
from pitwall.ml.data.calendar import Race, next_race, run_races
from pitwall.ml.forecasting.answering import STAGES, known_stage
from pitwall.ml.forecasting.entrants import lineup
from pitwall.ml.forecasting.forecast import ASSUMED, needed
from pitwall.ml.forecasting.model_inputs import race_vectors, rows_before
from pitwall.ml.forecasting.saying.names import namer
from pitwall.ml.models.machinery.unlisted import with_features
from pitwall.ml.templates import answered_by
from pitwall.ml.training.training_job import TrainingJob
from pitwall.sources.machinery.snapshots.store import snapshots
from pitwall.workflows.serving.places import Place, read_json, write_json
from pitwall.workflows.serving.vectors import write_vectors
from pitwall.workflows.workspace import Workspace

SEASONS = 6  # that can be asked about: those that a model is judged on, and the present one
INDEX = "races.json"
Facts = dict[str, Any]


def export_races(workspace: Workspace, job: TrainingJob, version: int) -> None:
    """Write the vectors of all races that the model may be asked about, and forget those of others.

    Args:
        workspace: of the project.
        job: names the model.
        version: that is to read them, for the log of what the online store served.
    """
    tables = load_tables(workspace.project.tables, needed(job))
    made = [*_past(job, tables), *_coming(workspace, job, tables, version)]
    tell = _Told(job, tables, vintage(workspace.project, job))
    kept = {write(job, race, frame, own, tell) for race, frame, own in made}
    place = Place(job.project, job.name)
    write_json(place.root / "vectors" / INDEX, {"races": [tell.index(race) for race, *_ in made]})
    for stale in set((place.root / "vectors").glob("*.parquet")) - kept:
        stale.unlink()


def export_next(workspace: Workspace, job: TrainingJob, version: int) -> None:
    """Write the vectors of the next race anew, as they are known now; those of others stay."""
    tables, place = load_tables(workspace.project.tables, needed(job)), Place(job.project, job.name)
    tell = _Told(job, tables, vintage(workspace.project, job))
    for race, frame, own in _coming(workspace, job, tables, version):
        write(job, race, frame, own, tell)
        index = place.root / "vectors" / INDEX
        others = [each for each in read_json(index)["races"] if each["label"] != race.label]
        write_json(index, {"races": sorted([*others, tell.index(race)], key=lambda each: each["label"])})


def vintage(project: Project, job: TrainingJob) -> str:
    """Return when the newest snapshot of the sources in use was fetched; empty without one."""
    found = [each for name in job.params.sources for each in snapshots(project.raw / name)]
    return max(each.fetched_at for each in found).isoformat(timespec="seconds") if found else ""


def write(job: TrainingJob, race: Race, frame: pd.DataFrame, own: Facts, tell: _Told) -> Path:
    """Write the vectors of one race, and return their file."""
    path = Place(job.project, job.name).vectors(race.label, job.stage)
    write_vectors(path, frame, {**tell.facts(race, frame), **own})
    return path


class _Told:
    """What is told of every race: looked up once for all of them."""

    def __init__(self, job: TrainingJob, tables: Tables, fetched: str) -> None:
        self._job, self._tables, self._fetched = job, tables, fetched
        self._newest = tables.only("drivers", "constructors", "circuits", "qualifying").as_of()
        self._name = namer(tables)
        self._frame = file_md5(job.frame_path) if job.frame_path.is_file() else "absent"
        self._circuits = self._newest["circuits"].set_index("circuit_id")
        self._refs = {key: self._newest[name].set_index(key)["ref"] for key, name in OWNERS.items()}
        self._calls = {each.name: each.call.once(tables) for each in answered_by(job.model) if each.call}

    def index(self, race: Race) -> Facts:
        """Return what finds a race."""
        circuit = self._circuits.loc[race.circuit_id]
        return {
            "label": race.label,
            "name": race.name,
            "circuit": str(circuit["name"]),
            "country": str(circuit["country"]),
            "ref": str(circuit["ref"]),
            "cutoff": _cutoff(self._job, race),
            "run": race.run,
        }

    def facts(self, race: Race, frame: pd.DataFrame) -> Facts:
        """Return what an answer says of a race beside its numbers."""
        rows = frame.to_dict("records")
        places = self._newest["qualifying"]
        places = places[places["race_id"] == race.race_id]
        return {
            "race": {**self.index(race), "race_id": race.race_id, "season": race.season, "round": race.round}
            | {"starts_at": race.starts_at.isoformat()},
            "stage": self._job.stage,
            "cutoff": frame["cutoff"].max().isoformat(),
            "vintage": self._fetched,
            "frame": self._frame,
            "service": self._job.definition.feature_set,
            "names": [self._name(row) for row in rows],
            "refs": [{key: str(refs[row[key]]) for key, refs in self._refs.items() if key in row} for row in rows],
            "places": {str(int(row.driver_id)): float(row.place) for row in places.itertuples()},
            "shares": {
                name: [[str(each), float(share)] for each, share in call.shares(self._tables).loc[race.race_id].items()]
                for name, call in self._calls.items()
            },
            "called": [call.said(race.race_id, self._tables) for call in self._calls.values()],
        }


def _cutoff(job: TrainingJob, race: Race) -> str:
    instant: pd.Timestamp = race.cutoffs.get(job.stage, race.starts_at)
    return str(instant.isoformat())


def _past(job: TrainingJob, tables: Tables) -> Iterator[tuple[Race, pd.DataFrame, Facts]]:
    frame = job.frame()
    by_race = dict(list(frame.groupby("race_id")))
    within = job.stage not in CUTOFF_COLUMN
    known = [
        each for each in run_races(tables) if each.race_id in by_race and each.season > frame["season"].max() - SEASONS
    ]
    order = list(job.definition.kind.order)
    for race in known:
        rows = by_race[race.race_id].sort_values(order, ignore_index=True)
        yield race if within else race.at(job.stage), rows, {"labels": [], "recorded": True, "taking_part": len(rows)}


def _coming(
    workspace: Workspace, job: TrainingJob, tables: Tables, version: int
) -> Iterator[tuple[Race, pd.DataFrame, Facts]]:
    """Yield the next race, if the session is known that the model looks at: else another model answers."""
    if job.stage not in CUTOFF_COLUMN:
        return
    race = next_race(tables, job.stage, job.params)
    if race is None or STAGES.index(known_stage(tables, race)) < STAGES.index(Stage(job.stage)):
        return
    line = lineup(tables, race) if DRIVER in job.definition.kind.own else None
    spine = rows_before(job.definition.kind, race, line)
    rows, more = race_vectors(job, workspace.features, tables, race, spine, line=line, version=version)
    labels = [*race.overdue, *([ASSUMED.format(race.cutoff)] if job.stage in race.assumed else []), *more]
    if line is None:
        yield race, rows, {"labels": labels, "recorded": True, "taking_part": len(rows)}
        return
    others = _others(tables, race, spine)
    part = len(rows)
    if len(others):
        reserve = with_features(job.project, job.definition, workspace.features, others)
        rows = pd.concat([rows, reserve[list(rows.columns)]], ignore_index=True)
    recorded = line.recorded and line.grid is None
    yield race, rows, {"labels": [*labels, *line.labels], "recorded": recorded, "taking_part": part}


def _others(tables: Tables, race: Race, spine: pd.DataFrame) -> pd.DataFrame:
    """Return rows of those who drove earlier in the season and do not take part, in the car of their last race."""
    newest = tables.only("entries", "races").as_of()
    races = newest["races"]
    season = races[(races["season"] == race.season) & (races["starts_at"] < race.starts_at)]
    drove = newest["entries"].merge(season[["race_id", "starts_at"]], on="race_id").sort_values("starts_at")
    cars = drove.drop_duplicates(DRIVER, keep="last")[[DRIVER, TEAM]]
    cars = cars[~cars[DRIVER].isin(spine[DRIVER])].sort_values(DRIVER, ignore_index=True)
    facts: Mapping[str, Any] = spine.iloc[0].drop([DRIVER, TEAM]).to_dict()
    return cars.assign(**facts)[list(spine.columns)].astype(spine.dtypes.to_dict())
