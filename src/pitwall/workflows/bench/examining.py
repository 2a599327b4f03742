"""What the gates will ask of a draft, asked before it has a name: the leak audit, and its worth beside the rules it must beat."""

from __future__ import annotations

from pitwall.domain.refs import Verdict, folder_hash
from pitwall.ml.gates import Candidate, gates, run_gate
from pitwall.ml.gates._candidates import unregistered
from pitwall.ml.gates.leak_audit import NAME as AUDIT
from pitwall.workflows.bench.drafts import Draft, facts_of, stored_of
from pitwall.workflows.workspace import Workspace


def candidate_of(workspace: Workspace, draft: Draft) -> Candidate:
    """Return what the gates look at of a draft; read it once and ask it all.

    Raises:
        StageError: the draft is not there any more.
    """
    job, folder = workspace.job(draft.name), workspace.job(draft.name).target / "model"
    return unregistered(job, folder, folder_hash(folder), facts_of(stored_of(draft))["tags"])


def audited(candidate: Candidate) -> list[Verdict]:
    """Return what the leak audit says of a draft."""
    return run_gate(gates()[AUDIT], candidate)


def compared(candidate: Candidate) -> list[Verdict]:
    """Return what the other gates say of a draft, but for those that ask for a registered version."""
    asked = [gate for gate in gates().values() if not gate.of_version and gate.name != AUDIT]
    return [verdict for gate in asked for verdict in run_gate(gate, candidate)]
