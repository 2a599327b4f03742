"""What a jailed program may use, as it is handed from outside to inside."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from pitwall.domain.processes.limits import ProcessLimits

MEGABYTE = 1 << 20
USUAL = ProcessLimits(memory_bytes=512 * MEGABYTE, cpu_s=10, file_bytes=8 * MEGABYTE, open_files=64)


@dataclass(frozen=True)
class JailLimits:
    """What a jailed program may use.

    Attributes:
        process: memory, processor time, file size and open files.
        wall_s: seconds by the clock.
        folder_bytes: of its own folder, which lies in memory.
        folder_files: in it.
        output_bytes: that it may print.
        answer_bytes: that it may tell.
    """

    process: ProcessLimits = USUAL
    wall_s: float = 20.0
    folder_bytes: int = 16 * MEGABYTE
    folder_files: int = 1000
    output_bytes: int = MEGABYTE
    answer_bytes: int = MEGABYTE // 4


USUAL_LIMITS = JailLimits()


def packed(limits: JailLimits) -> str:
    """Return limits as one word of a command line."""
    return json.dumps(asdict(limits))


def unpacked(text: str) -> JailLimits:
    """Return the limits of such a word."""
    said = json.loads(text)
    return JailLimits(**{**said, "process": ProcessLimits(**said["process"])})
