"""Who leaves takes their shared models, key, ratings and downloads along; what others have forked stays and says that its origin is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.adapters.promotion_history import PromotionHistory
from pitwall.domain.access.permissions import Owner
from pitwall.domain.access.sharing import ORIGIN_TAG, SharedVersion
from pitwall.domain.errors import NotAllowed
from pitwall.domain.ports import RunRecord
from pitwall.domain.project import Project
from pitwall.domain.settings import ACCOUNTS_VARIABLE
from pitwall.testing import FakeRegistry
from pitwall.testing.bundles.honest import Signer, honest_bundle
from pitwall.testing.fakes.repetition import FakeRuns
from pitwall.testing.passwords import cheap_passwords
from pitwall.workflows import runs as looking_back
from pitwall.workflows.hub import receiving
from pitwall.workflows.hub.forking import origin_of
from pitwall.workflows.hub.leaving import LEAVE
from pitwall.workflows.hub.market import download, enter, origin, rate, standings
from pitwall.workflows.hub.receiving import Received
from pitwall.workflows.hub.trust import key_folder, own_key
from pitwall.workflows.hub.withdrawing import withdraw
from pitwall.workflows.people import accounts, leaving
from pitwall.workflows.workspace import Workspace

ADA, BEN = Owner("ada", "admin"), Owner("ben")


class NoData:
    """What DVC says where nothing was made."""

    def hashes(self) -> dict[str, str]:
        return {}


@pytest.fixture
def workspace(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A project with two people, Ada the admin and Ben, in which nothing was run."""
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    monkeypatch.setattr(receiving, "see_loadable", lambda *_: None)  # its own tests: test_receiving.py
    registry = FakeRegistry()
    history, fakes = PromotionHistory(project, registry), {"runs": FakeRuns(tmp_path / "runs"), "versions": NoData()}
    with cheap_passwords(), Workspace(project, registry=registry, history=history, **fakes) as made:
        for name in ("ada", "ben"):
            accounts.create(made, name, "a door with five hinges")
        yield made


def test_all_of_the_one_who_leaves_goes_and_nothing_of_others(
    workspace: Workspace, ada: Signer, tmp_path: Path
) -> None:
    bens, place = _published_by_ben(workspace, tmp_path)
    others = _given(workspace, tmp_path, honest_bundle(ada, name="others"))
    rate(workspace, bens, 5, by=ADA)
    for who in (ADA, BEN):
        rate(workspace, others, 4, by=who)
    workspace.market.took(others.hash, "ben")
    workspace.runs.add(RunRecord("r" * 32, "fork", "FINISHED", "e", tags={ORIGIN_TAG: str(origin_of(bens))}))
    said = leaving.leave(workspace, "ben", {"hub": LEAVE})
    assert said[:3] == [
        "gone: 1 shared models: bens version 1.",
        "gone: 1 ratings, 1 downloads of others' models.",
        "stays: 1 runs that were forked from them; their lineage says that the origin is gone.",
    ]
    assert not place.exists() and not bens.folder.exists() and not key_folder(workspace.project, "ben").exists()
    assert [each.bundle for each in standings(workspace)] == [others]
    assert workspace.market.ratings() == {others.hash: {"ada": 4}}
    assert workspace.market.shared_by("ben") == []
    assert LEAVE(workspace, "ben") == []


def test_a_fork_stays_and_says_that_its_origin_is_gone(workspace: Workspace, ada: Signer, tmp_path: Path) -> None:
    bens, _ = _published_by_ben(workspace, tmp_path)
    fork = _given(workspace, tmp_path, honest_bundle(ada, name="fork", forked_from=bens.hash))
    workspace.runs.add(RunRecord("r" * 32, "fork", "FINISHED", "e", tags={ORIGIN_TAG: str(origin_of(bens))}))
    assert origin(workspace, fork) == "bens version 1 of ben"
    assert "gone" not in looking_back.lineage(workspace).nodes[f"bundle:{bens.hash}"].label
    LEAVE(workspace, "ben")
    assert origin(workspace, fork).startswith(f"bundle {bens.hash[:12]}, which is gone since 20")
    assert "; gone since 20" in looking_back.lineage(workspace).nodes[f"bundle:{bens.hash}"].label
    assert origin(
        workspace, _given(workspace, tmp_path, honest_bundle(ada, name="far", forked_from="9" * 64))
    ).endswith("which was not taken here")


def test_a_file_that_is_another_one_by_now_is_left_alone(workspace: Workspace, tmp_path: Path) -> None:
    _, place = _published_by_ben(workspace, tmp_path)
    place.write_bytes(b"somebody else's")
    LEAVE(workspace, "ben")
    assert place.read_bytes() == b"somebody else's"


def test_nobody_but_its_owner_and_an_admin_withdraws_a_bundle(
    workspace: Workspace, ada: Signer, tmp_path: Path
) -> None:
    bens, _ = _published_by_ben(workspace, tmp_path)
    others = _given(workspace, tmp_path, honest_bundle(ada, name="others"))
    for bundle, who in ((bens, Owner("cid")), (others, BEN)):
        with pytest.raises(NotAllowed):
            withdraw(workspace, bundle, by=who)
    withdraw(workspace, bens, by=BEN)
    withdraw(workspace, others, by=ADA)
    assert standings(workspace) == []
    assert list(workspace.market.withdrawn()) == [
        bens.hash
    ]  # of a stranger's nobody says that it is gone: it is elsewhere


def _published_by_ben(workspace: Workspace, folder: Path) -> tuple[Received, Path]:
    """Return a bundle that Ben shares, and its file."""
    _, public = own_key(workspace.project, "ben")
    place = folder / "shared" / "bens-1.pitwall.zip"
    place.parent.mkdir()
    place.write_bytes(honest_bundle(Signer("ben", public.parent), name="bens"))
    bundle = receiving.receive(workspace.project, place)
    enter(workspace, bundle, place)
    assert workspace.market.shared_by("ben") == [
        SharedVersion(bundle.hash, "bens", 1, bundle.about.key, "ben", str(place))
    ]
    return bundle, place


def _given(workspace: Workspace, folder: Path, content: bytes) -> Received:
    file = folder / "given.zip"
    file.write_bytes(content)
    return download(workspace, file, by=ADA)
