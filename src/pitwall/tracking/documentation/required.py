"""Whether a version may be approved by a person before its experiment is written up, as `promotion.documentation` says."""

from __future__ import annotations

from pitwall.domain.errors import Undocumented
from pitwall.domain.params import PromotionParams
from pitwall.domain.ports import ModelVersion, RunReader
from pitwall.domain.refs import Verdict
from pitwall.tracking.documentation.kept import read
from pitwall.tracking.documentation.sections import REQUIRED

GATE = "documentation"


def undocumented(policy: PromotionParams, runs: RunReader, version: ModelVersion) -> list[Verdict]:
    """Return a failed verdict where sections that an approval needs are not written, else none.

    Args:
        policy: `params.promotion`.
        runs: that made the versions.
        version: that is to be approved.
    """
    if policy.documentation == "none":
        return []
    unwritten = read(runs, version.run_id).missing
    missing = [title for title in REQUIRED if title in unwritten]
    if not missing:
        return []
    options = " ".join(f"--{title.lower()} TEXT" for title in missing)
    reason = (
        f"promotion.documentation is 'required', and its run lacks {' and '.join(missing)}; "
        f"`pitwall exp doc {version.model}/{version.version} {options}`"
    )
    return [Verdict(GATE, False, float(len(missing)), 0.0, "sections", reason)]


def refuse_undocumented(policy: PromotionParams, runs: RunReader, version: ModelVersion) -> None:
    """Refuse the approval of a version whose experiment is not written up.

    Raises:
        Undocumented: sections are missing; names them and the command.
    """
    for verdict in undocumented(policy, runs, version):
        raise Undocumented(f"{version.model} version {version.version}", verdict)
