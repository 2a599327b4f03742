"""Serving through Feast: online equals offline for every kind of key, nothing stale is ever served, and skew is found.

One file, because what is served and what is replayed of it is asked of one invented project, corrected in the same ways.
"""

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
import typer
import yaml

from pitwall.adapters.feast import store as feast_store
from pitwall.adapters.feast.online_rows import fill
from pitwall.adapters.feast.online_slots import OnlineSlots
from pitwall.adapters.feast.store import FeastStore
from pitwall.adapters.feast.vector_cache import VectorKey
from pitwall.cli.online import materialise, skew
from pitwall.domain.errors import FeatureError, UsageError
from pitwall.domain.params import load_params
from pitwall.domain.project import Project
from pitwall.domain.racing.data_world import world
from pitwall.domain.tables import save_tables
from pitwall.ml.forecasting.input_log import ServedVectors, write_served
from pitwall.testing.checks.features import copy_feature_repo
from pitwall.testing.worlds.online import invented_groups, invented_rows, only_groups, race_cars, write_rows
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

REPO = Project(Path(__file__).resolve().parents[2])
GROUPS = invented_groups(features=3)
CARS = race_cars(6)
ENTITIES = CARS.to_dict("records")
SUNDAYS = [pd.Timestamp("2024-03-03 15:00", tz="UTC") + pd.Timedelta(weeks=week) for week in range(4)]
CUTOFF = SUNDAYS[2]
FEATURES = [name for group in GROUPS.values() for name in group.names]


@pytest.fixture(autouse=True)
def invented():
    with only_groups(GROUPS):
        yield


@pytest.fixture
def project(tmp_path):
    """Six cars with four weeks of rows in five views; a car of another race shares most of the keys."""
    made = Project(tmp_path)
    shipped = yaml.safe_load(REPO.params.read_text("utf-8"))
    only_order = shipped | {
        "models": {"order": shipped["models"]["order"]}
    }  # the one set that the invented groups have
    made.params.write_text(yaml.safe_dump(only_order), encoding="utf-8")
    (tmp_path / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    copy_feature_repo(made, REPO)
    others = race_cars(6, race_id=6, circuit_id=4)
    for seed, group in enumerate(GROUPS.values()):
        write_rows(made, group, invented_rows(group, pd.concat([CARS, others]), SUNDAYS, seed))
    return made


@pytest.fixture
def store(project):
    return FeastStore(project)


def rewrite(project, name, change):
    """Change rows of a group's file, as a correction would."""
    rows = pd.read_parquet(project.features / f"{name}.parquet")
    write_rows(project, GROUPS[name], change(rows))


def corrected(project, known):
    """Add a version of driver 1's newest row before the cut-off, known at an instant."""

    def add(rows):
        row = rows[(rows["driver_id"] == 1) & (rows["event_timestamp"] == SUNDAYS[1])]
        return pd.concat([rows, row.assign(known_at=known, driver_0=99.0)])

    rewrite(project, "driver", add)


def offline(store, cutoff=CUTOFF):
    joined = store.historical(CARS.assign(cutoff=cutoff), "order")
    return joined[[*CARS.columns, *FEATURES]]


def test_online_equals_offline_for_every_kind_of_key_at_every_cutoff(store):
    for cutoff in (SUNDAYS[0], SUNDAYS[1], SUNDAYS[1] + pd.Timedelta("3h"), CUTOFF):
        store.materialise(cutoff, "order")
        online = store.online(ENTITIES, "order", cutoff)[[*CARS.columns, *FEATURES]]
        pd.testing.assert_frame_equal(online, offline(store, cutoff), check_exact=True)
    assert online[FEATURES].notna().any().all()
    assert online["driver_circuit_0"].nunique() > 3


def test_earlier_cutoffs_are_served_beside_later_ones(store):
    """As the stages of one weekend are: whatever the order, each reads its own instant."""
    instants = [CUTOFF, SUNDAYS[1], SUNDAYS[1] + pd.Timedelta("3h"), SUNDAYS[0]]
    for instant in instants:
        store.materialise(instant, "order")
    for instant in instants:
        online = store.online(ENTITIES, "order", instant)[[*CARS.columns, *FEATURES]]
        pd.testing.assert_frame_equal(online, offline(store, instant), check_exact=True)


def test_what_was_not_materialised_is_not_served(store):
    with pytest.raises(
        FeatureError, match=r"serves no cut-off.*pitwall features materialise --until 2024-03-17T15:00:00"
    ):
        store.online(ENTITIES, "order", CUTOFF)
    store.materialise(SUNDAYS[0], "order")
    with pytest.raises(FeatureError, match="as of 2024-03-17 15:00 UTC; it serves 2024-03-03 15:00"):
        store.online(ENTITIES, "order", CUTOFF)


def test_a_planted_entry_is_served_until_anything_changes_and_never_after(project, store):
    """The cache is really asked (it serves a wrong value that was put there), and really left behind."""
    served = store.materialise(CUTOFF, "order")
    right = store.online(ENTITIES, "order", CUTOFF)
    key = VectorKey(tuple(tuple(car.items()) for car in ENTITIES), served)

    def plant():
        store.vectors.put(key, right.assign(driver_0=-1.0))

    plant()
    assert (store.online(ENTITIES, "order", CUTOFF)["driver_0"] == -1.0).all()
    later = CUTOFF + pd.Timedelta("1us")
    store.materialise(later, "order")
    pd.testing.assert_frame_equal(store.online(ENTITIES, "order", later), right)
    corrected(project, CUTOFF - pd.Timedelta("1h"))
    store.materialise(CUTOFF, "order")
    fresh = store.online(ENTITIES, "order", CUTOFF)
    assert fresh["driver_0"][0] == 99.0
    pd.testing.assert_frame_equal(fresh[1:], right[1:])


def test_another_process_that_materialises_is_noticed(project, store):
    store.materialise(CUTOFF, "order")
    old = store.online(ENTITIES, "order", CUTOFF)
    corrected(project, CUTOFF - pd.Timedelta("1h"))
    FeastStore(project).materialise(CUTOFF, "order")
    new = store.online(ENTITIES, "order", CUTOFF)
    assert not new.equals(old)
    pd.testing.assert_frame_equal(new[[*CARS.columns, *FEATURES]], offline(store))


def test_another_source_is_noticed_in_an_open_store(project, store):
    store.materialise(CUTOFF, "order")
    store.online(ENTITIES, "order", CUTOFF)
    project.params.write_text(project.params.read_text("utf-8").replace("seed: 7", "seed: 8"), encoding="utf-8")
    store.materialise(SUNDAYS[0], "order")
    assert store.online(ENTITIES, "order", SUNDAYS[0])[FEATURES].isna().all().all()
    with pytest.raises(FeatureError, match="does not serve"):
        store.online(ENTITIES, "order", CUTOFF)


def test_a_crash_in_the_middle_leaves_what_was_served(project, store, monkeypatch):
    store.materialise(SUNDAYS[1], "order")
    before = store.online(ENTITIES, "order", SUNDAYS[1])

    def dies(project, groups, cutoff, folder, write):
        fill(project, groups[:3], cutoff, folder, write)
        raise OSError("no space left")

    for instant in (SUNDAYS[1], CUTOFF):
        corrected(project, SUNDAYS[1] - pd.Timedelta("1h"))
        with monkeypatch.context() as patched, pytest.raises(OSError, match="no space left"):
            patched.setattr(feast_store, "fill", dies)
            store.materialise(instant, "order")
    for reader in (store, FeastStore(project)):
        pd.testing.assert_frame_equal(reader.online(ENTITIES, "order", SUNDAYS[1]), before)
        with pytest.raises(FeatureError, match="does not serve"):
            reader.online(ENTITIES, "order", CUTOFF)
    store.materialise(CUTOFF, "order")
    online = store.online(ENTITIES, "order", CUTOFF)[[*CARS.columns, *FEATURES]]
    pd.testing.assert_frame_equal(online, offline(store))


def test_readers_beside_a_writer_see_whole_states(project, store):
    """Threads read a cut-off while it is corrected and others are filled: every answer is one state's, never a mixture."""
    store.materialise(CUTOFF, "order")
    whole = [offline(store).to_numpy().tobytes()]
    with ThreadPoolExecutor(4) as pool:
        reads = [pool.submit(store.online, ENTITIES, "order", CUTOFF) for _ in range(60)]
        for number in (1, 2):
            corrected(project, CUTOFF - pd.Timedelta(hours=9 - number))
            store.materialise(SUNDAYS[number - 1], "order")
            store.materialise(CUTOFF, "order")
            whole.append(offline(store).to_numpy().tobytes())
            reads += [pool.submit(store.online, ENTITIES, "order", CUTOFF) for _ in range(60)]
        answers = [read.result()[[*CARS.columns, *FEATURES]] for read in reads]
    assert {answer.to_numpy().tobytes() for answer in answers} <= set(whole)
    assert answers[-1].to_numpy().tobytes() == whole[-1]


def opened(project):
    return [each.path for each in psutil.Process().open_files() if each.path.startswith(str(project.root))]


def test_threads_share_a_workspace_that_nobody_has_opened_and_closed_it_holds_no_file(project):
    with Workspace(project) as workspace:

        def serve(number):
            workspace.features.materialise(SUNDAYS[number % 2], "order")
            return workspace.features.online(ENTITIES, "order", SUNDAYS[number % 2])

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(serve, range(8)))
        for one, other in zip(answers[::2], answers[2::2], strict=False):
            pd.testing.assert_frame_equal(one, other)
        assert [path for path in opened(project) if path.endswith("online.db")]
        reader = workspace.features
    assert opened(project) == []
    pd.testing.assert_frame_equal(reader.online(ENTITIES, "order", SUNDAYS[0]), answers[0])


def log(project, store):
    """Serve the race to a model and log it, as a forecast does."""
    served = store.materialise(CUTOFF, "order")
    answer = store.online(ENTITIES, "order", CUTOFF)
    entry = ServedVectors(
        race="2024-03",
        cutoff=CUTOFF,
        known=served.known,
        service="order",
        model="order-pre_race",
        version=1,
        world=world(load_params(project.params)),
        keys=answer[list(CARS)],
        features=answer[FEATURES],
        served_at=pd.Timestamp("2024-03-16", tz="UTC"),
    )
    return write_served(project, entry)


def run_skew(project, monkeypatch, capsys, **options):
    """Run `pitwall features skew` in the project; return its exit code and its words."""
    monkeypatch.setenv("PITWALL_HOME", str(project.root))
    try:
        skew(**options)
    except typer.Exit as left:
        return left.exit_code, capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_the_replay_is_clean_and_a_later_correction_is_no_skew(project, store, monkeypatch, capsys):
    log(project, store)
    code, said = run_skew(project, monkeypatch, capsys)
    assert (code, re.findall(r"(\w+_\d) +6 +0\b", said)) == (0, sorted(FEATURES))
    assert "90 values compared, 0 differ" in said
    corrected(project, CUTOFF + pd.Timedelta("2d"))
    code, said = run_skew(project, monkeypatch, capsys)
    assert (code, "90 values compared, 0 differ" in said) == (0, True)


def test_one_ulp_in_the_online_store_is_found(project, store, monkeypatch, capsys):
    """Feast's own file is edited: the last bit of one value of one car."""
    store.materialise(CUTOFF, "order")
    from feast.protos.feast.types.Value_pb2 import Value

    slots = OnlineSlots(project)
    with sqlite3.connect(slots.folder(slots.served()[0]) / "online.db") as file:
        query = "SELECT rowid, value FROM pitwall_constructor WHERE feature_name = 'constructor_1' ORDER BY rowid"
        row, stored = next((row, Value.FromString(blob)) for row, blob in file.execute(query) if len(blob))
        moved = Value(double_val=np.nextafter(stored.double_val, np.inf)).SerializeToString()
        file.execute("UPDATE pitwall_constructor SET value = ? WHERE rowid = ?", (moved, row))
    log(project, store)
    code, said = run_skew(project, monkeypatch, capsys, json_file=str(project.root / "skew.json"))
    assert code == 1
    assert "constructor_1" in said.split("The first values that differ")[1]
    assert "2 differ" in said  # two cars of one constructor
    assert '"differing": 2' in (project.root / "skew.json").read_text("utf-8")


def test_a_changed_feature_file_is_found(project, store, monkeypatch, capsys):
    log(project, store)
    rewrite(project, "race_driver", lambda rows: rows.assign(race_driver_2=np.nextafter(rows["race_driver_2"], np.inf)))
    code, said = run_skew(project, monkeypatch, capsys)
    assert code == 1
    assert "race_driver_2" in said.split("The first values that differ")[1]


def test_the_command_fills_the_cutoffs_of_the_next_race_or_the_one_that_is_named(
    project, store, monkeypatch, capsys, tmp_path
):
    """Those of every stage that params.yaml trains, beside any other."""
    tables = tiny_tables(upcoming=1)
    save_tables(tables, project.tables)
    monkeypatch.setenv("PITWALL_HOME", str(project.root))
    last = tables["races"].nlargest(1, "starts_at").iloc[0]
    materialise(json_file=str(tmp_path / "said.json"))
    said = capsys.readouterr().out
    served = OnlineSlots(project).served()
    assert {each.cutoff for each in served} == {last["practice_at"], last["starts_at"]}
    for each in served:
        assert f"order as of {each.cutoff:%Y-%m-%d %H:%M} UTC" in said
        assert each.cutoff.isoformat() in (tmp_path / "said.json").read_text("utf-8")
    materialise(until="2024-03-17T15:00")
    corrected(project, CUTOFF - pd.Timedelta("1h"))
    materialise(until="2024-03-17T15:00")
    assert store.online(ENTITIES, "order", CUTOFF)["driver_0"][0] == 99.0
    assert len(OnlineSlots(project).served()) == 3
    with pytest.raises(UsageError, match="'Sunday' is no time"):
        materialise(until="Sunday")


def test_since_leaves_out_what_was_served_before(project, store, monkeypatch, capsys):
    log(project, store)
    assert "0 served vector sets" in run_skew(project, monkeypatch, capsys, since="2024-03-17")[1]
    assert "1 served vector sets" in run_skew(project, monkeypatch, capsys, since="2024-03-16")[1]


def test_a_model_within_races_is_served_beside_one_before_them_each_from_its_own_state(project, store):
    """Rows of cars before a race and rows of laps within it: the feature sets share drivers, not what is known of them."""
    laps = invented_groups(features=2, sets=("lap_time",), prefix="lap_")
    crossing = SUNDAYS[3] + pd.Timedelta("11min 22.333334s")
    ended = [crossing - pd.Timedelta(microseconds=1), crossing + pd.Timedelta("90s")]
    with only_groups({**GROUPS, **laps}):
        for seed, group in enumerate(laps.values()):
            write_rows(
                project,
                group,
                invented_rows(group, CARS, ended, seed).assign(known_at=lambda rows: rows["event_timestamp"]),
            )
        served = [(CUTOFF, "order", GROUPS), (crossing, "lap_time", laps), (SUNDAYS[1], "order", GROUPS)]
        for cutoff, service, _ in served:
            store.materialise(cutoff, service)
        for cutoff, service, groups in [*served, *reversed(served)]:
            names = [name for group in groups.values() for name in group.names]
            online = store.online(ENTITIES, service, cutoff)
            expected = store.historical(CARS.assign(cutoff=cutoff), service)
            pd.testing.assert_frame_equal(online[names], expected[names], check_exact=True)
            assert online[names].notna().any().any()
        strict = store.historical(CARS.assign(cutoff=crossing - pd.Timedelta(microseconds=1)), "lap_time")
        assert strict["lap_race_driver_0"].isna().all()  # the microsecond that decides whether the ended lap is seen
        with pytest.raises(FeatureError, match="does not serve 'lap_time' as of"):
            store.online(ENTITIES, "lap_time", CUTOFF)
