"""The quota of a day, taken from the database in slices: a request costs no write, and a lock of the database costs no request at once.

A slice is small beside the quota: what a worker holds of it while another one has none is what an owner may miss of the day.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

from pitwall.domain import clock
from pitwall.domain.access.words import Holder
from pitwall.domain.errors import AccountsError
from pitwall.domain.ports.accounts import Accounts

log = logging.getLogger(__name__)

Quota = Literal["granted", "used_up", "unknown"]
MOST = 100  # requests in a slice
PART = 100  # slices in a quota
PATIENCE_S = 5.0  # so long nobody asks again after a refusal: one who hammers must not write at every request


@dataclass
class _Lease:
    day: date
    left: int = 0
    refused: Quota = "unknown"
    ask_after: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class QuotaLeases:
    """What this process has taken of the day's quotas and not used yet. Threads may share it.

    Args:
        accounts: where quotas are kept.
        clock: seconds that never go back.

    Example:
        >>> leases = QuotaLeases(accounts)  # doctest: +SKIP
        >>> leases.take(holder)  # doctest: +SKIP
        'granted'
    """

    def __init__(self, accounts: Accounts, clock: Callable[[], float] = time.monotonic) -> None:
        self._accounts, self._clock = accounts, clock
        self._leases: dict[str, _Lease] = {}
        self._lock = threading.Lock()

    def take(self, holder: Holder, now: datetime | None = None) -> Quota:
        """Take one request of the owner's quota of the day.

        Args:
            holder: who asks; a tier without a quota costs nothing here.
            now: in UTC.

        Returns:
            `granted`; `used_up` until midnight UTC; `unknown` where the slice is used up and the database gives no answer.
        """
        quota = holder.tier.requests_per_day
        if quota is None:
            return "granted"
        lease = self._lease(holder.owner, (now or clock.wall()).astimezone(UTC).date())
        with lease.lock:
            if lease.left == 0 and self._clock() >= lease.ask_after:
                self._refill(holder.owner, lease, min(MOST, max(1, quota // PART)))
            if lease.left == 0:
                return lease.refused
            lease.left -= 1
            return "granted"

    def close(self) -> None:
        """Give back what was not used; where that fails it counts as used."""
        with self._lock:
            leases, self._leases = self._leases, {}
        for owner, lease in leases.items():
            with lease.lock:
                left, lease.left = lease.left, 0
            try:
                self._accounts.give_back(owner, lease.day, left)
            except AccountsError as error:
                log.warning("%d requests of %s count as used: %s", left, owner, error)

    def _lease(self, owner: str, day: date) -> _Lease:
        """Return the owner's lease of a day; what is left of another day is worth nothing."""
        with self._lock:
            lease = self._leases.get(owner)
            if lease is None or lease.day != day:
                lease = self._leases[owner] = _Lease(day)
            return lease

    def _refill(self, owner: str, lease: _Lease, wanted: int) -> None:
        try:
            lease.left = self._accounts.lease(owner, lease.day, wanted)
            lease.refused = "used_up"
        except AccountsError as error:
            log.warning("no quota for %s: %s", owner, error)
            lease.refused = "unknown"
        if lease.left == 0:
            lease.ask_after = self._clock() + PATIENCE_S
