"""Move the champion alias, or refuse and say why; either way it is written down.

A candidate needs a passed verdict from every gate and the approval that params.yaml asks for. No argument turns a gate
off: a gate without a verdict counts as failed. Who, when, why, from which version and on which verdicts stands on the
version and in the append-only history `mlruns/promotions.jsonl`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pitwall.domain.errors import PromotionRefused
from pitwall.domain.params import PromotionParams
from pitwall.domain.ports import ModelVersion, Registry
from pitwall.domain.project import Project
from pitwall.domain.refs import Promotion, Verdict
from pitwall.ml import history
from pitwall.ml.gates import gates
from pitwall.ml.gates._gate import closed

CHAMPION = "champion"
PREVIOUS = "previous"
BASELINE_BY = "policy:baseline"
APPROVERS = {"auto": 0, "one": 1, "two": 2}


@dataclass(frozen=True)
class Approval:
    """Who approves a promotion, and why. Empty under the policy `auto`."""

    names: tuple[str, ...] = ()
    note: str = ""


def enthrone_baseline(project: Project, registry: Registry, baseline: ModelVersion) -> ModelVersion:
    """Return the champion; the baseline becomes it, recorded, if nobody is."""
    with history.locked(project):
        champion = registry.alias(baseline.model, CHAMPION)
        if champion is not None:
            return champion
        why = "no champion yet: the baseline answers until a model beats it"
        move = Promotion(baseline.model, baseline.version, None, _now(), BASELINE_BY, why)
        _move(project, registry, move, kind="baseline")
        return baseline


def promote(
    project: Project,
    registry: Registry,
    candidate: ModelVersion,
    baseline: ModelVersion,
    verdicts: Sequence[Verdict],
    *,
    policy: PromotionParams,
    approval: Approval | None = None,
) -> Promotion:
    """Make the candidate the champion if every gate passed and the policy's approval is given.

    The standing champion promoted again is left as it is, and the answer says so.

    Args:
        project: where the history is kept.
        registry: of the model versions.
        candidate: the version to promote.
        baseline: the version that becomes champion first if there is none.
        verdicts: of all gates.
        policy: `params.promotion`.
        approval: names and note of those who approve, for the policies `one` and `two`.

    Raises:
        PromotionRefused: a gate failed or was not asked, or an approval is missing; the champion stays.
    """
    approval = approval or Approval()
    champion = enthrone_baseline(project, registry, baseline)
    with history.locked(project):
        champion = registry.alias(candidate.model, CHAMPION) or champion
        if champion.version == candidate.version:
            why = f"version {candidate.version} is the champion already; nothing was moved"
            return Promotion(candidate.model, candidate.version, champion.version, _now(), "nobody", why)
        complete = [*verdicts, *_unasked(verdicts), *_unapproved(policy, approval)]
        refusal = None if all(v.passed for v in complete) else PromotionRefused(candidate.model, complete)
        move = Promotion(
            model=candidate.model,
            version=candidate.version,
            previous=champion.version,
            at=_now(),
            by=", ".join(approval.names) if APPROVERS[policy.approval] else "policy:auto",
            why=str(refusal or approval.note or "all gates passed"),
            verdicts=tuple(complete),
        )
        if refusal is not None:
            registry.tag(move.model, move.version, _tags("refused", move))
            history.append(project, "refused", move)
            raise refusal
        _move(project, registry, move, kind="promoted")
        return move


def _unasked(verdicts: Iterable[Verdict]) -> list[Verdict]:
    asked = {verdict.gate for verdict in verdicts}
    return [closed(name, "the gate was not asked") for name in gates() if name not in asked]


def _unapproved(policy: PromotionParams, approval: Approval) -> list[Verdict]:
    needed = APPROVERS[policy.approval]
    names = {name.strip().casefold() for name in approval.names if name.strip()}
    missing = []
    if len(names) < needed:
        missing.append(f"{needed} different names are needed, {len(names)} given")
    if needed and not approval.note.strip():
        missing.append("a note that says why is needed")
    if not missing:
        return []
    reason = f"promotion.approval is {policy.approval!r}: {' and '.join(missing)}"
    return [Verdict("approval", False, float(len(names)), float(needed), "names", reason)]


def _move(project: Project, registry: Registry, move: Promotion, kind: str) -> None:
    """Tag, move the aliases, write history: in this order, so that a champion without a record cannot be."""
    registry.tag(move.model, move.version, _tags(kind, move))
    if move.previous is not None:
        registry.set_alias(move.model, PREVIOUS, move.previous)
    registry.set_alias(move.model, CHAMPION, move.version)
    history.append(project, kind, move)


def _tags(kind: str, record: Promotion) -> dict[str, str]:
    return {
        "promotion.kind": kind,
        "promotion.at": record.at,
        "promotion.by": record.by,
        "promotion.why": record.why,
        "promotion.previous": "none" if record.previous is None else str(record.previous),
        "promotion.verdicts": json.dumps([verdict.row() for verdict in record.verdicts]),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
