"""Feast is imported without torch and without checks of types, whoever else is at work, and many threads leave all as it was."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

AMONG_OTHERS = (
    "import sys, threading, typeguard\nfrom pitwall.adapters.feast.quiet import lean, quieten\n"
    "seen, before = [], typeguard.typechecked\n"
    "def opened():\n"
    "    quieten()\n"
    "    with lean():\n"
    "        from feast import Field\n"
    "        checked = 'check_argument_types' in Field.__init__.__code__.co_names\n"
    "        seen.append((checked, 'torch' in sys.modules))\n"
    "threads = [threading.Thread(target=opened) for _ in range(4)]\n"
    "[thread.start() for thread in threads]\n[thread.join() for thread in threads]\n"
    "print(set(seen), typeguard.typechecked is before)\n"
)


def said(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code], env=dict(os.environ), capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_among_other_threads_feast_is_lean_and_nothing_else_is_changed() -> None:
    assert said(AMONG_OTHERS) == ["{(False, False)} True"]


def test_a_decorator_with_and_without_settings_leaves_what_it_decorates() -> None:
    from pitwall.adapters.feast.quiet import lean

    with lean():
        from typeguard import typechecked

        @typechecked(collection_check_strategy=None)
        def asked(number: int) -> int:
            return number

        @typechecked
        def told(number: int) -> int:
            return number

    assert asked("a") == told("a") == "a"  # type: ignore[arg-type]


def test_feasts_reports_are_quiet_for_all_threads() -> None:
    from pitwall.adapters.feast.quiet import quieten

    thread = threading.Thread(target=quieten)
    thread.start()
    thread.join()
    assert logging.getLogger("feast").level == logging.WARNING
