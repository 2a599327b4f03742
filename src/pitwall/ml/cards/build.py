"""Write the card of a version, from what the gates see of it, its run's manifest and the history of promotions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from pitwall.domain import renames
from pitwall.domain.ports import History, ModelVersion, Registry, RunReader, Tracker
from pitwall.domain.refs import Verdict
from pitwall.ml.cards import scores, sections
from pitwall.ml.cards.artifacts import publish, read_card, write_card
from pitwall.ml.cards.card import Card, card
from pitwall.ml.cards.decision import gate_report, history
from pitwall.ml.cards.pages import describe, note_verdict
from pitwall.ml.cards.reads import loaded, reads
from pitwall.ml.cards.subject import Described
from pitwall.ml.cards.trust import opening, sentences
from pitwall.ml.gates._candidates import load_candidate
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.templates import answered_by
from pitwall.ml.training.training_job import TrainingJob
from pitwall.report.content.document import Section

MANIFEST = "manifest/manifest.json"


class Stores(Protocol):
    """Where versions, runs and decisions are kept; `pitwall.workflows.workspace.Workspace` is one."""

    @property
    def tracker(self) -> Tracker:
        """The run store."""

    @property
    def registry(self) -> Registry:
        """The model versions."""

    @property
    def runs(self) -> RunReader:
        """The reading side of the run store."""

    @property
    def history(self) -> History:
        """What was decided about versions."""


def build(subject: Described, decided: Section) -> Card:
    """Return a new card; its gates have not been asked."""
    version = subject.version
    made = (
        opening(subject),
        sections.purpose(subject),
        sections.data(subject),
        *scores.measured(subject),
        *reads(subject),
        sections.limits(subject),
        gate_report(),
        sections.lineage(subject),
        sections.cost(subject),
        decided,
    )
    return card(version.model, version.version, version.content, sections.summary(subject), made)


def ensure(job: TrainingJob, stores: Stores, version: ModelVersion) -> Card:
    """Return the card of a version; one is written, logged with its run and published if it has none yet."""
    known = read_card(stores.runs, version)
    if known is not None and known.content == version.content:
        return known
    candidate = load_candidate(job, stores.registry, version)
    model = loaded(FittedModel.load(stores.registry.fetch(job.name, version.version)), candidate.frame)
    described = Described(version, candidate, _manifest(stores.runs, version), model)
    made = build(described, _decided(job, stores, version))
    write_card(stores.tracker, version, made)
    publish(job.project, made)
    describe(stores.registry, version, _summary(made), _questions(job))
    return made


def complete(
    job: TrainingJob, stores: Stores, version: ModelVersion, verdicts: Sequence[Verdict], outcome: str
) -> Card:
    """Write what the gates said and what was decided into the card of a version."""
    report = gate_report(verdicts, outcome)
    judged = ensure(job, stores, version).exchange(report, _decided(job, stores, version))
    write_card(stores.tracker, version, judged)
    publish(job.project, judged)
    pages = (stores.tracker, stores.runs, stores.registry)
    note_verdict(pages, version, verdicts, summary=_summary(judged), outcome=outcome)
    return judged


def current(job: TrainingJob, stores: Stores, version: ModelVersion) -> Card:
    """Return the card of a version with its history as it stands now.

    The history has the verdicts too: a promotion that was killed before its card was completed shows them all the same.
    """
    found = ensure(job, stores, version).exchange(_decided(job, stores, version))
    rows = [row for row in stores.history.rows(version.model) if row.get("version") == version.version]
    judged = [row for row in rows if row.get("verdicts")]
    if not judged:
        return found
    return found.exchange(
        gate_report([Verdict(**renames.verdict(each)) for each in judged[-1]["verdicts"]], judged[-1]["why"])
    )


def _summary(made: Card) -> str:
    """Return what pages in the registry say of a version: what it is, and how far it can be trusted."""
    return f"{made.summary}\n\n{sentences(made)}".rstrip()


def _questions(job: TrainingJob) -> str:
    return " ".join(template.question for template in answered_by(job.model))


def _decided(job: TrainingJob, stores: Stores, version: ModelVersion) -> Section:
    held = [alias for alias, number in stores.registry.aliases(version.model).items() if number == version.version]
    return history(stores.history.rows(version.model), version.version, job.params.promotion.approval, held)


def _manifest(runs: RunReader, version: ModelVersion) -> dict[str, Any]:
    found = runs.file(version.run_id, MANIFEST)
    return {} if found is None else dict(json.loads(found.read_text(encoding="utf-8")))
