"""Is every answer right, whatever happens to a server under load?

    python studies/load.py [--small] [--json FILE] [--docs docs/serving-load.md]

A world of 20 cars is served by two workers, with no MLflow running anywhere, memory of answers off and a token with a quota in every request.
First its saturation is measured: requests a second that 16 clients who never wait are answered. Then distinct questions come at a steady
rate of 1, 2 and 4 times half of it, answered or not, from a client in a process of its own, while in turn: another version is promoted; it is
rolled back; the accounts' SQLite database is locked by another connection for a second; the log of answers cannot grow (RLIMIT_FSIZE of the
workers), as where no space is left; and a worker is killed (SIGKILL) and comes again.

Every answer's bytes are compared with what the version that it names says to that question. *Told to wait* is 429 with `Retry-After`; *reset by
the kill* are requests in flight when the worker died; *not logged* is 503 with that name while no space is left, when `/ready` must say so too.
*Other* must be 0, and *wrong*. What must be asks for no timing: rates above the saturation are answered or told to wait.
"""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from _report import markdown, options, report
from _served import WORKERS, Served, counted, percentile, served

from pitwall.testing.load.world import ORDER

RATES = (1, 2, 4)  # times half of the saturation
SECONDS, SMALL_SECONDS = 60, 10
LOCKED_S = 1.0
KINDS = ("right", "wrong", "told to wait", "reset by the kill", "not logged", "other")
MUST_BE_NONE = ("wrong", "other")


class Faults:
    """What happens to a server while it is asked.

    Args:
        found: the server and its world.
        seconds: that it is asked for.
    """

    def __init__(self, found: Served, seconds: float) -> None:
        self._found, self._seconds = found, seconds
        self.kills: list[float] = []
        self.ready: list[tuple[int, bool]] = []

    def run(self) -> None:
        """Let everything happen, spread over the time."""
        began = time.perf_counter()
        for share, happens in self._plan():
            time.sleep(max(began + share * self._seconds - time.perf_counter(), 0))
            happens()

    def _plan(self) -> Sequence[tuple[float, Callable[[], object]]]:
        world = self._found.world
        return (
            (0.08, lambda: world.make_live(ORDER, 2)),
            (0.20, lambda: world.make_live(ORDER, 1)),
            (0.32, self._lock),
            (0.50, self._fill),
            (0.75, self._kill),
        )

    def _kill(self) -> None:
        worker = self._found.server.workers()[0]
        self.kills.append(time.perf_counter())
        os.kill(worker, signal.SIGKILL)

    def _lock(self) -> None:
        with sqlite3.connect(self._found.world.project.accounts, isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(LOCKED_S)
            other.execute("COMMIT")

    def _fill(self) -> None:
        """Let no log of answers grow for a tenth of the time, and ask meanwhile whether the workers are ready."""
        workers, most = self._found.server.workers(), resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        folder = self._found.world.project.state / "answers"
        length = min(path.stat().st_size for worker in workers for path in folder.glob(f"*-{worker}.jsonl"))
        for worker in workers:
            resource.prlimit(worker, resource.RLIMIT_FSIZE, (length, most))
        until = time.perf_counter() + self._seconds / 10
        while time.perf_counter() < until:
            time.sleep(0.2)
            status, body = self._found.server.get("/ready")
            self.ready.append((status, b"answers cannot be logged" in body))
        for worker in workers:
            resource.prlimit(worker, resource.RLIMIT_FSIZE, (most, most))


def measured(found: Served, seconds: float) -> list[dict[str, Any]]:
    """Return a row for every rate."""
    half = found.saturation() / 2
    rows = []
    for times in RATES:
        asking, faults = found.load(times * half, seconds), Faults(found, seconds)
        faults.run()
        replies = asking.result()
        said = sum(status == 503 and why for status, why in faults.ready)
        rows.append(
            {
                "rate": f"{times} x",
                "requests a second": round(times * half),
                "requests": len(replies),
                **counted(found.judge(replies, faults.kills), KINDS),
                "`/ready` said so": f"{said} of {len(faults.ready)}",
                "p50, ms": round(percentile(replies, 50)),
                "p99, ms": round(percentile(replies, 99)),
            }
        )
        found.server.await_workers(WORKERS)
    return rows


def main() -> None:
    """Parse the command line, measure, print."""
    chosen = options(__doc__, "10 s at each rate", seed=17).parse_args()
    seconds = SMALL_SECONDS if chosen.small else SECONDS
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), chosen.seed, small=chosen.small) as found:
        rows = measured(found, seconds)
    bad = [f"{row[kind]} {kind} at {row['rate']}" for row in rows for kind in MUST_BE_NONE if row[kind]]
    text = markdown(rows) + f"\n{seconds} s at each rate; x is half of the saturation that was measured before.\n"
    report("load", text, {"seconds": seconds, "rows": rows, "bad": bad}, chosen)
    if bad:
        raise SystemExit("; ".join(bad))


if __name__ == "__main__":
    main()
