"""The ASOF store through Feast finds what loops over all rows find, and what Feast's own store finds where that is right."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.testing.checks.asof import OURS, RESULTS, ask, at, entity, open_store, quiet, view, write


def newest(rows, key, t, *, strict, known, ttl=0):
    """Return the number of the row that answers, by looking at all; NaN where none does."""
    best = None
    for position, row in enumerate(rows):
        *of, happened, published = row
        if happened is None or tuple(of) != tuple(key) or None in of:
            continue
        visible = happened < t if strict else happened <= t
        if known and (published is None or published > t):
            visible = False
        rank = (happened, published is not None, published or 0, position)
        if visible and (best is None or rank > best):
            best = rank
    expired = best is not None and ttl and best[0] < t - ttl
    return np.nan if best is None or expired else float(best[-1])


ids = st.one_of(st.none(), st.integers(0, 2))
minutes = st.integers(-3, 9)
driver_rows = st.lists(st.tuples(ids, minutes, st.one_of(st.none(), minutes)), min_size=1, max_size=15)
pair_rows = st.lists(st.tuples(ids, ids, minutes, minutes), min_size=1, max_size=15)
spines = st.lists(st.tuples(ids, ids, minutes), min_size=1, max_size=10)


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Return our store with each setting, over two views: one key, without expiry; two keys, two minutes."""
    folder = tmp_path_factory.mktemp("differential")
    from_feast = {}
    for strict, known in ((False, False), (False, True), (True, False), (True, True)):
        name = f"{strict}-{known}"
        store = open_store(
            folder / name, bound="strict" if strict else "inclusive", known=str(known).lower(), threads=1
        )
        apply_two(store, folder)
        from_feast[strict, known] = store
    return folder, from_feast


def apply_two(store, folder):
    from feast.types import Float64

    driver, team = entity("driver"), entity("team")
    with quiet():
        store.apply(
            [
                driver,
                team,
                view("results", folder / "driver.parquet", [driver], {"place": Float64}),
                view("seats", folder / "pair.parquet", [driver, team], {"seat": Float64}, ttl=2),
            ]
        )


def two_spine(rows):
    frame = pd.DataFrame(rows, columns=["driver_id", "team_id", "event_timestamp"])
    frame = frame.astype({"driver_id": "Int64", "team_id": "Int64"})
    frame["event_timestamp"] = pd.to_datetime([at(t) for t in frame["event_timestamp"]], utc=True)
    return frame.assign(lap=[f"lap {i}" for i in range(len(frame))])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    world=st.tuples(driver_rows, pair_rows, spines),
    cuts=st.tuples(st.booleans(), st.booleans()),
    kind=st.sampled_from(["datetime64[us, UTC]", "datetime64[ns, UTC]", "datetime64[us]", "datetime64[ns]"]),
)
def test_two_views_through_feast_find_what_loops_find(stores, world, cuts, kind):
    (folder, by_setting), (drivers, pairs, spine), (strict, known) = stores, world, cuts
    write(folder / "driver.parquet", drivers, ["driver_id"], "place", kind)
    write(folder / "pair.parquet", pairs, ["driver_id", "team_id"], "seat", kind)
    given_rows = two_spine(spine)
    frame = ask(by_setting[strict, known], given_rows, [RESULTS, "seats:seat"])
    pd.testing.assert_frame_equal(frame[given_rows.columns], given_rows, check_dtype=False)
    place = [newest(drivers, (driver,), t, strict=strict, known=known) for driver, _, t in spine]
    seat = [newest(pairs, (driver, team), t, strict=strict, known=known, ttl=2) for driver, team, t in spine]
    np.testing.assert_array_equal(frame["place"].astype(float), place)
    np.testing.assert_array_equal(frame["seat"].astype(float), seat)


def seeded(count, seed=5):
    rng = np.random.default_rng(seed)
    happened = rng.integers(-500, 500, count)
    return [
        (int(key), int(event), int(event + late))
        for key, event, late in zip(rng.integers(0, 9, count), happened, rng.integers(-5, 90, count), strict=True)
    ]


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("ttl", [0, 30])
def test_it_says_what_feasts_own_store_says(tmp_path, known, ttl):
    """Inclusive, rows distinct in (happened, published), no null key: there Feast's duckdb store is right."""
    from feast.types import Float64

    rows = sorted(set(seeded(600)), key=lambda row: row[::-1])
    write(tmp_path / "driver.parquet", rows, ["driver_id"], "place")
    rng = np.random.default_rng(3)
    spine = pd.DataFrame(
        {
            "driver_id": rng.integers(0, 11, 500),  # two of them unknown
            "event_timestamp": [at(int(t)) for t in rng.integers(-520, 620, 500)],
            "row": range(500),
        }
    )
    driver, answers = entity("driver"), []
    for name, kind in (("ours", OURS), ("feast", "duckdb")):
        store = open_store(tmp_path / name, store=kind)
        with quiet():
            store.apply([driver, view("results", tmp_path / "driver.parquet", [driver], {"place": Float64}, ttl=ttl)])
        answers.append(ask(store, spine, [RESULTS], filter_by_created_timestamp=known))
    ours, theirs = answers
    assert list(ours["row"]) == list(range(500))
    theirs = theirs.sort_values("row", ignore_index=True)
    pd.testing.assert_frame_equal(ours, theirs[ours.columns], check_dtype=False)
    assert ours["place"].nunique() > 60
