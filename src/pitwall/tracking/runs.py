"""Find the run that somebody means: by its id, the beginning of it, or its name."""

from __future__ import annotations

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.ports import RunReader, RunRecord

SHOWN = 5


def one(runs: RunReader, text: str) -> RunRecord:
    """Return the one run that a text names.

    Args:
        runs: the run store.
        text: a run id, its beginning, or a run's whole name.

    Raises:
        UnknownName: no run is called so; offers the nearest name.
        UsageError: the beginning fits several runs; lists them.
    """
    found = runs.find(text)
    if len(found) > 1:
        shown = ", ".join(sorted(found)[:SHOWN])
        raise UsageError(f"{len(found)} runs begin with {text!r}: {shown}{' ...' if len(found) > SHOWN else ''}.")
    if found:
        return runs.read(found[0])
    known = runs.all()
    named = [record for record in known if record.name == text]
    if not named:
        raise UnknownName("run", text, [name for record in known for name in (record.run_id, record.name)])
    return named[0]  # the newest
