"""Downloads are counted, ratings are one for each owner and version, and the week's first is the most downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pitwall.domain.access.permissions import AT_THIS_MACHINE, Owner
from pitwall.domain.errors import NotAllowed, UnknownName, UsageError
from pitwall.domain.project import Project
from pitwall.testing.bundles.honest import Signer, honest_bundle
from pitwall.workflows.hub import receiving
from pitwall.workflows.hub.market import download, rate, standings, top
from pitwall.workflows.hub.opening.refusal import BundleRefused
from pitwall.workflows.hub.receiving import Received
from pitwall.workflows.hub.shelf import find, versions
from pitwall.workflows.hub.standing import average
from pitwall.workflows.hub.trust import own_key
from pitwall.workflows.workspace import Workspace

NOW = datetime(2030, 5, 10, 12, tzinfo=UTC)
LONG_AGO, DAY = NOW - timedelta(days=8), timedelta(days=1)
ADA, BOB = Owner("ada"), Owner("bob")


@pytest.fixture(autouse=True)
def loaders_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "see_loadable", lambda *_: None)  # its own tests: test_receiving.py


@pytest.fixture
def workspace(project: Project) -> Iterator[Workspace]:
    with Workspace(project) as made:
        yield made


def test_the_weeks_first_is_the_most_downloaded_and_ties_go_by_rating(
    workspace: Workspace, ada: Signer, tmp_path: Path
) -> None:
    old = _took(workspace, tmp_path, honest_bundle(ada, name="old"), LONG_AGO, LONG_AGO)
    new = _took(workspace, tmp_path, honest_bundle(ada, name="new"), NOW - 6 * DAY)
    _took(workspace, tmp_path, honest_bundle(ada, name="none"), LONG_AGO)
    found = [(each.bundle.about.name, each.downloads, each.this_week) for each in standings(workspace, now=NOW)]
    assert found == [("new", 1, 1), ("none", 1, 0), ("old", 2, 0)]
    assert [each.bundle for each in top(workspace, now=NOW)] == [new]
    workspace.market.took(old.hash, "bob", NOW)
    rate(workspace, new, 3, by=BOB, now=NOW)
    assert rate(workspace, old, 5, by=BOB, now=NOW).mine == 5
    assert [each.bundle for each in top(workspace, now=NOW)] == [old, new]
    assert rate(workspace, old, 1, by=BOB, now=NOW).ratings == 1
    assert [each.bundle for each in top(workspace, now=NOW)] == [new, old]
    assert [each.bundle for each in top(workspace, 1, now=NOW)] == [new]
    assert top(workspace, now=NOW + 8 * DAY) == []


def test_few_ratings_count_little_beside_the_mean_of_all() -> None:
    assert average([5], [5, *[3] * 9]) < average([5] * 20, [5, *[3] * 9])
    assert average([], [4, 2]) == 3.0
    assert average([1], [1]) == 1.0


def test_each_owner_has_one_rating_of_each_version(workspace: Workspace, ada: Signer, tmp_path: Path) -> None:
    one, two = (_took(workspace, tmp_path, honest_bundle(ada, version=number), NOW) for number in (1, 2))
    for stars in (5, 2):
        rate(workspace, one, stars, by=ADA)
    rate(workspace, one, 4, by=BOB)
    rate(workspace, two, 1, by=BOB)
    assert workspace.market.ratings() == {one.hash: {"ada": 2, "bob": 4}, two.hash: {"bob": 1}}
    for stars in (0, 6):
        with pytest.raises(UsageError, match="1 to 5"):
            rate(workspace, one, stars, by=BOB)


def test_nobody_rates_what_their_own_key_signed_not_even_an_admin(workspace: Workspace, tmp_path: Path) -> None:
    _, public = own_key(workspace.project, "local")
    mine = _took(workspace, tmp_path, honest_bundle(Signer("somebody else", public.parent), owner="bob"), NOW)
    with pytest.raises(NotAllowed, match="own"):
        rate(workspace, mine, 5)
    assert rate(workspace, mine, 2, by=BOB).ratings == 1  # whatever name the bundle claims: the key says whose it is
    (seen,) = standings(workspace, by=AT_THIS_MACHINE)
    assert (seen.own, seen.mine) == (True, None)


def test_what_is_refused_is_not_counted(workspace: Workspace, mallory: Signer, tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match="unknown_signer"):
        _took(workspace, tmp_path, honest_bundle(mallory), NOW)
    assert (standings(workspace), workspace.market.downloads()) == ([], {})


def test_a_name_is_its_newest_version_and_two_peoples_name_is_nobodys(
    workspace: Workspace, ada: Signer, mallory: Signer, tmp_path: Path
) -> None:
    one, two = (_took(workspace, tmp_path, honest_bundle(ada, version=number), NOW) for number in (1, 2))
    project = workspace.project
    assert [find(project, each) for each in ("fast", "fast@2", "fast@1", one.hash[:10])] == [two, two, one, one]
    assert versions(project, "fast") == [two, one]
    other = _took(workspace, tmp_path, honest_bundle(mallory, version=3), NOW, trusting=mallory.id)
    assert find(project, "fast@3") == other
    with pytest.raises(UsageError, match="names 3 bundles"):
        find(project, "fast")
    for wrong in ("fast@4", "fats", "", "@1"):
        with pytest.raises(UnknownName):
            find(project, wrong)


def _took(workspace: Workspace, folder: Path, content: bytes, *when: datetime, trusting: str = "") -> Received:
    file = folder / "given.zip"
    file.write_bytes(content)
    return [download(workspace, file, trusting, by=ADA, now=at) for at in when][-1]
