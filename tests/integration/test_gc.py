"""Throwing away: a planted reference of each kind is enough to stay, and only what has none goes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from pitwall import wiring
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.mlflow.sweeper import MlflowSweeper
from pitwall.cli.gc import clean, gc
from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.params import Params, parse_params
from pitwall.domain.project import Project
from pitwall.domain.settings import VARIABLE
from pitwall.ml.registry.promotion import ensure_champion
from pitwall.sources import chosen_sources
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot
from pitwall.testing.worlds.project import TinyProject
from pitwall.tracking.garbage.holders import holders
from pitwall.tracking.garbage.inventory import raw_snapshots, take_stock
from pitwall.tracking.garbage.plan import Plan, Rule, plan
from pitwall.tracking.garbage.sweep import sweep
from pitwall.workflows.upkeep import throw_away
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

MODEL = "order-pre_race"
ROWS = pd.DataFrame({"race_id": [7, 7], "driver_id": [1, 2], "grid": [1.0, 2.0]})
START, FAR_FUTURE = datetime(2024, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)  # all is old by then


class Data:
    """DVC as far as it is asked here."""

    def __init__(self) -> None:
        self.committed: list[str] = []

    def stale(self, stages: Sequence[str]) -> list[str]:
        """Return those that would run again: none."""
        return []

    def commit(self, stage: str) -> None:
        """Remember it."""
        self.committed.append(stage)


def world(seed: int) -> Params:
    return parse_params({"sources": {"synthetic": {"seasons": 2, "teams": 4, "races": 3, "seed": seed}}})


def snapshot(project: Project, seed: int, day: int) -> Snapshot:
    params = world(seed)
    (source,) = chosen_sources(params)
    when = START + timedelta(days=day)
    taken = take_snapshot(source, None, source.settings(params), project.raw, now=when, previous=None)
    assert taken is not None
    return taken


def train(project: Project, name: str, snapshots: Sequence[str], *, model: bool = True) -> str:
    """Log what a training logs: a run with a trial, a manifest that names snapshots, a registered model."""
    house = Workspace(project)
    tracker, registry = house.tracker, house.registry
    run = tracker.start("pitwall-order", name, {"pitwall.model": MODEL})
    tracker.finish(tracker.start("pitwall-order", "trial 0", {}, parent=run), "FINISHED")
    folder = project.root / "scratch" / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"data": {"snapshots": {"synthetic": list(snapshots)}}}))
    tracker.files(run, folder / "manifest.json", "manifest")
    if model:
        (folder / "recipe.json").write_text(json.dumps({"name": name}))
        registry.register(MODEL, run, folder, ROWS, {"role": "baseline"})
    tracker.finish(run, "FINISHED")
    return run


def planned(project: Project, params: Params) -> Plan:
    house = Workspace(project)
    runs, registry, history = house.runs, house.registry, house.history
    raw = raw_snapshots(project)
    held = holders(project, params, runs, registry, history, raw=raw)
    return plan(take_stock(project, runs, registry, raw), held, Rule(0, 0), FAR_FUTURE)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv(VARIABLE, raising=False)
    return Project(tmp_path)


def test_a_reference_of_each_kind_holds_on_and_the_rest_goes(project: Project) -> None:
    named, unnamed, newest = (snapshot(project, seed=1, day=day) for day in (1, 2, 3))
    used = [snapshot(project, seed=2, day=day) for day in (4, 5)]
    house = Workspace(project)
    registry, history = house.registry, house.history
    runs = {
        name: train(project, name, [named.name], model=name in {"history", "alias", "version tag"})
        for name in ("history", "alias", "version tag", "card", "tag", "open", "restored")
    }
    gone = train(project, "gone", [unnamed.name])
    versions = {each.run_id: each.version for each in registry.versions(MODEL)}

    ensure_champion(registry, history, registry.get(MODEL, versions[runs["history"]]))
    registry.drop_alias(MODEL, "champion")
    registry.set_alias(MODEL, "staging", versions[runs["alias"]])
    registry.tag(MODEL, versions[runs["version tag"]], {"pitwall.keep": "shown to the board"})
    card = project.reports / "cards" / MODEL / "card.md"
    card.parent.mkdir(parents=True)
    card.write_text(f"Trained in run `{runs['card']}`.")
    Workspace(project).tracker.tag(runs["tag"], {"pitwall.keep": "", "pitwall.restored_from": runs["restored"]})
    open_store(project).update_run(runs["open"], status="RUNNING")
    old_log, cache = project.state / "prefect-server.log", project.state / "features" / "table.parquet"
    cache.parent.mkdir(parents=True)
    for path in (old_log, cache):
        path.write_text("words")

    made = planned(project, world(2))
    assert {name: made.stays.get(run) for name, run in runs.items()} == {
        "history": f"row 1 of the history names {MODEL} {versions[runs['history']]}",
        "alias": f"staging of {MODEL}",
        "version tag": f"{MODEL} {versions[runs['version tag']]} has the tag pitwall.keep",
        "card": f"the card reports/cards/{MODEL}/card.md names it",
        "tag": "it has the tag pitwall.keep",
        "open": "it is still open",
        "restored": f"run {runs['tag']} leads to it",
    }
    assert made.stays[named.name].startswith("run ")
    assert made.stays[newest.name].startswith("the newest of synthetic")
    assert {made.stays[each.name] for each in used} == {"the tables are made from it"}
    assert [each.name for each in made.goes] == [
        gone,
        unnamed.name,
        ".pitwall/prefect-server.log",
        ".pitwall/features",
    ]

    data = Data()
    fetched = registry.fetch(MODEL, versions[runs["alias"]])
    sweep(project, world(2), made, MlflowSweeper(project), data)  # type: ignore[arg-type]
    assert data.committed == ["ingest@synthetic", "tables"]
    assert [each.name for each in raw_snapshots(project)] == [named.name, newest.name, *(each.name for each in used)]
    assert not old_log.exists()
    assert not cache.exists()
    assert fetched.is_dir()
    assert {each.run_id for each in Workspace(project).runs.all()} == set(runs.values())
    assert {each.run_id for each in registry.versions(MODEL)} == {run for run in versions if run != gone}
    with pytest.raises(UnknownName):
        registry.get(MODEL, versions[gone])
    left = [path for path in (project.mlruns / "artifacts").rglob("*") if path.is_file() and gone in str(path)]
    assert left == []
    assert planned(project, world(2)).goes == tuple(
        each for each in planned(project, world(2)).goes if each.kind == "cache"
    )


def test_a_kept_run_without_manifest_keeps_every_snapshot_that_it_may_have_read(project: Project) -> None:
    before, after = snapshot(project, seed=1, day=1), snapshot(project, seed=1, day=400_000)
    snapshot(project, seed=1, day=400_001)
    run = Workspace(project).tracker.start("pitwall-order", "old", {"pitwall.keep": ""})
    made = planned(project, world(2))
    assert made.stays[before.name] == f"run {run} leads to it"
    assert after.name in [each.name for each in made.goes]


def test_a_version_that_got_an_alias_meanwhile_is_not_removed(project: Project) -> None:
    run = train(project, "late", [])
    Workspace(project).registry.set_alias(MODEL, "champion", 1)
    with pytest.raises(TrackingError, match="holds an alias"):
        MlflowSweeper(project).sweep(run)
    assert Workspace(project).registry.alias(MODEL, "champion") is not None


def test_the_command_throws_nothing_away_unasked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PITWALL_HOME", str(project.root))
    project.params.write_text("seed: 7\n")
    (project.root / "dvc.yaml").write_text("stages: {}\n")
    run, told = train(project, "old", [], model=False), project.root / "told.json"
    log = project.state / "prefect-server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("words")
    os.utime(log, (0, 0))
    for dry_run in (True, False):
        gc(keep=0, older_than=0, dry_run=dry_run, yes=False, json_file=str(told))
        said = json.loads(told.read_text())
        goes = [each["name"] for each in said["goes"]]
        assert (said["swept"], goes) == (False, [run, ".pitwall/prefect-server.log"])
    clean(keep=0, older_than=0, dry_run=False, yes=True, json_file=str(told))
    said = json.loads(told.read_text())
    assert (said["swept"], [each["name"] for each in said["goes"]]) == (True, [run])
    assert Workspace(project).runs.all() == []
    assert log.is_file(), "only runs are cleaned"
    gc(keep=0, older_than=0, dry_run=False, yes=True, json_file=str(told))
    assert not log.exists()

    enthrone = train(project, "champion", [])
    house = Workspace(project)
    registry, history = house.registry, house.history
    ensure_champion(registry, history, registry.get(MODEL, 1))
    lines = (project.mlruns / "promotions.jsonl").read_text()
    (project.mlruns / "promotions.jsonl").write_text(lines.replace("no champion yet", "no champion ever"))
    with pytest.raises(TrackingError, match="nothing is thrown away"):
        gc(keep=0, older_than=0, dry_run=False, yes=True, json_file=str(told))
    assert [each.run_id for each in Workspace(project).runs.all()] == [enthrone]


def test_an_archived_run_stays_with_what_it_read(project: Project) -> None:
    (project.root / "params.yaml").write_text("seed: 7\n")
    read, unread, _ = (snapshot(project, seed=1, day=day) for day in (1, 2, 3))
    run = train(project, "hidden", [read.name], model=False)
    wiring.run_editor(project).archive(run)
    with Workspace(project) as house:
        made, _ = throw_away(house, Rule(0, 0), lambda _: False)
    assert (made.stays[run], made.stays[read.name]) == ("it is archived", f"run {run} leads to it")
    assert unread.name in [each.name for each in made.goes]


def test_the_command_leaves_dvc_with_nothing_to_do(empty_project: TinyProject) -> None:
    empty_project.dvc("repro", "tables")
    folder, old = empty_project.root / "data" / "raw" / "synthetic", "20200101T000000-00000000"
    (used,) = (path for path in folder.iterdir() if path.is_dir())
    for name in (old, "20200102T000000-00000000"):  # of another world; the newest of it stays
        manifest = json.loads((shutil.copytree(used, folder / name) / "manifest.json").read_text())
        changed = {**manifest, "world": "another", "fetched_at": f"{name[:4]}-{name[4:6]}-{name[6:8]}T00:00:00+00:00"}
        (folder / name / "manifest.json").write_text(json.dumps(changed))
    empty_project.dvc("commit", "-f", "ingest@synthetic", "tables")

    told = json.loads(empty_project.pitwall("gc", "--keep", "0", "--yes", "--json", "-").stdout)
    assert [each["name"] for each in told["goes"]] == [old]
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {used.name, "20200102T000000-00000000"}
    assert "up to date" in empty_project.dvc("status", "tables").stdout
