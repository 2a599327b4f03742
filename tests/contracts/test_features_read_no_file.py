"""No feature can read the truth of the synthetic world, or any other file: a group that tries is caught, however it reads."""

from functools import cache

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from pitwall.domain.errors import FeatureError
from pitwall.domain.params import Params
from pitwall.features.machinery.custom.engineer import FeatureEngineer
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.ml.evaluation.synthetic_truth import Truth, true_places
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.testing.checks.features import check_feature_group
from pitwall.testing.worlds.tiny import tiny_tables

SMALL = SyntheticSettings(seasons=2, races=3)


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=2, races=3, cars=6)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    truth = Truth(SMALL, tmp_path_factory.mktemp("truth"), draws=20)
    true_places(truth, "pre_race", truth.races[:1])
    return truth.path("pre_race", truth.races[0])


def group_with(read):
    """Return a group that adds a chance of winning, read by `read`, to an honest feature."""

    def compute(tables, settings, time):
        rows = tables["results"].sort_values(["event_timestamp", "driver_id"])
        return rows[["driver_id", *STAMPS]].assign(planted=rows["place"].astype("float64") + read())

    feature = Feature("planted", "places", "the truth, as if it were known", "never")
    return FeatureGroup("planted", ("driver",), ("results",), (feature,), compute)


def readers(file):
    """Return ways to read a file: Python's, Arrow's and DuckDB's own, one that remembers, one that hides its failure."""
    table = pd.read_parquet(file)

    @cache
    def once():
        return float(pq.read_table(file)["win"][0].as_py())

    def hidden():
        try:
            return float(pq.read_table(file)["win"][0].as_py()) + 1.0
        except OSError:
            return 0.0

    return {
        "pandas": lambda: float(pd.read_parquet(file)["win"].iloc[0]),
        "arrow": lambda: float(pq.read_table(file)["win"][0].as_py()),
        "duckdb": lambda: float(duckdb.sql(f"select win from '{file}'").fetchall()[0][0]),
        "once": once,
        "hidden": hidden,
        "kept": lambda: float(table["win"].iloc[0]),
    }


def test_an_honest_group_passes(tables):
    check_feature_group(group_with(lambda: 0.0), tables, races=1)


@pytest.mark.parametrize("way", ["pandas", "arrow", "duckdb", "once", "hidden", "kept"])
def test_a_group_that_reads_the_truth_is_refused(way, tables, file):
    with pytest.raises(FeatureError, match=r"planted.*(no file may be opened|from outside)"):
        check_feature_group(group_with(readers(file)[way]), tables, Params(), races=1)


def test_files_can_be_opened_again_afterwards(tables, file):
    with pytest.raises(FeatureError):
        check_feature_group(group_with(readers(file)["arrow"]), tables, Params(), races=1)
    assert pd.read_parquet(file)["win"].between(0, 1).all()


def test_a_feature_by_example_that_reads_the_truth_is_refused_at_registration(file):
    def planted(history):
        return float(pq.read_table(file)["win"][0].as_py())

    with pytest.raises(FeatureError, match="planted fails when no file may be opened"):
        FeatureEngineer(registry={}).register("planted", description="the truth")(planted)
