"""What an archive says of its files: names, sizes, hashes. It comes from whoever made the archive, so it is read as a stranger's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field, ValidationError

from pitwall.domain.errors import BackupError
from pitwall.domain.params import Section
from pitwall.domain.records.local_state import is_kept

NAME = "manifest.json"
PREFIX = "state/"
MOST_FILES = 1_000_000
MOST_BYTES = 200_000_000  # of the manifest itself


class KeptFile(Section):
    """The bytes of one file."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class Manifest(Section):
    """The whole of manifest.json.

    Attributes:
        format: of the archive.
        made_at: instant, UTC.
        version: of the package that made it.
        files: by path below `.pitwall/`.
    """

    format: Literal[1] = 1
    made_at: str
    version: str
    files: Mapping[str, KeptFile]

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(each.size for each in self.files.values())


def parse(content: bytes) -> Manifest:
    """Return what a manifest says.

    Raises:
        BackupError: it is none, or names a file that no backup would hold or that leads elsewhere.
    """
    try:
        found = Manifest.model_validate_json(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))[:100]
        raise BackupError(
            f"{NAME} of the archive is not one of a backup by this version (see {where or 'its beginning'})."
        ) from None
    if len(found.files) > MOST_FILES:
        raise BackupError(f"the archive names {len(found.files):,} files; at most {MOST_FILES:,} are restored.")
    for path in found.files:
        see_safe(path)
    return found


def see_safe(path: str) -> None:
    """Look at a path below `.pitwall/`.

    Raises:
        BackupError: it leads outside, or to what belongs to a machine and not to a backup.
    """
    parts = PurePosixPath(path).parts
    if not parts or "/".join(parts) != path or ".." in parts or path.startswith("/") or "\0" in path:
        raise BackupError(
            f"the archive has a file {path[:200]!r} that would lead out of the project; nothing was restored."
        )
    if not is_kept(path):
        raise BackupError(f"the archive has a file {path[:200]!r} that no backup holds; nothing was restored.")
