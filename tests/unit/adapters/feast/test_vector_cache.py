"""The cache of race vectors: bounded, apart from its callers, shared between threads, and never of another state."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pandas as pd
import pytest

from pitwall.adapters.feast.vector_cache import VectorCache, VectorKey
from pitwall.domain.ports import Served

NOW = pd.Timestamp("2024-03-01", tz="UTC")
SERVED = Served("order", NOW, NOW, "a")


def key(race, **changes):
    return replace(VectorKey(((("race_id", race), ("driver_id", 1)),), SERVED), **changes)


def vectors(value):
    return pd.DataFrame({"race_id": [7], "grid": [float(value)]})


def test_what_is_kept_and_what_is_handed_out_are_copies():
    cache, mine = VectorCache(), vectors(1)
    cache.put(key(7), mine)
    mine.loc[0, "grid"] = 2.0
    first = cache.get(key(7))
    first.loc[0, "grid"] = 3.0
    assert cache.get(key(7))["grid"].item() == 1.0


@pytest.mark.parametrize(
    "changes",
    [
        {"served": replace(SERVED, service="driver")},
        {"cars": ((("race_id", 7), ("driver_id", 2)),)},
        {"served": replace(SERVED, cutoff=NOW + pd.Timedelta("1us"))},
        {"served": replace(SERVED, version="b")},
    ],
)
def test_other_cars_another_set_cutoff_or_version_are_not_answered(changes):
    cache = VectorCache()
    cache.put(key(7), vectors(1))
    assert cache.get(key(7, **changes)) is None


def test_the_least_recently_used_leave():
    cache = VectorCache(size=2)
    cache.put(key(1), vectors(1))
    cache.put(key(2), vectors(2))
    cache.get(key(1))
    cache.put(key(3), vectors(3))
    assert len(cache) == 2
    assert cache.get(key(2)) is None
    assert cache.get(key(1)) is not None
    cache.clear()
    assert len(cache) == 0


def test_threads_share_it():
    cache = VectorCache(size=3)

    def use(number):
        race = number % 7
        found = cache.get(key(race))
        if found is None:
            cache.put(key(race), vectors(race))
            return race
        return int(found["grid"].item())

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(use, range(2000)))
    assert answers == [number % 7 for number in range(2000)]
    assert len(cache) <= 3
