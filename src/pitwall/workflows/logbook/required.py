"""Whether a version may be approved by a person before its experiment is written up, as `promotion.documentation` says.

Promotions that no person approves (`policy:auto`) are not asked.
"""

from __future__ import annotations

from pitwall.domain.errors import Undocumented
from pitwall.domain.ports import ModelVersion
from pitwall.domain.refs import Verdict
from pitwall.ml.registry.approvals import APPROVERS, Approval
from pitwall.tracking.documentation.kept import read
from pitwall.tracking.documentation.sections import REQUIRED
from pitwall.workflows.workspace import Workspace

GATE = "documentation"


def undocumented(workspace: Workspace, version: ModelVersion, approval: Approval) -> list[Verdict]:
    """Return a failed verdict where a person approves a promotion and the sections that it needs are not written.

    Args:
        workspace: of the project.
        version: that is to be promoted.
        approval: names and note of those who approve now.
    """
    people = APPROVERS[workspace.params.promotion.approval] > 0 or any(name.strip() for name in approval.names)
    return _lacking(workspace, version) if people else []


def refuse_undocumented(workspace: Workspace, version: ModelVersion) -> None:
    """Refuse the approval of a version whose experiment is not written up.

    Raises:
        Undocumented: sections are missing; names them and the command.
    """
    for verdict in _lacking(workspace, version):
        raise Undocumented(f"{version.model} version {version.version}", verdict)


def _lacking(workspace: Workspace, version: ModelVersion) -> list[Verdict]:
    if workspace.params.promotion.documentation == "none":
        return []
    unwritten = read(workspace.runs, version.run_id).missing
    missing = [title for title in REQUIRED if title in unwritten]
    if not missing:
        return []
    options = " ".join(f"--{title.lower()} TEXT" for title in missing)
    reason = (
        f"promotion.documentation is 'required', and its run lacks {' and '.join(missing)}; "
        f"`pitwall exp doc {version.model}/{version.version} {options}`"
    )
    return [Verdict(GATE, False, float(len(missing)), 0.0, "sections", reason)]
