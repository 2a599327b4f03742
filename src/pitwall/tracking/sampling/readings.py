"""One reading of what is in use: of this process with its children, and of the machine's GPUs as `nvidia-smi` tells them."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

SMI = "nvidia-smi"
QUESTION = ("--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits")
SECONDS = 10.0
MEMORY = "system.memory_mb"
MEBIBYTE, MEGABYTE = 2**20, 1e6


class Readings:
    """Reads one process; its processor's share is of the time since the reading before."""

    def __init__(self) -> None:
        import psutil

        self._gone = psutil.NoSuchProcess
        self._process = psutil.Process()
        self._known: dict[int, Any] = {}
        self._smi = shutil.which(SMI)
        self.read()

    def read(self) -> dict[str, float]:
        """Return memory in megabytes, processor in per cent of one core, and of each GPU its load in per cent and memory in megabytes."""
        memory = percent = 0.0
        for each in self._processes():
            try:
                memory += each.memory_info().rss
                percent += each.cpu_percent(None)
            except self._gone:  # a child ends when it likes
                self._known.pop(each.pid, None)
        return {MEMORY: memory / MEGABYTE, "system.cpu_percent": percent, **self._gpus()}

    def _processes(self) -> list[Any]:
        """Return the process and its children, the same objects as before: each remembers its last reading."""
        for each in self._process.children(recursive=True):
            self._known.setdefault(each.pid, each)
        return [self._process, *self._known.values()]

    def _gpus(self) -> dict[str, float]:
        """Return what all processes together use of each GPU; nothing where no driver answers."""
        if self._smi is None:
            return {}
        done = subprocess.run([self._smi, *QUESTION], capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode != 0:  # the program is there and the card is not
            self._smi = None
            return {}
        found: dict[str, float] = {}
        for place, line in enumerate(done.stdout.splitlines()):
            for name, unit, text in zip(
                ("percent", "memory_mb"), (1, MEBIBYTE / MEGABYTE), line.split(","), strict=True
            ):
                if text.strip().replace(".", "", 1).isdigit():  # "[N/A]" of a card that does not tell
                    found[f"system.gpu_{place}_{name}"] = float(text) * unit
        return found
