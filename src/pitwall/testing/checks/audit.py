"""The contract of a check of the leak audit: it finds a leak that is planted, passes honest groups, and says what it sees."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO

from pitwall.ml.audit import Finding
from pitwall.ml.audit._check import Check
from pitwall.ml.audit._subject import Audited
from pitwall.testing.leaks import audited as catalogue


def check_audit_check(check: Check, leaks: Mapping[str, Audited] | None = None) -> list[str]:
    """Check a check of the audit against its contract.

    Args:
        check: the plug-in.
        leaks: groups with data, by what leaks in them; at least one must be found. Those of `pitwall.testing.leaks` when None.

    Returns:
        Which leaks it found.

    Raises:
        AssertionError: it breaks the contract; says where.
    """
    for what in ("title", "sees", "blind"):
        assert getattr(check, what).strip(), f"the check {check.name} must say its `{what}`"
    for what, group in catalogue.honest().items():
        leaked = [each for each in _ask(check, group) if each.level == "finding"]
        assert not leaked, f"{check.name} calls what is honest a leak ({what}): {leaked[0]}"
    planted = catalogue.leaking() if leaks is None else leaks
    found = [what for what, group in planted.items() if _finds(check, group)]
    assert found, f"{check.name} finds none of the planted leaks ({', '.join(planted)}); give one that it sees"
    return found


def _finds(check: Check, group: Audited) -> bool:
    found = _ask(check, group)
    assert found == _ask(check, group), f"{check.name} says something else when it is asked again; seed what is drawn"
    return any(each.level == "finding" for each in found)


def _ask(check: Check, group: Audited) -> list[Finding]:
    said = StringIO()
    with redirect_stdout(said):
        found = check.run(group)
    assert not said.getvalue(), f"{check.name} prints {said.getvalue()[:80]!r}; put it into a finding"
    for each in found:
        assert each.check == check.name, f"{check.name} must answer with its own name; found {each.check!r}"
        assert each.group == group.group.name, f"a finding of {check.name} names the group; found {each.group!r}"
        assert each.level in {"finding", "warning"}, f"a finding is a finding or a warning; found {each.level!r}"
        assert each.rows > 0 and each.reason.strip() and each.example, (
            f"a finding of {check.name} lacks rows, reason or example"
        )
    return found
