"""The words of access: scopes, tiers, tokens, and who holds one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from pitwall.domain.errors import UnknownName, UsageError

READ, PREDICT, METRICS, ADMIN = "read", "predict", "metrics", "admin"
SCOPES = {
    READ: "models, forecasts and their history",
    PREDICT: "new answers of the models",
    METRICS: "the counters of the server",
    ADMIN: "reserved: no route asks for it, so no token gets it",
}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")


@dataclass(frozen=True)
class Tier:
    """How much an owner may ask and start; None is without a limit.

    Attributes:
        name: of the tier.
        requests_per_minute: that flow back into what an owner may ask at once.
        burst: what an owner may ask at once.
        requests_per_day: from midnight to midnight, UTC.
        jobs_per_day: trainings, deployments, judgements and repetitions that are started, likewise.
        job_hours: that one of them may take.
        dataset_mb: in memory, of the table that a model is trained on.
        deployed: models that answer at the same time.
        gpu: whether an order may ask to learn on a GPU.
    """

    name: str
    requests_per_minute: int | None = None
    burst: int | None = None
    requests_per_day: int | None = None
    jobs_per_day: int | None = None
    job_hours: float | None = None
    dataset_mb: float | None = None
    deployed: int | None = None
    gpu: bool = False


LOCAL = "local"
FREE = "free"
TIERS = (  # what a fresh database has
    Tier(LOCAL, gpu=True),
    Tier(FREE, 60, 20, 1_000, jobs_per_day=5, job_hours=1, dataset_mb=100, deployed=3),
    Tier("team", 600, 100, 50_000),
    Tier("pro", 600, 100, 50_000, job_hours=8, dataset_mb=5_000, gpu=True),
)


@dataclass(frozen=True)
class Share:
    """A job that an owner has taken of their day.

    Attributes:
        owner: whose day it is.
        key: of who has started the job.
        taken: when.
        job: the flow run that came of it; empty until it is noted.
    """

    owner: str
    key: str
    taken: datetime
    job: str = ""


@dataclass(frozen=True)
class Deployment:
    """A model that an owner has deployed, or wants to.

    Attributes:
        model: its registered name.
        owner: whose it is.
        key: of the share by which it was last deployed or judged.
        counts: whether it counts as one of the tier's.
    """

    model: str
    owner: str
    key: str
    counts: bool


@dataclass(frozen=True)
class Holder:
    """Who sent a token that is valid.

    Attributes:
        owner: whose token it is.
        scopes: what it may be used for.
        tier: of the owner, as it is now.
        token: its id.
    """

    owner: str
    scopes: frozenset[str]
    tier: Tier
    token: str


@dataclass(frozen=True)
class Token:
    """What is known of a token: everything but its secret.

    Attributes:
        id: stands in the token itself too.
        owner: whose it is.
        scopes: what it may be used for, sorted.
        tier: of its owner.
        created: when.
        expires: when it ends; never when None. One that was rotated ends after its grace.
        revoked: when it was, if it was.
        replaces: the token that it was made from by a rotation.
    """

    id: str
    owner: str
    scopes: tuple[str, ...]
    tier: str
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    replaces: str | None = None

    def state(self, now: datetime) -> str:
        """Return `valid`, `revoked` or `expired`."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "valid"

    def row(self) -> dict[str, Any]:
        """Return it as JSON."""
        times = {key: each.isoformat() for key, each in asdict(self).items() if isinstance(each, datetime)}
        return {**asdict(self), "scopes": list(self.scopes), **times}


@dataclass(frozen=True)
class NewToken:
    """A token that was just made, with its text: the only time that anybody sees it.

    Attributes:
        token: what is kept of it.
        text: what its owner sends.
    """

    token: Token
    text: str = field(repr=False)


def checked_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return scopes without doubles, sorted.

    Raises:
        UnknownName: there is no such scope.
        UsageError: none, or the reserved one: what it will open is not decided, so nobody can have agreed to it.
    """
    found = sorted(set(scopes))
    for each in found:
        if each not in SCOPES:
            raise UnknownName("scope", each, set(SCOPES) - {ADMIN})
    if not found or ADMIN in found:
        given = "the scope admin is reserved and cannot be given" if found else "a token without a scope opens nothing"
        raise UsageError(f"{given}; choose among {READ}, {PREDICT}, {METRICS}.")
    return tuple(found)


def checked_name(kind: str, name: str) -> str:
    """Return the name of an owner or a tier.

    Raises:
        UsageError: it is empty, long, or has characters that tables, logs and labels of metrics would have to quote.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of {kind}: letters, digits and . _ @ + -, at most 64, a letter or digit first."
        )
    return name


def checked_tier(tier: Tier) -> Tier:
    """Return a tier whose limits can be.

    Raises:
        UsageError: its name or a limit cannot be.
    """
    checked_name("a tier", tier.name)
    counts = (tier.requests_per_minute, tier.burst, tier.requests_per_day, tier.jobs_per_day, tier.deployed)
    if any(limit is not None and limit < 1 for limit in counts):
        raise UsageError(
            f"a limit of tier {tier.name} is below 1; leave it out for none, revoke tokens to shut an owner out."
        )
    if any(limit is not None and not limit > 0 for limit in (tier.job_hours, tier.dataset_mb)):
        raise UsageError(f"the hours of a job and the megabytes of its data are above 0 in a tier; found {tier}.")
    if (tier.requests_per_minute is None) != (tier.burst is None):
        raise UsageError(
            f"tier {tier.name} has one of requests per minute and burst; give both, or neither for no limit."
        )
    return tier
