"""Run the checks over feature groups: what `pitwall audit`, `pw.audit` and the gate share."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd
from cachetools import LRUCache

from pitwall.domain.params import Params
from pitwall.domain.plugins import discover
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.audit import _memory
from pitwall.ml.audit._check import Check
from pitwall.ml.audit._finding import EVERY, Finding, Report
from pitwall.ml.audit._names import What, chosen, tables_for
from pitwall.ml.audit._subject import THOROUGH, Audited, Effort, Subject

log = logging.getLogger(__name__)

CRASHED = "could not be checked: the group fails on data that a replay may give it"
Progress = Callable[[str], None]
_ANSWERED: LRUCache[tuple[str, FeatureGroup, str], list[Finding]] = LRUCache(256)


def checks() -> dict[str, Check]:
    """Return all checks by name."""
    return discover(sys.modules["pitwall.ml.audit"], "CHECK")


def audit(
    what: What = None,
    tables: Tables | None = None,
    params: Params | None = None,
    *,
    stage: str = Stage.PRE_RACE,
    frame: pd.DataFrame | None = None,
    effort: Effort = THOROUGH,
    project: Project | None = None,
    progress: Progress = log.debug,
) -> Report:
    """Put feature groups before every check.

    Args:
        what: a group, or the name of a group, of a feature or of what a `FeatureEngineer` registered; or several of
            them. All groups when None.
        tables: canonical tables with all versions; the project's when None.
        params: the project's parameters; where tables are given, the defaults when None.
        stage: at whose cut-off features are compared with outcomes.
        frame: the point-in-time frame of that stage, if its values should be looked at too.
        effort: how much is tried.
        project: whose tables; that of the working directory when None.
        progress: is told each group.

    Raises:
        UnknownName: there is no such group or feature.
        TableError: the project has no tables.
    """
    picked = chosen(what)
    if tables is None:
        tables, params = tables_for(picked.groups, project, params)
    subject = Subject(tables, params or Params(), stage, effort, frame)
    return picked.narrowed(audit_groups(picked.groups, subject, progress))


def audit_groups(groups: Sequence[FeatureGroup], subject: Subject, progress: Progress = log.debug) -> Report:
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
        return check.run(audited) if check.follows == "frame" else _remembered(check, audited)
    except Exception as error:  # whatever went wrong, what could not be looked at stays closed
        log.debug("the check %s failed on %s", check.name, audited.group.name, exc_info=True)
        told = {"error": f"{type(error).__name__}: {error}"}
        return [Finding(check.name, "finding", audited.group.name, EVERY, 0, told, CRASHED)]


def _remembered(check: Check, audited: Audited) -> list[Finding]:
    """Return what a shared check objects to: several models read the same groups, and are judged by one process after another."""
    key = check.name, audited.group, audited.subject.digest_of(check.follows)
    found = _ANSWERED.get(key)
    if found is None:
        found = _ANSWERED[key] = [] if _memory.passed(*key) else _first(check, audited)
    return found


def _first(check: Check, audited: Audited) -> list[Finding]:
    """Ask a shared check, and keep it where it objects to nothing."""
    found = check.run(audited)
    if not found:
        _memory.keep(check.name, audited.group, audited.subject.digest_of(check.follows))
    return found


def looked_at(subject: Subject) -> dict[str, Any]:
    """Return what an audit looked at, for its report."""
    seasons = sorted({int(season) for season in subject.cars["season"]})
    return {"stage": str(subject.stage), "seasons_seen": seasons, "races": len(subject.races), **asdict(subject.effort)}
