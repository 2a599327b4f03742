"""Take the newest snapshot of a source back: it moves out of `data/raw` to `.pitwall/undone`, and nothing is lost.

Snapshots are append-only, and this is the one exception: a snapshot that should never have been kept.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Params
from pitwall.domain.plugins import pick
from pitwall.domain.project import Project
from pitwall.sources import beside_sources, chosen_sources
from pitwall.sources.machinery.snapshots.store import Snapshot, snapshots


@dataclass(frozen=True)
class Undone:
    """Snapshots that were taken back, where they lie now, and how many of the source are left."""

    source: str
    location: str | None
    moves: tuple[tuple[Path, Path], ...]
    left: int

    def take_forth(self) -> None:
        """Put the snapshots back to where they were."""
        for here, there in self.moves:
            shutil.move(there, here)


def undo(project: Project, params: Params, name: str | None = None, *, everything: bool = False) -> Undone:
    """Move the newest snapshot of a source out of the way.

    Args:
        project: whose data.
        params: say which sources are in use.
        name: the source; without one, the source that was fetched last.
        everything: all snapshots of the source, the only one included.

    Raises:
        UnknownName: no such source is in use.
        SourceError: it has no snapshot, or a single one and not `everything`; or one was edited.
    """
    chosen = {source.name: source for source in [*chosen_sources(params), *beside_sources(params)]}
    names = [pick("source in use", name, chosen).name] if name else list(chosen)
    known = {each: snapshots(project.raw / each, chosen[each].world(chosen[each].settings(params))) for each in names}
    fetched = {each: found for each, found in known.items() if found}
    if not fetched:
        raise SourceError(
            f"there is no snapshot of {' or '.join(names)} to take back; fetch one with `dvc repro ingest`."
        )
    newest = max(fetched, key=lambda each: fetched[each][-1].fetched_at)
    found = fetched[newest]
    if len(found) == 1 and not everything:
        raise SourceError(
            f"{found[0].name} is the only snapshot of {newest}: without it there are no data until the next ingest fetches some. "
            "Correct the source first, then say `--all` to take it back all the same."
        )
    taken = found if everything else found[-1:]
    return Undone(newest, chosen[newest].location(params), _moved(project, taken), len(found) - len(taken))


def _moved(project: Project, taken: Sequence[Snapshot]) -> tuple[tuple[Path, Path], ...]:
    home = project.state / "undone" / taken[0].source
    home.mkdir(parents=True, exist_ok=True)
    moves = tuple((snapshot.folder, home / snapshot.name) for snapshot in taken)
    if there := [target for _, target in moves if target.exists()]:
        raise SourceError(f"{there[0]} is there already, from an earlier undo; move it away first.")
    for folder, target in moves:
        shutil.move(folder, target)
    return moves
