"""Jobs of a day and deployed models: taken in one transaction, in which nobody else takes of the same owner, and given back by their key."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select, text

from pitwall.adapters.accounts.database import OfAccounts
from pitwall.adapters.accounts.schema import deployments, owners, shares, tier_in, tiers
from pitwall.domain import clock
from pitwall.domain.access.words import LOCAL, Deployment, Share, Tier
from pitwall.domain.errors import NotAllowed, QuotaExceeded, UnknownName

if TYPE_CHECKING:
    pass

HERE = text("INSERT INTO owners (name, tier, created) VALUES (:name, :tier, :created) ON CONFLICT (name) DO NOTHING")
TIER = select(*tiers.c).join_from(owners, tiers, owners.c.tier == tiers.c.name)


class JobShares(OfAccounts):
    """What owners have taken of what their tiers allow them to start."""

    def tier_of(self, owner: str) -> Tier:
        """Return the tier of an owner; who sits at this machine is always one.

        Raises:
            UnknownName: there is no such owner.
        """
        with self._database.read() as connection:
            row = connection.execute(TIER.where(owners.c.name == owner)).one_or_none()
            if row is None and owner == LOCAL:
                row = connection.execute(select(*tiers.c).where(tiers.c.name == LOCAL)).one_or_none()
            if row is None:
                raise UnknownName("owner", owner, connection.scalars(select(owners.c.name)))
            return tier_in(row)

    def reserve(self, owner: str, key: str, now: datetime | None = None, model: str = "", of: str = "") -> bool:
        """Take one job of an owner's day, and one of the models that they may deploy; both or none.

        Args:
            owner: whose job it is.
            key: of the job: what is taken by it already is not taken twice.
            now: in UTC.
            model: that is to be deployed, if one is.
            of: whose model it is; the owner's when empty.

        Returns:
            True where it was taken now, False where it had been before.

        Raises:
            QuotaExceeded: nothing is left.
            NotAllowed: the model became another one's meanwhile.
            UnknownName: there is no such owner.
        """
        at = (now or clock.wall()).astimezone(UTC)
        with self._database.write() as connection:
            connection.execute(HERE, {"name": LOCAL, "tier": LOCAL, "created": at.isoformat()})
            tier = _locked_tier(connection, owner)
            if model:
                _take_model(connection, tier, owner, Deployment(model, of or owner, key, counts=True))
            if connection.execute(select(shares).where(_is(owner, key))).one_or_none() is not None:
                return False
            _see_left(connection, tier, owner, at)
            made = {"owner": owner, "key": key, "day": at.date().isoformat(), "taken": at.isoformat(), "job": ""}
            connection.execute(shares.insert().values(**made))
            return True

    def came_of(self, owner: str, key: str, job: str) -> None:
        """Note which flow run came of a share: it is used from now on, whatever becomes of the run."""
        with self._database.write() as connection:
            connection.execute(shares.update().where(_is(owner, key)).values(job=job))

    def release(self, owner: str, key: str) -> None:
        """Give a job back of which nothing was begun."""
        with self._database.write() as connection:
            connection.execute(shares.delete().where(_is(owner, key)))

    def shares(self, owner: str) -> list[Share]:
        """Return all that an owner has taken, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(shares).where(shares.c.owner == owner).order_by(shares.c.taken))
            return [Share(row.owner, row.key, datetime.fromisoformat(row.taken), row.job) for row in rows]

    def jobs_on(self, owner: str, day: date) -> int:
        """Return how many jobs of a day (UTC) are taken."""
        with self._database.read() as connection:
            return _taken(connection, owner, day)

    def deployments(self, owner: str | None = None) -> list[Deployment]:
        """Return the models that an owner, or anybody, has deployed or wanted to, by name."""
        wanted = select(deployments).order_by(deployments.c.model)
        with self._database.read() as connection:
            rows = connection.execute(wanted if owner is None else wanted.where(deployments.c.owner == owner))
            return [Deployment(row.model, row.owner, row.key, counts=bool(row.counts)) for row in rows]

    def count(self, seen: Deployment, *, counts: bool) -> None:
        """Say of a deployment whether it counts; of one that was taken anew meanwhile nothing is said."""
        mine = (deployments.c.model == seen.model) & (deployments.c.key == seen.key)
        with self._database.write() as connection:
            connection.execute(deployments.update().where(mine).values(counts=int(counts)))


def _is(owner: str, key: str) -> Any:
    return (shares.c.owner == owner) & (shares.c.key == key)


def _locked_tier(connection: Connection, owner: str) -> Tier:
    """Return the tier of an owner, of whom nobody else takes until the transaction ends."""
    name = connection.scalar(select(owners.c.tier).where(owners.c.name == owner).with_for_update())
    if name is None:
        raise UnknownName("owner", owner, connection.scalars(select(owners.c.name)))
    return tier_in(connection.execute(select(*tiers.c).where(tiers.c.name == name)).one())


def _taken(connection: Connection, owner: str, day: date) -> int:
    mine = (shares.c.owner == owner) & (shares.c.day == day.isoformat())
    return int(connection.scalar(select(func.count()).select_from(shares).where(mine)) or 0)


def _see_left(connection: Connection, tier: Tier, owner: str, at: datetime) -> None:
    used = _taken(connection, owner, at.date())
    if tier.jobs_per_day is None or used < tier.jobs_per_day:
        return
    anew = datetime.combine(at.date() + timedelta(days=1), datetime.min.time(), UTC)
    raise QuotaExceeded(
        f"{used} jobs of {owner} on {at:%Y-%m-%d} (UTC)",
        f"at most {tier.jobs_per_day} a day in the tier {tier.name}",
        f"it begins anew at {anew:%Y-%m-%d %H:%M} UTC",
        max(1, int((anew - at).total_seconds())),
    )


def _take_model(connection: Connection, tier: Tier, owner: str, wanted: Deployment) -> None:
    """Let a model count as its owner's; raise where it is another one's, or where its owner may have no more."""
    this = deployments.c.model == wanted.model
    there = connection.execute(select(deployments).where(this)).one_or_none()
    if there is not None and there.owner != wanted.owner:
        raise NotAllowed(f"the name {wanted.model} was taken by another owner; choose another one.")
    if wanted.owner == owner:
        _see_room(connection, tier, wanted)
    values = {"owner": wanted.owner, "key": wanted.key, "counts": 1}
    if there is None:
        connection.execute(deployments.insert().values(model=wanted.model, **values))
    else:
        connection.execute(deployments.update().where(this).values(**values))


def _see_room(connection: Connection, tier: Tier, wanted: Deployment) -> None:
    others = (deployments.c.owner == wanted.owner) & (deployments.c.counts == 1) & (deployments.c.model != wanted.model)
    names = list(connection.scalars(select(deployments.c.model).where(others).order_by(deployments.c.model)))
    if tier.deployed is not None and len(names) >= tier.deployed:
        raise QuotaExceeded(
            f"{len(names)} deployed models of {wanted.owner}: {', '.join(names)}",
            f"at most {tier.deployed} at a time in the tier {tier.name}",
            "deploy under one of these names, or let one of them fall back to its rule (`pitwall registry rollback`)",
        )
