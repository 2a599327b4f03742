"""Name a process so that a later one can tell whether it still runs, without naming the machine.

A process id alone is used again after a while; with the boot and the start time it is unique.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

import psutil

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def this_process() -> str:
    """Return `boot:pid:start` of the running process."""
    return f"{_boot()}:{os.getpid()}:{_started(os.getpid())}"


def is_alive(identity: str) -> bool:
    """Tell whether the process with an identity of `this_process` still runs."""
    boot, pid, started = identity.split(":")
    return boot == _boot() and psutil.pid_exists(int(pid)) and _started(int(pid)) == started


@lru_cache
def _boot() -> str:
    text = BOOT_ID.read_text() if BOOT_ID.is_file() else f"{psutil.boot_time():.0f}"
    return hashlib.sha256(text.strip().encode()).hexdigest()[:12]


def _started(pid: int) -> str:
    """Return the start of a process: in clock ticks since boot where the kernel says, else in seconds; "gone" if none."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        if stat.exists():
            state, *rest = stat.read_text().rpartition(")")[2].split()
            return "gone" if state == "Z" else rest[18]
        return f"{psutil.Process(pid).create_time():.0f}"
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return "gone"
