"""Run the checks over feature groups, and over a model: what `pitwall audit`, `pw.audit` and the gate share."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.plugins import discover
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features._group import FeatureGroup
from pitwall.ml.audit._check import Check
from pitwall.ml.audit._finding import Finding, Report
from pitwall.ml.audit._subject import THOROUGH, Audited, Effort, Subject

if TYPE_CHECKING:
    from pitwall.ml.gates._gate import Candidate

log = logging.getLogger(__name__)

CRASHED = "could not be checked: the group fails on data that a replay may give it"


def checks() -> dict[str, Check]:
    """Return all checks by name."""
    return discover(sys.modules["pitwall.ml.audit"], "CHECK")


def audit(
    groups: Sequence[FeatureGroup],
    tables: Tables,
    params: Params | None = None,
    *,
    stage: str = Stage.PRE_RACE,
    frame: pd.DataFrame | None = None,
    effort: Effort = THOROUGH,
    progress: Callable[[str], None] = log.debug,
) -> Report:
    """Put feature groups before every check.

    Args:
        groups: of the registry, of a `FeatureEngineer` or of a file of one's own.
        tables: canonical tables with all versions.
        params: the project's parameters; the defaults when None.
        stage: at whose cut-off features are compared with outcomes.
        frame: the point-in-time frame of that stage, if its values should be looked at too.
        effort: how much is tried.
        progress: is told each group.
    """
    return audit_subject(groups, Subject(tables, params or Params(), stage, effort, frame), progress)


def audit_subject(
    groups: Sequence[FeatureGroup], subject: Subject, progress: Callable[[str], None] = log.debug
) -> Report:
    """Put feature groups before every check on data that several audits share."""
    found: list[Finding] = []
    for number, group in enumerate(groups, start=1):
        progress(f"{number}/{len(groups)} {group.name}")
        audited = Audited(group, subject)
        for check in checks().values():
            found += ask(check, audited)
    asked = tuple((check, group.name) for group in groups for check in checks())
    return Report(asked, tuple(found), looked_at(subject))


def ask(check: Check, audited: Audited) -> list[Finding]:
    """Return what a check objects to; a group that fails under it was not shown to be clean."""
    try:
        return check.run(audited)
    except Exception as error:  # whatever went wrong, what could not be looked at stays closed
        log.exception("the check %s failed on %s", check.name, audited.group.name)
        told = {"error": f"{type(error).__name__}: {error}"}
        return [Finding(check.name, "finding", audited.group.name, "every feature", 0, told, CRASHED)]


def audit_candidate(candidate: Candidate, effort: Effort) -> Report:
    """Put what a model reads at its stage, and its own out-of-sample forecasts, before the checks."""
    from pitwall.ml.audit.too_good import judge_model
    from pitwall.ml.positions import expected_place
    from pitwall.ml.predictions import position_matrix

    subject = Subject(candidate.tables, candidate.params, candidate.stage, effort, candidate.frame)
    report = audit_subject(candidate.groups, subject)
    own = candidate.own
    said = own[["race_id", "driver_id"]].assign(said=expected_place(position_matrix(own)))
    cars = subject.cars[["race_id", "driver_id"]].merge(said, on=["race_id", "driver_id"], how="left")
    found = judge_model(subject, candidate.name, cars["said"].to_numpy())
    return Report((*report.asked, ("too_good", candidate.name)), (*report.found, *found), report.looked_at)


def looked_at(subject: Subject) -> dict[str, Any]:
    """Return what an audit looked at, for its report."""
    seasons = sorted({int(season) for season in subject.cars["season"]})
    return {"stage": str(subject.stage), "seasons": seasons, "races": len(subject.races), **asdict(subject.effort)}
