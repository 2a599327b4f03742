"""The notebook's feature store, on a fake reader: the right rows, nothing of the future, and names that are understood."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import FeatureError, UnknownName, UsageError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.features import FeatureEngineer, groups
from pitwall.features.machinery.build import build_group
from pitwall.ml import FittedModel, missing_mask
from pitwall.ml.rows import row_kind
from pitwall.workflows.notebook.feature_store import FeatureStore
from pitwall.ml.training.walk_forward import default_recipe
from pitwall.testing import FakeFeatureReader
from pitwall.testing.worlds.tiny import corrected, tiny_tables

BUILT = ("driver_form", "session", "session_detail", "team_form", "championship", "lap_state", "momentum_score")
CORRECTION = pd.Timestamp("2022-03-20 09:30", tz="UTC")


@pytest.fixture(scope="module")
def tables():
    world = tiny_tables(seasons=3, races=4, cars=6, upcoming=1)
    return corrected(
        world, "results", lambda rows: (rows["race_id"] == 6) & (rows["driver_id"] == 1), CORRECTION, points=99.0
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory, tables):
    project = Project(tmp_path_factory.mktemp("project"))
    save_tables(tables, project.tables)
    project.params.write_text("seed: 7\n", encoding="utf-8")
    project.features.mkdir(parents=True)
    for name in BUILT:
        rows = build_group(groups()[name], tables, Params())
        rows.to_parquet(project.features / f"{name}.parquet", index=False, coerce_timestamps="us")
    return project


@pytest.fixture(scope="module")
def reader(tables):
    return FakeFeatureReader(tables)


@pytest.fixture
def fs(project, reader):
    return FeatureStore(project, reader, FeatureEngineer(registry={}))


def names_of(*wanted):
    return [name for group in wanted for name in groups()[group].names]


def best_place(history):
    """The best place so far."""
    return history["place"].min()


def test_one_row_per_driver_race_of_the_selection(fs):
    frame = fs.get_features([2022, 2023], ["driver_form", "session"], drivers=["driver_1", "D02"], circuits=(1, 2))
    assert list(frame.columns) == [*list(row_kind("race_driver").columns), *names_of("driver_form", "session", "session_detail")]
    assert frame[["season", "round", "driver_id"]].to_numpy().tolist() == [
        [season, number, driver] for season in (2022, 2023) for number in (1, 2) for driver in (1, 2)
    ]
    assert frame.attrs["selection"]["drivers"] == ["driver_1", "driver_2"]
    assert frame.attrs["selection_hash"] == fs.select([2022, 2023], drivers=[1, 2], circuits=[1, 2]).hash


def test_who_was_named_but_did_not_race_is_told(fs):
    frame = fs.get_features(2021, ["driver_form"], drivers=["driver_1", "driver_8"])
    assert frame.attrs["without_entries"] == ["driver_8"]  # the rookie of 2023
    assert fs.get_features(2023, ["driver_form"], drivers=["driver_1", "driver_8"]).attrs["without_entries"] == []


def test_races_of_one_car_are_told_and_a_model_warns_of_them(fs):
    frame = fs.get_features(2021, ["session"], drivers="driver_1", circuits=[1, 2])
    assert frame.attrs["one_car_races"] == ["2021-01", "2021-02"]
    assert fs.get_features(2021, ["session"]).attrs["one_car_races"] == []
    recipe = default_recipe("order", "grid_frequency", frame, 0, "pre_race")
    outcome = pd.DataFrame({"place": [1, 1], "retired": [False, False]})
    with pytest.warns(UserWarning, match="2 of 2 races have one car here"):
        FittedModel(recipe, recipe.fit(frame, outcome)).positions(frame)


def test_features_stand_as_at_the_cut_off(fs, tables):
    late = fs.get_features(2021, ["session", "driver_form"])
    early = fs.get_features(2021, ["session", "driver_form"], stage="pre_weekend")
    assert late["grid"].notna().all() and early["grid"].isna().all()
    results = tables.as_of()["results"].set_index(["race_id", "driver_id"])["place"]
    second = late[late["round"] == 2]
    previous = [results[race - 1, driver] for race, driver in zip(second["race_id"], second["driver_id"], strict=True)]
    assert second["driver_last_place"].tolist() == previous


def test_what_is_not_known_stays_nan_and_is_masked(fs):
    frame = fs.get_features(2021, ["driver_form"])
    mask = missing_mask(frame)
    assert mask.loc[frame["round"] == 1, "driver_place_mean_missing"].all()
    assert not mask.loc[frame["round"] == 2, "driver_place_mean_missing"].any()
    assert not [name for name in list(row_kind("race_driver").columns) if f"{name}_missing" in mask]


def test_a_selection_by_outcome_is_marked(fs):
    assert fs.get_features(None, ["session"], conditions={"wet": False}).attrs["selected_by_outcome"] == ["wet"]
    assert fs.get_features(None, ["session"]).attrs["selected_by_outcome"] == []


def test_custom_features_join_as_known_before_the_race(fs, tables):
    fs.engineer.register("best_place")(best_place)
    frame = fs.get_features(2021, ["driver_form"], ["best_place", "momentum_score"])
    assert list(frame.columns[-2:]) == ["best_place", "momentum_score"]
    results = tables["results"].drop_duplicates(["race_id", "driver_id"])
    for row in frame.itertuples():
        before = results[(results["driver_id"] == row.driver_id) & (results["race_id"] < row.race_id)]["place"]
        np.testing.assert_equal(row.best_place, before.min() if len(before) else np.nan)
    assert frame.attrs["custom_features"] == ["best_place"]


def test_the_version_known_then_is_the_one_that_is_joined(fs):
    fs.engineer.register("last_points")(lambda history: history["points"].iloc[-1])
    frame = fs.get_features(2022, ["driver_form"], ["last_points"], drivers=1).set_index("round")
    assert frame.loc[3, "cutoff"] > CORRECTION and frame.loc[3, "last_points"] == 99
    just_before = CORRECTION - pd.Timedelta(microseconds=1)
    seen = [
        fs.get_features_at({"driver": 1}, instant, feature_groups=["driver_form"], custom_features=["last_points"])
        for instant in (just_before, CORRECTION)
    ]
    assert seen[0]["last_points"] < 99 and seen[1]["last_points"] == 99
    assert seen[0].attrs["stamps"]["last_points"]["known_at"] < seen[1].attrs["stamps"]["last_points"]["known_at"]


def test_a_feature_of_the_session_takes_the_place_of_a_shipped_one(fs):
    shipped = fs.get_features(2022, ["driver_form"], ["momentum_score"])
    with pytest.warns(UserWarning, match="momentum_score is also a feature that ships"):
        fs.engineer.register("momentum_score")(lambda history: 7.0)
    frame = fs.get_features(2022, ["momentum_score"], ["momentum_score"])
    assert shipped["momentum_score"].dropna().between(0, 1).all()
    assert (frame["momentum_score"].dropna() == 7).all() and list(frame.columns).count("momentum_score") == 1


def test_sets_of_the_session_give_their_features_alone(fs):
    fs.register_feature("best_place", best_place, "best place so far", version=2)
    fs.register_feature_set("mine", ["grid", "best_place", "driver_starts"])
    frame = fs.get_features(2022, ["mine"])
    assert list(frame.columns) == [*list(row_kind("race_driver").columns), "grid", "best_place", "driver_starts"]
    assert fs.engineer.describe().loc[0, ["version", "meaning"]].tolist() == [2, "best place so far"]
    with pytest.raises(UsageError, match="ships"):
        fs.register_feature_set("driver_form", ["grid"])
    with pytest.raises(UnknownName, match="did you mean 'grid'"):
        fs.register_feature_set("yours", ["gridd"])


def test_unknown_names_are_told_with_the_nearest(fs):
    for names, custom, near in ((["sesion"], (), "session"), (["session"], ["momentum_scor"], "momentum_score")):
        with pytest.raises(UnknownName, match=f"did you mean '{near}'"):
            fs.get_features(2022, names, custom)
    with pytest.raises(UsageError, match="no feature is asked for"):
        fs.get_features(2022, [])


def test_training_data_is_a_matrix_with_names_rows_and_mask(fs):
    data = fs.get_training_data("driver_form", 2021)
    assert data.matrix.shape == data.missing.shape == (len(data.rows), len(data.names))
    assert (np.isnan(data.matrix) == data.missing).all() and data.missing.any()
    assert list(data.rows.columns) == list(row_kind("race_driver").columns)
    assert data.names == tuple(groups()["driver_form"].names)


def test_an_instant_is_strict_or_inclusive(fs, tables):
    known = tables["results"].query("race_id == 5")["known_at"].iloc[0]
    ask = {"feature_groups": ["driver_form"]}
    starts = [
        fs.get_features_at({"driver": "driver_1"}, instant, strict=strict, **ask)["driver_starts"]
        for instant in (known - pd.Timedelta(microseconds=1), known)
        for strict in (True, False)
    ]
    assert starts == [4.0, 4.0, 5.0, 5.0]  # the publication decides; the race ended hours before
    grid = tables["grid"].query("race_id == 5")["event_timestamp"].iloc[0]  # known the moment it is out
    slots = [
        fs.get_features_at({"driver": 1, "race": "2022-01"}, grid, feature_groups=["session"], strict=strict)["grid"]
        for strict in (True, False)
    ]
    assert np.isnan(slots[0]) and slots[1] >= 1


def test_naive_instants_are_utc_and_zones_are_converted(fs):
    ask = {"feature_groups": ["driver_form"]}
    naive = fs.get_features_at({"driver": 1}, "2022-03-01 18:00", **ask)
    zoned = fs.get_features_at({"driver": 1}, pd.Timestamp("2022-03-01 19:00", tz="Europe/Berlin"), **ask)
    pd.testing.assert_series_equal(naive, zoned)
    assert naive.attrs["cutoff"] == pd.Timestamp("2022-03-01 18:00", tz="UTC")


@pytest.mark.parametrize(("strict", "seen"), [(True, 4.0), (False, 5.0)])
def test_a_lap_does_not_see_a_later_lap(fs, strict, seen):
    answer = fs.get_features_at(
        {"driver": "driver_2"}, race="2022-02", lap=5, feature_groups=["lap_state"], strict=strict
    )
    assert answer["laps_completed"] == seen
    stamps = answer.attrs["stamps"]["lap_state"]
    assert stamps["event_timestamp"] < answer.attrs["cutoff"] or not strict
    assert stamps["known_at"] <= answer.attrs["cutoff"]


def test_the_instant_of_a_lap_is_the_drivers_own(fs):
    ask = {"race": "2022-02", "feature_groups": ["lap_state"]}
    instants = [fs.get_features_at({"driver": driver}, lap=5, **ask).attrs["cutoff"] for driver in (1, 2)]
    assert instants[0] != instants[1]


def test_without_lap_stamps_the_lap_times_add_up(fs, tables, monkeypatch):
    stamped = fs.get_features_at({"driver": 2}, race="2022-02", lap=5, feature_groups=["driver_form"])
    load = fs._tables
    monkeypatch.setattr(fs, "_tables", lambda names: load(names).replace(laps=tables["laps"].iloc[:0]))
    summed = fs.get_features_at({"driver": 2}, race="2022-02", lap=5, feature_groups=["driver_form"])
    assert abs(stamped.attrs["cutoff"] - summed.attrs["cutoff"]) < pd.Timedelta(milliseconds=1)
    with pytest.raises(
        UsageError, match="lap 13 of this driver in race 2022-02 is not recorded; the data hold 1?[0-9] "
    ):
        fs.get_features_at({"driver": 2}, race="2022-02", lap=13, feature_groups=["driver_form"])


def test_a_race_without_a_lap_is_its_start_and_gives_circuit_and_team(fs, tables):
    answer = fs.get_features_at({"driver": 1}, race="2022-02", feature_groups=["driver_form", "team_form", "session"])
    assert answer.attrs["ids"] == {"race_id": 6, "circuit_id": 2, "driver_id": 1, "constructor_id": 1}
    frame = fs.get_features(2022, ["driver_form", "team_form", "session"], drivers=1, circuits=2)
    np.testing.assert_array_equal(answer.to_numpy(), frame[answer.index].iloc[0].to_numpy(dtype="float64"))


def test_groups_are_those_whose_keys_are_given(project, tables):
    asked = []

    class Spy(FakeFeatureReader):
        def historical(self, spine, service, *, inclusive=False):
            asked.append((list(service), inclusive))
            return (
                super()
                .historical(spine, ["team_form"], inclusive=inclusive)
                .reindex(columns=[*spine.columns, *(name for each in service for name in groups()[each].names)])
            )

    fs = FeatureStore(project, Spy(tables), FeatureEngineer(registry={}))
    with pytest.raises(FeatureError, match="not built yet"):  # this project has built a few groups only
        fs.get_features_at({"team": "team_1"}, "2022-06-01", strict=False)
    names, inclusive = asked[0]
    assert inclusive and set(names) == {name for name, group in groups().items() if group.keys == ["constructor_id"]}


@pytest.mark.parametrize(
    ("entity", "moment", "message"),
    [
        ({"driver": 1}, {}, "either a timestamp, or a race"),
        ({"driver": 1}, {"timestamp": "2022-01-01", "race": "2022-02"}, "either a timestamp, or a race"),
        ({"driver": 1}, {"timestamp": "2022-01-01", "lap": 3}, "either a timestamp, or a race"),
        ({"circuit": 1}, {"race": "2022-02", "lap": 3}, "a lap is a driver's"),
        ({"circuit": 1}, {"timestamp": "2022-01-01"}, "need constructor_id, driver_id"),
    ],
)
def test_unclear_moments_are_refused(fs, entity, moment, message):
    with pytest.raises(UsageError, match=message):
        fs.get_features_at(entity, **moment, feature_groups=["driver_form", "team_form"])


def test_custom_rows_are_computed_once_and_again_when_the_tables_change(fs, project):
    fs.engineer.register("races_so_far")(lambda history: history["place"].count())
    first = fs.compute_and_store("races_so_far")
    assert fs.compute_and_store("races_so_far") is first
    (project.tables / "results.parquet").touch()
    assert fs.compute_and_store("races_so_far") is not first


def test_storing_everything_is_left_to_dvc(fs, monkeypatch):
    done = []

    class Versions:
        def reproduce(self, stages):
            done.append(stages)

    monkeypatch.setattr(fs, "_versions", Versions())
    assert fs.compute_and_store(until="2022-06-01") is None
    assert done == [["features"]]
    assert fs._reader.served == {("order", pd.Timestamp("2022-06-01", tz="UTC"))}
