"""The one place that chooses the real adapters. Each import happens on use: feast alone costs six seconds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pitwall.domain.params import Params, load_params
from pitwall.domain.ports import (
    Accounts,
    DataVersions,
    FeatureReader,
    History,
    Market,
    People,
    Record,
    Registry,
    RunEditor,
    RunReader,
    RunRecord,
    RunSweeper,
    Scratch,
    Tracker,
)
from pitwall.domain.project import Project
from pitwall.domain.refs import DataRef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pitwall.adapters.alerts.machinery.journal import AlertJournal
    from pitwall.adapters.alerts.machinery.sink import Sink
    from pitwall.adapters.mlflow.health import Trouble
    from pitwall.adapters.mlflow.move import Move
    from pitwall.adapters.spool.sync import Sent
    from pitwall.adapters.spool.waiting import Waiting
    from pitwall.adapters.upgrade import Step
    from pitwall.domain.records.alerts import Alert
    from pitwall.domain.settings import SinkSettings


def params(project: Project) -> Params:
    """Return the project's parameters."""
    return load_params(project.params)


def tracker(project: Project) -> Tracker:
    """Return the MLflow run store of the project."""
    from pitwall.adapters.mlflow.tracker import MlflowTracker

    return MlflowTracker(project)


def runs(project: Project) -> RunReader:
    """Return the reading side of the project's MLflow run store."""
    from pitwall.adapters.mlflow.runs import MlflowRuns

    return MlflowRuns(project)


def spooling(project: Project, tracker: Tracker, runs: RunReader) -> tuple[Tracker, RunReader]:
    """Return both sides of a run store with the project's journals behind them, for when it is away."""
    from pitwall.adapters.mlflow.store import ask_once
    from pitwall.adapters.spool.reader import SpooledRuns
    from pitwall.adapters.spool.tracker import SpoolingTracker

    ask_once()
    return SpoolingTracker(tracker, project), SpooledRuns(runs, project)


def send_spooled(project: Project, tracker: Tracker) -> list[Sent]:
    """Send to the project's run store what its journals hold."""
    from pitwall.adapters.mlflow.runs import MlflowRuns
    from pitwall.adapters.mlflow.store import ask_once
    from pitwall.adapters.spool.sync import sync

    ask_once()
    return sync(project, tracker, MlflowRuns(project))


def spooled(project: Project) -> Waiting:
    """Return what the project's journals hold."""
    from pitwall.adapters.spool.waiting import waiting

    return waiting(project)


def run_sweeper(project: Project) -> RunSweeper:
    """Return what removes runs from the project's MLflow store."""
    from pitwall.adapters.mlflow.sweeper import MlflowSweeper

    return MlflowSweeper(project)


def run_editor(project: Project) -> RunEditor:
    """Return what edits the runs of the project's MLflow store."""
    from pitwall.adapters.mlflow.logbook.editor import MlflowEditor

    return MlflowEditor(project)


def search_runs(project: Project, condition: str, experiment: str | None) -> list[RunRecord]:
    """Return the runs of the project's MLflow store that a condition of MLflow's filter language holds for."""
    from pitwall.adapters.mlflow.logbook.searching import search_store

    return search_store(project, condition, experiment)


def matching_runs(records: list[RunRecord], condition: str) -> list[RunRecord]:
    """Return those of some runs that such a condition holds for."""
    from pitwall.adapters.mlflow.logbook.searching import matching

    return matching(records, condition)


def names_of(condition: str) -> dict[str, list[str]]:
    """Return the metrics, parameters, tags and attributes that such a condition asks for."""
    from pitwall.adapters.mlflow.logbook.searching import names_of as of

    return of(condition)


def store_troubles(project: Project) -> list[Trouble]:
    """Return what is unsafe or left behind in the project's run store."""
    from pitwall.adapters.mlflow.health import troubles

    return troubles(project)


def moves(project: Project) -> list[Move]:
    """Return how often the project was moved or copied to where it is, oldest first."""
    from pitwall.adapters.mlflow.move import moves as of

    return of(project)


def move_store(project: Project, before: Path | None) -> list[Move]:
    """Let the runs of a project that was moved lead to its own files; return all its moves."""
    from pitwall.adapters.mlflow.store import move_store as move

    return move(project, before)


def upgrade(project: Project, dry_run: bool) -> list[Step]:
    """Bring a project that the version before made along; return what was done, or in a dry run would be."""
    from pitwall.adapters.upgrade import upgrade as run

    return run(project, dry_run=dry_run)


def registry(project: Project) -> Registry:
    """Return the MLflow model registry of the project."""
    from pitwall.adapters.mlflow.registry import MlflowRegistry

    return MlflowRegistry(project)


def history(project: Project, registry: Registry) -> History:
    """Return the history of the project's model versions, whose heads the registry remembers."""
    from pitwall.adapters.promotion_history import PromotionHistory

    return PromotionHistory(project, registry)


def record(project: Project, registry: Registry) -> Record:
    """Return the track record of the project's forecasts, whose head the registry remembers."""
    from pitwall.adapters.forecast_record import ForecastRecord

    return ForecastRecord(project, registry)


def accounts(project: Project) -> Accounts:
    """Return the accounts of the project's API."""
    from pitwall.adapters.accounts.store import SqlAccounts

    return SqlAccounts(project)


def people(project: Project) -> People:
    """Return the accounts of those who log in to the project's pages."""
    from pitwall.adapters.accounts.people.store import SqlPeople

    return SqlPeople(project)


def market(project: Project) -> Market:
    """Return what is shared, downloaded and rated in the project."""
    from pitwall.adapters.hub.market import SqlMarket

    return SqlMarket(project)


def feature_reader(project: Project) -> FeatureReader:
    """Return the Feast store of the project."""
    from pitwall.adapters.feast.store import FeastStore

    return FeastStore(project)


def data_versions(project: Project) -> DataVersions:
    """Return the DVC repository of the project."""
    from pitwall.adapters.dvc_repo import DvcRepo

    return DvcRepo(project)


def scratch(project: Project, name: str) -> Scratch:
    """Return the throw-away copy of the project with a name."""
    from pitwall.adapters.scratch import ScratchProject

    return ScratchProject(project, name)


def provenance(project: Project, versions: DataVersions) -> dict[str, str]:
    """Return what a run is tagged with: commit, versions, lock files, and what is uncommitted or not up to date.

    Inside a DVC stage nobody asks DVC: what the stage depends on has just been brought up to date.
    """
    from pitwall.adapters.dvc_repo import DATA_STAGES
    from pitwall.adapters.git import provenance as of

    inside = "DVC_STAGE" in os.environ
    return of(project, () if inside else versions.stale(DATA_STAGES))


def data_ref(project: Project, params: Params, versions: DataVersions) -> DataRef:
    """Return which data the project holds: commit, hash of each data output, instant of the newest snapshot."""
    from pitwall.adapters.git import code_state

    chosen = {f"data/raw/{name}" for name in params.sources}
    hashes = versions.hashes()
    in_use = {path: md5 for path, md5 in hashes.items() if path in chosen or not path.startswith("data/raw/")}
    snapshots = sorted(found.name for path in chosen for found in (project.root / path).glob("[0-9]*"))
    until = snapshots[-1].split("-")[0] if snapshots else ""
    return DataRef(code_state(project.root).commit, in_use, until)


def run_page(project: Project, run_id: str) -> str:
    """Return where the MLflow server of `pitwall ui` shows a run."""
    from pitwall.adapters.mlflow.store import run_page as page

    return page(project, run_id)


def save_view(project: Project, experiment: str, columns: list[str], tags: list[str]) -> str | None:
    """Keep a choice of columns for an experiment's runs; return the page's address below the MLflow server's, None without runs."""
    from pitwall.adapters.mlflow.pages.views import save_view as save

    return save(project, experiment, columns, tags)


def alert_journal(project: Project) -> AlertJournal:
    """Return where the project's alerts are kept."""
    from pitwall.adapters.alerts.machinery.journal import AlertJournal

    return AlertJournal(project)


def alert_sinks() -> Mapping[str, Sink]:
    """Return the places that alerts can go to, by name."""
    from pitwall.adapters.alerts import sinks

    return sinks()


def send_alert(alert: Alert, sink: SinkSettings, allow_hosts: Sequence[str]) -> None:
    """Send an alert to one sink; raise AlertError where it does not get there."""
    from pitwall.adapters.alerts import send

    send(alert, sink, allow_hosts)
