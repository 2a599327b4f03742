"""Does the version come with its card? People who never saw the code must find every section, written for this model."""

from __future__ import annotations

from dataclasses import replace

from pitwall.domain.refs import Verdict
from pitwall.ml.gates._gate import Candidate, Gate, closed
from pitwall.report.content.markdown import section_texts

NAME = "card_present"
SECTIONS = (
    "Purpose",
    "Data",
    "Metrics",
    "Calibration",
    "Kinds of races",
    "Limits",
    "Gates",
    "Lineage",
    "Cost",
    "Approvals and history",
)
HASH_SHOWN = 12  # characters of a hash that people compare


def _check(candidate: Candidate) -> list[Verdict]:
    if candidate.card is None:
        return [closed(NAME, f"the version has no model card; write it with `pitwall card {candidate.name}@VERSION`")]
    found = section_texts(candidate.card)
    faults = [f"no section {name!r}" for name in SECTIONS if name not in found]
    faults += [f"section {name!r} is empty" for name in SECTIONS if name in found and not found[name]]
    if candidate.content[:HASH_SHOWN] not in candidate.card:
        faults.append(f"it describes another model than {candidate.content[:HASH_SHOWN]}")
    reason = "; ".join(faults) or f"{len(SECTIONS)} sections, written for this content"
    return [Verdict(NAME, not faults, float(len(faults)), 0.0, "faults", reason)]


def _without_limits(good: Candidate) -> Candidate:
    assert good.card is not None
    return replace(good, card=good.card.replace("## Limits", "## Praise"))


GATE = Gate(NAME, "The version has its model card, with every section", _check, _without_limits, of_version=True)
