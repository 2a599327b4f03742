"""Look back at runs: find one by any of its names, repeat it, and draw what it came from and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pitwall import wiring
from pitwall.domain.ports import RunRecord, Scratch
from pitwall.ml.cards.pages import VERDICT_TAG
from pitwall.ml.models.machinery.names import model_names
from pitwall.ml.templates import answered_by
from pitwall.tracking.lineage import Graph, collect
from pitwall.tracking.reproduce import Reproduction, Request
from pitwall.tracking.reproduce import reproduce as repeat
from pitwall.tracking.reproduce.request import Original, find_subject
from pitwall.tracking.runs import one
from pitwall.workflows.registry import find_version
from pitwall.workflows.workspace import Workspace

ENDINGS = (".json", ".html")  # files of forecasts and served vectors are known by their names


def find(workspace: Workspace, text: str) -> RunRecord:
    """Return the run that a text names: a run's id, its beginning or its name, or a version.

    Raises:
        UnknownName: nothing is called so.
        UsageError: several runs are.
    """
    if not set("@/") & set(text):
        return one(workspace.runs, text)
    return workspace.runs.read(find_version(workspace, text.replace("/", "@")).run_id)


@dataclass(frozen=True)
class Repeated:
    """A repetition and the folder of its scratch copy, None where that is gone."""

    done: Reproduction
    left: Path | None


def reproduce(workspace: Workspace, text: str, request: Request, *, keep: bool = False) -> Repeated:
    """Run a training again in a scratch copy and compare; the copy stays where the outcome differs.

    Args:
        workspace: of the project.
        text: a run id or its beginning, `model/3`, or `name@alias`.
        request: how it is repeated.
        keep: leave the scratch copy in any case.

    Raises:
        UnknownName: nothing is called so.
        NotRepeatable: something that the repetition needs is missing; lists it.
    """
    subject = subject_of(workspace, text)
    scratch: Scratch = wiring.scratch(workspace.project, subject.run_id)
    done = repeat(
        workspace.project, subject, request, runs=workspace.runs, registry=workspace.registry, scratch=scratch
    )
    if done.outcome != "different" and not keep:
        scratch.remove()
    root = scratch.project.root
    return Repeated(done, root if root.exists() else None)


def subject_of(workspace: Workspace, text: str) -> Original:
    """Return the finished run that a text names, with the version that it registered."""
    return find_subject(text, workspace.runs, workspace.registry, lambda name: find_version(workspace, name))


def lineage(workspace: Workspace) -> Graph:
    """Return the graph of everything that the project's tools know."""
    graph = collect(workspace.project, workspace.runs, workspace.registry, workspace.history, workspace.versions)
    _say_gone(workspace, graph)
    return graph


def _say_gone(workspace: Workspace, graph: Graph) -> None:
    """Say of the bundles that something was forked from whether they are shared no more."""
    bundles = [node for node in graph.nodes.values() if node.kind == "bundle"]
    gone = workspace.market.withdrawn() if bundles else {}
    for node in bundles:
        if at := gone.get(node.key):
            label = f"{node.label}; gone since {at[:10]}"
            graph.nodes[node.id] = replace(node, label=label, facts={**node.facts, "gone": at})


def known_name(workspace: Workspace, graph: Graph, thing: str) -> str:
    """Return the graph's name of what a user typed: references are resolved, a file stands for its record, trials for runs."""
    if graph.knows(thing):
        return thing
    if "@" in thing:
        version = find_version(workspace, thing)
        return f"version:{version.model}/{version.version}"
    name = Path(thing).name
    if name.endswith(ENDINGS):
        return name.rsplit(".", 1)[0]
    matching: Sequence[str] = workspace.runs.find(thing) if thing else []
    parent = workspace.runs.read(matching[0]).parent if len(matching) == 1 else None
    return f"run:{parent}" if parent else thing


def views(workspace: Workspace) -> dict[str, str]:
    """Return {model: address of its runs below MLflow's}, with a column for each question's loss, its gain, and the verdict."""
    metrics: dict[str, dict[str, list[str]]] = {}
    for name in model_names(workspace.params):
        job = workspace.job(name)
        columns = metrics.setdefault(job.model, {}).setdefault(job.experiment, [])
        for template in answered_by(job.model):
            baseline = template.baseline_at(job.stage)
            columns += [f"{template.name}.{template.loss}", f"{template.name}.gain.{baseline}"]
    tags = ["pitwall.stage", VERDICT_TAG]
    pages = {
        model: wiring.save_view(workspace.project, experiment, list(dict.fromkeys(columns)), tags)
        for model, held in metrics.items()
        for experiment, columns in held.items()
    }
    return {model: page for model, page in pages.items() if page}
