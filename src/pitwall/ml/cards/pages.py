"""The descriptions that pages in the registry and in the run store open with: what it is, and what the gates said of it."""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.domain.ports import ModelVersion, Registry, RunReader, Tracker
from pitwall.domain.refs import Verdict
from pitwall.ml.training.report import judged_note

VERDICT_TAG = "pitwall.verdict"


def describe(registry: Registry, version: ModelVersion, summary: str, questions: str) -> None:
    """Describe a new version, and the model that it is one of.

    Args:
        registry: where both have a page.
        version: the new one.
        summary: one line on it.
        questions: what the model answers, in words.
    """
    about = f"**{version.model}** answers: {questions}\n\nThe version with the alias `champion` does so today; each version opens with what became of it."
    registry.describe(version.model, about)
    role = "the baseline to beat" if version.tags.get("role") == "baseline" else "a candidate"
    registry.describe(version.model, f"{summary}\n\nRegistered as {role}; not judged yet.", version.version)


def note_verdict(
    stores: tuple[Tracker, RunReader, Registry],
    version: ModelVersion,
    verdicts: Sequence[Verdict],
    *,
    summary: str,
    outcome: str,
) -> None:
    """Write what became of a version into its own page and into the page of the run that made it.

    Args:
        stores: of runs, of what is said of runs, and of versions.
        version: that was judged.
        verdicts: of all gates.
        summary: one line on it.
        outcome: the verdict, in words.
    """
    tracker, runs, registry = stores
    refused = list(dict.fromkeys(verdict.gate for verdict in verdicts if not verdict.passed))
    tracker.tag(version.run_id, {VERDICT_TAG: f"refused: {', '.join(refused)}" if refused else "all gates passed"})
    registry.describe(version.model, f"{summary}\n\n**Verdict**: {outcome}", version.version)
    tracker.note(version.run_id, judged_note(runs.page(version.run_id), outcome))
