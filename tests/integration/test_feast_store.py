"""Feast as the point-in-time join: complete, in order, honest about publication; online equals offline.

One file, because the features of one world, which cost more to build than the tests, are asked for all of it.
"""

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from pitwall.adapters.feast.store import FeastStore
from pitwall.domain.errors import FeatureError, FrameError, UnknownName
from pitwall.domain.params import Params, TimeParams
from pitwall.domain.project import Project
from pitwall.domain.tables import load_tables, save_tables
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.replay import usable
from pitwall.features.machinery.stage import build_features
from pitwall.ml.models.machinery.frames import build_frames, check_frame
from pitwall.ml.rows import row_kind
from pitwall.sources.ergast import SOURCE, ErgastSettings
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.snapshots.store import take_snapshot
from pitwall.testing.checks.features import copy_feature_repo
from pitwall.testing.worlds.tiny import corrected, tiny_tables

pytestmark = pytest.mark.slow

REPO = Project(Path(__file__).resolve().parents[2])
CORRECTION = pd.Timestamp("2021-04-20 09:30", tz="UTC")
UNKNOWN_GRID, UNKNOWN_SLOT = 2, 4
IDS = ["race_id", "driver_id", "constructor_id"]


def make_project(root: Path, tables) -> Project:
    project = Project(root)
    shutil.copy(REPO.params, project.params)
    (root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    copy_feature_repo(project, REPO)
    save_tables(tables, project.tables)
    build_features(project, Params())
    return project


@pytest.fixture(scope="module")
def world():
    """Three seasons with the last race to come and the third race of the first corrected after the fourth.

    Of the second race nobody knows the grid, of the fourth that of one car.
    """
    base = tiny_tables(upcoming=1)
    slots = base["grid"]
    unknown = (slots["race_id"] == UNKNOWN_GRID) | (slots["race_id"].eq(UNKNOWN_SLOT) & slots["grid"].eq(2))
    base = base.replace(grid=slots[~unknown].reset_index(drop=True))
    return corrected(base, "results", lambda rows: (rows["race_id"] == 3) & (rows["place"] == 2), CORRECTION, place=8)


@pytest.fixture(scope="module")
def built(tmp_path_factory, world):
    """A project with features that Feast has not seen, to be copied: building them takes longer than most tests."""
    return make_project(tmp_path_factory.mktemp("built"), world)


@pytest.fixture
def fresh(tmp_path, built):
    return copied(built, tmp_path)


@pytest.fixture(scope="module")
def project(tmp_path_factory, built):
    return copied(built, tmp_path_factory.mktemp("project"))


def copied(project: Project, root: Path) -> Project:
    shutil.copytree(project.root, root, dirs_exist_ok=True)
    return Project(root)


@pytest.fixture(scope="module")
def store(project):
    return FeastStore(project)


def by_hand(project, spine, service="order"):
    """Join in plain pandas: for each row the newest usable version of the newest event."""
    out = spine.copy()
    for group in feature_sets()[service]:
        rows = pd.read_parquet(project.features / f"{group.name}.parquet")
        for cutoff, part in spine.groupby("cutoff"):
            seen = usable(group, rows, cutoff).sort_values("event_timestamp").drop_duplicates(group.keys, keep="last")
            values = part[group.keys].merge(seen, on=group.keys, how="left")[group.names]
            out.loc[part.index, group.names] = values.to_numpy()
    return out


@pytest.mark.parametrize("stage", ["pre_weekend", "pre_qualifying", "pre_race"])
def test_the_join_equals_a_join_by_hand(project, store, world, stage):
    spine = row_kind("race_driver").spine(world, stage)
    frame = store.historical(spine, "order")
    check_frame(spine, frame, row_kind("race_driver"))
    pd.testing.assert_frame_equal(frame, by_hand(project, spine)[frame.columns])


def test_sessions_do_not_exist_before_they_happened(store, world):
    early = store.historical(row_kind("race_driver").spine(world, "pre_weekend"), "order")
    late = store.historical(row_kind("race_driver").spine(world, "pre_race"), "order")
    for name in ("practice_gap_pct", "qualifying_place", "qualifying_gap_pct", "grid", "pit_lane"):
        assert early[name].isna().all()
        known = ~late["race_id"].isin([UNKNOWN_GRID, UNKNOWN_SLOT]) | (name not in {"grid", "pit_lane"})
        assert late.loc[known, name].notna().all()
    between = store.historical(row_kind("race_driver").spine(world, "pre_qualifying"), "order")
    assert between["practice_gap_pct"].notna().all()
    assert between["grid"].isna().all()


def test_a_correction_counts_from_the_moment_it_is_known(store, world):
    """The driver's mean place before and after the correction, asked at cut-offs around it."""
    changed = world["results"].query("known_estimated == False").iloc[0]
    spine = row_kind("race_driver").spine(world, "pre_race")
    row = spine[(spine["race_id"] == 5) & (spine["driver_id"] == changed["driver_id"])]
    around = pd.concat([row.assign(cutoff=CORRECTION - pd.Timedelta("1us")), row.assign(cutoff=CORRECTION)])
    before, after = store.historical(around.assign(race_id=[5, 5]), "order")["driver_place_mean"]
    assert after == before + (8 - 2) / 4  # the mean of four races, one of them corrected from place 2 to 8
    assert store.historical(row, "order")["driver_place_mean"].iloc[0] == after


def test_an_event_counts_after_it_happened_and_at_it_where_that_is_asked_for(store, world):
    """The season's shrink of the ratings happens, and is known, on New Year's Day at midnight."""
    new_year = pd.Timestamp("2022-01-01", tz="UTC")
    row = row_kind("race_driver").spine(world, "pre_race").query("race_id == 6").head(1).assign(cutoff=new_year)
    at = store.historical(row, "order")["driver_race_rating"].iloc[0]
    after = store.historical(row.assign(cutoff=new_year + pd.Timedelta("1us")), "order")["driver_race_rating"].iloc[0]
    assert abs(after) < abs(at)
    assert store.historical(row, ["driver_rating"], inclusive=True)["driver_race_rating"].iloc[0] == after
    assert store.historical(row, ["driver_rating"])["driver_race_rating"].iloc[0] == at


def test_groups_are_joined_by_name(store, world):
    spine = row_kind("race_driver").spine(world, "pre_race")
    some = store.historical(spine.drop(columns="constructor_id"), ["driver_form", "driver_rating"])
    names = groups()["driver_form"].names + groups()["driver_rating"].names
    assert list(some) == [*spine.drop(columns="constructor_id"), *names]
    pd.testing.assert_frame_equal(some[names], store.historical(spine, "order")[names])
    with pytest.raises(UnknownName, match="unknown feature group 'driver_fom'; did you mean 'driver_form'"):
        store.historical(spine, ["driver_fom"])


@pytest.mark.parametrize("config", ["duckdb", "pitwall.adapters.asof.AsofOfflineStore"])
def test_a_join_that_sees_the_cut_off_itself_is_refused(fresh, world, config):
    yaml = fresh.feature_repo / "feature_store.yaml"
    kept = [
        line for line in yaml.read_text(encoding="utf-8").splitlines() if not line.startswith(("  bound", "  known"))
    ]
    text = "\n".join(kept).replace("pitwall.adapters.asof.AsofOfflineStore", config)
    yaml.write_text(text, encoding="utf-8")
    with pytest.raises(FeatureError, match=f"joins with {config}.*bound: strict"):
        FeastStore(fresh).historical(row_kind("race_driver").spine(world, "pre_race"), "order")


def test_order_index_and_duplicates_of_the_spine_are_kept(store, world):
    spine = row_kind("race_driver").spine(world, "pre_race").sample(frac=1.0, random_state=3)
    doubled = pd.concat([spine, spine.head(3)])
    frame = store.historical(doubled, "order")
    pd.testing.assert_frame_equal(frame[doubled.columns], doubled)
    assert str(frame["cutoff"].dtype) == "datetime64[us, UTC]"


def test_unknown_cars_get_nulls_and_an_empty_spine_an_empty_frame(store, world):
    spine = (
        row_kind("race_driver").spine(world, "pre_race").head(2).assign(race_id=999, driver_id=999, constructor_id=999)
    )
    frame = store.historical(spine, "order")
    assert frame["driver_place_mean"].isna().all()
    assert len(frame) == 2
    empty = store.historical(spine.head(0), "order")
    assert empty.empty
    assert "grid" in empty


def test_a_lost_row_is_an_error(store, world, monkeypatch):
    class Loses:
        def __init__(self, job):
            self.job = job

        def to_df(self):
            return self.job.to_df().iloc[1:]

    real = store._store.get_historical_features
    monkeypatch.setattr(store._store, "get_historical_features", lambda **asked: Loses(real(**asked)))
    with pytest.raises(FrameError, match="1 lost"):
        store.historical(row_kind("race_driver").spine(world, "pre_race"), "order")


def test_unknown_service_missing_key_and_unbuilt_features_are_named(store, world, tmp_path):
    spine = row_kind("race_driver").spine(world, "pre_race")
    with pytest.raises(UnknownName, match="did you mean 'order'"):
        store.historical(spine, "ordr")
    with pytest.raises(FrameError, match="driver_id"):
        store.historical(spine.drop(columns="driver_id"), "order")
    with pytest.raises(FrameError, match="constructor_id"):
        store.online([{"race_id": 1, "driver_id": 1}], "order", CORRECTION)
    with pytest.raises(FeatureError, match="dvc repro features"):
        FeastStore(Project(tmp_path)).historical(spine, "order")


def test_online_equals_offline_at_any_cutoff_and_serves_nothing_unpublished(fresh, world):
    store = FeastStore(fresh)
    for stage in ("pre_race", "pre_weekend"):  # later ones first
        spine = row_kind("race_driver").spine(world, stage)
        for race in (18, 6, 7):  # the one to come, the last of a season, the first of the next
            rows = spine[spine["race_id"] == race]
            cutoff = rows["cutoff"].iloc[0]
            store.materialise(cutoff, "order")
            online = store.online(rows[IDS].to_dict("records"), "order", cutoff)
            offline = store.historical(rows, "order").reset_index(drop=True)
            pd.testing.assert_frame_equal(online, offline[online.columns])
            assert offline["grid"].notna().all() == (stage == "pre_race")
    pd.testing.assert_frame_equal(FeastStore(fresh).online(rows[IDS].to_dict("records"), "order", cutoff), online)


def test_results_that_are_not_published_are_not_served_online(fresh, world):
    """Half an hour after the flag the race has happened, and nobody has published it."""
    store = FeastStore(fresh)
    rows = row_kind("race_driver").spine(world, "pre_race").query("race_id == 2")[IDS].to_dict("records")
    flag = world["results"].query("race_id == 2")["event_timestamp"].iloc[0]
    for wait, starts in (("30min", 1), ("4h", 2)):
        store.materialise(flag + pd.Timedelta(wait), "order")
        assert (store.online(rows, "order", flag + pd.Timedelta(wait))["driver_starts"] == starts).all()


def test_a_new_season_resets_the_championship_online(fresh, world):
    """All changed rows are null then, a batch that Feast's own writer would skip."""
    store = FeastStore(fresh)
    rows = row_kind("race_driver").spine(world, "pre_race").query("race_id == 6")[IDS].to_dict("records")
    old, new = (pd.Timestamp(day, tz="UTC") for day in ("2021-12-31", "2022-01-02"))
    for cutoff in (old, new):
        store.materialise(cutoff, "order")
    assert store.online(rows, "order", old)["championship_place"].notna().all()
    assert store.online(rows, "order", new)["championship_place"].isna().all()


def test_another_source_starts_the_online_store_afresh(fresh):
    FeastStore(fresh).materialise(pd.Timestamp("2020-12-31", tz="UTC"), "order")
    text = fresh.params.read_text(encoding="utf-8")
    fresh.params.write_text(text.replace("seed: 7", "seed: 8"), encoding="utf-8")
    store, cutoff = FeastStore(fresh), pd.Timestamp("2021-01-02", tz="UTC")
    store.materialise(cutoff, "order")
    assert store.online([dict.fromkeys(IDS, 1)], "order", cutoff)["driver_starts"].isna().all()


def test_the_feast_command_applies_exactly_the_discovered_groups(tmp_path, fresh, monkeypatch):
    from click.testing import CliRunner
    from feast.cli.cli import cli

    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setattr(sys, "path", list(sys.path))
    done = CliRunner().invoke(cli, ["-c", str(fresh.feature_repo), "apply"])
    assert done.exit_code == 0, done.output
    from feast import FeatureStore

    applied = FeatureStore(repo_path=str(fresh.feature_repo))
    views = {view.name: {field.name for field in view.features} for view in applied.list_feature_views()}
    assert views == {name: set(group.names) for name, group in groups().items()}
    services = {
        service.name: {view.name for view in service.feature_view_projections}
        for service in applied.list_feature_services()
    }
    assert services == {name: {group.name for group in members} for name, members in feature_sets().items()}
    source = applied.get_feature_view("session").batch_source
    assert Path(source.path).is_absolute()


def test_frames_are_made_for_each_model_and_stage(project, store, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (project.frames).mkdir(parents=True, exist_ok=True)
    (project.frames / "gone-pre_race.parquet").write_bytes(b"")
    model = Params().models["order"].model_copy(update={"stages": ("pre_weekend", "pre_race")})
    refs = build_frames(project, Params(models={"order": model}), store)
    assert [ref.name for ref in refs] == ["order-pre_weekend", "order-pre_race"]
    assert sorted(path.stem for path in project.frames.iterdir()) == ["order-pre_race", "order-pre_weekend"]
    frame = pd.read_parquet(refs[1].path)
    spine = row_kind("race_driver").spine(load_tables(project.tables), "pre_race")
    check_frame(spine, frame, row_kind("race_driver"))
    assert refs[1].rows == len(spine)
    assert not {"place", "points", "retired"} & set(frame.columns)
    slots = frame.groupby("race_id")["grid"].agg(["size", "count"])
    assert slots["count"][UNKNOWN_GRID] == 0 and slots["count"][UNKNOWN_SLOT] == slots["size"][UNKNOWN_SLOT] - 1
    assert (slots["count"] == slots["size"]).drop([UNKNOWN_GRID, UNKNOWN_SLOT]).sum() == len(slots) - 2
    assert build_frames(project, Params(models={"order": model}), store) == refs


DATA = Path(os.environ.get("PITWALL_REAL_DATA", REPO.root.parent / "shared" / "data")) / "ergast"


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.skipif(not (DATA / "races.csv").is_file(), reason="the real data set is not beside the project")
def test_rows_in_equal_rows_out_over_all_real_seasons(tmp_path):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    snapshot = take_snapshot(SOURCE, str(DATA), ErgastSettings(), tmp_path / "raw", now=now, previous=None)
    assert snapshot is not None
    tables = build_tables([snapshot], TimeParams()).tables
    project = make_project(tmp_path, tables)
    ref = next(ref for ref in build_frames(project, Params(), FeastStore(project)) if ref.name == "order-pre_race")
    frame, spine = pd.read_parquet(ref.path), row_kind("race_driver").spine(load_tables(project.tables), "pre_race")
    check_frame(spine, frame, row_kind("race_driver"))
    assert (frame["season"].min(), frame["season"].max()) == (1950, 2024)
    assert len(frame) == len(tables["entries"]) == 24_967
    assert frame["grid"].isna().sum() == 39  # drivers of 1950-1961 who only took over another's car
    rated = frame[frame["season"] >= 1981]
    assert rated[["driver_race_rating", "team_race_rating"]].notna().mean().min() > 0.9
