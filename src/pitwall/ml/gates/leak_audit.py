"""Do the features know what nobody could? The leak audit of what the candidate reads, kept short (docs/audit.md)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.refs import Verdict
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US, hours
from pitwall.features.machinery.group import STAMPS
from pitwall.ml.audit import QUICK
from pitwall.ml.evaluation.model_audit import Trained, audit_trained
from pitwall.ml.gates._gate import Candidate, Gate

NAME = "leak_audit"
SHOWN = 3


def _check(candidate: Candidate) -> list[Verdict]:
    trained = Trained(
        name=candidate.name,
        definition=candidate.definition,
        stage=candidate.stage,
        groups=candidate.groups,
        predictions=candidate.predictions,
        estimator=candidate.estimator,
        tables=candidate.tables,
        params=candidate.params,
        frame=candidate.frame,
    )
    report = audit_trained(trained, QUICK)
    found = report.findings
    names = ", ".join(group.name for group in candidate.groups)
    reason = f"{len(candidate.groups)} groups ({names}) and the forecasts passed {len(report.asked)} checks"
    if found or report.warnings:
        reason = "; ".join(str(each) for each in [*found, *report.warnings][:SHOWN])
    if not candidate.groups:
        reason = "the model reads no feature group, so that there was nothing to audit"
    return [Verdict(NAME, not found and bool(candidate.groups), float(len(found)), 0.0, "leaks", reason)]


def _peeking(good: Candidate) -> Candidate:
    """Stamp the rows of a group a day early: before the race, what was known after it."""
    group = next((group for group in good.groups if "race" not in group.entities), good.groups[0])

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = group.compute(tables, settings, time)
        return rows.assign(**{stamp: (rows[stamp] - hours(24)).astype(UTC_US) for stamp in STAMPS})

    return replace(good, groups=(replace(group, compute=compute),))


GATE = Gate(NAME, "Features know no future: the leak audit finds nothing", _check, _peeking)
