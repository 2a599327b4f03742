"""Does the model answer in time? The rows of one race (22 cars, say), asked over and over in the fixed harness; the slow tail decides.

Flows ask the gates one after the other, so that no gate is measured while another one works.
"""

from __future__ import annotations

from dataclasses import replace
from time import sleep

import pandas as pd

from pitwall.domain.refs import Verdict
from pitwall.ml.evaluation.latency import measure
from pitwall.ml.gates._gate import Candidate, Gate

NAME = "latency"


def _check(candidate: Candidate) -> list[Verdict]:
    found = measure(candidate.answer, candidate.frame, candidate.definition.kind)
    limit = candidate.params.gates.latency_ms
    reason = f"median {found.p50_ms:.1f} ms, 99th percentile {found.p99_ms:.1f} ms in the {found.harness}"
    return [Verdict(NAME, found.p99_ms <= limit, found.p99_ms, limit, "ms", reason)]


def _slow(good: Candidate) -> Candidate:
    def answer(frame: pd.DataFrame) -> pd.DataFrame:
        sleep(0.002)
        return good.answer(frame)

    limits = good.params.gates.model_copy(update={"latency_ms": 1.0})
    return replace(good, answer=answer, params=good.params.model_copy(update={"gates": limits}))


GATE = Gate(NAME, "Answers in time: the 99th percentile for one race is below the limit", _check, _slow)
