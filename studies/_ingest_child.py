"""One ingest through `jolpica` in a process of its own, which somebody kills: `python studies/_ingest_child.py URL FOLDER CLOCK SETTINGS`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from pitwall.sources.jolpica import SOURCE, JolpicaSettings
from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.snapshots.store import Snapshot, snapshots, take_snapshot
from pitwall.testing.sites.clocks import SharedClock


def ingest(url: str, folder: Path, clock: SharedClock, settings: JolpicaSettings) -> Snapshot:
    """Return the newest snapshot below a folder, after asking for news."""
    known = snapshots(folder / "raw" / SOURCE.name)
    previous = known[-1] if known else None
    around = Around(folder / "state", previous.folder if previous else None, now=clock.now, sleep=clock.sleep)
    now = datetime.fromtimestamp(clock.now(), UTC)
    taken = take_snapshot(SOURCE, url, settings, folder / "raw", now=now, previous=previous, around=around)
    newest = taken or previous
    assert newest is not None
    return newest


if __name__ == "__main__":
    address, place, shared, wanted = sys.argv[1:]
    ingest(address, Path(place), SharedClock(Path(shared)), JolpicaSettings.model_validate(json.loads(wanted)))
