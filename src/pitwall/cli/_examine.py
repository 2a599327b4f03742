"""How to find out the state of every part of the stack that is built; each check is asked alone and may raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pitwall.cli.machinery.found import Found
from pitwall.cli.machinery.strangers import notebooks

if TYPE_CHECKING:
    from pitwall.workflows.workspace import Workspace


def _data(workspace: Workspace) -> Found:
    from pitwall.adapters.dvc_repo import DATA_STAGES

    project, params = workspace.project, workspace.params
    source = " and ".join(sorted(params.sources))
    if not project.tables.is_dir():
        return Found("empty", f"source {source}, no tables yet", "dvc repro tables")
    stale = workspace.versions.stale(DATA_STAGES)
    if stale:
        return Found("stale", f"source {source}; not up to date: {', '.join(stale)}", "dvc repro frames")
    snapshots = sum(1 for name in params.sources for _ in (project.raw / name).glob("[0-9]*"))
    return Found("ok", f"source {source}, {snapshots} snapshot(s), tables and frames up to date")


def _features(workspace: Workspace) -> Found:
    from pitwall.adapters.feast.online_slots import OnlineSlots

    project = workspace.project
    files = sorted(project.features.glob("*.parquet")) if project.features.is_dir() else []
    if not files:
        return Found("empty", "no features yet", "dvc repro features")
    found = f"{len(files)} feature groups (pitwall features list)"
    served = OnlineSlots(project).served()
    if not served:
        return Found("stale", f"{found}; online store empty", "pitwall run race-weekend")
    instants = ", ".join(f"{each.service} as of {each.cutoff:%Y-%m-%d %H:%M}" for each in served)
    return Found("ok", f"{found}; online: {instants}")


def _store(workspace: Workspace) -> Found:
    """Say where runs are remembered, what is unsafe there, which runs a killed process left open, and what waits to be sent."""
    from pitwall.domain.errors import TrackingError
    from pitwall.domain.settings import store_address
    from pitwall.workflows import offline, upkeep

    project, waits = workspace.project, offline.waiting(workspace)
    address, moved = store_address(project).uri, ""
    try:
        troubles = upkeep.store_troubles(workspace)
    except TrackingError as error:  # what waits is named all the same
        said = [str(error), waits.words()]
        return Found("broken", " ".join(filter(None, said)), waits.do() or "see the message")
    if past := upkeep.moves(workspace):
        moved = f"; moved or copied here from {past[-1].before} ({past[-1].at[:10]}), its addresses rewritten"
    if troubles or waits.words():
        found = "; ".join(filter(None, [*(each.found for each in troubles), waits.words()]))
        do = "; ".join(filter(None, [*(each.do for each in troubles), waits.do()]))
        return Found("stale", f"{address}: {found}{moved}", do)
    found = f"{address}: answers; pickles refused; no orphaned runs"
    return Found("ok", f"{found}{moved}")


def _training(workspace: Workspace) -> Found:
    from pitwall.ml.models.machinery.names import model_names

    project, params = workspace.project, workspace.params
    names = model_names(params)
    missing = [name for name in names if not project.model(name).is_dir()]
    if missing:
        return Found("empty", f"not trained: {', '.join(missing)}", f"pitwall train {missing[0]}")
    stale = workspace.versions.stale([f"train@{name}" for name in names])
    if stale:
        return Found("stale", f"not up to date: {', '.join(stale)}", "pitwall run race-weekend")
    return Found("ok", f"trained and up to date: {', '.join(names)}")


def _registry(workspace: Workspace) -> Found:
    """Say who the champions are; a model that DVC restored and MLflow lacks is registered on the way."""
    from pitwall.ml.models.machinery.names import model_names
    from pitwall.workflows.judge import registered

    names = model_names(workspace.params)
    if trained := [name for name in names if workspace.project.model(name).is_dir()]:
        provenance = workspace.provenance()  # asks DVC what is stale, which takes its time
        for name in trained:
            registered(workspace, name, provenance)
    champions = {name: workspace.registry.alias(name, "champion") for name in names}
    found = ", ".join(f"{name}: {f'version {held.version}' if held else 'none'}" for name, held in champions.items())
    if without := [name for name, held in champions.items() if held is None]:
        return Found("empty", f"champion of {found}", f"pitwall promote {without[0]}")
    return Found("ok", f"champion of {found}")


def _forecasts(workspace: Workspace) -> Found:
    """Say whether the stored forecasts are as they were written."""
    from pitwall.domain.records.stored_forecasts import stored_forecasts

    project = workspace.project
    stored = stored_forecasts(project)
    if not stored:
        return Found("empty", "none stored yet", "pitwall forecast")
    if changed := [each.remark for each in stored if each.trouble]:
        found = f"{len(changed)} of {len(stored)} stored forecasts are not as they were written: {'; '.join(changed)}"
        return Found("broken", found, "put back a copy from before, or move the file away")
    if breaks := workspace.record.verify():
        found = f"the track record is not as it was written: {'; '.join(each.reason for each in breaks)}"
        return Found("broken", found, "pitwall record verify")
    undated = sum(not each.dated for each in stored)
    older = f"; {undated} of an earlier version, whose date nothing covers" if undated else ""
    return Found("ok", f"{len(stored)} stored, all as they were written{older}")


def _orchestration(workspace: Workspace) -> Found:
    from pitwall.adapters.processes.lock import holder
    from pitwall.adapters.processes.prefect_server import running_server

    project, params = workspace.project, workspace.params
    url = running_server(project)
    busy = holder(project)
    found = f"server at {url}" if url else "no server runs"
    found += f"; at work: {busy}" if busy else f"; weekly at {params.schedule.race_weekend} {params.schedule.timezone}"
    if url:
        return Found("ok", found)
    return Found("off", found, "pitwall up follows the schedule, pitwall ui only shows")


def _tables(workspace: Workspace) -> Found:
    """Say how many tables passed their schemas, and how many rows were set aside."""
    project = workspace.project
    import pyarrow.parquet as pq

    files = sorted(project.tables.glob("*.parquet")) if project.tables.is_dir() else []
    if not files:
        return Found("empty", "no tables yet", "dvc repro tables")
    rows = {path.stem: int(pq.read_metadata(path).num_rows) for path in files}
    aside = rows.pop("quarantine", 0)
    found = f"{len(rows)} tables with {sum(rows.values()):,} rows keep to their schemas; set aside: {aside:,}"
    return Found("ok", found, "pitwall data status --rows 3" if aside else "")


def _search(workspace: Workspace) -> Found:
    tuning = workspace.params.tuning
    if tuning.trials == 1:
        return Found("off", "tuning.trials is 1: the default configuration is taken", "tuning.trials in params.yaml")
    return Found(
        "ok", f"{tuning.trials} trials a model, the first is the default, {tuning.startup_trials} before TPE learns"
    )


def _configuration(workspace: Workspace) -> Found:
    project, params = workspace.project, workspace.params
    return Found("ok", f"{project.params.name}: every key known and valid; seed {params.seed}")


def _artifacts(workspace: Workspace) -> Found:
    """Say how much is kept of runs and models; a server keeps its own."""
    from pitwall.domain.settings import store_address

    project = workspace.project
    if store_address(project).kind == "server":
        return Found("ok", "kept by the MLflow server of the run store")
    folder = project.mlruns / "artifacts"
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    if not sizes:
        return Found("empty", "no artifacts yet", "pitwall run race-weekend")
    return Found("ok", f"{len(sizes):,} files, {sum(sizes) / 1e6:.0f} MB in {folder.relative_to(project.root)}")


def _logs(workspace: Workspace) -> Found:
    project = workspace.project
    logs = sorted((project.state / "logs").glob("*.log"))
    if not logs:
        return Found("empty", "no log yet: a flow that pitwall starts keeps one", "pitwall run race-weekend")
    return Found("ok", f"{len(logs)} logs, the newest {logs[-1].relative_to(project.root)}")


def _alerts(workspace: Workspace) -> Found:
    """Say which sinks there are, and how many alerts have not reached one."""
    from pitwall.domain.records.alerts import SENT
    from pitwall.domain.settings import local_settings
    from pitwall.workflows.logbook.alerts import kept

    sinks = [each.sink for each in local_settings(workspace.project.settings).alerts.sinks]
    told = kept(workspace)
    found = f"{len(told)} kept; sinks: {', '.join(sinks) or 'none'}"
    if lost := sum(any(outcome != SENT for outcome in each.sinks.values()) for each in told):
        return Found("stale", f"{found}; {lost} did not reach every sink", "pitwall exp alert resend")
    return Found("ok" if sinks else "off", found, "" if sinks else "alerts of settings.local.yaml; docs/alerts.md")


def _model_server(workspace: Workspace) -> Found:
    """Say which versions servers answer with, whether each is whole and the champion's, and whether the next race can be asked about."""
    from pitwall.domain.errors import PitwallError
    from pitwall.workflows.serving.bundle import load_bundle
    from pitwall.workflows.serving.places import Place, served_names

    names, broken, stale = served_names(workspace.project), [], []
    if not names:
        return Found("empty", "nothing is exported that a server could answer from", "pitwall run race-weekend")
    live = {name: Place(workspace.project, name) for name in names}
    for name, place in live.items():
        try:
            load_bundle(workspace.job(name), place.version(place.named() or 0))
        except PitwallError as error:
            broken.append(f"{name}: {error}")
    if broken:
        return Found("broken", "; ".join(broken), "pitwall serve --export")
    for name in workspace.registry.models():
        champion, version = workspace.registry.alias(name, "champion"), Place(workspace.project, name).named()
        if champion is not None and champion.version != version:
            stale.append(f"{name}: the champion is version {champion.version}, live is {version or 'none'}")
    if stale := [*stale, *(f"{name} {lack}" for name in names if (lack := _lacking(workspace, name)))]:
        return Found("stale", "; ".join(stale), "pitwall serve --export")
    versions = ", ".join(f"{name}: version {place.named()}" for name, place in live.items())
    return Found("ok", f"live, whole, and answering their examples: {versions}")


def _lacking(workspace: Workspace, name: str) -> str:
    """Say what a model could be asked about and was not exported; empty where nothing lacks."""
    from pitwall.domain.tables import load_tables
    from pitwall.domain.when import CUTOFF_COLUMN
    from pitwall.ml.data.calendar import READS, next_race
    from pitwall.ml.forecasting.answering import STAGES, known_stage
    from pitwall.workflows.serving.catalogue import Catalogue
    from pitwall.workflows.serving.places import Place

    job = workspace.job(name)
    if not Catalogue(workspace.project).races(name):
        return "has no race that it could be asked about"
    if job.stage not in CUTOFF_COLUMN:
        return ""
    tables = load_tables(workspace.project.tables, list(READS))
    race = next_race(tables, job.stage, workspace.params)
    if race is None or STAGES.index(known_stage(tables, race)) < STAGES.index(job.stage):
        return ""
    there = Place(workspace.project, name).vectors(race.label, job.stage).is_file()
    return "" if there else f"has no vectors of the next race, {race.label}"


def _load(workspace: Workspace) -> Found:
    from pitwall.domain.settings import local_settings

    settings = local_settings(workspace.project.settings).serving
    found = f"a worker remembers {settings.cache:,} answers and lets {settings.waiting} questions wait"
    return Found("ok", f"{found}; workers share a port (pitwall serve --workers N)")


def _metrics(workspace: Workspace) -> Found:
    from pitwall.workflows.serving.shelf import counts

    counted = counts(workspace.project)
    if not counted:
        return Found("empty", "nothing was counted yet that a server could tell", "pitwall run race-weekend")
    return Found("ok", f"GET /metrics of pitwall serve; {', '.join(f'{n} {value:,}' for n, value in counted.items())}")


def _drift(workspace: Workspace) -> Found:
    """Say what the newest page of the monitoring found."""
    from pitwall.workflows.monitoring.pages.shelf import newest

    if (page := newest(workspace.project)) is None:
        return Found("empty", "no page yet", "pitwall monitor")
    found = f"{page['page']}: {page['verdict']}; as of {page['at'][:16]} UTC"
    return Found("stale", found, "read the page") if page["alarms"] else Found("ok", found)


CHECKS: dict[str, Callable[[Workspace], Found]] = {
    "data": _data,
    "tables": _tables,
    "features": _features,
    "orchestration": _orchestration,
    "run store": _store,
    "search": _search,
    "configuration": _configuration,
    "training": _training,
    "notebooks": notebooks,
    "registry": _registry,
    "artifacts": _artifacts,
    "forecasts": _forecasts,
    "model server": _model_server,
    "load": _load,
    "logs": _logs,
    "drift": _drift,
    "alerts": _alerts,
    "metrics": _metrics,
}
