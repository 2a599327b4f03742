"""What is worth an alert: a version that is better than all before it, a promotion that was refused, a drift that somebody found.

Whoever registers a version or decides on one says so here, whichever entry point it came through.
"""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.domain.refs import Verdict
from pitwall.ml.registry.improvement import improvement
from pitwall.workflows.logbook.alerts import harmless, raise_alert
from pitwall.workflows.workspace import Workspace


def registered(workspace: Workspace, name: str, version: int) -> None:
    """Say so if a new version of a model is better than every earlier one; nothing is raised."""
    with harmless(f"{name} version {version} was not compared with the versions before it"):
        better = improvement(workspace.job(name), workspace.registry, version)
        if better is not None:
            raise_alert(workspace, "best_model", f"{name} version {version}", better.told())


def refused(workspace: Workspace, name: str, version: int, verdicts: Sequence[Verdict]) -> None:
    """Say that a promotion was refused, and why; the same gates refusing the same version again are no news.

    Args:
        workspace: of the project.
        name: of the model.
        version: that was refused.
        verdicts: of all gates.
    """
    failed = [verdict for verdict in verdicts if not verdict.passed]
    gates = ", ".join(sorted({verdict.gate for verdict in failed}))
    reasons = "\n".join(
        f"- {verdict.gate} {verdict.template or ''}".rstrip() + f": {verdict.reason}" for verdict in failed
    )
    text = f"{len(failed)} of {len(verdicts)} verdicts stood against it, the champion stays.\n{reasons}"
    raise_alert(workspace, "gate_refused", f"{name} version {version}", text, cause=gates)


def drifted(workspace: Workspace, subject: str, text: str, cause: str) -> None:
    """Say that something has drifted; nothing in Pitwall looks for that yet, so whoever found it calls this.

    Args:
        workspace: of the project.
        subject: what has drifted, e.g. `order-pre_race version 3`.
        text: how, with the numbers.
        cause: by what it was noticed, e.g. the feature; the same cause again is the same alert.
    """
    raise_alert(workspace, "drift", subject, text, cause)
