"""SIGTERM is an exception for our own programs, and nobody else's handler is touched."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from pitwall.adapters.processes.signals import exit_on_sigterm


def test_sigterm_leaves_through_the_finally_blocks_and_the_default_is_put_back() -> None:
    closed = []
    with pytest.raises(SystemExit) as left, exit_on_sigterm():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            closed.append(True)
    assert (left.value.code, closed) == (143, [True])
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_the_handler_of_a_server_stays() -> None:
    heard: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        with exit_on_sigterm():
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert heard == [signal.SIGTERM]


def test_another_thread_changes_nothing() -> None:
    seen = []

    def work() -> None:
        with exit_on_sigterm():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL]
