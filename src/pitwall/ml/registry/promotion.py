"""Make a version the champion, or refuse and say why; either way it is written down.

gates → approval → alias → history. A candidate needs a passed verdict from every gate and the approval that params.yaml
asks for. No argument turns a gate off: a gate without a verdict counts as failed. The verdicts hold against the champion
that they were measured against; if another one came meanwhile, the promotion is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pitwall.domain.errors import PromotionRefused
from pitwall.domain.params import PromotionParams
from pitwall.domain.ports import History, ModelVersion, Registry
from pitwall.domain.records.aliases import ARCHIVED, CHAMPION, LEGAL, PREVIOUS, stage_of
from pitwall.domain.refs import Promotion, Verdict
from pitwall.ml.gates import gates
from pitwall.ml.gates._gate import closed
from pitwall.ml.registry._rows import Row, finish, notice, promotion_of, record
from pitwall.ml.registry.approvals import APPROVERS, Approval, judge_approvals, take_down, valid
from pitwall.ml.registry.champion_tenures import reigns

BASELINE_BY = "policy:baseline"


def ensure_champion(registry: Registry, history: History, baseline: ModelVersion) -> ModelVersion:
    """Return the champion; the baseline becomes it, recorded, if nobody is."""
    with history.locked():
        finish(registry, history)
        return _champion(registry, history, baseline)


def promote(
    registry: Registry,
    history: History,
    candidate: ModelVersion,
    baseline: ModelVersion,
    verdicts: Sequence[Verdict],
    *,
    policy: PromotionParams,
    approval: Approval | None = None,
    expected: int | None = None,
) -> Promotion:
    """Make the candidate the champion if every gate passed and the policy's approval is given.

    The standing champion promoted again is left as it is, and the answer says so.

    Args:
        registry: of the model versions.
        history: of their moves.
        candidate: the version to promote.
        baseline: the version that becomes champion first if there is none.
        verdicts: of all gates.
        policy: `params.promotion`.
        approval: names and note of those who approve now; approvals given before count as well.
        expected: the champion that the gates compared with; None where that is sure.

    Raises:
        PromotionRefused: a gate failed or was not asked, an approval is missing, the version is archived, or another
            version became champion since the gates began; the champion stays.
    """
    approval = approval or Approval()
    with history.locked():
        finish(registry, history)
        champion = _champion(registry, history, baseline)
        if champion.version == candidate.version:
            return _unmoved(candidate)
        take_down(registry, history, candidate, approval)
        approved = valid(history.rows(candidate.model), candidate.version)
        complete = [
            *verdicts,
            *_unasked(verdicts),
            *judge_approvals(policy, candidate, approved),
            *_overtaken(champion, expected, history),
            *_barred(registry, candidate),
        ]
        refusal = None if all(v.passed for v in complete) else PromotionRefused(candidate.model, complete)
        notes = "; ".join(dict.fromkeys(str(row["why"]) for row in approved)) or approval.note
        content: Row = {
            "model": candidate.model,
            "version": candidate.version,
            "previous": champion.version,
            "by": ", ".join(row["by"] for row in approved) if APPROVERS[policy.approval] else "policy:auto",
            "why": str(refusal or notes or "all gates passed"),
            "verdicts": [verdict.row() for verdict in complete],
        }
        if refusal is not None:
            record(registry, history, "refused", content)
            raise refusal
        stages = succeeds(registry, candidate, champion)
        return promotion_of(record(registry, history, "promoted", {**content, "stages": stages}), complete)


def succeeds(registry: Registry, version: ModelVersion, champion: ModelVersion) -> dict[str, str]:
    """Return the stages that a promotion makes: the old champion is kept ready, the one before it is archived."""
    stages = {version.version: CHAMPION, champion.version: PREVIOUS}
    before = registry.alias(version.model, PREVIOUS)
    if before is not None and before.version not in stages:
        stages[before.version] = ARCHIVED
    return {str(number): stage for number, stage in stages.items()}


def _champion(registry: Registry, history: History, baseline: ModelVersion) -> ModelVersion:
    champion = notice(registry, history, baseline.model)
    if champion is not None:
        return champion
    content = {
        "model": baseline.model,
        "version": baseline.version,
        "previous": None,
        "by": BASELINE_BY,
        "why": "no champion yet: the baseline answers until a model beats it",
        "verdicts": [],
        "stages": {str(baseline.version): CHAMPION},
    }
    record(registry, history, "baseline", content)
    return baseline


def _unmoved(candidate: ModelVersion) -> Promotion:
    why = f"version {candidate.version} is the champion already; nothing was moved"
    return Promotion(candidate.model, candidate.version, candidate.version, "", "nobody", why)


def _unasked(verdicts: Iterable[Verdict]) -> list[Verdict]:
    asked = {verdict.gate for verdict in verdicts}
    return [closed(name, "the gate was not asked") for name in gates() if name not in asked]


def _overtaken(champion: ModelVersion, expected: int | None, history: History) -> list[Verdict]:
    if expected in {None, champion.version}:
        return []
    came = reigns(history.rows(champion.model))[-1]
    reason = (
        f"the gates compared with version {expected}, but version {champion.version} became champion meanwhile "
        f"({came.kind} by {came.by} at {came.since}); promote again to be compared with that one"
    )
    return [closed(CHAMPION, reason)]


def _barred(registry: Registry, candidate: ModelVersion) -> list[Verdict]:
    """Return a failed verdict for a version that must be offered again first: it was archived, maybe by a rollback."""
    fresh = registry.get(candidate.model, candidate.version)
    stage = stage_of(fresh, registry.aliases(candidate.model))
    if CHAMPION in LEGAL[stage]:
        return []
    command = f"pitwall registry promote {candidate.model} --version {candidate.version} --to {LEGAL[stage][0]} --by NAME --note TEXT"
    return [closed("stage", f"the version is {stage}; offer it again first: `{command}`")]
