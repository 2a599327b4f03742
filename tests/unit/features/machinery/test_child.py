"""What tries a feature out works in a process of its own: this one's limits, profiler, environment and numbers stay as they are."""

from __future__ import annotations

import os
import random
import resource
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pitwall.domain.errors import FeatureError
from pitwall.domain.params import Params
from pitwall.features import FeatureEngineer
from pitwall.features.machinery.child import in_child
from pitwall.features.machinery.sealed import no_files
from pitwall.testing.checks.features import check_sealed
from pitwall.testing.worlds.tiny import tiny_tables


def state() -> tuple[object, ...]:
    """Return all that the threads of a process share and a trial changes."""
    return (
        resource.getrlimit(resource.RLIMIT_NOFILE),
        sys.getprofile(),
        dict(os.environ),
        sys.modules.get("torch", "absent") is None,
        random.getstate(),
        np.random.get_state()[1].tobytes(),
    )


def reads_a_file(_history: object) -> int:
    return len(Path(__file__).read_text(encoding="utf-8")[:3])


def draws(_history: object) -> float:
    return random.random()


def test_a_result_and_an_error_come_back() -> None:
    assert in_child(lambda: {"place": 1}, "it") == {"place": 1}
    with pytest.raises(FeatureError, match=r"it failed: ZeroDivisionError: integer division"):
        in_child(lambda: 1 // 0, "it")


def test_a_computation_that_dies_or_never_ends_is_told() -> None:
    with pytest.raises(FeatureError, match=r"ended the process in which it was tried \(exit code 7\)"):
        in_child(lambda: os._exit(7), "it")
    with pytest.raises(FeatureError, match=r"it did not end within 0.2 s"):
        in_child(lambda: time.sleep(60), "it", seconds=0.2)


def test_a_limit_of_the_child_is_none_of_ours() -> None:
    def limited() -> str:
        with no_files():
            return in_limits()

    def in_limits() -> str:
        try:
            return Path(__file__).read_text(encoding="utf-8")
        except OSError as error:
            return type(error).__name__

    assert in_child(limited, "it") == "OSError"
    assert in_limits().startswith('"""What tries')


def test_many_threads_try_features_out_at_once_and_others_notice_nothing() -> None:
    """A thread that opens files, draws numbers and looks at what is shared runs beside; none of it is refused or changed."""
    tables, seen, done = tiny_tables(seasons=2, races=2, cars=4), [], threading.Event()
    before = state()

    def watch() -> None:
        while not done.is_set():
            Path(__file__).read_bytes()
            seen.append(state() == before)
            done.wait(0.01)

    def attempt(fault: bool) -> str:
        engineer = FeatureEngineer(registry={})
        try:
            if fault:
                engineer.register("faulty", vectorised=False)(reads_a_file)
            engineer.register("honest")(lambda history: history["place"].mean())
            check_sealed(engineer.group("honest"), tables, Params())
        except FeatureError as error:
            return str(error)
        return ""

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(attempt, [False, True]))
    finally:
        done.set()
        watcher.join()
    assert [text[:30] for text in said] == ["", "feature faulty calls open(): a"]
    assert seen and all(seen)
    assert state() == before


def test_numbers_drawn_by_another_thread_are_not_the_features_own() -> None:
    done = threading.Event()

    def draw() -> None:
        while not done.is_set():
            np.random.rand()
            random.random()
            done.wait(0.001)

    drawing = threading.Thread(target=draw)
    drawing.start()
    try:
        engineer = FeatureEngineer(registry={})
        engineer.register("honest")(lambda history: history["place"].mean())
        with pytest.raises(FeatureError, match="draws from the global random numbers"):
            engineer.register("draws")(draws)
    finally:
        done.set()
        drawing.join()
    assert engineer.names() == ["honest"]
