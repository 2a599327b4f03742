"""Whether a process still runs: known for this machine's processes, unknown for all others."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pitwall.adapters.processes.identity import life, this_process

NAME = "from pitwall.adapters.processes.identity import this_process; print(this_process())"


def changed(part: int, value: str) -> str:
    parts = this_process().split(":")
    return ":".join([*parts[:part], value, *parts[part + 1 :]])


def test_a_process_is_alive_until_it_is_gone() -> None:
    assert life(this_process()) == "alive"
    done = subprocess.run([sys.executable, "-c", NAME], capture_output=True, text=True, check=True)
    assert life(done.stdout.strip()) == "gone"


@pytest.mark.parametrize(
    ("part", "value", "expected"),
    [
        (0, "another machine", "unknown"),
        (1, "an earlier boot", "gone"),
        (2, "another container", "unknown"),
        (3, "999999999", "gone"),
        (4, "1", "gone"),  # the number is in use again, by a process that started at another time
    ],
)
def test_a_reused_number_or_another_machine_is_not_mistaken(part: int, value: str, expected: str) -> None:
    assert life(changed(part, value)) == expected


def test_a_name_of_another_form_says_nothing() -> None:
    assert life(f"boot:{os.getpid()}:123") == "unknown"


def test_the_machine_is_not_named() -> None:
    assert os.uname().nodename not in this_process()
