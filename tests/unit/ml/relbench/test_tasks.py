"""Labels are those of the benchmark, and metrics are what its libraries say."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_absolute_error, roc_auc_score

from pitwall.domain.errors import SourceError
from pitwall.ml.relbench.data.dump import load
from pitwall.ml.relbench.data.splits import read_split
from pitwall.ml.relbench.features.observations import savage
from pitwall.ml.relbench.scores import gain, interval, resampled
from pitwall.ml.relbench.tasks import TASKS, Task

REAL = Path(os.environ.get("PITWALL_REAL_DATA", Path(__file__).resolve().parents[5] / "shared" / "data"))
ALL = pd.Timestamp("2100-01-01")


@pytest.mark.real_data
@pytest.mark.skipif(not (REAL / "rel_f1").is_dir(), reason=f"no rel_f1 at {REAL}")
@pytest.mark.parametrize("task", TASKS.values(), ids=str)
def test_every_label_of_the_benchmark_is_made_again(task: Task) -> None:
    known = load(REAL / "ergast", laps=False).before(ALL)
    for split in ("train", "val"):
        table = read_split(REAL, task.name, task.target, split)
        for date, rows in table.groupby("date"):
            true = task.outcomes(known, date, official=True)["label"]
            assert sorted(true.index) == sorted(rows["driverId"])
            np.testing.assert_allclose(true[rows["driverId"]], rows[task.target], atol=1e-9)


def test_a_window_leaves_its_start_out_and_its_end_in(tiny: Path) -> None:
    known = load(tiny / "ergast").before(ALL)
    task = TASKS["driver-position"]
    first, second, third = known.results["at"].unique()[:3]
    order = known.results.head(3 * 8).pivot_table(index="driver", columns="at", values="order")
    window = pd.Timedelta(days=60)
    assert third - first == window  # so a window from the first race ends at the third
    expected = order[[second, third]].mean(axis=1)
    np.testing.assert_allclose(task.outcomes(known, first)["label"], expected)
    np.testing.assert_allclose(
        task.outcomes(known, first - pd.Timedelta(1))["label"], order[[first, second]].mean(axis=1)
    )


def test_a_lapped_car_did_not_finish_and_a_grid_stands_in_for_a_qualifying(tiny: Path) -> None:
    known = load(tiny / "ergast").before(ALL)
    results = known.results
    assert (results.loc[results["lapped"] == 1, "unfinished"] == 1).all()
    assert results["lapped"].any()
    assert (results.loc[results["lapped"] == 1, "retired"] == 0).all()
    stand_in = known.qualifying[known.qualifying["stand_in"] == 1]
    assert set(results.loc[results["race"].isin(stand_in["race"]), "round"]) == {3}
    race = stand_in["race"].iloc[0]
    start = stand_in["day"].iloc[0] - pd.Timedelta(days=1)
    task = TASKS["driver-top3"]
    assert task.outcomes(known, start, official=True).empty
    front = task.outcomes(known, start)["label"]
    grid = results[results["race"] == race].set_index("driver")["grid"].sort_index()
    assert front.tolist() == (grid <= 3).astype(float).tolist()


def test_scores_are_those_of_scikit_learn_and_intervals_hold_them() -> None:
    luck = np.random.default_rng(4)
    dates = pd.Series(pd.Timestamp("2005-01-01") + pd.to_timedelta(luck.integers(0, 9, 300) * 30, unit="D"))
    said, label = luck.normal(size=300).round(1), (luck.random(300) < 0.4).astype(float)
    for name, metric in (("driver-dnf", roc_auc_score), ("driver-position", mean_absolute_error)):
        task = TASKS[name]
        better = resampled(task, dates, label, said + label if task.yes_or_no else label)
        found = resampled(task, dates, label, said)
        assert found[0] == pytest.approx(metric(label, said))
        band = interval(*found, 9)
        assert band.low < found[0] < band.high
        assert gain(task, better, found, 9).low > 0 > gain(task, found, better, 9).high


def test_a_draw_of_ticks_is_the_metric_of_the_drawn_rows() -> None:
    """By hand: two ticks, each drawn twice or once."""
    dates = pd.Series(pd.to_datetime(["2005-01-01"] * 3 + ["2005-02-01"] * 3))
    label, said = np.array([1.0, 0, 1, 0, 0, 1]), np.array([0.9, 0.8, 0.2, 0.1, 0.7, 0.6])
    value, drawn = resampled(TASKS["driver-dnf"], dates, label, said, draws=50)
    possible = [roc_auc_score(label[rows], said[rows]) for rows in ([0, 1, 2], [3, 4, 5])] + [value]
    assert {round(each, 9) for each in drawn} <= {round(each, 9) for each in possible}


def test_savage_scores_leave_out_who_has_no_place() -> None:
    scores = savage(np.array([2.0, np.nan, 1.0, 3.0]))
    assert np.isnan(scores[1])
    assert scores[2] > scores[0] > scores[3]
    assert np.nanmean(scores) == pytest.approx(0)


def test_what_is_missing_is_said_with_what_was_found(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"has no races.csv .* found nothing"):
        load(tmp_path)
    with pytest.raises(SourceError, match=r"rel_f1/TASK"):
        read_split(tmp_path, "driver-dnf", "did_not_finish", "val")
    (tmp_path / "rel_f1" / "driver-dnf").mkdir(parents=True)
    pd.DataFrame({"date": [1]}).to_parquet(tmp_path / "rel_f1" / "driver-dnf" / "val.parquet")
    with pytest.raises(SourceError, match="has no column driverId, did_not_finish; found date"):
        read_split(tmp_path, "driver-dnf", "did_not_finish", "val")
