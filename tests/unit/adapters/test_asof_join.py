"""The join on two axes against loops over rows: whatever the rows are, every spine row gets the answer that the loops find."""

import importlib.util
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.adapters.asof import join, source
from pitwall.adapters.asof.errors import AsofError
from pitwall.adapters.asof.instants import micros, micros_of
from pitwall.adapters.asof.source import Cuts, Source

KINDS = [pa.timestamp(unit, zone) for unit in ("us", "ns", "ms") for zone in (None, "UTC", "Asia/Tokyo")]
ALL_CUTS = [Cuts(strict, known) for strict in (False, True) for known in (False, True)]
MODULES = ("join", "source", "instants")


def by_loops(features, spine, cuts, ttl):
    """Return for each spine row the position of its answer, by looking at every feature row."""
    answers = []
    for key, t in spine:
        best = None
        for position, (of, event, created) in enumerate(features):
            if t is None or event is None or None in of or of != key:
                continue
            happened = event < t if cuts.strict else event <= t
            published = not cuts.known or (created is not None and created <= t)
            rank = (event, created is not None, created or 0, position)
            if happened and published and (best is None or rank > best):
                best = rank
        expired = best is not None and ttl and best[0] < t - ttl
        answers.append(None if best is None or expired else best[-1])
    return answers


def write(path, features, event_kind=KINDS[1], created_kind=KINDS[1], unit=1000):
    """Write feature rows as parquet: keys of any number, instants counted in `unit` microseconds."""
    keys = len(features[0][0]) if features else 1
    columns = {f"key{i}": pa.array([of[i] for of, _, _ in features], pa.int64()) for i in range(keys)}
    columns["event"] = instants([event for _, event, _ in features], event_kind, unit)
    columns["created"] = instants([created for _, _, created in features], created_kind, unit)
    pq.write_table(pa.table(columns), path)
    return Source(path, "event", "created"), list(columns)[:keys]


def instants(values, kind, unit=1000):
    whole = pa.array([None if value is None else value * unit for value in values], pa.int64())
    return whole.cast(pa.timestamp("us", kind.tz)).cast(kind)


def by_join(features, spine, cuts, ttl, path, *, loops=64, kinds=(KINDS[1],) * 3, modules=None):
    modules = modules or {"join": join, "source": source, "instants": sys.modules[micros.__module__]}
    feature_source, keys = write(path, features, *kinds[:2])
    feature_source = modules["source"].Source(feature_source.path, "event", "created")
    t = pa.chunked_array([instants([t for _, t in spine], kinds[2])])
    narrow = {f"k{i}": pa.array([key[i] for key, _ in spine], pa.int64()) for i in range(len(keys))}
    asked = pa.table({**narrow, "t": modules["instants"].micros(t, "t", up=False)})
    with modules["join"].connection("256MB", 1, None) as con:
        con.execute(f"SET asof_loop_join_threshold = {loops}")  # 0: the algorithm of large spines, on small ones too
        timeline = feature_source.timeline(keys, cuts)
        return modules["join"].positions(con, asked, timeline, ttl * 1000).to_pylist()


maybe = st.one_of(st.none(), st.integers(0, 2))
moment = st.one_of(st.none(), st.integers(-3, 9))


@st.composite
def worlds(draw):
    """Feature rows and spine rows so crowded that ties, corrections, debuts, duplicates and nulls are the rule."""
    keys = st.tuples(*[maybe] * draw(st.integers(1, 2)))
    features = draw(st.lists(st.tuples(keys, moment, moment), min_size=1, max_size=25))
    spine = draw(st.lists(st.tuples(keys, moment), min_size=1, max_size=12))
    return features, spine


@settings(max_examples=100, deadline=None)
@given(
    world=worlds(),
    cuts=st.sampled_from(ALL_CUTS),
    ttl=st.integers(0, 3),
    how=st.fixed_dictionaries(
        {"loops": st.sampled_from([0, 64]), "kinds": st.tuples(*[st.sampled_from(KINDS)] * 3)},
    ),
)
def test_the_join_finds_what_loops_find(tmp_path_factory, world, cuts, ttl, how):
    features, spine = world
    path = tmp_path_factory.getbasetemp() / "asof-rows.parquet"
    found = by_join(features, spine, cuts, ttl, path, **how)
    assert found == by_loops(features, spine, cuts, ttl)


def crowd(seed, rows=400, asked=300):
    """Return a seeded world: events published late, corrected, repeated; some keys and instants missing or unknown."""
    rng = np.random.default_rng(seed)

    def maybe_null(values, share):
        return [
            None if gone else int(value) for value, gone in zip(values, rng.random(len(values)) < share, strict=True)
        ]

    keys = maybe_null(rng.integers(0, 6, rows), 0.03)
    event = rng.integers(-40, 60, rows)
    created = event + rng.integers(-2, 3, rows) * rng.integers(0, 12, rows)
    features = list(zip([(key,) for key in keys], maybe_null(event, 0.02), maybe_null(created, 0.05), strict=True))
    wanted = maybe_null(rng.integers(0, 8, asked), 0.03)  # 6 and 7 are unknown
    spine = list(zip([(key,) for key in wanted], maybe_null(rng.integers(-45, 80, asked), 0.02), strict=True))
    return features, spine


@pytest.mark.parametrize("cuts", ALL_CUTS, ids=str)
def test_a_crowd_of_rows_in_spine_order(tmp_path, cuts):
    features, spine = crowd(1)
    for ttl in (0, 2):
        found = by_join(features, spine, cuts, ttl, tmp_path / "rows.parquet")
        assert found == by_loops(features, spine, cuts, ttl)
        assert None in found
        assert len(set(found)) > 20


MUTANTS = [
    ("join", "spine.t >= steps.visible", "spine.t > steps.visible"),
    ("join", "ASOF LEFT JOIN", "ASOF JOIN"),
    ("join", "ORDER BY row", "ORDER BY position"),
    ("join", "is_step = newest | ", "is_step = "),
    ("join", '[*keys, "event", "created NULLS FIRST"', '[*keys, "created NULLS FIRST"'),
    ("join", '"created NULLS FIRST", ', ""),
    ("join", "NULLS FIRST", "NULLS LAST"),
    ("join", '"position"])\n    rows', '"position DESC"])\n    rows'),
    ("join", ".groupby(number[::-1])", ""),
    ("join", "if _ascend(", "if True or ("),
    ("join", "soonest[1:]", "visible[1:]"),
    ("join", "pc.greater_equal(pc.add", "pc.greater(pc.add"),
    (
        "join",
        "pc.if_else(fresh, answer",
        "pc.if_else(fresh, answer if len(answer) == 0 else answer.take(pa.array(range(len(answer)))[::-1])",
    ),
    ("source", "STRICT_SHIFT = 1 ", "STRICT_SHIFT = 0 "),
    ("source", "if cuts.strict", "if True"),
    ("source", "if cuts.known and", "if False and"),
    ("source", "if cuts.known and", "if"),
    ("source", "skip_nulls=False", "skip_nulls=True"),
    ("source", "pc.max_element_wise(seen, created", "pc.min_element_wise(seen, created"),
    ("source", "np.arange(len(read))", "np.arange(len(read))[::-1]"),
]


def mutated(name, old, new):
    """Return the modules of the join with a text of one of them replaced."""
    modules = {module: sys.modules[f"pitwall.adapters.asof.{module}"] for module in MODULES}
    text = Path(modules[name].__file__).read_text(encoding="utf-8")
    assert old in text, f"{old!r} is no longer in {name}.py: renew the list of faults"
    full_name = f"pitwall.adapters.asof.mutated_{name}"
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(full_name, loader=None))
    module.__package__ = "pitwall.adapters.asof"
    sys.modules[full_name] = module  # dataclasses look their module up
    exec(compile(text.replace(old, new, 1), f"{name} with {new!r}", "exec"), module.__dict__)
    return {**modules, name: module}


@pytest.mark.parametrize(("name", "old", "new"), MUTANTS)
def test_every_planted_fault_is_noticed(tmp_path, name, old, new):
    """The crowd tells a faulty join from the right one: what passes on it is no accident."""
    features, spine = crowd(1)
    modules = mutated(name, old, new)
    try:
        right = all(
            by_join(features, spine, cuts, ttl, tmp_path / "rows.parquet", modules=modules)
            == by_loops(features, spine, cuts, ttl)
            for cuts in ALL_CUTS
            for ttl in (0, 2)
        )
    except AsofError:
        right = False  # the join noticed itself
    finally:
        del sys.modules[f"pitwall.adapters.asof.mutated_{name}"]
    assert not right


@pytest.mark.parametrize("cuts", ALL_CUTS, ids=str)
def test_each_key_has_one_step_at_an_instant_and_steps_only_rise(tmp_path, cuts):
    """DuckDB does not say which of two rows of one instant an ASOF JOIN takes: there must be one."""
    rows, keys = write(tmp_path / "rows.parquet", crowd(1)[0])
    with join.connection("256MB", 1, None) as con:
        steps = join.steps(con, rows.timeline(keys, cuts), ["k0"]).to_pandas()
    assert not steps.duplicated(["k0", "visible"]).any()
    assert steps.equals(steps.sort_values(["k0", "visible"]))
    assert (steps.groupby("k0")["event"].diff().dropna() >= 0).all()
    assert len(steps) > 50


@pytest.mark.parametrize("cuts", ALL_CUTS, ids=str)
def test_a_file_in_order_is_not_sorted_and_answers_the_same(tmp_path, cuts):
    shuffled, keys = write(tmp_path / "rows.parquet", crowd(1)[0])
    table = shuffled.columns([*keys, "event", "created"]).drop_null()
    pq.write_table(table.sort_by([(name, "ascending") for name in table.column_names]), tmp_path / "ordered.parquet")
    ordered = Source(tmp_path / "ordered.parquet", "event", "created").timeline(keys, cuts)
    mixed = ordered.take(np.random.default_rng(0).permutation(len(ordered)))
    with join.connection("256MB", 1, None) as con:
        assert join.steps(con, mixed, ["k0"]).equals(join.steps(None, ordered, ["k0"]))


def test_nanoseconds_are_rounded_to_the_side_that_hides():
    kind = pa.timestamp("ns", "UTC")
    exact = pa.chunked_array([pa.array([-1500, -1000, -1, 0, 1, 1000, 1500, None], pa.int64()).cast(kind)])
    assert micros(exact, "x", up=True).to_pylist() == [-1, -1, 0, 0, 1, 1, 2, None]
    assert micros(exact, "x", up=False).to_pylist() == [-2, -1, -1, 0, 0, 1, 1, None]


def test_instants_of_any_kind_are_utc():
    winter = datetime(2024, 1, 1, 12, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert micros_of(winter) == micros_of(datetime(2024, 1, 1, 11, 30)) == 1_704_108_600_000_000
    assert micros_of(datetime(1950, 5, 13, tzinfo=UTC)) < 0
    for column in (pa.array([winter]), pa.array([winter.astimezone(UTC).replace(tzinfo=None)])):
        assert micros(pa.chunked_array([column]), "x", up=True).to_pylist() == [micros_of(winter)]
    day = pa.chunked_array([pa.array([winter.date()])])
    assert micros(day, "x", up=True).to_pylist() == [micros_of(datetime(2024, 1, 1))]
    with pytest.raises(AsofError, match="age is int64; expected timestamps"):
        micros(pa.chunked_array([[1]]), "age", up=True)


def test_a_folder_is_read_in_the_order_of_its_paths_and_the_last_of_equal_rows_wins(tmp_path):
    instant = datetime(2024, 1, 1)
    for name, value in (("b", 2.0), ("c/d", 3.0), ("a", 1.0)):
        file = tmp_path / "rows" / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"id": [1], "event": [instant], "value": [value]}), file)
    rows = Source(tmp_path / "rows", "event", None)
    assert rows.columns(["value"])["value"].to_pylist() == [1.0, 2.0, 3.0]
    timeline = rows.timeline(["id"], Cuts(strict=False, known=True))
    asked = pa.table({"k0": [1], "t": [micros_of(instant + timedelta(hours=1))]})
    with join.connection("256MB", None, tmp_path / "spill") as con:
        assert rows.fetch("value", join.positions(con, asked, timeline, 0)).to_pylist() == [3.0]
    assert list((tmp_path / "spill").iterdir()) == []


def test_a_missing_file_and_a_missing_column_are_named(tmp_path):
    with pytest.raises(AsofError, match="nothing.parquet does not exist"):
        Source(tmp_path / "nothing.parquet", "event", None).columns(["event"])
    rows, _ = write(tmp_path / "rows.parquet", [((1,), 1, 1)])
    with pytest.raises(AsofError, match=r"lacks \['speed'\]; it has \['key0', 'event', 'created'\]"):
        rows.columns(["speed"])


def test_the_limits_hold_and_what_exceeds_them_spills(tmp_path):
    rows = 1_500_000
    narrow = dict.fromkeys(["event", "created", "visible", "position"], pa.array(np.arange(rows)[::-1]))
    timeline = pa.table({"k0": pa.array(np.arange(rows) % 7), **narrow})
    with join.connection("40MB", 1, tmp_path / "spill") as con:
        ask = "SELECT current_setting('memory_limit'), current_setting('threads'), current_setting('temp_directory')"
        [(limit, threads, folder)] = con.execute(ask).fetchall()
        assert limit == "38.1 MiB"
        assert threads == 1
        assert Path(folder).parent == tmp_path / "spill"
        assert len(join.steps(con, timeline, ["k0"])) == rows
        con.execute("SET max_temp_directory_size = '1KB'")
        with pytest.raises(Exception, match="could not allocate|Out of Memory|max_temp_directory_size"):
            join.steps(con, timeline, ["k0"])
    assert list((tmp_path / "spill").iterdir()) == []
