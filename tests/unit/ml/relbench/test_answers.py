"""From a user's folder to the files of the benchmark, and what ours learns from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import StageError, UnknownName, UsageError
from pitwall.ml.relbench.data.dump import load
from pitwall.ml.relbench.data.splits import read_split
from pitwall.ml.relbench.features.table import Features
from pitwall.ml.relbench.features.tick import Tick
from pitwall.ml.relbench.learning.samples import Samples, asked_before
from pitwall.ml.relbench.protocol import FROZEN, Questions
from pitwall.ml.relbench.tasks import TASKS
from pitwall.workflows import relbench as workflow

ALL = pd.Timestamp("2100-01-01")


def test_files_scores_and_facts(tiny: Path, tmp_path: Path) -> None:
    what = workflow.asked(tiny, "rolling", ["driver-dnf"], beside=True)
    done = workflow.run(what, tmp_path, workers=0)
    for split, folder in (("test", tmp_path), ("val", tmp_path / "val")):
        asked = read_split(tiny, "driver-dnf", "did_not_finish", split)
        table = pd.read_parquet(folder / "driver-dnf.parquet")
        assert list(table) == ["date", "driverId", "prediction"]
        pd.testing.assert_frame_equal(table[["date", "driverId"]], asked[["date", "driverId"]])
        assert table["prediction"].between(0, 1).all()
        own = pd.read_csv(folder / "rel-f1__driver-dnf.csv")
        assert list(own) == ["did_not_finish"]
        np.testing.assert_allclose(own["did_not_finish"], table["prediction"], rtol=1e-12)
    facts = json.loads((tmp_path / "relbench.json").read_text())
    assert facts["protocol"] == "rolling"
    assert len(facts["data"]["ergast/results.csv"]) == 64
    assert facts["versions"]["lightgbm"]
    assert [row["name"] for row in facts["scores"]] == ["pitwall", "last value", "entity mean", "plain LightGBM"]
    assert facts["scores"][0]["value"] > 0.6  # the faster finish more often, so a form has something to say
    assert set(done.files) == {each for each in tmp_path.rglob("*") if each.is_file()}


def test_samples_are_of_windows_that_were_over(tiny: Path) -> None:
    task = TASKS["driver-position"]
    known = load(tiny / "ergast").before(pd.Timestamp("2006-06-01"))
    for days in (0, 400):
        sample = Samples(task, Features(task.window)).of(known, pd.Timedelta(days=days))
        assert sample.age.min() > task.days + max(
            0, days - 2 * task.days
        )  # distances of up to two windows less serve, too
        assert len(sample.features) == len(sample.label) > 50
    with pytest.raises(StageError, match="nothing to learn from before 2003-03-01"):
        Samples(task, Features(task.window)).of(
            load(tiny / "ergast").before(pd.Timestamp("2003-03-01")), pd.Timedelta(0)
        )


def test_how_often_a_driver_was_asked_about_is_counted_alike_in_the_split_and_in_the_past(tiny: Path) -> None:
    task = TASKS["driver-position"]
    table = read_split(tiny, task.name, task.target, "val")
    known = load(tiny / "ergast").before(ALL)
    for _, tick in Questions(task, "val", FROZEN, table).ticks():
        again = asked_before(task, known, pd.Timestamp("2005-01-01"), Tick(tick.seed, tick.drivers))
        np.testing.assert_array_equal(again.asked, tick.asked)
        np.testing.assert_array_equal(again.newest, tick.newest)


def test_who_was_never_seen_has_no_form_and_an_answer(tiny: Path) -> None:
    known = load(tiny / "ergast").before(pd.Timestamp("2006-06-01"))
    rows = Features(pd.Timedelta(days=60)).of(known, Tick(known.instant, np.array([777, 1])))
    assert np.isnan(rows.loc[0, ["race_order_365", "joint_total", "team_order_60"]].astype(float)).all()
    assert rows["joint_place"].notna().all()
    assert rows.loc[0, "race_order_365_rank"] == 2


def test_names_and_folders_are_checked_first(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'driver-dnf'"):
        workflow.asked(tiny, "rolling", ["driver-dnff"])
    with pytest.raises(UnknownName, match="Known: test, val"):
        workflow.asked(tiny, "rolling", None, ["train"])
    with pytest.raises(UsageError, match="is no folder"):
        workflow.asked(tmp_path / "nowhere", "rolling")


def test_the_command_says_where_data_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pitwall.cli import main

    monkeypatch.setattr(
        "sys.argv", ["pitwall", "relbench", "--out", str(tmp_path / "out"), "--data", str(tmp_path / "no")]
    )
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert "is no folder" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["pitwall", "relbench", "--out", str(tmp_path / "out"), "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 1
    assert not (tmp_path / "out").exists()
