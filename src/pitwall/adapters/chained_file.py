"""A file of chained rows, one canonical JSON object a line: its lock, whole lines on disk, and the torn one that a kill leaves."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pitwall.domain.errors import TrackingError
from pitwall.domain.records.chain import Row, canonical, digest, is_link, parse

log = logging.getLogger(__name__)

LOCK_SECONDS = 120.0


class ChainedFile:
    """The lines of a chain.

    Args:
        path: of the file.
        busy: what another process does that holds the lock, for the error.
    """

    def __init__(self, path: Path, busy: str) -> None:
        self.path, self._busy = path, busy

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock under which the file grows; not to be taken twice.

        Raises:
            TrackingError: another process held it for two minutes.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(self.path.with_name(f".{self.path.stem}.lock")), timeout=LOCK_SECONDS)
        try:
            lock.acquire()
        except Timeout:
            raise TrackingError(
                f"another process has been {self._busy} for {LOCK_SECONDS:.0f} s; see that it ends, then try again."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def lines(self) -> list[str]:
        """Return the whole lines."""
        return self.parts()[0]

    def parts(self) -> tuple[list[str], str]:
        """Return the whole lines, and what stands behind the last line end."""
        text = self.path.read_text(encoding="utf-8", errors="replace") if self.path.is_file() else ""
        *whole, torn = text.split("\n")
        return whole, torn

    def write(self, rows: Iterable[Row]) -> None:
        """Write rows behind the last one; they are on disk when this returns."""
        with self.path.open("a", encoding="utf-8") as stream:
            stream.writelines(f"{canonical(row)}\n" for row in rows)
            stream.flush()
            os.fsync(stream.fileno())

    def replace(self, lines: Iterable[str]) -> None:
        """Write the whole file anew, in one step."""
        fresh = self.path.with_name(f".{self.path.name}.new")
        with fresh.open("w", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in lines)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self.path)

    def mend(self) -> None:
        """Finish a last line that only lacks its end, cut a torn one off."""
        whole, torn = self.parts()
        if not torn:
            return
        row = parse(torn)
        if row is not None and is_link(row) and digest(row) == row["hash"]:
            self.replace([*whole, torn])
        else:
            log.warning("the last line of %s was torn by a crash and is cut off: %r", self.path.name, torn[:60])
            self.replace(whole)
