"""What time it is: the one place that asks the machine's clock, and the instant that a replay puts in its place.

A replay looks at the world as of an earlier instant, `$PITWALL_NOW` (`--now`, or the flow's parameter `now`). It is a variable of the process
because all that a run starts must agree with it: the steps that DVC runs, and flows in processes of their own. What happens in this project
(its log, its promotions, its runs) keeps the time of the clock; what is said of the world has the replayed one, and says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from pitwall.domain.errors import UsageError

VARIABLE = "PITWALL_NOW"


def wall() -> datetime:
    """Return the instant that the machine's clock shows, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  (the one place that may)


def replayed() -> datetime | None:
    """Return the instant as of which this run is made; None where it is the present one.

    Raises:
        UsageError: the variable holds no instant, or a future one.
    """
    return parse(text) if (text := os.environ.get(VARIABLE)) else None


def now() -> datetime:
    """Return the instant as of which this run is made: the replayed one, else the clock's."""
    return replayed() or wall()


def parse(text: str) -> datetime:
    """Return the past instant that a text names; without a zone it is UTC.

    Raises:
        UsageError: it names none, or one that is still to come, of which nobody can know what will be known.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"now is {text!r}, which is no instant; write e.g. 2024-05-04T18:00Z.") from None
    found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    if found > (present := wall()):
        raise UsageError(
            f"now is {found:%Y-%m-%dT%H:%M}Z, but it is only {present:%Y-%m-%dT%H:%M}Z: name an instant that has passed."
        )
    return found


@contextmanager
def replaying(text: str | None) -> Iterator[None]:
    """Make what runs inside, child processes included, as of an instant; as it is without one.

    Raises:
        UsageError: the text names no instant, or a future one.
    """
    if not text:
        yield
        return
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = parse(text).isoformat()
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(VARIABLE)
        else:
            os.environ[VARIABLE] = before
