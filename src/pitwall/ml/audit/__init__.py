"""The leak audit: does a feature know what it could not have known? One file per check, found by discovery.

Checks that compare bits decide; checks that count on chance warn, unless their evidence is overwhelming. What each can
and cannot see is said by the check itself (`sees`, `blind`), and how often the whole errs is measured by
`studies/leak_audit.py` (docs/audit.md).

Example:
    >>> from pitwall.ml.audit import QUICK, audit
    >>> from pitwall.testing import tiny_tables
    >>> audit("driver_decay", tiny_tables(2, 5, 6), effort=QUICK).findings
    []
"""

from pitwall.ml.audit._audit import audit, audit_groups, checks
from pitwall.ml.audit._finding import Finding, Report
from pitwall.ml.audit._subject import QUICK, THOROUGH, Effort, Subject, subject_of

__all__ = [
    "QUICK",
    "THOROUGH",
    "Effort",
    "Finding",
    "Report",
    "Subject",
    "audit",
    "audit_groups",
    "checks",
    "subject_of",
]
