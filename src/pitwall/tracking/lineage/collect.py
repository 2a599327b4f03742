"""Gather the graph from those who own its facts: run store, registry, history, DVC, and the records of what was answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pitwall.domain.access.sharing import ORIGIN_TAG, Origin
from pitwall.domain.errors import TrackingError, UsageError
from pitwall.domain.ports import DataVersions, History, ModelVersion, Registry, RunReader, RunRecord
from pitwall.domain.project import Project
from pitwall.domain.records.stored_forecasts import STRATEGY, StoredForecast, stored_forecasts
from pitwall.tracking.lineage.data import FRAMES, SHORT, add_commit, add_frame, add_outputs
from pitwall.tracking.lineage.graph import Graph, Node
from pitwall.tracking.manifest import RunManifest, of_run
from pitwall.tracking.sections.unknown import is_unknown

UNKNOWN = "unknown"


def collect(project: Project, runs: RunReader, registry: Registry, history: History, versions: DataVersions) -> Graph:
    """Return the graph of everything that the project knows.

    Args:
        project: for the records of forecasts and of served vectors, and for raw snapshots.
        runs: the reading side of runs, with their manifests.
        registry: of model versions.
        history: of promotions.
        versions: the data as they are now.
    """
    graph = Graph()
    add_outputs(graph, versions.hashes(), _snapshots(graph, project))
    for record in runs.all():
        _add_run(graph, record, runs)
    for model in registry.models():
        held = registry.aliases(model)
        for version in registry.versions(model):
            _add_version(graph, version, sorted(alias for alias, number in held.items() if number == version.version))
    for row in history.rows():
        _add_move(graph, row)
    for stored in stored_forecasts(project):
        _add_forecast(graph, stored)
    for path in sorted((project.state / "input_log").glob("*/*.json")):
        _add_served(graph, path)
    return graph


def _add_run(graph: Graph, record: RunRecord, runs: RunReader) -> None:
    facts = {"status": record.status, "started": record.started, "experiment": record.experiment}
    run = graph.add(Node("run", record.run_id, f"run {record.run_id[:SHORT]} {record.name}", facts=facts))
    _link_code(graph, run, record.tags)
    if told := record.tags.get(ORIGIN_TAG):
        graph.link(_add_bundle(graph, told), run, "forked into")
    manifest = _manifest(record, runs)
    outputs = _add_manifest(graph, run, manifest) if manifest else {}
    for name, digest in record.datasets:
        graph.link(add_frame(graph, name, digest, outputs, kept=_kept(manifest)), run, "trained")


def _add_bundle(graph: Graph, told: str) -> str:
    """Add the bundle of somebody's that a run was forked from."""
    try:
        origin = Origin.of(told)
    except UsageError as error:
        return graph.add(Node("bundle", told, str(error), facts={"trouble": str(error)}))
    label = f"bundle {origin.bundle[:SHORT]} {origin.name} version {origin.version}, signed by {origin.signer[:SHORT]}"
    return graph.add(Node("bundle", origin.bundle, label, facts=vars(origin)))


def _kept(manifest: RunManifest | None) -> bool:
    """Whether DVC keeps the frame of a run; that of a model that params.yaml does not list is made by its training."""
    frame = manifest.data.get("frame") if manifest else None
    return not isinstance(frame, dict) or str(frame["path"]).startswith(f"{FRAMES}/")


def _add_manifest(graph: Graph, run: str, manifest: RunManifest) -> dict[str, str]:
    """Add the data that a run's manifest names; return {path: node id} of its outputs."""
    data, sources = manifest.data, manifest.config["params"].get("sources", {})
    if is_unknown(data["outs"]):
        return {}
    outputs = add_outputs(graph, data["outs"], data["snapshots"], sources)
    if tables := outputs.get("data/tables"):
        graph.link(tables, run, "outcomes for")
    return outputs


def _manifest(record: RunRecord, runs: RunReader) -> RunManifest | None:
    """Return a run's manifest; runs that were restored, or are older than manifests, have none."""
    try:
        return of_run(runs, record.run_id)
    except TrackingError:
        return None


def _add_version(graph: Graph, version: ModelVersion, aliases: list[str]) -> None:
    label = f"{version.model} version {version.version}{_brackets(aliases)}"
    facts = {"created": version.created, "role": version.tags.get("role"), "aliases": aliases}
    names = (*(f"{version.model}@{each}" for each in [version.version, *aliases]), version.content)
    node = graph.add(Node("version", _version_key(version.model, version.version), label, names, facts))
    _link(graph, f"run:{version.run_id}", node, "registered")


def _add_move(graph: Graph, row: Mapping[str, Any]) -> None:
    seq, kind, model = row.get("seq", 0), str(row.get("kind")), str(row.get("model"))
    facts = {name: row.get(name) for name in ("at", "by", "why", "previous")}
    label = f"history row {seq}: {kind} {model} {row.get('version', '')} by {row.get('by')} at {row.get('at')}"
    node = graph.add(Node("move", str(seq), label, (f"#{seq}", str(row.get("hash", ""))), facts))
    _link(graph, f"version:{_version_key(model, row.get('version'))}", node, kind)
    if row.get("previous") is not None:
        _link(graph, f"version:{_version_key(model, row['previous'])}", node, "stood before")


def _add_forecast(graph: Graph, stored: StoredForecast) -> None:
    content, name = stored.content, stored.path.stem
    if not content:
        graph.add(Node("forecast", name, stored.remark, facts={"trouble": stored.remark}))
        return
    origin = content["provenance"]
    facts = {"made_at": content["made_at"], "race": content["race"], "stage": content["stage"]}
    label = f"forecast of {content['race']} at {content['stage']}, made {content['made_at']}"
    if stored.trouble:
        facts, label = {**facts, "trouble": stored.remark}, f"{label} ({stored.trouble})"
    node = graph.add(Node("forecast", name, label, facts=facts))
    _link(graph, f"version:{_version_key(content['model'], content['version'])}", node, "answered")
    _link(graph, f"version:{origin.get(STRATEGY)}", node, "predicted the strategies of")
    _link_code(graph, node, origin)
    if (md5 := origin.get("frame.md5", "absent")) != "absent":
        graph.link(add_frame(graph, content["model"], md5, {}), node, "answered from")


def _add_served(graph: Graph, path: Path) -> None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        label = f"vectors of {content['race']} served {content['served_at']}"
        facts = {"served_at": content["served_at"], "cutoff": content["cutoff"], "race": content["race"]}
        version = f"version:{_version_key(content['model'], content['version'])}"
    except (ValueError, KeyError, TypeError) as error:
        why = f"{path.name} is damaged and is no entry of the log of served vectors ({type(error).__name__}: {error})"
        graph.add(Node("served", path.stem, why, facts={"trouble": why}))
        return
    node = graph.add(Node("served", path.stem, label, facts=facts))
    _link(graph, version, node, "was served")


def _link_code(graph: Graph, node: str, tags: Mapping[str, str]) -> None:
    """Link a thing to the commit and the flow run that its tags name."""
    if (commit := tags.get("git.commit", UNKNOWN)) != UNKNOWN:
        graph.link(add_commit(graph, commit), node, "code of")
    if (flow := tags.get("prefect.flow_run_id", "None")) != "None":
        graph.link(graph.add(Node("flow", flow, f"flow run {flow[:SHORT]}")), node, "ordered")


def _link(graph: Graph, used: str, made: str, how: str) -> None:
    """Link two things if the first is known: a version that was deleted leaves its rows behind."""
    if used in graph.nodes:
        graph.link(used, made, how)


def _brackets(aliases: list[str]) -> str:
    return f" ({', '.join(aliases)})" if aliases else ""


def _version_key(model: str, version: Any) -> str:
    return f"{model}/{version}"


def _snapshots(graph: Graph, project: Project) -> dict[str, list[dict[str, Any]]]:
    """Return the manifests of the raw snapshots on disk, by source; one that cannot be read is a node that says so."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(project.raw.glob("*/[0-9]*/manifest.json")):
        source, name = path.parts[-3:-1]
        try:
            content = dict(json.loads(path.read_text(encoding="utf-8")))
            named = {"name": name, "hash": content["hash"]}
        except (ValueError, TypeError, KeyError) as error:
            why = f"the manifest of snapshot {source}/{name} is damaged ({type(error).__name__}: {error})"
            graph.add(Node("snapshot", f"{source}/{name}", why, facts={"trouble": why}))
            continue
        found.setdefault(source, []).append({**content, **named})
    return found
