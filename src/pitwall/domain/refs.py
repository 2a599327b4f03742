"""What travels between tasks: small frozen references to bytes that stay where they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class DataRef:
    """Which data: the git revision, DVC's hash of each data stage's output, and the instant up to which it is known."""

    rev: str
    hashes: dict[str, str]
    known_until: str


@dataclass(frozen=True)
class FrameRef:
    """A point-in-time frame on disk: name `<spine>-<stage>`, path, md5 (the hash that DVC shows), rows, columns."""

    name: str
    path: str
    md5: str
    rows: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class RunRef:
    """A training run and the version that it registered (None before registration)."""

    run_id: str
    model: str
    version: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What one gate says of one candidate.

    `measured` and `limit` are in `unit`; `detectable` is the smallest effect that the gate could have seen with the
    races at hand (None where the gate is not a statistical one).
    """

    gate: str
    passed: bool
    measured: float | None
    limit: float | None
    unit: str
    reason: str
    detectable: float | None = None
    template: str | None = None

    def row(self) -> dict[str, Any]:
        """Return the verdict as a JSON row."""
        return asdict(self)


@dataclass(frozen=True)
class Candidacy:
    """A registered version of a model on its way through the gates, and the baseline that it has to beat.

    `champion` is the version that answered when the gates began: what they say holds for that one only.
    """

    model: str
    version: int
    baseline: int
    champion: int | None = None


@dataclass(frozen=True)
class Promotion:
    """One move of the champion alias: who, when, why, from which version to which."""

    model: str
    version: int
    previous: int | None
    at: str
    by: str
    why: str
    verdicts: tuple[Verdict, ...] = field(default=())


def file_md5(path: Path) -> str:
    """Return the md5 of a file, the same hash that DVC records for it."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_hash(folder: Path, files: Iterable[Path] | None = None) -> str:
    """Return a sha256 over the sorted relative names and bytes of a folder's files."""
    digest = hashlib.sha256()
    for path in sorted(files if files is not None else (p for p in folder.rglob("*") if p.is_file())):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
