"""What was decided about a run's version: the verdicts of the gates, the leak audit among them, and what it reads, group by group."""

from __future__ import annotations

from pitwall.domain.errors import PitwallError
from pitwall.domain.ports import ModelVersion, RunRecord
from pitwall.domain.project import Project
from pitwall.domain.refs import Verdict
from pitwall.ml.cards.decision import gate_report
from pitwall.ml.cards.reads import NAME as READS
from pitwall.ml.cards.reads import what_it_reads
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.registry.describe import decisions
from pitwall.report.content.blocks import Block, Text
from pitwall.report.content.document import Section
from pitwall.workflows.experiments.kept import kept
from pitwall.workflows.experiments.listed import MODEL, version_of
from pitwall.workflows.jobs import notes
from pitwall.workflows.workspace import Workspace

GONE = "The files of its model are not there any more, so nobody can look into it."


def verdicts(workspace: Workspace, version: ModelVersion) -> tuple[list[Verdict], str]:
    """Return what the gates said of a version when it was last judged, and what came of it; nothing before that."""
    judged = [row for row in workspace.history.rows(version.model) if row.get("version") == version.version]
    judged = [row for row in judged if row.get("verdicts")]
    told = decisions(workspace.registry, workspace.history, version)["verdicts"]
    return [Verdict(**each) for each in told], judged[-1]["why"] if judged else ""


def draft_verdicts(project: Project, run_id: str) -> list[Verdict]:
    """Return what the gates said of a draft when the job that trained it asked them, before it had a name; nothing of one that no job trained."""
    results = (notes.result(project, each.id) for each in notes.notes(project))
    found = next((each for each in results if each.get("run_id") == run_id), {})
    return [Verdict(**row) for row in found.get("verdicts", ())]


def gates_of(workspace: Workspace, version: ModelVersion) -> Section:
    """Return the gate report of a version: each verdict with its numbers and its reason."""
    return gate_report(*verdicts(workspace, version))


def gates_of_run(workspace: Workspace, record: RunRecord) -> Section | None:
    """Return the gate report of the version that a run registered; None where it registered none."""
    version = version_of_run(workspace, record)
    return None if version is None else gates_of(workspace, version)


def version_of_run(workspace: Workspace, record: RunRecord) -> ModelVersion | None:
    """Return the version that a run registered; None where there is none, or it was removed."""
    version = version_of(record)
    try:
        return None if version is None else workspace.registry.get(record.tags[MODEL], version)
    except PitwallError:
        return None


def importance(workspace: Workspace, record: RunRecord) -> tuple[Block, ...]:
    """Return what the model of a run reads: how much each group of features adds to its answers.

    Raises:
        StageError: there is no frame of the model; says which command makes it.
    """
    found = kept(workspace, record)
    if found is None or found.folder is None:
        return (Text(GONE),)
    read = what_it_reads(FittedModel.load(found.folder), found.job.definition, found.job.frame())
    return (
        (Text(f"{READS} cannot be told: the frame of the present data lacks a feature."),)
        if read is None
        else read.blocks
    )
