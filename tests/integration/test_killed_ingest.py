"""An ingest that is killed at any step leaves what was there, and the next one completes as if nothing had happened."""

from __future__ import annotations

import shutil
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.params import parse_params
from pitwall.domain.project import Project
from pitwall.sources.machinery.fetching import inspect
from pitwall.sources.machinery.snapshots import store
from pitwall.sources.machinery.snapshots.store import snapshots
from pitwall.sources.machinery.stage import ingest
from pitwall.sources.synthetic import SyntheticSettings, fetch
from pitwall.testing.fakes.kill import first_of_each, killed, left_behind, steps

pytestmark = pytest.mark.slow

EARLIER, NOW = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 8, tzinfo=UTC)


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of our own server with two dumps of a tiny world, old.zip and new.zip."""
    folder = tmp_path / "served"
    folder.mkdir()
    for name, races in (("old", 3), ("new", 4)):
        dump = tmp_path / name
        dump.mkdir()
        fetch(None, SyntheticSettings(seasons=2, teams=4, races=races), dump)
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as made:
            for path in sorted(dump.iterdir()):
                made.write(path, path.name)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project; downloads go to a folder in it, so that they are steps too."""
    monkeypatch.setattr(store, "inspect_folder", inspect.inspect)  # a process for each of many fetches is slow
    root = tmp_path / "project"
    (root / "tmp").mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(root / "tmp"))
    return Project(root)


def fetched(project: Project, url: str, now: datetime) -> str:
    params = parse_params({"sources": {"ergast": {"location": url}}})
    return ingest(project, params, "ergast", now).snapshot


def test_a_killed_ingest_loses_nothing_and_the_next_one_completes(served: str, project: Project) -> None:
    home = project.raw / "ergast"
    old = fetched(project, f"{served}/old.zip", EARLIER)

    def work() -> None:
        fetched(project, f"{served}/new.zip", NOW)

    found = steps(work, project.root)
    new = snapshots(home)[-1]
    kinds = {name.split()[0] for name in found}
    assert {"open", "os.rename"} <= kinds
    assert any(name.startswith("open tmp/") for name in found), "the download is a step"
    assert any("manifest.json" in name for name in found)

    shutil.rmtree(new.folder)
    for number in first_of_each(found):  # each is also the run after the one that was killed before
        died_at = killed(work, project.root, number)
        kept = snapshots(home)
        assert [each.name for each in kept] in ([old], [old, new.name]), died_at
        if len(kept) == 2:
            shutil.rmtree(kept[1].folder)
    assert fetched(project, f"{served}/new.zip", NOW) == new.name
    assert [each.hash for each in snapshots(home)][1:] == [new.hash]
    assert not list(home.glob(".*"))


def test_a_snapshot_that_is_not_renamed_into_place_would_be_noticed(
    served: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: a store that copies file by file leaves half a snapshot under its final name."""
    fetched(project, f"{served}/old.zip", EARLIER)

    def copied(self: Path, target: Path) -> None:
        shutil.copytree(self, target)

    monkeypatch.setattr(Path, "rename", copied)

    def work() -> None:
        fetched(project, f"{served}/new.zip", NOW)

    found = steps(work, project.root)
    shutil.rmtree(snapshots(project.raw / "ergast")[-1].folder)
    half_copied = max(number for number, name in enumerate(found) if name.startswith("open data/raw/ergast/2"))
    killed(work, project.root, half_copied)
    with pytest.raises(SourceError):
        snapshots(project.raw / "ergast")


def test_a_copy_is_what_a_kill_leaves(served: str, project: Project, tmp_path: Path) -> None:
    """`left_behind` does not kill; that it tells the truth is seen by killing for real."""

    def work() -> None:
        fetched(project, f"{served}/new.zip", NOW)

    found = steps(work, project.root)
    shutil.rmtree(project.raw)
    copies = list(left_behind(work, project.root, tmp_path / "states").values())
    for number, copy in zip(first_of_each(found), copies, strict=False):
        shutil.rmtree(project.raw, ignore_errors=True)
        killed(work, project.root, number)
        assert files(project.raw) == files(copy / "data" / "raw")


def files(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}
