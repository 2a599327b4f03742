"""Two versions of any model are compared by its own metrics; those of all rows together over the same drawn races."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import StageError
from pitwall.domain.params import GateParams, Params
from pitwall.domain.ports import ModelVersion
from pitwall.ml.evaluation.bootstrap import paired_statistic
from pitwall.ml.families.predictions import prediction_table, save_predictions
from pitwall.ml.families.regression.metrics import COLUMNS, QUANTILES
from pitwall.ml.models import model
from pitwall.ml.registry.compare import compare, version_scores
from pitwall.ml.templates import template
from pitwall.testing.worlds.tiny import tiny_tables

TABLES = tiny_tables(seasons=3, races=6, cars=6)


class Folders:
    """A registry of folders: all that a comparison asks for."""

    def __init__(self, root):
        self.root = root

    def fetch(self, name, version):
        return self.root / f"{name}-{version}"


def store(root, name, stage, version, answer_of, *, races=None):
    definition = model(name)
    kind, label = definition.kind, template(name).label(TABLES).astype("float64")
    spine = kind.spine(TABLES, stage)
    keys = spine["race_id"] if len(kind.key) == 1 else pd.MultiIndex.from_frame(spine[list(kind.key)])
    true = label.reindex(keys).to_numpy()
    kept = ~np.isnan(true) & (spine["race_id"].isin(races).to_numpy() if races else True)
    rows = spine[kept].reset_index(drop=True)
    folder = root / f"{name}-{stage}-{version}"
    folder.mkdir(parents=True)
    save_predictions(prediction_table("m", "model", rows, answer_of(true[kept]), kind), folder, kind)
    return folder


def chances(sure):
    """Return probabilities that lean to what came true, some of them to what did not."""

    def answer(true):
        noise = np.random.default_rng(3).normal(0, 1.0, len(true))
        return pd.DataFrame({"p": 1 / (1 + np.exp(-(sure * (2 * true - 1) + noise)))})

    return answer


def numbers(off, width):
    def answer(true):
        levels = np.array(list(QUANTILES.values()))
        mean = true + off
        return pd.DataFrame(np.column_stack([mean, mean[:, None] + width * (levels - 0.5)]), columns=list(COLUMNS))

    return answer


def differences(root, name, stage, *answers):
    for version, answer in enumerate(answers, start=1):
        store(root, name, stage, version, answer)
    job = SimpleNamespace(
        name=f"{name}-{stage}", model=name, params=Params(gates=GateParams(bootstrap_draws=200)), tables=lambda: TABLES
    )
    first, second = (ModelVersion(job.name, number, "run", "content") for number in (1, 2))
    return {each.metric: each for each in compare(job, Folders(root), first, second)}


def test_yes_or_no_is_compared_by_its_losses_and_by_the_area_under_the_curve(tmp_path):
    found = differences(tmp_path, "dnf", "pre_race", chances(0.2), chances(2.0))
    assert set(found) == {*template("dnf").metrics, "latency_ms"}
    for name, better in (("brier", "lower"), ("auc", "higher"), ("brier_skill", "higher")):
        assert found[name].better == better
        assert found[name].winner == 2, found[name]
        assert found[name].delta == pytest.approx(found[name].second - found[name].first)
    assert found["auc"].n == found["brier"].n == TABLES["races"]["race_id"].nunique()
    assert found["auc"].low <= found["auc"].delta <= found["auc"].high


def test_the_better_one_is_named_whichever_comes_first(tmp_path):
    found = differences(tmp_path, "dnf", "pre_race", chances(2.0), chances(0.2))
    assert {found[name].winner for name in ("brier", "auc")} == {1}


def test_numbers_are_compared_lap_by_lap_and_nobody_wins_by_covering_more(tmp_path):
    found = differences(tmp_path, "lap_time", "in_race", numbers(0.5, 0.1), numbers(0.1, 4.0))
    assert found["mae"].first == pytest.approx(0.5)
    assert found["mae"].second == pytest.approx(0.1)
    assert found["mae"].winner == 2
    assert (found["coverage_80"].first, found["coverage_80"].second) == (0.0, 1.0)
    assert (found["coverage_80"].better, found["coverage_80"].winner) == ("near 0.8", None)


def test_versions_of_no_common_race_are_refused(tmp_path):
    ids = sorted(TABLES["races"]["race_id"])
    store(tmp_path, "dnf", "pre_race", 1, chances(1.0), races=set(ids[:4]))
    store(tmp_path, "dnf", "pre_race", 2, chances(1.0), races=set(ids[4:]))
    job = SimpleNamespace(name="dnf-pre_race", model="dnf", params=Params(), tables=lambda: TABLES)
    versions = [ModelVersion(job.name, number, "run", "content") for number in (1, 2)]
    with pytest.raises(StageError, match="judged on no common race"):
        compare(job, Folders(tmp_path), *versions)


def test_a_list_shows_statistics_of_all_rows_too(tmp_path):
    folder = store(tmp_path, "safety_car", "pre_race", 1, chances(1.0))
    values = version_scores("safety_car", folder, TABLES).values()
    assert {metric for _, metric in values} == set(template("safety_car").metrics)
    assert 0.5 < values["safety_car", "auc"] <= 1.0


def test_both_of_a_pair_see_the_same_drawn_races():
    sums = np.random.default_rng(1).normal(size=(30, 1))
    found = paired_statistic(sums, sums + 1, lambda drawn, races: drawn[:, 0] / races, draws=200)
    assert (found.value, found.low, found.high) == pytest.approx((1.0, 1.0, 1.0))
    assert found.detectable == pytest.approx(0.0, abs=1e-12)
