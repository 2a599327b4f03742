"""`domain.ports.Market` on SQLAlchemy, in the database of the accounts: entered once each, taken as often as anybody likes, rated once by each."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy import func, select, text

from pitwall.adapters.accounts.database import OfAccounts
from pitwall.adapters.accounts.market_tables import badges, downloads, ratings, shared, shared_versions, withdrawn
from pitwall.adapters.accounts.people.rows import written
from pitwall.domain.access.sharing import Badge, SharedVersion

NAME = text(
    "INSERT INTO shared (name, signer, owner, created) VALUES (:name, :signer, :owner, :created) ON CONFLICT DO NOTHING"
)
VERSION = text(
    "INSERT INTO shared_versions (bundle, name, signer, version, place, created) "
    "VALUES (:bundle, :name, :signer, :version, :place, :created) ON CONFLICT (bundle) DO NOTHING"
)
RATING = text(
    "INSERT INTO ratings (bundle, owner, stars, at) VALUES (:bundle, :owner, :stars, :at) "
    "ON CONFLICT (bundle, owner) DO UPDATE SET stars = excluded.stars, at = excluded.at"
)

GONE = text("INSERT INTO withdrawn (bundle, at) VALUES (:bundle, :at) ON CONFLICT (bundle) DO NOTHING")
EMPTY = text(
    "DELETE FROM shared WHERE NOT EXISTS (SELECT 1 FROM shared_versions v WHERE v.name = shared.name AND v.signer = shared.signer)"
)
FIELDS = tuple(field.name for field in fields(Badge))


class SqlMarket(OfAccounts):
    """What was shared, downloaded and rated in a project."""

    def enter(self, version: SharedVersion, now: datetime | None = None) -> None:
        """Enter a version of a shared model, and the model, unless they are there."""
        row = {**vars(version), "created": written(now)}
        with self._database.write() as connection:
            connection.execute(NAME, {name: row[name] for name in ("name", "signer", "owner", "created")})
            connection.execute(VERSION, {name: value for name, value in row.items() if name != "owner"})

    def took(self, bundle: str, owner: str, now: datetime | None = None) -> None:
        """Write a download of a version that is entered down; nothing takes one back."""
        with self._database.write() as connection:
            connection.execute(downloads.insert().values(bundle=bundle, owner=owner, at=written(now)))

    def rate(self, bundle: str, owner: str, stars: int, now: datetime | None = None) -> None:
        """Keep what an owner thinks of a version that is entered, in the place of what they thought before.

        Args:
            bundle: its hash.
            owner: who thinks so.
            stars: from 1 to 5.
            now: in UTC.
        """
        with self._database.write() as connection:
            connection.execute(RATING, {"bundle": bundle, "owner": owner, "stars": stars, "at": written(now)})

    def ratings(self) -> dict[str, dict[str, int]]:
        """Return the stars that each owner gave, by bundle."""
        found: dict[str, dict[str, int]] = {}
        with self._database.read() as connection:
            for row in connection.execute(select(ratings).order_by(ratings.c.bundle, ratings.c.owner)):
                found.setdefault(row.bundle, {})[row.owner] = row.stars
        return found

    def downloads(self, since: datetime | None = None) -> dict[str, int]:
        """Return how often each bundle was downloaded, from an instant on or ever."""
        counted = select(downloads.c.bundle, func.count().label("times")).group_by(downloads.c.bundle)
        if since is not None:
            counted = counted.where(downloads.c.at >= written(since))
        with self._database.read() as connection:
            return {row.bundle: row.times for row in connection.execute(counted)}

    def award(self, badge: Badge, owner: str, now: datetime | None = None) -> None:
        """Keep what came of training the model of an entered bundle again, in the place of what came of it before.

        Args:
            badge: what came of it.
            owner: who asked.
            now: in UTC.
        """
        values = {**vars(badge), "at": written(now), "owner": owner}
        with self._database.write() as connection:
            connection.execute(badges.delete().where(badges.c.bundle == badge.bundle))
            connection.execute(badges.insert().values(**values))

    def badges(self) -> dict[str, Badge]:
        """Return what came of it, by bundle."""
        with self._database.read() as connection:
            rows = connection.execute(select(badges))
            return {row.bundle: Badge(**{name: getattr(row, name) for name in FIELDS}) for row in rows}

    def withdraw(self, bundle: str, now: datetime | None = None, *, noted: bool = True) -> None:
        """Forget a version with all that people thought of it, and its name with the last one.

        Args:
            bundle: its hash.
            now: in UTC.
            noted: keep that there was one: forks say that their origin is gone.
        """
        with self._database.write() as connection:
            if noted:
                connection.execute(GONE, {"bundle": bundle, "at": written(now)})
            connection.execute(shared_versions.delete().where(shared_versions.c.bundle == bundle))
            connection.execute(EMPTY)

    def withdrawn(self) -> dict[str, str]:
        """Return {bundle: when, ISO text} of those that were shared here and are no more."""
        with self._database.read() as connection:
            return {row.bundle: row.at for row in connection.execute(select(withdrawn))}

    def forget(self, owner: str) -> tuple[int, int]:
        """Forget the ratings and downloads of an owner; return how many there were of each."""
        with self._database.write() as connection:
            marks, taken = (
                connection.execute(each.delete().where(each.c.owner == owner)).rowcount for each in (ratings, downloads)
            )
            return marks, taken

    def shared_by(self, owner: str) -> list[SharedVersion]:
        """Return the versions that an owner of this project shares, by name and version."""
        mine = select(shared_versions, shared.c.owner).join_from(
            shared_versions,
            shared,
            (shared_versions.c.name == shared.c.name) & (shared_versions.c.signer == shared.c.signer),
        )
        ordered = mine.where(shared.c.owner == owner).order_by(shared_versions.c.name, shared_versions.c.version)
        with self._database.read() as connection:
            rows = connection.execute(ordered)
            return [SharedVersion(row.bundle, row.name, row.version, row.signer, row.owner, row.place) for row in rows]
