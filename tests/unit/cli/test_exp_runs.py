"""`pitwall exp` on a folder of runs, as a user meets it; no project is near."""

from __future__ import annotations

import csv
import json
import sys

import pyarrow.parquet as pq
import pytest

from pitwall.cli import main
from pitwall.tracking import JsonTracker
from pitwall.tracking.json_runs import JsonRuns

START = 1_700_000_000_000


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """The lab's folder: four runs of a model, the second the best in the end and the first at its peak; one of another."""
    folder = tmp_path / "experiments"
    runs, tracker = JsonRuns(folder), JsonTracker(folder)
    for number, (rate, auc) in enumerate([(0.1, 0.70), (0.01, 0.82), (0.001, 0.80), (0.0001, 0.75)]):
        run = runs.start("ctr_model", f"deep {number}", {"team": "blue"}, at=START + number)
        tracker.log_params(run, {"learning_rate": rate, "hidden_dims": [64, 32], "epochs": 2})
        for step, seen in enumerate((0.9 if number == 0 else 0.6, auc)):
            runs.metrics(run, {"val_auc": seen}, step=step)
        runs.metrics(run, {"test_auc": auc})
        runs.finish(run, "FINISHED", at=START + number + 3000)
    runs.start("ctr_wide", "open", {}, at=START + 9)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def exp(lab, monkeypatch, capsys):
    """Call a command on that folder; return its exit code, what it said, and what it complained about."""

    def call(*arguments, folder=True):
        monkeypatch.setattr(sys, "argv", ["pitwall", "exp", *arguments, *(["--dir", str(lab)] if folder else [])])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return call


def rows(exp, *arguments):
    code, said, complained = exp(*arguments, "--json", "-")
    assert code == 0, complained
    return json.loads(said)


def test_experiments_are_listed_with_totals_and_their_runs(exp):
    assert rows(exp, "list")["experiments"] == [
        {
            "experiment": "ctr_model",
            "total": 4,
            "completed": 4,
            "run_ids": ["run_004", "run_003", "run_002", "run_001"],
        },
        {"experiment": "ctr_wide", "total": 1, "completed": 0, "run_ids": ["run_005"]},
    ]
    code, said, _ = exp("list", "ctr_m")
    assert code == 0
    line = next(line for line in said.splitlines() if "run_002" in line).split()
    assert line == ["run_002", "deep", "1", "finished", "2023-11-14", "22:13", "3", "0.82"]


def test_a_comparison_stars_the_best_and_leaves_out_what_all_have_alike(exp):
    _, said, _ = exp("compare", "ctr_model")
    lines = [line for line in said.splitlines() if "run_00" in line]
    assert lines[0].split() == ["*", "run_002", "deep", "1", "0.82", "3", "-", "0.01"]
    assert lines[1].split() == ["run_003", "deep", "2", "0.8", "-0.02", "3", "-", "0.001"]
    assert "hidden_dims" not in said
    assert "2 parameters are alike" in said
    assert "[64, 32]" in exp("compare", "ctr_model", "--all-params")[1]


def test_another_value_of_each_run_makes_another_best_one(exp):
    best = {
        which: rows(exp, "compare", "ctr_model", "--metric", "val_auc", *which)["runs"][0]["run_id"]
        for which in (("--which", "last"), ("--which", "best"), ("--which", "min"), ("--at-step", "0"))
    }
    assert list(best.values()) == ["run_002", "run_001", "run_001", "run_001"]
    assert [each["run_id"] for each in rows(exp, "top", "2", "test", "ctr_model")["runs"]] == ["run_002", "run_003"]
    assert [each["delta"] for each in rows(exp, "compare", "run_003", "run_004", "--mode", "min")["runs"]] == [
        0.0,
        pytest.approx(0.05),
    ]


def test_the_best_run_is_told_as_in_the_lab(exp):
    code, said, _ = exp("best", "test_auc", "ctr_model")
    assert (code, said.splitlines()) == (
        0,
        [
            "BEST RUN",
            "Run ID: run_002",
            "Best test_auc: 0.8200",
            "",
            "Parameters:",
            "  learning_rate: 0.01",
            "  hidden_dims: [64, 32]",
            "  epochs: 2",
            "",
            "Final Metrics:",
            "  test_auc: 0.8200",
            "  (1 more: pitwall exp show run_002)",
        ],
    )


def test_a_run_without_a_manifest_is_shown_all_the_same(exp, lab, tmp_path):
    (tmp_path / "notes.txt").write_text("hot")
    JsonRuns(lab).files("run_001", tmp_path / "notes.txt")
    code, said, _ = exp("show", "run_001")
    assert code == 0
    assert "deep 0 (FINISHED), run run_001 of ctr_model" in said
    assert "notes.txt" in said
    assert "no manifest" in said
    shown = rows(exp, "show", "deep 0")["run"]
    assert shown["metrics"]["val_auc"] == {"last": 0.7, "best": 0.9, "steps": 2}
    assert (shown["params"]["learning_rate"], shown["duration_s"]) == ("0.1", 3.0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "run_0"), "5 runs begin with 'run_0'"),
        (("show", "depe 1"), "did you mean 'deep 1'"),
        (("list", "ctr"), "2 experiments begin with 'ctr'"),
        (("compare", "ctr_model", "--metric", "val_acu"), "did you mean 'val_auc'"),
        (("compare", "ctr_model", "--which", "lats"), "did you mean 'last'"),
        (("best", "test_auc", "ctr_modle"), "did you mean 'ctr_model'"),
        (("plot", "scatter", "ctr_model", "--x", "learning_rat3", "--y", "test_auc"), "did you mean 'learning_rate'"),
        (("export", "--out", "runs.cvs"), "did you mean '.csv'"),
        (("search", "metrics.test_ac > 0.5"), "did you mean 'test_auc'"),
        (("search", "metrics.test_auc >"), "is no condition"),
        (("search", "--saved", "goood"), "unknown saved condition 'goood'"),
        (("tag", "run_001", "blue"), "a tag is given as key=value; found 'blue'"),
        (("tag", "run_001", "--remove", "taem"), "did you mean 'team'"),
        (("rename", "run_001", "deep 1"), "another run of ctr_model is called 'deep 1'"),
        (("archive", "run_005"), "run run_005 (open) is still open"),
        (("restore", "run_001"), "unknown archived run 'run_001'"),
    ],
)
def test_what_cannot_be_done_exits_2_or_1_and_says_the_nearest_name(exp, arguments, said):
    code, _, complained = exp(*arguments)
    assert code in {1, 2}
    assert said in complained


def test_a_folder_that_is_none_is_refused(exp):
    code, _, complained = exp("list", "--dir", "nowhere", folder=False)
    assert (code, "nowhere is no folder" in complained) == (2, True)


def test_conditions_of_mlflow_are_asked_of_a_folder_too_and_kept_by_name(exp):
    condition = "metrics.test_auc > 0.72 and params.learning_rate != '0.01' and tags.team = 'blue'"
    found = rows(exp, "search", condition, "--save", "good ones")
    assert [each["run_id"] for each in found["runs"]] == ["run_004", "run_003"]
    assert rows(exp, "search", "--list-saved")["saved"] == {"good ones": condition}
    assert rows(exp, "search", "--saved", "good ones") == found
    assert rows(exp, "search", "metrics.test_auc > 0.9")["runs"] == []


def test_tags_notes_and_names_are_changed(exp, lab):
    tags = rows(exp, "tag", "run_001", "team=red", "driver=A", "--remove", "team")["tags"]
    assert (tags["team"], tags["driver"]) == ("red", "A")
    assert "team" not in rows(exp, "tag", "run_001", "--remove", "team")["tags"]
    exp("note", "run_001", "first")
    exp("note", "run_001", "second", "--append")
    assert rows(exp, "note", "run_001") == {"note": "first\n\nsecond"}
    code, said, _ = exp("rename", "run_001", "wide 0")
    assert (code, said) == (0, "run run_001 is now called wide 0; it was deep 0\n")
    assert JsonRuns(lab).read("run_001").name == "wide 0"


def test_archived_runs_are_in_no_list_until_they_are_restored(exp):
    exp("archive", "run_001", "deep 1")
    assert rows(exp, "list")["experiments"][0]["run_ids"] == ["run_004", "run_003"]
    assert rows(exp, "list", "--archived")["experiments"][0]["run_ids"] == ["run_002", "run_001"]
    assert rows(exp, "best", "test_auc", "ctr_model")["run_id"] == "run_003"
    exp("restore", "deep 1")
    assert rows(exp, "best", "test_auc", "ctr_model")["run_id"] == "run_002"


def test_runs_are_exported_as_one_flat_table_of_three_kinds(exp, tmp_path):
    files = {kind: tmp_path / f"runs.{kind}" for kind in ("csv", "parquet", "json")}
    for path in files.values():
        exp("export", "ctr_model", "--out", str(path))
    with files["csv"].open(encoding="utf-8") as text:
        table = list(csv.DictReader(text))
    assert len(table) == 4
    assert table[0]["run_id"] == "run_004"
    assert (table[0]["duration_s"], table[0]["params.hidden_dims"]) == ("3.0", "[64, 32]")
    columns = pq.read_table(files["parquet"]).to_pydict()
    assert columns["metrics.test_auc"] == [0.75, 0.8, 0.82, 0.7]
    assert list(columns) == list(table[0])
    assert [row["tags.team"] for row in json.loads(files["json"].read_text())] == ["blue"] * 4


def test_a_plot_is_written_beside_the_runs_under_the_labs_name(exp, lab):
    code, said, complained = exp("plot", "curves", "val_auc", "run_001", "run_002")
    assert (code, complained) == (0, "")
    assert "2 runs drawn" in said
    assert (lab / "metric_comparison_val_auc.png").read_bytes().startswith(b"\x89PNG")
    assert (lab / "metric_comparison_val_auc.html").is_file()
    assert rows(exp, "plot", "pareto", "test_auc", "ctr_model", "--latency", "val_auc")["front"][0] == "run_002"
