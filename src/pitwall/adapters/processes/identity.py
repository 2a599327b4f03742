"""Name a process so that a later one can tell whether it still runs, without naming the machine.

A process id alone is used again after a while, and means nothing on another machine or in another container. So an identity
has five parts: machine, boot, process namespace, process id and start time; the first three are hashes.
"""

from __future__ import annotations

import hashlib
import os
import platform
from functools import lru_cache
from pathlib import Path
from typing import Literal

import psutil

MACHINE_ID = Path("/etc/machine-id")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NAMESPACE = Path("/proc/self/ns/pid")
PARTS = 5

Life = Literal["alive", "gone", "unknown"]


def this_process() -> str:
    """Return `machine:boot:namespace:pid:start` of the running process."""
    return identity_of(os.getpid())


def identity_of(pid: int) -> str:
    """Return the identity of a process of this machine and namespace."""
    return ":".join([*_here(), str(pid), _started(pid)])


def life(identity: str) -> Life:
    """Tell whether the process with an identity of `this_process` still runs.

    Of a process on another machine, or in another container of this one, nothing can be known from here; after a restart
    of this machine it is gone wherever it was.
    """
    parts = identity.split(":")
    if len(parts) != PARTS:
        return "unknown"
    machine, boot, namespace, pid, started = parts
    here = _here()
    if machine != here[0]:
        return "unknown"
    if boot != here[1]:
        return "gone"
    if namespace != here[2]:
        return "unknown"
    return "alive" if psutil.pid_exists(int(pid)) and _started(int(pid)) == started else "gone"


@lru_cache
def _here() -> tuple[str, str, str]:
    """Return hashes of this machine, of its present boot and of the process ids' namespace."""
    machine = (MACHINE_ID.read_text() if MACHINE_ID.is_file() else "") + platform.node()
    boot = BOOT_ID.read_text() if BOOT_ID.is_file() else f"{psutil.boot_time():.0f}"
    namespace = str(NAMESPACE.readlink()) if NAMESPACE.is_symlink() else ""
    return _short(machine), _short(boot), _short(namespace)


def _short(text: str) -> str:
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
