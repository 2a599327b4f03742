"""The ASOF store as a user meets it: through feature_store.yaml and Feast, with all that a repository may hold."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pitwall.adapters.asof.errors import AsofError
from pitwall.testing.checks.asof import RESULTS, ask, at, entity, open_store, quiet, view, write


@pytest.fixture(scope="module")
def paddock(tmp_path_factory):
    """Return a store with files, a folder, renamed columns, lists, text, an alias and an on-demand view."""
    from feast import Field, RequestSource
    from feast.on_demand_feature_view import on_demand_feature_view
    from feast.types import Array, Float64, Int64, String

    folder = tmp_path_factory.mktemp("paddock")
    store = open_store(folder, bound="strict", known="true", temp_directory="spill")
    write(folder / "driver.parquet", [(1, 0, 30), (1, 60, 90), (2, 0, 30)], ["driver_id"], "place")
    parts = folder / "telemetry"
    for team, rows in ((7, 2), (8, 1)):
        (parts / f"season={2020 + team}").mkdir(parents=True)
        pq.write_table(
            pa.table(
                {
                    "team": pa.array([team] * rows, pa.int32()),
                    "utc": pa.array([at(0), at(20)][:rows], pa.timestamp("us")),
                    "out": pa.array([at(0), at(20)][:rows], pa.timestamp("us")),
                    "v": [[300.5, 301.0], [310.0]][:rows],
                    "tyre": pa.array(["soft", "hard"][:rows]).dictionary_encode(),
                }
            ),
            parts / f"season={2020 + team}" / "laps.parquet",
        )
    driver, team = entity("driver"), entity("team")
    results = view("results", "driver.parquet", [driver], {"place": Float64})
    telemetry = view(
        "telemetry",
        parts,
        [team],
        {"speed": Array(Float64), "tyre": String, "season": Int64},
        field_mapping={"team": "team_id", "utc": "happened", "out": "published", "v": "speed"},
    )

    def points_lost(inputs: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"above": inputs["place"] + inputs["penalty"]})

    with quiet():
        penalty = RequestSource(name="penalty", schema=[Field(name="penalty", dtype=Float64)])
        lost = on_demand_feature_view(sources=[results, penalty], schema=[Field(name="above", dtype=Float64)])(
            points_lost
        )
        store.apply([driver, team, results, telemetry, lost])
    return store


def rows(**columns):
    return pd.DataFrame({"event_timestamp": [at(31), at(90), at(90)], **columns})


def test_a_row_is_seen_after_it_happened_and_once_it_is_published(paddock):
    spine = pd.DataFrame({"driver_id": 1, "event_timestamp": [at(29), at(30), at(60), at(89), at(90)]})
    assert ask(paddock, spine, [RESULTS])["place"].tolist()[1:] == [0, 0, 0, 1]
    assert ask(paddock, spine, [RESULTS])["place"].isna().tolist() == [True, False, False, False, False]


def test_lists_text_partitions_and_renamed_columns_of_a_folder(paddock):
    features = [f"telemetry:{name}" for name in ("speed", "tyre", "season")]
    answer = ask(paddock, rows(team_id=[7, 8, 9]), features)
    assert [None if speed is None else list(speed) for speed in answer["speed"]] == [[310.0], [300.5, 301.0], None]
    assert answer["tyre"].fillna("none").tolist() == ["hard", "soft", "none"]
    assert answer["season"].fillna(0).tolist() == [2027, 2028, 0]


def test_a_view_joined_twice_under_other_names(paddock):
    from feast import FeatureService

    results = paddock.get_feature_view("results")
    service = FeatureService(
        name="duel",
        features=[
            results.with_name("ahead").with_join_key_map({"driver_id": "ahead_id"}),
            results.with_name("behind").with_join_key_map({"driver_id": "behind_id"}),
        ],
    )
    with quiet():
        paddock.apply(service)
    spine = rows(ahead_id=[1, 1, 2], behind_id=[2, 2, 1])
    answer = ask(paddock, spine, service, full_feature_names=True)
    assert answer["ahead__place"].tolist() == [0, 1, 2]
    assert answer["behind__place"].tolist() == [2, 2, 1]


def test_on_demand_views_are_computed_from_the_answer(paddock):
    answer = ask(paddock, rows(driver_id=[1, 1, 2], penalty=[5.0, 5.0, 10.0]), ["points_lost:above", RESULTS])
    assert answer["above"].tolist() == [5.0, 6.0, 12.0]


def test_entity_rows_from_a_query_keep_its_order(paddock, tmp_path):
    frame = rows(driver_id=[2, 1, 1], lap=[3, 2, 1])
    frame.to_parquet(tmp_path / "spine.parquet")
    query = f"SELECT * FROM '{tmp_path / 'spine.parquet'}' ORDER BY lap"
    answer = ask(paddock, query, [RESULTS])
    assert answer["lap"].tolist() == [1, 2, 3]
    assert answer["place"].tolist() == [1, 1, 2]
    assert str(answer["event_timestamp"].dt.tz) == "UTC"


def test_instants_in_other_zones_in_text_and_under_another_name(paddock):
    utc = rows(driver_id=[1, 1, 2])
    expected = ask(paddock, utc, [RESULTS])["place"].tolist()
    assert expected == [0, 1, 2]
    stamp = utc["event_timestamp"]
    for other in (
        stamp.dt.tz_convert("Asia/Tokyo"),
        stamp.dt.tz_localize(None),
        stamp.astype("datetime64[us, UTC]"),
        stamp.astype(str),
        stamp.map(lambda instant: instant.to_pydatetime()).astype(object),
    ):
        assert ask(paddock, utc.assign(event_timestamp=other), [RESULTS])["place"].tolist() == expected
    assert ask(paddock, utc.rename(columns={"event_timestamp": "cutoff"}), [RESULTS])["place"].tolist() == expected


def test_arrow_keeps_the_rows_as_they_came_and_the_frame_is_not_touched(paddock):
    spine = rows(driver_id=pd.array([1, None, 2], dtype="Int64"), note=["a", None, "c"])
    before = spine.copy(deep=True)
    with quiet():
        job = paddock.get_historical_features(entity_df=spine, features=[RESULTS])
        table = job.to_arrow()
    pd.testing.assert_frame_equal(spine, before)
    assert table.column_names == ["event_timestamp", "driver_id", "note", "place"]
    assert table["driver_id"].to_pylist() == [1, None, 2]
    assert table["place"].to_pylist() == [0.0, None, 2.0]
    assert job.metadata.features == [RESULTS]
    assert job.metadata.keys == ["driver_id", "note"]
    assert (job.metadata.min_event_timestamp, job.metadata.max_event_timestamp) == (at(31), at(90))


def test_an_empty_spine_gives_an_empty_answer(paddock):
    answer = ask(paddock, rows(driver_id=1).head(0), [RESULTS])
    assert list(answer) == ["event_timestamp", "driver_id", "place"]
    assert answer.empty


def test_a_saved_data_set_is_written_once_and_read_back(paddock, tmp_path):
    from feast.errors import SavedDatasetLocationAlreadyExists
    from feast.infra.offline_stores.file_source import SavedDatasetFileStorage

    with quiet():
        job = paddock.get_historical_features(entity_df=rows(driver_id=[1, 1, 2]), features=[RESULTS])
        storage = SavedDatasetFileStorage(str(tmp_path / "kept" / "set.parquet"))
        saved = paddock.create_saved_dataset(job, "kept", storage)
        assert saved.to_df()["place"].tolist() == [0, 1, 2]
        with pytest.raises(SavedDatasetLocationAlreadyExists):
            job.persist(storage)


def online(store, driver):
    with quiet():
        answer = store.get_online_features(features=[RESULTS], entity_rows=[{"driver_id": driver}]).to_dict()
    return answer["place"][0]


def test_materialisation_writes_what_a_cut_off_may_see_and_late_rows_when_they_are_published(tmp_path):
    from feast.types import Float64

    store, driver = open_store(tmp_path, bound="strict", known="true"), entity("driver")
    write(tmp_path / "driver.parquet", [(1, 0, 10), (1, 20, 200), (2, 50, 50)], ["driver_id"], "place")
    with quiet():
        store.apply([driver, view("results", tmp_path / "driver.parquet", [driver], {"place": Float64})])
        store.materialize(at(-60), at(50))
        assert (online(store, 1), online(store, 2)) == (0, None)  # not published; not before the bound
        store.materialize(at(50), at(199))
        assert (online(store, 1), online(store, 2)) == (0, 2)
        store.materialize(at(199), at(200))  # happened long before the window, published in it
    assert (online(store, 1), online(store, 2)) == (1, 2)


def test_without_the_knowledge_cut_a_window_is_one_of_events(tmp_path):
    from pitwall.adapters.asof import AsofOfflineStore

    store = open_store(tmp_path)
    write(tmp_path / "driver.parquet", [(1, 0, 10), (1, 20, 200), (1, 20, 100), (2, 50, 50)], ["driver_id"], "place")
    from feast import FileSource

    source = FileSource(path="driver.parquet", timestamp_field="happened", created_timestamp_column="published")
    columns = (store.config, source, ["driver_id"], ["place"], "happened", "published")
    latest = AsofOfflineStore.pull_latest_from_table_or_query(*columns, at(0), at(50)).to_df()
    assert latest["place"].tolist() == [1, 3]
    assert list(latest) == ["driver_id", "place", "happened", "published"]
    assert AsofOfflineStore.pull_latest_from_table_or_query(*columns, at(21), at(50)).to_df()["place"].tolist() == [3]
    every = AsofOfflineStore.pull_all_from_table_or_query
    assert every(*columns).to_df()["place"].tolist() == [0, 1, 2, 3]
    assert every(*columns, at(1), at(49)).to_df()["place"].tolist() == [1, 2]


def test_what_cannot_be_answered_is_refused_with_the_reason(paddock, tmp_path):
    from feast import FileSource, PushSource
    from feast.data_format import DeltaFormat
    from feast.errors import RequestDataNotFoundInEntityDfException
    from feast.repo_config import FeastConfigError

    from pitwall.adapters.asof import AsofOfflineStore

    def refused(reason, entity_df, features=(RESULTS,), **options):
        with pytest.raises(AsofError, match=reason), quiet():
            paddock.get_historical_features(entity_df=entity_df, features=list(features), **options).to_arrow()

    refused("entity_df is missing", None, start_date=at(0), end_date=at(9))
    refused(r"lack \['driver_id'\], which results needs", rows(team_id=1))
    refused("the key driver_id is string in the entity rows and int64 in results", rows(driver_id="hamilton"))
    refused("two columns would be called place", rows(driver_id=1, place=1))
    refused("which column holds the instants", pd.DataFrame({"driver_id": [1]}))
    refused("event_timestamp of the entity rows is int64", pd.DataFrame({"driver_id": [1], "event_timestamp": [3]}))
    refused("cannot be read as a table", rows(driver_id=1, odd=[1, "two", b"3"]))
    doubled = rows(driver_id=1, lap=1).rename(columns={"lap": "driver_id"})
    refused("name a column twice", doubled)
    with pytest.raises(RequestDataNotFoundInEntityDfException), quiet():
        ask(paddock, rows(driver_id=1), ["points_lost:above"])

    def source(reason, data_source):
        with pytest.raises(AsofError, match=reason):
            AsofOfflineStore.pull_all_from_table_or_query(paddock.config, data_source, [], [], "t")

    source("is DeltaFormat; this store reads parquet", FileSource(path="t", file_format=DeltaFormat()))
    source("is remote", FileSource(path="s3://bucket/t.parquet"))
    file = FileSource(path="t.parquet", timestamp_field="t")
    source("is a PushSource", PushSource(name="push", batch_source=file))
    with pytest.raises(AsofError, match="only reads"):
        AsofOfflineStore.offline_write_batch(paddock.config, paddock.get_feature_view("results"), None, None)
    with pytest.raises(AsofError, match="only reads"):
        AsofOfflineStore.write_logged_features(paddock.config, None, None, None, None)
    with pytest.raises(FeastConfigError, match="inclusive"):
        open_store(tmp_path, bound="sometimes")


def test_the_store_stands_alone():
    """It can be published without Pitwall: none of its modules names another of ours."""
    from pitwall.adapters.asof import store

    texts = {file.name: file.read_text(encoding="utf-8") for file in Path(store.__file__).parent.glob("*.py")}
    assert len(texts) >= 8
    for name, text in texts.items():
        assert "import pitwall" not in text, name
        assert "from pitwall" not in text, name
