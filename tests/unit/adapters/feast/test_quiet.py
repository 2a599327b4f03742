"""Feast is imported without torch only while nobody else could ask for torch, and many threads leave all as it was."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

ALONE = (
    "import sys\nfrom pitwall.adapters.feast.quiet import without_torch\n"
    "with without_torch():\n    print(sys.modules.get('torch', 'absent'))\n"
    "print(sys.modules.get('torch', 'absent'))\n"
)
AMONG_OTHERS = (
    "import sys, threading, warnings, os\nfrom pitwall.adapters.feast.quiet import quieten, without_torch\n"
    "seen, before = [], (list(warnings.filters), dict(os.environ))\n"
    "def opened():\n"
    "    quieten()\n"
    "    with without_torch():\n"
    "        seen.append(sys.modules.get('torch', 'absent'))\n"
    "threads = [threading.Thread(target=opened) for _ in range(8)]\n"
    "[thread.start() for thread in threads]\n[thread.join() for thread in threads]\n"
    "print(set(seen), (list(warnings.filters), dict(os.environ)) == before)\n"
)


def said(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code], env=dict(os.environ), capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_alone_torch_is_hidden_and_found_again() -> None:
    assert said(ALONE) == ["None", "absent"]


def test_among_other_threads_nothing_is_hidden_or_changed() -> None:
    assert said(AMONG_OTHERS) == ["{'absent'} True"]


def test_feasts_reports_are_quiet_for_all_threads() -> None:
    from pitwall.adapters.feast.quiet import quieten

    thread = threading.Thread(target=quieten)
    thread.start()
    thread.join()
    assert logging.getLogger("feast").level == logging.WARNING
