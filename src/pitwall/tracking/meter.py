"""What a piece of work cost: seconds, CPU seconds of all threads and children, peak memory of the process.

The reading at the start is plain data, so that it can wait on disk while the tasks of a flow go by. On Linux the kernel's
high-water mark is set back at the start; elsewhere the peak is that of the process's whole life, and says so.
"""

from __future__ import annotations

import os
import re
import resource
import sys
import time
from pathlib import Path
from typing import Any

from pitwall.tracking.sections.unknown import unknown

RESET, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
SINCE_START, LIFE = "the process since the training began", "the process since it was started"


def start() -> dict[str, Any]:
    """Return a first reading."""
    return {"pid": os.getpid(), "wall": time.monotonic(), "cpu": _cpu_seconds(), "reset": _reset_peak()}


def stop(started: dict[str, Any]) -> dict[str, Any]:
    """Return what was used since a reading of `start`, which only the same process can say."""
    if started["pid"] != os.getpid():
        reason = unknown("the training began in another process")
        return dict.fromkeys(("seconds", "cpu_seconds", "peak_memory_mb", "peak_of"), reason)
    return {
        "seconds": round(time.monotonic() - started["wall"], 3),
        "cpu_seconds": round(_cpu_seconds() - started["cpu"], 3),
        "peak_memory_mb": round(_peak_bytes() / 1e6, 1),
        "peak_of": SINCE_START if started["reset"] else LIFE,
    }


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _reset_peak() -> bool:
    """Set the kernel's high-water mark back to the present memory; False where that cannot be done."""
    try:
        RESET.write_text("5")
    except OSError:
        return False
    return True


def _peak_bytes() -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text()) if STATUS.is_file() else None
    if found:
        return int(found[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
