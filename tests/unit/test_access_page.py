"""docs/access.md says of scopes, tiers, leases and the local state what the package does."""

from __future__ import annotations

from pathlib import Path

from pitwall.adapters.accounts.database import BUSY_SECONDS
from pitwall.domain.access.quota_leases import MOST, PART, PATIENCE_S
from pitwall.domain.access.words import SCOPES, TIERS
from pitwall.domain.records.local_state import ENTRIES, KEPT

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "access.md").read_text(encoding="utf-8")


def said(limit):
    if isinstance(limit, bool):
        return "yes" if limit else "no"
    return "no limit" if limit is None else f"{limit:,}"


def test_scopes_and_tiers_are_those_of_a_fresh_database():
    for scope in SCOPES:
        assert f"\n| `{scope}` | " in PAGE
    for tier in TIERS:
        limits = list(vars(tier).values())[1:]
        shown = " | ".join(map(said, limits))
        assert f"\n| `{tier.name}` | {shown} |\n" in PAGE


def test_every_entry_that_a_backup_holds_is_named():
    (row,) = (line for line in PAGE.splitlines() if line.startswith("| in the archive |"))
    assert [each.name for each in ENTRIES if each.fate == KEPT and f"`{each.name}`" not in row.replace("/`", "`")] == []


def test_the_waits_and_slices_are_the_codes():
    assert (PART, MOST) == (100, 100)
    assert "a hundredth of the quota at a time, a hundred requests at most" in PAGE
    assert f"asks again after {PATIENCE_S:g} seconds" in PAGE
    assert f"waited for at most {BUSY_SECONDS} seconds" in PAGE
