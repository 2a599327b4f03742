"""Open an address in the browser of whoever sits here; not where nobody does: without a screen, or where output goes to a file.

`python -m pitwall.adapters.processes.browser ADDRESS` waits until somebody answers there.
"""

from __future__ import annotations

import os
import sys
import time
import webbrowser

from pitwall.adapters.processes.prefect_server import healthy

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")
PATIENCE_S = 60.0


def open_browser(address: str) -> bool:
    """Open an address and return whether a browser took it."""
    return somebody_sits_here() and webbrowser.open(address)


def somebody_sits_here() -> bool:
    """Whether output goes to a terminal of a machine with a screen."""
    graphical = sys.platform in {"darwin", "win32"} or any(os.environ.get(name) for name in SCREENS)
    return sys.stdout.isatty() and graphical


def open_when_ready(address: str) -> bool:
    """Open an address as soon as its server says that it is well; return whether a browser took it in time."""
    deadline = time.monotonic() + PATIENCE_S
    while somebody_sits_here() and time.monotonic() < deadline:
        if healthy(f"{address}/health"):
            return open_browser(address)
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    open_when_ready(sys.argv[1])
