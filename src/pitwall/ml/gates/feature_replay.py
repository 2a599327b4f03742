"""Would the features have said then what they say now? Replayed at instants around the newest race that was run."""

from __future__ import annotations

from pitwall.domain.refs import Verdict
from pitwall.features._replay import replay_check, replay_instants
from pitwall.ml.gates._gate import Candidate, Gate

NAME = "feature_replay"
SHOWN = 3


def _check(candidate: Candidate) -> list[Verdict]:
    instants = replay_instants(candidate.tables, candidate.params, races=1)
    found = [
        violation
        for group in candidate.groups
        for violation in replay_check(group, candidate.tables, candidate.params, instants)
    ]
    names = ", ".join(group.name for group in candidate.groups)
    reason = f"{len(candidate.groups)} groups ({names}) say at {len(instants)} past instants what they said then"
    if found:
        reason = "; ".join(str(violation) for violation in found[:SHOWN])
    return [Verdict(NAME, not found and bool(instants), float(len(found)), 0.0, "violations", reason)]


GATE = Gate(NAME, "Features know no future: replayed on the data of then, they say the same", _check)
