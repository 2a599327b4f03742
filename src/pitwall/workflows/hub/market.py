"""The marketplace of a project: take a bundle, rate it, and see how all that were taken stand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pitwall.domain import clock
from pitwall.domain.access.permissions import AT_THIS_MACHINE, Owner, see_allowed
from pitwall.domain.access.sharing import SharedVersion
from pitwall.domain.errors import UsageError
from pitwall.workflows.hub.receiving import Received, receive
from pitwall.workflows.hub.shelf import SHORT, taken
from pitwall.workflows.hub.standing import MOST_STARS, WEEK, Standing, average, in_order
from pitwall.workflows.hub.trust import owner_of_key
from pitwall.workflows.workspace import Workspace

TOP = 10


def download(
    workspace: Workspace, file: Path, trusting: str = "", *, by: Owner = AT_THIS_MACHINE, now: datetime | None = None
) -> Received:
    """Verify a bundle in quarantine, take it, and write down that it was downloaded.

    Args:
        workspace: of the project that takes it.
        file: the zip.
        trusting: id of a key that is trusted from now on, if this is the signer's; empty for none.
        by: who takes it.
        now: in UTC.

    Raises:
        UsageError: there is no such file.
        BundleRefused: something about it is wrong; it stays in quarantine, and is not counted.
    """
    bundle = receive(workspace.project, file, trusting)
    enter(workspace, bundle, now=now)
    workspace.market.took(bundle.hash, by.name, now)
    return bundle


def rate(
    workspace: Workspace, bundle: Received, stars: int, *, by: Owner = AT_THIS_MACHINE, now: datetime | None = None
) -> Standing:
    """Keep what somebody thinks of a version, in the place of what they thought before, and return how it stands now.

    Args:
        workspace: of the project.
        bundle: that they rate.
        stars: from 1 to 5.
        by: who rates.
        now: in UTC.

    Raises:
        UsageError: the number is none of these.
        NotAllowed: it is their own, by the key that signed it.
    """
    if not 1 <= stars <= MOST_STARS:
        raise UsageError(f"{stars} is no rating; give 1 to {MOST_STARS}.")
    see_allowed(by, "rate", owner_of_key(workspace.project, bundle.about.key), shared=True)
    enter(workspace, bundle, now=now)
    workspace.market.rate(bundle.hash, by.name, stars, now)
    return next(each for each in standings(workspace, by=by, now=now) if each.bundle.hash == bundle.hash)


def standings(workspace: Workspace, *, by: Owner = AT_THIS_MACHINE, now: datetime | None = None) -> list[Standing]:
    """Return all verified bundles as people think of them: by downloads of the last seven days, ties by rating, then by name.

    Args:
        workspace: of the project.
        by: who asks.
        now: in UTC.
    """
    market, given = workspace.market, workspace.market.ratings()
    ever, week = market.downloads(), market.downloads((now or clock.wall()) - WEEK)
    badges = market.badges()
    everybody = [stars for each in given.values() for stars in each.values()]

    def of(bundle: Received) -> Standing:
        own, whose = given.get(bundle.hash, {}), owner_of_key(workspace.project, bundle.about.key)
        counts = ever.get(bundle.hash, 0), week.get(bundle.hash, 0)
        mark = average(list(own.values()), everybody)
        seen = badges.get(bundle.hash)
        return Standing(bundle, mark, len(own), *counts, mine=own.get(by.name), own=whose == by.name, badge=seen)

    return in_order(map(of, taken(workspace.project)))


def standing(workspace: Workspace, bundle: Received, *, by: Owner = AT_THIS_MACHINE) -> Standing:
    """Return how one bundle stands."""
    return next(each for each in standings(workspace, by=by) if each.bundle.hash == bundle.hash)


def origin(workspace: Workspace, bundle: Received) -> str:
    """Return, in words, what a bundle was forked from; empty of an original."""
    first = bundle.about.forked_from
    if not first:
        return ""
    for each in taken(workspace.project):
        if each.hash == first:
            return f"{each.about.name} version {each.about.version} of {each.about.owner}"
    at = workspace.market.withdrawn().get(first)
    return f"bundle {first[:SHORT]}, " + (f"which is gone since {at[:10]}" if at else "which was not taken here")


def top(
    workspace: Workspace, most: int = TOP, *, by: Owner = AT_THIS_MACHINE, now: datetime | None = None
) -> list[Standing]:
    """Return the top models of this week: those that were downloaded in the last seven days, the most downloaded first.

    Args:
        workspace: of the project.
        most: how many at most.
        by: who asks.
        now: in UTC.
    """
    return [each for each in standings(workspace, by=by, now=now) if each.this_week][:most]


def enter(workspace: Workspace, bundle: Received, place: Path | None = None, now: datetime | None = None) -> None:
    """Enter a verified bundle among the shared models, unless it is there.

    Args:
        workspace: of the project.
        bundle: that was verified here.
        place: the file that others take it from, of one that was published here.
        now: in UTC.
    """
    about, where = bundle.about, str(place.absolute()) if place else ""
    whose = owner_of_key(workspace.project, about.key)
    workspace.market.enter(SharedVersion(bundle.hash, about.name, about.version, about.key, whose, where), now)
