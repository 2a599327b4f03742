"""Replay: a group computed on all data must say, of any past instant, what it would have said then."""

from __future__ import annotations

from pitwall.features.machinery.replay import replay_check
from pitwall.ml.audit._check import Check
from pitwall.ml.audit._finding import Finding, from_violations
from pitwall.ml.audit._subject import Audited

NAME = "replay"


def _run(audited: Audited) -> list[Finding]:
    group, subject = audited.group, audited.subject
    instants = subject.instants(group.reads)
    violations = replay_check(group, subject.tables, subject.params, instants, audited.full)
    return from_violations(NAME, group, violations)


CHECK = Check(
    NAME,
    "Computed on all data and on the data of then, it says the same of then",
    "any use of a row of the tables before it was public, in the rows that sampled instants touch; one bit is enough",
    "what the code brought along from outside the tables; leaks in few rows that no sampled instant touches",
    _run,
    follows="data",
)
