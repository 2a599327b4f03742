"""An archive of the local state is what was there, and a damaged or hostile one is found before anything is touched."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from filelock import FileLock

from pitwall.adapters.accounts.store import SqlAccounts
from pitwall.adapters.backup.manifest import NAME, PREFIX
from pitwall.adapters.backup.restoring import restore
from pitwall.adapters.backup.writing import write
from pitwall.domain.errors import BackupError, UsageError
from pitwall.domain.project import Project
from pitwall.domain.settings import ACCOUNTS_VARIABLE

KEPT = {
    "alerts.jsonl": b'{"kind": "best"}\n',
    "input_log/202603/a.json": b"{}",
    "spool/run/calls.jsonl": b"x" * 300_000,
    "specs/mine/spec.json": b"[1]",
    "unheard_of/b.bin": bytes(range(256)) * 300,
}
LEFT = {
    "alerts.lock": b"",
    "code.json": b"this machine's",
    "prefect.port": b"4200",
    "prefect-server.log": b"started",
    "backtest/order/a.parquet": b"cache",
    "spool/.append.lock": b"",
    ".queries.json.12.new": b"half",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with accounts and some of everything."""
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    return filled(Project(tmp_path / "project"))


@pytest.fixture
def archive(project: Project, tmp_path: Path) -> Path:
    write(project, tmp_path / "state.tar.gz")
    return tmp_path / "state.tar.gz"


@pytest.fixture
def other(tmp_path: Path) -> Project:
    """A fresh project, in which a lock was held once."""
    (tmp_path / "other" / ".pitwall").mkdir(parents=True)
    (tmp_path / "other" / ".pitwall" / "project.lock").touch()
    (tmp_path / "other" / ".pitwall" / "code.json").write_text("the other machine's")
    return Project(tmp_path / "other")


def filled(project: Project) -> Project:
    for name, content in {**KEPT, **LEFT}.items():
        path = project.state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    accounts = SqlAccounts(project)
    accounts.create("ada", ["read"])
    accounts.close()
    return project


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def untouched(project: Project) -> bool:
    names = sorted(each.name for each in project.root.iterdir())
    return names == [".pitwall"] and files(project.state) == {"project.lock": b"", "code.json": b"the other machine's"}


def test_what_comes_back_is_what_was_there_and_no_lock_cache_or_machine_file(project, other, archive):
    token = SqlAccounts(project).tokens()
    done = restore(other, archive, force=False)
    found = files(other.state)
    assert found.pop("pitwall.db")
    assert found == {**KEPT, "project.lock": b"", "code.json": b"the other machine's"}
    assert set(done.manifest.files) == {*KEPT, "pitwall.db"}
    assert SqlAccounts(other).tokens() == token
    assert done.before is None
    assert [each.name for each in other.root.iterdir()] == [".pitwall"], "nothing but locks was there: nothing is kept"
    assert oct(archive.stat().st_mode & 0o777) == "0o600"


def test_an_entry_that_nobody_described_is_kept_and_named_a_link_is_named(project, tmp_path):
    (tmp_path / "secret").write_text("elsewhere")
    (project.state / "specs" / "folder").symlink_to("/etc")
    (project.state / "specs" / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(project.state / "specs" / "pipe")
    made = write(project, tmp_path / "a.tar.gz")
    assert made.unknown == ("unheard_of",)
    assert made.skipped == ("specs/folder", "specs/link", "specs/pipe")


def test_over_something_it_restores_only_by_force_and_keeps_what_was_there(project, other, archive):
    (other.state / "alerts.jsonl").write_text("newer\n")
    with pytest.raises(UsageError, match=r"such as alerts\.jsonl.*--force"):
        restore(other, archive, force=False)
    assert (other.state / "alerts.jsonl").read_text() == "newer\n"
    before = restore(other, archive, force=True).before
    assert before is not None
    assert before.name.startswith(".pitwall.before-")
    assert (before / "alerts.jsonl").read_text() == "newer\n"
    assert files(other.state)["alerts.jsonl"] == KEPT["alerts.jsonl"]


def test_who_waits_for_a_lock_and_who_comes_later_still_shut_each_other_out(other, archive):
    held = FileLock(other.state / "project.lock")
    with held:
        restore(other, archive, force=True)
        late = FileLock(other.state / "project.lock", is_singleton=False)
        with pytest.raises(TimeoutError):
            late.acquire(timeout=0)


def test_the_database_is_copied_whole_while_it_is_written_to(project, other, tmp_path):
    with sqlite3.connect(project.accounts) as fresh:
        fresh.execute("CREATE TABLE pairs (a INTEGER)")
    stop = threading.Event()

    def writes() -> None:
        mine = sqlite3.connect(project.accounts, timeout=30)
        while not stop.is_set():
            with mine:
                mine.executemany("INSERT INTO pairs VALUES (?)", [(1,)] * 7)
        mine.close()

    writer = threading.Thread(target=writes)
    writer.start()
    try:
        for n in range(5):
            write(project, tmp_path / f"{n}.tar.gz")
            restore(other, tmp_path / f"{n}.tar.gz", force=True)
            (count,) = sqlite3.connect(other.accounts).execute("SELECT count(*) FROM pairs").fetchone()
            assert count % 7 == 0, "no transaction is in it by half"
    finally:
        stop.set()
        writer.join()
    assert count > 0


def test_a_locked_database_ends_with_its_reason_and_without_an_archive(project, tmp_path, monkeypatch):
    monkeypatch.setattr("pitwall.adapters.backup.writing.WAIT_S", 0.1)
    with sqlite3.connect(project.accounts, isolation_level=None) as holding:
        holding.execute("PRAGMA journal_mode=DELETE")
        holding.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BackupError, match=r"pitwall\.db cannot be copied: it has been locked"):
            write(project, tmp_path / "a.tar.gz")
    assert [each.name for each in tmp_path.iterdir()] == ["project"]


def test_an_archive_may_not_lie_in_what_it_is_of(project, tmp_path):
    for file in (project.state / "a.tar.gz", tmp_path / "nowhere" / "a.tar.gz", tmp_path):
        with pytest.raises(UsageError, match="cannot be the archive"):
            write(project, file)


def test_any_flipped_byte_is_found_or_changes_nothing(other, archive, tmp_path):
    sound, rng, found = archive.read_bytes(), random.Random(17), 0
    places = [*range(40), *range(len(sound) - 40, len(sound)), *rng.sample(range(len(sound)), 60)]
    for place in places:
        flipped = bytearray(sound)
        flipped[place] ^= 1 << rng.randrange(8)
        (tmp_path / "flipped.tar.gz").write_bytes(flipped)
        try:
            restore(other, tmp_path / "flipped.tar.gz", force=True)
        except BackupError:
            found += 1
            continue
        restored = files(other.state)
        assert restored.pop("pitwall.db")
        assert {name: restored[name] for name in KEPT} == KEPT
    assert found >= len(places) - 10, "only the time and name in gzip's own header carry no checksum"


def test_a_truncated_archive_is_found_wherever_it_ends(other, archive, tmp_path):
    sound = archive.read_bytes()
    for length in (0, 1, 9, 100, len(sound) // 2, len(sound) - 9, len(sound) - 8, len(sound) - 1):
        (tmp_path / "cut.tar.gz").write_bytes(sound[:length])
        with pytest.raises(BackupError):
            restore(other, tmp_path / "cut.tar.gz", force=True)
    assert untouched(other)


Members = list[tuple[tarfile.TarInfo, bytes]]


def packed(members: Members) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), 1)


def member(name: str, content: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    made = tarfile.TarInfo(name)
    made.size = len(content)
    for field, value in fields.items():
        setattr(made, field, value)
    return made, content


def manifest(named: dict[str, bytes], **changed: object) -> tuple[tarfile.TarInfo, bytes]:
    described = {path: {"sha256": sha256(each).hexdigest(), "size": len(each)} for path, each in named.items()}
    content = {"format": 1, "made_at": "2026-03-08", "version": "0.1.0", "files": described, **changed}
    return member(NAME, json.dumps(content).encode())


def archived(named: dict[str, bytes]) -> Members:
    return [manifest(named), *(member(PREFIX + path, content) for path, content in named.items())]


def linked(kind: bytes) -> Members:
    return [manifest({"specs/a": b""}), member(f"{PREFIX}specs/a", type=kind, linkname="../../../etc/passwd")]


A = {"specs/a": b"a"}
HOSTILE: dict[str, tuple[Callable[[], Members], str]] = {
    "up and out": (lambda: archived({"../outside": b"a"}), "lead out of the project"),
    "out from within": (lambda: archived({"specs/../../outside": b"a"}), "lead out of the project"),
    "an absolute path": (lambda: archived({"/tmp/outside": b"a"}), "lead out of the project"),
    "not the shortest path": (lambda: archived({"specs//a": b"a"}), "lead out of the project"),
    "a symbolic link": (lambda: linked(tarfile.SYMTYPE), "is a link"),
    "a hard link": (lambda: linked(tarfile.LNKTYPE), "is a link"),
    "a folder": (lambda: linked(tarfile.DIRTYPE), "is a link"),
    "a device": (lambda: linked(tarfile.CHRTYPE), "is a link"),
    "a file in a file": (lambda: archived({"specs/a": b"a", "specs/a/b": b"b"}), "damaged"),
    "what is this machine's": (lambda: archived({"code.json": b"{}"}), "no backup holds"),
    "a lock": (lambda: archived({"spool/.append.lock": b""}), "no backup holds"),
    "other bytes": (lambda: [manifest(A), member(f"{PREFIX}specs/a", b"b")], "not what its manifest"),
    "more bytes": (lambda: [manifest(A), member(f"{PREFIX}specs/a", b"aa")], "not what its manifest"),
    "a file too many": (lambda: [*archived(A), member(f"{PREFIX}specs/b")], "not in its manifest"),
    "a file twice": (lambda: [*archived(A), archived(A)[1]], "stands there twice"),
    "a file beside the state": (lambda: [manifest(A), member("specs/a", b"a")], "not in its manifest"),
    "a file too few": (lambda: [manifest(A)], "lacks 1 files"),
    "no manifest": (lambda: [member(f"{PREFIX}specs/a", b"a")], "no backup"),
    "another format": (lambda: [manifest(A, format=2)], "see format"),
    "another key": (lambda: [manifest(A, run="rm")], "see run"),
    "a manifest of nothing": (lambda: [member(NAME, b"[" * 100_000)], "see its beginning"),
    "more than the disk": (
        lambda: [manifest({}, files={"specs/a": {"sha256": "0" * 64, "size": 10**18}})],
        "are free here",
    ),
    "a database that is none": (
        lambda: archived({"pitwall.db": b"SQLite format 3\0" + b"x" * 5000}),
        "no sound database",
    ),
    "a huge header": (lambda: [manifest(A), member(f"{PREFIX}{'a/' * 1_000_000}", b"a")], "in front of a file"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_is_touched(what, other, tmp_path):
    members, says = HOSTILE[what]
    (tmp_path / "hostile.tar.gz").write_bytes(packed(members()))
    with pytest.raises(BackupError, match=says):
        restore(other, tmp_path / "hostile.tar.gz", force=True)
    assert untouched(other)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["hostile.tar.gz", "other"]


def test_the_same_archive_without_a_fault_is_restored(other, tmp_path):
    (tmp_path / "sound.tar.gz").write_bytes(packed(archived(A)))
    restore(other, tmp_path / "sound.tar.gz", force=False)
    assert files(other.state)["specs/a"] == b"a"


def test_what_hides_behind_the_last_file_is_found(other, tmp_path):
    plain = gzip.decompress(packed(archived(A)))
    for hidden in (b"x" * 10, b"\0" * 5_000_000):
        (tmp_path / "more.tar.gz").write_bytes(gzip.compress(plain + hidden))
        with pytest.raises(BackupError):
            restore(other, tmp_path / "more.tar.gz", force=True)
    assert untouched(other)


def test_without_an_archive_it_says_so(other, tmp_path):
    with pytest.raises(UsageError, match="there is no archive"):
        restore(other, tmp_path / "none.tar.gz", force=True)
