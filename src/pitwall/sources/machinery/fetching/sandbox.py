"""Run the inspection of untrusted files in a process of its own, which limits its memory and CPU time.

A CSV, gzip or parquet file from anywhere is opened for the first time there; the parent only believes a small JSON answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.fetching.inspect import CPU_SECONDS

PROGRAM = ("-m", "pitwall.sources.machinery.fetching.inspect")


def inspect_folder(folder: Path, role: str) -> dict[str, int]:
    """Return {file name: rows} of the raw files in a folder, as sources of a role deliver them.

    Raises:
        SourceError: what the inspection found, or that it hit a limit.
    """
    command = [sys.executable, *PROGRAM, role, str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=2 * CPU_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise SourceError(f"checking the files took more than {2 * CPU_SECONDS} s; {_ADVICE}") from None
    if done.returncode != 0 or not done.stdout:
        last = (done.stderr.strip().splitlines() or [f"signal {-done.returncode}"])[-1]
        raise SourceError(f"checking the files hit a limit of memory or time ({last}); {_ADVICE}")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise SourceError(answer["error"])
    return {str(name): int(count) for name, count in answer["rows"].items()}


_ADVICE = "the files are far larger than they should be, look at them before using them."
