"""The sections of a card that grow: what the gates said, and what became of the version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.domain.refs import Verdict
from pitwall.report.content.blocks import Table, Text
from pitwall.report.content.document import Section, facts
from pitwall.report.content.verdicts import reason_table, verdict_table

NOT_YET = "Not judged yet: the gates are asked when the version is proposed for promotion (`pitwall promote`)."


def gate_report(verdicts: Sequence[Verdict] = (), outcome: str = "") -> Section:
    """Return the verdicts of all gates, with every reason."""
    if not verdicts:
        return Section("Gates", (Text(NOT_YET),))
    refused = sum(not verdict.passed for verdict in verdicts)
    told = f"Verdicts: {len(verdicts)}, refused: {refused}." + (f" {outcome}" if outcome else "")
    return Section(
        "Gates",
        (
            Text(told),
            verdict_table(verdicts),
            Text("`could see` is the smallest true effect that the gate would notice four times out of five."),
            reason_table(verdicts),
        ),
    )


def history(rows: Sequence[Mapping[str, Any]], version: int, approval: str, aliases: Sequence[str] = ()) -> Section:
    """Return what the promotion history says of one version.

    Args:
        rows: of the model, oldest first.
        version: the card's.
        approval: the policy of params.yaml.
        aliases: that the version holds as the card is written.
    """
    own = [row for row in rows if row.get("version") == version]
    head = facts(approval_policy=approval, aliases=", ".join(aliases) or "none")
    if not own:
        return Section("Approvals and history", (head, Text("Nothing was decided about this version yet.")))
    columns = ("at", "what", "by", "why")
    table = Table(columns, tuple(tuple(str(row.get(key, "")) for key in ("at", "kind", "by", "why")) for row in own))
    return Section("Approvals and history", (head, table))
