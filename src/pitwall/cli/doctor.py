"""`pitwall doctor`: the layers of the house, the state of each, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import typer

from pitwall.cli._output import JsonOption, console, table, write_json
from pitwall.domain.errors import PitwallError

if TYPE_CHECKING:
    from pitwall.domain.params import Params
    from pitwall.domain.project import Project

State = Literal["ok", "stale", "empty", "off", "broken"]


@dataclass(frozen=True)
class Layer:
    """One layer: the tool that owns it, its state, what was found, and what to do (empty when all is well)."""

    layer: str
    tool: str
    state: State
    found: str
    do: str = ""


def doctor(json_file: JsonOption = None) -> None:
    """Show the layers of the house with the state of each and what to do; exit code 1 if one is broken."""
    from pitwall import wiring
    from pitwall.adapters.installation.code_file import write_code_file
    from pitwall.domain.project import find_project

    project = find_project()
    write_code_file(project)  # also where nothing was run yet, so that nobody else asks DVC
    layers = list(examine(project, wiring.params(project)))
    rows = [(layer.layer, layer.tool, layer.state, layer.found, layer.do) for layer in layers]
    console(json_file).print(table("Pitwall", ["layer", "tool", "state", "found", "what to do"], rows))
    write_json({"layers": [asdict(layer) for layer in layers]}, json_file)
    if any(layer.state == "broken" for layer in layers):
        raise typer.Exit(1)


def examine(project: Project, params: Params) -> Iterator[Layer]:
    """Look at every layer; a layer that raises is broken, and the others are looked at all the same."""
    checks: list[tuple[str, str, Callable[[Project, Params], Layer]]] = [
        ("data", "DVC", _data),
        ("features", "Feast", _features),
        ("run store", "MLflow", _store),
        ("training", "MLflow", _training),
        ("registry", "MLflow", _registry),
        ("forecasts", "files", _forecasts),
        ("orchestration", "Prefect", _orchestration),
    ]
    for layer, tool, check in checks:
        try:
            yield check(project, params)
        except PitwallError as error:
            yield Layer(layer, tool, "broken", str(error), "see the message")


def _data(project: Project, params: Params) -> Layer:
    from pitwall import wiring
    from pitwall.adapters.dvc_repo import DATA_STAGES

    source = " and ".join(sorted(params.sources))
    if not project.tables.is_dir():
        return Layer("data", "DVC", "empty", f"source {source}, no tables yet", "dvc repro tables")
    stale = wiring.data_versions(project).stale(DATA_STAGES)
    if stale:
        return Layer("data", "DVC", "stale", f"source {source}; not up to date: {', '.join(stale)}", "dvc repro frames")
    snapshots = sum(1 for name in params.sources for _ in (project.raw / name).glob("[0-9]*"))
    return Layer("data", "DVC", "ok", f"source {source}, {snapshots} snapshot(s), tables and frames up to date")


def _features(project: Project, _params: Params) -> Layer:
    from pitwall.adapters.feast.online_slots import OnlineSlots

    files = sorted(project.features.glob("*.parquet")) if project.features.is_dir() else []
    if not files:
        return Layer("features", "Feast", "empty", "no features yet", "dvc repro features")
    found = f"{len(files)} feature groups: {', '.join(path.stem for path in files)}"
    served = OnlineSlots(project).served()
    if not served:
        return Layer("features", "Feast", "stale", f"{found}; online store empty", "pitwall run race-weekend")
    instants = ", ".join(f"{each.service} as of {each.cutoff:%Y-%m-%d %H:%M}" for each in served)
    return Layer("features", "Feast", "ok", f"{found}; online: {instants}")


def _store(project: Project, _params: Params) -> Layer:
    """Say where runs are remembered, what is unsafe there, and which runs a killed process left open."""
    from pitwall import wiring
    from pitwall.domain.settings import store_address

    address, moved = store_address(project).uri, ""
    troubles = wiring.store_troubles(project)
    if past := wiring.moves(project):
        moved = f"; moved or copied here from {past[-1].before} ({past[-1].at[:10]}), its addresses rewritten"
    if troubles:
        found = "; ".join(each.found for each in troubles)
        return Layer(
            "run store", "MLflow", "stale", f"{address}: {found}{moved}", "; ".join(each.do for each in troubles)
        )
    found = f"{address}: answers; pickles refused; no run left open by the dead"
    return Layer("run store", "MLflow", "ok", f"{found}{moved}")


def _training(project: Project, params: Params) -> Layer:
    from pitwall import wiring
    from pitwall.ml.models.machinery.names import model_names

    names = model_names(params)
    missing = [name for name in names if not project.model(name).is_dir()]
    if missing:
        return Layer("training", "MLflow", "empty", f"not trained: {', '.join(missing)}", f"pitwall train {missing[0]}")
    stale = wiring.data_versions(project).stale([f"train@{name}" for name in names])
    if stale:
        return Layer("training", "MLflow", "stale", f"not up to date: {', '.join(stale)}", "pitwall run race-weekend")
    return Layer("training", "MLflow", "ok", f"trained and up to date: {', '.join(names)}")


def _registry(project: Project, params: Params) -> Layer:
    """Say who the champions are; a model that DVC restored and MLflow lacks is registered on the way."""
    from pitwall import wiring
    from pitwall.ml.models.machinery.names import model_names
    from pitwall.ml.training.registration import sync
    from pitwall.ml.training.training_job import training_job

    registry = wiring.registry(project)
    for name in model_names(params):
        if project.model(name).is_dir():
            sync(training_job(project, params, name), wiring.tracker(project), registry, wiring.provenance(project))
    champions = {name: registry.alias(name, "champion") for name in model_names(params)}
    found = ", ".join(f"{name}: {f'version {held.version}' if held else 'none'}" for name, held in champions.items())
    if without := [name for name, held in champions.items() if held is None]:
        return Layer("registry", "MLflow", "empty", f"champion of {found}", f"pitwall promote {without[0]}")
    return Layer("registry", "MLflow", "ok", f"champion of {found}")


def _forecasts(project: Project, _params: Params) -> Layer:
    """Say whether the stored forecasts are as they were written."""
    from pitwall.domain.records.stored_forecasts import stored_forecasts

    stored = stored_forecasts(project)
    if not stored:
        return Layer("forecasts", "files", "empty", "none stored yet", "pitwall forecast")
    if changed := [each.remark for each in stored if each.trouble]:
        found = f"{len(changed)} of {len(stored)} stored forecasts are not as they were written: {'; '.join(changed)}"
        return Layer("forecasts", "files", "broken", found, "put back a copy from before, or move the file away")
    undated = sum(not each.dated for each in stored)
    older = f"; {undated} of an earlier version, whose date nothing covers" if undated else ""
    return Layer("forecasts", "files", "ok", f"{len(stored)} stored, all as they were written{older}")


def _orchestration(project: Project, params: Params) -> Layer:
    from pitwall.adapters.processes.lock import holder
    from pitwall.adapters.processes.prefect_server import running_server

    url = running_server(project)
    busy = holder(project)
    found = f"server at {url}" if url else "no server runs"
    found += f"; at work: {busy}" if busy else f"; schedule {params.schedule.race_weekend} UTC"
    if url:
        return Layer("orchestration", "Prefect", "ok", found)
    return Layer("orchestration", "Prefect", "off", found, "python -m flows.deployments, or pitwall ui")
