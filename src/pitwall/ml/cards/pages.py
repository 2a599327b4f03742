"""The descriptions that pages in the registry and in the run store open with: what it is, and what the gates said of it."""

from __future__ import annotations

from pitwall.domain.ports import ModelVersion, Registry, RunReader, Tracker
from pitwall.ml.training.report import judged_note


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
    tracker: Tracker, runs: RunReader, registry: Registry, version: ModelVersion, *, summary: str, outcome: str
) -> None:
    """Write what became of a version into its own page and into the page of the run that made it.

    Args:
        tracker: gets the note of the run.
        runs: has the note as it is.
        registry: has the page of the version.
        version: that was judged.
        summary: one line on it.
        outcome: the verdict, in words.
    """
    registry.describe(version.model, f"{summary}\n\n**Verdict**: {outcome}", version.version)
    tracker.note(version.run_id, judged_note(runs.page(version.run_id), outcome))
